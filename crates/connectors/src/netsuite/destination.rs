//! The port: look up, ask, create, update, read, list.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use futures::stream::{self, StreamExt, TryStreamExt};
use model::mapping::Draft;
use model::ports::{Destination, Found, Held, Lack, LookUpKey, Target, Write};
use model::problem::{Answer, Cause, Problem};
use model::protocol::Intent;
use model::status::Operation;
use model::value::{Record, SmolStr, Value};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::{NetSuite, classify, objects, schema, suiteql, wire};
use crate::http::{Effect, Fault, Request, below, verdict};
use crate::json;

const SUITEQL: &str = "/services/rest/query/v1/suiteql";
const EXPANDED: (&str, &str) = ("expandSubResources", "true");

#[async_trait]
impl Destination for NetSuite {
    async fn lacking(&self, object: &str, fields: &[String]) -> Result<Vec<Lack>, Problem> {
        match self.schema(object).await? {
            Some(schema) => Ok(schema::lacking(&schema, fields)),
            None => Ok(vec![Lack::unknown(object, [])]),
        }
    }

    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let calls: Vec<_> = keys.chunks(suiteql::KEYS).map(|part| self.look_up_part(target, part)).collect();
        let parts: Vec<_> = stream::iter(calls).buffered(self.concurrency).try_collect().await?;
        Ok(parts.into_iter().flatten().collect())
    }

    async fn ask_record(&self, target: &Target, key: &LookUpKey) -> Result<Option<Found>, Problem> {
        Ok(self.held(target, &format!("eid:{}", key.external)).await?.map(|held| held.found))
    }

    async fn by_id(&self, target: &Target, id: &str) -> Result<Option<Held>, Problem> {
        // What a person typed may be no id at all.
        if suiteql::by_id(target, id).is_err() { Ok(None) } else { self.held(target, id).await }
    }

    async fn write(&self, writes: Vec<Write<'_>>) -> Vec<Answer<String>> {
        let calls: Vec<_> = writes.into_iter().map(|write| self.write_one(write)).collect();
        stream::iter(calls).buffered(self.concurrency).collect().await
    }

    async fn read(&self, target: &Target, id: &str) -> Result<Option<Record>, Problem> {
        self.whole(target, id).await
    }

    async fn list(&self, name: &str) -> Result<HashMap<SmolStr, SmolStr>, Problem> {
        let (query, columns) = suiteql::reference(name).map_err(|unfit| self.unfit(unfit))?;
        let rows = self.rows(&query, "id").await?;
        let mut entries: HashMap<SmolStr, Option<SmolStr>> = HashMap::with_capacity(rows.len());
        for row in &rows {
            let id = suiteql::text(row, "id");
            let names = columns.iter().map(|column| suiteql::text(row, column)).filter(|name| !name.is_empty());
            for name in names {
                match entries.entry(name) {
                    Entry::Vacant(vacant) => drop(vacant.insert(Some(id.clone()))),
                    // Two entries of one name: neither is picked.
                    Entry::Occupied(mut held) if held.get().as_ref() != Some(&id) => drop(held.insert(None)),
                    Entry::Occupied(_) => {}
                }
            }
        }
        Ok(entries.into_iter().filter_map(|(name, id)| Some((name, id?))).collect())
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }
}

impl NetSuite {
    async fn write_one(&self, Write { intent, target, key, id, draft, .. }: Write<'_>) -> Answer<String> {
        match intent.operation() {
            Operation::Create => self.create(intent, &target, &key, draft).await,
            Operation::Update => self.update(intent, &target, &id, draft).await,
        }
    }

    pub(super) async fn create(&self, _: Intent, target: &Target, key: &LookUpKey, draft: &Draft) -> Answer<String> {
        let mut request = self.record(Method::POST, &[&target.object], &[], Effect::Write);
        request.body = Some(wire::create_body(key, &draft.fields).into());
        let (sent, answered_before) = self.http.send_told(&request, &*self.authority).await;
        let reply = match verdict(sent, |reply| self.http.told(&request, reply)) {
            Answer::Accepted(reply) => reply,
            // Its key may be taken by what was said to be turned away: that is no evidence of another writer.
            Answer::Refused(problem) if answered_before => {
                return Answer::Refused(Problem { key_taken: false, ..problem });
            }
            other => return other.map(|_| String::new()),
        };
        match wire::created_id(&reply.headers) {
            Some(id) if reply.status != 202 => Answer::Accepted(id),
            _ => Answer::Unknown(self.http.malformed(
                &request,
                &reply,
                "the answer to the create names no record in `Location`",
            )),
        }
    }

