//! Salesforce's answers to problems: its codes, its own words. Texts are in the language of the user who asks, so a cause
//! follows from the code; from the text only where one code stands for several causes.
//!
//! Codes and texts as read on 2026-11-21 (see `NOTES.md`).

use model::problem::{Cause, Problem};
use serde::Deserialize;

use super::APPLICATION;
use crate::http::Reply;
use crate::json;

/// Salesforce counts the day's calls over the last 24 hours: trying again sooner than this is pointless.
pub(super) const DAILY_LIMIT_SECONDS: u64 = 3_600;
/// Long calls of others must end first.
const LONG_CALLS_SECONDS: u64 = 30;

/// The org is read only while it is maintained.
const READ_ONLY: &str = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE";

/// An error of a whole call (`errorCode`) or of one of its rows (`statusCode`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Error {
    #[serde(default, alias = "errorCode", rename = "statusCode")]
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) fields: Vec<String>,
}

/// An error of a log-in.
#[derive(Deserialize)]
struct LoginError {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// The problem that an answer tells of.
pub(super) fn problem(call: &str, reply: &Reply) -> Problem {
    if reply.is_page() {
        let words = format!("a page in place of an answer: {}", json::page_words(&reply.body));
        return Problem::new(APPLICATION, call, reply.cause_of_page(), words).answered(reply.status);
    }
    let errors: Vec<Error> = json::parse(&reply.body).unwrap_or_default();
    if errors.is_empty() {
        let words = match json::excerpt(&reply.body) {
            beginning if beginning.trim().is_empty() => "an empty answer".to_owned(),
            beginning => format!("an answer that Salesforce does not document: {beginning}"),
        };
        return Problem::new(APPLICATION, call, by_status(reply.status), words).answered(reply.status);
    }
    of_errors(call, &errors, by_status(reply.status)).answered(reply.status)
}

/// The problem of one row of an answer that carries several. The call itself went well.
pub(super) fn row_problem(call: &str, errors: &[Error]) -> Problem {
    of_errors(call, errors, Cause::Validation).answered(200)
}

/// The problem of a log-in. Its codes are those of OAuth, and more.
pub(super) fn login_problem(call: &str, reply: &Reply) -> Problem {
    let Ok(LoginError { error, error_description }) = json::parse::<LoginError>(&reply.body) else {
        return problem(call, reply);
    };
    let (cause, remedy) = login_verdict(&error, &error_description);
    let words = if error_description.is_empty() { error.clone() } else { error_description };
    Problem::new(APPLICATION, call, cause, words).with_code(error).with_remedy(remedy).answered(reply.status)
}

/// The cause of a log-in's error, and what to do about it.
fn login_verdict(error: &str, description: &str) -> (Cause, &'static str) {
    match error {
        // A new app is known some minutes after it was made; and an app is known to its own org alone.
        "invalid_client_id" => (
            Cause::Configuration,
            "Compare client_id with the consumer key of the External Client App (or connected app), and `url` with the org \
             in which it was made.",
        ),
        "unsupported_grant_type" | "invalid_request" | "invalid_scope" | "invalid_app_access" => (
            Cause::Configuration,
            "Look whether the External Client App (or connected app) allows this flow, for this user.",
        ),
        "invalid_client" => (
            Cause::Authentication,
            "The app is known, and its secret is not accepted: it was replaced or has expired. Copy the present consumer \
             secret into the configuration.",
        ),
        "rate_limit_exceeded" => (Cause::ApiLimit, "Nothing to do: log-ins are tried again after a while."),
        "inactive_user" | "inactive_org" => {
            (Cause::Authentication, "Activate the integration user (or the org) again.")
        }
        "invalid_grant" if description.contains("no client credentials user") => {
            (Cause::Configuration, "Name a \"Run As\" user in the app's client credentials flow.")
        }
        "invalid_grant" if description.contains("approved") || description.contains("admin") => (
            Cause::Permission,
            "Let an administrator pre-authorise the integration user for the app, by its permission set or profile.",
        ),
        _ => (
            Cause::Authentication,
            "Look in the user's login history why it was refused: an expired secret or certificate, a deactivated user, \
             a revoked token, or a clock that is minutes off.",
        ),
    }
}

fn of_errors(call: &str, errors: &[Error], by_status: Cause) -> Problem {
    let Some(first) = errors.first() else {
        return Problem::new(APPLICATION, call, by_status, "refused without a reason");
    };
    let words: Vec<String> = errors.iter().map(Error::told).collect();
    let problem = Problem::new(APPLICATION, call, by_code(first).unwrap_or(by_status), words.join("; "));
    let problem = match remedy(first) {
        "" => problem,
        remedy => problem.with_remedy(remedy),
    };
    let daily = is_daily_limit(first);
    let stay_away = match first.code.as_str() {
        "REQUEST_LIMIT_EXCEEDED" if daily => Some(DAILY_LIMIT_SECONDS),
        "REQUEST_LIMIT_EXCEEDED" => Some(LONG_CALLS_SECONDS),
        _ => None,
    };
    let key_taken = first.code == "DUPLICATE_VALUE";
    // Of these codes the vendor says that they hold for the whole org, and that nothing was executed.
    let for_all = daily || first.code == READ_ONLY;
    Problem { stay_away, for_all, key_taken, ..problem }.with_code(first.code.clone())
}

impl Error {
    /// Salesforce's words, with the fields where the words do not name them.
    fn told(&self) -> String {
        let unnamed: Vec<&str> =
            self.fields.iter().map(String::as_str).filter(|field| !self.message.contains(field)).collect();
        if unnamed.is_empty() { self.message.clone() } else { format!("{} ({})", self.message, unnamed.join(", ")) }
    }
}

/// The day's calls and those that last twenty seconds share a code.
fn is_daily_limit(error: &Error) -> bool {
    error.code == "REQUEST_LIMIT_EXCEEDED" && !error.message.contains("Concurrent")
}

fn by_code(error: &Error) -> Option<Cause> {
    Some(match error.code.as_str() {
        "INVALID_FIELD" if names_no_record(error) => Cause::Validation,
        "INVALID_SESSION_ID" => Cause::Authentication,
        "REQUEST_LIMIT_EXCEEDED" => Cause::ApiLimit,
        READ_ONLY => Cause::Maintenance,
        "SERVER_UNAVAILABLE"
        | "UNKNOWN_EXCEPTION"
        | "UNABLE_TO_LOCK_ROW"
        | "QUERY_TIMEOUT"
        | "REQUEST_RUNNING_TOO_LONG"
        | "INVALID_QUERY_LOCATOR" => Cause::Overload,
        // The org's own triggers speak under this code; what they met is in the text.
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if error.message.contains("UNABLE_TO_LOCK_ROW") => Cause::Overload,
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if error.message.contains("Apex CPU time limit") => Cause::Overload,
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if error.message.contains("execution of") => Cause::Validation,
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
        | "API_DISABLED_FOR_ORG"
        | "API_CURRENTLY_DISABLED"
        | "INSUFFICIENT_ACCESS"
        | "INSUFFICIENT_ACCESS_OR_READONLY"
        | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
        | "INVALID_FIELD_FOR_INSERT_UPDATE" => Cause::Permission,
        "INVALID_AUTH_HEADER"
        | "INVALID_FIELD"
        | "INVALID_TYPE"
        | "MALFORMED_QUERY"
        | "JSON_PARSER_ERROR"
        | "METHOD_NOT_ALLOWED"
        | "UNSUPPORTED_MEDIA_TYPE"
        | "STORAGE_LIMIT_EXCEEDED"
        | "NOT_FOUND"
        | "MALFORMED_ID" => Cause::Configuration,
        "ENTITY_IS_DELETED" => Cause::Validation,
        // What is said of a whole call in a code that is not known here, its status tells; of a row, that it was refused.
        _ => return None,
    })
}

fn remedy(error: &Error) -> &'static str {
    match error.code.as_str() {
        "REQUEST_LIMIT_EXCEEDED" if is_daily_limit(error) => {
            "Wait: Salesforce counts the day's calls over the last 24 hours. Or buy calls, or give other programs fewer."
        }
        "INVALID_FIELD" if names_no_record(error) => {
            "The record that this one belongs to is not there: the next run writes it first."
        }
        "INVALID_FIELD" | "INVALID_TYPE" => {
            "Make it in the org, correct its name in the flow, or let the integration user see it (field-level security)."
        }
        "INVALID_FIELD_FOR_INSERT_UPDATE" => "Let the integration user edit the field (field-level security).",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => {
            "Share the record that this one refers to with the integration user, then run again."
        }
        "INSUFFICIENT_ACCESS" | "INSUFFICIENT_ACCESS_OR_READONLY" => {
            "Share the record with the integration user to be edited, or permit it to edit the object, then run again."
        }
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if by_code(error) == Some(Cause::Permission) => {
            "Permit the integration user to create and edit the object (its permission set), then run again."
        }
        "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED" => {
            "Give the integration user the permission \"API Enabled\"; of editions without an API none can be given."
        }
        "FIELD_CUSTOM_VALIDATION_EXCEPTION" => {
            "Correct the record as the org's validation rule says, or let the rule pass the integration user; then run again."
        }
        "INVALID_CROSS_REFERENCE_KEY" | "ENTITY_IS_DELETED" => {
            "The record that it refers to is not there, or no longer: sync or restore that one, then run again."
        }
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" => {
            "Add the value to the picklist in the org, or correct it in the record or the flow; then run again."
        }
        "MALFORMED_QUERY" | "JSON_PARSER_ERROR" | "METHOD_NOT_ALLOWED" | "UNSUPPORTED_MEDIA_TYPE" => {
            "Look whether a condition or an expression of your own flows is the reason; else it is a mistake in Counterfoil: \
             report it with this line."
        }
        "DUPLICATES_DETECTED" => {
            "Let the duplicate rule pass the integration user, or merge the records that it found."
        }
        "STORAGE_LIMIT_EXCEEDED" => "Free or buy data storage in the org, then run again.",
        "DUPLICATE_EXTERNAL_ID" => {
            "Several records carry the key: keep it on the right one, and make the field unique."
        }
        _ => "",
    }
}

