//! What the addresses of a version answer.

mod after;
mod collection;
mod composite;
mod conditional;
mod describe;
mod query;
mod record;
mod reference;
mod root;
mod tree;

use std::sync::Arc;

use http::Method;
use serde_json::Value as Json;

use super::bulk;
use super::call::{Call, Reply};
use super::errors::{Refusal, Verdict};
use super::failure;
use super::locks::Claim;
use super::rights::Sight;
use super::store::{Row, Store};
use super::write::Writer;
use super::{Current, Org, setup, transaction};
use crate::faults::Mark;

/// The rows as a call holds them.
pub(crate) enum Rows<'a> {
    /// To be read beside others.
    Shared(&'a Store),
    /// To be written, with what is locked for that.
    Own(&'a mut Store, &'a Claim),
}

/// Where a call is answered.
pub(crate) struct At<'a> {
    /// The org.
    pub(crate) org: &'a Arc<Org>,
    /// Its settings.
    pub(crate) current: &'a Current,
    /// Its rows.
    pub(crate) rows: Rows<'a>,
    /// A fault asks this of the next record that is written.
    pub(crate) mark: Mark,
}

impl At<'_> {
    /// The rows.
    pub(crate) fn store(&self) -> &Store {
        match &self.rows {
            Rows::Shared(store) => store,
            Rows::Own(store, _) => store,
        }
    }

    /// The org as the integration user sees it.
    pub(crate) fn sight(&self) -> Sight<'_> {
        self.org.sight(self.store(), self.current)
    }

    /// Runs writes of records.
    ///
    /// # Errors
    /// The org is read only.
    pub(crate) fn write<T>(&mut self, call: &Call, write: impl FnOnce(&mut Writer<'_>) -> T) -> Verdict<T> {
        let Rows::Own(store, claim) = &mut self.rows else { return Err(Refusal::not_found()) };
        if self.current.settings.maintenance {
            return Err(failure::maintenance());
        }
        let mut writer = self.org.writer(store, self.current, claim);
        writer.allow_duplicates = call.option("sforce-duplicate-rule-header", "allowSave") == Some("true");
        (writer.refuse_next, writer.forget_next) = (self.mark.row_error, self.mark.forget);
        let done = write(&mut writer);
        (self.mark.row_error, self.mark.forget) = (writer.refuse_next, writer.forget_next);
        Ok(done)
    }

    /// The rows, to be written as one transaction.
    pub(crate) fn transaction(&mut self) -> Option<&mut Store> {
        match &mut self.rows {
            Rows::Own(store, _) => Some(store),
            Rows::Shared(_) => None,
        }
    }
}

/// Answers a call. What it has locked comes with the answer, and is held until that is out.
pub(crate) async fn answer(org: &Arc<Org>, current: &Current, call: Call) -> (Reply, Option<Claim>) {
    if bulk::is_job(&call) {
        return (bulk::answer(org, current, &call), None);
    }
    let searches = call.path.first().is_some_and(|first| first.starts_with("query"));
    if searches {
        let store = org.search();
        let mut at = At { org, current, rows: Rows::Shared(&store), mark: Mark::default() };
        return (route(&mut at, &call), None);
    }
    if call.only_reads() {
        let store = org.read();
        let mut at = At { org, current, rows: Rows::Shared(&store), mark: Mark::default() };
        return (route(&mut at, &call), None);
    }
    let (reply, claim) = transaction::run(org, call.mark.lag, |current, store, claim| {
        let mut at = At { org, current, rows: Rows::Own(store, claim), mark: call.mark };
        route(&mut at, &call)
    })
    .await;
    match call.mark.complaint {
        Some(complaint) => (after::save(complaint, reply), Some(claim)),
        None => (reply, Some(claim)),
    }
}

/// Finds out what an address answers.
pub(crate) fn route(at: &mut At<'_>, call: &Call) -> Reply {
    find(at, call).unwrap_or_else(Reply::from)
}

