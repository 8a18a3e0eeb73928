//! What is sent again, and when.
//!
//! A read may be repeated. A write is repeated only when it certainly was not executed: no connection, or turned away
//! with 429, which both vendors document as not executed. A 401 leads to one new log-in, for either.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use model::problem::{Cause, Problem};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::{Authority, Effect, Entry, Fault, Http, Reply, Request};

/// How often a read is tried when the network or the application stumbles.
const TRIES: u32 = 5;
/// How often anything is tried that certainly was not executed: the slots are shared with other integrations, and a
/// connection that cannot be made closes the gate before the last try.
const TRIES_NOT_EXECUTED: u32 = 8;
const FIRST_DELAY: u64 = 500;
const LONGEST_DELAY: u64 = 60_000;
/// Zuora asks for up to 120 s when too many calls run in parallel, and for 600 s when the minute's, hour's or day's
/// quota is spent. The first is waited for; the second is for the next run.
pub(super) const LONGEST_WAIT_ASKED: u64 = 150_000;
/// How long one request may wait in all; then it is for the next run too.
const LONGEST_WAIT_IN_ALL: u64 = 300_000;

impl Http {
    /// Sends, signed, and repeats what may be repeated. While the application is down, it waits.
    pub(crate) async fn send(&self, request: &Request, authority: &dyn Authority) -> Result<Reply, Fault> {
        self.send_as(request, authority, false).await.0
    }

    /// The same, and whether it was answered before: turned away, as its vendor says, but nobody else knows.
    pub(crate) async fn send_told(&self, request: &Request, authority: &dyn Authority) -> (Result<Reply, Fault>, bool) {
        self.send_as(request, authority, false).await
    }

    /// Sends for somebody who sits before the screen: while the application is down, it fails at once.
    pub(crate) async fn send_hurried(&self, request: &Request, authority: &dyn Authority) -> Result<Reply, Fault> {
        self.send_as(request, authority, true).await.0
    }

    async fn send_as(
        &self,
        request: &Request,
        authority: &dyn Authority,
        hurried: bool,
    ) -> (Result<Reply, Fault>, bool) {
        let mut patience = Patience::default();
        let mut answered_before = false;
        loop {
            let outcome = match self.admitted_once(request, authority, hurried, patience.unauthorized).await {
                Ok(Some(outcome)) => outcome,
                Ok(None) => continue,
                Err(fault) => return (Err(fault), answered_before),
            };
            match self.delay(request, &mut patience, &outcome) {
                Some(delay) => self.clock.wait(delay).await,
                None => return (outcome, answered_before),
            }
            answered_before |= outcome.is_ok();
        }
    }

    /// Sends once, when the gate and the quota let it pass.
    async fn admitted_once(
        &self,
        request: &Request,
        authority: &dyn Authority,
        hurried: bool,
        unauthorized: u32,
    ) -> Result<Option<Result<Reply, Fault>>, Fault> {
        let _pioneer = self.gate.pioneer(authority).await;
        self.enter(authority, hurried).await.map_err(Fault::NotSent)?;
        self.wait_for_quota(request).await?;
        Ok(self.once(request, authority, unauthorized).await)
    }

    /// Sends once, in a slot; `None` if the gate was closed before the slot was free.
    async fn once(
        &self,
        request: &Request,
        authority: &dyn Authority,
        unauthorized: u32,
    ) -> Option<Result<Reply, Fault>> {
        let Ok(_slot) = self.slots.take().await else {
            let problem = self.problem(request.call(), Cause::Connectivity, "shut down");
            return Some(Err(Fault::NotSent(problem)));
        };
        if self.gate.closed().is_some() {
            return None;
        }
        // Signed in the slot, not before it: a signature bears the time, and NetSuite takes none that is five minutes old.
        let header = match authority.sign(self, request, Entry::Open).await {
            Ok(header) => header,
            Err(problem) => return Some(Err(Fault::NotSent(problem))),
        };
        let outcome = self.send_once(request, Some((authority.header(), header.clone()))).await;
        self.read_signs(authority, request, &outcome, unauthorized, Entry::Open);
        if let Ok(reply) = &outcome {
            self.read_limits(request, reply);
            if reply.status == 401 {
                authority.refused(&header).await;
            }
        }
        Some(outcome)
    }

    /// Sends a log-in: it changes nothing, so it is repeated like a read.
    pub(crate) async fn send_login(&self, request: &Request) -> Result<Reply, Problem> {
        let mut patience = Patience::default();
        loop {
            let outcome = self.send_once(request, None).await;
            self.read_down_signs(request, &outcome, None);
            if self.gate.closed().is_some() || matches!(&outcome, Ok(reply) if reply.status == 401) {
                return outcome.map_err(Fault::into_problem);
            }
            match self.delay(request, &mut patience, &outcome) {
                Some(delay) => self.clock.wait(delay).await,
                None => return outcome.map_err(Fault::into_problem),
            }
        }
    }

