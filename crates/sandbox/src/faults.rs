//! Faults on demand: rules that say which calls go wrong, and how.

use std::sync::Mutex;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value};

use crate::clock::lock;
use crate::server::Failure;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The connection is closed with no byte of an answer; nothing is executed.
    Refuse,
    /// The call is executed at once and answered late.
    Slow,
    /// The call is executed late, even if its caller has gone away meanwhile.
    Late,
    /// The call is executed and committed; then the connection is closed without an answer.
    DropAnswer,
    /// The vendor's own words for an overload or an outage; nothing is executed.
    Fail(Failure),
    /// One row of a batch, or the record of a single write, is refused as invalid.
    RowError,
}

/// Which of the matching calls go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All of them.
    Always,
    /// Only the n-th, counted from 1.
    Nth(u64),
    /// So many in a million, by a generator with this seed.
    PerMillion {
        /// Matching calls in a million that go wrong.
        chance: u32,
        /// The seed of the generator.
        seed: u64,
    },
}

/// A rule: which calls go wrong, when and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The HTTP method in capitals; `None`: all methods.
    pub method: Option<String>,
    /// The path or its template; `None`: all paths. `{x}` and `*` stand for one segment, a trailing `**` for the rest.
    pub path: Option<String>,
    /// What goes wrong.
    pub kind: Kind,
    /// Which of the matching calls go wrong.
    pub when: When,
    /// How many milliseconds [`Kind::Slow`] and [`Kind::Late`] take; of a 429, after how many the caller may try again
    /// (0: what the vendor says).
    pub milliseconds: u64,
}

/// What the rules say about one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Close the connection at once.
    pub refuse: bool,
    /// Answer with this and do nothing.
    pub failure: Option<Failure>,
    /// Put this into `Retry-After` in place of the vendor's own number, in seconds.
    pub retry_after: Option<u64>,
    /// Wait so many milliseconds before executing.
    pub late: u64,
    /// Wait so many milliseconds before answering.
    pub slow: u64,
    /// Refuse one row.
    pub row_error: bool,
    /// Close the connection instead of answering.
    pub drop_answer: bool,
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Armed>>);

#[derive(Debug)]
struct Armed {
    rule: Rule,
    seen: u64,
    dice: ChaCha8Rng,
}

impl Faults {
    /// Replaces all rules; the counts and the dice of the new ones start afresh.
    pub fn set(&self, rules: Vec<Rule>) {
        *lock(&self.0) = rules.into_iter().map(Armed::new).collect();
    }

    /// What is to happen to a call. Every rule counts the calls that match it, whatever the others say of them.
    pub fn judge(&self, method: &str, path: &str, template: &str) -> Verdict {
        let mut verdict = Verdict::default();
        for armed in lock(&self.0).iter_mut() {
            if armed.strikes(method, path, template) {
                verdict.add(&armed.rule);
            }
        }
        verdict
    }
}

impl Verdict {
    fn add(&mut self, rule: &Rule) {
        match rule.kind {
            Kind::Refuse => self.refuse = true,
            Kind::Slow => self.slow = self.slow.saturating_add(rule.milliseconds),
            Kind::Late => self.late = self.late.saturating_add(rule.milliseconds),
            Kind::DropAnswer => self.drop_answer = true,
            Kind::Fail(failure) => {
                self.failure = self.failure.or(Some(failure));
                self.retry_after = (rule.milliseconds > 0).then(|| rule.milliseconds.div_ceil(1000));
            }
            Kind::RowError => self.row_error = true,
        }
    }
}

