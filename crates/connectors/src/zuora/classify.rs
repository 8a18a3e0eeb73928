//! Zuora's answers to problems: its envelopes, its codes, its own words.
//!
//! A status of 200 is no success by itself, and most business errors come with one: so an envelope is read in the
//! same way whatever the status.

use model::problem::{Answer, Cause, Problem};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::APPLICATION;
use super::wire::RowError;
use crate::http::Reply;
use crate::json;

/// All envelopes in one: v1 resources (`reasons`), CRUD and actions (`Errors`), a fault of a whole action
/// (`faultcode`), the log-in and the gateway (`error`, `message`).
#[derive(Deserialize, Default)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    reasons: Vec<Reason<'a>>,
    #[serde(default, rename = "Errors", alias = "errors")]
    errors: Vec<RowError>,
    #[serde(alias = "FaultCode")]
    faultcode: Option<String>,
    #[serde(alias = "FaultMessage")]
    faultstring: Option<String>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    message: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Its code is a number in the examples and a text in the schema.
#[derive(Deserialize)]
struct Reason<'a> {
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(default)]
    message: String,
}

/// Zuora forgets the place in a query after fifteen minutes in which nobody asked for more.
const LOCATOR_GONE: &str = "INVALID_QUERY_LOCATOR";
/// The token is good, but not for the entity that was named.
const WRONG_ENTITY: &str = "90000020";

/// The problem that an answer tells of.
pub(super) fn problem(call: &str, reply: &Reply) -> Problem {
    let told = if reply.is_page() { None } else { told(&reply.body) };
    let (code, words) = told.unwrap_or_else(|| (None, unspoken(reply)));
    let cause = match by_status(reply.status) {
        _ if reply.is_page() => reply.cause_of_page(),
        _ if code.as_deref() == Some(WRONG_ENTITY) => Cause::Configuration,
        Some(cause) => cause,
        None => by_code(code.as_deref().unwrap_or_default(), &words),
    };
    complete(Problem::new(APPLICATION, call, cause, words), code).answered(reply.status)
}

/// The problem of a log-in. A wrong address answers like a wrong password.
pub(super) fn login_problem(call: &str, reply: &Reply) -> Problem {
    let problem = problem(call, reply);
    if !matches!(reply.status, 400 | 401 | 403) || reply.is_page() {
        return problem;
    }
    let remedy = "Check client_id, client_secret and the data centre: each data centre knows only its own clients.";
    Problem { cause: Cause::Authentication, remedy: remedy.to_owned(), ..problem }
}

/// The problem of one record in an answer that carries several.
pub(super) fn row_problem(call: &str, errors: &[RowError]) -> Problem {
    let Some(first) = errors.first() else {
        return Problem::new(APPLICATION, call, Cause::Validation, "refused without a reason");
    };
    let words = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ");
    let cause = by_code(&first.code, &words);
    // The call itself went well.
    complete(Problem::new(APPLICATION, call, cause, words), Some(first.code.clone())).answered(200)
}

/// What a call was that got a 200 without a list of results: for each of its records the same.
pub(super) fn answer<T>(problem: Problem) -> Answer<T> {
    match problem.cause {
        // No envelope of Zuora's: whoever answered, what became of the records is not known.
        _ if problem.code.is_none() => Answer::Unknown(problem),
        Cause::ApiLimit | Cause::Authentication => Answer::NotDone(problem),
        Cause::Overload | Cause::Connectivity | Cause::Timeout | Cause::Maintenance => Answer::Unknown(problem),
        _ => Answer::Refused(problem),
    }
}

fn complete(problem: Problem, code: Option<String>) -> Problem {
    let remedy = match code.as_deref() {
        Some("INVALID_FIELD") => "Make the field on the Zuora object, or correct its name in the flow; then run again.",
        Some("MALFORMED_QUERY") => "Correct the conditions and field names of the flow, then run again.",
        Some("NO_PERMISSION" | "API_DISABLED") => {
            "Give the integration user `API Write Access` and the role that edits this object."
        }
        Some("ACCOUNTING_PERIOD_CLOSED") => "Open the accounting period in Zuora, then run again.",
        Some(LOCATOR_GONE) => "Nothing to do: the next run selects anew.",
        Some(WRONG_ENTITY) => {
            "Correct `entity` in the configuration: the OAuth client has no access to the one it names."
        }
        _ => "",
    };
    let problem = match code.filter(|code| !code.is_empty()) {
        Some(code) => problem.with_code(code),
        None => problem,
    };
    if remedy.is_empty() { problem } else { problem.with_remedy(remedy) }
}

