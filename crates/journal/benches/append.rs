//! The benchmark: `cargo bench -p counterfoil-journal`. What the journal costs a record: in a SQLite file, on a
//! PostgreSQL server on this machine that waits for its disk, and nowhere.
//!
//! As a run appends: the ends of 350 records a batch, of which every tenth has a failed attempt. The three take turns in
//! one process; ratios within one run mean more than the figures. Not a test: nothing here passes or fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark may fail at once"
)]

#[allow(dead_code, reason = "the benchmark kills no server")]
#[path = "../tests/journal/server.rs"]
mod server;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use journal::{Journal, Place};
use model::outcome::Outcome;
use model::ports::{Entry, Event, Log};
use model::problem::Cause;
use model::status::Operation;
use rust_decimal::Decimal;

const BATCH: usize = 350;
const BATCHES: usize = 60;
const TURNS: usize = 5;

/// Takes entries as a run without a journal would.
struct Nowhere;

#[async_trait::async_trait]
impl Log for Nowhere {
    async fn append(&self, entries: Vec<Entry>) {
        std::hint::black_box(entries);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let server = server::Server::start_with(&[]);
    let sqlite = Journal::open(Place::File(folder.path().join("j.sqlite"))).await.unwrap();
    let postgres = Journal::open(Place::read(&server.address()).unwrap()).await.unwrap();
    for journal in [&sqlite, &postgres] {
        journal.begin_run(Timestamp::UNIX_EPOCH, "benchmark").await.unwrap();
    }
    let kinds: [(&str, &dyn Log); 3] = [("none", &Nowhere), ("SQLite", &sqlite), ("PostgreSQL", &postgres)];
    let mut spent = [Duration::ZERO; 3];
    for turn in 0..TURNS {
        for ((_, log), spent) in kinds.iter().zip(&mut spent) {
            let begun = Instant::now();
            for batch in 0..BATCHES {
                log.append(entries((turn * BATCHES + batch) * BATCH)).await;
            }
            *spent += begun.elapsed();
        }
    }
    let records = Decimal::from(TURNS * BATCHES * BATCH);
    println!("{records} records, {BATCH} a batch");
    println!("{:<12} {:>12} {:>14} {:>22}", "journal", "records/s", "us a record", "more than none, in us");
    let none = micros(spent[0]);
    for ((name, _), spent) in kinds.iter().zip(spent) {
        let micros = micros(spent);
        let (rate, each, more) =
            (records * Decimal::from(1_000_000) / micros, micros / records, (micros - none) / records);
        println!("{name:<12} {:>12} {:>14} {:>22}", rate.round_dp(0), each.round_dp(2), more.round_dp(2));
    }
}

fn micros(spent: Duration) -> Decimal {
    Decimal::from(spent.as_micros())
}

fn entries(first: usize) -> Vec<Entry> {
    (first..first + BATCH)
        .flat_map(|record| (record % 10 == 0).then(|| attempt(record)).into_iter().chain([end(record)]))
        .collect()
}

fn entry(record: usize, event: Event) -> Entry {
    let source_id = format!("2c920cf8facb78eba2078b46{record:08}").into();
    let flow = "zuora.invoice -> netsuite.invoice".into();
    Entry { at: Timestamp::UNIX_EPOCH, flow, source_id, number: format!("INV{record:08}").into(), event }
}

fn attempt(record: usize) -> Entry {
    let event = Event::Attempt {
        step: "write",
        operation: Operation::Create,
        answer: "unknown",
        detail: "netsuite: POST /services/rest/record/v1/invoice: connection reset (connectivity)".to_owned(),
        cause: Some(Cause::Connectivity),
    };
    entry(record, event)
}

fn end(record: usize) -> Entry {
    let event = Event::End {
        outcome: Outcome::Created,
        text: format!("made as invoice {record} in netsuite, read back and equal"),
        cause: None,
        retry: None,
        remedy: None,
        destination_id: Some(record.to_string().into()),
    };
    entry(record, event)
}
