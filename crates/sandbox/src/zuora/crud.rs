//! CRUD: `/v1/object/{object}/{id}`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use serde_json::{Map, Value, json};

use super::Zuora;
use super::action::{change, delete_one, row_error};
use super::call::Call;
use super::create;
use super::fail::{self, Reason, Refused};
use super::reply;
use super::schema::{Entity, FieldNo, ID};
use super::write::{self, Mode};

/// The routes of all objects that have such a resource.
pub(crate) fn routes() -> Router<Arc<Zuora>> {
    Entity::ALL.into_iter().fold(Router::new(), |router, entity| {
        let object = entity.object();
        let one = format!("/v1/object/{}/{{id}}", object.crud);
        let router = router.route(&one, record_routes(entity));
        if object.creatable {
            router.route(&format!("/v1/object/{}", object.crud), post(move |state, call| create(entity, state, call)))
        } else {
            router
        }
    })
}

fn record_routes(entity: Entity) -> MethodRouter<Arc<Zuora>> {
    let mut routes = get(move |state, id, call| read(entity, state, id, call));
    // Lines and taxes change with their invoice, plans and charges with their subscription, not by themselves.
    let parts = [Entity::InvoiceItem, Entity::TaxationItem, Entity::RatePlan, Entity::RatePlanCharge];
    if !parts.contains(&entity) {
        routes = routes.put(move |state, id, call| update(entity, state, id, call));
    }
    if entity.object().creatable {
        routes = routes.delete(move |state, id, call| delete(entity, state, id, call));
    }
    routes
}

async fn read(entity: Entity, State(zuora): State<Arc<Zuora>>, Path(id): Path<String>, call: Call) -> Response {
    let store = zuora.read();
    let Some(row) = store.by_id(entity, &id) else { return fail::no_data() };
    let known = entity.fields().filter(|(_, field)| field.is_known(call.wsdl)).map(|(number, _)| number);
    let is_known = |name: &str| entity.field(name).is_some_and(|field| entity.at(field).is_known(call.wsdl));
    let fields: Vec<FieldNo> = match call.parameter("fields").filter(|fields| !fields.is_empty()) {
        None => known.collect(),
        Some(names) => {
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
                return fail::crud(&[Reason::new(
                    "INVALID_FIELD",
                    format!("invalid field for query: {}.{}", entity.object().name, unknown.to_lowercase()),
                )]);
            }
            known.filter(|field| *field == ID || names.iter().any(|name| entity.field(name) == Some(*field))).collect()
        }
    };
    reply::json_text(reply::record(&store, entity, row, &fields))
}

/// The body, or the refusal of what it should not hold.
fn body(zuora: &Zuora, entity: Entity, call: &Call, mode: Mode) -> Result<Map<String, Value>, Refused> {
    let body = call.action_body()?;
    if call.mark.row_error {
        return Err(fail::crud(&[row_error()]).into());
    }
    if call.rejects_unknown_fields() && !write::read(&zuora.read(), entity, &body, mode, call.wsdl).unknown.is_empty() {
        return Err(fail::unrecognised_fields().into());
    }
    Ok(body)
}

async fn create(entity: Entity, State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    let body = match body(&zuora, entity, &call, Mode::Create) {
        Ok(body) => body,
        Err(refused) => return refused.into(),
    };
    match create::create(&mut zuora.write(&call), entity, &body, call.wsdl, zuora.now()) {
        Ok(id) => reply::json(&json!({ "Success": true, "Id": id })),
        Err(reasons) => fail::crud(&reasons),
    }
}

async fn update(entity: Entity, State(zuora): State<Arc<Zuora>>, Path(id): Path<String>, call: Call) -> Response {
    let body = match body(&zuora, entity, &call, Mode::Update) {
        Ok(body) => body,
        Err(refused) => return refused.into(),
    };
    let mut store = zuora.write(&call);
    let Some(row) = store.by_id(entity, &id) else {
        return fail::crud(&[Reason::new("INVALID_ID", "invalid id for update")]);
    };
    match change(&mut store, entity, row, &body, call.wsdl, zuora.now(), false) {
        Ok(()) => reply::json(&json!({ "Success": true, "Id": id })),
        Err(reasons) => fail::crud(&reasons),
    }
}

async fn delete(entity: Entity, State(zuora): State<Arc<Zuora>>, Path(id): Path<String>, call: Call) -> Response {
    if call.mark.row_error {
        return fail::crud(&[row_error()]);
    }
    match delete_one(&mut zuora.write(&call), entity, &id) {
        Ok(()) => reply::json(&json!({ "id": id, "success": true })),
        Err(reason) => fail::crud(&[reason]),
    }
}
