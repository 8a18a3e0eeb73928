//! How many calls the org has left, and how many long ones are under way.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::errors::Refusal;
use super::settings::Settings;
use crate::clock::lock;

/// The vendor counts calls over so many seconds.
const WINDOW_SECONDS: i64 = 24 * 3600;

/// The counts of the org.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Calls by the second in which they came.
    calls: Mutex<VecDeque<(i64, u64)>>,
    under_way: Arc<Mutex<BTreeMap<u64, Timestamp>>>,
    last: Mutex<u64>,
}

/// A call that is under way until this is dropped: it rides on the answer.
#[derive(Debug)]
pub(crate) struct UnderWay {
    all: Arc<Mutex<BTreeMap<u64, Timestamp>>>,
    call: u64,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.all).remove(&self.call);
    }
}

impl Meter {
    /// How many calls were made within 24 hours, those of others among them.
    pub(crate) fn used(&self, settings: &Settings, now: Timestamp) -> u64 {
        let mut calls = lock(&self.calls);
        while calls.front().is_some_and(|(second, _)| *second <= now.as_second() - WINDOW_SECONDS) {
            calls.pop_front();
        }
        settings.daily_api_requests_used + calls.iter().map(|(_, count)| count).sum::<u64>()
    }

    /// Counts calls.
    pub(crate) fn count(&self, calls: u64, now: Timestamp) {
        let mut counted = lock(&self.calls);
        match counted.back_mut() {
            Some((second, count)) if *second == now.as_second() => *count += calls,
            _ => counted.push_back((now.as_second(), calls)),
        }
    }

    /// Lets a call in.
    ///
    /// # Errors
    /// The org has no calls left, or too many long ones are under way.
    pub(crate) fn admit(&self, settings: &Settings, now: Timestamp) -> Result<UnderWay, Refusal> {
        let refused = |message: &str| Err(Refusal::new(403, "REQUEST_LIMIT_EXCEEDED", message));
        if self.used(settings, now) >= settings.daily_api_requests {
            return refused("TotalRequests Limit exceeded.");
        }
        let mut under_way = lock(&self.under_way);
        let age = |begun: &Timestamp| now.duration_since(*begun).as_millis();
        let long = under_way.values().filter(|begun| age(begun) >= i128::from(settings.long_call_ms)).count();
        if long >= settings.concurrent_long_calls {
            return refused("ConcurrentPerOrgLongTxn Limit exceeded.");
        }
        let mut last = lock(&self.last);
        *last += 1;
        under_way.insert(*last, now);
        drop(under_way);
        self.count(1, now);
        Ok(UnderWay { all: Arc::clone(&self.under_way), call: *last })
    }
}
