//! Rows that are there before anybody calls: past all rules and automation.

use serde_json::{Map, Value as Json};

use super::id::Id;
use super::schema::{Field, Kind, MODIFIED_BY, MODIFIED_DATE, STAMP, SYSTEM_FIELDS};
use super::value::Value;
use super::write::{Form, Writer, scalar};

impl Writer<'_> {
    /// Puts rows into an object as they are given: too long, without what is required, twice. Ids, stamps and numbers
    /// are taken from the row where it has them. Answers with the ids.
    ///
    /// # Errors
    /// An object or a field does not exist, or a value is of another type.
    pub(super) fn seed(&mut self, object: &str, rows: Vec<Map<String, Json>>) -> Result<Vec<String>, String> {
        let object = self.schema.position(object).ok_or_else(|| format!("there is no object `{object}`"))?;
        rows.into_iter().map(|row| self.seed_row(object, &row).map(|id| id.to_string())).collect()
    }

    fn seed_row(&mut self, object: usize, given: &Map<String, Json>) -> Result<Id, String> {
        let described = &self.schema.objects[object];
        let id = match given.get("Id") {
            Some(id) => id.as_str().and_then(Id::read).filter(|id| id.prefix() == described.prefix),
            None => Some(self.store.next_id(described.prefix, object)),
        };
        let id = id.ok_or_else(|| format!("`{}` is no id of {}", given["Id"], described.name))?;
        let mut row = self.blank(object, id);
        for (name, json) in given.iter().filter(|(name, _)| *name != "attributes" && *name != "Id") {
            let position =
                described.position(name).ok_or_else(|| format!("there is no field `{}.{name}`", described.name))?;
            row.set(position, value(&described.fields[position], json)?);
        }
        self.complete_new(&mut row);
        self.name_person(&mut row);
        let made = row.values[super::schema::CREATED_DATE].clone();
        for (position, value) in [(MODIFIED_DATE, &made), (STAMP, &made), (MODIFIED_BY, &Value::Id(self.user))] {
            if row.values[position].is_null() {
                row.set(position, value.clone());
            }
        }
        self.store.put(row);
        Ok(id)
    }
}

/// A text is taken whatever it is; the rest must at least be of its type.
fn value(field: &Field, json: &Json) -> Result<Value, String> {
    let wrong = || format!("`{json}` is no {} for {}", field.kind.name(), field.name);
    if field.kind.is_text() {
        return match json {
            Json::Null => Ok(Value::Null),
            Json::String(text) => Ok(Value::text(text)),
            _ => Err(wrong()),
        };
    }
    let is_system = SYSTEM_FIELDS.contains(&field.name.as_str());
    let value = scalar::read(field, json, Form::Collection).map_err(|refusal| refusal.message)?;
    match value {
        Value::Null if field.kind == Kind::Boolean => Err(wrong()),
        Value::Null if is_system => Err(wrong()),
        value => Ok(value),
    }
}
