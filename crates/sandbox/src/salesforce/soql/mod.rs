//! SOQL: its grammar, its meaning over the org's records, and the resources that serve it.
//!
//! A query goes text → `lexer` → `parser` → `ast` → `compile` (names, types, rights) → `plan` → `run` → `render`.

mod ast;
mod behaviours;
mod columns;
mod compile;
mod cursor;
mod dates;
mod export;
mod figures;
mod lexer;
mod parser;
mod plan;
mod render;
mod run;
mod test;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

pub(crate) use self::behaviours::BEHAVIOURS;
use self::compile::Compiler;
pub(crate) use self::cursor::Cursors;
pub(crate) use self::export::{Export, Layout};
use self::plan::{Plan, Shape};
use self::render::{Page, envelope};
use super::errors::Verdict;
use super::rights::Sight;

/// The most records of a page, and as many as there are if the caller does not say.
pub(crate) const LARGEST_BATCH: usize = 2000;
/// The fewest that a caller can ask for.
pub(crate) const SMALLEST_BATCH: usize = 200;

/// How a query is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The version of the API, as addresses have it: `v66.0`.
    pub(crate) version: &'a str,
    /// Whether the recycle bin is looked through, too (`queryAll`).
    pub(crate) all: bool,
    /// The most records of a page. What is too small or too large is made to fit.
    pub(crate) batch: usize,
    /// The present moment.
    pub(crate) now: Timestamp,
}

impl<'c> Asked<'c> {
    fn page<'a>(&self, sight: &Sight<'a>, cursors: &'c Cursors) -> Page<'a, 'c> {
        let batch = self.batch.clamp(SMALLEST_BATCH, LARGEST_BATCH);
        Page { sight: *sight, cursors, version: self.version, batch, now: self.now }
    }
}

/// Runs a query and answers with its first page.
pub(crate) fn query(sight: &Sight<'_>, cursors: &Cursors, text: &str, asked: &Asked<'_>) -> Verdict<Json> {
    let plan = Arc::new(plan(sight, text, asked)?);
    Ok(match &plan.shape {
        Shape::Count => envelope(run::rows(sight, &plan, None).len(), None, Vec::new()),
        Shape::Records(_) => {
            let rows = run::rows(sight, &plan, None);
            asked.page(sight, cursors).first(&plan, &rows)
        }
        Shape::Figures(grouping) => {
            let groups = figures::groups(sight, &plan, grouping);
            if groups.len() > LARGEST_BATCH {
                return Err(words::refusal(
                    "EXCEEDED_ID_LIMIT",
                    "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
                ));
            }
            envelope(groups.len(), None, groups)
        }
    })
}

/// Answers with the page of a query's results that a locator (`0r8..-2000`) names.
pub(crate) fn more(sight: &Sight<'_>, cursors: &Cursors, locator: &str, asked: &Asked<'_>) -> Verdict<Json> {
    let found = cursors.find(locator, asked.now);
    let invalid = || words::refusal("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (cursor, offset, id) = found.ok_or_else(invalid)?;
    Ok(asked.page(sight, cursors).next(&cursor.plan, &cursor.ids, offset, id))
}

/// Answers what the columns of a query's results are.
pub(crate) fn describe(sight: &Sight<'_>, text: &str, asked: &Asked<'_>) -> Verdict<Json> {
    plan(sight, text, asked).map(|plan| columns::columns(sight, &plan))
}

/// Runs a query and answers with its whole result, as a file.
pub(crate) fn export(sight: &Sight<'_>, text: &str, asked: &Asked<'_>, layout: Layout) -> Verdict<Export> {
    export::export(sight, &plan(sight, text, asked)?, layout)
}

fn plan(sight: &Sight<'_>, text: &str, asked: &Asked<'_>) -> Verdict<Plan> {
    let query = parser::parse(text)?;
    Compiler { sight: *sight, text, now: asked.now, all: asked.all }.plan(&query)
}
