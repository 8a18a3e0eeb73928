//! The administrators' own rules: validation rules and duplicate rules.

use std::cmp::Ordering;

use serde_json::{Value as Json, json};

use super::{Form, Writer, scalar};
use crate::salesforce::errors::{Refusal, RowVerdict};
use crate::salesforce::settings::{Comparison, Condition, DuplicateRule};
use crate::salesforce::store::Row;
use crate::salesforce::value::Value;

impl Writer<'_> {
    /// All validation rules are looked at, so that a record may be refused for several.
    pub(super) fn check_rules(&self, before: Option<&Row>, row: &Row) -> RowVerdict<()> {
        let object = self.object(row.object);
        let rules = self.settings.validation_rules.iter();
        let broken = rules
            .filter(|rule| rule.object.eq_ignore_ascii_case(&object.name))
            .filter(|rule| rule.when.iter().all(|condition| self.holds(row, condition)));
        let refused: Vec<Refusal> = broken
            .map(|rule| {
                let field = rule.field.as_deref().and_then(|name| object.field(name));
                let fields: Vec<&str> = field.map(|field| field.name.as_str()).into_iter().collect();
                Refusal::row("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message.clone(), &fields)
            })
            .collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        self.check_duplicates(before, row)
    }

    fn holds(&self, row: &Row, condition: &Condition) -> bool {
        let object = self.object(row.object);
        let Some(position) = object.position(&condition.field) else { return false };
        let value = &row.values[position];
        let wanted = match &condition.value {
            Json::Null => Value::Null,
            json => scalar::read(&object.fields[position], json, Form::Collection).unwrap_or_default(),
        };
        let order = compare(value, &wanted);
        match condition.is {
            Comparison::Blank => value.is_null(),
            Comparison::Filled => !value.is_null(),
            Comparison::Equal => *value == wanted,
            Comparison::Unequal => *value != wanted,
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::Greater => order == Some(Ordering::Greater),
        }
    }

    /// Duplicate rules look at new records, and at those whose compared fields change.
    fn check_duplicates(&self, before: Option<&Row>, row: &Row) -> RowVerdict<()> {
        let object = self.object(row.object);
        for rule in self.settings.duplicate_rules.iter().filter(|rule| rule.object.eq_ignore_ascii_case(&object.name)) {
            if rule.allow_save && self.allow_duplicates {
                continue;
            }
            let fields: Vec<usize> = rule.fields.iter().filter_map(|name| object.position(name)).collect();
            let same = |other: &Row| fields.iter().all(|at| alike(&other.values[*at], &row.values[*at]));
            if before.is_some_and(same) {
                continue;
            }
            let rows = self.store.table(row.object).iter();
            let found: Vec<&Row> = rows
                .map(|other| &**other)
                .filter(|other| other.id != row.id && !other.is_deleted() && same(other))
                .collect();
            if !found.is_empty() {
                return Err(vec![detected(rule, &object.name, &found)]);
            }
        }
        Ok(())
    }
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Moment(left), Value::Moment(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Blank fields match nothing.
fn alike(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, _) => false,
        (Value::Text(left), Value::Text(right)) => left.to_lowercase() == right.to_lowercase(),
        _ => left == right,
    }
}

fn detected(rule: &DuplicateRule, object: &str, found: &[&Row]) -> Refusal {
    let message = if rule.allow_save {
        "You're creating a duplicate record. We recommend you use an existing record instead."
    } else {
        "Use one of these records?"
    };
    let records: Vec<Json> = found
        .iter()
        .map(|row| {
            let url = format!("/services/data/v66.0/sobjects/{object}/{}", row.id);
            let record = json!({ "attributes": { "type": object, "url": url }, "Id": row.id.to_string() });
            json!({ "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100, "record": record })
        })
        .collect();
    let result = json!({
        "allowSave": rule.allow_save,
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": object,
        "errorMessage": message,
        "matchResults": [{
            "entityType": object, "errors": [], "matchEngine": "ExactMatchEngine", "matchRecords": records,
            "rule": format!("{}_match", rule.name), "size": found.len(), "success": true,
        }],
    });
    Refusal { duplicates: Some(Box::new(result)), ..Refusal::row("DUPLICATES_DETECTED", message, &[]) }
}
