//! Both sides' books in a form in which those of two runs can be compared: without the ids that the destination gives in
//! the order of arrival, and without times.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::simulator::wire_oracles::Told;

/// Records by type and key.
pub(super) type Comparable = BTreeMap<String, Json>;

/// What both sides hold.
pub(super) fn comparable(here: Told, there: Told) -> Comparable {
    let text = |record: &Json, field: &str| record[field].as_str().unwrap_or_default().to_owned();
    let mut books = Comparable::new();
    for (side, told) in [("here", here), ("there", there)] {
        for (kind, mut record) in told {
            let own = if side == "here" { text(&record, "Id") } else { text(&record, "externalId") };
            // Two of one key are two.
            let mut name = format!("{side} {kind} {own}");
            while books.contains_key(&name) {
                name.push('\'');
            }
            strip(&mut record);
            books.insert(name, record);
        }
    }
    books
}

/// What differs, told for a person: the first few records.
pub(super) fn differences(wanted: &Comparable, found: &Comparable) -> Vec<String> {
    let mut told = Vec::new();
    for (name, record) in wanted {
        match found.get(name) {
            None => told.push(format!("{name} is missing")),
            Some(other) if other != record => told.push(format!("{name}: {}", difference(record, other))),
            Some(_) => {}
        }
    }
    told.extend(found.keys().filter(|name| !wanted.contains_key(*name)).map(|name| format!("{name} is one too many")));
    told
}

fn difference(wanted: &Json, found: &Json) -> String {
    let none = Map::new();
    let (wanted, found) = (wanted.as_object().unwrap_or(&none), found.as_object().unwrap_or(&none));
    let fields = wanted.keys().chain(found.keys().filter(|field| !wanted.contains_key(*field)));
    let differing = fields.filter(|field| wanted.get(*field) != found.get(*field));
    let said = |value: Option<&Json>| value.map_or("nothing".to_owned(), Json::to_string);
    differing
        .map(|field| format!("{field} is {} for {}", said(found.get(field)), said(wanted.get(field))))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Which record an id means, the oracles of the wire have looked at; here a reference counts by its name. A fingerprint is
/// made of ids, too.
fn strip(value: &mut Json) {
    match value {
        Json::Object(fields) => {
            fields.retain(|name, _| !["links", "id", "lineUniqueKey", "transactionNumber"].contains(&name.as_str()));
            for (name, value) in fields.iter_mut() {
                if name.starts_with("IntegrationId") || name.contains("fingerprint") {
                    *value = Json::Bool(!value.is_null());
                } else {
                    strip(value);
                }
            }
        }
        Json::Array(values) => values.iter_mut().for_each(strip),
        Json::String(text) if is_time(text) => *text = "a time".to_owned(),
        _ => {}
    }
}

/// `2026-11-22T10:00:00Z` and the like; a day is no time.
fn is_time(text: &str) -> bool {
    text.len() > 15
        && text.as_bytes().get(10).is_some_and(|letter| *letter == b'T' || *letter == b' ')
        && text.starts_with("20")
}
