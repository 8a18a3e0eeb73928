//! Object Query: `GET /object-query/{objects}` and `/{objects}/{key}`.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use super::Zuora;
use super::call::Call;
use super::fail;
use super::filter::{Ask, Filter, Order, Test};
use super::ids::Id;
use super::query_view::View;
use super::reply;
use super::schema::{Entity, FieldNo, ID, Kind, UPDATED};
use super::store::{Store, compare_cells, holds_ids};
use super::value::{self, Cell};
use crate::server;

/// Records on a page when the caller does not say how many.
const DEFAULT_PAGE: usize = 10;
/// The most records on a page.
const LARGEST_PAGE: usize = 99;
/// What stands for an empty text in a filter.
const EMPTY_TEXT: &str = "\u{2}\u{3}";

/// Why a call is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A parameter is wrong.
    Wrong(String),
    /// The vendor would do it; the emulator does not.
    NotEmulated(String),
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sort {
    field: FieldNo,
    descending: bool,
}

/// The last record of the page before: the value it was sorted by, and its id.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    value: Option<Cell>,
    id: Id,
}

/// The routes of all objects that can be queried.
pub(crate) fn routes() -> Router<Arc<Zuora>> {
    Entity::ALL.into_iter().fold(Router::new(), |router, entity| {
        let path = format!("/object-query/{}", entity.object().query);
        router
            .route(&path, get(move |state, call| list(entity, state, call)))
            .route(&format!("{path}/{{key}}"), get(move |state, key, call| one(entity, state, key, call)))
    })
}

fn refuse(call: &Call, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Wrong(message) => fail::object_query(&call.marks, StatusCode::BAD_REQUEST, 50_000_027, &message),
        Refusal::NotEmulated(what) => server::json(
            StatusCode::NOT_IMPLEMENTED,
            &json!({ "error": "not emulated", "method": "GET", "path": call.path, "what": what }),
        ),
    }
}

fn page_size(call: &Call) -> Result<usize, Refusal> {
    match call.parameter("pageSize").map(str::parse::<usize>) {
        None => Ok(DEFAULT_PAGE),
        Some(Ok(size)) if (1..=LARGEST_PAGE).contains(&size) => Ok(size),
        Some(_) => Err(Refusal::Wrong(format!("pageSize must be between 1 and {LARGEST_PAGE}"))),
    }
}

async fn one(entity: Entity, State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let store = zuora.search();
    let view = match page_size(&call).and_then(|size| View::read(entity, &call, size)) {
        Ok(view) => view,
        Err(refusal) => return refuse(&call, refusal),
    };
    let Some(row) = store.by_key(entity, &key) else {
        return fail::object_query(
            &call.marks,
            StatusCode::NOT_FOUND,
            50_000_040,
            &format!("Cannot find entity by key: '{key}'."),
        );
    };
    let mut out = String::new();
    view.write(&mut out, &store, row);
    reply::json_text(out)
}

async fn list(entity: Entity, State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    let store = zuora.search();
    answer(&store, entity, &call).unwrap_or_else(|refusal| refuse(&call, refusal))
}

fn answer(store: &Store, entity: Entity, call: &Call) -> Result<Response, Refusal> {
    let size = page_size(call)?;
    let view = View::read(entity, call, size)?;
    let filters = call.query.iter().filter(|(name, _)| name.eq_ignore_ascii_case("filter[]"));
    let tests: Vec<Test> = filters.map(|(_, text)| read_filter(store, entity, text)).collect::<Result<_, _>>()?;
    let filter = if tests.is_empty() { Filter::default() } else { Filter::new(vec![tests]) };
    let sort = read_sort(entity, call)?;
    let cursor = call
        .parameter("cursor")
        .filter(|text| !text.is_empty())
        .map(|text| read_cursor(store, entity, sort, text))
        .transpose()?;
    let mut rows = page(store, entity, &filter, sort, cursor.as_ref(), size + 1);
    let more = rows.len() > size;
    rows.truncate(size);
    let mut out = String::from("{");
    if let Some(last) = rows.last().filter(|_| more) {
        out.push_str("\"nextPage\":");
        value::write_string(&mut out, &write_cursor(store, entity, sort, *last));
        out.push(',');
    }
    out.push_str("\"data\":[");
    for (position, row) in rows.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        view.write(&mut out, store, *row);
    }
    out.push_str("]}");
    Ok(reply::json_text(out))
}

