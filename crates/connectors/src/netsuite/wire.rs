//! Ours to SuiteTalk's and back, pure: bodies, records, sublists.

use std::io::Write;

use model::ports::{Found, LookUpKey, Target};
use model::value::{Record, Value};
use reqwest::header::{HeaderMap, LOCATION};

use super::{objects, suiteql};
use crate::json::{self, Malformed};

/// The fields by which an entry of a keyed sublist is known. Oracle's schema lists both; it does not say which of
/// them is the key, so what was read is sent back whole.
const ENTRY_KEYS: [&str; 2] = ["id", "internalId"];

/// The body of a create: the key stands in it, so that a repeat is refused and no line can double.
pub(super) fn create_body(key: &LookUpKey, fields: &Record) -> Vec<u8> {
    let mut body = Vec::with_capacity(1024);
    body.extend_from_slice(b"{\"externalId\":");
    json::write_text(key.external.as_str(), &mut body);
    for (name, value) in fields.iter().filter(|(name, _)| *name != "externalId") {
        write_field(b',', name, value, &mut body);
    }
    body.push(b'}');
    body
}

/// The body of an update.
pub(super) fn update_body(fields: &Record) -> Vec<u8> {
    let mut body = Vec::with_capacity(1024);
    write_record(fields, &mut body);
    body
}

fn write_record(record: &Record, body: &mut Vec<u8>) {
    let mut separator = b'{';
    for (name, value) in record.iter() {
        write_field(separator, name, value, body);
        separator = b',';
    }
    body.extend_from_slice(if record.is_empty() { b"{}" } else { b"}" });
}

fn write_field(separator: u8, name: &str, value: &Value, body: &mut Vec<u8>) {
    body.push(separator);
    json::write_text(name, body);
    body.push(b':');
    write_value(value, body);
}

/// Decimals with their exact text, references as records of an id, sublists in an envelope: `{"items": [...]}`.
fn write_value(value: &Value, body: &mut Vec<u8>) {
    match value {
        Value::Null => body.extend_from_slice(b"null"),
        Value::Bool(truth) => body.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Number(number) => {
            // Writing into memory does not fail.
            let _ = write!(body, "{number}");
        }
        Value::Text(text) => json::write_text(text, body),
        Value::Reference(id) => {
            body.extend_from_slice(b"{\"id\":");
            json::write_text(id, body);
            body.push(b'}');
        }
        Value::Record(nested) => write_record(nested, body),
        Value::List(entries) => {
            body.extend_from_slice(b"{\"items\":[");
            for (position, entry) in entries.iter().enumerate() {
                if position > 0 {
                    body.push(b',');
                }
                write_record(entry, body);
            }
            body.extend_from_slice(b"]}");
        }
    }
}

/// The sublists of an update that are ours alone: they replace what is there. Without being named so, entries of a
/// sublist that has no key would be appended, and a repeat would double them.
pub(super) fn replaced(target: &Target, fields: &Record) -> String {
    let shared = |name: &str| target.shared_lists.iter().any(|(list, _)| list == name);
    let ours = fields.iter().filter(|(name, value)| matches!(value, Value::List(_)) && !shared(name));
    ours.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(",")
}

/// Whether an update touches a sublist that people share with us.
pub(super) fn touches_shared(target: &Target, fields: &Record) -> bool {
    target.shared_lists.iter().any(|(list, _)| matches!(fields.get(list), Value::List(_)))
}

/// Gives our entries of shared sublists the keys of those that stand there already, so that they are updated; what
/// the draft does not name is not sent, and stays.
pub(super) fn with_entry_keys(target: &Target, fields: &Record, held: &Record) -> Result<Record, String> {
    let mut record = fields.clone();
    for (list, own) in &target.shared_lists {
        let Value::List(entries) = fields.get(list) else { continue };
        let keyed = entries.iter().map(|entry| keyed(list, own, entry, held.list(list)));
        record.set(list.as_str(), Value::List(keyed.collect::<Result<_, _>>()?));
    }
    Ok(record)
}

