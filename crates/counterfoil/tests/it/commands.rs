//! The commands as people use them.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use super::harness::{BINARY, Sandbox, assert_adds_up, flow, total};

#[tokio::test]
async fn the_demo_shows_warnings_and_recovery_and_both_sides_agree() {
    for seed in ["1", "2", "3"] {
        let demo = Command::new(BINARY).args(["demo", "--records", "120", "--seed", seed]).output().await.unwrap();
        let out = String::from_utf8(demo.stdout).unwrap();
        assert_eq!(demo.status.code(), Some(0), "seed {seed}: {out}{}", String::from_utf8(demo.stderr).unwrap());
        assert!(out.ends_with("Both sides of both pairs agree to the cent.\n"), "{out}");
        for pair in ["Zuora: Sync Complete", "Nue: Sync Complete"] {
            assert!(out.contains(pair), "{out}");
        }
        assert!(out.contains("[validation]") && out.contains("next:"), "{out}");
    }
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_foresees_what_the_run_then_does() {
    let sandbox = Sandbox::generated(60).await;
    let forecast = sandbox.ask("run", &["--dry-run", "--json"]).await.json();
    assert_eq!(sandbox.calls("zuora", "POST", "/v1/action/update").await, 0);
    for method in ["POST", "PATCH", "PUT", "DELETE"] {
        assert_eq!(sandbox.calls("netsuite", method, "/services/rest/record").await, 0);
    }
    assert_adds_up(&forecast);
    let run = sandbox.run().await;
    assert_adds_up(&run);
    for (foreseen, done) in forecast["flows"].as_array().unwrap().iter().zip(run["flows"].as_array().unwrap()) {
        for count in ["name", "read", "created", "updated", "found", "warned", "deferred", "skipped"] {
            assert_eq!(foreseen[count], done[count], "{count} of {}", done["name"]);
        }
        assert_eq!(foreseen["sums"]["source"], done["sums"]["source"]);
        let texts = |flow: &Value| {
            let warnings = flow["warnings"].as_array().unwrap();
            let mut texts: Vec<String> = warnings.iter().map(|warning| warning["text"].to_string()).collect();
            texts.sort();
            texts
        };
        assert_eq!(texts(foreseen), texts(done));
    }
}

#[tokio::test]
async fn a_run_that_would_create_too_much_stops_before_its_first_mark() {
    for limit in ["max_creates = 5", "max_amount = \"10.00\""] {
        let sandbox = Sandbox::generated(30).await;
        sandbox.edit_config(|text| format!("{text}\n[limits]\n{limit}\n"));
        let ran = sandbox.ask("run", &["--json"]).await;
        assert_eq!(ran.code, Some(1));
        assert!(ran.err.contains("stopped before the first mark"), "{}", ran.err);
        assert_eq!(sandbox.calls("zuora", "POST", "/v1/action/update").await, 0);
    }
}

#[tokio::test]
async fn bad_records_are_warnings_with_cause_and_remedy_and_never_stop_the_others() {
    let sandbox = Sandbox::generated(60).await;
    let report = sandbox.run().await;
    assert!(total(&report, "warned") > 0 && total(&report, "created") > 60, "{report}");
    let log = sandbox.ask("log", &["--json", "--cause", "validation"]).await.json();
    let warned: Vec<&Value> = log.as_array().unwrap().iter().filter(|line| line["what"] == "warned").collect();
    assert_eq!(warned.len() as u64, total(&report, "warned"));
    for line in warned {
        assert!(line["remedy"].is_string() && !line["text"].as_str().unwrap().is_empty(), "{line}");
    }
}

#[tokio::test]
async fn explain_tells_where_each_kind_of_record_stands() {
    let sandbox = Sandbox::generated(60).await;
    let explain =
        async |object: &str, record: &str| sandbox.ask("explain", &[object, record, "--json"]).await.json()[0].clone();
    let posted = sandbox.records("zuora", "Invoice").await;
    let number = |status: &str| {
        posted.iter().find(|invoice| invoice["Status"] == status).unwrap()["InvoiceNumber"].as_str().unwrap().to_owned()
    };
    let draft = explain("zuora.invoice", &number("Draft")).await;
    assert!(draft["not_selected_because"].to_string().contains("Status is 'Posted'"), "{draft}");
    sandbox.run().await;
    let synced = sandbox.synced_invoice().await;
    let synced = explain("zuora.invoice", synced["InvoiceNumber"].as_str().unwrap()).await;
    assert_eq!(synced["next_run"], "skipped");
    assert_eq!(synced["marks"]["IntegrationStatus__NS"], "Sync Complete");
    let by_id = explain("zuora.invoice", synced["id"].as_str().unwrap()).await;
    assert_eq!(by_id, synced);
    let log = sandbox.ask("log", &["--json"]).await.json();
    let waits = |line: &&Value| line["what"] == "deferred" && line["flow"].as_str().unwrap().contains("invoice");
    let waiting = log.as_array().unwrap().iter().find(waits).unwrap().clone();
    let waiting = explain("zuora.invoice", waiting["record"].as_str().unwrap()).await;
    assert_eq!(waiting["next_run"], "deferred");
    assert!(waiting["text"].as_str().unwrap().contains("not in sync with netsuite yet"), "{waiting}");
    let nobody = sandbox.ask("explain", &["zuora.invoice", "INV99999999"]).await;
    assert_eq!(nobody.code, Some(1));
    let nothing = sandbox.ask("explain", &["zuora.unicorn", "1"]).await;
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.err.contains("zuora.invoice"), "{}", nothing.err);
}

