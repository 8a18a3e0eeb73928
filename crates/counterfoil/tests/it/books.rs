//! The real books: every document exactly once, to the penny, whatever strikes in between. The first month, or all that
//! there is with `COUNTERFOIL_FULL_SIZE`.

use std::process::Stdio;

use model::Decimal;
use serde_json::{Value, json};

use super::harness::truth::{assert_exact, assert_further_runs_write_nothing, books, creates, documents_in};
use super::harness::{Sandbox, assert_adds_up, decimal, flow, full_size, total};

#[tokio::test]
async fn the_books_arrive_whole_and_further_runs_write_nothing_even_without_the_journal() {
    let Some((folder, truth)) = books(full_size()) else { return };
    let (documents, sum) = if full_size() { (10_783, "3706827.64") } else { (2_025, "748957.02") };
    assert_eq!((truth.documents.len(), truth.sum().to_string().as_str()), (documents, sum));
    let sandbox = Sandbox::start(&["--import", folder.path().to_str().unwrap()]).await;

    let report = sandbox.run().await;
    assert_adds_up(&report);
    assert_eq!(total(&report, "warned") + total(&report, "deferred"), 0, "{report}");
    assert_exact(&sandbox, &truth).await;
    let reported: Decimal = ["zuora.invoice", "zuora.negative-invoice"]
        .iter()
        .map(|name| decimal(&flow(&report, name)["sums"]["destination"]["GBP"]))
        .sum();
    assert_eq!(reported, truth.sum());
    assert_further_runs_write_nothing(&sandbox).await;
}

/// Calls that are made once for so many records: at one of them a run is killed.
struct Tripwire {
    application: &'static str,
    path: &'static str,
    records: u64,
}

/// A create a record, and two marks for fifty.
const TRIPWIRES: [Tripwire; 2] = [
    Tripwire { application: "netsuite", path: "/services/rest/record/v1/{type}", records: 1 },
    Tripwire { application: "zuora", path: "/v1/action/update", records: 25 },
];

impl Tripwire {
    /// Begins a run and kills it at the call that is due when so many records are through. That call is not answered, so
    /// that nothing can end before the kill: as `how` says, it is never executed, or executed and not answered, or
    /// executed when its sender is dead and the next run under way.
    async fn kill(&self, sandbox: &Sandbox, records: u64, how: &Value) {
        let mut rule = how.clone();
        rule["method"] = json!("POST");
        rule["path"] = json!(self.path);
        let left = records.saturating_sub(creates(sandbox).await);
        rule["nth"] = json!((left / self.records).max(1));
        sandbox.faults(self.application, json!([rule])).await;
        let mut run = sandbox.command("run", &[]).stdout(Stdio::null()).spawn().unwrap();
        while sandbox.struck(self.application).await == 0 {
            assert!(run.try_wait().unwrap().is_none(), "the run ended before it could be killed");
        }
        run.kill().await.unwrap();
        sandbox.no_faults(self.application).await;
    }
}

#[tokio::test]
async fn ten_kills_spread_over_the_work_and_five_journals_deleted_change_nothing() {
    let Some((folder, truth)) = books(full_size()) else { return };
    let sandbox = Sandbox::start(&["--import", folder.path().to_str().unwrap()]).await;
    let (masters, documents) = (truth.masters() as u64, truth.documents.len() as u64);
    let endings =
        [json!({ "kind": "silent" }), json!({ "kind": "slow", "ms": 600_000 }), json!({ "kind": "late", "ms": 200 })];
    for kill in 1..=10_u64 {
        // Five over the masters and five over the documents, which are few beside them in the first month.
        let records = if kill <= 5 { masters * kill / 6 } else { masters + documents * (kill - 5) / 6 };
        TRIPWIRES[kill as usize % 2].kill(&sandbox, records, &endings[kill as usize % 3]).await;
        if kill % 4 >= 2 {
            sandbox.delete_journal();
        }
        let (made, there) = (creates(&sandbox).await, documents_in(&sandbox).await);
        println!("kill {kill}: {made} creates made, {there} of {documents} documents there");
    }
    let report = sandbox.run().await;
    assert_adds_up(&report);
    assert!(total(&report, "found") > 0, "the last run found nothing to complete: {report}");
    assert_exact(&sandbox, &truth).await;
    assert_further_runs_write_nothing(&sandbox).await;
}

#[tokio::test]
async fn creates_whose_answer_is_dropped_after_committing_are_found_and_the_log_tells_it_of_each() {
    let Some((folder, truth)) = books(false) else { return };
    let sandbox = Sandbox::start(&["--import", folder.path().to_str().unwrap()]).await;
    let rule = |path: &str| json!({ "method": "POST", "path": path, "kind": "drop_answer", "percent": 2, "seed": 5 });
    let record = "/services/rest/record/v1";
    sandbox
        .faults("netsuite", json!([rule(&format!("{record}/invoice")), rule(&format!("{record}/creditMemo"))]))
        .await;
    let report = sandbox.run().await;
    sandbox.no_faults("netsuite").await;
    assert_adds_up(&report);
    assert_exact(&sandbox, &truth).await;

    let log = sandbox.ask("log", &["--json", "--limit", "1000000"]).await.json();
    let lines: Vec<&Value> = log.as_array().unwrap().iter().collect();
    let lost: Vec<&Value> = lines.iter().copied().filter(|line| line["what"] == "write: unknown").collect();
    assert!(lost.len() > 20, "only {} answers were dropped", lost.len());
    for line in &lost {
        assert_eq!(line["cause"], "connectivity", "{line}");
        let end = lines.iter().rfind(|end| end["source_id"] == line["source_id"]).unwrap();
        assert!(
            end["destination_id"].is_string() && end["text"].as_str().unwrap().contains("it was looked up"),
            "{end}"
        );
    }
    let explained = sandbox.ask("explain", &["zuora.invoice", lost[0]["record"].as_str().unwrap(), "--json"]).await;
    let history = explained.json()[0]["history"].to_string();
    assert!(history.contains("write: unknown") && history.contains("it was looked up"), "{history}");
}
