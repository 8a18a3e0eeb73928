//! Bulk API 2.0, query: jobs whose result is a file.
//!
//! A job answers what there was when it was made. What it takes to be done is time alone: the state is told by the clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Number, Value as Json, json};

use super::job::DELIMITERS;
use super::{DAY_SECONDS, KEPT_SECONDS, next_id};
use crate::clock::lock;
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::id::Id;
use crate::salesforce::soql::{self, Asked, Export, LARGEST_BATCH, Layout};
use crate::salesforce::value::moment_text;
use crate::salesforce::{Current, Org};

/// How many records a file has if the caller does not say: the vendor decides, and does not tell.
const RECORDS_OF_A_FILE: usize = 10_000;

/// How many jobs an org may make in 24 hours.
pub(crate) const MOST_JOBS: usize = 10_000;

/// The query jobs of the org.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    jobs: Mutex<BTreeMap<Id, Job>>,
    /// When each was made, in seconds.
    made: Mutex<Vec<i64>>,
}

impl Jobs {
    /// How many were made within 24 hours.
    pub(crate) fn made(&self, now: Timestamp) -> usize {
        let mut made = lock(&self.made);
        made.retain(|second| *second > now.as_second() - DAY_SECONDS);
        made.len()
    }
}

#[derive(Debug)]
struct Job {
    id: Id,
    all: bool,
    export: Arc<Export>,
    created: Timestamp,
    created_by: Id,
    /// When it is done, or was.
    done: Timestamp,
    aborted: Option<Timestamp>,
    delimiter: &'static str,
    line_ending: &'static str,
    version: String,
}

/// Answers a call to query jobs.
pub(super) fn answer(org: &Arc<Org>, current: &Current, call: &Call, method: &Method, path: &[&str]) -> Verdict<Reply> {
    let now = org.clock.now();
    lock(&org.query_jobs.jobs).retain(|_, job| now.as_second() - job.created.as_second() < KEPT_SECONDS);
    match (method.as_str(), path) {
        ("POST", []) => create(org, current, call, now),
        ("GET", []) => Ok(list(org, call, now)),
        ("GET", [id]) => with(org, id, |job| Ok(Reply::json(200, job.info(now)))),
        ("PATCH", [id]) => abort(org, call, id, now),
        ("DELETE", [id]) => delete(org, id, now),
        ("GET", [id, "results"]) => results(org, call, id, now),
        (_, []) => Err(Refusal::method(method.as_str(), "GET,HEAD,POST")),
        (_, [_]) => Err(Refusal::method(method.as_str(), "DELETE,GET,HEAD,PATCH")),
        (_, [_, "results"]) => Err(Refusal::method(method.as_str(), "GET,HEAD")),
        _ => Err(Refusal::not_found()),
    }
}

fn with<T>(org: &Org, id: &str, what: impl FnOnce(&mut Job) -> Verdict<T>) -> Verdict<T> {
    let id = Id::read(id).ok_or_else(Refusal::not_found)?;
    lock(&org.query_jobs.jobs).get_mut(&id).map_or_else(|| Err(Refusal::not_found()), what)
}

fn create(org: &Arc<Org>, current: &Current, call: &Call, now: Timestamp) -> Verdict<Reply> {
    let body = call.object()?;
    let invalid = |message: String| Refusal::new(400, "INVALIDJOB", message);
    const KNOWN: [&str; 5] = ["operation", "query", "contentType", "columnDelimiter", "lineEnding"];
    if let Some(unknown) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(Refusal::body(format!("Unrecognized field \"{unknown}\" at [line:1, column:2]")));
    }
    let text = |name: &str| body.get(name).and_then(Json::as_str);
    let all = match text("operation") {
        Some("query") => false,
        Some("queryAll") => true,
        other => {
            return Err(invalid(format!("Unable to parse Job: unknown operation '{}'", other.unwrap_or_default())));
        }
    };
    if text("contentType").is_some_and(|media| media != "CSV") {
        return Err(invalid("Only CSV is supported as contentType".to_owned()));
    }
    let query = text("query").ok_or_else(|| invalid("Required field is missing: query".to_owned()))?;
    let (delimiter, line_ending, layout) = layout(&body)?;
    if org.query_jobs.made(now) >= MOST_JOBS {
        let message = format!("Max bulk v2 query jobs ({MOST_JOBS}) per 24 hrs has been reached");
        return Err(Refusal::new(400, "API_ERROR", message));
    }
    let store = org.search();
    let asked = Asked { version: &call.version, all, batch: LARGEST_BATCH, now: org.now() };
    let export = soql::export(&org.sight(&store, current), query, &asked, layout)?;
    drop(store);
    let lasts = SignedDuration::from_millis(i64::try_from(current.settings.bulk_batch_ms).unwrap_or(i64::MAX));
    let job = Job {
        id: next_id(org),
        all,
        export: Arc::new(export),
        created: now,
        created_by: org.user(),
        done: now.saturating_add(lasts).unwrap_or(Timestamp::MAX),
        aborted: None,
        delimiter,
        line_ending,
        version: call.version.trim_start_matches('v').to_owned(),
    };
    let made = job.described("UploadComplete", now);
    lock(&org.query_jobs.made).push(now.as_second());
    lock(&org.query_jobs.jobs).insert(job.id, job);
    Ok(Reply::json(200, made))
}

