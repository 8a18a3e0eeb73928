//! One seed from beginning to end: a time of misfortune, then calm weather in which everything must come to rest.

use std::collections::HashMap;
use std::sync::Arc;

use model::flow::Flow;
use model::ports::{Destination, Source};
use model::status::SYNC_COMPLETE;
use model::value::{SmolStr, Value};

use super::books::{Origin, Snapshot};
use super::careless::Careless;
use super::circumstances::Circumstances;
use super::dice::Dice;
use super::engines::{Ended, Ends, Engine, Run, run};
use super::flows::{DESTINATION, PAIRS, SOURCE, flows};
use super::genesis;
use super::oracles::{self, Violations};
use super::pairs::Ports;
use super::remedy::{Remedy, Setting};
use super::source::Honest;
use super::stage::{Event, LATENCY_MAX, Stage};

/// Runs in calm weather after which everything must have come to rest.
const CALM_RUNS_MAX: usize = 8;

/// Two applications between which engines run.
pub(crate) trait World {
    /// How long misfortune lasts, in milliseconds.
    const MISFORTUNE: u64;
    /// How long it takes until every call that was sent is executed or never will be, where that must be waited out.
    fn settles_within(&self) -> u64 {
        0
    }
    /// A new process begins a run.
    fn begin(&self, stage: &Stage) -> Run;
    /// Whether nothing has changed since the last time that this was asked.
    fn is_at_rest(&mut self, stage: &Stage) -> bool;
    /// What the oracles see when all is at rest; `last` is what the last run's log told.
    fn judge(&self, stage: &Stage, last: &Ends) -> (Violations, Vec<String>);
}

/// What one seed showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Source records.
    pub records: u64,
    /// Engines killed in the middle of a run.
    pub crashes: u64,
    /// Faults that struck a call.
    pub faults: u64,
    /// What the oracles saw.
    pub violations: Violations,
    /// What happened, line by line, if it was asked for.
    pub trace: Vec<String>,
}

/// Plays one seed between two applications in memory. `trace` keeps what happened, for a person to read.
pub fn play(seed: u64, setting: Setting, trace: bool) -> Shown {
    let mut dice = Dice::new(seed);
    let circumstances = Circumstances::draw(&mut dice, setting);
    let books = genesis::books(&circumstances, &mut dice);
    let records = PAIRS.iter().filter_map(|(object, _)| books.source.get(object)).map(|held| held.len() as u64).sum();
    let without = setting.without();
    let world = InMemory { flows: flows(&circumstances, without), without, last: None };
    played(world, Stage::new(dice, circumstances, books, trace), records)
}

/// Misfortune, calm, judgement.
pub(crate) fn played(world: impl World, stage: Stage, records: u64) -> Shown {
    let circumstances = stage.state().circumstances.clone();
    stage.state().say(|| format!("{circumstances:?}"));
    let engines = (0..circumstances.engines).map(|_| Engine::default()).collect();
    let mut play = Play { stage, world, engines, violations: Violations::default() };
    play.prepare(&circumstances);
    play.until_quiet(&mut |_| {});
    let last = play.calm();
    play.judge(&last);
    let mut state = play.stage.state();
    let seen = std::mem::take(&mut state.seen);
    play.violations.unmarked += seen.unmarked;
    Shown {
        records,
        crashes: seen.crashes,
        faults: seen.faults,
        violations: play.violations,
        trace: seen.trace.unwrap_or_default(),
    }
}

/// Both applications as models in memory.
struct InMemory {
    flows: Arc<Vec<Flow>>,
    without: Option<Remedy>,
    last: Option<Snapshot>,
}

impl World for InMemory {
    const MISFORTUNE: u64 = 2_500;

    fn begin(&self, stage: &Stage) -> Run {
        let both = Arc::new(Careless::new(Honest { stage: stage.clone() }, self.without));
        let ports = Ports {
            sources: [(SOURCE.to_owned(), both.clone() as Arc<dyn Source>)].into(),
            destinations: [(DESTINATION.to_owned(), both as Arc<dyn Destination>)].into(),
        };
        Box::pin(run(stage.clone(), self.flows.clone(), HashMap::new(), ports))
    }

    fn is_at_rest(&mut self, stage: &Stage) -> bool {
        let now = Some(stage.state().books.snapshot());
        let rests = self.last == now;
        self.last = now;
        rests
    }

    fn judge(&self, stage: &Stage, last: &Ends) -> (Violations, Vec<String>) {
        oracles::judge(&stage.state().books, last)
    }
}

struct Play<W> {
    stage: Stage,
    world: W,
    engines: Vec<Engine>,
    violations: Violations,
}

impl<W: World> Play<W> {
    /// Puts everything on the agenda that does not come from the engines themselves.
    fn prepare(&self, circumstances: &Circumstances) {
        let mut state = self.stage.state();
        for engine in 0..circumstances.engines {
            let at = state.dice.below(300);
            state.after(at, Event::Start(engine));
        }
        for _ in 0..circumstances.kills {
            let (at, engine) = (state.dice.between(50, W::MISFORTUNE), state.dice.index(circumstances.engines));
            state.after(at, Event::Kill(engine));
        }
        for _ in 0..circumstances.hands {
            let at = state.dice.below(W::MISFORTUNE);
            state.after(at, Event::Hand);
        }
        for _ in 0..circumstances.edits {
            let at = state.dice.below(W::MISFORTUNE);
            state.after(at, Event::Edit);
        }
    }

