//! A query with its names resolved: what is to be done, and with which fields.

use super::ast::Aggregate;
use super::test::Test;
use crate::salesforce::id::Id;
use crate::salesforce::rights::Sight;
use crate::salesforce::store::Row;
use crate::salesforce::value::Value;

/// What stands where a record has nothing, or where the way to a field ends early.
pub(super) static NOTHING: Value = Value::Null;

/// What a query asks for.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The position of the object.
    pub(super) object: usize,
    /// What answers show.
    pub(super) shape: Shape,
    /// Which records.
    pub(super) filter: Option<Test<Route>>,
    /// In which order.
    pub(super) order: Vec<Order<Route>>,
    /// How many at most.
    pub(super) limit: Option<usize>,
    /// How many are left out at the beginning.
    pub(super) offset: usize,
    /// Whether the recycle bin is looked through, too.
    pub(super) all: bool,
}

/// What answers show.
#[derive(Debug)]
pub(super) enum Shape {
    /// `COUNT()`: how many records.
    Count,
    /// Records.
    Records(Vec<Column>),
    /// Figures over records.
    Figures(Box<Grouping>),
}

/// What a record in an answer has.
#[derive(Debug)]
pub(super) enum Column {
    /// A field of its own.
    Field(usize),
    /// Another record that it refers to.
    Parent(Parent),
    /// The records that refer to it.
    Children(Children),
}

/// Another record that a record refers to.
#[derive(Debug)]
pub(super) struct Parent {
    /// The field with the reference.
    pub(super) by: usize,
    /// The other record's object.
    pub(super) object: usize,
    /// What is shown of it.
    pub(super) columns: Vec<Column>,
}

/// The records that refer to a record.
#[derive(Debug)]
pub(super) struct Children {
    /// Their field with the reference.
    pub(super) by: usize,
    /// The name of the way to them.
    pub(super) name: String,
    /// What is asked of them.
    pub(super) plan: std::sync::Arc<Plan>,
}

/// Figures over groups of records.
#[derive(Debug)]
pub(super) struct Grouping {
    /// What the records of a group share. None: all records are one group.
    pub(super) keys: Vec<Route>,
    /// The figures.
    pub(super) figures: Vec<Figure>,
    /// What is shown, under which names.
    pub(super) columns: Vec<(String, Cell)>,
    /// Which groups.
    pub(super) having: Option<Test<Cell>>,
    /// In which order.
    pub(super) order: Vec<Order<Cell>>,
}

/// A figure over records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figure {
    /// Which.
    pub(super) aggregate: Aggregate,
    /// Over which field; `None` counts records.
    pub(super) of: Option<Route>,
}

/// A value of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// One that its records share.
    Key(usize),
    /// A figure.
    Figure(usize),
}

/// Something to sort by.
#[derive(Debug)]
pub(super) struct Order<T> {
    /// What.
    pub(super) by: T,
    /// The values of a picklist, which are sorted as the picklist has them.
    pub(super) ranks: Vec<String>,
    /// Largest first.
    pub(super) descending: bool,
    /// Whether what has no value comes last.
    pub(super) nulls_last: bool,
}

/// The way from a record to a field, its own or that of a record that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// The references to follow.
    pub(super) through: Vec<usize>,
    /// The object that the field is one of.
    pub(super) object: usize,
    /// The field.
    pub(super) field: usize,
}

impl Route {
    /// A field of the record itself.
    pub(super) fn own(&self) -> Option<usize> {
        self.through.is_empty().then_some(self.field)
    }

    /// What a record has at the end of the way.
    pub(super) fn value<'a>(&self, sight: &Sight<'a>, row: &'a Row, all: bool) -> &'a Value {
        let mut row = row;
        for by in &self.through {
            match parent(sight, row, *by, all) {
                Some(parent) => row = parent,
                None => return &NOTHING,
            }
        }
        &row.values[self.field]
    }
}

/// The record behind a reference, if it is there for the user. `all`: also in the recycle bin.
pub(super) fn parent<'a>(sight: &Sight<'a>, row: &'a Row, by: usize, all: bool) -> Option<&'a Row> {
    let id: Id = row.values[by].as_id()?;
    sight.store.get(id).map(|row| &**row).filter(|row| sight.sees(row) && (all || !row.is_deleted()))
}
