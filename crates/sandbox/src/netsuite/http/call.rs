//! A call as the handlers see it.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method};
use serde_json::{Map, Value as Json};

use super::LARGEST_REQUEST;
use crate::faults::Mark;
use crate::netsuite::auth::{form_pairs, origins};
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::render::Look;
use crate::netsuite::write::{Check, Reading};

/// The most records on a page.
const LARGEST_PAGE: usize = 1000;

/// A call, with its body read.
#[derive(Debug)]
pub(super) struct Call {
    /// The method.
    pub(super) method: Method,
    /// Scheme and host as the caller knows them: links point there.
    pub(super) origin: String,
    /// The path as it was received.
    pub(super) path: String,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The parameters of the query.
    pub(super) query: Vec<(String, String)>,
    /// What a fault asks of this call.
    pub(super) mark: Mark,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let origin = origins(&parts).into_iter().next().unwrap_or_default();
        let body = to_bytes(body, LARGEST_REQUEST).await.map_err(|_| Refusal::too_large())?;
        Ok(Self {
            origin,
            path: parts.uri.path().to_owned(),
            query: form_pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            mark: parts.extensions.get().copied().unwrap_or_default(),
            method: parts.method,
            headers: parts.headers,
            body,
        })
    }
}

/// A part of a long list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// How many.
    pub(super) limit: usize,
    /// From which on.
    pub(super) offset: usize,
}

impl Call {
    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A header.
    pub(super) fn header(&self, name: impl http::header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn list(&self, name: &str) -> Option<Vec<String>> {
        self.parameter(name)
            .map(|text| text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
    }

    /// Which page of a list is asked for. An offset must be a multiple of the limit.
    pub(super) fn page(&self) -> Verdict<Page> {
        let number = |name: &'static str, default: usize| match self.parameter(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| Refusal::parameter(format!("Invalid query parameter value '{text}' for {name}."), name)),
        };
        let limit = number("limit", LARGEST_PAGE)?;
        let offset = number("offset", 0)?;
        if !(1..=LARGEST_PAGE).contains(&limit) {
            return Err(Refusal::parameter("The limit must be an integer between 1 and 1000.", "limit"));
        }
        if offset.checked_add(limit).is_none() {
            return Err(Refusal::parameter(format!("Invalid query parameter value '{offset}' for offset."), "offset"));
        }
        if !offset.is_multiple_of(limit) {
            return Err(Refusal::parameter(
                format!("The offset {offset} must be divisible by the limit {limit}."),
                "offset",
            ));
        }
        Ok(Page { limit, offset })
    }

    /// How the caller wants to see a record.
    pub(super) fn look(&self) -> Look {
        Look {
            expand_all: self.flag("expandSubResources"),
            expand: self.list("expand").unwrap_or_default(),
            only: self.list("fields"),
            simple_enums: self.flag("simpleEnumFormat"),
        }
    }

    /// How the caller wants the body to be read.
    pub(super) fn reading(&self) -> Verdict<Reading> {
        let check = |name: &'static str, default: Check| match self.headers.get(name) {
            None => Ok(default),
            Some(_) => Check::read(self.header(name)).ok_or_else(|| {
                Refusal::header(format!("Invalid value '{}' of the header {name}.", self.header(name)), name)
            }),
        };
        if self.flag("replaceSelectedFields") {
            return Err(Refusal::not_emulated("replaceSelectedFields"));
        }
        Ok(Reading {
            names: check("X-NetSuite-PropertyNameValidation", Check::Warning)?,
            values: check("X-NetSuite-PropertyValueValidation", Check::Error)?,
            replace: self.list("replace").unwrap_or_default(),
            warnings: Vec::new(),
        })
    }

    /// The body, which must be a JSON object.
    pub(super) fn object(&self) -> Verdict<Map<String, Json>> {
        let media = self.header(CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !matches!(media.as_str(), "" | "application/json" | "application/vnd.oracle.resource+json") {
            return Err(Refusal::new(415, "INVALID_HEADER", format!("The media type {media} is not supported.")));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(_) => Err(Refusal::new(
                400,
                "INVALID_CONTENT",
                "Invalid content in the request body: a JSON object is expected.",
            )),
            Err(error) => {
                Err(Refusal::new(400, "INVALID_CONTENT", format!("Invalid content in the request body: {error}")))
            }
        }
    }

    /// Asynchronous calls, batches and forms are known to the vendor and not emulated.
    pub(super) fn must_be_plain(&self) -> Verdict<()> {
        let prefer = self.header("prefer").to_ascii_lowercase();
        let media = self.header(CONTENT_TYPE).to_ascii_lowercase().replace(' ', "");
        let accept = self.header(ACCEPT).to_ascii_lowercase().replace(' ', "");
        if prefer.contains("respond-async") || media.contains("type=collection") {
            return Err(Refusal::not_emulated("asynchronous requests and batches"));
        }
        if ["create-form", "edit-form", "select-options"]
            .iter()
            .any(|form| accept.contains(form) || media.contains(form))
        {
            return Err(Refusal::not_emulated("forms"));
        }
        if self.parameter("ids").is_some() || self.flag("expandRecords") {
            return Err(Refusal::not_emulated("batches"));
        }
        Ok(())
    }
}
