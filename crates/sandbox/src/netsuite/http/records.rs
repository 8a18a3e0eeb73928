//! The record service.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value as Json, json};

use super::call::{Call, Page};
use super::empty;
use crate::netsuite::Netsuite;
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::filter::Filter;
use crate::netsuite::render::{View, self_link};
use crate::netsuite::schema::{self, RecordType};
use crate::netsuite::store::{Record, Store, Value};
use crate::netsuite::write::{self, Context, Reading};
use crate::server::json as answer;

/// `GET` and `POST /services/rest/record/v1/{type}`.
pub(super) async fn collection(State(account): State<Arc<Netsuite>>, Path(name): Path<String>, call: Call) -> Response {
    let outcome = known_type(&name).and_then(|kind| {
        call.must_be_plain()?;
        match call.method {
            Method::GET => list(&account, kind, &call),
            Method::POST => create(&account, kind, &call, call.object()?),
            _ => Err(wrong_method(&call)),
        }
    });
    outcome.unwrap_or_else(IntoResponse::into_response)
}

/// `GET`, `PATCH`, `PUT` and `DELETE /services/rest/record/v1/{type}/{id}`.
pub(super) async fn single(
    State(account): State<Arc<Netsuite>>,
    Path((name, id)): Path<(String, String)>,
    call: Call,
) -> Response {
    let outcome = known_type(&name).and_then(|kind| {
        call.must_be_plain()?;
        match call.method {
            Method::GET => read(&account, kind, &id, &call),
            Method::PATCH => change(&account, kind, &id, &call),
            Method::PUT => upsert(&account, kind, &id, &call),
            Method::DELETE => delete(&account, kind, &id, &call),
            _ => Err(wrong_method(&call)),
        }
    });
    outcome.unwrap_or_else(IntoResponse::into_response)
}

/// `POST /services/rest/record/v1/{type}/{id}/!transform/{target}`.
pub(super) async fn transform(
    State(account): State<Arc<Netsuite>>,
    Path((name, id, target)): Path<(String, String, String)>,
    call: Call,
) -> Response {
    let outcome = known_type(&name).and_then(|kind| {
        let target = known_type(&target)?;
        if (kind.name, target.name) != ("invoice", "creditMemo") {
            return Err(Refusal::not_emulated(format!("transforming {} into {}", kind.name, target.name)));
        }
        let body = {
            let store = account.read();
            transformed(find(&store, kind, &id)?, call.object()?)
        };
        create(&account, target, &call, body)
    });
    outcome.unwrap_or_else(IntoResponse::into_response)
}

/// `GET /services/rest/record/v1/{type}/{id}/{part}`: a sublist or a sub-record.
pub(super) async fn part(
    State(account): State<Arc<Netsuite>>,
    Path((name, id, part)): Path<(String, String, String)>,
    call: Call,
) -> Response {
    let outcome = known_type(&name).and_then(|kind| show_part(&account, kind, &[&id, &part], &call));
    outcome.unwrap_or_else(IntoResponse::into_response)
}

/// `GET /services/rest/record/v1/{type}/{id}/{part}/{line}`.
pub(super) async fn line(
    State(account): State<Arc<Netsuite>>,
    Path((name, id, part, line)): Path<(String, String, String, String)>,
    call: Call,
) -> Response {
    let outcome = known_type(&name).and_then(|kind| show_part(&account, kind, &[&id, &part, &line], &call));
    outcome.unwrap_or_else(IntoResponse::into_response)
}

/// `GET /services/rest/record/v1/{type}/{id}/{part}/{line}/{subpart}`.
pub(super) async fn line_part(
    State(account): State<Arc<Netsuite>>,
    Path((name, id, part, line, subpart)): Path<(String, String, String, String, String)>,
    call: Call,
) -> Response {
    let outcome = known_type(&name).and_then(|kind| show_part(&account, kind, &[&id, &part, &line, &subpart], &call));
    outcome.unwrap_or_else(IntoResponse::into_response)
}

fn known_type(name: &str) -> Verdict<&'static RecordType> {
    schema::record_type(name).ok_or_else(|| unknown_type(name))
}

/// A name that is no emulated type: the vendor knows some of them.
pub(super) fn unknown_type(name: &str) -> Refusal {
    if schema::is_known_elsewhere(name) {
        return Refusal::not_emulated(format!("the record type {name}"));
    }
    Refusal::new(404, "NONEXISTENT_RECORD_TYPE", format!("Record type '{name}' does not exist."))
}

fn wrong_method(call: &Call) -> Refusal {
    Refusal::new(405, "METHOD_NOT_ALLOWED", format!("The method {} is not allowed for this resource.", call.method))
}

