//! Conditions on records, and the shortest way to the records that may match.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::schema::{FieldNo, ID, Kind, Object};
use super::store::Store;
use super::value::{self, Cell};

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum Filter {
    /// All of these hold; of none all do.
    All(Vec<Filter>),
    /// One of these holds.
    Any(Vec<Filter>),
    /// A field of the record, or of one that it refers to, is so.
    Test { relation: Option<(FieldNo, Object)>, field: FieldNo, ask: Ask },
}

/// What is asked of a field. A null satisfies nothing but [`Ask::Null`].
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Null,
    In(HashSet<Cell>),
    NotIn(HashSet<Cell>),
    Ordered(Order, Cell),
    /// It matches this pattern of `%` and `_`.
    Like(Vec<char>),
}

/// Orders between a field and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Filter {
    /// The records that match, the oldest first.
    pub(crate) fn rows(&self, store: &Store, object: Object) -> Vec<u32> {
        let matches = |row: &u32| self.holds(store, object, *row);
        match self.candidates(store, object) {
            Some(rows) => rows.into_iter().filter(matches).collect(),
            None => store.rows_from(object, 0).filter(matches).collect(),
        }
    }

    fn holds(&self, store: &Store, object: Object, row: u32) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.holds(store, object, row)),
            Self::Any(filters) => filters.iter().any(|filter| filter.holds(store, object, row)),
            Self::Test { relation: None, field, ask } => ask.holds(store.cell(object, row, *field).as_ref()),
            Self::Test { relation: Some((reference, other)), field, ask } => {
                let id = store.cell(object, row, *reference);
                let found = id.as_ref().and_then(Cell::as_text).and_then(|id| store.by_id(*other, id));
                ask.holds(found.and_then(|row| store.cell(*other, row, *field)).as_ref())
            }
        }
    }

    /// The records that may match, if an index tells them.
    fn candidates(&self, store: &Store, object: Object) -> Option<Vec<u32>> {
        match self {
            Self::All(filters) => filters.iter().find_map(|filter| filter.candidates(store, object)),
            Self::Any(filters) => {
                let lists: Option<Vec<_>> = filters.iter().map(|filter| filter.candidates(store, object)).collect();
                Some(sorted(lists?.concat()))
            }
            Self::Test { relation, field, ask: Ask::In(cells) } => {
                let field = match relation {
                    None => *field,
                    // A reference holds the other record's id.
                    Some((reference, _)) if *field == ID => *reference,
                    Some(_) => return None,
                };
                let lists: Option<Vec<_>> = cells.iter().map(|cell| store.equal(object, field, cell)).collect();
                Some(sorted(lists?.concat()))
            }
            Self::Test { .. } => None,
        }
    }
}

fn sorted(mut rows: Vec<u32>) -> Vec<u32> {
    rows.sort_unstable();
    rows.dedup();
    rows
}

impl Ask {
    fn holds(&self, cell: Option<&Cell>) -> bool {
        match (self, cell) {
            (Self::Null, cell) => cell.is_none(),
            (_, None) => false,
            (Self::In(cells), Some(cell)) => cells.contains(cell),
            (Self::NotIn(cells), Some(cell)) => !cells.contains(cell),
            (Self::Ordered(order, bound), Some(cell)) => order.holds(cell.compare(bound)),
            (Self::Like(pattern), Some(cell)) => cell.as_text().is_some_and(|text| like(pattern, text)),
        }
    }
}

impl Order {
    fn holds(self, found: Ordering) -> bool {
        match self {
            Self::Less => found.is_lt(),
            Self::AtMost => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::AtLeast => found.is_ge(),
        }
    }
}

/// Whether a text matches a pattern in which `%` stands for any characters and `_` for one.
fn like(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    // Where to go on if what followed the last `%` does not fit.
    let mut retry: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some('%') => {
                retry = Some((at + 1, place));
                at += 1;
            }
            Some(sign) if *sign == '_' || *sign == text[place] => (at, place) = (at + 1, place + 1),
            _ => match retry.as_mut() {
                Some((after, tried)) => {
                    *tried += 1;
                    (at, place) = (*after, *tried);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|sign| *sign == '%')
}

/// Reads what a field is compared with. `Active` and `Activated` are one state of an order, in any case.
pub(crate) fn literal(object: Object, field: &str, kind: Kind, text: &str) -> Result<Cell, String> {
    if object == Object::Order && field == "status" {
        let word = match text.to_ascii_lowercase().as_str() {
            "active" | "activated" => "Activated",
            "draft" => "Draft",
            "canceled" => "Canceled",
            _ => text,
        };
        return Ok(Cell::text(word));
    }
    value::literal(text, kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_matched_from_end_to_end() {
        let matches = |pattern: &str, text| like(&pattern.chars().collect::<Vec<_>>(), text);
        assert!(
            matches("INV-%7", "INV-0707") && matches("%", "") && matches("_bc", "abc") && matches("a%b%c", "aXbYbc")
        );
        assert!(!matches("INV-%7", "INV-0708") && !matches("abc", "ab") && !matches("a", "ab") && !matches("_", ""));
    }
}
