//! The account's records and the indexes over them.

mod names;
mod value;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

pub(crate) use value::{Fields, Ref, Value};

use super::schema::{self, RecordType};
use crate::past::{Past, Versioned};

/// A stored record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The internal id, unique in its table.
    pub(crate) id: i64,
    /// Its type.
    pub(crate) kind: &'static RecordType,
    /// Its filled fields.
    pub(crate) fields: Fields,
}

/// A record that is no more.
#[derive(Debug, Clone)]
pub(crate) struct Deleted {
    /// Its internal id.
    pub(crate) id: i64,
    /// Its type.
    pub(crate) kind: &'static RecordType,
    /// Its name as others saw it.
    pub(crate) name: String,
    /// Its external id.
    pub(crate) external_id: Option<String>,
    /// When it was deleted.
    pub(crate) at: Timestamp,
}

/// The records of one group: all transactions, all items, all entities, or one type of the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    rows: BTreeMap<i64, Arc<Record>>,
    last: i64,
    /// Ids by external id. Only a search that lags may find two, of which one has passed its external id on.
    external: HashMap<String, Vec<i64>>,
    index: HashMap<&'static str, HashMap<String, BTreeSet<i64>>>,
}

/// Whether equality look-ups over this field use an index.
pub(crate) fn is_indexed(field: &str) -> bool {
    matches!(field, "externalId" | "tranId" | "entityId" | "itemId" | "entity" | "parent" | "createdFrom" | "email")
        || (field.starts_with("cust") && field.ends_with("zuoraid"))
}

/// The text under which a value stands in an index.
fn index_key(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Ref(reference) => Some(reference.id.to_string()),
        _ => None,
    }
}

impl Table {
    /// All records in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.rows.values()
    }

    /// A record by its id.
    pub(crate) fn get(&self, id: i64) -> Option<&Arc<Record>> {
        self.rows.get(&id)
    }

    /// A record by its external id, which matches without regard to case.
    pub(crate) fn by_external_id(&self, external_id: &str) -> Option<&Arc<Record>> {
        self.external.get(&external_id.to_lowercase()).and_then(|ids| self.rows.get(ids.first()?))
    }

    /// The ids of the records with this text in an indexed field.
    pub(crate) fn look_up(&self, field: &str, key: &str) -> impl Iterator<Item = i64> + '_ {
        self.index.get(field).and_then(|keys| keys.get(key)).into_iter().flatten().copied()
    }

    fn put(&mut self, record: Arc<Record>) {
        self.take(record.id);
        self.last = self.last.max(record.id);
        if let Some(external_id) = record.fields.text("externalId") {
            self.external.entry(external_id.to_lowercase()).or_default().push(record.id);
        }
        for (field, value) in record.fields.iter().filter(|(field, _)| is_indexed(field)) {
            if let Some(key) = index_key(value) {
                self.index.entry(field).or_default().entry(key).or_default().insert(record.id);
            }
        }
        self.rows.insert(record.id, record);
    }

    fn take(&mut self, id: i64) -> Option<Arc<Record>> {
        let record = self.rows.remove(&id)?;
        if let Some(external_id) = record.fields.text("externalId").map(str::to_lowercase)
            && let Some(ids) = self.external.get_mut(&external_id)
        {
            ids.retain(|held| *held != id);
            if ids.is_empty() {
                self.external.remove(&external_id);
            }
        }
        for (field, value) in record.fields.iter().filter(|(field, _)| is_indexed(field)) {
            let Some(key) = index_key(value) else { continue };
            let Some(keys) = self.index.get_mut(field) else { continue };
            if let Some(ids) = keys.get_mut(&key) {
                ids.remove(&id);
                if ids.is_empty() {
                    keys.remove(&key);
                }
            }
        }
        Some(record)
    }
}

/// All records of the account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    tables: HashMap<&'static str, Table>,
    deleted: Vec<Deleted>,
    empty: Table,
    past: Past<Key, Arc<Record>>,
}

