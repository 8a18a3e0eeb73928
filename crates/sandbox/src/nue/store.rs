//! The records of the tenant, in memory.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::schema::{CREATED, Field, FieldNo, ID, Object, Schema, UPDATED};
use super::value::Cell;
use crate::past::{Past, Versioned};

/// All records.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    /// What the records look like.
    pub(crate) schema: Schema,
    tables: Vec<Table>,
    past: Past<(Object, u32), Row>,
}

/// The records of one object.
#[derive(Debug, Default, Clone)]
struct Table {
    rows: Vec<Option<Row>>,
    ids: HashMap<Arc<str>, u32>,
    indexes: HashMap<FieldNo, HashMap<Cell, Vec<u32>>>,
}

/// A record: its id, its times, and those of its other fields that are not null.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    id: Arc<str>,
    created: Timestamp,
    updated: Timestamp,
    cells: Vec<(FieldNo, Cell)>,
}

impl Row {
    fn get(&self, field: FieldNo) -> Option<&Cell> {
        self.cells.iter().find(|(held, _)| *held == field).map(|(_, cell)| cell)
    }
}

impl Store {
    /// A tenant without records.
    pub(crate) fn new() -> Self {
        Self {
            schema: Schema::new(),
            tables: Object::ALL.iter().map(|_| Table::default()).collect(),
            past: Past::default(),
        }
    }

    /// The positions of all records of an object, the oldest first, from a position on.
    pub(crate) fn rows_from(&self, object: Object, from: u32) -> impl Iterator<Item = u32> {
        let rows = &self.tables[object as usize].rows;
        let rest = rows.get(usize::try_from(from).unwrap_or(usize::MAX)..).unwrap_or_default();
        (from..u32::MAX).zip(rest).filter(|(_, row)| row.is_some()).map(|(position, _)| position)
    }

    /// The number of the next record of an object; no record of the books has one so high.
    pub(crate) fn fresh_number(&self, object: Object, prefix: &str) -> String {
        format!("{prefix}-{}", 10_000_000 + self.tables[object as usize].rows.len())
    }

    /// The position of the record with an id.
    pub(crate) fn by_id(&self, object: Object, id: &str) -> Option<u32> {
        self.tables[object as usize].ids.get(id).copied()
    }

    /// The position of the record with an id, or with an external id.
    pub(crate) fn by_key(&self, object: Object, key: &str) -> Option<u32> {
        self.by_id(object, key).or_else(|| self.find(object, "externalId", key))
    }

    /// The first record with a text in an indexed field.
    pub(crate) fn find(&self, object: Object, field: &str, text: &str) -> Option<u32> {
        let field = self.schema.number(object, field)?;
        self.equal(object, field, &Cell::text(text))?.first().copied()
    }

    /// The positions of the records with a value in a field; `None` if the field has no index.
    pub(crate) fn equal(&self, object: Object, field: FieldNo, cell: &Cell) -> Option<Vec<u32>> {
        if field == ID {
            return Some(cell.as_text().and_then(|id| self.by_id(object, id)).into_iter().collect());
        }
        if !self.schema.at(object, field).is_indexed() {
            return None;
        }
        let rows = self.tables[object as usize].indexes.get(&field).and_then(|index| index.get(cell));
        let mut rows = rows.cloned().unwrap_or_default();
        rows.sort_unstable();
        Some(rows)
    }

    /// The records of an object that refer to a record.
    pub(crate) fn children(&self, child: Object, reference: &str, id: &str) -> Vec<u32> {
        let field = self.schema.number(child, reference);
        field.and_then(|field| self.equal(child, field, &Cell::text(id))).unwrap_or_default()
    }

    /// The value of a field; `None` if it is null.
    pub(crate) fn cell(&self, object: Object, row: u32, field: FieldNo) -> Option<Cell> {
        let record = self.row(object, row)?;
        match field {
            ID => Some(Cell::Text(Arc::clone(&record.id))),
            CREATED => Some(Cell::Moment(record.created)),
            UPDATED => Some(Cell::Moment(record.updated)),
            _ => record.get(field).cloned(),
        }
    }

    /// The value of the field with a name.
    pub(crate) fn get(&self, object: Object, row: u32, name: &str) -> Option<Cell> {
        self.cell(object, row, self.schema.number(object, name)?)
    }

