//! What went wrong: on what, in which application, in its own words, from which cause, and what to do next.

use jiff::Timestamp;

pub use crate::cause::{Cause, Mender, Outlook, Retry};

/// How many characters of what others wrote a message holds at most.
pub const LONGEST_WORDS: usize = 4_000;

/// Cuts a text that stands in messages, logs and journals, and that others may have made as long as they liked.
pub fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_WORDS) {
        text.truncate(end);
        text.push_str(" ...");
    }
}

/// A failure, ready to be read by the person who must mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{application}: {} ({cause})", self.told())]
pub struct Problem {
    /// The application that said it, or that could not be reached.
    pub application: String,
    /// What was asked of it: `POST /services/rest/record/v1/invoice`.
    pub call: String,
    /// Why.
    pub cause: Cause,
    /// The HTTP status of the answer that said it; `None` where no answer came.
    pub status: Option<u16>,
    /// The application's own code, if it gave one.
    pub code: Option<String>,
    /// The application's own words.
    pub words: String,
    /// What to do next.
    pub remedy: String,
    /// How many seconds the application asked us to stay away, if it did.
    pub stay_away: Option<u64>,
    /// The same comes again until somebody has mended it, though its cause usually passes: a call that is too large.
    pub lasting: bool,
    /// Nothing was done, because the application as a whole is not there for us: it is so for every record alike.
    pub for_all: bool,
    /// It refused a create because its key is taken. By whom, only a look-up tells: it may be our own.
    pub key_taken: bool,
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
            status: None,
            code: None,
            words: words.into(),
            remedy: cause.remedy().to_owned(),
            stay_away: None,
            lasting: false,
            for_all: false,
            key_taken: false,
        }
    }

    /// Whether and when it is tried again.
    pub fn retry(&self) -> Retry {
        match self.stay_away {
            _ if self.lasting => Retry::OnceMended,
            Some(seconds) => Retry::After { seconds },
            None => self.cause.retry(),
        }
    }

    /// What becomes of it, for a person.
    pub fn outlook(&self) -> Outlook {
        self.cause.outlook(self.retry())
    }

    /// The application asked us to stay away for so many seconds.
    pub fn stay_away(self, seconds: u64) -> Self {
        Self { stay_away: Some(seconds), ..self }
    }

    /// The call, and what the verdict rests on: the status of the answer, the application's own words, its code.
    pub fn told(&self) -> String {
        let status = self.status.map(|status| format!("HTTP {status}, ")).unwrap_or_default();
        let code = self.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
        format!("{}: {status}{}{code}", self.call, self.words)
    }

    /// An answer of this status said it.
    pub fn answered(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The same comes again until somebody has mended it.
    pub fn lasting(self) -> Self {
        Self { lasting: true, ..self }
    }

    /// Nothing was done: the application as a whole is not there for us.
    pub fn for_all(self) -> Self {
        Self { for_all: true, ..self }
    }

    /// A create was refused because its key is taken.
    pub fn key_taken(self) -> Self {
        Self { key_taken: true, ..self }
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

/// A time in which an application as a whole was not there for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub since: Timestamp,
    /// When it ended; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// What was seen that began it; it names the application.
    pub problem: Problem,
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
