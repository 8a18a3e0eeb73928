//! How Nue refuses. No public page shows an error body, so the forms are those that a public client tries in turn, all
//! in one body unless a setting asks for a single one.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::settings::ErrorForm;
use crate::server;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Which field of the body is to blame.
    pub(crate) field: Option<String>,
    /// After how many seconds to come again.
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), field: None, retry_after: None }
    }

    /// The call makes no sense, or says what may not be.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION", message)
    }

    /// A field says what may not be.
    pub(crate) fn field(field: impl Into<String>, message: impl std::fmt::Display) -> Self {
        let field = field.into();
        Self { field: Some(field.clone()), ..Self::invalid(format!("{field} {message}")) }
    }

    /// There is no such record.
    pub(crate) fn not_found(what: &str, key: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", format!("{what} `{key}` was not found"))
    }

    /// The record is not in a state for this.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    /// More than may stand in one call.
    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "LIMIT", message)
    }

    /// The key is missing or not valid.
    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    /// The role of the key lacks a permission.
    pub(crate) fn forbidden(permission: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", format!("The role lacks the permission `{permission}`"))
    }

    /// The caller asks too much.
    pub(crate) fn rate_limited(seconds: u64) -> Self {
        let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "Too many requests");
        Self { retry_after: Some(seconds), ..refusal }
    }

    /// Something broke.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "An unexpected error occurred")
    }

    /// An overload, or planned work.
    pub(crate) fn unavailable(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }

    /// It exists at the vendor, and not here.
    pub(crate) fn not_emulated(what: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "NOT_EMULATED", format!("not emulated: {what}"))
    }

    /// What a fault says of a record.
    pub(crate) fn struck() -> Self {
        Self::invalid("The record was refused by a validation rule")
    }

    /// The refusal as an answer.
    pub(crate) fn answer(&self, form: ErrorForm, error_id: &str) -> Response {
        let mut error = Map::from_iter([("code".to_owned(), json!(self.code))]);
        error.insert("message".to_owned(), json!(self.message));
        error.extend(self.field.as_ref().map(|field| ("field".to_owned(), json!(field))));
        let errors = Value::Array(vec![Value::Object(error)]);
        let body = match form {
            ErrorForm::All => {
                json!({ "status": "ERROR", "message": self.message, "errors": errors, "errorId": error_id })
            }
            ErrorForm::Errors => json!({ "errors": errors }),
            ErrorForm::Error => json!({ "error": self.message }),
            ErrorForm::Message => json!({ "message": self.message }),
        };
        let mut response = server::json(self.status, &body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
