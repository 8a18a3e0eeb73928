//! Engines at work: each is a future that is polled when something that it waits for happens, and dropped when it is
//! killed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use async_trait::async_trait;
use engine::{Limits, Plan, RunError, RunReport};
use model::flow::Flow;
use model::outcome::Outcome;
use model::ports::{Entry, Event, Log};
use model::problem::{Cause, Problem};
use model::value::SmolStr;

use super::pairs::Ports;
use super::stage::Stage;

/// How each record's pass ended, by flow and source id.
pub(crate) type Ends = BTreeMap<(SmolStr, SmolStr), Outcome>;

/// A run that came to its end.
pub(crate) struct Ended {
    /// What the engine reports.
    pub report: Result<RunReport, RunError>,
    /// What its log told.
    pub ends: Ends,
    /// The causes that its log named.
    pub causes: BTreeSet<Cause>,
}

impl Ended {
    /// A run that could not begin.
    pub(crate) fn not_begun(problem: Problem) -> Self {
        Self { report: Err(problem.into()), ends: Ends::new(), causes: BTreeSet::new() }
    }
}

/// A run under way.
pub(crate) type Run = Pin<Box<dyn Future<Output = Ended>>>;

/// One process that may run.
#[derive(Default)]
pub(crate) struct Engine {
    run: Option<Run>,
    flag: Arc<Flag>,
}

/// Raised when something happens for which an engine waits.
#[derive(Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    /// Whether it was raised; it is lowered.
    pub(crate) fn lower(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Engine {
    /// Begins a run, if none is under way.
    pub(crate) fn start(&mut self, run: impl FnOnce() -> Run) {
        if self.run.is_none() {
            self.run = Some(run());
            self.flag.0.store(true, Ordering::Relaxed);
        }
    }

    /// Kills it: what it sent is still on its way.
    pub(crate) fn kill(&mut self) -> bool {
        self.run.take().is_some()
    }

    /// Lets it go on for as long as something happened for which it waits; what it does may be such a thing.
    pub(crate) fn go_on(&mut self) -> Option<Ended> {
        while self.flag.lower() {
            let waker = Waker::from(self.flag.clone());
            if let Poll::Ready(ended) = self.run.as_mut()?.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.run = None;
                return Some(ended);
            }
        }
        None
    }
}

/// The real engine between applications, whatever they are.
pub(crate) async fn run(stage: Stage, flows: Arc<Vec<Flow>>, cutovers: HashMap<String, String>, ports: Ports) -> Ended {
    let log = Witness { stage: stage.clone(), told: Mutex::default() };
    let plan = Plan {
        flows: &flows,
        sources: ports.sources.iter().map(|(name, source)| (name.clone(), &**source)).collect(),
        destinations: ports.destinations.iter().map(|(name, held)| (name.clone(), &**held)).collect(),
        clock: &stage,
        log: &log,
        cutovers,
        limits: Limits::default(),
        dry: false,
        progress: &|_, _| {},
    };
    let report = engine::run(&plan).await;
    let (ends, causes) = std::mem::take(&mut *log.told.lock().unwrap_or_else(PoisonError::into_inner));
    Ended { report, ends, causes }
}

/// The sync log, read by the oracles.
struct Witness {
    stage: Stage,
    told: Mutex<(Ends, BTreeSet<Cause>)>,
}

#[async_trait]
impl Log for Witness {
    async fn append(&self, entries: Vec<Entry>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            match entry.event {
                Event::End { outcome, text, cause, .. } => {
                    self.stage.state().say(|| format!("log: {} {}: {text}", entry.source_id, outcome.name()));
                    told.1.extend(cause);
                    told.0.insert((entry.flow, entry.source_id), outcome);
                }
                Event::Stopped { text, cause, .. } => {
                    self.stage.state().say(|| format!("log: {} stopped: {text}", entry.flow));
                    told.1.insert(cause);
                }
                Event::Attempt { step, answer, detail, cause, .. } => {
                    self.stage.state().say(|| format!("log: {} {step} {answer}: {detail}", entry.source_id));
                    told.1.extend(cause);
                }
            }
        }
    }
}
