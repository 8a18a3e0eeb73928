//! Row locks: a call that writes holds the rows that it touched, and their parents, for as long as it lasts.
//!
//! The rows stand behind one lock of the process, so that a write itself is never interleaved with another. What
//! lasts is the call: a fault can make it slow, and until its answer goes out nobody else writes to what it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::id::Id;
use crate::clock::{delay, lock};

/// The locks of the org.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    held: Mutex<BTreeMap<Id, u64>>,
    last: Mutex<u64>,
    freed: Notify,
}

/// What one call holds. Everything is let go when the last copy is dropped: one rides on the answer.
#[derive(Debug)]
pub(crate) struct Claim {
    locks: Arc<Locks>,
    call: u64,
    refused: Mutex<BTreeSet<Id>>,
}

impl Locks {
    /// A claim of a new call.
    pub(crate) fn claim(self: &Arc<Self>) -> Claim {
        let mut last = lock(&self.last);
        *last += 1;
        Claim { locks: Arc::clone(self), call: *last, refused: Mutex::default() }
    }
}

impl Claim {
    /// Locks rows for this call.
    ///
    /// # Errors
    /// The rows that others hold; none is locked then.
    pub(crate) fn lock(&self, ids: &[Id]) -> Result<(), Vec<Id>> {
        let mut held = lock(&self.locks.held);
        let taken: Vec<Id> =
            ids.iter().filter(|id| held.get(id).is_some_and(|call| *call != self.call)).copied().collect();
        if taken.is_empty() {
            held.extend(ids.iter().map(|id| (*id, self.call)));
            return Ok(());
        }
        lock(&self.refused).extend(&taken);
        Err(taken)
    }

    /// Whether a row was refused to this call.
    pub(crate) fn was_refused(&self) -> bool {
        !lock(&self.refused).is_empty()
    }

    /// Whether others still hold a row that was refused to this call. What was refused is forgotten.
    pub(crate) fn is_blocked(&self) -> bool {
        let refused = std::mem::take(&mut *lock(&self.refused));
        let held = lock(&self.locks.held);
        refused.iter().any(|id| held.get(id).is_some_and(|call| *call != self.call))
    }

    /// Lets everything go.
    pub(crate) fn release(&self) {
        lock(&self.locks.held).retain(|_, call| *call != self.call);
        self.locks.freed.notify_waiters();
    }

    /// Listens for calls that let their rows go, from now on.
    pub(crate) fn waiting(&self) -> Waiting<'_> {
        let mut freed = Box::pin(self.locks.freed.notified());
        // Registers at once: what is let go between a look at the locks and the wait is not missed.
        freed.as_mut().enable();
        Waiting(freed)
    }
}

/// A call that waits for rows.
pub(crate) struct Waiting<'a>(std::pin::Pin<Box<Notified<'a>>>);

impl Waiting<'_> {
    /// Waits until some call lets its rows go, for so many milliseconds at most; answers whether one did.
    pub(crate) async fn until_freed(self, milliseconds: u64) -> bool {
        tokio::select! {
            () = self.0 => true,
            () = delay(milliseconds) => false,
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.release();
    }
}