/// Finds a record by internal id or `eid:`. Transactions answer a wrong id in their own words.
fn find<'a>(store: &'a Store, kind: &'static RecordType, id: &str) -> Verdict<&'a Arc<Record>> {
    let table = store.table(kind.table);
    if let Some(external_id) = id.strip_prefix("eid:") {
        let external_id = external_id.trim_matches('\'');
        return table
            .by_external_id(external_id)
            .filter(|record| std::ptr::eq(record.kind, kind))
            .ok_or_else(Refusal::no_record);
    }
    let number: i64 = id.parse().map_err(|_| {
        Refusal::new(
            400,
            "INVALID_REQUEST",
            format!("Invalid record instance identifier '{id}'. Provide a valid record instance ID."),
        )
    })?;
    match table.get(number).filter(|record| std::ptr::eq(record.kind, kind)) {
        Some(record) => Ok(record),
        None if kind.is_transaction() => Err(Refusal::user("Transaction type specified is incorrect.")),
        None => Err(Refusal::no_record()),
    }
}

fn list(account: &Netsuite, kind: &'static RecordType, call: &Call) -> Verdict<Response> {
    let page = call.page()?;
    let filter = call.parameter("q").map(|text| Filter::read(kind, text)).transpose()?;
    let store = account.search();
    let base = format!("{}/services/rest/record/v1/{}", call.origin, kind.name);
    let mut total = 0;
    let mut items = Vec::new();
    for record in store.table(kind.table).iter().filter(|record| std::ptr::eq(record.kind, kind)) {
        if filter.as_ref().is_some_and(|filter| !filter.takes(record)) {
            continue;
        }
        if total >= page.offset && items.len() < page.limit {
            items.push(json!({ "links": self_link(&format!("{base}/{}", record.id)), "id": record.id.to_string() }));
        }
        total += 1;
    }
    Ok(answer(StatusCode::OK, &listing(call, page, total, items)))
}

/// The envelope of a page.
pub(super) fn listing(call: &Call, page: Page, total: usize, items: Vec<Json>) -> Json {
    let more = page.offset + items.len() < total;
    json!({
        "links": page_links(call, page, total),
        "count": items.len(),
        "hasMore": more,
        "items": items,
        "offset": page.offset,
        "totalResults": total,
    })
}

