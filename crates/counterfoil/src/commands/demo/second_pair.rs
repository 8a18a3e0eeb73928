//! Salesforce and Nue in the demo: orders and subscriptions go there; invoices, memos and payment applications come back,
//! and their marks stand in Salesforce.

use std::collections::{BTreeMap, BTreeSet};

use ::sandbox::Sandbox as Running;
use ::sandbox::books::revenue::{Books, Kind, summary};
use serde_json::Value;

use super::tie::{Sides, Totals, add, doubles};
use super::{amount, records};
use crate::exit::Failure;

pub(super) const FAULTS: &str =
    "  Salesforce commits two hundred items and drops its answer, and refuses a row and a mark;
  Nue answers 503, resets a connection, and drops the answers to a draft and to an activation.";

/// The documents: what the generator calls a type, what the table does, Nue's type, Salesforce's object.
const DOCUMENTS: [(Kind, &str, &str, &str); 4] = [
    (Kind::Invoice, "invoices", "invoice", "Ruby__Invoice__c"),
    (Kind::CreditMemo, "credit memos", "creditMemo", "Ruby__CreditMemo__c"),
    (Kind::DebitMemo, "debit memos", "debitMemo", "Ruby__DebitMemo__c"),
    (Kind::Payment, "payment applications", "paymentApplication", "Ruby__PaymentApplication__c"),
];
/// They have no amount, and their sums no currency.
const SUBSCRIPTIONS: &str = "subscriptions";

pub(super) fn faults() -> [(&'static str, String); 2] {
    let collections = "/services/data/v66.0/composite/sobjects";
    let salesforce = format!(
        r#"[{{"method": "PATCH", "path": "{collections}/Ruby__InvoiceItem__c/*", "kind": "drop_answer", "nth": 1}},
            {{"method": "PATCH", "path": "{collections}/Ruby__CreditMemo__c/*", "kind": "row_error", "nth": 1}},
            {{"method": "PATCH", "path": "{collections}/Counterfoil_Mark__c/*", "kind": "row_error", "nth": 3}}]"#
    );
    let nue = r#"[{"kind": "503", "nth": 2}, {"kind": "reset", "nth": 4},
                  {"method": "POST", "path": "/orders", "kind": "drop_answer", "nth": 2},
                  {"method": "POST", "path": "/orders/{id}", "kind": "drop_answer", "nth": 3}]"#;
    [("salesforce", salesforce), ("nue", nue.to_owned())]
}

/// What the generated books should give, as their generator counts it.
pub(super) struct Expected {
    orders: Totals,
    documents: Totals,
}

pub(super) fn expected(books: &Books) -> Expected {
    let summary = summary(books);
    let of = |kind: Kind, name: &str| {
        let named = |(currency, sum): (String, ::sandbox::books::summary::Sum)| {
            (format!("{name} {currency}"), (sum.count, sum.amount))
        };
        summary.arriving(kind).into_iter().map(named).collect::<Vec<_>>()
    };
    let mut orders: Totals = of(Kind::Order, "orders").into_iter().collect();
    for sum in summary.arriving(Kind::Subscription).into_values() {
        orders.entry(SUBSCRIPTIONS.to_owned()).or_default().0 += sum.count;
    }
    let documents: Totals = DOCUMENTS.iter().flat_map(|(kind, name, ..)| of(*kind, name)).collect();
    Expected { orders, documents }
}

/// Whether both sides agree, in both directions.
pub(super) fn tied(running: &Running, should: &Expected) -> Result<bool, Failure> {
    let agree = [orders(running, &should.orders)?, documents(running, &should.documents)?];
    Ok(!agree.contains(&false))
}

fn orders(running: &Running, should: &Totals) -> Result<bool, Failure> {
    let row = |currency: &Value| format!("orders {}", text(currency));
    let (mut source, mut destination) = (Totals::new(), Totals::new());
    let complete = |record: &Value| record["Integration_Status__c"] == "Sync Complete";
    let placed: Vec<Value> = records(running, "salesforce", "Order")?.into_iter().filter(complete).collect();
    let mut links: BTreeMap<&str, &Value> = BTreeMap::new();
    for order in &placed {
        add(&mut source, row(&order["CurrencyIsoCode"]), amount(order, "TotalAmount")?);
        links.insert(text(&order["Integration_Id__c"]), order);
    }
    // One that was born in Salesforce bears its id there, too.
    let mut active: Vec<Value> = records(running, "nue", "order")?;
    active.retain(|order| order["status"] == "Activated");
    for order in &mut active {
        if let Some(own) = links.get(text(&order["id"])) {
            add(&mut destination, row(&own["CurrencyIsoCode"]), amount(order, "totalAmount")?);
        }
        if text(&order["salesforceId"]).is_empty() {
            order["salesforceId"] = order["id"].clone();
        }
    }
    let subscriptions: Vec<Value> =
        records(running, "salesforce", "Ruby__Subscription__c")?.into_iter().filter(complete).collect();
    let known: BTreeSet<String> =
        records(running, "nue", "subscription")?.iter().map(|held| lower(held, "id")).collect();
    for subscription in &subscriptions {
        add(&mut source, SUBSCRIPTIONS.to_owned(), model::Decimal::ZERO);
        if known.contains(&lower(subscription, "Integration_Id__c")) {
            add(&mut destination, SUBSCRIPTIONS.to_owned(), model::Decimal::ZERO);
        }
    }
    let doubles = doubles(&active, "salesforceId") + doubles(&subscriptions, "Integration_Id__c");
    Ok(Sides { names: ["Salesforce: Sync Complete", "Nue"], should, source, destination, doubles }.agree())
}

fn documents(running: &Running, should: &Totals) -> Result<bool, Failure> {
    let marks = records(running, "salesforce", "Counterfoil_Mark__c")?;
    let complete: BTreeSet<String> = marks
        .iter()
        .filter(|mark| mark["Integration_Status__c"] == "Sync Complete")
        .map(|mark| lower(mark, "Nue_Id__c"))
        .collect();
    let (mut source, mut destination) = (Totals::new(), Totals::new());
    let (mut twice, mut differing) = (doubles(&marks, "Nue_Id__c"), 0);
    for (_, name, kind, object) in DOCUMENTS {
        let row = |currency: &Value| format!("{name} {}", text(currency));
        for record in records(running, "nue", kind)? {
            if complete.contains(&lower(&record, "id")) {
                add(&mut source, row(&record["currencyIsoCode"]), amount(&record, "amount")?);
            }
        }
        let held = records(running, "salesforce", object)?;
        twice += doubles(&held, "Nue_Id__c");
        for record in held {
            if complete.contains(&lower(&record, "Nue_Id__c")) {
                add(&mut destination, row(&record["CurrencyIsoCode"]), amount(&record, "Ruby__Amount__c")?);
            } else {
                differing += 1;
            }
        }
    }
    let names = ["Nue: Sync Complete", "Salesforce"];
    let agree = Sides { names, should, source, destination, doubles: twice }.agree();
    println!("in Salesforce, found to differ when read back, and warned of: {differing}");
    Ok(agree)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn lower(record: &Value, field: &str) -> String {
    text(&record[field]).to_lowercase()
}
