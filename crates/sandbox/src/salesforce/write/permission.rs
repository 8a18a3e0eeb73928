//! What the vendor demands of permission sets: the right to manage them, names of what there is, permissions that others
//! depend on, and each thing once.

use super::{Writer, insufficient};
use crate::salesforce::errors::{Refusal, RowVerdict};
use crate::salesforce::id::Id;
use crate::salesforce::schema::{Field, Object, Schema};
use crate::salesforce::store::Row;
use crate::salesforce::value::Value;

impl Writer<'_> {
    pub(super) fn before_permission(&self, row: &Row) -> RowVerdict<()> {
        if !self.settings.manage_permission_sets {
            return Err(vec![insufficient()]);
        }
        match self.object(row.object).name.as_str() {
            "ObjectPermissions" => {
                self.permitted_object(row)?;
                self.read_first(row, self.text(row, "SobjectType"))?;
                self.master_first(row)?;
                self.only_once(row, &["ParentId", "SobjectType"])
            }
            "FieldPermissions" => {
                self.permitted_field(row)?;
                self.read_first(row, self.text(row, "Field"))?;
                self.only_once(row, &["ParentId", "Field"])
            }
            "PermissionSetAssignment" => self.only_once(row, &["PermissionSetId", "AssigneeId"]),
            _ => Ok(()),
        }
    }

    fn value<'r>(&self, row: &'r Row, field: &str) -> &'r Value {
        self.object(row.object).position(field).map_or(&Value::Null, |position| &row.values[position])
    }

    fn text<'r>(&self, row: &'r Row, field: &str) -> &'r str {
        self.value(row, field).as_text().unwrap_or_default()
    }

    fn permitted_object(&self, row: &Row) -> RowVerdict<()> {
        let name = self.text(row, "SobjectType");
        self.schema.position(name).map(|_| ()).ok_or_else(|| unknown("Object Type Name", name, "SobjectType"))
    }

    /// Fields that every record must have are seen by all: nobody is given them.
    fn permitted_field(&self, row: &Row) -> RowVerdict<()> {
        let name = self.text(row, "Field");
        let object =
            name.split_once('.').filter(|(object, _)| object.eq_ignore_ascii_case(self.text(row, "SobjectType")));
        let field = object.and_then(|(object, field)| named(self.schema, object)?.field(field));
        if !field.is_some_and(Field::is_permissionable) {
            return Err(unknown("Field Name", name, "Field"));
        }
        let parent = self.value(row, "ParentId").as_id();
        if parent.is_some_and(|parent| self.grants_object(parent, self.text(row, "SobjectType"))) {
            return Ok(());
        }
        Err(vec![depends(&format!("Read {name}"), &format!("Read {}", self.text(row, "SobjectType")))])
    }

    /// Nobody reads a detail who may not read its master.
    fn master_first(&self, row: &Row) -> RowVerdict<()> {
        let Some(parent) = self.value(row, "ParentId").as_id() else { return Ok(()) };
        let name = self.text(row, "SobjectType");
        let fields = named(self.schema, name).into_iter().flat_map(|object| &object.fields);
        let masters = fields.filter_map(|field| field.relation.as_ref().filter(|relation| relation.master));
        for master in masters.map(|relation| &self.schema.objects[relation.object].name) {
            if !self.grants_object(parent, master) {
                return Err(vec![depends(&format!("Read {name}"), &format!("Read {master}"))]);
            }
        }
        Ok(())
    }

    fn grants_object(&self, parent: Id, object: &str) -> bool {
        let Some(position) = self.schema.position("ObjectPermissions") else { return false };
        let mut rows = self.store.table(position).iter().filter(|row| !row.is_deleted());
        rows.any(|row| {
            self.value(row, "ParentId").as_id() == Some(parent)
                && self.text(row, "SobjectType").eq_ignore_ascii_case(object)
        })
    }

    fn read_first(&self, row: &Row, of: &str) -> RowVerdict<()> {
        let has = |permission: &str| self.value(row, &format!("Permissions{permission}")).is_true();
        let dependent = ["Create", "Edit", "Delete"].into_iter().find(|permission| has(permission));
        match dependent.filter(|_| !has("Read")) {
            Some(permission) => Err(vec![depends(&format!("{permission} {of}"), &format!("Read {of}"))]),
            None => Ok(()),
        }
    }

    fn only_once(&self, row: &Row, fields: &[&str]) -> RowVerdict<()> {
        let same = |other: &Row| fields.iter().all(|field| self.value(other, field) == self.value(row, field));
        let others = self.store.table(row.object).iter().filter(|other| other.id != row.id && !other.is_deleted());
        match others.map(|other| &**other).find(|other| same(other)) {
            Some(other) => {
                let message = format!(
                    "duplicate value found: {} duplicates value on record with id: {}",
                    fields.first().copied().unwrap_or_default(),
                    other.id
                );
                Err(vec![Refusal::row("DUPLICATE_VALUE", message, &[])])
            }
            None => Ok(()),
        }
    }
}

fn named<'s>(schema: &'s Schema, object: &str) -> Option<&'s Object> {
    schema.position(object).map(|position| &schema.objects[position])
}

fn unknown(label: &str, value: &str, field: &str) -> Vec<Refusal> {
    let message = format!("{label}: bad value for restricted picklist field: {value}");
    vec![Refusal::row("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, &[field])]
}

fn depends(permission: &str, other: &str) -> Refusal {
    let message = format!("Permission {permission} depends on permission(s): {other}");
    Refusal::row("FIELD_INTEGRITY_EXCEPTION", message, &[])
}
