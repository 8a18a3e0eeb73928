//! The values of fields: how they are read from requests, compared, and written in answers.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{Offset, TimeZone};
use rust_decimal::Decimal;
use serde_json::Value;

use super::ids::{Id, Ids};
use super::schema::{Field, Kind};

/// The tenant's time zone: eight hours behind Greenwich all the year.
const TENANT_OFFSET_HOURS: i8 = -8;

/// The value of a field that is not null.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    /// The id of a record.
    Ref(Id),
    /// A text.
    Text(Arc<str>),
    /// A number.
    Number(Decimal),
    /// True or false.
    Flag(bool),
    /// A day.
    Date(Date),
    /// A moment, in seconds since 1970.
    Moment(i64),
}

impl Cell {
    /// A text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }

    /// The order of two values of one field.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Ref(a), Self::Ref(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Flag(a), Self::Flag(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Moment(a), Self::Moment(b)) => a.cmp(b),
            // Values of one field have one type.
            _ => Ordering::Equal,
        }
    }
}

/// The dialects in which answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Actions and CRUD: moments with milliseconds and the tenant's offset.
    Action,
    /// The v1 resources: moments in the tenant's time zone without an offset.
    Resource,
    /// Object Query: moments in UTC, decimal numbers always with a fraction.
    Query,
}

fn tenant_zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(TENANT_OFFSET_HOURS))
}

/// Appends a value as JSON.
pub(crate) fn write_json(out: &mut String, cell: &Cell, field: &Field, ids: &Ids, style: Style) {
    // Writing into a String cannot fail.
    let _ = match cell {
        Cell::Ref(id) => write!(out, "\"{}\"", ids.text(*id)),
        Cell::Text(text) => {
            write_string(out, text);
            Ok(())
        }
        Cell::Number(number) => {
            let number = number.normalize();
            let whole = number.scale() == 0 && style == Style::Query && field.kind == Kind::Number;
            write!(out, "{number}{}", if whole { ".0" } else { "" })
        }
        Cell::Flag(flag) => write!(out, "{flag}"),
        Cell::Date(date) => write!(out, "\"{date}\""),
        Cell::Moment(seconds) => write!(out, "\"{}\"", moment_text(*seconds, style)),
    };
}

