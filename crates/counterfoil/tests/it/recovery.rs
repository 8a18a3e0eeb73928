//! Writes and marks struck harder than all calls ever are, crashes, two engines: the next run completes what was left,
//! nothing twice.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::harness::{Sandbox, assert_adds_up};

pub(crate) async fn assert_nothing_twice(sandbox: &Sandbox) {
    for (kinds, field) in [
        (&["invoice", "creditMemo"][..], "custbodyzuoraid"),
        (&["customer"][..], "custentityzuoraid"),
        (&["serviceSaleItem"][..], "custitemzuoraid"),
    ] {
        let mut seen = BTreeSet::new();
        for kind in kinds {
            for record in sandbox.records("netsuite", kind).await {
                assert!(seen.insert(record[field].to_string()), "{kind} {} stands twice", record[field]);
            }
        }
    }
}

/// How many documents there are.
pub(crate) async fn documents(sandbox: &Sandbox) -> (usize, usize) {
    (sandbox.records("netsuite", "invoice").await.len(), sandbox.records("netsuite", "creditMemo").await.len())
}

/// The books as they should be: those of a run without faults over the same seed.
pub(crate) async fn undisturbed() -> (usize, usize) {
    let sandbox = Sandbox::generated(60).await;
    sandbox.run().await;
    documents(&sandbox).await
}

/// A run under a fault and one without.
async fn struck(application: &'static str, rule: Value) -> (String, Sandbox) {
    let sandbox = Sandbox::generated(60).await;
    sandbox.faults(application, json!([rule])).await;
    assert_adds_up(&sandbox.run().await);
    assert_nothing_twice(&sandbox).await;
    sandbox.no_faults(application).await;
    assert_adds_up(&sandbox.run().await);
    assert_nothing_twice(&sandbox).await;
    (rule["kind"].to_string(), sandbox)
}

/// The same for several rules at once: most of the time is waiting.
async fn struck_by_each(application: &'static str, rules: impl Iterator<Item = Value>) -> Vec<(String, Sandbox)> {
    rules.map(|rule| struck(application, rule)).collect::<JoinSet<_>>().join_all().await
}

#[tokio::test]
async fn however_hard_netsuite_is_struck_the_books_end_the_same_and_nothing_stands_twice() {
    let expected = undisturbed().await;
    let kinds = ["refuse", "drop_answer", "429", "500", "503", "row_error", "slow"];
    let rules = kinds
        .map(|kind| json!({ "path": "/services/rest/record/v1/**", "kind": kind, "percent": 20, "seed": 3, "ms": 1 }));
    for (kind, sandbox) in struck_by_each("netsuite", rules.into_iter()).await {
        assert_eq!(documents(&sandbox).await, expected, "after {kind}");
    }
}

#[tokio::test]
async fn however_hard_the_marks_are_struck_the_books_end_the_same_and_nothing_stands_twice() {
    let expected = undisturbed().await;
    let kinds = ["refuse", "drop_answer", "429", "500", "503", "row_error"];
    // `ms` shortens Zuora's own two minutes of Retry-After.
    let rules =
        kinds.map(|kind| json!({ "path": "/v1/action/update", "kind": kind, "percent": 40, "seed": 3, "ms": 1 }));
    for (kind, sandbox) in struck_by_each("zuora", rules.into_iter()).await {
        assert_eq!(documents(&sandbox).await, expected, "after {kind}");
        for invoice in sandbox.records("zuora", "Invoice").await {
            let status = invoice["IntegrationStatus__NS"].as_str().unwrap_or_default();
            assert!(!status.starts_with("Creating"), "{kind} left {invoice}");
        }
    }
}

