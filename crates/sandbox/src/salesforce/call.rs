//! A call as the resources see it, whether it came by itself or within a composite request, and its answer.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use super::errors::{NOT_EMULATED, Refusal, Verdict};
use crate::faults::Mark;
use crate::server;

/// A call to a resource of a version.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The method. `?_HttpMethod=` of a POST is the method.
    pub(crate) method: Method,
    /// The version as the path has it: `v66.0`.
    pub(crate) version: String,
    /// The segments of the path behind the version, decoded. A slash at the end makes none.
    pub(crate) path: Vec<String>,
    /// The parameters of the query.
    pub(crate) query: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// Scheme and host as the caller knows them.
    pub(crate) origin: String,
    /// What a fault asks of this call.
    pub(crate) mark: Mark,
    /// The body.
    pub(crate) body: Bytes,
    /// It came within a composite request.
    pub(crate) inner: bool,
}

impl Call {
    /// The call to a path (`/services/data/v66.0/...` with its query).
    pub(crate) fn new(method: Method, path_and_query: &str, headers: HeaderMap, body: Bytes) -> Option<Self> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let mut segments = path.split('/').filter(|part| !part.is_empty()).map(decode);
        if (segments.next().as_deref(), segments.next().as_deref()) != (Some("services"), Some("data")) {
            return None;
        }
        let version = segments.next()?;
        let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let overridden = query.iter().find(|(name, _)| name == "_HttpMethod");
        let method = match overridden.and_then(|(_, method)| method.parse().ok()) {
            Some(other) if method == Method::POST => other,
            _ => method,
        };
        Some(Self {
            method,
            version,
            path: segments.collect(),
            query,
            headers,
            origin: String::new(),
            mark: Mark::default(),
            body,
            inner: false,
        })
    }

    /// The version as a number: 66 of `v66.0`. Only whole versions exist.
    pub(crate) fn number(&self) -> Option<u32> {
        self.version.strip_prefix('v')?.strip_suffix(".0")?.parse().ok()
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A value in a header of the vendor's own: `allowSave` of `allowSave=true; includeRecordDetails=false`.
    pub(crate) fn option(&self, header: &str, name: &str) -> Option<&str> {
        let mut options = self.header(header)?.split([';', ',']).filter_map(|option| option.split_once('='));
        options.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Whether it writes nothing, and may therefore be answered beside others.
    pub(crate) fn only_reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn json(&self) -> Verdict<Json> {
        let media = self.header("content-type").unwrap_or("application/json").split(';').next().unwrap_or_default();
        if media.trim().eq_ignore_ascii_case("application/xml") || media.trim().eq_ignore_ascii_case("text/xml") {
            return Err(Refusal::not_emulated("XML bodies"));
        }
        if !media.trim().eq_ignore_ascii_case("application/json") {
            let message = format!("Content type {} is not supported", media.trim());
            return Err(Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        if self.body.is_empty() {
            return Err(Refusal::body("No content to map to Object due to end of input"));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            Refusal::body(format!(
                "Unexpected character in the request body at [line:{}, column:{}]",
                error.line(),
                error.column()
            ))
        })
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn object(&self) -> Verdict<Map<String, Json>> {
        match self.json()? {
            Json::Object(object) => Ok(object),
            _ => Err(Refusal::body("The HTTP entity body is required to be a JSON object at [line:1, column:1]")),
        }
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What an answer carries.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Json),
    /// A text of a media type.
    Text(&'static str, String),
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Headers beside those that every answer has.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) content: Content,
}

impl Reply {
    /// JSON.
    pub(crate) fn json(status: u16, body: Json) -> Self {
        Self { status, headers: Vec::new(), content: Content::Json(body) }
    }

    /// No body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), content: Content::Empty }
    }

    /// A text.
    pub(crate) fn text(status: u16, media: &'static str, text: String) -> Self {
        Self { status, headers: Vec::new(), content: Content::Text(media, text) }
    }

    /// The same with a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Refused for one or more reasons: the first has the status.
    pub(crate) fn refused(reasons: &[Refusal]) -> Self {
        let status = reasons.first().map_or(500, |first| first.status);
        match reasons.iter().find(|reason| reason.code == NOT_EMULATED) {
            Some(missing) => Self::json(501, serde_json::json!({ "error": "not emulated", "what": missing.message })),
            None => Self::json(status, reasons.iter().map(Refusal::of_request).collect()),
        }
    }

    /// Whether the call did what was asked.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// As it goes out.
    pub(crate) fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match self.content {
            Content::Json(body) => server::json(status, &body),
            Content::Text(media, text) => {
                let mut response = Response::new(Body::from(text));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
                response
            }
            Content::Empty => Response::new(Body::empty()),
        };
        *response.status_mut() = status;
        if response.headers().get(header::CONTENT_TYPE).is_some_and(|media| media == "application/json") {
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::refused(&[refusal])
    }
}
