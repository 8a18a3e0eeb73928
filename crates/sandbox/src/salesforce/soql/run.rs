//! Runs a plan: which records, in which order.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::ast::Comparison;
use super::plan::{Order, Plan, Route};
use super::test::{self, Check, Test};
use crate::salesforce::id::Id;
use crate::salesforce::rights::Sight;
use crate::salesforce::schema::{ID, STAMP};
use crate::salesforce::store::{Row, Table};
use crate::salesforce::value::Value;

/// From where records are taken before they are tested.
enum From {
    /// Those with these values in an indexed field.
    Keys(usize, Vec<Value>),
    /// Those that changed at a moment or later, in the order of their changes.
    Since(Timestamp),
    /// All, in the order of their ids.
    All,
}

/// All records that a plan's condition lets pass, whatever its order and its limit.
pub(super) fn matching<'a>(sight: &Sight<'a>, plan: &Plan) -> Vec<&'a Row> {
    let table = sight.store.table(plan.object);
    passing(sight, plan, table, source(plan, table), usize::MAX)
}

/// The records that a plan asks for. `within`: only those whose field refers to this record.
pub(super) fn rows<'a>(sight: &Sight<'a>, plan: &Plan, within: Option<(usize, Id)>) -> Vec<&'a Row> {
    let table = sight.store.table(plan.object);
    let from = match within {
        Some((field, id)) => From::Keys(field, vec![Value::Id(id)]),
        None => source(plan, table),
    };
    let limit = plan.limit.unwrap_or(usize::MAX);
    let is_sorted = is_sorted(&from, &plan.order);
    let most = if is_sorted { plan.offset.saturating_add(limit) } else { usize::MAX };
    let mut rows = passing(sight, plan, table, from, most);
    if !is_sorted {
        let key = |row: &&'a Row, route: &Route| route.value(sight, row, plan.all).clone();
        rows = sorted(rows, &plan.order, key);
    }
    rows.into_iter().skip(plan.offset).take(limit).collect()
}

/// The first so many records that a plan's condition lets pass.
fn passing<'a>(sight: &Sight<'a>, plan: &Plan, table: &'a Table, from: From, most: usize) -> Vec<&'a Row> {
    let passes = |row: &&'a Row| {
        (plan.all || !row.is_deleted())
            && sight.sees(row)
            && plan.filter.as_ref().is_none_or(|test| test.holds(&|route| route.value(sight, row, plan.all)))
    };
    match from {
        From::All => table.iter().map(|row| &**row).filter(passes).take(most).collect(),
        From::Since(moment) => table.since(moment).map(|row| &**row).filter(passes).take(most).collect(),
        From::Keys(field, keys) => {
            let found = keys.iter().flat_map(|key| table.look_up(field, key)).map(|row| &**row);
            let mut rows: Vec<&Row> = found.filter(passes).collect();
            rows.sort_unstable_by_key(|row| row.id);
            rows
        }
    }
}

/// Where the fewest records are to be looked at.
fn source(plan: &Plan, table: &Table) -> From {
    let mut best = From::All;
    for test in plan.filter.iter().flat_map(|test| test.certain()) {
        let Test::Value(route, check) = test else { continue };
        let Some(field) = route.own().filter(|field| table.is_indexed(*field)) else { continue };
        let fewer = |count: usize| !matches!(&best, From::Keys(_, keys) if keys.len() <= count);
        match check {
            Check::In(set) if field != STAMP => {
                if let Some(keys) = set.keys().filter(|keys| fewer(keys.len())) {
                    best = From::Keys(field, keys);
                }
            }
            Check::Compare(Comparison::Equal, value @ (Value::Id(_) | Value::Text(_)), _) if fewer(1) => {
                best = From::Keys(field, vec![value.clone()]);
            }
            Check::Compare(Comparison::Equal | Comparison::AtLeast | Comparison::Greater, Value::Moment(from), _)
            | Check::Span(Comparison::Equal | Comparison::AtLeast | Comparison::Greater, Value::Moment(from), _)
                if field == STAMP =>
            {
                let later = matches!(&best, From::Since(known) if known < from);
                if later || matches!(best, From::All) {
                    best = From::Since(*from);
                }
            }
            _ => {}
        }
    }
    let by_stamp = plan.order.first().is_some_and(|order| order.by.own() == Some(STAMP) && !order.descending);
    match best {
        From::All if by_stamp && plan.limit.is_some() => From::Since(Timestamp::MIN),
        best => best,
    }
}

/// Whether records come in the order that is asked for.
fn is_sorted(from: &From, order: &[Order<Route>]) -> bool {
    let ascending = |order: &Order<Route>, field| order.by.own() == Some(field) && !order.descending;
    match (from, order) {
        (From::Keys(..), _) => false,
        (_, []) => true,
        (From::All, [first]) => ascending(first, ID),
        (From::Since(_), [first]) => ascending(first, STAMP),
        (From::Since(_), [first, second]) => ascending(first, STAMP) && ascending(second, ID),
        _ => false,
    }
}

/// Sorts things by values of theirs. What is equal keeps its order.
pub(super) fn sorted<T, P>(things: Vec<T>, order: &[Order<P>], value: impl Fn(&T, &P) -> Value) -> Vec<T> {
    if order.is_empty() {
        return things;
    }
    let keys = |thing: &T| order.iter().map(|order| ranked(order, value(thing, &order.by))).collect::<Vec<_>>();
    let mut keyed: Vec<(Vec<Value>, T)> = things.into_iter().map(|thing| (keys(&thing), thing)).collect();
    keyed.sort_by(|(one, _), (other, _)| {
        let places = order.iter().zip(one.iter().zip(other));
        places.map(|(order, (one, other))| ordering(order, one, other)).find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
    });
    keyed.into_iter().map(|(_, thing)| thing).collect()
}

/// The place of a value in its picklist; what is not in it comes behind.
fn ranked<P>(order: &Order<P>, value: Value) -> Value {
    match value {
        Value::Text(text) if !order.ranks.is_empty() => {
            let text = text.to_lowercase();
            let rank = order.ranks.iter().position(|known| *known == text).unwrap_or(order.ranks.len());
            Value::Text(format!("{rank:05}{text}"))
        }
        Value::Text(text) => Value::Text(text.to_lowercase()),
        other => other,
    }
}

fn ordering<P>(order: &Order<P>, one: &Value, other: &Value) -> Ordering {
    match (one.is_null(), other.is_null()) {
        (true, true) => Ordering::Equal,
        (false, false) if order.descending => test::compare(other, one, true),
        (false, false) => test::compare(one, other, true),
        (first, _) if first == order.nulls_last => Ordering::Greater,
        _ => Ordering::Less,
    }
}

/// How many records are looked at before the condition is.
#[cfg(test)]
pub(super) fn looked_at(sight: &Sight<'_>, plan: &Plan) -> usize {
    let table = sight.store.table(plan.object);
    match source(plan, table) {
        From::All => table.iter().count(),
        From::Since(moment) => table.since(moment).count(),
        From::Keys(field, keys) => keys.iter().map(|key| table.look_up(field, key).count()).sum(),
    }
}
