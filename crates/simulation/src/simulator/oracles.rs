//! The oracles: small observers, each of one promise. They know the whole truth of both sides, which no engine does.

use std::collections::BTreeMap;

use model::Decimal;
use model::outcome::Outcome;
use model::status::Status;
use model::value::{Record, SmolStr};

use super::books::{Books, Held, Origin};
use super::engines::{Ended, Ends};
use super::flows::{CURRENCIES, PAIRS, source_of_flow};
use super::stage::Stage;

/// What the oracles saw, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    /// Destination records more than one of one source record.
    pub duplicates: u64,
    /// Due records without a destination record, though nothing was the matter with them.
    pub lost: u64,
    /// Records that are `Sync Complete` while the destination differs, and sums that differ.
    pub stale: u64,
    /// Records that are neither complete nor in error nor ignored at the end, and runs that do not end.
    pub stuck: u64,
    /// Destination writes before which the source record was never marked.
    pub unmarked: u64,
    /// Reports that do not add up to what the log tells.
    pub uneven: u64,
}

impl Violations {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.duplicates + self.lost + self.stale + self.stuck + self.unmarked + self.uneven
    }

    /// Adds those of another.
    pub fn add(&mut self, other: &Self) {
        self.duplicates += other.duplicates;
        self.lost += other.lost;
        self.stale += other.stale;
        self.stuck += other.stuck;
        self.unmarked += other.unmarked;
        self.uneven += other.uneven;
    }
}

/// A report that does not add up: read is the sum of the outcomes, and both are what the log tells.
pub(crate) fn uneven(ended: &Ended, stage: &Stage) -> u64 {
    let Ok(report) = &ended.report else { return 0 };
    let mut uneven = 0;
    for flow in &report.flows {
        let tally = &flow.tally;
        let mut told = BTreeMap::<Outcome, u64>::new();
        for (_, outcome) in ended.ends.iter().filter(|((name, _), _)| *name == flow.name) {
            *told.entry(*outcome).or_default() += 1;
        }
        let counted = [
            (Outcome::Created, tally.created),
            (Outcome::Updated, tally.updated),
            (Outcome::Found, tally.found),
            (Outcome::Warned, tally.warned),
            (Outcome::Deferred, tally.deferred),
            (Outcome::Skipped, tally.skipped),
        ];
        let as_told = counted.iter().all(|(outcome, count)| told.get(outcome).copied().unwrap_or(0) == *count);
        let even_sums = tally.source_sums == tally.destination_sums;
        if !tally.adds_up() || !even_sums || flow.stopped.is_none() && !as_told {
            stage.state().say(|| format!("ORACLE: {} reports {tally:?}, and its log tells {told:?}", flow.name));
            uneven += 1;
        }
    }
    uneven
}

/// What the books of both sides show when all is at rest. `last` is what the last run's log told.
pub(crate) fn judge(books: &Books, last: &Ends) -> (Violations, Vec<String>) {
    let told = last.iter().map(|((flow, id), outcome)| ((source_of_flow(flow), id.clone()), *outcome)).collect();
    let judge = Judge { books, told };
    let (mut violations, mut lines) = (Violations::default(), Vec::new());
    for (object, _) in PAIRS {
        for (id, record) in books.source.get(object).into_iter().flatten() {
            judge.record(&(object, id.clone()), record, &mut violations, &mut lines);
        }
    }
    for (currency, _) in CURRENCIES {
        let (here, there) = judge.sums(currency);
        if here != there {
            violations.stale += 1;
            lines.push(format!("{currency}: {here} here, {there} there"));
        }
    }
    (violations, lines)
}

struct Judge<'a> {
    books: &'a Books,
    told: BTreeMap<Origin, Outcome>,
}

