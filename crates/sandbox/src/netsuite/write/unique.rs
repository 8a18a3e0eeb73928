//! What may stand only once.

use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::{Record, Store};

/// An external id may stand once in a group: all transactions are one group, all items another, all entities a third.
pub(super) fn external_id(store: &Store, record: &Record) -> Verdict<()> {
    let Some(external_id) = record.fields.text("externalId") else { return Ok(()) };
    match store.table(record.kind.table).by_external_id(external_id) {
        Some(other) if other.id != record.id => Err(exists(record.kind.table)),
        _ => Ok(()),
    }
}

/// The refusal of a record that is there already.
pub(super) fn exists(table: &str) -> Refusal {
    Refusal::user(if table == "entity" { "This entity already exists." } else { "This record already exists." })
}
