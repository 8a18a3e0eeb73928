//! How Salesforce fails on demand.

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::auth::TOKEN_PATH;
use super::call::Reply;
use super::errors::Refusal;
use crate::faults::Complaint;
use crate::server::{self, Failure, gateway_page};

/// The vendor's words for a failure to serve a call.
pub(super) fn answer(failure: Failure, request: &Request) -> Response {
    let at_login = request.uri().path() == TOKEN_PATH;
    let refusal = match failure {
        Failure::Unauthorized if at_login => return oauth("invalid_grant", "authentication failure"),
        Failure::TooManyRequests if at_login => return oauth("rate_limit_exceeded", "login rate exceeded"),
        Failure::Unauthorized => return session(),
        Failure::Forbidden => Refusal::new(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id"),
        // The vendor has no 429: who asks too much is told so with a 403.
        Failure::TooManyRequests => {
            Refusal::new(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
        }
        Failure::Internal => unexpected(),
        Failure::Unavailable => Refusal::new(503, "SERVER_UNAVAILABLE", "Server Unavailable"),
        Failure::Maintenance => maintenance(),
        // No words of the vendor's are known.
        Failure::TooLarge => return gateway_page(413),
        Failure::Page(status) => return gateway_page(status),
    };
    Reply::from(refusal).into_response()
}

/// The answer to a call without a valid session.
pub(super) fn session() -> Response {
    let mut response = Reply::from(Refusal::session()).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
    response
}

/// Writes are refused while the org is read only.
pub(super) fn maintenance() -> Refusal {
    Refusal::new(
        503,
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "We can't complete the action because your org is undergoing maintenance and is in read-only mode.",
    )
}

/// The words for a write that was committed before something failed.
pub(super) fn after_save(complaint: Complaint) -> Refusal {
    match complaint {
        Complaint::Refusal => Refusal::row(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "Afterwards: execution of AfterInsert caused by: System.CalloutException: callout failed",
            &[],
        ),
        Complaint::Internal => unexpected(),
    }
}

fn unexpected() -> Refusal {
    Refusal::new(
        500,
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)",
    )
}

/// A refusal of the login.
pub(super) fn oauth(error: &str, description: &str) -> Response {
    let body = serde_json::json!({ "error": error, "error_description": description });
    server::json(StatusCode::BAD_REQUEST, &body)
}
