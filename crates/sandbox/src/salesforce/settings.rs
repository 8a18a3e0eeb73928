//! What differs from org to org, and what a scenario changes while the emulator runs.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::id::Id;
use super::rights::Rights;
use super::schema::Schema;

/// The org's settings. Through the control API each is set by its name here; what is not named stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Other names for the objects and fields of the table: `"Ruby__Invoice__c"`, `"Account.Nue_Id__c"`. Only taken
    /// when the org is made.
    pub names: BTreeMap<String, String>,
    /// Fields that the integration user does not see: `"Account.Phone"`.
    pub hidden_fields: BTreeSet<String>,
    /// Fields that it sees and may not write.
    pub read_only_fields: BTreeSet<String>,
    /// Objects that it does not see.
    pub hidden_objects: BTreeSet<String>,
    /// Objects of which it may make no records.
    pub not_createable: BTreeSet<String>,
    /// Objects whose records it may not change.
    pub not_updateable: BTreeSet<String>,
    /// Objects whose records it may not delete.
    pub not_deletable: BTreeSet<String>,
    /// Ids of records that are not shared with it.
    pub unshared_records: BTreeSet<String>,
    /// Ids of records that are shared with it to be read only.
    pub read_only_records: BTreeSet<String>,
    /// The administrators' validation rules.
    pub validation_rules: Vec<ValidationRule>,
    /// The administrators' duplicate rules.
    pub duplicate_rules: Vec<DuplicateRule>,
    /// How many calls the org has in 24 hours.
    pub daily_api_requests: u64,
    /// How many of them others have made.
    pub daily_api_requests_used: u64,
    /// How many long calls may be under way at once.
    pub concurrent_long_calls: usize,
    /// After how many milliseconds a call is a long one.
    pub long_call_ms: u64,
    /// For how many milliseconds a call waits for rows that another one has locked.
    pub lock_wait_ms: u64,
    /// How many milliseconds a bulk job takes for each of its batches.
    pub bulk_batch_ms: u64,
    /// The org is in read-only mode.
    pub maintenance: bool,
    /// The integration user is active.
    pub user_active: bool,
    /// The integration user may use the API.
    pub api_enabled: bool,
    /// The integration user sees all data, and may upsert by an External ID that is not unique.
    pub view_all_data: bool,
    /// The connected app's secret has not been replaced.
    pub client_secret_valid: bool,
    /// The refresh token has not been revoked.
    pub refresh_token_valid: bool,
    /// The user's password has not expired.
    pub password_valid: bool,
    /// The connected app's certificate has not been replaced.
    pub certificate_valid: bool,
    /// The app runs as a user when it logs in as itself.
    pub client_credentials_user: bool,
    /// After how many minutes without a call a session is over.
    pub session_minutes: i64,
    /// The org lacks the fields and the object that a sync adds. Only taken when the org is made.
    pub bare: bool,
    /// The integration user has the right "Customize Application".
    pub customize_application: bool,
    /// The integration user has the right "Modify Metadata Through Metadata API Functions".
    pub modify_metadata: bool,
    /// The integration user has the rights "Manage Profiles and Permission Sets" and "Assign Permission Sets".
    pub manage_permission_sets: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            hidden_fields: BTreeSet::new(),
            read_only_fields: BTreeSet::new(),
            hidden_objects: BTreeSet::new(),
            not_createable: BTreeSet::new(),
            not_updateable: BTreeSet::new(),
            not_deletable: BTreeSet::new(),
            unshared_records: BTreeSet::new(),
            read_only_records: BTreeSet::new(),
            validation_rules: Vec::new(),
            duplicate_rules: Vec::new(),
            daily_api_requests: 100_000,
            daily_api_requests_used: 0,
            concurrent_long_calls: 25,
            long_call_ms: 20_000,
            lock_wait_ms: 10_000,
            bulk_batch_ms: 0,
            maintenance: false,
            user_active: true,
            api_enabled: true,
            view_all_data: false,
            client_secret_valid: true,
            refresh_token_valid: true,
            password_valid: true,
            certificate_valid: true,
            client_credentials_user: true,
            session_minutes: 120,
            bare: false,
            customize_application: true,
            modify_metadata: true,
            manage_permission_sets: true,
        }
    }
}

