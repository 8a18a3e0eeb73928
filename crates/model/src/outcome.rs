//! How a record's pass ended, and the tally that must add up.

use serde::Serialize;

use crate::money::{Money, Sums};

/// How one record's pass ended. Each record that was read ends in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Made in the destination, read back and equal.
    Created,
    /// Brought up to date in the destination, read back and equal.
    Updated,
    /// Was in the destination already and equal; the source now says so.
    Found,
    /// Refused, by the destination or by our own check: a person must look.
    Warned,
    /// Waits: for its parent, or for an outcome that is not known yet. The next run goes on.
    Deferred,
    /// Nothing to do: in sync, ignored, or not meant to travel.
    Skipped,
}

impl Outcome {
    /// The name in logs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Found => "found",
            Self::Warned => "warned",
            Self::Deferred => "deferred",
            Self::Skipped => "skipped",
        }
    }
}

/// Counts of one flow in one run; `read` is always the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Records that the selection gave.
    pub read: u64,
    /// See [`Outcome::Created`].
    pub created: u64,
    /// See [`Outcome::Updated`].
    pub updated: u64,
    /// See [`Outcome::Found`].
    pub found: u64,
    /// See [`Outcome::Warned`].
    pub warned: u64,
    /// See [`Outcome::Deferred`].
    pub deferred: u64,
    /// See [`Outcome::Skipped`].
    pub skipped: u64,
    /// What the source's documents amount to, for those in sync after this run.
    pub source_sums: Sums,
    /// What the destination says that the same documents amount to.
    pub destination_sums: Sums,
}

impl Tally {
    /// Counts one record's end.
    pub fn count(&mut self, outcome: Outcome) {
        self.read += 1;
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Found => &mut self.found,
            Outcome::Warned => &mut self.warned,
            Outcome::Deferred => &mut self.deferred,
            Outcome::Skipped => &mut self.skipped,
        } += 1;
    }

    /// Adds the amounts of a document that is in sync.
    pub fn add(&mut self, source: Option<&Money>, destination: Option<&Money>) {
        if let Some(money) = source {
            self.source_sums.add(money);
        }
        if let Some(money) = destination {
            self.destination_sums.add(money);
        }
    }

    /// Whether every record that was read ended somewhere.
    pub fn adds_up(&self) -> bool {
        self.read == self.created + self.updated + self.found + self.warned + self.deferred + self.skipped
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Self) {
        self.read += other.read;
        self.created += other.created;
        self.updated += other.updated;
        self.found += other.found;
        self.warned += other.warned;
        self.deferred += other.deferred;
        self.skipped += other.skipped;
        self.source_sums.merge(&other.source_sums);
        self.destination_sums.merge(&other.destination_sums);
    }
}
