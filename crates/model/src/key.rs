//! The key that a destination enforces: the source's application, type and id in one text.

use std::fmt;

use crate::value::SmolStr;

/// An external id that is unique across record types and survives a destination that ignores case.
///
/// NetSuite keeps one namespace for all transactions (and one for all entities, one for all items) and compares
/// without regard to case, while other systems' ids tell `a` from `A`. So the key names its type, and each
/// capital letter is written as `_` and the small letter, `_` itself as `__`: two different ids never meet.
/// Alphabet: letters, digits, `_`, `-`, the one that NetSuite documents for `eid:` in addresses
/// (Oracle help, section 156334828635, read 2026-11-21).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalKey(SmolStr);

impl ExternalKey {
    /// The key of a source record: `zuora-invoice-2c92a0f9...`.
    pub fn new(application: &str, object: &str, id: &str) -> Self {
        let mut key = String::with_capacity(application.len() + object.len() + id.len() + 2);
        key.extend(application.chars().map(|letter| letter.to_ascii_lowercase()));
        key.push('-');
        key.extend(object.chars().map(|letter| letter.to_ascii_lowercase()));
        key.push('-');
        for letter in id.chars() {
            match letter {
                'a'..='z' | '0'..='9' | '-' => key.push(letter),
                'A'..='Z' => key.extend(['_', letter.to_ascii_lowercase()]),
                '_' => key.push_str("__"),
                other => key.push_str(&format!("_-{:x}-", u32::from(other))),
            }
        }
        Self(key.into())
    }

    /// The key as the destination holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_zuora_id_reads_as_itself() {
        assert_eq!(ExternalKey::new("zuora", "Invoice", "2c92a0f9").as_str(), "zuora-invoice-2c92a0f9");
    }

    #[test]
    fn two_types_with_the_same_id_have_two_keys() {
        assert_ne!(ExternalKey::new("zuora", "Invoice", "1"), ExternalKey::new("zuora", "Payment", "1"));
    }

    proptest! {
        #[test]
        fn different_ids_stay_different_for_a_destination_that_ignores_case(a in "[ -~]{0,12}", b in "[ -~]{0,12}") {
            let (key_a, key_b) = (ExternalKey::new("s", "o", &a), ExternalKey::new("s", "o", &b));
            prop_assert_eq!(a == b, key_a.as_str().eq_ignore_ascii_case(key_b.as_str()));
        }

        #[test]
        fn a_key_is_written_in_the_documented_alphabet(id in "\\PC{0,12}") {
            let key = ExternalKey::new("zuora", "Invoice", &id);
            prop_assert!(key.as_str().chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        }
    }
}
