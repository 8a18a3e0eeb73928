//! The rows of the org and the indexes over them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::id::Id;
use super::schema::{ID, IS_DELETED, STAMP, Schema};
use super::setup::SETUP;
use super::value::Value;
use crate::past::{Past, Versioned};

/// A row. Its values stand at the positions of its object's fields.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The id.
    pub(crate) id: Id,
    /// The position of its object in the schema.
    pub(crate) object: usize,
    /// What its fields hold.
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// Whether it lies in the recycle bin.
    pub(crate) fn is_deleted(&self) -> bool {
        self.values[IS_DELETED].is_true()
    }

    /// Sets a field.
    pub(crate) fn set(&mut self, field: usize, value: Value) {
        self.values[field] = value;
    }
}

/// What a row stands under in an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Id(Id),
    Text(String),
}

impl Key {
    /// Texts are indexed without their case: whoever minds it looks at what is found.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Id(id) => Some(Self::Id(*id)),
            Value::Text(text) => Some(Self::Text(text.to_lowercase())),
            _ => None,
        }
    }
}

/// The rows of one object, those in the recycle bin among them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Table {
    rows: BTreeMap<Id, Arc<Row>>,
    indexed: Vec<usize>,
    indexes: HashMap<usize, HashMap<Key, BTreeSet<Id>>>,
    stamps: BTreeSet<(Timestamp, Id)>,
    last: u64,
    numbers: u64,
}

impl Table {
    /// All rows in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.values()
    }

    /// A row by its id.
    pub(crate) fn get(&self, id: Id) -> Option<&Arc<Row>> {
        self.rows.get(&id)
    }

    /// Whether a field has an index.
    pub(crate) fn is_indexed(&self, field: usize) -> bool {
        field == ID || field == STAMP || self.indexed.contains(&field)
    }

    /// The rows whose indexed field has a value, texts without regard to case.
    pub(crate) fn look_up<'a>(&'a self, field: usize, value: &Value) -> impl Iterator<Item = &'a Arc<Row>> + use<'a> {
        let own = match value {
            Value::Id(id) if field == ID => self.rows.get(id),
            _ => None,
        };
        let key = Key::of(value).filter(|_| field != ID);
        let ids = key.and_then(|key| self.indexes.get(&field)?.get(&key));
        own.into_iter().chain(ids.into_iter().flatten().filter_map(|id| self.rows.get(id)))
    }

    /// The rows in the order of their stamps, from a moment on (and not before it).
    pub(crate) fn since(&self, from: Timestamp) -> impl Iterator<Item = &Arc<Row>> {
        let least = Id::new([0; 3], [0; 3], 0);
        self.stamps.range((from, least)..).filter_map(|(_, id)| self.rows.get(id))
    }

    fn put(&mut self, row: Arc<Row>) {
        self.take(row.id);
        for field in &self.indexed {
            if let Some(key) = Key::of(&row.values[*field]) {
                self.indexes.entry(*field).or_default().entry(key).or_default().insert(row.id);
            }
        }
        if let Some(stamp) = row.values[STAMP].as_moment() {
            self.stamps.insert((stamp, row.id));
        }
        self.rows.insert(row.id, row);
    }

    fn take(&mut self, id: Id) -> Option<Arc<Row>> {
        let row = self.rows.remove(&id)?;
        for field in &self.indexed {
            let Some(key) = Key::of(&row.values[*field]) else { continue };
            let Some(keys) = self.indexes.get_mut(field) else { continue };
            if let Some(ids) = keys.get_mut(&key) {
                ids.remove(&id);
                if ids.is_empty() {
                    keys.remove(&key);
                }
            }
        }
        if let Some(stamp) = row.values[STAMP].as_moment() {
            self.stamps.remove(&(stamp, id));
        }
        Some(row)
    }
}

/// All rows of the org.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    tables: Vec<Table>,
    prefixes: HashMap<[u8; 3], usize>,
    org: [u8; 3],
    past: Past<Id, Arc<Row>>,
    /// The objects whose rows say who may do what, and whether one of those rows has changed.
    setup: Vec<usize>,
    regrant: bool,
    /// What the transactions under way have replaced, the innermost last.
    open: Vec<Vec<(Id, Option<Arc<Row>>)>>,
}

impl Versioned for Store {
    type Key = Id;
    type Version = Arc<Row>;

    fn past(&self) -> &Past<Id, Arc<Row>> {
        &self.past
    }

    fn past_mut(&mut self) -> &mut Past<Id, Arc<Row>> {
        &mut self.past
    }

    fn exchange(&mut self, id: Id, version: Option<Arc<Row>>) -> Option<Arc<Row>> {
        let table = self.tables.get_mut(*self.prefixes.get(&id.prefix())?)?;
        let before = table.take(id);
        if let Some(version) = version {
            table.put(version);
        }
        before
    }
}

