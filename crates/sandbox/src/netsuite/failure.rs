//! How NetSuite fails on demand.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};

use super::auth::Gate;
use super::errors::Refusal;
use crate::faults::Complaint;
use crate::server::{Failure, gateway_page};

/// The vendor's words for a failure to serve a call.
pub(super) fn answer(gate: &Gate, failure: Failure, request: &Request) -> Response {
    match failure {
        Failure::Unauthorized => gate.turn_away(request.uri().path(), request.headers()),
        Failure::Forbidden => Refusal::new(
            403,
            "INSUFFICIENT_PERMISSION",
            "Permission Violation: You need a higher permission to access this page. Please contact your account administrator.",
        )
        .into_response(),
        Failure::TooManyRequests => Refusal::too_many().into_response(),
        Failure::TooLarge => Refusal::too_large().into_response(),
        Failure::Internal => unexpected("sandboxfaultondemand"),
        // Maintenance and overload speak HTML, not the API's JSON; the words are the same in short outages.
        Failure::Unavailable | Failure::Maintenance => {
            let page = "<html><head><title>503 Service Temporarily Unavailable</title></head><body>The account you are trying to access is currently unavailable while we undergo our regularly scheduled maintenance.</body></html>";
            (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/html;charset=utf-8")], page).into_response()
        }
        Failure::Page(status) => gateway_page(status),
    }
}

/// The answer to a record that was saved before a script of the account failed. The record stays: a script that runs
/// after the save cannot take it back, and the answer does not say that there is one.
pub(super) fn after_save(complaint: Complaint, method: &Method, path: &str, saved: Response) -> Response {
    let writes = method != Method::GET && path.starts_with("/services/rest/record/");
    match complaint {
        _ if !writes || !saved.status().is_success() => saved,
        Complaint::Refusal => Refusal::user("An unexpected SuiteScript error has occurred.").into_response(),
        Complaint::Internal => unexpected("sandboxerroraftersave"),
    }
}

fn unexpected(id: &str) -> Response {
    Refusal::new(500, "UNEXPECTED_ERROR", format!("An unexpected error occurred. Error ID: {id}")).into_response()
}
