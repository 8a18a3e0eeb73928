//! What the v1 resources have in common: pages, refusals, and bodies whose names differ from the fields'.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value};

use super::call::Call;
use super::fail::{self, Reason, Refused};
use super::schema::{Entity, FieldNo};
use super::store::Store;
use super::write::{self, Changes, Mode};

/// The most records on a page.
const LARGEST_PAGE: usize = 40;

/// A page that a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// Reads `page` and `pageSize`.
    pub(crate) fn read(call: &Call, default_size: usize) -> Result<Self, Refused> {
        let parameter = |name: &str, default: usize| match call.parameter(name).map(str::parse::<usize>) {
            None => Ok::<usize, Refused>(default),
            Some(Ok(number)) if number >= 1 => Ok(number),
            Some(_) => Err(fail::resource(
                &call.marks,
                StatusCode::BAD_REQUEST,
                50_000_027,
                &format!("'{name}' must be a positive number"),
            )
            .into()),
        };
        let size = parameter("pageSize", default_size)?;
        if size > LARGEST_PAGE {
            let message = "'pageSize' must not be greater than 40";
            return Err(fail::resource(&call.marks, StatusCode::BAD_REQUEST, 50_000_027, message).into());
        }
        Ok(Self { number: parameter("page", 1)?, size })
    }

    /// The part of a list that stands on the page, and the address of the next one.
    pub(crate) fn cut<'a, T>(self, all: &'a [T], call: &Call) -> (&'a [T], Option<String>) {
        let start = all.len().min((self.number - 1).saturating_mul(self.size));
        let end = all.len().min(start.saturating_add(self.size));
        let next = (end < all.len())
            .then(|| format!("{}{}?page={}&pageSize={}", call.base, call.path, self.number + 1, self.size));
        (&all[start..end], next)
    }
}

/// There is no record with this key.
pub(crate) fn not_found(call: &Call, key: &str) -> Response {
    fail::resource(&call.marks, StatusCode::NOT_FOUND, 50_000_040, &format!("Cannot find entity by key: '{key}'."))
}

/// The call is understood and refused: the vendor says so with status 200.
pub(crate) fn refused(call: &Call, reason: &Reason) -> Response {
    let category = match reason.code {
        "MISSING_REQUIRED_VALUE" => 22,
        "INVALID_FIELD" => 21,
        "CANNOT_DELETE" | "DUPLICATE_VALUE" => 30,
        _ => 20,
    };
    fail::resource(&call.marks, StatusCode::OK, 50_000_000 + category, &reason.message)
}

/// Reads the fields of a v1 body. `names` pairs the body's names with the fields'; connector fields keep their names,
/// and others are ignored, as the vendor does. A null or an empty text empties a field.
pub(crate) fn read_body(
    store: &Store,
    entity: Entity,
    body: &Map<String, Value>,
    names: &[(&str, &str)],
) -> Result<Changes, Reason> {
    let mut changes = Changes::new();
    for (name, value) in body {
        let renamed = names.iter().find(|(theirs, _)| theirs == name).map(|(_, field)| *field);
        let connector = || entity.exact_field(name).filter(|field| entity.at(*field).is_connector_field());
        let Some(field) = renamed.and_then(|name| entity.field(name)).or_else(connector) else { continue };
        changes.push((field, read_value(store, entity, field, value)?));
    }
    Ok(changes)
}

fn read_value(
    store: &Store,
    entity: Entity,
    field: FieldNo,
    value: &Value,
) -> Result<Option<super::value::Cell>, Reason> {
    let empty = value.is_null() || value.as_str() == Some("");
    match empty {
        true if entity.at(field).required => Err(Reason::new(
            "MISSING_REQUIRED_VALUE",
            format!("The field {} must not be empty.", entity.at(field).name),
        )),
        true => Ok(None),
        false => write::read_field(store, entity, field, value, Mode::Update).map(Some),
    }
}

/// Checks changes against the vendor's rules and makes them.
pub(crate) fn commit(store: &mut Store, entity: Entity, row: u32, changes: Changes, now: i64) -> Result<(), Reason> {
    let mut wish = write::Wish { changes, ..write::Wish::default() };
    write::check(store, entity, Some(row), &mut wish);
    match wish.reasons.into_iter().next() {
        Some(reason) => Err(reason),
        None => {
            store.update(entity, row, &wish.changes, now);
            Ok(())
        }
    }
}
