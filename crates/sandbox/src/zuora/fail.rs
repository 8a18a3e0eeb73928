//! How Zuora words its refusals: each family of calls has an envelope of its own.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::call::Marks;
use crate::server;

/// A refusal on its way out; boxed, because an answer is large.
#[derive(Debug)]
pub(crate) struct Refused(Box<Response>);

impl From<Response> for Refused {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<Refused> for Response {
    fn from(refused: Refused) -> Self {
        *refused.0
    }
}

/// A reason in the words of Actions and CRUD: a code and a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The code.
    pub(crate) code: &'static str,
    /// The message.
    pub(crate) message: String,
}

impl Reason {
    /// A reason.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The reason as Actions and CRUD list it.
    pub(crate) fn json(&self) -> Value {
        json!({ "Code": self.code, "Message": self.message })
    }
}

/// Actions: the whole call fails.
pub(crate) fn fault(code: &str, message: &str) -> Response {
    server::json(StatusCode::BAD_REQUEST, &json!({ "FaultCode": code, "FaultMessage": message }))
}

/// The front of Actions and CRUD cannot make sense of the call.
pub(crate) fn client_error(code: &str, message: &str) -> Response {
    server::json(StatusCode::BAD_REQUEST, &json!({ "code": code, "message": message }))
}

/// Actions and CRUD: the caller asked to be refused for unknown fields.
pub(crate) fn unrecognised_fields() -> Response {
    server::json(StatusCode::BAD_REQUEST, &json!({ "message": "Error - unrecognised fields" }))
}

/// CRUD: the call fails for these reasons.
pub(crate) fn crud(reasons: &[Reason]) -> Response {
    let reasons: Vec<Value> = reasons.iter().map(Reason::json).collect();
    server::json(StatusCode::BAD_REQUEST, &json!({ "Success": false, "Errors": reasons }))
}

/// CRUD: there is no such record.
pub(crate) fn no_data() -> Response {
    server::json(StatusCode::NOT_FOUND, &json!({ "records": [{}], "size": 0, "done": true }))
}

/// The v1 resources: the call fails for a reason.
pub(crate) fn resource(marks: &Marks, status: StatusCode, code: u32, message: &str) -> Response {
    let body = json!({
        "success": false,
        "processId": &*marks.process_id,
        "requestId": &*marks.request_id,
        "reasons": [{ "code": code, "message": message }],
    });
    server::json(status, &body)
}

/// Object Query: the call fails for a reason.
pub(crate) fn object_query(marks: &Marks, status: StatusCode, code: u32, message: &str) -> Response {
    server::json(status, &json!({ "reasons": [{ "code": code, "message": message }], "requestId": &*marks.request_id }))
}

/// Whether the calls of a path are worded as Actions are: they stand behind the old front.
pub(super) fn is_proxied(path: &str) -> bool {
    ["/v1/action", "/v1/object", "/v1/describe"].iter().any(|family| path.starts_with(family))
}

/// The token is missing, wrong or expired; the envelope depends on the path.
pub(crate) fn unauthorized(marks: &Marks, path: &str) -> Response {
    const MESSAGE: &str = "this resource is protected, please sign in first";
    let mut response = if is_proxied(path) {
        server::json(StatusCode::UNAUTHORIZED, &json!({ "message": "Authentication error" }))
    } else if path.starts_with("/object-query") {
        object_query(marks, StatusCode::UNAUTHORIZED, 90_000_011, MESSAGE)
    } else {
        resource(marks, StatusCode::UNAUTHORIZED, 90_000_011, MESSAGE)
    };
    const REALMS: HeaderValue =
        HeaderValue::from_static("Basic realm=Zuora API, ZSession realm=Zuora API, Bearer realm=Zuora API");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, REALMS);
    response
}

/// The token endpoint refuses; its words are those of Spring.
pub(crate) fn token(status: StatusCode, error: &str, message: &str, moment: &str) -> Response {
    let body = json!({ "timestamp": moment, "status": status.as_u16(), "error": error, "message": message, "path": "/oauth/token" });
    server::json(status, &body)
}
