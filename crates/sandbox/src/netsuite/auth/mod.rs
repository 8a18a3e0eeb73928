//! Who may call: token-based authentication and OAuth 2.0 with a signed assertion.

mod access;
mod assertion;
mod encode;
mod tba;
mod token;

use std::collections::HashMap;
use std::sync::Mutex;

use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, request};
use jiff::Timestamp;

pub use access::Access;
pub(crate) use access::{Certificate, KeyError};

use super::errors::Refusal;
use crate::clock::lock;

pub(crate) use encode::form_pairs;

/// The address where tokens are given out.
pub(crate) const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";
/// The scheme of calls that carry a token.
const TOKEN: &str = "Bearer";
/// The scheme of calls that carry a signature.
const SIGNED: &str = "OAuth";

/// The scheme of a call's credentials, and what follows it.
fn credentials(headers: &HeaderMap) -> (&str, &str) {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
    (scheme, rest.trim())
}

fn is(scheme: &str, known: &str) -> bool {
    scheme.eq_ignore_ascii_case(known)
}

/// What the account remembers of its callers.
#[derive(Debug)]
pub(crate) struct Gate {
    access: Access,
    certificates: Vec<Certificate>,
    nonces: Mutex<HashMap<String, i64>>,
    tokens: Mutex<token::Tokens>,
}

impl Gate {
    /// A gate for one integration, its user's tokens and its certificates.
    pub(crate) fn new(access: Access, certificates: Vec<Certificate>, seed: u64) -> Self {
        Self { access, certificates, nonces: Mutex::default(), tokens: Mutex::new(token::Tokens::new(seed)) }
    }

    /// A gate for the same callers, of whom none has called yet.
    pub(crate) fn anew(&self, seed: u64) -> Self {
        Self::new(self.access.clone(), self.certificates.clone(), seed)
    }

    /// Whether a call carries a valid signature or token.
    ///
    /// # Errors
    /// The answer with which the vendor turns the caller away.
    pub(crate) fn admit(&self, parts: &request::Parts, now: Timestamp) -> Result<(), Box<Response>> {
        let (scheme, rest) = credentials(&parts.headers);
        let admitted = if is(scheme, SIGNED) {
            self.admit_signature(parts, rest, now).is_some()
        } else {
            is(scheme, TOKEN) && lock(&self.tokens).is_valid(rest, now)
        };
        if admitted { Ok(()) } else { Err(Box::new(self.login(&parts.headers))) }
    }

    /// Makes the token of a call invalid; answers whether the call carries one. The tokens behind a signature do not
    /// expire, and there is no login that would renew them: a signed call finds itself turned away, the next does not.
    pub(crate) fn expire(&self, headers: &HeaderMap) -> bool {
        let (scheme, rest) = credentials(headers);
        if is(scheme, TOKEN) {
            lock(&self.tokens).revoke(rest);
        }
        is(scheme, TOKEN) || is(scheme, SIGNED)
    }

    /// The answer to a call whose credentials are wrong.
    pub(crate) fn turn_away(&self, path: &str, headers: &HeaderMap) -> Response {
        if path == TOKEN_PATH { assertion::INVALID_CLIENT.answer(&self.access.account) } else { self.login(headers) }
    }

    fn admit_signature(&self, parts: &request::Parts, header: &str, now: Timestamp) -> Option<()> {
        let signature = tba::Signature::read(header)?;
        signature.is_well_formed(&self.access, now).then_some(())?;
        let query = parts.uri.query().unwrap_or_default();
        let path = parts.uri.path();
        origins(parts)
            .iter()
            .any(|origin| signature.signs(parts.method.as_str(), origin, path, query, &self.access))
            .then_some(())?;
        let mut nonces = lock(&self.nonces);
        let second = now.as_second();
        nonces.retain(|_, seen| (second - *seen).abs() <= 2 * tba::WINDOW_SECONDS);
        nonces.insert(signature.once(), second).is_none().then_some(())
    }

    fn login(&self, headers: &HeaderMap) -> Response {
        let signed = is(credentials(headers).0, SIGNED);
        let (scheme, error) = if signed { (SIGNED, "token_rejected") } else { (TOKEN, "invalid_token") };
        let mut response = Refusal::login().into_response();
        let challenge = format!(
            r#"{scheme} realm="{}", error="{error}", error_description="Invalid login attempt.""#,
            self.access.account
        );
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        response
    }

    /// Answers the token endpoint.
    pub(crate) fn grant(&self, parts: &request::Parts, body: &[u8], now: Timestamp) -> Response {
        let audiences: Vec<String> =
            origins(parts).iter().map(|origin| format!("{origin}{}", parts.uri.path())).collect();
        match assertion::check(body, &audiences, &self.access, &self.certificates, now) {
            Ok(scopes) => lock(&self.tokens).issue(&self.access, &scopes, now),
            Err(refusal) => refusal.answer(&self.access.account),
        }
    }
}

/// The addresses under which the caller may know this server: the client signs the address that it called, so the
/// scheme and the host are taken as received, and a proxy that ends TLS tells the scheme.
pub(crate) fn origins(parts: &request::Parts) -> Vec<String> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let host = header(HOST.as_str()).or_else(|| parts.uri.host()).unwrap_or_default().to_ascii_lowercase();
    let mut schemes = vec![header("x-forwarded-proto").unwrap_or("http").to_ascii_lowercase()];
    if host.ends_with("netsuite.com") && !schemes.iter().any(|scheme| scheme == "https") {
        schemes.insert(0, "https".to_owned());
    }
    schemes.into_iter().map(|scheme| format!("{scheme}://{}", without_default_port(&scheme, &host))).collect()
}

fn without_default_port<'a>(scheme: &str, host: &'a str) -> &'a str {
    let port = if scheme == "https" { ":443" } else { ":80" };
    host.strip_suffix(port).unwrap_or(host)
}
