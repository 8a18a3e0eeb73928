//! What the engine needs from the world. Connectors implement [`Source`] and [`Destination`]; the binary brings a
//! [`Clock`] and a [`Log`].

use std::borrow::Cow;
use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::key::ExternalKey;
use crate::mapping::{Draft, Terms};
use crate::nearest::nearest;
use crate::problem::{Answer, Cause, Problem, Retry};
use crate::protocol::{Intent, MarkReceipt};
use crate::status::Operation;
use crate::value::{Name, Record, SmolStr, Value};

/// A condition on one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The source's field.
    pub field: String,
    /// How it is compared.
    pub operator: Comparator,
    /// With what; [`Value::Null`] asks whether the field is empty.
    pub value: Value,
}

impl Condition {
    /// Whether a record that was read already meets the condition. Dates compare as text: the vendors write them so
    /// that this is right.
    pub fn holds(&self, record: &Record) -> bool {
        let held = record.at(&self.field);
        let order = match (held.as_number(), self.value.as_number()) {
            (Some(held), Some(wanted)) => held.cmp(&wanted),
            _ => held.show().to_lowercase().cmp(&self.value.show().to_lowercase()),
        };
        match self.operator {
            Comparator::Is => order.is_eq(),
            Comparator::IsNot => order.is_ne(),
            Comparator::Less => order.is_lt() && !held.is_null(),
            Comparator::AtLeast => order.is_ge() && !held.is_null(),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let operator = match self.operator {
            Comparator::Is => "is",
            Comparator::IsNot => "is not",
            Comparator::Less => "is less than",
            Comparator::AtLeast => "is at least",
        };
        write!(formatter, "{} {operator} '{}'", self.field, self.value)
    }
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `<`
    Less,
    /// `>=`
    AtLeast,
}

/// Which records of an object are wanted: any of `any` must hold, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The source's object.
    pub object: String,
    /// The fields to bring.
    pub fields: Vec<Name>,
    /// Conditions in disjunctive form: one of these lists must hold entirely.
    pub any: Vec<Vec<Condition>>,
}

/// Records whose `field` is one of `keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The source's object.
    pub object: String,
    /// The fields to bring.
    pub fields: Vec<Name>,
    /// The field that is compared.
    pub field: Name,
    /// The values, without repetition.
    pub keys: Vec<SmolStr>,
}

/// Where a selection goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// A page of a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// How many the selection has in all, if the vendor says.
    pub total: Option<u64>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// A mark on one source record: all fields in one body, so that they change together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The record.
    pub source_id: SmolStr,
    /// The new Integration Status.
    pub status: SmolStr,
    /// Field and text, the status's own field first.
    pub fields: Vec<(Name, SmolStr)>,
}

/// An application that holds the source records of a flow.
#[async_trait]
pub trait Source: Send + Sync {
    /// A page of a selection, at the vendor's largest page.
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem>;

    /// All records that a fetch names, in as few calls as the vendor allows.
    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem>;

    /// Writes marks, as many a call as the vendor takes; the answers stand in the order of the marks.
    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>>;

    /// Reads marks again whose answers were lost: a receipt where the record carries the mark's status now.
    async fn reread(&self, object: &str, marks: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem>;

    /// Which of these fields the object lacks, or does not let us use for the purpose.
    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<Lack>, Problem>;
}

/// A field that a flow uses, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldUse {
    /// The field.
    pub field: String,
    /// Whether a query filters on it.
    pub filtered: bool,
    /// Whether a mark writes it.
    pub written: bool,
}

/// A name that an application does not know, or does not let us use for the purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lack {
    /// The name, as the flow has it.
    pub name: String,
    /// What is the matter: `does not exist`.
    pub matter: &'static str,
    /// The nearest name that the application does know.
    pub nearest: Option<String>,
}

impl Lack {
    /// A name that the application does not know, among those that it does.
    pub fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { name: name.to_owned(), matter: "does not exist", nearest: nearest(name, known).map(str::to_owned) }
    }

    /// Whether it is there, and only not ours to use: somebody has to permit it.
    pub fn is_forbidden(&self) -> bool {
        self.matter.ends_with("by the integration user")
    }
}

