//! Bulk API 2.0: jobs that take a file of records (ingest), and jobs that answer one (`query`).
//!
//! A job is made, gets its file, is closed, and is then worked off in the background: batches of 10,000 records, and
//! within them chunks of 200, each of which is a transaction.

mod file;
mod job;
mod query;
mod work;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::Method;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::call::{Call, Reply};
use super::errors::{Refusal, Verdict};
use super::id::Id;
use super::{Current, Org, failure};
use crate::clock::lock;
use job::{Job, State};
pub(crate) use query::{Jobs as QueryJobs, MOST_JOBS as MOST_QUERY_JOBS};

/// The largest file, in bytes.
const LARGEST_FILE: usize = 150_000_000;
/// Jobs are kept for so long.
const KEPT_SECONDS: i64 = 7 * 24 * 3600;
const DAY_SECONDS: i64 = 24 * 3600;

/// The jobs of the org.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    jobs: Mutex<BTreeMap<Id, Job>>,
    last: Mutex<u64>,
    /// When each batch was begun, in seconds.
    batches: Mutex<Vec<i64>>,
}

impl Jobs {
    /// How many batches were begun within 24 hours.
    pub(crate) fn batches(&self, now: Timestamp) -> u64 {
        let mut batches = lock(&self.batches);
        batches.retain(|begun| *begun > now.as_second() - DAY_SECONDS);
        u64::try_from(batches.len()).unwrap_or(u64::MAX)
    }

    fn begin_batch(&self, now: Timestamp) {
        lock(&self.batches).push(now.as_second());
    }

    /// Does something with a job.
    fn with<T>(&self, id: Id, what: impl FnOnce(&mut Job) -> T) -> Option<T> {
        lock(&self.jobs).get_mut(&id).map(what)
    }
}

/// Whether a call is to such a job.
pub(crate) fn is_job(call: &Call) -> bool {
    call.path.first().is_some_and(|first| first == "jobs")
}

/// The id of a new job.
fn next_id(org: &Org) -> Id {
    let mut last = lock(&org.jobs.last);
    *last += 1;
    Id::new(*b"750", org.user().org(), *last)
}

/// Answers a call to jobs.
pub(crate) fn answer(org: &Arc<Org>, current: &Current, call: &Call) -> Reply {
    find(org, current, call).unwrap_or_else(Reply::from)
}

fn find(org: &Arc<Org>, current: &Current, call: &Call) -> Verdict<Reply> {
    if current.settings.maintenance {
        return Err(failure::maintenance());
    }
    lock(&org.jobs.jobs).retain(|_, job| org.now().as_second() - job.created.as_second() < KEPT_SECONDS);
    let path: Vec<&str> = call.path.iter().skip(1).map(String::as_str).collect();
    let method = if call.method == Method::HEAD { &Method::GET } else { &call.method };
    match (method.as_str(), path.as_slice()) {
        (_, ["query", rest @ ..]) => query::answer(org, current, call, method, rest),
        ("GET", []) => Ok(resources(call)),
        ("POST", ["ingest"]) => create(org, current, call),
        ("GET", ["ingest"]) => Ok(list(org, call)),
        ("GET", ["ingest", id]) => job(org, id, |job| Ok(Reply::json(200, job.info(call)))),
        ("PATCH", ["ingest", id]) => change(org, call, id),
        ("DELETE", ["ingest", id]) => delete(org, id),
        ("PUT", ["ingest", id, "batches"]) => upload(org, call, id),
        ("GET", ["ingest", id, "successfulResults"]) => job(org, id, |job| job.results(job::Results::Successful)),
        ("GET", ["ingest", id, "failedResults"]) => job(org, id, |job| job.results(job::Results::Failed)),
        ("GET", ["ingest", id, "unprocessedrecords"]) => job(org, id, |job| job.results(job::Results::Unprocessed)),
        (_, ["ingest"]) => Err(Refusal::method(method.as_str(), "GET,HEAD,POST")),
        (_, ["ingest", _]) => Err(Refusal::method(method.as_str(), "DELETE,GET,HEAD,PATCH")),
        (_, ["ingest", _, "batches"]) => Err(Refusal::method(method.as_str(), "PUT")),
        _ => Err(Refusal::not_found()),
    }
}

fn resources(call: &Call) -> Reply {
    let url = |name: &str| format!("/services/data/{}/jobs/{name}", call.version);
    Reply::json(200, json!({ "ingest": url("ingest"), "query": url("query") }))
}