    /// How long to wait before the next try; `None` if there is none.
    fn delay(&self, request: &Request, patience: &mut Patience, outcome: &Result<Reply, Fault>) -> Option<u64> {
        if matches!(outcome, Ok(reply) if reply.status == 401) {
            patience.unauthorized += 1;
            // One new log-in; and once more whenever the application as a whole was asked, and let us in again.
            let again = patience.unauthorized == 1 || (self.gate.closed().is_some() && patience.unauthorized < TRIES);
            return again.then_some(0);
        }
        patience.tried += 1;
        if patience.tried >= self.tries(request, outcome) {
            return None;
        }
        let asked = outcome
            .as_ref()
            .ok()
            .filter(|reply| !reply.is_success())
            .and_then(|reply| self.told(request, reply).stay_away);
        let asked = asked.unwrap_or(0).saturating_mul(1000);
        let delay = asked.max(jittered(FIRST_DELAY, patience.tried, &self.entropy.token()));
        patience.waited = patience.waited.saturating_add(delay);
        (asked <= LONGEST_WAIT_ASKED && patience.waited <= LONGEST_WAIT_IN_ALL).then_some(delay)
    }

    /// How often a request with this outcome is tried in all.
    fn tries(&self, request: &Request, outcome: &Result<Reply, Fault>) -> u32 {
        match (request.effect, outcome) {
            (_, Ok(reply)) if reply.status == 429 => TRIES_NOT_EXECUTED,
            // With a status of 400 it may be a script of the account that met a limit, after the save: not for a write.
            (Effect::Read, Ok(reply)) if self.turned_away(request, reply) => TRIES_NOT_EXECUTED,
            // It says of itself that it was not executed, and the gate is closed: it goes again when that opens.
            (_, Ok(reply)) if reply.status >= 400 && self.told(request, reply).for_all => TRIES_NOT_EXECUTED,
            (_, Err(Fault::NotSent(problem))) if problem.cause != Cause::Configuration => TRIES_NOT_EXECUTED,
            (Effect::Read, Err(Fault::Lost(problem))) if problem.cause != Cause::Configuration => TRIES,
            (Effect::Read, Ok(reply)) if matches!(reply.status, 500 | 502 | 503 | 504) => TRIES,
            // HTML with a status of 200 is a gateway's word too.
            (Effect::Read, Ok(reply)) if reply.status < 300 && !reply.is_success() => TRIES,
            _ => 1,
        }
    }
}

/// Whether a wait that was asked for is for the next run.
pub(super) fn is_too_long(seconds: Option<u64>) -> bool {
    seconds.is_some_and(|seconds| seconds.saturating_mul(1000) > LONGEST_WAIT_ASKED)
}

/// How often a request was tried, and how long it waited in between.
#[derive(Default)]
struct Patience {
    tried: u32,
    waited: u64,
    unauthorized: u32,
}

/// A delay that grows, and that two workers do not share: between half and the whole of it, by chance.
pub(super) fn jittered(first: u64, attempt: u32, chance: &str) -> u64 {
    let longest = first.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST_DELAY);
    let chance = chance.get(..4).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
    longest / 2 + longest * chance / 0x1_fffe
}

/// What the vendor asks for, in milliseconds: `Retry-After` in seconds or as a date, or Zuora's `RateLimit-Reset`
/// once the quota is spent.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(value) = text(RETRY_AFTER.as_str()) {
        return match value.parse::<u64>() {
            Ok(seconds) => Some(seconds.saturating_mul(1000)),
            Err(_) => {
                let until = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
                u64::try_from(until.as_millisecond() - now.as_millisecond()).ok()
            }
        };
    }
    let spent = text("ratelimit-remaining").is_some_and(|left| left == "0");
    let reset = text("ratelimit-reset").and_then(|value| value.parse::<u64>().ok());
    if spent { reset.map(|seconds| seconds.saturating_mul(1000)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_grows_and_keeps_its_bounds() {
        assert_eq!(jittered(500, 1, "0000aa"), 250);
        assert_eq!(jittered(500, 1, "ffffaa"), 500);
        assert_eq!(jittered(500, 4, "0000aa"), 2000);
        assert!(jittered(500, 60, "ffffaa") <= LONGEST_DELAY);
    }

    #[test]
    fn a_wait_that_the_vendor_asks_for_is_read_in_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let with = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            headers
        };
        assert_eq!(retry_after(&with("retry-after", "120"), now), Some(120_000));
        assert_eq!(retry_after(&with("retry-after", "Sat, 21 Nov 2026 10:00:30 GMT"), now), Some(30_000));
        assert_eq!(retry_after(&with("ratelimit-reset", "30"), now), None);
        let mut spent = with("ratelimit-reset", "30");
        spent.insert("ratelimit-remaining", "0".parse().unwrap());
        assert_eq!(retry_after(&spent, now), Some(30_000));
    }
}
