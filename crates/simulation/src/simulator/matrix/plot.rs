//! What is to happen in a run, and what was seen: shared by the cables, the ports and the theatre.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::call::Call;
use super::fault::{Executed, Scope, Strike};
use crate::simulator::stage::Parcel;

/// A handle on the plot.
#[derive(Clone, Default)]
pub(super) struct Plot(Arc<Mutex<Told>>);

/// The plot.
#[derive(Default)]
pub(super) struct Told {
    /// What is struck in this run.
    pub strike: Option<Strike>,
    /// How many calls were struck in all runs.
    pub struck: u64,
    /// The engine is to be killed.
    pub kill: bool,
    /// Calls that wait for the moment at which they are executed.
    pub held: Vec<(Executed, Parcel)>,
    /// The kinds of calls that were made, in the order of the first of each.
    pub seen: Vec<Call>,
    /// Writes before which the source record was not marked.
    pub unmarked: u64,
    /// Keys that were made up, where none is kept.
    pub keys: u64,
}

impl Plot {
    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    /// A call is made. Gives the strike, if it is to be struck.
    pub(super) fn made(&mut self, call: &Call) -> Option<Strike> {
        if !self.seen.contains(call) {
            self.seen.push(call.clone());
        }
        let strike = self.strike.as_ref().filter(|strike| strike.call == *call)?.clone();
        self.struck += 1;
        if strike.scope == Scope::First {
            self.strike = None;
        }
        Some(strike)
    }

    /// The calls that waited for this moment.
    pub(super) fn due(&mut self, moment: Executed) -> Vec<Parcel> {
        let (due, held) = std::mem::take(&mut self.held).into_iter().partition(|(until, _)| *until == moment);
        self.held = held;
        Vec::<(Executed, Parcel)>::into_iter(due).map(|(_, parcel)| parcel).collect()
    }
}
