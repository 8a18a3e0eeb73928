//! Nue's billing records, with marks in the paired Salesforce org: an object of our own there holds, for each Nue record,
//! its status, the id of what it became, and the day. Its key is the Nue id, External ID and Unique, so that a mark is an
//! upsert and two hundred go in a call.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use model::ports::{Condition, Cursor, Fetch, FieldUse, Lack, Mark, Page, Selection, Source};
use model::problem::{Answer, Problem};
use model::protocol::MarkReceipt;
use model::value::{Name, Record, SmolStr, Value};

use super::Nue;
use super::wire::FOREIGN_ID;
use crate::salesforce::Salesforce;

/// What the object of the marks is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkFields {
    /// The object.
    pub object: String,
    /// Its field for the Nue id: External ID and Unique.
    pub key: String,
    /// Its field for the id of what the record became.
    pub id: String,
}

impl Default for MarkFields {
    fn default() -> Self {
        Self {
            object: "Counterfoil_Mark__c".to_owned(),
            key: "Nue_Id__c".to_owned(),
            id: "Integration_Id__c".to_owned(),
        }
    }
}

/// Nue's records with their marks.
pub struct Marked {
    pub(super) nue: Arc<Nue>,
    pub(super) salesforce: Arc<Salesforce>,
    pub(super) fields: MarkFields,
}

/// The names of Salesforce's own fields end so; Nue's do not.
pub(super) const ENDING: &str = "__c";

fn is_mark(field: &str) -> bool {
    field.ends_with(ENDING)
}

impl Marked {
    /// The records of one with the marks of the other.
    pub fn new(nue: Arc<Nue>, salesforce: Arc<Salesforce>, fields: MarkFields) -> Self {
        Self { nue, salesforce, fields }
    }

    /// Gives records the marks that stand for them; one that has none has empty marks.
    async fn with_marks(&self, records: &mut [Record], marks: &[&str]) -> Result<(), Problem> {
        if marks.is_empty() || records.is_empty() {
            return Ok(());
        }
        let fields = marks.iter().copied().chain([self.fields.key.as_str()]).map(Name::from).collect();
        let keys: BTreeSet<SmolStr> = records.iter().map(|record| SmolStr::from(record.text("Id"))).collect();
        let fetch = Fetch {
            object: self.fields.object.clone(),
            fields,
            field: Name::from(self.fields.key.as_str()),
            keys: keys.into_iter().collect(),
        };
        let held = self.salesforce.fetch(&fetch).await?;
        let by_key: HashMap<String, &Record> =
            held.iter().map(|mark| (mark.text(&self.fields.key).to_lowercase(), mark)).collect();
        for record in records {
            let mark = by_key.get(&record.text("Id").to_lowercase());
            for field in marks {
                record.set(*field, mark.map_or(Value::Null, |mark| mark.get(field).clone()));
            }
        }
        Ok(())
    }
}

impl Marked {
    /// Nue lets nobody write its `externalId`: what we made in Salesforce stands in our mark alone.
    async fn with_foreign_ids(&self, fields: &[Name], records: &mut [Record]) -> Result<(), Problem> {
        if !fields.iter().any(|field| field == FOREIGN_ID) {
            return Ok(());
        }
        let mut unknown: Vec<Record> =
            records.iter().filter(|record| record.get(FOREIGN_ID).is_null()).cloned().collect();
        // Where the mark's id was asked for too, it stands in the record already.
        if !fields.iter().any(|field| *field == self.fields.id) {
            self.with_marks(&mut unknown, &[&self.fields.id]).await?;
        }
        let mut unknown = unknown.into_iter();
        for record in records.iter_mut().filter(|record| record.get(FOREIGN_ID).is_null()) {
            let Some(marked) = unknown.next() else { break };
            record.set(FOREIGN_ID, marked.get(&self.fields.id).clone());
        }
        Ok(())
    }
}

#[async_trait]
impl Source for Marked {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        let mut any: Vec<Vec<Condition>> = Vec::new();
        for all in &selection.any {
            let own: Vec<Condition> = all.iter().filter(|condition| !is_mark(&condition.field)).cloned().collect();
            if !any.contains(&own) {
                any.push(own);
            }
        }
        let (marks, fields) = split(&selection.fields);
        let of_conditions = selection.any.iter().flatten().map(|condition| condition.field.as_str());
        let marks: BTreeSet<&str> = marks.into_iter().chain(of_conditions.filter(|field| is_mark(field))).collect();
        let own = Selection { object: selection.object.clone(), fields, any };
        let mut page = self.nue.select(&own, after).await?;
        self.with_marks(&mut page.records, &marks.into_iter().collect::<Vec<_>>()).await?;
        self.with_foreign_ids(&selection.fields, &mut page.records).await?;
        let due = |record: &Record| {
            let holds = |all: &Vec<Condition>| all.iter().all(|condition| condition.holds(record));
            selection.any.is_empty() || selection.any.iter().any(holds)
        };
        page.records.retain(due);
        Ok(page)
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        let (marks, mut fields) = split(&fetch.fields);
        fields.push(Name::new_static("Id"));
        let mut records = self.nue.fetch(&Fetch { fields, ..fetch.clone() }).await?;
        self.with_marks(&mut records, &marks).await?;
        self.with_foreign_ids(&fetch.fields, &mut records).await?;
        Ok(records)
    }

    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let MarkFields { object: marked, key, id } = &self.fields;
        let answers = self.salesforce.upsert_marks(marked, key, marks).await;
        let standing = marks.iter().zip(&answers).filter(|(_, answer)| matches!(answer, Answer::Accepted(_)));
        let standing: Vec<&Mark> = standing.map(|(mark, _)| mark).collect();
        self.nue.tell_hub(object, self.salesforce.host(), id, &standing).await;
        let receipt = |(mark, answer): (&Mark, Answer<String>)| {
            answer.map(|_| MarkReceipt::confirmed_by_source(mark.source_id.as_str(), mark.status.as_str()))
        };
        marks.iter().zip(answers).map(receipt).collect()
    }

    async fn reread(&self, _: &str, marks: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem> {
        let Some((status, _)) = marks.iter().find_map(|mark| mark.fields.first()) else {
            return Ok(marks.iter().map(|_| None).collect());
        };
        let id = |mark: &Mark| {
            let mut record = Record::default();
            record.set("Id", Value::text(mark.source_id.clone()));
            record
        };
        let mut records: Vec<Record> = marks.iter().map(id).collect();
        self.with_marks(&mut records, &[status]).await?;
        let stands = |(mark, record): (&Mark, &Record)| {
            let same = record.text(status).trim() == mark.status.trim();
            same.then(|| MarkReceipt::confirmed_by_source(mark.source_id.as_str(), mark.status.as_str()))
        };
        Ok(marks.iter().zip(&records).map(stands).collect())
    }

    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<Lack>, Problem> {
        let (marks, own): (Vec<FieldUse>, Vec<FieldUse>) =
            fields.iter().cloned().partition(|used| is_mark(&used.field));
        let mut lacks = self.nue.lacking(object, &own).await?;
        if !marks.is_empty() {
            lacks.extend(Source::lacking(&*self.salesforce, &self.fields.object, &marks).await?);
        }
        Ok(lacks)
    }
}

/// The fields that are marks, and those that are Nue's own.
fn split(fields: &[Name]) -> (Vec<&str>, Vec<Name>) {
    let marks = fields.iter().map(Name::as_str).filter(|field| is_mark(field)).collect();
    (marks, fields.iter().filter(|field| !is_mark(field)).cloned().collect())
}
