//! One call, as a handler sees it.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::fail::Refusal;
use crate::faults::Mark;
use crate::server;

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    /// The query string as it came.
    pub(crate) query: String,
    /// What a fault asks of this call.
    pub(crate) mark: Mark,
    /// Where links in answers begin: scheme and host.
    pub(crate) base: String,
    parameters: Vec<(String, String)>,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let parameters = match RawPathParams::from_request_parts(&mut parts, state).await {
            Ok(parameters) => parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            Err(_) => Vec::new(),
        };
        let host = parts.headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or("localhost");
        let mut call = Self {
            query: parts.uri.query().unwrap_or_default().to_owned(),
            mark: parts.extensions.get().copied().unwrap_or_default(),
            base: format!("http://{host}"),
            parameters,
            body: Bytes::new(),
        };
        let too_large =
            |_| server::json(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "message": "The request is too large" }));
        call.body = Bytes::from_request(Request::from_parts(parts, body), state).await.map_err(too_large)?;
        Ok(call)
    }
}

impl Call {
    /// A parameter of the path.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.parameters.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value.as_str())
    }

    /// The body.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| Refusal::invalid(format!("The body is not JSON: {error}")))
    }

    /// The body, which must be an object.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        match self.json()? {
            Value::Object(object) => Ok(object),
            _ => Err(Refusal::invalid("The body must be a JSON object")),
        }
    }
}
