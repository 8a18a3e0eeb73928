//! The protocol: what happens to a record next. One pure function, and the only place that decides.
//!
//! ```text
//! select -> search -> (ask the record) -> prepare -> MARK -> write -> read back -> complete
//! ```
//!
//! Why it has this form is told by the counterexamples in the design notes: a blind repeat duplicates (so an unknown
//! outcome leads to a look-up, here, always), a blanked status duplicates (so a blank status is looked up too), and
//! "accepted" is not "written" (so only what was read back and is equal is ever called `Sync Complete`).
//! Recovery is not a mode: a record found `Creating Invoice` takes the same road as a new one.
//!
//! All transitions are printed, for a person to read, in `tests/snapshots/`.

use crate::outcome::Outcome;
use crate::status::{Operation, Status, Transferred};
use crate::value::SmolStr;

/// How a record type lives in the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Written once and never changed: an invoice. What differs is an error.
    Document,
    /// Kept up to date: a customer, an item. What differs is an update.
    Master,
}

/// What the source says of a record before anything is done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Standing {
    /// How its type lives in the destination.
    pub kind: Kind,
    /// Its Integration Status.
    pub status: Status,
    /// Its Transferred to Accounting flag.
    pub transferred: Transferred,
    /// Whether its Integration Id is filled.
    pub linked: bool,
}

impl Standing {
    /// Nothing says that a write was ever announced.
    pub fn never_attempted(&self) -> bool {
        let flag_untouched = matches!(self.transferred, Transferred::No | Transferred::Untracked);
        self.status == Status::Blank && !self.linked && flag_untouched
    }
}

/// What a look in the destination showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sight {
    /// No record carries the source's id.
    Missing,
    /// One does, and it is equal in what matters.
    Equal,
    /// One does, and it differs.
    Different,
    /// More than one does.
    Several,
    /// The look failed, or there is nothing to compare with yet.
    Unavailable,
}

/// How the check before the call went: mapping and validations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preparation {
    /// A draft stands ready.
    Ready,
    /// The record cannot be sent as it is.
    Invalid,
    /// A parent is not in sync yet.
    Waiting,
}

/// What an application replied to a write, without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    /// "Done."
    Accepted,
    /// "No."
    Refused,
    /// Nobody knows.
    Unknown,
    /// Certainly nothing was done.
    NotDone,
}

/// Proof that the source holds our in-progress mark on one record. Made by a connector, out of the source's own answer.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct MarkReceipt {
    source_id: SmolStr,
    status: SmolStr,
}

impl MarkReceipt {
    /// The source confirmed, in its answer to the mark or when read again, that the record carries this status.
    /// Only connectors call this; a test of the repository keeps it so.
    pub fn confirmed_by_source(source_id: impl Into<SmolStr>, status: impl Into<SmolStr>) -> Self {
        Self { source_id: source_id.into(), status: status.into() }
    }

    /// The record that is marked.
    pub fn source_id(&self) -> &str {
        &self.source_id
    }

    /// The status that it carries.
    pub fn status(&self) -> &str {
        &self.status
    }
}

/// The right to write one record once. Only [`decide`] makes one, out of a [`MarkReceipt`]; a write consumes it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Intent {
    operation: Operation,
    receipt: MarkReceipt,
}

impl Intent {
    /// What may be done.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The source record for which it may be done.
    pub fn source_id(&self) -> &str {
        self.receipt.source_id()
    }
}

/// How the mark went.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum Marked {
    /// The source confirmed it.
    Confirmed(MarkReceipt),
    /// The source refused it: then nothing is written.
    Refused,
    /// The answer was lost: it is read again before it is relied on.
    Unknown,
    /// It was not made.
    NotDone,
}

/// What reading a mark again showed.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum Reread {
    /// It stands.
    Stands(MarkReceipt),
    /// It does not (yet).
    Absent,
    /// The source could not be read.
    Unavailable,
}

/// The newest thing that is known about a record.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The selection gave it.
    Selected,
    /// The destination was searched by the source's id, many records a call. A search may lag behind.
    Searched(Sight),
    /// The destination was asked at the record's own address, after a search that missed. This does not lag.
    AskedRecord(Sight),
    /// Mapping and validations were run.
    Prepared(Operation, Preparation),
    /// The in-progress mark was sent.
    Marked(Operation, Marked),
    /// The source was read again after a mark with a lost answer.
    RereadMark(Operation, Reread),
    /// The destination was written.
    Written(Operation, Reply),
    /// The destination was searched after the write.
    ReadBack(Operation, Reply, Sight),
    /// The destination was asked at the record's own address after the write.
    ReadAtRecord(Operation, Reply, Sight),
    /// `Sync Complete` was sent to the source.
    Completed(Outcome, Reply),
    /// `Error ...` was sent to the source.
    Failed(Reason, Reply),
}

