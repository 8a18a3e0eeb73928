//! Describes: what objects and fields there are for the integration user, and what it may do with them.
//!
//! Clients fail when a key is missing, so all are there.

use serde_json::{Map, Value as Json, json};

use super::At;
use super::conditional;
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::Verdict;
use crate::salesforce::rights::Sight;
use crate::salesforce::schema::{Field, Kind, SYSTEM_FIELDS};
use crate::salesforce::value::Value;
use crate::salesforce::write::scalar::soap_type;

/// `GET /sobjects`.
pub(super) fn all(at: &At<'_>, call: &Call) -> Reply {
    if let Some(reply) = unchanged(at, call) {
        return reply;
    }
    let sight = at.sight();
    let objects = (0..sight.schema.objects.len()).filter(|object| sight.sees_object(*object));
    let objects: Vec<Json> = objects.map(|object| Json::Object(summary(&sight, call, object))).collect();
    let body = json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects });
    Reply::json(200, body).with("last-modified", conditional::http_date(at.current.since))
}

/// `GET /sobjects/{object}`.
pub(super) fn basic(at: &At<'_>, call: &Call, name: &str) -> Verdict<Reply> {
    let object = super::object(at, name)?;
    let described = Json::Object(summary(&at.sight(), call, object));
    Ok(Reply::json(200, json!({ "objectDescribe": described, "recentItems": [] })))
}

/// `GET /sobjects/{object}/describe`.
pub(super) fn whole(at: &At<'_>, call: &Call, name: &str) -> Verdict<Reply> {
    let object = super::object(at, name)?;
    if let Some(reply) = unchanged(at, call) {
        return Ok(reply);
    }
    let sight = at.sight();
    let mut body = summary(&sight, call, object);
    let described = sight.at(object);
    let children = described.children.iter().filter(|child| sight.sees_field(child.object, child.field));
    let children = children.filter(|child| sight.sees_object(child.object));
    let children: Vec<Json> = children
        .map(|child| {
            let field = &sight.at(child.object).fields[child.field];
            json!({
                "cascadeDelete": child.cascades, "childSObject": sight.at(child.object).name,
                "deprecatedAndHidden": false, "field": field.name, "junctionIdListNames": [],
                "junctionReferenceTo": [], "relationshipName": child.name, "restrictedDelete": field.required && !child.cascades,
            })
        })
        .collect();
    let fields: Vec<Json> =
        sight.fields(object).map(|(position, field)| field_of(&sight, object, position, field)).collect();
    let record_type = json!({
        "active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master", "master": true,
        "name": "Master", "recordTypeId": "012000000000000AAA",
        "urls": { "layout": format!("/services/data/{}/sobjects/{}/describe/layouts/012000000000000AAA", call.version, described.name) },
    });
    let more = json!({
        "actionOverrides": [], "childRelationships": children, "compactLayoutable": !described.is_fixed(),
        "defaultImplementation": null, "extendedBy": null, "extendsInterfaces": null, "fields": fields,
        "implementedBy": null, "implementsInterfaces": null, "listviewable": null, "lookupLayoutable": null,
        "namedLayoutInfos": [], "networkScopeFieldName": null, "recordTypeInfos": [record_type],
        "sobjectDescribeOption": "FULL",
        "searchLayoutable": !described.is_fixed(), "supportedScopes": [{ "label": format!("All {}", described.plural), "name": "everything" }],
    });
    body.extend(more.as_object().cloned().unwrap_or_default());
    Ok(Reply::json(200, Json::Object(body)).with("last-modified", conditional::http_date(at.current.since)))
}

fn unchanged(at: &At<'_>, call: &Call) -> Option<Reply> {
    let since = conditional::moment(call.header("if-modified-since")?)?;
    (at.current.since <= since).then(|| Reply::empty(304))
}

/// What a list of objects tells of each.
fn summary(sight: &Sight<'_>, call: &Call, object: usize) -> Map<String, Json> {
    let described = sight.at(object);
    let open = !described.is_fixed();
    let url = format!("/services/data/{}/sobjects/{}", call.version, described.name);
    let createable = open && !sight.rights.not_createable.contains(&object);
    let updateable = open && !sight.rights.not_updateable.contains(&object);
    let deletable = open && described.name != "User" && !sight.rights.not_deletable.contains(&object);
    let mut urls = json!({
        "sobject": url, "describe": format!("{url}/describe"), "rowTemplate": format!("{url}/{{ID}}"),
    });
    if open {
        urls["compactLayouts"] = json!(format!("{url}/describe/compactLayouts"));
        urls["approvalLayouts"] = json!(format!("{url}/describe/approvalLayouts"));
        urls["defaultValues"] = json!(format!("{url}/defaultValues?recordTypeId&fields"));
        urls["listviews"] = json!(format!("{url}/listviews"));
        urls["quickActions"] = json!(format!("{url}/quickActions"));
        urls["layouts"] = json!(format!("{url}/describe/layouts"));
    }
    let body = json!({
        "activateable": false, "associateEntityType": null, "associateParentEntity": null, "createable": createable,
        "custom": described.is_custom(), "customSetting": false, "deepCloneable": false, "deletable": deletable,
        "deprecatedAndHidden": false, "feedEnabled": open, "hasSubtypes": false, "isInterface": false,
        "isSubtype": false, "keyPrefix": String::from_utf8_lossy(&described.prefix), "label": described.label,
        "labelPlural": described.plural, "layoutable": open, "mergeable": matches!(described.name.as_str(), "Account" | "Contact"),
        "mruEnabled": open, "name": described.name, "queryable": true, "replicateable": true, "retrieveable": true,
        "searchable": open, "triggerable": open, "undeletable": deletable, "updateable": updateable, "urls": urls,
    });
    body.as_object().cloned().unwrap_or_default()
}

