//! The port: select, fetch, mark, reread, describe.

use async_trait::async_trait;
use futures::stream::{self, StreamExt, TryStreamExt};
use model::ports::{Cursor, Fetch, FieldUse, Mark, Page, Selection, Source};
use model::problem::{Answer, Cause, Problem};
use model::protocol::MarkReceipt;
use model::value::Record;
use reqwest::Method;

use super::wire::{self, Batch, RowResult};
use super::{Zuora, classify};
use crate::http::{Effect, Request, verdict};

const QUERY: &str = "/v1/action/query";
const QUERY_MORE: &str = "/v1/action/queryMore";
/// A field that the tenant does not have is an error, not a silent success.
const UPDATE: &str = "/v1/action/update?rejectUnknownFields=true";

#[async_trait]
impl Source for Zuora {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        let queries = wire::select(selection).map_err(|unfit| self.unfit(unfit))?;
        let (position, locator) = after.map_or(Ok((0, None)), |cursor| self.place(cursor))?;
        let Some(query) = queries.get(position) else {
            return Ok(Page { records: Vec::new(), total: Some(0), next: None });
        };
        let batch = match locator {
            None => self.query(query).await?,
            Some(locator) => self.query_more(locator).await?,
        };
        let next = match batch.locator {
            Some(locator) => Some(Cursor(format!("{position}|{locator}"))),
            None if position + 1 < queries.len() => Some(Cursor(format!("{}|", position + 1))),
            None => None,
        };
        // With several queries a record can match more than one: then no number is the whole.
        let total = (queries.len() == 1).then_some(batch.size);
        Ok(Page { records: batch.records, total, next })
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        let mut keys: Vec<&str> = fetch.keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        let queries =
            wire::fetch(&fetch.object, &fetch.fields, &fetch.field, &keys).map_err(|unfit| self.unfit(unfit))?;
        let calls: Vec<_> = queries.iter().map(|query| self.drained(query)).collect();
        let parts: Vec<Vec<Record>> = stream::iter(calls).buffered(self.concurrency).try_collect().await?;
        Ok(parts.into_iter().flatten().collect())
    }

    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let calls: Vec<_> = marks.chunks(wire::MARKS_A_CALL).map(|part| self.mark_part(object, part)).collect();
        let parts: Vec<Vec<Answer<MarkReceipt>>> = stream::iter(calls).buffered(self.concurrency).collect().await;
        parts.into_iter().flatten().collect()
    }

    async fn reread(&self, object: &str, marks: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem> {
        let Some((status, _)) = marks.iter().find_map(|mark| mark.fields.first()) else {
            return Ok(marks.iter().map(|_| None).collect());
        };
        let fetch = Fetch {
            object: object.to_owned(),
            fields: vec!["Id".to_owned(), status.clone()],
            field: "Id".to_owned(),
            keys: marks.iter().map(|mark| mark.source_id.clone()).collect(),
        };
        let records = self.fetch(&fetch).await?;
        let stands = |mark: &Mark| {
            let held = records.iter().find(|record| record.text("Id") == mark.source_id)?;
            let same = held.text(status).trim().to_lowercase() == wire::storable(mark.status.trim()).to_lowercase();
            same.then(|| MarkReceipt::confirmed_by_source(mark.source_id.as_str(), mark.status.as_str()))
        };
        Ok(marks.iter().map(stands).collect())
    }

    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<String>, Problem> {
        let description = self.described(object).await?;
        wire::lacking(&description, fields).ok_or_else(|| {
            let words = format!("the description of {object} lists no fields");
            self.http.problem(format!("GET /v1/describe/{object}"), Cause::Configuration, words)
        })
    }
}

impl Zuora {
    /// The XML that describes an object.
    pub(super) async fn described(&self, object: &str) -> Result<String, Problem> {
        let path = format!("/v1/describe/{object}");
        let request = self.request(Method::GET, &path, &path, Effect::Read);
        let reply = self.send(&request).await.map_err(crate::http::Fault::into_problem)?;
        if reply.status == 404 {
            let words = format!("Zuora does not know the object {object}");
            return Err(self.http.problem(request.call(), Cause::Configuration, words));
        }
        if !reply.is_success() {
            return Err(self.refusal(&request, &reply));
        }
        String::from_utf8(reply.body.to_vec()).map_err(|error| self.malformed(&request, &reply, error))
    }

    async fn query(&self, zoql: &str) -> Result<Batch, Problem> {
        self.batch(&self.post(QUERY, Effect::Read, wire::query_body(zoql))).await
    }

