//! The journal on a real file and on a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

mod conformance;
mod home;
mod migrations;
mod outage;
mod server;

use jiff::Timestamp;
use model::outcome::Outcome;
use model::ports::{Entry, Event};
use model::problem::{Cause, Retry};
use model::status::Operation;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn end(id: &str, outcome: Outcome, cause: Option<Cause>) -> Entry {
    let event = Event::End {
        outcome,
        text: format!("what became of {id}"),
        cause,
        retry: cause.map(Cause::retry),
        remedy: cause.map(|_| "do this".to_owned()),
        destination_id: (outcome == Outcome::Created).then(|| "77".into()),
    };
    Entry { at: at(20), flow: "a -> b".into(), source_id: id.into(), number: format!("INV-{id}").into(), event }
}

fn attempt(id: &str) -> Entry {
    let event = Event::Attempt {
        step: "write",
        operation: Operation::Create,
        answer: "unknown",
        detail: "reset by peer".into(),
        cause: Some(Cause::Connectivity),
    };
    Entry { at: at(10), flow: "a -> b".into(), source_id: id.into(), number: format!("INV-{id}").into(), event }
}

/// What an application asked for, beside its refusal.
fn asked_to_stay_away(id: &str, seconds: u64) -> Entry {
    let mut entry = end(id, Outcome::Deferred, Some(Cause::ApiLimit));
    if let Event::End { retry, .. } = &mut entry.event {
        *retry = Some(Retry::After { seconds });
    }
    entry
}
