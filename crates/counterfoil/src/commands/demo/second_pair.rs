//! Nue and Salesforce in the demo: invoices, memos and payment applications, whose marks stand in Salesforce.

use std::collections::BTreeSet;

use ::sandbox::Sandbox as Running;
use ::sandbox::books::revenue::{Books, Kind, summary};
use serde_json::Value;

use super::tie::{Sides, Totals, add, doubles};
use super::{amount, records};
use crate::exit::Failure;

pub(super) const FAULTS: &str =
    "  Salesforce commits two hundred items and drops its answer, and refuses a row and a mark;
  Nue answers 503, and resets a connection.";

/// What the generator calls a type, what the table does, Nue's type, Salesforce's object.
const TYPES: [(Kind, &str, &str, &str); 4] = [
    (Kind::Invoice, "invoices", "invoice", "Ruby__Invoice__c"),
    (Kind::CreditMemo, "credit memos", "creditMemo", "Ruby__CreditMemo__c"),
    (Kind::DebitMemo, "debit memos", "debitMemo", "Ruby__DebitMemo__c"),
    (Kind::Payment, "payment applications", "paymentApplication", "Ruby__PaymentApplication__c"),
];

pub(super) fn faults() -> [(&'static str, String); 2] {
    let collections = "/services/data/v66.0/composite/sobjects";
    let salesforce = format!(
        r#"[{{"method": "PATCH", "path": "{collections}/Ruby__InvoiceItem__c/*", "kind": "drop_answer", "nth": 1}},
            {{"method": "PATCH", "path": "{collections}/Ruby__CreditMemo__c/*", "kind": "row_error", "nth": 1}},
            {{"method": "PATCH", "path": "{collections}/Counterfoil_Mark__c/*", "kind": "row_error", "nth": 3}}]"#
    );
    let nue = r#"[{"kind": "503", "nth": 2}, {"kind": "reset", "nth": 4}]"#;
    [("salesforce", salesforce), ("nue", nue.to_owned())]
}

/// What the generated books should give, by type and currency, as their generator counts it.
pub(super) fn expected(books: &Books) -> Totals {
    let summary = summary(books);
    let of = |(kind, name, ..): &(Kind, &str, &str, &str)| {
        let named = |(currency, sum): (String, _)| (format!("{name} {currency}"), sum);
        summary.arriving(*kind).into_iter().map(named).collect::<Vec<_>>()
    };
    TYPES.iter().flat_map(of).map(|(row, sum)| (row, (sum.count, sum.amount))).collect()
}

/// Whether both sides agree.
pub(super) fn tied(running: &Running, should: &Totals) -> Result<bool, Failure> {
    let marks = records(running, "salesforce", "Counterfoil_Mark__c")?;
    let complete: BTreeSet<String> = marks
        .iter()
        .filter(|mark| mark["Integration_Status__c"] == "Sync Complete")
        .map(|mark| lower(mark, "Nue_Id__c"))
        .collect();
    let (mut source, mut destination) = (Totals::new(), Totals::new());
    let (mut twice, mut differing) = (doubles(&marks, "Nue_Id__c"), 0);
    for (_, name, kind, object) in TYPES {
        let row = |currency: &Value| format!("{name} {}", currency.as_str().unwrap_or_default());
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

fn lower(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_lowercase()
}
