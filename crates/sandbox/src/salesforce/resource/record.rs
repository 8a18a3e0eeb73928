//! One record: by its id, or by a key of its own.

use http::Method;
use serde_json::{Map, Value as Json, json};

use super::{At, conditional, object, show};
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::id::Id;
use crate::salesforce::schema::ID;
use crate::salesforce::value::Value;
use crate::salesforce::write::{Form, Upserted, scalar};

/// Since this version an upsert that changes a record answers with a body.
const UPSERT_WITH_BODY: u32 = 46;

/// `POST /sobjects/{object}`.
pub(super) fn create(at: &mut At<'_>, call: &Call, name: &str) -> Verdict<Reply> {
    let object = object(at, name)?;
    let body = call.object()?;
    let done = at.write(call, |writer| writer.insert(object, &body, Form::Single))?;
    Ok(match done {
        Ok(id) => created(at, call, object, id, None),
        Err(reasons) => Reply::refused(&reasons),
    })
}

fn created(at: &At<'_>, call: &Call, object: usize, id: Id, is_upsert: Option<bool>) -> Reply {
    let mut body = json!({ "id": id.to_string(), "success": true, "errors": [] });
    if let Some(created) = is_upsert {
        body["created"] = json!(created);
    }
    let name = &at.sight().at(object).name;
    Reply::json(201, body).with("location", format!("/services/data/{}/sobjects/{name}/{id}", call.version))
}

/// The id in an address. The vendor does not tell an id of another kind from one that is not there.
fn id_of(at: &At<'_>, object: usize, text: &str) -> Verdict<Id> {
    Id::read(text).filter(|id| id.prefix() == at.sight().at(object).prefix).ok_or_else(|| Refusal::no_record(text))
}

/// `GET /sobjects/{object}/{id}`.
pub(super) fn get(at: &At<'_>, call: &Call, name: &str, id: &str) -> Verdict<Reply> {
    let object = object(at, name)?;
    let id = id_of(at, object, id)?;
    shown(at, call, object, id)
}

fn shown(at: &At<'_>, call: &Call, object: usize, id: Id) -> Verdict<Reply> {
    let sight = at.sight();
    let row = sight.store.get(id).filter(|row| sight.sees(row)).ok_or_else(|| Refusal::no_record(&id.to_string()))?;
    if row.is_deleted() {
        return Err(Refusal::deleted());
    }
    if let Some(reply) = conditional::check(&sight, row, call)? {
        return Ok(reply);
    }
    let fields = match call.parameter("fields") {
        None => None,
        Some(list) => Some(positions(at, object, list.split(','))?),
    };
    let body = show(&sight, row, &call.version, fields.as_deref());
    Ok(conditional::stamped(&sight, row, Reply::json(200, body)))
}

/// The positions of named fields, the id first.
pub(super) fn positions<'n>(at: &At<'_>, object: usize, names: impl Iterator<Item = &'n str>) -> Verdict<Vec<usize>> {
    let sight = at.sight();
    let mut fields = Vec::new();
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        let field = sight.field(object, name).ok_or_else(|| Refusal::no_column(name, &sight.at(object).name))?;
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    if !fields.contains(&ID) {
        fields.push(ID);
    }
    Ok(fields)
}

/// `PATCH /sobjects/{object}/{id}`.
pub(super) fn update(at: &mut At<'_>, call: &Call, name: &str, id: &str) -> Verdict<Reply> {
    let object = object(at, name)?;
    let id = id_of(at, object, id)?;
    let body = call.object()?;
    no_id(&body)?;
    precondition(at, call, id)?;
    let done = at.write(call, |writer| writer.update(object, id, &body, Form::Single))?;
    Ok(done.map_or_else(|reasons| missing(id, &reasons), |()| Reply::empty(204)))
}

/// A record that is not there has an answer of its own when its address is asked.
fn missing(id: Id, reasons: &[Refusal]) -> Reply {
    match reasons {
        [only] if only.code == "INVALID_CROSS_REFERENCE_KEY" && only.status == 404 => {
            Refusal::no_record(&id.to_string()).into()
        }
        _ => Reply::refused(reasons),
    }
}

