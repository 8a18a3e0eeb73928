//! The books of both sides: what each application holds, and what a request does to it when it arrives.

use std::collections::{BTreeMap, BTreeSet};

use model::key::ExternalKey;
use model::mapping::Draft;
use model::ports::{Condition, Found, LookUpKey, Mark, Target};
use model::status::Status;
use model::value::{Record, SmolStr, Value};

use super::flows::source_of;

/// A source record: its object and its id.
pub(crate) type Origin = (&'static str, SmolStr);

/// A record of the destination.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held {
    /// The destination's id.
    pub id: SmolStr,
    /// Its record type.
    pub object: String,
    /// Its external id, in small letters: the destination ignores case.
    pub key: String,
    /// For whom it was really made, whatever key it carries.
    pub origin: Origin,
    /// What it holds.
    pub fields: Record,
}

/// A request that changes something, on its way.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// Marks on source records.
    Marks(&'static str, Vec<Mark>),
    /// A new record, under its key; whether the destination drops something of it.
    Create { object: String, key: ExternalKey, source_id: SmolStr, draft: Draft, maimed: bool },
    /// New values for a record.
    Update { id: SmolStr, source_id: SmolStr, draft: Draft },
}

/// What became of a request when it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Landed {
    /// Done; the destination's id, if one was written.
    Done(SmolStr),
    /// Turned down, in the application's words.
    Refused(&'static str),
}

/// The statuses at the source, and what the destination holds.
pub(crate) type Snapshot = (Vec<SmolStr>, BTreeMap<u64, Held>);

/// What both applications hold.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// The source's records, by object and id.
    pub source: BTreeMap<&'static str, BTreeMap<SmolStr, Record>>,
    /// The destination's records, by the order in which they were made.
    pub live: BTreeMap<u64, Held>,
    /// The same, as its search shows them.
    pub index: BTreeMap<u64, Held>,
    /// Whether the destination enforces the key.
    pub keyed: bool,
    /// Records that the destination never takes.
    pub unwelcome: BTreeSet<Origin>,
    /// Records that ever carried an in-progress mark.
    pub marked: BTreeSet<Origin>,
    /// Records whose status a person set to `Sync Complete`.
    pub by_hand: BTreeSet<Origin>,
    /// Records of which the destination dropped something.
    pub maimed: BTreeSet<Origin>,
}

/// Record types that share a namespace of external ids.
fn namespace(object: &str) -> &str {
    if object == "customer" { "entity" } else { "transaction" }
}

impl Books {
    /// A source record.
    pub(crate) fn record(&self, origin: &Origin) -> Option<&Record> {
        self.source.get(origin.0)?.get(&origin.1)
    }

    /// A source record, to be changed.
    pub(crate) fn record_mut(&mut self, origin: &Origin) -> Option<&mut Record> {
        self.source.get_mut(origin.0)?.get_mut(&origin.1)
    }

    /// The ids that a selection gives, in the source's order.
    pub(crate) fn selected(&self, object: &str, any: &[Vec<Condition>]) -> Vec<SmolStr> {
        let holds = |record: &Record| any.iter().any(|all| all.iter().all(|condition| condition.holds(record)));
        let records = self.source.get(object).into_iter().flatten();
        records.filter(|(_, record)| holds(record)).map(|(id, _)| id.clone()).collect()
    }

    /// The records whose `field` is one of `keys`.
    pub(crate) fn fetched(&self, object: &str, field: &str, keys: &[SmolStr]) -> Vec<Record> {
        let records = self.source.get(object).into_iter().flat_map(BTreeMap::values);
        records.filter(|record| keys.iter().any(|key| key == record.text(field))).cloned().collect()
    }

    /// The search: by external id and by the source's id.
    pub(crate) fn search(&self, target: &Target, key: &LookUpKey) -> Vec<Found> {
        let wanted = key.external.as_str().to_lowercase();
        let same = |held: &&Held| {
            namespace(&held.object) == namespace(&target.object)
                && (held.key == wanted || held.object == target.object && held.fields.text("sourceid") == key.source_id)
        };
        self.index.values().filter(same).map(|held| found(target, held)).collect()
    }

