//! The token endpoint and the account's own facts.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::netsuite::Netsuite;
use crate::server::json as answer;

/// `POST /services/rest/auth/oauth2/v1/token`.
pub(super) async fn token(State(account): State<Arc<Netsuite>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, 64 * 1024).await {
        Ok(body) => account.gate.grant(&parts, &body, account.clock.now()),
        Err(_) => answer(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_request" })),
    }
}

/// `GET /services/rest/system/v1/serverTime`.
pub(super) async fn server_time(State(account): State<Arc<Netsuite>>) -> Response {
    let now = account.clock.now().to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    answer(StatusCode::OK, &json!({ "serverTime": now }))
}

/// `GET /services/rest/system/v1/governanceLimits`.
pub(super) async fn governance_limits(State(account): State<Arc<Netsuite>>) -> Response {
    let limit = account.settings.concurrency;
    answer(
        StatusCode::OK,
        &json!({ "accountConcurrencyLimit": limit, "accountUnallocatedConcurrencyLimit": limit, "integrationLimitType": "accountLimit" }),
    )
}