#[tokio::test]
async fn a_journal_that_is_deleted_in_the_middle_of_a_run_loses_and_doubles_nothing() {
    let expected = undisturbed().await;
    let sandbox = Sandbox::generated(60).await;
    // One create whose answer takes a second: the run cannot end before its journal is gone.
    let path = "/services/rest/record/v1/invoice";
    sandbox
        .faults("netsuite", json!([{ "method": "POST", "path": path, "kind": "slow", "ms": 1_000, "nth": 20 }]))
        .await;
    let mut run = sandbox.command("run", &[]).stdout(Stdio::null()).spawn().unwrap();
    while sandbox.struck("netsuite").await == 0 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended before its journal could be deleted");
    }
    sandbox.delete_journal();
    assert!(run.wait().await.unwrap().success());
    assert_nothing_twice(&sandbox).await;
    assert_eq!(documents(&sandbox).await, expected);
    let log = sandbox.ask("log", &["--json"]).await.json();
    assert!(!log.as_array().unwrap().is_empty(), "the journal was not begun anew");
}

#[tokio::test]
async fn two_engines_at_once_write_nothing_twice() {
    let sandbox = Sandbox::generated(60).await;
    let expected = undisturbed().await;
    let (first, second) = tokio::join!(sandbox.ask("run", &["--json"]), sandbox.ask("run", &["--json"]));
    for report in [first.json(), second.json()] {
        assert_adds_up(&report);
    }
    sandbox.run().await;
    assert_nothing_twice(&sandbox).await;
    assert_eq!(documents(&sandbox).await, expected);
}

#[tokio::test]
async fn a_mark_is_written_before_the_record_and_the_four_fields_change_together() {
    let sandbox = Sandbox::generated(10).await;
    // All invoices are announced, none is written: the engine dies, as it were, between mark and write.
    let rules = json!([{ "method": "POST", "path": "/services/rest/record/v1/invoice", "kind": "refuse" }]);
    sandbox.faults("netsuite", rules).await;
    sandbox.run().await;
    let marked: Vec<Value> = sandbox.records("zuora", "Invoice").await;
    let creating = marked.iter().filter(|invoice| invoice["IntegrationStatus__NS"] == "Creating Invoice");
    for invoice in creating.clone() {
        assert_eq!(invoice["TransferredToAccounting"], "Processing");
        assert!(invoice["IntegrationId__NS"].is_null(), "{invoice}");
    }
    assert!(creating.count() > 0);
    sandbox.no_faults("netsuite").await;
    sandbox.run().await;
    let done = sandbox.synced_invoice().await;
    assert_eq!(done["TransferredToAccounting"], "Yes");
    assert!(done["SyncDate__NS"].is_string() && done["IntegrationId__NS"].is_string(), "{done}");
}

#[tokio::test]
async fn a_write_whose_outcome_was_not_known_is_taken_up_again_in_the_same_run() {
    let sandbox = Sandbox::generated(20).await;
    let rules = json!([{ "method": "POST", "path": "/services/rest/record/v1/invoice", "kind": "500", "nth": 2 }]);
    sandbox.faults("netsuite", rules).await;
    let report = sandbox.run().await;
    assert_adds_up(&report);
    let unknown = sandbox.ask("log", &["--json"]).await.json();
    let unknown: Vec<&Value> =
        unknown.as_array().unwrap().iter().filter(|line| line["what"] == "write: unknown").collect();
    assert_eq!(unknown.len(), 1);
    let invoice = sandbox.invoice(unknown[0]["record"].as_str().unwrap()).await;
    assert_eq!(invoice["IntegrationStatus__NS"], "Sync Complete");
    assert_nothing_twice(&sandbox).await;
}

#[tokio::test]
async fn a_flow_whose_source_cannot_be_read_is_stopped_and_says_why_and_the_next_run_goes_on() {
    let sandbox = Sandbox::generated(20).await;
    // A refusal is not repeated, as a time-out would be.
    sandbox.faults("zuora", json!([{ "method": "POST", "path": "/v1/action/query", "kind": "403", "nth": 5 }])).await;
    let ran = sandbox.ask("run", &["--json"]).await;
    sandbox.no_faults("zuora").await;
    assert_eq!(ran.code, Some(1));
    let report = ran.json();
    let stopped: Vec<&Value> =
        report["flows"].as_array().unwrap().iter().filter(|flow| !flow["stopped"].is_null()).collect();
    assert_eq!(stopped.len(), 1, "{report}");
    assert!(stopped[0]["stopped"].as_str().unwrap().contains("permission"), "{report}");
    assert_adds_up(&sandbox.run().await);
    assert_nothing_twice(&sandbox).await;
}
