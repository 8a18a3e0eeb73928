//! One cell: a run that is struck, runs without faults until all is at rest, and what the oracles say.

use std::collections::BTreeSet;
use std::io;

use model::flow::Flow;
use model::outcome::Outcome;
use model::problem::Cause;

use super::call::Call;
use super::fault::{Executed, Fault, Scope, Strike};
use super::same::{Comparable, comparable, differences};
use super::theatre::{End, Theatre};
use crate::simulator::engines::{Ended, Ends};
use crate::simulator::oracles::uneven;
use crate::simulator::remedy::Remedy;
use crate::simulator::wire_oracles::judge;

/// Runs without faults after which all must be at rest.
const CALM_RUNS_MAX: u64 = 5;
/// How long nobody is at work between two runs, in milliseconds: longer than any search lags and any call is late.
const BETWEEN_RUNS: u64 = 900_000;
/// How often the engine is killed at the same call.
const KILLS: usize = 3;

/// A flow with what it meets, the calls that it makes undisturbed, and the books that it leaves.
pub(super) struct Scene {
    pub flow: Flow,
    pub prepared: Theatre,
    pub calls: Vec<Call>,
    pub books: Comparable,
}

/// What a cell showed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Runs without faults after which the books were whole; `None`: they never were.
    pub more_runs: Option<u64>,
    /// All runs.
    pub runs: u64,
    /// Calls that were struck.
    pub struck: u64,
    /// The causes that were named.
    pub causes: BTreeSet<Cause>,
    /// What was violated.
    pub violations: Vec<String>,
    /// What happened, line by line, if it was asked for.
    pub trace: Vec<String>,
}

impl Scene {
    /// Watches a flow undisturbed.
    pub(super) fn of(flow: &Flow, prepared: Theatre) -> io::Result<Self> {
        let theatre = prepared.fork(true, None);
        let mut acts = Acts::on(&theatre, flow);
        acts.act();
        let calls = theatre.plot.told().seen.clone();
        let books = theatre.books();
        let last = acts.act();
        let mut violations = acts.shown.violations;
        violations.extend(theatre.judged(&last));
        violations.extend(differences(&books, &theatre.books()));
        match violations.first() {
            Some(violation) => {
                let story = theatre.stage.state().seen.trace.take().unwrap_or_default().join("\n");
                Err(io::Error::other(format!("{} undisturbed: {violation}\n{story}", flow.name)))
            }
            None => Ok(Self { flow: flow.clone(), prepared, calls, books }),
        }
    }

    /// Plays one cell.
    pub(super) fn play(&self, strike: &Strike, without: Option<Remedy>, trace: bool) -> Shown {
        let theatre = self.prepared.fork(trace, without);
        let mut acts = Acts::on(&theatre, &self.flow);
        let kills = if strike.fault == Fault::Killed && strike.scope == Scope::Every { KILLS } else { 1 };
        for _ in 0..kills {
            theatre.plot.told().strike = Some(strike.clone());
            acts.act();
        }
        acts.look(0, &self.books);
        if !acts.told && !strike.is_untold() && acts.books != self.books {
            acts.violated("the run left something undone and told nobody".to_owned());
        }
        let mut last = Ends::new();
        for run in 1..=CALM_RUNS_MAX {
            // Where no key is enforced, what the dead one sent is waited out: the run at once does nothing, the next all.
            if strike.fault != Fault::Killed || self.is_waited_out() && run > 1 {
                theatre.rest(BETWEEN_RUNS);
            }
            last = acts.act();
            theatre.land(Executed::BeforeNextMark);
            theatre.land(Executed::AfterNextRun);
            acts.look(run, &self.books);
            let quiet = last.values().all(|outcome| *outcome == Outcome::Skipped);
            if quiet && acts.shown.more_runs.is_some() {
                break;
            }
        }
        let needed = strike.fault.runs_needed(strike.moment);
        let needed = if strike.fault == Fault::Killed && self.is_waited_out() { needed + 1 } else { needed };
        if self.is_waited_out() {
            // An earlier attempt may still be under way, and that is said.
            acts.shown.causes.remove(&Cause::Timeout);
        }
        acts.close(strike, needed, &last, &self.books)
    }

