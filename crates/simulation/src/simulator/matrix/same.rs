//! Both sides' books in a form in which those of two runs can be compared: without the ids that the destination gives in
//! the order of arrival, and without times.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json};

use crate::simulator::pairs::{Pair, Told};
use crate::simulator::wire_oracles::id_of;

/// Records by type and key.
pub(super) type Comparable = BTreeMap<String, Json>;

/// What both sides hold.
pub(super) fn comparable(pair: &dyn Pair, told: Vec<Told>) -> Comparable {
    let name = |told: &Told| format!("{} {} {}", told.application, told.kind, pair.name(told));
    // Ids that are numbers would be taken for other numbers.
    let names: HashMap<String, String> =
        told.iter().map(|told| (id_of(told), name(told))).filter(|(id, _)| id.len() >= 15).collect();
    let mut books = Comparable::new();
    for mut told in told.into_iter().filter(|told| pair.stands(told)) {
        // Two of one key are two.
        let mut name = name(&told);
        while books.contains_key(&name) {
            name.push('\'');
        }
        strip(&mut told.record, &names);
        books.insert(name, told.record);
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

/// What a vendor gives in the order of arrival, and what is made of it.
const OF_ARRIVAL: [&str; 7] =
    ["links", "attributes", "id", "lineUniqueKey", "transactionNumber", "OwnerId", "subscriptionCompositeId"];

/// Which record an id means, the oracles of the wire have looked at; here a reference counts by the name of its record. A
/// fingerprint is made of ids, too.
fn strip(value: &mut Json, names: &HashMap<String, String>) {
    match value {
        Json::Object(fields) => {
            fields.retain(|name, _| !OF_ARRIVAL.contains(&name.as_str()));
            for (name, value) in fields.iter_mut() {
                if name.starts_with("IntegrationId") || name.contains("fingerprint") || name == "Integration_Version__c"
                {
                    *value = Json::Bool(!value.is_null());
                } else {
                    strip(value, names);
                }
            }
        }
        Json::Array(values) => values.iter_mut().for_each(|value| strip(value, names)),
        Json::String(text) if is_time(text) => *text = "a time".to_owned(),
        Json::String(text) if is_running_number(text) => *text = "a running number".to_owned(),
        Json::String(text) => {
            if let Some(name) = names.get(text) {
                text.clone_from(name);
            }
        }
        _ => {}
    }
}

/// `2026-11-22T10:00:00Z` and the like; a day is no time.
fn is_time(text: &str) -> bool {
    text.len() > 15
        && text.as_bytes().get(10).is_some_and(|letter| *letter == b'T' || *letter == b' ')
        && text.starts_with("20")
}

/// `O-10000017`: Nue's own numbers, of which no record of the books has one.
fn is_running_number(text: &str) -> bool {
    let number = text.rsplit_once('-').map_or("", |(_, number)| number);
    number.len() == 8 && number.starts_with("1000") && number.bytes().all(|digit| digit.is_ascii_digit())
}