    /// The text in the field with a name; empty if it is null.
    pub(crate) fn text(&self, object: Object, row: u32, name: &str) -> String {
        self.get(object, row, name).and_then(|cell| cell.as_text().map(str::to_owned)).unwrap_or_default()
    }

    /// The number in the field with a name; zero if it is null.
    pub(crate) fn number(&self, object: Object, row: u32, name: &str) -> Decimal {
        match self.get(object, row, name) {
            Some(Cell::Number(number)) => number,
            _ => Decimal::ZERO,
        }
    }

    /// The id of a record.
    pub(crate) fn id(&self, object: Object, row: u32) -> String {
        self.row(object, row).map(|row| row.id.to_string()).unwrap_or_default()
    }

    /// Adds a record.
    pub(crate) fn insert(&mut self, object: Object, id: &str, cells: Vec<(FieldNo, Cell)>, now: Timestamp) -> u32 {
        let table = &mut self.tables[object as usize];
        let position = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        self.past.remember((object, position), || None);
        table.rows.push(None);
        table.place(self.schema.fields(object), position, Row { id: Arc::from(id), created: now, updated: now, cells });
        position
    }

    /// Adds a record of fields with names.
    pub(crate) fn make(&mut self, object: Object, id: &str, cells: Vec<(&str, Option<Cell>)>, now: Timestamp) -> u32 {
        let numbered = |(name, cell): (&str, Option<Cell>)| Some((self.schema.number(object, name)?, cell?));
        let cells = cells.into_iter().filter_map(numbered).collect();
        self.insert(object, id, cells, now)
    }

    /// Changes fields of a record (`None`: null) and moves the time of its last write.
    pub(crate) fn update(&mut self, object: Object, row: u32, changes: Vec<(FieldNo, Option<Cell>)>, now: Timestamp) {
        let table = &mut self.tables[object as usize];
        let Some(mut record) = table.take(row) else { return };
        self.past.remember((object, row), || Some(record.clone()));
        for (field, cell) in changes {
            record.cells.retain(|(held, _)| *held != field);
            record.cells.extend(cell.map(|cell| (field, cell)));
        }
        record.updated = now;
        table.place(self.schema.fields(object), row, record);
    }

    /// Changes fields with names.
    pub(crate) fn put(&mut self, object: Object, row: u32, changes: Vec<(&str, Option<Cell>)>, now: Timestamp) {
        let numbered = |(name, cell): (&str, Option<Cell>)| Some((self.schema.number(object, name)?, cell));
        let changes = changes.into_iter().filter_map(numbered).collect();
        self.update(object, row, changes, now);
    }

    /// Removes a record.
    pub(crate) fn delete(&mut self, object: Object, row: u32) {
        let removed = self.tables[object as usize].take(row);
        self.past.remember((object, row), || removed);
    }

    fn row(&self, object: Object, row: u32) -> Option<&Row> {
        self.tables[object as usize].rows.get(usize::try_from(row).ok()?)?.as_ref()
    }
}

impl Versioned for Store {
    type Key = (Object, u32);
    type Version = Row;

    fn past(&self) -> &Past<(Object, u32), Row> {
        &self.past
    }

    fn past_mut(&mut self) -> &mut Past<(Object, u32), Row> {
        &mut self.past
    }

    fn exchange(&mut self, (object, row): (Object, u32), version: Option<Row>) -> Option<Row> {
        let table = &mut self.tables[object as usize];
        let before = table.take(row);
        if let Some(version) = version {
            table.place(self.schema.fields(object), row, version);
        }
        before
    }
}

impl Table {
    /// Puts a record into a position that is empty.
    fn place(&mut self, fields: &[Field], position: u32, row: Row) {
        for (field, cell) in &row.cells {
            if fields[usize::from(*field)].is_indexed() {
                self.indexes.entry(*field).or_default().entry(cell.clone()).or_default().push(position);
            }
        }
        self.ids.insert(Arc::clone(&row.id), position);
        if let Some(place) = usize::try_from(position).ok().and_then(|position| self.rows.get_mut(position)) {
            *place = Some(row);
        }
    }

    /// Empties a position.
    fn take(&mut self, position: u32) -> Option<Row> {
        let row = self.rows.get_mut(usize::try_from(position).ok()?)?.take()?;
        for (field, cell) in &row.cells {
            if let Some(rows) = self.indexes.get_mut(field).and_then(|index| index.get_mut(cell)) {
                rows.retain(|held| *held != position);
            }
        }
        self.ids.remove(&row.id);
        Some(row)
    }
}
