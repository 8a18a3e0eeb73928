//! Several requests in one: composite (with references from one to another), graphs of them, and batches.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value as Json, json};

use super::reference::{Results, resolve, resolve_text};
use super::{At, route};
use crate::salesforce::call::{Call, Content, Reply};
use crate::salesforce::errors::{Refusal, Verdict};

const MOST_REQUESTS: usize = 25;
/// Of these at most so many may be queries or collections.
const MOST_HEAVY: usize = 5;
const MOST_GRAPHS: usize = 75;
const MOST_NODES: usize = 500;

/// `GET /composite`.
pub(super) fn resources(call: &Call) -> Reply {
    let url = |name: &str| format!("/services/data/{}/composite/{name}", call.version);
    let names = ["tree", "batch", "sobjects", "graph"];
    Reply::json(200, names.iter().map(|name| ((*name).to_owned(), json!(url(name)))).collect())
}

/// `POST /composite`.
pub(super) fn composite(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let body = call.object()?;
    let all_or_none = body.get("allOrNone").and_then(Json::as_bool).unwrap_or(false);
    let parts = parts(&body, "compositeRequest")?;
    if parts.len() > MOST_REQUESTS {
        let message = format!("The number of subrequests exceeds the limit of {MOST_REQUESTS}");
        return Err(Refusal::new(400, "LIMIT_EXCEEDED", message));
    }
    if parts.iter().filter(|part| part.is_heavy()).count() > MOST_HEAVY {
        let message = format!("At most {MOST_HEAVY} subrequests may be queries or sObject collections");
        return Err(Refusal::new(400, "LIMIT_EXCEEDED", message));
    }
    let (responses, _) = run(at, call, &parts, all_or_none);
    Ok(Reply::json(200, json!({ "compositeResponse": responses })))
}

/// `POST /composite/graph`.
pub(super) fn graph(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let body = call.object()?;
    let Some(graphs) = body.get("graphs").and_then(Json::as_array) else {
        return Err(Refusal::new(400, "INVALID_INPUT", "Required field is missing: graphs"));
    };
    let mut read = Vec::new();
    for graph in graphs {
        let id = graph["graphId"].as_str();
        let id = id.ok_or_else(|| Refusal::new(400, "INVALID_INPUT", "Required field is missing: graphId"))?;
        let object = graph.as_object().ok_or_else(|| Refusal::body("A graph is expected"))?;
        read.push((id, parts(object, "compositeRequest")?));
    }
    if read.len() > MOST_GRAPHS || read.iter().map(|(_, parts)| parts.len()).sum::<usize>() > MOST_NODES {
        let message = format!("A request has at most {MOST_GRAPHS} graphs and {MOST_NODES} nodes");
        return Err(Refusal::new(400, "LIMIT_EXCEEDED", message));
    }
    let graphs: Vec<Json> = read
        .into_iter()
        .map(|(id, parts)| {
            let (responses, succeeded) = run(at, call, &parts, true);
            json!({ "graphId": id, "graphResponse": { "compositeResponse": responses }, "isSuccessful": succeeded })
        })
        .collect();
    Ok(Reply::json(200, json!({ "graphs": graphs })))
}

/// A request within the request.
struct Part {
    method: Method,
    url: String,
    reference: String,
    body: Json,
    headers: HeaderMap,
}

impl Part {
    fn is_heavy(&self) -> bool {
        ["/query", "/composite/sobjects"].iter().any(|heavy| self.url.contains(heavy))
    }
}

fn parts(body: &Map<String, Json>, name: &str) -> Verdict<Vec<Part>> {
    let Some(Json::Array(listed)) = body.get(name) else {
        return Err(Refusal::new(400, "INVALID_INPUT", format!("Required field is missing: {name}")));
    };
    let mut seen = HashSet::new();
    let mut parts = Vec::new();
    for part in listed {
        let text = |name: &str| part[name].as_str();
        let missing = |name: &str| Refusal::body(format!("Required field is missing: {name} at [line:1, column:1]"));
        let reference = text("referenceId").ok_or_else(|| missing("referenceId"))?;
        let url = text("url").ok_or_else(|| missing("url"))?;
        let method = text("method").ok_or_else(|| missing("method"))?;
        if !reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') || reference.is_empty() {
            let message = format!("Provided referenceId ({reference}) has invalid characters");
            return Err(Refusal::new(400, "INVALID_INPUT", message));
        }
        if !seen.insert(reference) {
            let message = format!("Duplicate ReferenceId provided in the request: {reference}");
            return Err(Refusal::new(400, "INVALID_INPUT", message));
        }
        parts.push(Part {
            method: method.parse().map_err(|_| missing("method"))?,
            url: url.to_owned(),
            reference: reference.to_owned(),
            body: part["body"].clone(),
            headers: headers(&part["httpHeaders"]),
        });
    }
    Ok(parts)
}

fn headers(given: &Json) -> HeaderMap {
    let pairs = given.as_object().into_iter().flatten();
    pairs
        .filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
        })
        .collect()
}

