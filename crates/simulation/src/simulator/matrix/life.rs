//! The life of a record, in small: what a flow meets when it begins. Everything is in sync but for a few records of this
//! flow: new ones, one that was announced and not written, one that was announced and written, errors of both kinds, and
//! master records that changed since.

use std::collections::BTreeMap;
use std::io;

use model::flow::Flow;
use model::outcome::Outcome;
use model::ports::Mark;
use model::problem::Problem;
use model::protocol::Kind;
use model::status::{Operation, Transferred, error, in_progress};
use model::value::{Name, SmolStr};

use super::plot::Plot;
use super::theatre::{End, Theatre, stage};
use crate::simulator::emulated::Emulated;
use crate::simulator::engines::{Ended, Ends};
use crate::simulator::pairs::billing::{self, Billing};
use crate::simulator::pairs::revenue::{self, Revenue};
use crate::simulator::stage::Stage;

const SEED: u64 = 7;
/// Posted invoices: half of them are turned into returns, for the flows of negative documents.
const INVOICES: usize = 24;
/// Records of Salesforce and Nue of all types, and how many there are of each type at least.
const OF_ALL_TYPES: usize = 60;
const ENOUGH: usize = FEWEST + CHANGED.len();
/// Runs after which all is in sync.
const RUNS_MAX: usize = 3;

/// The record was never in the destination.
const NEVER: [State; 4] = [State::New, State::New, State::Announced, State::Error];
/// It is there and equal.
const THERE: [State; 2] = [State::Announced, State::Error];
/// It is there, and changed at the source since.
const CHANGED: [State; 3] = [State::New, State::Announced, State::Error];

/// With fewer records there is no life to speak of.
pub(super) const FEWEST: usize = NEVER.len() + THERE.len();

/// What a record's marks say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// What they say of one that is new, or in sync, as the case is.
    New,
    Announced,
    Error,
}

fn failed(what: impl std::fmt::Display) -> io::Error {
    io::Error::other(what.to_string())
}

/// Each pair of applications, filled and not in sync at all.
pub(super) fn beginnings() -> io::Result<[Theatre; 2]> {
    let stages = [stage(0, false), stage(0, false)];
    let (today, [first, second]) = (stages[0].today(), stages.each_ref().map(Stage::clock));
    let books = billing::with_returns(billing::books(SEED, INVOICES, today));
    let billing = Emulated::new(Box::new(Billing::new(SEED, &books, &first)?), today, books.cutover)?;
    let books = revenue::with_at_least(revenue::books(SEED, OF_ALL_TYPES, today), ENOUGH);
    let revenue = Emulated::new(Box::new(Revenue::new(SEED, &books, &second)?), today, None)?;
    let [first, second] = stages;
    let theatre = |between, stage| Theatre { between, stage, plot: Plot::default(), without: None };
    Ok([theatre(billing, first), theatre(revenue, second)])
}

/// Which records travel when nothing is in their way, by flow.
pub(super) fn travellers(beginning: &Theatre) -> io::Result<BTreeMap<Name, Vec<SmolStr>>> {
    let theatre = beginning.fork(false, None);
    let mut by_flow = BTreeMap::<Name, Vec<SmolStr>>::new();
    let ends = in_sync(&theatre)?;
    // First those that are made: what stands already, or is made otherwise, is only linked.
    for outcome in [Outcome::Created, Outcome::Found, Outcome::Updated] {
        for ((flow, id), _) in ends.iter().filter(|(_, end)| **end == outcome) {
            by_flow.entry(flow.clone()).or_default().push(id.clone());
        }
    }
    Ok(by_flow)
}

/// Runs all flows until nothing more travels. Gives how each record ended when it came through.
fn in_sync(theatre: &Theatre) -> io::Result<Ends> {
    let mut ends = Ends::new();
    for _ in 0..RUNS_MAX {
        let End::Done(Ended { report, ends: told, .. }) = theatre.run(&theatre.between.flows) else {
            return Err(failed("a run without faults does not end"));
        };
        report.map_err(failed)?;
        let moved = told.values().any(|outcome| !matches!(outcome, Outcome::Skipped | Outcome::Deferred));
        for (record, outcome) in told {
            if matches!(outcome, Outcome::Created | Outcome::Found | Outcome::Updated) {
                ends.entry(record).or_insert(outcome);
            }
        }
        if !moved {
            return Ok(ends);
        }
    }
    Err(failed("runs without faults do not come to rest"))
}