    /// Whether the destination enforces no key.
    fn is_waited_out(&self) -> bool {
        self.prepared.between.pair.settles_within(&self.flow.destination.application).is_some()
    }
}

/// The runs of a cell, one after the other.
struct Acts<'a> {
    theatre: &'a Theatre,
    flow: &'a Flow,
    shown: Shown,
    /// Whether anything was told of what went wrong.
    told: bool,
    /// The books as they were when somebody last looked.
    books: Comparable,
}

impl<'a> Acts<'a> {
    fn on(theatre: &'a Theatre, flow: &'a Flow) -> Self {
        Self { theatre, flow, shown: Shown::default(), told: false, books: Comparable::new() }
    }

    /// One run. Gives how its records ended.
    fn act(&mut self) -> Ends {
        self.theatre.stage.state().say(|| "A RUN BEGINS".to_owned());
        self.shown.runs += 1;
        match self.theatre.run(std::slice::from_ref(self.flow)) {
            End::Done(ended) => {
                if uneven(&ended, &self.theatre.stage) > 0 {
                    self.violated("the report does not add up to what the log tells".to_owned());
                }
                self.hear(&ended);
                ended.ends
            }
            End::Killed => Ends::new(),
            End::Stuck => {
                self.violated("a run does not end".to_owned());
                Ends::new()
            }
        }
    }

    /// What was told of a run.
    fn hear(&mut self, ended: &Ended) {
        self.shown.causes.extend(&ended.causes);
        match &ended.report {
            Ok(report) => {
                let stopped: Vec<_> = report.flows.iter().filter_map(|flow| flow.stopped.as_ref()).collect();
                for problem in &stopped {
                    self.theatre.stage.state().say(|| format!("stopped: {problem}"));
                }
                self.shown.causes.extend(stopped.iter().map(|problem| problem.cause));
                let waits = report.flows.iter().any(|flow| flow.tally.warned + flow.tally.deferred > 0);
                self.told |= waits || !stopped.is_empty() || !ended.causes.is_empty();
            }
            Err(error) => {
                self.theatre.stage.state().say(|| format!("the run failed: {error}"));
                if let engine::RunError::Problem(problem) = error {
                    self.shown.causes.insert(problem.cause);
                }
                self.told = true;
            }
        }
    }

    /// Looks whether the books are whole, and from which run on.
    fn look(&mut self, run: u64, wanted: &Comparable) {
        self.books = self.theatre.books();
        let whole = self.theatre.plot.told().held.is_empty() && self.books == *wanted;
        self.shown.more_runs = if whole { self.shown.more_runs.or(Some(run)) } else { None };
    }

    fn violated(&mut self, what: String) {
        self.theatre.stage.state().say(|| format!("ORACLE: {what}"));
        self.shown.violations.push(what);
    }

    /// What the oracles say at the end.
    fn close(mut self, strike: &Strike, needed: u64, last: &Ends, wanted: &Comparable) -> Shown {
        self.shown.struck = self.theatre.plot.told().struck;
        let mut said = self.theatre.judged(last);
        said.extend(differences(wanted, &self.books));
        let unmarked = self.theatre.plot.told().unmarked;
        if unmarked > 0 && !strike.is_false_receipt() {
            said.push(format!("{unmarked} writes without a mark before them"));
        }
        if self.shown.struck == 0 {
            said.push("the call was never made".to_owned());
        }
        match self.shown.more_runs {
            Some(runs) if runs > needed => said.push(format!("whole after {runs} more runs, where {needed} is enough")),
            Some(_) => {}
            None => said.push("the books are never whole".to_owned()),
        }
        let wrong = self.shown.causes.iter().filter(|cause| !strike.allows(**cause));
        said.extend(wrong.map(|cause| format!("{cause} is named, which was not the cause")).collect::<Vec<_>>());
        said.into_iter().for_each(|what| self.violated(what));
        self.shown.trace = self.theatre.stage.state().seen.trace.take().unwrap_or_default();
        self.shown
    }
}

impl Theatre {
    fn books(&self) -> Comparable {
        comparable(&*self.between.pair, self.between.records())
    }

    /// What the oracles of the wire say.
    fn judged(&self, last: &Ends) -> Vec<String> {
        judge(&*self.between.pair, &self.between.flows, &self.between.records(), last).1
    }
}
