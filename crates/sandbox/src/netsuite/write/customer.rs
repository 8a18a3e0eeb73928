//! The rules of customers.

use super::{Context, missing, unique};
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::{Fields, Record, Ref, Store, Value};

/// Applies defaults and rules to a customer.
pub(super) fn settle(context: &Context<'_>, old: Option<&Record>, record: &mut Record) -> Verdict<()> {
    let store = context.store;
    let fields = &mut record.fields;
    if !fields.has("isPerson") {
        fields.set("isPerson", Value::Flag(false));
    }
    require(context, fields)?;
    set_name(fields);
    if !fields.has("currency") {
        let base = store.referred(fields, "subsidiary").and_then(|subsidiary| subsidiary.fields.reference("currency"));
        fields.put("currency", base.map(|id| Value::Ref(Ref { kind: "currency", id })));
    }
    if !fields.has("entityStatus") {
        fields.set("entityStatus", Value::Ref(Ref { kind: "customerStatus", id: 13 }));
    }
    for flag in ["isInactive", "taxable", "emailTransactions", "printTransactions", "faxTransactions"] {
        if !fields.has(flag) {
            fields.set(flag, Value::Flag(false));
        }
    }
    check_contact(fields)?;
    check_parent(store, record)?;
    list_currencies(&mut record.fields);
    settle_addresses(&mut record.fields);
    if let Some(old) = old {
        keep_what_transactions_fix(store, old, record)?;
    }
    give_entity_id(store, record)
}

fn require(context: &Context<'_>, fields: &Fields) -> Verdict<()> {
    let mut empty = Vec::new();
    if fields.flag("isPerson") {
        empty.extend(
            [("firstName", "First Name"), ("lastName", "Last Name")]
                .iter()
                .filter(|(name, _)| !fields.has(name))
                .map(|(_, label)| *label),
        );
    } else if !fields.has("companyName") {
        empty.push("Company Name");
    }
    if context.settings.one_world && !fields.has("subsidiary") {
        empty.push("Subsidiary");
    }
    if empty.is_empty() { Ok(()) } else { Err(missing(&empty)) }
}

fn set_name(fields: &mut Fields) {
    let name = match fields.flag("isPerson") {
        true => ["firstName", "middleName", "lastName"]
            .iter()
            .filter_map(|part| fields.text(part))
            .collect::<Vec<_>>()
            .join(" "),
        false => fields.text("companyName").unwrap_or_default().to_owned(),
    };
    fields.set("altName", Value::Text(name));
}

fn check_contact(fields: &Fields) -> Verdict<()> {
    for name in ["email", "altEmail"] {
        if fields.text(name).is_some_and(|email| !is_email(email)) {
            return Err(Refusal::user("Please enter a valid email address."));
        }
    }
    for name in ["phone", "altPhone", "homePhone", "mobilePhone", "fax"] {
        if fields.text(name).is_some_and(|phone| phone.chars().count() < 7) {
            return Err(Refusal::user("Phone number should have seven digits or more."));
        }
    }
    Ok(())
}

fn is_email(text: &str) -> bool {
    match text.split_once('@') {
        Some((user, domain)) => {
            !user.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && !text.contains(char::is_whitespace)
                && domain.split('.').all(|label| !label.is_empty())
        }
        None => false,
    }
}

/// A parent must not be its own descendant.
fn check_parent(store: &Store, record: &Record) -> Verdict<()> {
    let mut above = record.fields.reference("parent");
    while let Some(id) = above {
        if id == record.id {
            return Err(Refusal::invalid_value(&id.to_string(), "parent", "parent"));
        }
        above = store.table("entity").get(id).and_then(|parent| parent.fields.reference("parent"));
    }
    Ok(())
}

/// The primary currency is always one of the customer's currencies.
fn list_currencies(fields: &mut Fields) {
    let Some(primary) = fields.get("currency").cloned() else { return };
    let mut lines = fields.lines("currencyList").to_vec();
    if !lines.iter().any(|line| line.get("currency") == Some(&primary)) {
        let mut line = Fields::default();
        line.set("currency", primary);
        lines.insert(0, line);
    }
    fields.set("currencyList", Value::Lines(lines));
}

/// Only one address is the default for bills, and one for goods: the last that says so.
fn settle_addresses(fields: &mut Fields) {
    let Some(lines) = fields.lines_mut("addressBook") else { return };
    for flag in ["defaultBilling", "defaultShipping"] {
        let chosen = lines.iter().rposition(|line| line.flag(flag));
        for (at, line) in lines.iter_mut().enumerate() {
            line.set(flag, Value::Flag(Some(at) == chosen));
        }
    }
    for line in lines.iter_mut() {
        if let Some(id) = line.integer("id") {
            line.set("internalId", Value::Integer(id));
            line.set("addressId", Value::Text(id.to_string()));
        }
        if !line.has("isResidential") {
            line.set("isResidential", Value::Flag(false));
        }
    }
}

fn keep_what_transactions_fix(store: &Store, old: &Record, record: &Record) -> Verdict<()> {
    let changed = |field: &str| old.fields.get(field) != record.fields.get(field);
    let has_transactions = store.table("transaction").look_up("entity", &record.id.to_string()).next().is_some();
    if has_transactions && changed("subsidiary") {
        return Err(Refusal::user("You may not change the subsidiary of an entity that has transactions."));
    }
    if has_transactions && changed("currency") {
        return Err(Refusal::user("You may not change the primary currency of an entity that has transactions."));
    }
    Ok(())
}

/// Customers without an id get the next number; an id stands once among all entities.
fn give_entity_id(store: &Store, record: &mut Record) -> Verdict<()> {
    let table = store.table("entity");
    match record.fields.text("entityId") {
        Some(entity_id) => {
            let taken = table.look_up("entityId", entity_id).any(|id| id != record.id);
            if taken {
                return Err(unique::exists("entity"));
            }
            let automatic = record.fields.flag("autoName") && entity_id == record.id.to_string();
            record.fields.set("autoName", Value::Flag(automatic));
        }
        None => {
            let entity_id = record.id.to_string();
            if table.look_up("entityId", &entity_id).next().is_some() {
                return Err(unique::exists("entity"));
            }
            record.fields.set("entityId", Value::Text(entity_id));
            record.fields.set("autoName", Value::Flag(true));
        }
    }
    Ok(())
}
