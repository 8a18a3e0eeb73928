//! The day's allowance of calls is the org's, shared with people and with every other program: when only their share is
//! left, ours stop. Salesforce tells in each answer how much is used (`Sforce-Limit-Info`, read on 2026-11-21); it counts
//! over the last 24 hours and a little late.

use std::sync::{Mutex, PoisonError};

use model::problem::{Cause, Problem};
use reqwest::header::HeaderMap;

use super::APPLICATION;
use super::classify::DAILY_LIMIT_SECONDS;
use crate::DEFAULT_RESERVE_PERCENT;

/// How much of the day's calls is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Usage {
    used: u64,
    granted: u64,
}

/// The day's allowance.
pub(super) struct Allowance {
    reserve_percent: u64,
    usage: Mutex<Option<Usage>>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self::keeping(DEFAULT_RESERVE_PERCENT)
    }
}

impl Allowance {
    /// One of which so much is left to others.
    pub(super) fn keeping(reserve_percent: u8) -> Self {
        Self { reserve_percent: u64::from(reserve_percent.min(100)), usage: Mutex::default() }
    }

    /// How many of the day's calls are left to others.
    pub(super) fn kept(&self, granted: u64) -> u64 {
        granted.saturating_mul(self.reserve_percent) / 100
    }

    /// Reads what an answer says.
    pub(super) fn note(&self, headers: &HeaderMap) {
        if let Some(usage) = said(headers) {
            *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = Some(usage);
        }
    }

    /// Why nothing more is sent.
    pub(super) fn spent(&self, call: &str) -> Option<Problem> {
        let Usage { used, granted } = (*self.usage.lock().unwrap_or_else(PoisonError::into_inner))?;
        let reserve = self.kept(granted);
        if used.saturating_add(reserve) < granted {
            return None;
        }
        let words = format!(
            "{used} of the day's {granted} calls are used, and {reserve} are left to people and other programs"
        );
        let remedy = "Wait: Salesforce counts over the last 24 hours. Or buy calls, or lower `reserve_percent`.";
        let problem = Problem::new(APPLICATION, call, Cause::ApiLimit, words).with_remedy(remedy);
        Some(problem.stay_away(DAILY_LIMIT_SECONDS))
    }
}

/// `api-usage=25/5000; per-app-api-usage=17/250(appName=sample)`: the org's own pair is the first.
fn said(headers: &HeaderMap) -> Option<Usage> {
    let text = headers.get("sforce-limit-info")?.to_str().ok()?;
    let org = text.split(';').find_map(|part| part.trim().strip_prefix("api-usage="))?;
    let (used, granted) = org.split_once('/')?;
    Some(Usage {
        used: used.trim().parse().ok()?,
        granted: granted.trim().parse().ok().filter(|granted| *granted > 0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &str) -> HeaderMap {
        HeaderMap::from_iter([("sforce-limit-info".parse().unwrap(), text.parse().unwrap())])
    }

    #[test]
    fn calls_stop_when_only_the_share_of_people_is_left_and_go_on_when_there_is_more() {
        let allowance = Allowance::keeping(10);
        assert_eq!(allowance.spent("GET /query"), None);
        allowance.note(&answered("api-usage=899/1000; per-app-api-usage=17/250(appName=sample)"));
        assert_eq!(allowance.spent("GET /query"), None);
        allowance.note(&answered("api-usage=900/1000"));
        let problem = allowance.spent("GET /query").unwrap();
        assert_eq!(problem.cause, Cause::ApiLimit);
        assert!(problem.words.contains("900 of the day's 1000 calls"), "{problem}");
        allowance.note(&answered("api-usage=10/1000"));
        assert_eq!(allowance.spent("GET /query"), None);
    }

    #[test]
    fn what_is_no_pair_of_numbers_says_nothing() {
        for text in
            ["", "api-usage=", "api-usage=1", "api-usage=x/y", "per-app-api-usage=9/9(appName=a)", "api-usage=0/0"]
        {
            assert_eq!(said(&answered(text)), None, "{text}");
        }
    }
}
