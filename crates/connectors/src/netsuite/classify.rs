//! NetSuite's answers to problems: its envelope, its codes, its own words.
//!
//! Nearly every business refusal is a `USER_ERROR`, and only its English text says what is meant; so the text is
//! what decides. The classic names of the messages (the vocabulary of SOAP and SuiteScript) stand behind each.

use model::problem::{Cause, Problem};
use serde::Deserialize;

use super::APPLICATION;
use crate::http::Reply;
use crate::json;

/// The envelope; a record action's is flat, and the token endpoint's is OAuth's.
#[derive(Deserialize)]
struct Envelope {
    title: Option<String>,
    detail: Option<String>,
    #[serde(rename = "o:errorCode")]
    code: Option<String>,
    #[serde(default, rename = "o:errorDetails")]
    details: Vec<Detail>,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    detail: String,
    #[serde(rename = "o:errorCode")]
    code: Option<String>,
    #[serde(rename = "o:errorPath")]
    path: Option<String>,
}

/// What most records' errors begin with; it tells nothing.
const PREFIX: &str = "Error while accessing a resource. ";

/// The problem that an answer tells of.
pub(super) fn problem(call: &str, reply: &Reply) -> Problem {
    let told = if reply.is_page() { None } else { told(&reply.body) };
    let (code, words) = told.unwrap_or_else(|| (None, unspoken(reply)));
    let (cause, remedy) = match reply.is_page() {
        true => (reply.cause_of_page(), ""),
        false => judged(reply.status, code.as_deref().unwrap_or_default(), &words),
    };
    let mut problem = Problem::new(APPLICATION, call, cause, words).answered(reply.status);
    if let Some(code) = code {
        problem = problem.with_code(code);
    }
    if says_taken(&problem) {
        problem = problem.key_taken();
    }
    if remedy.is_empty() { problem } else { problem.with_remedy(remedy) }
}

/// The words of a duplicate key; one that was saved before the error came is another matter, and its words may hold them.
fn says_taken(problem: &Problem) -> bool {
    let words = problem.words.to_lowercase();
    let first = TEXTS.iter().find(|(texts, _, _)| texts.iter().any(|text| words.contains(text)));
    first.is_some_and(|(texts, _, _)| *texts == TAKEN)
}

/// The problem of a log-in. NetSuite never says why; only its own audit trail does.
pub(super) fn login_problem(call: &str, reply: &Reply) -> Problem {
    let problem = problem(call, reply);
    if matches!(reply.status, 400 | 401 | 403) && !reply.is_page() {
        return Problem { cause: Cause::Authentication, ..problem }.with_remedy(LOGIN);
    }
    problem
}

const LOGIN: &str = "Read the reason in NetSuite under Setup > Users/Roles > View Login Audit Trail; \
                     check account, credentials and certificate.";

/// Whether an answer to a read of one record says that there is none of this type. Live accounts answer 400 where
/// the record is of another type, or absent.
pub(super) fn is_absent(reply: &Reply) -> bool {
    let Some((code, words)) = told(&reply.body) else { return false };
    let says = |text: &str| words.to_lowercase().contains(text);
    match reply.status {
        // A record type that the account does not have is no absent record.
        404 => code.as_deref() == Some("NONEXISTENT_ID") || (says("does not exist") && !says("record type")),
        400 => {
            says("transaction type specified is incorrect")
                || says("record does not exist")
                || says("record instance does not exist")
        }
        _ => false,
    }
}

/// Whether a query was refused because the account does not have one of its columns.
pub(super) fn lacks_a_column(problem: &Problem) -> bool {
    let words = problem.words.to_lowercase();
    words.contains("unknown identifier") || words.contains("invalid or unsupported search")
}

/// The code and the words of an envelope.
fn told(body: &[u8]) -> Option<(Option<String>, String)> {
    let envelope: Envelope = json::parse(body).ok()?;
    if let Some(first) = envelope.details.first() {
        let said = |detail: &Detail| {
            let words = detail.detail.strip_prefix(PREFIX).unwrap_or(&detail.detail);
            detail.path.as_ref().map_or_else(|| words.to_owned(), |path| format!("{words} (at {path})"))
        };
        let words = envelope.details.iter().map(said).collect::<Vec<_>>().join("; ");
        return Some((first.code.clone().or(envelope.code), words));
    }
    if let Some(error) = envelope.error {
        let words = envelope.error_description.unwrap_or_else(|| error.clone());
        return Some((Some(error), words));
    }
    Some((envelope.code, envelope.detail.or(envelope.title)?))
}

