//! The rules of invoices and credit memos.

mod apply;
mod lines;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rust_decimal::Decimal;

use super::{Context, Draft, missing, period};
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::{Fields, Record, Ref, Store, Value};

pub(super) use apply::{is_applied_to, released};

/// Applies defaults and rules to a transaction.
pub(super) fn settle(context: &Context<'_>, old: Option<&Record>, draft: &mut Draft) -> Verdict<()> {
    let store = context.store;
    if let Some(period) = old.and_then(|old| store.referred(&old.fields, "postingPeriod")) {
        period::must_be_open(period)?;
    }
    let record = &mut draft.record;
    let customer = store.referred(&record.fields, "entity").ok_or_else(|| missing(&["Customer"]))?;
    inherit(context, customer, record)?;
    set_dates(context, customer, old, record)?;
    let places = places(store, &record.fields);
    lines::settle(store, old, record, places)?;
    total(record, places)?;
    apply::settle(store, old, draft)?;
    set_status(&mut draft.record);
    give_number(&mut draft.record);
    Ok(())
}

/// Takes from the customer and the account what the body does not say, and refuses what contradicts them.
fn inherit(context: &Context<'_>, customer: &Record, record: &mut Record) -> Verdict<()> {
    let store = context.store;
    let fields = &mut record.fields;
    for (field, from) in [("subsidiary", "subsidiary"), ("currency", "currency")] {
        if !fields.has(field) {
            fields.put(field, customer.fields.get(from).cloned());
        }
    }
    if fields.reference("subsidiary") != customer.fields.reference("subsidiary") {
        return Err(invalid(fields, "subsidiary"));
    }
    let currency = fields.get("currency").cloned();
    if !customer.fields.lines("currencyList").iter().any(|line| line.get("currency") == currency.as_ref()) {
        return Err(invalid(fields, "currency"));
    }
    if !fields.has("exchangeRate") {
        let rate = store.referred(fields, "currency").and_then(|currency| currency.fields.number("exchangeRate"));
        fields.set("exchangeRate", Value::Number(rate.unwrap_or(Decimal::ONE)));
    }
    if fields.number("exchangeRate").is_some_and(|rate| rate <= Decimal::ZERO) {
        return Err(Refusal::user("The exchange rate must be greater than zero."));
    }
    if !fields.has("account") {
        let receivable =
            store.table("account").iter().find(|account| account.fields.text("acctType") == Some("AcctRec"));
        fields.put("account", receivable.map(|account| Value::Ref(Ref { kind: "account", id: account.id })));
    }
    let is_receivable =
        store.referred(fields, "account").is_some_and(|account| account.fields.text("acctType") == Some("AcctRec"));
    if is_receivable { Ok(()) } else { Err(invalid(fields, "account")) }
}

fn invalid(fields: &Fields, field: &str) -> Refusal {
    let value = fields.reference(field).map(|id| id.to_string()).unwrap_or_default();
    Refusal::invalid_value(&value, field, field)
}

fn set_dates(context: &Context<'_>, customer: &Record, old: Option<&Record>, record: &mut Record) -> Verdict<()> {
    let is_invoice = record.kind.name == "invoice";
    let fields = &mut record.fields;
    let date = fields.date("tranDate").unwrap_or_else(|| day(context.now));
    fields.set("tranDate", Value::Date(date));
    if old.is_none() && is_invoice && !fields.has("terms") {
        fields.put("terms", customer.fields.get("terms").cloned());
    }
    if old.is_none() && is_invoice && !fields.has("dueDate") {
        let days = context
            .store
            .referred(fields, "terms")
            .and_then(|term| term.fields.integer("daysUntilNetDue"))
            .unwrap_or(0);
        let due = date.checked_add(days.days()).unwrap_or(date);
        fields.set("dueDate", Value::Date(due));
    }
    let same_day = old.is_some_and(|old| old.fields.date("tranDate") == Some(date));
    let same_period = old.is_some_and(|old| old.fields.get("postingPeriod") == fields.get("postingPeriod"));
    period::settle(context.store, fields, date, !same_period || same_day)
}

/// The account's day: its zone is UTC here.
fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// How many decimal places the currency has.
fn places(store: &Store, fields: &Fields) -> u32 {
    let precision =
        store.referred(fields, "currency").and_then(|currency| currency.fields.integer("currencyPrecision"));
    precision.and_then(|places| u32::try_from(places).ok()).unwrap_or(2)
}

fn total(record: &mut Record, places: u32) -> Verdict<()> {
    let fields = &mut record.fields;
    let subtotal: Decimal = fields.lines("item").iter().filter_map(|line| line.number("amount")).sum();
    let extra: Decimal = ["shippingCost", "handlingCost"].iter().filter_map(|name| fields.number(name)).sum();
    let total = lines::round(subtotal + extra, places);
    if total < Decimal::ZERO {
        return Err(Refusal::user("The total of this transaction can not be negative."));
    }
    fields.set("subtotal", Value::Number(subtotal));
    fields.set("discountTotal", Value::Number(Decimal::ZERO));
    fields.set("taxTotal", Value::Number(Decimal::ZERO));
    fields.set("total", Value::Number(total));
    Ok(())
}

/// `A` is open, `B` is paid in full or fully applied.
fn set_status(record: &mut Record) {
    let remaining = record.fields.number("amountRemaining").unwrap_or_default();
    record.fields.set("status", Value::Choice(if remaining > Decimal::ZERO { "A" } else { "B" }));
}

/// Transactions without a number of their own get the next one; the account allows callers to give one.
fn give_number(record: &mut Record) {
    let prefix = if record.kind.name == "invoice" { "INV" } else { "CM" };
    let number = format!("{prefix}{}", record.id);
    if !record.fields.has("transactionNumber") {
        record.fields.set("transactionNumber", Value::Text(number.clone()));
    }
    if !record.fields.has("tranId") {
        record.fields.set("tranId", Value::Text(number));
    }
    for flag in ["toBeEmailed", "toBePrinted", "toBeFaxed"] {
        if !record.fields.has(flag) {
            record.fields.set(flag, Value::Flag(false));
        }
    }
    record.fields.set("source", Value::Choice("restWebServices"));
}

/// Whether any transaction has a line with this item.
pub(super) fn uses_item(store: &Store, item: i64) -> bool {
    store
        .table("transaction")
        .iter()
        .any(|record| record.fields.lines("item").iter().any(|line| line.reference("item") == Some(item)))
}
