//! What must be true of the books of either pair at every moment, also while a run is under way and creates of dead ones land.

use std::collections::{BTreeMap, BTreeSet};

use model::Decimal;
use serde_json::Value;

use super::harness::{Sandbox, decimal};

/// A type of NetSuite's, its field with the Zuora id, its amount's sign, and the Zuora objects that become one.
const BILLING: [(&str, &str, Decimal, &[&str]); 4] = [
    ("invoice", "custbodyzuoraid", Decimal::ONE, &["Invoice"]),
    ("creditMemo", "custbodyzuoraid", Decimal::NEGATIVE_ONE, &[]),
    ("customer", "custentityzuoraid", Decimal::ONE, &["Account"]),
    ("serviceSaleItem", "custitemzuoraid", Decimal::ONE, &["Product", "ProductRatePlan", "ProductRatePlanCharge"]),
];

/// A type of Nue's, its items and their field for it, and what both become in Salesforce.
const REVENUE: [(&str, Option<[&str; 3]>, &str); 5] = [
    ("customer", None, "Account"),
    ("invoice", Some(["invoiceItem", "invoiceId", "Ruby__InvoiceItem__c"]), "Ruby__Invoice__c"),
    ("creditMemo", Some(["creditMemoItem", "creditMemoId", "Ruby__CreditMemoItem__c"]), "Ruby__CreditMemo__c"),
    ("debitMemo", Some(["debitMemoItem", "debitMemoId", "Ruby__DebitMemoItem__c"]), "Ruby__DebitMemo__c"),
    (
        "paymentApplication",
        Some(["paymentApplicationItem", "paymentApplicationId", "Ruby__PaymentApplicationItem__c"]),
        "Ruby__PaymentApplication__c",
    ),
];

/// A record as its destination holds it.
#[derive(Debug, PartialEq)]
pub(crate) struct Held {
    id: String,
    kind: &'static str,
    amount: Option<Decimal>,
    /// Items that are records of their own.
    items: usize,
}

impl Held {
    /// Whether it has an amount.
    pub(crate) fn is_document(&self) -> bool {
        self.amount.is_some()
    }
}

/// What the destinations hold, by the id of the record that it came from.
pub(crate) type Holdings = BTreeMap<String, Vec<Held>>;

/// A source record: its marks, and what must be equal.
#[derive(Debug)]
struct Origin {
    id: String,
    status: String,
    linked: String,
    amount: Option<Decimal>,
    items: usize,
}

/// A field as text without regard to case: Salesforce's keys have none.
fn key(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_lowercase()
}

async fn count_by(sandbox: &Sandbox, application: &str, kind: &str, field: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for record in sandbox.fields(application, kind, &[field]).await {
        *counts.entry(key(&record, field)).or_default() += 1;
    }
    counts
}

pub(crate) async fn holdings(sandbox: &Sandbox) -> Holdings {
    let mut held = Holdings::new();
    for (kind, field, sign, _) in BILLING {
        for record in sandbox.fields("netsuite", kind, &["id", field, "total"]).await {
            let Some(source) = record[field].as_str() else { continue };
            let amount = record.get("total").map(|total| sign * decimal(total));
            let id = record["id"].as_str().unwrap().to_owned();
            held.entry(source.to_owned()).or_default().push(Held { id, kind, amount, items: 0 });
        }
    }
    for (_, items, object) in REVENUE {
        let records = sandbox.fields("salesforce", object, &["Id", "Nue_Id__c", "Ruby__Amount__c"]).await;
        // An item names the record that it belongs to in a field that is called as that record's object.
        let items = match items {
            Some([.., items]) if !records.is_empty() => count_by(sandbox, "salesforce", items, object).await,
            _ => BTreeMap::new(),
        };
        for record in records.iter().filter(|record| record["Nue_Id__c"].is_string()) {
            let amount = record.get("Ruby__Amount__c").filter(|amount| !amount.is_null()).map(decimal);
            let id = record["Id"].as_str().unwrap().to_owned();
            let items = items.get(&id.to_lowercase()).copied().unwrap_or_default();
            let one = Held { id, kind: object, amount, items };
            held.entry(key(record, "Nue_Id__c")).or_default().push(one);
        }
    }
    held
}

