//! Ours to Nue's and back: answers in an envelope or bare, filters in the address, GraphQL.

use model::ports::{Comparator, Condition};
use model::value::{Name, Record, Value};
use url::form_urlencoded::byte_serialize;

use super::ids;
use crate::json::{self, Malformed, Records};

/// Records that a page of a list takes at most.
pub(super) const PAGE: usize = 500;

/// Where billing records hold the tenant's own fields.
const CUSTOM_FIELDS: &str = "customFields";

/// How the controls of a list are spelled. The pages show one with a letter lost before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// `page`, `limit`
    Plain,
    /// `_page`, `_limit`
    Underscored,
}

impl Paging {
    /// The spellings that come into question: the one that is configured, or both.
    pub(super) fn among(configured: &str) -> &'static [Self] {
        match configured {
            "page" => &[Self::Plain],
            "_page" => &[Self::Underscored],
            _ => &[Self::Plain, Self::Underscored],
        }
    }

    /// The controls of a page, counted from 1.
    pub(super) fn controls(self, page: usize, limit: usize) -> String {
        match self {
            Self::Plain => format!("page={page}&limit={limit}"),
            Self::Underscored => format!("_page={page}&_limit={limit}"),
        }
    }
}

/// A list's answer.
#[derive(Debug, PartialEq)]
pub(super) struct Listed {
    pub(super) records: Vec<Record>,
    /// How many there are in all, if it says.
    pub(super) total: Option<u64>,
}

/// Reads a list, in an envelope or bare.
pub(super) fn listed(body: &[u8]) -> Result<Listed, Malformed> {
    if body.trim_ascii_start().starts_with(b"[") {
        let records: Records = json::parse(body)?;
        return Ok(Listed { records: records.whole()?, total: None });
    }
    let envelope = json::record(body)?;
    let total = at(&envelope, "pagination.total").as_number().and_then(|total| u64::try_from(total).ok());
    let lists = envelope.iter().filter_map(|(name, value)| match value {
        Value::List(records) if !name.eq_ignore_ascii_case("warnings") => Some(records),
        _ => None,
    });
    let mut lists: Vec<&Vec<Record>> = lists.collect();
    match (lists.pop(), lists.is_empty(), at(&envelope, "data")) {
        (Some(records), true, _) => Ok(Listed { records: records.clone(), total }),
        (None, _, Value::Record(one)) => Ok(Listed { records: vec![one.as_ref().clone()], total }),
        _ => Err(Malformed::new("a list without `data`")),
    }
}

/// Reads one record, in an envelope or bare.
pub(super) fn one(body: &[u8]) -> Result<Record, Malformed> {
    let answer = json::record(body)?;
    match at(&answer, "data") {
        Value::Record(inner) => Ok(inner.as_ref().clone()),
        Value::List(records) => records.first().cloned().ok_or_else(|| Malformed::new("an empty `data`")),
        _ => Ok(answer),
    }
}

/// Reads the records of a GraphQL answer. What is wrong with a query is told with a status of 200.
pub(super) fn queried(body: &[u8]) -> Result<Result<Vec<Record>, String>, Malformed> {
    let answer = json::record(body)?;
    let errors: Vec<String> = answer.list("errors").iter().map(|error| at(error, "message").show()).collect();
    if !errors.is_empty() {
        return Ok(Err(errors.join("; ")));
    }
    let Value::Record(data) = answer.get("data") else { return Err(Malformed::new("a query's answer without `data`")) };
    match data.iter().next() {
        Some((_, Value::List(records))) => Ok(Ok(records.clone())),
        _ => Err(Malformed::new("a query's answer without a list")),
    }
}

/// A value by a dotted path, whatever the case of its names: the pages at hand are in small letters throughout.
pub(super) fn at<'a>(record: &'a Record, path: &str) -> &'a Value {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let value = match (member(record, name), member(record, CUSTOM_FIELDS)) {
        (Some(value), _) => value,
        (None, Some(Value::Record(custom))) => member(custom, name).unwrap_or(&Value::Null),
        (None, _) => &Value::Null,
    };
    match (rest, value) {
        (None, value) => value,
        (Some(rest), Value::Record(inner)) => at(inner, rest),
        (Some(_), _) => &Value::Null,
    }
}

fn member<'a>(record: &'a Record, name: &str) -> Option<&'a Value> {
    let exact = record.get(name);
    if !exact.is_null() {
        return Some(exact);
    }
    record.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A record with the fields that were asked for, under the names under which they were.
pub(super) fn asked(fields: &[Name], held: &Record) -> Record {
    let mut record = Record::with_capacity(fields.len());
    for field in fields {
        let value = match field.as_str() {
            "Id" => at(held, "id"),
            FOREIGN_ID => foreign_id(held),
            name => at(held, name),
        };
        // A reference may be written with fewer letters than the record that it means.
        let whole = value.as_text().filter(|_| field.ends_with("Id")).and_then(ids::whole);
        record.set_at(field.clone(), whole.map_or_else(|| value.clone(), Value::text));
    }
    record
}

/// The id that a record has in Salesforce: one that was born there has it for its own id, and no other.
pub(super) const FOREIGN_ID: &str = "externalId";

fn foreign_id(held: &Record) -> &Value {
    match (at(held, FOREIGN_ID), at(held, "id")) {
        (Value::Null, id) if ids::is_salesforce(&id.show()) => id,
        (foreign, _) => foreign,
    }
}

