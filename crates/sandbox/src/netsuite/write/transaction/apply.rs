//! What a credit memo pays: its applications to invoices.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::{Fields, Record, Store, Value};
use crate::netsuite::write::Draft;

/// Settles what is paid and what remains.
pub(super) fn settle(store: &Store, old: Option<&Record>, draft: &mut Draft) -> Verdict<()> {
    if draft.record.kind.name == "invoice" {
        return remain(&mut draft.record);
    }
    if draft.record.fields.flag("autoApply") {
        return Err(Refusal::not_emulated("autoApply of a credit memo"));
    }
    let total = draft.record.fields.number("total").unwrap_or_default();
    let lines = kept_lines(store, old, &draft.record)?;
    let applied: Decimal = lines.iter().filter_map(|line| line.number("amount")).sum();
    if applied > total {
        return Err(Refusal::user("The amount applied is greater than the amount of the credit memo."));
    }
    draft.others = changed_invoices(store, old, &lines)?;
    let fields = &mut draft.record.fields;
    fields.put("apply", (!lines.is_empty()).then_some(Value::Lines(lines)));
    fields.set("applied", Value::Number(applied));
    fields.set("unapplied", Value::Number(total - applied));
    fields.set("amountPaid", Value::Number(applied));
    fields.set("amountRemaining", Value::Number(total - applied));
    Ok(())
}

/// An invoice cannot shrink below what is paid of it.
fn remain(record: &mut Record) -> Verdict<()> {
    let total = record.fields.number("total").unwrap_or_default();
    let paid = record.fields.number("amountPaid").unwrap_or_default();
    if paid > total {
        return Err(Refusal::user("The total of a transaction cannot be less than the amount that is applied to it."));
    }
    record.fields.set("amountPaid", Value::Number(paid));
    record.fields.set("amountRemaining", Value::Number(total - paid));
    record.fields.set("status", Value::Choice(if total > paid { "A" } else { "B" }));
    Ok(())
}

/// The lines that apply something: an unticked line and an amount of zero both take an application away.
fn kept_lines(store: &Store, old: Option<&Record>, memo: &Record) -> Verdict<Vec<Fields>> {
    let before = amounts(old.map(|old| old.fields.lines("apply")).unwrap_or_default());
    let mut kept = Vec::new();
    for (at, line) in memo.fields.lines("apply").iter().enumerate() {
        let path = format!("apply.items[{at}].doc");
        let invoice = store
            .referred(line, "doc")
            .ok_or_else(|| Refusal::content("Please choose a transaction to apply to.", path.clone()))?;
        let fits = invoice.kind.name == "invoice"
            && ["entity", "currency"].iter().all(|field| invoice.fields.get(field) == memo.fields.get(field));
        if !fits {
            return Err(Refusal::invalid_value(&invoice.id.to_string(), "doc", &path));
        }
        let open = invoice.fields.number("amountRemaining").unwrap_or_default()
            + before.get(&invoice.id).copied().unwrap_or_default();
        let amount = line.number("amount").unwrap_or(open);
        let unticked = matches!(line.get("apply"), Some(Value::Flag(false)));
        if unticked || amount.is_zero() {
            continue;
        }
        if amount < Decimal::ZERO || amount > open {
            return Err(Refusal::user("You cannot apply more than the amount remaining of a transaction."));
        }
        kept.push(complete(line, invoice, amount, open));
    }
    Ok(kept)
}

fn complete(line: &Fields, invoice: &Record, amount: Decimal, open: Decimal) -> Fields {
    let mut line = line.clone();
    line.set("amount", Value::Number(amount));
    line.set("apply", Value::Flag(true));
    line.set("due", Value::Number(open));
    line.put("total", invoice.fields.get("total").cloned());
    line.put("refNum", invoice.fields.get("tranId").cloned());
    line.put("currency", invoice.fields.get("currency").cloned());
    line.set("type", Value::Text("Invoice".to_owned()));
    line.set("line", Value::Integer(0));
    line
}

fn amounts(lines: &[Fields]) -> BTreeMap<i64, Decimal> {
    lines.iter().filter_map(|line| Some((line.reference("doc")?, line.number("amount")?))).collect()
}

fn changed_invoices(store: &Store, old: Option<&Record>, lines: &[Fields]) -> Verdict<Vec<Record>> {
    let mut changes = amounts(lines);
    for (id, amount) in amounts(old.map(|old| old.fields.lines("apply")).unwrap_or_default()) {
        *changes.entry(id).or_default() -= amount;
    }
    let invoices = store.table("transaction");
    changes
        .iter()
        .filter(|(_, change)| !change.is_zero())
        .filter_map(|(id, change)| Some((invoices.get(*id)?, *change)))
        .map(pay)
        .collect()
}

fn pay((invoice, change): (&std::sync::Arc<Record>, Decimal)) -> Verdict<Record> {
    let mut invoice = Record::clone(invoice);
    let paid = invoice.fields.number("amountPaid").unwrap_or_default() + change;
    invoice.fields.set("amountPaid", Value::Number(paid));
    remain(&mut invoice)?;
    Ok(invoice)
}

/// Whether something was applied to a transaction.
pub(crate) fn is_applied_to(record: &Record) -> bool {
    record.kind.name == "invoice" && record.fields.number("amountPaid").is_some_and(|paid| !paid.is_zero())
}

/// The invoices as they are once a credit memo is gone.
pub(crate) fn released(store: &Store, record: &Record) -> Vec<Record> {
    let invoices = store.table("transaction");
    amounts(record.fields.lines("apply"))
        .into_iter()
        .filter_map(|(id, amount)| pay((invoices.get(id)?, -amount)).ok())
        .collect()
}
