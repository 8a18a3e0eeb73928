//! How a request changes a sublist.
//!
//! All sublists held here are keyed: a line of the request whose key is known changes that line, any other is added.
//! With `?replace=` the lines that the request does not name go.

use serde_json::{Map, Value as Json};

use super::Context;
use super::body::{self, Reading};
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::schema::Shape;
use crate::netsuite::store::{Fields, Value};

/// The sublist that a request changes.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// Its field.
    pub(super) name: &'static str,
    /// The shape of its lines.
    pub(super) shape: &'a Shape,
    /// Where it stands in the body.
    pub(super) path: &'a str,
}

/// The field by which lines of a sublist are told apart.
pub(crate) fn key(sublist: &str) -> &'static str {
    match sublist {
        "addressBook" => "id",
        "currencyList" => "currency",
        "apply" => "doc",
        _ => "line",
    }
}

/// Changes a sublist as the request says.
pub(super) fn fill(
    context: &Context<'_>,
    target: Target<'_>,
    json: &Json,
    fields: &mut Fields,
    reading: &mut Reading,
) -> Verdict<()> {
    let old = fields.lines(target.name).to_vec();
    let items = match json {
        Json::Null => &Json::Null,
        Json::Object(object) => object.get("items").unwrap_or(&Json::Null),
        _ => return Err(Refusal::content("Invalid sublist: an object with \"items\" is expected.", target.path)),
    };
    let requests = match items {
        Json::Null => {
            fields.clear(target.name);
            return Ok(());
        }
        Json::Array(requests) => requests,
        _ => return Err(Refusal::content("Invalid sublist: \"items\" must be a list.", target.path)),
    };
    let mut lines = if reading.replaces(target.name) { Vec::new() } else { old.clone() };
    for (at, request) in requests.iter().enumerate() {
        let path = format!("{}.items[{at}]", target.path);
        let Json::Object(request) = request else {
            return Err(Refusal::content("Invalid line: an object is expected.", path));
        };
        let line = read_line(context, target, request, &old, &path, reading)?;
        place(&mut lines, line, key(target.name));
    }
    number(&mut lines, &old, target.name);
    fields.put(target.name, (!lines.is_empty()).then_some(Value::Lines(lines)));
    Ok(())
}

/// Reads a line on top of the line it changes.
fn read_line(
    context: &Context<'_>,
    target: Target<'_>,
    request: &Map<String, Json>,
    old: &[Fields],
    path: &str,
    reading: &mut Reading,
) -> Verdict<Fields> {
    let key = key(target.name);
    let mut named = Fields::default();
    let of_key: Map<String, Json> = request
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(name, json)| (name.clone(), json.clone()))
        .collect();
    body::fill(context, target.shape, &of_key, &mut named, path, reading)?;
    let Some(wanted) = named.get(key) else {
        body::fill(context, target.shape, request, &mut named, path, reading)?;
        return Ok(named);
    };
    let known = old.iter().find(|line| line.get(key) == Some(wanted));
    // The number of a line is the vendor's to give: a change must name a line that is there.
    if known.is_none() && !old.is_empty() && matches!(key, "line" | "id") {
        let text = wanted_text(wanted);
        return Err(Refusal::invalid_value(&text, key, &format!("{path}.{key}")));
    }
    let mut line = known.cloned().unwrap_or_default();
    body::fill(context, target.shape, request, &mut line, path, reading)?;
    Ok(line)
}

fn wanted_text(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        _ => String::new(),
    }
}

fn place(lines: &mut Vec<Fields>, line: Fields, key: &str) {
    let at = line.get(key).and_then(|wanted| lines.iter().position(|known| known.get(key) == Some(wanted)));
    match at {
        Some(at) => lines[at] = line,
        None => lines.push(line),
    }
}

/// Gives numbers to new lines: numbers never return after a line is gone.
fn number(lines: &mut [Fields], old: &[Fields], sublist: &str) {
    let key = key(sublist);
    if !matches!(key, "line" | "id") {
        return;
    }
    let mut last = old.iter().filter_map(|line| line.integer(key)).max().unwrap_or(0);
    for line in lines.iter_mut() {
        if old.is_empty() || !line.has(key) {
            last += 1;
            line.set(key, Value::Integer(last));
        }
    }
}