    pub(super) async fn update(&self, _: Intent, target: &Target, id: &str, draft: &Draft) -> Answer<String> {
        let fields = match self.keyed(target, id, draft).await {
            Ok(fields) => fields,
            // Nothing was written yet: the shared sublists are read first.
            Err(problem) => return problem,
        };
        let replaced = wire::replaced(target, &fields);
        let query: &[(&str, &str)] = if replaced.is_empty() { &[] } else { &[("replace", &replaced)] };
        let mut request = self.record(Method::PATCH, &[&target.object, id], query, Effect::Write);
        request.body = Some(wire::update_body(&fields).into());
        let sent = self.send(&request).await;
        match verdict(sent, |reply| self.http.told(&request, reply)) {
            Answer::Accepted(reply) if reply.status == 202 => {
                Answer::Unknown(self.http.malformed(&request, &reply, "the update was only taken in, not done"))
            }
            other => other.map(|_| id.to_owned()),
        }
    }

    /// Up to five hundred keys in one query, and one more for the lines where they are asked for.
    async fn look_up_part(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let query = suiteql::look_up(target, keys).map_err(|unfit| self.unfit(unfit))?;
        let rows = self.rows(&query, "id").await?;
        let found = self.found(target, rows).await?;
        let source_id = |row: &Record| {
            target.source_id_field.as_deref().map_or_else(SmolStr::default, |field| suiteql::text(row, field))
        };
        let carried: Vec<(String, SmolStr)> =
            found.iter().map(|(row, _)| (suiteql::text(row, "externalid").to_lowercase(), source_id(row))).collect();
        let mut by_external: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_source: HashMap<&str, Vec<usize>> = HashMap::new();
        for (position, (external, source)) in carried.iter().enumerate() {
            by_external.entry(external).or_default().push(position);
            by_source.entry(source).or_default().push(position);
        }
        let matching = |key: &LookUpKey| {
            // NetSuite compares external ids without regard to case.
            let external = key.external.as_str().to_lowercase();
            let by_id = by_source.get(key.source_id.as_str()).filter(|_| !key.source_id.is_empty());
            let mut positions: Vec<usize> =
                by_external.get(external.as_str()).into_iter().chain(by_id).flatten().copied().collect();
            positions.sort_unstable();
            positions.dedup();
            positions.into_iter().map(|position| found[position].1.clone()).collect()
        };
        Ok(keys.iter().map(matching).collect())
    }

    /// The rows of a look-up as what the flow asked for; each row stands beside it. A row that came twice, because
    /// the pages shifted under us, counts once.
    async fn found(&self, target: &Target, rows: Vec<Record>) -> Result<Vec<(Record, Found)>, Problem> {
        let mut found: Vec<(Record, Found)> = Vec::with_capacity(rows.len());
        for row in rows {
            let id = suiteql::text(&row, "id");
            if found.last().is_none_or(|(_, last)| last.id != id) {
                let record = suiteql::asked(target, &row);
                found.push((row, Found { id, record }));
            }
        }
        let lines = target.columns.iter().find(|column| column.eq_ignore_ascii_case(suiteql::LINES));
        if let (Some(column), (objects::Table::Transaction, _)) = (lines, objects::table(&target.object)) {
            let ids: Vec<SmolStr> = found.iter().map(|(_, found)| found.id.clone()).collect();
            let counts = self.line_counts(&ids).await?;
            for (_, found) in &mut found {
                let count = counts.get(&found.id).cloned().unwrap_or(Value::Number(0.into()));
                found.record.set(column.as_str(), count);
            }
        }
        Ok(found)
    }

    async fn line_counts(&self, ids: &[SmolStr]) -> Result<HashMap<SmolStr, Value>, Problem> {
        let mut counts = HashMap::with_capacity(ids.len());
        for part in ids.chunks(suiteql::IDS) {
            let part: Vec<&str> = part.iter().map(SmolStr::as_str).collect();
            for row in self.line_count_rows(&part).await? {
                let id = suiteql::text(&row, "transaction");
                let count = suiteql::cell(&row, "linecount").as_number().ok_or_else(|| {
                    let words =
                        format!("the count of the lines of {id} is no number: '{}'", suiteql::text(&row, "linecount"));
                    self.http.problem(format!("POST {SUITEQL}"), Cause::Configuration, words).with_remedy(json::STRANGE)
                })?;
                counts.insert(id, Value::Number(count));
            }
        }
        Ok(counts)
    }

    /// An account without inventory, shipping or discounts may lack the columns that tell automatic lines apart;
    /// then it has no such lines either.
    async fn line_count_rows(&self, ids: &[&str]) -> Result<Vec<Record>, Problem> {
        let query = |narrow| suiteql::line_counts(ids, narrow).map_err(|unfit| self.unfit(unfit));
        if !self.plain_lines.load(Ordering::Relaxed) {
            match self.rows(&query(true)?, "transaction").await {
                Err(problem) if classify::lacks_a_column(&problem) => self.plain_lines.store(true, Ordering::Relaxed),
                outcome => return outcome,
            }
        }
        self.rows(&query(false)?, "transaction").await
    }

