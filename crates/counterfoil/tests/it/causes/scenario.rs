//! A scenario: what is done to an application, and what the log must say of it.

use model::cause::{Cause, Retry};
use serde_json::Value;

/// One row of the table.
pub(super) struct Scenario {
    pub(super) cause: Cause,
    pub(super) application: &'static str,
    pub(super) what: &'static str,
    pub(super) hands: Vec<Hand>,
    pub(super) told: Told,
    /// The status of the answer on which the verdict rests; `None`: no answer came.
    pub(super) status: Option<u16>,
    /// The vendor's code, if it gives one.
    pub(super) code: Option<&'static str>,
    /// A part of the application's, or of the network's, own words.
    pub(super) words: &'static str,
    /// Where that evidence is documented.
    pub(super) known: &'static str,
    /// Whether and when it is tried again, where that is not what the cause says.
    pub(super) retry: Option<Retry>,
    /// A part of the next step.
    pub(super) next: &'static str,
}

/// How often the log tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Once, of the application: no record is blamed, and no flow tells it again.
    Once,
    /// Of each record that it concerns; no other is kept.
    OfRecords,
}

/// What is done before the run, in this order.
pub(super) enum Hand {
    /// Faults of the scenario's own application.
    Faults(Value),
    /// Settings of the scenario's own application.
    Settings(Value),
    /// A setting that holds the ids of all records of a Salesforce object.
    Ids(&'static str, &'static str),
    /// A line in the application's own part of the configuration.
    Line(&'static str),
    /// A text at the end of the configuration.
    Append(&'static str),
    /// The value of a key of the application's own part is another one.
    Credential(&'static str, &'static str),
    /// A shipped flow is changed: file, what stands there, what shall.
    Flow(&'static str, &'static str, &'static str),
    /// A flow in which a rule is the id of an account that was deleted: file, the rule that stands there.
    FlowWithDeleted(&'static str, &'static str),
    /// The application stands at another address.
    Address(Address),
    /// A run before, in which nothing is wrong.
    Run,
    /// An invoice that is in sync is cancelled in Nue.
    CancelAnInvoice,
}

/// An address at which the application is not.
#[derive(Debug, Clone, Copy)]
pub(super) enum Address {
    /// A name that no server of names knows.
    NoHost,
    /// A network to which no way leads.
    NoRoute,
    /// A port that is closed.
    RefusedPort,
    /// A port that drops what comes.
    DroppedPort,
    /// People log in there.
    LoginPage,
    /// Another org's, or another tenant's.
    AnotherTenant,
}

impl Scenario {
    pub(super) fn new(cause: Cause, application: &'static str, what: &'static str) -> Self {
        Self {
            cause,
            application,
            what,
            hands: Vec::new(),
            told: Told::Once,
            status: None,
            code: None,
            words: "",
            known: "",
            retry: None,
            next: "",
        }
    }

    pub(super) fn hand(mut self, hand: Hand) -> Self {
        self.hands.push(hand);
        self
    }

    pub(super) fn faults(self, rules: Value) -> Self {
        self.hand(Hand::Faults(rules))
    }

    pub(super) fn settings(self, settings: Value) -> Self {
        self.hand(Hand::Settings(settings))
    }

    pub(super) fn at(self, address: Address) -> Self {
        self.hand(Hand::Address(address))
    }

    /// The answer that tells it.
    pub(super) fn http(self, status: u16, code: &'static str) -> Self {
        Self { status: Some(status), code: Some(code).filter(|code| !code.is_empty()), ..self }
    }

    /// The words that tell it, and where they, or the status and the code, are known from.
    pub(super) fn says(self, words: &'static str, known: &'static str) -> Self {
        Self { words, known, ..self }
    }

    pub(super) fn of_records(self) -> Self {
        Self { told: Told::OfRecords, ..self }
    }

    pub(super) fn retry(self, retry: Retry) -> Self {
        Self { retry: Some(retry), ..self }
    }

    pub(super) fn next(self, next: &'static str) -> Self {
        Self { next, ..self }
    }

    /// Whether and when it is tried again.
    pub(super) fn when(&self) -> Retry {
        self.retry.unwrap_or(self.cause.retry())
    }

    pub(super) fn name(&self) -> String {
        format!("{}: {} ({})", self.application, self.what, self.cause)
    }
}
