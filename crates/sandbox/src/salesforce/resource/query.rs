//! Queries: `query`, `queryAll`, and the pages that follow.

use super::At;
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::soql::{self, Asked, LARGEST_BATCH};

/// `GET /query`, `GET /queryAll`, `GET /query/{locator}`.
pub(super) fn answer(at: &At<'_>, call: &Call, path: &[&str]) -> Verdict<Reply> {
    let batch = call.option("sforce-query-options", "batchSize").and_then(|size| size.parse().ok());
    let asked = Asked {
        version: &call.version,
        all: path.first() == Some(&"queryAll"),
        batch: batch.unwrap_or(LARGEST_BATCH),
        now: at.org.now(),
    };
    let (sight, cursors) = (at.sight(), &at.org.cursors);
    let body = match path {
        [_, locator] => soql::more(&sight, cursors, locator, &asked)?,
        [_] if call.parameter("explain").is_some() => return Err(Refusal::not_emulated("plans of queries")),
        [_] => {
            let text =
                call.parameter("q").ok_or_else(|| Refusal::new(400, "MALFORMED_QUERY", "A query is required"))?;
            match call.parameter("columns") {
                Some("true") => soql::describe(&sight, text, &asked)?,
                _ => soql::query(&sight, cursors, text, &asked)?,
            }
        }
        _ => return Err(Refusal::not_found()),
    };
    Ok(Reply::json(200, body))
}