fn unspoken(reply: &Reply) -> String {
    if reply.is_page() {
        return format!("a page in place of an answer: {}", json::page_words(&reply.body));
    }
    match json::excerpt(&reply.body) {
        beginning if beginning.trim().is_empty() => "an empty answer".to_owned(),
        beginning => format!("an answer that NetSuite does not document: {beginning}"),
    }
}

/// The cause, and a remedy where one is better than the cause's usual one.
fn judged(status: u16, code: &str, words: &str) -> (Cause, &'static str) {
    let says = |text: &str| words.to_lowercase().contains(text);
    if says("regularly scheduled maintenance") || says("currently unavailable while") {
        return (Cause::Maintenance, "");
    }
    match (status, code) {
        (401, _) | (_, "INVALID_LOGIN" | "INVALID_LOGIN_ATTEMPT") => (Cause::Authentication, LOGIN),
        (429, _)
        | (
            _,
            "CONCURRENCY_LIMIT_EXCEEDED"
            | "SSS_REQUEST_LIMIT_EXCEEDED"
            | "EXCEEDED_MAX_CONCUR_RQST"
            | "WS_REQUEST_BLOCKED"
            | "WS_CONCUR_SESSION_DISALLWD",
        ) => (Cause::ApiLimit, ""),
        (403, _) | (_, "INSUFFICIENT_PERMISSION") => (
            Cause::Permission,
            "Give the integration's role access to this record type, with its lists; then run again.",
        ),
        (503, _) => (Cause::Maintenance, ""),
        (407, _) => (Cause::Firewall, ""),
        (408 | 504, _) => (Cause::Timeout, ""),
        (500..=599, _) => (Cause::Overload, ""),
        (300..=399 | 405 | 406 | 415, _) => (Cause::Configuration, ""),
        (_, "NONEXISTENT_FIELD") => (
            Cause::Configuration,
            "Make the custom field in NetSuite, or correct its script id in the flow; then run again.",
        ),
        (_, "INVALID_REQUEST" | "INVALID_PARAMETER" | "INVALID_HEADER" | "INVALID_URL") => (Cause::Configuration, ""),
        (404, _) if says("record type") => (
            Cause::Configuration,
            "Correct the record type in the flow, or enable its feature in NetSuite; then run again.",
        ),
        (_, "NONEXISTENT_ID") => (Cause::Validation, "Sync the record that this one refers to, then run again."),
        _ => TEXTS
            .iter()
            .find(|(texts, _, _)| texts.iter().any(|text| says(text)))
            .map_or((Cause::Validation, ""), |(_, cause, remedy)| (*cause, *remedy)),
    }
}

/// A row of the texts: any of these words, the cause, the remedy.
type Meaning = (&'static [&'static str], Cause, &'static str);

const PERIOD: &str = "Open the accounting period, or move the document to an open one; then run again.";

/// DUP_ENTITY, DUP_RCRD, DUP_ITEM, UNIQUE_CUST_ID_REQD.
const TAKEN: &[&str] =
    &["already exists", "already an item with that name", "uniqueness error", "already used", "duplicate"];

