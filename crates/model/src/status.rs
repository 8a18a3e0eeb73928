//! The Integration Status and the Transferred to Accounting flag: read without regard to case, written exactly.

use std::fmt;

use smol_str::{SmolStr, format_smolstr};

/// What is done to the destination record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// It is made.
    Create,
    /// It is brought up to date.
    Update,
}

impl Operation {
    /// The verb of the in-progress status: `Creating`, `Updating`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Create => "Creating",
            Self::Update => "Updating",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.verb())
    }
}

/// What the Integration Status field of a source record says.
///
/// The strings are those of the published connector (reference, section 1): blank, `Creating <type>`,
/// `Updating <type>`, `Linking <type>`, `Error ...`, `Sync Complete`, `Ignore`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// Never attempted, or blanked by a person.
    Blank,
    /// A write was announced; nothing says whether it happened.
    InProgress,
    /// The destination refused it; also the bare `Error` of older pages.
    Error,
    /// Read back and found equal.
    Complete,
    /// Taken out of consideration for good.
    Ignore,
    /// A text that we do not know: a person's, or another program's. Treated as in doubt.
    Unrecognised(String),
}

/// The text that says a record is in sync.
pub const SYNC_COMPLETE: &str = "Sync Complete";

impl Status {
    /// Reads the field.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let lower = text.to_lowercase();
        let starts = |words: &str| lower.starts_with(words);
        match lower.as_str() {
            "" => Self::Blank,
            "sync complete" => Self::Complete,
            "ignore" => Self::Ignore,
            "error" => Self::Error,
            _ if starts("error creating ") || starts("error updating ") || starts("error linking ") => Self::Error,
            _ if starts("creating ") || starts("updating ") || starts("linking ") => Self::InProgress,
            _ => Self::Unrecognised(text.to_owned()),
        }
    }

    /// A word for each kind, for tables and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::InProgress => "in progress",
            Self::Error => "error",
            Self::Complete => "complete",
            Self::Ignore => "ignore",
            Self::Unrecognised(_) => "unrecognised",
        }
    }
}

/// `Creating Invoice`.
pub fn in_progress(operation: Operation, noun: &str) -> SmolStr {
    format_smolstr!("{} {noun}", operation.verb())
}

/// `Error Creating Invoice`.
pub fn error(operation: Operation, noun: &str) -> SmolStr {
    format_smolstr!("Error {} {noun}", operation.verb())
}

/// What the Transferred to Accounting flag of a source record says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Transferred {
    /// The record type has no such flag.
    Untracked,
    /// Not yet; also an empty flag.
    No,
    /// Announced.
    Processing,
    /// Refused.
    Error,
    /// Done.
    Yes,
    /// Taken out of consideration.
    Ignore,
}

impl Transferred {
    /// Reads the flag. A value outside the vendor's list counts as `No`: the record is then looked up, never lost.
    pub fn read(text: &str) -> Self {
        match text.trim().to_lowercase().as_str() {
            "processing" => Self::Processing,
            "error" => Self::Error,
            "yes" => Self::Yes,
            "ignore" => Self::Ignore,
            _ => Self::No,
        }
    }

    /// The flag as the vendor writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Untracked => "",
            Self::No => "No",
            Self::Processing => "Processing",
            Self::Error => "Error",
            Self::Yes => "Yes",
            Self::Ignore => "Ignore",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_without_regard_to_case() {
        assert_eq!(Status::read("SYNC complete"), Status::Complete);
        assert_eq!(Status::read(" creating INVOICE "), Status::InProgress);
        assert_eq!(Status::read("Error Creating Credit Memo"), Status::Error);
        assert_eq!(Status::read("error"), Status::Error);
        assert_eq!(Status::read("  "), Status::Blank);
    }

    #[test]
    fn a_text_we_do_not_know_is_kept_and_never_taken_for_done() {
        assert_eq!(Status::read("Sync Completed!"), Status::Unrecognised("Sync Completed!".into()));
        assert_eq!(Status::read("Complete"), Status::Unrecognised("Complete".into()));
    }

    #[test]
    fn a_status_is_written_exactly_as_the_reference_has_it() {
        assert_eq!(in_progress(Operation::Create, "Invoice"), "Creating Invoice");
        assert_eq!(in_progress(Operation::Update, "Customer"), "Updating Customer");
        assert_eq!(error(Operation::Create, "Credit Memo"), "Error Creating Credit Memo");
    }

    #[test]
    fn an_empty_transferred_flag_counts_as_no() {
        assert_eq!(Transferred::read(""), Transferred::No);
        assert_eq!(Transferred::read("yes"), Transferred::Yes);
    }
}
