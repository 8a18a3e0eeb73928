//! Who may call: an API key, a token of a user, or a user's password with each call.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use crate::clock::lock;
use crate::server;

/// How long a token lasts. One page of the vendor says 15 minutes and another an hour; the shorter is the harder.
const MINUTES: i64 = 15;

/// The tokens that were given out and have not expired.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<HashMap<String, Timestamp>>);

impl Tokens {
    fn is_good(&self, token: &str, now: Timestamp) -> bool {
        lock(&self.0).get(token).is_some_and(|until| *until > now)
    }

    /// Makes a token invalid; answers whether it was given out here.
    fn expire(&self, token: &str) -> bool {
        lock(&self.0).remove(token).is_some()
    }

    fn keep(&self, token: String, until: Timestamp) {
        lock(&self.0).insert(token, until);
    }
}

/// Turns a caller away who does not say who he is.
pub(crate) fn admit(nue: &Nue, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(key) = text("nue-api-key") {
        return match key {
            _ if key != nue.access.api_key => Err(Refusal::unauthorized("The API key is not valid")),
            _ if nue.settings().key_expired => Err(Refusal::unauthorized("The API key has expired")),
            _ => Ok(()),
        };
    }
    let Some(authorization) = text(header::AUTHORIZATION.as_str()) else {
        return Err(Refusal::unauthorized("The header nue-api-key is missing"));
    };
    if text("apiaccesskey") != Some(nue.access.api_key.as_str()) {
        return Err(Refusal::unauthorized("The header apiAccessKey is missing or wrong"));
    }
    let (scheme, proof) = authorization.split_once(' ').unwrap_or_default();
    let good = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => nue.tokens.is_good(proof.trim(), nue.clock.now()),
        "basic" => STANDARD
            .decode(proof.trim())
            .is_ok_and(|pair| pair == format!("{}:{}", nue.access.user_name, nue.access.password).into_bytes()),
        _ => false,
    };
    if good { Ok(()) } else { Err(Refusal::unauthorized("The token or the password is not valid, or has expired")) }
}

/// Makes the token of a call invalid. An API key is no token: it expires by a setting, and for good.
pub(crate) fn expire(nue: &Nue, headers: &HeaderMap) -> bool {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    bearer.is_some_and(|token| nue.tokens.expire(token.trim()))
}

/// `POST /auth/token`.
pub(crate) fn token(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    let text = |name: &str| body.get(name).and_then(|value| value.as_str());
    if text("userName") != Some(&nue.access.user_name) || text("password") != Some(&nue.access.password) {
        return Err(Refusal::unauthorized("The user name or the password is wrong"));
    }
    Ok(issue(nue))
}

/// `POST /auth/refreshToken`.
pub(crate) fn refresh(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    let token = body.get("refreshToken").and_then(|value| value.as_str()).unwrap_or_default();
    // A refresh token is good once.
    if !nue.tokens.expire(token) {
        return Err(Refusal::unauthorized("The refresh token is not valid"));
    }
    Ok(issue(nue))
}

fn issue(nue: &Nue) -> Response {
    let now = nue.clock.now();
    let later = |minutes| now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(now);
    let (access, refresh) = (nue.random_hex(64), nue.random_hex(64));
    nue.tokens.keep(access.clone(), later(MINUTES));
    nue.tokens.keep(refresh.clone(), later(24 * 60));
    let body = json!({ "accessToken": access, "refreshToken": refresh, "expiresIn": MINUTES * 60 });
    server::json(StatusCode::OK, &body)
}
