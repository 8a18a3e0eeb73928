//! Payments and credit memos are set against invoices. Nue does not own payments: it holds their applications.

use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Nue;
use super::billing::{add_up, items};
use super::call::Call;
use super::fail::Refusal;
use super::orders::today;
use super::reply;
use super::schema::Object;
use super::show;
use super::store::Store;
use super::value::{self, Cell};

/// What is set against an invoice.
struct Wish {
    invoice: u32,
    memo: Option<u32>,
    amount: Decimal,
    method: Option<Cell>,
    source: Option<Cell>,
}

/// `POST /billing/invoices:pay`.
pub(crate) fn pay(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    apply_each(nue, call, "payInvoices", false)
}

/// `POST /billing/credit-memos:apply`.
pub(crate) fn apply(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    apply_each(nue, call, "appliedInvoices", true)
}

/// `POST /billing/payment-applications`: one, with the keys of a payment.
pub(crate) fn make(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let (mut store, settings) = (nue.write(call), nue.settings());
    let wish = wish(&store, &body, body.contains_key("creditMemoId"))?;
    let row = carry_out(nue, &mut store, wish);
    Ok(reply::bare(&Value::Object(show::with(&store, &settings, Object::PaymentApplication, row, &["items"]))))
}

fn apply_each(nue: &Nue, call: &Call, key: &str, of_memos: bool) -> Result<Response, Refusal> {
    let body = call.object()?;
    let wrong = || Refusal::field(key, "must be a list of objects");
    let wishes = body.get(key).and_then(Value::as_array).ok_or_else(wrong)?;
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let (mut store, settings) = (nue.write(call), nue.settings());
    // What stands before one that is refused is done: nobody says that a call is taken back as a whole.
    let mut rows = Vec::with_capacity(wishes.len());
    for body in wishes {
        let wish = wish(&store, body.as_object().ok_or_else(wrong)?, of_memos)?;
        rows.push(carry_out(nue, &mut store, wish));
    }
    let shown: Vec<Value> = rows
        .into_iter()
        .map(|row| Value::Object(show::with(&store, &settings, Object::PaymentApplication, row, &["items"])))
        .collect();
    Ok(reply::bare(&json!({ "paymentApplications": shown })))
}

/// Reads and checks one wish.
fn wish(store: &Store, body: &Map<String, Value>, of_memo: bool) -> Result<Wish, Refusal> {
    let find = |object: Object, key: &str| {
        let id = body.get(key).and_then(Value::as_str).unwrap_or_default();
        let row = store.by_id(object, id).ok_or_else(|| Refusal::not_found(object.name(), id))?;
        match store.text(object, row, "status").as_str() {
            "Active" => Ok(row),
            status => Err(Refusal::conflict(format!("{} is {status}", store.text(object, row, "name")))),
        }
    };
    let invoice = find(Object::Invoice, "invoiceId")?;
    let memo = if of_memo { Some(find(Object::CreditMemo, "creditMemoId")?) } else { None };
    let amount = body.get("transactionAmount").and_then(|amount| value::decimal(&amount.to_string()));
    let amount = amount.filter(|amount| *amount > Decimal::ZERO && amount.normalize().scale() <= 2);
    let amount = amount.ok_or_else(|| Refusal::field("transactionAmount", "must be an amount above zero"))?;
    let customer = |object, row| store.text(object, row, "customerId");
    let owner = memo.map_or_else(
        || body.get("customerId").and_then(Value::as_str).map(str::to_owned),
        |memo| Some(customer(Object::CreditMemo, memo)),
    );
    if owner.is_some_and(|owner| owner != customer(Object::Invoice, invoice)) {
        return Err(Refusal::field("customerId", "is not the customer of the invoice"));
    }
    let least = memo.map_or(Decimal::MAX, |memo| store.number(Object::CreditMemo, memo, "balance"));
    if amount > store.number(Object::Invoice, invoice, "balance").min(least) {
        return Err(Refusal::conflict("The amount is more than the balance"));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(Cell::text);
    Ok(Wish { invoice, memo, amount, method: text("paymentMethod"), source: text("paymentSource") })
}

fn carry_out(nue: &Nue, store: &mut Store, wish: Wish) -> u32 {
    let now = nue.clock.now();
    let id = nue.random_uuid();
    let name = store.fresh_number(Object::PaymentApplication, "PA");
    let memo = wish.memo.map(|memo| store.id(Object::CreditMemo, memo));
    let cells = vec![
        ("name", Some(Cell::text(&name))),
        ("type", Some(Cell::text(if memo.is_some() { "CreditMemo" } else { "Payment" }))),
        ("status", Some(Cell::text("Active"))),
        ("amount", Some(Cell::Number(wish.amount))),
        ("currencyIsoCode", store.get(Object::Invoice, wish.invoice, "currencyIsoCode")),
        ("customerId", store.get(Object::Invoice, wish.invoice, "customerId")),
        ("invoiceId", Some(Cell::text(&store.id(Object::Invoice, wish.invoice)))),
        ("creditMemoId", memo.as_deref().map(Cell::text)),
        ("paymentMethod", wish.method),
        ("paymentSource", wish.source),
        ("applicationDate", Some(Cell::Day(today(nue)))),
    ];
    let row = store.make(Object::PaymentApplication, &id, cells, now);
    take_off(nue, store, Object::Invoice, wish.invoice, wish.amount, Some(&id));
    if let Some(memo) = wish.memo {
        take_off(nue, store, Object::CreditMemo, memo, wish.amount, None);
    }
    row
}

/// Takes an amount off the balances of a document's items, the smallest first; of an invoice each part is an item of
/// the application.
fn take_off(nue: &Nue, store: &mut Store, object: Object, row: u32, mut amount: Decimal, application: Option<&str>) {
    let now = nue.clock.now();
    let (child, ..) = super::billing::item_of(object);
    let mut parts = items(store, object, row);
    parts.sort_by_key(|item| store.number(child, *item, "balance"));
    for item in parts {
        let balance = store.number(child, item, "balance");
        let part = balance.min(amount);
        if part <= Decimal::ZERO {
            continue;
        }
        amount -= part;
        store.put(child, item, vec![("balance", Some(Cell::Number(balance - part)))], now);
        if let Some(application) = application {
            let cells = vec![
                ("paymentApplicationId", Some(Cell::text(application))),
                ("invoiceId", Some(Cell::text(&store.id(object, row)))),
                ("invoiceItemId", Some(Cell::text(&store.id(child, item)))),
                ("amount", Some(Cell::Number(part))),
            ];
            store.make(Object::PaymentApplicationItem, &nue.random_uuid(), cells, now);
        }
    }
    add_up(nue, store, object, row);
    let status = payment_status(object, store.number(object, row, "balance"));
    store.put(object, row, vec![("paymentStatus", Some(Cell::text(status)))], now);
}

/// What a document is called of which something was taken off.
pub(crate) fn payment_status(object: Object, balance: Decimal) -> &'static str {
    match (object, balance.is_zero()) {
        (Object::CreditMemo, true) => "Applied",
        (Object::CreditMemo, false) => "PartiallyApplied",
        (_, true) => "Paid",
        (_, false) => "PartiallyPaid",
    }
}
