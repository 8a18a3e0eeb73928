//! NetSuite's tables of errors, line by line: (status, headers, body) -> (cause, code, what it means for a write).

use model::problem::{Cause, Problem};

use crate::http::tests::Is::{self, NotDone, Refused, Unknown};
use crate::http::tests::{reply, told};
use crate::http::verdict;
use crate::netsuite::classify;

const JSON: &[(&str, &str)] = &[("content-type", "application/vnd.oracle.resource+json; type=error")];
const HTML: &[(&str, &str)] = &[("content-type", "text/html;charset=utf-8")];

fn judged(status: u16, headers: &[(&'static str, &str)], body: &str) -> (Is, Problem) {
    told(verdict(Ok(reply(status, headers, body)), |reply| classify::problem("POST /record/v1/invoice", reply)))
}

fn enveloped(status: u16, code: &str, detail: &str) -> String {
    format!(
        r#"{{"type":"t","title":"Bad Request","status":{status},"o:errorDetails":[{{"detail":"{detail}","o:errorCode":"{code}"}}]}}"#
    )
}

#[test]
fn the_code_and_the_status_tell_the_cause() {
    let rows = [
        (401, "INVALID_LOGIN", "Invalid login attempt.", Cause::Authentication, NotDone),
        (401, "INVALID_LOGIN_ATTEMPT", "Invalid login attempt.", Cause::Authentication, NotDone),
        (403, "INSUFFICIENT_PERMISSION", "Permission Violation", Cause::Permission, Refused),
        (400, "INVALID_REQUEST", "m", Cause::Configuration, Refused),
        (400, "INVALID_CONTENT", "Invalid content in the request body.", Cause::Validation, Refused),
        (400, "INVALID_PARAMETER", "Invalid search query.", Cause::Configuration, Refused),
        (400, "INVALID_HEADER", "m", Cause::Configuration, Refused),
        (400, "INVALID_URL", "m", Cause::Configuration, Refused),
        (404, "NONEXISTENT_ID", "Record does not exist.", Cause::Validation, Refused),
        (404, "NONEXISTENT_ID", "Record type 'invoise' does not exist.", Cause::Configuration, Refused),
        (400, "NONEXISTENT_FIELD", "Field 'x' does not exist.", Cause::Configuration, Refused),
        (429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded.", Cause::ApiLimit, NotDone),
        (400, "SSS_REQUEST_LIMIT_EXCEEDED", "m", Cause::ApiLimit, NotDone),
        (400, "WS_REQUEST_BLOCKED", "m", Cause::ApiLimit, NotDone),
        (400, "EXCEEDED_MAX_CONCUR_RQST", "m", Cause::ApiLimit, NotDone),
        (400, "WS_CONCUR_SESSION_DISALLWD", "m", Cause::ApiLimit, NotDone),
        (500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: x", Cause::Overload, Unknown),
        (405, "USER_ERROR", "m", Cause::Configuration, Refused),
        (406, "USER_ERROR", "m", Cause::Configuration, Refused),
        (415, "USER_ERROR", "m", Cause::Configuration, Refused),
    ];
    for (status, code, detail, cause, is) in rows {
        let (kind, problem) = judged(status, JSON, &enveloped(status, code, detail));
        assert_eq!((problem.cause, problem.code.as_deref(), kind), (cause, Some(code), is), "{status} {detail}");
        assert_eq!(problem.words, detail);
    }
}

/// The texts of a `USER_ERROR`: nothing else tells these apart.
const TEXTS: [(&str, Cause, Is); 33] = [
    ("This entity already exists.", Cause::Validation, Refused),
    ("This record already exists", Cause::Validation, Refused),
    (
        "Uniqueness error - there is already an item with that name or name/parent combination.",
        Cause::Validation,
        Refused,
    ),
    ("That name is already used.", Cause::Validation, Refused),
    ("A customer record with this ID already exists.", Cause::Validation, Refused),
    ("Please enter value(s) for: Company Name, Subsidiary", Cause::Validation, Refused),
    ("You must enter a value for Company Name.", Cause::Validation, Refused),
    ("You are missing the following required field(s): Name", Cause::Validation, Refused),
    ("Invalid item reference key 9 for subsidiary 1.", Cause::Validation, Refused),
    ("You have entered an Invalid Field Value 9999 for the following field: item", Cause::Validation, Refused),
    ("The Sales account cannot be used with the UK subsidiary.", Cause::Configuration, Refused),
    ("Record has been changed", Cause::Overload, Refused),
    ("The record has been edited since you retrieved it.", Cause::Overload, Refused),
    ("This record has been locked by a user defined workflow.", Cause::Permission, Refused),
    ("That record does not exist. It may have been deleted.", Cause::Validation, Refused),
    ("Transaction type specified is incorrect.", Cause::Validation, Refused),
    (
        "Your transaction date does not fall between the start and end dates of your accounting period.",
        Cause::Validation,
        Refused,
    ),
    ("The transaction date is not within an open accounting period.", Cause::Validation, Refused),
    ("You cannot modify this transaction in a closed period", Cause::Validation, Refused),
    ("Reversal Date is in a closed accounting period.", Cause::Validation, Refused),
    ("Not enough accounting periods in range specified for revenue recognition.", Cause::Configuration, Refused),
    ("You cannot edit this transaction because it is linked.", Cause::Validation, Refused),
    ("This transaction has been voided.", Cause::Validation, Refused),
    ("Permission Violation: you may not access this record.", Cause::Permission, Refused),
    ("Concurrent request limit exceeded. Request blocked.", Cause::ApiLimit, NotDone),
    ("Request blocked.", Cause::ApiLimit, NotDone),
    ("The item needs a deferral account.", Cause::Configuration, Refused),
    ("Please choose a deferred revenue account.", Cause::Configuration, Refused),
    ("The transaction was saved successfully, but an e-mail error occurred.", Cause::Validation, Refused),
    ("Invalid url. Spaces are not allowed in the URL.", Cause::Configuration, Refused),
    ("Something that nobody has heard of.", Cause::Validation, Refused),
    (
        "The account you are trying to access is currently unavailable while we undergo our regularly scheduled maintenance.",
        Cause::Maintenance,
        Unknown,
    ),
    ("An unexpected SuiteScript error has occurred.", Cause::Validation, Refused),
];

#[test]
fn a_user_error_is_judged_by_its_text() {
    for (text, cause, is) in TEXTS {
        let body = enveloped(400, "USER_ERROR", &format!("Error while accessing a resource. {text}"));
        let (kind, problem) = judged(400, JSON, &body);
        assert_eq!((problem.cause, kind, problem.words.as_str()), (cause, is, text));
        assert_eq!(problem.code.as_deref(), Some("USER_ERROR"));
        assert!(!problem.remedy.is_empty());
    }
}

#[test]
fn where_a_script_failed_the_script_is_to_be_mended_and_not_the_record() {
    for text in ["An unexpected SuiteScript error has occurred.", "It was saved successfully, but an e-mail failed."] {
        let (_, problem) = judged(400, JSON, &enveloped(400, "USER_ERROR", text));
        assert!(problem.remedy.contains("the script or e-mail that failed is to be mended"), "{problem:?}");
    }
}

#[test]
fn what_no_envelope_holds_is_judged_by_its_status() {
    let rows = [
        (502, HTML, "<html>Bad Gateway</html>", Cause::Overload, Unknown),
        (503, HTML, "<html>Service Unavailable</html>", Cause::Maintenance, Unknown),
        (504, HTML, "<html>Gateway Timeout</html>", Cause::Timeout, Unknown),
        (500, JSON, "", Cause::Overload, Unknown),
        (503, JSON, "{}", Cause::Maintenance, Unknown),
        (504, JSON, "", Cause::Timeout, Unknown),
        (408, JSON, "", Cause::Timeout, Unknown),
        (200, HTML, "<html>regularly scheduled maintenance</html>", Cause::Maintenance, Unknown),
        (200, HTML, "<html>Please log in</html>", Cause::Overload, Unknown),
        (403, HTML, "<html>Access Denied</html>", Cause::Firewall, Unknown),
        (404, HTML, "<html>Not Found</html>", Cause::Configuration, Unknown),
        (407, JSON, "", Cause::Firewall, NotDone),
        (302, JSON, "", Cause::Configuration, NotDone),
        (429, HTML, "<html>slow down</html>", Cause::ApiLimit, NotDone),
        (400, JSON, "{\"half\":", Cause::Validation, Refused),
    ];
    for (status, headers, body, cause, is) in rows {
        let (kind, problem) = judged(status, headers, body);
        assert_eq!((problem.cause, problem.code.as_deref(), kind), (cause, None, is), "{status} {body}");
        assert!(problem.told().contains(&format!("HTTP {status}")), "{problem}");
    }
}

#[test]
fn a_login_is_refused_in_the_shape_of_oauth_and_the_remedy_names_the_audit_trail() {
    for (status, code) in [(400, "invalid_grant"), (400, "invalid_scope"), (401, "invalid_client")] {
        let problem = classify::login_problem("POST /token", &reply(status, JSON, &format!(r#"{{"error":"{code}"}}"#)));
        assert_eq!((problem.cause, problem.code.as_deref()), (Cause::Authentication, Some(code)));
        assert!(problem.remedy.contains("Login Audit Trail"));
    }
    assert_eq!(classify::login_problem("c", &reply(403, HTML, "<html>no</html>")).cause, Cause::Firewall);
}
