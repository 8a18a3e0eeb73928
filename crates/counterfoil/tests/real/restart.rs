//! An application that is restarted in the middle of a run: port and connections closed, calls under way lost, and back
//! after a while with all that it holds.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::harness::{Sandbox, assert_adds_up, total};
use super::oracle;

/// Restarts an application when so many creates are under way, each of which takes a moment.
async fn restarted(application: &'static str, milliseconds: u64) -> (Sandbox, Value) {
    let sandbox = Sandbox::generated(60).await;
    let slow = json!([{ "method": "POST", "path": "/services/rest/record/v1/{type}", "kind": "slow", "ms": 40 }]);
    sandbox.faults("netsuite", slow).await;
    let mut run = sandbox.command("run", &["--json"]).spawn().unwrap();
    while sandbox.struck("netsuite").await < 60 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended too early");
    }
    let url = format!("{}/_sandbox/restart", sandbox.url(application));
    let answer = sandbox.http.post(url).body(json!({ "ms": milliseconds }).to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let output = run.wait_with_output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(output.status.code(), Some(0), "{application}: {said}");
    (sandbox, serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn a_run_goes_on_by_itself_when_an_application_is_restarted_and_nothing_is_lost_or_doubled() {
    let calm = Sandbox::generated(60).await;
    calm.run().await;
    let expected = oracle::without_ids(oracle::holdings(&calm).await);
    let restarts = [("netsuite", 0), ("netsuite", 1_500), ("zuora", 0), ("zuora", 1_500)];
    let restarts = restarts.map(|(application, milliseconds)| restarted(application, milliseconds));
    for (sandbox, report) in restarts.into_iter().collect::<JoinSet<_>>().join_all().await {
        assert_adds_up(&report);
        oracle::assert_right(&sandbox).await;
        let again = sandbox.run().await;
        assert_adds_up(&again);
        oracle::assert_right(&sandbox).await;
        assert_eq!(oracle::without_ids(oracle::holdings(&sandbox).await), expected);
        assert_eq!(total(&sandbox.run().await, "created"), 0);
    }
}
