//! The objects of the org and their fields, read from the table that stands beside this file.
//!
//! Objects and fields are referred to by their positions: an object's in the schema, a field's in its object. The
//! names are settings: [`Schema::read`] takes other names for those of the table.

mod custom;
mod field;
mod parse;

use std::collections::{BTreeMap, HashMap};

pub(crate) use field::{Field, Kind, Relation};

/// The fields that every object begins with, at these positions.
pub(crate) const ID: usize = 0;
/// Whether the record lies in the recycle bin.
pub(crate) const IS_DELETED: usize = 1;
/// When it was made.
pub(crate) const CREATED_DATE: usize = 2;
/// By whom it was made.
pub(crate) const CREATED_BY: usize = 3;
/// When somebody changed it last.
pub(crate) const MODIFIED_DATE: usize = 4;
/// Who changed it last.
pub(crate) const MODIFIED_BY: usize = 5;
/// When anybody or anything changed it last.
pub(crate) const STAMP: usize = 6;

/// Their names.
pub(crate) const SYSTEM_FIELDS: [&str; 7] =
    ["Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"];

/// A way from a record to the records that refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Child {
    /// The object of those records.
    pub(crate) object: usize,
    /// Their field that refers here.
    pub(crate) field: usize,
    /// The name of the way.
    pub(crate) name: Option<String>,
    /// Whether they are deleted with this record.
    pub(crate) cascades: bool,
}

/// A type of record.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    /// The name in the vendor's spelling.
    pub(crate) name: String,
    /// What one is called.
    pub(crate) label: String,
    /// What several are called.
    pub(crate) plural: String,
    /// How the ids of its records begin.
    pub(crate) prefix: [u8; 3],
    /// Its fields, at their positions.
    pub(crate) fields: Vec<Field>,
    /// The ways to the records that refer to one of its own.
    pub(crate) children: Vec<Child>,
    /// Whether it is an object that a sync adds to an org.
    pub(crate) ours: bool,
    /// Whether the org lacks it.
    pub(crate) absent: bool,
    /// Whether only a permission set lets the user see it: a caller has made it.
    pub(crate) needs_grant: bool,
    by_name: HashMap<String, usize>,
}

impl Object {
    /// The position of a field by its name, which matches without regard to case.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let position = *self.by_name.get(&name.to_ascii_lowercase())?;
        (!self.fields[position].absent).then_some(position)
    }

    /// A field by its name, which matches without regard to case.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.position(name).map(|position| &self.fields[position])
    }

    /// The position of the reference behind a relationship's name (`Account`, `Ruby__Invoice__r`).
    pub(crate) fn parent(&self, relationship: &str) -> Option<usize> {
        self.fields.iter().position(|field| {
            field.relation.as_ref().is_some_and(|relation| relation.name.eq_ignore_ascii_case(relationship))
        })
    }

    /// The way to children by its name (`Contacts`, `Ruby__InvoiceItems__r`).
    pub(crate) fn child(&self, relationship: &str) -> Option<&Child> {
        self.children
            .iter()
            .find(|child| child.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(relationship)))
    }

    /// Whether it is one of the org's own, or of a package.
    pub(crate) fn is_custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Whether records of it are read only: the org itself, its profiles.
    pub(crate) fn is_fixed(&self) -> bool {
        matches!(self.name.as_str(), "Organization" | "Profile")
    }

    fn add(&mut self, field: Field) {
        self.by_name.insert(field.name.to_ascii_lowercase(), self.fields.len());
        self.fields.push(field);
    }
}

/// All objects of the org.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schema {
    /// The objects, at their positions.
    pub(crate) objects: Vec<Object>,
    by_name: HashMap<String, usize>,
    by_prefix: HashMap<[u8; 3], usize>,
}

impl Schema {
    /// The schema of the table. `names` gives an object or a field (`Ruby__Invoice__c`, `Integration_Status__c`, or
    /// `Account.Nue_Id__c` for one object's only) another name.
    ///
    /// # Errors
    /// A line of the table is not understood.
    pub(crate) fn read(names: &BTreeMap<String, String>) -> Result<Self, String> {
        parse::read(include_str!("objects.txt"), names)
    }

    /// The schema of another table.
    ///
    /// # Errors
    /// A line of the table is not understood.
    pub(in crate::salesforce) fn of(table: &str) -> Result<Self, String> {
        parse::read(table, &BTreeMap::new())
    }

    /// The position of an object by its name, which matches without regard to case.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.to_ascii_lowercase()).copied().filter(|object| !self.objects[*object].absent)
    }

    /// The object whose records' ids begin so.
    pub(crate) fn by_prefix(&self, prefix: [u8; 3]) -> Option<usize> {
        self.by_prefix.get(&prefix).copied()
    }

    fn add(&mut self, object: Object) {
        self.by_name.insert(object.name.to_ascii_lowercase(), self.objects.len());
        self.by_prefix.insert(object.prefix, self.objects.len());
        self.objects.push(object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object<'a>(schema: &'a Schema, name: &str) -> Option<&'a Object> {
        schema.position(name).map(|position| &schema.objects[position])
    }

    #[test]
    fn every_line_of_the_table_is_understood() {
        let schema = Schema::read(&BTreeMap::new()).unwrap();
        for object in &schema.objects {
            for (position, name) in SYSTEM_FIELDS.iter().enumerate() {
                assert_eq!(object.fields[position].name, *name);
            }
            assert!(object.fields.iter().any(|field| field.name_field), "{}", object.name);
        }
    }

    #[test]
    fn names_match_without_regard_to_case_and_keep_the_vendors_spelling() {
        let schema = Schema::read(&BTreeMap::new()).unwrap();
        let account = object(&schema, "ACCOUNT").unwrap();
        assert_eq!(account.field("nue_id__C").unwrap().name, "Nue_Id__c");
        assert_eq!(account.field("BillingCity").unwrap().label, "Billing City");
        assert_eq!(account.field("ParentId").unwrap().label, "Parent Account ID");
        assert!(object(&schema, "Organization").unwrap().field("IsDeleted").is_none());
    }

    #[test]
    fn relationships_lead_both_ways() {
        let schema = Schema::read(&BTreeMap::new()).unwrap();
        let contact = object(&schema, "Contact").unwrap();
        let account = object(&schema, "Account").unwrap();
        let way = contact.fields[contact.parent("account").unwrap()].relation.clone().unwrap();
        assert_eq!(schema.objects[way.object].name, "Account");
        assert_eq!(schema.objects[account.child("contacts").unwrap().object].name, "Contact");
        let item = object(&schema, "Ruby__InvoiceItem__c").unwrap();
        assert!(item.parent("Ruby__Invoice__r").is_some());
        assert!(object(&schema, "Ruby__Invoice__c").unwrap().child("Ruby__InvoiceItems__r").unwrap().cascades);
    }

    #[test]
    fn other_names_are_taken_for_those_of_the_table() {
        let names = BTreeMap::from([
            ("Ruby__Invoice__c".to_owned(), "Bill__c".to_owned()),
            ("Account.Nue_Id__c".to_owned(), "Key__c".to_owned()),
        ]);
        let schema = Schema::read(&names).unwrap();
        assert!(object(&schema, "Ruby__Invoice__c").is_none());
        assert!(object(&schema, "Ruby__InvoiceItem__c").unwrap().parent("Bill__r").is_some());
        assert!(object(&schema, "Account").unwrap().field("Key__c").is_some());
        assert!(object(&schema, "Order").unwrap().field("Nue_Id__c").is_some());
    }
}
