//! From a request body to a stored record: what is read, checked, defaulted and computed on the way.

mod body;
mod customer;
mod item;
mod period;
mod scalar;
mod sublist;
mod transaction;
mod unique;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::errors::{Refusal, Verdict};
use super::schema::RecordType;
use super::settings::Settings;
use super::store::{Fields, Record, Store, Value};

pub(crate) use body::{Check, Reading};
pub(crate) use sublist::key as sublist_key;

/// What a write needs to know besides the body.
pub(crate) struct Context<'a> {
    /// The account's records.
    pub(crate) store: &'a Store,
    /// The account's preferences.
    pub(crate) settings: &'a Settings,
    /// The present moment.
    pub(crate) now: Timestamp,
}

/// A record as it will be stored, and the records that change with it.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The record itself.
    pub(crate) record: Record,
    /// Other records that the write changes: invoices that a credit memo is applied to.
    pub(crate) others: Vec<Record>,
}

/// Builds the record that a body creates (`old` is `None`) or changes.
///
/// # Errors
/// The vendor's refusal; nothing is stored then.
pub(crate) fn draft(
    context: &Context<'_>,
    kind: &'static RecordType,
    old: Option<&Record>,
    body: &Map<String, Json>,
    reading: &mut Reading,
) -> Verdict<Draft> {
    let mut fields = old.map(|record| record.fields.clone()).unwrap_or_default();
    body::fill(context, &kind.shape, body, &mut fields, "", reading)?;
    settle(context, kind, old, fields)
}

/// Applies the rules of the record's type to filled fields.
pub(crate) fn settle(
    context: &Context<'_>,
    kind: &'static RecordType,
    old: Option<&Record>,
    fields: Fields,
) -> Verdict<Draft> {
    let id = old.map_or_else(|| context.store.next_id(kind.table), |record| record.id);
    let mut draft = Draft { record: Record { id, kind, fields }, others: Vec::new() };
    if context.settings.unique_external_ids {
        unique::external_id(context.store, &draft.record)?;
    }
    match kind.table {
        "entity" => customer::settle(context, old, &mut draft.record)?,
        "item" => item::settle(context, old, &mut draft.record)?,
        "transaction" => transaction::settle(context, old, &mut draft)?,
        _ => return Err(Refusal::not_emulated(format!("writing a record of type {}", kind.name))),
    }
    stamp(context, old, &mut draft.record);
    Ok(draft)
}

/// Refuses to delete what others depend on, and frees what a deleted credit memo paid.
pub(crate) fn before_delete(context: &Context<'_>, record: &Record) -> Verdict<Vec<Record>> {
    let depends = match record.kind.table {
        "entity" => {
            let key = record.id.to_string();
            context.store.table("transaction").look_up("entity", &key).next().is_some()
                || context.store.table("entity").look_up("parent", &key).next().is_some()
        }
        "item" => {
            context.store.table("item").look_up("parent", &record.id.to_string()).next().is_some()
                || transaction::uses_item(context.store, record.id)
        }
        _ => transaction::is_applied_to(record),
    };
    if depends {
        return Err(Refusal::user("This record cannot be deleted because it has dependent records."));
    }
    Ok(transaction::released(context.store, record))
}

fn stamp(context: &Context<'_>, old: Option<&Record>, record: &mut Record) {
    // The vendor keeps moments to the second.
    let now = Timestamp::from_second(context.now.as_second()).unwrap_or(context.now);
    let created = if record.kind.table == "entity" { "dateCreated" } else { "createdDate" };
    if old.is_none() {
        record.fields.set(created, Value::Moment(now));
    }
    record.fields.set("lastModifiedDate", Value::Moment(now));
}

/// The refusal of a form with empty mandatory fields.
pub(super) fn missing(labels: &[&str]) -> Refusal {
    Refusal::user(format!("Please enter value(s) for: {}.", labels.join(", ")))
}