/// The first `limit` matching records after the cursor.
fn page(store: &Store, entity: Entity, filter: &Filter, sort: Sort, cursor: Option<&Cursor>, limit: usize) -> Vec<u32> {
    let mut rows = Vec::with_capacity(limit);
    let take = |rows: &mut Vec<u32>, row: u32| {
        if filter.matches(store, entity, row) {
            rows.push(row);
        }
        rows.len() < limit
    };
    if let Some(mut found) = filter.candidates(store, entity) {
        found.retain(|row| cursor.is_none_or(|cursor| stands(store, entity, sort, *row, cursor).is_gt()));
        let place =
            |row: &u32| Cursor { value: sort_value(store, entity, sort, *row), id: store.ids.make(entity, *row) };
        found.sort_by(|a, b| stands(store, entity, sort, *a, &place(b)));
        let _ = found.into_iter().all(|row| take(&mut rows, row));
        return rows;
    }
    if sort.field == UPDATED {
        let after = cursor.and_then(|cursor| match cursor.value {
            Some(Cell::Moment(moment)) => Some((moment, cursor.id)),
            _ => None,
        });
        store.walk_updates(entity, after, sort.descending, |row| take(&mut rows, row));
        return rows;
    }
    let order = store.order(entity, sort.field);
    let row_of = |id: &Id| store.ids.open(*id).map(|(_, row)| row);
    let ascending = Sort { descending: false, ..sort };
    let before = |id: &Id, cursor: &Cursor, equal: bool| {
        let place = row_of(id).map(|row| stands(store, entity, ascending, row, cursor));
        place.is_some_and(|place| place.is_lt() || (equal && place.is_eq()))
    };
    let _ = if sort.descending {
        let end = cursor.map_or(order.len(), |cursor| order.partition_point(|id| before(id, cursor, false)));
        order[..end].iter().rev().filter_map(row_of).all(|row| take(&mut rows, row))
    } else {
        let start = cursor.map_or(0, |cursor| order.partition_point(|id| before(id, cursor, true)));
        order[start..].iter().filter_map(row_of).all(|row| take(&mut rows, row))
    };
    rows
}

fn sort_value(store: &Store, entity: Entity, sort: Sort, row: u32) -> Option<Cell> {
    if sort.field == ID { None } else { store.cell(entity, row, sort.field) }
}

/// Where a record stands to a place in the list.
fn stands(store: &Store, entity: Entity, sort: Sort, row: u32, place: &Cursor) -> std::cmp::Ordering {
    let value = sort_value(store, entity, sort, row);
    let order = compare_cells(value.as_ref(), place.value.as_ref()).then(store.ids.make(entity, row).cmp(&place.id));
    if sort.descending { order.reverse() } else { order }
}

/// A field that the vendor lists for filters and sorting.
fn listed(entity: Entity, name: &str) -> Result<FieldNo, Refusal> {
    let field = entity.field(name).filter(|field| {
        let definition = entity.at(*field);
        definition.listed && definition.query_name != Some("")
    });
    field.ok_or_else(|| {
        Refusal::Wrong(format!(
            "The field '{name}' of {} can neither be filtered nor sorted by",
            entity.object().query_name
        ))
    })
}

fn read_sort(entity: Entity, call: &Call) -> Result<Sort, Refusal> {
    let texts =
        call.query.iter().filter(|(name, _)| name.eq_ignore_ascii_case("sort[]")).flat_map(|(_, text)| text.split(','));
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    let text = match texts.as_slice() {
        [] => return Ok(Sort { field: ID, descending: false }),
        [text] => text,
        _ => return Err(Refusal::Wrong("Sorting on more than one field is not supported".to_owned())),
    };
    let (name, direction) = text.rsplit_once('.').ok_or_else(|| Refusal::Wrong(format!("Invalid sort '{text}'")))?;
    let descending = match direction.to_ascii_uppercase().as_str() {
        "ASC" => false,
        "DESC" => true,
        _ => return Err(Refusal::Wrong(format!("Invalid sort '{text}'"))),
    };
    Ok(Sort { field: listed(entity, name)?, descending })
}