    /// The record at the address that its key gives it. It is there at once, and as it is now.
    pub(crate) fn at_address(&self, target: &Target, key: &LookUpKey) -> Option<Found> {
        let wanted = key.external.as_str().to_lowercase();
        let held = self.live.values().find(|held| held.object == target.object && held.key == wanted)?;
        Some(found(target, held))
    }

    /// The same at the address that its own id gives it.
    pub(crate) fn with_id(&self, target: &Target, id: &str) -> Option<model::ports::Held> {
        let held = self.live.values().find(|held| held.object == target.object && held.id == id)?;
        let source_id = held.fields.text("sourceid").into();
        Some(model::ports::Held { found: found(target, held), source_id, external: held.key.as_str().into() })
    }

    /// A whole record of the destination.
    pub(crate) fn whole(&self, id: &str) -> Option<Record> {
        self.live.values().find(|held| held.id == id).map(|held| held.fields.clone())
    }

    /// A request arrives. Gives what became of it, and which records of the destination changed.
    pub(crate) fn land(&mut self, write: Write) -> (Landed, Option<u64>) {
        match write {
            Write::Marks(object, marks) => {
                for mark in marks {
                    self.marked(object, mark);
                }
                (Landed::Done(SmolStr::default()), None)
            }
            Write::Create { object, key, source_id, draft, maimed } => {
                let origin = (source_of(&object), source_id);
                self.created(object, key.as_str().to_lowercase(), origin, draft.fields, maimed)
            }
            Write::Update { id, draft, .. } => {
                let Some((number, held)) = self.live.iter_mut().find(|(_, held)| held.id == id) else {
                    return (Landed::Refused("that record does not exist"), None);
                };
                for (name, value) in draft.fields.iter() {
                    held.fields.set(name.clone(), value.clone());
                }
                (Landed::Done(id), Some(*number))
            }
        }
    }

    fn marked(&mut self, object: &'static str, mark: Mark) {
        let origin = (object, mark.source_id);
        if Status::read(&mark.status) == Status::InProgress {
            self.marked.insert(origin.clone());
        }
        self.by_hand.remove(&origin);
        let Some(record) = self.record_mut(&origin) else { return };
        for (field, text) in mark.fields {
            record.set(field, Value::text(text));
        }
    }

    fn created(
        &mut self,
        object: String,
        key: String,
        origin: Origin,
        mut fields: Record,
        maimed: bool,
    ) -> (Landed, Option<u64>) {
        if self.unwelcome.contains(&origin) {
            return (Landed::Refused("this record breaks a rule of ours"), None);
        }
        let taken = |held: &Held| namespace(&held.object) == namespace(&object) && held.key == key;
        if self.keyed && self.live.values().any(taken) {
            return (Landed::Refused("this record already exists"), None);
        }
        if maimed && fields.list("item").len() > 1 {
            self.maimed.insert(origin.clone());
            let mut lines = fields.take_list("item");
            lines.pop();
            fields.set("item", Value::List(lines));
        }
        let number = self.live.len() as u64 + 1;
        let id = SmolStr::from((100 + number).to_string());
        self.live.insert(number, Held { id: id.clone(), object, key, origin, fields });
        (Landed::Done(id), Some(number))
    }

    /// The search catches up with one record.
    pub(crate) fn index(&mut self, number: u64) {
        if let Some(held) = self.live.get(&number) {
            self.index.insert(number, held.clone());
        }
    }

    /// What each status says and what the destination holds: what a run in calm weather must bring to rest.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let records = self.source.values().flat_map(BTreeMap::values);
        let statuses = records.map(|record| SmolStr::from(record.text("IntegrationStatus"))).collect();
        (statuses, self.live.clone())
    }
}

/// What a look-up tells of a record whose columns stand in `shown`.
fn found(target: &Target, held: &Held) -> Found {
    Found { id: held.id.clone(), record: columns(target, &held.object, &held.fields) }
}

/// The columns of a target, out of a record's fields.
pub(crate) fn columns(target: &Target, object: &str, fields: &Record) -> Record {
    let mut record = Record::with_capacity(target.columns.len());
    for column in &target.columns {
        let value = match column.as_str() {
            "recordtype" => Value::text(object),
            "lines" => Value::Number(fields.list("item").len().into()),
            name => fields.get(name).clone(),
        };
        record.push(column.into(), value);
    }
    record
}
