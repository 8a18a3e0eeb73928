//! The names by which records are shown: `refName`, `BUILTIN.DF` and references by name.

use super::{Record, Ref, Store};
use crate::netsuite::schema;

impl Store {
    /// The name of a record.
    pub(crate) fn name(&self, record: &Record) -> String {
        let text = |field: &str| record.fields.text(field).unwrap_or_default().to_owned();
        match record.kind.table {
            "entity" => entity_name(record),
            "item" => self.path(record, "itemId"),
            "transaction" => format!("{} #{}", transaction_noun(record.kind.name), text("tranId")),
            "account" => match record.fields.text("acctNumber") {
                Some(number) => format!("{number} {}", self.path(record, "acctName")),
                None => self.path(record, "acctName"),
            },
            "accountingPeriod" => text("periodName"),
            _ => self.path(record, "name"),
        }
    }

    /// The name of what a reference points to.
    pub(crate) fn reference_name(&self, reference: Ref) -> Option<String> {
        if let Some(list) = schema::fixed_list(reference.kind) {
            return list.values.iter().find(|(id, _)| *id == reference.id).map(|(_, name)| name.clone());
        }
        self.target(reference).map(|record| self.name(record))
    }

    /// A record's name behind the names of its parents.
    fn path(&self, record: &Record, field: &str) -> String {
        let own = record.fields.text(field).unwrap_or_default();
        match self.referred(&record.fields, "parent") {
            Some(parent) if parent.id != record.id => format!("{} : {own}", self.path(parent, field)),
            _ => own.to_owned(),
        }
    }
}

/// Auto-numbered customers are shown by their number and their name.
fn entity_name(record: &Record) -> String {
    let entity_id = record.fields.text("entityId").unwrap_or_default();
    match record.fields.text("altName") {
        Some(name) if name != entity_id && record.fields.flag("autoName") => format!("{entity_id} {name}"),
        _ => entity_id.to_owned(),
    }
}

fn transaction_noun(name: &str) -> &'static str {
    match name {
        "invoice" => "Invoice",
        "creditMemo" => "Credit Memo",
        _ => "Transaction",
    }
}
