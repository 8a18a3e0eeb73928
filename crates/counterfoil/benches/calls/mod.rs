//! What a record costs in calls, flow by flow, beside the least that the vendors' batch sizes permit.

use std::collections::BTreeSet;

use model::Decimal;
use serde_json::Value;

use super::{Sandbox, created};

/// Records that a page of Nue has, rows that a page and rows that a write of Salesforce have, and marks that a call takes.
const NUE_PAGE: u64 = 500;
const PAGE: u64 = 2_000;
/// Five collections of two hundred rows in one composite call; lines are rows too.
const ROWS: u64 = 1_000;
const MARKS: u64 = 200;
const HUB: u64 = 5_000;
/// The hub is not told of these.
const UNKNOWN_TO_HUB: &str = "paymentApplication";

/// A flow: its name, Nue's type, Salesforce's object of its lines, and the fields by which it names its parents.
const FLOWS: [(&str, &str, Option<&str>, &[&str]); 5] = [
    ("nue.customer", "customer", None, &[]),
    ("nue.invoice", "invoice", Some("Ruby__InvoiceItem__c"), &["customerId"]),
    ("nue.credit-memo", "creditMemo", Some("Ruby__CreditMemoItem__c"), &["customerId", "invoiceId"]),
    ("nue.debit-memo", "debitMemo", Some("Ruby__DebitMemoItem__c"), &["customerId", "invoiceId"]),
    (
        "nue.payment-application",
        "paymentApplication",
        Some("Ruby__PaymentApplicationItem__c"),
        &["customerId", "invoiceId", "creditMemoId"],
    ),
];

/// Calls by kind. A composite call of Salesforce holds queries or writes, and its path does not say which.
const KINDS: [&str; 4] = ["Nue: reads", "Nue: hub", "SF: marks", "SF: others"];

pub(crate) fn calls() {
    let sandbox = Sandbox::start(&["--pair", "salesforce-nue", "--records", "20000", "--seed", "7"]);
    println!(
        "Calls of a first run, each kind beside the least that the vendors' batch sizes permit; without log-in and describes"
    );
    print!("{:<24} {:>7} {:>7} {:>7}", "flow", "read", "written", "lines");
    KINDS.iter().for_each(|kind| print!(" {kind:>14}"));
    println!(" {:>18} {:>18}", "Nue, a record", "SF, a record");
    for (name, kind, lines, parents) in FLOWS {
        let report = sandbox.run(&[name]);
        let (read, written) = (report["flows"][0]["read"].as_u64().unwrap(), created(&report));
        let lines = lines.map_or(0, |object| sandbox.records("salesforce", object, "Id").len() as u64);
        let parents: Vec<u64> = parents.iter().map(|field| distinct(&sandbox, kind, field)).collect();
        let made = made(&report);
        let mut least = least(read, written, lines, &parents);
        if kind == UNKNOWN_TO_HUB {
            least[1] = 0;
        }
        print!("{name:<24} {read:>7} {written:>7} {lines:>7}");
        made.iter().zip(least).for_each(|(made, least)| print!(" {:>14}", told(made, least)));
        let each = |calls: &[u64]| (Decimal::from(calls.iter().sum::<u64>()) / Decimal::from(read.max(1))).round_dp(4);
        println!(
            " {:>18} {:>18}",
            told(each(&made[..2]), each(&least[..2])),
            told(each(&made[2..]), each(&least[2..]))
        );
    }
}

fn told(made: impl std::fmt::Display, least: impl std::fmt::Display) -> String {
    format!("{made} ({least})")
}

/// How many parents the records of a type name by a field.
fn distinct(sandbox: &Sandbox, kind: &str, field: &str) -> u64 {
    let records = sandbox.records("nue", kind, field);
    let named: BTreeSet<&str> = records.iter().filter_map(|record| record[field].as_str()).collect();
    named.len() as u64
}

fn made(report: &Value) -> [u64; 4] {
    let mut made = [0; 4];
    for application in ["nue", "salesforce"] {
        for call in report["calls_by_path"][application].as_array().unwrap() {
            let (path, count) = (call["path"].as_str().unwrap(), call["count"].as_u64().unwrap());
            let kind = match application {
                "nue" if path.contains("/transaction-hub/") => 1,
                "nue" => 0,
                _ if path.contains("/composite/sobjects/Counterfoil_Mark__c/") => 2,
                _ if path.contains("/composite") || path.contains("/query") => 3,
                _ => continue,
            };
            made[kind] += count;
        }
    }
    made
}

/// The least: each record is read once with its lines and its parents, its mark is read, it is looked up and read back with
/// its lines counted; two marks; one write.
fn least(read: u64, written: u64, lines: u64, parents: &[u64]) -> [u64; 4] {
    let pages = |rows: u64, page: u64| rows.div_ceil(page);
    let of_parents = |page: u64| parents.iter().map(|parent| pages(*parent, page)).sum::<u64>();
    let queries = 2 * pages(read, PAGE) + pages(written, PAGE) + of_parents(PAGE);
    [
        pages(read, NUE_PAGE) + pages(lines, NUE_PAGE) + of_parents(NUE_PAGE),
        pages(written, HUB),
        2 * pages(written, MARKS),
        queries + pages(written + lines, ROWS),
    ]
}
