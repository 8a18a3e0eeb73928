//! Ours to Zuora's and back, pure: ZOQL, the update action, the description of an object.

use std::borrow::Cow;

use model::ports::{Comparator, Condition, FieldUse, Lack, Mark, Selection};
use model::value::{Name, Record, Value};
use serde::Deserialize;

use crate::json::{self, Malformed, Records, Text};

/// ZOQL takes no more conditions in a query.
const CONDITIONS: usize = 200;
/// A query is no longer than this, in characters: an id's condition takes some 50 of them, so the length can bind before
/// the number of conditions does. (Third-party reports of "query string too long"; not on Zuora's page of limits.)
const LENGTH: usize = 10_000;
/// How many records the update action takes.
pub(super) const MARKS_A_CALL: usize = 50;
/// How many records a query gives before it hands out a locator.
const BATCH: usize = 2000;

/// No query has more records; one that says so has no end.
const MOST_RECORDS: u64 = 100_000_000;

/// What went wrong before anything was sent.
pub(super) type Unfit = String;

/// The ZOQL of a selection. More alternatives than a query takes become several queries; a record that more than
/// one of them matches then comes more than once.
pub(super) fn select(selection: &Selection) -> Result<Vec<String>, Unfit> {
    let head = head(&selection.object, &selection.fields)?;
    let mut queries = Vec::new();
    let (mut filter, mut used) = (String::new(), 0);
    for all in &selection.any {
        if all.is_empty() {
            return Ok(vec![head]);
        }
        if all.len() > CONDITIONS {
            return Err(format!("{} conditions together are more than the {CONDITIONS} that a query takes", all.len()));
        }
        if used + all.len() > CONDITIONS {
            queries.push(format!("{head} where {filter}"));
            filter.clear();
            used = 0;
        }
        let terms = all.iter().map(condition).collect::<Result<Vec<_>, _>>()?;
        if used > 0 {
            filter.push_str(" or ");
        }
        // `and` binds before `or`, and there are no parentheses: the disjunctive form is written as it stands.
        filter.push_str(&terms.join(" and "));
        used += all.len();
    }
    if used > 0 {
        queries.push(format!("{head} where {filter}"));
    }
    Ok(queries)
}

/// The ZOQL that fetches the records whose `field` is one of `keys`; as many queries as it takes.
pub(super) fn fetch(object: &str, fields: &[Name], field: &str, keys: &[&str]) -> Result<Vec<String>, Unfit> {
    let head = format!("{} where ", head(object, fields)?);
    let field = name(field)?;
    let mut queries: Vec<String> = Vec::new();
    let mut used = CONDITIONS;
    let mut term = String::new();
    for key in keys {
        term.clear();
        term.push_str(field);
        term.push_str(" = ");
        push_quoted(key, &mut term);
        match queries.last_mut() {
            Some(query) if used < CONDITIONS && query.len() + " or ".len() + term.len() <= LENGTH => {
                query.push_str(" or ");
                query.push_str(&term);
                used += 1;
            }
            _ => {
                let mut query = String::with_capacity(LENGTH);
                query.push_str(&head);
                query.push_str(&term);
                queries.push(query);
                used = 1;
            }
        }
    }
    Ok(queries)
}

fn head(object: &str, fields: &[Name]) -> Result<String, Unfit> {
    let mut named: Vec<&str> = Vec::with_capacity(fields.len());
    for field in fields {
        let field = name(field)?;
        if !named.contains(&field) {
            named.push(field);
        }
    }
    Ok(format!("select {} from {}", named.join(", "), name(object)?))
}

/// A name that can stand in a query without changing it. ZOQL follows no relation from a field.
fn name(name: &str) -> Result<&str, Unfit> {
    let plain = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { Ok(name) } else { Err(format!("'{name}' is no name of an object or field")) }
}

fn condition(condition: &Condition) -> Result<String, Unfit> {
    let Condition { field, operator, value } = condition;
    let sign = match operator {
        Comparator::Is => "=",
        Comparator::IsNot => "!=",
        Comparator::Less => "<",
        Comparator::AtLeast => ">=",
    };
    // Zuora's page on filter statements: null, truth values and numbers stand bare, texts in single quotes. Dates
    // stand bare on one page and quoted on the others and in every client that was read.
    let literal = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => {
            let mut literal = String::with_capacity(text.len() + 2);
            push_quoted(text, &mut literal);
            literal
        }
        Value::Reference(_) | Value::Record(_) | Value::List(_) => {
            return Err(format!("{field} cannot be compared with a record"));
        }
    };
    Ok(format!("{} {sign} {literal}", name(field)?))
}

/// A text literal: Zuora escapes by a backslash, and names these sequences.
fn push_quoted(text: &str, into: &mut String) {
    into.push('\'');
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        into.push_str(text);
    } else {
        text.chars().for_each(|letter| push_escaped(letter, into));
    }
    into.push('\'');
}

