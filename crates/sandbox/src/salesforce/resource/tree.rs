//! Trees: records with their children, made in one call, all or none.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::{At, object};
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::id::Id;
use crate::salesforce::write::{Form, Writer};

const MOST_RECORDS: usize = 200;
const DEEPEST: usize = 5;

/// A record of the tree, with what must be known to make it.
struct Node {
    object: usize,
    reference: String,
    fields: Map<String, Json>,
    /// The reference field that points to the parent, and the parent's place.
    parent: Option<(usize, usize)>,
}

/// `POST /composite/tree/{object}`.
pub(super) fn create(at: &mut At<'_>, call: &Call, name: &str) -> Verdict<Reply> {
    let object = object(at, name)?;
    let body = call.object()?;
    let Some(Json::Array(records)) = body.get("records") else {
        return Err(Refusal::new(400, "INVALID_INPUT", "Required field is missing: records"));
    };
    let mut nodes = Vec::new();
    for record in records {
        gather(at, object, record, None, 1, &mut nodes)?;
    }
    if nodes.len() > MOST_RECORDS {
        let message = format!("The maximum number of records in a request is {MOST_RECORDS}.");
        return Err(Refusal::new(400, "LIMIT_EXCEEDED", message));
    }
    let mut seen = HashMap::new();
    if let Some(twice) = nodes.iter().find(|node| seen.insert(node.reference.clone(), ()).is_some()) {
        let message = format!("Duplicate ReferenceId provided in the request: {}", twice.reference);
        return Err(Refusal::new(400, "INVALID_INPUT", message));
    }
    at.write(call, |writer| plant(writer, &nodes))
}

fn gather(
    at: &At<'_>,
    object: usize,
    record: &Json,
    parent: Option<(usize, usize)>,
    depth: usize,
    nodes: &mut Vec<Node>,
) -> Verdict<()> {
    let wrong = |message: &str| Refusal::new(400, "INVALID_INPUT", message);
    let record = record.as_object().ok_or_else(|| wrong("A record is expected"))?;
    let attributes = record.get("attributes").ok_or_else(|| wrong("Attributes are required for each record"))?;
    let reference =
        attributes["referenceId"].as_str().ok_or_else(|| wrong("A referenceId is required for each record"))?;
    let named = attributes["type"].as_str().and_then(|name| at.sight().object(name));
    if named != Some(object) {
        return Err(wrong("The type of a record does not match its place in the tree"));
    }
    if depth > DEEPEST {
        return Err(Refusal::new(400, "LIMIT_EXCEEDED", "The tree is deeper than five levels"));
    }
    let described = &at.current.schema.objects[object];
    let place = nodes.len();
    nodes.push(Node { object, reference: reference.to_owned(), fields: Map::new(), parent });
    for (name, value) in record.iter().filter(|(name, _)| *name != "attributes") {
        match (value.get("records").and_then(Json::as_array), described.child(name)) {
            (Some(children), Some(child)) => {
                for record in children {
                    gather(at, child.object, record, Some((child.field, place)), depth + 1, nodes)?;
                }
            }
            _ => {
                nodes[place].fields.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(())
}

fn plant(writer: &mut Writer<'_>, nodes: &[Node]) -> Reply {
    let mut ids: Vec<Option<Id>> = Vec::new();
    let mut failed: Vec<Json> = Vec::new();
    writer.store.begin();
    for node in nodes {
        let mut fields = node.fields.clone();
        let parent = node.parent.map(|(field, place)| (field, ids.get(place).copied().flatten()));
        let done = match parent {
            Some((_, None)) => None,
            Some((field, Some(id))) => {
                let name = writer.schema.objects[node.object].fields[field].name.clone();
                fields.insert(name, json!(id.to_string()));
                Some(writer.insert(node.object, &fields, Form::Collection))
            }
            None => Some(writer.insert(node.object, &fields, Form::Collection)),
        };
        ids.push(done.as_ref().and_then(|done| done.as_ref().ok().copied()));
        if let Some(Err(reasons)) = done {
            let errors: Vec<Json> = reasons.iter().map(Refusal::of_row).collect();
            failed.push(json!({ "referenceId": node.reference, "errors": errors }));
        }
    }
    if failed.is_empty() {
        writer.store.commit();
        let results: Vec<Json> = nodes
            .iter()
            .zip(ids.into_iter().flatten())
            .map(|(node, id)| json!({ "referenceId": node.reference, "id": id.to_string() }))
            .collect();
        return Reply::json(201, json!({ "hasErrors": false, "results": results }));
    }
    writer.store.roll_back();
    Reply::json(400, json!({ "hasErrors": true, "results": failed }))
}