impl std::fmt::Display for Lack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}` {}", self.name, self.matter)?;
        self.nearest.as_ref().map_or(Ok(()), |near| write!(formatter, "; did you mean `{near}`?"))
    }
}

/// A record type in the destination, as a flow sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The destination's record type: `invoice`.
    pub object: String,
    /// The custom field that carries the source's id, filled by us or by another connector.
    pub source_id_field: Option<String>,
    /// The columns that a look-up brings.
    pub columns: Vec<String>,
    /// Sublists that people share with us, and the field by which we know our own entries again.
    pub shared_lists: Vec<(String, String)>,
}

/// Under which ids a source record would stand in the destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LookUpKey {
    /// The key that the destination enforces.
    pub external: ExternalKey,
    /// The source's id, as the custom field carries it.
    pub source_id: SmolStr,
    /// The source record's own id, by which a destination knows a record that it took over from there.
    pub record_id: SmolStr,
}

/// A record that a look-up found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The destination's id.
    pub id: SmolStr,
    /// The columns of the [`Target`].
    pub record: Record,
}

/// A record that was asked for by the destination's own id, whoever made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The record.
    pub found: Found,
    /// The source's id that its custom field carries; empty if there is none.
    pub source_id: SmolStr,
    /// Its external id; empty if there is none.
    pub external: SmolStr,
}

/// One record to be written, and the right to write it once.
#[derive(Debug)]
pub struct Write<'a> {
    /// The right, and whether the record is created or updated.
    pub intent: Intent,
    /// Its record type.
    pub target: Cow<'a, Target>,
    /// The key under which it is created.
    pub key: LookUpKey,
    /// The destination's id of the record that is updated; empty for one that is created.
    pub id: SmolStr,
    /// What is written: absolute values, and nothing that it does not name.
    pub draft: &'a Draft,
    /// What the record must agree in: for a connector that makes it in two steps, before the second, which binds.
    pub terms: Terms<'a>,
}

/// An application that receives the destination records of a flow.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Which of these fields a record type lacks. A dot leads into a nested record or into the entries of a sublist.
    async fn lacking(&self, object: &str, fields: &[String]) -> Result<Vec<Lack>, Problem>;

    /// Looks all keys up, hundreds a call, by external id and by the source's id; the answers stand in the order of
    /// the keys, each with every record that carries either id.
    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem>;

    /// Asks at the record's own address, which does not lag behind: settles a look-up that missed.
    async fn ask_record(&self, target: &Target, key: &LookUpKey) -> Result<Option<Found>, Problem>;

    /// Asks for a record by the destination's own id, which a person or another program wrote on the source record.
    /// `None`: there is none of this type, or the destination cannot be asked so.
    async fn by_id(&self, _target: &Target, _id: &str) -> Result<Option<Held>, Problem> {
        Ok(None)
    }

    /// Creates records under their keys and updates others, as many a call as the vendor takes; the answers stand in the
    /// order of the writes, each with the destination's id.
    async fn write(&self, writes: Vec<Write<'_>>) -> Vec<Answer<String>>;

    /// Reads a whole record, its sublists too.
    async fn read(&self, target: &Target, id: &str) -> Result<Option<Record>, Problem>;

    /// A list of reference data, by the text that people write: currencies by code, payment terms by name.
    async fn list(&self, name: &str) -> Result<HashMap<SmolStr, SmolStr>, Problem>;

    /// How many calls may be under way at once.
    fn concurrency(&self) -> usize;

    /// Where no key is enforced: for how many seconds after its mark a write may still land, so that a look-up which misses
    /// proves nothing. `None`: a key keeps a record from being made twice, whenever it lands.
    fn wait_out(&self) -> Option<u64> {
        None
    }
}

/// The time, and waiting. The only door to a clock.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Waits.
    async fn wait(&self, milliseconds: u64);
}

/// Chance. The only door to it: nonces, jitter.
pub trait Entropy: Send + Sync {
    /// 32 lower-case hexadecimal digits that nobody can guess.
    fn token(&self) -> String;
}

/// One line of the sync log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The flow's name.
    pub flow: SmolStr,
    /// The source record's id.
    pub source_id: SmolStr,
    /// What people call it: the invoice number.
    pub number: SmolStr,
    /// What happened.
    pub event: Event,
}

/// What happened to a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A call for this record was answered.
    Attempt {
        /// The step: `mark`, `write`, `read back`, `complete`.
        step: &'static str,
        /// What is being done.
        operation: Operation,
        /// `accepted`, `refused`, `unknown`, `not done`.
        answer: &'static str,
        /// The application's words, or the destination's id.
        detail: String,
        /// The cause, if it failed.
        cause: Option<Cause>,
    },
    /// Flows were stopped as a whole, or the run was before its first record: said once, of the application.
    Stopped {
        /// Why, for a person.
        text: String,
        /// The cause.
        cause: Cause,
        /// Whether and when it is tried again.
        retry: Retry,
        /// What to do next.
        remedy: String,
    },
    /// The pass over the record ended.
    End {
        /// How.
        outcome: crate::outcome::Outcome,
        /// Why, for a person.
        text: String,
        /// The cause, if something must be mended.
        cause: Option<Cause>,
        /// Whether and when it is tried again.
        retry: Option<Retry>,
        /// What to do next, if something is to be done.
        remedy: Option<String>,
        /// The destination's id, if the destination has the record.
        destination_id: Option<SmolStr>,
    },
}

/// The sync log. It makes us explainable; it is never the reason why something is safe, so writing it cannot fail a run.
#[async_trait]
pub trait Log: Send + Sync {
    /// Appends entries.
    async fn append(&self, entries: Vec<Entry>);
}
