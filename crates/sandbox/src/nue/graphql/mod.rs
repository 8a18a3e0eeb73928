//! GraphQL: one root object, conditions one level deep, pages by limit and offset.

mod parse;

use std::cmp::Ordering;

use axum::response::Response;
use serde_json::{Map, Value, json};

use self::parse::Node;
use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use super::filter::{self, Ask, Filter, Order};
use super::reply;
use super::schema::{FieldNo, Object};
use super::settings::Settings;
use super::show;
use super::store::Store;
use super::value::Cell;

/// The most records of an answer; a caller who wants more asks again, with an offset.
const MOST: usize = 1000;

/// `POST .../async/graphql`. What is wrong with a query is told in an answer of 200.
pub(crate) fn query(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    Ok(reply::bare(&match run(nue, &body) {
        Ok((name, records)) => json!({ "data": { name: records } }),
        Err(message) => json!({ "data": null, "errors": [{ "message": message }] }),
    }))
}

/// Runs the query of a body; answers with the name of its root and the records.
pub(crate) fn run(nue: &Nue, body: &Map<String, Value>) -> Result<(String, Vec<Value>), String> {
    let (root, object) = root(body)?;
    let (store, settings) = (nue.search(), nue.settings());
    let condition = match root.arguments.get("where") {
        Some(wanted) => condition(&store, object, wanted)?,
        None => Filter::All(Vec::new()),
    };
    let (limit, offset) = (count(&root, "limit")?.unwrap_or(MOST), count(&root, "offset")?.unwrap_or(0));
    let mut rows = condition.rows(&store, object);
    if let Some(wanted) = root.arguments.get("orderBy") {
        sort(&store, object, wanted, &mut rows)?;
    }
    let page = rows.into_iter().skip(offset).take(limit.min(MOST));
    let records =
        page.map(|row| select(&store, &settings, object, row, &root.selection)).collect::<Result<_, String>>()?;
    Ok((root.alias, records))
}

/// The root of the query of a body, and the object that it names.
pub(crate) fn root(body: &Map<String, Value>) -> Result<(Node, Object), String> {
    let text = body.get("query").and_then(Value::as_str).ok_or("Must provide query string.")?;
    let variables = body.get("variables").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut roots = parse::document(text, &variables)?;
    let root = roots.pop().filter(|_| roots.is_empty()).ok_or("Only one object can be queried at a time")?;
    let object = Object::named(&root.name).filter(|object| object.name() == root.name);
    let object = object.ok_or_else(|| unknown(&root.name, "Query"))?;
    if root.selection.is_empty() {
        return Err(format!("Field \"{}\" must have a selection of subfields", root.name));
    }
    Ok((root, object))
}

/// Reads a condition that stands alone.
pub(crate) fn filter(store: &Store, object: Object, text: &str) -> Result<Filter, Refusal> {
    parse::value(text)
        .and_then(|wanted| condition(store, object, &wanted))
        .map_err(|error| Refusal::field("graphqlFilter", error))
}

fn unknown(field: &str, object: &str) -> String {
    format!("Cannot query field \"{field}\" on type \"{object}\"")
}

fn count(node: &Node, name: &str) -> Result<Option<usize>, String> {
    match node.arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
            count.map(Some).ok_or_else(|| format!("Argument \"{name}\" must be a whole number"))
        }
    }
}

fn condition(store: &Store, object: Object, wanted: &Value) -> Result<Filter, String> {
    let wanted = wanted.as_object().ok_or("A condition must be an object")?;
    let mut tests = Vec::new();
    for (key, value) in wanted {
        let several = || -> Result<Vec<Filter>, String> {
            let list = value.as_array().ok_or_else(|| format!("\"{key}\" must be a list"))?;
            list.iter().map(|wanted| condition(store, object, wanted)).collect()
        };
        match key.as_str() {
            "_and" => tests.push(Filter::All(several()?)),
            "_or" => tests.push(Filter::Any(several()?)),
            _ => tests.extend(field_tests(store, object, key, value)?),
        }
    }
    Ok(Filter::All(tests))
}

/// The tests of a field, or of a field of the record that it refers to.
fn field_tests(store: &Store, object: Object, name: &str, wanted: &Value) -> Result<Vec<Filter>, String> {
    if let Some(field) = searchable(store, object, name) {
        return tests(store, object, field, None, wanted);
    }
    let related = (0..).zip(store.schema.fields(object)).find_map(|(number, field)| {
        field.relation().filter(|(relation, _)| *relation == name).map(|(_, other)| (number, other))
    });
    let (number, other) = related.ok_or_else(|| unknown(name, object.name()))?;
    let wanted = wanted.as_object().ok_or("A condition must be an object")?;
    let mut found = Vec::new();
    for (name, wanted) in wanted {
        let field = searchable(store, other, name).ok_or_else(|| unknown(name, other.name()))?;
        found.extend(tests(store, other, field, Some((number, other)), wanted)?);
    }
    Ok(found)
}

