//! A record's body: names, rights and values.

use serde_json::{Map, Value as Json};

use super::{Form, Writer, scalar};
use crate::salesforce::errors::{Refusal, RowVerdict};
use crate::salesforce::schema::{Field, Kind};
use crate::salesforce::value::Value;

impl Writer<'_> {
    /// The values that a body gives, by the positions of their fields.
    pub(super) fn read_body(
        &self,
        object: usize,
        body: &Map<String, Json>,
        form: Form,
        is_new: bool,
    ) -> RowVerdict<Vec<(usize, Value)>> {
        let mut given = Vec::new();
        let mut refused = Vec::new();
        let mut closed: Vec<&str> = Vec::new();
        for (name, json) in body.iter().filter(|(name, _)| *name != "attributes") {
            let read = match json {
                Json::Object(key) if self.object(object).position(name).is_none() => {
                    self.by_foreign_key(object, name, key)
                }
                _ => self.by_name(object, name, json, form),
            };
            match read {
                Err(refusal) => refused.push(refusal),
                Ok((position, value)) => {
                    let field = &self.object(object).fields[position];
                    let open = if is_new { field.createable } else { field.updateable };
                    if open && !self.rights.read_only_fields.contains(&(object, position)) {
                        given.push((position, value));
                    } else {
                        closed.push(&field.name);
                    }
                }
            }
        }
        if !closed.is_empty() {
            let message = format!(
                "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
                closed.join(", ")
            );
            refused.insert(0, Refusal::row("INVALID_FIELD_FOR_INSERT_UPDATE", message, &closed));
        }
        // What cannot be read at all is said before what is not permitted.
        let first = |refusal: &Refusal| matches!(refusal.code, "INVALID_FIELD" | "JSON_PARSER_ERROR");
        if let Some(at) = refused.iter().position(first) {
            return Err(vec![refused.swap_remove(at)]);
        }
        if refused.is_empty() { Ok(given) } else { Err(refused) }
    }

    fn by_name(&self, object: usize, name: &str, json: &Json, form: Form) -> Result<(usize, Value), Refusal> {
        let sight = self.sight();
        let described = self.object(object);
        let position = sight.field(object, name).ok_or_else(|| Refusal::no_column(name, &described.name))?;
        let field = &described.fields[position];
        // A compound has no value of its own; that it cannot be written is said as of any other field.
        if field.kind == Kind::Address {
            return Ok((position, Value::Null));
        }
        let form = match form {
            Form::Column(_) => Form::Column(position),
            other => other,
        };
        let value = scalar::read(field, json, form)?;
        if value.is_null() && field.kind == Kind::Boolean {
            let message = format!("{}: value not of required type: ", field.label);
            return Err(Refusal::row("INVALID_TYPE_ON_FIELD_IN_RECORD", message, &[&field.name]));
        }
        self.right_kind(field, &value)?;
        Ok((position, value))
    }

    /// A reference must point to a record of the right kind: its prefix tells.
    fn right_kind(&self, field: &Field, value: &Value) -> Result<(), Refusal> {
        let (Some(relation), Value::Id(id)) = (&field.relation, value) else { return Ok(()) };
        if self.schema.by_prefix(id.prefix()) == Some(relation.object) {
            return Ok(());
        }
        // A group may own records, too; the emulator has none.
        let message = format!("{}: id value of incorrect type: {id}", field.label);
        Err(Refusal::row("MALFORMED_ID", message, &[&field.name]))
    }

    /// `{"Account": {"Nue_Id__c": "A-1"}}` names the parent by a key of its own.
    fn by_foreign_key(
        &self,
        object: usize,
        relationship: &str,
        key: &Map<String, Json>,
    ) -> Result<(usize, Value), Refusal> {
        let described = self.object(object);
        let position = described
            .parent(relationship)
            .filter(|position| self.sight().sees_field(object, *position))
            .ok_or_else(|| Refusal::no_column(relationship, &described.name))?;
        let Some(relation) = &described.fields[position].relation else {
            return Err(Refusal::no_column(relationship, &described.name));
        };
        let parent = self.object(relation.object);
        let mut named = key.iter().filter(|(name, _)| *name != "attributes");
        let (Some((name, json)), None) = (named.next(), named.next()) else {
            let message = format!("The {relationship} relationship must be given by one external id field");
            return Err(Refusal::new(400, "INVALID_FIELD", message));
        };
        let target = self.sight().field(relation.object, name).ok_or_else(|| Refusal::no_column(name, &parent.name))?;
        let field = &parent.fields[target];
        if !field.id_lookup && !field.external_id {
            let message = format!("{name} is not a External ID or indexed field for {}", parent.name);
            return Err(Refusal::new(400, "INVALID_FIELD", message));
        }
        let value = scalar::read(field, json, Form::Collection)?;
        match self.by_key(relation.object, target, &value).as_slice() {
            [id] => Ok((position, Value::Id(*id))),
            [] => {
                let text = value.plain(field.is_whole());
                let message = format!(
                    "Foreign key external ID: {text} not found for field {} in entity {}",
                    field.name, parent.name
                );
                Err(Refusal::row("INVALID_FIELD", message, &[]))
            }
            _ => {
                let message = format!("more than one record found for external id field: {}", field.name);
                Err(Refusal::row("DUPLICATE_EXTERNAL_ID", message, &[]))
            }
        }
    }
}
