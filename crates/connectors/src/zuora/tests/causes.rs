//! Zuora's tables of errors, line by line: (status, headers, body) -> (cause, code, what it means for a write).

use model::problem::{Answer, Cause};

use crate::http::tests::Is::{self, NotDone, Refused, Unknown};
use crate::http::tests::{reply, told};
use crate::http::{Reply, verdict};
use crate::zuora::classify;
use crate::zuora::wire::{self, RowResult};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const HTML: &[(&str, &str)] = &[("content-type", "text/html")];
const LATER: &[(&str, &str)] = &[("content-type", "application/json"), ("retry-after", "120")];

type Row<'a> = (u16, &'a [(&'static str, &'static str)], &'a str, Cause, Option<&'a str>, Is);

fn judged(reply: Reply) -> (Is, model::problem::Problem) {
    let problem = |reply: &Reply| classify::problem("POST /v1/action/update", reply);
    let reply = match verdict(Ok(reply), problem) {
        Answer::Accepted(reply) => reply,
        other => return told(other),
    };
    match wire::row_results(&reply.body) {
        None => told(classify::answer::<()>(problem(&reply))),
        Some(rows) => match &rows[..] {
            [RowResult::Refused(errors)] => (Refused, classify::row_problem("POST /v1/action/update", errors)),
            _ => panic!("one refused row"),
        },
    }
}

