//! Nue's errors to causes. No page shows an error body: the forms are those that a public client tries, and the status
//! decides.

use model::problem::{Cause, Problem};

use super::APPLICATION;
use super::wire::at;
use crate::http::Reply;
use crate::json;

/// The problem that an answer tells of.
pub(super) fn problem(call: &str, reply: &Reply) -> Problem {
    if reply.is_page() {
        let words = format!("HTTP {}, a page in place of an answer: {}", reply.status, json::page_words(&reply.body));
        return Problem::new(APPLICATION, call, reply.cause_of_page(), words);
    }
    let (code, words) = told(&reply.body);
    let words = words.unwrap_or_else(|| match json::excerpt(&reply.body) {
        beginning if beginning.trim().is_empty() => format!("HTTP {}, an empty answer", reply.status),
        beginning => format!("HTTP {}, an answer without a message: {beginning}", reply.status),
    });
    let cause = match (reply.status, code.as_deref()) {
        (503, Some("MAINTENANCE")) => Cause::Maintenance,
        (status, _) => by_status(status),
    };
    let problem = Problem::new(APPLICATION, call, cause, words);
    match code {
        Some(code) => problem.with_code(code),
        None => problem,
    }
}

/// The first error's code, and all words: `errors[].message`, else `error`, else `message`.
fn told(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(answer) = json::record(body) else { return (None, None) };
    let text = |path: &str| Some(at(&answer, path).show()).filter(|text| !text.is_empty());
    let errors = answer.list("errors");
    let words: Vec<String> = errors.iter().map(|error| at(error, "message").show()).collect();
    let code = errors.first().map(|error| at(error, "code").show()).filter(|code| !code.is_empty());
    let words = Some(words.join("; ")).filter(|words| !words.is_empty());
    (code.or_else(|| text("errorCode")), words.or_else(|| text("error")).or_else(|| text("message")))
}

fn by_status(status: u16) -> Cause {
    match status {
        401 => Cause::Authentication,
        403 => Cause::Permission,
        404 | 405 | 410 | 415 | 300..=399 => Cause::Configuration,
        407 => Cause::Firewall,
        408 | 504 => Cause::Timeout,
        413 | 429 => Cause::ApiLimit,
        500..=599 => Cause::Overload,
        _ => Cause::Validation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    #[test]
    fn every_form_of_an_error_gives_its_words() {
        let read = |status, body: &str| {
            problem("GET /invoices", &Reply { status, headers: HeaderMap::new(), body: body.to_owned().into() })
        };
        let forms = [
            r#"{"status":"ERROR","errors":[{"code":"VALIDATION","message":"no such field","field":"x"}]}"#,
            r#"{"error":"no such field"}"#,
            r#"{"message":"no such field"}"#,
        ];
        for form in forms {
            let problem = read(400, form);
            assert_eq!((problem.words.as_str(), problem.cause), ("no such field", Cause::Validation), "{form}");
        }
        assert_eq!(read(503, r#"{"errors":[{"code":"MAINTENANCE","message":"m"}]}"#).cause, Cause::Maintenance);
        assert_eq!(read(503, r#"{"message":"m"}"#).cause, Cause::Overload);
        assert_eq!(read(401, "{}").cause, Cause::Authentication);
    }
}
