//! A second engine, started by mistake on another machine with a journal of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use super::harness::{BINARY, Sandbox, assert_adds_up};
use super::recovery::{assert_nothing_twice, documents, undisturbed};

async fn ask(config: &Path, command: &str) -> Value {
    let mut engine = Command::new(BINARY);
    engine.args([command, "--json", "--config"]).arg(config).stderr(Stdio::piped()).kill_on_drop(true);
    let output = engine.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The lines of a log that tell of somebody else, by what is said to be done about it.
fn told(log: &Value) -> (Vec<&Value>, Vec<&Value>) {
    let lines = log.as_array().unwrap().iter();
    let of_others = lines.filter(|line| line["text"].as_str().unwrap().contains("somebody else made it"));
    of_others.partition(|line| !line["remedy"].is_null())
}

#[tokio::test]
async fn two_engines_with_two_journals_write_nothing_twice_and_the_log_says_that_somebody_else_is_writing() {
    let sandbox = Sandbox::generated(60).await;
    let expected = undisturbed().await;
    // Both have read and searched before either has marked and written.
    let late = |path: &str| json!([{ "method": "POST", "path": path, "kind": "late", "ms": 1_000, "percent": 100 }]);
    sandbox.faults("zuora", late("/v1/action/update")).await;
    sandbox.faults("netsuite", late("/services/rest/record/v1/*")).await;
    let (here, there) = (sandbox.config(), sandbox.folder.path().join("there.toml"));
    let text = std::fs::read_to_string(&here).unwrap();
    std::fs::write(&there, text.replacen("counterfoil.sqlite", "there.sqlite", 1)).unwrap();
    let until_the_first_is_written = async {
        while sandbox.calls("netsuite", "POST", "/record/v1/").await == 0 {}
        sandbox.no_faults("zuora").await;
        sandbox.no_faults("netsuite").await;
    };
    let (first, second, ()) = tokio::join!(ask(&here, "run"), ask(&there, "run"), until_the_first_is_written);
    let (mut warned, mut made) = (0, BTreeSet::new());
    for (report, config) in [(first, &here), (second, &there)] {
        assert_adds_up(&report);
        let log = ask(config, "log").await;
        let (asking, plain) = told(&log);
        assert_eq!(asking.len(), usize::from(report["somebody_else_writes"] == true), "{log}");
        assert!(plain.is_empty() || !asking.is_empty());
        for line in &asking {
            assert_eq!(
                (line["cause"].as_str(), line["what"].as_str()),
                (Some("configuration"), Some("found")),
                "{line}"
            );
            assert!(line["remedy"].as_str().unwrap().contains("stop one of the two"), "{line}");
            assert!(line["outlook"].is_null(), "what is in sync is not tried again: {line}");
        }
        warned += asking.len();
        for line in log.as_array().unwrap().iter().filter(|line| line["what"] == "created") {
            assert!(made.insert((line["flow"].to_string(), line["source_id"].to_string())), "made by both: {line}");
        }
    }
    assert!(warned > 0, "neither engine saw the other");
    sandbox.run().await;
    assert_nothing_twice(&sandbox).await;
    assert_eq!(documents(&sandbox).await, expected);
}

#[tokio::test]
async fn an_engine_that_is_alone_sees_nobody_else_however_often_its_answers_are_lost() {
    let sandbox = Sandbox::generated(30).await;
    let rules = ["drop_answer", "500", "row_error"].map(
        |kind| json!({ "method": "POST", "path": "/services/rest/record/v1/**", "kind": kind, "percent": 25, "seed": 5 }),
    );
    sandbox.faults("netsuite", json!(rules)).await;
    for _ in 0..2 {
        assert_eq!(sandbox.run().await["somebody_else_writes"], false);
    }
    assert!(sandbox.struck("netsuite").await > 10);
    sandbox.no_faults("netsuite").await;
    let report = sandbox.run().await;
    assert_eq!(report["somebody_else_writes"], false);
    let log = sandbox.ask("log", &["--json"]).await.json();
    assert_eq!(told(&log), (Vec::new(), Vec::new()));
}
