//! The records of the tenant, in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::ids::{Id, Ids};
use super::schema::{CREATED, CREATED_BY, Entity, FieldNo, ID, Kind, UPDATED, UPDATED_BY};
use super::value::Cell;
use crate::clock::lock;
use crate::past::{Past, Versioned};

/// All records.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    /// Makes and reads ids.
    pub(crate) ids: Ids,
    user: Arc<str>,
    tables: Vec<Table>,
    past: Past<(Entity, u32), Row>,
}

/// The records of one type.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Option<Row>>,
    live: usize,
    indexes: Vec<(FieldNo, HashMap<Cell, Rows>)>,
    /// Ids in the order of their last writes. It costs memory, so it is made when it is first asked for.
    by_update: Mutex<Option<BTreeSet<(i64, Id)>>>,
    /// Ids in the order of other fields, until a write disturbs it.
    orders: Mutex<HashMap<FieldNo, Arc<Vec<Id>>>>,
}

/// A record: its times and those of its fields that are not null.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    created: i64,
    updated: i64,
    fields: Box<[FieldNo]>,
    cells: Box<[Cell]>,
}

/// Positions of the records that share a value; most often there is one.
#[derive(Debug, Clone)]
enum Rows {
    One(u32),
    Many(Vec<u32>),
}

impl Rows {
    fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(row) => std::slice::from_ref(row),
            Self::Many(rows) => rows,
        }
    }
}

impl Store {
    /// A tenant without records.
    pub(crate) fn new(seed: u64) -> Self {
        let ids = Ids::new(seed);
        let user = format!("4028{}", &ids.text(ids.make(Entity::Account, u32::MAX))[4..]);
        Self {
            ids,
            user: Arc::from(user),
            tables: Entity::ALL.into_iter().map(Table::new).collect(),
            past: Past::default(),
        }
    }

    /// The records of a type.
    pub(crate) fn table(&self, entity: Entity) -> &Table {
        &self.tables[entity as usize]
    }

    /// The type and position of a record that exists.
    pub(crate) fn find(&self, id: Id) -> Option<(Entity, u32)> {
        self.ids.open(id).filter(|(entity, row)| self.table(*entity).row(*row).is_some())
    }

    /// The position of a record of a type, by the text of its id.
    pub(crate) fn by_id(&self, entity: Entity, text: &str) -> Option<u32> {
        self.find(self.ids.parse(text)?).filter(|(found, _)| *found == entity).map(|(_, row)| row)
    }

    /// The position of a record of a type, by its id or its number: what the vendor calls a key.
    pub(crate) fn by_key(&self, entity: Entity, key: &str) -> Option<u32> {
        self.by_id(entity, key).or_else(|| {
            let number = entity.field(entity.object().number)?;
            self.equal(entity, number, &Cell::text(key)).into_iter().next()
        })
    }

    /// Positions of the records whose indexed field has exactly this value.
    pub(crate) fn equal(&self, entity: Entity, field: FieldNo, value: &Cell) -> Vec<u32> {
        let candidates = self.table(entity).indexed(field, value).unwrap_or_default();
        candidates.iter().copied().filter(|row| self.cell(entity, *row, field).as_ref() == Some(value)).collect()
    }

    /// The value of a field; `None` if it is null.
    pub(crate) fn cell(&self, entity: Entity, row: u32, field: FieldNo) -> Option<Cell> {
        let record = self.table(entity).row(row)?;
        match field {
            ID => Some(Cell::Ref(self.ids.make(entity, row))),
            CREATED_BY | UPDATED_BY => Some(Cell::Text(Arc::clone(&self.user))),
            CREATED => Some(Cell::Moment(record.created)),
            UPDATED => Some(Cell::Moment(record.updated)),
            _ => record.get(field).cloned().or_else(|| self.derived(entity, row, field)),
        }
    }

    /// The value of the field with this name.
    pub(crate) fn named(&self, entity: Entity, row: u32, name: &str) -> Option<Cell> {
        self.cell(entity, row, entity.field(name)?)
    }

    /// The record that a reference points to.
    pub(crate) fn follow(&self, entity: Entity, row: u32, field: FieldNo) -> Option<(Entity, u32)> {
        match self.cell(entity, row, field)? {
            Cell::Ref(id) => self.find(id),
            _ => None,
        }
    }

    /// Adds a record.
    pub(crate) fn insert(&mut self, entity: Entity, mut cells: Vec<(FieldNo, Cell)>, now: i64) -> Id {
        cells.sort_by_key(|(field, _)| *field);
        let table = &mut self.tables[entity as usize];
        let row = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        table.rows.push(None);
        let id = self.ids.make(entity, row);
        let (fields, cells) = cells.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        self.past.remember((entity, row), || None);
        table.place(row, id, Row { created: now, updated: now, fields: fields.into(), cells: cells.into() });
        id
    }

