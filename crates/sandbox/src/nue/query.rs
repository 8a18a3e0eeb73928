//! The query string of a list: filters whose operators stand in the raw text, pages, and what to include.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::fail::Refusal;
use super::filter::{self, Ask, Filter, Order};
use super::schema::{Kind, Object};
use super::settings::{Paging, Settings, Unknown};
use super::show;
use super::store::Store;
use super::value::Cell;

/// The most records of a page.
const MOST: usize = 500;
/// The records of a page when the caller does not say how many.
const USUAL: usize = 100;

/// What a caller asks of a list.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) filter: Filter,
    /// Counted from 1.
    pub(crate) page: usize,
    pub(crate) limit: usize,
    pub(crate) includes: Vec<String>,
}

/// The operators, the longer ones first.
const OPERATORS: [&str; 7] = [">=", "<=", "!=", "<>", "=", ">", "<"];

/// Reads a query string.
pub(crate) fn parse(store: &Store, settings: &Settings, object: Object, query: &str) -> Result<Listing, Refusal> {
    let mut listing = Listing { filter: Filter::All(Vec::new()), page: 1, limit: USUAL, includes: Vec::new() };
    let (mut filters, mut fixed, mut any) = (Vec::new(), Vec::new(), false);
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let part = part.replace('+', " ");
        let part = percent_decode_str(&part).decode_utf8_lossy();
        let (name, operator, value) = split(&part);
        match control(name, settings.paging) {
            Some("page") => listing.page = count(name, value)?,
            Some("limit") => listing.limit = count(name, value)?,
            Some("predicate") => any = value.eq_ignore_ascii_case("or"),
            Some(_) => {}
            None if name == "includes" => listing.includes = includes(object, value)?,
            None if name == "customerIds" => fixed.push(customers(store, object, &ids(value)?)),
            None => filters.extend(test(store, settings, object, name, operator, value)?),
        }
    }
    if listing.limit > MOST {
        return Err(Refusal::limit(format!("limit must be {MOST} at most")));
    }
    fixed.push(if any && !filters.is_empty() { Filter::Any(filters) } else { Filter::All(filters) });
    listing.filter = Filter::All(fixed);
    Ok(listing)
}

/// Splits at the first operator.
fn split(part: &str) -> (&str, &str, &str) {
    let found = OPERATORS.iter().filter_map(|operator| part.find(operator).map(|place| (place, *operator)));
    // Of operators at one place the longest counts, and it stands first.
    match found.min_by_key(|(place, _)| *place) {
        Some((place, operator)) => (part[..place].trim(), operator, part[place + operator.len()..].trim()),
        None => (part.trim(), "", ""),
    }
}

/// The paging control that a name stands for; an empty one if it is in the spelling that is not understood.
fn control(name: &str, paging: Paging) -> Option<&'static str> {
    let plain = ["page", "limit", "predicate"].into_iter().find(|control| *control == name.trim_start_matches('_'))?;
    let understood = match paging {
        Paging::Both => true,
        Paging::Plain => !name.starts_with('_'),
        Paging::Underscored => name.starts_with('_'),
    };
    Some(if understood { plain } else { "" })
}

fn count(name: &str, value: &str) -> Result<usize, Refusal> {
    let wrong = || Refusal::field(name, "must be a whole number from 1 on");
    value.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

fn includes(object: Object, value: &str) -> Result<Vec<String>, Refusal> {
    let names = list(value);
    match names.iter().find(|name| !show::can_include(object, name)) {
        Some(wrong) => Err(Refusal::field("includes", format!("knows no `{wrong}`"))),
        None => Ok(names),
    }
}

/// A JSON list of texts, or a list with commas.
fn ids(value: &str) -> Result<Vec<String>, Refusal> {
    if !value.starts_with('[') {
        return Ok(list(value));
    }
    let wrong = || Refusal::field("customerIds", "must be a JSON list of ids");
    let items: Vec<Value> = serde_json::from_str(value).map_err(|_| wrong())?;
    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

/// Records of these customers, each named by its id or its external id.
fn customers(store: &Store, object: Object, keys: &[String]) -> Filter {
    let of = if object == Object::Customer { "id" } else { "customerId" };
    let Some(field) = store.schema.number(object, of) else { return Filter::Any(Vec::new()) };
    let cells = keys.iter().map(|key| Cell::text(&canonical(store, Object::Customer, key))).collect();
    Filter::Test { relation: None, field, ask: Ask::In(cells) }
}

/// The id of the record that a key stands for; the key, if there is none.
fn canonical(store: &Store, object: Object, key: &str) -> String {
    store.by_key(object, key).map_or_else(|| key.to_owned(), |row| store.id(object, row))
}

fn test(
    store: &Store,
    settings: &Settings,
    object: Object,
    name: &str,
    operator: &str,
    value: &str,
) -> Result<Option<Filter>, Refusal> {
    let known = store.schema.number(object, name).filter(|field| store.schema.at(object, *field).filterable);
    let Some(field) = known else {
        return match settings.unknown_filters {
            Unknown::Refuse => Err(Refusal::field(name, "cannot be filtered by")),
            Unknown::Ignore => Ok(None),
        };
    };
    let kind = store.schema.at(object, field).kind;
    let text = match kind {
        Kind::Ref(other) => canonical(store, other, value),
        _ => value.to_owned(),
    };
    let cell = || filter::literal(object, name, kind, &text).map_err(|error| Refusal::field(name, error));
    let ordered = |order| Ok::<_, Refusal>(Ask::Ordered(order, cell()?));
    let ask = match operator {
        "=" if value.is_empty() => Ask::Null,
        "=" => Ask::In([cell()?].into()),
        "!=" | "<>" => Ask::NotIn([cell()?].into()),
        ">=" => ordered(Order::AtLeast)?,
        "<=" => ordered(Order::AtMost)?,
        ">" => ordered(Order::Greater)?,
        "<" => ordered(Order::Less)?,
        _ => return Err(Refusal::field(name, "has no operator")),
    };
    Ok(Some(Filter::Test { relation: None, field, ask }))
}
