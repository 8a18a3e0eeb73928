//! Reads single values.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Number, Value as Json};

use crate::netsuite::errors::Refusal;
use crate::netsuite::schema::{self, Field, Kind};
use crate::netsuite::store::{Record, Ref, Store, Value};

/// Why a value cannot be taken.
#[derive(Debug)]
pub(super) enum Problem {
    /// It is malformed: the caller may ask to have such values dropped.
    Syntax(String),
    /// It is refused whatever the caller asks for.
    Refused(Refusal),
}

/// Reads a value that is not empty.
pub(super) fn read(store: &Store, field: &Field, json: &Json, path: &str) -> Result<Value, Problem> {
    let malformed =
        |what: &str| Problem::Syntax(format!("Invalid value for the property '{}': {what} is expected.", field.name));
    match &field.kind {
        Kind::Text => text(field, json),
        Kind::Number => number(json).map(Value::Number).ok_or_else(|| malformed("a number")),
        Kind::Integer => integer(json).map(Value::Integer).ok_or_else(|| malformed("a whole number")),
        Kind::Flag => json.as_bool().map(Value::Flag).ok_or_else(|| malformed("true or false")),
        Kind::Date => date(json).map(Value::Date).ok_or_else(|| malformed("a date (YYYY-MM-DD)")),
        Kind::Moment => moment(json).map(Value::Moment).ok_or_else(|| malformed("a date and time (RFC 3339)")),
        Kind::Country => choice(json, path, field.name, schema::country),
        Kind::Choice(values) => {
            choice(json, path, field.name, |text| values.iter().copied().find(|known| known.eq_ignore_ascii_case(text)))
        }
        Kind::Ref(kind) => reference(store, kind, field.name, json, path).map(Value::Ref),
        Kind::Many(kind) => many(store, kind, field.name, json, path),
        Kind::Lines(_) | Kind::Part(_) | Kind::Unheld => Err(malformed("another value")),
    }
}

fn text(field: &Field, json: &Json) -> Result<Value, Problem> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(flag) => flag.to_string(),
        _ => {
            return Err(Problem::Syntax(format!(
                "Invalid value for the property '{}': a string is expected.",
                field.name
            )));
        }
    };
    match field.length {
        Some(length) if text.chars().count() > length => Err(Problem::Refused(Refusal::user(format!(
            "The field {} contained more than the maximum number ( {length} ) of characters allowed.",
            field.name.to_ascii_lowercase()
        )))),
        _ => Ok(Value::Text(text)),
    }
}

/// An exact number, from a JSON number or from a text that holds one.
pub(crate) fn number(json: &Json) -> Option<Decimal> {
    let text = match json {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

fn integer(json: &Json) -> Option<i64> {
    let number = number(json)?.normalize();
    number.is_integer().then(|| number.to_string().parse().ok()).flatten()
}

fn date(json: &Json) -> Option<Date> {
    let text = json.as_str()?;
    // A date-time is taken by its day, without a shift of zone.
    let day = text.get(..10)?;
    let date: Date = day.parse().ok()?;
    (text.len() == 10 || text.as_bytes().get(10) == Some(&b'T')).then_some(date)
}

fn moment(json: &Json) -> Option<Timestamp> {
    json.as_str()?.parse().ok()
}

fn choice(json: &Json, path: &str, field: &str, find: impl Fn(&str) -> Option<&'static str>) -> Result<Value, Problem> {
    let text = match json {
        Json::Object(object) => object.get("id").or_else(|| object.get("refName")).and_then(id_text),
        other => id_text(other),
    };
    let Some(text) = text else {
        return Err(Problem::Syntax(format!("Invalid value for the property '{field}': an id is expected.")));
    };
    find(&text).map(Value::Choice).ok_or_else(|| Problem::Refused(Refusal::invalid_value(&text, field, path)))
}

fn id_text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(Number::to_string(number)),
        _ => None,
    }
}

