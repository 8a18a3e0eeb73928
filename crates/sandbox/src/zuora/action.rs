//! `POST /v1/action/update`, `create` and `delete`: up to fifty objects of one type, each with a result of its own.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Zuora;
use super::call::Call;
use super::create;
use super::fail::{self, Reason, Refused};
use super::reply;
use super::schema::Entity;
use super::store::Store;
use super::write::{self, Mode};
use crate::server;

/// The most objects in one call.
const MOST_OBJECTS: usize = 50;

/// Changes objects.
pub(crate) async fn update(State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    write_objects(&zuora, &call, Mode::Update).unwrap_or_else(Response::from)
}

/// Makes objects.
pub(crate) async fn create(State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    write_objects(&zuora, &call, Mode::Create).unwrap_or_else(Response::from)
}

/// Deletes objects.
pub(crate) async fn delete(State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    delete_objects(&zuora, &call).unwrap_or_else(Response::from)
}

/// Actions that exist but are not emulated, and those that do not exist.
pub(crate) async fn other(Path(action): Path<String>, request: axum::extract::Request) -> Response {
    match action.as_str() {
        "amend" | "execute" | "generate" | "subscribe" => server::not_emulated(request).await,
        _ => fail::client_error("ClientError", &format!("Invalid action '{action}'")),
    }
}

fn entity_of(body: &Map<String, Value>, mode: Option<Mode>) -> Result<Entity, Refused> {
    let name = body.get("type").and_then(Value::as_str).unwrap_or_default();
    let known = Entity::named(name).filter(|entity| entity.object().name == name);
    let allowed = |entity: &Entity| mode == Some(Mode::Update) || entity.object().creatable;
    known.filter(allowed).ok_or_else(|| fail::fault("INVALID_TYPE", &format!("invalid type specified: {name}")).into())
}

fn list<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], Refused> {
    match body.get(name) {
        Some(Value::Array(list)) if list.len() > MOST_OBJECTS => {
            let message = format!("The number of objects exceeds the maximum of {MOST_OBJECTS} in one call");
            Err(fail::fault("MAX_RECORDS_EXCEEDED", &message).into())
        }
        Some(Value::Array(list)) => Ok(list),
        _ => Err(fail::fault("MISSING_REQUIRED_VALUE", &format!("Missing required value: {name}")).into()),
    }
}

fn write_objects(zuora: &Zuora, call: &Call, mode: Mode) -> Result<Response, Refused> {
    let body = call.action_body()?;
    let entity = entity_of(&body, Some(mode))?;
    let objects = list(&body, "objects")?;
    let mut store = zuora.write(call);
    let now = zuora.now();
    if call.rejects_unknown_fields()
        && objects.iter().any(|object| has_unknown_field(&store, entity, object, mode, call.wsdl))
    {
        return Err(fail::unrecognised_fields().into());
    }
    let mut results = Vec::with_capacity(objects.len());
    for (position, object) in objects.iter().enumerate() {
        let struck = call.mark.row_error && position == 0;
        let outcome = match mode {
            Mode::Create => create_one(&mut store, entity, object, call.wsdl, now, struck),
            Mode::Update => update_one(&mut store, entity, object, call.wsdl, now, struck),
        };
        // Of a batch a fault takes back one row: the first that was written.
        if outcome.is_ok() {
            store.take_back();
        }
        results.push(match outcome {
            Ok(id) => json!({ "Success": true, "Id": id }),
            Err(reasons) => json!({ "Success": false, "Errors": reasons.iter().map(Reason::json).collect::<Vec<_>>() }),
        });
    }
    Ok(reply::json(&Value::Array(results)))
}

fn has_unknown_field(store: &Store, entity: Entity, object: &Value, mode: Mode, wsdl: u16) -> bool {
    object.as_object().is_some_and(|body| !write::read(store, entity, body, mode, wsdl).unknown.is_empty())
}

/// The refusal of a row that a fault strikes.
pub(crate) fn row_error() -> Reason {
    Reason::new("INVALID_VALUE", "The record was refused by a validation rule.")
}

fn update_one(
    store: &mut Store,
    entity: Entity,
    object: &Value,
    wsdl: u16,
    now: i64,
    struck: bool,
) -> Result<String, Vec<Reason>> {
    let invalid_id = || vec![Reason::new("INVALID_ID", "invalid id for update")];
    let body = object.as_object().ok_or_else(invalid_id)?;
    let id = body.get("Id").and_then(Value::as_str).ok_or_else(invalid_id)?;
    let row = store.by_id(entity, id).ok_or_else(invalid_id)?;
    change(store, entity, row, body, wsdl, now, struck)?;
    Ok(id.to_owned())
}

/// Changes a record as an Action or a CRUD body says.
pub(crate) fn change(
    store: &mut Store,
    entity: Entity,
    row: u32,
    body: &Map<String, Value>,
    wsdl: u16,
    now: i64,
    struck: bool,
) -> Result<(), Vec<Reason>> {
    let mut wish = write::read(store, entity, body, Mode::Update, wsdl);
    write::check(store, entity, Some(row), &mut wish);
    if struck {
        wish.reasons.push(row_error());
    }
    if !wish.reasons.is_empty() {
        return Err(wish.reasons);
    }
    store.update(entity, row, &wish.changes, now);
    create::settle(store, entity, row, now);
    Ok(())
}

fn create_one(
    store: &mut Store,
    entity: Entity,
    object: &Value,
    wsdl: u16,
    now: i64,
    struck: bool,
) -> Result<String, Vec<Reason>> {
    let body =
        object.as_object().ok_or_else(|| vec![Reason::new("INVALID_VALUE", "The object is null or not an object.")])?;
    if struck {
        return Err(vec![row_error()]);
    }
    create::create(store, entity, body, wsdl, now)
}

fn delete_objects(zuora: &Zuora, call: &Call) -> Result<Response, Refused> {
    let body = call.action_body()?;
    let entity = entity_of(&body, None)?;
    let ids = list(&body, "ids")?;
    let mut store = zuora.write(call);
    let mut results = Vec::with_capacity(ids.len());
    for (position, id) in ids.iter().enumerate() {
        let id = id.as_str().unwrap_or_default();
        let outcome =
            if call.mark.row_error && position == 0 { Err(row_error()) } else { delete_one(&mut store, entity, id) };
        if outcome.is_ok() {
            store.take_back();
        }
        results.push(match outcome {
            Ok(()) => json!({ "success": true, "id": id }),
            Err(reason) => json!({ "success": false, "id": id, "errors": [reason.json()] }),
        });
    }
    Ok(reply::json(&Value::Array(results)))
}

/// Deletes a record unless another refers to it.
pub(crate) fn delete_one(store: &mut Store, entity: Entity, id: &str) -> Result<(), Reason> {
    let row = store.by_id(entity, id).ok_or_else(|| Reason::new("INVALID_ID", "invalid id for delete"))?;
    if write::is_in_use(store, entity, row) {
        return Err(Reason::new(
            "CANNOT_DELETE",
            format!("The {} is in use and cannot be deleted.", entity.object().name),
        ));
    }
    store.delete(entity, row);
    Ok(())
}