/// Why a record's pass ended without `Sync Complete`, or without anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It went well.
    Done,
    /// A person took it out of consideration.
    Ignored,
    /// Source and destination agree already.
    InSync,
    /// The flow's conditions exclude it: the account is not to be synced.
    NotMeantToTravel,
    /// The flag says `Yes`, but the destination does not have it.
    AbsentUnderYes,
    /// The status says `Sync Complete`, but the destination does not have it.
    AbsentUnderComplete,
    /// It names a destination record that does not carry its id.
    LinkedButAbsent,
    /// The destination's record differs.
    Different,
    /// The destination has more than one.
    Several,
    /// The destination could not be searched.
    SearchUnavailable,
    /// It cannot be sent as it is.
    Invalid,
    /// Its parent is not in sync yet.
    WaitingForParent,
    /// The source refused the mark.
    MarkRefused,
    /// The mark was not made, or nobody knows.
    MarkUncertain,
    /// The destination refused it.
    WriteRefused,
    /// The write did not reach the destination.
    WriteNotDone,
    /// Nobody knows whether the destination has it.
    OutcomeUnknown,
    /// The destination says that it has it, but does not show it.
    NotVisible,
    /// The destination has it; the source refused to hear so.
    CompletionRefused,
    /// The destination has it; whether the source heard so is not known.
    CompletionUncertain,
}

/// What to do with a record next.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// Search the destination by the source's id.
    Search,
    /// Ask the destination at the record's own address.
    AskRecord,
    /// Map and validate.
    Prepare(Operation),
    /// Write the in-progress status to the source.
    Mark(Operation),
    /// Read the source again.
    RereadMark(Operation),
    /// Write the destination.
    Write(Intent),
    /// Search the destination again.
    ReadBack(Operation, Reply),
    /// Ask the destination at the record's own address again.
    ReadAtRecord(Operation, Reply),
    /// Write `Sync Complete`, the id, the date and the flag to the source.
    Complete(Outcome),
    /// Write `Error ...` and the flag to the source.
    Fail(Operation, Reason),
    /// The pass over this record ends here.
    Stop(Outcome, Reason),
}

/// What happens to a record next.
///
/// Total: every standing and every evidence has an answer. Pure: the same question has the same answer.
pub fn decide(standing: &Standing, evidence: Evidence) -> Next {
    match evidence {
        Evidence::Selected => selected(standing),
        Evidence::Searched(sight) => looked(standing, sight, Next::AskRecord),
        Evidence::AskedRecord(sight) => looked(standing, sight, absent(standing)),
        Evidence::Prepared(operation, Preparation::Ready) => Next::Mark(operation),
        Evidence::Prepared(_, Preparation::Invalid) => Next::Stop(Outcome::Warned, Reason::Invalid),
        Evidence::Prepared(_, Preparation::Waiting) => Next::Stop(Outcome::Deferred, Reason::WaitingForParent),
        Evidence::Marked(operation, marked) => after_mark(operation, marked),
        Evidence::RereadMark(operation, Reread::Stands(receipt)) => Next::Write(Intent { operation, receipt }),
        Evidence::RereadMark(_, Reread::Absent | Reread::Unavailable) => {
            Next::Stop(Outcome::Deferred, Reason::MarkUncertain)
        }
        Evidence::Written(_, Reply::NotDone) => Next::Stop(Outcome::Deferred, Reason::WriteNotDone),
        Evidence::Written(operation, reply) => Next::ReadBack(operation, reply),
        Evidence::ReadBack(operation, reply, sight) => {
            read_back(operation, reply, sight, Some(Next::ReadAtRecord(operation, reply)))
        }
        Evidence::ReadAtRecord(operation, reply, sight) => read_back(operation, reply, sight, None),
        Evidence::Completed(outcome, Reply::Accepted) => Next::Stop(outcome, Reason::Done),
        Evidence::Completed(_, Reply::Refused) => Next::Stop(Outcome::Warned, Reason::CompletionRefused),
        Evidence::Completed(_, Reply::Unknown | Reply::NotDone) => {
            Next::Stop(Outcome::Deferred, Reason::CompletionUncertain)
        }
        Evidence::Failed(reason, _) => Next::Stop(Outcome::Warned, reason),
    }
}

/// `Ignore` wins, in either field; all else is looked up first, a blank status too.
fn selected(standing: &Standing) -> Next {
    if standing.status == Status::Ignore || standing.transferred == Transferred::Ignore {
        return Next::Stop(Outcome::Skipped, Reason::Ignored);
    }
    Next::Search
}