/// Reads `field.OPERATOR:value`.
fn read_filter(store: &Store, entity: Entity, text: &str) -> Result<Test, Refusal> {
    let wrong = || Refusal::Wrong(format!("Invalid filter '{text}'"));
    let (head, value) = text.split_once(':').ok_or_else(wrong)?;
    let (name, operator) = head.rsplit_once('.').ok_or_else(wrong)?;
    let field = listed(entity, name.trim())?;
    let kind = entity.at(field).kind;
    let textual = matches!(kind, Kind::Text(_) | Kind::Pick(_));
    let cell = |text: &str| {
        let text = if text == EMPTY_TEXT { "" } else { text };
        value::parse_text(text, kind, &store.ids)
    };
    // An id that is none of ours equals nothing.
    let cells = |texts: Vec<&str>| -> Result<HashSet<Cell>, Refusal> {
        let read = texts.into_iter().map(cell);
        if holds_ids(kind) { Ok(read.flatten().collect()) } else { read.collect::<Option<_>>().ok_or_else(wrong) }
    };
    let folded = |texts: Vec<&str>| {
        texts.into_iter().map(|text| if text == EMPTY_TEXT { String::new() } else { text.to_lowercase() }).collect()
    };
    let ordered = |order: Order| match cell(value) {
        Some(cell) if !textual && kind != Kind::Boolean => Ok(Ask::Ordered(order, cell)),
        _ => Err(wrong()),
    };
    let ask = match operator.to_ascii_uppercase().as_str() {
        "EQ" if value == "null" => Ask::Null,
        "NE" if value == "null" => Ask::NotNull,
        "EQ" if textual => Ask::OneOfFolded(folded(vec![value])),
        "EQ" => Ask::OneOf(cells(vec![value])?),
        "NE" if textual => Ask::NoneOfFolded(folded(vec![value])),
        "NE" => Ask::NoneOf(cells(vec![value])?),
        "IN" => {
            let inner = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).ok_or_else(wrong)?;
            let texts = inner.split(',').map(str::trim).collect();
            if textual { Ask::OneOfFolded(folded(texts)) } else { Ask::OneOf(cells(texts)?) }
        }
        "SW" if textual => Ask::Starts(value.to_lowercase()),
        "LT" => ordered(Order::Less)?,
        "LE" => ordered(Order::AtMost)?,
        "GT" => ordered(Order::Greater)?,
        "GE" => ordered(Order::AtLeast)?,
        _ => return Err(wrong()),
    };
    Ok(Test { field, ask })
}

fn write_cursor(store: &Store, entity: Entity, sort: Sort, row: u32) -> String {
    let order = if sort.descending { "DESC" } else { "ASC" };
    let part = |name: &str, value: Value| json!({ "value": value, "orderBy": { "field": name, "order": order } });
    let value = |field: &str| reply::field(store, entity, row, field, value::Style::Query);
    let id = part("Id", value("Id"));
    let name = entity.at(sort.field).name;
    let parts = if sort.field == ID { json!([id]) } else { json!([part(name, value(name)), id]) };
    STANDARD.encode(parts.to_string())
}

fn read_cursor(store: &Store, entity: Entity, sort: Sort, text: &str) -> Result<Cursor, Refusal> {
    let wrong = || Refusal::Wrong("Invalid cursor".to_owned());
    let bytes = STANDARD.decode(text).map_err(|_| wrong())?;
    let parts: Vec<Value> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    let of_field = |part: &Value, name: &str| part["orderBy"]["field"].as_str() == Some(name);
    let (value, id) = match parts.as_slice() {
        [id] if sort.field == ID => (None, id),
        [value, id] if of_field(value, entity.at(sort.field).name) => (Some(&value["value"]), id),
        _ => return Err(wrong()),
    };
    let value = match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            Some(value::parse_text(text, entity.at(sort.field).kind, &store.ids).ok_or_else(wrong)?)
        }
        Some(other) => {
            Some(value::parse_text(&other.to_string(), entity.at(sort.field).kind, &store.ids).ok_or_else(wrong)?)
        }
    };
    let id = id["value"].as_str().and_then(|text| store.ids.parse(text)).ok_or_else(wrong)?;
    Ok(Cursor { value, id })
}
