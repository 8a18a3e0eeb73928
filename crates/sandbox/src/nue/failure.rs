//! How Nue fails on demand.

use axum::response::Response;

use super::Nue;
use super::fail::Refusal;
use crate::server::{Failure, gateway_page};

/// After how many seconds an overload may be over. Nothing is published.
const COME_AGAIN: u64 = 1;

/// The vendor's words for a failure to serve a call.
pub(super) fn answer(nue: &Nue, failure: Failure) -> Response {
    nue.refuse(&match failure {
        Failure::Unauthorized => Refusal::unauthorized("The API key or the token is not valid, or has expired"),
        Failure::Forbidden => Refusal::forbidden("Self Service API"),
        Failure::TooManyRequests => Refusal::rate_limited(COME_AGAIN),
        Failure::Internal => Refusal::internal(),
        Failure::Unavailable => Refusal::unavailable("UNAVAILABLE", "The service is overloaded"),
        Failure::Maintenance => Refusal::unavailable("MAINTENANCE", "Nue is under maintenance"),
        Failure::TooLarge => Refusal::limit("The request body is too large"),
        Failure::Page(status) => return gateway_page(status),
    })
}
