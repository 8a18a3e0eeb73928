//! `POST /billing/credit-memos/standalone:upsert`: a credit memo that corrects no invoice.

use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::Value;

use super::Nue;
use super::billing::{add_up, items};
use super::call::Call;
use super::fail::Refusal;
use super::reply;
use super::schema::Object;
use super::show;
use super::store::Store;
use super::value::Cell;
use super::write::{self, Changes, Mode};

/// Makes a draft, or changes the draft that the header names. Its items are replaced as a whole.
pub(crate) fn upsert(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    let empty = || Refusal::field("header", "must be an object");
    let header = body.get("header").and_then(Value::as_object).ok_or_else(empty)?;
    let (mut store, settings, now) = (nue.write(call), nue.settings(), nue.clock.now());
    let changes = write::read(&store, &settings, Object::CreditMemo, header, Mode::Make, &["id"], "header.")?;
    let items = read_items(nue, &store, body.get("items"))?;
    let sum = |name: &str, changes: &Changes, object| match write::given(&store, object, changes, name) {
        Some(Cell::Number(amount)) => *amount,
        _ => Decimal::ZERO,
    };
    let total: Decimal = items.iter().map(|item| sum("transactionAmount", item, Object::CreditMemoItem)).sum();
    if total != sum("amount", &changes, Object::CreditMemo) {
        return Err(Refusal::field("header.amount", format!("is not the sum of the items, {total}")));
    }
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let row = match header.get("id").and_then(Value::as_str) {
        Some(id) => {
            let row = store.by_id(Object::CreditMemo, id).ok_or_else(|| Refusal::not_found("CreditMemo", id))?;
            if store.text(Object::CreditMemo, row, "status") != "Draft" {
                return Err(Refusal::conflict("Only a draft can be changed"));
            }
            store.update(Object::CreditMemo, row, changes, now);
            row
        }
        None => open(nue, &mut store, changes)?,
    };
    replace_items(nue, &mut store, row, items);
    add_up(nue, &mut store, Object::CreditMemo, row);
    Ok(reply::bare(&Value::Object(show::with(&store, &settings, Object::CreditMemo, row, &["items"]))))
}

fn read_items(nue: &Nue, store: &Store, items: Option<&Value>) -> Result<Vec<Changes>, Refusal> {
    let wrong = || Refusal::field("items", "must be a list of objects");
    let items = items.and_then(Value::as_array).filter(|items| !items.is_empty()).ok_or_else(wrong)?;
    let read = |(position, item): (usize, &Value)| {
        let item = item.as_object().ok_or_else(wrong)?;
        let place = format!("items[{position}].");
        write::read(store, &nue.settings(), Object::CreditMemoItem, item, Mode::Make, &[], &place)
    };
    items.iter().enumerate().map(read).collect()
}

fn open(nue: &Nue, store: &mut Store, changes: Changes) -> Result<u32, Refusal> {
    let customer = write::given(store, Object::CreditMemo, &changes, "customerId").and_then(Cell::as_text);
    let customer = customer.and_then(|id| store.by_id(Object::Customer, id));
    let customer = customer.ok_or_else(|| Refusal::field("header.customerId", "is required"))?;
    let name = store.fresh_number(Object::CreditMemo, "CM");
    let row = store.insert(Object::CreditMemo, &nue.random_uuid(), write::filled(changes), nue.clock.now());
    let derived = vec![
        ("name", Some(Cell::text(&name))),
        ("creditMemoNumber", Some(Cell::text(&name))),
        ("status", Some(Cell::text("Draft"))),
        ("paymentStatus", Some(Cell::text("Open"))),
        ("source", Some(Cell::text("Standalone"))),
        ("currencyIsoCode", store.get(Object::Customer, customer, "currencyIsoCode")),
    ];
    store.put(Object::CreditMemo, row, derived, nue.clock.now());
    Ok(row)
}

fn replace_items(nue: &Nue, store: &mut Store, memo: u32, wanted: Vec<Changes>) {
    let now = nue.clock.now();
    for item in items(store, Object::CreditMemo, memo) {
        store.delete(Object::CreditMemoItem, item);
    }
    let (id, name) = (store.id(Object::CreditMemo, memo), store.text(Object::CreditMemo, memo, "name"));
    for changes in wanted {
        let number = store.fresh_number(Object::CreditMemoItem, "CMI");
        let item = store.insert(Object::CreditMemoItem, &nue.random_uuid(), write::filled(changes), now);
        let derived = vec![
            ("creditMemoItemNumber", Some(Cell::text(&number))),
            ("creditMemoId", Some(Cell::text(&id))),
            ("creditMemoNumber", Some(Cell::text(&name))),
            ("taxAmount", Some(Cell::Number(Decimal::ZERO))),
            ("balance", store.get(Object::CreditMemoItem, item, "transactionAmount")),
        ];
        store.put(Object::CreditMemoItem, item, derived, now);
    }
}
