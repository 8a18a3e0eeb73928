//! What went wrong: on what, in which application, in its own words, from which cause, and what to do next.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Network: no connection, or it broke.
    Connectivity,
    /// Network: packets vanish; a firewall or a wrong address.
    Firewall,
    /// Network: no answer in time.
    Timeout,
    /// Integration: a field, an object or an address is not what the flow says.
    Configuration,
    /// Integration: the user may not do this.
    Permission,
    /// Integration: more calls than the application grants.
    ApiLimit,
    /// Data: the application, or our own check before the call, refuses the record.
    Validation,
    /// Other: the application is overloaded or failed inside.
    Overload,
    /// Other: the application is closed for maintenance.
    Maintenance,
    /// Other: the application does not accept our credentials.
    Authentication,
}

impl Cause {
    /// All causes, in the order in which people read them.
    pub const ALL: [Self; 10] = [
        Self::Connectivity,
        Self::Firewall,
        Self::Timeout,
        Self::Configuration,
        Self::Permission,
        Self::ApiLimit,
        Self::Validation,
        Self::Overload,
        Self::Maintenance,
        Self::Authentication,
    ];

    /// The name in logs, in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connectivity => "connectivity",
            Self::Firewall => "firewall",
            Self::Timeout => "timeout",
            Self::Configuration => "configuration",
            Self::Permission => "permission",
            Self::ApiLimit => "api-limit",
            Self::Validation => "validation",
            Self::Overload => "overload",
            Self::Maintenance => "maintenance",
            Self::Authentication => "authentication",
        }
    }

    /// The cause of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name().eq_ignore_ascii_case(name))
    }

    /// What to do next, when nothing more exact is known.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Connectivity => {
                "Check that the address can be reached from here; the next run takes the record up again."
            }
            Self::Firewall => "Ask whether a firewall drops the connection; the next run takes the record up again.",
            Self::Timeout => "Nothing to do: the next run looks the record up and completes it.",
            Self::Configuration => "Correct the flow or the application's set-up, then run again.",
            Self::Permission => "Give the integration user the missing permission, then run again.",
            Self::ApiLimit => "Nothing to do: the next run goes on. If it repeats, lower the concurrency.",
            Self::Validation => "Correct the record, then run again.",
            Self::Overload => "Nothing to do: the next run looks the record up and completes it.",
            Self::Maintenance => "Wait until the application is back, then run again.",
            Self::Authentication => "Check the credentials in the configuration, then run again.",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A failure, ready to be read by the person who must mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{application}: {call}: {words}{} ({cause})", code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default())]
pub struct Problem {
    /// The application that said it, or that could not be reached.
    pub application: String,
    /// What was asked of it: `POST /services/rest/record/v1/invoice`.
    pub call: String,
    /// Why.
    pub cause: Cause,
    /// The application's own code, if it gave one.
    pub code: Option<String>,
    /// The application's own words.
    pub words: String,
    /// What to do next.
    pub remedy: String,
}

impl Problem {
    /// A problem with its cause's usual remedy.
    pub fn new(
        application: impl Into<String>,
        call: impl Into<String>,
        cause: Cause,
        words: impl Into<String>,
    ) -> Self {
        Self {
            application: application.into(),
            call: call.into(),
            cause,
            code: None,
            words: words.into(),
            remedy: cause.remedy().to_owned(),
        }
    }

    /// With the application's own code.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// With a better remedy than the cause's usual one.
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

/// What an application answered to a request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// It says it did it.
    Accepted(T),
    /// It says it did not, and why.
    Refused(Problem),
    /// Nobody knows whether it did: a time-out, a reset, a 5xx after sending. Never sent again blindly.
    Unknown(Problem),
    /// It certainly did nothing: the request was not sent, or was turned away before it was looked at.
    NotDone(Problem),
}

impl<T> Answer<T> {
    /// The problem, if there is one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Accepted(_) => None,
            Self::Refused(problem) | Self::Unknown(problem) | Self::NotDone(problem) => Some(problem),
        }
    }

    /// The same answer about something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Accepted(value) => Answer::Accepted(change(value)),
            Self::Refused(problem) => Answer::Refused(problem),
            Self::Unknown(problem) => Answer::Unknown(problem),
            Self::NotDone(problem) => Answer::NotDone(problem),
        }
    }
}
