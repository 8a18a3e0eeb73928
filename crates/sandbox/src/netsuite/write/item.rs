//! The rules of items.

use super::{Context, missing};
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::{Fields, Record, Ref, Store, Value};

/// Applies defaults and rules to an item.
pub(super) fn settle(context: &Context<'_>, old: Option<&Record>, record: &mut Record) -> Verdict<()> {
    let store = context.store;
    let kind = record.kind;
    let fields = &mut record.fields;
    if !fields.has("incomeAccount") && context.settings.default_income_account {
        let account = store.table("account").iter().find(|account| account.fields.text("acctType") == Some("Income"));
        fields.put("incomeAccount", account.map(|account| Value::Ref(Ref { kind: "account", id: account.id })));
    }
    if !fields.has("subsidiary") && !context.settings.item_subsidiary_required {
        let own: Vec<Ref> =
            store.table("subsidiary").iter().take(1).map(|record| Ref { kind: "subsidiary", id: record.id }).collect();
        fields.set("subsidiary", Value::Many(own));
    }
    require(context, fields)?;
    check_accounts(store, fields)?;
    fields.set("itemType", Value::Choice(kind.code));
    fields.set("subtype", Value::Choice(kind.subtype));
    for flag in ["isInactive", "isOnline", "includeChildren"] {
        if !fields.has(flag) {
            fields.set(flag, Value::Flag(false));
        }
    }
    check_parent(store, record)?;
    check_name(store, old, record)
}

fn require(context: &Context<'_>, fields: &Fields) -> Verdict<()> {
    let mut empty = Vec::new();
    if !fields.has("itemId") {
        empty.push("Item Name/Number");
    }
    if !fields.has("subsidiary") {
        empty.push("Subsidiary");
    }
    if !fields.has("incomeAccount") {
        empty.push("Income Account");
    }
    if context.settings.tax_schedule_required && !fields.has("taxSchedule") {
        empty.push("Tax Schedule");
    }
    if empty.is_empty() { Ok(()) } else { Err(missing(&empty)) }
}

/// Income goes to an income account, deferred revenue to a deferred revenue account.
fn check_accounts(store: &Store, fields: &Fields) -> Verdict<()> {
    for (field, types) in
        [("incomeAccount", ["Income", "OthIncome"].as_slice()), ("deferredRevenueAccount", &["DeferRevenue"])]
    {
        let Some(account) = store.referred(fields, field) else { continue };
        if !account.fields.text("acctType").is_some_and(|kind| types.contains(&kind)) {
            return Err(Refusal::invalid_value(&account.id.to_string(), field, field));
        }
    }
    Ok(())
}

fn check_parent(store: &Store, record: &Record) -> Verdict<()> {
    let mut above = record.fields.reference("parent");
    while let Some(id) = above {
        let parent = store.table("item").get(id);
        if id == record.id || parent.is_none_or(|parent| parent.kind.code != record.kind.code) {
            return Err(Refusal::invalid_value(&id.to_string(), "parent", "parent"));
        }
        above = parent.and_then(|parent| parent.fields.reference("parent"));
    }
    Ok(())
}

/// A name stands once beneath a parent.
fn check_name(store: &Store, old: Option<&Record>, record: &Record) -> Verdict<()> {
    let name = record.fields.text("itemId").unwrap_or_default();
    let parent = record.fields.reference("parent");
    let unchanged =
        old.is_some_and(|old| old.fields.text("itemId") == Some(name) && old.fields.reference("parent") == parent);
    if unchanged {
        return Ok(());
    }
    let table = store.table("item");
    let taken = table
        .look_up("itemId", name)
        .filter_map(|id| table.get(id))
        .any(|other| other.id != record.id && other.fields.reference("parent") == parent);
    if taken {
        return Err(Refusal::user(
            "Uniqueness error - there is already an item with that name or name/parent combination.",
        ));
    }
    Ok(())
}