fn layout(body: &Map<String, Json>) -> Verdict<(&'static str, &'static str, Layout)> {
    let text =
        |name: &str, otherwise: &'static str| body.get(name).and_then(Json::as_str).unwrap_or(otherwise).to_owned();
    let unknown = |name: &str, text: &str| Refusal::new(400, "INVALIDJOB", format!("Unknown {name} '{text}'"));
    let wanted = text("columnDelimiter", "COMMA");
    let delimiter = DELIMITERS.iter().find(|(known, _)| *known == wanted);
    let (name, delimiter) = delimiter.ok_or_else(|| unknown("columnDelimiter", &wanted))?;
    let (line_ending, line_end) = match text("lineEnding", "LF").as_str() {
        "LF" => ("LF", "\n"),
        "CRLF" => ("CRLF", "\r\n"),
        other => return Err(unknown("lineEnding", other)),
    };
    Ok((name, line_ending, Layout { delimiter: char::from(*delimiter), line_end }))
}

fn list(org: &Org, call: &Call, now: Timestamp) -> Reply {
    let wanted = call.parameter("jobType").is_none_or(|kind| kind == "V2Query");
    let jobs = lock(&org.query_jobs.jobs);
    let records: Vec<Json> = jobs.values().rev().filter(|_| wanted).map(|job| job.listed(now)).collect();
    Reply::json(200, json!({ "done": true, "records": records, "nextRecordsUrl": null }))
}

fn abort(org: &Org, call: &Call, id: &str, now: Timestamp) -> Verdict<Reply> {
    let body = call.object()?;
    if body.get("state").and_then(Json::as_str) != Some("Aborted") {
        return Err(Refusal::new(400, "INVALIDJOBSTATE", "The state of a query job can only be set to Aborted"));
    }
    with(org, id, |job| {
        if job.is_over(now) {
            let state = if job.aborted.is_some() { "Aborted" } else { "Completed" };
            let message = format!("Aborting already {state} Job not allowed");
            return Err(Refusal::new(400, "INVALIDJOBSTATE", message));
        }
        job.aborted = Some(now);
        Ok(Reply::json(200, job.listed(now)))
    })
}

fn delete(org: &Org, id: &str, now: Timestamp) -> Verdict<Reply> {
    let id = with(org, id, |job| match job.is_over(now) {
        true => Ok(job.id),
        false => Err(Refusal::new(400, "INVALIDJOBSTATE", "Deleting not closed job not allowed")),
    })?;
    lock(&org.query_jobs.jobs).remove(&id);
    Ok(Reply::empty(204))
}

fn results(org: &Org, call: &Call, id: &str, now: Timestamp) -> Verdict<Reply> {
    let export = with(org, id, |job| match job.state(now) {
        "JobComplete" => Ok(Arc::clone(&job.export)),
        state => Err(Refusal::new(
            400,
            "INVALIDJOBSTATE",
            format!("The job is {state}: only a job that is JobComplete has results"),
        )),
    })?;
    let wrong = |name: &str, value: &str| Refusal::new(400, "INVALIDINPUT", format!("Invalid {name}: {value}"));
    let most = match call.parameter("maxRecords") {
        None => RECORDS_OF_A_FILE,
        Some(text) => text.parse().ok().filter(|most| *most > 0).ok_or_else(|| wrong("maxRecords", text))?,
    };
    let from = match call.parameter("locator") {
        None => 0,
        Some(text) => place(text).filter(|from| *from < export.len()).ok_or_else(|| wrong("locator", text))?,
    };
    let end = from.saturating_add(most).min(export.len());
    let locator = if end < export.len() { BASE64.encode(end.to_string()) } else { "null".to_owned() };
    let text = format!("{}{}", export.head, export.lines(from, most));
    let reply = Reply::text(200, "text/csv", text).with("sforce-locator", locator);
    Ok(reply.with("sforce-numberofrecords", (end - from).to_string()))
}

/// The place in a result that a locator names.
fn place(locator: &str) -> Option<usize> {
    String::from_utf8(BASE64.decode(locator.trim_end_matches('=')).ok()?).ok()?.parse().ok()
}

impl Job {
    fn is_over(&self, now: Timestamp) -> bool {
        self.aborted.is_some() || now >= self.done
    }

    fn state(&self, now: Timestamp) -> &'static str {
        match self.aborted {
            Some(_) => "Aborted",
            None if now >= self.done => "JobComplete",
            None => "InProgress",
        }
    }

    fn described(&self, state: &str, now: Timestamp) -> Json {
        let date = |moment| moment_text(moment, "+0000");
        json!({
            "id": self.id.to_string(),
            "operation": if self.all { "queryAll" } else { "query" },
            "object": self.export.object,
            "createdById": self.created_by.to_string(),
            "createdDate": date(self.created),
            "systemModstamp": date(self.aborted.unwrap_or(self.done.min(now))),
            "state": state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": serde_json::from_str::<Number>(&self.version).map_or(Json::Null, Json::Number),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        })
    }

    /// The job as lists and changes show it.
    fn listed(&self, now: Timestamp) -> Json {
        let mut body = self.described(self.state(now), now);
        body["jobType"] = json!("V2Query");
        body
    }

    /// The job as its own address shows it.
    fn info(&self, now: Timestamp) -> Json {
        let mut body = self.listed(now);
        let is_done = self.state(now) == "JobComplete";
        body["numberRecordsProcessed"] = json!(if is_done { self.export.len() } else { 0 });
        body["retries"] = json!(0);
        let took = self.aborted.unwrap_or(self.done).min(now).duration_since(self.created);
        body["totalProcessingTime"] = json!(i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
        body
    }
}
