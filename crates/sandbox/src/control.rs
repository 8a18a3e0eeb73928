//! The control API that every emulator serves on its own port, without authentication.
//!
//! | call | what it does |
//! |---|---|
//! | `GET /_sandbox/records/{type}` | all held records of a type as JSON lines, in the vendor's own shape; `?fields=a,b`: these fields alone; 404 for an unknown type |
//! | `GET /_sandbox/calls` | how often each call was made, by method, path template and status (0: closed without an answer) |
//! | `GET /_sandbox/behaviours` | what is emulated, from where it is known, and how well |
//! | `GET /_sandbox/faults` | the fault rules in the order in which they were set, with how often each has `struck` |
//! | `PUT /_sandbox/faults` | replaces the fault rules; 400 says what is wrong with them |
//! | `DELETE /_sandbox/faults` | clears the fault rules |
//! | `GET /_sandbox/settings` | what differs from tenant to tenant, as it is set |
//! | `PUT /_sandbox/settings` | sets what is given and answers with all of it; 400 says what is wrong |
//! | `POST /_sandbox/restart` | `{"ms": N}`: closes the port and every connection, and opens again N milliseconds later with all that is held, as when a vendor's front end is restarted. The calls under way are lost, and what of them was not executed by then never is, but for those that a fault executes late |

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use futures::stream;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::faults;
use crate::server::{self, Desk, Restart};

/// How much text of records is gathered before it is sent.
const CHUNK: usize = 64 * 1024;

/// The routes of the control API.
pub fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/_sandbox/records/{type}", get(records))
        .route("/_sandbox/calls", get(calls))
        .route("/_sandbox/behaviours", get(behaviours))
        .route("/_sandbox/faults", get(list_faults).put(set_faults).delete(clear_faults))
        .route("/_sandbox/settings", get(list_settings).put(set_settings))
        .route("/_sandbox/restart", post(restart))
        .with_state(desk)
}

/// Which fields are wanted.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    fields: String,
}

/// Streams the records: hundreds of thousands of them must not stand in memory as text.
async fn records(
    State(desk): State<Arc<Desk>>,
    Path(kind): Path<String>,
    Query(Wanted { fields }): Query<Wanted>,
) -> Response {
    let (send, mut receive) = mpsc::channel::<Bytes>(4);
    let wanted = kind.clone();
    let fields: Vec<String> = fields.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    tokio::task::spawn_blocking(move || {
        let mut chunk = String::new();
        let known = desk.emulator.each_line(&wanted, &fields, &mut |line| {
            chunk.push_str(line);
            chunk.push('\n');
            chunk.len() < CHUNK || send.blocking_send(Bytes::from(std::mem::take(&mut chunk))).is_ok()
        });
        // An empty chunk says that the type is known though nothing of it is held.
        if known {
            let _ = send.blocking_send(Bytes::from(chunk));
        }
    });
    let Some(first) = receive.recv().await else {
        return server::json(StatusCode::NOT_FOUND, &json!({ "error": "unknown type", "type": kind }));
    };
    let rest = stream::unfold(receive, |mut receive| async { receive.recv().await.map(|chunk| (chunk, receive)) });
    let chunks = futures::StreamExt::chain(stream::iter([first]), rest);
    let mut response =
        Response::new(Body::from_stream(futures::StreamExt::map(chunks, Ok::<_, std::convert::Infallible>)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

async fn calls(State(desk): State<Arc<Desk>>) -> Response {
    server::json(StatusCode::OK, &json!(desk.calls.list()))
}

async fn behaviours(State(desk): State<Arc<Desk>>) -> Response {
    server::json(StatusCode::OK, &json!(desk.emulator.behaviours()))
}

async fn list_faults(State(desk): State<Arc<Desk>>) -> Response {
    server::json(StatusCode::OK, &json!(desk.faults.list()))
}

async fn set_faults(State(desk): State<Arc<Desk>>, body: String) -> Response {
    match faults::parse(&body) {
        Ok(rules) => {
            let count = rules.len();
            desk.faults.set(rules);
            server::json(StatusCode::OK, &json!({ "rules": count }))
        }
        Err(error) => server::json(StatusCode::BAD_REQUEST, &json!({ "error": error })),
    }
}

async fn clear_faults(State(desk): State<Arc<Desk>>) -> Response {
    desk.faults.set(Vec::new());
    server::json(StatusCode::OK, &json!({ "rules": 0 }))
}

async fn list_settings(State(desk): State<Arc<Desk>>) -> Response {
    settings(&desk, &json!({}))
}

async fn set_settings(State(desk): State<Arc<Desk>>, body: String) -> Response {
    match serde_json::from_str(&body) {
        Ok(wanted) => settings(&desk, &wanted),
        Err(error) => {
            server::json(StatusCode::BAD_REQUEST, &json!({ "error": format!("the body is not JSON: {error}") }))
        }
    }
}

fn settings(desk: &Desk, wanted: &serde_json::Value) -> Response {
    match desk.emulator.settings(wanted) {
        Ok(all) => server::json(StatusCode::OK, &all),
        Err(error) => server::json(StatusCode::BAD_REQUEST, &json!({ "error": error })),
    }
}

/// How long to be gone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gone {
    ms: u64,
}

/// The answer closes its connection: when that is closed, the answer is out, and the server can go.
async fn restart(body: String) -> Response {
    let Gone { ms } = match serde_json::from_str(&body) {
        Ok(gone) => gone,
        Err(error) => return server::json(StatusCode::BAD_REQUEST, &json!({ "error": error.to_string() })),
    };
    let mut response = server::json(StatusCode::ACCEPTED, &json!({ "ms": ms }));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response.extensions_mut().insert(Restart(ms));
    response
}
