//! A machine whose clock is wrong signs what no application accepts, and the application seldom says why. Its answer
//! bears its own time.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use model::problem::{Cause, Problem};
use reqwest::header::{DATE, HeaderMap};

use super::{Http, Reply};

/// Less is nothing that a signature is refused for: NetSuite takes five minutes, and an answer may be under way for some
/// seconds.
const WORTH_TELLING_SECONDS: i64 = 60;

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(headers.get(DATE)?.to_str().ok()?).ok()
}

impl Reply {
    /// When it was given, by the application's own clock.
    pub(crate) fn answered_at(&self) -> Option<Timestamp> {
        date(&self.headers)
    }
}

/// What is to be told of this machine's clock, by an answer of the application.
fn told(application: &str, headers: &HeaderMap, now: Timestamp) -> Option<String> {
    let theirs = date(headers)?;
    let ahead = now.as_second() - theirs.as_second();
    if ahead.abs() < WORTH_TELLING_SECONDS {
        return None;
    }
    let (minutes, side) = ((ahead.abs() + 30) / 60, if ahead > 0 { "ahead of" } else { "behind" });
    let plural = if minutes == 1 { "" } else { "s" };
    Some(format!("This machine's clock is {minutes} minute{plural} {side} {application}'s: set it right first."))
}

impl Http {
    /// Credentials that are refused while the clocks differ are probably good ones.
    pub(crate) fn with_clock(&self, problem: Problem, reply: &Reply) -> Problem {
        if problem.cause != Cause::Authentication {
            return problem;
        }
        match told(self.vendor.name, &reply.headers, self.clock.now()) {
            Some(told) => Problem { remedy: format!("{told} {}", problem.remedy), ..problem },
            None => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_differs_by_a_minute_or_more_is_told_with_its_direction() {
        let mut headers = HeaderMap::new();
        let mut told_at = |date: &'static str| {
            headers.insert(DATE, date.parse().unwrap());
            told("netsuite", &headers, "2026-11-22T10:00:00Z".parse().unwrap())
        };
        let clock = |said: &str| Some(format!("This machine's clock is {said} netsuite's: set it right first."));
        assert_eq!(told_at("Sun, 22 Nov 2026 08:00:01 GMT"), clock("120 minutes ahead of"));
        assert_eq!(told_at("Sun, 22 Nov 2026 10:01:05 GMT"), clock("1 minute behind"));
        assert_eq!(told_at("Sun, 22 Nov 2026 09:59:30 GMT"), None);
        assert_eq!(told_at("yesterday"), None);
    }
}
