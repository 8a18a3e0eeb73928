//! What the database itself demands of a row: required fields, references, unique keys.

use super::Writer;
use crate::salesforce::errors::{Refusal, RowVerdict};
use crate::salesforce::schema::SYSTEM_FIELDS;
use crate::salesforce::store::Row;
use crate::salesforce::value::Value;

impl Writer<'_> {
    pub(super) fn check_required(&self, row: &Row) -> RowVerdict<()> {
        let fields = self.object(row.object).fields.iter().enumerate().skip(SYSTEM_FIELDS.len());
        let missing: Vec<&str> = fields
            .filter(|(position, field)| field.required && row.values[*position].is_null())
            .map(|(_, field)| field.name.as_str())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!("Required fields are missing: [{}]", missing.join(", "));
        Err(vec![Refusal::row("REQUIRED_FIELD_MISSING", message, &missing)])
    }

    /// What a row refers to anew must be there, and be seen.
    pub(super) fn check_references(&self, before: Option<&Row>, row: &Row) -> RowVerdict<()> {
        for (position, field) in self.object(row.object).fields.iter().enumerate().skip(SYSTEM_FIELDS.len()) {
            let (Some(_), Value::Id(id)) = (&field.relation, &row.values[position]) else { continue };
            if before.is_some_and(|before| before.values[position] == row.values[position]) {
                continue;
            }
            let refusal = match self.store.get(*id) {
                None => Refusal::row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", &[&field.name]),
                Some(target) if target.is_deleted() => {
                    Refusal::row("ENTITY_IS_DELETED", "entity is deleted", &[&field.name])
                }
                Some(target) if !self.sight().sees(target) => Refusal::row(
                    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                    format!("insufficient access rights on cross-reference id: {}", id.short()),
                    &[],
                ),
                Some(_) => continue,
            };
            return Err(vec![refusal]);
        }
        Ok(())
    }

    /// No two records share a unique value. What lies in the recycle bin does not count, and nothing is like nothing.
    pub(super) fn check_unique(&self, row: &Row) -> RowVerdict<()> {
        for (position, field) in self.object(row.object).fields.iter().enumerate().filter(|(_, field)| field.unique) {
            let value = &row.values[position];
            let others = self.store.table(row.object).look_up(position, value);
            let mut others = others
                .filter(|other| other.id != row.id && !other.is_deleted())
                .filter(|other| !field.case_sensitive || other.values[position] == *value);
            if let Some(other) = others.next() {
                // Of a record that the user does not see neither field nor id are told.
                let (name, id) = match self.sight().sees(other) {
                    true => (field.name.as_str(), other.id.to_string()),
                    false => ("<unknown>", "<unknown>".to_owned()),
                };
                let message = format!("duplicate value found: {name} duplicates value on record with id: {id}");
                return Err(vec![Refusal::row("DUPLICATE_VALUE", message, &[])]);
            }
        }
        Ok(())
    }
}
