//! Evidence that somebody else writes the same records at the same time: a second engine, started by mistake.
//!
//! A mark has no owner, so it cannot tell. This does: no status said that the record was ever announced, the search did
//! not find it, our one create was refused because its key is taken, and there the record stands, equal. It was made
//! between our search and our create, and not by us: a create of ours whose fate was in doubt leaves its mark behind.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use model::outcome::Outcome;
use model::ports::{Entry, Event, Log};

use crate::task::Task;

/// What to do about it.
pub(crate) const REMEDY: &str = "Find the other engine or program that writes these records, and stop one of the two. \
     Nothing stands twice, but all work is done twice; see docs/errors/configuration.md.";

/// Whether somebody else made the record while we were about to.
pub(crate) fn made(task: &Task) -> bool {
    task.standing.never_attempted() && task.problem.as_ref().is_some_and(|problem| problem.key_taken)
}

/// A log that asks for a remedy once a run, not at every record that somebody else made.
pub(crate) struct Once<'a> {
    log: &'a dyn Log,
    told: AtomicBool,
}

impl<'a> Once<'a> {
    pub(crate) fn over(log: &'a dyn Log) -> Self {
        Self { log, told: AtomicBool::new(false) }
    }

    /// Whether somebody else was seen to write.
    pub(crate) fn told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Log for Once<'_> {
    async fn append(&self, mut entries: Vec<Entry>) {
        for entry in &mut entries {
            // A record that was found needs no remedy, but for this.
            if let Event::End { outcome: Outcome::Found, cause: cause @ Some(_), retry, remedy, .. } = &mut entry.event
                && self.told.swap(true, Ordering::Relaxed)
            {
                (*cause, *retry, *remedy) = (None, None, None);
            }
        }
        self.log.append(entries).await;
    }
}
