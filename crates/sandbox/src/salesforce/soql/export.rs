//! A query's whole result as a file: what Bulk API jobs answer.

use super::plan::{self, Column, Plan, Shape};
use super::run;
use super::words::{self, Verdict};
use crate::salesforce::rights::Sight;
use crate::salesforce::schema::Kind;
use crate::salesforce::store::Row;
use crate::salesforce::value::{Value, moment_text};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// What stands between two values.
    pub(crate) delimiter: char,
    /// What ends a line.
    pub(crate) line_end: &'static str,
}

/// A query's whole result, line by line.
#[derive(Debug)]
pub(crate) struct Export {
    /// The object of the query.
    pub(crate) object: String,
    /// The first line.
    pub(crate) head: String,
    text: String,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Export {
    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The lines of so many records, from a record on.
    pub(crate) fn lines(&self, from: usize, count: usize) -> &str {
        let place = |line: usize| match line.min(self.ends.len()) {
            0 => 0,
            line => self.ends[line - 1],
        };
        &self.text[place(from)..place(from.saturating_add(count))]
    }
}

/// A way from a record to a value of a column.
enum Reach {
    Own(usize),
    Parent(usize, Box<Reach>),
}

/// Writes a plan's records. There are queries that the Bulk API does not take.
pub(super) fn export(sight: &Sight<'_>, plan: &Plan, layout: Layout) -> Verdict<Export> {
    let Shape::Records(columns) = &plan.shape else {
        return Err(not_in_bulk("Aggregate Relationships not supported in Bulk Query"));
    };
    if plan.offset > 0 {
        return Err(not_in_bulk("OFFSET is not supported in Bulk Query"));
    }
    let mut reached = Vec::new();
    reach(sight, plan.object, columns, &mut reached)?;
    let line = |values: &mut dyn Iterator<Item = String>| {
        let quoted: Vec<String> = values.map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
        quoted.join(layout.delimiter.encode_utf8(&mut [0; 4])) + layout.line_end
    };
    let head = line(&mut reached.iter().map(|(name, _)| name.clone()));
    let mut export = Export { object: sight.at(plan.object).name.clone(), head, text: String::new(), ends: vec![] };
    for row in run::rows(sight, plan, None) {
        export.text.push_str(&line(&mut reached.iter().map(|(_, reach)| reach.text(sight, row, plan.all))));
        export.ends.push(export.text.len());
    }
    Ok(export)
}

/// The columns of a file: those of parents have their relationships before them (`Account.Name`).
fn reach(sight: &Sight<'_>, object: usize, columns: &[Column], reached: &mut Vec<(String, Reach)>) -> Verdict<()> {
    let fields = &sight.at(object).fields;
    for column in columns {
        match column {
            Column::Field(field) if fields[*field].kind == Kind::Address => {
                return Err(not_in_bulk("Selecting compound data not supported in Bulk Query"));
            }
            Column::Field(field) => reached.push((fields[*field].name.clone(), Reach::Own(*field))),
            Column::Parent(parent) => {
                let name = fields[parent.by].relation.as_ref().map_or("", |relation| relation.name.as_str());
                let mut inner = Vec::new();
                reach(sight, parent.object, &parent.columns, &mut inner)?;
                let outer =
                    |(rest, way): (String, Reach)| (format!("{name}.{rest}"), Reach::Parent(parent.by, Box::new(way)));
                reached.extend(inner.into_iter().map(outer));
            }
            Column::Children(_) => {
                return Err(not_in_bulk(
                    "Aggregate Relationships not supported in Bulk V2 Query with CSV content type",
                ));
            }
        }
    }
    Ok(())
}

impl Reach {
    fn text(&self, sight: &Sight<'_>, row: &Row, all: bool) -> String {
        match self {
            Self::Own(field) => match &row.values[*field] {
                Value::Moment(moment) => moment_text(*moment, "Z"),
                value => value.plain(sight.at(row.object).fields[*field].is_whole()),
            },
            Self::Parent(by, rest) => {
                plan::parent(sight, row, *by, all).map_or_else(String::new, |row| rest.text(sight, row, all))
            }
        }
    }
}

fn not_in_bulk(message: &str) -> words::Refusal {
    words::refusal("API_ERROR", message)
}
