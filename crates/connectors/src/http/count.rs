//! Every sending is counted, repetitions too: the vendors bill them, and a person wants to see them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Request;

/// How often a call was answered in a certain way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CallCount {
    /// The method.
    pub method: String,
    /// The path, its ids replaced by `{id}`.
    pub path: String,
    /// `200`, or `timeout`, `reset`, `not sent`.
    pub status: String,
    /// How often.
    pub count: u64,
}

#[derive(Default)]
pub(super) struct Counts(Mutex<BTreeMap<(String, String, String), u64>>);

impl Counts {
    pub(super) fn add(&self, request: &Request, status: String) {
        let key = (request.template.clone(), request.method.to_string(), status);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
    }

    pub(super) fn snapshot(&self) -> Vec<CallCount> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = |((path, method, status), count): (&(String, String, String), &u64)| CallCount {
            method: method.clone(),
            path: path.clone(),
            status: status.clone(),
            count: *count,
        };
        counts.iter().map(row).collect()
    }
}