fn push_escaped(letter: char, into: &mut String) {
    match letter {
        '\'' => into.push_str("\\'"),
        '"' => into.push_str("\\\""),
        '\\' => into.push_str("\\\\"),
        '\n' => into.push_str("\\n"),
        '\r' => into.push_str("\\r"),
        '\t' => into.push_str("\\t"),
        other => into.push(other),
    }
}

/// The body of a query.
pub(super) fn query_body(zoql: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(zoql.len() + 64);
    body.extend_from_slice(b"{\"queryString\":");
    json::write_text(zoql, &mut body);
    body.extend_from_slice(format!(",\"conf\":{{\"batchSize\":{BATCH}}}}}").as_bytes());
    body
}

/// The body that asks a query for more.
pub(super) fn query_more_body(locator: &str) -> Vec<u8> {
    let mut body = b"{\"queryLocator\":".to_vec();
    json::write_text(locator, &mut body);
    body.push(b'}');
    body
}

#[derive(Deserialize)]
struct RawBatch<'a> {
    records: Option<Records>,
    size: Option<u64>,
    done: Option<bool>,
    #[serde(borrow, rename = "queryLocator")]
    locator: Option<Text<'a>>,
}

/// A part of a query's answer.
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    pub(super) size: u64,
    pub(super) locator: Option<String>,
}

/// Reads the answer to a query. Fields that are null are left out of it.
pub(super) fn batch(body: &[u8]) -> Result<Batch, Malformed> {
    let raw: RawBatch = json::parse(body)?;
    let (Some(size), Some(done)) = (raw.size, raw.done) else {
        return Err(Malformed::new("a query's answer without `size` and `done`"));
    };
    let mut records = raw.records.unwrap_or_default().whole()?;
    // An empty result may come as one empty record.
    records.retain(|record| !record.is_empty());
    let locator = raw.locator.map(|Text(locator)| locator.into_owned()).filter(|locator| !locator.is_empty());
    match (done, locator) {
        (true, _) => Ok(Batch { records, size, locator: None }),
        (false, Some(locator)) => Ok(Batch { records, size, locator: Some(locator) }),
        (false, None) => Err(Malformed::new("a query's answer that is not done and has no `queryLocator`")),
    }
}

/// How far a query has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Which of a selection's queries.
    pub(super) query: usize,
    /// How many records came before.
    pub(super) read: u64,
    /// How many there are in all, by the first part of the answer.
    pub(super) size: Option<u64>,
    /// Where the next part begins.
    pub(super) locator: Option<String>,
}

impl Place {
    /// The place behind a part, `None` behind the last one. Zuora says how many records a query has: a part that
    /// repeats, never ends or is missing shows in the count.
    pub(super) fn behind(&self, batch: &Batch) -> Result<Option<Self>, Malformed> {
        let size = self.size.unwrap_or(batch.size);
        let read = self.read + batch.records.len() as u64;
        let last = batch.locator.is_none();
        let wrong = |what: String| Err(Malformed::new(what));
        if !last && batch.locator == self.locator {
            return wrong("a part of a query's answer that names itself as the next one".into());
        }
        if !last && batch.records.is_empty() {
            return wrong("an empty part of a query's answer that is not the last".into());
        }
        if size > MOST_RECORDS {
            return wrong(format!("the query has {size} records, and more than {MOST_RECORDS} are never read"));
        }
        if read > size {
            return wrong(format!("the query has {size} records, but {read} came"));
        }
        if last && read < size {
            return wrong(format!("the query has {size} records, but only {read} came"));
        }
        let next = |locator: &String| Self { read, size: Some(size), locator: Some(locator.clone()), ..*self };
        Ok(batch.locator.as_ref().map(next))
    }

    /// As a cursor's text; the locator stands last, it may hold anything.
    pub(super) fn show(&self) -> String {
        let size = self.size.map(|size| size.to_string()).unwrap_or_default();
        format!("{}|{}|{size}|{}", self.query, self.read, self.locator.as_deref().unwrap_or_default())
    }

    /// Reads a cursor's text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '|');
        let (query, read) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let size = parts.next().filter(|size| !size.is_empty()).map(str::parse).transpose().ok()?;
        let locator = parts.next().filter(|locator| !locator.is_empty()).map(str::to_owned);
        Some(Self { query, read, size, locator })
    }
}

/// Whether a record lacks the id that was asked for.
pub(super) fn lacks_id(fields: &[Name], record: &Record) -> bool {
    fields.iter().any(|field| field == "Id") && record.text("Id").is_empty()
}

