//! Answers: records with the records they refer to and those that refer to them, a page at a time.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::cursor::Cursors;
use super::plan::{self, Column, Plan, Shape};
use super::run;
use crate::salesforce::id::Id;
use crate::salesforce::rights::Sight;
use crate::salesforce::store::Row;

/// The most records of a page that shows long texts: the vendor makes pages smaller as it sees fit.
const FEWER: usize = 1000;

/// Who asks, and how.
pub(super) struct Page<'a, 'c> {
    /// The org as the user sees it.
    pub(super) sight: Sight<'a>,
    /// Where the rest of results is kept.
    pub(super) cursors: &'c Cursors,
    /// The version of the API: `v66.0`.
    pub(super) version: &'c str,
    /// The most records of a page.
    pub(super) batch: usize,
    /// The present moment.
    pub(super) now: Timestamp,
}

impl<'a> Page<'a, '_> {
    /// The first page of a query's records.
    pub(super) fn first(&self, plan: &Arc<Plan>, rows: &[&'a Row]) -> Json {
        let size = self.size(plan);
        let shown: Vec<Json> = rows.iter().take(size).map(|row| self.record(row, columns(plan), plan.all)).collect();
        let rest = (rows.len() > size).then(|| {
            let ids: Arc<[Id]> = rows.iter().map(|row| row.id).collect();
            let cursor = self.cursors.keep(plan, ids, self.now);
            self.locator(cursor, size)
        });
        envelope(rows.len(), rest, shown)
    }

    /// Another page, from an offset on.
    pub(super) fn next(&self, plan: &Plan, ids: &[Id], offset: usize, cursor: Id) -> Json {
        let size = self.size(plan);
        let table = self.sight.store.table(plan.object);
        let rows = ids.iter().skip(offset).take(size).filter_map(|id| table.get(*id));
        let seen = rows.filter(|row| self.sight.sees(row) && (plan.all || !row.is_deleted()));
        let shown = seen.map(|row| self.record(row, columns(plan), plan.all)).collect();
        let rest = (offset + size < ids.len()).then(|| self.locator(cursor, offset + size));
        envelope(ids.len(), rest, shown)
    }

    fn locator(&self, cursor: Id, offset: usize) -> String {
        format!("/services/data/{}/query/{cursor}-{offset}", self.version)
    }

    fn size(&self, plan: &Plan) -> usize {
        let fields = &self.sight.at(plan.object).fields;
        let is_long = |column: &Column| matches!(column, Column::Field(field) if fields[*field].is_long_text());
        if columns(plan).iter().any(is_long) { self.batch.min(FEWER) } else { self.batch }
    }

    /// `all`: what it refers to may lie in the recycle bin.
    fn record(&self, row: &'a Row, columns: &[Column], all: bool) -> Json {
        let mut record = Map::new();
        record.insert("attributes".to_owned(), self.sight.attributes(row, self.version));
        let fields = &self.sight.at(row.object).fields;
        for column in columns {
            let (name, value) = match column {
                Column::Field(field) => (fields[*field].name.as_str(), self.sight.json(row, *field)),
                Column::Parent(parent) => {
                    let relation = fields[parent.by].relation.as_ref();
                    let row = plan::parent(&self.sight, row, parent.by, all);
                    let shown = row.map_or(Json::Null, |row| self.record(row, &parent.columns, all));
                    (relation.map_or("", |relation| relation.name.as_str()), shown)
                }
                Column::Children(children) => {
                    let rows = run::rows(&self.sight, &children.plan, Some((children.by, row.id)));
                    let shown = if rows.is_empty() { Json::Null } else { self.first(&children.plan, &rows) };
                    (children.name.as_str(), shown)
                }
            };
            record.insert(name.to_owned(), value);
        }
        Json::Object(record)
    }
}

fn columns(plan: &Plan) -> &[Column] {
    match &plan.shape {
        Shape::Records(columns) => columns,
        Shape::Count | Shape::Figures(_) => &[],
    }
}

/// What every answer to a query is.
pub(super) fn envelope(total: usize, rest: Option<String>, records: Vec<Json>) -> Json {
    let mut answer = json!({ "totalSize": total, "done": rest.is_none() });
    if let Some(rest) = rest {
        answer["nextRecordsUrl"] = json!(rest);
    }
    answer["records"] = Json::Array(records);
    answer
}
