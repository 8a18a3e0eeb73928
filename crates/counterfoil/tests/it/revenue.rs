//! Nue's billing records in Salesforce: each once, equal to the cent, with its items; and again when it changed.

use std::collections::{BTreeMap, BTreeSet};

use model::Decimal;
use serde_json::{Value, json};

use super::harness::{Sandbox, assert_adds_up, decimal, flow, total};

/// Nue's type, its items' type and their field for it, Salesforce's object and its items'.
const KINDS: [(&str, &str, &str, &str, &str); 3] = [
    ("invoice", "invoiceItem", "invoiceId", "Ruby__Invoice__c", "Ruby__InvoiceItem__c"),
    ("creditMemo", "creditMemoItem", "creditMemoId", "Ruby__CreditMemo__c", "Ruby__CreditMemoItem__c"),
    ("debitMemo", "debitMemoItem", "debitMemoId", "Ruby__DebitMemo__c", "Ruby__DebitMemoItem__c"),
];
/// Rows that are written, by themselves or several collections in one call.
const WRITES: &str = "/composite";

async fn pair(records: usize) -> Sandbox {
    Sandbox::start(&["--pair", "salesforce-nue", "--records", &records.to_string(), "--seed", "7"]).await
}

/// Rows of an object by a field; a field that two rows share is a record that stands twice.
async fn by(sandbox: &Sandbox, object: &str, field: &str) -> BTreeMap<String, Value> {
    let mut rows = BTreeMap::new();
    for row in sandbox.records("salesforce", object).await {
        if let Some(key) = row[field].as_str().map(str::to_lowercase) {
            assert!(rows.insert(key.clone(), row).is_none(), "{object} has {key} twice");
        }
    }
    rows
}

fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_default()
}

async fn count_by(sandbox: &Sandbox, application: &str, object: &str, field: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for record in sandbox.records(application, object).await {
        *counts.entry(text(&record, field).to_owned()).or_default() += 1;
    }
    counts
}

/// What is said to be in sync is there, once, equal, with all its items; gives how many records that are.
async fn assert_equal_where_it_says_so(sandbox: &Sandbox) -> usize {
    let marks = by(sandbox, "Counterfoil_Mark__c", "Nue_Id__c").await;
    let mut complete = 0;
    for (kind, item, owner, object, item_object) in KINDS {
        let there = by(sandbox, object, "Nue_Id__c").await;
        let items = count_by(sandbox, "nue", item, owner).await;
        let items_there = count_by(sandbox, "salesforce", item_object, object).await;
        for document in sandbox.records("nue", kind).await {
            let id = text(&document, "id").to_lowercase();
            let mark = marks.get(&id).map_or("", |mark| text(mark, "Integration_Status__c"));
            let held = there.get(&id);
            assert!(held.is_none() || !mark.is_empty(), "{kind} {id} was written and never announced");
            if mark != "Sync Complete" {
                continue;
            }
            let held = held.unwrap_or_else(|| panic!("{kind} {id} is said to be in sync, and is not there"));
            let sums = |record: &Value, fields: [&str; 2]| fields.map(|field| decimal(&record[field]));
            assert_eq!(
                sums(held, ["Ruby__Amount__c", "Ruby__Balance__c"]),
                sums(&document, ["amount", "balance"]),
                "{id}"
            );
            assert_eq!(text(held, "Ruby__Status__c"), text(&document, "status"), "{id}");
            let own = items.get(text(&document, "id")).copied().unwrap_or_default();
            assert_eq!(items_there.get(text(held, "Id")).copied().unwrap_or_default(), own, "items of {id}");
            complete += 1;
        }
    }
    complete
}

async fn writes(sandbox: &Sandbox) -> u64 {
    sandbox.calls("salesforce", "PATCH", WRITES).await + sandbox.calls("salesforce", "POST", WRITES).await
}

/// The sums that each flow reports on both sides.
fn sums(report: &Value) -> BTreeSet<(String, Decimal, Decimal)> {
    let flows = report["flows"].as_array().unwrap();
    let of = |flow: &Value| {
        let (here, there) = (flow["sums"]["source"].clone(), flow["sums"]["destination"].clone());
        let currencies = here.as_object().cloned().unwrap_or_default();
        let name = flow["name"].as_str().unwrap().to_owned();
        currencies
            .keys()
            .map(move |code| (format!("{name} {code}"), decimal(&here[code]), decimal(&there[code])))
            .collect::<Vec<_>>()
    };
    flows.iter().flat_map(of).collect()
}

