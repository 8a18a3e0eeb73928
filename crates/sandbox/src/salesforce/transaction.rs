//! One transaction after the other: rows that another call has locked are waited for.

use std::sync::Arc;

use super::locks::Claim;
use super::store::Store;
use super::{Current, Org};
use crate::faults::Mark;

/// Runs writes as one transaction. If they meet rows that another call has locked, all is taken back and done again as
/// soon as some call lets its rows go; when the org's patience is over, the rows are refused. What was locked is held
/// as long as the claim, which is answered.
pub(crate) async fn run<T>(
    org: &Arc<Org>,
    lag: Option<u64>,
    mut write: impl FnMut(&Current, &mut Store, &Claim) -> T,
) -> (T, Claim) {
    let claim = org.locks.claim();
    let mut patience = org.current().settings.lock_wait_ms;
    loop {
        {
            // Only what lags is left to the shell: what is to be forgotten is a row, not a call.
            let mut store = org.open(Mark { lag, ..Mark::default() });
            // The objects grow while their rows are held, and so do not change from here on.
            let current = org.current();
            store.begin();
            let done = write(&current, &mut store, &claim);
            if !claim.was_refused() || patience == 0 {
                store.commit();
                if store.take_regrant() {
                    // The settings were good before, and are the same.
                    let _ = org.renew(&store, |_| ());
                }
                drop(store);
                return (done, claim);
            }
            store.roll_back();
        }
        claim.release();
        let waiting = claim.waiting();
        if !claim.is_blocked() {
            continue;
        }
        let begun = org.clock.now();
        if !waiting.until_freed(patience).await {
            patience = 0;
        }
        let waited = org.clock.now().duration_since(begun).as_millis();
        patience = patience.saturating_sub(u64::try_from(waited).unwrap_or(0).max(1));
    }
}
