//! Engines at work: each is a future that is polled when something that it waits for happens, and dropped when it is
//! killed.

use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use async_trait::async_trait;
use engine::{Limits, Plan, RunError, RunReport};
use model::flow::Flow;
use model::outcome::Outcome;
use model::ports::{Destination, Entry, Event, Log, Source};
use model::value::SmolStr;

use super::careless::Careless;
use super::flows::{DESTINATION, SOURCE};
use super::remedy::Remedy;
use super::source::Honest;
use super::stage::Stage;

/// How each record's pass ended, by flow and source id.
pub(crate) type Ends = BTreeMap<(SmolStr, SmolStr), Outcome>;

/// A run that came to its end.
pub(crate) struct Ended {
    /// What the engine reports.
    pub report: Result<RunReport, RunError>,
    /// What its log told.
    pub ends: Ends,
}

type Run = Pin<Box<dyn Future<Output = Ended>>>;

/// One process that may run.
#[derive(Default)]
pub(crate) struct Engine {
    run: Option<Run>,
    flag: Arc<Flag>,
}

/// Raised when something happens for which an engine waits.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Engine {
    /// Begins a run, if none is under way.
    pub(crate) fn start(&mut self, stage: &Stage, flows: &Arc<Vec<Flow>>, without: Option<Remedy>) {
        if self.run.is_none() {
            self.run = Some(Box::pin(run(stage.clone(), flows.clone(), without)));
            self.flag.0.store(true, Ordering::Relaxed);
        }
    }

    /// Kills it: what it sent is still on its way.
    pub(crate) fn kill(&mut self) -> bool {
        self.run.take().is_some()
    }

    /// Lets it go on, if something happened for which it waits.
    pub(crate) fn go_on(&mut self) -> Option<Ended> {
        if !self.flag.0.swap(false, Ordering::Relaxed) {
            return None;
        }
        let waker = Waker::from(self.flag.clone());
        match self.run.as_mut()?.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => None,
            Poll::Ready(ended) => {
                self.run = None;
                Some(ended)
            }
        }
    }
}

async fn run(stage: Stage, flows: Arc<Vec<Flow>>, without: Option<Remedy>) -> Ended {
    let applications = Careless::new(Honest { stage: stage.clone() }, without);
    let log = Witness { stage: stage.clone(), ends: Mutex::default() };
    let plan = Plan {
        flows: &flows,
        sources: HashMap::from([(SOURCE.to_owned(), &applications as &dyn Source)]),
        destinations: HashMap::from([(DESTINATION.to_owned(), &applications as &dyn Destination)]),
        clock: &stage,
        log: &log,
        cutovers: HashMap::new(),
        limits: Limits::default(),
        dry: false,
        progress: &|_, _| {},
    };
    let report = engine::run(&plan).await;
    let ends = std::mem::take(&mut *log.ends.lock().unwrap_or_else(PoisonError::into_inner));
    Ended { report, ends }
}

/// The sync log, read by the oracles.
struct Witness {
    stage: Stage,
    ends: Mutex<Ends>,
}

#[async_trait]
impl Log for Witness {
    async fn append(&self, entries: Vec<Entry>) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            if let Event::End { outcome, text, .. } = entry.event {
                self.stage.state().say(|| format!("log: {} {}: {text}", entry.source_id, outcome.name()));
                ends.insert((entry.flow, entry.source_id), outcome);
            }
        }
    }
}
