//! A query, ready to run: which rows to read in which order, and which to keep.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::tables::{Column, Index, Row, Rows, Table, lines_of};
use super::term::{Scope, Term, Test};
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::Store;

/// A table of a query.
#[derive(Debug)]
pub(super) struct Source {
    /// The name by which the query knows it.
    pub(super) alias: String,
    /// The table.
    pub(super) table: &'static Table,
    /// Whether rows without a match are kept (a left join).
    pub(super) outer: bool,
    /// The conditions of a left join; those of other joins are filters.
    pub(super) on: Vec<Test>,
}

/// How results are ordered.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) term: Term,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

/// A figure over the rows of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Aggregate {
    Rows,
    Count(Term),
    Distinct(Term),
    Sum(Term),
    Average(Term),
    Extreme(Term, Ordering),
}

/// How rows are grouped.
#[derive(Debug)]
pub(super) struct Grouping {
    pub(super) keys: Vec<Term>,
    pub(super) aggregates: Vec<Aggregate>,
    pub(super) having: Option<Test>,
}

/// A query.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) sources: Vec<Source>,
    pub(super) filters: Vec<Test>,
    pub(super) items: Vec<(String, Term)>,
    pub(super) distinct: bool,
    pub(super) grouping: Option<Grouping>,
    pub(super) order: Vec<Order>,
    pub(super) fetch: Option<usize>,
}

/// One row of each table.
pub(super) type Tuple<'a> = Box<[Row<'a>]>;

/// A join that would give more rows than this is refused, as the vendor cuts off what takes too long.
const MOST_ROWS: usize = 5_000_000;

/// A table's place in the order of reading, with what is decided there.
struct Stage<'a> {
    source: usize,
    /// An equality by which rows of this table are found from rows read before.
    key: Option<(&'a Column, &'a Term)>,
    /// What a left join asks of its rows.
    on: Vec<&'a Test>,
    /// Conditions that can be decided once this table's row is known.
    filters: Vec<&'a Test>,
    /// The table's rows by the key column, made when an index does not serve.
    hashed: OnceCell<HashMap<String, Vec<Row<'a>>>>,
}

/// The tuples that pass all conditions.
pub(super) fn tuples<'a>(plan: &'a Plan, store: &'a Store) -> Verdict<Vec<Tuple<'a>>> {
    let counting: Vec<&Test> = plan.filters.iter().filter(|test| test.counts_rows()).collect();
    let mut reader = Reader {
        store,
        stages: stages(plan),
        counting,
        found: Vec::new(),
        tuple: vec![Row::Nothing; plan.sources.len()],
    };
    let stages = std::mem::take(&mut reader.stages);
    reader.descend(plan, &stages, 0)?;
    Ok(reader.found)
}

struct Reader<'a> {
    store: &'a Store,
    stages: Vec<Stage<'a>>,
    counting: Vec<&'a Test>,
    found: Vec<Tuple<'a>>,
    tuple: Vec<Row<'a>>,
}

fn sources_of(test: &Test) -> Vec<usize> {
    let mut sources = Vec::new();
    test.sources(&mut |source| sources.push(source));
    sources
}

/// Decides the order of reading: first the table that an index narrows most surely, then whatever hangs on it.
fn stages(plan: &Plan) -> Vec<Stage<'_>> {
    let count = plan.sources.len();
    let start = (0..count)
        .find(|at| {
            !plan.sources[*at].outer
                && plan.filters.iter().any(|test| candidates(test, *at, plan.sources[*at].table).is_some())
        })
        .unwrap_or(0);
    let mut placed: Vec<usize> = vec![start];
    while placed.len() < count {
        let open = |at: &usize| !placed.contains(at);
        let ready = |at: &usize| {
            plan.sources[*at].on.iter().flat_map(sources_of).all(|other| other == *at || placed.contains(&other))
        };
        let joined = |at: &usize| plan.filters.iter().any(|test| equality(test, *at, &placed).is_some());
        let next = (0..count)
            .filter(open)
            .find(|at| !plan.sources[*at].outer && joined(at))
            .or_else(|| (0..count).filter(open).find(|at| plan.sources[*at].outer && ready(at)))
            .or_else(|| (0..count).find(open));
        match next {
            Some(next) => placed.push(next),
            None => break,
        }
    }
    (0..placed.len()).map(|at| stage(plan, &placed[..=at])).collect()
}

