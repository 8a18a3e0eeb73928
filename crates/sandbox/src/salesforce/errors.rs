//! How Salesforce words a refusal: of a whole request, and of one record among many.

use serde_json::{Value as Json, json};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status, if the whole request is refused for it.
    pub(crate) status: u16,
    /// The vendor's code: `errorCode` of a request, `statusCode` of a record.
    pub(crate) code: &'static str,
    /// The vendor's words.
    pub(crate) message: String,
    /// The fields that it is about; `None` where the vendor does not say.
    pub(crate) fields: Option<Vec<String>>,
    /// The records that a duplicate rule found, as answers show them.
    pub(crate) duplicates: Option<Box<Json>>,
}

/// The result of whatever the vendor may refuse.
pub(crate) type Verdict<T> = Result<T, Refusal>;

/// The result of a record's write: it may be refused for several reasons at once.
pub(crate) type RowVerdict<T> = Result<T, Vec<Refusal>>;

/// Marks a refusal of the emulator's own: not a word of the vendor.
pub(crate) const NOT_EMULATED: &str = "NOT_EMULATED";

impl Refusal {
    /// A refusal of a request.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: None, duplicates: None }
    }

    /// A refusal of a record, with the fields that it is about.
    pub(crate) fn row(code: &'static str, message: impl Into<String>, fields: &[&str]) -> Self {
        let fields = Some(fields.iter().map(|field| (*field).to_owned()).collect());
        Self { fields, ..Self::new(400, code, message) }
    }

    /// There is nothing at this address.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// There is no such record, or the caller does not see it.
    pub(crate) fn no_record(value: &str) -> Self {
        let message = format!("Provided external ID field does not exist or is not accessible: {value}");
        Self::new(404, "NOT_FOUND", message)
    }

    /// The record lies in the recycle bin.
    pub(crate) fn deleted() -> Self {
        Self { status: 404, ..Self::row("ENTITY_IS_DELETED", "entity is deleted", &[]) }
    }

    /// The session is over, or there never was one.
    pub(crate) fn session() -> Self {
        Self::new(401, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    /// The body cannot be read.
    pub(crate) fn body(message: impl Into<String>) -> Self {
        Self::new(400, "JSON_PARSER_ERROR", message)
    }

    /// The address knows other methods.
    pub(crate) fn method(method: &str, allowed: &str) -> Self {
        let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
        Self::new(405, "METHOD_NOT_ALLOWED", message)
    }

    /// Known to the vendor, unknown to the emulator.
    pub(crate) fn not_emulated(what: impl Into<String>) -> Self {
        Self::new(501, NOT_EMULATED, what)
    }

    /// There is no such column, or the caller does not see it.
    pub(crate) fn no_column(field: &str, object: &str) -> Self {
        Self::new(400, "INVALID_FIELD", format!("No such column '{field}' on sobject of type {object}"))
    }

    /// The entry of a list of errors that answers a whole request.
    pub(crate) fn of_request(&self) -> Json {
        let mut body = json!({ "message": self.message, "errorCode": self.code });
        if let Some(fields) = &self.fields {
            body["fields"] = json!(fields);
        }
        if let Some(duplicates) = &self.duplicates {
            body["duplicateResult"] = (**duplicates).clone();
        }
        body
    }

    /// The entry of a record's own list of errors.
    pub(crate) fn of_row(&self) -> Json {
        let fields = self.fields.as_deref().unwrap_or_default();
        let mut body = json!({ "statusCode": self.code, "message": self.message, "fields": fields });
        if let Some(duplicates) = &self.duplicates {
            body["duplicateResult"] = (**duplicates).clone();
        }
        body
    }

    /// As a row of a file of failed records has it.
    pub(crate) fn of_csv(&self) -> String {
        let fields = self.fields.as_deref().unwrap_or_default().join(",");
        format!("{}:{}:{fields} --", self.code, self.message)
    }
}
