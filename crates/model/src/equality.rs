//! Found is not yet equal: what must agree before `Sync Complete` is said.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::value::{Record, Value};

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manner {
    /// The same text; a reference is its id.
    #[default]
    Text,
    /// The same text but for case: destinations that ignore case may give a name back in other letters.
    Caseless,
    /// The same number.
    Number,
    /// The same number but for its sign: vendors differ over the sign of a credit memo's total.
    Magnitude,
}

/// What the destination should hold in one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation<'a> {
    /// The word that a person reads: `amount`.
    pub what: &'a str,
    /// The destination's column.
    pub column: &'a str,
    /// The value that the source gives.
    pub value: Value,
    /// How they are compared.
    pub manner: Manner,
}

/// Two values that should agree and do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The word that a person reads.
    pub what: String,
    /// The source's value.
    pub source: String,
    /// The destination's value.
    pub destination: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {} here, {} there", self.what, or_nothing(&self.source), or_nothing(&self.destination))
    }
}

fn or_nothing(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}

/// The differences between what should be held and what is. A value that the source does not have is not compared.
pub fn differences(expected: &[Expectation], held: &Record) -> Vec<Difference> {
    expected
        .iter()
        .filter(|expectation| !expectation.value.is_null())
        .filter(|expectation| !agrees(expectation, held.get(expectation.column)))
        .map(|expectation| Difference {
            what: expectation.what.to_owned(),
            source: expectation.value.show(),
            destination: held.get(expectation.column).show(),
        })
        .collect()
}

fn agrees(expectation: &Expectation, held: &Value) -> bool {
    let numbers = || expectation.value.as_number().zip(held.as_number());
    match expectation.manner {
        Manner::Text => match (expectation.value.as_text(), held.as_text()) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => expectation.value.show() == held.show(),
        },
        Manner::Caseless => expectation.value.show().to_lowercase() == held.show().to_lowercase(),
        Manner::Number => numbers().is_some_and(|(ours, theirs)| ours == theirs),
        Manner::Magnitude => numbers().is_some_and(|(ours, theirs)| ours.abs() == theirs.abs()),
    }
}

/// Whether a record holds all that a draft would write: every field of the draft, nested ones too. What the draft
/// does not name is not looked at: it is somebody else's. `lists` of the draft are matched entry by entry through
/// the field that identifies them.
pub fn holds(draft: &Record, held: &Record, identify: &dyn Fn(&str) -> Option<String>) -> bool {
    draft.iter().all(|(name, value)| match value {
        Value::List(entries) => entries.iter().all(|entry| {
            let Some(field) = identify(name) else { return false };
            let same = |candidate: &&Record| candidate.get(&field).show() == entry.get(&field).show();
            held.list(name).iter().find(same).is_some_and(|candidate| holds(entry, candidate, identify))
        }),
        Value::Record(nested) => match held.get(name) {
            Value::Record(theirs) => holds(nested, theirs, identify),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Reference(_) | Value::List(_) => {
                false
            }
        },
        Value::Null => true,
        Value::Number(number) => held.get(name).as_number() == Some(*number),
        Value::Bool(truth) => held.get(name).as_bool().unwrap_or(false) == *truth,
        Value::Text(text) | Value::Reference(text) => held.get(name).show() == *text,
    })
}

/// The amount with which the destination's side is summed: its own figure, under the source's sign where the
/// vendors differ over it.
pub fn signed_like(source: Decimal, destination: Decimal, manner: Manner) -> Decimal {
    if manner == Manner::Magnitude && source.is_sign_negative() != destination.is_sign_negative() {
        -destination
    } else {
        destination
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation(value: Value, manner: Manner) -> Expectation<'static> {
        Expectation { what: "amount", column: "total", value, manner }
    }

    fn held(total: &str) -> Record {
        let mut record = Record::default();
        record.set("total", Value::text(total));
        record
    }

    #[test]
    fn an_amount_is_equal_whatever_zeros_it_ends_in_and_never_by_a_cent() {
        let expected = [expectation(Value::Number("10.5".parse().unwrap()), Manner::Number)];
        assert!(differences(&expected, &held("10.50")).is_empty());
        let difference = differences(&expected, &held("10.51"));
        assert_eq!(difference[0].to_string(), "amount: 10.5 here, 10.51 there");
    }

    #[test]
    fn a_sign_is_overlooked_only_where_the_flow_says_so() {
        let value = Value::Number("-3.00".parse().unwrap());
        assert!(differences(&[expectation(value.clone(), Manner::Magnitude)], &held("3")).is_empty());
        assert_eq!(differences(&[expectation(value, Manner::Number)], &held("3")).len(), 1);
    }

    #[test]
    fn a_missing_column_is_a_difference_and_not_a_pass() {
        let expected = [expectation(Value::Number("1".parse().unwrap()), Manner::Number)];
        assert_eq!(differences(&expected, &Record::default()).len(), 1);
    }

    #[test]
    fn what_a_draft_does_not_name_is_somebody_elses() {
        let mut draft = Record::default();
        draft.set("email", Value::text("a@b.example"));
        let mut theirs = draft.clone();
        theirs.set("memo", Value::text("call before noon"));
        assert!(holds(&draft, &theirs, &|_| None));
        theirs.set("email", Value::text("c@d.example"));
        assert!(!holds(&draft, &theirs, &|_| None));
    }
}
