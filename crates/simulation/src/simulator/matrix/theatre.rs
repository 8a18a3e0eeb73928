//! Processes on the stage: each is polled when something happened, until it ends or is killed.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use connectors::Wire;
use model::flow::Flow;
use model::problem::Problem;

use super::cable::Cable;
use super::fault::Executed;
use super::plot::Plot;
use super::ports::{Here, There};
use crate::simulator::books::Books;
use crate::simulator::circumstances::Circumstances;
use crate::simulator::dice::Dice;
use crate::simulator::emulated::{Emulated, Post};
use crate::simulator::engines::{Ended, Flag, run};
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

    /// The connectors of a new process, for a flow.
    pub(super) fn ports(
        &self,
        flow: &Flow,
    ) -> Result<(Here<impl model::ports::Source + use<>>, There<impl model::ports::Destination + use<>>), Problem> {
        let wire = |post: &Post| -> Arc<dyn Wire> {
            Arc::new(Cable { stage: self.stage.clone(), post: post.clone(), plot: self.plot.clone() })
        };
        let (zuora, netsuite) = self.between.connectors(&self.stage, self.between.logged_in(), wire)?;
        let held_at = self.between.posts.iter().find(|post| post.name == flow.source.application);
        let desk = held_at.unwrap_or(&self.between.posts[0]).desk.clone();
        let there = There {
            connector: netsuite,
            source: (desk, flow.source.object.clone()),
            status: flow.source.marks.status.to_string(),
            plot: self.plot.clone(),
            without: self.without,
            written: Mutex::default(),
        };
        Ok((Here { connector: zuora, without: self.without }, there))
    }

    /// One run of these flows, in a new process.
    pub(super) fn run(&self, flows: &[Flow]) -> End<Ended> {
        let made = flows.first().map(|flow| self.ports(flow));
        let (here, there) = match made {
            Some(Ok(made)) => made,
            Some(Err(problem)) => return End::Done(Ended::not_begun(problem)),
            None => return End::Stuck,
        };
        let (flows, cutovers) = (Arc::new(flows.to_vec()), self.between.cutovers.clone());
        let end = self.until_done(run(self.stage.clone(), flows, cutovers, Arc::new(here), Arc::new(there)));
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
