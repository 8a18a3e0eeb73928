//! Products and their prices, and what the objects look like.

use axum::response::Response;
use serde_json::{Value, json};

use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use super::query;
use super::reply;
use super::schema::{Access, Kind, Object};
use super::show;

/// `GET /catalog/products`: a bare list, without an envelope.
pub(crate) fn list(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let (store, settings) = (nue.search(), nue.settings());
    let listing = query::parse(&store, &settings, Object::Product, &call.query)?;
    let published = |row: &u32| store.text(Object::Product, *row, "publishStatus") == "Published";
    let rows = listing.filter.rows(&store, Object::Product).into_iter().filter(published);
    let page = rows.skip((listing.page - 1).saturating_mul(listing.limit)).take(listing.limit);
    let shown =
        page.map(|row| Value::Object(show::with(&store, &settings, Object::Product, row, &["priceBookEntries"])));
    Ok(reply::bare(&shown.collect()))
}

/// `GET /catalog/products/{id}`.
pub(crate) fn one(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    Ok(reply::bare(&Value::Object(reply::one(nue, call, Object::Product, call.path("id"))?)))
}

/// `GET /metadata/objects`.
pub(crate) fn metadata(nue: &Nue, _: &Call) -> Result<Response, Refusal> {
    let store = nue.read();
    let field = |field: &super::schema::Field| {
        let relation = field.relation();
        json!({
            "apiName": &*field.name,
            "type": type_name(field.kind),
            "custom": field.custom,
            "required": field.required,
            "updatable": field.access == Access::Always,
            "filterable": field.filterable,
            "referenceTo": relation.map(|(_, object)| object.name()),
        })
    };
    let object = |object: Object| {
        let fields: Vec<Value> = store.schema.fields(object).iter().map(field).collect();
        json!({ "apiName": object.name(), "fields": fields })
    };
    Ok(reply::envelope(Object::ALL.into_iter().map(object).collect()))
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Key => "Text",
        Kind::OneOf(_) => "PickList",
        Kind::Texts => "TextList",
        Kind::Money => "Currency",
        Kind::Number => "Decimal",
        Kind::Flag => "Boolean",
        Kind::Day => "Date",
        Kind::Moment => "DateTime",
        Kind::Ref(_) => "Lookup",
    }
}
