//! Conditions on records, compiled once and tested on many; and the shortest way to the records that may match.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::schema::{Entity, FieldNo};
use super::store::Store;
use super::value::Cell;

/// A filter: one of the groups must hold, with all its tests. No groups: everything matches.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    groups: Vec<Vec<Test>>,
}

/// A test of one field.
#[derive(Debug)]
pub(crate) struct Test {
    /// The field.
    pub(crate) field: FieldNo,
    /// What is asked of it.
    pub(crate) ask: Ask,
}

/// What is asked of a field. A null satisfies nothing but [`Ask::Null`].
#[derive(Debug)]
pub(crate) enum Ask {
    /// Nothing satisfies it: the literal cannot be a value of the field.
    Never,
    /// It is null.
    Null,
    /// It is not null.
    NotNull,
    /// It is one of these.
    OneOf(HashSet<Cell>),
    /// It is none of these.
    NoneOf(HashSet<Cell>),
    /// It is one of these texts in any case; they are held in lower case.
    OneOfFolded(HashSet<String>),
    /// It is none of these texts in any case.
    NoneOfFolded(HashSet<String>),
    /// It stands in this order to the value.
    Ordered(Order, Cell),
    /// It matches this pattern of `%` and `_`.
    Like(Vec<char>),
    /// It begins so, in any case; the text is in lower case.
    Starts(String),
}

/// Orders between a field and a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Filter {
    /// A filter of groups; equalities of one field that stand alone are gathered, so that hundreds cost one look-up.
    pub(crate) fn new(groups: Vec<Vec<Test>>) -> Self {
        let mut gathered: Vec<Vec<Test>> = Vec::new();
        for group in groups {
            let (field, values) = match group.as_slice() {
                [Test { field, ask: Ask::OneOf(values) }] => (*field, values),
                _ => {
                    gathered.push(group);
                    continue;
                }
            };
            let same = gathered.iter_mut().find_map(|other| match other.as_mut_slice() {
                [Test { field: held, ask: Ask::OneOf(all) }] if *held == field => Some(all),
                _ => None,
            });
            match same {
                Some(all) => all.extend(values.iter().cloned()),
                None => gathered.push(group),
            }
        }
        Self { groups: gathered }
    }

    /// Whether a record matches.
    pub(crate) fn matches(&self, store: &Store, entity: Entity, row: u32) -> bool {
        self.groups.is_empty()
            || self.groups.iter().any(|group| group.iter().all(|test| test.holds(store, entity, row)))
    }

    /// The positions of all records that match, in no particular order.
    pub(crate) fn select(&self, store: &Store, entity: Entity) -> Vec<u32> {
        match self.candidates(store, entity) {
            Some(rows) => rows.into_iter().filter(|row| self.matches(store, entity, *row)).collect(),
            None => store.table(entity).live_rows().filter(|row| self.matches(store, entity, *row)).collect(),
        }
    }

    /// The records that an index names; `None` if every record must be looked at.
    pub(crate) fn candidates(&self, store: &Store, entity: Entity) -> Option<Vec<u32>> {
        if self.groups.is_empty() {
            return None;
        }
        let mut rows = Vec::new();
        for group in &self.groups {
            rows.extend(group.iter().find_map(|test| test.candidates(store, entity))?);
        }
        rows.sort_unstable();
        rows.dedup();
        Some(rows)
    }
}

impl Test {
    fn candidates(&self, store: &Store, entity: Entity) -> Option<Vec<u32>> {
        match &self.ask {
            Ask::Never => Some(Vec::new()),
            Ask::OneOf(values) => store.rows_with(entity, self.field, &values.iter().cloned().collect::<Vec<_>>()),
            Ask::OneOfFolded(values) => {
                store.rows_with(entity, self.field, &values.iter().map(|value| Cell::text(value)).collect::<Vec<_>>())
            }
            _ => None,
        }
    }

    fn holds(&self, store: &Store, entity: Entity, row: u32) -> bool {
        let cell = store.cell(entity, row, self.field);
        let Some(cell) = cell else { return matches!(self.ask, Ask::Null) };
        match &self.ask {
            Ask::Never | Ask::Null => false,
            Ask::NotNull => true,
            Ask::OneOf(values) => values.contains(&cell),
            Ask::NoneOf(values) => !values.contains(&cell),
            Ask::OneOfFolded(values) => folded(&cell).is_some_and(|text| values.contains(&text)),
            Ask::NoneOfFolded(values) => folded(&cell).is_some_and(|text| !values.contains(&text)),
            Ask::Ordered(order, value) => order.holds(cell.compare(value)),
            Ask::Like(pattern) => match &cell {
                Cell::Text(text) => like(pattern, &text.chars().collect::<Vec<_>>()),
                _ => false,
            },
            Ask::Starts(start) => folded(&cell).is_some_and(|text| text.starts_with(start)),
        }
    }
}

impl Order {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

fn folded(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.to_lowercase()),
        _ => None,
    }
}

/// Whether a text matches a pattern in which `%` stands for any characters and `_` for one.
fn like(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where to go on when a guess about the last `%` fails.
    let mut again: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(from) {
            Some('%') => {
                again = Some((from + 1, at));
                from += 1;
            }
            Some(letter) if *letter == '_' || *letter == text[at] => {
                from += 1;
                at += 1;
            }
            _ => match &mut again {
                Some((after, start)) => {
                    *start += 1;
                    (from, at) = (*after, *start);
                }
                None => return false,
            },
        }
    }
    pattern[from..].iter().all(|letter| *letter == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        like(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn a_pattern_matches_as_in_sql() {
        assert!(matches("Comp%", "Company"));
        assert!(matches("%any", "Company"));
        assert!(matches("%mp%n%", "Company"));
        assert!(matches("C_mpany", "Company"));
        assert!(matches("%", ""));
        assert!(!matches("comp%", "Company"));
        assert!(!matches("C_ompany", "Company"));
        assert!(!matches("%a", "Company"));
    }
}
