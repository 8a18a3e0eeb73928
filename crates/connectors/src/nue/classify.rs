//! Nue's errors to causes. No page shows an error body: the forms are those that a public client tries, for the words; the
//! status alone decides, because no code is published. So an overload that answers 503 is taken for maintenance.

use model::problem::{Cause, Problem};

use super::APPLICATION;
use super::wire::at;
use crate::http::Reply;
use crate::json;

/// The problem that an answer tells of.
pub(super) fn problem(call: &str, reply: &Reply) -> Problem {
    if reply.is_page() {
        let words = format!("a page in place of an answer: {}", json::page_words(&reply.body));
        return Problem::new(APPLICATION, call, reply.cause_of_page(), words).answered(reply.status);
    }
    let (code, words) = told(&reply.body);
    let words = words.unwrap_or_else(|| match json::excerpt(&reply.body) {
        beginning if beginning.trim().is_empty() => "an empty answer".to_owned(),
        beginning => format!("an answer without a message: {beginning}"),
    });
    let problem = Problem::new(APPLICATION, call, by_status(reply.status), words).answered(reply.status);
    let problem = match remedy(reply.status) {
        "" => problem,
        remedy => problem.with_remedy(remedy),
    };
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

/// What to do, where it can be said better than for any application.
fn remedy(status: u16) -> &'static str {
    match status {
        401 => {
            "Look in Nue under Settings > API Keys whether the key has expired or was deleted, and whether it is this \
             environment's: each has keys of its own. Put a valid one into `api_key`."
        }
        403 => {
            "Give the role to which the API key is linked the missing permission (Nue: Settings > Roles), then run again."
        }
        _ => "",
    }
}

fn by_status(status: u16) -> Cause {
    match status {
        401 => Cause::Authentication,
        403 => Cause::Permission,
        404 | 405 | 410 | 415 | 300..=399 => Cause::Configuration,
        407 => Cause::Firewall,
        408 | 504 => Cause::Timeout,
        413 | 414 | 429 | 431 => Cause::ApiLimit,
        503 => Cause::Maintenance,
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
        assert_eq!(read(401, "{}").cause, Cause::Authentication);
    }

    #[test]
    fn no_code_of_nues_is_published_so_none_decides() {
        let read = |status, code: &str| {
            let body = format!(r#"{{"errors":[{{"code":"{code}","message":"m"}}]}}"#);
            problem("GET /invoices", &Reply { status, headers: HeaderMap::new(), body: body.into() }).cause
        };
        for code in ["MAINTENANCE", "UNAUTHORIZED", "LIMIT", "VALIDATION", "ANYTHING"] {
            let causes = [400, 403, 429, 500, 503].map(|status| read(status, code));
            let by_status =
                [Cause::Validation, Cause::Permission, Cause::ApiLimit, Cause::Overload, Cause::Maintenance];
            assert_eq!(causes, by_status, "{code}");
        }
    }
}