fn searchable(store: &Store, object: Object, name: &str) -> Option<FieldNo> {
    store.schema.number(object, name).filter(|field| store.schema.at(object, *field).filterable)
}

fn tests(
    store: &Store,
    object: Object,
    field: FieldNo,
    relation: Option<(FieldNo, Object)>,
    wanted: &Value,
) -> Result<Vec<Filter>, String> {
    let definition = store.schema.at(object, field);
    let cell = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        filter::literal(object, &definition.name, definition.kind, &text)
            .map_err(|error| format!("\"{}\" {error}", definition.name))
    };
    let cells = |value: &Value| {
        value.as_array().map_or_else(|| Ok([cell(value)?].into()), |list| list.iter().map(cell).collect())
    };
    let wanted =
        wanted.as_object().ok_or_else(|| format!("\"{}\" must be compared by an operator", definition.name))?;
    let test = |(operator, value): (&String, &Value)| {
        let ordered = |order| Ok::<_, String>(Ask::Ordered(order, cell(value)?));
        let ask = match operator.as_str() {
            "_eq" if value.is_null() => Ask::Null,
            "_eq" | "_in" => Ask::In(cells(value)?),
            "_ne" => Ask::NotIn(cells(value)?),
            "_gt" => ordered(Order::Greater)?,
            "_gte" => ordered(Order::AtLeast)?,
            "_lt" => ordered(Order::Less)?,
            "_lte" => ordered(Order::AtMost)?,
            "_like" => Ask::Like(value.as_str().unwrap_or_default().chars().collect()),
            other => return Err(format!("Operator \"{other}\" does not exist")),
        };
        Ok(Filter::Test { relation, field, ask })
    };
    wanted.iter().map(test).collect()
}

/// Sorts by one field or several; a null stands last.
fn sort(store: &Store, object: Object, wanted: &Value, rows: &mut [u32]) -> Result<(), String> {
    let list = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
    let mut keys = Vec::new();
    for (name, direction) in list.iter().filter_map(Value::as_object).flatten() {
        let field = store.schema.number(object, name).ok_or_else(|| unknown(name, object.name()))?;
        keys.push((field, direction.as_str().is_some_and(|word| word.to_ascii_lowercase().starts_with("desc"))));
    }
    rows.sort_by(|a, b| {
        let by_key = |(field, descending): &(FieldNo, bool)| {
            let order = match (store.cell(object, *a, *field), store.cell(object, *b, *field)) {
                (Some(a), Some(b)) => a.compare(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            };
            if *descending { order.reverse() } else { order }
        };
        keys.iter().map(by_key).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok(())
}

/// The fields of a record that are asked for.
fn select(store: &Store, settings: &Settings, object: Object, row: u32, nodes: &[Node]) -> Result<Value, String> {
    let mut selected = Map::new();
    for node in nodes {
        let value = if node.selection.is_empty() {
            scalar(store, settings, object, row, &node.name)?
        } else {
            related(store, settings, object, row, node)?
        };
        selected.insert(node.alias.clone(), value);
    }
    Ok(Value::Object(selected))
}

fn scalar(store: &Store, settings: &Settings, object: Object, row: u32, name: &str) -> Result<Value, String> {
    if name == "__typename" {
        return Ok(json!(object.name()));
    }
    let number = store.schema.number(object, name).ok_or_else(|| unknown(name, object.name()))?;
    Ok(show::field(store, settings, object, row, number))
}

/// What a record refers to, or what belongs to it.
fn related(store: &Store, settings: &Settings, object: Object, row: u32, node: &Node) -> Result<Value, String> {
    if let Some((_, child, reference)) = object.children().iter().find(|(name, ..)| *name == node.name) {
        let rows = store.children(*child, reference, &store.id(object, row)).into_iter();
        return rows.map(|row| select(store, settings, *child, row, &node.selection)).collect();
    }
    let reference = (0..).zip(store.schema.fields(object)).find_map(|(number, field): (FieldNo, _)| {
        field.relation().filter(|(relation, _)| *relation == node.name).map(|(_, other)| (number, other))
    });
    let (number, other) = reference.ok_or_else(|| unknown(&node.name, object.name()))?;
    let id: Option<Cell> = store.cell(object, row, number);
    match id.as_ref().and_then(Cell::as_text).and_then(|id| store.by_id(other, id)) {
        Some(found) => select(store, settings, other, found, &node.selection),
        None => Ok(Value::Null),
    }
}
