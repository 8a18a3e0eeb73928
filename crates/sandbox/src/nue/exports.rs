//! Exports: a job that writes what a GraphQL query finds to a file of JSON lines, which is fetched by its own address.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use super::graphql;
use super::later::after;
use super::reply;
use crate::clock::lock;

/// The export jobs.
#[derive(Debug, Default)]
pub(crate) struct Exports(Mutex<HashMap<String, Export>>);

#[derive(Debug)]
struct Export {
    visible_from: Timestamp,
    over_from: Timestamp,
    object: String,
    /// The file, or what went wrong.
    outcome: Result<Vec<Value>, String>,
    struck: bool,
}

/// `POST /cpq/async/exports`.
pub(crate) fn start(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    let (_, object) = graphql::root(&body).map_err(Refusal::invalid)?;
    let outcome = graphql::run(nue, &body).map(|(_, records)| records);
    let (settings, now, job) = (nue.settings(), nue.clock.now(), nue.random_uuid());
    let export = Export {
        visible_from: after(now, settings.job_visible_after),
        over_from: after(now, settings.job_takes),
        object: object.name().to_owned(),
        outcome,
        struck: call.mark.row_error,
    };
    lock(&nue.exports.0).insert(job.clone(), export);
    Ok(reply::bare(&json!({ "jobId": job })))
}

/// `GET /cpq/async/exports/{jobId}`. Right after its creation a job may not be found; one that found nothing `Failed`.
pub(crate) fn job(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let (key, now) = (call.path("id"), nue.clock.now());
    let exports = lock(&nue.exports.0);
    let export = exports.get(key).filter(|export| export.visible_from <= now);
    let export = export.ok_or_else(|| Refusal::not_found("Job", key))?;
    let (status, told) = match &export.outcome {
        _ if export.over_from > now => ("Processing", json!({ "name": export.object, "status": "Processing" })),
        Err(error) => ("Failed", json!({ "name": export.object, "status": "Failed", "errors": [error] })),
        Ok(records) if records.is_empty() => {
            let error = format!("No {} fetched", export.object);
            ("Failed", json!({ "name": export.object, "status": "Failed", "totalSize": 0, "errors": [error] }))
        }
        Ok(records) => {
            let status = if export.struck { "PartialCompleted" } else { "Completed" };
            let url = format!("{}/cpq/async/exports/{key}/files/{}.jsonl", call.base, export.object);
            let errors: &[&str] = if export.struck { &["One record could not be written"] } else { &[] };
            (
                status,
                json!({
                    "name": export.object,
                    "status": status,
                    "totalSize": records.len(),
                    "fileUrls": [url],
                    "errors": errors,
                }),
            )
        }
    };
    Ok(reply::bare(&json!({ "jobId": key, "status": status, "objects": [told] })))
}

/// The file of a job that is over.
pub(crate) fn file(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let (key, now) = (call.path("id"), nue.clock.now());
    let exports = lock(&nue.exports.0);
    let export = exports.get(key).filter(|export| export.over_from <= now);
    let missing = || Refusal::not_found("File", key);
    let export = export.ok_or_else(missing)?;
    let records = export.outcome.as_ref().map_err(|_| missing())?;
    let lines: String = records.iter().skip(usize::from(export.struck)).map(|record| format!("{record}\n")).collect();
    let mut response = Response::new(Body::from(lines));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}