/// How a reference names its target.
enum Named {
    Id(String),
    ExternalId(String),
    Name(String),
}

fn named(json: &Json) -> Option<Named> {
    match json {
        Json::Object(object) => {
            let part = |name: &str| {
                object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| id_text(value))
            };
            part("id")
                .map(Named::Id)
                .or_else(|| part("externalId").map(Named::ExternalId))
                .or_else(|| part("refName").map(Named::Name))
        }
        other => id_text(other).map(Named::Id),
    }
}

fn reference(store: &Store, kind: &'static str, field: &str, json: &Json, path: &str) -> Result<Ref, Problem> {
    let Some(named) = named(json) else {
        return Err(Problem::Syntax(format!("Invalid value for the property '{field}': a reference is expected.")));
    };
    resolve(store, kind, &named).ok_or_else(|| {
        let (Named::Id(value) | Named::ExternalId(value) | Named::Name(value)) = &named;
        Problem::Refused(Refusal::invalid_value(value, field, path))
    })
}

fn resolve(store: &Store, kind: &'static str, named: &Named) -> Option<Ref> {
    if let Some(list) = schema::fixed_list(kind) {
        let found = list.values.iter().find(|(id, name)| match named {
            Named::Id(text) => text.parse() == Ok(*id),
            Named::Name(text) => text.eq_ignore_ascii_case(name),
            Named::ExternalId(_) => false,
        });
        return found.map(|(id, _)| Ref { kind: list.name, id: *id });
    }
    let table = store.table(schema::target_table(kind));
    let record = match named {
        Named::Id(text) => match text.strip_prefix("eid:") {
            Some(external_id) => table.by_external_id(external_id),
            None => text.parse().ok().and_then(|id| table.get(id)),
        },
        Named::ExternalId(text) => table.by_external_id(text),
        Named::Name(text) => table.iter().find(|record| store.name(record).eq_ignore_ascii_case(text)),
    }?;
    fits(record, kind).then_some(Ref { kind, id: record.id })
}

/// A reference takes active records of its own type.
fn fits(record: &Record, kind: &str) -> bool {
    (matches!(kind, "item" | "transaction") || record.kind.name == kind) && !record.fields.flag("isInactive")
}

fn many(store: &Store, kind: &'static str, field: &str, json: &Json, path: &str) -> Result<Value, Problem> {
    let items = match json {
        Json::Object(object) => match object.get("items") {
            Some(Json::Array(items)) => items.clone(),
            Some(_) => {
                return Err(Problem::Syntax(format!("Invalid value for the property '{field}': a list is expected.")));
            }
            None => vec![json.clone()],
        },
        Json::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    let targets: Result<Vec<Ref>, Problem> = items
        .iter()
        .enumerate()
        .map(|(at, item)| reference(store, kind, field, item, &format!("{path}.items[{at}]")))
        .collect();
    targets.map(Value::Many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_whether_written_as_number_or_as_text() {
        let json: Json = serde_json::from_str("[0.1, \"19.99\", 1e3, 123456789012345678.91]").unwrap();
        let numbers: Vec<String> =
            json.as_array().unwrap().iter().map(|one| number(one).unwrap().to_string()).collect();
        assert_eq!(numbers, ["0.1", "19.99", "1000", "123456789012345678.91"]);
    }

    #[test]
    fn a_reference_takes_an_id_as_text_as_number_or_in_an_object() {
        let schedule = |json: &str| {
            reference(&Store::default(), "taxSchedule", "taxSchedule", &serde_json::from_str(json).unwrap(), "x")
        };
        for json in ["\"1\"", "1", "{\"id\":\"1\"}", "{\"id\":1}", "{\"refName\":\"taxable\"}"] {
            assert_eq!(schedule(json).unwrap().id, 1, "{json}");
        }
        assert!(matches!(schedule("{\"id\":\"9\"}"), Err(Problem::Refused(_))));
    }
}
