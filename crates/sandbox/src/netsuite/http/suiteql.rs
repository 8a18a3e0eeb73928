//! `POST /services/rest/query/v1/suiteql`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::Value as Json;

use super::call::Call;
use super::records::listing;
use crate::netsuite::Netsuite;
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::query;
use crate::server::json as answer;

/// The most rows that can be read of one query.
const MOST_ROWS: usize = 100_000;

/// Runs a query aside, since a scan of all transactions takes its time.
pub(super) async fn query(State(account): State<Arc<Netsuite>>, call: Call) -> Response {
    let task = tokio::task::spawn_blocking(move || answered(&account, &call));
    match task.await {
        Ok(outcome) => outcome.unwrap_or_else(IntoResponse::into_response),
        Err(_) => Refusal::new(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: sandboxqueryfailed")
            .into_response(),
    }
}

fn answered(account: &Netsuite, call: &Call) -> Verdict<Response> {
    if call.method != Method::POST {
        return Err(Refusal::new(
            405,
            "METHOD_NOT_ALLOWED",
            format!("The method {} is not allowed for this resource.", call.method),
        ));
    }
    if !call.header("prefer").to_ascii_lowercase().split([',', ';']).any(|preference| preference.trim() == "transient")
    {
        return Err(Refusal::header(
            "The required request header 'Prefer' is missing or its value is not 'transient'.",
            "Prefer",
        ));
    }
    let page = call.page()?;
    if page.offset + page.limit > MOST_ROWS {
        return Err(Refusal::parameter("The query cannot return more than 100,000 rows.", "offset"));
    }
    let body = call.object()?;
    let text = body
        .get("q")
        .and_then(Json::as_str)
        .ok_or_else(|| Refusal::content("The property 'q' with the query is required.", "q"))?;
    let parameters = parameters(body.get("params"))?;
    let results = query::run(&account.search(), text, &parameters, account.clock.now(), page.limit, page.offset)?;
    Ok(answer(StatusCode::OK, &listing(call, page, results.total, results.items)))
}

/// The values of the placeholders.
fn parameters(json: Option<&Json>) -> Verdict<Vec<String>> {
    let wrong = || Refusal::content("The property 'params' must be a list of values.", "params");
    match json {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(values)) => values
            .iter()
            .map(|value| match value {
                Json::String(text) => Ok(text.clone()),
                Json::Number(number) => Ok(number.to_string()),
                Json::Bool(flag) => Ok(if *flag { "T" } else { "F" }.to_owned()),
                _ => Err(wrong()),
            })
            .collect(),
        Some(_) => Err(wrong()),
    }
}
