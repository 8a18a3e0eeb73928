//! One value, as a field takes it.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value as Json;

use crate::salesforce::errors::Refusal;
use crate::salesforce::id::Id;
use crate::salesforce::schema::{Field, Kind};
use crate::salesforce::value::Value;

/// Where a value came from decides how a wrong one is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The only record of a request: the request cannot be read.
    Single,
    /// A record among others.
    Collection,
    /// The column of a file, counted from 0.
    Column(usize),
}

/// Why a value is not taken.
enum Wrong {
    /// It is of another type.
    Type,
    /// The vendor's own words for it.
    Said(Refusal),
}

/// Reads a value for a field.
///
/// # Errors
/// It is of the wrong type, too long, too large, or not among the field's values.
pub(crate) fn read(field: &Field, json: &Json, form: Form) -> Result<Value, Refusal> {
    let value = match json {
        Json::Null => return Ok(Value::Null),
        Json::Object(_) | Json::Array(_) => Err(Wrong::Type),
        _ => typed(field, json),
    };
    value.map_err(|wrong| match wrong {
        Wrong::Said(refusal) => refusal,
        Wrong::Type => mistyped(field, json, form),
    })
}

fn typed(field: &Field, json: &Json) -> Result<Value, Wrong> {
    let text = match json {
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let is_text = json.is_string();
    match field.kind {
        Kind::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Value::Flag(true)),
            "false" | "0" => Ok(Value::Flag(false)),
            _ => Err(Wrong::Type),
        },
        kind if kind.is_number() => number(field, &text),
        Kind::Date if is_text => date(&text).map(Value::Date).ok_or(Wrong::Type),
        Kind::DateTime if is_text => moment(&text).map(Value::Moment).ok_or(Wrong::Type),
        Kind::Time if is_text => text.trim_end_matches('Z').parse::<Time>().map(Value::Time).map_err(|_| Wrong::Type),
        Kind::Date | Kind::DateTime | Kind::Time => Err(Wrong::Type),
        Kind::Id | Kind::Reference => id(field, &text),
        // A compound is never written: its parts are.
        Kind::Address => Err(Wrong::Type),
        _ => {
            check_text(field, &text).map_err(Wrong::Said)?;
            Ok(Value::Text(text))
        }
    }
}

/// A whole number or a decimal one. What has too many digits behind the point is rounded without a word, what has too
/// many before it is refused.
fn number(field: &Field, text: &str) -> Result<Value, Wrong> {
    let scientific = |text: &str| Decimal::from_scientific(text).ok();
    let number = text.parse::<Decimal>().ok().or_else(|| scientific(text));
    let outside = || {
        let message = format!("{}: value outside of valid range on numeric field: {text}", field.label);
        Wrong::Said(Refusal::row("NUMBER_OUTSIDE_VALID_RANGE", message, &[&field.name]))
    };
    let Some(number) = number else {
        let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
            && text.bytes().any(|byte| byte.is_ascii_digit());
        return Err(if numeric { outside() } else { Wrong::Type });
    };
    if field.kind == Kind::Int {
        if !number.fract().is_zero() {
            return Err(Wrong::Type);
        }
        let fits = number.abs() <= Decimal::from(i32::MAX);
        return if fits { Ok(Value::Number(number.trunc())) } else { Err(outside()) };
    }
    let rounded = number.round_dp_with_strategy(field.scale, RoundingStrategy::MidpointAwayFromZero);
    let whole = rounded.trunc().abs().to_string();
    let digits = if whole == "0" { 0 } else { whole.len() };
    let most = usize::try_from(field.precision.saturating_sub(field.scale)).unwrap_or(0);
    if digits > most { Err(outside()) } else { Ok(Value::Number(rounded.normalize())) }
}

/// A day; of a moment its day is taken.
fn date(text: &str) -> Option<Date> {
    let day = text.get(..10).filter(|_| text.len() == 10 || text.as_bytes().get(10) == Some(&b'T'))?;
    day.parse().ok()
}

