//! How NetSuite words a refusal.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use crate::server;

/// The part of a request that a refusal is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// A path in the request body, such as `item.items[0].item`.
    Path(String),
    /// A query parameter.
    Query(&'static str),
    /// A request header.
    Header(&'static str),
}

/// An answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The vendor's `o:errorCode`.
    pub(crate) code: &'static str,
    /// The vendor's `detail`: the only place where the reason is told.
    pub(crate) detail: String,
    /// What the refusal is about, where the vendor says so.
    pub(crate) at: Option<At>,
}

/// The result of whatever the vendor may refuse.
pub(crate) type Verdict<T> = Result<T, Refusal>;

impl Refusal {
    /// Any refusal.
    pub(crate) fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), at: None }
    }

    /// A business rule said no: most refusals of the vendor arrive under this code, and only the text differs.
    pub(crate) fn user(detail: impl AsRef<str>) -> Self {
        Self::new(400, "USER_ERROR", format!("Error while accessing a resource. {}", detail.as_ref()))
    }

    /// The body cannot be understood.
    pub(crate) fn content(detail: impl Into<String>, path: impl Into<String>) -> Self {
        Self { at: Some(At::Path(path.into())), ..Self::new(400, "INVALID_CONTENT", detail) }
    }

    /// A reference or a value of a list that does not exist, is inactive or is of the wrong type.
    pub(crate) fn invalid_value(value: &str, field: &str, path: &str) -> Self {
        Self::content(
            format!(
                "Error while accessing a resource. You have entered an Invalid Field Value {value} for the following field: {}",
                field.to_ascii_lowercase()
            ),
            path,
        )
    }

    /// A query parameter is wrong.
    pub(crate) fn parameter(detail: impl Into<String>, name: &'static str) -> Self {
        Self { at: Some(At::Query(name)), ..Self::new(400, "INVALID_PARAMETER", detail) }
    }

    /// A header is wrong or missing.
    pub(crate) fn header(detail: impl Into<String>, name: &'static str) -> Self {
        Self { at: Some(At::Header(name)), ..Self::new(400, "INVALID_HEADER", detail) }
    }

    /// The body is larger than the vendor takes.
    pub(crate) fn too_large() -> Self {
        Self::new(413, "INVALID_REQUEST", "The request body is too large.")
    }

    /// There is no record with this id.
    pub(crate) fn no_record() -> Self {
        Self::new(404, "NONEXISTENT_ID", "The record instance does not exist. Provide a valid record instance ID.")
    }

    /// The caller could not be authenticated. The answer never says why.
    pub(crate) fn login() -> Self {
        Self::new(
            401,
            "INVALID_LOGIN",
            "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles > User Management > View Login Audit Trail.",
        )
    }

    /// The account has more requests in flight than it may have.
    pub(crate) fn too_many() -> Self {
        Self::new(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")
    }

    /// Known to the vendor, unknown to the emulator.
    pub(crate) fn not_emulated(what: impl Into<String>) -> Self {
        Self::new(501, NOT_EMULATED, what)
    }

    fn body(&self) -> Value {
        let mut detail = json!({ "detail": self.detail });
        match &self.at {
            Some(At::Path(path)) => detail["o:errorPath"] = json!(path),
            Some(At::Query(name)) => detail["o:errorQueryParam"] = json!(name),
            Some(At::Header(name)) => detail["o:errorHeader"] = json!(name),
            None => {}
        }
        detail["o:errorCode"] = json!(self.code);
        let mut body = json!({ "type": type_uri(self.status), "title": title(self.status), "status": self.status });
        if self.status == 429 {
            body["o:errorCode"] = json!("USER_ERROR");
        }
        body["o:errorDetails"] = json!([detail]);
        body
    }
}

/// Marks a refusal of the emulator's own: not a word of the vendor.
const NOT_EMULATED: &str = "NOT_EMULATED";

/// Stands in a response's extensions to tell what is not emulated; the answer is worded where the call is known.
#[derive(Debug, Clone)]
pub(crate) struct NotEmulated(pub(crate) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = server::json(status, &self.body());
        if self.code == NOT_EMULATED {
            response.extensions_mut().insert(NotEmulated(self.detail));
        }
        response
    }
}

/// The vendor documents the addresses of RFC 2616 and answers with those of RFC 9110 where it was seen lately;
/// the two documented samples that were not seen since keep the old ones.
fn type_uri(status: u16) -> &'static str {
    match status {
        400 => "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.1",
        403 => "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.4",
        404 => "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.5",
        405 => "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.6",
        415 => "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.16",
        501 => "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6.2",
        503 => "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6.4",
        _ => "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html",
    }
}

fn title(status: u16) -> &'static str {
    match status {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        // The vendor titles a 429 so, too.
        _ => "Bad Request",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_a_line_names_its_path_in_the_vendors_envelope() {
        let body = Refusal::invalid_value("9999", "item", "item.items[0].item").body();
        assert_eq!(body["status"], 400);
        assert_eq!(body["title"], "Bad Request");
        assert_eq!(body["o:errorDetails"][0]["o:errorCode"], "INVALID_CONTENT");
        assert_eq!(body["o:errorDetails"][0]["o:errorPath"], "item.items[0].item");
        assert_eq!(
            body["o:errorDetails"][0]["detail"],
            "Error while accessing a resource. You have entered an Invalid Field Value 9999 for the following field: item"
        );
    }

    #[test]
    fn a_429_is_titled_bad_request_as_the_vendor_does() {
        let body = Refusal::too_many().body();
        assert_eq!((body["status"].as_u64(), body["title"].as_str()), (Some(429), Some("Bad Request")));
        assert_eq!(body["o:errorCode"], "USER_ERROR");
    }
}