/// The body of an update: all fields of a mark in one object, so that they change together.
pub(super) fn mark_body(object: &str, marks: &[Mark]) -> Vec<u8> {
    let mut body = b"{\"type\":".to_vec();
    json::write_text(object, &mut body);
    body.extend_from_slice(b",\"objects\":[");
    for (position, mark) in marks.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        write_mark(mark, &mut body);
    }
    body.extend_from_slice(b"]}");
    body
}

/// Zuora empties a field only by its name, in a list beside the fields that are filled.
fn write_mark(mark: &Mark, body: &mut Vec<u8>) {
    body.extend_from_slice(b"{\"Id\":");
    json::write_text(&mark.source_id, body);
    for (field, text) in mark.fields.iter().filter(|(_, text)| !text.is_empty()) {
        body.push(b',');
        json::write_text(field, body);
        body.push(b':');
        json::write_text(&storable(text), body);
    }
    let mut opening: &[u8] = b",\"fieldsToNull\":[";
    for (field, _) in mark.fields.iter().filter(|(_, text)| text.is_empty()) {
        body.extend_from_slice(opening);
        json::write_text(field, body);
        opening = b",";
    }
    body.extend_from_slice(if opening == b"," { b"]}" } else { b"}" });
}

/// Zuora's text fields hold no characters of four bytes in UTF-8 (emoji, rare ideographs).
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.chars().all(|letter| letter.len_utf8() < 4) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars().map(|letter| if letter.len_utf8() < 4 { letter } else { char::REPLACEMENT_CHARACTER }).collect(),
    )
}

/// The fields of marks whose text cannot be stored as it is.
pub(super) fn changed(marks: &[Mark]) -> impl Iterator<Item = (&Mark, &str)> {
    let fields = marks.iter().flat_map(|mark| mark.fields.iter().map(move |field| (mark, field)));
    fields
        .filter(|(_, (_, text))| matches!(storable(text), Cow::Owned(_)))
        .map(|(mark, (field, _))| (mark, field.as_str()))
}

#[derive(Deserialize)]
struct RawResult<'a> {
    #[serde(alias = "success", rename = "Success")]
    success: bool,
    #[serde(borrow, alias = "id", rename = "Id")]
    id: Option<Text<'a>>,
    #[serde(alias = "errors", rename = "Errors", default)]
    errors: Vec<RowError>,
}

/// Why one record was not updated.
#[derive(Deserialize, Debug, Clone, PartialEq, Eq)]
pub(super) struct RowError {
    #[serde(alias = "code", rename = "Code", default)]
    pub(super) code: String,
    #[serde(alias = "message", rename = "Message", default)]
    pub(super) message: String,
}

/// What an update said of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RowResult {
    Updated { id: String },
    Refused(Vec<RowError>),
}

/// Reads the answer to an update; it stands in the order of the request. `None` where it is no list: then the call
/// as a whole was refused.
pub(super) fn row_results(body: &[u8]) -> Option<Vec<RowResult>> {
    let rows: Vec<RawResult> = json::parse(body).ok()?;
    let read = |row: RawResult| match row {
        RawResult { success: true, id, .. } => {
            RowResult::Updated { id: id.map(|Text(id)| id.into_owned()).unwrap_or_default() }
        }
        RawResult { errors, .. } => RowResult::Refused(errors),
    };
    Some(rows.into_iter().map(read).collect())
}

/// Which of these fields the description of an object lacks, or does not allow for the purpose. Zuora describes an
/// object as XML; an element that is absent forbids nothing.
pub(super) fn lacking(description: &str, uses: &[FieldUse]) -> Option<Vec<Lack>> {
    let fields = described(description)?;
    let lack = |wanted: &FieldUse| {
        let named = fields.iter().find(|field| element(field, "name") == Some(wanted.field.as_str()));
        let Some(field) = named else {
            return Some(Lack::unknown(&wanted.field, fields.iter().filter_map(|field| element(field, "name"))));
        };
        let matter = match () {
            () if !allows(field, "selectable") => "cannot be read",
            () if wanted.filtered && !allows(field, "filterable") => "cannot be filtered by",
            () if wanted.written && !allows(field, "updateable") => "cannot be written",
            () => return None,
        };
        Some(Lack { name: wanted.field.clone(), matter, nearest: None })
    };
    Some(uses.iter().filter_map(lack).collect())
}

/// The fields of a description, each as it stands there.
pub(super) fn described(description: &str) -> Option<Vec<&str>> {
    let start = description.find("<fields")?;
    let end = description[start..].find("</fields>")? + start;
    Some(description[start..end].split("<field>").skip(1).collect())
}

/// Whether a field allows a use: an element that is absent forbids nothing.
pub(super) fn allows(field: &str, what: &str) -> bool {
    element(field, what).is_none_or(|text| text.eq_ignore_ascii_case("true"))
}

/// The text of the first such element. The names in question hold no escapes.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.trim())
}
