//! What permission sets give to the integration user: they only ever add to what its profile gives.

use std::collections::HashSet;

use crate::salesforce::id::Id;
use crate::salesforce::rights::Rights;
use crate::salesforce::schema::Schema;
use crate::salesforce::store::{Row, Store};
use crate::salesforce::value::Value;

/// The objects whose rows are permission sets, and what belongs to them.
pub(in crate::salesforce) const SETUP: [&str; 4] =
    ["PermissionSet", "ObjectPermissions", "FieldPermissions", "PermissionSetAssignment"];

/// Hides what callers have made from the user, and shows all that a permission set of its own grants.
pub(in crate::salesforce) fn grant(schema: &Schema, store: &Store, user: Id, rights: &mut Rights) {
    for (position, object) in schema.objects.iter().enumerate() {
        if object.needs_grant {
            rights.hidden_objects.insert(position);
            rights.not_createable.insert(position);
            rights.not_updateable.insert(position);
            rights.not_deletable.insert(position);
        }
        for (field, _) in object.fields.iter().enumerate().filter(|(_, field)| field.needs_grant && !field.absent) {
            rights.hidden_fields.insert((position, field));
            rights.read_only_fields.insert((position, field));
        }
    }
    let all = Rows { schema, store };
    let assigned: HashSet<Id> = all
        .of("PermissionSetAssignment")
        .filter(|row| all.get(row, "AssigneeId").as_id() == Some(user))
        .filter_map(|row| all.get(row, "PermissionSetId").as_id())
        .collect();
    let own = |row: &&Row| all.get(row, "ParentId").as_id().is_some_and(|set| assigned.contains(&set));
    for row in all.of("ObjectPermissions").filter(own) {
        let Some(object) = all.object(row) else { continue };
        let lifts = [
            ("PermissionsRead", &mut rights.hidden_objects),
            ("PermissionsCreate", &mut rights.not_createable),
            ("PermissionsEdit", &mut rights.not_updateable),
            ("PermissionsDelete", &mut rights.not_deletable),
        ];
        for (permission, taken) in lifts {
            if all.get(row, permission).is_true() {
                taken.remove(&object);
            }
        }
    }
    for row in all.of("FieldPermissions").filter(own) {
        let Some(place) = all.field(row) else { continue };
        for (permission, taken) in
            [("PermissionsRead", &mut rights.hidden_fields), ("PermissionsEdit", &mut rights.read_only_fields)]
        {
            if all.get(row, permission).is_true() {
                taken.remove(&place);
            }
        }
    }
}

/// The rows of objects by their names.
struct Rows<'a> {
    schema: &'a Schema,
    store: &'a Store,
}

impl<'a> Rows<'a> {
    fn of(&self, object: &str) -> impl Iterator<Item = &'a Row> + use<'a> {
        let (store, object) = (self.store, self.schema.position(object));
        let rows = object.into_iter().flat_map(move |object| store.table(object).iter());
        rows.map(|row| &**row).filter(|row| !row.is_deleted())
    }

    fn get(&self, row: &'a Row, field: &str) -> &'a Value {
        self.schema.objects[row.object].position(field).map_or(&Value::Null, |position| &row.values[position])
    }

    fn object(&self, row: &'a Row) -> Option<usize> {
        self.schema.position(self.get(row, "SobjectType").as_text()?)
    }

    fn field(&self, row: &'a Row) -> Option<(usize, usize)> {
        let (object, field) = self.get(row, "Field").as_text()?.split_once('.')?;
        let object = self.schema.position(object)?;
        Some((object, self.schema.objects[object].position(field)?))
    }
}
