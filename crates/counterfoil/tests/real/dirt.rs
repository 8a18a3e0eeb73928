//! Salesforce and Nue with the generator's dirt: every record ends as its oddity demands, in its marks and in the log. With
//! `COUNTERFOIL_FULL_SIZE`: 20,000 records.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use sandbox::books::revenue::{Kind, Options, Outcome, generate};
use serde_json::Value;

use super::harness::{Sandbox, full_size, total};
use super::oracle;

const SEED: u64 = 7;
/// Each type with the beginning of its flow's name.
const FLOWS: [(Kind, &str); 6] = [
    (Kind::Order, "salesforce.order"),
    (Kind::Subscription, "salesforce.subscription"),
    (Kind::Invoice, "nue.invoice"),
    (Kind::CreditMemo, "nue.credit-memo"),
    (Kind::DebitMemo, "nue.debit-memo"),
    (Kind::Payment, "nue.payment-application"),
];

/// How a record ended: what its mark says, and what the log says last and why.
#[derive(Debug, Default, Clone, PartialEq)]
struct End {
    status: String,
    what: String,
    cause: Option<String>,
}

impl End {
    fn is(&self, outcome: Outcome) -> bool {
        let complete = self.status == "Sync Complete";
        let ended = |ends: &[&str]| ends.contains(&self.what.as_str());
        match outcome {
            Outcome::Arrives => complete && ended(&["created", "updated", "found", "skipped"]) && self.cause.is_none(),
            Outcome::Refused => !complete && ended(&["warned"]) && self.cause.as_deref() == Some("validation"),
            Outcome::Waits => !complete && ended(&["deferred", "warned"]),
            Outcome::Passed => self.status.is_empty() && ended(&["", "skipped"]),
        }
    }
}

fn key(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_lowercase()
}

/// What the marks say, by the id of what is marked.
async fn statuses(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let mut statuses = BTreeMap::new();
    for (object, id) in [("Counterfoil_Mark__c", "Nue_Id__c"), ("Order", "Id"), ("Ruby__Subscription__c", "Id")] {
        for record in sandbox.fields("salesforce", object, &[id, "Integration_Status__c"]).await {
            let status = record["Integration_Status__c"].as_str().unwrap_or_default().to_owned();
            statuses.insert(key(&record, id), status);
        }
    }
    statuses
}

/// How each record ended, by flow and id.
async fn ends(sandbox: &Sandbox) -> BTreeMap<(String, String), End> {
    let statuses = statuses(sandbox).await;
    let log = sandbox.ask("log", &["--json", "--limit", "100000000"]).await.json();
    let mut ends = BTreeMap::new();
    // The last line of a record counts.
    let mut lines: Vec<&Value> = log.as_array().unwrap().iter().filter(|line| line["kind"] != "attempt").collect();
    lines.sort_by_key(|line| line["at"].as_str().unwrap_or_default());
    for line in lines {
        let (flow, id) = (key(line, "flow"), key(line, "source_id"));
        let flow = flow.split(" ->").next().unwrap_or_default().to_owned();
        let status = statuses.get(&id).cloned().unwrap_or_default();
        let what = line["what"].as_str().unwrap_or_default().to_owned();
        ends.insert((flow, id), End { status, what, cause: line["cause"].as_str().map(str::to_owned) });
    }
    ends
}

/// Active orders in Nue by the order that each came of: more than one is one too many.
async fn orders_twice(sandbox: &Sandbox) -> BTreeSet<String> {
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for order in sandbox.fields("nue", "order", &["id", "salesforceId", "status"]).await {
        let source = key(&order, "salesforceId");
        if key(&order, "status").starts_with("activ") && !source.is_empty() && !seen.insert(source.clone()) {
            twice.insert(source);
        }
    }
    twice
}

#[tokio::test]
async fn every_record_of_salesforce_and_nue_ends_as_its_oddity_demands_and_a_second_run_writes_nothing() {
    let records = if full_size() { 20_000 } else { 600 };
    let sandbox = Sandbox::start(&["--pair", "salesforce-nue", "--records", &records.to_string(), "--seed", "7"]).await;
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let books = generate(&Options::new(SEED, records, today));

    let began = Instant::now();
    let first = sandbox.run().await;
    let lasted = began.elapsed().as_millis();
    let through: u64 = ["created", "updated", "found", "warned", "deferred"].map(|end| total(&first, end)).iter().sum();
    println!("{records} records: {lasted} ms, {} of all types a second", u128::from(through) * 1_000 / lasted.max(1));
    println!("{}", first["resources"]);

    let ends = ends(&sandbox).await;
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<String, usize>::new());
    for (kind, flow) in FLOWS {
        for (position, outcome) in books.outcomes(kind).into_iter().enumerate() {
            let id = books.id(kind, position).to_lowercase();
            let end = ends.get(&(flow.to_owned(), id.clone())).cloned().unwrap_or_default();
            *counts.entry(format!("{kind:?} {outcome:?}")).or_default() += 1;
            if !end.is(outcome) {
                let stain = books.stains.iter().find(|stain| stain.kind == kind && stain.position == position);
                wrong.push(format!(
                    "{kind:?} {id} {:?} was to be {outcome:?}, and is {end:?}",
                    stain.map(|stain| stain.blemish)
                ));
            }
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{} records ended otherwise:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    oracle::assert_right(&sandbox).await;
    assert_eq!(orders_twice(&sandbox).await, BTreeSet::new());

    let held = oracle::holdings(&sandbox).await;
    let orders = sandbox.fields("nue", "order", &["id"]).await.len();
    let second = sandbox.run().await;
    assert_eq!(total(&second, "created") + total(&second, "updated") + total(&second, "found"), 0, "{second}");
    assert_eq!(oracle::holdings(&sandbox).await, held);
    assert_eq!(sandbox.fields("nue", "order", &["id"]).await.len(), orders);
}

#[test]
fn an_end_that_is_not_the_one_demanded_is_seen() {
    let end = |status: &str, what: &str, cause: Option<&str>| End {
        status: status.to_owned(),
        what: what.to_owned(),
        cause: cause.map(str::to_owned),
    };
    let arrived = end("Sync Complete", "created", None);
    assert!(arrived.is(Outcome::Arrives));
    assert!(!arrived.is(Outcome::Refused) && !arrived.is(Outcome::Waits) && !arrived.is(Outcome::Passed));
    assert!(!end("Sync Complete", "warned", Some("validation")).is(Outcome::Arrives));
    assert!(end("Error Creating Order", "warned", Some("validation")).is(Outcome::Refused));
    assert!(!end("Error Creating Order", "warned", Some("overload")).is(Outcome::Refused));
    assert!(!End::default().is(Outcome::Arrives) && End::default().is(Outcome::Passed));
}