    /// Changes fields of a record (`None`: null) and moves the time of its last write.
    pub(crate) fn update(&mut self, entity: Entity, row: u32, changes: &[(FieldNo, Option<Cell>)], now: i64) {
        let id = self.ids.make(entity, row);
        let table = &mut self.tables[entity as usize];
        self.past.remember((entity, row), || table.row(row).cloned());
        for (field, cell) in changes {
            let old = table.row(row).and_then(|record| record.get(*field)).cloned();
            if old == *cell {
                continue;
            }
            if let Some(old) = &old {
                table.remove_from_index(*field, old, row);
            }
            if let Some(cell) = cell {
                table.add_to_index(*field, cell, row);
            }
            lock(&table.orders).remove(field);
            if let Some(record) = table.row_mut(row) {
                record.set(*field, cell.clone());
            }
        }
        let Some(record) = table.row_mut(row) else { return };
        let before = std::mem::replace(&mut record.updated, now);
        if let Some(order) = lock(&table.by_update).as_mut() {
            order.remove(&(before, id));
            order.insert((now, id));
        }
    }

    /// Removes a record.
    pub(crate) fn delete(&mut self, entity: Entity, row: u32) {
        let table = &mut self.tables[entity as usize];
        self.past.remember((entity, row), || table.row(row).cloned());
        table.take(row, self.ids.make(entity, row));
    }

    /// Ids in ascending order of a field and, among equals, of the ids themselves.
    pub(crate) fn order(&self, entity: Entity, field: FieldNo) -> Arc<Vec<Id>> {
        let table = self.table(entity);
        if let Some(order) = lock(&table.orders).get(&field) {
            return Arc::clone(order);
        }
        let mut keyed: Vec<(Option<Cell>, Id)> = table
            .live_rows()
            .map(|row| (if field == ID { None } else { self.cell(entity, row, field) }, self.ids.make(entity, row)))
            .collect();
        keyed.sort_by(|(a, a_id), (b, b_id)| compare_cells(a.as_ref(), b.as_ref()).then(a_id.cmp(b_id)));
        let order = Arc::new(keyed.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
        lock(&table.orders).insert(field, Arc::clone(&order));
        order
    }

    /// Runs over the ids in the order of their last writes, from a point on, until `visit` returns `false`.
    pub(crate) fn walk_updates(
        &self,
        entity: Entity,
        after: Option<(i64, Id)>,
        descending: bool,
        mut visit: impl FnMut(u32) -> bool,
    ) {
        use std::ops::Bound::{Excluded, Unbounded};
        let table = self.table(entity);
        let mut guard = lock(&table.by_update);
        let order = guard.get_or_insert_with(|| {
            let stamped = |row| table.row(row).map(|record| (record.updated, self.ids.make(entity, row)));
            table.live_rows().filter_map(stamped).collect()
        });
        let visit = |(_, id): &(i64, Id)| self.ids.open(*id).is_none_or(|(_, row)| visit(row));
        let _ = match (after, descending) {
            (Some(point), false) => order.range((Excluded(point), Unbounded)).all(visit),
            (Some(point), true) => order.range((Unbounded, Excluded(point))).rev().all(visit),
            (None, false) => order.iter().all(visit),
            (None, true) => order.iter().rev().all(visit),
        };
    }
}

impl Versioned for Store {
    type Key = (Entity, u32);
    type Version = Row;

    fn past(&self) -> &Past<(Entity, u32), Row> {
        &self.past
    }

    fn past_mut(&mut self) -> &mut Past<(Entity, u32), Row> {
        &mut self.past
    }