fn stage<'a>(plan: &'a Plan, placed: &[usize]) -> Stage<'a> {
    let (&source, before) = placed.split_last().unwrap_or((&0, &[]));
    let own = &plan.sources[source];
    let decided = |test: &&Test| {
        let sources = sources_of(test);
        let last = sources.iter().all(|one| placed.contains(one));
        let known_before = sources.iter().all(|one| before.contains(one)) && !before.is_empty();
        last && !known_before && !test.counts_rows()
    };
    let filters: Vec<&Test> = plan.filters.iter().filter(decided).collect();
    let on: Vec<&Test> = own.on.iter().collect();
    let key = if own.outer { &on } else { &filters }
        .iter()
        .filter_map(|test| equality(test, source, before))
        .max_by_key(|(column, _)| served(own.table, column).is_some());
    Stage { source, key, on, filters, hashed: OnceCell::new() }
}

/// An equality between a column of a table and something known before it is read.
fn equality<'a>(test: &'a Test, source: usize, before: &[usize]) -> Option<(&'a Column, &'a Term)> {
    let Test::Compare(left, [Ordering::Equal], right) = test else { return None };
    let side = |own: &'a Term, other: &'a Term| match own {
        Term::Column { source: at, column } if *at == source => {
            let mut known = true;
            other.sources(&mut |at| known &= before.contains(&at));
            (known && !before.is_empty()).then_some((*column, other))
        }
        _ => None,
    };
    side(left, right).or_else(|| side(right, left))
}