/// The filter of a list, as far as Nue has words for it; what it has none for is sifted out when it has come.
pub(super) fn filter(conditions: &[Condition]) -> Vec<String> {
    let term = |condition: &Condition| {
        let sign = match condition.operator {
            Comparator::Is => "=",
            Comparator::IsNot => "!=",
            Comparator::Less => "<",
            Comparator::AtLeast => ">=",
        };
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let sign = sign.replace('<', "%3C").replace('>', "%3E").replace('!', "%21");
        (!condition.value.is_null())
            .then(|| format!("{}{sign}{}", encoded(&condition.field), encoded(&condition.value.show())))
    };
    conditions.iter().filter_map(term).collect()
}

/// The body of a GraphQL query for the records whose `field` is one of `keys`, a page of them. `name` is the object's in
/// GraphQL.
pub(super) fn query_body(
    name: &str,
    fields: &[Name],
    condition: &str,
    keys: &[&str],
    page: (usize, usize),
) -> Result<Vec<u8>, String> {
    let selection = selection(fields)?;
    let (limit, offset) = page;
    let filter = match condition {
        "" => String::new(),
        field => format!("where: {{{}}}, ", nested(field, "{_in: $keys}")?),
    };
    let variables = if condition.is_empty() { "" } else { "($keys: [String!])" };
    let query = format!(
        "query{variables} {{ {name}({filter}orderBy: {{id: asc}}, limit: {limit}, offset: {offset}) {{ {selection} }} }}"
    );
    Ok(body_of(&query, keys))
}

/// The body of a GraphQL query for records whose `field` begins so.
pub(super) fn like_body(name: &str, fields: &[Name], field: &str, beginning: &str) -> Result<Vec<u8>, String> {
    let (selection, filter) = (selection(fields)?, nested(field, &format!("{{_like: \"{}%\"}}", plain(beginning)?))?);
    let query = format!("query {{ {name}(where: {{{filter}}}, limit: {PAGE}) {{ {selection} }} }}");
    Ok(body_of(&query, &[]))
}

/// A query with its keys.
pub(super) fn body_of(query: &str, keys: &[&str]) -> Vec<u8> {
    let mut body = b"{\"query\":".to_vec();
    json::write_text(query, &mut body);
    body.extend_from_slice(b",\"variables\":{\"keys\":[");
    for (position, key) in keys.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        json::write_text(key, &mut body);
    }
    body.extend_from_slice(b"]}}");
    body
}

/// `customer.id` selects `customer { id }`.
fn selection(fields: &[Name]) -> Result<String, String> {
    let mut selected: Vec<String> = vec!["id".to_owned()];
    for field in fields {
        let text = nested_selection(if field == "Id" { "id" } else { field })?;
        if !selected.contains(&text) {
            selected.push(text);
        }
    }
    Ok(selected.join(" "))
}

fn nested_selection(path: &str) -> Result<String, String> {
    match path.split_once('.') {
        None => plain(path).map(str::to_owned),
        Some((name, rest)) => Ok(format!("{} {{ {} }}", plain(name)?, nested_selection(rest)?)),
    }
}

fn nested(path: &str, inner: &str) -> Result<String, String> {
    match path.split_once('.') {
        None => Ok(format!("{}: {inner}", plain(if path == "Id" { "id" } else { path })?)),
        Some((name, rest)) => Ok(format!("{}: {{{}}}", plain(name)?, nested(rest, inner)?)),
    }
}

/// A name that can stand in a query without changing it.
fn plain(name: &str) -> Result<&str, String> {
    let plain = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { Ok(name) } else { Err(format!("'{name}' is no name of a field")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> Condition {
        Condition { field: name.into(), operator: Comparator::AtLeast, value: Value::text(value) }
    }

    #[test]
    fn lists_are_read_in_an_envelope_and_bare_and_keys_in_any_case() {
        let read = |text: &str| listed(text.as_bytes()).unwrap();
        let enveloped =
            read(r#"{"status":"SUCCESS","data":[{"ID":"1","Amount":1.10}],"warnings":[],"pagination":{"total":7}}"#);
        assert_eq!((enveloped.records.len(), enveloped.total), (1, Some(7)));
        assert_eq!(at(&enveloped.records[0], "amount").show(), "1.10");
        assert_eq!(read(r#"[{"id":"1"},{"id":"2"}]"#).records.len(), 2);
        assert_eq!(read(r#"{"creditMemos":[{"id":"1"}]}"#).records.len(), 1);
        assert!(listed(br#"{"status":"SUCCESS"}"#).is_err());
        assert_eq!(asked(&["Id".into(), "amount".into()], &enveloped.records[0]).text("Id"), "1");
    }

    #[test]
    fn operators_stand_in_the_address_escaped_and_an_empty_field_is_not_asked_for() {
        let empty = Condition { field: "comments".into(), operator: Comparator::Is, value: Value::Null };
        assert_eq!(filter(&[field("invoiceDate", "2026-01-01"), empty]), ["invoiceDate%3E=2026-01-01"]);
    }

    #[test]
    fn a_query_nests_paths_and_takes_its_keys_as_variables() {
        let body = query_body("InvoiceItem", &["Id".into(), "product.id".into()], "invoiceId", &["a\"b"], (500, 0));
        let text = String::from_utf8(body.unwrap()).unwrap();
        assert!(text.contains("InvoiceItem(where: {invoiceId: {_in: $keys}}, orderBy: {id: asc}, limit: 500, offset: 0) { id product { id } }"), "{text}");
        assert!(text.ends_with(r#""variables":{"keys":["a\"b"]}}"#), "{text}");
        assert!(query_body("Invoice", &["a } }".into()], "", &[], (1, 0)).is_err());
        let refused = br#"{"data":null,"errors":[{"message":"Cannot query field"}]}"#;
        assert_eq!(queried(refused).unwrap().unwrap_err(), "Cannot query field");
    }
}
