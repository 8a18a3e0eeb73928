//! Expressions and conditions, resolved and ready to be evaluated.

use std::cmp::Ordering;
use std::collections::HashSet;

use rust_decimal::{Decimal, RoundingStrategy};

use super::functions::{self, Function};
use super::tables::{Column, Row};
use super::value::Sql;
use crate::netsuite::store::Store;

/// What an expression is evaluated in.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The account's records.
    pub(super) store: &'a Store,
    /// A row of each table of the query.
    pub(super) tuple: &'a [Row<'a>],
    /// The number of this row among those that passed.
    pub(super) row_number: usize,
    /// The aggregates of the group.
    pub(super) aggregates: &'a [Sql<'static>],
}

/// An operator between numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    Constant(Sql<'static>),
    Column {
        source: usize,
        column: &'static Column,
    },
    /// `BUILTIN.DF`: the name of what a column refers to.
    Display {
        source: usize,
        column: &'static Column,
    },
    Call(Function, Vec<Term>),
    Calculate(Arithmetic, Box<Term>, Box<Term>),
    Case(Vec<(Test, Term)>, Box<Term>),
    RowNumber,
    Aggregate(usize),
}

/// A condition. Its outcome may be unknown, which counts as no at the end.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compare(Term, &'static [Ordering], Term),
    /// A list of constants, looked up by their text.
    Listed(Term, HashSet<String>),
    In(Term, Vec<Term>),
    Like(Term, Term),
    Null(Term),
}

impl Term {
    /// The value in a scope.
    pub(super) fn value<'a>(&'a self, scope: &Scope<'a>) -> Sql<'a> {
        match self {
            Self::Constant(value) => value.borrow(),
            Self::Column { source, column } => column.of(scope.store, scope.tuple[*source]),
            Self::Display { source, column } => display(scope, *source, column),
            Self::Call(function, arguments) => functions::call(*function, arguments, scope),
            Self::Calculate(operator, left, right) => calculate(*operator, &left.value(scope), &right.value(scope)),
            Self::Case(branches, otherwise) => {
                match branches.iter().find(|(test, _)| test.holds(scope) == Some(true)) {
                    Some((_, term)) => term.value(scope),
                    None => otherwise.value(scope),
                }
            }
            Self::RowNumber => Sql::integer(i64::try_from(scope.row_number).unwrap_or(i64::MAX)),
            Self::Aggregate(at) => scope.aggregates.get(*at).map_or(Sql::Null, Sql::borrow),
        }
    }

    /// Calls `visit` with each table that the expression reads.
    pub(super) fn sources(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Self::Column { source, .. } | Self::Display { source, .. } => visit(*source),
            Self::Call(_, arguments) => arguments.iter().for_each(|argument| argument.sources(visit)),
            Self::Calculate(_, left, right) => [left, right].iter().for_each(|side| side.sources(visit)),
            Self::Case(branches, otherwise) => {
                for (test, term) in branches {
                    test.sources(visit);
                    term.sources(visit);
                }
                otherwise.sources(visit);
            }
            Self::Constant(_) | Self::RowNumber | Self::Aggregate(_) => {}
        }
    }

    /// Whether the expression reads a column that is not among the grouped ones.
    pub(super) fn is_loose(&self, grouped: &[Term]) -> bool {
        if grouped.contains(self) {
            return false;
        }
        match self {
            Self::Column { .. } | Self::Display { .. } | Self::RowNumber => true,
            Self::Call(_, arguments) => arguments.iter().any(|argument| argument.is_loose(grouped)),
            Self::Calculate(_, left, right) => left.is_loose(grouped) || right.is_loose(grouped),
            Self::Case(branches, otherwise) => {
                branches.iter().any(|(_, term)| term.is_loose(grouped)) || otherwise.is_loose(grouped)
            }
            Self::Constant(_) | Self::Aggregate(_) => false,
        }
    }

    /// A constant's value.
    pub(super) fn constant(&self) -> Option<&Sql<'static>> {
        match self {
            Self::Constant(value) => Some(value),
            _ => None,
        }
    }
}