fn find(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let method = match call.method {
        Method::HEAD => Method::GET,
        _ => call.method.clone(),
    };
    match (method.as_str(), path.as_slice()) {
        ("GET", []) => Ok(root::resources(at, call)),
        ("GET", ["limits"]) => Ok(root::limits(at)),
        ("GET", ["limits", "recordCount"]) => root::record_count(at, call),
        ("GET", ["sobjects"]) => Ok(describe::all(at, call)),
        ("GET", ["sobjects", object]) => describe::basic(at, call, object),
        ("GET", ["sobjects", object, "describe"]) => describe::whole(at, call, object),
        ("GET", ["sobjects", _, "deleted" | "updated" | "listviews" | "quickActions" | "defaultValues"]) => {
            Err(Refusal::not_emulated("this resource of an object"))
        }
        ("GET", ["sobjects", _, "describe", ..]) => Err(Refusal::not_emulated("this part of a describe")),
        ("POST", ["sobjects", object]) => record::create(at, call, object),
        ("POST", ["sobjects", object, "Id"]) => record::create(at, call, object),
        ("GET", ["sobjects", object, id]) => record::get(at, call, object, id),
        ("PATCH", ["sobjects", object, id]) => record::update(at, call, object, id),
        ("DELETE", ["sobjects", object, id]) => record::delete(at, call, object, id),
        (_, ["sobjects", object, key, value @ ..]) if !value.is_empty() && *key != "describe" => {
            record::by_key(at, call, &method, object, key, &value.join("/"))
        }
        (_, ["sobjects", _]) => Err(Refusal::method(method.as_str(), "GET,HEAD,POST")),
        (_, ["sobjects", _, _]) => Err(Refusal::method(method.as_str(), "DELETE,GET,HEAD,PATCH")),
        ("GET", ["composite"]) => Ok(composite::resources(call)),
        ("POST", ["composite"]) => composite::composite(at, call),
        ("POST", ["composite", "batch"]) => composite::batch(at, call),
        ("POST", ["composite", "graph"]) => composite::graph(at, call),
        ("POST", ["composite", "tree", object]) => tree::create(at, call, object),
        (_, ["composite", "sobjects", rest @ ..]) => collection::answer(at, call, &method, rest),
        ("GET", ["query" | "queryAll", ..]) => query::answer(at, call, &path),
        (_, ["query" | "queryAll", ..]) => Err(Refusal::method(method.as_str(), "GET,HEAD")),
        (_, ["tooling", rest @ ..]) => setup::tooling(at, call, &method, rest),
        (_, ["metadata", rest @ ..]) => setup::metadata(at, call, &method, rest),
        (_, ["search" | "recent", ..]) => Err(Refusal::not_emulated("this API")),
        (_, ["composite", ..]) => Err(Refusal::method(method.as_str(), "POST")),
        (_, ["limits" | "sobjects", ..]) => Err(Refusal::method(method.as_str(), "GET,HEAD")),
        _ => Err(Refusal::not_found()),
    }
}

/// A record as an answer shows it. `fields` are the positions that are asked for; otherwise all that the user sees.
pub(crate) fn show(sight: &Sight<'_>, row: &Row, version: &str, fields: Option<&[usize]>) -> Json {
    let mut shown = serde_json::Map::new();
    shown.insert("attributes".to_owned(), sight.attributes(row, version));
    let all: Vec<usize>;
    let fields = match fields {
        Some(fields) => fields,
        None => {
            all = sight.fields(row.object).map(|(position, _)| position).collect();
            &all
        }
    };
    for position in fields {
        let name = sight.at(row.object).fields[*position].name.clone();
        shown.insert(name, sight.json(row, *position));
    }
    Json::Object(shown)
}

/// The position of an object that the user sees.
pub(crate) fn object(at: &At<'_>, name: &str) -> Verdict<usize> {
    at.sight().object(name).ok_or_else(Refusal::not_found)
}
