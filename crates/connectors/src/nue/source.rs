//! The port of the source, without marks. Lists are read page by page where a page of Nue's names the list; all else, and
//! what belongs to records, by GraphQL.

use std::collections::HashSet;

use async_trait::async_trait;
use futures::stream::{self, StreamExt, TryStreamExt};
use model::ports::{Condition, Cursor, Fetch, FieldUse, Lack, Mark, Page, Selection, Source};
use model::problem::{Answer, Cause, Problem};
use model::protocol::MarkReceipt;
use model::value::{Name, Record, SmolStr};
use reqwest::Method;

use super::wire::{self, PAGE, Paging};
use super::{Nue, assumed, paths};
use crate::http::{Effect, Request};
use crate::json;

/// Ids of a query: Nue tells no limit, so it is kept small enough for any gateway.
const KEYS: usize = 200;

#[async_trait]
impl Source for Nue {
    async fn select(&self, selection: &Selection, after: Option<&Cursor>) -> Result<Page, Problem> {
        let place = match after {
            None => Place { page: 1, first: String::new() },
            Some(cursor) => Place::parse(&cursor.0)
                .ok_or_else(|| self.unfit("GET", format!("the cursor '{}' is not ours", cursor.0)))?,
        };
        let read = match self.assumed.list(&selection.object) {
            Some(list) => self.listed(list, selection, place.page).await?,
            None => self.queried(&selection.object, &selection.fields, "", &[], place.page).await?,
        };
        let first = read.first().map(|record| wire::at(record, "id").show()).unwrap_or_default();
        if !first.is_empty() && first == place.first {
            let words = format!("page {} of {} repeats the page before it", place.page, selection.object);
            return Err(self.unfit("GET", words));
        }
        // A tenant may give fewer than it was asked for: only an empty page is the end.
        let next = (!read.is_empty()).then(|| Cursor(Place { page: place.page + 1, first }.show()));
        let meets = |record: &Record| {
            let holds = |all: &Vec<Condition>| all.iter().all(|condition| condition.holds(record));
            selection.any.is_empty() || selection.any.iter().any(holds)
        };
        let records = read.iter().map(|held| wire::asked(&wanted(selection), held)).filter(meets).collect();
        Ok(Page { records, total: None, next })
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Vec<Record>, Problem> {
        let mut fields = fetch.fields.clone();
        fields.push(fetch.field.clone());
        let keys: Vec<&str> = fetch.keys.iter().map(SmolStr::as_str).collect();
        let calls: Vec<_> =
            keys.chunks(KEYS).map(|part| self.all_queried(&fetch.object, &fields, &fetch.field, part)).collect();
        let parts: Vec<Vec<Record>> = stream::iter(calls).buffered(self.concurrency).try_collect().await?;
        Ok(parts.iter().flatten().map(|held| wire::asked(&fields, held)).collect())
    }

    async fn mark(&self, object: &str, marks: &[Mark]) -> Vec<Answer<MarkReceipt>> {
        let problem = self.unfit("mark", no_marks(object));
        marks.iter().map(|_| Answer::Refused(problem.clone())).collect()
    }

    async fn reread(&self, object: &str, _: &[Mark]) -> Result<Vec<Option<MarkReceipt>>, Problem> {
        Err(self.unfit("mark", no_marks(object)))
    }

    async fn lacking(&self, object: &str, fields: &[FieldUse]) -> Result<Vec<Lack>, Problem> {
        let names: Vec<Name> = fields.iter().map(|used| Name::from(used.field.as_str())).collect();
        let all = self.ask(object, &names).await?;
        let Some(words) = all else { return Ok(Vec::new()) };
        // A query that asks for one field too many fails whole: then each is asked for by itself.
        let mut lacks = Vec::new();
        for name in &names {
            if self.ask(object, std::slice::from_ref(name)).await?.is_some() {
                lacks.push(Lack::unknown(name, []));
            }
        }
        if lacks.is_empty() { Err(self.unfit(paths::GRAPHQL, words)) } else { Ok(lacks) }
    }
}

fn no_marks(object: &str) -> String {
    format!("Nue's {object} has no field for a mark: they stand in the paired Salesforce org, and none is configured")
}

/// The fields that are asked for, and those that conditions are held against.
fn wanted(selection: &Selection) -> Vec<Name> {
    let conditions = selection.any.iter().flatten().map(|condition| Name::from(condition.field.as_str()));
    let mut fields: Vec<Name> = selection.fields.iter().cloned().chain(conditions).collect();
    fields.sort();
    fields.dedup();
    fields
}

/// How far a list has been read.
struct Place {
    page: usize,
    /// The first id of the page before: a tenant that does not know our spelling gives the same page for ever.
    first: String,
}

impl Place {
    fn show(&self) -> String {
        format!("{}|{}", self.page, self.first)
    }

