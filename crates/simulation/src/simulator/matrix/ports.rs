//! The ports of both connectors: each call says for what it is made, each write is checked for its mark, and one remedy
//! can be taken out.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::key::ExternalKey;
use model::ports::{
    Cursor, Destination, Fetch, FieldUse, Found, Held, Lack, LookUpKey, Mark, Page, Selection, Source, Target, Write,
};
use model::problem::{Answer, Problem};
use model::protocol::MarkReceipt;
use model::status::{Operation, Status};
use model::value::{Record, SmolStr};
use sandbox::server::Desk;
use serde_json::Value as Json;

use super::call::{CREATE, LAST_MARK, MARK, PURPOSE, UPDATE};
use super::plot::Plot;
use crate::simulator::remedy::Remedy;
use crate::simulator::source::receipt;

/// The remedies that can be taken out here: what they do shows on the wire, whatever the engine makes of it.
pub(super) const REMOVABLE: [Remedy; 4] = [Remedy::Mark, Remedy::ConfirmedMark, Remedy::LookUp, Remedy::EnforcedKey];

/// A source whose calls say for what they are made.
pub(super) struct Here {
    pub connector: Arc<dyn Source>,
    pub without: Option<Remedy>,
}

#[async_trait]
impl Source for Here {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        let purpose = if after.is_none() { "select" } else { "select more" };
        PURPOSE.scope(purpose, self.connector.select(selection, after)).await
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        PURPOSE.scope("read related", self.connector.fetch(fetch)).await
    }

    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let announces = marks.iter().all(|mark| Status::read(&mark.status) == Status::InProgress);
        if announces && self.without == Some(Remedy::Mark) {
            return marks.iter().map(|mark| Answer::Accepted(receipt(mark))).collect();
        }
        let purpose = if announces { MARK } else { LAST_MARK };
        let answers = PURPOSE.scope(purpose, self.connector.mark(object, marks)).await;
        let relied_on = |(mark, answer)| match answer {
            Answer::Unknown(_) if announces && self.without == Some(Remedy::ConfirmedMark) => {
                Answer::Accepted(receipt(mark))
            }
            answer => answer,
        };
        marks.iter().zip(answers).map(relied_on).collect()
    }

    async fn reread(&self, object: &str, marks: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem> {
        PURPOSE.scope("read the mark", self.connector.reread(object, marks)).await
    }

    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<Lack>, Problem> {
        PURPOSE.scope("describe", self.connector.lacking(object, fields)).await
    }
}

/// Where the marks of the source records stand.
#[derive(Clone)]
pub(super) struct Marks {
    /// The application.
    pub desk: Arc<Desk>,
    /// Its object.
    pub object: String,
    /// The field with the id of the record that is marked.
    pub key: String,
    /// The field of the Integration Status.
    pub status: String,
}

/// A destination whose calls say for what they are made.
pub(super) struct There {
    pub connector: Arc<dyn Destination>,
    pub marks: Marks,
    pub plot: Plot,
    pub without: Option<Remedy>,
    /// The source ids for which this process sent a write.
    pub written: Mutex<HashSet<SmolStr>>,
}

impl There {
    /// A write is about to be sent: the source record must say so.
    fn announced(&self, source_id: &str) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(source_id.into());
        let Marks { desk, object, key, status: field } = &self.marks;
        let mut status = String::new();
        let only = [key.clone(), field.clone()];
        desk.emulator.each_line(object, &only, &mut |line| {
            let record: Json = serde_json::from_str(line).unwrap_or_default();
            let sought = record[key.as_str()] == source_id;
            if sought {
                status = record[field.as_str()].as_str().unwrap_or_default().to_owned();
            }
            !sought
        });
        if Status::read(&status) != Status::InProgress {
            self.plot.told().unmarked += 1;
        }
    }

    fn is_written(&self, keys: &[LookUpKey]) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().any(|key| written.contains(&key.record_id))
    }

    /// The key under which a record is made.
    fn key(&self, key: &LookUpKey) -> LookUpKey {
        let Some(Remedy::EnforcedKey) = self.without else { return key.clone() };
        let mut plot = self.plot.told();
        plot.keys += 1;
        let external = ExternalKey::new("key", &plot.keys.to_string(), &key.source_id);
        LookUpKey { external, ..key.clone() }
    }
}

impl There {
    /// Writes of one kind, together: the connector knows how many go in a call.
    async fn write_kind(&self, writes: Vec<Write<'_>>, operation: Operation) -> Vec<Answer<String>> {
        if writes.is_empty() {
            return Vec::new();
        }
        writes.iter().for_each(|write| self.announced(write.intent.source_id()));
        let purpose = if operation == Operation::Create { CREATE } else { UPDATE };
        let keys: Vec<LookUpKey> = writes.iter().map(|write| self.key(&write.key)).collect();
        let writes = writes.into_iter().zip(keys).map(|(write, key)| Write { key, ..write }).collect();
        PURPOSE.scope(purpose, self.connector.write(writes)).await
    }
}

#[async_trait]
impl Destination for There {
    async fn lacking(&self, object: &str, fields: &[String]) -> Result<Vec<Lack>, Problem> {
        PURPOSE.scope("describe", self.connector.lacking(object, fields)).await
    }

    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let is_written = self.is_written(keys);
        if !is_written && self.without == Some(Remedy::LookUp) {
            return Ok(vec![Vec::new(); keys.len()]);
        }
        let purpose = if is_written { "read back" } else { "look up" };
        PURPOSE.scope(purpose, self.connector.look_up(target, keys)).await
    }

    async fn ask_record(&self, target: &Target, key: &LookUpKey) -> Result<Option<Found>, Problem> {
        if self.without == Some(Remedy::LookUp) && !self.is_written(std::slice::from_ref(key)) {
            return Ok(None);
        }
        PURPOSE.scope("ask the record", self.connector.ask_record(target, key)).await
    }

    async fn by_id(&self, target: &Target, id: &str) -> Result<Option<Held>, Problem> {
        PURPOSE.scope("ask the record", self.connector.by_id(target, id)).await
    }

    async fn write(&self, writes: Vec<Write<'_>>) -> Vec<Answer<String>> {
        let is_create: Vec<bool> = writes.iter().map(|write| write.intent.operation() == Operation::Create).collect();
        let (creates, updates): (Vec<_>, Vec<_>) =
            writes.into_iter().partition(|write| write.intent.operation() == Operation::Create);
        let mut created = self.write_kind(creates, Operation::Create).await.into_iter();
        let mut updated = self.write_kind(updates, Operation::Update).await.into_iter();
        is_create.into_iter().filter_map(|create| if create { created.next() } else { updated.next() }).collect()
    }

    async fn read(&self, target: &Target, id: &str) -> Result<Option<Record>, Problem> {
        PURPOSE.scope("compare", self.connector.read(target, id)).await
    }

    async fn list(&self, name: &str) -> Result<HashMap<SmolStr, SmolStr>, Problem> {
        PURPOSE.scope("read a list", self.connector.list(name)).await
    }

    fn concurrency(&self) -> usize {
        self.connector.concurrency()
    }

    fn wait_out(&self) -> Option<u64> {
        self.connector.wait_out()
    }
}
