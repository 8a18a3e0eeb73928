//! Exit codes. They are part of the interface: scripts rely on them.

use std::fmt;
use std::process::ExitCode;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// It did what was asked. Warnings about single records do not change that: they stand in the report and the log.
    Done = 0,
    /// It could not: an application cannot be reached, a limit was hit, the two sides do not agree.
    Failed = 1,
    /// The command line or the configuration is wrong; nothing was touched.
    Wrong = 2,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The configuration or the command line is wrong.
    Wrong(String),
    /// Something failed.
    Failed(String),
}

impl Failure {
    pub(crate) fn wrong(error: impl fmt::Display) -> Self {
        Self::Wrong(error.to_string())
    }

    pub(crate) fn failed(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Wrong(_) => Code::Wrong,
            Self::Failed(_) => Code::Failed,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(text) | Self::Failed(text) => formatter.write_str(text),
        }
    }
}

impl From<model::problem::Problem> for Failure {
    fn from(problem: model::problem::Problem) -> Self {
        Self::Failed(format!("{problem}\n  next: {}\n  {}", problem.remedy, problem.outlook()))
    }
}

impl From<journal::JournalError> for Failure {
    fn from(error: journal::JournalError) -> Self {
        match error.remedy() {
            Some(remedy) => Self::Failed(format!("{error}\n  next: {remedy}")),
            None => Self::failed(error),
        }
    }
}

impl From<engine::RunError> for Failure {
    fn from(error: engine::RunError) -> Self {
        match error {
            engine::RunError::Problem(problem) => (*problem).into(),
            engine::RunError::OverLimit { .. } => Self::failed(error),
            engine::RunError::Lacking { ref application, cause, .. } => {
                let next = crate::stops::lacking(application, cause);
                Self::Wrong(format!("{error}\n  next: {next}\n  {}", cause.outlook(cause.retry())))
            }
            engine::RunError::NoApplication { .. }
            | engine::RunError::Circle { .. }
            | engine::RunError::NoStamp { .. } => Self::wrong(error),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error)
    }
}