/// Constants that an indexed column of a table must equal for a condition to hold.
fn candidates<'a>(test: &'a Test, source: usize, table: &Table) -> Option<Vec<(&'a Column, String)>> {
    let indexed = |term: &'a Term| match term {
        Term::Column { source: at, column } if *at == source && served(table, column).is_some() => Some(*column),
        _ => None,
    };
    match test {
        Test::Compare(left, [Ordering::Equal], right) => {
            let (column, value) = match (indexed(left), indexed(right)) {
                (Some(column), _) => (column, right.constant()?),
                (_, Some(column)) => (column, left.constant()?),
                _ => return None,
            };
            Some(vec![(column, value.show()?)])
        }
        Test::Listed(term, texts) => {
            let column = indexed(term)?;
            Some(texts.iter().map(|text| (column, text.clone())).collect())
        }
        Test::Any(tests) => {
            let all: Option<Vec<_>> = tests.iter().map(|test| candidates(test, source, table)).collect();
            Some(all?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// The rows of a table whose column has a value, by an index.
fn look_up<'a>(store: &'a Store, table: &Table, index: Index, key: &str) -> Vec<Row<'a>> {
    let number = || key.parse::<i64>().ok();
    match (table.rows, index) {
        (Rows::Records(name), Index::Id) => {
            number().and_then(|id| store.table(name).get(id)).map(|record| Row::Record(record)).into_iter().collect()
        }
        (Rows::Records(name), Index::Field(field)) => {
            let records = store.table(name);
            records.look_up(field, key).filter_map(|id| records.get(id)).map(|record| Row::Record(record)).collect()
        }
        (Rows::Lines, Index::Transaction) => number()
            .and_then(|id| store.table("transaction").get(id))
            .into_iter()
            .flat_map(|record| lines_of(record))
            .collect(),
        _ => Vec::new(),
    }
}

/// The index that serves a column of a table: lines are only found by their transaction.
fn served(table: &Table, column: &Column) -> Option<Index> {
    let serves = |index: &Index| {
        matches!(
            (table.rows, index),
            (Rows::Records(_), Index::Id | Index::Field(_)) | (Rows::Lines, Index::Transaction)
        )
    };
    column.index().filter(serves)
}

impl<'a> Reader<'a> {
    fn descend(&mut self, plan: &'a Plan, stages: &[Stage<'a>], at: usize) -> Verdict<()> {
        let Some(stage) = stages.get(at) else { return self.keep() };
        let source = &plan.sources[stage.source];
        let mut matched = false;
        for row in self.rows(plan, stage, at) {
            self.tuple[stage.source] = row;
            if source.outer && !self.all_hold(&stage.on) {
                continue;
            }
            matched = true;
            if self.all_hold(&stage.filters) {
                self.descend(plan, stages, at + 1)?;
            }
        }
        self.tuple[stage.source] = Row::Nothing;
        if source.outer && !matched && self.all_hold(&stage.filters) {
            self.descend(plan, stages, at + 1)?;
        }
        Ok(())
    }

    /// Takes the tuple, unless it fails a condition on row numbers: these count the rows that passed so far.
    fn keep(&mut self) -> Verdict<()> {
        if self.all_hold(&self.counting.clone()) {
            if self.found.len() >= MOST_ROWS {
                return Err(Refusal::new(
                    500,
                    "UNEXPECTED_ERROR",
                    "An unexpected error occurred. Error ID: sandboxquerytoolarge",
                ));
            }
            self.found.push(self.tuple.clone().into_boxed_slice());
        }
        Ok(())
    }

    fn all_hold(&self, tests: &[&'a Test]) -> bool {
        if tests.is_empty() {
            return true;
        }
        let scope = Scope { store: self.store, tuple: &self.tuple, row_number: self.found.len() + 1, aggregates: &[] };
        tests.iter().all(|test| test.holds(&scope) == Some(true))
    }

    fn rows(&self, plan: &'a Plan, stage: &Stage<'a>, at: usize) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
        let table = plan.sources[stage.source].table;
        if let Some((column, term)) = stage.key {
            let scope = Scope { store: self.store, tuple: &self.tuple, row_number: 0, aggregates: &[] };
            let Some(key) = term.value(&scope).show() else { return Box::new(std::iter::empty()) };
            if let Some(index) = served(table, column) {
                return Box::new(look_up(self.store, table, index, &key).into_iter());
            }
            let store = self.store;
            let hashed = stage.hashed.get_or_init(|| {
                let mut rows: HashMap<String, Vec<Row<'a>>> = HashMap::new();
                for row in table.all(store) {
                    if let Some(key) = column.of(store, row).show() {
                        rows.entry(key).or_default().push(row);
                    }
                }
                rows
            });
            return Box::new(hashed.get(&key).cloned().unwrap_or_default().into_iter());
        }
        let narrowed = match at {
            0 => plan.filters.iter().filter_map(|test| candidates(test, stage.source, table)).min_by_key(Vec::len),
            _ => None,
        };
        match narrowed {
            Some(keys) => Box::new(self.narrowed(table, &keys).into_iter()),
            None => table.all(self.store),
        }
    }

    /// The rows of several look-ups, each once and in the order of the table.
    fn narrowed(&self, table: &'static Table, keys: &[(&Column, String)]) -> Vec<Row<'a>> {
        let mut rows = Vec::new();
        for (column, key) in keys {
            if let Some(index) = served(table, column) {
                rows.extend(look_up(self.store, table, index, key));
            }
        }
        rows.sort_by_key(place);
        rows.dedup_by_key(|row| place(row));
        rows
    }
}

fn place(row: &Row<'_>) -> (i64, i64) {
    match row {
        Row::Record(record) => (record.id, 0),
        Row::Line(record, line) => (record.id, line.and_then(|line| line.integer("line")).unwrap_or(0)),
        Row::Deleted(deleted) => (deleted.id, 0),
        Row::Nothing => (0, 0),
    }
}
