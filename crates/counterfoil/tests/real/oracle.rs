//! What must be true of both systems' books at every moment, also while a run is under way and creates of dead ones land.

use std::collections::{BTreeMap, BTreeSet};

use model::Decimal;
use serde_json::Value;

use super::harness::{Sandbox, decimal};

/// A type of NetSuite's, its field with the Zuora id, its amount's sign, and the Zuora objects that become one.
const KINDS: [(&str, &str, Decimal, &[&str]); 4] = [
    ("invoice", "custbodyzuoraid", Decimal::ONE, &["Invoice"]),
    ("creditMemo", "custbodyzuoraid", Decimal::NEGATIVE_ONE, &[]),
    ("customer", "custentityzuoraid", Decimal::ONE, &["Account"]),
    ("serviceSaleItem", "custitemzuoraid", Decimal::ONE, &["Product", "ProductRatePlan", "ProductRatePlanCharge"]),
];

/// A record as NetSuite holds it.
#[derive(Debug, PartialEq)]
pub(crate) struct Held {
    id: String,
    kind: &'static str,
    amount: Option<Decimal>,
}

/// What NetSuite holds, by the id of the Zuora record that it came from.
pub(crate) type Holdings = BTreeMap<String, Vec<Held>>;

pub(crate) async fn holdings(sandbox: &Sandbox) -> Holdings {
    let mut held = Holdings::new();
    for (kind, field, sign, _) in KINDS {
        for record in sandbox.fields("netsuite", kind, &["id", field, "total"]).await {
            let Some(source) = record[field].as_str() else { continue };
            let amount = record.get("total").map(|total| sign * decimal(total));
            let id = record["id"].as_str().unwrap().to_owned();
            held.entry(source.to_owned()).or_default().push(Held { id, kind, amount });
        }
    }
    held
}

/// The same books, but for NetSuite's own ids.
pub(crate) fn without_ids(mut held: Holdings) -> Holdings {
    held.values_mut().flatten().for_each(|one| one.id.clear());
    held
}

/// What is wrong.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// Zuora records that NetSuite has more than once.
    pub(crate) twice: BTreeSet<String>,
    /// Zuora records that say `Sync Complete`, while NetSuite has none that is equal.
    pub(crate) lost: BTreeSet<String>,
    /// Zuora records that NetSuite has, though they were never announced.
    pub(crate) unannounced: BTreeSet<String>,
}

/// Judges books that may be in motion. What NetSuite holds was announced before, so NetSuite is read first; what is
/// complete was written before, so NetSuite is read last, too.
pub(crate) async fn judge(sandbox: &Sandbox) -> Verdict {
    let before = holdings(sandbox).await;
    let mut sources = Vec::new();
    for object in KINDS.iter().flat_map(|(.., objects)| *objects) {
        let fields = ["Id", "IntegrationStatus__NS", "IntegrationId__NS", "Amount"];
        sources.extend(sandbox.fields("zuora", object, &fields).await);
    }
    compare(&before, &sources, &holdings(sandbox).await)
}

fn compare(before: &Holdings, sources: &[Value], after: &Holdings) -> Verdict {
    let mut verdict = Verdict::default();
    let twice = after.iter().filter(|(_, held)| held.len() > 1);
    verdict.twice.extend(twice.map(|(source, _)| source.clone()));
    verdict.unannounced.extend(before.keys().cloned());
    for source in sources {
        let id = source["Id"].as_str().unwrap();
        let status = source["IntegrationStatus__NS"].as_str().unwrap_or_default();
        if !status.is_empty() {
            verdict.unannounced.remove(id);
        }
        let amount = source.get("Amount").map(decimal);
        let is_it = |held: &Held| source["IntegrationId__NS"] == held.id.as_str() && held.amount == amount;
        if status == "Sync Complete" && !after.get(id).is_some_and(|held| held.iter().any(is_it)) {
            verdict.lost.insert(id.to_owned());
        }
    }
    verdict
}

pub(crate) async fn assert_right(sandbox: &Sandbox) {
    assert_eq!(judge(sandbox).await, Verdict::default());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn held(records: &[(&str, &str, i64)]) -> Holdings {
        let mut held = Holdings::new();
        for (source, id, amount) in records {
            let one = Held { id: (*id).to_owned(), kind: "invoice", amount: Some(Decimal::from(*amount)) };
            held.entry((*source).to_owned()).or_default().push(one);
        }
        held
    }

    #[test]
    fn forged_books_are_seen_through() {
        let source = |id: &str, status: &str, linked: &str, amount: u32| json!({ "Id": id, "IntegrationStatus__NS": status, "IntegrationId__NS": linked, "Amount": amount });
        let sources = [
            source("right", "Sync Complete", "1", 10),
            source("under way", "Creating Invoice", "", 10),
            source("never written", "Sync Complete", "7", 10),
            source("another's id", "Sync Complete", "1", 10),
            source("other amount", "Sync Complete", "3", 10),
            source("twice", "Sync Complete", "4", 10),
            source("unannounced", "", "", 10),
        ];
        let books = [
            ("right", "1", 10),
            ("another's id", "2", 10),
            ("other amount", "3", 11),
            ("twice", "4", 10),
            ("twice", "5", 10),
            ("unannounced", "6", 10),
        ];
        let verdict = compare(&held(&books), &sources, &held(&books));
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(verdict.lost, named(&["never written", "another's id", "other amount"]));
        assert_eq!((verdict.twice, verdict.unannounced), (named(&["twice"]), named(&["unannounced"])));
    }
}