    fn parse(text: &str) -> Option<Self> {
        let (page, first) = text.split_once('|')?;
        Some(Self { page: page.parse().ok()?, first: first.to_owned() })
    }
}

impl Nue {
    async fn listed(&self, list: &str, selection: &Selection, page: usize) -> Result<Vec<Record>, Problem> {
        let paging = self.paging().await?;
        // Several alternatives have no words in an address: they are sifted out when they have come.
        let terms = if let [all] = selection.any.as_slice() { wire::filter(all) } else { Vec::new() };
        let query: Vec<String> = terms.into_iter().chain([paging.controls(page, PAGE)]).collect();
        let mut request = self.request(Method::GET, list, list, Effect::Read);
        request.url.set_query(Some(&query.join("&")));
        let reply = self.read(&request).await?;
        Ok(wire::listed(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?.records)
    }

    /// Which spelling the tenant knows: the one with which a list of one gives no more than one.
    pub(super) async fn paging(&self) -> Result<Paging, Problem> {
        self.paging
            .get_or_try_init(|| async {
                let list = self.assumed.of(&assumed::INVOICE_LIST);
                let mut count = 0;
                for paging in Paging::among(self.assumed.of(&assumed::PAGING)) {
                    let mut request = self.request(Method::GET, list, list, Effect::Read);
                    request.url.set_query(Some(&paging.controls(1, 1)));
                    let reply = self.read(&request).await?;
                    let listed =
                        wire::listed(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?;
                    count = listed.records.len();
                    if count <= 1 {
                        return Ok(*paging);
                    }
                }
                let words = format!("{list} with a limit of 1 gives {count} records, however the limit is spelled");
                Err(self.unfit(list, words))
            })
            .await
            .copied()
    }

    /// All records whose `field` is one of `keys`. The cap of a query's answer is not told: only an empty page is the end, unless
    /// each id has its record already.
    pub(super) async fn all_queried(
        &self,
        object: &str,
        fields: &[Name],
        field: &str,
        keys: &[&str],
    ) -> Result<Vec<Record>, Problem> {
        let mut all: Vec<Record> = Vec::new();
        let mut begun = HashSet::new();
        loop {
            let part = self.query_page(object, fields, field, keys, (PAGE, all.len())).await?;
            let Some(first) = part.first().map(|record| wire::at(record, "id").show()) else { return Ok(all) };
            // A tenant that does not know our paging gives the same page for ever.
            if !begun.insert(first) {
                let words = format!("the page of {object} behind {} records repeats an earlier one", all.len());
                return Err(self.unfit(paths::GRAPHQL, words).with_remedy(json::STRANGE));
            }
            all.extend(part);
            if field == "Id" && all.len() >= keys.len() {
                return Ok(all);
            }
        }
    }

    async fn queried(
        &self,
        object: &str,
        fields: &[Name],
        field: &str,
        keys: &[&str],
        page: usize,
    ) -> Result<Vec<Record>, Problem> {
        self.query_page(object, fields, field, keys, (PAGE, (page - 1) * PAGE)).await
    }

    pub(super) async fn query_page(
        &self,
        object: &str,
        fields: &[Name],
        field: &str,
        keys: &[&str],
        page: (usize, usize),
    ) -> Result<Vec<Record>, Problem> {
        let (request, read) = self.query(object, fields, field, keys, page).await?;
        read.map_err(|words| self.http.problem(request.call(), Cause::Configuration, words))
    }

    /// Why a query for these fields is refused, if it is.
    async fn ask(&self, object: &str, fields: &[Name]) -> Result<Option<String>, Problem> {
        Ok(self.query(object, fields, "", &[], (1, 0)).await?.1.err())
    }

    async fn query(
        &self,
        object: &str,
        fields: &[Name],
        field: &str,
        keys: &[&str],
        page: (usize, usize),
    ) -> Result<(Request, Result<Vec<Record>, String>), Problem> {
        let name = self.assumed.graphql_name(object);
        self.posted(name.and_then(|name| wire::query_body(&name, fields, field, keys, page))).await
    }

    /// Some records whose `field` begins so.
    pub(super) async fn queried_like(
        &self,
        object: &str,
        fields: &[Name],
        field: &str,
        beginning: &str,
    ) -> Result<Vec<Record>, Problem> {
        let name = self.assumed.graphql_name(object);
        let body = name.and_then(|name| wire::like_body(&name, fields, field, beginning));
        let (request, read) = self.posted(body).await?;
        read.map_err(|words| self.http.problem(request.call(), Cause::Configuration, words))
    }

    async fn posted(&self, body: Result<Vec<u8>, String>) -> Result<(Request, Result<Vec<Record>, String>), Problem> {
        let body = body.map_err(|unfit| self.unfit(paths::GRAPHQL, unfit))?;
        let address = self.assumed.of(&assumed::GRAPHQL);
        let request = self.sending(Method::POST, address, address, body, Effect::Read);
        let reply = self.read(&request).await?;
        let read = wire::queried(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?;
        Ok((request, read))
    }

    /// The records of a query that is written out.
    pub(super) async fn raw(&self, query: &str) -> Result<Vec<Record>, Problem> {
        let (request, read) = self.posted(Ok(wire::body_of(query, &[]))).await?;
        read.map_err(|words| self.http.problem(request.call(), Cause::Configuration, words))
    }
}
