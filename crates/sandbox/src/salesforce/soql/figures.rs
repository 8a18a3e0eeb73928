//! Figures over groups of records.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::ast::Aggregate;
use super::plan::{Cell, Figure, Grouping, NOTHING, Plan};
use super::run;
use super::test;
use crate::salesforce::rights::Sight;
use crate::salesforce::value::Value;

/// How many digits an average has, as the vendor's binary numbers have.
const DIGITS: u32 = 15;

/// A group: what its records share, and its figures.
struct Group {
    keys: Vec<Value>,
    sums: Vec<Sum>,
    figures: Vec<Value>,
}

/// The groups of a plan, as answers show them.
pub(super) fn groups(sight: &Sight<'_>, plan: &Plan, grouping: &Grouping) -> Vec<Json> {
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let fresh = |keys| Group { keys, sums: grouping.figures.iter().map(|_| Sum::default()).collect(), figures: vec![] };
    for row in run::matching(sight, plan) {
        let keys: Vec<&Value> = grouping.keys.iter().map(|key| key.value(sight, row, plan.all)).collect();
        let spelled = keys.iter().map(|key| key.plain(false).to_lowercase()).collect();
        let place = *places.entry(spelled).or_insert_with(|| {
            groups.push(fresh(keys.into_iter().cloned().collect()));
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(place) else { continue };
        for (sum, figure) in group.sums.iter_mut().zip(&grouping.figures) {
            match &figure.of {
                Some(route) => sum.add(route.value(sight, row, plan.all), figure.aggregate),
                None => sum.count += 1,
            }
        }
    }
    if groups.is_empty() && grouping.keys.is_empty() {
        groups.push(fresh(Vec::new()));
    }
    for group in &mut groups {
        let sums = std::mem::take(&mut group.sums);
        group.figures = sums.into_iter().zip(&grouping.figures).map(|(sum, figure)| sum.value(figure)).collect();
    }
    groups.sort_by(|one, other| {
        let mut places = one.keys.iter().zip(&other.keys).map(|(one, other)| test::compare(one, other, false));
        places.find(|ordering| ordering.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    groups.retain(|group| grouping.having.as_ref().is_none_or(|test| test.holds(&|cell| group.value(*cell))));
    let groups = run::sorted(groups, &grouping.order, |group, cell| group.value(*cell).clone());
    let shown = groups.iter().skip(plan.offset).take(plan.limit.unwrap_or(usize::MAX));
    shown.map(|group| group.json(sight, grouping)).collect()
}

impl Group {
    fn value(&self, cell: Cell) -> &Value {
        let value = match cell {
            Cell::Key(place) => self.keys.get(place),
            Cell::Figure(place) => self.figures.get(place),
        };
        value.unwrap_or(&NOTHING)
    }

    fn json(&self, sight: &Sight<'_>, grouping: &Grouping) -> Json {
        let mut record = Map::new();
        record.insert("attributes".to_owned(), json!({ "type": "AggregateResult" }));
        for (name, cell) in &grouping.columns {
            let whole = match cell {
                Cell::Key(key) => sight.at(grouping.keys[*key].object).fields[grouping.keys[*key].field].is_whole(),
                Cell::Figure(place) => grouping.figures[*place].is_whole(sight),
            };
            record.insert(name.clone(), self.value(*cell).json(whole));
        }
        Json::Object(record)
    }
}

impl Figure {
    fn is_whole(&self, sight: &Sight<'_>) -> bool {
        let of_whole = || self.of.as_ref().is_some_and(|of| sight.at(of.object).fields[of.field].is_whole());
        match self.aggregate {
            Aggregate::Count | Aggregate::CountDistinct => true,
            Aggregate::Average => false,
            Aggregate::Sum | Aggregate::Smallest | Aggregate::Largest => of_whole(),
        }
    }
}

/// A figure in the making.
#[derive(Default)]
struct Sum {
    count: u64,
    seen: HashSet<String>,
    sum: Decimal,
    extreme: Value,
}

impl Sum {
    /// Adds a record's value; nothing does not count.
    fn add(&mut self, value: &Value, aggregate: Aggregate) {
        if value.is_null() {
            return;
        }
        self.count += 1;
        match aggregate {
            Aggregate::Count => {}
            Aggregate::CountDistinct => drop(self.seen.insert(value.plain(false).to_lowercase())),
            Aggregate::Sum | Aggregate::Average => {
                self.sum = self.sum.saturating_add(value.as_number().unwrap_or_default());
            }
            Aggregate::Smallest | Aggregate::Largest => {
                let ordering = test::compare(value, &self.extreme, false);
                let further = if aggregate == Aggregate::Smallest { ordering.is_lt() } else { ordering.is_gt() };
                if self.extreme.is_null() || further {
                    self.extreme = value.clone();
                }
            }
        }
    }

    fn value(self, figure: &Figure) -> Value {
        let counted = |count: u64| Value::Number(Decimal::from(count));
        match figure.aggregate {
            Aggregate::Count => counted(self.count),
            Aggregate::CountDistinct => counted(u64::try_from(self.seen.len()).unwrap_or(u64::MAX)),
            _ if self.count == 0 => Value::Null,
            Aggregate::Sum => Value::Number(self.sum),
            Aggregate::Average => {
                let average = self.sum / Decimal::from(self.count);
                Value::Number(average.round_sf(DIGITS).unwrap_or(average))
            }
            Aggregate::Smallest | Aggregate::Largest => self.extreme,
        }
    }
}
