//! Groups of rows and the figures over them.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::Found;
use super::plan::{Aggregate, Grouping, Plan, Tuple, tuples};
use super::tables::Row;
use super::term::Scope;
use super::value::Sql;
use crate::netsuite::errors::Verdict;
use crate::netsuite::store::Store;

/// Groups the rows of a query. Without keys all rows are one group, even if there are none.
pub(super) fn groups<'a>(plan: &'a Plan, grouping: &'a Grouping, store: &'a Store) -> Verdict<Vec<Found<'a>>> {
    let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
    let mut groups: Vec<(Tuple<'a>, Vec<Figure>)> = Vec::new();
    let fresh = || grouping.aggregates.iter().map(Figure::new).collect::<Vec<_>>();
    for tuple in tuples(plan, store)? {
        let place = {
            let scope = Scope { store, tuple: &tuple, row_number: 0, aggregates: &[] };
            let key = grouping.keys.iter().map(|key| key.value(&scope).show()).collect();
            *places.entry(key).or_insert(groups.len())
        };
        if place == groups.len() {
            groups.push((tuple.clone(), fresh()));
        }
        let Some((_, figures)) = groups.get_mut(place) else { continue };
        let scope = Scope { store, tuple: &tuple, row_number: 0, aggregates: &[] };
        for (figure, aggregate) in figures.iter_mut().zip(&grouping.aggregates) {
            figure.add(aggregate, &scope);
        }
    }
    if groups.is_empty() && grouping.keys.is_empty() {
        groups.push((vec![Row::Nothing; plan.sources.len()].into_boxed_slice(), fresh()));
    }
    let found = groups.into_iter().enumerate().map(|(at, (tuple, figures))| Found {
        tuple,
        aggregates: figures.into_iter().map(Figure::value).collect(),
        row_number: at + 1,
    });
    Ok(found.filter(|row| passes(grouping, store, row)).collect())
}

fn passes(grouping: &Grouping, store: &Store, row: &Found<'_>) -> bool {
    let scope = Scope { store, tuple: &row.tuple, row_number: row.row_number, aggregates: &row.aggregates };
    grouping.having.as_ref().is_none_or(|having| having.holds(&scope) == Some(true))
}

/// A figure in the making.
enum Figure {
    Count(i64),
    Distinct(HashSet<String>),
    Sum(Option<Decimal>),
    Average(Decimal, i64),
    Extreme(Sql<'static>, Ordering),
}

impl Figure {
    fn new(aggregate: &Aggregate) -> Self {
        match aggregate {
            Aggregate::Rows | Aggregate::Count(_) => Self::Count(0),
            Aggregate::Distinct(_) => Self::Distinct(HashSet::new()),
            Aggregate::Sum(_) => Self::Sum(None),
            Aggregate::Average(_) => Self::Average(Decimal::ZERO, 0),
            Aggregate::Extreme(_, wanted) => Self::Extreme(Sql::Null, *wanted),
        }
    }

    /// Adds a row; what is empty does not count.
    fn add(&mut self, aggregate: &Aggregate, scope: &Scope<'_>) {
        let value = match aggregate {
            Aggregate::Rows => Sql::integer(1),
            Aggregate::Count(term)
            | Aggregate::Distinct(term)
            | Aggregate::Sum(term)
            | Aggregate::Average(term)
            | Aggregate::Extreme(term, _) => owned_value(term, scope),
        };
        if value.is_null() {
            return;
        }
        match self {
            Self::Count(count) => *count += 1,
            Self::Distinct(seen) => drop(seen.insert(value.show().unwrap_or_default())),
            Self::Sum(sum) => *sum = value.number().map(|number| sum.unwrap_or_default() + number).or(*sum),
            Self::Average(sum, count) => {
                *sum += value.number().unwrap_or_default();
                *count += 1;
            }
            Self::Extreme(best, wanted) => {
                if best.is_null() || value.compare(best) == Some(*wanted) {
                    *best = value;
                }
            }
        }
    }

    fn value(self) -> Sql<'static> {
        match self {
            Self::Count(count) => Sql::integer(count),
            Self::Distinct(seen) => Sql::integer(i64::try_from(seen.len()).unwrap_or(i64::MAX)),
            Self::Sum(sum) => sum.map_or(Sql::Null, Sql::Number),
            Self::Average(_, 0) => Sql::Null,
            Self::Average(sum, count) => Sql::Number(sum / Decimal::from(count)),
            Self::Extreme(best, _) => best,
        }
    }
}

fn owned_value(term: &super::term::Term, scope: &Scope<'_>) -> Sql<'static> {
    term.value(scope).owned()
}
