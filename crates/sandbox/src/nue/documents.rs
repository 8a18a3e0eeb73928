//! The calls for invoices, credit memos and debit memos, which are alike.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::customers::{change_one, list_of};
use super::fail::Refusal;
use super::reply;
use super::schema::{Access, Object};
use super::show;
use super::store::Store;
use super::{Nue, billing, graphql};

/// `GET /invoices` and its like.
pub(crate) fn list<const OBJECT: usize>(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    reply::list(nue, call, object::<OBJECT>(), Vec::new())
}

/// `GET /invoices/{id}` and its like.
pub(crate) fn one<const OBJECT: usize>(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    Ok(reply::envelope(Value::Object(reply::one(nue, call, object::<OBJECT>(), call.path("id"))?)))
}

/// `GET /customers/{id}/invoices` and its like.
pub(crate) fn list_of_customer<const OBJECT: usize>(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    list_of(nue, call, object::<OBJECT>())
}

/// `GET /customers/{id}/invoices/{invoiceId}`.
pub(crate) fn one_of_customer(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let invoice = reply::one(nue, call, Object::Invoice, call.path("invoiceId"))?;
    let store = nue.read();
    let customer = store.by_key(Object::Customer, call.path("id")).map(|row| store.id(Object::Customer, row));
    if invoice.get("customerId").and_then(Value::as_str) != customer.as_deref() {
        return Err(Refusal::not_found("Invoice", call.path("invoiceId")));
    }
    Ok(reply::envelope(Value::Object(invoice)))
}

/// `PATCH /billing/invoices/{id}` and its like. What is active is immutable, but for custom fields.
pub(crate) fn change<const OBJECT: usize>(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let object = object::<OBJECT>();
    let permit = |store: &Store, row, body: &Map<String, Value>| {
        let is_own = |key: &String| {
            let field = store.schema.number(object, key).map(|number| store.schema.at(object, number));
            field.is_some_and(|field| !field.custom && field.access != Access::System)
        };
        match store.text(object, row, "status").as_str() {
            "Draft" => Ok(()),
            "Active" if !body.keys().any(is_own) => Ok(()),
            status => Err(Refusal::conflict(format!("{} is {status} and immutable", store.text(object, row, "name")))),
        }
    };
    Ok(reply::bare(&change_one(nue, call, object, &[], permit)?))
}

/// `POST /billing/invoices:activate` and its like.
pub(crate) fn activate<const OBJECT: usize>(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let object = object::<OBJECT>();
    each(nue, call, object, |store, row| match store.text(object, row, "status").as_str() {
        "Draft" => {
            billing::set_active(nue, store, object, row);
            Ok(())
        }
        status => Err(Refusal::conflict(format!("{} is {status}", store.text(object, row, "name")))),
    })
}

/// `POST /billing/invoices:cancel` and its like.
pub(crate) fn cancel<const OBJECT: usize>(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let object = object::<OBJECT>();
    each(nue, call, object, |store, row| billing::cancel(nue, store, object, row))
}

/// Does something to each document that the body names, up to the first that is refused: nobody says that a call is
/// taken back as a whole.
fn each(
    nue: &Nue,
    call: &Call,
    object: Object,
    mut act: impl FnMut(&mut Store, u32) -> Result<(), Refusal>,
) -> Result<Response, Refusal> {
    let (plural, keys) = names(object);
    let body = call.object()?;
    let mut store = nue.write(call);
    let rows: Vec<u32> = if let Some(filter) = body.get("graphqlFilter").and_then(Value::as_str) {
        graphql::filter(&store, object, filter)?.rows(&store, object)
    } else {
        let wrong = || Refusal::field(keys, "must be a list of ids");
        let ids = body.get(keys).and_then(Value::as_array).ok_or_else(wrong)?;
        let row = |id: &Value| {
            let id = id.as_str().ok_or_else(wrong)?;
            store.by_id(object, id).ok_or_else(|| Refusal::not_found(object.name(), id))
        };
        ids.iter().map(row).collect::<Result<_, Refusal>>()?
    };
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    for row in &rows {
        act(&mut store, *row)?;
    }
    let settings = nue.settings();
    let shown: Vec<Value> =
        rows.iter().map(|row| Value::Object(show::record(&store, &settings, object, *row))).collect();
    Ok(reply::bare(&json!({ plural: shown })))
}

/// The names of several documents in bodies, and of a list of their ids.
fn names(object: Object) -> (&'static str, &'static str) {
    match object {
        Object::CreditMemo => ("creditMemos", "creditMemoIds"),
        Object::DebitMemo => ("debitMemos", "debitMemoIds"),
        _ => ("invoices", "invoiceIds"),
    }
}

/// `GET /billing/invoices/{id}/credit-memos`.
pub(crate) fn credit_memos_of(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let (store, settings, key) = (nue.search(), nue.settings(), call.path("id"));
    store.by_id(Object::Invoice, key).ok_or_else(|| Refusal::not_found("Invoice", key))?;
    let rows = store.children(Object::CreditMemo, "invoiceId", key).into_iter();
    let shown: Vec<Value> =
        rows.map(|row| Value::Object(show::with(&store, &settings, Object::CreditMemo, row, &["items"]))).collect();
    Ok(reply::bare(&json!({ "creditMemos": shown })))
}

/// The object of a route.
const fn object<const OBJECT: usize>() -> Object {
    Object::ALL[OBJECT]
}
