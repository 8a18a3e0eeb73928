//! The token endpoint: four ways to a session.

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::json;
use sha2::Sha256;

use super::{Gate, jwt};
use crate::clock::lock;
use crate::salesforce::failure::oauth;
use crate::salesforce::settings::Settings;
use crate::server;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Answers the token endpoint.
pub(crate) fn token(
    gate: &Gate,
    headers: &HeaderMap,
    body: &[u8],
    origin: &str,
    settings: &Settings,
    now: Timestamp,
) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let request = Request { gate, form: &form, basic: basic(headers), settings, origin, now };
    match request.grant() {
        Ok(()) => server::json(StatusCode::OK, &request.session()),
        Err((error, description)) => oauth(error, description),
    }
}

/// A request for a session.
struct Request<'a> {
    gate: &'a Gate,
    form: &'a [(String, String)],
    basic: Option<(String, String)>,
    settings: &'a Settings,
    origin: &'a str,
    now: Timestamp,
}

impl Request<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn client_id(&self) -> Option<&str> {
        self.value("client_id").or(self.basic.as_ref().map(|(id, _)| id.as_str()))
    }

    fn client_secret(&self) -> Option<&str> {
        self.value("client_secret").or(self.basic.as_ref().map(|(_, secret)| secret.as_str()))
    }

    fn grant(&self) -> Result<(), jwt::Denial> {
        match self.value("grant_type") {
            None | Some("") => return Err(("invalid_request", "must provide a grant_type parameter")),
            Some("client_credentials") => self.client_credentials()?,
            Some("refresh_token") => self.refresh()?,
            Some("password") => self.password()?,
            Some(JWT_BEARER) => self.assertion()?,
            Some(_) => return Err(("unsupported_grant_type", "grant type not supported")),
        }
        if !self.settings.user_active {
            return Err(("invalid_grant", "inactive user"));
        }
        Ok(())
    }

    /// The connected app, and its secret where one must be given.
    fn client(&self, must_have_secret: bool) -> Result<(), jwt::Denial> {
        let id = self.client_id().ok_or(("invalid_request", "client_id is required"))?;
        if id != self.gate.access.client_id {
            return Err(("invalid_client_id", "client identifier invalid"));
        }
        match self.client_secret() {
            Some(secret) if secret == self.gate.access.client_secret && self.settings.client_secret_valid => Ok(()),
            None if !must_have_secret => Ok(()),
            None => Err(("invalid_request", "client_secret is required")),
            Some(_) => Err(("invalid_client", "invalid client credentials")),
        }
    }

    fn client_credentials(&self) -> Result<(), jwt::Denial> {
        self.client(true)?;
        if !self.settings.client_credentials_user {
            return Err(("invalid_grant", "no client credentials user enabled"));
        }
        Ok(())
    }

    fn refresh(&self) -> Result<(), jwt::Denial> {
        self.client(false)?;
        let token = self.value("refresh_token").ok_or(("invalid_request", "refresh_token is required"))?;
        let known = token == self.gate.access.refresh_token && self.settings.refresh_token_valid;
        if !known || lock(&self.gate.sessions).is_revoked(token) {
            return Err(("invalid_grant", "expired access/refresh token"));
        }
        Ok(())
    }

    fn password(&self) -> Result<(), jwt::Denial> {
        self.client(true)?;
        let access = &self.gate.access;
        let password = format!("{}{}", access.password, access.security_token);
        let right = self.value("username").is_some_and(|name| name.eq_ignore_ascii_case(&access.username))
            && self.value("password") == Some(&password)
            && self.settings.password_valid;
        if right { Ok(()) } else { Err(("invalid_grant", "authentication failure")) }
    }

    fn assertion(&self) -> Result<(), jwt::Denial> {
        let token = self.value("assertion").ok_or(("invalid_request", "assertion is required"))?;
        if !self.settings.certificate_valid {
            return Err(("invalid_grant", "invalid assertion"));
        }
        let claims = jwt::read(token, &self.gate.public_key, self.origin, self.now)?;
        if claims.issuer != self.gate.access.client_id {
            return Err(("invalid_client_id", "client identifier invalid"));
        }
        if !claims.subject.eq_ignore_ascii_case(&self.gate.access.username) {
            return Err(("invalid_grant", "user hasn't approved this consumer"));
        }
        Ok(())
    }

    fn session(&self) -> serde_json::Value {
        let token = lock(&self.gate.sessions).begin(self.now);
        let issued = self.now.as_millisecond().to_string();
        let id = format!("{}/id/{}/{}", self.origin, self.gate.organization, self.gate.user);
        json!({
            "access_token": token,
            "signature": sign(&self.gate.access.client_secret, &format!("{id}{issued}")),
            "scope": "api refresh_token",
            "instance_url": self.origin,
            "id": id,
            "token_type": "Bearer",
            "issued_at": issued,
            "api_instance_url": "https://api.salesforce.com",
        })
    }
}

fn sign(secret: &str, text: &str) -> String {
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mut mac| {
            mac.update(text.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        })
        .unwrap_or_default()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, text) = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("Basic").then(|| STANDARD.decode(text.trim()).ok()).flatten()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((plain(id), plain(secret)))
}
