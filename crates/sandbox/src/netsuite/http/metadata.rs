//! The metadata catalog.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value as Json, json};

use super::call::Call;
use crate::netsuite::Netsuite;
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::filter;
use crate::netsuite::schema::{self, Field, Kind, RecordType, Shape};
use crate::server::json as answer;

const JSON_SCHEMA: &str = "application/schema+json";
const SWAGGER: &str = "application/swagger+json";

/// `GET /services/rest/record/v1/metadata-catalog`.
pub(super) async fn catalog(State(_): State<Arc<Netsuite>>, call: Call) -> Response {
    if call.header(ACCEPT).contains(SWAGGER) || call.header(ACCEPT).contains(JSON_SCHEMA) {
        return Refusal::not_emulated("the metadata catalog as one document").into_response();
    }
    let selected: Option<Vec<&str>> = call.parameter("select").map(|text| text.split(',').map(str::trim).collect());
    let items: Vec<Json> = schema::record_types()
        .iter()
        .filter(|kind| selected.as_ref().is_none_or(|names| names.iter().any(|name| name.eq_ignore_ascii_case(kind.name))))
        .map(|kind| entry(&call.origin, kind.name))
        .collect();
    answer(StatusCode::OK, &json!({ "items": items }))
}

fn entry(origin: &str, name: &str) -> Json {
    let address = format!("{origin}/services/rest/record/v1/metadata-catalog/{name}");
    json!({
        "name": name,
        "links": [
            { "rel": "canonical", "href": address, "mediaType": "application/json" },
            { "rel": "alternate", "href": address, "mediaType": SWAGGER },
            { "rel": "alternate", "href": address, "mediaType": JSON_SCHEMA },
            { "rel": "describes", "href": format!("{origin}/services/rest/record/v1/{name}") },
        ],
    })
}

/// `GET /services/rest/record/v1/metadata-catalog/{type}`.
pub(super) async fn describe(State(_): State<Arc<Netsuite>>, Path(name): Path<String>, call: Call) -> Response {
    described(&call, &name).unwrap_or_else(IntoResponse::into_response)
}

fn described(call: &Call, name: &str) -> Verdict<Response> {
    if name.contains([' ', ',']) {
        return Err(Refusal::new(400, "INVALID_REQUEST", "The request could not be understood by the server due to malformed syntax."));
    }
    let accept = call.header(ACCEPT);
    if accept.contains(SWAGGER) {
        return Err(Refusal::not_emulated("the metadata catalog as OpenAPI"));
    }
    if name.eq_ignore_ascii_case("nsLink") {
        return Ok(schema_answer(&link_schema()));
    }
    let kind = schema::record_type(name).ok_or_else(|| super::records::unknown_type(name))?;
    if !accept.contains(JSON_SCHEMA) {
        return Ok(answer(StatusCode::OK, &entry(&call.origin, kind.name)));
    }
    Ok(schema_answer(&type_schema(&call.origin, kind)))
}

fn schema_answer(body: &Json) -> Response {
    let mut response = answer(StatusCode::OK, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON_SCHEMA));
    response
}

fn link_schema() -> Json {
    json!({
        "type": "object",
        "properties": { "rel": { "title": "Relationship", "type": "string" }, "href": { "title": "Hypertext Reference", "type": "string", "format": "URI" } },
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
    })
}

fn type_schema(origin: &str, kind: &RecordType) -> Json {
    let mut properties = properties(origin, &kind.shape);
    properties.insert("id".to_owned(), json!({ "title": "Internal ID", "type": "string", "nullable": true }));
    properties.insert(
        "links".to_owned(),
        json!({ "title": "Links", "type": "array", "readOnly": true, "items": { "$ref": reference(origin, "nsLink") } }),
    );
    let filterable: Vec<&str> = kind.shape.fields.iter().filter(|field| filter::is_filterable(field)).map(|field| field.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "x-ns-filterable": filterable,
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
    })
}

fn properties(origin: &str, shape: &Shape) -> Map<String, Json> {
    shape.fields.iter().filter_map(|field| Some((field.name.to_owned(), property(origin, field)?))).collect()
}

fn property(origin: &str, field: &Field) -> Option<Json> {
    let mut property = match &field.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Number => json!({ "type": "number", "format": "double" }),
        Kind::Integer => json!({ "type": "integer", "format": "int64" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Moment => json!({ "type": "string", "format": "date-time" }),
        Kind::Country => json!({ "type": "object", "properties": { "id": { "type": "string" }, "refName": { "type": "string" } } }),
        Kind::Choice(values) => {
            json!({ "type": "object", "properties": { "id": { "type": "string", "enum": values }, "refName": { "type": "string" } } })
        }
        Kind::Ref(kind) => return Some(json!({ "$ref": reference(origin, kind) })),
        Kind::Many(kind) => return Some(json!({ "$ref": reference(origin, &format!("{kind}Collection")) })),
        Kind::Lines(shape) => collection(origin, shape)?,
        Kind::Part(shape) => json!({ "type": "object", "properties": properties(origin, schema::shape(shape)?) }),
        Kind::Unheld => return None,
    };
    property["title"] = json!(title(field.name));
    property["nullable"] = json!(true);
    if field.computed {
        property["readOnly"] = json!(true);
    }
    if field.custom {
        property["x-ns-custom-field"] = json!(true);
    }
    Some(property)
}

fn collection(origin: &str, shape: &str) -> Option<Json> {
    let line = json!({ "type": "object", "properties": properties(origin, schema::shape(shape)?) });
    Some(json!({
        "type": "object",
        "properties": {
            "totalResults": { "title": "Total Results", "type": "integer", "format": "int64", "readOnly": true },
            "items": { "type": "array", "items": line },
        },
    }))
}

fn reference(origin: &str, name: &str) -> String {
    let name = if matches!(name, "list" | "item" | "transaction") { "nsResource" } else { name };
    format!("{origin}/services/rest/record/v1/metadata-catalog/{name}")
}

/// `companyName` is shown as `Company Name`.
fn title(name: &str) -> String {
    let mut title = String::new();
    for (at, letter) in name.chars().enumerate() {
        if at == 0 {
            title.extend(letter.to_uppercase());
            continue;
        }
        if letter.is_ascii_uppercase() {
            title.push(' ');
        }
        title.push(letter);
    }
    title
}
