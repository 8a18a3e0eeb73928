//! What every call passes on its way in and out: tokens, limits, idempotency keys, headers and compression.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use super::call::Marks;
use super::idempotency::Claim;
use super::limits::{Family, Limits};
use super::{Zuora, auth, fail, failure, idempotency};
use crate::faults::Mark;
use crate::{gzip, server};

/// The most characters of a track id.
const LONGEST_TRACK_ID: usize = 64;

const REQUEST_ID: HeaderName = HeaderName::from_static("zuora-request-id");
const TRACK_ID: HeaderName = HeaderName::from_static("zuora-track-id");

/// Calls in flight, by family.
#[derive(Debug, Default)]
pub(crate) struct InFlight([AtomicU32; 2]);

struct Ticket<'a>(&'a AtomicU32);

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Lets a call in, and its answer out.
pub(crate) async fn gate(State(zuora): State<Arc<Zuora>>, mut request: Request, next: Next) -> Response {
    let marks = zuora.marks();
    request.extensions_mut().insert(marks.clone());
    let asked = request.headers().clone();
    let family = Family::of(request.uri().path());
    let response = admit(&zuora, &marks, family, request, next).await;
    gzip::pack(&asked, finish(&zuora, &marks, family, &asked, response)).await
}

async fn admit(zuora: &Arc<Zuora>, marks: &Marks, family: Family, request: Request, next: Next) -> Response {
    if request.extensions().get::<MatchedPath>().is_none() {
        return server::not_emulated(request).await;
    }
    if family == Family::Token {
        return next.run(request).await;
    }
    if !auth::is_authorized(zuora, request.headers()) {
        return fail::unauthorized(marks, request.uri().path());
    }
    if let Some(seconds) = zuora.limits.refuse(zuora.now()) {
        let message = format!("API Rate limit exceeded for the minute, retry after {seconds} seconds");
        return server::json(
            StatusCode::TOO_MANY_REQUESTS,
            &json!({ "reasons": [{ "code": 70, "message": message }] }),
        );
    }
    let lane = &zuora.in_flight.0[usize::from(family == Family::ObjectQuery)];
    let ticket = Ticket(lane);
    if lane.fetch_add(1, Ordering::AcqRel) >= family.concurrency() {
        return failure::too_many(marks);
    }
    let response = keyed(zuora, marks, request, next).await;
    drop(ticket);
    response
}

/// Runs a call under its idempotency key, if it has one.
async fn keyed(zuora: &Arc<Zuora>, marks: &Marks, request: Request, next: Next) -> Response {
    let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let method = request.method().clone();
    let Some(key) = key.filter(|_| method != Method::GET && method != Method::HEAD && method != Method::OPTIONS) else {
        return run(marks, request, next).await;
    };
    if method != Method::POST && method != Method::PATCH {
        let message = format!("Request method '{method}' not supported with Idempotency-Key header");
        return fail::resource(marks, StatusCode::BAD_REQUEST, 50_000_020, &message);
    }
    if key.is_empty() || key.len() > idempotency::LONGEST_KEY {
        return fail::resource(
            marks,
            StatusCode::BAD_REQUEST,
            50_000_020,
            "The length of Idempotency-Key must be less than 255 characters",
        );
    }
    let what = format!("{method} {}", request.uri());
    match zuora.keys.claim(&key, &what, zuora.now()) {
        Claim::Replay(kept) => kept.response(),
        Claim::InProgress => fail::resource(
            marks,
            StatusCode::CONFLICT,
            50_000_050,
            "A request with the same idempotency key is in progress",
        ),
        Claim::OtherUse => fail::resource(
            marks,
            StatusCode::UNPROCESSABLE_ENTITY,
            50_000_020,
            "The idempotency key was used by another request",
        ),
        Claim::Yours(claim) => {
            let response = run(marks, request, next).await;
            claim.keep(response).await
        }
    }
}

/// Runs the call. What a fault says of a write that was committed is the call's answer, under its key as well.
async fn run(marks: &Marks, request: Request, next: Next) -> Response {
    let complaint = request.extensions().get::<Mark>().and_then(|mark| mark.complaint);
    let path = request.uri().path().to_owned();
    // The v1 resources say `success` of what they read, too.
    let complaint = complaint.filter(|_| request.method() != Method::GET);
    let response = run_unpacked(marks, request, next).await;
    match complaint {
        Some(complaint) => failure::after_save(marks, complaint, &path, response).await,
        None => response,
    }
}

/// Unpacks the body if it is compressed.
async fn run_unpacked(marks: &Marks, request: Request, next: Next) -> Response {
    if !gzip::is_packed(&request) {
        return next.run(request).await;
    }
    match gzip::unpack(request).await {
        Some(request) => next.run(request).await,
        None => fail::resource(marks, StatusCode::BAD_REQUEST, 50_000_090, "The request body is not in gzip format"),
    }
}

/// Adds the headers that every answer carries.
pub(crate) fn finish(
    zuora: &Zuora,
    marks: &Marks,
    family: Family,
    asked: &HeaderMap,
    mut response: Response,
) -> Response {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&marks.request_id) {
        headers.entry(REQUEST_ID).or_insert(id);
    }
    if let Some(track) = asked.get(&TRACK_ID).filter(|track| is_track_id(track)) {
        headers.insert(TRACK_ID, track.clone());
    }
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    let (remaining, reset) = zuora.limits.state(zuora.now());
    if family == Family::Token {
        set("x-ratelimit-limit-minute", "100");
        set("x-ratelimit-remaining-minute", "99");
        return response;
    }
    set("ratelimit-limit", Limits::HEADER);
    set("ratelimit-remaining", &remaining.to_string());
    set("ratelimit-reset", &reset.to_string());
    let running = zuora.in_flight.0[usize::from(family == Family::ObjectQuery)].load(Ordering::Acquire);
    set("concurrency-limit-type", family.name());
    set("concurrency-limit-limit", &family.concurrency().to_string());
    set("concurrency-limit-remaining", &family.concurrency().saturating_sub(running).to_string());
    response
}

fn is_track_id(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| text.len() <= LONGEST_TRACK_ID && !text.contains([':', ';', '"', '\'']))
}