impl Store {
    /// An empty store. `org` stands in every id.
    pub(crate) fn new(schema: &Schema, org: [u8; 3]) -> Self {
        let table = |object: &super::schema::Object| {
            let indexed = object.fields.iter().enumerate().filter(|(_, field)| field.indexed);
            Table { indexed: indexed.map(|(position, _)| position).collect(), ..Table::default() }
        };
        let prefixes = schema.objects.iter().enumerate().map(|(position, object)| (object.prefix, position));
        Self {
            tables: schema.objects.iter().map(table).collect(),
            prefixes: prefixes.collect(),
            org,
            past: Past::default(),
            setup: SETUP.iter().filter_map(|name| schema.position(name)).collect(),
            regrant: false,
            open: Vec::new(),
        }
    }

    /// A field that an object has from now on is searched by an index.
    pub(crate) fn index(&mut self, object: usize, field: usize) {
        let table = &mut self.tables[object];
        if !table.indexed.contains(&field) {
            table.indexed.push(field);
        }
    }

    /// Whether what the user may do is to be looked at again. It is asked once.
    pub(crate) fn take_regrant(&mut self) -> bool {
        std::mem::take(&mut self.regrant)
    }

    /// What stands in every id.
    pub(crate) fn org(&self) -> [u8; 3] {
        self.org
    }

    /// The rows of an object.
    pub(crate) fn table(&self, object: usize) -> &Table {
        &self.tables[object]
    }

    /// A row of any object, in the recycle bin or not.
    pub(crate) fn get(&self, id: Id) -> Option<&Arc<Row>> {
        self.tables.get(*self.prefixes.get(&id.prefix())?)?.get(id)
    }

    /// An id that no row has.
    pub(crate) fn next_id(&mut self, prefix: [u8; 3], object: usize) -> Id {
        let table = &mut self.tables[object];
        loop {
            table.last += 1;
            let id = Id::new(prefix, self.org, table.last);
            if !table.rows.contains_key(&id) {
                return id;
            }
        }
    }

    /// The next running number of an object.
    pub(crate) fn next_number(&mut self, object: usize) -> u64 {
        let table = &mut self.tables[object];
        table.numbers += 1;
        table.numbers
    }

    /// Stores a row in place of what stood under its id.
    pub(crate) fn put(&mut self, row: Row) {
        self.regrant |= self.setup.contains(&row.object);
        let table = &mut self.tables[row.object];
        let before = table.rows.get(&row.id);
        self.past.remember(row.id, || before.cloned());
        if let Some(replaced) = self.open.last_mut() {
            replaced.push((row.id, before.cloned()));
        }
        table.put(Arc::new(row));
    }

    /// Begins a transaction, within one that may be under way.
    pub(crate) fn begin(&mut self) {
        self.open.push(Vec::new());
    }

    /// Keeps what the innermost transaction wrote, if those around it do.
    pub(crate) fn commit(&mut self) {
        let replaced = self.open.pop().unwrap_or_default();
        if let Some(around) = self.open.last_mut() {
            around.extend(replaced);
        }
    }

    /// Takes back what the innermost transaction wrote.
    pub(crate) fn roll_back(&mut self) {
        for (id, before) in self.open.pop().unwrap_or_default().into_iter().rev() {
            self.exchange(id, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::schema::SYSTEM_FIELDS;

    fn store() -> (Schema, Store) {
        let schema = Schema::read(&BTreeMap::new()).unwrap();
        let store = Store::new(&schema, *b"5g0");
        (schema, store)
    }

    fn account(schema: &Schema, store: &mut Store, key: &str) -> Id {
        let object = schema.position("Account").unwrap();
        let id = store.next_id(*b"001", object);
        let mut values = vec![Value::Null; schema.objects[object].fields.len()];
        values[ID] = Value::Id(id);
        values[schema.objects[object].position("Nue_Id__c").unwrap()] = Value::text(key);
        store.put(Row { id, object, values });
        id
    }

    #[test]
    fn a_row_is_found_by_its_key_without_regard_to_case() {
        let (schema, mut store) = store();
        let id = account(&schema, &mut store, "Ab-1");
        let object = schema.position("Account").unwrap();
        let key = schema.objects[object].position("Nue_Id__c").unwrap();
        let found: Vec<_> = store.table(object).look_up(key, &Value::text("aB-1")).map(|row| row.id).collect();
        assert_eq!(found, [id]);
        assert_eq!(store.table(object).look_up(ID, &Value::Id(id)).count(), 1);
        assert!(SYSTEM_FIELDS.len() < key);
    }

    #[test]
    fn a_transaction_that_is_rolled_back_leaves_nothing_in_rows_and_indexes() {
        let (schema, mut store) = store();
        let object = schema.position("Account").unwrap();
        store.begin();
        account(&schema, &mut store, "kept");
        store.begin();
        account(&schema, &mut store, "lost");
        store.roll_back();
        store.commit();
        let key = schema.objects[object].position("Nue_Id__c").unwrap();
        assert_eq!(store.table(object).iter().count(), 1);
        assert_eq!(store.table(object).look_up(key, &Value::text("lost")).count(), 0);
        assert_eq!(store.table(object).look_up(key, &Value::text("kept")).count(), 1);
    }
}
