//! Answers that are not refusals.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use serde_json::Value;

use super::schema::{Entity, FieldNo};
use super::store::Store;
use super::value::{self, Style};

/// An answer of JSON that is already written.
pub(crate) fn json_text(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    response
}

/// An answer of JSON.
pub(crate) fn json(body: &Value) -> Response {
    json_text(body.to_string())
}

/// A field of a record as a JSON value; null where it is null.
pub(crate) fn field(store: &Store, entity: Entity, row: u32, name: &str, style: Style) -> Value {
    let Some(number) = entity.field(name) else { return Value::Null };
    let Some(cell) = store.cell(entity, row, number) else { return Value::Null };
    let mut text = String::new();
    value::write_json(&mut text, &cell, entity.at(number), &store.ids, style);
    serde_json::from_str(&text).unwrap_or_default()
}

/// A record as Actions and CRUD show it: those of the fields that are not null, under their own names.
pub(crate) fn record(store: &Store, entity: Entity, row: u32, fields: &[FieldNo]) -> String {
    let mut out = String::with_capacity(fields.len() * 32);
    write_record(&mut out, store, entity, row, fields);
    out
}

/// Appends what [`record`] says.
pub(crate) fn write_record(out: &mut String, store: &Store, entity: Entity, row: u32, fields: &[FieldNo]) {
    out.push('{');
    let mut first = true;
    for number in fields {
        let Some(cell) = store.cell(entity, row, *number) else { continue };
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        let field = entity.at(*number);
        out.push('"');
        out.push_str(field.name);
        out.push_str("\":");
        value::write_json(out, &cell, field, &store.ids, Style::Action);
    }
    out.push('}');
}

/// A connector field and the others that the v1 resources show under their own names.
pub(crate) fn connector_fields(store: &Store, entity: Entity, row: u32) -> impl Iterator<Item = (String, Value)> {
    entity.fields().filter(|(_, definition)| definition.is_connector_field()).map(move |(_, definition)| {
        (definition.name.to_owned(), field(store, entity, row, definition.name, Style::Resource))
    })
}
