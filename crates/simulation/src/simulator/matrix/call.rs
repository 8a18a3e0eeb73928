//! What a flow asks of an application, and for what purpose.

use std::fmt;

use connectors::Message;
use http::header::AUTHORIZATION;

tokio::task_local! {
    /// For what the present call is made.
    pub(super) static PURPOSE: &'static str;
}

/// What a call is for, where the table tells more of it than its name.
pub(super) const MARK: &str = "mark";
pub(super) const LAST_MARK: &str = "last mark";
pub(super) const CREATE: &str = "create";
pub(super) const UPDATE: &str = "update";
const LOG_IN: &str = "log in";
/// Nue's key, which lives until somebody replaces it.
const API_KEY: &str = "nue-api-key";

/// A kind of call: all that are made for one purpose at one address are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    pub application: &'static str,
    pub purpose: &'static str,
    pub method: String,
    /// The path, its ids replaced.
    pub path: String,
    /// Whether it carries a token, which may end its life.
    pub has_token: bool,
}

impl Call {
    /// What a message is.
    pub(super) fn of(application: &'static str, message: &Message) -> Self {
        let has_token = message.headers.contains_key(AUTHORIZATION);
        let signed = has_token || message.headers.contains_key(API_KEY);
        let purpose = if signed { PURPOSE.try_with(|purpose| *purpose).unwrap_or("") } else { LOG_IN };
        let path: Vec<&str> = message.url.path().split('/').map(without_id).collect();
        Self { application, purpose, method: message.method.to_string(), path: path.join("/"), has_token }
    }

    /// Whether it changes records.
    pub(super) fn writes(&self) -> bool {
        [MARK, LAST_MARK, CREATE, UPDATE].contains(&self.purpose) && self.method != "GET"
    }

    /// Whether it asks for a token.
    pub(super) fn is_login(&self) -> bool {
        self.purpose == LOG_IN
    }
}

fn without_id(segment: &str) -> &str {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    match segment {
        _ if segment.starts_with("eid:") => "eid:{id}",
        _ if digits > 0 && (digits == segment.len() || segment.len() >= 15) => "{id}",
        _ => segment,
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { application, purpose, method, path, .. } = self;
        write!(formatter, "{purpose}, {application} {method} {path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_differ_in_an_id_are_one_call() {
        let path = |text: &str| text.split('/').map(without_id).collect::<Vec<_>>().join("/");
        assert_eq!(path("/services/rest/record/v1/invoice/4711"), "/services/rest/record/v1/invoice/{id}");
        assert_eq!(path("/record/v1/invoice/eid:zuora-invoice-1"), "/record/v1/invoice/eid:{id}");
        assert_eq!(path("/v1/object/account/2c92a0f96abc17de016abd"), "/v1/object/account/{id}");
        assert_eq!(path("/services/rest/auth/oauth2/v1/token"), "/services/rest/auth/oauth2/v1/token");
    }
}
