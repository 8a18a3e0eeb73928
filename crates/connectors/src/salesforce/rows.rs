//! Calls that carry many records: their bodies, and what is said of each row. Rows are answered in the order in which
//! they were sent, and a status of 200 says nothing about them.

use bytes::Bytes;
use model::value::{Record, SmolStr};
use reqwest::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::classify::Error;
use crate::json::{self, Malformed, Records};

/// Records a call of the collections takes.
pub(super) const ROWS: usize = 200;
/// Where a row tells its object.
const ATTRIBUTES: &str = "attributes";

/// One row to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The record's own id, where the row updates it by that; empty where it is upserted by a key.
    pub(super) id: SmolStr,
    /// The fields.
    pub(super) fields: Record,
}

/// The body of a call for records of one object. One row that is refused does not take the others with it.
pub(super) fn body(object: &str, rows: &[&Row]) -> Vec<u8> {
    let mut body = b"{\"allOrNone\":false,\"records\":[".to_vec();
    for (position, row) in rows.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend_from_slice(b"{\"attributes\":{\"type\":");
        json::write_text(object, &mut body);
        body.push(b'}');
        if !row.id.is_empty() {
            body.extend_from_slice(b",\"id\":");
            json::write_text(&row.id, &mut body);
        }
        for (name, value) in row.fields.iter() {
            body.push(b',');
            json::write_text(name, &mut body);
            body.push(b':');
            json::write_value(value, &mut body);
        }
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    body
}

/// Collections or queries that a composite call takes.
pub(super) const PARTS: usize = 5;

/// A part of a composite call.
pub(super) struct Subrequest {
    pub(super) method: Method,
    /// The whole path, and the query if there is one.
    pub(super) path: String,
    pub(super) body: Option<Vec<u8>>,
}

/// The body of a composite call. A part that is refused does not take the others with it.
pub(super) fn composite(parts: &[Subrequest]) -> Vec<u8> {
    let mut body = b"{\"allOrNone\":false,\"compositeRequest\":[".to_vec();
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend_from_slice(b"{\"method\":");
        json::write_text(part.method.as_str(), &mut body);
        body.extend_from_slice(b",\"url\":");
        json::write_text(&part.path, &mut body);
        body.extend_from_slice(b",\"referenceId\":");
        json::write_text(&reference(position), &mut body);
        if let Some(own) = &part.body {
            body.extend_from_slice(b",\"body\":");
            body.extend_from_slice(own);
        }
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    body
}

fn reference(position: usize) -> String {
    format!("part{position}")
}

#[derive(Deserialize)]
struct RawComposed<'a> {
    #[serde(rename = "compositeResponse", borrow)]
    parts: Vec<RawComposedPart<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawComposedPart<'a> {
    reference_id: String,
    http_status_code: u16,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// The answers of the parts of a composite call: status and body of each, in the order in which they were sent.
pub(super) fn composed(body: &[u8], sent: usize) -> Result<Vec<(u16, Bytes)>, Malformed> {
    let parts = json::parse::<RawComposed<'_>>(body)?.parts;
    let in_order = parts.iter().enumerate().all(|(position, part)| part.reference_id == reference(position));
    if parts.len() != sent || !in_order {
        return Err(Malformed::new(format!("{} parts that are not the {sent} that were sent", parts.len())));
    }
    Ok(parts.iter().map(|part| (part.http_status_code, part.body.get().to_owned().into())).collect())
}

/// What was said of one row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) success: bool,
    #[serde(default)]
    pub(super) errors: Vec<Error>,
}

/// Reads what was said of the rows.
pub(super) fn said(body: &[u8], sent: usize) -> Result<Vec<Said>, Malformed> {
    let rows: Vec<Said> = json::parse(body)?;
    if rows.len() == sent { Ok(rows) } else { Err(Malformed::new(format!("{} rows for {sent} records", rows.len()))) }
}