/// Appends a text as JSON.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// A moment in one of the vendor's ways of writing.
pub(crate) fn moment_text(seconds: i64, style: Style) -> String {
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    match style {
        Style::Query => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Style::Action => moment.to_zoned(tenant_zone()).strftime("%Y-%m-%dT%H:%M:%S.000%:z").to_string(),
        Style::Resource => moment.to_zoned(tenant_zone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// Reads a moment: ISO 8601; without an offset it is in the tenant's time zone, without a time it is midnight.
pub(crate) fn parse_moment(text: &str) -> Option<i64> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    if let Ok(moment) = PARSER.parse_timestamp(text) {
        return Some(moment.as_second());
    }
    // Java writes offsets without a colon; `2016-10-20T05:46:14.000+0200` is common among Zuora's clients.
    if let Some((head, tail)) = text.len().checked_sub(2).and_then(|middle| text.split_at_checked(middle))
        && head.len() > 3
        && matches!(head.as_bytes()[head.len() - 3], b'+' | b'-')
        && let Ok(moment) = PARSER.parse_timestamp(format!("{head}:{tail}"))
    {
        return Some(moment.as_second());
    }
    let (text, zone) = match text.strip_suffix('Z') {
        Some(text) => (text, TimeZone::UTC),
        None => (text, tenant_zone()),
    };
    let local = PARSER.parse_datetime(text).ok()?;
    local.to_zoned(zone).ok().map(|zoned| zoned.timestamp().as_second())
}

/// Reads a day, and nothing but a day.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// Reads the text of a value, as it stands in a query.
pub(crate) fn parse_text(text: &str, kind: Kind, ids: &Ids) -> Option<Cell> {
    match kind {
        Kind::Key | Kind::Ref(_) => ids.parse(text).map(Cell::Ref),
        Kind::Text(_) | Kind::Pick(_) => Some(Cell::text(text)),
        Kind::Number | Kind::Integer => parse_number(text).map(Cell::Number),
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Some(Cell::Flag(true)),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Some(Cell::Flag(false)),
        Kind::Boolean => None,
        Kind::Date => parse_date(text.get(..10)?).map(Cell::Date),
        Kind::Moment => parse_moment(text).map(Cell::Moment),
    }
}

fn parse_number(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

/// Reads a value from a request body; the error says what is wrong with it.
pub(crate) fn parse_json(value: &Value, kind: Kind, ids: &Ids) -> Result<Cell, String> {
    let cell = match (kind, value) {
        (Kind::Boolean, Value::Bool(flag)) => Some(Cell::Flag(*flag)),
        (Kind::Number | Kind::Integer, Value::Number(number)) => parse_number(number.as_str()).map(Cell::Number),
        (Kind::Text(_), Value::Number(number)) => Some(Cell::text(number.as_str())),
        (Kind::Text(_), Value::Bool(flag)) => Some(Cell::text(if *flag { "true" } else { "false" })),
        (Kind::Date, Value::String(text)) => parse_date(text).map(Cell::Date),
        (_, Value::String(text)) => parse_text(text, kind, ids),
        _ => None,
    };
    let Some(cell) = cell else { return Err(format!("{} is not {}", spell(value), describe(kind))) };
    match (&cell, kind) {
        (Cell::Number(number), Kind::Integer) if !number.is_integer() => Err(format!("{number} is not a whole number")),
        (Cell::Text(text), Kind::Pick(options)) if !options.contains(&&**text) => {
            Err(format!("'{text}' is not one of {}", options.join(", ")))
        }
        (Cell::Text(text), Kind::Text(longest)) if text.chars().count() > usize::from(longest) => {
            Err(format!("the length of the value must not exceed {longest} characters"))
        }
        // The vendor stores texts in three-byte UTF-8.
        (Cell::Text(text), _) if text.chars().any(|letter| letter > '\u{ffff}') => {
            Err("4-byte UTF-8 characters are not supported".to_owned())
        }
        _ => Ok(cell),
    }
}

fn spell(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Key | Kind::Ref(_) => "a valid id",
        Kind::Text(_) | Kind::Pick(_) => "a text",
        Kind::Number => "a number",
        Kind::Integer => "a whole number",
        Kind::Boolean => "true or false",
        Kind::Date => "a date as yyyy-mm-dd",
        Kind::Moment => "a date and time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_each_dialect() {
        let seconds = parse_moment("2026-03-01T10:00:00Z").unwrap();
        assert_eq!(moment_text(seconds, Style::Action), "2026-03-01T02:00:00.000-08:00");
        assert_eq!(moment_text(seconds, Style::Resource), "2026-03-01 02:00:00");
        assert_eq!(moment_text(seconds, Style::Query), "2026-03-01T10:00:00Z");
    }

    #[test]
    fn a_moment_is_read_with_and_without_an_offset() {
        let noon = parse_moment("2026-03-01T20:00:00Z");
        assert!(noon.is_some());
        assert_eq!(parse_moment("2026-03-01T12:00:00"), noon);
        assert_eq!(parse_moment("2026-03-01T21:00:00.000+0100"), noon);
        assert_eq!(parse_moment("2026-03-01T21:00:00.000+01:00"), noon);
        assert_eq!(parse_moment("2026-03-01"), parse_moment("2026-03-01T08:00:00Z"));
        assert_eq!(parse_moment("yesterday"), None);
    }

    #[test]
    fn money_keeps_its_digits() {
        let ids = Ids::new(1);
        let field = Field::new("Amount", Kind::Number);
        let number: Value = serde_json::from_str("1234567890123456.78").unwrap();
        let cell = parse_json(&number, Kind::Number, &ids).unwrap();
        let mut out = String::new();
        write_json(&mut out, &cell, &field, &ids, Style::Action);
        assert_eq!(out, "1234567890123456.78");
    }

    #[test]
    fn a_text_that_is_too_long_or_has_an_emoji_is_refused() {
        let ids = Ids::new(1);
        let text = |text: &str| parse_json(&Value::from(text), Kind::Text(5), &ids);
        assert!(text("12345").is_ok());
        assert!(text("123456").is_err());
        assert!(text("a\u{1f600}").is_err());
    }
}