fn keyed(list: &str, own: &str, entry: &Record, held: &[Record]) -> Result<Record, String> {
    let mark = entry.get(own).show();
    if mark.is_empty() {
        return Err(format!("an entry of {list} has no {own}, by which it could be known again"));
    }
    let mut same = held.iter().filter(|held| held.get(own).show().trim() == mark.trim());
    let Some(found) = same.next() else { return Ok(entry.clone()) };
    if same.next().is_some() {
        return Err(format!("{list} has two entries with the {own} '{mark}': delete the one that is not wanted"));
    }
    let mut keyed = Record::with_capacity(entry.len() + 2);
    for key in ENTRY_KEYS {
        if !found.get(key).is_null() {
            keyed.set(key, found.get(key).clone());
        }
    }
    if keyed.is_empty() {
        return Err(format!("the entry '{mark}' of {list} tells no id, and without one it would be added again"));
    }
    for (name, value) in entry.iter() {
        keyed.set(name.clone(), value.clone());
    }
    Ok(keyed)
}

/// The id of a record that was made: the last part of `Location`.
pub(super) fn created_id(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let id = location.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?;
    (!id.is_empty() && id.chars().all(|letter| letter.is_ascii_digit())).then(|| id.to_owned())
}

/// Reads a whole record: sublists as lists, references as their ids, links left out.
pub(super) fn record(body: &[u8]) -> Result<Record, Malformed> {
    reduced_fields(&json::record(body)?)
}

fn reduced_fields(raw: &Record) -> Result<Record, Malformed> {
    let mut record = Record::with_capacity(raw.len());
    for (name, value) in raw.iter().filter(|(name, _)| *name != "links") {
        let value = reduced(name, value)?;
        if !value.is_null() {
            record.push(name.clone(), value);
        }
    }
    Ok(record)
}

fn reduced(name: &str, value: &Value) -> Result<Value, Malformed> {
    let nested = match value {
        Value::Record(nested) => nested,
        plain => return Ok(plain.clone()),
    };
    if let Value::List(entries) = nested.get("items") {
        let total = nested.get("totalResults").as_number();
        let cut = nested.get("hasMore").as_bool() == Some(true);
        if cut || total.is_some_and(|total| total > entries.len().into()) {
            let what = format!("a sublist of which only {} entries came", entries.len());
            return Err(Malformed::in_field(what, name));
        }
        return entries.iter().map(entry).collect::<Result<_, _>>().map(Value::List);
    }
    let is_reference = !nested.get("id").is_null()
        && nested.iter().all(|(name, _)| matches!(name.as_str(), "links" | "id" | "refName" | "externalId"));
    if is_reference {
        return Ok(Value::reference(nested.get("id").show()));
    }
    let record = reduced_fields(nested)?;
    Ok(if record.is_empty() { Value::Null } else { Value::record(record) })
}

/// An entry of a sublist. Where it tells no key of its own, its address does.
fn entry(raw: &Record) -> Result<Record, Malformed> {
    let mut record = reduced_fields(raw)?;
    let keyless = ["id", "internalId", "line"].iter().all(|key| record.get(key).is_null());
    let address = raw.list("links").iter().find(|link| link.text("rel") == "self").map(|link| link.text("href"));
    if let (true, Some(id)) = (keyless, address.and_then(|href| href.rsplit('/').next())) {
        record.set("id", Value::text(id));
    }
    Ok(record)
}

/// The columns of a target out of a whole record, as SuiteQL would give them: a reference as its id, a truth value
/// as `T` or `F`.
pub(super) fn columns(target: &Target, record: &Record) -> Record {
    let mut found = Record::with_capacity(target.columns.len());
    for column in &target.columns {
        let value = match column.to_lowercase().as_str() {
            suiteql::LINES => Value::Number(record.list("item").len().into()),
            suiteql::RECORD_TYPE => Value::text(target.object.to_lowercase()),
            _ => objects::fields(column)
                .iter()
                .map(|field| suiteql::cell(record, field))
                .find(|value| !value.is_null())
                .map_or(Value::Null, flat),
        };
        if !value.is_null() {
            found.set(column.as_str(), value);
        }
    }
    found
}

/// A row of a search, with what the whole record tells in place of what it tells too. The lines are counted by the search
/// where it has the record: only there automatic ones can be told apart.
pub(super) fn newest(target: &Target, record: &Record, mut found: Found) -> Found {
    for (column, value) in columns(target, record).iter() {
        let counted = column.eq_ignore_ascii_case(suiteql::LINES) && !found.record.get(column).is_null();
        if !counted {
            found.record.set(column.clone(), value.clone());
        }
    }
    found
}

fn flat(value: &Value) -> Value {
    match value {
        Value::Reference(_) | Value::Record(_) => Value::text(value.show()),
        Value::Bool(truth) => Value::text(if *truth { "T" } else { "F" }),
        Value::List(_) => Value::Null,
        plain => plain.clone(),
    }
}
