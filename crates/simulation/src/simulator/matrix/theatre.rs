//! Processes on the stage: each is polled when something happened, until it ends or is killed.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use connectors::Wire;
use model::flow::Flow;
use model::ports::{Destination, Source};
use model::problem::Problem;

use super::cable::Cable;
use super::fault::Executed;
use super::plot::Plot;
use super::ports::{Here, Marks, There};
use crate::simulator::books::Books;
use crate::simulator::circumstances::Circumstances;
use crate::simulator::dice::Dice;
use crate::simulator::emulated::{Emulated, Post};
use crate::simulator::engines::{Ended, Flag, run};
use crate::simulator::pairs::Ports;
use crate::simulator::remedy::{Remedy, Setting};
use crate::simulator::stage::{Event, Stage};

/// Events after which a run is taken for endless: the longest has some ten thousand.
const ENDLESS: u64 = 200_000;
/// How many calls may be under way at once.
const CONCURRENCY: usize = 5;

/// What became of a process.
pub(super) enum End<T> {
    Done(T),
    Killed,
    /// It waits for nothing, or goes on for ever.
    Stuck,
}

/// The applications with a stage of their own.
pub(super) struct Theatre {
    pub between: Emulated,
    pub stage: Stage,
    pub plot: Plot,
    pub without: Option<Remedy>,
}

/// A stage whose clock shows this.
pub(super) fn stage(now: u64, trace: bool) -> Stage {
    let mut dice = Dice::new(1);
    let circumstances = Circumstances { concurrency: CONCURRENCY, ..Circumstances::draw(&mut dice, Setting::Any) };
    let stage = Stage::new(dice, circumstances, Books::default(), trace);
    stage.state().now = now;
    stage
}

impl Theatre {
    /// The same applications as they stand, with nothing under way.
    pub(super) fn fork(&self, trace: bool, without: Option<Remedy>) -> Self {
        let now = self.stage.state().now;
        let stage = stage(now, trace);
        Self { between: self.between.fork(&stage.clock()), stage, plot: Plot::default(), without }
    }

    /// The ports of a new process, for a flow.
    pub(super) fn ports(&self, flow: &Flow) -> Result<Ports, Problem> {
        let wire = |post: &Post| -> Arc<dyn Wire> {
            let settles_within = self.between.pair.settles_within(post.name);
            let (stage, post, plot) = (self.stage.clone(), post.clone(), self.plot.clone());
            Arc::new(Cable { stage, post, plot, settles_within })
        };
        let Ports { sources, destinations } = self.between.ports(&self.stage, true, &wire)?;
        let at = self.between.pair.marks_at(flow);
        let marks = Marks {
            desk: self.between.post(at.application).desk.clone(),
            object: at.object.to_owned(),
            key: at.key.to_owned(),
            status: flow.source.marks.status.to_string(),
        };
        let here = |(name, connector)| (name, Arc::new(Here { connector, without: self.without }) as Arc<dyn Source>);
        let there = |(name, connector)| {
            let (plot, without, written) = (self.plot.clone(), self.without, Mutex::default());
            let there = There { connector, marks: marks.clone(), plot, without, written };
            (name, Arc::new(there) as Arc<dyn Destination>)
        };
        Ok(Ports {
            sources: sources.into_iter().map(here).collect(),
            destinations: destinations.into_iter().map(there).collect(),
        })
    }

    /// One run of these flows, in a new process.
    pub(super) fn run(&self, flows: &[Flow]) -> End<Ended> {
        let ports = match flows.first().map(|flow| self.ports(flow)) {
            Some(Ok(ports)) => ports,
            Some(Err(problem)) => return End::Done(Ended::not_begun(problem)),
            None => return End::Stuck,
        };
        let (flows, cutovers) = (Arc::new(flows.to_vec()), self.between.cutovers.clone());
        let end = self.until_done(run(self.stage.clone(), flows, cutovers, ports));
        self.plot.told().strike = None;
        end
    }

    /// Lets things happen until this is done.
    pub(super) fn until_done<T>(&self, process: impl Future<Output = T>) -> End<T> {
        let mut process: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(process);
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(flag.clone());
        for _ in 0..ENDLESS {
            let polled = process.as_mut().poll(&mut Context::from_waker(&waker));
            if std::mem::take(&mut self.plot.told().kill) {
                self.stage.state().say(|| "KILLED".to_owned());
                return End::Killed;
            }
            if let Poll::Ready(done) = polled {
                return End::Done(done);
            }
            // What it did may be what it waits for.
            if !flag.lower() && !self.happens() {
                return End::Stuck;
            }
        }
        End::Stuck
    }

    /// The next thing happens, if there is one.
    fn happens(&self) -> bool {
        let Some((number, event)) = self.stage.state().next() else { return false };
        match event {
            Event::Wake => self.stage.state().wake(number),
            Event::Arrive(parcel) => {
                let answer = (parcel.0)();
                self.stage.state().answered(number, answer);
            }
            _ => {}
        }
        true
    }

    /// Nobody is at work for so long; what is on its way arrives.
    pub(super) fn rest(&self, milliseconds: u64) {
        let until = self.stage.state().now + milliseconds;
        self.stage.state().after(milliseconds, Event::Start(0));
        while self.stage.state().now < until && self.happens() {}
    }

    /// What waited for the end of a run lands.
    pub(super) fn land(&self, moment: Executed) {
        let due = self.plot.told().due(moment);
        for parcel in due {
            self.stage.state().say(|| "an earlier call lands".to_owned());
            (parcel.0)();
        }
    }
}