fn job(org: &Org, id: &str, what: impl FnOnce(&mut Job) -> Verdict<Reply>) -> Verdict<Reply> {
    let found = Id::read(id).and_then(|id| org.jobs.with(id, what));
    found.unwrap_or_else(|| Err(Refusal::not_found()))
}

fn create(org: &Arc<Org>, current: &Current, call: &Call) -> Verdict<Reply> {
    let media = call.header("content-type").unwrap_or_default();
    let multipart = media.starts_with("multipart/").then(|| file::multipart(media, &call.body));
    let (body, content) = match multipart {
        None => (call.object()?, None),
        Some(None) => return Err(Refusal::body("The parts of the request cannot be read")),
        Some(Some((described, content))) => {
            let body = serde_json::from_str(&described).map_err(|error| Refusal::body(error.to_string()))?;
            (body, Some(content))
        }
    };
    // The rows are let go before the jobs are asked for: whoever works a job off takes them in that order.
    let mut job = Job::read(&org.sight(&org.read(), current), &body, call)?;
    job.id = next_id(org);
    job.created_by = org.user();
    (job.created, job.stamp) = (org.now(), org.now());
    let id = job.id;
    let info = job.info(call);
    lock(&org.jobs.jobs).insert(id, job);
    if let Some(content) = content {
        org.jobs.with(id, |job| job.take(content)).unwrap_or_else(|| Err(Refusal::not_found()))?;
        close(org, call, id)?;
        return self::job(org, &id.to_string(), |job| Ok(Reply::json(200, job.info(call))));
    }
    Ok(Reply::json(200, info))
}

fn list(org: &Org, call: &Call) -> Reply {
    let jobs = lock(&org.jobs.jobs);
    let records: Vec<Json> = jobs.values().rev().map(|job| job.summary(call)).collect();
    Reply::json(200, json!({ "done": true, "nextRecordsUrl": null, "records": records }))
}

fn upload(org: &Org, call: &Call, id: &str) -> Verdict<Reply> {
    let media = call.header("content-type").unwrap_or_default();
    if !media.trim_start().to_ascii_lowercase().starts_with("text/csv") {
        let message = format!("Content type {media} is not supported: the file must be text/csv");
        return Err(Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    if call.body.len() > LARGEST_FILE {
        return Err(Refusal::new(413, "EXCEEDEDQUOTA", "The file is larger than 150 MB"));
    }
    let text = String::from_utf8(call.body.to_vec())
        .map_err(|_| Refusal::new(400, "CLIENTINPUTERROR", "The file is not UTF-8"))?;
    job(org, id, |job| {
        job.take(text)?;
        Ok(Reply::empty(201))
    })
}

fn change(org: &Arc<Org>, call: &Call, id: &str) -> Verdict<Reply> {
    let body = call.object()?;
    let id = Id::read(id).ok_or_else(Refusal::not_found)?;
    match body.get("state").and_then(Json::as_str) {
        Some("UploadComplete") => close(org, call, id)?,
        Some("Aborted") => {
            let now = org.now();
            org.jobs.with(id, |job| job.abort(now)).unwrap_or_else(|| Err(Refusal::not_found()))?;
        }
        _ => return Err(Refusal::new(400, "INVALIDJOBSTATE", "The state must be UploadComplete or Aborted")),
    }
    job(org, &id.to_string(), |job| Ok(Reply::json(200, job.summary(call))))
}

/// Closes a job and has it worked off.
fn close(org: &Arc<Org>, call: &Call, id: Id) -> Verdict<()> {
    let now = org.now();
    org.jobs.with(id, |job| job.close(now)).unwrap_or_else(|| Err(Refusal::not_found()))?;
    tokio::spawn(work::off(Arc::clone(org), id, call.mark));
    Ok(())
}

fn delete(org: &Org, id: &str) -> Verdict<Reply> {
    let id = Id::read(id).ok_or_else(Refusal::not_found)?;
    let mut jobs = lock(&org.jobs.jobs);
    let job = jobs.get(&id).ok_or_else(Refusal::not_found)?;
    if matches!(job.state, State::Open | State::UploadComplete | State::InProgress) {
        return Err(Refusal::new(400, "INVALIDJOBSTATE", "Deleting not closed job not allowed"));
    }
    jobs.remove(&id);
    Ok(Reply::empty(204))
}