fn check(rows: &[Row<'_>]) {
    for (status, headers, body, cause, code, is) in rows {
        let (kind, problem) = judged(reply(*status, headers, body));
        assert_eq!((problem.cause, problem.code.as_deref(), kind), (*cause, *code, *is), "{status} {body}");
        assert!(!problem.words.is_empty() && !problem.remedy.is_empty(), "{status} {body}");
    }
}

#[test]
fn the_category_in_a_code_tells_the_cause() {
    let categories = [
        ("10", Cause::Permission, Refused),
        ("11", Cause::Authentication, NotDone),
        ("20", Cause::Validation, Refused),
        ("21", Cause::Configuration, Refused),
        ("22", Cause::Validation, Refused),
        ("23", Cause::Validation, Refused),
        ("27", Cause::Configuration, Refused),
        ("30", Cause::Validation, Refused),
        ("40", Cause::Validation, Refused),
        ("45", Cause::Configuration, Refused),
        ("50", Cause::Overload, Unknown),
        ("60", Cause::Overload, Unknown),
        ("61", Cause::Overload, Unknown),
        ("70", Cause::ApiLimit, NotDone),
        ("90", Cause::Validation, Refused),
        ("99", Cause::Connectivity, Unknown),
    ];
    for (category, cause, is) in categories {
        let code = format!("585000{category}");
        let body = format!(
            r#"{{"success":false,"processId":"CBCFED6580B4E076","reasons":[{{"code":{code},"message":"m"}}]}}"#
        );
        check(&[(200, JSON, &body, cause, Some(&code), is)]);
    }
}

#[test]
fn the_status_tells_the_cause_where_the_code_does_not() {
    check(&[
        (401, JSON, r#"{"message":"Authentication error"}"#, Cause::Authentication, None, NotDone),
        (401, JSON, r#"{"message":"Failed to get user info"}"#, Cause::Authentication, None, NotDone),
        (
            401,
            JSON,
            r#"{"success":false,"reasons":[{"code":90000011,"message":"m"}]}"#,
            Cause::Authentication,
            Some("90000011"),
            NotDone,
        ),
        (
            401,
            JSON,
            r#"{"success":false,"reasons":[{"code":90000020,"message":"wrong entity"}]}"#,
            Cause::Configuration,
            Some("90000020"),
            NotDone,
        ),
        (
            403,
            JSON,
            r#"{"success":false,"reasons":[{"code":50000010,"message":"m"}]}"#,
            Cause::Permission,
            Some("50000010"),
            Refused,
        ),
        (
            429,
            LATER,
            r#"{"success":false,"reasons":[{"code":50000070,"message":"The total number of concurrent requests has exceeded"}]}"#,
            Cause::ApiLimit,
            Some("50000070"),
            NotDone,
        ),
        (
            429,
            JSON,
            r#"{"reasons":[{"code":70,"message":"API Rate limit exceeded for the minute, retry after 600 seconds"}]}"#,
            Cause::ApiLimit,
            Some("70"),
            NotDone,
        ),
        (404, JSON, r#"{"message":"no Route matched with those values"}"#, Cause::Configuration, None, Refused),
        (405, JSON, r#"{"message":"not supported"}"#, Cause::Configuration, None, Refused),
        (407, JSON, r#"{"message":"proxy"}"#, Cause::Firewall, None, NotDone),
        (400, JSON, r#"{"message":"Error - unrecognised fields"}"#, Cause::Configuration, None, Refused),
        (400, JSON, r#"{"message":"No bearer token"}"#, Cause::Authentication, None, NotDone),
        (400, JSON, r#"{"message":"request exceeded limit"}"#, Cause::ApiLimit, None, NotDone),
        (
            500,
            JSON,
            r#"{"success":false,"reasons":[{"code":50000060,"message":"m"}]}"#,
            Cause::Overload,
            Some("50000060"),
            Unknown,
        ),
        (408, JSON, "{}", Cause::Timeout, None, Unknown),
        (502, HTML, "<html>Bad Gateway</html>", Cause::Overload, None, Unknown),
        (503, HTML, "<h1>Service Unavailable</h1>", Cause::Maintenance, None, Unknown),
        (503, JSON, r#"{"message":"down"}"#, Cause::Maintenance, None, Unknown),
        (504, HTML, "<html>Gateway Timeout</html>", Cause::Timeout, None, Unknown),
        (200, HTML, "<html>Scheduled Maintenance</html>", Cause::Maintenance, None, Unknown),
        (200, JSON, "<html>who knows</html>", Cause::Overload, None, Unknown),
        (403, HTML, "<html>Access Denied</html>", Cause::Firewall, None, Unknown),
        (404, HTML, "<html>no such page</html>", Cause::Configuration, None, Unknown),
        (307, JSON, "", Cause::Configuration, None, NotDone),
        (200, JSON, "{\"success\":fal", Cause::Validation, None, Unknown),
        (200, JSON, r#"{"success":false,"reasons":[]}"#, Cause::Validation, None, Unknown),
    ]);
}

#[test]
fn the_codes_in_words_of_the_older_interfaces_tell_the_cause() {
    let codes = [
        ("LOCK_COMPETITION", "Operation failed due to a lock competition", Cause::Overload),
        ("BATCH_FAIL_ERROR", "optimistic locking failed", Cause::Overload),
        ("BATCH_FAIL_ERROR", "something else", Cause::Validation),
        ("TEMPORARY_ERROR", "m", Cause::Overload),
        ("TRANSACTION_TIMEOUT", "m", Cause::Overload),
        ("UNKNOWN_ERROR", "m", Cause::Overload),
        ("REQUEST_EXCEEDED_LIMIT", "Your total number of concurrent requests", Cause::ApiLimit),
        ("INVALID_SESSION", "m", Cause::Authentication),
        ("INVALID_LOGIN", "m", Cause::Authentication),
        ("INVALID_VALUE", "m", Cause::Validation),
        ("INVALID_FIELD", "m", Cause::Configuration),
        ("INVALID_ID", "m", Cause::Validation),
        ("INVALID_TYPE", "m", Cause::Configuration),
        ("MISSING_REQUIRED_VALUE", "m", Cause::Validation),
        ("DUPLICATE_VALUE", "m", Cause::Validation),
        ("MALFORMED_QUERY", "m", Cause::Configuration),
        ("MAX_RECORDS_EXCEEDED", "m", Cause::Configuration),
        ("INVALID_QUERY_LOCATOR", "m", Cause::Timeout),
        ("NO_PERMISSION", "m", Cause::Permission),
        ("CANNOT_DELETE", "m", Cause::Validation),
        ("ACCOUNTING_PERIOD_CLOSED", "m", Cause::Validation),
        ("TRANSACTION_FAILED", "m", Cause::Validation),
        ("API_DISABLED", "m", Cause::Configuration),
        ("INVALID_VERSION", "m", Cause::Configuration),
    ];
    for (code, message, cause) in codes {
        // In a row, Zuora says of this one record that it was not done.
        let row = format!(r#"[{{"Success":false,"Errors":[{{"Code":"{code}","Message":"{message}"}}]}}]"#);
        check(&[(200, JSON, &row, cause, Some(code), Refused)]);
        let crud = format!(r#"{{"Success":false,"Errors":[{{"Code":"{code}","Message":"{message}"}}]}}"#);
        let fault = format!(r#"{{"faultcode":"fns:{code}","faultstring":"{message}"}}"#);
        let is = match cause {
            Cause::Overload | Cause::Timeout => Unknown,
            Cause::ApiLimit | Cause::Authentication => NotDone,
            _ => Refused,
        };
        check(&[(200, JSON, &crud, cause, Some(code), is), (200, JSON, &fault, cause, Some(code), is)]);
    }
}

#[test]
fn a_login_is_refused_in_the_shapes_of_the_token_endpoint() {
    let spring = |status: u16| {
        format!(r#"{{"status":{status},"error":"E","message":"Invalid client id","path":"/oauth/token"}}"#)
    };
    for (status, cause) in [
        (400, Cause::Authentication),
        (401, Cause::Authentication),
        (403, Cause::Authentication),
        (429, Cause::ApiLimit),
    ] {
        let problem = classify::login_problem("POST /oauth/token", &reply(status, JSON, &spring(status)));
        assert_eq!((problem.cause, problem.words.as_str()), (cause, "Invalid client id"));
    }
    let page = classify::login_problem("POST /oauth/token", &reply(403, HTML, "<html>Access Denied</html>"));
    assert_eq!(page.cause, Cause::Firewall);
}
