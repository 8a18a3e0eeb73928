//! An application that is down as a whole: announced once, asked, and gone on with; never record by record.

use std::process::Output;

use serde_json::{Value, json};
use tokio::process::Child;

use super::harness::{Sandbox, assert_adds_up, total};

/// A run that has begun to write: so many records were sent to NetSuite. It is slow, so that it stays in the middle.
async fn in_the_middle(sandbox: &Sandbox, sent: u64) -> Child {
    let slow = json!([{ "method": "POST", "path": "/services/rest/record/v1/*", "kind": "slow", "ms": 50 }]);
    sandbox.faults("netsuite", slow).await;
    let mut run = sandbox.command("run", &["--json"]).spawn().unwrap();
    while sandbox.calls("netsuite", "POST", "/record/").await < sent {
        assert!(run.try_wait().unwrap().is_none(), "the run ended too early");
    }
    run
}

async fn ended(run: Child) -> (Option<i32>, Value, String) {
    let Output { status, stdout, stderr } = run.wait_with_output().await.unwrap();
    (status.code(), serde_json::from_slice(&stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

async fn log(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.ask("log", &["--json", "--limit", "100000"]).await.json().as_array().unwrap().clone()
}

/// What the log tells of pauses: application, what, cause.
fn pauses(log: &[Value]) -> Vec<String> {
    let pauses = log.iter().filter(|line| line["kind"] == "pause");
    pauses.map(|line| format!("{} {} {}", line["record"], line["what"], line["cause"]).replace('"', "")).collect()
}

#[tokio::test]
async fn a_maintenance_window_in_the_middle_of_a_run_is_announced_once_and_the_run_goes_on_and_completes() {
    let calm = Sandbox::generated(60).await;
    let expected = calm.run().await;

    let sandbox = Sandbox::generated(60).await;
    let mut run = in_the_middle(&sandbox, 20).await;
    sandbox.faults("netsuite", json!([{ "path": "/services/rest/**", "kind": "maintenance", "until": 3_000 }])).await;
    // Told while it lasts, not afterwards.
    while pauses(&log(&sandbox).await) != ["netsuite paused maintenance"] {
        assert!(run.try_wait().unwrap().is_none(), "the run ended without a word of the pause");
    }
    let (code, report, complaint) = ended(run).await;
    assert_eq!(code, Some(0), "{complaint}");
    assert_adds_up(&report);
    assert_eq!(report["pauses"].as_array().unwrap().len(), 1, "{}", report["pauses"]);
    let pause = &report["pauses"][0];
    assert_eq!((&pause["application"], &pause["cause"]), (&json!("netsuite"), &json!("maintenance")));
    assert!(pause["until"].is_string() && pause["text"].as_str().unwrap().contains("maintenance"), "{pause}");
    assert_eq!(complaint.matches("its requests wait").count(), 1, "{complaint}");
    for count in ["read", "warned", "deferred", "skipped"] {
        assert_eq!(total(&report, count), total(&expected, count), "{count}: {report}");
    }
    let log = log(&sandbox).await;
    assert_eq!(pauses(&log), ["netsuite paused maintenance", "netsuite resumed null"]);
    assert!(!log.iter().any(|line| line["what"] == "warned" && line["cause"] == "maintenance"));
    for kind in ["invoice", "creditMemo", "customer", "serviceSaleItem"] {
        let (held, wanted) =
            (sandbox.records("netsuite", kind).await.len(), calm.records("netsuite", kind).await.len());
        assert_eq!(held, wanted, "{kind}");
    }
    let status = sandbox.ask("status", &[]).await.out;
    assert!(status.contains("paused: netsuite"), "{status}");
}

#[tokio::test]
async fn credentials_that_are_refused_are_said_once_and_the_run_ends() {
    let sandbox = Sandbox::generated(60).await;
    let secret = sandbox.access["zuora"]["client_secret"].as_str().unwrap().to_owned();
    sandbox.edit_config(|text| text.replace(&secret, "0000"));
    let ran = sandbox.ask("run", &["--json"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("(authentication)") && ran.err.contains("docs/errors/authentication.md"), "{}", ran.err);
    assert_eq!(sandbox.calls("zuora", "POST", "/oauth/token").await, 2);
    let log = log(&sandbox).await;
    assert_eq!((pauses(&log), log.len()), (vec!["zuora paused authentication".to_owned()], 1), "{log:?}");
}

/// Whatever refuses every call from the middle of a run on: one pause, every flow stopped by it, and no record blamed.
async fn assert_stops_as_a_whole(sandbox: &Sandbox, run: Child, cause: &str) {
    let (code, report, complaint) = ended(run).await;
    assert_eq!(code, Some(1), "{complaint}");
    let pauses_told = report["pauses"].as_array().unwrap();
    assert_eq!(pauses_told.len(), 1, "{pauses_told:?}");
    assert_eq!((&pauses_told[0]["cause"], &pauses_told[0]["until"]), (&json!(cause), &Value::Null));
    let invoices = report["flows"].as_array().unwrap().last().unwrap();
    assert!(invoices["stopped"].as_str().unwrap().contains(cause), "{invoices}");
    assert_eq!((&invoices["read"], &invoices["warnings"]), (&invoices["skipped"], &json!([])), "{invoices}");
    assert_eq!(invoices["stopped_outlook"]["page"], json!(format!("docs/errors/{cause}.md")));
    assert_eq!(pauses(&log(sandbox).await), [format!("netsuite paused {cause}")]);
}

#[tokio::test]
async fn credentials_that_are_withdrawn_in_the_middle_of_a_run_stop_it_and_blame_no_record() {
    let sandbox = Sandbox::generated(1_000).await;
    let run = in_the_middle(&sandbox, 20).await;
    sandbox.faults("netsuite", json!([{ "path": "/services/rest/**", "kind": "401" }])).await;
    assert_stops_as_a_whole(&sandbox, run, "authentication").await;
}

#[tokio::test]
async fn a_permission_that_is_withdrawn_altogether_pauses_the_application_and_stops_the_run() {
    let sandbox = Sandbox::generated(1_000).await;
    sandbox.edit_config(|text| text.replace("[netsuite]\n", "[netsuite]\npatience_seconds = 3\n"));
    let run = in_the_middle(&sandbox, 20).await;
    sandbox.faults("netsuite", json!([{ "path": "/services/rest/**", "kind": "403" }])).await;
    assert_stops_as_a_whole(&sandbox, run, "permission").await;
    sandbox.no_faults("netsuite").await;
    assert_adds_up(&sandbox.run().await);
}

#[tokio::test]
async fn a_permission_that_is_missing_for_one_object_pauses_nothing_and_the_other_objects_go_on() {
    let sandbox = Sandbox::generated(60).await;
    let rule = json!([{ "method": "POST", "path": "/services/rest/record/v1/customer", "kind": "403" }]);
    sandbox.faults("netsuite", rule).await;
    let report = sandbox.run().await;
    assert_adds_up(&report);
    assert_eq!(report["pauses"], json!([]));
    assert!(!sandbox.records("netsuite", "serviceSaleItem").await.is_empty());
    let log = sandbox.ask("log", &["--json", "--cause", "permission"]).await.json();
    let warned = log.as_array().unwrap().iter().find(|line| line["what"] == "warned").unwrap();
    let outlook = json!({
        "group": "integration", "retry": "once it is mended", "mender": "the application's administrator",
        "page": "docs/errors/permission.md",
    });
    assert_eq!(warned["outlook"], outlook);
}