/// Before any write. `missing` is what a miss leads to when the record's fate is in doubt.
fn looked(standing: &Standing, sight: Sight, missing: Next) -> Next {
    match (sight, standing.kind) {
        (Sight::Unavailable, _) => Next::Stop(Outcome::Deferred, Reason::SearchUnavailable),
        (Sight::Several, _) => Next::Fail(Operation::Create, Reason::Several),
        (Sight::Missing, _) if standing.never_attempted() => Next::Prepare(Operation::Create),
        (Sight::Missing, _) => missing,
        (Sight::Equal, _) if in_sync(standing) => Next::Stop(Outcome::Skipped, Reason::InSync),
        (Sight::Equal, _) => Next::Complete(Outcome::Found),
        (Sight::Different, Kind::Master) => Next::Prepare(Operation::Update),
        (Sight::Different, Kind::Document) => Next::Fail(Operation::Create, Reason::Different),
    }
}

/// The destination certainly does not have the record.
fn absent(standing: &Standing) -> Next {
    let resync_asked_for = standing.kind == Kind::Document
        && standing.status == Status::Complete
        && matches!(standing.transferred, Transferred::No | Transferred::Processing | Transferred::Error);
    match standing {
        // The documented way to send a document again: delete it in the destination and set the flag back to `No`.
        _ if resync_asked_for => Next::Prepare(Operation::Create),
        Standing { transferred: Transferred::Yes, .. } => Next::Stop(Outcome::Warned, Reason::AbsentUnderYes),
        Standing { status: Status::Complete, .. } => Next::Stop(Outcome::Warned, Reason::AbsentUnderComplete),
        // An id beside our own in-progress mark on a document is left from before it was asked for again.
        Standing { kind: Kind::Document, status: Status::InProgress | Status::Error, .. } => {
            Next::Prepare(Operation::Create)
        }
        Standing { linked: true, .. } => Next::Stop(Outcome::Warned, Reason::LinkedButAbsent),
        _ => Next::Prepare(Operation::Create),
    }
}

fn after_mark(operation: Operation, marked: Marked) -> Next {
    match marked {
        Marked::Confirmed(receipt) => Next::Write(Intent { operation, receipt }),
        Marked::Refused => Next::Stop(Outcome::Warned, Reason::MarkRefused),
        Marked::Unknown => Next::RereadMark(operation),
        Marked::NotDone => Next::Stop(Outcome::Deferred, Reason::MarkUncertain),
    }
}

/// After a write. What was read decides, not what was replied: an error can come after the save, and "accepted" can
/// fail later. What a search does not show, or shows as it was before the write, is settled by a `closer` look: an index
/// lags.
fn read_back(operation: Operation, reply: Reply, sight: Sight, closer: Option<Next>) -> Next {
    match (sight, operation) {
        (Sight::Unavailable, _) => Next::Stop(Outcome::Deferred, Reason::OutcomeUnknown),
        (Sight::Several, _) => Next::Fail(operation, Reason::Several),
        (Sight::Missing, _) => closer.unwrap_or_else(|| not_there(operation, reply)),
        (Sight::Equal, Operation::Update) => Next::Complete(Outcome::Updated),
        // Refused, and yet there: an earlier request of ours landed late, and the key kept the second one out.
        (Sight::Equal, Operation::Create) if reply == Reply::Refused => Next::Complete(Outcome::Found),
        (Sight::Equal, Operation::Create) => Next::Complete(Outcome::Created),
        (Sight::Different, Operation::Update) if reply == Reply::Refused => Next::Fail(operation, Reason::WriteRefused),
        (Sight::Different, Operation::Update) if reply == Reply::Unknown => {
            Next::Stop(Outcome::Deferred, Reason::OutcomeUnknown)
        }
        (Sight::Different, _) => closer.unwrap_or(Next::Fail(operation, Reason::Different)),
    }
}

/// The record's own address does not show it after a write.
fn not_there(operation: Operation, reply: Reply) -> Next {
    match reply {
        Reply::Refused => Next::Fail(operation, Reason::WriteRefused),
        Reply::Accepted => Next::Stop(Outcome::Deferred, Reason::NotVisible),
        Reply::Unknown | Reply::NotDone => Next::Stop(Outcome::Deferred, Reason::OutcomeUnknown),
    }
}

/// The marks say so, and name the destination's record: without the id they are a person's, and are completed, because the
/// record's children wait for the id.
fn in_sync(standing: &Standing) -> bool {
    standing.linked
        && standing.status == Status::Complete
        && matches!(standing.transferred, Transferred::Yes | Transferred::Untracked)
}
