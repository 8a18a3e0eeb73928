//! What must hold of a record. There is no third truth beside yes and no: a record without a value is different from
//! every value, and neither less nor greater than any.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::ast::Comparison;
use crate::salesforce::id::Id;
use crate::salesforce::value::Value;

/// What must hold of a thing that has values at places of type `T`.
#[derive(Debug)]
pub(super) enum Test<T> {
    /// All of them.
    All(Vec<Test<T>>),
    /// One of them.
    Any(Vec<Test<T>>),
    /// Not this.
    Not(Box<Test<T>>),
    /// Something of one value.
    Value(T, Check),
}

impl<T> Test<T> {
    /// Whether it holds.
    pub(super) fn holds<'v>(&self, value: &impl Fn(&T) -> &'v Value) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(value)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(value)),
            Self::Not(test) => !test.holds(value),
            Self::Value(place, check) => check.passes(value(place)),
        }
    }

    /// What must hold in any case.
    pub(super) fn certain(&self) -> &[Self] {
        match self {
            Self::All(tests) => tests,
            single => std::slice::from_ref(single),
        }
    }
}

/// What must hold of a value.
#[derive(Debug)]
pub(super) enum Check {
    /// It compares so with another. `true`: the case of letters counts.
    Compare(Comparison, Value, bool),
    /// It compares so with all that lies from one value up to another.
    Span(Comparison, Value, Value),
    /// It has this pattern.
    Like(Vec<Wild>),
    /// It is one of these.
    In(Set),
    /// It is a list that has all parts of one of these.
    Includes(Vec<Vec<String>>),
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wild {
    /// This character, in small letters.
    One(char),
    /// Any character.
    Any,
    /// Any characters, or none.
    Rest,
}

impl Check {
    fn passes(&self, value: &Value) -> bool {
        match self {
            Self::Compare(comparison, other, exact) => compares(*comparison, value, other, *exact),
            Self::Span(comparison, from, to) => {
                if value.is_null() {
                    return *comparison == Comparison::Different;
                }
                let before = compare(value, from, true) == Ordering::Less;
                let behind = compare(value, to, true) != Ordering::Less;
                match comparison {
                    Comparison::Equal => !before && !behind,
                    Comparison::Different => before || behind,
                    Comparison::Less => before,
                    Comparison::AtMost => !behind,
                    Comparison::Greater => behind,
                    Comparison::AtLeast => !before,
                    Comparison::Like => false,
                }
            }
            Self::Like(pattern) => value.as_text().is_some_and(|text| is_like(text, pattern)),
            Self::In(set) => set.contains(value),
            Self::Includes(lists) => {
                let parts: Vec<String> =
                    value.as_text().unwrap_or_default().split(';').map(str::to_lowercase).collect();
                !value.is_null() && lists.iter().any(|list| list.iter().all(|part| parts.contains(part)))
            }
        }
    }
}

fn compares(comparison: Comparison, value: &Value, other: &Value, exact: bool) -> bool {
    if value.is_null() || other.is_null() {
        let same = value.is_null() && other.is_null();
        return match comparison {
            Comparison::Equal => same,
            Comparison::Different => !same,
            _ => false,
        };
    }
    let ordering = compare(value, other, exact);
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::Different => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::AtMost => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::AtLeast => ordering.is_ge(),
        Comparison::Like => false,
    }
}

/// The order of two values of one type; nothing comes before everything.
pub(super) fn compare(one: &Value, other: &Value, exact: bool) -> Ordering {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) if exact => one.cmp(other),
        (Value::Text(one), Value::Text(other)) => {
            let small = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
            if one.is_ascii() && other.is_ascii() {
                let small = |byte: u8| byte.to_ascii_lowercase();
                return one.bytes().map(small).cmp(other.bytes().map(small));
            }
            small(one).cmp(&small(other))
        }
        (Value::Number(one), Value::Number(other)) => one.cmp(other),
        (Value::Flag(one), Value::Flag(other)) => one.cmp(other),
        (Value::Date(one), Value::Date(other)) => one.cmp(other),
        (Value::Moment(one), Value::Moment(other)) => one.cmp(other),
        (Value::Time(one), Value::Time(other)) => one.cmp(other),
        (Value::Id(one), Value::Id(other)) => one.cmp(other),
        (one, other) => other.is_null().cmp(&one.is_null()),
    }
}

