//! The Transaction Hub: for every record the ids that it has in other systems. Rows are uploaded by a job.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Nue;
use super::call::Call;
use super::customers::list_of;
use super::fail::Refusal;
use super::later::{Task, after};
use super::reply;
use super::schema::Object;
use super::store::Store;
use super::value::Cell;
use super::write::{self, Mode};
use crate::clock::lock;
use crate::faults::Mark;
use crate::past::Writing;
use crate::server;

/// The most rows of an upload.
const MOST: usize = 5000;

/// Types of records that the hub knows, as callers spell them.
const TYPES: [(&str, Object); 13] = [
    ("customer", Object::Customer),
    ("order", Object::Order),
    ("orderproduct", Object::OrderProduct),
    ("product", Object::Product),
    ("invoice", Object::Invoice),
    ("invoiceitem", Object::InvoiceItem),
    ("creditmemo", Object::CreditMemo),
    ("creditmemoitem", Object::CreditMemoItem),
    ("debitmemo", Object::DebitMemo),
    ("debitmemoitem", Object::DebitMemoItem),
    // The public client that lists the types above knows no others; these two are ours.
    ("paymentapplication", Object::PaymentApplication),
    ("subscription", Object::Subscription),
    ("paymentapplicationitem", Object::PaymentApplicationItem),
];

/// The upload jobs.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Mutex<HashMap<String, Upload>>);

#[derive(Debug)]
struct Upload {
    visible_from: Timestamp,
    total: usize,
    /// What was wrong with which row, once the job is over.
    errors: Option<Vec<Value>>,
}

/// `POST /revenue/transaction-hub/upload`.
pub(crate) fn upload(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    let wrong = || Refusal::field("data", "must be a list of objects");
    let data = body.get("data").and_then(Value::as_array).ok_or_else(wrong)?;
    if data.len() > MOST {
        return Err(Refusal::limit(format!("{MOST} rows at most may be uploaded in one call")));
    }
    let rows = data.iter().map(|row| row.as_object().cloned()).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
    let (settings, now, job) = (nue.settings(), nue.clock.now(), nue.random_uuid());
    let upload = Upload { visible_from: after(now, settings.job_visible_after), total: rows.len(), errors: None };
    lock(&nue.uploads.0).insert(job.clone(), upload);
    nue.later(after(now, settings.job_takes), Task::Upload { job: job.clone(), rows, mark: call.mark });
    Ok(reply::bare(&json!({ "jobId": job, "status": "processing" })))
}

/// `GET /revenue/transaction-hub/async-job/{jobId}`. A job that is not yet visible is not found. A public client knows the
/// words of its status in small letters only, unlike those of exports.
pub(crate) fn job(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let (key, now) = (call.path("id"), nue.clock.now());
    let uploads = lock(&nue.uploads.0);
    let upload = uploads.get(key).filter(|upload| upload.visible_from <= now);
    let upload = upload.ok_or_else(|| Refusal::not_found("Job", key))?;
    let failed = upload.errors.as_ref().map_or(0, Vec::len);
    let status = match &upload.errors {
        None => "processing",
        Some(_) if failed == 0 => "completed",
        Some(_) if failed == upload.total => "failed",
        Some(_) => "partialcompleted",
    };
    Ok(server::json(
        StatusCode::OK,
        &json!({
            "jobId": key,
            "status": status,
            "totalSize": upload.total,
            "failedSize": failed,
            "errors": upload.errors.clone().unwrap_or_default(),
        }),
    ))
}

/// The rows of an upload take effect, each by itself.
pub(crate) fn finish(nue: &Nue, job: &str, rows: &[Map<String, Value>], mark: Mark) {
    let now = nue.clock.now();
    let mut errors = Vec::new();
    {
        let mut store = Writing::open(&nue.store, mark, now);
        for (position, row) in rows.iter().enumerate() {
            let struck = mark.row_error && position == 0;
            let done = if struck { Err(Refusal::struck()) } else { put(nue, &mut store, row, now) };
            match done {
                Ok(()) => store.take_back(),
                Err(refusal) => errors.push(json!({
                    "row": position,
                    "nueId": row.get("nueId"),
                    "errorCode": refusal.code,
                    "errorMessage": refusal.message,
                })),
            }
        }
    }
    if let Some(upload) = lock(&nue.uploads.0).get_mut(job) {
        upload.errors = Some(errors);
    }
}

/// Makes or replaces the row of a record and a system.
fn put(nue: &Nue, store: &mut Store, row: &Map<String, Value>, now: Timestamp) -> Result<(), Refusal> {
    const HUB: Object = Object::TransactionHub;
    // Keys come in camel case or all in small letters: a public client sends the latter.
    let spelt = |key: &String| {
        let known = store.schema.fields(HUB).iter().find(|field| field.name.eq_ignore_ascii_case(key));
        known.map_or_else(|| key.clone(), |field| field.name.to_string())
    };
    let row: Map<String, Value> = row.iter().map(|(key, value)| (spelt(key), value.clone())).collect();
    let changes = write::read(store, &nue.settings(), HUB, &row, Mode::Make, &[], "")?;
    let given = |name: &str| write::given(store, HUB, &changes, name).and_then(Cell::as_text).unwrap_or_default();
    let (kind, id, system) = (given("transactionType").to_ascii_lowercase(), given("nueId"), given("externalSystem"));
    let object = TYPES.iter().find(|(name, _)| *name == kind).map(|(_, object)| *object);
    let object = object.ok_or_else(|| Refusal::field("transactionType", format!("`{kind}` does not exist")))?;
    let found = store.by_key(object, id).ok_or_else(|| Refusal::not_found(object.name(), id))?;
    let held = |row: &u32| store.text(HUB, *row, "externalSystem") == system;
    let of_record = store.children(HUB, "nueId", id).into_iter().find(held);
    let customer = if object == Object::Customer {
        Some(Cell::text(&store.id(object, found)))
    } else {
        store.get(object, found, "customerId")
    };
    let derived = vec![("customerId", customer), ("status", Some(Cell::text("Transferred")))];
    let row = match of_record {
        Some(row) => {
            store.update(HUB, row, changes, now);
            row
        }
        None => {
            let row = store.insert(HUB, &nue.random_uuid(), write::filled(changes), now);
            store.put(HUB, row, vec![("direction", Some(Cell::text("outbound")))], now);
            row
        }
    };
    store.put(HUB, row, derived, now);
    Ok(())
}

/// `GET /customers/{id}/transactionHubData`.
pub(crate) fn of_customer(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    list_of(nue, call, Object::TransactionHub)
}
