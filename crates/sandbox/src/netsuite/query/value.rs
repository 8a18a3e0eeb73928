//! What a query computes with.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::netsuite::store::{Ref, Value};

/// A value of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sql<'a> {
    /// Nothing.
    Null,
    /// A text; flags are the texts `T` and `F`.
    Text(Cow<'a, str>),
    /// A number.
    Number(Decimal),
    /// A reference: a number that has a name.
    Ref(Ref),
    /// A day.
    Date(Date),
    /// A moment in the account's zone, which is UTC here.
    Moment(DateTime),
}

impl<'a> Sql<'a> {
    /// A text.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }

    /// A flag.
    pub(super) fn flag(flag: bool) -> Self {
        Self::Text(Cow::Borrowed(if flag { "T" } else { "F" }))
    }

    /// A whole number.
    pub(super) fn integer(number: i64) -> Self {
        Self::Number(Decimal::from(number))
    }

    /// A stored value.
    pub(super) fn stored(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(Cow::Borrowed(text)),
            Value::Choice(choice) => Self::Text(Cow::Borrowed(choice)),
            Value::Number(number) => Self::Number(*number),
            Value::Integer(number) => Self::integer(*number),
            Value::Flag(flag) => Self::flag(*flag),
            Value::Date(date) => Self::Date(*date),
            Value::Moment(moment) => Self::Moment(moment.to_zoned(TimeZone::UTC).datetime()),
            Value::Ref(reference) => Self::Ref(*reference),
            Value::Many(references) => {
                Self::text(references.iter().map(|one| one.id.to_string()).collect::<Vec<_>>().join(", "))
            }
            Value::Lines(_) | Value::Part(_) => Self::Null,
        }
    }

    /// The same value, borrowed.
    pub(super) fn borrow(&'a self) -> Self {
        match self {
            Self::Text(text) => Self::Text(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }

    /// The same value, owning its text.
    pub(super) fn owned(self) -> Sql<'static> {
        match self {
            Self::Null => Sql::Null,
            Self::Text(text) => Sql::Text(Cow::Owned(text.into_owned())),
            Self::Number(number) => Sql::Number(number),
            Self::Ref(reference) => Sql::Ref(reference),
            Self::Date(date) => Sql::Date(date),
            Self::Moment(moment) => Sql::Moment(moment),
        }
    }

    /// Whether there is nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// As a number, if it is one.
    pub(super) fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Ref(reference) => Some(Decimal::from(reference.id)),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Date(_) | Self::Moment(_) => None,
        }
    }

    /// As a moment, if it is one. Texts are read in the account's format: month, day, year.
    pub(super) fn moment(&self) -> Option<DateTime> {
        match self {
            Self::Date(date) => Some(date.to_datetime(jiff::civil::Time::midnight())),
            Self::Moment(moment) => Some(*moment),
            Self::Text(text) => Date::strptime("%m/%d/%Y", text.as_ref())
                .ok()
                .map(|date| date.to_datetime(jiff::civil::Time::midnight())),
            Self::Null | Self::Number(_) | Self::Ref(_) => None,
        }
    }

    /// As the vendor answers it: numbers without superfluous zeros, days in the account's format, moments by their day.
    pub(super) fn show(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.to_string()),
            Self::Number(number) => Some(number.normalize().to_string()),
            Self::Ref(reference) => Some(reference.id.to_string()),
            Self::Date(date) => Some(account_format(*date)),
            Self::Moment(moment) => Some(account_format(moment.date())),
        }
    }

    /// Compares two values; `None` if either is nothing or they cannot be compared.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::Text(one), Self::Text(two)) => Some(one.cmp(two)),
            (Self::Date(_) | Self::Moment(_), _) | (_, Self::Date(_) | Self::Moment(_)) => {
                Some(self.moment()?.cmp(&other.moment()?))
            }
            _ => Some(self.number()?.cmp(&other.number()?)),
        }
    }

    /// Orders two values for sorting: nothing comes last, as at Oracle.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self.is_null(), other.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.compare(other).unwrap_or(Ordering::Equal),
        }
    }
}

fn account_format(date: Date) -> String {
    format!("{}/{}/{}", date.month(), date.day(), date.year())
}
