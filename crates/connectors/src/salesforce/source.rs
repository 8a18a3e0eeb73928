//! The port of the source: select, fetch, mark, reread, describe.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, StreamExt, TryStreamExt};
use model::ports::{Cursor, Fetch, FieldUse, Lack, Mark, Page, Selection, Source};
use model::problem::{Answer, Problem};
use model::protocol::MarkReceipt;
use model::value::{Name, Record, SmolStr, Value};
use reqwest::Method;

use super::describe::Described;
use super::rows::{self, Part, ROWS, Row};
use super::soql::{self, Place};
use super::{Salesforce, classify};
use crate::http::{Effect, Fault, Request, below, verdict};

const QUERY: &str = "GET /query";
const COLLECTIONS: &str = "/composite/sobjects";

#[async_trait]
impl Source for Salesforce {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        let place = match after {
            // Our own marks are changes too: what they touch is not read a second time.
            None => Place { until: self.http.clock().now().to_string(), last: None },
            Some(cursor) => Place::parse(&cursor.0)
                .ok_or_else(|| self.unfit(QUERY, format!("the cursor '{}' is not ours", cursor.0)))?,
        };
        let described = self.object(&selection.object).await?;
        let query = soql::select(selection, &described, &place).map_err(|unfit| self.unfit(QUERY, unfit))?;
        let (records, total) = self.rows(&query).await?;
        let next = records.last().filter(|_| records.len() == soql::PAGE).map(|last| {
            let last = (last.text("SystemModstamp").to_owned(), last.text("Id").to_owned());
            Cursor(Place { until: place.until, last: Some(last) }.show())
        });
        // A query that ends at its limit says how many it gave, not how many there are.
        let total = (after.is_none() && next.is_none()).then_some(total);
        Ok(Page { records, total, next })
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
        let rows: Vec<Row> = marks.iter().map(row).collect();
        let answers = self.send_rows(&Method::PATCH, COLLECTIONS, object, &rows).await;
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
    /// Writes marks of records that another application holds: rows of their own, known by `key`.
    pub(crate) async fn upsert_marks(&self, object: &str, key: &str, marks: &[Mark]) -> Vec<Answer<String>> {
        let keyed = |mark: &Mark| {
            let mut row = row(mark);
            row.fields.set(key, Value::text(mark.source_id.clone()));
            Row { id: SmolStr::default(), fields: row.fields }
        };
        let rows: Vec<Row> = marks.iter().map(keyed).collect();
        self.send_rows(&Method::PATCH, &format!("{COLLECTIONS}/{object}/{key}"), object, &rows).await
    }
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

    /// All rows of several queries.
    pub(super) async fn all_rows(&self, queries: Vec<String>) -> Result<Vec<Record>, Problem> {
        let calls: Vec<_> = queries.iter().map(|query| self.rows(query)).collect();
        let parts: Vec<_> = stream::iter(calls).buffered(self.concurrency).try_collect().await?;
        Ok(parts.into_iter().flat_map(|(records, _)| records).collect())
    }

    /// All rows of a query, part by part, and how many it says that there are.
    pub(super) async fn rows(&self, query: &str) -> Result<(Vec<Record>, u64), Problem> {
        let mut request = self.get("/query", "/query");
        request.url.query_pairs_mut().append_pair("q", query);
        let mut records = Vec::new();
        loop {
            let reply = self.read(&request).await?;
            let strange = |what: &dyn std::fmt::Display| self.http.malformed(&request, &reply, what);
            let Part { records: more, total, next } = rows::part(&reply.body).map_err(|error| strange(&error))?;
            let empty = more.is_empty();
            records.extend(more);
            let read = records.len() as u64;
            match next {
                None if read == total || records.first().is_some_and(is_aggregate) => return Ok((records, total)),
                None => return Err(strange(&format!("the query has {total} records, but {read} came"))),
                Some(_) if empty || read >= total => {
                    return Err(strange(&format!(
                        "a part that names a next one, though {read} of {total} records came"
                    )));
                }
                Some(next) => request = self.next_part(&next).ok_or_else(|| strange(&"the next part is elsewhere"))?,
            }
        }
    }

