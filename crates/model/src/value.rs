//! Records as they come from one application and go to another: text, decimals, nested records. No float.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
pub use smol_str::SmolStr;

/// A field's name. Up to 23 bytes stand in place and longer ones are shared: neither costs an allocation to copy.
pub type Name = SmolStr;

/// A field's value.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Absent, `null` or never filled: the vendors do not tell these apart.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, exact.
    Number(Decimal),
    /// Text; dates and times travel as the text the vendor wrote.
    Text(SmolStr),
    /// A reference to a record of the destination, by its id.
    Reference(SmolStr),
    /// A nested record: an address, a to-one relation. Shared: a thousand invoices of one account hold it once.
    Record(Arc<Record>),
    /// Nested records: lines, a to-many relation.
    List(Vec<Record>),
}

impl Value {
    /// A text value; an empty text is [`Value::Null`], because no vendor keeps them apart.
    pub fn text(text: impl Into<SmolStr>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }

    /// A reference to a record of the destination by its id.
    pub fn reference(id: impl Into<SmolStr>) -> Self {
        Self::Reference(id.into())
    }

    /// A nested record.
    pub fn record(record: Record) -> Self {
        Self::Record(Arc::new(record))
    }

    /// Whether there is nothing here.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number: a number, or a text that is one (SuiteQL gives every value as text).
    pub fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => parse_decimal(text),
            Self::Null | Self::Bool(_) | Self::Reference(_) | Self::Record(_) | Self::List(_) => None,
        }
    }

    /// The truth value: `true`, or SuiteQL's `T` and `F`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Text(text) if text == "T" || text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text == "F" || text.eq_ignore_ascii_case("false") => Some(false),
            Self::Text(_) | Self::Null | Self::Number(_) | Self::Reference(_) | Self::Record(_) | Self::List(_) => None,
        }
    }

    /// The value as a person would write it; a reference is shown as its id.
    pub fn show(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) | Self::Reference(text) => text.to_string(),
            Self::Record(record) => record.get("id").show(),
            Self::List(records) => format!("{} entries", records.len()),
        }
    }
}

/// Reads a decimal without rounding: what does not fit 28 digits is no number to us.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        // Reading the whole would round what stands before the exponent.
        let exact = text.split(['e', 'E']).next().is_some_and(|digits| Decimal::from_str_exact(digits).is_ok());
        return Decimal::from_scientific(text).ok().filter(|_| exact);
    }
    Decimal::from_str_exact(text).ok()
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.show())
    }
}

/// A record: its fields in the order in which they came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    fields: Vec<(Name, Value)>,
}

/// What an absent field reads as.
static NULL: Value = Value::Null;

impl Record {
    /// An empty record with room for `fields` fields.
    pub fn with_capacity(fields: usize) -> Self {
        Self { fields: Vec::with_capacity(fields) }
    }

    /// The field's value; [`Value::Null`] if the record does not have it.
    pub fn get(&self, name: &str) -> &Value {
        self.find(name).unwrap_or(&NULL)
    }

    fn find(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(held, _)| held == name).map(|(_, value)| value)
    }

    /// The value at a dotted path through nested records: `account.Currency`.
    pub fn at(&self, path: &str) -> &Value {
        if let Some(value) = self.find(path) {
            return value;
        }
        let Some((first, rest)) = path.split_once('.') else { return &NULL };
        match self.get(first) {
            Value::Record(nested) => nested.at(rest),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Reference(_) | Value::List(_) => {
                &NULL
            }
        }
    }

    /// The text at a path; empty if there is none.
    pub fn text(&self, path: &str) -> &str {
        self.at(path).as_text().unwrap_or_default()
    }

    /// The nested records of a to-many relation or a sublist.
    pub fn list(&self, name: &str) -> &[Record] {
        if let Value::List(records) = self.get(name) { records } else { &[] }
    }

    /// The nested records of a sublist, for adding to them; it is empty until it is set again.
    pub fn take_list(&mut self, name: &str) -> Vec<Record> {
        match self.fields.iter_mut().find(|(held, _)| held == name) {
            Some((_, Value::List(records))) => std::mem::take(records),
            _ => Vec::new(),
        }
    }

    /// Sets a field, in place if the record has it already.
    pub fn set(&mut self, name: impl Into<Name> + AsRef<str>, value: Value) {
        match self.fields.iter_mut().find(|(held, _)| &**held == name.as_ref()) {
            Some((_, held)) => *held = value,
            None => self.fields.push((name.into(), value)),
        }
    }

    /// Sets the value at a dotted path and makes the records on the way.
    pub fn set_at(&mut self, path: impl Into<Name> + AsRef<str>, value: Value) {
        let Some((first, rest)) = path.as_ref().split_once('.') else { return self.set(path, value) };
        if !matches!(self.get(first), Value::Record(_)) {
            self.set(first, Value::record(Self::default()));
        }
        if let Some((_, Value::Record(nested))) = self.fields.iter_mut().find(|(held, _)| &**held == first) {
            Arc::make_mut(nested).set_at(rest, value);
        }
    }

    /// Adds a field that the record is known not to have: reading a page need not look for it.
    pub fn push(&mut self, name: Name, value: Value) {
        self.fields.push((name, value));
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_exactly_or_not_at_all() {
        assert_eq!(parse_decimal("0.10").unwrap().to_string(), "0.10");
        assert_eq!(parse_decimal("1e3").unwrap(), Decimal::from(1000));
        assert_eq!(parse_decimal("0.00000000000000000000000000000000001"), None);
        assert_eq!(parse_decimal("12,5"), None);
    }

    #[test]
    fn a_dotted_path_goes_through_nested_records() {
        let mut record = Record::default();
        record.set_at("address.city", Value::text("Leeds"));
        record.set_at("address.zip", Value::text("LS1"));
        assert_eq!(record.text("address.city"), "Leeds");
        assert_eq!(record.text("address.zip"), "LS1");
        assert!(record.at("address.street").is_null());
        assert!(record.at("nothing.there").is_null());
    }
}
