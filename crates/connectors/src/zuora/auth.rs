//! OAuth 2.0 client credentials. The token lives an hour; the endpoint grants 100 log-ins a minute and address.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use model::problem::{Cause, Problem};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::classify;
use crate::http::{Effect, Grant, Http, Login, Request, below};
use crate::json;

/// What Zuora grants when it does not say.
const USUAL_SECONDS: i64 = 3600;

pub(super) struct OAuth {
    url: Url,
    client_id: String,
    client_secret: SecretString,
    scope: Mutex<String>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    expires_in: Option<i64>,
    #[serde(default)]
    scope: String,
}

impl OAuth {
    pub(super) fn new(base: &Url, client_id: String, client_secret: SecretString) -> Self {
        Self { url: below(base, "/oauth/token"), client_id, client_secret, scope: Mutex::default() }
    }

    /// What the last log-in was for: `user.2c92... entity.11e6... tenant.19`.
    pub(super) fn scope(&self) -> String {
        self.scope.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn request(&self) -> Request {
        let body = Serializer::new(String::new())
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose_secret())
            .append_pair("grant_type", "client_credentials")
            .finish();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let (url, template) = (self.url.clone(), "/oauth/token".to_owned());
        Request { method: Method::POST, url, template, headers, body: Some(body.into()), effect: Effect::Read }
    }
}

#[async_trait]
impl Login for OAuth {
    async fn login(&self, http: &Http) -> Result<Grant, Problem> {
        let request = self.request();
        let reply = http.send_login(&request).await?;
        if !reply.is_success() {
            return Err(http.redacted(classify::login_problem(&request.call(), &reply)));
        }
        // The body holds the token: it is never shown, not even when it cannot be read.
        let token: Token = json::parse(&reply.body).map_err(|_| {
            http.problem(request.call(), Cause::Authentication, "the answer to the log-in holds no access_token")
        })?;
        *self.scope.lock().unwrap_or_else(PoisonError::into_inner) = token.scope;
        Ok(Grant { token: token.access_token.into(), seconds: token.expires_in.unwrap_or(USUAL_SECONDS) })
    }
}
