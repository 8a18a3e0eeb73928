//! The vendor's limits on calls: how many in a minute, and how many at once.

use std::sync::Mutex;

use crate::clock::lock;

/// Calls in a minute that a production tenant may make.
const PER_MINUTE: u32 = 50_000;

/// The families of calls that share a limit on how many may run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// The token endpoint, which has no such limit.
    Token,
    /// Object Query.
    ObjectQuery,
    /// Everything else.
    Default,
}

impl Family {
    /// The family of a path.
    pub(crate) fn of(path: &str) -> Self {
        if path == "/oauth/token" {
            Self::Token
        } else if path.starts_with("/object-query/") {
            Self::ObjectQuery
        } else {
            Self::Default
        }
    }

    /// How many of the family may run at once.
    pub(crate) fn concurrency(self) -> u32 {
        if self == Self::ObjectQuery { 80 } else { 40 }
    }

    /// The vendor's name of the family.
    pub(crate) fn name(self) -> &'static str {
        if self == Self::ObjectQuery { "Object Query" } else { "Default" }
    }
}

/// The calls of the present minute.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<(i64, u32)>);

impl Limits {
    /// The limits as the vendor's header lists them; the one nearest to exhaustion stands first.
    pub(crate) const HEADER: &'static str = "50000, 50000;w=60, 2250000;w=3600, 27000000;w=86400";

    /// Counts a call; if it is too much, answers with the seconds until it would not be. Refused calls count too.
    pub(crate) fn refuse(&self, now: i64) -> Option<i64> {
        let mut window = lock(&self.0);
        let minute = now.div_euclid(60);
        if window.0 != minute {
            *window = (minute, 0);
        }
        window.1 = window.1.saturating_add(1);
        (window.1 > PER_MINUTE).then(|| 60 - now.rem_euclid(60))
    }

    /// The calls left in this minute, and the seconds left of it.
    pub(crate) fn state(&self, now: i64) -> (u32, i64) {
        let window = lock(&self.0);
        let used = if window.0 == now.div_euclid(60) { window.1 } else { 0 };
        (PER_MINUTE.saturating_sub(used), 60 - now.rem_euclid(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_beyond_the_limit_is_refused_until_the_minute_ends() {
        let limits = Limits::default();
        assert!((0..PER_MINUTE).all(|_| limits.refuse(119).is_none()));
        assert_eq!(limits.refuse(119), Some(1));
        assert_eq!(limits.refuse(120), None);
        assert_eq!(limits.state(120).0, PER_MINUTE - 1);
    }
}