impl Judge<'_> {
    fn record(&self, origin: &Origin, record: &Record, violations: &mut Violations, lines: &mut Vec<String>) {
        let name = format!("{} {}", origin.0, origin.1);
        let made: Vec<&Held> = self.made(origin).collect();
        let status = Status::read(record.text("IntegrationStatus"));
        if made.len() > 1 {
            violations.duplicates += made.len() as u64 - 1;
            lines.push(format!("{name} stands {} times in the destination", made.len()));
            return;
        }
        let excused = self.excused(origin, record);
        match made.first() {
            None if excused => {
                if status == Status::Complete && !self.books.by_hand.contains(origin) {
                    violations.lost += 1;
                    lines.push(format!("{name} says it is in sync, and the destination never took it"));
                }
            }
            None => {
                violations.lost += 1;
                lines.push(format!("{name} is not in the destination; its status is {status:?}"));
            }
            Some(held) if status == Status::Complete => {
                if let Some(difference) = self.difference(record, held) {
                    violations.stale += 1;
                    lines.push(format!("{name} says it is in sync: {difference}"));
                }
            }
            Some(_) if status == Status::Ignore || self.books.maimed.contains(origin) && status == Status::Error => {}
            Some(held) => {
                violations.stuck += 1;
                lines.push(format!("{name} is {} in the destination; its status is {status:?}", held.id));
            }
        }
    }

    fn made<'a>(&'a self, origin: &'a Origin) -> impl Iterator<Item = &'a Held> {
        self.books.live.values().filter(move |held| held.origin == *origin)
    }

    /// Something is the matter with the record, or with its parent, and the last run said so.
    fn excused(&self, origin: &Origin, record: &Record) -> bool {
        let ignored = Status::read(record.text("IntegrationStatus")) == Status::Ignore;
        let invalid = record.at("Number").is_null() || self.books.unwelcome.contains(origin);
        let parent = ["AccountId", "ParentId"].into_iter().map(|key| record.text(key)).find(|id| !id.is_empty());
        let waits = parent.is_some_and(|id| {
            let parent = ("Account", SmolStr::from(id));
            let held = self.books.record(&parent);
            held.is_some_and(|held| held.at("IntegrationId").is_null() && self.excused(&parent, held))
        });
        let said = matches!(self.told.get(origin), Some(Outcome::Warned | Outcome::Deferred));
        ignored || said && (invalid || waits || self.books.by_hand.contains(origin))
    }

    /// What the destination should hold and does not, if anything: field by field, without the engine's help.
    fn difference(&self, record: &Record, held: &Held) -> Option<String> {
        let currency = CURRENCIES.into_iter().find(|(code, _)| *code == record.text("Currency")).map(|(_, id)| id);
        let account = |key: &str| {
            let id = record.text(key);
            self.books.live.values().find(|held| held.origin == ("Account", id.into())).map(|held| held.id.to_string())
        };
        let mut expected = vec![("currency", currency.unwrap_or_default().to_owned())];
        if held.object == "customer" {
            expected.extend([
                ("entityid", record.text("Number").to_owned()),
                ("companyname", record.text("Name").to_owned()),
            ]);
            expected.push(("parent", account("ParentId").unwrap_or_default()));
        } else {
            expected
                .extend([("tranid", record.text("Number").to_owned()), ("trandate", record.text("Date").to_owned())]);
            expected.push(("amount", record.at("Amount").show()));
            expected.push(("entity", account("AccountId").unwrap_or_default()));
        }
        let differs = expected.into_iter().find(|(field, value)| held.fields.get(field).show() != *value);
        if let Some((field, value)) = differs {
            return Some(format!("{field} is '{value}' here and '{}' there", held.fields.get(field)));
        }
        let lines = self.books.fetched("InvoiceItem", "InvoiceId", &[record.text("Id").into()]).len();
        let there = held.fields.list("item").len();
        (held.object == "invoice" && lines != there).then(|| format!("it has {lines} lines here and {there} there"))
    }

    /// What the documents that are in sync amount to, on both sides.
    fn sums(&self, currency: &str) -> (Decimal, Decimal) {
        let (mut here, mut there) = (Decimal::ZERO, Decimal::ZERO);
        for object in ["Invoice", "CreditMemo"] {
            for (id, record) in self.books.source.get(object).into_iter().flatten() {
                let complete = Status::read(record.text("IntegrationStatus")) == Status::Complete;
                let origin = (object, id.clone());
                if complete && record.text("Currency") == currency && !self.books.by_hand.contains(&origin) {
                    here += record.at("Amount").as_number().unwrap_or_default();
                    let amounts = self.made(&origin).filter_map(|held| held.fields.get("amount").as_number());
                    there += amounts.sum::<Decimal>();
                }
            }
        }
        (here, there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use crate::simulator::circumstances::Circumstances;
    use crate::simulator::dice::Dice;
    use crate::simulator::remedy::Setting;
    use engine::{FlowReport, RunReport};
    use model::outcome::Tally;
    use model::value::Value;

    fn stage() -> Stage {
        let mut dice = Dice::new(1);
        let circumstances = Circumstances::draw(&mut dice, Setting::Any);
        Stage::new(dice, circumstances, Books::default(), false)
    }

    fn ended(tally: Tally, told: &[(&str, Outcome)]) -> Ended {
        let name = SmolStr::new_static("a flow");
        let flow = FlowReport { name: name.clone(), tally, warnings: Vec::new(), stopped: None };
        let ends = told.iter().map(|(id, outcome)| ((name.clone(), SmolStr::from(*id)), *outcome)).collect();
        Ended {
            report: Ok(RunReport { flows: vec![flow], somebody_else_writes: false, milliseconds: 0 }),
            ends,
            causes: BTreeSet::new(),
        }
    }

    #[test]
    fn a_report_that_counts_a_record_which_its_log_does_not_tell_is_uneven() {
        let mut tally = Tally::default();
        tally.count(Outcome::Created);
        assert_eq!(uneven(&ended(tally.clone(), &[("1", Outcome::Created)]), &stage()), 0);
        assert_eq!(uneven(&ended(tally.clone(), &[("1", Outcome::Found)]), &stage()), 1);
        assert_eq!(uneven(&ended(tally.clone(), &[]), &stage()), 1);
        tally.read += 1;
        assert_eq!(uneven(&ended(tally, &[("1", Outcome::Created)]), &stage()), 1);
    }

    #[test]
    fn a_cent_that_is_missing_on_one_side_is_stale_in_the_record_and_in_the_sum() {
        let mut books = Books::default();
        let mut memo = Record::default();
        for (field, text) in [("Id", "m1"), ("Number", "M-1"), ("Currency", "EUR"), ("Date", "2026-11-01")] {
            memo.set(field, Value::text(text));
        }
        memo.set("IntegrationStatus", Value::text("Sync Complete"));
        memo.set("Amount", Value::Number(Decimal::new(1000, 2)));
        let mut fields = Record::default();
        for (field, text) in [("tranid", "M-1"), ("currency", "4"), ("trandate", "2026-11-01")] {
            fields.set(field, Value::text(text));
        }
        fields.set("amount", Value::Number(Decimal::new(1000, 2)));
        let origin: Origin = ("CreditMemo", "m1".into());
        let key = "zuora-creditmemo-m1".to_owned();
        books.source.insert("CreditMemo", BTreeMap::from([(origin.1.clone(), memo)]));
        books.live.insert(1, Held { id: "101".into(), object: "creditMemo".to_owned(), key, origin, fields });
        assert_eq!(judge(&books, &Ends::new()).0, Violations::default());
        if let Some(held) = books.live.get_mut(&1) {
            held.fields.set("amount", Value::Number(Decimal::new(999, 2)));
        }
        assert_eq!(judge(&books, &Ends::new()).0, Violations { stale: 2, ..Violations::default() });
    }
}