    /// A whole record by its id or `eid:`; `None` if there is none of this type.
    async fn whole(&self, target: &Target, id: &str) -> Result<Option<Record>, Problem> {
        let request = self.record(Method::GET, &[&target.object, id], &[EXPANDED], Effect::Read);
        let reply = self.send(&request).await.map_err(Fault::into_problem)?;
        if classify::is_absent(&reply) {
            return Ok(None);
        }
        if !reply.is_success() {
            return Err(self.http.told(&request, &reply));
        }
        let record = wire::record(&reply.body).map_err(|malformed| self.http.malformed(&request, &reply, malformed))?;
        let told = record.get("id").show();
        if told.is_empty() || (told != id && !id.starts_with("eid:")) {
            return Err(self.http.malformed(&request, &reply, format!("the record {id} was asked for, '{told}' came")));
        }
        Ok(Some(record))
    }

    /// A record at its own address, with the columns that are compared.
    async fn held(&self, target: &Target, address: &str) -> Result<Option<Held>, Problem> {
        let Some(record) = self.whole(target, address).await? else { return Ok(None) };
        let id = SmolStr::from(record.get("id").show());
        // By now SuiteQL may show it too, and some columns are only there. It may also show what stood before a write:
        // what the record itself tells is newer.
        let query = suiteql::by_id(target, &id).map_err(|unfit| self.unfit(unfit))?;
        let rows = self.rows(&query, "id").await?;
        let found = self.found(target, rows).await?.into_iter().map(|(_, found)| found).next();
        let source_id = target.source_id_field.as_deref().map(|field| suiteql::text(&record, field));
        Ok(Some(Held {
            source_id: source_id.unwrap_or_default(),
            external: suiteql::text(&record, "externalId"),
            found: wire::newest(target, &record, found.unwrap_or_else(|| Found { record: Record::default(), id })),
        }))
    }

    /// The fields of an update; our entries of shared sublists with the keys of those that stand there.
    async fn keyed(&self, target: &Target, id: &str, draft: &Draft) -> Result<Record, Answer<String>> {
        if !wire::touches_shared(target, &draft.fields) {
            return Ok(draft.fields.clone());
        }
        let call = format!("PATCH {}/{}/{{id}}", super::RECORDS, target.object);
        let held = self.whole(target, id).await.map_err(Answer::NotDone)?;
        let held = held.ok_or_else(|| {
            Answer::Refused(self.http.problem(
                call.as_str(),
                Cause::Validation,
                format!("the {} {id} does not exist", target.object),
            ))
        })?;
        wire::with_entry_keys(target, &draft.fields, &held)
            .map_err(|words| Answer::Refused(self.http.problem(call.as_str(), Cause::Validation, words)))
    }

    /// All rows of a query, each with a value in `column`: without it nobody could tell what the row is about.
    async fn rows(&self, query: &str, column: &str) -> Result<Vec<Record>, Problem> {
        let mut rows: Vec<Record> = Vec::new();
        loop {
            let request = self.suiteql(query, suiteql::PAGE, rows.len());
            let reply = self.send(&request).await.map_err(Fault::into_problem)?;
            if !reply.is_success() {
                return Err(self.http.told(&request, &reply));
            }
            let strange = |what: &dyn std::fmt::Display| self.http.malformed(&request, &reply, what);
            let page = suiteql::rows(&reply.body).map_err(|malformed| strange(&malformed))?;
            if let Some(fault) = page.fault(suiteql::PAGE, &rows) {
                return Err(strange(&fault));
            }
            if let Some(place) = page.rows.iter().position(|row| suiteql::text(row, column).is_empty()) {
                return Err(strange(&format!("the row at place {} has no {column}", rows.len() + place + 1)));
            }
            rows.extend(page.rows);
            if !page.more {
                return Ok(rows);
            }
        }
    }

    pub(super) fn suiteql(&self, query: &str, limit: usize, offset: usize) -> Request {
        let mut url = below(&self.base, SUITEQL);
        url.set_query(Some(&format!("limit={limit}&offset={offset}")));
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(HeaderName::from_static("prefer"), HeaderValue::from_static("transient"));
        let body = Some(suiteql::body(query).into());
        Request { method: Method::POST, url, template: SUITEQL.to_owned(), headers, body, effect: Effect::Read }
    }

    fn unfit(&self, words: String) -> Problem {
        self.http.problem(format!("POST {SUITEQL}"), Cause::Configuration, words)
    }
}
