//! What concerns an application as a whole, in the middle of a run between Nue and Salesforce: said once, waited for where
//! waiting helps, and gone on with.

use std::process::Output;

use serde_json::{Value, json};
use tokio::process::Child;

use crate::harness::{Sandbox, assert_adds_up, total};

const ALL: &str = "/services/data/**";

async fn pair() -> Sandbox {
    Sandbox::start(&["--pair", "salesforce-nue", "--records", "120", "--seed", "7"]).await
}

/// A run that has begun to write, and is slow to go on.
async fn in_the_middle(sandbox: &Sandbox) -> Child {
    sandbox.faults("salesforce", json!([{ "method": "PATCH", "path": ALL, "kind": "slow", "ms": 150 }])).await;
    sandbox.faults("nue", json!([{ "kind": "slow", "ms": 50 }])).await;
    let mut run = sandbox.command("run", &["--json"]).spawn().unwrap();
    while sandbox.calls("salesforce", "PATCH", "/composite/").await < 3 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended too early");
    }
    run
}

async fn ended(run: Child) -> (Option<i32>, Value, String) {
    let Output { status, stdout, stderr } = run.wait_with_output().await.unwrap();
    (status.code(), serde_json::from_slice(&stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// What the log says of applications as a whole, in its order; and whether a record is blamed for it. One that was announced
/// before, and could not be written then, waits: its line says why, and it is no warning.
async fn told(sandbox: &Sandbox, cause: &str) -> (Vec<String>, bool) {
    let log = sandbox.ask("log", &["--json", "--limit", "100000"]).await.json();
    let lines = log.as_array().unwrap();
    let of_all = lines.iter().filter(|line| ["paused", "resumed", "stopped"].map(Value::from).contains(&line["what"]));
    let of_all = of_all.map(|line| format!("{} {} {}", line["record"], line["what"], line["cause"]).replace('"', ""));
    let blamed = lines.iter().any(|line| line["what"] == "warned" && line["source_id"] != "" && line["cause"] == cause);
    (of_all.collect(), blamed)
}

/// Waits until the log has told of a pause, while it lasts.
async fn paused(sandbox: &Sandbox, run: &mut Child, line: &str) {
    while !told(sandbox, "").await.0.iter().any(|told| told == line) {
        assert!(run.try_wait().unwrap().is_none(), "the run ended without a word of the pause");
    }
}

/// How many records of each kind Salesforce has, and how many are said to be in sync.
async fn books(sandbox: &Sandbox) -> Vec<usize> {
    let mut books = Vec::new();
    for object in ["Account", "Ruby__Invoice__c", "Ruby__InvoiceItem__c", "Ruby__CreditMemo__c", "Ruby__DebitMemo__c"] {
        books.push(sandbox.fields("salesforce", object, &["Id"]).await.len());
    }
    let marks = sandbox.fields("salesforce", "Counterfoil_Mark__c", &["Integration_Status__c"]).await;
    books.push(marks.iter().filter(|mark| mark["Integration_Status__c"] == "Sync Complete").count());
    books
}

async fn undisturbed() -> Vec<usize> {
    let sandbox = pair().await;
    assert_adds_up(&sandbox.run().await);
    books(&sandbox).await
}

/// What was wrong is over: one more run makes the books those of a run in which nothing was wrong.
async fn assert_whole_after_one_more_run(sandbox: &Sandbox) {
    sandbox.no_faults("salesforce").await;
    sandbox.no_faults("nue").await;
    assert_adds_up(&sandbox.run().await);
    assert_eq!(books(sandbox).await, undisturbed().await);
}

/// The run is over, went well, and the application was paused once for it.
async fn assert_went_on(sandbox: &Sandbox, run: Child, application: &str, cause: &str) {
    let (code, report, complaint) = ended(run).await;
    assert_eq!(code, Some(0), "{complaint}");
    assert_adds_up(&report);
    let expected = vec![format!("{application} paused {cause}"), format!("{application} resumed null")];
    assert_eq!(told(sandbox, cause).await, (expected, false));
    assert_eq!(complaint.matches("its requests wait").count(), 1, "{complaint}");
    assert_eq!(books(sandbox).await, undisturbed().await);
}

/// The run stopped for a reason that was told once; no record is blamed for it, and no place is lost.
async fn assert_stopped(sandbox: &Sandbox, run: Child, application: &str, cause: &str) -> Value {
    let (code, report, complaint) = ended(run).await;
    assert_eq!(code, Some(1), "{complaint}");
    assert_eq!(told(sandbox, cause).await, (vec![format!("{application} paused {cause}")], false));
    let stopped = report["flows"].as_array().unwrap().iter().filter(|flow| !flow["stopped"].is_null());
    assert!(stopped.count() > 0, "{report}");
    report
}

#[tokio::test]
async fn an_org_that_is_read_only_for_a_while_is_announced_once_asked_by_a_write_and_gone_on_with() {
    let sandbox = pair().await;
    let mut run = in_the_middle(&sandbox).await;
    sandbox.settings("salesforce", json!({ "maintenance": true })).await;
    paused(&sandbox, &mut run, "salesforce paused maintenance").await;
    // While only writes are refused every read is answered: none of them may open the gate.
    let asked = sandbox.calls("salesforce", "PATCH", "/composite/sobjects").await;
    while sandbox.calls("salesforce", "PATCH", "/composite/sobjects").await < asked + 2 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended in the middle of the maintenance");
    }
    sandbox.settings("salesforce", json!({ "maintenance": false })).await;
    assert_went_on(&sandbox, run, "salesforce", "maintenance").await;
}

#[tokio::test]
async fn nue_that_answers_503_for_a_while_is_announced_once_and_gone_on_with() {
    let sandbox = pair().await;
    let mut run = in_the_middle(&sandbox).await;
    sandbox.faults("nue", json!([{ "kind": "maintenance" }])).await;
    paused(&sandbox, &mut run, "nue paused maintenance").await;
    sandbox.no_faults("nue").await;
    assert_went_on(&sandbox, run, "nue", "maintenance").await;
}

#[tokio::test]
async fn the_days_limit_stops_the_run_at_once_says_when_to_come_again_and_loses_no_place() {
    let sandbox = pair().await;
    let run = in_the_middle(&sandbox).await;
    sandbox.settings("salesforce", json!({ "daily_api_requests_used": 100_000 })).await;
    let report = assert_stopped(&sandbox, run, "salesforce", "api-limit").await;
    let pause = &report["pauses"][0];
    // Whichever comes first: the vendor's refusal, or its word to an earlier call that nothing is left.
    let text = pause["text"].as_str().unwrap();
    assert!(
        text.contains("[REQUEST_LIMIT_EXCEEDED]") || text.contains("of the day's 100000 calls are used"),
        "{pause}"
    );
    assert_eq!(pause["outlook"]["retry"], "by a run in 60 min or later");
    // Nobody slept for hours, and nobody went on asking: each of the few flows may have had its last call under way.
    let refused =
        report["calls_by_path"]["salesforce"].as_array().unwrap().iter().filter(|call| call["status"] == "403");
    assert!(refused.map(|call| call["count"].as_u64().unwrap()).sum::<u64>() <= 10, "{report}");
    sandbox.settings("salesforce", json!({ "daily_api_requests_used": 0 })).await;
    assert_whole_after_one_more_run(&sandbox).await;
}

#[tokio::test]
async fn a_key_of_nues_that_expires_in_the_middle_of_a_run_is_told_once_and_the_next_run_goes_on() {
    let sandbox = pair().await;
    sandbox.edit_config(|text| text.replace("[nue]\n", "[nue]\npatience_seconds = 1\n"));
    let run = in_the_middle(&sandbox).await;
    sandbox.settings("nue", json!({ "keyExpired": true })).await;
    assert_stopped(&sandbox, run, "nue", "authentication").await;
    sandbox.settings("nue", json!({ "keyExpired": false })).await;
    assert_whole_after_one_more_run(&sandbox).await;
}

#[tokio::test]
async fn a_key_of_nues_that_is_valid_again_within_the_patience_is_gone_on_with() {
    let sandbox = pair().await;
    let mut run = in_the_middle(&sandbox).await;
    sandbox.settings("nue", json!({ "keyExpired": true })).await;
    paused(&sandbox, &mut run, "nue paused authentication").await;
    sandbox.settings("nue", json!({ "keyExpired": false })).await;
    assert_went_on(&sandbox, run, "nue", "authentication").await;
}

#[tokio::test]
async fn a_session_that_is_revoked_once_is_replaced_without_a_word_and_one_that_always_is_is_told() {
    let sandbox = pair().await;
    let run = in_the_middle(&sandbox).await;
    let slow = json!({ "method": "PATCH", "path": ALL, "kind": "slow", "ms": 150 });
    sandbox.faults("salesforce", json!([slow, { "path": ALL, "kind": "expired_token", "times": 1 }])).await;
    let (code, report, complaint) = ended(run).await;
    assert_eq!((code, told(&sandbox, "authentication").await), (Some(0), (vec![], false)), "{complaint}");
    assert_eq!((&report["pauses"], sandbox.calls("salesforce", "POST", "/oauth2/token").await), (&json!([]), 2));
    assert!(!complaint.contains("authentication"), "{complaint}");
    assert_eq!(books(&sandbox).await, undisturbed().await);

    let sandbox = pair().await;
    sandbox.edit_config(|text| text.replace("[salesforce]\n", "[salesforce]\npatience_seconds = 1\n"));
    let run = in_the_middle(&sandbox).await;
    sandbox.faults("salesforce", json!([{ "path": ALL, "kind": "401" }])).await;
    assert_stopped(&sandbox, run, "salesforce", "authentication").await;
    assert_whole_after_one_more_run(&sandbox).await;
}

#[tokio::test]
async fn a_user_that_is_deactivated_in_the_middle_of_a_run_stops_it_after_two_log_ins_and_blames_no_record() {
    let sandbox = pair().await;
    let run = in_the_middle(&sandbox).await;
    let before = sandbox.calls("salesforce", "POST", "/oauth2/token").await;
    sandbox.settings("salesforce", json!({ "user_active": false })).await;
    let report = assert_stopped(&sandbox, run, "salesforce", "authentication").await;
    // Whoever goes on trying locks the user out.
    assert_eq!(sandbox.calls("salesforce", "POST", "/oauth2/token").await - before, 2, "{report}");
    assert!(report["pauses"][0]["text"].as_str().unwrap().contains("inactive user [invalid_grant]"), "{report}");
    sandbox.settings("salesforce", json!({ "user_active": true })).await;
    assert!(total(&report, "warned") < 50, "{report}");
    assert_whole_after_one_more_run(&sandbox).await;
}
