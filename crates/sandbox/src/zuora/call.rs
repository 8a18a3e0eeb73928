//! One call, as a handler sees it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::fail::{self, Refused};
use super::failure;
use crate::faults::Mark;

/// The WSDL version of the Actions and CRUD when the caller names none.
const DEFAULT_WSDL: u16 = 79;

/// The numbers that a call is known by; they stand in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    /// The vendor's id of the request.
    pub(crate) request_id: Arc<str>,
    /// The process id of v1 answers.
    pub(crate) process_id: Arc<str>,
}

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    /// What the call is known by.
    pub(crate) marks: Marks,
    /// The parameters of the query string, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// The WSDL version that the caller asks for.
    pub(crate) wsdl: u16,
    /// What a fault asks of this call.
    pub(crate) mark: Mark,
    /// Where links in answers begin: scheme and host.
    pub(crate) base: String,
    /// The path.
    pub(crate) path: String,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let mut call = Self::of_head(&request);
        let body = Bytes::from_request(request, state).await.map_err(|_| failure::too_large())?;
        call.body = body;
        Ok(call)
    }
}

impl Call {
    /// The call without its body.
    fn of_head(request: &Request) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let unmarked = || Marks { request_id: Arc::from(""), process_id: Arc::from("") };
        Self {
            marks: request.extensions().get::<Marks>().cloned().unwrap_or_else(unmarked),
            query: form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect(),
            wsdl: header("x-zuora-wsdl-version")
                .and_then(|text| text.split('.').next()?.parse().ok())
                .unwrap_or(DEFAULT_WSDL),
            mark: request.extensions().get().copied().unwrap_or_default(),
            base: format!("http://{}", header("host").unwrap_or("localhost")),
            path: request.uri().path().to_owned(),
            body: Bytes::new(),
        }
    }

    /// The first value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether unknown fields fail the call.
    pub(crate) fn rejects_unknown_fields(&self) -> bool {
        self.parameter("rejectUnknownFields").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The body of an Action or a CRUD call.
    pub(crate) fn action_body(&self) -> Result<Map<String, Value>, Refused> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) => Err(fail::client_error("InvalidContent", "Invalid JSON: an object is expected").into()),
            Err(error) => Err(fail::client_error("InvalidContent", &format!("Invalid JSON: {error}")).into()),
        }
    }

    /// The body of a v1 call.
    pub(crate) fn resource_body(&self) -> Result<Map<String, Value>, Refused> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(body)) => Ok(body),
            _ => Err(fail::resource(
                &self.marks,
                StatusCode::BAD_REQUEST,
                50_000_090,
                "The request body is not well-formed JSON",
            )
            .into()),
        }
    }
}
