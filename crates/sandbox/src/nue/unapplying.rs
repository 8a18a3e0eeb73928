//! Credit memos are taken off invoices again. The vendor names such a call without showing it.

use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Nue;
use super::applying::payment_status;
use super::billing::{add_up, item_of, items};
use super::call::Call;
use super::fail::Refusal;
use super::reply;
use super::schema::Object;
use super::show;
use super::store::Store;
use super::value::Cell;

const APPLICATION: Object = Object::PaymentApplication;

/// `POST /billing/credit-memos:unapply`: cancels what was applied of these memos to these invoices.
pub(crate) fn unapply(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    let wrong = || Refusal::field("appliedInvoices", "must be a list of objects");
    let wishes = body.get("appliedInvoices").and_then(Value::as_array).ok_or_else(wrong)?;
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let (mut store, settings) = (nue.write(call), nue.settings());
    let mut shown = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let id = |name: &str| wish[name].as_str().unwrap_or_default();
        let is_meant = |row: &u32| {
            store.text(APPLICATION, *row, "creditMemoId") == id("creditMemoId")
                && store.text(APPLICATION, *row, "status") == "Active"
        };
        let of_invoice = store.children(APPLICATION, "invoiceId", id("invoiceId"));
        let row = of_invoice.into_iter().find(is_meant);
        let row = row.ok_or_else(|| Refusal::not_found("An application of the credit memo", id("creditMemoId")))?;
        take_back(nue, &mut store, row);
        shown.push(Value::Object(show::record(&store, &settings, APPLICATION, row)));
    }
    Ok(reply::bare(&json!({ "paymentApplications": shown })))
}

fn take_back(nue: &Nue, store: &mut Store, application: u32) {
    let (id, now) = (store.id(APPLICATION, application), nue.clock.now());
    store.put(APPLICATION, application, vec![("status", Some(Cell::text("Canceled")))], now);
    for part in store.children(Object::PaymentApplicationItem, "paymentApplicationId", &id) {
        let item = store.text(Object::PaymentApplicationItem, part, "invoiceItemId");
        if let Some(item) = store.by_id(Object::InvoiceItem, &item) {
            let amount = store.number(Object::PaymentApplicationItem, part, "amount");
            let balance = store.number(Object::InvoiceItem, item, "balance") + amount;
            store.put(Object::InvoiceItem, item, vec![("balance", Some(Cell::Number(balance)))], now);
        }
    }
    let of = |object: Object, field: &str| store.by_id(object, &store.text(APPLICATION, application, field));
    let (invoice, memo) = (of(Object::Invoice, "invoiceId"), of(Object::CreditMemo, "creditMemoId"));
    let amount = store.number(APPLICATION, application, "amount");
    if let Some(memo) = memo {
        give_back(nue, store, memo, amount);
        settle(nue, store, Object::CreditMemo, memo);
    }
    if let Some(invoice) = invoice {
        settle(nue, store, Object::Invoice, invoice);
    }
}

/// Fills the balances of a memo's items up again.
fn give_back(nue: &Nue, store: &mut Store, memo: u32, mut amount: Decimal) {
    let (child, ..) = item_of(Object::CreditMemo);
    for item in items(store, Object::CreditMemo, memo) {
        let number = |name: &str| store.number(child, item, name);
        let room = number("transactionAmount") + number("taxAmount") - number("balance");
        let part = room.min(amount);
        amount -= part;
        let balance = number("balance") + part;
        store.put(child, item, vec![("balance", Some(Cell::Number(balance)))], nue.clock.now());
    }
}

fn settle(nue: &Nue, store: &mut Store, object: Object, row: u32) {
    add_up(nue, store, object, row);
    let (amount, balance) = (store.number(object, row, "amount"), store.number(object, row, "balance"));
    let status = if amount == balance { "Open" } else { payment_status(object, balance) };
    store.put(object, row, vec![("paymentStatus", Some(Cell::text(status)))], nue.clock.now());
}
