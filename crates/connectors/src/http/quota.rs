//! How many requests an application grants in a minute, an hour or a day. When only the share that is left to people
//! and other programs remains, ours wait until the count begins anew, if that is soon.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use model::problem::{Cause, Problem};
use reqwest::header::HeaderMap;

/// What the headers of an answer say of the quota that is nearest to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    limit: u64,
    remaining: u64,
    reset_seconds: i64,
}

/// `RateLimit-Limit: 2250000, 50000;w=60, ...`: the first number is the limit to which the other two headers belong.
fn said(headers: &HeaderMap) -> Option<Said> {
    let number = |name: &str| {
        let text = headers.get(name)?.to_str().ok()?;
        text.split([',', ';']).next()?.trim().parse::<u64>().ok()
    };
    let remaining = number("ratelimit-remaining")?;
    let reset_seconds = i64::try_from(number("ratelimit-reset")?).ok()?;
    Some(Said { limit: number("ratelimit-limit").unwrap_or(0), remaining, reset_seconds })
}

/// Until when nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hold {
    until: Timestamp,
    said: Said,
}

/// The quota of an application.
#[derive(Default)]
pub(super) struct Quota(Mutex<Option<Hold>>);

impl Quota {
    /// Reads what an answer says.
    pub(super) fn note(&self, headers: &HeaderMap, reserve_percent: u8, now: Timestamp) {
        let Some(said) = said(headers) else { return };
        let reserve = u128::from(said.limit) * u128::from(reserve_percent.min(100)) / 100;
        if u128::from(said.remaining) > reserve {
            return;
        }
        // Zuora's longest count is a day; what is longer is no count.
        let until = now + SignedDuration::from_secs(said.reset_seconds.clamp(0, 86_400));
        let mut hold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hold.as_ref().is_none_or(|hold| hold.until < until) {
            *hold = Some(Hold { until, said });
        }
    }

    /// How long a request has to wait, in milliseconds, and what to say if it cannot.
    pub(super) fn hold(&self, application: &str, call: &str, now: Timestamp) -> Option<(u64, Problem)> {
        let hold = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let wait = u64::try_from(hold.until.as_millisecond() - now.as_millisecond()).ok().filter(|wait| *wait > 0)?;
        // A clock that was set back makes no count longer than the application said.
        let wait = wait.min(u64::try_from(hold.said.reset_seconds).unwrap_or(0).saturating_mul(1_000));
        let Said { limit, remaining, .. } = hold.said;
        let words = format!("{remaining} of {limit} calls are left, and they are kept for people and other programs");
        let remedy = format!(
            "Nothing to do: from {} on the application grants new calls, and the next run goes on. If it repeats, run \
             at another hour, or lower `reserve_percent`.",
            hold.until
        );
        let problem = Problem::new(application, call, Cause::ApiLimit, words).with_remedy(remedy);
        Some((wait, problem.stay_away(wait.div_ceil(1000))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::problem::Retry;

    fn headers(limit: &str, remaining: &str, reset: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("ratelimit-limit", limit), ("ratelimit-remaining", remaining), ("ratelimit-reset", reset)]
        {
            headers.insert(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn requests_wait_when_only_the_share_of_others_is_left() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let quota = Quota::default();
        quota.note(&headers("50000, 50000;w=60, 2250000;w=3600", "10001", "30"), 20, now);
        assert_eq!(quota.hold("zuora", "c", now), None);
        quota.note(&headers("50000, 50000;w=60, 2250000;w=3600", "10000", "30"), 20, now);
        let (wait, problem) = quota.hold("zuora", "c", now).unwrap();
        assert_eq!((wait, problem.cause, problem.retry()), (30_000, Cause::ApiLimit, Retry::After { seconds: 30 }));
        assert!(problem.remedy.contains("2026-11-21T10:00:30Z"), "{problem:?}");
        assert_eq!(quota.hold("zuora", "c", now + SignedDuration::from_secs(30)), None);
    }

    #[test]
    fn headers_that_cannot_be_read_hold_nobody() {
        let now = Timestamp::UNIX_EPOCH;
        let quota = Quota::default();
        quota.note(&headers("many", "few", "soon"), 20, now);
        quota.note(&headers("10", "5", "-3"), 90, now);
        quota.note(&HeaderMap::new(), 20, now);
        assert_eq!(quota.hold("zuora", "c", now), None);
    }
}
