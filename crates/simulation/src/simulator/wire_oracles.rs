//! The oracles of the wire: they read both emulators' books in the vendors' own shape, apart from engine and connectors.

use std::collections::{BTreeMap, BTreeSet};

use model::key::ExternalKey;
use model::outcome::Outcome;
use model::value::parse_decimal;
use serde_json::Value as Json;

use super::engines::Ends;
use super::oracles::Violations;

/// Records with their types, as an emulator tells them.
pub(crate) type Told = Vec<(&'static str, Json)>;

/// What both sides' books show when all is at rest; `last` is what the last run's log told.
pub(crate) fn judge(here: &Told, there: &Told, last: &Ends) -> (Violations, Vec<String>) {
    let (mut violations, mut lines) = (Violations::default(), Vec::new());
    let mut by_key: BTreeMap<String, Vec<&Json>> = BTreeMap::new();
    for (_, record) in there {
        let key = text(record, "externalId").to_lowercase();
        if !key.is_empty() {
            by_key.entry(key).or_default().push(record);
        }
    }
    let sources: BTreeSet<(&str, String)> = there.iter().filter_map(|(kind, record)| source_id(kind, record)).collect();
    let carried = there.iter().filter(|(kind, record)| source_id(kind, record).is_some()).count();
    violations.duplicates += (carried - sources.len()) as u64;
    if violations.duplicates > 0 {
        lines.push(format!("{carried} records there were made for {} here", sources.len()));
    }
    for (object, record) in here {
        let (id, status) = (text(record, "Id"), text(record, "IntegrationStatus__NS"));
        let key = ExternalKey::new("zuora", object, &id).to_string();
        let name = format!("{object} {id}");
        if status != "Sync Complete" {
            continue;
        }
        match by_key.get(&key).map(Vec::as_slice) {
            Some([held]) if text(held, "id") == text(record, "IntegrationId__NS") => {
                let amounts = (text(record, "Amount"), text(held, "total"));
                if *object == "Invoice" && magnitude(&amounts.0) != magnitude(&amounts.1) {
                    violations.stale += 1;
                    lines.push(format!("{name} is {} here and {} there", amounts.0, amounts.1));
                }
            }
            held => {
                violations.lost += 1;
                lines
                    .push(format!("{name} says it is in sync, and the destination has {}", held.map_or(0, <[_]>::len)));
            }
        }
    }
    // Nothing is the matter with these books: at rest, every record is in sync or not meant to travel.
    for ((flow, id), outcome) in last.iter().filter(|(_, outcome)| **outcome != Outcome::Skipped) {
        violations.stuck += 1;
        lines.push(format!("{flow}: {id} is {} at the end", outcome.name()));
    }
    (violations, lines)
}

/// The type, and the source record for which a record was made.
fn source_id<'a>(kind: &'a str, record: &Json) -> Option<(&'a str, String)> {
    let fields = ["custentityzuoraid", "custitemzuoraid", "custbodyzuoraid"];
    let id = fields.into_iter().map(|field| text(record, field)).find(|id| !id.is_empty())?;
    Some((kind, id))
}

fn magnitude(text: &str) -> Option<model::Decimal> {
    parse_decimal(text).map(|number| number.abs())
}

/// A field as text; empty if there is none.
fn text(record: &Json, field: &str) -> String {
    match &record[field] {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn books() -> (Told, Told) {
        let invoice =
            json!({"Id": "i1", "Amount": 10.5, "IntegrationStatus__NS": "Sync Complete", "IntegrationId__NS": "7"});
        let held = json!({"id": "7", "externalId": "zuora-invoice-i1", "custbodyzuoraid": "i1", "total": 10.50});
        (vec![("Invoice", invoice)], vec![("invoice", held)])
    }

    fn seen(here: &Told, there: &Told) -> Violations {
        judge(here, there, &Ends::new()).0
    }

    #[test]
    fn books_that_agree_are_as_promised() {
        let (here, there) = books();
        assert_eq!(seen(&here, &there), Violations::default());
    }

    #[test]
    fn a_second_record_a_missing_one_another_amount_and_a_record_that_waits_are_seen() {
        let (here, mut there) = books();
        there.push(("invoice", json!({"id": "8", "custbodyzuoraid": "i1", "total": 10.5})));
        assert_eq!(seen(&here, &there).duplicates, 1);
        assert_eq!(seen(&here, &Vec::new()).lost, 1);
        there.truncate(1);
        there[0].1["total"] = json!(10.49);
        assert_eq!(seen(&here, &there).stale, 1);
        let ends = Ends::from([(("a flow".into(), "i1".into()), Outcome::Deferred)]);
        assert_eq!(judge(&here, &books().1, &ends).0, Violations { stuck: 1, ..Violations::default() });
    }
}