/// Answers the parts one after the other. If all or none are to be kept, one that fails takes the others with it.
fn run(at: &mut At<'_>, call: &Call, parts: &[Part], all_or_none: bool) -> (Vec<Json>, bool) {
    if let Some(store) = at.transaction() {
        store.begin();
    }
    let mut results = Results::new();
    let mut responses = Vec::new();
    let mut failed = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let reply = answer(at, call, part, &results, all_or_none);
        let body = match &reply.content {
            Content::Json(body) => body.clone(),
            Content::Text(_, text) => json!(text),
            Content::Empty => Json::Null,
        };
        if !reply.is_success() || (all_or_none && has_failed_rows(&body)) {
            failed.push(place);
        } else {
            results.insert(part.reference.clone(), body.clone());
        }
        responses.push(response(part, &reply, body));
        if all_or_none && !failed.is_empty() {
            break;
        }
    }
    let spoilt = all_or_none && !failed.is_empty();
    if let Some(store) = at.transaction() {
        if spoilt { store.roll_back() } else { store.commit() }
    }
    if spoilt {
        let culprit = failed.first().and_then(|place| responses.get(*place).cloned()).unwrap_or_default();
        responses = parts.iter().map(halted).collect();
        if let Some(place) = failed.first() {
            responses[*place] = culprit;
        }
    }
    (responses, failed.is_empty())
}

fn has_failed_rows(body: &Json) -> bool {
    body.as_array().is_some_and(|rows| rows.iter().any(|row| row["success"] == false))
}

fn halted(part: &Part) -> Json {
    let message = "The transaction was rolled back since another operation in the same transaction failed.";
    let reply = Reply::from(Refusal::new(400, "PROCESSING_HALTED", message));
    let Content::Json(body) = reply.content.clone() else { return Json::Null };
    response(part, &reply, body)
}

fn response(part: &Part, reply: &Reply, body: Json) -> Json {
    let spelt = |name: &str| match name {
        "location" => "Location".to_owned(),
        "etag" => "ETag".to_owned(),
        "last-modified" => "Last-Modified".to_owned(),
        other => other.to_owned(),
    };
    let headers: Map<String, Json> = reply.headers.iter().map(|(name, value)| (spelt(name), json!(value))).collect();
    json!({ "body": body, "httpHeaders": headers, "httpStatusCode": reply.status, "referenceId": part.reference })
}

fn answer(at: &mut At<'_>, call: &Call, part: &Part, results: &Results, all_or_none: bool) -> Reply {
    let unknown = |what: String| {
        let message = format!("Invalid reference specified. No value for {what}");
        Reply::from(Refusal::new(400, "PROCESSING_HALTED", message))
    };
    let url = match resolve_text(&part.url, results) {
        Ok(url) => url,
        Err(what) => return unknown(what),
    };
    let mut body = match resolve(&part.body, results) {
        Ok(body) => body,
        Err(what) => return unknown(what),
    };
    // The outer wish for all or none is stronger than an inner one.
    if all_or_none && url.contains("/composite/sobjects") && body.is_object() {
        body["allOrNone"] = json!(true);
    }
    inner(at, call, part.method.clone(), &url, part.headers.clone(), &body)
}

/// Answers a request within the request.
fn inner(at: &mut At<'_>, call: &Call, method: Method, url: &str, headers: HeaderMap, body: &Json) -> Reply {
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let Some(mut inner) = Call::new(method, url, headers, bytes) else {
        return Refusal::new(400, "INVALID_INPUT", format!("The url {url} is not a resource of this API")).into();
    };
    let nested = matches!(
        inner.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
        ["composite"] | ["composite", "batch" | "graph"] | ["jobs", ..]
    );
    if nested {
        return Refusal::new(400, "INVALID_INPUT", format!("The url {url} cannot be a subrequest")).into();
    }
    inner.origin.clone_from(&call.origin);
    inner.inner = true;
    route(at, &inner)
}

/// `POST /composite/batch`: requests that know nothing of each other, each counted as a call of its own.
pub(super) fn batch(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let body = call.object()?;
    let Some(requests) = body.get("batchRequests").and_then(Json::as_array) else {
        return Err(Refusal::new(400, "INVALID_INPUT", "Required field is missing: batchRequests"));
    };
    if requests.len() > MOST_REQUESTS {
        let message = format!("The number of subrequests exceeds the limit of {MOST_REQUESTS}");
        return Err(Refusal::new(400, "LIMIT_EXCEEDED", message));
    }
    let halts = body.get("haltOnError").and_then(Json::as_bool).unwrap_or(false);
    let more = u64::try_from(requests.len().saturating_sub(1)).unwrap_or(0);
    at.org.meter.count(more, at.org.clock.now());
    let mut has_errors = false;
    let mut results = Vec::new();
    for request in requests {
        if halts && has_errors {
            let refusal = Refusal::new(412, "BATCH_PROCESSING_HALTED", "Batch processing halted per user request");
            results.push(json!({ "statusCode": 412, "result": [refusal.of_request()] }));
            continue;
        }
        let reply = batched(at, call, request);
        has_errors |= !reply.is_success();
        let result = match reply.content {
            Content::Json(body) => body,
            Content::Text(_, text) => json!(text),
            Content::Empty => Json::Null,
        };
        results.push(json!({ "statusCode": reply.status, "result": result }));
    }
    Ok(Reply::json(200, json!({ "hasErrors": has_errors, "results": results })))
}

fn batched(at: &mut At<'_>, call: &Call, request: &Json) -> Reply {
    let (Some(method), Some(url)) = (request["method"].as_str(), request["url"].as_str()) else {
        return Refusal::body("Required field is missing: method or url").into();
    };
    let Ok(method) = method.parse::<Method>() else {
        return Refusal::body("The method of a subrequest is none").into();
    };
    let path = url.trim_start_matches('/');
    let path = if path.starts_with("services/data/") { format!("/{path}") } else { format!("/services/data/{path}") };
    inner(at, call, method, &path, HeaderMap::new(), &request["richInput"])
}
