//! A rate limit: a bucket of tokens that fills as time goes by. Nothing is published about the vendor's own.

use std::sync::Mutex;

use jiff::Timestamp;

use crate::clock::lock;

/// Parts of a token.
const PARTS: u64 = 1000;

/// The bucket, in thousandths of tokens, and when it was last filled.
#[derive(Debug, Default)]
pub(crate) struct Bucket(Mutex<Option<(u64, Timestamp)>>);

impl Bucket {
    /// Takes a token; if there is none, answers with the seconds until there will be. A rate of 0 is no limit.
    pub(crate) fn refuse(&self, (per_second, burst): (u64, u64), now: Timestamp) -> Option<u64> {
        let mut bucket = lock(&self.0);
        if per_second == 0 {
            *bucket = None;
            return None;
        }
        let (held, since) = bucket.unwrap_or((burst * PARTS, now));
        let passed = u64::try_from(now.duration_since(since).as_millis()).unwrap_or(0);
        let held = held.saturating_add(passed.saturating_mul(per_second)).min(burst * PARTS);
        let left = held.checked_sub(PARTS);
        *bucket = Some((left.unwrap_or(held), now));
        left.is_none().then(|| (PARTS - held).div_ceil(per_second * PARTS).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_so_many_a_second() {
        let bucket = Bucket::default();
        let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap();
        let let_through = |millisecond| bucket.refuse((2, 3), at(millisecond)).is_none();
        assert_eq!([0, 0, 0, 0].map(let_through), [true, true, true, false]);
        assert_eq!([500, 500, 900, 1000].map(let_through), [true, false, false, true]);
        assert_eq!(bucket.refuse((2, 3), at(1000)), Some(1));
        assert_eq!(bucket.refuse((0, 0), at(1000)), None);
    }
}
