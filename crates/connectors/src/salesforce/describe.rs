//! What an object and its fields are, as Salesforce describes them to the user that we are: a field that this user may
//! not see is not in it.

use std::collections::HashMap;
use std::sync::Arc;

use model::ports::{FieldUse, Lack};
use serde::Deserialize;
use tokio::sync::Mutex;

/// An object.
#[derive(Debug, Deserialize)]
pub(super) struct Described {
    #[serde(default)]
    pub(super) queryable: Option<bool>,
    #[serde(default)]
    pub(super) createable: bool,
    #[serde(default)]
    pub(super) updateable: bool,
    #[serde(default)]
    pub(super) fields: Vec<Field>,
}

/// A field.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) filterable: bool,
    #[serde(default)]
    pub(super) createable: bool,
    #[serde(default)]
    pub(super) updateable: bool,
    #[serde(default)]
    pub(super) external_id: bool,
    #[serde(default)]
    pub(super) unique: bool,
    /// Whether a permission set decides who sees it.
    #[serde(default)]
    pub(super) permissionable: bool,
    #[serde(default)]
    pub(super) case_sensitive: bool,
    #[serde(default)]
    pub(super) length: usize,
    #[serde(default)]
    pub(super) precision: u32,
    #[serde(default)]
    pub(super) scale: u32,
    #[serde(default)]
    pub(super) nillable: Option<bool>,
    #[serde(default)]
    pub(super) defaulted_on_create: bool,
    #[serde(default)]
    pub(super) restricted_picklist: bool,
    #[serde(default)]
    pub(super) picklist_values: Vec<Choice>,
    #[serde(default)]
    pub(super) reference_to: Vec<String>,
    #[serde(default)]
    relationship_name: Option<String>,
}

impl Field {
    /// The name under which the record that this field refers to is named by one of its own keys.
    pub(super) fn way(&self) -> Result<&str, String> {
        self.relationship_name.as_deref().ok_or_else(|| format!("the reference {} has no relationship", self.name))
    }
}

/// A value of a picklist.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub(super) active: bool,
    #[serde(default)]
    pub(super) value: Option<String>,
}

/// Objects that were described before: an org is asked once a process.
#[derive(Default)]
pub(super) struct Descriptions(pub(super) Mutex<HashMap<String, Option<Arc<Described>>>>);

impl Described {
    /// A field, by its name in any case.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field by which records of this object name their parent.
    pub(super) fn parent_field(&self, parent: &str) -> Result<&Field, String> {
        let refers = |field: &&Field| field.reference_to.iter().any(|object| object.eq_ignore_ascii_case(parent));
        let mut found = self.fields.iter().filter(refers);
        match (found.next(), found.next()) {
            (Some(field), None) => Ok(field),
            (None, _) => Err(format!("no field refers to {parent}")),
            (Some(one), Some(other)) => {
                Err(format!("both {} and {} refer to {parent}: which is its parent is not told", one.name, other.name))
            }
        }
    }

    /// Which fields that a flow reads and marks are not there, or not ours to use so.
    pub(super) fn lacking(&self, uses: &[FieldUse]) -> Vec<Lack> {
        let lack = |wanted: &FieldUse| {
            let Some(field) = self.field(&wanted.field) else { return Some(self.unknown(&wanted.field)) };
            let matter = match () {
                () if wanted.filtered && !field.filterable => "cannot be filtered by",
                () if wanted.written && !field.updateable => "cannot be edited by the integration user",
                () => return None,
            };
            Some(Lack { name: wanted.field.clone(), matter, nearest: None })
        };
        uses.iter().filter_map(lack).collect()
    }

    /// The same for a field that a flow writes into new and into old records.
    pub(super) fn lacks_to_write(&self, name: &str) -> Option<Lack> {
        let Some(field) = self.field(name) else { return Some(self.unknown(name)) };
        // A parent that is fixed at the creation, and our own key, are only written then.
        let matter = (!field.createable && !field.updateable).then_some("cannot be edited by the integration user")?;
        Some(Lack { name: name.to_owned(), matter, nearest: None })
    }

    /// What is the matter with a field by which records are to be known.
    pub(super) fn lacks_as_key(&self, name: &str) -> Option<Lack> {
        let Some(field) = self.field(name) else { return Some(self.unknown(name)) };
        let matter = (!(field.external_id && field.unique)).then_some("is not an External ID that is Unique")?;
        Some(Lack { name: name.to_owned(), matter, nearest: None })
    }

    pub(super) fn unknown(&self, name: &str) -> Lack {
        Lack::unknown(name, self.fields.iter().map(|field| field.name.as_str()))
    }
}
