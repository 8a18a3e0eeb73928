//! `POST /v1/action/query` and `queryMore`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

use super::Zuora;
use super::call::Call;
use super::fail::{self, Reason, Refused};
use super::filter::{Ask, Filter, Order, Test};
use super::reply;
use super::schema::{Entity, FieldNo, ID, Kind};
use super::store::{Store, holds_ids};
use super::value::{self, Cell};
use super::zoql::{self, Condition, Literal, Operator};
use crate::clock::lock;

/// The most records in one answer, and the number when the caller names none.
const LARGEST_BATCH: usize = 2000;
/// Seconds after which a locator that nobody asks for is gone.
const LOCATOR_LIFETIME: i64 = 15 * 60;

/// The results of queries that were not read to their end.
#[derive(Debug, Default)]
pub(crate) struct Locators(HashMap<String, Locator>);

#[derive(Debug, Clone)]
struct Locator {
    rows: Arc<[u32]>,
    entity: Entity,
    fields: Arc<[FieldNo]>,
    batch: usize,
    touched: i64,
}

/// Runs a query and answers with its first batch.
pub(crate) async fn query(State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    let outcome = call.action_body().and_then(|body| {
        let batch = batch_size(&body)?.unwrap_or(LARGEST_BATCH);
        let Some(Value::String(text)) = body.get("queryString") else {
            return Err(Refused::from(fail::fault("MALFORMED_QUERY", "The query string is missing")));
        };
        let query = zoql::parse(text).map_err(|message| fail::fault("MALFORMED_QUERY", message))?;
        first_batch(&zuora, &query, batch, call.wsdl).map_err(|reason| fail::fault(reason.code, &reason.message).into())
    });
    outcome.unwrap_or_else(Response::from)
}

/// Answers with the batch that a locator points to.
pub(crate) async fn query_more(State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    let outcome = call.action_body().and_then(|body| {
        let batch = batch_size(&body)?;
        let text = body.get("queryLocator").and_then(Value::as_str).unwrap_or_default();
        let found = resume(&zuora, text);
        let Some((key, offset, mut locator)) = found else {
            return Err(Refused::from(fail::fault(
                "INVALID_QUERY_LOCATOR",
                "The query locator is invalid or has expired",
            )));
        };
        locator.batch = batch.unwrap_or(locator.batch);
        Ok(answer(&zuora, Some(key), &locator, offset))
    });
    outcome.unwrap_or_else(Response::from)
}

fn batch_size(body: &serde_json::Map<String, Value>) -> Result<Option<usize>, Refused> {
    let Some(size) = body.get("conf").and_then(|conf| conf.get("batchSize")).filter(|size| !size.is_null()) else {
        return Ok(None);
    };
    match size.as_u64().and_then(|size| usize::try_from(size).ok()) {
        Some(size) if size >= 1 => Ok(Some(size.min(LARGEST_BATCH))),
        _ => Err(fail::fault("INVALID_VALUE", "The batch size must be between 1 and 2000").into()),
    }
}

fn first_batch(zuora: &Zuora, query: &zoql::Query, batch: usize, wsdl: u16) -> Result<Response, Reason> {
    let entity = Entity::named(&query.object)
        .ok_or_else(|| Reason::new("INVALID_TYPE", format!("invalid type specified: {}", query.object)))?;
    let field = |name: &str| readable(entity, name, wsdl).ok_or_else(|| unknown(&query.object, name));
    let mut fields: Vec<FieldNo> = query.fields.iter().map(|name| field(name)).collect::<Result<_, _>>()?;
    // The vendor's own example of an answer carries the id, which its query did not select.
    fields.push(ID);
    fields.sort_unstable();
    fields.dedup();
    let store = zuora.search();
    let mut groups = Vec::new();
    for group in &query.groups {
        groups.push(
            group
                .iter()
                .map(|condition| test(&store, entity, field(&condition.field)?, condition))
                .collect::<Result<Vec<_>, _>>()?,
        );
    }
    let mut rows = Filter::new(groups).select(&store, entity);
    // The order is not defined by the vendor: here it is that of the ids, which is none.
    rows.sort_by_cached_key(|row| store.ids.make(entity, *row));
    drop(store);
    let locator = Locator { rows: rows.into(), entity, fields: fields.into(), batch, touched: zuora.now() };
    let key = (locator.rows.len() > batch).then(|| zuora.keep(locator.clone()));
    Ok(answer(zuora, key, &locator, 0))
}

/// A field that this version of the Actions knows.
fn readable(entity: Entity, name: &str, wsdl: u16) -> Option<FieldNo> {
    entity.field(name).filter(|number| entity.at(*number).is_known(wsdl))
}