    /// Lets everything happen until nothing is left on the agenda.
    fn until_quiet(&mut self, ended: &mut dyn FnMut(Ended)) {
        loop {
            let Some((number, event)) = self.stage.state().next() else { break };
            self.happens(number, event);
            for place in 0..self.engines.len() {
                let Some(end) = self.engines[place].go_on() else { continue };
                self.report(place, &end);
                ended(end);
            }
        }
        if self.engines.iter_mut().any(Engine::kill) {
            self.stage.state().say(|| "ORACLE: an engine waits for nothing".to_owned());
            self.violations.stuck += 1;
        }
    }

    fn happens(&mut self, number: u64, event: Event) {
        match event {
            Event::Wake => self.stage.state().wake(number),
            Event::Land(write) => self.stage.state().land(number, write),
            Event::Arrive(parcel) => {
                let answer = (parcel.0)();
                self.stage.state().answered(number, answer);
            }
            Event::Index(number) => self.stage.state().books.index(number),
            Event::Start(engine) => {
                self.stage.state().say(|| format!("engine {engine} begins a run"));
                self.engines[engine].start(|| self.world.begin(&self.stage));
            }
            Event::Kill(engine) => {
                if self.engines[engine].kill() {
                    self.killed(engine);
                }
            }
            Event::Hand => self.hand(),
            Event::Edit => self.edit(),
        }
    }

    /// A killed engine is started again. Where no key is enforced, only after what it sent was settled.
    fn killed(&self, engine: usize) {
        let mut state = self.stage.state();
        state.seen.crashes += 1;
        state.say(|| format!("engine {engine} is killed"));
        let least = if state.circumstances.keyed { 0 } else { LATENCY_MAX + 1 };
        let pause = state.dice.between(least, least + 200);
        state.after(pause, Event::Start(engine));
    }

    fn report(&mut self, engine: usize, ended: &Ended) {
        self.violations.uneven += oracles::uneven(ended, &self.stage);
        let mut state = self.stage.state();
        state.say(|| format!("engine {engine} ends its run"));
        if !state.calm && state.now < W::MISFORTUNE {
            let pause = state.dice.below(300);
            state.after(pause, Event::Start(engine));
        }
    }

    /// A person edits a status.
    fn hand(&self) {
        let mut state = self.stage.state();
        let origins: Vec<Origin> = PAIRS
            .iter()
            .flat_map(|(object, _)| {
                state.books.source.get(object).into_iter().flatten().map(|(id, _)| (*object, id.clone()))
            })
            .collect();
        let kinds = if state.circumstances.keyed { 4 } else { 1 };
        let (origin, kind) = (origins[state.dice.index(origins.len())].clone(), state.dice.below(kinds));
        let status = ["", "Sync Completed", SYNC_COMPLETE, "Ignore"][usize::try_from(kind).unwrap_or(0)];
        state.say(|| format!("a person sets the status of {} {} to '{status}'", origin.0, origin.1));
        if let Some(record) = state.books.record_mut(&origin) {
            record.set("IntegrationStatus", Value::text(status));
        }
        if status == SYNC_COMPLETE {
            state.books.by_hand.insert(origin)
        } else {
            state.books.by_hand.remove(&origin)
        };
    }

    /// A master record changes at the source.
    fn edit(&self) {
        let mut state = self.stage.state();
        let ids: Vec<SmolStr> =
            state.books.source.get("Account").into_iter().flatten().map(|(id, _)| id.clone()).collect();
        let origin = ("Account", ids[state.dice.index(ids.len())].clone());
        let name = format!("Renamed {}", state.now);
        state.say(|| format!("{} is called '{name}' from now on", origin.1));
        if let Some(record) = state.books.record_mut(&origin) {
            record.set("Name", Value::text(name));
        }
    }

    /// Faults stop, and runs are repeated until nothing changes any more. Gives what the last run's log told.
    fn calm(&mut self) -> Ends {
        self.engines.truncate(1);
        let mut last = Ends::new();
        self.world.is_at_rest(&self.stage);
        for _ in 0..CALM_RUNS_MAX {
            {
                let mut state = self.stage.state();
                state.calm = true;
                state.say(|| "calm".to_owned());
                state.after(1 + self.world.settles_within(), Event::Start(0));
            }
            let mut ends = Ends::new();
            self.until_quiet(&mut |ended| ends = ended.ends);
            last = ends;
            if self.world.is_at_rest(&self.stage) {
                return last;
            }
        }
        self.stage.state().say(|| "ORACLE: the books never come to rest".to_owned());
        self.violations.stuck += 1;
        last
    }

    fn judge(&mut self, last: &Ends) {
        let (violations, lines) = self.world.judge(&self.stage, last);
        self.violations.add(&violations);
        let mut state = self.stage.state();
        for line in lines {
            state.say(|| format!("ORACLE: {line}"));
        }
    }
}