/// The code and the words of an envelope.
fn told(body: &[u8]) -> Option<(Option<String>, String)> {
    let envelope: Envelope = json::parse(body).ok()?;
    if let Some(reason) = envelope.reasons.first() {
        let words: Vec<&str> = envelope.reasons.iter().map(|reason| reason.message.as_str()).collect();
        return Some((reason.code.map(bare), words.join("; ")));
    }
    if let Some(error) = envelope.errors.first() {
        let words: Vec<&str> = envelope.errors.iter().map(|error| error.message.as_str()).collect();
        return Some((Some(error.code.clone()), words.join("; ")));
    }
    if let Some(fault) = envelope.faultcode {
        let code = fault.rsplit(':').next().unwrap_or(&fault).to_owned();
        return Some((Some(code), envelope.faultstring.unwrap_or_default()));
    }
    let words = envelope.error_description.or(envelope.message).or_else(|| envelope.error.clone())?;
    Some((envelope.code.map(bare).or(envelope.error), words))
}

/// A number or a text, as a text.
fn bare(raw: &RawValue) -> String {
    raw.get().trim_matches('"').to_owned()
}

fn unspoken(reply: &Reply) -> String {
    if reply.is_page() {
        return format!("a page in place of an answer: {}", json::page_words(&reply.body));
    }
    match json::excerpt(&reply.body) {
        beginning if beginning.trim().is_empty() => "an empty answer".to_owned(),
        beginning => format!("an answer that Zuora does not document: {beginning}"),
    }
}

/// The causes that the status tells by itself.
fn by_status(status: u16) -> Option<Cause> {
    Some(match status {
        401 => Cause::Authentication,
        403 => Cause::Permission,
        405 | 415 | 300..=399 => Cause::Configuration,
        407 => Cause::Firewall,
        408 | 504 => Cause::Timeout,
        429 => Cause::ApiLimit,
        503 => Cause::Maintenance,
        500..=599 => Cause::Overload,
        _ => return None,
    })
}

/// The cause of a code: Zuora's eight digits end in a category of two, the older interfaces use words.
fn by_code(code: &str, words: &str) -> Cause {
    if !code.is_empty() && code.chars().all(|letter| letter.is_ascii_digit()) {
        return by_category(&code[code.len().saturating_sub(2)..]);
    }
    let busy = words.to_lowercase();
    match code {
        "LOCK_COMPETITION" | "TEMPORARY_ERROR" | "TRANSACTION_TIMEOUT" | "UNKNOWN_ERROR" => Cause::Overload,
        "BATCH_FAIL_ERROR" if busy.contains("optimistic locking failed") || busy.contains("lock competition") => {
            Cause::Overload
        }
        LOCATOR_GONE => Cause::Timeout,
        "REQUEST_EXCEEDED_LIMIT" => Cause::ApiLimit,
        "INVALID_SESSION" | "INVALID_LOGIN" => Cause::Authentication,
        "NO_PERMISSION" => Cause::Permission,
        "INVALID_FIELD"
        | "INVALID_TYPE"
        | "MALFORMED_QUERY"
        | "MAX_RECORDS_EXCEEDED"
        | "API_DISABLED"
        | "INVALID_VERSION" => Cause::Configuration,
        _ if busy.contains("request exceeded limit") || busy.contains("concurrent requests") => Cause::ApiLimit,
        _ if busy.contains("unrecognised fields") || busy.contains("unrecognized fields") => Cause::Configuration,
        _ if busy.contains("no route matched") => Cause::Configuration,
        _ if ["authentication error", "no bearer token", "failed to get user info"]
            .iter()
            .any(|text| busy.contains(text)) =>
        {
            Cause::Authentication
        }
        _ => Cause::Validation,
    }
}

fn by_category(category: &str) -> Cause {
    match category {
        "10" => Cause::Permission,
        "11" => Cause::Authentication,
        "21" | "27" | "45" => Cause::Configuration,
        "50" | "60" | "61" => Cause::Overload,
        "70" => Cause::ApiLimit,
        "99" => Cause::Connectivity,
        _ => Cause::Validation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{CONTENT_TYPE, HeaderMap};

    fn read(status: u16, body: &str) -> Problem {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        problem("POST /v1/action/update", &Reply { status, headers, body: body.to_owned().into() })
    }

    #[test]
    fn a_reason_with_a_number_or_a_text_for_a_code_is_read_alike() {
        for code in ["53100320", "\"53100320\""] {
            let body = format!(r#"{{"success":false,"processId":"CB","reasons":[{{"code":{code},"message":"bad"}}]}}"#);
            let problem = read(200, &body);
            assert_eq!((problem.code.as_deref(), problem.cause), (Some("53100320"), Cause::Validation));
            assert_eq!(problem.words, "bad");
        }
    }
}
