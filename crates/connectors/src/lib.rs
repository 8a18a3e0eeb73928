//! The applications that Counterfoil speaks to: one folder each, and one shared module that sends.
//!
//! | module | idea |
//! |---|---|
//! | [`zuora`] | Zuora as a source of records: ZOQL to read, Actions to mark |
//! | [`netsuite`] | NetSuite as a destination: SuiteTalk REST to write, SuiteQL to look up |
//! | `http` | the only place that sends: deadline, concurrency, repetition, counting, redaction |
//! | `json` | bytes to records and back, with exact numbers |
//!
//! What was read where, what the vendors limit and what could not be verified stands in the `NOTES.md` of each folder.

mod http;
mod json;
pub mod netsuite;
pub mod zuora;

use std::fmt;

pub use http::CallCount;

/// What an object of an application can promise about duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Promise {
    /// The object.
    pub object: &'static str,
    /// The key that the application itself enforces.
    pub enforced_key: &'static str,
    /// How a record is found again.
    pub look_up: &'static str,
    /// What can still go wrong.
    pub remains: &'static str,
}

impl fmt::Display for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, enforced_key, look_up, remains } = self;
        write!(formatter, "{object}: key {enforced_key}; look-up {look_up}; remains {remains}")
    }
}
