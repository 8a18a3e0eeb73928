//! Answers that are not refusals: the self-service envelope, and the bare bodies of `/billing`.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use super::filter::Filter;
use super::query;
use super::schema::Object;
use super::show;
use crate::server;

/// The envelope around something.
pub(crate) fn envelope(data: Value) -> Response {
    server::json(StatusCode::OK, &json!({ "status": "SUCCESS", "data": data, "warnings": [] }))
}

/// The envelope around something that was made, with its id in `Location`.
pub(crate) fn made(data: Value, path: &str, id: &str) -> Response {
    let mut response = envelope(data);
    if let Ok(location) = HeaderValue::from_str(&format!("{path}/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Something without an envelope.
pub(crate) fn bare(body: &Value) -> Response {
    server::json(StatusCode::OK, body)
}

/// A page of the records of an object that meet the call's conditions and these. Searches may lag.
pub(crate) fn list(nue: &Nue, call: &Call, object: Object, besides: Vec<Filter>) -> Result<Response, Refusal> {
    let (store, settings) = (nue.search(), nue.settings());
    let mut listing = query::parse(&store, &settings, object, &call.query)?;
    if !besides.is_empty() {
        listing.filter = Filter::All([besides, vec![listing.filter]].concat());
    }
    let includes = [always(object), listing.includes.iter().map(String::as_str).collect()].concat();
    let rows = listing.filter.rows(&store, object);
    let page = rows.iter().skip((listing.page - 1).saturating_mul(listing.limit)).take(listing.limit);
    let data: Vec<Value> =
        page.map(|row| Value::Object(show::with(&store, &settings, object, *row, &includes))).collect();
    Ok(server::json(
        StatusCode::OK,
        &json!({
            "status": "SUCCESS",
            "data": data,
            "pagination": { "page": listing.page, "limit": listing.limit, "total": rows.len() },
            "warnings": [],
        }),
    ))
}

/// What a list shows of every record, asked or not.
fn always(object: Object) -> Vec<&'static str> {
    match object {
        Object::CreditMemo | Object::DebitMemo | Object::PaymentApplication => vec!["items"],
        Object::Product => vec!["priceBookEntries"],
        _ => Vec::new(),
    }
}

/// The record at an address, as it stands now, with everything that its own address shows.
pub(crate) fn one(nue: &Nue, call: &Call, object: Object, key: &str) -> Result<Map<String, Value>, Refusal> {
    let (store, settings) = (nue.read(), nue.settings());
    let row = store.by_key(object, key).ok_or_else(|| Refusal::not_found(object.name(), key))?;
    let listing = query::parse(&store, &settings, object, &call.query)?;
    let own: &[&str] = match object {
        Object::Order => &["orderProducts"],
        Object::Product => &["priceBookEntries"],
        Object::Invoice | Object::CreditMemo | Object::DebitMemo | Object::PaymentApplication => &["items"],
        _ => &[],
    };
    let includes: Vec<&str> = own.iter().copied().chain(listing.includes.iter().map(String::as_str)).collect();
    Ok(show::with(&store, &settings, object, row, &includes))
}
