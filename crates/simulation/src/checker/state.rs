//! One moment of the world.

use std::sync::Arc;

use model::protocol::{Next, Reply, Standing};
use model::status::{Operation, Status, Transferred};

use crate::checker::world::{Bounds, Exclusion, World};

/// Everything that there is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The record as its application holds it.
    pub source: Source,
    /// Every record that the destination made of it.
    pub destination: Vec<Held>,
    /// What the destination remembers of the key: its answer.
    pub remembered: Option<Reply>,
    /// Requests that were sent and are not settled, in order of their content: the network keeps none.
    pub flight: Vec<Request>,
    /// What each engine holds in memory; nothing between two passes.
    pub engines: Vec<Option<Pass>>,
    /// Which engine holds the lease.
    pub lease: Option<u8>,
    /// What may still happen.
    pub left: Bounds,
}

/// The source record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// The Integration Status.
    pub status: Status,
    /// The Transferred to Accounting flag.
    pub transferred: Transferred,
    /// Whether the Integration Id is filled.
    pub linked: bool,
    /// Which version of its content this is.
    pub version: u8,
    /// Which version the last `Sync Complete` was about.
    pub synced: u8,
    /// Whether a person wrote the status that stands there.
    pub by_hand: bool,
    /// Whether a person took the record out of consideration, and nobody put it back.
    pub ignored: bool,
}

/// What a destination record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Content {
    /// Which version of the source.
    pub version: u8,
    /// Whether all its parts are there.
    pub whole: bool,
}

/// One destination record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Held {
    /// What it holds.
    pub content: Content,
    /// What the search shows of it.
    pub shown: Option<Content>,
}

/// A request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Request {
    /// The engine that waits for the answer, if one does.
    pub of: Option<u8>,
    /// What is asked.
    pub what: What,
    /// The record whose header it made, if its lines are still to come.
    pub half: Option<usize>,
}

/// What a request asks. A version is the one that its sender had read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// The in-progress mark.
    Mark(Operation),
    /// The destination write.
    Write(Operation, u8),
    /// `Sync Complete`.
    Complete(u8),
    /// `Error ...`.
    Fail,
}

/// What one engine holds in memory of one pass over the record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pass {
    /// What the source said when it was read.
    pub standing: Standing,
    /// The version that was read.
    pub version: u8,
    /// What was decided.
    pub next: Arc<Next>,
}

impl State {
    /// A record that nobody has touched yet.
    pub fn first(world: &World) -> Self {
        let transferred = if world.flag { Transferred::No } else { Transferred::Untracked };
        Self {
            source: Source {
                status: Status::Blank,
                transferred,
                linked: false,
                version: 1,
                synced: 0,
                by_hand: false,
                ignored: false,
            },
            destination: Vec::new(),
            remembered: None,
            flight: Vec::new(),
            engines: vec![None; usize::from(world.engines)],
            lease: None,
            left: world.bounds,
        }
    }

    /// Where the request stands for whose answer an engine waits.
    pub fn awaited(&self, engine: u8) -> Option<usize> {
        self.flight.iter().position(|request| request.of == Some(engine))
    }

    /// The pass of an engine, if it is at one.
    pub fn pass(&self, engine: u8) -> Option<&Pass> {
        self.engines.get(usize::from(engine)).and_then(Option::as_ref)
    }

    /// Puts a request on its way.
    pub fn send(&mut self, request: Request) {
        let at = self.flight.partition_point(|held| *held <= request);
        self.flight.insert(at, request);
    }

    /// Leaves a request without a sender that waits: it gave up, or died.
    pub fn orphan(&mut self, at: usize) {
        let request = self.flight.remove(at);
        self.send(Request { of: None, ..request });
    }

    /// Ends a pass, and what it held.
    pub fn end_pass(&mut self, engine: u8) {
        if let Some(held) = self.engines.get_mut(usize::from(engine)) {
            *held = None;
        }
        if self.lease == Some(engine) {
            self.lease = None;
        }
    }

    /// Whether the search shows all that there is.
    pub fn search_caught_up(&self) -> bool {
        self.destination.iter().all(|held| held.shown == Some(held.content))
    }

    /// Whether no engine and no request is at work on the record.
    pub fn is_quiet(&self) -> bool {
        self.flight.is_empty() && self.engines.iter().all(Option::is_none)
    }

    /// Whether nothing is under way anywhere.
    pub fn at_rest(&self) -> bool {
        self.is_quiet() && self.search_caught_up()
    }

    /// Whether an engine may take the record up now, as far as other engines go.
    pub fn free_for(&self, world: &World, engine: u8) -> bool {
        match world.exclusion {
            Exclusion::None => true,
            Exclusion::Lease => self.lease.is_none_or(|holder| holder == engine),
            Exclusion::Lock => self.engines.iter().all(Option::is_none),
        }
    }
}
