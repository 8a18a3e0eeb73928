//! Which parents the calls under way touch. Salesforce locks a record's parent while the record is written: of two calls
//! that write children of one parent the second waits ten seconds for the lock, and then its rows are refused. Calls
//! whose parents differ go side by side.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};

use model::value::SmolStr;
use tokio::sync::Notify;

/// The parents that calls under way touch.
#[derive(Default)]
pub(super) struct Parents {
    touched: Mutex<BTreeSet<SmolStr>>,
    freed: Notify,
}

/// Parents that one call touches, until it is dropped.
pub(super) struct Claim<'a> {
    all: &'a Parents,
    own: BTreeSet<SmolStr>,
}

impl Parents {
    /// Waits until no other call touches any of these. All are claimed at once, so that no two calls wait for each other.
    pub(super) async fn claim(&self, own: BTreeSet<SmolStr>) -> Claim<'_> {
        loop {
            let mut freed = pin!(self.freed.notified());
            // Listens from now on: what is freed between the look and the wait is not missed.
            freed.as_mut().enable();
            if self.take(&own) {
                return Claim { all: self, own };
            }
            freed.await;
        }
    }

    fn take(&self, wanted: &BTreeSet<SmolStr>) -> bool {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let free = touched.is_disjoint(wanted);
        if free {
            touched.extend(wanted.iter().cloned());
        }
        free
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut touched = self.all.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.retain(|parent| !self.own.contains(parent));
        drop(touched);
        self.all.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn of(ids: &[&str]) -> BTreeSet<SmolStr> {
        ids.iter().map(|id| SmolStr::from(*id)).collect()
    }

    #[tokio::test]
    async fn calls_that_share_a_parent_go_one_after_the_other_and_others_side_by_side() {
        let parents = Parents::default();
        let first = parents.claim(of(&["a", "b"])).await;
        let beside = parents.claim(of(&["c"])).now_or_never();
        assert!(beside.is_some(), "it shares no parent");
        let mut second = Box::pin(parents.claim(of(&["b", "d"])));
        assert!(second.as_mut().now_or_never().is_none(), "b is touched");
        assert!(parents.claim(of(&["d"])).now_or_never().is_some(), "who waits holds nothing");
        drop(first);
        assert!(second.now_or_never().is_some(), "b is free");
    }

    #[tokio::test]
    async fn rows_without_a_parent_never_wait() {
        let parents = Parents::default();
        let _all = parents.claim(of(&["a"])).await;
        assert!(parents.claim(BTreeSet::new()).now_or_never().is_some());
        assert!(parents.claim(BTreeSet::new()).now_or_never().is_some());
    }
}
