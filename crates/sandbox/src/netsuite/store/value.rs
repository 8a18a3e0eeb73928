//! What a field of a stored record holds.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A reference to another record, or to a value of a fixed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ref {
    /// The type or list that the field points into.
    pub(crate) kind: &'static str,
    /// The internal id there.
    pub(crate) id: i64,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A text, never empty: the vendor does not tell an empty text from none.
    Text(String),
    /// A decimal number.
    Number(Decimal),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// A day.
    Date(Date),
    /// A moment.
    Moment(Timestamp),
    /// One of the vendor's fixed values, or a country.
    Choice(&'static str),
    /// A reference.
    Ref(Ref),
    /// Several references.
    Many(Vec<Ref>),
    /// The lines of a sublist.
    Lines(Vec<Fields>),
    /// A sub-record.
    Part(Box<Fields>),
}

/// The filled fields of a record, a line or a sub-record. Absent means empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    /// A field's value.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Sets a field.
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets a field if there is a value, and empties it otherwise.
    pub(crate) fn put(&mut self, name: &'static str, value: Option<Value>) {
        match value {
            Some(value) => self.set(name, value),
            None => self.clear(name),
        }
    }

    /// Empties a field.
    pub(crate) fn clear(&mut self, name: &str) {
        self.0.retain(|(known, _)| *known != name);
    }

    /// Whether a field is filled.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            Value::Choice(choice) => Some(choice),
            _ => None,
        }
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<Decimal> {
        match self.get(name)? {
            Value::Number(number) => Some(*number),
            Value::Integer(number) => Some(Decimal::from(*number)),
            _ => None,
        }
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether a flag is set.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Flag(true)))
    }

    /// A day.
    pub(crate) fn date(&self, name: &str) -> Option<Date> {
        match self.get(name)? {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The id that a reference points to.
    pub(crate) fn reference(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Ref(reference) => Some(reference.id),
            _ => None,
        }
    }

    /// The lines of a sublist.
    pub(crate) fn lines(&self, name: &str) -> &[Fields] {
        match self.get(name) {
            Some(Value::Lines(lines)) => lines,
            _ => &[],
        }
    }

    /// The lines of a sublist, to change them.
    pub(crate) fn lines_mut(&mut self, name: &str) -> Option<&mut Vec<Fields>> {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, Value::Lines(lines))) => Some(lines),
            _ => None,
        }
    }

    /// All filled fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}