/// A field.
fn field_of(sight: &Sight<'_>, object: usize, position: usize, field: &Field) -> Json {
    let writable = !sight.rights.read_only_fields.contains(&(object, position));
    let createable = field.createable && writable && !sight.rights.not_createable.contains(&object);
    let updateable = field.updateable && writable && !sight.rights.not_updateable.contains(&object);
    let is_text = field.kind.is_text();
    let length = match field.kind {
        Kind::Id | Kind::Reference => 18,
        _ => field.length,
    };
    let bytes = if is_text { length * 3 } else { length };
    let defaulted = !field.default.is_null() || field.auto_number.is_some() || field.name == "OwnerId";
    let defaulted = defaulted || (SYSTEM_FIELDS.contains(&field.name.as_str()));
    let default = match (&field.default, field.kind) {
        (Value::Flag(flag), _) => json!(flag),
        _ => Json::Null,
    };
    let relation = field.relation.as_ref();
    let master = relation.is_some_and(|relation| relation.master);
    let values: Vec<Json> = field
        .values
        .iter()
        .map(|value| {
            let is_default = field.default.as_text() == Some(value);
            json!({ "active": true, "defaultValue": is_default, "label": value, "validFor": null, "value": value })
        })
        .collect();
    let extra = match field.kind {
        Kind::TextArea => json!("plaintextarea"),
        _ if field.person_name || field.compound.as_deref() == Some("Name") => match field.name.as_str() {
            "Name" if !field.person_name => json!("switchablepersonname"),
            _ => json!("personname"),
        },
        _ => Json::Null,
    };
    let own =
        SYSTEM_FIELDS.contains(&field.name.as_str()) || matches!(field.name.as_str(), "OwnerId" | "MasterRecordId");
    let refers: Vec<&str> = relation.map(|relation| sight.at(relation.object).name.as_str()).into_iter().collect();
    let mut body = json!({
        "aggregatable": field.is_aggregatable(), "aiPredictionField": false, "autoNumber": field.auto_number.is_some(),
        "byteLength": bytes, "calculated": false, "calculatedFormula": null, "cascadeDelete": master,
        "caseSensitive": field.case_sensitive, "compoundFieldName": field.compound, "controllerName": null,
        "createable": createable, "custom": field.is_custom(), "defaultValue": default, "defaultValueFormula": null,
        "defaultedOnCreate": defaulted, "dependentPicklist": false, "deprecatedAndHidden": false,
        "digits": if field.kind == Kind::Int { 8 } else { 0 }, "displayLocationInDecimal": false, "encrypted": false,
        "externalId": field.external_id, "extraTypeInfo": extra, "filterable": field.is_filterable(),
        "filteredLookupInfo": null, "formulaTreatNullNumberAsZero": false, "groupable": field.is_groupable(),
        "highScaleNumber": false, "htmlFormatted": false,
    });
    let more = json!({
        "idLookup": field.id_lookup, "inlineHelpText": null,
        "label": field.label, "length": length, "mask": null, "maskType": null, "name": field.name,
        "nameField": field.name_field, "namePointing": false, "nillable": !field.required && !field.person_name,
        "permissionable": field.is_permissionable(), "picklistValues": values, "polymorphicForeignKey": false,
        "precision": if field.kind == Kind::Int { 0 } else { field.precision }, "queryByDistance": field.kind == Kind::Address,
        "referenceTargetField": null, "referenceTo": refers, "relationshipName": relation.map(|relation| &relation.name),
        "relationshipOrder": if master { json!(0) } else { Json::Null },
        "restrictedDelete": relation.is_some() && field.required && !master && !own,
        "restrictedPicklist": field.restricted, "scale": field.scale, "searchPrefilterable": relation.is_some() && !own,
        "soapType": soap_type(field.kind), "sortable": field.is_sortable(), "type": field.kind.name(),
        "unique": field.unique, "updateable": updateable, "writeRequiresMasterRead": false,
    });
    if let (Json::Object(body), Json::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}