fn unknown(object: &str, field: &str) -> Reason {
    Reason::new("INVALID_FIELD", format!("invalid field for query: {object}.{}", field.to_lowercase()))
}

impl Zuora {
    fn keep(&self, locator: Locator) -> String {
        let key = self.random_hex(32);
        let mut locators = lock(&self.locators);
        let oldest = self.now() - LOCATOR_LIFETIME;
        locators.0.retain(|_, locator| locator.touched >= oldest);
        locators.0.insert(key.clone(), locator);
        key
    }
}

fn resume(zuora: &Zuora, text: &str) -> Option<(String, usize, Locator)> {
    let (key, offset) = text.rsplit_once('-')?;
    let offset: usize = offset.parse().ok()?;
    let mut locators = lock(&zuora.locators);
    let now = zuora.now();
    let locator = locators
        .0
        .get_mut(key)
        .filter(|locator| locator.touched >= now - LOCATOR_LIFETIME && offset < locator.rows.len())?;
    locator.touched = now;
    Some((key.to_owned(), offset, locator.clone()))
}

fn answer(zuora: &Zuora, key: Option<String>, locator: &Locator, offset: usize) -> Response {
    let end = locator.rows.len().min(offset.saturating_add(locator.batch));
    let store = zuora.search();
    let mut out = String::from("{\"records\":[");
    let mut first = true;
    for row in &locator.rows[offset..end] {
        // A record may have been deleted since the query ran.
        if store.cell(locator.entity, *row, ID).is_none() {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        reply::write_record(&mut out, &store, locator.entity, *row, &locator.fields);
    }
    let done = end == locator.rows.len();
    out.push_str(&format!("],\"size\":{},\"done\":{done}", locator.rows.len()));
    if let Some(key) = key.filter(|_| !done) {
        out.push_str(&format!(",\"queryLocator\":\"{key}-{end}\""));
    }
    out.push('}');
    reply::json_text(out)
}

fn test(store: &Store, entity: Entity, field: FieldNo, condition: &Condition) -> Result<Test, Reason> {
    let definition = entity.at(field);
    let text = match &condition.literal {
        Literal::Null => {
            let ask = match condition.operator {
                Operator::Equal => Ask::Null,
                Operator::NotEqual => Ask::NotNull,
                _ => return Err(Reason::new("MALFORMED_QUERY", "You have an error in your ZOQL syntax")),
            };
            return Ok(Test { field, ask });
        }
        Literal::Quoted(text) => text.as_str(),
        Literal::Bare(text) => bare(definition.kind, text)?,
    };
    let text = match (entity, definition.name, text) {
        // In queries, and only there, this type has a hyphen.
        (Entity::ProductRatePlanCharge, "ChargeType", "One-Time") => "OneTime",
        (Entity::ProductRatePlanCharge, "ChargeType", "OneTime") => "-",
        _ => text,
    };
    let ask = match condition.operator {
        Operator::Like if matches!(definition.kind, Kind::Text(_) | Kind::Pick(_)) => Ask::Like(text.chars().collect()),
        Operator::Like => return Err(operator_refused(&condition.field)),
        _ => match value::parse_text(text, definition.kind, &store.ids) {
            Some(cell) => {
                compare(&condition.operator, definition.kind, cell).ok_or_else(|| operator_refused(&condition.field))?
            }
            None if holds_ids(definition.kind) => Ask::Never,
            None => {
                return Err(Reason::new(
                    "INVALID_VALUE",
                    format!("invalid value for field {}: {text}", condition.field),
                ));
            }
        },
    };
    Ok(Test { field, ask })
}

/// Only numbers and truths may stand without quotes.
fn bare(kind: Kind, text: &str) -> Result<&str, Reason> {
    match kind {
        Kind::Number | Kind::Integer | Kind::Boolean => Ok(text),
        _ => Err(Reason::new("MALFORMED_QUERY", "You have an error in your ZOQL syntax")),
    }
}

fn operator_refused(field: &str) -> Reason {
    Reason::new("MALFORMED_QUERY", format!("the operator is not supported for field {field}"))
}

fn compare(operator: &Operator, kind: Kind, cell: Cell) -> Option<Ask> {
    let order = match operator {
        Operator::Equal => return Some(Ask::OneOf([cell].into())),
        Operator::NotEqual => return Some(Ask::NoneOf([cell].into())),
        Operator::Less => Order::Less,
        Operator::AtMost => Order::AtMost,
        Operator::Greater => Order::Greater,
        Operator::AtLeast => Order::AtLeast,
        Operator::Like => return None,
    };
    if kind == Kind::Boolean { None } else { Some(Ask::Ordered(order, cell)) }
}