/// A validation rule: a record for which all conditions hold is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationRule {
    /// The object.
    pub object: String,
    /// The conditions, all of which must hold.
    pub when: Vec<Condition>,
    /// The administrator's words.
    pub message: String,
    /// The field at which the error is shown; `None`: at the top of the page.
    #[serde(default)]
    pub field: Option<String>,
}

/// A condition on a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// How it is compared.
    pub is: Comparison,
    /// With what; nothing for [`Comparison::Blank`] and [`Comparison::Filled`].
    #[serde(default)]
    pub value: Json,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// There is no value.
    #[serde(rename = "blank")]
    Blank,
    /// There is a value.
    #[serde(rename = "filled")]
    Filled,
    /// The values are the same.
    #[serde(rename = "=")]
    Equal,
    /// The values differ.
    #[serde(rename = "!=")]
    Unequal,
    /// The field's is the smaller.
    #[serde(rename = "<")]
    Less,
    /// The field's is the greater.
    #[serde(rename = ">")]
    Greater,
}

/// A duplicate rule: a new record that shares all these fields with another one is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRule {
    /// The object.
    pub object: String,
    /// The fields that must be equal without regard to case.
    pub fields: Vec<String>,
    /// The rule's name.
    #[serde(default = "rule_name")]
    pub name: String,
    /// The rule only warns: who sends `Sforce-Duplicate-Rule-Header: allowSave=true` may save. Otherwise it blocks.
    #[serde(default)]
    pub allow_save: bool,
}

fn rule_name() -> String {
    "Standard_Duplicate_Rule".to_owned()
}

impl Settings {
    /// These settings with those in their place that are given.
    ///
    /// # Errors
    /// A setting is unknown, or its value is of the wrong type.
    pub(crate) fn with(&self, wanted: &Json) -> Result<Self, String> {
        let wanted = wanted.as_object().ok_or("settings are a JSON object")?;
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        let known = all.as_object_mut().ok_or("settings are a JSON object")?;
        for (name, value) in wanted {
            if matches!(name.as_str(), "names" | "bare") && known.get(name) != Some(value) {
                return Err(format!("`{name}` can only be set when the org is made"));
            }
            if known.insert(name.clone(), value.clone()).is_none() {
                known.remove(name);
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                return Err(format!("unknown setting `{name}`; the settings are {}", names.join(", ")));
            }
        }
        serde_json::from_value(all).map_err(|error| error.to_string())
    }

    /// What is taken from the integration user.
    ///
    /// # Errors
    /// An object or a field does not exist, or an id is none.
    pub(crate) fn rights(&self, schema: &Schema) -> Result<Rights, String> {
        let object = |name: &String| schema.position(name).ok_or_else(|| format!("there is no object `{name}`"));
        let objects = |names: &BTreeSet<String>| names.iter().map(object).collect::<Result<BTreeSet<_>, _>>();
        let field = |path: &String| field_of(schema, path).ok_or_else(|| format!("there is no field `{path}`"));
        let fields = |paths: &BTreeSet<String>| paths.iter().map(field).collect::<Result<HashSet<_>, _>>();
        let id = |text: &String| Id::read(text).ok_or_else(|| format!("`{text}` is no id"));
        let ids = |texts: &BTreeSet<String>| texts.iter().map(id).collect::<Result<BTreeSet<_>, _>>();
        for rule in &self.validation_rules {
            let named = rule.when.iter().map(|condition| &condition.field).chain(&rule.field);
            named.map(|name| field(&format!("{}.{name}", rule.object))).collect::<Result<Vec<_>, _>>()?;
        }
        for rule in &self.duplicate_rules {
            rule.fields.iter().map(|name| field(&format!("{}.{name}", rule.object))).collect::<Result<Vec<_>, _>>()?;
        }
        Ok(Rights {
            hidden_fields: fields(&self.hidden_fields)?,
            read_only_fields: fields(&self.read_only_fields)?,
            hidden_objects: objects(&self.hidden_objects)?,
            not_createable: objects(&self.not_createable)?,
            not_updateable: objects(&self.not_updateable)?,
            not_deletable: objects(&self.not_deletable)?,
            unshared: ids(&self.unshared_records)?,
            read_only_records: ids(&self.read_only_records)?,
        })
    }
}

fn field_of(schema: &Schema, path: &str) -> Option<(usize, usize)> {
    let (object, field) = path.split_once('.')?;
    let object = schema.position(object)?;
    Some((object, schema.objects[object].position(field)?))
}
