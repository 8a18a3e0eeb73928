//! The applications that Counterfoil speaks to: one folder each, and one shared module that sends.
//!
//! | module | idea |
//! |---|---|
//! | [`zuora`] | Zuora as a source of records: ZOQL to read, Actions to mark |
//! | [`netsuite`] | NetSuite as a destination: SuiteTalk REST to write, SuiteQL to look up |
//! | `http` | the only place that sends: deadline, limits, repetition, waiting for an application that is down, redaction |
//! | `json` | bytes to records and back, with exact numbers |
//!
//! What was read where, what the vendors limit and what could not be verified stands in the `NOTES.md` of each folder.

mod http;
mod json;
pub mod netsuite;
pub mod nue;
pub mod salesforce;
pub mod zuora;

use std::fmt;

pub use http::{CallCount, Message, Reply, Undelivered, Wire};

/// How much of what an application grants is left to others, in percent.
pub const DEFAULT_RESERVE_PERCENT: u8 = 20;
/// How long requests wait for an application that is down. Zuora forgets the place in a query after fifteen minutes.
pub const DEFAULT_PATIENCE_SECONDS: u64 = 600;

/// How an application is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Courtesy {
    /// How much is left to people and other programs of what the application tells that it grants, in percent: calls at
    /// once, calls a minute, an hour, a day. NetSuite tells nothing; there the setting `concurrency` is what is granted.
    pub reserve_percent: u8,
    /// How long requests wait for an application that is down, counted from when it was found to be down. Then they fail,
    /// certainly not executed; and it is asked from time to time whether it is back.
    pub patience_seconds: u64,
}

impl Default for Courtesy {
    fn default() -> Self {
        Self { reserve_percent: DEFAULT_RESERVE_PERCENT, patience_seconds: DEFAULT_PATIENCE_SECONDS }
    }
}

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
