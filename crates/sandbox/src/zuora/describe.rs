//! `/v1/describe`: the objects and their fields, in XML.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};

use super::Zuora;
use super::call::Call;
use super::schema::{self, Entity, Field, Kind, Side};

/// The routes of describe.
pub(crate) fn routes() -> Router<Arc<Zuora>> {
    Router::new().route("/v1/describe", get(objects)).route("/v1/describe/{object}", get(object))
}

async fn objects(call: Call) -> Response {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<objects>");
    for entity in Entity::ALL {
        let object = entity.object();
        let address = format!("{}/v1/describe/{}", call.base, object.name);
        push(
            &mut out,
            format_args!(
                "<object href=\"{address}\"><name>{}</name><label>{}</label></object>",
                object.name, object.label
            ),
        );
    }
    out.push_str("</objects>");
    xml(StatusCode::OK, out)
}

async fn object(Path(name): Path<String>, call: Call) -> Response {
    let Some(entity) = Entity::named(&name).filter(|entity| entity.object().name == name) else {
        return xml(
            StatusCode::NOT_FOUND,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error>Object not found</error>".to_owned(),
        );
    };
    let object = entity.object();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<object><name>{}</name><label>{}</label><fields>",
        object.name, object.label
    );
    for (_, field) in entity.fields().filter(|(_, field)| field.is_known(u16::MAX)) {
        write_field(&mut out, field);
    }
    out.push_str("</fields><related-objects>");
    for relation in object.relations.iter().filter(|relation| matches!(relation.by, Side::Here(_))) {
        let other = relation.to.object();
        push(
            &mut out,
            format_args!(
                "<object href=\"{}/v1/describe/{}\"><name>{}</name><label>{}</label></object>",
                call.base, other.name, other.name, other.label
            ),
        );
    }
    out.push_str("</related-objects></object>");
    xml(StatusCode::OK, out)
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = out.write_fmt(text);
}

fn write_field(out: &mut String, field: &Field) {
    let createable = field.write != schema::Write::Never;
    let updateable = field.write == schema::Write::Always;
    push(out, format_args!("<field><name>{}</name><label>{}</label>", field.name, label(field.name)));
    push(
        out,
        format_args!(
            "<selectable>true</selectable><createable>{createable}</createable><updateable>{updateable}</updateable>"
        ),
    );
    push(out, format_args!("<filterable>true</filterable><custom>{}</custom>", field.is_connector_field()));
    match field.kind {
        Kind::Text(longest) => push(out, format_args!("<maxlength>{longest}</maxlength>")),
        Kind::Key | Kind::Ref(_) => out.push_str("<maxlength>32</maxlength>"),
        _ => out.push_str("<maxlength/>"),
    }
    push(out, format_args!("<required>{}</required><type>{}</type>", field.required, type_name(field.kind)));
    if let Kind::Pick(options) = field.kind {
        out.push_str("<options>");
        for option in options {
            push(out, format_args!("<option>{option}</option>"));
        }
        out.push_str("</options>");
    }
    out.push_str("<contexts><context>soap</context><context>export</context></contexts></field>");
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Key | Kind::Ref(_) | Kind::Text(_) => "text",
        Kind::Pick(_) => "picklist",
        Kind::Number => "decimal",
        Kind::Integer => "integer",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
        Kind::Moment => "datetime",
    }
}

/// A name in words: `InvoiceDate` becomes `Invoice Date`.
fn label(name: &str) -> String {
    let name = name.trim_end_matches("__NS");
    let mut label = String::with_capacity(name.len() + 4);
    let mut small_before = false;
    for letter in name.chars() {
        if small_before && letter.is_ascii_uppercase() {
            label.push(' ');
        }
        small_before = letter.is_ascii_lowercase();
        label.push(letter);
    }
    label
}

fn xml(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=utf-8"));
    response
}