/// A moment with its offset, to the second; a day stands for its midnight.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    if text.len() == 10 {
        let day: Date = text.parse().ok()?;
        return day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|midnight| midnight.timestamp());
    }
    let (stem, seconds) = offset(text)?;
    let local: DateTime = stem.parse().ok()?;
    let moment = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Timestamp::from_second(moment.as_second() - seconds).ok()
}

/// Splits an offset (`Z`, `+0100`, `-08:00`) from a moment; in seconds.
fn offset(text: &str) -> Option<(&str, i64)> {
    if let Some(stem) = text.strip_suffix(['Z', 'z']) {
        return Some((stem, 0));
    }
    let at = text.rfind(['+', '-']).filter(|at| *at > 10)?;
    let digits: String = text[at + 1..].chars().filter(|letter| *letter != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    let seconds = hours * 3600 + minutes * 60;
    Some((&text[..at], if text.as_bytes()[at] == b'-' { -seconds } else { seconds }))
}

fn id(field: &Field, text: &str) -> Result<Value, Wrong> {
    let malformed = || {
        let message = format!("{}: id value of incorrect type: {text}", field.label);
        Wrong::Said(Refusal::row("MALFORMED_ID", message, &[&field.name]))
    };
    Id::read(text).map(Value::Id).ok_or_else(malformed)
}

fn check_text(field: &Field, text: &str) -> Result<(), Refusal> {
    if field.length > 0 && text.chars().count() > field.length {
        let message = format!("{}: data value too large: {text} (max length={})", field.label, field.length);
        return Err(Refusal::row("STRING_TOO_LONG", message, &[&field.name]));
    }
    if field.kind == Kind::Email && !is_email(text) {
        let message = format!("{}: invalid email address: {text}", field.label);
        return Err(Refusal::row("INVALID_EMAIL_ADDRESS", message, &[&field.name]));
    }
    let is_known = |text: &str| field.values.iter().any(|known| known == text);
    let parts: Vec<&str> = match field.kind {
        Kind::MultiPicklist => text.split(';').collect(),
        _ => vec![text],
    };
    if field.restricted && !parts.into_iter().all(is_known) {
        let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
        return Err(Refusal::row("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, &[&field.name]));
    }
    Ok(())
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|letter| letter.is_whitespace() || letter == '@');
    plain(local) && plain(domain) && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
}

fn mistyped(field: &Field, json: &Json, form: Form) -> Refusal {
    let said = match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match form {
        Form::Single => {
            let token = match json {
                Json::String(_) => "VALUE_STRING",
                Json::Number(_) => "VALUE_NUMBER",
                Json::Bool(true) => "VALUE_TRUE",
                Json::Bool(false) => "VALUE_FALSE",
                Json::Array(_) => "START_ARRAY",
                Json::Object(_) | Json::Null => "START_OBJECT",
            };
            Refusal::body(format!(
                "Cannot deserialize instance of {} from {token} value {said} or request may be missing a required field at [line:1, column:2]",
                field.kind.name()
            ))
        }
        Form::Collection => {
            let message = format!("{}: value not of required type: {said}", field.label);
            Refusal::row("INVALID_TYPE_ON_FIELD_IN_RECORD", message, &[&field.name])
        }
        Form::Column(column) => {
            let kind = soap_type(field.kind);
            let message = format!(
                "Failed to deserialize field at col {column}. Due to, '{said}' is not a valid value for the type {kind}"
            );
            Refusal::row("INVALID_FIELD", message, &[&field.name])
        }
    }
}

/// The type by its name in SOAP, which describes and some refusals tell.
pub(crate) fn soap_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference => "tns:ID",
        Kind::Boolean => "xsd:boolean",
        Kind::Int => "xsd:int",
        Kind::Double | Kind::Currency | Kind::Percent => "xsd:double",
        Kind::Date => "xsd:date",
        Kind::DateTime => "xsd:dateTime",
        Kind::Time => "xsd:time",
        Kind::Address => "urn:address",
        _ => "xsd:string",
    }
}