    fn exchange(&mut self, (entity, row): (Entity, u32), version: Option<Row>) -> Option<Row> {
        let id = self.ids.make(entity, row);
        let table = &mut self.tables[entity as usize];
        let before = table.take(row, id);
        if let Some(version) = version {
            table.place(row, id, version);
        }
        before
    }
}

/// The order of values where null comes first.
pub(crate) fn compare_cells(a: Option<&Cell>, b: Option<&Cell>) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.compare(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The orders are made again when they are asked for.
impl Clone for Table {
    fn clone(&self) -> Self {
        let Self { rows, live, indexes, .. } = self;
        let (rows, live, indexes) = (rows.clone(), *live, indexes.clone());
        Self { rows, live, indexes, by_update: Mutex::default(), orders: Mutex::default() }
    }
}

impl Table {
    fn new(entity: Entity) -> Self {
        let indexes =
            entity.fields().filter(|(_, field)| field.indexed).map(|(number, _)| (number, HashMap::new())).collect();
        Self { rows: Vec::new(), live: 0, indexes, by_update: Mutex::default(), orders: Mutex::default() }
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.live
    }

    /// The positions of all records.
    pub(crate) fn live_rows(&self) -> impl Iterator<Item = u32> {
        self.live_rows_from(0)
    }

    /// The positions of all records from a position on.
    pub(crate) fn live_rows_from(&self, from: u32) -> impl Iterator<Item = u32> {
        let rest = self.rows.get(usize::try_from(from).unwrap_or(usize::MAX)..).unwrap_or_default();
        (from..u32::MAX).zip(rest).filter(|(_, row)| row.is_some()).map(|(position, _)| position)
    }

    /// Positions of the records that may have this value in an indexed field; `None` if the field has no index.
    pub(crate) fn indexed(&self, field: FieldNo, value: &Cell) -> Option<&[u32]> {
        let (_, index) = self.indexes.iter().find(|(indexed, _)| *indexed == field)?;
        Some(index.get(&index_key(value)).map_or(&[][..], Rows::as_slice))
    }

    fn row(&self, row: u32) -> Option<&Row> {
        self.rows.get(usize::try_from(row).ok()?)?.as_ref()
    }

    fn row_mut(&mut self, row: u32) -> Option<&mut Row> {
        self.rows.get_mut(usize::try_from(row).ok()?)?.as_mut()
    }

    /// Puts a record into a position that is empty.
    fn place(&mut self, row: u32, id: Id, record: Row) {
        for (field, cell) in record.fields.iter().zip(&record.cells) {
            self.add_to_index(*field, cell, row);
        }
        lock(&self.orders).clear();
        if let Some(order) = lock(&self.by_update).as_mut() {
            order.insert((record.updated, id));
        }
        if let Some(position) = usize::try_from(row).ok().and_then(|row| self.rows.get_mut(row)) {
            *position = Some(record);
            self.live += 1;
        }
    }

    /// Empties a position.
    fn take(&mut self, row: u32, id: Id) -> Option<Row> {
        let record = self.rows.get_mut(usize::try_from(row).ok()?)?.take()?;
        for (field, cell) in record.fields.iter().zip(&record.cells) {
            self.remove_from_index(*field, cell, row);
        }
        self.live -= 1;
        lock(&self.orders).clear();
        if let Some(order) = lock(&self.by_update).as_mut() {
            order.remove(&(record.updated, id));
        }
        Some(record)
    }

    fn add_to_index(&mut self, field: FieldNo, value: &Cell, row: u32) {
        let Some((_, index)) = self.indexes.iter_mut().find(|(indexed, _)| *indexed == field) else { return };
        index
            .entry(index_key(value))
            .and_modify(|rows| match rows {
                Rows::One(first) => *rows = Rows::Many(vec![*first, row]),
                Rows::Many(rows) => rows.push(row),
            })
            .or_insert(Rows::One(row));
    }

    fn remove_from_index(&mut self, field: FieldNo, value: &Cell, row: u32) {
        let Some((_, index)) = self.indexes.iter_mut().find(|(indexed, _)| *indexed == field) else { return };
        let key = index_key(value);
        let left: Vec<u32> = index
            .get(&key)
            .map(|rows| rows.as_slice().iter().copied().filter(|other| *other != row).collect())
            .unwrap_or_default();
        if left.is_empty() {
            index.remove(&key);
        } else {
            index.insert(key, Rows::Many(left));
        }
    }
}

/// Texts are indexed without their case: Object Query finds them so, and ZOQL looks again.
fn index_key(value: &Cell) -> Cell {
    match value {
        Cell::Text(text) => Cell::text(&text.to_lowercase()),
        other => other.clone(),
    }
}

impl Row {
    fn get(&self, field: FieldNo) -> Option<&Cell> {
        self.fields.iter().position(|held| *held == field).map(|position| &self.cells[position])
    }

    fn set(&mut self, field: FieldNo, cell: Option<Cell>) {
        let mut all: Vec<(FieldNo, Cell)> = self
            .fields
            .iter()
            .copied()
            .zip(std::mem::take(&mut self.cells))
            .filter(|(held, _)| *held != field)
            .collect();
        all.extend(cell.map(|cell| (field, cell)));
        all.sort_by_key(|(field, _)| *field);
        let (fields, cells) = all.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        self.fields = fields.into();
        self.cells = cells.into();
    }
}

/// Whether a field holds ids.
pub(crate) fn holds_ids(kind: Kind) -> bool {
    matches!(kind, Kind::Key | Kind::Ref(_))
}
