//! Rules as the control API takes them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value};

use super::{Kind, Rule, When, kinds};

const KEYS: [&str; 12] =
    ["method", "path", "kind", "status", "nth", "every", "percent", "seed", "ms", "from", "until", "times"];

/// Reads a list of rules as the control API takes it.
///
/// # Errors
/// A text that names the rule and says what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Rule>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("the body is not JSON: {error}"))?;
    let Value::Array(rules) = value else { return Err("the body must be a JSON list of rules".to_owned()) };
    rules.iter().enumerate().map(|(at, rule)| parse_rule(rule).map_err(|error| format!("rule {at}: {error}"))).collect()
}

fn parse_rule(value: &Value) -> Result<Rule, String> {
    let Value::Object(rule) = value else { return Err("not a JSON object".to_owned()) };
    if let Some(unknown) = rule.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("unknown key `{unknown}`; the keys are {}", KEYS.join(", ")));
    }
    let kind = kinds::parse(&text(rule, "kind")?.ok_or("`kind` is missing")?, count(rule, "status")?)?;
    let milliseconds = count(rule, "ms")?;
    if matches!(kind, Kind::Slow | Kind::Late | Kind::Lag) && milliseconds.is_none() {
        return Err(format!("the kind `{}` needs `ms`", kinds::name(kind).0));
    }
    let (from, until) = (count(rule, "from")?.unwrap_or(0), count(rule, "until")?);
    if until.is_some_and(|until| until <= from) {
        return Err("`until` must come after `from`".to_owned());
    }
    Ok(Rule {
        method: text(rule, "method")?.filter(|method| method != "*").map(|method| method.to_ascii_uppercase()),
        path: text(rule, "path")?.filter(|path| path != "*" && path != "**"),
        kind,
        when: parse_when(rule)?,
        milliseconds: milliseconds.unwrap_or(0),
        from,
        until,
        times: count(rule, "times")?,
    })
}

fn parse_when(rule: &Map<String, Value>) -> Result<When, String> {
    let from_one = |key: &str| match count(rule, key)? {
        Some(0) => Err(format!("`{key}` counts from 1")),
        number => Ok(number),
    };
    match (from_one("nth")?, from_one("every")?, number(rule, "percent")?) {
        (None, None, None) => Ok(When::Always),
        (Some(nth), None, None) => Ok(When::Nth(nth)),
        (None, Some(every), None) => Ok(When::Every(every)),
        (None, None, Some(percent)) => {
            if percent.is_sign_negative() || percent > Decimal::ONE_HUNDRED {
                return Err(format!("`percent` must be from 0 to 100, not {percent}"));
            }
            let chance = (percent * Decimal::from(10_000)).round().to_u32().unwrap_or(0);
            Ok(When::PerMillion { chance, seed: count(rule, "seed")?.unwrap_or(0) })
        }
        _ => Err("give one of `nth`, `every` and `percent`, not several".to_owned()),
    }
}

fn text(rule: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match rule.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(format!("`{key}` must be a text")),
    }
}

fn number(rule: &Map<String, Value>, key: &str) -> Result<Option<Decimal>, String> {
    text(rule, key)?
        .map(|text| Decimal::from_str_exact(text.trim()).map_err(|_| format!("`{key}` must be a number, not `{text}`")))
        .transpose()
}

fn count(rule: &Map<String, Value>, key: &str) -> Result<Option<u64>, String> {
    let Some(number) = number(rule, key)? else { return Ok(None) };
    Some(number)
        .filter(Decimal::is_integer)
        .and_then(|number| number.to_u64())
        .map(Some)
        .ok_or_else(|| format!("`{key}` must be a whole number that is not negative, not {number}"))
}