/// The applications as this flow meets them.
pub(super) fn prepared(beginning: &Theatre, flow: &Flow, travellers: &[SmolStr]) -> io::Result<Theatre> {
    let theatre = beginning.fork(false, None);
    let (never, there) = travellers.split_at(NEVER.len().min(travellers.len()));
    let aside: Vec<Mark> = never.iter().map(|id| marked(flow, id, "Ignore", Transferred::Ignore)).collect();
    theatre.write(flow, &aside)?;
    in_sync(&theatre)?;

    let mut marks = Vec::new();
    for (id, state) in never.iter().zip(NEVER) {
        marks.push(standing(flow, id, state, Operation::Create));
    }
    for (id, state) in there.iter().zip(THERE) {
        marks.push(standing(flow, id, state, Operation::Create));
    }
    theatre.write(flow, &marks)?;
    if flow.kind == Kind::Master {
        let changed: Vec<&SmolStr> = there.iter().skip(THERE.len()).take(CHANGED.len()).collect();
        theatre.edit(flow, &changed)?;
    }
    theatre.rest(3_600_000);
    Ok(theatre)
}

fn standing(flow: &Flow, id: &SmolStr, state: State, operation: Operation) -> Mark {
    let (status, flag) = match state {
        State::New => (SmolStr::default(), Transferred::No),
        State::Announced => (in_progress(operation, &flow.noun), Transferred::Processing),
        State::Error => (error(operation, &flow.noun), Transferred::Error),
    };
    marked(flow, id, &status, flag)
}

/// All four marks, id and date empty.
fn marked(flow: &Flow, id: &SmolStr, status: &str, flag: Transferred) -> Mark {
    let marks = &flow.source.marks;
    let mut fields = vec![(marks.status.clone(), SmolStr::from(status))];
    fields.extend([&marks.id, &marks.date].map(|field| (field.clone(), SmolStr::default())));
    fields.extend(marks.transferred.clone().map(|field| (field, SmolStr::new_static(flag.as_str()))));
    Mark { source_id: id.clone(), status: status.into(), fields }
}

impl Theatre {
    fn write(&self, flow: &Flow, marks: &[Mark]) -> io::Result<()> {
        match self.written(flow, marks)?.into_iter().next() {
            Some(problem) => Err(failed(problem)),
            None => Ok(()),
        }
    }

    /// Writes fields of source records; gives what was refused.
    fn written(&self, flow: &Flow, marks: &[Mark]) -> io::Result<Vec<Problem>> {
        let ports = self.ports(flow).map_err(failed)?;
        let here = ports.sources.get(&flow.source.application).ok_or_else(|| failed("no such source"))?;
        match self.until_done(here.mark(&flow.source.object, marks)) {
            End::Done(answers) => Ok(answers.iter().filter_map(|answer| answer.problem().cloned()).collect()),
            _ => Err(failed("the records of the source cannot be prepared")),
        }
    }

    /// Changes a field that the flow brings to the destination, and leaves the marks in three different states.
    fn edit(&self, flow: &Flow, ids: &[&SmolStr]) -> io::Result<()> {
        let compared: Vec<String> = flow.equal.iter().flat_map(|equal| equal.source.paths()).collect();
        let brought = flow.destination.fields.values().filter(|rule| rule.applies_to(Operation::Update));
        let candidates = brought.flat_map(model::rule::Rule::paths).filter(|path| {
            !path.contains('.') && *path != "Id" && *path != flow.source.number && !compared.contains(path)
        });
        for field in candidates {
            let edit = |id: &&SmolStr| {
                let fields = vec![(Name::from(field.as_str()), SmolStr::new_static("edited since"))];
                Mark { source_id: (*id).clone(), status: SmolStr::default(), fields }
            };
            let took = match self.edited(flow, ids, &field) {
                Some(took) => took,
                None => self.written(flow, &ids.iter().map(edit).collect::<Vec<_>>())?.is_empty(),
            };
            if took {
                let changed = ids.iter().zip(CHANGED).filter(|(_, state)| *state != State::New);
                let marks: Vec<Mark> =
                    changed.map(|(id, state)| standing(flow, id, state, Operation::Update)).collect();
                return self.write(flow, &marks);
            }
        }
        // What others make, or is written once, may have nothing that we bring there later.
        let is_kept_up = flow.destination.fields.values().any(|rule| rule.applies_to(Operation::Update));
        if flow.destination.made_by.is_none() && is_kept_up {
            return Err(failed(format!("{}: no field could be edited", flow.name)));
        }
        Ok(())
    }

    /// Whether the field took an edit, where it is made past the marks.
    fn edited(&self, flow: &Flow, ids: &[&SmolStr], field: &str) -> Option<bool> {
        let each = ids.iter().map(|id| self.between.pair.edit(flow, id, field));
        each.collect::<Option<Vec<bool>>>().map(|took| took.into_iter().all(|took| took))
    }
}
