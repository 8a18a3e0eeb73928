//! Queries and their answers. A query is a call, and up to five go in one.

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use model::problem::Problem;
use model::value::Record;
use reqwest::Method;

use super::Salesforce;
use super::rows::{self, PARTS, Part, Subrequest};
use crate::http::{Effect, Reply, Request, below};

impl Salesforce {
    /// All rows of several queries.
    pub(super) async fn all_rows(&self, queries: Vec<String>) -> Result<Vec<Record>, Problem> {
        Ok(self.rows_of_each(&queries).await?.into_iter().flatten().collect())
    }

    /// The rows of each of several queries.
    pub(super) async fn rows_of_each(&self, queries: &[String]) -> Result<Vec<Vec<Record>>, Problem> {
        let calls: Vec<_> = queries.chunks(PARTS).map(|part| self.rows_in_one_call(part)).collect();
        let parts: Vec<Vec<_>> = stream::iter(calls).buffered(self.concurrency).try_collect().await?;
        Ok(parts.into_iter().flatten().collect())
    }

    async fn rows_in_one_call(&self, queries: &[String]) -> Result<Vec<Vec<Record>>, Problem> {
        if let [query] = queries {
            return Ok(vec![self.rows(query).await?.0]);
        }
        let parts: Vec<Subrequest> = queries.iter().map(|query| self.part_asking(query)).collect();
        let body = rows::composite(&parts);
        let request = self.sending(Method::POST, "/composite", body, Effect::Read);
        let reply = self.read(&request).await?;
        let answers = rows::composed(&reply.body, queries.len());
        let mut each = Vec::with_capacity(queries.len());
        for (status, body) in answers.map_err(|error| self.http.malformed(&request, &reply, error))? {
            let answer = Reply { status, headers: reply.headers.clone(), body };
            if !answer.is_success() {
                return Err(self.http.told(&request, &answer));
            }
            each.push(self.all_parts(request.clone(), answer).await?.0);
        }
        Ok(each)
    }

    fn part_asking(&self, query: &str) -> Subrequest {
        let url = self.asking(query).url;
        let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        Subrequest { method: Method::GET, path, body: None }
    }

    /// All rows of a query, and how many it says that there are.
    pub(super) async fn rows(&self, query: &str) -> Result<(Vec<Record>, u64), Problem> {
        let request = self.asking(query);
        let reply = self.read(&request).await?;
        self.all_parts(request, reply).await
    }

    /// The rows of an answer and of the parts that follow it.
    async fn all_parts(&self, mut request: Request, mut reply: Reply) -> Result<(Vec<Record>, u64), Problem> {
        let mut records = Vec::new();
        loop {
            let Part { records: more, total, next } = self.part(&request, &reply, records.len())?;
            records.extend(more);
            let Some(next) = next else { return Ok((records, total)) };
            let elsewhere = || self.http.malformed(&request, &reply, "the next part is elsewhere");
            request = self.next_part(&next).ok_or_else(elsewhere)?;
            reply = self.read(&request).await?;
        }
    }

    /// The first part of a query's answer, and when Salesforce answered by its own clock.
    pub(super) async fn first_part(&self, query: &str) -> Result<(Part, Option<Timestamp>), Problem> {
        let request = self.asking(query);
        let reply = self.read(&request).await?;
        let part = self.part(&request, &reply, 0)?;
        Ok((part, reply.answered_at()))
    }

    fn asking(&self, query: &str) -> Request {
        let mut request = self.get("/query", "/query");
        request.url.query_pairs_mut().append_pair("q", query);
        request
    }

    /// A part of an answer of which so many records came before. One that ends too early, or goes on too long, is no answer.
    fn part(&self, request: &Request, reply: &Reply, before: usize) -> Result<Part, Problem> {
        let strange = |what: &dyn std::fmt::Display| self.http.malformed(request, reply, what);
        let part = rows::part(&reply.body).map_err(|error| strange(&error))?;
        let (read, total) = ((before + part.records.len()) as u64, part.total);
        let counts = part.records.first().is_some_and(is_aggregate);
        match part.next {
            None if read == total || counts => Ok(part),
            None => Err(strange(&format!("the query has {total} records, but {read} came"))),
            Some(_) if part.records.is_empty() || read >= total => {
                Err(strange(&format!("a part that names a next one, though {read} of {total} records came")))
            }
            Some(_) => Ok(part),
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
}

/// Rows of a count have no id, and are not what `totalSize` counts where they are cut.
fn is_aggregate(record: &Record) -> bool {
    record.get("Id").is_null()
}