    async fn query_more(&self, locator: &str) -> Result<Batch, Problem> {
        self.batch(&self.post(QUERY_MORE, Effect::Read, wire::query_more_body(locator))).await
    }

    async fn batch(&self, request: &Request) -> Result<Batch, Problem> {
        let reply = self.read(request).await?;
        wire::batch(&reply.body).map_err(|malformed| {
            let told = classify::problem(&request.call(), &reply);
            // A refusal can come as a 200; only what is no refusal either is malformed.
            if told.code.is_some() { self.http.redacted(told) } else { self.malformed(request, &reply, malformed) }
        })
    }

    /// All records of a query. Zuora says how many there are: fewer is an error, never a short list.
    async fn drained(&self, zoql: &str) -> Result<Vec<Record>, Problem> {
        let Batch { mut records, size, mut locator } = self.query(zoql).await?;
        while let Some(more) = locator {
            let batch = self.query_more(&more).await?;
            records.extend(batch.records);
            locator = batch.locator;
        }
        if (records.len() as u64) < size {
            let words = format!("the query has {size} records, but only {} came", records.len());
            return Err(self.http.problem(format!("POST {QUERY}"), Cause::Overload, words));
        }
        Ok(records)
    }

    /// One call. Its answers stand in the order of the marks, one for each.
    async fn mark_part(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let request = self.post(UPDATE, Effect::Write, wire::mark_body(object, marks));
        let sent = self.send(&request).await;
        let reply = match verdict(sent, |reply| self.refusal(&request, reply)) {
            Answer::Accepted(reply) => reply,
            Answer::Refused(problem) => return all(marks, Answer::Refused, &problem),
            Answer::Unknown(problem) => return all(marks, Answer::Unknown, &problem),
            Answer::NotDone(problem) => return all(marks, Answer::NotDone, &problem),
        };
        let Some(rows) = wire::row_results(&reply.body) else {
            let problem = self.refusal(&request, &reply);
            let kind = match problem.cause {
                // No envelope of Zuora's: whoever answered, what became of the marks is not known.
                _ if problem.code.is_none() => Answer::Unknown,
                Cause::ApiLimit | Cause::Authentication => Answer::NotDone,
                _ if classify::leaves_open(&problem) => Answer::Unknown,
                _ => Answer::Refused,
            };
            return all(marks, kind, &problem);
        };
        let mut rows = rows.into_iter();
        marks.iter().map(|mark| self.marked(&request, mark, rows.next())).collect()
    }

    /// What the answer says of one mark. A receipt is made only when the answer names the record that was marked.
    fn marked(&self, request: &Request, mark: &Mark, row: Option<RowResult>) -> Answer<MarkReceipt> {
        match row {
            Some(RowResult::Updated { id }) if id == mark.source_id => {
                Answer::Accepted(MarkReceipt::confirmed_by_source(id, mark.status.as_str()))
            }
            Some(RowResult::Updated { id }) => {
                let words = format!("the answer for {} names '{id}'", mark.source_id);
                Answer::Unknown(self.http.problem(request.call(), Cause::Overload, words))
            }
            Some(RowResult::Refused(errors)) => {
                Answer::Refused(self.http.redacted(classify::row_problem(&request.call(), &errors)))
            }
            None => {
                let words = format!("the answer says nothing of {}", mark.source_id);
                Answer::Unknown(self.http.problem(request.call(), Cause::Overload, words))
            }
        }
    }

    /// Where a cursor points: the query's position, and the locator within it.
    fn place<'a>(&self, cursor: &'a Cursor) -> Result<(usize, Option<&'a str>), Problem> {
        let parsed = cursor.0.split_once('|').and_then(|(position, locator)| Some((position.parse().ok()?, locator)));
        let (position, locator) = parsed.ok_or_else(|| self.unfit(format!("the cursor '{}' is not ours", cursor.0)))?;
        Ok((position, Some(locator).filter(|locator| !locator.is_empty())))
    }

    fn unfit(&self, words: String) -> Problem {
        self.http.problem(format!("POST {QUERY}"), Cause::Configuration, words)
    }
}

/// The same answer for every mark of a call.
fn all(marks: &[Mark], kind: fn(Problem) -> Answer<MarkReceipt>, problem: &Problem) -> Vec<Answer<MarkReceipt>> {
    marks.iter().map(|_| kind(problem.clone())).collect()
}
