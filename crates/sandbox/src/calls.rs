//! Counts of the calls that an emulator was asked, by method, path template and status.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::Serialize;

use crate::clock::lock;

/// How often one kind of call was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// The template of the path, or the path itself where nothing is emulated.
    pub path: String,
    /// The HTTP status that the caller saw; 0 where the connection was closed without an answer.
    pub status: u16,
    /// How many such calls there were.
    pub count: u64,
}

/// The counts so far.
#[derive(Debug, Default)]
pub struct Calls(Mutex<BTreeMap<(String, String, u16), u64>>);

impl Calls {
    /// Counts one call.
    pub fn record(&self, method: &str, path: &str, status: u16) {
        *lock(&self.0).entry((path.to_owned(), method.to_owned(), status)).or_default() += 1;
    }

    /// All counts, sorted by path.
    pub fn list(&self) -> Vec<Call> {
        let counts = lock(&self.0);
        counts
            .iter()
            .map(|((path, method, status), &count)| Call {
                method: method.clone(),
                path: path.clone(),
                status: *status,
                count,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_one_kind_are_counted_together() {
        let calls = Calls::default();
        calls.record("GET", "/a/{id}", 200);
        calls.record("GET", "/a/{id}", 200);
        calls.record("GET", "/a/{id}", 404);
        let counts: Vec<_> = calls.list().into_iter().map(|call| (call.status, call.count)).collect();
        assert_eq!(counts, [(200, 2), (404, 1)]);
    }
}
