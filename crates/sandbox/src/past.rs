//! What stood before a write: for a search that lags behind the records, and for a write that comes to nothing.
//!
//! A vendor may answer a search from an index that learns of a write some time after it, while a read of a record by
//! its own address knows at once. Here the records stand once. A write that is to lag leaves behind what stood before
//! it, and for the length of a search these older versions are put back; nobody else is let in meanwhile.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::{SignedDuration, Timestamp};

use crate::faults::Mark;

/// A store whose records can be put back to what they were.
pub(crate) trait Versioned {
    /// What tells one record from another.
    type Key: Copy + Eq + Hash;
    /// A record as it stood at some time.
    type Version: Clone;

    /// What the store remembers of its past.
    fn past(&self) -> &Past<Self::Key, Self::Version>;

    /// The same, to be changed.
    fn past_mut(&mut self) -> &mut Past<Self::Key, Self::Version>;

    /// Puts a version of a record in the place of the present one (`None`: no record), without remembering that one.
    fn exchange(&mut self, key: Self::Key, version: Option<Self::Version>) -> Option<Self::Version>;
}

/// The older versions that are still of use.
#[derive(Debug, Clone)]
pub(crate) struct Past<K, V> {
    /// Until when searches are not to see what is written now.
    hidden_until: Option<Timestamp>,
    /// What the present write has replaced, if it is to come to nothing.
    undo: Option<Vec<(K, Option<V>)>>,
    /// What searches still see, the oldest version first.
    behind: HashMap<K, VecDeque<Older<V>>>,
}

#[derive(Debug, Clone)]
struct Older<V> {
    until: Timestamp,
    version: Option<V>,
}

impl<K, V> Default for Past<K, V> {
    fn default() -> Self {
        Self { hidden_until: None, undo: None, behind: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Past<K, V> {
    /// A store calls this before each change of a record; `before` tells what stands there.
    pub(crate) fn remember(&mut self, key: K, before: impl FnOnce() -> Option<V>) {
        if self.hidden_until.is_none() {
            // An index takes a record as it is now: a write that is seen at once takes the hidden ones along.
            self.behind.remove(&key);
            if self.undo.is_none() {
                return;
            }
        }
        let before = before();
        if let Some(until) = self.hidden_until {
            let older = self.behind.entry(key).or_default();
            older.iter_mut().for_each(|older| older.until = older.until.min(until));
            older.push_back(Older { until, version: before.clone() });
        }
        if let Some(undo) = &mut self.undo {
            undo.push((key, before));
        }
    }

    fn begin(&mut self, mark: Mark, now: Timestamp) {
        let later = |milliseconds: u64| {
            let lag = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
            now.saturating_add(lag).unwrap_or(Timestamp::MAX)
        };
        self.hidden_until = mark.lag.map(later);
        self.undo = mark.forget.then(Vec::new);
    }

    fn catch_up(&mut self, now: Timestamp) {
        self.behind.retain(|_, older| {
            older.retain(|older| older.until > now);
            !older.is_empty()
        });
    }
}

/// A store that is open for the writes of one call.
pub(crate) struct Writing<'a, S: Versioned>(RwLockWriteGuard<'a, S>);

impl<'a, S: Versioned> Writing<'a, S> {
    /// Waits until nobody else is at the store.
    pub(crate) fn open(store: &'a RwLock<S>, mark: Mark, now: Timestamp) -> Self {
        let mut store = store.write().unwrap_or_else(PoisonError::into_inner);
        store.past_mut().begin(mark, now);
        Self(store)
    }

    /// Takes back what was written so far, if the call is to come to nothing; what follows stays.
    pub(crate) fn take_back(&mut self) {
        for (key, before) in self.0.past_mut().undo.take().into_iter().flatten().rev() {
            self.0.exchange(key, before);
        }
    }
}

impl<S: Versioned> Deref for Writing<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: Versioned> DerefMut for Writing<'_, S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.0
    }
}

impl<S: Versioned> Drop for Writing<'_, S> {
    fn drop(&mut self) {
        self.take_back();
    }
}

/// A store as searches see it.
pub(crate) enum Searching<'a, S: Versioned> {
    /// Nothing lags.
    Now(RwLockReadGuard<'a, S>),
    /// Older versions stand in the places of some records.
    Behind(Behind<'a, S>),
}

/// A store in which older versions stand until this is dropped.
pub(crate) struct Behind<'a, S: Versioned>(RwLockWriteGuard<'a, S>);

impl<'a, S: Versioned> Searching<'a, S> {
    /// Opens the store for a search.
    pub(crate) fn open(store: &'a RwLock<S>, now: Timestamp) -> Self {
        let current = store.read().unwrap_or_else(PoisonError::into_inner);
        if current.past().behind.is_empty() {
            return Self::Now(current);
        }
        drop(current);
        let mut store = store.write().unwrap_or_else(PoisonError::into_inner);
        store.past_mut().catch_up(now);
        swap(&mut *store);
        Self::Behind(Behind(store))
    }
}

impl<S: Versioned> Deref for Searching<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        match self {
            Self::Now(store) => store,
            Self::Behind(behind) => &behind.0,
        }
    }
}

impl<S: Versioned> Drop for Behind<'_, S> {
    fn drop(&mut self) {
        swap(&mut *self.0);
    }
}

/// Exchanges the records that lag for the oldest versions that searches still see, or back.
fn swap<S: Versioned>(store: &mut S) {
    let mut behind = mem::take(&mut store.past_mut().behind);
    for (key, older) in &mut behind {
        if let Some(oldest) = older.front_mut() {
            oldest.version = store.exchange(*key, oldest.version.take());
        }
    }
    store.past_mut().behind = behind;
}

#[cfg(test)]
mod tests;