/// What the sources say of their records.
async fn origins(sandbox: &Sandbox) -> Vec<Origin> {
    let text = |record: &Value, field: &str| record[field].as_str().unwrap_or_default().to_owned();
    let mut origins = Vec::new();
    for object in BILLING.iter().flat_map(|(.., objects)| *objects) {
        let fields = ["Id", "IntegrationStatus__NS", "IntegrationId__NS", "Amount"];
        let origin = |record: Value| Origin {
            id: text(&record, "Id"),
            status: text(&record, "IntegrationStatus__NS"),
            linked: text(&record, "IntegrationId__NS"),
            amount: record.get("Amount").map(decimal),
            items: 0,
        };
        origins.extend(sandbox.fields("zuora", object, &fields).await.into_iter().map(origin));
    }
    let fields = ["Nue_Id__c", "Integration_Status__c", "Integration_Id__c"];
    let marks = sandbox.fields("salesforce", "Counterfoil_Mark__c", &fields).await;
    let marks: BTreeMap<String, Value> = marks.into_iter().map(|mark| (key(&mark, "Nue_Id__c"), mark)).collect();
    for (kind, items, _) in REVENUE.iter().filter(|_| !marks.is_empty()) {
        let items = match items {
            Some([items, owner, _]) => count_by(sandbox, "nue", items, owner).await,
            None => BTreeMap::new(),
        };
        for record in sandbox.fields("nue", kind, &["id", "amount"]).await {
            let id = key(&record, "id");
            let Some(mark) = marks.get(&id) else { continue };
            origins.push(Origin {
                status: text(mark, "Integration_Status__c"),
                linked: text(mark, "Integration_Id__c"),
                amount: record.get("amount").filter(|amount| !amount.is_null()).map(decimal),
                items: items.get(&id).copied().unwrap_or_default(),
                id,
            });
        }
    }
    origins
}

/// The same books, but for the destinations' own ids.
pub(crate) fn without_ids(mut held: Holdings) -> Holdings {
    held.values_mut().flatten().for_each(|one| one.id.clear());
    held
}

/// What is wrong.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// Source records that the destination has more than once.
    pub(crate) twice: BTreeSet<String>,
    /// Source records that say `Sync Complete`, while the destination has none that is equal, with all its items.
    pub(crate) lost: BTreeSet<String>,
    /// Source records that the destination has, though they were never announced.
    pub(crate) unannounced: BTreeSet<String>,
}

/// Judges books that may be in motion. What a destination holds was announced before, so the destination is read first;
/// what is complete was written before, so the destination is read last, too.
pub(crate) async fn judge(sandbox: &Sandbox) -> Verdict {
    let before = holdings(sandbox).await;
    let origins = origins(sandbox).await;
    compare(&before, &origins, &holdings(sandbox).await)
}

fn compare(before: &Holdings, origins: &[Origin], after: &Holdings) -> Verdict {
    let mut verdict = Verdict::default();
    let twice = after.iter().filter(|(_, held)| held.len() > 1);
    verdict.twice.extend(twice.map(|(source, _)| source.clone()));
    verdict.unannounced.extend(before.keys().cloned());
    for Origin { id, status, linked, amount, items } in origins {
        if !status.is_empty() {
            verdict.unannounced.remove(id);
        }
        let is_it = |held: &Held| held.id == *linked && held.amount == *amount && held.items == *items;
        if status == "Sync Complete" && !after.get(id).is_some_and(|held| held.iter().any(is_it)) {
            verdict.lost.insert(id.clone());
        }
    }
    verdict
}

pub(crate) async fn assert_right(sandbox: &Sandbox) {
    assert_eq!(judge(sandbox).await, Verdict::default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(records: &[(&str, &str, i64)]) -> Holdings {
        let mut held = Holdings::new();
        for (source, id, amount) in records {
            let one = Held { id: (*id).to_owned(), kind: "invoice", amount: Some(Decimal::from(*amount)), items: 2 };
            held.entry((*source).to_owned()).or_default().push(one);
        }
        held
    }

    #[test]
    fn forged_books_are_seen_through() {
        let source = |id: &str, status: &str, linked: &str, amount: u32| Origin {
            id: id.to_owned(),
            status: status.to_owned(),
            linked: linked.to_owned(),
            amount: Some(Decimal::from(amount)),
            items: if id == "an item less" { 3 } else { 2 },
        };
        let sources = [
            source("right", "Sync Complete", "1", 10),
            source("under way", "Creating Invoice", "", 10),
            source("never written", "Sync Complete", "7", 10),
            source("another's id", "Sync Complete", "1", 10),
            source("other amount", "Sync Complete", "3", 10),
            source("twice", "Sync Complete", "4", 10),
            source("an item less", "Sync Complete", "8", 10),
            source("unannounced", "", "", 10),
        ];
        let books = [
            ("right", "1", 10),
            ("another's id", "2", 10),
            ("other amount", "3", 11),
            ("twice", "4", 10),
            ("twice", "5", 10),
            ("an item less", "8", 10),
            ("unannounced", "6", 10),
        ];
        let verdict = compare(&held(&books), &sources, &held(&books));
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(verdict.lost, named(&["never written", "another's id", "other amount", "an item less"]));
        assert_eq!((verdict.twice, verdict.unannounced), (named(&["twice"]), named(&["unannounced"])));
    }
}