fn page_links(call: &Call, page: Page, total: usize) -> Json {
    let others: Vec<(&str, &str)> = call
        .query
        .iter()
        .filter(|(name, _)| !matches!(name.to_ascii_lowercase().as_str(), "limit" | "offset"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let address = |offset: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .extend_pairs(&others)
            .append_pair("limit", &page.limit.to_string())
            .append_pair("offset", &offset.to_string());
        format!("{}{}?{}", call.origin, call.path, query.finish())
    };
    let last = total.saturating_sub(1) / page.limit * page.limit;
    let mut links = Vec::new();
    let mut link = |rel: &str, href: String| links.push(json!({ "rel": rel, "href": href }));
    if page.offset > 0 {
        link("previous", address(page.offset.saturating_sub(page.limit)));
        link("first", address(0));
    }
    if page.offset + page.limit < total {
        link("next", address(page.offset + page.limit));
        link("last", address(last));
    }
    match others.is_empty() && page.offset == 0 && call.parameter("limit").is_none() {
        true => link("self", format!("{}{}", call.origin, call.path)),
        false => link("self", address(page.offset)),
    }
    Json::Array(links)
}

fn read(account: &Netsuite, kind: &'static RecordType, id: &str, call: &Call) -> Verdict<Response> {
    let store = account.read();
    let record = find(&store, kind, id)?;
    let look = call.look();
    if let Some(unknown) = look
        .only
        .iter()
        .flatten()
        .find(|name| kind.shape.field(name).is_none() && !matches!(name.as_str(), "id" | "links" | "refName"))
    {
        return Err(Refusal::parameter(format!("Unknown field '{unknown}'."), "fields"));
    }
    Ok(resource(&View::new(&store, &call.origin, look).record(record)))
}

fn resource(body: &Json) -> Response {
    let mut response = answer(StatusCode::OK, body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/vnd.oracle.resource+json; type=singular"));
    response
}

fn show_part(account: &Netsuite, kind: &'static RecordType, path: &[&str], call: &Call) -> Verdict<Response> {
    let store = account.read();
    let record = find(&store, kind, path[0])?;
    let field = kind.shape.field(path[1]).ok_or_else(Refusal::no_record)?;
    let look = call.look();
    let whole = look.expand_all;
    let view = View::new(&store, &call.origin, look);
    let mut address = format!("{}/{}", view.address(record), field.name);
    let mut value = record.fields.get(field.name);
    if let schema::Kind::Lines(_) = field.kind {
        let lines = record.fields.lines(field.name);
        let Some(wanted) = path.get(2) else {
            return Ok(answer(StatusCode::OK, &sublist(&view.lines(field.name, lines, &address, whole), lines.len())));
        };
        address = format!("{address}/{wanted}");
        let line = lines
            .iter()
            .find(|line| crate::netsuite::render::line_id(field.name, line) == *wanted)
            .ok_or_else(Refusal::no_record)?;
        let Some(subpart) = path.get(3) else { return Ok(resource(&view.line(line, &address))) };
        value = line.iter().find(|(name, _)| name.eq_ignore_ascii_case(subpart)).map(|(_, value)| value);
        address = format!("{address}/{subpart}");
    } else if path.len() > 2 {
        return Err(Refusal::no_record());
    }
    match value {
        Some(Value::Part(part)) => Ok(resource(&view.part(part, &address))),
        _ => Err(Refusal::no_record()),
    }
}

fn sublist(body: &Json, total: usize) -> Json {
    json!({ "links": body["links"], "count": total, "hasMore": false, "items": body["items"], "offset": 0, "totalResults": total })
}

/// Refuses the record on demand of a fault rule: as an invalid one, since nothing of it is kept.
fn spare(call: &Call) -> Verdict<()> {
    match call.mark.row_error {
        true => Err(Refusal::user("Please enter value(s) for: Memo.")),
        false => Ok(()),
    }
}

fn must_be_writable(kind: &RecordType) -> Verdict<()> {
    if kind.is_writable() {
        Ok(())
    } else {
        Err(Refusal::not_emulated(format!("writing records of type {}", kind.name)))
    }
}

fn create(account: &Netsuite, kind: &'static RecordType, call: &Call, body: Map<String, Json>) -> Verdict<Response> {
    must_be_writable(kind)?;
    spare(call)?;
    write_record(account, kind, None, call, &body)
}

fn change(account: &Netsuite, kind: &'static RecordType, id: &str, call: &Call) -> Verdict<Response> {
    must_be_writable(kind)?;
    let body = call.object()?;
    let known = find(&account.read(), kind, id)?.id;
    spare(call)?;
    write_record(account, kind, Some(known), call, &body)
}

/// An upsert: the only use of PUT, and only by external id.
fn upsert(account: &Netsuite, kind: &'static RecordType, id: &str, call: &Call) -> Verdict<Response> {
    must_be_writable(kind)?;
    let Some(external_id) = id.strip_prefix("eid:").map(|text| text.trim_matches('\'')) else {
        return Err(Refusal::new(
            400,
            "INVALID_REQUEST",
            "The PUT method is supported only with an external ID (eid:).",
        ));
    };
    let mut body = call.object()?;
    match body.get("externalId").and_then(Json::as_str) {
        Some(other) if !other.eq_ignore_ascii_case(external_id) => {
            return Err(Refusal::content(
                "The external ID in the body differs from the external ID in the URL.",
                "externalId",
            ));
        }
        Some(_) => {}
        None => {
            body.insert("externalId".to_owned(), json!(external_id));
        }
    }
    let known = match find(&account.read(), kind, id) {
        Ok(record) => Some(record.id),
        Err(_) => None,
    };
    spare(call)?;
    write_record(account, kind, known, call, &body)
}

/// Checks and stores in one hold of the lock, so that two callers never both find a key free.
fn write_record(
    account: &Netsuite,
    kind: &'static RecordType,
    known: Option<i64>,
    call: &Call,
    body: &Map<String, Json>,
) -> Verdict<Response> {
    let mut reading: Reading = call.reading()?;
    let mut store = account.write(call.mark);
    let old = match known {
        Some(id) => Some(store.table(kind.table).get(id).cloned().ok_or_else(Refusal::no_record)?),
        None => None,
    };
    let draft = {
        let context = Context { store: &store, settings: &account.settings, now: account.clock.now() };
        write::draft(&context, kind, old.as_deref(), body, &mut reading)?
    };
    let location = View::new(&store, &call.origin, Default::default()).address(&draft.record);
    store.put(draft.record);
    draft.others.into_iter().for_each(|other| store.put(other));
    Ok(empty(Some(location), &reading.warnings))
}

fn delete(account: &Netsuite, kind: &'static RecordType, id: &str, call: &Call) -> Verdict<Response> {
    must_be_writable(kind)?;
    let mut store = account.write(call.mark);
    let record = Arc::clone(find(&store, kind, id)?);
    spare(call)?;
    let now = account.clock.now();
    let released = write::before_delete(&Context { store: &store, settings: &account.settings, now }, &record)?;
    store.delete(kind, record.id, now);
    released.into_iter().for_each(|other| store.put(other));
    Ok(empty(None, &[]))
}

/// A credit memo for an invoice: its customer, currency and lines, unless the body says otherwise.
fn transformed(invoice: &Record, body: Map<String, Json>) -> Map<String, Json> {
    let mut memo = Map::new();
    for field in ["entity", "currency", "subsidiary", "department", "class", "location", "exchangeRate"] {
        if let Some(Value::Ref(reference)) = invoice.fields.get(field) {
            memo.insert(field.to_owned(), json!({ "id": reference.id.to_string() }));
        }
    }
    let lines: Vec<Json> = invoice
        .fields
        .lines("item")
        .iter()
        .map(|line| {
            let number = |name: &str| line.number(name).map(|number| number.to_string());
            json!({
                "item": { "id": line.reference("item").map(|id| id.to_string()) },
                "quantity": number("quantity"),
                "rate": number("rate"),
                "amount": number("amount"),
                "description": line.text("description"),
            })
        })
        .collect();
    memo.insert("item".to_owned(), json!({ "items": lines }));
    memo.extend(body);
    memo
}
