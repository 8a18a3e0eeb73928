//! What the integration user may see and do: field-level security, rights on objects, sharing.

use std::collections::{BTreeSet, HashSet};

use super::id::Id;
use super::schema::{Field, Object, STAMP, Schema};
use super::store::{Row, Store};
use super::value::Value;

/// What is taken from the integration user. Fields are positions of an object and of a field in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rights {
    /// Fields that it does not see.
    pub(crate) hidden_fields: HashSet<(usize, usize)>,
    /// Fields that it sees and may not write.
    pub(crate) read_only_fields: HashSet<(usize, usize)>,
    /// Objects that it does not see.
    pub(crate) hidden_objects: BTreeSet<usize>,
    /// Objects of which it may make no records.
    pub(crate) not_createable: BTreeSet<usize>,
    /// Objects whose records it may not change.
    pub(crate) not_updateable: BTreeSet<usize>,
    /// Objects whose records it may not delete.
    pub(crate) not_deletable: BTreeSet<usize>,
    /// Records that are not shared with it: it does not see them.
    pub(crate) unshared: BTreeSet<Id>,
    /// Records that it sees and may not change.
    pub(crate) read_only_records: BTreeSet<Id>,
}

/// The org as the integration user sees it. What it may not see is not there.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    /// All objects.
    pub(crate) schema: &'a Schema,
    /// What is taken from the user.
    pub(crate) rights: &'a Rights,
    /// All rows.
    pub(crate) store: &'a Store,
}

impl<'a> Sight<'a> {
    /// The position of a visible object by its name, which matches without regard to case.
    pub(crate) fn object(&self, name: &str) -> Option<usize> {
        self.schema.position(name).filter(|object| self.sees_object(*object))
    }

    /// Whether the user sees an object.
    pub(crate) fn sees_object(&self, object: usize) -> bool {
        !self.at(object).absent && !self.rights.hidden_objects.contains(&object)
    }

    /// The object at a position.
    pub(crate) fn at(&self, object: usize) -> &'a Object {
        &self.schema.objects[object]
    }

    /// The position of a visible field by its name, which matches without regard to case.
    pub(crate) fn field(&self, object: usize, name: &str) -> Option<usize> {
        self.at(object).position(name).filter(|field| self.sees_field(object, *field))
    }

    /// Whether the user sees a field.
    pub(crate) fn sees_field(&self, object: usize, field: usize) -> bool {
        !self.at(object).fields[field].absent && !self.rights.hidden_fields.contains(&(object, field))
    }

    /// The visible fields of an object with their positions.
    pub(crate) fn fields(&self, object: usize) -> impl Iterator<Item = (usize, &'a Field)> + use<'a> {
        let sight = *self;
        sight.at(object).fields.iter().enumerate().filter(move |(field, _)| sight.sees_field(object, *field))
    }

    /// Whether a record is shared with the user.
    pub(crate) fn sees(&self, row: &Row) -> bool {
        !self.rights.unshared.contains(&row.id)
    }

    /// A record that the user sees and that is not deleted.
    pub(crate) fn get(&self, id: Id) -> Option<&'a Row> {
        self.store.get(id).filter(|row| !row.is_deleted() && self.sees(row)).map(|row| &**row)
    }

    /// The parts of a compound address in the vendor's order, by the names that answers give them.
    pub(crate) fn address(&self, row: &'a Row, field: usize) -> Vec<(&'static str, &'a Value)> {
        let object = self.at(row.object);
        let compound = &object.fields[field].name;
        let stem = compound.strip_suffix("Address").unwrap_or(compound);
        const PARTS: [(&str, &str); 8] = [
            ("city", "City"),
            ("country", "Country"),
            ("geocodeAccuracy", "GeocodeAccuracy"),
            ("latitude", "Latitude"),
            ("longitude", "Longitude"),
            ("postalCode", "PostalCode"),
            ("state", "State"),
            ("street", "Street"),
        ];
        let value = |part: &str| object.position(&format!("{stem}{part}")).map_or(&Value::Null, |at| &row.values[at]);
        PARTS.map(|(shown, part)| (shown, value(part))).to_vec()
    }

    /// A field of a row as answers in JSON show it.
    pub(crate) fn json(&self, row: &'a Row, field: usize) -> serde_json::Value {
        let described = &self.at(row.object).fields[field];
        if described.kind != super::schema::Kind::Address {
            return row.values[field].json(described.is_whole());
        }
        let parts = self.address(row, field);
        if parts.iter().all(|(_, value)| value.is_null()) {
            return serde_json::Value::Null;
        }
        parts.into_iter().map(|(name, value)| (name.to_owned(), value.json(false))).collect()
    }

    /// The address of a row, and its type: what every record in an answer begins with.
    pub(crate) fn attributes(&self, row: &Row, version: &str) -> serde_json::Value {
        let name = &self.at(row.object).name;
        serde_json::json!({ "type": name, "url": format!("/services/data/{version}/sobjects/{name}/{}", row.id) })
    }

    /// When a row changed last.
    pub(crate) fn stamp(&self, row: &Row) -> Option<jiff::Timestamp> {
        row.values[STAMP].as_moment()
    }
}
