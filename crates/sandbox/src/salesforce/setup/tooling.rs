//! The part of the Tooling API that makes custom fields, and tells which there are.

use std::sync::Arc;

use http::Method;
use serde_json::{Value as Json, json};

use super::{catalogue, definition};
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::resource::{At, Rows};
use crate::salesforce::schema::Field;

/// Answers below `/tooling`.
pub(in crate::salesforce) fn tooling(at: &mut At<'_>, call: &Call, method: &Method, path: &[&str]) -> Verdict<Reply> {
    match (method.as_str(), path) {
        ("GET", ["query"]) => catalogue::query(at, call),
        ("POST", ["sobjects", "CustomField"]) => create(at, call),
        ("GET", ["sobjects", "CustomField", id]) => show(at, call, id),
        // The vendor lets custom objects be read here, and be made by the Metadata API alone.
        ("POST" | "PATCH", ["sobjects", "CustomObject", ..]) => Err(Refusal::method(method.as_str(), "GET,HEAD")),
        _ => Err(Refusal::not_emulated("this part of the Tooling API")),
    }
}

fn create(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    if !at.current.settings.customize_application {
        return Err(Refusal::new(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id"));
    }
    let body = call.object()?;
    if let Some(unknown) = body.keys().find(|key| !["FullName", "Metadata", "attributes"].contains(&key.as_str())) {
        return Err(Refusal::no_column(unknown, "CustomField"));
    }
    let required = |field: &str| {
        Refusal::row("REQUIRED_FIELD_MISSING", format!("Required fields are missing: [{field}]"), &[field])
    };
    let full = body.get("FullName").and_then(Json::as_str).ok_or_else(|| required("FullName"))?;
    let metadata = body.get("Metadata").and_then(Json::as_object).ok_or_else(|| required("Metadata"))?;
    let (object, name) = full.split_once('.').unwrap_or((full, ""));
    // What a permission set does not show yet can have fields all the same.
    let object = at.current.schema.position(object).ok_or_else(|| {
        let message = format!("Entity Enumeration Or ID: bad value for restricted picklist field: {object}");
        Refusal::row("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, &["TableEnumOrId"])
    })?;
    let field = definition::field(name, metadata)?;
    let held = &at.current.schema.objects[object];
    if let Some(there) = held.field(name) {
        let stem = there.name.strip_suffix("__c").unwrap_or(&there.name);
        let message = format!("There is already a field named {stem} on {}.", held.label);
        return Err(Refusal::row("DUPLICATE_DEVELOPER_NAME", message, &["DeveloperName"]));
    }
    if at.current.settings.maintenance {
        return Err(super::super::failure::maintenance());
    }
    let id = match (std::mem::take(&mut at.mark.row_error), std::mem::take(&mut at.mark.forget)) {
        (true, _) => {
            let message = "Refused by a rule of this org.";
            return Err(Refusal::row("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, &[]));
        }
        (false, true) => catalogue::field_id(at.store(), object, 0),
        (false, false) => add(at, object, field)?,
    };
    Ok(Reply::json(201, json!({ "id": id.to_string(), "success": true, "errors": [], "warnings": [], "infos": [] })))
}

fn add(at: &mut At<'_>, object: usize, field: Field) -> Verdict<crate::salesforce::id::Id> {
    let mut schema = (*at.current.schema).clone();
    let indexed = field.indexed;
    let place = schema.add_field(object, field).ok_or_else(|| {
        Refusal::not_emulated("another custom field on this object; a bare org has room for those of a sync")
    })?;
    let Rows::Own(store, _) = &mut at.rows else { return Err(Refusal::not_found()) };
    if indexed {
        store.index(object, place);
    }
    let id = catalogue::field_id(store, object, place);
    // The settings name nothing that has gone.
    let _ = at.org.renew(store, |current| current.schema = Arc::new(schema));
    Ok(id)
}

fn show(at: &At<'_>, call: &Call, id: &str) -> Verdict<Reply> {
    let schema = &at.current.schema;
    let all = schema.objects.iter().enumerate().filter(|(_, object)| !object.absent);
    let mut all =
        all.flat_map(|(position, object)| object.custom_fields().map(move |(place, field)| (position, place, field)));
    let found = all.find(|(object, place, _)| {
        let own = catalogue::field_id(at.store(), *object, *place);
        own.to_string() == id || own.short() == id
    });
    let (object, place, field) = found.ok_or_else(|| Refusal::no_record(id))?;
    let id = catalogue::field_id(at.store(), object, place);
    let (namespace, developer) = catalogue::parts(&field.name);
    Ok(Reply::json(
        200,
        json!({
            "attributes": { "type": "CustomField", "url": format!("/services/data/{}/tooling/sobjects/CustomField/{id}", call.version) },
            "Id": id.to_string(), "DeveloperName": developer, "NamespacePrefix": namespace,
            "FullName": format!("{}.{}", schema.objects[object].name, field.name),
            "Metadata": {
                "label": field.label, "type": definition_type(field), "length": field.length, "unique": field.unique,
                "externalId": field.external_id, "caseSensitive": field.case_sensitive, "required": field.required,
            },
        }),
    ))
}

/// The metadata's name of a type.
fn definition_type(field: &Field) -> &'static str {
    use crate::salesforce::schema::Kind;
    match field.kind {
        Kind::Boolean => "Checkbox",
        Kind::Int | Kind::Double => "Number",
        Kind::Currency => "Currency",
        Kind::Percent => "Percent",
        Kind::Date => "Date",
        Kind::DateTime => "DateTime",
        Kind::Picklist => "Picklist",
        Kind::MultiPicklist => "MultiselectPicklist",
        Kind::TextArea if field.is_long_text() => "LongTextArea",
        Kind::TextArea => "TextArea",
        Kind::Reference => "Lookup",
        Kind::Email => "Email",
        Kind::Phone => "Phone",
        Kind::Url => "Url",
        _ => "Text",
    }
}