/// A group and an internal id.
type Key = (&'static str, i64);

impl Versioned for Store {
    type Key = Key;
    type Version = Arc<Record>;

    fn past(&self) -> &Past<Key, Arc<Record>> {
        &self.past
    }

    fn past_mut(&mut self) -> &mut Past<Key, Arc<Record>> {
        &mut self.past
    }

    fn exchange(&mut self, (table, id): Key, version: Option<Arc<Record>>) -> Option<Arc<Record>> {
        let table = self.tables.entry(table).or_default();
        let before = table.take(id);
        if let Some(version) = version {
            table.put(version);
        }
        before
    }
}

impl Store {
    /// The records of a group.
    pub(crate) fn table(&self, name: &str) -> &Table {
        self.tables.get(name).unwrap_or(&self.empty)
    }

    /// The records that were deleted, in that order. One that stands again, since its deletion came to nothing or is
    /// not yet known to searches, is none of them.
    pub(crate) fn deleted(&self) -> impl Iterator<Item = &Deleted> {
        self.deleted.iter().filter(|deleted| self.table(deleted.kind.table).get(deleted.id).is_none())
    }

    /// The id that the next record of a group gets.
    pub(crate) fn next_id(&self, table: &'static str) -> i64 {
        self.table(table).last + 1
    }

    /// Stores a record in place of what stood under its id.
    pub(crate) fn put(&mut self, record: Record) {
        self.remember(record.kind, record.id);
        self.tables.entry(record.kind.table).or_default().put(Arc::new(record));
    }

    fn remember(&mut self, kind: &RecordType, id: i64) {
        let table = self.tables.get(kind.table);
        self.past.remember((kind.table, id), || table.and_then(|table| table.get(id)).cloned());
    }

    /// Deletes a record.
    pub(crate) fn delete(&mut self, kind: &'static RecordType, id: i64, at: Timestamp) {
        let name = self.table(kind.table).get(id).map(|record| self.name(record)).unwrap_or_default();
        self.remember(kind, id);
        if let Some(record) = self.tables.get_mut(kind.table).and_then(|table| table.take(id)) {
            let external_id = record.fields.text("externalId").map(str::to_owned);
            self.deleted.retain(|deleted| (deleted.kind.table, deleted.id) != (kind.table, id));
            self.deleted.push(Deleted { id, kind, name, external_id, at });
        }
    }

    /// The record that a reference points to; `None` for values of fixed lists.
    pub(crate) fn target(&self, reference: Ref) -> Option<&Arc<Record>> {
        self.table(schema::target_table(reference.kind)).get(reference.id)
    }

    /// The record that a field refers to.
    pub(crate) fn referred(&self, fields: &Fields, name: &str) -> Option<&Arc<Record>> {
        match fields.get(name)? {
            Value::Ref(reference) => self.target(*reference),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(id: i64, external_id: &str) -> Record {
        let mut fields = Fields::default();
        fields.set("externalId", Value::Text(external_id.to_owned()));
        Record { id, kind: schema::record_type("invoice").unwrap(), fields }
    }

    #[test]
    fn external_ids_match_without_regard_to_case() {
        let mut store = Store::default();
        store.put(invoice(1, "zInv-AbC"));
        assert_eq!(store.table("transaction").by_external_id("ZINV-abc").unwrap().id, 1);
    }

    #[test]
    fn a_changed_record_leaves_no_trace_in_the_indexes() {
        let mut store = Store::default();
        store.put(invoice(1, "old"));
        store.put(invoice(1, "new"));
        let table = store.table("transaction");
        assert!(table.by_external_id("old").is_none());
        assert_eq!(table.look_up("externalId", "old").count(), 0);
        assert_eq!(table.look_up("externalId", "new").collect::<Vec<_>>(), vec![1]);
    }

    #[test]
    fn a_deleted_record_frees_its_external_id_and_is_remembered() {
        let mut store = Store::default();
        store.put(invoice(7, "x"));
        store.delete(schema::record_type("invoice").unwrap(), 7, Timestamp::UNIX_EPOCH);
        assert!(store.table("transaction").by_external_id("x").is_none());
        assert_eq!(store.deleted().next().unwrap().external_id.as_deref(), Some("x"));
        assert_eq!(store.next_id("transaction"), 8);
    }
}
