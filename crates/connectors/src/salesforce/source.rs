//! The port of the source: select, fetch, mark, reread, describe.

use std::sync::Arc;

use async_trait::async_trait;
use model::ports::{Cursor, Fetch, FieldUse, Lack, Mark, Page, Selection, Source};
use model::problem::{Answer, Problem};
use model::protocol::MarkReceipt;
use model::value::{Name, Record, SmolStr, Value};

use super::Salesforce;
use super::describe::Described;
use super::posting::{Address, Posting};
use super::rows::{self, Row};
use super::soql;
use crate::http::Fault;

const QUERY: &str = "GET /query";

#[async_trait]
impl Source for Salesforce {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        self.selected(selection, after).await
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        let mut keys: Vec<&str> = fetch.keys.iter().map(SmolStr::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut fields: Vec<&str> = fetch.fields.iter().map(Name::as_str).collect();
        fields.push(&fetch.field);
        let queries = soql::among(&fetch.object, &fields, &fetch.field, &keys);
        self.all_rows(queries.map_err(|unfit| self.unfit(QUERY, unfit))?).await
    }

    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let to = Address::by_id(object);
        let answers = self.post(&marks.iter().map(|mark| posting(&to, row(mark))).collect::<Vec<_>>()).await;
        marks.iter().zip(answers).map(|(mark, answer)| self.marked(mark, answer)).collect()
    }

    async fn reread(&self, object: &str, marks: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem> {
        let Some((status, _)) = marks.iter().find_map(|mark| mark.fields.first()) else {
            return Ok(marks.iter().map(|_| None).collect());
        };
        let fetch = Fetch {
            object: object.to_owned(),
            fields: vec![Name::new_static("Id"), status.clone()],
            field: Name::new_static("Id"),
            keys: marks.iter().map(|mark| mark.source_id.clone()).collect(),
        };
        let records = self.fetch(&fetch).await?;
        let stands = |mark: &Mark| {
            let held = records.iter().find(|record| rows::same_id(record.text("Id"), &mark.source_id))?;
            let same = held.text(status).trim() == mark.status.trim();
            same.then(|| MarkReceipt::confirmed_by_source(mark.source_id.as_str(), mark.status.as_str()))
        };
        Ok(marks.iter().map(stands).collect())
    }

    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<Lack>, Problem> {
        Ok(self
            .described(object)
            .await?
            .map_or_else(|| vec![Lack::unknown(object, [])], |object| object.lacking(fields)))
    }
}

impl Salesforce {
    /// Writes marks of records that another application holds: rows of their own, known by `key`. They have no parents, so
    /// that no call waits for another.
    pub(crate) async fn upsert_marks(&self, object: &str, key: &str, marks: &[Mark]) -> Vec<Answer<String>> {
        let to = Arc::new(Address { object: object.to_owned(), key: Some(key.to_owned()), has_parents: false });
        let keyed = |mark: &Mark| {
            let mut fields = row(mark).fields;
            fields.set(key, Value::text(mark.source_id.clone()));
            posting(&to, Row { id: SmolStr::default(), fields })
        };
        self.post(&marks.iter().map(keyed).collect::<Vec<_>>()).await
    }
}

fn posting(to: &Arc<Address>, row: Row) -> Posting {
    Posting { to: Arc::clone(to), row, behind: None }
}

/// A mark as a row; a field that is to be empty is null.
fn row(mark: &Mark) -> Row {
    let mut fields = Record::with_capacity(mark.fields.len());
    for (name, text) in &mark.fields {
        fields.set(name.clone(), if text.is_empty() { Value::Null } else { Value::text(text.clone()) });
    }
    Row { id: mark.source_id.clone(), fields }
}

impl Salesforce {
    /// What an object is, as this user sees it; `None` if there is none, or none that this user may see.
    pub(super) async fn described(&self, object: &str) -> Result<Option<Arc<Described>>, Problem> {
        // Held over the call: flows that begin together ask once.
        let mut known = self.descriptions.0.lock().await;
        if let Some(described) = known.get(object) {
            return Ok(described.clone());
        }
        let request = self.get(&format!("/sobjects/{object}/describe"), &format!("/sobjects/{object}/describe"));
        let reply = self.send(&request).await.map_err(Fault::into_problem)?;
        let described = match reply.status {
            404 if !reply.is_page() => None,
            _ if !reply.is_success() => return Err(self.http.told(&request, &reply)),
            _ => Some(crate::json::parse(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?),
        };
        let described = described.map(Arc::new);
        known.insert(object.to_owned(), described.clone());
        Ok(described)
    }

    /// The same where it must be there.
    pub(super) async fn object(&self, object: &str) -> Result<Arc<Described>, Problem> {
        let absent = || {
            let words = format!("there is no object {object}, or the integration user may not see it");
            self.unfit(&format!("GET /sobjects/{object}/describe"), words)
        };
        self.described(object).await?.ok_or_else(absent)
    }

    /// What the answer says of one mark. A receipt is made only when the answer names the record that was marked.
    fn marked(&self, mark: &Mark, answer: Answer<String>) -> Answer<MarkReceipt> {
        match answer {
            Answer::Accepted(id) if rows::same_id(&id, &mark.source_id) => {
                Answer::Accepted(MarkReceipt::confirmed_by_source(mark.source_id.as_str(), mark.status.as_str()))
            }
            Answer::Accepted(id) => {
                let words = format!("the answer for {} names '{id}'", mark.source_id);
                Answer::Unknown(self.unfit("PATCH /composite/sobjects", words))
            }
            Answer::Refused(problem) => Answer::Refused(problem),
            Answer::Unknown(problem) => Answer::Unknown(problem),
            Answer::NotDone(problem) => Answer::NotDone(problem),
        }
    }
}
