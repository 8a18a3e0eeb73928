//! `POST /usage/raw-usage`: the one call that the vendor documents as processed once and only once.

use axum::response::Response;
use serde_json::{Value, json};

use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use super::reply;
use super::schema::Object;
use super::value::Cell;
use super::write::{self, Mode};

/// Takes usage, unless the transaction has been seen.
pub(crate) fn upload(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    let transaction = body.get("transactionId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let transaction = transaction.ok_or_else(|| Refusal::field("transactionId", "is required"))?;
    let wrong = || Refusal::field("data", "must be a list of objects");
    let data = body.get("data").and_then(Value::as_array).ok_or_else(wrong)?;
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let (mut store, settings, now) = (nue.write(call), nue.settings(), nue.clock.now());
    if store.find(Object::Usage, "transactionId", transaction).is_some() {
        return Ok(reply::envelope(json!({ "transactionId": transaction, "accepted": 0 })));
    }
    let read = |(position, item): (usize, &Value)| {
        let item = item.as_object().ok_or_else(wrong)?;
        let place = format!("data[{position}].");
        write::read(&store, &settings, Object::Usage, item, Mode::Make, &["transactionId"], &place)
    };
    let records = data.iter().enumerate().map(read).collect::<Result<Vec<_>, Refusal>>()?;
    for changes in &records {
        let row = store.insert(Object::Usage, &nue.random_uuid(), write::filled(changes.clone()), now);
        let name = store.fresh_number(Object::Usage, "RU");
        let stamps = vec![("name", Some(Cell::text(&name))), ("transactionId", Some(Cell::text(transaction)))];
        store.put(Object::Usage, row, stamps, now);
    }
    Ok(reply::envelope(json!({ "transactionId": transaction, "accepted": records.len() })))
}