fn no_id(body: &Map<String, Json>) -> Verdict<()> {
    match body.keys().any(|name| name.eq_ignore_ascii_case("id")) {
        true => Err(Refusal {
            fields: Some(Vec::new()),
            ..Refusal::new(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
        }),
        false => Ok(()),
    }
}

fn precondition(at: &At<'_>, call: &Call, id: Id) -> Verdict<()> {
    let sight = at.sight();
    match sight.get(id) {
        Some(row) => conditional::check(&sight, row, call).map(|_| ()),
        None => Ok(()),
    }
}

/// `DELETE /sobjects/{object}/{id}`.
pub(super) fn delete(at: &mut At<'_>, call: &Call, name: &str, id: &str) -> Verdict<Reply> {
    let object = object(at, name)?;
    let id = id_of(at, object, id)?;
    if call.header("if-match").or(call.header("if-unmodified-since")).is_some() {
        let message = "Conditional headers are not supported for DELETE";
        return Err(Refusal::new(400, "INVALID_HTTP_HEADER", message));
    }
    let done = at.write(call, |writer| writer.delete(object, id))?;
    Ok(done.map_or_else(|reasons| missing(id, &reasons), |()| Reply::empty(204)))
}

/// `/sobjects/{object}/{key}/{value}`.
pub(super) fn by_key(
    at: &mut At<'_>,
    call: &Call,
    method: &Method,
    name: &str,
    key: &str,
    text: &str,
) -> Verdict<Reply> {
    let object = object(at, name)?;
    if id_of(at, object, key).is_ok() {
        return Err(Refusal::not_emulated("the records that are related to one"));
    }
    let key = key_field(at, object, key, false)?;
    let field = &at.current.schema.objects[object].fields[key];
    let value = scalar::read(field, &json!(text), Form::Collection).map_err(|_| Refusal::no_record(text))?;
    if value.is_null() {
        return Err(Refusal::not_found());
    }
    if method == Method::PATCH {
        return upsert(at, call, object, key, &value);
    }
    let id = match found(at, call, object, key, &value) {
        Found::None => return Err(Refusal::no_record(text)),
        Found::Many(reply) => return Ok(reply),
        Found::One(id) => id,
    };
    match method.as_str() {
        "GET" => shown(at, call, object, id),
        "DELETE" => delete(at, call, name, &id.to_string()),
        other => Err(Refusal::method(other, "DELETE,GET,HEAD,PATCH")),
    }
}

/// The position of a field by which records may be found. Where several records may share its values, only who sees
/// all data may write by it.
pub(super) fn key_field(at: &At<'_>, object: usize, name: &str, writes: bool) -> Verdict<usize> {
    let sight = at.sight();
    let found = sight.field(object, name).map(|position| (position, &sight.at(object).fields[position]));
    let (position, field) = found.filter(|(_, field)| field.id_lookup || field.external_id).ok_or_else(|| {
        Refusal::new(
            404,
            "NOT_FOUND",
            "Provided external ID field does not exist or is not accessible: ".to_owned() + name,
        )
    })?;
    if writes && field.external_id && !field.unique && !at.current.settings.view_all_data {
        let message = "insufficient access rights on object id";
        return Err(Refusal::new(403, "INSUFFICIENT_ACCESS_OR_READONLY", message));
    }
    Ok(position)
}

/// The records that a key matches.
enum Found {
    /// There is none, or the caller does not see it.
    None,
    /// One.
    One(Id),
    /// Several: the vendor names their addresses and does nothing.
    Many(Reply),
}

fn found(at: &At<'_>, call: &Call, object: usize, key: usize, value: &Value) -> Found {
    let sight = at.sight();
    let field = &sight.at(object).fields[key];
    let exact = !field.unique || field.case_sensitive;
    let rows = sight.store.table(object).look_up(key, value).filter(|row| !row.is_deleted() && sight.sees(row));
    let ids: Vec<Id> = rows.filter(|row| !exact || row.values[key] == *value).map(|row| row.id).collect();
    match ids.as_slice() {
        [] => Found::None,
        [id] => Found::One(*id),
        several => {
            let name = &sight.at(object).name;
            let url = |id: &Id| json!(format!("/services/data/{}/sobjects/{name}/{id}", call.version));
            Found::Many(Reply::json(300, several.iter().map(url).collect()))
        }
    }
}

fn upsert(at: &mut At<'_>, call: &Call, object: usize, key: usize, value: &Value) -> Verdict<Reply> {
    let described = &at.current.schema.objects[object];
    key_field(at, object, &described.fields[key].name, true)?;
    let body = call.object()?;
    no_id(&body)?;
    let field = &described.fields[key].name;
    if key != ID && body.keys().any(|name| name.eq_ignore_ascii_case(field)) {
        let message = format!("The {field} field should not be specified in the sobject data.");
        return Err(Refusal::new(400, "INVALID_FIELD", message));
    }
    match found(at, call, object, key, value) {
        Found::Many(reply) => return Ok(reply),
        Found::One(id) => precondition(at, call, id)?,
        Found::None if key == ID => return Err(Refusal::no_record(&value.plain(false))),
        Found::None if call.parameter("updateOnly").is_some_and(|only| only.eq_ignore_ascii_case("true")) => {
            return Err(Refusal::no_record(&value.plain(false)));
        }
        Found::None => {}
    }
    let done = at.write(call, |writer| writer.upsert(object, key, value, &body, Form::Single))?;
    Ok(match done {
        Err(reasons) => Reply::refused(&reasons),
        Ok(Upserted { id, created: true }) => created(at, call, object, id, Some(true)),
        Ok(Upserted { id, created: false }) if call.number().is_some_and(|number| number >= UPSERT_WITH_BODY) => {
            Reply::json(200, json!({ "id": id.to_string(), "success": true, "errors": [], "created": false }))
        }
        Ok(_) => Reply::empty(204),
    })
}