#[tokio::test]
async fn status_counts_what_is_due_and_names_the_last_runs() {
    let sandbox = Sandbox::generated(20).await;
    let count = |status: &Value, flow: &str, of: &str| {
        let flows = status["flows"].as_array().unwrap();
        let found = flows.iter().find(|found| found["flow"].as_str().unwrap().starts_with(flow)).unwrap();
        found["statuses"][of].as_u64().unwrap_or(0)
    };
    let before = sandbox.ask("status", &["--json"]).await.json();
    let blank = count(&before, "zuora.invoice", "");
    assert!(blank > 0, "{before}");
    let report = sandbox.run().await;
    let after = sandbox.ask("status", &["--json"]).await.json();
    assert_eq!(blank - count(&after, "zuora.invoice", ""), flow(&report, "zuora.invoice")["created"].as_u64().unwrap());
    assert_eq!(after["runs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_flow_can_be_run_alone_and_its_records_wait_for_their_parents() {
    let sandbox = Sandbox::generated(20).await;
    let report = sandbox.ask("run", &["zuora.invoice", "--json"]).await.json();
    assert_eq!(report["flows"].as_array().unwrap().len(), 1);
    assert_eq!(total(&report, "created"), 0);
    assert!(total(&report, "deferred") > 0, "{report}");
    for waits in report["flows"][0]["warnings"].as_array().unwrap().iter().filter(|end| end["outcome"] == "deferred") {
        assert!(waits["text"].as_str().unwrap().starts_with("waits: ") && waits["next"].is_string(), "{waits}");
        assert!(waits["cause"].is_null(), "what a parent lacks is held against its child: {waits}");
    }
}

#[tokio::test]
async fn token_based_authentication_works_as_well_as_the_certificate() {
    let sandbox = Sandbox::generated(10).await;
    let access = sandbox.access["netsuite"].clone();
    sandbox.edit_config(|text| {
        let (before, rest) = text.split_once("[netsuite.oauth2]").unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        let keys = ["consumer_key", "consumer_secret", "token_id", "token_secret"];
        let lines: String = keys.iter().map(|key| format!("{key} = {}\n", access[*key])).collect();
        format!("{before}[netsuite.token_based]\n{lines}\n{after}")
    });
    let report = sandbox.run().await;
    assert_adds_up(&report);
    assert!(total(&report, "created") > 10, "{report}");
}

#[tokio::test]
async fn a_refused_mark_means_no_write() {
    let sandbox = Sandbox::generated(10).await;
    sandbox.faults("zuora", json!([{ "method": "POST", "path": "/v1/action/update", "kind": "row_error" }])).await;
    let report = sandbox.run().await;
    let marks = sandbox.calls("zuora", "POST", "/v1/action/update").await;
    let refused = report["flows"].to_string().matches("source refused the mark").count() as u64;
    assert!(marks > 0 && refused > 0, "{report}");
    sandbox.no_faults("zuora").await;
    let held: usize = sandbox.records("netsuite", "customer").await.len();
    let accounts = flow(&report, "zuora.account");
    assert_eq!(held as u64, accounts["created"].as_u64().unwrap() + unheard(accounts));
}

/// Records that NetSuite has and of which Zuora refused to be told.
fn unheard(flow: &Value) -> u64 {
    flow["warnings"].to_string().matches("refused to be told so").count() as u64
}

#[tokio::test]
async fn a_sandbox_says_where_it_is_and_runs_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(BINARY)
        .args(["sandbox", "--records", "5", "--config-out"])
        .arg(folder.path().join("c.toml"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().unwrap()));
    for name in ["Zuora", "NetSuite", "Salesforce", "Nue"] {
        let line = lines.next_line().await.unwrap().unwrap();
        assert_eq!(line.split_whitespace().next(), Some(name), "{line}");
        assert!(line.contains(" http://127.0.0.1:"), "{line}");
    }
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}
