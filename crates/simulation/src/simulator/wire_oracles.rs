//! The oracles of the wire: they read both emulators' books in the vendors' own shape, apart from engine and connectors.
//! What they hold against each other stands in the flows: a flow that is added is judged as it is.

use std::collections::BTreeMap;

use model::flow::Flow;
use model::outcome::Outcome;
use model::status::SYNC_COMPLETE;
use model::value::{Record, Value, parse_decimal};

use super::engines::Ends;
use super::oracles::Violations;
use super::pairs::{Pair, Told};

/// What both sides' books show when all is at rest; `last` is what the last run's log told.
pub(crate) fn judge(pair: &dyn Pair, flows: &[Flow], told: &[Told], last: &Ends) -> (Violations, Vec<String>) {
    let (mut violations, mut lines) = (Violations::default(), Vec::new());
    let made = Made::among(pair, flows, told);
    for ((kind, source_id), held) in made.0.iter().filter(|(_, held)| held.len() > 1) {
        violations.duplicates += (held.len() - 1) as u64;
        lines.push(format!("{} records there were made for {kind} {source_id}", held.len()));
    }
    let marks = marks(pair, flows, told);
    for record in told {
        let of_record = |flow: &&Flow| {
            flow.source.application == record.application && flow.source.object.eq_ignore_ascii_case(&record.kind)
        };
        let own: Vec<&Flow> = flows.iter().filter(of_record).collect();
        let Some(first) = own.first() else { continue };
        let id = id_of(record);
        let key = (pair.marks_at(first).object.to_owned(), id.to_lowercase());
        let Some(mark) = marks.get(&key).filter(|mark| mark.text(&first.source.marks.status) == SYNC_COMPLETE) else {
            continue;
        };
        let name = format!("{} {id}", record.kind);
        let held = made.of(&own, &pair.known_as(first, record));
        match held.as_slice() {
            [(flow, held)] if id_of(held) == mark.text(&first.source.marks.id) && pair.carries_key(flow, &id, held) => {
                let differing = differences(pair, flow, record, held);
                violations.stale += u64::from(!differing.is_empty());
                lines.extend(differing.into_iter().map(|differing| format!("{name}: {differing}")));
            }
            held => {
                violations.lost += 1;
                lines.push(format!("{name} says it is in sync, and the destination has {}", held.len()));
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

/// The id under which an application knows a record.
pub(crate) fn id_of(told: &Told) -> String {
    ["Id", "id"].map(|field| told.text(field)).into_iter().find(|id| !id.is_empty()).unwrap_or_default()
}

/// Records that carry our marks, by their object and the id of what is marked.
fn marks<'a>(pair: &dyn Pair, flows: &[Flow], told: &'a [Told]) -> BTreeMap<(String, String), &'a Told> {
    let mut marks = BTreeMap::new();
    for flow in flows {
        let at = pair.marks_at(flow);
        let here = |told: &&Told| told.application == at.application && told.kind.eq_ignore_ascii_case(at.object);
        marks.extend(
            told.iter().filter(here).map(|told| ((at.object.to_owned(), told.text(at.key).to_lowercase()), told)),
        );
    }
    marks
}

/// What was made in the destinations, by type and source id.
struct Made<'a>(BTreeMap<(String, String), Vec<(&'a Flow, &'a Told)>>);

impl<'a> Made<'a> {
    fn among(pair: &dyn Pair, flows: &'a [Flow], told: &'a [Told]) -> Self {
        let mut made: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in told.iter().filter(|record| pair.stands(record)) {
            let of_flow = |flow: &&Flow| {
                flow.destination.application == record.application
                    && (flow.destination.object.eq_ignore_ascii_case(&record.kind)
                        || flow.destination.object_by.is_some())
            };
            let known = flows.iter().filter(of_flow).map(|flow| (flow, pair.source_id(flow, record)));
            if let Some((flow, source_id)) = known.into_iter().find(|(_, source_id)| !source_id.is_empty()) {
                let key = (record.kind.to_lowercase(), source_id.to_lowercase());
                made.entry(key).or_default().push((flow, record));
            }
        }
        Self(made)
    }

    /// What a source record of these flows became, with the flow of its type.
    fn of(&self, flows: &[&'a Flow], source_id: &str) -> Vec<(&'a Flow, &'a Told)> {
        let source_id = source_id.to_lowercase();
        let held = self.0.iter().filter(|((_, id), _)| *id == source_id).flat_map(|(_, held)| held);
        let by_flow = |(_, told): &(&Flow, &'a Told)| {
            let of_type = |flow: &&&Flow| flow.destination.object_by.is_some() || flow.destination.object == told.kind;
            let there = |flow: &&&Flow| flow.destination.application == told.application;
            let mut flows = flows.iter().filter(there);
            let flow = flows.clone().find(of_type).or_else(|| flows.next())?;
            Some((*flow, *told))
        };
        held.filter_map(by_flow).collect()
    }
}

/// What the flow's file says must be equal and is not, where both sides show it.
fn differences(pair: &dyn Pair, flow: &Flow, here: &Told, there: &Told) -> Vec<String> {
    let mut told = Vec::new();
    for equal in &flow.equal {
        let paths = equal.source.paths();
        let ([path], Some(field), None) = (paths.as_slice(), pair.shown(&equal.column), equal.source.list()) else {
            continue;
        };
        let held = here.text(path);
        if held.is_empty() {
            continue;
        }
        let mut source = Record::default();
        source.set(path.as_str(), Value::text(held.as_str()));
        let (wanted, found) = (equal.source.chosen(&source).unwrap_or(held), there.text(field));
        let is_same = match (parse_decimal(&wanted), parse_decimal(&found)) {
            (Some(wanted), Some(found)) => wanted.abs() == found.abs(),
            _ => wanted.trim() == found.trim(),
        };
        if !is_same {
            told.push(format!("{} is {wanted} here and {found} there", equal.what));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sandbox::clock::{Clock, SystemClock};
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::simulator::emulated::Emulated;
    use crate::simulator::pairs::billing::Billing;
    use crate::simulator::pairs::revenue::Revenue;

    fn told(application: &'static str, kind: &str, record: Json) -> Told {
        Told { application, kind: kind.to_owned(), record }
    }

    /// A pair, and books of it that agree: the record of the source, what it became, and the marks if they stand apart.
    fn pairs() -> [(Emulated, Vec<Told>, &'static str); 2] {
        let (clock, today) = (Arc::new(SystemClock) as Arc<dyn Clock>, jiff::civil::date(2026, 11, 22));
        let billing = Billing::new(1, &sandbox::books::Books::default(), &clock).unwrap();
        let revenue = Revenue::new(1, &sandbox::books::revenue::Books::default(), &clock).unwrap();
        let marks = json!({"Id": "i1", "InvoiceNumber": "INV1", "Amount": 10.5, "IntegrationStatus__NS": "Sync Complete", "IntegrationId__NS": "7"});
        let held = json!({"id": "7", "externalId": "zuora-invoice-i1", "custbodyzuoraid": "i1", "total": 10.50});
        let first = vec![told("zuora", "Invoice", marks), told("netsuite", "invoice", held)];
        let invoice = json!({"id": "n1", "name": "INV1", "amount": 10.50, "status": "Active"});
        let held = json!({"Id": "a7", "Nue_Id__c": "N1", "Name": "INV1", "Ruby__Amount__c": 10.5, "Ruby__Status__c": "Active"});
        let mark =
            json!({"Id": "m1", "Nue_Id__c": "n1", "Integration_Status__c": "Sync Complete", "Integration_Id__c": "a7"});
        let second = vec![
            told("nue", "invoice", invoice),
            told("salesforce", "Ruby__Invoice__c", held),
            told("salesforce", "Counterfoil_Mark__c", mark),
        ];
        let between = |pair: Box<dyn Pair>| Emulated::new(pair, today, None).unwrap();
        [(between(Box::new(billing)), first, "total"), (between(Box::new(revenue)), second, "Ruby__Amount__c")]
    }

    fn seen(between: &Emulated, told: &[Told]) -> Violations {
        judge(&*between.pair, &between.flows, told, &Ends::new()).0
    }

    #[test]
    fn books_that_agree_are_as_promised() {
        for (between, told, _) in pairs() {
            assert_eq!(seen(&between, &told), Violations::default());
        }
    }

    #[test]
    fn a_second_record_a_missing_one_and_another_amount_are_seen() {
        for (between, told, amount) in pairs() {
            let doubled = [&told[..], &told[1..2]].concat();
            assert_eq!(seen(&between, &doubled).duplicates, 1);
            let without = [&told[..1], &told[2..]].concat();
            assert_eq!(seen(&between, &without), Violations { lost: 1, ..Violations::default() });
            let mut differing = told.clone();
            differing[1].record[amount] = json!(10.49);
            assert_eq!(seen(&between, &differing), Violations { stale: 1, ..Violations::default() });
        }
    }

    #[test]
    fn a_mark_that_names_another_record_is_one_of_a_lost_one() {
        for (between, mut told, _) in pairs() {
            let mark = told
                .iter_mut()
                .find(|told| told.text("IntegrationId__NS") == "7" || told.text("Integration_Id__c") == "a7");
            for (field, value) in mark.unwrap().record.as_object_mut().unwrap() {
                if field.to_lowercase().replace('_', "").starts_with("integrationid") {
                    *value = json!("8");
                }
            }
            assert_eq!(seen(&between, &told).lost, 1);
        }
    }

    #[test]
    fn a_record_that_waits_at_the_end_is_stuck() {
        let [(between, told, _), _] = pairs();
        let ends = Ends::from([(("a flow".into(), "i1".into()), Outcome::Deferred)]);
        let seen = judge(&*between.pair, &between.flows, &told, &ends).0;
        assert_eq!(seen, Violations { stuck: 1, ..Violations::default() });
    }
}