fn display<'a>(scope: &Scope<'a>, source: usize, column: &Column) -> Sql<'a> {
    match column.of(scope.store, scope.tuple[source]) {
        Sql::Ref(reference) => scope.store.reference_name(reference).map_or(Sql::Null, Sql::text),
        Sql::Text(text) if column.name == "status" => match (scope.tuple[source], text.as_ref()) {
            (Row::Record(record), "A") => {
                Sql::text(if record.kind.name == "invoice" { "Invoice : Open" } else { "Credit Memo : Open" })
            }
            (Row::Record(record), _) => Sql::text(if record.kind.name == "invoice" {
                "Invoice : Paid In Full"
            } else {
                "Credit Memo : Fully Applied"
            }),
            _ => Sql::Text(text),
        },
        Sql::Text(text) if column.name == "type" => Sql::text(match text.as_ref() {
            "CustInvc" => "Invoice".to_owned(),
            "CustCred" => "Credit Memo".to_owned(),
            other => other.to_owned(),
        }),
        other => other.show().map_or(Sql::Null, Sql::text),
    }
}

fn calculate<'a>(operator: Arithmetic, left: &Sql<'a>, right: &Sql<'a>) -> Sql<'a> {
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Sql::Null };
    let result = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide if right.is_zero() => None,
        Arithmetic::Divide => left.checked_div(right),
    };
    result.map_or(Sql::Null, Sql::Number)
}

impl Test {
    /// Whether the condition holds; `None`: unknown.
    pub(super) fn holds(&self, scope: &Scope<'_>) -> Option<bool> {
        match self {
            Self::All(tests) => tests
                .iter()
                .try_fold(Some(true), |known, test| match test.holds(scope) {
                    Some(false) => Err(Some(false)),
                    Some(true) => Ok(known),
                    None => Ok(None),
                })
                .unwrap_or_else(|decided| decided),
            Self::Any(tests) => tests
                .iter()
                .try_fold(Some(false), |known, test| match test.holds(scope) {
                    Some(true) => Err(Some(true)),
                    Some(false) => Ok(known),
                    None => Ok(None),
                })
                .unwrap_or_else(|decided| decided),
            Self::Not(test) => test.holds(scope).map(|held| !held),
            Self::Compare(left, orders, right) => {
                left.value(scope).compare(&right.value(scope)).map(|order| orders.contains(&order))
            }
            Self::Listed(term, texts) => match term.value(scope) {
                Sql::Null => None,
                Sql::Text(text) => Some(texts.contains(text.as_ref())),
                other => other.show().map(|text| texts.contains(&text)),
            },
            Self::In(term, list) => {
                let value = term.value(scope);
                if value.is_null() {
                    return None;
                }
                Some(list.iter().any(|one| value.compare(&one.value(scope)) == Some(Ordering::Equal)))
            }
            Self::Like(term, pattern) => {
                let (value, pattern) = (term.value(scope).show()?, pattern.value(scope).show()?);
                Some(is_like(&value.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>()))
            }
            Self::Null(term) => Some(term.value(scope).is_null()),
        }
    }

    /// Calls `visit` with each table that the condition reads.
    pub(super) fn sources(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().for_each(|test| test.sources(visit)),
            Self::Not(test) => test.sources(visit),
            Self::Compare(left, _, right) | Self::Like(left, right) => {
                left.sources(visit);
                right.sources(visit);
            }
            Self::Listed(term, _) | Self::Null(term) => term.sources(visit),
            Self::In(term, list) => {
                term.sources(visit);
                list.iter().for_each(|one| one.sources(visit));
            }
        }
    }

    /// Whether the condition asks for the row's number.
    pub(super) fn counts_rows(&self) -> bool {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::counts_rows),
            Self::Not(test) => test.counts_rows(),
            Self::Compare(left, _, right) => *left == Term::RowNumber || *right == Term::RowNumber,
            _ => false,
        }
    }

    /// The conditions that must all hold.
    pub(super) fn conjuncts(self) -> Vec<Test> {
        match self {
            Self::All(tests) => tests.into_iter().flat_map(Self::conjuncts).collect(),
            other => vec![other],
        }
    }
}

/// `%` stands for any letters, `_` for one.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                retry = Some((in_pattern + 1, at));
                in_pattern += 1;
            }
            Some(letter) if *letter == '_' || *letter == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    in_pattern = after;
                    at = from + 1;
                    retry = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|letter| *letter == '%')
}

/// Rounds as Oracle's `ROUND` does.
pub(super) fn round(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_both_wildcards() {
        let like = |text: &str, pattern: &str| {
            is_like(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>())
        };
        assert!(like("zinv-100", "zinv-%") && like("abc", "a_c") && like("aXbXc", "%X%c") && like("", "%"));
        assert!(!like("abc", "a_") && !like("abc", "b%") && !like("ABC", "abc"));
    }
}