#[tokio::test]
async fn nues_records_arrive_in_salesforce_once_and_equal_and_a_second_run_writes_nothing_even_without_the_journal() {
    let sandbox = pair(300).await;
    let first = sandbox.run().await;
    assert_adds_up(&first);
    assert!(total(&first, "created") > 150, "{first}");
    assert!(sums(&first).len() >= 9, "{first}");
    for (what, here, there) in sums(&first) {
        assert_eq!(here, there, "{what}");
    }
    assert!(assert_equal_where_it_says_so(&sandbox).await > 100);
    // What is in error is tried again; what is in sync is left alone.
    let before = writes(&sandbox).await;
    let second = sandbox.run().await;
    sandbox.delete_journal();
    let third = sandbox.run().await;
    for report in [&second, &third] {
        assert_eq!(total(report, "created") + total(report, "updated") + total(report, "found"), 0, "{report}");
    }
    let each = (writes(&sandbox).await - before) / 2;
    assert!(each <= 2 * 3 * KINDS.len() as u64, "{each} writes for what is in error");
}

#[tokio::test]
async fn an_invoice_that_is_cancelled_after_its_sync_is_cancelled_in_salesforce_too() {
    let sandbox = pair(200).await;
    sandbox.run().await;
    let marks = by(&sandbox, "Counterfoil_Mark__c", "Nue_Id__c").await;
    let in_sync = |id: &str| {
        marks.get(&id.to_lowercase()).is_some_and(|mark| text(mark, "Integration_Status__c") == "Sync Complete")
    };
    let held = by(&sandbox, "Ruby__Invoice__c", "Nue_Id__c").await;
    let open = |invoice: &&Value| text(invoice, "status") == "Active" && in_sync(text(invoice, "id"));
    let invoices = sandbox.records("nue", "invoice").await;
    let mut cancelled = None;
    for invoice in invoices.iter().filter(open) {
        let id = text(invoice, "id");
        let (status, _) = sandbox.nue("POST", "/billing/invoices:cancel", json!({ "invoiceIds": [id] })).await;
        if status < 300 {
            cancelled = Some(id.to_owned());
            break;
        }
    }
    let id = cancelled.expect("Nue cancels none of its invoices");
    assert_eq!(text(&held[&id.to_lowercase()], "Ruby__Status__c"), "Active");
    let report = sandbox.run().await;
    assert!(flow(&report, "nue.invoice")["updated"].as_u64().unwrap() >= 1, "{report}");
    let after = by(&sandbox, "Ruby__Invoice__c", "Nue_Id__c").await;
    assert_eq!(text(&after[&id.to_lowercase()], "Ruby__Status__c"), "Canceled");
    assert_equal_where_it_says_so(&sandbox).await;
}

/// Faults by a share of all calls of both; and what is said to be kept and is not, of the records alone: a mark that was
/// confirmed and not kept nobody could tell from a person's hand.
fn faults() -> Vec<Value> {
    let kinds =
        ["drop_answer", "reset", "500", "503", "refuse", "row_error", "error_after_save", "401", "expired_token"];
    let mut rules: Vec<Value> =
        kinds.iter().map(|kind| json!({ "kind": kind, "percent": 15, "seed": 3, "times": 12 })).collect();
    // Documents go with their items, marks by themselves.
    rules.push(json!({ "kind": "accepted_then_failed", "path": "/services/data/v66.0/composite" }));
    rules
}

#[tokio::test]
async fn whatever_becomes_of_calls_to_either_nothing_stands_twice_and_one_more_run_makes_the_books_whole() {
    let calm = pair(120).await;
    calm.run().await;
    let whole = assert_equal_where_it_says_so(&calm).await;
    for rule in faults() {
        let sandbox = pair(120).await;
        sandbox.edit_config(|text| text.replace("timeout_seconds = 15", "wait_out_seconds = 1"));
        sandbox.faults("salesforce", json!([rule])).await;
        sandbox.faults("nue", json!([rule])).await;
        sandbox.run().await;
        assert!(sandbox.struck("salesforce").await > 0, "{rule} struck nothing");
        assert_equal_where_it_says_so(&sandbox).await;
        sandbox.no_faults("salesforce").await;
        sandbox.no_faults("nue").await;
        assert_adds_up(&sandbox.run().await);
        // An order that was interrupted is waited out, and what it is billed comes after it.
        for _ in 0..40 {
            if assert_equal_where_it_says_so(&sandbox).await == whole {
                break;
            }
            sandbox.run().await;
        }
        assert_eq!(assert_equal_where_it_says_so(&sandbox).await, whole, "after {rule}");
    }
}
