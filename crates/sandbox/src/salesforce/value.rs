//! What a field of a row holds, and how it is written.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde_json::{Number, Value as Json};

use super::id::Id;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Value {
    /// None.
    #[default]
    Null,
    /// A text, never empty: the vendor keeps an empty text as none.
    Text(String),
    /// A number of any kind; whole numbers have no fraction.
    Number(Decimal),
    /// True or false.
    Flag(bool),
    /// A day.
    Date(Date),
    /// A moment, to the second.
    Moment(Timestamp),
    /// A time of the day.
    Time(Time),
    /// A record's own id, or that of another.
    Id(Id),
}

impl Value {
    /// A text, or none where it is empty.
    pub(crate) fn text(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.to_owned()) }
    }

    /// Whether there is none.
    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The text.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number.
    pub(crate) fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The id.
    pub(crate) fn as_id(&self) -> Option<Id> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The moment.
    pub(crate) fn as_moment(&self) -> Option<Timestamp> {
        match self {
            Self::Moment(moment) => Some(*moment),
            _ => None,
        }
    }

    /// Whether it is a flag that is set.
    pub(crate) fn is_true(&self) -> bool {
        *self == Self::Flag(true)
    }

    /// As answers in JSON write it. `whole` says that the field holds whole numbers.
    pub(crate) fn json(&self, whole: bool) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Flag(flag) => Json::Bool(*flag),
            // Reading the text would write its exponent anew.
            Self::Number(number) => Json::Number(Number::from_string_unchecked(number_text(*number, whole))),
            other => Json::String(other.plain(whole)),
        }
    }

    /// As it stands in a text: in a row of CSV files nothing stands for none.
    pub(crate) fn plain(&self, whole: bool) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number_text(*number, whole),
            Self::Flag(flag) => flag.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Moment(moment) => moment_text(*moment, "+0000"),
            Self::Time(time) => format!("{:02}:{:02}:{:02}.000Z", time.hour(), time.minute(), time.second()),
            Self::Id(id) => id.to_string(),
        }
    }
}

/// A moment as answers write it. The zone is `+0000` in JSON and `Z` in CSV.
pub(crate) fn moment_text(moment: Timestamp, zone: &str) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.000").to_string() + zone
}

/// A number as the vendor's own serializer writes it: always with a fraction unless the field holds whole numbers, and
/// from ten million on with an exponent.
fn number_text(number: Decimal, whole: bool) -> String {
    let number = number.normalize();
    if whole {
        return number.trunc().to_string();
    }
    if number.abs() < Decimal::from(10_000_000) {
        let text = number.to_string();
        return if text.contains('.') { text } else { text + ".0" };
    }
    let digits = number.abs().mantissa().to_string();
    let exponent = digits.len() - 1 - usize::try_from(number.scale()).unwrap_or(0);
    let (first, rest) = digits.split_at(1);
    let rest = rest.trim_end_matches('0');
    let sign = if number.is_sign_negative() { "-" } else { "" };
    format!("{sign}{first}.{}E{exponent}", if rest.is_empty() { "0" } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_vendor_writes_them() {
        for (given, whole, written) in [
            ("100", false, "100.0"),
            ("12.50", false, "12.5"),
            ("-0.01", false, "-0.01"),
            ("9999999.99", false, "9999999.99"),
            ("10000000", false, "1.0E7"),
            ("-350000000", false, "-3.5E8"),
            ("123456789.25", false, "1.2345678925E8"),
            ("42", true, "42"),
        ] {
            assert_eq!(number_text(given.parse().unwrap(), whole), written);
        }
    }

    #[test]
    fn a_moment_has_no_colon_in_its_offset_and_no_fraction_of_a_second() {
        let moment = Value::Moment("2026-01-31T12:34:56.789Z".parse().unwrap());
        assert_eq!(moment.json(false), "2026-01-31T12:34:56.000+0000");
    }
}
