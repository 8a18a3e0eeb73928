//! What was found, how bad it is, where it stands, and what to do.

use model::problem::Problem;
use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    /// A run will fail, or every record of the flow.
    WillFail,
    /// Some records will be warned of.
    WillWarn,
    /// It works, and a person may want to know.
    Note,
}

impl Severity {
    /// As the table has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::WillFail => "WILL FAIL",
            Self::WillWarn => "will warn",
            Self::Note => "note",
        }
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What is the matter.
    pub(crate) what: String,
    /// File and line.
    #[serde(rename = "where")]
    pub(crate) place: String,
    /// Exactly what to do.
    pub(crate) remedy: String,
}

impl Finding {
    /// What an application said to a call that a run will make too.
    pub(crate) fn of(problem: &Problem, place: String) -> Self {
        let what = format!("{} ({})", problem.told(), problem.cause);
        Self { severity: Severity::WillFail, what, place, remedy: problem.remedy.clone() }
    }
}
