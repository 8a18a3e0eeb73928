//! Collections: up to 200 records in one call, each with a result of its own.

use http::Method;
use serde_json::{Map, Value as Json, json};

use super::{At, object, record, show};
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, RowVerdict, Verdict};
use crate::salesforce::id::Id;
use crate::salesforce::schema::ID;
use crate::salesforce::write::{Form, Writer, scalar};

/// The most records that are written.
const MOST_WRITTEN: usize = 200;
/// The most records that are read.
const MOST_READ: usize = 2_000;
/// The most runs of records of one type.
const MOST_RUNS: usize = 10;

/// `/composite/sobjects...`.
pub(super) fn answer(at: &mut At<'_>, call: &Call, method: &Method, rest: &[&str]) -> Verdict<Reply> {
    match (method.as_str(), rest) {
        ("POST", []) => create(at, call),
        ("PATCH", []) => update(at, call),
        ("DELETE", []) => delete(at, call),
        ("GET" | "POST", [name]) => retrieve(at, call, name),
        ("PATCH", [name, key]) => upsert(at, call, name, key),
        (other, []) => Err(Refusal::method(other, "DELETE,PATCH,POST")),
        (other, [_]) => Err(Refusal::method(other, "GET,HEAD,POST")),
        (other, _) => Err(Refusal::method(other, "PATCH")),
    }
}

/// A record of a body, with the object that its attributes name.
struct Item {
    object: usize,
    record: Map<String, Json>,
}

struct Body {
    all_or_none: bool,
    items: Vec<Item>,
}

fn read(at: &At<'_>, call: &Call, only: Option<usize>) -> Verdict<Body> {
    let body = call.object()?;
    let all_or_none = match body.get("allOrNone") {
        None | Some(Json::Null) => false,
        Some(Json::Bool(all)) => *all,
        Some(other) => return Err(Refusal::body(format!("Cannot deserialize instance of boolean from {other}"))),
    };
    if let Some(unknown) = body.keys().find(|name| !matches!(name.as_str(), "allOrNone" | "records")) {
        return Err(Refusal::body(format!("Unrecognized field \"{unknown}\" at [line:1, column:2]")));
    }
    let Some(Json::Array(records)) = body.get("records") else {
        return Err(Refusal::new(400, "INVALID_INPUT", "Required field is missing: records"));
    };
    if records.len() > MOST_WRITTEN {
        return Err(too_many(MOST_WRITTEN));
    }
    let items = records.iter().map(|record| item(at, record, only)).collect::<Verdict<Vec<Item>>>()?;
    let runs = items.chunk_by(|one, next| one.object == next.object).count();
    if runs > MOST_RUNS {
        let message = format!(
            "Cannot have more than {MOST_RUNS} chunks in a single operation. Please rearrange the data to reduce chunking."
        );
        return Err(Refusal::new(400, "LIMIT_EXCEEDED", message));
    }
    Ok(Body { all_or_none, items })
}

fn too_many(most: usize) -> Refusal {
    Refusal::new(
        400,
        "EXCEEDED_ID_LIMIT",
        format!("record limit reached. cannot submit more than {most} records in this call"),
    )
}

fn item(at: &At<'_>, record: &Json, only: Option<usize>) -> Verdict<Item> {
    let Json::Object(record) = record else {
        return Err(Refusal::body("Cannot deserialize instance of sObject at [line:1, column:1]"));
    };
    let Some(name) = record.get("attributes").and_then(|attributes| attributes["type"].as_str()) else {
        return Err(Refusal::new(
            400,
            "INVALID_INPUT",
            "Include an entity type in each record's attributes: attributes.type",
        ));
    };
    let object = at
        .sight()
        .object(name)
        .ok_or_else(|| Refusal::new(400, "INVALID_TYPE", format!("sObject type '{name}' is not supported.")))?;
    if only.is_some_and(|only| only != object) {
        let message = "The type of a record does not match the type of the request";
        return Err(Refusal::new(400, "INVALID_INPUT", message));
    }
    Ok(Item { object, record: record.clone() })
}

