//! `POST /oauth/token`, and the bearer tokens it gives out.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use url::form_urlencoded;

use super::value::{Style, moment_text};
use super::{Zuora, fail, reply};
use crate::clock::lock;

/// Seconds that a token is good for.
const LIFETIME: i64 = 3600;
/// The length of a client id.
const ID_LENGTH: usize = 36;
/// The most characters of a client secret.
const LONGEST_SECRET: usize = 42;

/// The tokens given out, with the moment of their end.
#[derive(Debug, Default)]
pub(crate) struct Tokens(HashMap<String, i64>);

/// Gives out a token for client credentials.
pub(crate) async fn token(State(zuora): State<Arc<Zuora>>, headers: HeaderMap, body: String) -> Response {
    let now = zuora.now();
    let refuse = |status: StatusCode, error: &str, message: &str| {
        fail::token(status, error, message, &moment_text(now, Style::Action))
    };
    let form = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !form.starts_with("application/x-www-form-urlencoded") {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported Media Type",
            "Content type must be application/x-www-form-urlencoded",
        );
    }
    let fields: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("grant_type") != "client_credentials" {
        return refuse(StatusCode::BAD_REQUEST, "Bad Request", "Unsupported grant type");
    }
    if field("client_id").len() != ID_LENGTH || field("client_id") != zuora.access.client_id {
        return refuse(StatusCode::BAD_REQUEST, "Bad Request", "Invalid client id");
    }
    if field("client_secret").len() > LONGEST_SECRET || field("client_secret") != zuora.access.client_secret {
        return refuse(StatusCode::UNAUTHORIZED, "Unauthorized", "Bad credentials");
    }
    let token = zuora.random_hex(32);
    let mut tokens = lock(&zuora.tokens);
    tokens.0.retain(|_, end| *end > now);
    tokens.0.insert(token.clone(), now + LIFETIME);
    drop(tokens);
    let tenant = zuora.random_hex(32);
    reply::json(&json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": LIFETIME - 1,
        "scope": format!("user.{tenant} entity.{} service.echo.read tenant.10000", zuora.random_uuid()),
        "jti": zuora.random_uuid(),
    }))
}

/// Whether the call carries a token that is good now.
pub(crate) fn is_authorized(zuora: &Zuora, headers: &HeaderMap) -> bool {
    carried(headers).is_some_and(|token| lock(&zuora.tokens).0.get(token).is_some_and(|end| *end > zuora.now()))
}

/// Ends the life of the token that a call carries; answers whether it carries one.
pub(crate) fn expire(zuora: &Zuora, headers: &HeaderMap) -> bool {
    let token = carried(headers);
    if let Some(token) = token {
        lock(&zuora.tokens).0.remove(token);
    }
    token.is_some()
}

fn carried(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
