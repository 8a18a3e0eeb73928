//! Reads a JSON body into fields, by the shape of the record.

use serde_json::{Map, Value as Json};

use super::Context;
use super::scalar::{self, Problem};
use super::sublist;
use crate::netsuite::errors::{At, Refusal, Verdict};
use crate::netsuite::schema::{self, Field, Kind, Shape};
use crate::netsuite::store::{Fields, Value};

/// What happens to a name or a value that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// The request is refused.
    Error,
    /// The field is dropped, and a response header says so.
    Warning,
    /// The field is dropped.
    Ignore,
}

impl Check {
    /// Reads a validation header, without regard to case.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "error" => Some(Self::Error),
            "warning" => Some(Self::Warning),
            "ignore" => Some(Self::Ignore),
            _ => None,
        }
    }
}

/// How a body is to be read, and what was noticed meanwhile.
#[derive(Debug)]
pub(crate) struct Reading {
    /// What happens to unknown field names.
    pub(crate) names: Check,
    /// What happens to malformed values.
    pub(crate) values: Check,
    /// The sublists that the request replaces.
    pub(crate) replace: Vec<String>,
    /// What was dropped.
    pub(crate) warnings: Vec<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { names: Check::Warning, values: Check::Error, replace: Vec::new(), warnings: Vec::new() }
    }
}

impl Reading {
    fn unknown_name(&mut self, name: &str, path: &str) -> Verdict<()> {
        let detail = format!("Unknown property '{name}': the field does not exist on the record.");
        match self.names {
            Check::Error => {
                Err(Refusal { at: Some(At::Path(path.to_owned())), ..Refusal::new(400, "NONEXISTENT_FIELD", detail) })
            }
            Check::Warning => {
                self.warnings.push(format!("{path}: unknown property, ignored"));
                Ok(())
            }
            Check::Ignore => Ok(()),
        }
    }

    fn bad_value(&mut self, detail: String, path: &str) -> Verdict<()> {
        match self.values {
            Check::Error => Err(Refusal::content(detail, path)),
            Check::Warning => {
                self.warnings.push(format!("{path}: {detail}"));
                Ok(())
            }
            Check::Ignore => Ok(()),
        }
    }

    /// Whether the request replaces a sublist.
    pub(crate) fn replaces(&self, sublist: &str) -> bool {
        self.replace.iter().any(|name| name.eq_ignore_ascii_case(sublist))
    }
}

/// Reads all properties of an object into fields.
pub(super) fn fill(
    context: &Context<'_>,
    shape: &Shape,
    body: &Map<String, Json>,
    fields: &mut Fields,
    path: &str,
    reading: &mut Reading,
) -> Verdict<()> {
    for (name, json) in body {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match shape.field(name) {
            Some(field) => fill_field(context, field, json, fields, &path, reading)?,
            None if matches!(name.as_str(), "links" | "id" | "refName") => {}
            None => reading.unknown_name(name, &path)?,
        }
    }
    Ok(())
}

fn fill_field(
    context: &Context<'_>,
    field: &Field,
    json: &Json,
    fields: &mut Fields,
    path: &str,
    reading: &mut Reading,
) -> Verdict<()> {
    if field.computed {
        return Ok(());
    }
    match &field.kind {
        Kind::Unheld if json.is_null() => Ok(()),
        Kind::Unheld => Err(Refusal::not_emulated(format!("the property {path}"))),
        Kind::Lines(shape) => {
            let shape = schema::shape(shape).ok_or_else(|| Refusal::not_emulated(format!("the sublist {path}")))?;
            sublist::fill(context, sublist::Target { name: field.name, shape, path }, json, fields, reading)
        }
        Kind::Part(shape) => fill_part(context, field.name, shape, json, fields, path, reading),
        _ if is_empty(json) => {
            fields.clear(field.name);
            Ok(())
        }
        _ => match scalar::read(context.store, field, json, path) {
            Ok(value) => {
                fields.set(field.name, value);
                Ok(())
            }
            Err(Problem::Syntax(detail)) => reading.bad_value(detail, path),
            Err(Problem::Refused(refusal)) => Err(refusal),
        },
    }
}

fn fill_part(
    context: &Context<'_>,
    name: &'static str,
    shape: &str,
    json: &Json,
    fields: &mut Fields,
    path: &str,
    reading: &mut Reading,
) -> Verdict<()> {
    let shape = schema::shape(shape).ok_or_else(|| Refusal::not_emulated(format!("the property {path}")))?;
    match json {
        Json::Null => {
            fields.clear(name);
            Ok(())
        }
        Json::Object(body) => {
            let mut part = match fields.get(name) {
                Some(Value::Part(old)) => (**old).clone(),
                _ => Fields::default(),
            };
            fill(context, shape, body, &mut part, path, reading)?;
            fields.set(name, Value::Part(Box::new(part)));
            Ok(())
        }
        _ => reading.bad_value("Invalid value: an object is expected.".to_owned(), path),
    }
}

/// A null clears a field, and so does an empty text.
fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        _ => false,
    }
}
