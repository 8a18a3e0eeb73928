//! What the org has. A describe shows what the integration user may see; the Tooling API tells of our fields that nobody
//! has given to it yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::problem::Problem;
use model::value::Record;

use super::{PERMISSION_SET, Wanted};
use crate::salesforce::describe::Described;
use crate::salesforce::{Salesforce, rows, soql};

/// The org, as far as it matters.
#[derive(Default)]
pub(super) struct Sight {
    /// Objects that the user sees.
    pub(super) described: BTreeMap<String, Arc<Described>>,
    /// Custom objects that are there, in lower case, with the ids of their definitions.
    objects: BTreeMap<String, String>,
    /// Custom fields that are there: `account.nue_id__c`.
    fields: BTreeSet<String>,
    /// The permission set.
    pub(super) set: Option<String>,
    /// What it grants, by `Account` and by `Account.Nue_Id__c`, both in lower case.
    pub(super) grants: BTreeMap<String, Grant>,
    /// The integration user.
    pub(super) user: String,
    /// Whether the permission set is assigned to it.
    pub(super) assigned: bool,
}

/// What a permission set grants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) id: String,
    pub(super) read: bool,
    pub(super) create: bool,
    pub(super) edit: bool,
}

impl Sight {
    /// Whether an object is there, seen or not.
    pub(super) fn has_object(&self, name: &str) -> bool {
        self.described.contains_key(name) || self.objects.contains_key(&name.to_lowercase())
    }

    /// Whether a custom field is there, seen or not.
    pub(super) fn has_field(&self, object: &str, name: &str) -> bool {
        self.fields.contains(&format!("{object}.{name}").to_lowercase())
    }
}

impl Salesforce {
    /// Looks at the org anew.
    pub(super) async fn sight(&self, wanted: &Wanted) -> Result<Sight, Problem> {
        self.descriptions.0.lock().await.clear();
        let mut sight = Sight::default();
        for name in wanted.objects.keys() {
            if let Some(described) = self.described(name).await? {
                sight.described.insert(name.clone(), described);
            }
        }
        self.definitions(wanted, &mut sight).await?;
        sight.user = self.own_id().await?;
        self.permissions(&mut sight).await?;
        Ok(sight)
    }

    async fn definitions(&self, wanted: &Wanted, sight: &mut Sight) -> Result<(), Problem> {
        let custom = |name: &&str| name.ends_with("__c");
        let objects: BTreeSet<&str> = wanted.objects.keys().map(String::as_str).filter(custom).map(developer).collect();
        let fields = wanted.objects.values().flat_map(|object| object.fields.keys().map(String::as_str));
        let fields: BTreeSet<&str> = fields.filter(custom).map(developer).collect();
        for row in self.definition_rows("CustomObject", &["Id", "DeveloperName", "NamespacePrefix"], &objects).await? {
            sight.objects.insert(full_name(&row), row.text("Id").to_owned());
        }
        let of: BTreeMap<&str, &String> = sight.objects.iter().map(|(name, id)| (id.as_str(), name)).collect();
        let columns = ["DeveloperName", "NamespacePrefix", "TableEnumOrId"];
        for row in self.definition_rows("CustomField", &columns, &fields).await? {
            let table = row.text("TableEnumOrId");
            let object = of.get(table).map_or_else(|| table.to_lowercase(), |name| (*name).clone());
            sight.fields.insert(format!("{object}.{}", full_name(&row)));
        }
        Ok(())
    }

    /// Rows of the Tooling API by their developer names.
    async fn definition_rows(
        &self,
        table: &str,
        columns: &[&str],
        names: &BTreeSet<&str>,
    ) -> Result<Vec<Record>, Problem> {
        let names: Vec<&str> = names.iter().copied().collect();
        let queries = soql::among(table, columns, "DeveloperName", &names);
        let mut all = Vec::new();
        for query in queries.map_err(|unfit| self.unfit("GET /tooling/query", unfit))? {
            let mut request = self.get("/tooling/query", "/tooling/query");
            request.url.query_pairs_mut().append_pair("q", &query);
            let reply = self.read(&request).await?;
            let part = rows::part(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?;
            if part.next.is_some() {
                return Err(self.http.malformed(&request, &reply, "more than one part"));
            }
            all.extend(part.records);
        }
        Ok(all)
    }

    /// Who we are: the last part of our identity's address.
    async fn own_id(&self) -> Result<String, Problem> {
        let request = self.get("", "");
        let reply = self.read(&request).await?;
        let malformed = |words: &str| self.http.malformed(&request, &reply, words);
        let resources =
            crate::json::record(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?;
        let user = resources.text("identity").rsplit('/').next().unwrap_or_default();
        if user.starts_with("005") && user.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
            Ok(user.to_owned())
        } else {
            Err(malformed("the list of resources names no identity of a user"))
        }
    }

    async fn permissions(&self, sight: &mut Sight) -> Result<(), Problem> {
        sight.set = self.permission_set().await?;
        let Some(set) = &sight.set else { return Ok(()) };
        let query = |fields: &str, object: &str| format!("SELECT Id, {fields} FROM {object} WHERE ParentId = '{set}'");
        let objects = query("SobjectType, PermissionsRead, PermissionsCreate, PermissionsEdit", "ObjectPermissions");
        let fields = query("Field, PermissionsRead, PermissionsEdit", "FieldPermissions");
        for (query, of) in [(objects, "SobjectType"), (fields, "Field")] {
            for row in self.rows(&query).await?.0 {
                let may = |permission: &str| row.get(permission).show() == "true";
                let grant = Grant {
                    id: row.text("Id").to_owned(),
                    read: may("PermissionsRead"),
                    create: may("PermissionsCreate"),
                    edit: may("PermissionsEdit"),
                };
                sight.grants.insert(row.text(of).to_lowercase(), grant);
            }
        }
        let assigned = format!(
            "SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = '{set}' AND AssigneeId = '{}'",
            sight.user
        );
        sight.assigned = !self.rows(&assigned).await?.0.is_empty();
        Ok(())
    }

    /// The id of our permission set.
    pub(super) async fn permission_set(&self) -> Result<Option<String>, Problem> {
        let query = format!("SELECT Id FROM PermissionSet WHERE Name = '{PERMISSION_SET}'");
        Ok(self.rows(&query).await?.0.first().map(|row| row.text("Id").to_owned()))
    }
}

/// `Amount` of `Ruby__Amount__c`.
fn developer(name: &str) -> &str {
    let stem = name.strip_suffix("__c").unwrap_or(name);
    stem.split_once("__").map_or(stem, |(_, developer)| developer)
}

fn full_name(row: &Record) -> String {
    let namespace = row.text("NamespacePrefix");
    let before = if namespace.is_empty() { String::new() } else { format!("{namespace}__") };
    format!("{before}{}__c", row.text("DeveloperName")).to_lowercase()
}
