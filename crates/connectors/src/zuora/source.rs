//! The port: select, fetch, mark, reread, describe.

use async_trait::async_trait;
use futures::stream::{self, StreamExt, TryStreamExt};
use model::ports::{Cursor, Fetch, FieldUse, Lack, Mark, Page, Selection, Source};
use model::problem::{Answer, Cause, Problem};
use model::protocol::MarkReceipt;
use model::value::{Name, Record, SmolStr};
use reqwest::Method;

use super::wire::{self, Batch, Place, RowResult};
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
        let place = match after {
            None => Place::default(),
            Some(cursor) => {
                Place::parse(&cursor.0).ok_or_else(|| self.unfit(format!("the cursor '{}' is not ours", cursor.0)))?
            }
        };
        let Some(query) = queries.get(place.query) else {
            return Ok(Page { records: Vec::new(), total: Some(0), next: None });
        };
        let (batch, next) = self.part(query, &place, &selection.fields).await?;
        let next = match next {
            None if place.query + 1 < queries.len() => Some(Place { query: place.query + 1, ..Place::default() }),
            next => next,
        };
        let next = next.map(|place| Cursor(place.show()));
        // With several queries a record can match more than one: then no number is the whole.
        let total = (queries.len() == 1).then_some(place.size.unwrap_or(batch.size));
        Ok(Page { records: batch.records, total, next })
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        let mut keys: Vec<&str> = fetch.keys.iter().map(SmolStr::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        let queries =
            wire::fetch(&fetch.object, &fetch.fields, &fetch.field, &keys).map_err(|unfit| self.unfit(unfit))?;
        let calls: Vec<_> = queries.iter().map(|query| self.drained(query, &fetch.fields)).collect();
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
            fields: vec![Name::new_static("Id"), status.clone()],
            field: Name::new_static("Id"),
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

    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<Lack>, Problem> {
        let Some(description) = self.described(object).await? else { return Ok(vec![Lack::unknown(object, [])]) };
        wire::lacking(&description, fields).ok_or_else(|| {
            let words = format!("the description of {object} lists no fields");
            self.http.problem(format!("GET /v1/describe/{object}"), Cause::Configuration, words)
        })
    }
}

impl Zuora {
    /// Asks for the description of an object.
    pub(super) fn description(&self, object: &str) -> Request {
        let path = format!("/v1/describe/{object}");
        self.request(Method::GET, &path, &path, Effect::Read)
    }

    /// The XML that describes an object; `None` if Zuora does not know the object.
    pub(super) async fn described(&self, object: &str) -> Result<Option<String>, Problem> {
        let request = self.description(object);
        let reply = self.send(&request).await.map_err(crate::http::Fault::into_problem)?;
        // Zuora says so in XML; a page of HTML is a gateway's word, of the address and not of the object.
        if reply.status == 404 && !reply.is_html() {
            return Ok(None);
        }
        if !reply.is_success() {
            return Err(self.http.told(&request, &reply));
        }
        String::from_utf8(reply.body.to_vec()).map(Some).map_err(|error| self.http.malformed(&request, &reply, error))
    }

    /// A part of a query's answer, and the place behind it.
    async fn part(&self, zoql: &str, place: &Place, fields: &[Name]) -> Result<(Batch, Option<Place>), Problem> {
        let request = match &place.locator {
            None => self.post(QUERY, Effect::Read, wire::query_body(zoql)),
            Some(locator) => self.post(QUERY_MORE, Effect::Read, wire::query_more_body(locator)),
        };
        let batch = self.batch(&request, fields).await?;
        let next = place.behind(&batch).map_err(|malformed| {
            let words = format!("{malformed}; {} of them in this part", batch.records.len());
            self.http.problem(request.call(), Cause::Overload, words)
        })?;
        Ok((batch, next))
    }

    async fn batch(&self, request: &Request, fields: &[Name]) -> Result<Batch, Problem> {
        let reply = self.read(request).await?;
        let batch = wire::batch(&reply.body).map_err(|malformed| {
            let told = classify::problem(&request.call(), &reply);
            // A refusal can come as a 200; only what is no refusal either is malformed.
            if told.code.is_some() { self.http.redacted(told) } else { self.http.malformed(request, &reply, malformed) }
        })?;
        match batch.records.iter().position(|record| wire::lacks_id(fields, record)) {
            Some(place) => {
                Err(self.http.malformed(request, &reply, format!("the record at place {} has no Id", place + 1)))
            }
            None => Ok(batch),
        }
    }

    /// All records of a query.
    async fn drained(&self, zoql: &str, fields: &[Name]) -> Result<Vec<Record>, Problem> {
        let mut records = Vec::new();
        let mut place = Some(Place::default());
        while let Some(here) = place {
            let (batch, next) = self.part(zoql, &here, fields).await?;
            records.extend(batch.records);
            place = next;
        }
        Ok(records)
    }

    /// One call. Its answers stand in the order of the marks, one for each.
    async fn mark_part(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        for (mark, field) in wire::changed(marks) {
            tracing::warn!(record = %mark.source_id, field, "characters that Zuora cannot hold are replaced by U+FFFD");
        }
        let request = self.post(UPDATE, Effect::Write, wire::mark_body(object, marks));
        let sent = self.send(&request).await;
        let reply = match verdict(sent, |reply| self.http.told(&request, reply)) {
            Answer::Accepted(reply) => reply,
            Answer::Refused(problem) => return all(marks, Answer::Refused, &problem),
            Answer::Unknown(problem) => return all(marks, Answer::Unknown, &problem),
            Answer::NotDone(problem) => return all(marks, Answer::NotDone, &problem),
        };
        let Some(rows) = wire::row_results(&reply.body) else {
            return all(marks, classify::answer, &self.http.told(&request, &reply));
        };
        if rows.len() > marks.len() {
            let words = format!("the answer has {} rows for {} records", rows.len(), marks.len());
            return all(marks, Answer::Unknown, &self.http.malformed(&request, &reply, words));
        }
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

    fn unfit(&self, words: String) -> Problem {
        self.http.problem(format!("POST {QUERY}"), Cause::Configuration, words)
    }
}

/// The same answer for every mark of a call.
fn all(marks: &[Mark], kind: fn(Problem) -> Answer<MarkReceipt>, problem: &Problem) -> Vec<Answer<MarkReceipt>> {
    marks.iter().map(|_| kind(problem.clone())).collect()
}
