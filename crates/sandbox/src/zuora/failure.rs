//! How Zuora fails: by itself, and on demand.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::call::Marks;
use super::fail::{self, Reason};
use super::limits::Family;
use super::value::{Style, moment_text};
use super::{Zuora, gate, reply};
use crate::faults::Complaint;
use crate::server::{self, Failure, gateway_page};

const FORBIDDEN: &str = "You do not have permission to perform this operation.";

/// The vendor's words for a failure to serve a call.
pub(super) fn answer(zuora: &Zuora, failure: Failure, request: &Request) -> Response {
    let (marks, path) = (zuora.marks(), request.uri().path());
    let family = Family::of(path);
    let refused = |status: StatusCode, error: &str, message: &str| {
        fail::token(status, error, message, &moment_text(zuora.now(), Style::Action))
    };
    let response = match (failure, family) {
        (Failure::Page(status), _) => return gateway_page(status),
        (Failure::Maintenance, _) => return maintenance(),
        (Failure::Unauthorized, Family::Token) => refused(StatusCode::UNAUTHORIZED, "Unauthorized", "Bad credentials"),
        (Failure::Forbidden, Family::Token) => refused(StatusCode::FORBIDDEN, "Forbidden", "The user is not active"),
        (Failure::Unauthorized, _) => fail::unauthorized(&marks, path),
        (Failure::Forbidden, _) => forbidden(&marks, path),
        (Failure::TooManyRequests, _) => too_many(&marks),
        (Failure::Internal, _) => internal(&marks),
        (Failure::TooLarge, _) => too_large(),
        (Failure::Unavailable, _) => unavailable(),
    };
    gate::finish(zuora, &marks, family, request.headers(), response)
}

/// The caller lacks a permission; the envelope depends on the path.
fn forbidden(marks: &Marks, path: &str) -> Response {
    let mut response = if path.starts_with("/v1/object") {
        fail::crud(&[Reason::new("NO_PERMISSION", FORBIDDEN)])
    } else if fail::is_proxied(path) {
        fail::fault("NO_PERMISSION", FORBIDDEN)
    } else if path.starts_with("/object-query") {
        fail::object_query(marks, StatusCode::FORBIDDEN, 50_000_010, FORBIDDEN)
    } else {
        fail::resource(marks, StatusCode::FORBIDDEN, 50_000_010, FORBIDDEN)
    };
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// More calls run at once than may.
pub(super) fn too_many(marks: &Marks) -> Response {
    let mut response = fail::resource(
        marks,
        StatusCode::TOO_MANY_REQUESTS,
        50_000_070,
        "The total number of concurrent requests has exceeded the limit allowed by the system. Please resubmit your request later.",
    );
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("120"));
    response
}

fn internal(marks: &Marks) -> Response {
    fail::resource(
        marks,
        StatusCode::INTERNAL_SERVER_ERROR,
        50_000_060,
        "An unexpected error occurred. Please contact Zuora Global Support with the request id.",
    )
}

/// Written by the gateway, before anything of the vendor's own looks at the call.
pub(super) fn too_large() -> Response {
    server::json(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "message": "Request Entity Too Large" }))
}

fn unavailable() -> Response {
    let page =
        "<html><head><title>503 Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>";
    let mut response = Response::new(page.into());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// Planned work: the page comes from the delivery network in front of the vendor, and so without the vendor's headers.
fn maintenance() -> Response {
    let mut response = unavailable();
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("AkamaiGHost"));
    response
}

/// The answer to a write that was committed before something broke: of a batch of Actions one object is reported as
/// failed, any other call as a whole.
pub(super) async fn after_save(marks: &Marks, complaint: Complaint, path: &str, saved: Response) -> Response {
    let (parts, body) = saved.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut told: Value = serde_json::from_slice(&body).unwrap_or_default();
    let committed = match &mut told {
        Value::Array(results) => results.iter_mut().find(|result| is_success(result)),
        _ => Some(&mut told).filter(|told| is_success(told)),
    };
    let Some(committed) = committed.filter(|_| parts.status.is_success()) else {
        return Response::from_parts(parts, Body::from(body));
    };
    let reason = Reason::new("UNKNOWN_ERROR", "An unknown error was encountered.");
    if complaint == Complaint::Internal {
        internal(marks)
    } else if path.starts_with("/v1/action/delete") {
        *committed = json!({ "success": false, "id": committed["id"], "errors": [reason.json()] });
        reply::json(&told)
    } else if path.starts_with("/v1/action") {
        *committed = json!({ "Success": false, "Errors": [reason.json()] });
        reply::json(&told)
    } else if path.starts_with("/v1/object") {
        fail::crud(&[reason])
    } else {
        fail::resource(marks, StatusCode::OK, 50_000_060, &reason.message)
    }
}

/// Whether a result says that something was written; the answers to queries say no such thing.
fn is_success(result: &Value) -> bool {
    result["success"] == true || result["Success"] == true
}
