//! The real books, first month: every document exactly once, to the penny, whatever strikes in between.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use model::Decimal;
use rust_decimal::RoundingStrategy;
use serde_json::json;

use super::harness::{Sandbox, assert_adds_up, decimal, flow, real_books, total};

/// What the CSV itself says, read here and not by the importer: amount by document, and the customers and products.
struct Truth {
    documents: BTreeMap<String, Decimal>,
    customers: BTreeSet<String>,
    products: BTreeSet<String>,
}

/// A folder with December 2010 alone, and what it says.
fn december() -> Option<(tempfile::TempDir, Truth)> {
    let file = real_books()?.join("online-retail-2010-12.csv.gz");
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(&file, folder.path().join("online-retail-2010-12.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let mut truth = Truth { documents: BTreeMap::new(), customers: BTreeSet::new(), products: BTreeSet::new() };
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        let row = row.unwrap();
        let exact = |column: usize| row[column].parse::<Decimal>().unwrap();
        let amount = (exact(3) * exact(5)).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        *truth.documents.entry(row[0].to_owned()).or_default() += amount;
        truth.customers.insert(if row[6].is_empty() { format!("in {}", &row[7]) } else { row[6].to_owned() });
        truth.products.insert(row[1].to_owned());
    }
    Some((folder, truth))
}

/// Every document, customer and item is in NetSuite exactly once, and every amount is the CSV's own.
async fn assert_exact(sandbox: &Sandbox, truth: &Truth) {
    let mut held: BTreeMap<String, Decimal> = BTreeMap::new();
    for (kind, sign) in [("invoice", Decimal::ONE), ("creditMemo", Decimal::NEGATIVE_ONE)] {
        for document in sandbox.records("netsuite", kind).await {
            let number = document["tranId"].as_str().unwrap().to_owned();
            let twice = held.insert(number.clone(), sign * decimal(&document["total"]));
            assert_eq!(twice, None, "{number} is in NetSuite twice");
        }
    }
    assert_eq!(held, truth.documents);
    let once = |records: Vec<serde_json::Value>, field: &str| {
        let ids: BTreeSet<String> = records.iter().map(|record| record[field].to_string()).collect();
        assert_eq!(ids.len(), records.len(), "{field} stands twice");
        records.len()
    };
    assert_eq!(once(sandbox.records("netsuite", "customer").await, "custentityzuoraid"), truth.customers.len());
    let items = once(sandbox.records("netsuite", "serviceSaleItem").await, "custitemzuoraid");
    assert_eq!(items, 3 * truth.products.len(), "a product, its plan and its charge");
    for invoice in sandbox.records("zuora", "Invoice").await {
        assert_eq!(invoice["IntegrationStatus__NS"], "Sync Complete", "{invoice}");
        assert_eq!(invoice["TransferredToAccounting"], "Yes", "{invoice}");
    }
}

async fn writes(sandbox: &Sandbox) -> u64 {
    let marks = sandbox.calls("zuora", "POST", "/v1/action/update").await;
    let mut records = 0;
    for method in ["POST", "PATCH", "PUT", "DELETE"] {
        records += sandbox.calls("netsuite", method, "/services/rest/record").await;
    }
    marks + records
}

#[tokio::test]
async fn the_first_month_arrives_whole_and_a_second_run_writes_nothing_even_without_the_journal() {
    let Some((folder, truth)) = december() else { return };
    assert_eq!(truth.documents.len(), 2_025);
    let sandbox = Sandbox::start(&["--import", folder.path().to_str().unwrap()]).await;

    let first = sandbox.run().await;
    assert_adds_up(&first);
    assert_eq!(total(&first, "warned") + total(&first, "deferred"), 0, "{first}");
    assert_exact(&sandbox, &truth).await;
    let sum: Decimal = truth.documents.values().sum();
    let reported: Decimal = ["zuora.invoice", "zuora.negative-invoice"]
        .iter()
        .map(|name| decimal(&flow(&first, name)["sums"]["destination"]["GBP"]))
        .sum();
    assert_eq!(reported, sum);

    let before = writes(&sandbox).await;
    let second = sandbox.run().await;
    assert_eq!(total(&second, "skipped"), total(&second, "read"), "{second}");
    std::fs::remove_file(sandbox.folder.path().join("counterfoil.sqlite")).unwrap();
    let third = sandbox.run().await;
    assert_eq!(total(&third, "skipped"), total(&third, "read"), "{third}");
    assert_eq!(writes(&sandbox).await, before, "a run over books in sync wrote something");
}

#[tokio::test]
async fn a_run_that_is_killed_in_the_middle_is_completed_by_the_next_one() {
    let Some((folder, truth)) = december() else { return };
    let sandbox = Sandbox::start(&["--import", folder.path().to_str().unwrap()]).await;
    for created in [300, 1_100] {
        let mut run = sandbox.command("run", &[]).stdout(std::process::Stdio::null()).spawn().unwrap();
        while sandbox.calls("netsuite", "POST", "/record/").await < 9_417 + created {
            assert!(run.try_wait().unwrap().is_none(), "the run ended before it could be killed");
        }
        run.kill().await.unwrap();
    }
    let report = sandbox.run().await;
    assert_adds_up(&report);
    assert_exact(&sandbox, &truth).await;
}

#[tokio::test]
async fn a_journal_that_is_deleted_in_the_middle_of_a_run_loses_and_doubles_nothing() {
    let Some((folder, truth)) = december() else { return };
    let sandbox = Sandbox::start(&["--import", folder.path().to_str().unwrap()]).await;
    let mut run = sandbox.command("run", &[]).stdout(std::process::Stdio::null()).spawn().unwrap();
    while sandbox.calls("netsuite", "POST", "/record/").await < 9_700 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended before its journal could be deleted");
    }
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(sandbox.folder.path().join(format!("counterfoil.sqlite{ending}"))).unwrap();
    }
    assert!(run.wait().await.unwrap().success());
    assert_exact(&sandbox, &truth).await;
    let log = sandbox.ask("log", &["--json"]).await.json();
    assert!(!log.as_array().unwrap().is_empty(), "the journal was not begun anew");
}

#[tokio::test]
async fn creates_whose_answer_is_dropped_after_committing_are_found_and_each_is_explained() {
    let Some((folder, truth)) = december() else { return };
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

    let log = sandbox.ask("log", &["--json", "--cause", "connectivity"]).await.json();
    let lost: Vec<_> = log.as_array().unwrap().iter().filter(|line| line["what"] == "write: unknown").collect();
    assert!(lost.len() > 20, "only {} answers were dropped", lost.len());
    for line in lost {
        let explained =
            sandbox.ask("explain", &["zuora.invoice", line["record"].as_str().unwrap(), "--json"]).await.json();
        let explained = &explained[0];
        assert!(explained["destination_id"].is_string(), "{explained}");
        let history = explained["history"].to_string();
        assert!(history.contains("write: unknown") && history.contains("it was looked up"), "{history}");
    }
}