fn create(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let body = read(at, call, None)?;
    each(at, call, body, |writer, item| {
        let id = writer.insert(item.object, &item.record, Form::Collection)?;
        Ok(succeeded(id, None))
    })
}

fn update(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let body = read(at, call, None)?;
    let ids: Vec<Option<Id>> = body.items.iter().map(|item| id_of(&item.record).and_then(Id::read)).collect();
    let twice = |id: Id| ids.iter().filter(|other| **other == Some(id)).count() > 1;
    each(at, call, body, |writer, item| {
        let text = id_of(&item.record).unwrap_or_default().to_owned();
        if text.is_empty() {
            return Err(vec![Refusal::row("MISSING_ARGUMENT", "Id not specified in an update call", &[])]);
        }
        let id = Id::read(&text).ok_or_else(|| malformed(&text))?;
        if twice(id) {
            let message = format!("Duplicate id specified: {id}");
            return Err(vec![Refusal::row("DUPLICATE_VALUE", message, &["Id"])]);
        }
        let mut record = item.record.clone();
        record.retain(|name, _| !name.eq_ignore_ascii_case("id"));
        writer.update(item.object, id, &record, Form::Collection)?;
        Ok(succeeded(id, None))
    })
}

fn upsert(at: &mut At<'_>, call: &Call, name: &str, key: &str) -> Verdict<Reply> {
    let object = object(at, name)?;
    let key = record::key_field(at, object, key, true)?;
    let body = read(at, call, Some(object))?;
    let field = at.current.schema.objects[object].fields[key].clone();
    let given = |record: &Map<String, Json>| {
        let found = record.iter().find(|(name, _)| name.eq_ignore_ascii_case(&field.name));
        found.and_then(|(_, json)| scalar::read(&field, json, Form::Collection).ok()).unwrap_or_default()
    };
    // A key that stands twice fails wherever it stands.
    let folded = |record: &Map<String, Json>| {
        let text = given(record).plain(field.is_whole());
        if field.unique && !field.case_sensitive { text.to_lowercase() } else { text }
    };
    let keys: Vec<String> = body.items.iter().map(|item| folded(&item.record)).collect();
    each(at, call, body, |writer, item| {
        let value = given(&item.record);
        if key != ID && item.record.keys().any(|name| name.eq_ignore_ascii_case("id")) {
            return Err(vec![Refusal::row(
                "INVALID_FIELD",
                "The Id field should not be specified in the sobject data.",
                &["Id"],
            )]);
        }
        let own = folded(&item.record);
        if value.is_null() && key != ID {
            let message = format!("{} not specified", field.name);
            return Err(vec![Refusal::row("MISSING_ARGUMENT", message, &[&field.name])]);
        }
        if keys.iter().filter(|other| **other == own).count() > 1 && !value.is_null() {
            let message = format!("Duplicate external id specified: {}", value.plain(field.is_whole()));
            return Err(vec![Refusal::row("DUPLICATE_VALUE", message, &[&field.name])]);
        }
        let mut record = item.record.clone();
        record.retain(|name, _| !name.eq_ignore_ascii_case(&field.name));
        if value.is_null() {
            let id = writer.insert(object, &record, Form::Collection)?;
            return Ok(succeeded(id, Some(true)));
        }
        let done = writer.upsert(object, key, &value, &record, Form::Collection)?;
        Ok(succeeded(done.id, Some(done.created)))
    })
}

fn delete(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let ids = call.parameter("ids").unwrap_or_default();
    let ids: Vec<String> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(Refusal::new(400, "INVALID_INPUT", "Required parameter is missing: ids"));
    }
    if ids.len() > MOST_WRITTEN {
        return Err(too_many(MOST_WRITTEN));
    }
    let all_or_none = call.parameter("allOrNone").is_some_and(|all| all.eq_ignore_ascii_case("true"));
    let schema = &at.current.schema;
    let results = at.write(call, |writer| {
        rows(writer, all_or_none, &ids, |writer, text| {
            let id = Id::read(text).ok_or_else(|| malformed(text))?;
            let object = schema.by_prefix(id.prefix()).ok_or_else(|| malformed(text))?;
            writer.delete(object, id)?;
            Ok(succeeded(id, None))
        })
    })?;
    Ok(Reply::json(200, Json::Array(results)))
}

