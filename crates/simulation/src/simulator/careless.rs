//! Both applications with one remedy taken out: a connector, or its user, that is careless in one point. The engine
//! is never touched.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use model::key::ExternalKey;
use model::mapping::Draft;
use model::ports::{
    Cursor, Destination, Fetch, FieldUse, Found, Held, Lack, LookUpKey, Mark, Page, Selection, Source, Target, Write,
};
use model::problem::{Answer, Problem};
use model::protocol::MarkReceipt;
use model::status::{Operation, Status};
use model::value::{Record, SmolStr};

use super::books::columns;
use super::destination::Said;
use super::flows::{SOURCE, source_of};
use super::remedy::Remedy;
use super::source::{Honest, receipt};

/// The applications, as one process sees them.
#[derive(Debug)]
pub(crate) struct Careless {
    honest: Honest,
    without: Option<Remedy>,
    memory: Mutex<Memory>,
}

/// What this process did so far.
#[derive(Debug, Default)]
struct Memory {
    /// Keys under which something was sent.
    sent: BTreeSet<String>,
    /// What is believed to stand there.
    believed: BTreeMap<String, Found>,
    /// Source ids whose status was blank when they were selected.
    blank: BTreeSet<SmolStr>,
}

impl Careless {
    /// The applications without one remedy, or with all of them.
    pub(crate) fn new(honest: Honest, without: Option<Remedy>) -> Self {
        Self { honest, without, memory: Mutex::default() }
    }

    fn lacks(&self, remedy: Remedy) -> bool {
        self.without == Some(remedy)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key as this process writes it.
    fn key(&self, target: &Target, key: &LookUpKey) -> LookUpKey {
        let object = source_of(&target.object);
        let external = match self.without {
            Some(Remedy::KeyCase) => ExternalKey::new(SOURCE, object, &key.source_id.to_lowercase()),
            Some(Remedy::KeyType) => ExternalKey::new(SOURCE, "record", &key.source_id),
            _ => key.external.clone(),
        };
        LookUpKey { external, ..key.clone() }
    }

    /// What this process believes without looking.
    fn presumed(&self, key: &LookUpKey) -> Option<Vec<Found>> {
        let memory = self.memory();
        if let Some(found) = memory.believed.get(key.external.as_str()) {
            return Some(vec![found.clone()]);
        }
        let blank = self.lacks(Remedy::BlankLookUp) && memory.blank.contains(&key.source_id);
        let unseen = (self.lacks(Remedy::LookUp) || blank) && !memory.sent.contains(key.external.as_str());
        unseen.then(Vec::new)
    }

    async fn write_one(&self, write: Write<'_>) -> Answer<String> {
        match write.intent.operation() {
            Operation::Create => self.create(&write).await,
            Operation::Update => self.honest.update(&write).await,
        }
    }

    async fn create(&self, write: &Write<'_>) -> Answer<String> {
        let key = self.key(&write.target, &write.key);
        self.memory().sent.insert(key.external.as_str().to_owned());
        let send = async || self.honest.create_for(write.intent.source_id(), &write.target, &key, write.draft).await;
        let mut said = send().await;
        if self.lacks(Remedy::NoBlindRepeat) && matches!(said, Said::Answer(Answer::Unknown(_))) {
            said = send().await;
        }
        self.heard(said, &write.target, &key, write.draft)
    }

    /// What a careless process makes of an answer.
    fn heard(&self, said: Said, target: &Target, key: &LookUpKey, draft: &Draft) -> Answer<String> {
        let believed = match &said {
            Said::TakenIn => self.lacks(Remedy::Acceptance).then(|| "0".to_owned()),
            Said::Answer(Answer::Accepted(id)) => self.lacks(Remedy::ReadBack).then(|| id.clone()),
            Said::Answer(_) => None,
        };
        let Some(id) = believed else { return said.heard() };
        let found = Found { id: id.as_str().into(), record: columns(target, &target.object, &draft.fields) };
        self.memory().believed.insert(key.external.as_str().to_owned(), found);
        Answer::Accepted(id)
    }
}

#[async_trait]
impl Source for Careless {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        let mut page = self.honest.select(selection, after).await?;
        let status = |record: &Record| Status::read(record.text("IntegrationStatus"));
        if self.lacks(Remedy::EveryPage) {
            page.next = None;
        }
        if self.lacks(Remedy::ComparedMasters) && selection.object == "Account" {
            page.records.retain(|record| status(record) != Status::Complete);
        }
        let blank = page.records.iter().filter(|record| status(record) == Status::Blank);
        self.memory().blank.extend(blank.map(|record| SmolStr::from(record.text("Id"))));
        Ok(page)
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        self.honest.fetch(fetch).await
    }

    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let announces = |mark: &Mark| Status::read(&mark.status) == Status::InProgress;
        if self.lacks(Remedy::Mark) && marks.iter().all(announces) {
            return marks.iter().map(|mark| Answer::Accepted(receipt(mark))).collect();
        }
        let answers = self.honest.mark(object, marks).await;
        let relied_on = |(mark, answer)| match answer {
            Answer::Unknown(_) if self.lacks(Remedy::ConfirmedMark) && announces(mark) => {
                Answer::Accepted(receipt(mark))
            }
            answer => answer,
        };
        marks.iter().zip(answers).map(relied_on).collect()
    }

    async fn reread(&self, object: &str, marks: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem> {
        self.honest.reread(object, marks).await
    }

    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<Lack>, Problem> {
        Source::lacking(&self.honest, object, fields).await
    }
}

#[async_trait]
impl Destination for Careless {
    async fn lacking(&self, object: &str, fields: &[String]) -> Result<Vec<Lack>, Problem> {
        Destination::lacking(&self.honest, object, fields).await
    }

    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let keys: Vec<LookUpKey> = keys.iter().map(|key| self.key(target, key)).collect();
        let found = self.honest.look_up(target, &keys).await?;
        Ok(keys.iter().zip(found).map(|(key, found)| self.presumed(key).unwrap_or(found)).collect())
    }

    async fn ask_record(&self, target: &Target, key: &LookUpKey) -> Result<Option<Found>, Problem> {
        let key = self.key(target, key);
        if self.lacks(Remedy::RecordAddress) {
            return Ok(None);
        }
        match self.presumed(&key) {
            Some(presumed) => Ok(presumed.into_iter().next()),
            None => self.honest.ask_record(target, &key).await,
        }
    }

    async fn by_id(&self, target: &Target, id: &str) -> Result<Option<Held>, Problem> {
        if self.lacks(Remedy::RecordAddress) { Ok(None) } else { self.honest.by_id(target, id).await }
    }

    async fn write(&self, writes: Vec<Write<'_>>) -> Vec<Answer<String>> {
        let calls: Vec<_> = writes.into_iter().map(|write| self.write_one(write)).collect();
        stream::iter(calls).buffered(self.concurrency()).collect().await
    }

    async fn read(&self, target: &Target, id: &str) -> Result<Option<Record>, Problem> {
        self.honest.read(target, id).await
    }

    async fn list(&self, name: &str) -> Result<HashMap<SmolStr, SmolStr>, Problem> {
        self.honest.list(name).await
    }

    fn concurrency(&self) -> usize {
        self.honest.concurrency()
    }
}