/// A part of a query's answer.
pub(super) struct Part {
    pub(super) records: Vec<Record>,
    pub(super) total: u64,
    /// The address of the next part; `None` at the end.
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPart {
    records: Option<Records>,
    total_size: Option<u64>,
    done: Option<bool>,
    next_records_url: Option<String>,
}

/// Reads a part of a query's answer.
pub(super) fn part(body: &[u8]) -> Result<Part, Malformed> {
    let raw: RawPart = json::parse(body)?;
    let (Some(total), Some(done)) = (raw.total_size, raw.done) else {
        return Err(Malformed::new("a query's answer without `totalSize` and `done`"));
    };
    let records = raw.records.unwrap_or_default().whole()?.iter().map(plain).collect();
    match (done, raw.next_records_url) {
        (true, _) => Ok(Part { records, total, next: None }),
        (false, Some(next)) => Ok(Part { records, total, next: Some(next) }),
        (false, None) => Err(Malformed::new("a query's answer that is not done and has no `nextRecordsUrl`")),
    }
}

/// A record of its own fields alone.
pub(super) fn plain(record: &Record) -> Record {
    let mut bare = Record::with_capacity(record.len());
    for (name, value) in record.iter().filter(|(name, _)| *name != ATTRIBUTES) {
        bare.push(name.clone(), value.clone());
    }
    bare
}

/// Letters of an id that tell records apart: the last three of eighteen only repeat which of the others are capitals.
const BARE: usize = 15;

/// The letters of an id that tell records apart.
pub(super) fn bare_id(id: &str) -> &str {
    id.get(..BARE).unwrap_or(id)
}

/// Whether two ids name one record.
pub(super) fn same_id(one: &str, other: &str) -> bool {
    one.len() >= BARE && bare_id(one) == bare_id(other)
}

#[cfg(test)]
mod tests {
    use model::value::Value;

    use super::*;

    #[test]
    fn rows_are_written_with_exact_amounts_bare_references_and_parents_by_their_keys() {
        let mut parent = Record::default();
        parent.set("Nue_Id__c", Value::text("c-1"));
        let mut fields = Record::default();
        fields.set("Amount__c", Value::Number("10.10".parse().unwrap()));
        fields.set("AccountId", Value::reference("001x"));
        fields.set("Account__r", Value::record(parent));
        fields.set("Memo__c", Value::Null);
        let row = Row { id: SmolStr::default(), fields };
        assert_eq!(
            String::from_utf8(body("X__c", &[&row])).unwrap(),
            r#"{"allOrNone":false,"records":[{"attributes":{"type":"X__c"},"Amount__c":10.10,"AccountId":"001x","Account__r":{"Nue_Id__c":"c-1"},"Memo__c":null}]}"#
        );
    }

    #[test]
    fn an_answer_with_fewer_rows_than_were_sent_is_malformed() {
        let one = br#"[{"id":"001","success":true,"errors":[]}]"#;
        assert_eq!(said(one, 1).unwrap()[0].id.as_deref(), Some("001"));
        assert!(said(one, 2).is_err());
        let refused = br#"[{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m","fields":["Name"]}]}]"#;
        assert_eq!(said(refused, 1).unwrap()[0].errors[0].code, "REQUIRED_FIELD_MISSING");
    }

    #[test]
    fn parts_of_a_composite_call_are_told_apart_and_one_that_is_missing_or_out_of_order_is_malformed() {
        let rows =
            Subrequest { method: Method::PATCH, path: "/x/composite/sobjects".into(), body: Some(b"{}".to_vec()) };
        let query = Subrequest { method: Method::GET, path: "/x/query?q=a".into(), body: None };
        assert_eq!(
            String::from_utf8(composite(&[rows, query])).unwrap(),
            r#"{"allOrNone":false,"compositeRequest":[{"method":"PATCH","url":"/x/composite/sobjects","referenceId":"part0","body":{}},{"method":"GET","url":"/x/query?q=a","referenceId":"part1"}]}"#
        );
        let part = |place: usize| format!(r#"{{"referenceId":"part{place}","httpStatusCode":200,"body":[{place}]}}"#);
        let answer = |parts: &[String]| format!(r#"{{"compositeResponse":[{}]}}"#, parts.join(","));
        let read = composed(answer(&[part(0), part(1)]).as_bytes(), 2).unwrap();
        assert_eq!(read, [(200, Bytes::from("[0]")), (200, Bytes::from("[1]"))]);
        assert!(composed(answer(&[part(0)]).as_bytes(), 2).is_err());
        assert!(composed(answer(&[part(1), part(0)]).as_bytes(), 2).is_err());
    }

    #[test]
    fn a_part_that_is_not_done_names_the_next() {
        assert!(part(br#"{"totalSize":3,"done":false,"records":[]}"#).is_err());
        let last = part(br#"{"totalSize":1,"done":true,"records":[{"attributes":{"type":"X"},"Id":"1"}]}"#).unwrap();
        assert_eq!((last.total, last.next, last.records[0].len()), (1, None, 1));
    }

    #[test]
    fn ids_of_fifteen_and_of_eighteen_letters_name_one_record() {
        assert!(same_id("001xx000003DGb0", "001xx000003DGb0AAG"));
        assert!(!same_id("001xx000003DGb0AAG", "001xx000003dgb0AAG"));
        assert!(!same_id("", "") && !same_id("a", "a"));
    }
}
