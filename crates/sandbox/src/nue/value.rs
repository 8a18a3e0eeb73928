//! The values that fields hold: read from JSON and from query strings, compared, and written as JSON.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::temporal::DateTimePrinter};
use rust_decimal::Decimal;
use serde_json::Value;

use super::schema::Kind;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    Text(Arc<str>),
    Texts(Arc<[Arc<str>]>),
    Number(Decimal),
    Flag(bool),
    Day(Date),
    Moment(Timestamp),
}

impl Cell {
    /// A text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }

    /// The text that this is.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The order of two values of one kind.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Flag(a), Self::Flag(b)) => a.cmp(b),
            (Self::Day(a), Self::Day(b)) => a.cmp(b),
            (Self::Moment(a), Self::Moment(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }

    /// The value as JSON.
    pub(crate) fn json(&self, kind: Kind) -> Value {
        match self {
            Self::Text(text) => Value::String(text.to_string()),
            Self::Texts(texts) => texts.iter().map(|text| Value::String(text.to_string())).collect(),
            Self::Number(number) => number_json(*number, kind == Kind::Money),
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Day(day) => Value::String(day.to_string()),
            Self::Moment(moment) => Value::String(moment_text(*moment)),
        }
    }
}

/// A number as JSON. Money has two decimals; what has more of them was not made by the vendor's own rules, and is shown.
fn number_json(number: Decimal, money: bool) -> Value {
    let mut number = number.normalize();
    if money && number.scale() < 2 {
        number.rescale(2);
    }
    serde_json::from_str(&number.to_string()).unwrap_or_default()
}

/// A moment in UTC with milliseconds.
pub(crate) fn moment_text(moment: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    let mut text = String::new();
    let _ = PRINTER.print_timestamp(&moment, &mut text);
    text
}

/// Reads a JSON value of a body. `Ok(None)`: null, or an empty text.
pub(crate) fn read(value: &Value, kind: Kind) -> Result<Option<Cell>, String> {
    let cell = match (value, kind) {
        (Value::Null, _) => return Ok(None),
        (Value::String(text), Kind::Text(_) | Kind::Key | Kind::Ref(_) | Kind::OneOf(_)) if text.is_empty() => {
            return Ok(None);
        }
        (Value::String(text), Kind::Text(most)) if text.chars().count() > most => {
            return Err(format!("must have {most} characters at most"));
        }
        (Value::String(text), Kind::Text(_) | Kind::Key | Kind::Ref(_)) => Cell::text(text),
        (Value::String(text), Kind::OneOf(words)) => match words.iter().find(|word| *word == text) {
            Some(word) => Cell::text(word),
            None => return Err(format!("must be one of {}", words.join(", "))),
        },
        (Value::Number(number), Kind::Money | Kind::Number) => {
            let number = decimal(&number.to_string()).ok_or("must be a number")?;
            if kind == Kind::Money && number.normalize().scale() > 2 {
                return Err("must have two decimals at most".to_owned());
            }
            Cell::Number(number)
        }
        (Value::Bool(flag), Kind::Flag) => Cell::Flag(*flag),
        (Value::String(text), Kind::Day) => Cell::Day(text.parse().map_err(|_| "must be a date as 2026-01-31")?),
        (Value::String(text), Kind::Moment) => {
            Cell::Moment(text.parse().map_err(|_| "must be a moment as 2026-01-31T12:00:00Z")?)
        }
        (Value::Array(items), Kind::Texts) => {
            let texts: Option<Vec<Arc<str>>> = items.iter().map(|item| item.as_str().map(Arc::from)).collect();
            Cell::Texts(texts.ok_or("must be a list of texts")?.into())
        }
        _ => return Err(format!("must be {}", word(kind))),
    };
    Ok(Some(cell))
}

/// Reads a value that a search compares with.
pub(crate) fn literal(text: &str, kind: Kind) -> Result<Cell, String> {
    let wrong = || format!("must be compared with {}, not with `{text}`", word(kind));
    match kind {
        Kind::Text(_) | Kind::Key | Kind::OneOf(_) | Kind::Ref(_) | Kind::Texts => Ok(Cell::text(text)),
        Kind::Money | Kind::Number => decimal(text).map(Cell::Number).ok_or_else(wrong),
        Kind::Flag => text.parse().map(Cell::Flag).map_err(|_| wrong()),
        // A day may be compared with a moment, and a moment with the day on which it begins.
        Kind::Day => moment(text)
            .map(|moment| moment.to_zoned(TimeZone::UTC).date())
            .or_else(|| text.parse().ok())
            .map(Cell::Day)
            .ok_or_else(wrong),
        Kind::Moment => moment(text).or_else(|| midnight(text)).map(Cell::Moment).ok_or_else(wrong),
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn midnight(text: &str) -> Option<Timestamp> {
    text.parse::<Date>().and_then(|day| day.to_zoned(TimeZone::UTC)).map(|day| day.timestamp()).ok()
}

/// Reads a number; an exponent is a number, too. What is too large for sums and products to be exact is none.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    const LARGEST: i64 = 1_000_000_000_000;
    let number = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
    (number.abs() <= Decimal::from(LARGEST)).then_some(number)
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Key | Kind::OneOf(_) => "a text",
        Kind::Ref(_) => "an id",
        Kind::Texts => "a list of texts",
        Kind::Money => "an amount",
        Kind::Number => "a number",
        Kind::Flag => "true or false",
        Kind::Day => "a date",
        Kind::Moment => "a moment",
    }
}
