//! What is left of queries whose results do not fit in one answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::plan::Plan;
use crate::clock::lock;
use crate::salesforce::id::Id;

/// How long a cursor lives.
const LIFETIME: SignedDuration = SignedDuration::from_hours(48);
/// How many ids all cursors keep. The vendor has no such bound; a machine has. The oldest go first.
const MOST_IDS: usize = 10_000_000;
/// How the ids of cursors begin.
const PREFIX: [u8; 3] = *b"0r8";

/// The results of a query, to be read on.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    /// What was asked.
    pub(super) plan: Arc<Plan>,
    /// The records that were found.
    pub(super) ids: Arc<[Id]>,
    made: Timestamp,
}

/// The cursors of the org.
#[derive(Debug)]
pub(crate) struct Cursors {
    org: [u8; 3],
    kept: Mutex<Kept>,
}

/// The ids of cursors rise, so that the oldest come first.
#[derive(Debug, Default)]
struct Kept {
    cursors: BTreeMap<Id, Cursor>,
    made: u64,
    ids: usize,
}

impl Cursors {
    /// No cursors. `org` stands in the ids of those to come.
    pub(crate) fn new(org: [u8; 3]) -> Self {
        Self { org, kept: Mutex::default() }
    }

    /// Keeps results; answers the cursor's id.
    pub(super) fn keep(&self, plan: &Arc<Plan>, ids: Arc<[Id]>, now: Timestamp) -> Id {
        let mut kept = lock(&self.kept);
        kept.made += 1;
        kept.ids += ids.len();
        let id = Id::new(PREFIX, self.org, kept.made);
        kept.cursors.insert(id, Cursor { plan: Arc::clone(plan), ids, made: now });
        let mut total = kept.ids;
        while let Some(oldest) = kept.cursors.first_entry() {
            let is_own = *oldest.key() == id;
            if is_own || !is_over(oldest.get(), now) && total <= MOST_IDS {
                break;
            }
            total -= oldest.remove().ids.len();
        }
        kept.ids = total;
        id
    }

    /// The cursor and the offset in it that a locator (`0r8..-2000`) names.
    pub(super) fn find(&self, locator: &str, now: Timestamp) -> Option<(Cursor, usize, Id)> {
        let (id, offset) = locator.rsplit_once('-')?;
        let id = Id::read(id).filter(|id| id.prefix() == PREFIX)?;
        let offset = offset.parse().ok()?;
        let kept = lock(&self.kept);
        let cursor = kept.cursors.get(&id).filter(|cursor| !is_over(cursor, now) && offset < cursor.ids.len())?;
        Some((cursor.clone(), offset, id))
    }
}

fn is_over(cursor: &Cursor, now: Timestamp) -> bool {
    now.duration_since(cursor.made) > LIFETIME
}