impl Armed {
    fn new(rule: Rule) -> Self {
        let seed = match rule.when {
            When::PerMillion { seed, .. } => seed,
            When::Always | When::Nth(_) => 0,
        };
        Self { rule, seen: 0, dice: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn strikes(&mut self, method: &str, path: &str, template: &str) -> bool {
        if self.rule.method.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(method)) {
            return false;
        }
        if self.rule.path.as_ref().is_some_and(|pattern| !matches(pattern, path) && pattern != template) {
            return false;
        }
        self.seen += 1;
        match self.rule.when {
            When::Always => true,
            When::Nth(n) => self.seen == n,
            When::PerMillion { chance, .. } => (u64::from(self.dice.next_u32()) * 1_000_000) >> 32 < u64::from(chance),
        }
    }
}

/// Whether a path matches a pattern, segment by segment.
fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.trim_matches('/').split('/');
    for wanted in pattern.trim_matches('/').split('/') {
        if wanted == "**" {
            return true;
        }
        let Some(segment) = segments.next() else { return false };
        let any = wanted == "*" || wanted.starts_with(':') || (wanted.starts_with('{') && wanted.ends_with('}'));
        if !any && wanted != segment {
            return false;
        }
    }
    segments.next().is_none()
}

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
    const KNOWN: [&str; 7] = ["method", "path", "kind", "nth", "percent", "seed", "ms"];
    if let Some(unknown) = rule.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("unknown key `{unknown}`; the keys are {}", KNOWN.join(", ")));
    }
    let kind = parse_kind(&text(rule, "kind")?.ok_or("`kind` is missing")?)?;
    let milliseconds = number(rule, "ms")?.map(|ms| whole(ms, "ms")).transpose()?;
    if matches!(kind, Kind::Slow | Kind::Late) && milliseconds.is_none() {
        return Err("a slow call needs `ms`".to_owned());
    }
    Ok(Rule {
        method: text(rule, "method")?.filter(|method| method != "*").map(|method| method.to_ascii_uppercase()),
        path: text(rule, "path")?.filter(|path| path != "*" && path != "**"),
        kind,
        when: parse_when(rule)?,
        milliseconds: milliseconds.unwrap_or(0),
    })
}

fn parse_when(rule: &Map<String, Value>) -> Result<When, String> {
    match (number(rule, "nth")?, number(rule, "percent")?) {
        (Some(_), Some(_)) => Err("give `nth` or `percent`, not both".to_owned()),
        (Some(nth), None) => match whole(nth, "nth")? {
            0 => Err("`nth` counts from 1".to_owned()),
            nth => Ok(When::Nth(nth)),
        },
        (None, Some(percent)) => {
            if percent.is_sign_negative() || percent > Decimal::ONE_HUNDRED {
                return Err(format!("`percent` must be from 0 to 100, not {percent}"));
            }
            let chance = (percent * Decimal::from(10_000)).round().to_u32().unwrap_or(0);
            let seed = number(rule, "seed")?.map(|seed| whole(seed, "seed")).transpose()?.unwrap_or(0);
            Ok(When::PerMillion { chance, seed })
        }
        (None, None) => Ok(When::Always),
    }
}

fn parse_kind(name: &str) -> Result<Kind, String> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    Ok(match plain.as_str() {
        "refuse" | "refused" | "refuseconnection" | "connectionrefused" | "reset" => Kind::Refuse,
        "slow" | "delay" | "slowanswer" => Kind::Slow,
        "late" | "lateexecution" => Kind::Late,
        _ if plain.starts_with("drop") => Kind::DropAnswer,
        "429" | "http429" | "toomanyrequests" | "ratelimit" => Kind::Fail(Failure::TooManyRequests),
        "500" | "http500" | "internal" | "internalservererror" => Kind::Fail(Failure::Internal),
        "503" | "http503" | "unavailable" | "serviceunavailable" => Kind::Fail(Failure::Unavailable),
        "rowerror" | "rowerrors" | "row" => Kind::RowError,
        _ => {
            return Err(format!(
                "unknown kind `{name}`; the kinds are refuse, slow, late, drop_answer, 429, 500, 503, row_error"
            ));
        }
    })
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

fn whole(number: Decimal, key: &str) -> Result<u64, String> {
    Some(number)
        .filter(Decimal::is_integer)
        .and_then(|number| number.to_u64())
        .ok_or_else(|| format!("`{key}` must be a whole number that is not negative, not {number}"))
}

#[cfg(test)]
mod tests;