fn malformed(text: &str) -> Vec<Refusal> {
    vec![Refusal::row("MALFORMED_ID", format!("malformed id {text}"), &["Id"])]
}

fn id_of(record: &Map<String, Json>) -> Option<&str> {
    record.iter().find(|(name, _)| name.eq_ignore_ascii_case("id")).and_then(|(_, id)| id.as_str())
}

fn succeeded(id: Id, created: Option<bool>) -> Json {
    let mut result = json!({ "id": id.to_string(), "success": true, "errors": [] });
    if let Some(created) = created {
        result["created"] = json!(created);
    }
    result
}

fn each(
    at: &mut At<'_>,
    call: &Call,
    body: Body,
    write: impl Fn(&mut Writer<'_>, &Item) -> RowVerdict<Json>,
) -> Verdict<Reply> {
    let results = at.write(call, |writer| rows(writer, body.all_or_none, &body.items, write))?;
    Ok(Reply::json(200, Json::Array(results)))
}

/// Writes row after row. If all or none are to be kept, one that is refused takes the others with it.
fn rows<T>(
    writer: &mut Writer<'_>,
    all_or_none: bool,
    items: &[T],
    write: impl Fn(&mut Writer<'_>, &T) -> RowVerdict<Json>,
) -> Vec<Json> {
    writer.store.begin();
    let done: Vec<RowVerdict<Json>> = items.iter().map(|item| write(writer, item)).collect();
    let spoilt = all_or_none && done.iter().any(Result::is_err);
    if spoilt {
        writer.store.roll_back();
    } else {
        writer.store.commit();
    }
    let collateral = || {
        let message =
            "Record rolled back because not all records were valid and the request was using AllOrNone header";
        failed(&[Refusal::row("ALL_OR_NONE_OPERATION_ROLLED_BACK", message, &[])])
    };
    done.into_iter()
        .map(|done| match done {
            Ok(_) if spoilt => collateral(),
            Ok(result) => result,
            Err(reasons) => failed(&reasons),
        })
        .collect()
}

fn failed(reasons: &[Refusal]) -> Json {
    let errors: Vec<Json> = reasons.iter().map(Refusal::of_row).collect();
    json!({ "success": false, "errors": errors })
}

/// Reads records by their ids. A place is empty where there is none, or where the caller does not see it.
fn retrieve(at: &At<'_>, call: &Call, name: &str) -> Verdict<Reply> {
    let object = object(at, name)?;
    let (ids, fields) = if call.method == Method::POST { listed(call)? } else { named(call) };
    if ids.is_empty() || fields.is_empty() {
        let missing = if ids.is_empty() { "ids" } else { "fields" };
        return Err(Refusal::new(400, "INVALID_INPUT", format!("Required parameter is missing: {missing}")));
    }
    if ids.len() > MOST_READ {
        return Err(too_many(MOST_READ));
    }
    let fields = record::positions(at, object, fields.iter().map(String::as_str))?;
    let sight = at.sight();
    let rows = ids.iter().map(|text| {
        let row = Id::read(text).and_then(|id| sight.get(id)).filter(|row| row.object == object);
        row.map_or(Json::Null, |row| show(&sight, row, &call.version, Some(&fields)))
    });
    Ok(Reply::json(200, rows.collect()))
}

fn named(call: &Call) -> (Vec<String>, Vec<String>) {
    let list = |name| call.parameter(name).unwrap_or_default().split(',').map(str::trim);
    let owned = |name| list(name).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    (owned("ids"), owned("fields"))
}

fn listed(call: &Call) -> Verdict<(Vec<String>, Vec<String>)> {
    let body = call.object()?;
    let list = |name: &str| -> Vec<String> {
        let texts = body.get(name).and_then(Json::as_array).into_iter().flatten();
        texts.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    Ok((list("ids"), list("fields")))
}
