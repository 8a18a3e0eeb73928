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
    cataloged(&call).unwrap_or_else(IntoResponse::into_response)
}

fn cataloged(call: &Call) -> Verdict<Response> {
    let selected: Vec<&RecordType> = match call.parameter("select") {
        None => schema::record_types().iter().collect(),
        Some(text) => text.split(',').map(|name| known_type(name.trim())).collect::<Verdict<_>>()?,
    };
    if call.header(ACCEPT).contains(SWAGGER) {
        return Ok(described_as(SWAGGER, &open_api(&call.origin, &selected)));
    }
    let items: Vec<Json> = selected.iter().map(|kind| entry(&call.origin, kind.name)).collect();
    Ok(answer(StatusCode::OK, &json!({ "items": items })))
}

fn known_type(name: &str) -> Verdict<&'static RecordType> {
    schema::record_type(name).ok_or_else(|| super::records::unknown_type(name))
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
        return Err(Refusal::new(
            400,
            "INVALID_REQUEST",
            "The request could not be understood by the server due to malformed syntax.",
        ));
    }
    let accept = call.header(ACCEPT);
    if name.eq_ignore_ascii_case("nsLink") {
        return Ok(described_as(JSON_SCHEMA, &link_schema()));
    }
    if matches!(name, "nsResource" | "nsResourceCollection") {
        return Ok(described_as(JSON_SCHEMA, &resource_schema()));
    }
    let kind = known_type(name)?;
    if accept.contains(SWAGGER) {
        return Ok(described_as(SWAGGER, &open_api(&call.origin, &[kind])));
    }
    if !accept.contains(JSON_SCHEMA) {
        return Ok(answer(StatusCode::OK, &entry(&call.origin, kind.name)));
    }
    Ok(described_as(JSON_SCHEMA, &type_schema(&References::Catalog(&call.origin), kind)))
}

fn described_as(media: &'static str, body: &Json) -> Response {
    let mut response = answer(StatusCode::OK, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// How a schema names other schemas.
enum References<'a> {
    /// By their place in the catalog of this origin.
    Catalog(&'a str),
    /// By their place in the same document.
    Document,
}

impl References<'_> {
    fn to(&self, name: &str) -> String {
        let name = match name {
            "item" | "transaction" => "nsResource",
            name if name == "nsLink" || schema::record_type(name).is_some() => name,
            _ => "nsResource",
        };
        match self {
            Self::Catalog(origin) => format!("{origin}/services/rest/record/v1/metadata-catalog/{name}"),
            Self::Document => format!("#/components/schemas/{name}"),
        }
    }
}

/// The types and all that they refer to, as an OpenAPI document.
fn open_api(origin: &str, kinds: &[&RecordType]) -> Json {
    let mut schemas = Map::new();
    let mut paths = Map::new();
    for kind in schema::record_types() {
        schemas.insert(kind.name.to_owned(), type_schema(&References::Document, kind));
    }
    schemas.insert("nsLink".to_owned(), link_schema());
    schemas.insert("nsResource".to_owned(), resource_schema());
    let body = |kind: &RecordType| json!({ "application/vnd.oracle.resource+json; type=singular": { "schema": { "$ref": References::Document.to(kind.name) } } });
    let done = json!({ "204": { "description": "No Content" } });
    for kind in kinds {
        let id = json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }]);
        let list = json!({ "get": { "tags": [kind.name], "responses": { "200": { "description": "Records" } } }, "post": { "tags": [kind.name], "requestBody": { "content": body(kind) }, "responses": done } });
        let one = json!({
            "get": { "tags": [kind.name], "parameters": id, "responses": { "200": { "description": "Record", "content": body(kind) } } },
            "patch": { "tags": [kind.name], "parameters": id, "requestBody": { "content": body(kind) }, "responses": done },
            "put": { "tags": [kind.name], "parameters": id, "requestBody": { "content": body(kind) }, "responses": done },
            "delete": { "tags": [kind.name], "parameters": id, "responses": done },
        });
        paths.insert(format!("/{}", kind.name), list);
        paths.insert(format!("/{}/{{id}}", kind.name), one);
    }
    json!({
        "openapi": "3.0.1",
        "info": { "title": "NetSuite REST API", "version": "1.0" },
        "servers": [{ "url": format!("{origin}/services/rest/record/v1") }],
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn resource_schema() -> Json {
    json!({
        "type": "object",
        "properties": {
            "id": { "title": "Internal identifier", "type": "string" },
            "externalId": { "title": "External identifier", "type": "string" },
            "refName": { "title": "Reference Name", "type": "string" },
        },
    })
}

fn link_schema() -> Json {
    json!({
        "type": "object",
        "properties": { "rel": { "title": "Relationship", "type": "string" }, "href": { "title": "Hypertext Reference", "type": "string", "format": "URI" } },
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
    })
}

fn type_schema(references: &References<'_>, kind: &RecordType) -> Json {
    let mut properties = properties(references, &kind.shape);
    properties.insert("id".to_owned(), json!({ "title": "Internal ID", "type": "string", "nullable": true }));
    properties.insert(
        "links".to_owned(),
        json!({ "title": "Links", "type": "array", "readOnly": true, "items": { "$ref": references.to("nsLink") } }),
    );
    let filterable: Vec<&str> =
        kind.shape.fields.iter().filter(|field| filter::is_filterable(field)).map(|field| field.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "x-ns-filterable": filterable,
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
    })
}

fn properties(references: &References<'_>, shape: &Shape) -> Map<String, Json> {
    shape.fields.iter().filter_map(|field| Some((field.name.to_owned(), property(references, field)?))).collect()
}

fn property(references: &References<'_>, field: &Field) -> Option<Json> {
    let mut property = match &field.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Number => json!({ "type": "number", "format": "double" }),
        Kind::Integer => json!({ "type": "integer", "format": "int64" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Moment => json!({ "type": "string", "format": "date-time" }),
        Kind::Country => {
            json!({ "type": "object", "properties": { "id": { "type": "string" }, "refName": { "type": "string" } } })
        }
        Kind::Choice(values) => {
            json!({ "type": "object", "properties": { "id": { "type": "string", "enum": values }, "refName": { "type": "string" } } })
        }
        Kind::Ref(kind) => return Some(json!({ "$ref": references.to(kind) })),
        Kind::Many(kind) => json!({
            "type": "object",
            "properties": { "items": { "type": "array", "items": { "$ref": references.to(kind) } } },
        }),
        Kind::Lines(shape) => collection(references, shape)?,
        Kind::Part(shape) => json!({ "type": "object", "properties": properties(references, schema::shape(shape)?) }),
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

fn collection(references: &References<'_>, shape: &str) -> Option<Json> {
    let line = json!({ "type": "object", "properties": properties(references, schema::shape(shape)?) });
    Some(json!({
        "type": "object",
        "properties": {
            "totalResults": { "title": "Total Results", "type": "integer", "format": "int64", "readOnly": true },
            "items": { "type": "array", "items": line },
        },
    }))
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
