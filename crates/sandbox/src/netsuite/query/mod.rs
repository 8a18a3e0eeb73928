//! SuiteQL.

mod compile;
mod format;
mod functions;
mod group;
mod plan;
mod tables;
mod term;
mod value;

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use self::plan::{Order, Plan, Tuple};
use self::term::Scope;
use self::value::Sql;
use super::errors::Verdict;
use super::store::Store;

/// A page of a query's results.
#[derive(Debug)]
pub(crate) struct Results {
    /// The rows of the page.
    pub(crate) items: Vec<Json>,
    /// How many rows there are in all.
    pub(crate) total: usize,
}

/// A row of the result, before its items are computed.
struct Found<'a> {
    tuple: Tuple<'a>,
    aggregates: Vec<Sql<'static>>,
    row_number: usize,
}

/// Runs a query and answers a page of its results.
///
/// # Errors
/// The vendor's refusal of the query.
pub(crate) fn run(
    store: &Store,
    text: &str,
    parameters: &[String],
    now: Timestamp,
    limit: usize,
    offset: usize,
) -> Verdict<Results> {
    let plan = compile::compile(text, parameters, now.to_zoned(TimeZone::UTC).datetime())?;
    let mut found: Vec<Found<'_>> = match &plan.grouping {
        Some(grouping) => group::groups(&plan, grouping, store)?,
        None => {
            let tuples = plan::tuples(&plan, store)?;
            tuples
                .into_iter()
                .enumerate()
                .map(|(at, tuple)| Found { tuple, aggregates: Vec::new(), row_number: at + 1 })
                .collect()
        }
    };
    if plan.distinct {
        let mut seen = HashSet::new();
        found.retain(|row| seen.insert(shown(&plan, store, row)));
    }
    sort(&plan.order, store, &mut found);
    found.truncate(plan.fetch.unwrap_or(usize::MAX));
    let items = found.iter().skip(offset).take(limit).map(|row| item(&plan, store, row)).collect();
    Ok(Results { items, total: found.len() })
}

fn scope<'a>(store: &'a Store, row: &'a Found<'a>) -> Scope<'a> {
    Scope { store, tuple: &row.tuple, row_number: row.row_number, aggregates: &row.aggregates }
}

fn shown(plan: &Plan, store: &Store, row: &Found<'_>) -> Vec<Option<String>> {
    plan.items.iter().map(|(_, term)| term.value(&scope(store, row)).show()).collect()
}

/// Every value is a text; what is empty is left out.
fn item(plan: &Plan, store: &Store, row: &Found<'_>) -> Json {
    let mut item = Map::new();
    item.insert("links".to_owned(), json!([]));
    for ((name, _), text) in plan.items.iter().zip(shown(plan, store, row)) {
        if let Some(text) = text {
            item.insert(name.clone(), json!(text));
        }
    }
    Json::Object(item)
}

fn sort(order: &[Order], store: &Store, found: &mut [Found<'_>]) {
    if order.is_empty() {
        return;
    }
    found.sort_by_cached_key(|row| {
        let keys = order.iter().map(|order| Key {
            value: order.term.value(&scope(store, row)).owned(),
            descending: order.descending,
            nulls_first: order.nulls_first,
        });
        keys.collect::<Vec<_>>()
    });
}

/// A value to sort by.
#[derive(PartialEq)]
struct Key {
    value: Sql<'static>,
    descending: bool,
    nulls_first: bool,
}

impl Eq for Key {}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = self.value.order(&other.value);
        match (self.value.is_null(), other.value.is_null()) {
            (true, false) | (false, true) if self.nulls_first => order.reverse(),
            (false, false) if self.descending => order.reverse(),
            _ => order,
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests;
