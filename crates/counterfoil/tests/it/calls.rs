//! What a document costs: the calls are counted, since they are what an application grants and bills.

use serde_json::Value;

use super::harness::{Sandbox, assert_adds_up, total};

/// The calls of a run whose path ends so; the descriptions that are read before it are not counted.
fn calls(report: &Value, application: &str, path: &str) -> u64 {
    let calls = report["calls_by_path"][application].as_array().unwrap().iter();
    let of_records = calls.filter(|call| !call["path"].as_str().unwrap().contains("/metadata-catalog/"));
    let of_path = of_records.filter(|call| call["path"].as_str().unwrap().ends_with(path));
    of_path.map(|call| call["count"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn an_invoice_is_one_write_and_its_share_of_marks_pages_and_queries() {
    let sandbox = Sandbox::start(&["--records", "2000", "--seed", "7"]).await;
    let masters =
        ["zuora.account", "zuora.product", "zuora.product-rate-plan", "zuora.product-rate-plan-charge", "--json"];
    assert_adds_up(&sandbox.ask("run", &masters).await.json());
    let report = sandbox.ask("run", &["zuora.invoice", "zuora.negative-invoice", "--json"]).await.json();
    assert_adds_up(&report);
    let created = total(&report, "created");
    assert!(created > 1_700, "{report}");

    let of = |application: &str, path: &str| calls(&report, application, path);
    assert_eq!(of("netsuite", "/invoice") + of("netsuite", "/creditMemo"), created, "a write a document, and no more");
    assert_eq!(of("netsuite", "{id}"), 0, "nothing is read one by one");
    let queries = of("netsuite", "/suiteql");
    assert!(queries * 100 <= 3 * created, "look-up, read-back and lines of a hundred at a time: {queries} queries");
    let marks = of("zuora", "/update");
    assert!(marks * 50 <= 3 * created, "two marks, fifty at a time, and half as many for batches not full: {marks}");
    let reads = of("zuora", "/query") + of("zuora", "/queryMore");
    assert!(reads * 8 <= created, "invoices by the page, what belongs to them by many ids: {reads} reads");
    let all = ["zuora", "netsuite"].map(|application| report["calls"][application].as_u64().unwrap());
    println!("{created} documents: {queries} queries, {marks} marks, {reads} reads; all calls {all:?}");
}

#[tokio::test]
async fn two_hundred_of_nues_invoices_with_their_items_cost_salesforce_seven_calls() {
    let sandbox = Sandbox::start(&["--pair", "salesforce-nue", "--records", "2500", "--seed", "7"]).await;
    sandbox.ask("run", &["nue.customer", "--json"]).await;
    let report = sandbox.ask("run", &["nue.invoice", "--json"]).await.json();
    assert_adds_up(&report);
    let batches = report["flows"][0]["read"].as_u64().unwrap().div_ceil(200);
    assert!(batches >= 4, "{report}");
    let marks = calls(&report, "salesforce", "/composite/sobjects/Counterfoil_Mark__c/Nue_Id__c");
    assert_eq!(marks, 2 * batches, "each batch is full");
    let others = calls(&report, "salesforce", "/query") + calls(&report, "salesforce", "/composite");
    // The marks of what is selected, a look-up, a write with all items, a read-back with the items counted, the accounts.
    assert!(others <= 5 * batches, "{others} calls for {batches} batches: {report}");
}
