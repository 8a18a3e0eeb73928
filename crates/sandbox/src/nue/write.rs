//! Bodies become fields of records, checked.

use serde_json::{Map, Value};

use super::fail::Refusal;
use super::schema::{Access, FieldNo, Kind, Object};
use super::settings::{Settings, Unknown};
use super::store::Store;
use super::value::{self, Cell};

/// Whether a record is made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Make,
    Change,
}

/// What a body sets; `None` empties a field.
pub(crate) type Changes = Vec<(FieldNo, Option<Cell>)>;

/// Reads a body. `besides` are keys that the caller of this deals with; `place` says where in the call the body stands.
pub(crate) fn read(
    store: &Store,
    settings: &Settings,
    object: Object,
    body: &Map<String, Value>,
    mode: Mode,
    besides: &[&str],
    place: &str,
) -> Result<Changes, Refusal> {
    let mut changes = Vec::new();
    for (key, value) in body.iter().filter(|(key, _)| !besides.contains(&key.as_str())) {
        match (key.as_str(), value) {
            ("customFields", Value::Object(fields)) if object.nests_custom_fields() => {
                for (key, value) in fields {
                    changes.extend(one(store, settings, object, key, value, mode, place)?);
                }
            }
            _ => changes.extend(one(store, settings, object, key, value, mode, place)?),
        }
    }
    let is_given = |number: FieldNo| changes.iter().any(|(held, cell)| *held == number && cell.is_some());
    let is_emptied = |number: FieldNo| changes.iter().any(|(held, cell)| *held == number && cell.is_none());
    for (number, field) in (0..).zip(store.schema.fields(object)).filter(|(_, field)| field.required) {
        if (mode == Mode::Make && !is_given(number)) || is_emptied(number) {
            return Err(Refusal::field(format!("{place}{}", field.name), "is required"));
        }
    }
    Ok(changes)
}

fn one(
    store: &Store,
    settings: &Settings,
    object: Object,
    key: &str,
    value: &Value,
    mode: Mode,
    place: &str,
) -> Result<Option<(FieldNo, Option<Cell>)>, Refusal> {
    let named = format!("{place}{key}");
    // `customer: {id}` says the same as `customerId`.
    let id = if value.is_null() { Some(value) } else { value.get("id") };
    let related = id.and_then(|id| Some((store.schema.number(object, &format!("{key}Id"))?, id)));
    let direct = store.schema.number(object, key).map(|number| (number, value));
    let Some((number, value)) = direct.or(related) else {
        return match settings.unknown_fields {
            Unknown::Refuse => Err(Refusal::field(named, "does not exist")),
            Unknown::Ignore => Ok(None),
        };
    };
    let field = store.schema.at(object, number);
    if field.access == Access::System || (field.access == Access::Birth && mode == Mode::Change) {
        return Err(Refusal::field(named, "is read-only"));
    }
    let cell = value::read(value, field.kind).map_err(|error| Refusal::field(&named, error))?;
    match (field.kind, &cell) {
        (Kind::Ref(other), Some(Cell::Text(key))) => {
            let Some(row) = store.by_key(other, key) else {
                return Err(Refusal::field(
                    named,
                    format!("refers to the {} `{key}`, which does not exist", other.name()),
                ));
            };
            Ok(Some((number, Some(Cell::text(&store.id(other, row))))))
        }
        _ => Ok(Some((number, cell))),
    }
}

/// What the changes say of a field.
pub(crate) fn given<'a>(store: &Store, object: Object, changes: &'a Changes, name: &str) -> Option<&'a Cell> {
    let number = store.schema.number(object, name)?;
    changes.iter().find(|(held, _)| *held == number).and_then(|(_, cell)| cell.as_ref())
}

/// The changes of a record that is made.
pub(crate) fn filled(changes: Changes) -> Vec<(FieldNo, Cell)> {
    changes.into_iter().filter_map(|(number, cell)| Some((number, cell?))).collect()
}