/// A parent that is named by its key and is not there has the code of a field that is not there; the words tell the two apart
/// ("Foreign key external ID: A-1 not found for field Ext__c in entity Account").
fn names_no_record(error: &Error) -> bool {
    error.message.starts_with("Foreign key external ID")
}

/// The causes that the status tells by itself.
fn by_status(status: u16) -> Cause {
    match status {
        401 => Cause::Authentication,
        403 => Cause::Permission,
        404 | 405 | 409 | 410 | 415 | 300..=399 => Cause::Configuration,
        407 => Cause::Firewall,
        408 | 504 => Cause::Timeout,
        413 | 414 | 429 | 431 => Cause::ApiLimit,
        500..=599 => Cause::Overload,
        _ => Cause::Validation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn read(status: u16, body: &str) -> Problem {
        problem("GET /query", &Reply { status, headers: HeaderMap::new(), body: body.to_owned().into() })
    }

    #[test]
    fn the_days_calls_and_long_calls_are_told_apart_into_hours_and_seconds() {
        let daily = read(403, r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#);
        assert_eq!((daily.cause, daily.stay_away, daily.for_all), (Cause::ApiLimit, Some(3_600), true));
        let long = read(
            403,
            r#"[{"message":"ConcurrentPerOrgLongTxn Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#,
        );
        assert_eq!((long.cause, long.stay_away, long.for_all), (Cause::ApiLimit, Some(30), false));
    }

    #[test]
    fn a_parent_that_is_not_there_is_told_from_a_field_that_is_not_there() {
        let error = |message: &str| Error { code: "INVALID_FIELD".into(), message: message.into(), fields: Vec::new() };
        let parent = error("Foreign key external ID: a-1 not found for field Nue_Id__c in entity Ruby__Invoice__c");
        assert_eq!(row_problem("POST", &[parent]).cause, Cause::Validation);
        let field = error("No such column 'Nope__c' on sobject of type Account");
        assert_eq!(row_problem("POST", &[field]).cause, Cause::Configuration);
    }

    #[test]
    fn a_row_names_its_fields_once() {
        let error = |fields: &[&str]| Error {
            code: "REQUIRED_FIELD_MISSING".into(),
            message: "Required fields are missing: [Name]".into(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        };
        assert_eq!(row_problem("PATCH", &[error(&["Name"])]).words, "Required fields are missing: [Name]");
        assert!(row_problem("PATCH", &[error(&["Phone"])]).words.ends_with("[Name] (Phone)"));
    }

    #[test]
    fn a_lock_that_a_trigger_met_is_an_overload_and_what_a_trigger_says_is_a_validation() {
        let row = |message: &str| {
            let code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".to_owned();
            row_problem("PATCH", &[Error { code, message: message.to_owned(), fields: Vec::new() }]).cause
        };
        assert_eq!(row("T: execution of AfterInsert caused by: UNABLE_TO_LOCK_ROW, unable to obtain"), Cause::Overload);
        assert_eq!(row("T: execution of BeforeInsert caused by: no such region"), Cause::Validation);
        assert_eq!(row("entity type cannot be inserted: Invoice"), Cause::Permission);
    }

    #[test]
    fn a_code_that_is_not_known_leaves_the_verdict_to_the_status() {
        let told = |status| read(status, r#"[{"message":"m","errorCode":"OF_NOBODY"}]"#).cause;
        let causes = [400, 403, 404, 500].map(told);
        assert_eq!(causes, [Cause::Validation, Cause::Permission, Cause::Configuration, Cause::Overload]);
    }

    #[test]
    fn log_ins_that_fail_name_their_cause() {
        let login = |error: &str, description: &str| {
            let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
            login_problem("POST", &Reply { status: 400, headers: HeaderMap::new(), body: body.into() }).cause
        };
        assert_eq!(login("invalid_client_id", "client identifier invalid"), Cause::Configuration);
        assert_eq!(login("invalid_grant", "authentication failure"), Cause::Authentication);
        assert_eq!(login("invalid_grant", "no client credentials user enabled"), Cause::Configuration);
        assert_eq!(login("invalid_grant", "user hasn't approved this consumer"), Cause::Permission);
        assert_eq!(login("inactive_user", "user is inactive"), Cause::Authentication);
        assert_eq!(login("invalid_client", "invalid client credentials"), Cause::Authentication);
    }
}
