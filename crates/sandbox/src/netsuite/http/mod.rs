//! The account's addresses.

mod call;
mod metadata;
mod records;
mod suiteql;
mod system;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::HeaderValue;
use serde_json::json;

use super::Netsuite;
use super::auth::TOKEN_PATH;
use super::errors::{NotEmulated, Refusal};
use super::failure;
use crate::faults::Mark;
use crate::server::{self, not_emulated};

/// The largest request that the vendor takes.
pub(super) const LARGEST_REQUEST: usize = 104 * 1024 * 1024;

/// All addresses.
pub(super) fn router(account: Arc<Netsuite>) -> Router {
    let guarded = Router::new()
        .route("/services/rest/record/v1/metadata-catalog", get(metadata::catalog))
        .route("/services/rest/record/v1/metadata-catalog/{type}", get(metadata::describe))
        .route("/services/rest/record/v1/{type}", any(records::collection))
        // Clients end the address of a collection with a slash or without one.
        .route("/services/rest/record/v1/{type}/", any(records::collection))
        .route("/services/rest/record/v1/{type}/{id}", any(records::single))
        .route("/services/rest/record/v1/{type}/{id}/!transform/{target}", post(records::transform))
        .route("/services/rest/record/v1/{type}/{id}/{part}", get(records::part))
        .route("/services/rest/record/v1/{type}/{id}/{part}/{line}", get(records::line))
        .route("/services/rest/record/v1/{type}/{id}/{part}/{line}/{subpart}", get(records::line_part))
        .route("/services/rest/query/v1/suiteql", any(suiteql::query))
        .route("/services/rest/system/v1/serverTime", get(system::server_time))
        .route("/services/rest/system/v1/governanceLimits", get(system::governance_limits))
        .layer(middleware::from_fn_with_state(Arc::clone(&account), guard));
    Router::new()
        .route(TOKEN_PATH, post(system::token))
        .merge(guarded)
        .fallback(elsewhere)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(account)
}

/// A place among the requests in flight.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Lets a call in if it is signed and if the account has a place left for it. Nothing is queued.
async fn guard(State(account): State<Arc<Netsuite>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let complaint = parts.extensions.get::<Mark>().and_then(|mark| mark.complaint);
    if let Err(answer) = account.gate.admit(&parts, account.clock.now()) {
        return *answer;
    }
    if method == "OPTIONS" {
        return empty(None, &[]);
    }
    let taken = account.in_flight.fetch_add(1, Ordering::AcqRel);
    let _place = Place(&account.in_flight);
    let mut response = match taken < account.settings.concurrency {
        true => next.run(Request::from_parts(parts, body)).await,
        false => Refusal::too_many().into_response(),
    };
    if let Some(NotEmulated(what)) = response.extensions().get::<NotEmulated>() {
        let body = json!({ "error": "not emulated", "method": method.as_str(), "path": path, "what": what });
        return server::json(http::StatusCode::NOT_IMPLEMENTED, &body);
    }
    if let Some(complaint) = complaint {
        response = failure::after_save(complaint, &method, &path, response);
    }
    let operation = account.operations.fetch_add(1, Ordering::Relaxed);
    if let Ok(value) = HeaderValue::from_str(&format!("{operation:08x}-0000-4000-8000-000000000000")) {
        response.headers_mut().insert("x-netsuite-operation-id", value);
    }
    response
}

/// Addresses that are not emulated. Clients try their keys by asking for the options of any address.
async fn elsewhere(State(account): State<Arc<Netsuite>>, request: Request) -> Response {
    if request.method() != http::Method::OPTIONS || !request.uri().path().starts_with("/services/rest/") {
        return not_emulated(request).await;
    }
    let (parts, _) = request.into_parts();
    match account.gate.admit(&parts, account.clock.now()) {
        Ok(()) => empty(None, &[]),
        Err(answer) => *answer,
    }
}

/// An answer without a body.
pub(super) fn empty(location: Option<String>, warnings: &[String]) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    if let Some(value) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        response.headers_mut().insert(http::header::LOCATION, value);
    }
    for warning in warnings {
        if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{}\"", warning.replace('"', "'"))) {
            response.headers_mut().append(http::header::WARNING, value);
        }
    }
    response
}