/// What the texts of a `USER_ERROR` mean; the first row that fits counts.
const TEXTS: [Meaning; 15] = [
    // Saved, and then an error: DROP_SHIP_ERROR, ERROR_SENDING_TRAN_EMAIL, a script after the save
    (
        &[
            "was saved successfully, but",
            "saved/entered successfully",
            "entered successfully, but",
            "unexpected suitescript error",
        ],
        Cause::Validation,
        "The record may have been saved all the same: it is looked up, and the script or e-mail that failed is to be mended.",
    ),
    // INSUFCNT_NUM_PRDS_FOR_REV_REC
    (
        &["not enough accounting periods"],
        Cause::Configuration,
        "Set up the missing accounting periods, then run again.",
    ),
    // It may be our own: the look-up tells, never this text.
    (
        TAKEN,
        Cause::Validation,
        "If the look-up does not find it as ours, another record has this name or key: \
         rename one, or link the two by the Zuora ID field.",
    ),
    // RCRD_LOCKED_BY_WF
    (
        &["locked by a user defined workflow", "record has been locked"],
        Cause::Permission,
        "Let the workflow release the record, then run again.",
    ),
    // RCRD_HAS_BEEN_CHANGED, RCRD_EDITED_SINCE_RETRIEVED
    (
        &["record has been changed", "edited since you retrieved"],
        Cause::Overload,
        "Nothing to do: the next run writes it again.",
    ),
    // DATE_PRD_MISMATCH, the closed-period family, REVERSAL_DATE_WARNING
    (&["accounting period", "closed period", "period is closed", "period is locked"], Cause::Validation, PERIOD),
    // PERMISSION_VIOLATION
    (&["permission violation", "you may not access", "do not have permission"], Cause::Permission, ""),
    // EXCEEDED_MAX_CONCUR_RQST, WS_REQUEST_BLOCKED
    (&["concurrent request limit", "request blocked", "request limit exceeded"], Cause::ApiLimit, ""),
    // The account of one subsidiary under another
    (
        &["account cannot be used with the"],
        Cause::Configuration,
        "Allow the account for the subsidiary, or choose another; then run again.",
    ),
    // DEFERRED_REV_REC_ACCT_REQD, DEFERRAL_ACCT_REQD
    (
        &["deferral account", "deferred revenue account"],
        Cause::Configuration,
        "Give the item its deferral account, then run again.",
    ),
    // INVALID_KEY_OR_REF and the form's check of a value
    (
        &["reference key", "invalid field value"],
        Cause::Validation,
        "Sync the record that this one refers to; check that it is active and belongs to the subsidiary; then run again.",
    ),
    // RCRD_DSNT_EXIST, RCRD_PREVSLY_DELETED, and live accounts' word for an id of another type
    (
        &["that record does not exist", "record does not exist", "transaction type specified is incorrect"],
        Cause::Validation,
        "The record was deleted in NetSuite, or is of another type: restore it or remove its id, then run again.",
    ),
    (&["invalid url"], Cause::Configuration, ""),
    // DATA_REQD and the form's check
    (
        &["please enter value", "you must enter a value", "missing the following required field", "enter a value for"],
        Cause::Validation,
        "Fill the field in the source record or in the flow's mapping, then run again.",
    ),
    // CANT_EDIT_TRAN, CANT_UPDATE_LINKED_TRANS_LINES, CANT_MODIFY_VOID_TRANS
    (
        &["cannot edit this transaction", "cannot modify", "cannot be edited", "voided"],
        Cause::Validation,
        "Unapply what is linked to the transaction, or edit it by hand; then run again.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{CONTENT_TYPE, HeaderMap};

    fn reply(status: u16, body: &str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/vnd.oracle.resource+json; type=error".parse().unwrap());
        Reply { status, headers, body: body.to_owned().into() }
    }

    #[test]
    fn a_refusal_names_the_place_in_the_body() {
        let body = r#"{"type":"x","title":"Bad Request","status":400,"o:errorDetails":[{"detail":"You have entered an Invalid Field Value 9999 for the following field: item","o:errorPath":"item.items[0].item","o:errorCode":"INVALID_CONTENT"}]}"#;
        let problem = problem("c", &reply(400, body));
        assert!(problem.words.ends_with("(at item.items[0].item)"));
        assert_eq!(problem.cause, Cause::Validation);
    }

    #[test]
    fn a_record_of_another_type_is_absent_and_a_forbidden_one_is_not() {
        let with = |status, code: &str, detail: &str| {
            let body =
                format!(r#"{{"status":{status},"o:errorDetails":[{{"detail":"{detail}","o:errorCode":"{code}"}}]}}"#);
            is_absent(&reply(status, &body))
        };
        assert!(with(404, "NONEXISTENT_ID", "The record instance does not exist. Provide a valid record instance ID."));
        assert!(with(400, "USER_ERROR", "Error while accessing a resource. Transaction type specified is incorrect."));
        assert!(!with(403, "INSUFFICIENT_PERMISSION", "Permission Violation"));
        assert!(!with(400, "USER_ERROR", "Something else."));
        assert!(!is_absent(&reply(404, "<html>not found</html>")));
    }
}