    /// The next part of a query, if its address is below ours: credentials go nowhere else.
    fn next_part(&self, address: &str) -> Option<Request> {
        let ours = format!("/services/data/v{}/query/", self.version);
        let locator = address
            .strip_prefix(&ours)
            .filter(|locator| locator.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'))?;
        let mut request = self.get("/query", "/query/{locator}");
        request.url = below(&self.base, &format!("{ours}{locator}"));
        Some(request)
    }

    /// Sends rows of one object, two hundred a call, one call after the other. Rows that met a lock certainly were not
    /// written: they go once more, after a while, and only they.
    pub(super) async fn send_rows(
        &self,
        method: &Method,
        path: &str,
        object: &str,
        rows: &[Row],
    ) -> Vec<Answer<String>> {
        let _alone = self.writing.lock().await;
        let mut answers: Vec<Answer<String>> = Vec::with_capacity(rows.len());
        for part in rows.chunks(ROWS) {
            let part: Vec<&Row> = part.iter().collect();
            answers.extend(self.send_part(method, path, object, &part).await);
        }
        for pause in LOCK_PAUSES {
            let locked: Vec<usize> = (0..rows.len()).filter(|place| is_locked(&answers[*place])).collect();
            if locked.is_empty() {
                break;
            }
            self.http.clock().wait(pause).await;
            for part in locked.chunks(ROWS) {
                let again: Vec<&Row> = part.iter().map(|place| &rows[*place]).collect();
                let said = self.send_part(method, path, object, &again).await;
                for (place, answer) in part.iter().zip(said) {
                    answers[*place] = answer;
                }
            }
        }
        answers
    }

    async fn send_part(&self, method: &Method, path: &str, object: &str, rows: &[&Row]) -> Vec<Answer<String>> {
        let request = self.sending(method.clone(), path, rows::body(object, rows), Effect::Write);
        let sent = self.send(&request).await;
        let all = |kind: fn(Problem) -> Answer<String>, problem: Problem| {
            rows.iter().map(|_| kind(problem.clone())).collect::<Vec<_>>()
        };
        let reply = match verdict(sent, |reply| self.http.told(&request, reply)) {
            Answer::Accepted(reply) => reply,
            Answer::Refused(problem) => return all(Answer::Refused, problem),
            Answer::Unknown(problem) => return all(Answer::Unknown, problem),
            Answer::NotDone(problem) => return all(Answer::NotDone, problem),
        };
        match rows::said(&reply.body, rows.len()) {
            Err(malformed) => all(Answer::Unknown, self.http.malformed(&request, &reply, malformed)),
            Ok(said) => said.into_iter().map(|said| self.row_answer(&request, said)).collect(),
        }
    }

    fn row_answer(&self, request: &Request, said: rows::Said) -> Answer<String> {
        match said {
            rows::Said { success: true, id: Some(id), .. } if !id.is_empty() => Answer::Accepted(id),
            rows::Said { success: true, .. } => {
                let words = "a row that went well names no record";
                Answer::Unknown(self.http.problem(request.call(), model::problem::Cause::Configuration, words))
            }
            rows::Said { errors, .. } => {
                Answer::Refused(self.http.redacted(classify::row_problem(&request.call(), &errors)))
            }
        }
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

/// How long rows that met a lock wait before they go again, in milliseconds: a transaction of Salesforce's waits ten
/// seconds for a lock before it gives up.
const LOCK_PAUSES: [u64; 3] = [500, 2_000, 8_000];

fn is_locked(answer: &Answer<String>) -> bool {
    matches!(answer, Answer::Refused(problem) if problem.code.as_deref() == Some("UNABLE_TO_LOCK_ROW"))
}

/// Rows of a count have no id, and are not what `totalSize` counts where they are cut.
fn is_aggregate(record: &Record) -> bool {
    record.get("Id").is_null()
}