/// Goes on from the last `Rest` whenever what follows it fails, so that no text takes more than its length times that
/// of the pattern.
fn is_like(text: &str, pattern: &[Wild]) -> bool {
    let letters: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut at, mut part) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while at < letters.len() {
        match pattern.get(part) {
            Some(Wild::Rest) => {
                part += 1;
                again = Some((part, at));
            }
            Some(wild) if *wild == Wild::Any || *wild == Wild::One(letters[at]) => {
                at += 1;
                part += 1;
            }
            _ => match &mut again {
                Some((from, next)) => {
                    *next += 1;
                    (part, at) = (*from, *next);
                }
                None => return false,
            },
        }
    }
    pattern[part..].iter().all(|wild| *wild == Wild::Rest)
}

/// Values among which others are looked up.
#[derive(Debug, Default)]
pub(super) struct Set {
    /// Ids.
    pub(super) ids: HashSet<Id>,
    /// Texts under their spelling in small letters; `true` beside those whose case counts.
    pub(super) texts: HashMap<String, Vec<String>>,
    exact: bool,
    others: Vec<Value>,
    has_nothing: bool,
}

impl Set {
    /// An empty set. `exact`: the case of letters counts.
    pub(super) fn new(exact: bool) -> Self {
        Self { exact, ..Self::default() }
    }

    /// Adds a value.
    pub(super) fn add(&mut self, value: Value) {
        match value {
            Value::Null => self.has_nothing = true,
            Value::Id(id) => drop(self.ids.insert(id)),
            Value::Text(text) => self.texts.entry(text.to_lowercase()).or_default().push(text),
            other => self.others.push(other),
        }
    }

    fn contains(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.has_nothing,
            Value::Id(id) => self.ids.contains(id),
            Value::Text(text) => self
                .texts
                .get(&text.to_lowercase())
                .is_some_and(|known| !self.exact || known.iter().any(|known| known == text)),
            other => self.others.iter().any(|known| compare(known, other, true).is_eq()),
        }
    }

    /// The values, if all of them can be looked up in an index.
    pub(super) fn keys(&self) -> Option<Vec<Value>> {
        if self.has_nothing || !self.others.is_empty() {
            return None;
        }
        let texts = self.texts.keys().map(|text| Value::Text(text.clone()));
        Some(self.ids.iter().map(|id| Value::Id(*id)).chain(texts).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        let wild = |letter| match letter {
            '%' => Wild::Rest,
            '_' => Wild::Any,
            letter => Wild::One(letter),
        };
        is_like(text, &pattern.chars().map(wild).collect::<Vec<_>>())
    }

    #[test]
    fn patterns_match_whole_texts_without_regard_to_case() {
        assert!(like("Acme Corp", "acme%"));
        assert!(like("Acme Corp", "%co_p"));
        assert!(like("abcabd", "%ab%d"));
        assert!(like("", "%"));
        assert!(!like("Acme Corp", "acme"));
        assert!(!like("Acme Corp", "_cme"));
    }

    #[test]
    fn a_pattern_of_many_wildcards_does_not_take_for_ever() {
        assert!(!like(&"a".repeat(4000), &("%a".repeat(300) + "%b")));
    }

    #[test]
    fn nothing_is_different_from_everything_and_neither_less_nor_greater() {
        let one = Value::Number(1.into());
        assert!(compares(Comparison::Different, &Value::Null, &one, false));
        assert!(!compares(Comparison::Less, &Value::Null, &one, false));
        assert!(!compares(Comparison::AtLeast, &Value::Null, &one, false));
        assert!(compares(Comparison::Equal, &Value::Null, &Value::Null, false));
    }
}
