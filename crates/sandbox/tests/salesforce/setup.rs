//! Fields are made by callers, are seen once they are granted, and are refused as the vendor refuses them.

use serde_json::{Value, json};

use super::client::Account;

const FIELDS: &str = "/tooling/sobjects/CustomField";

async fn bare() -> Account {
    Account::with(json!({ "bare": true })).await
}

fn text(more: Value) -> Value {
    let mut metadata = json!({ "type": "Text", "label": "Print", "length": 80 });
    metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    metadata
}

async fn names(account: &Account, object: &str) -> Vec<String> {
    let described = account.get(&format!("/sobjects/{object}/describe")).await;
    let fields = described.body["fields"].as_array().cloned().unwrap_or_default();
    fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_field_that_is_made_is_seen_by_nobody_until_a_permission_set_grants_it() {
    let account = bare().await;
    assert!(!names(&account, "Account").await.contains(&"Nue_Id__c".to_owned()));
    let body = json!({
        "FullName": "Account.Print__c",
        "Metadata": text(json!({ "externalId": true, "unique": true, "caseSensitive": false })),
    });
    account.post(FIELDS, body).await.id();
    assert!(!names(&account, "Account").await.contains(&"Print__c".to_owned()));
    let query = account.get("/query?q=SELECT+Print__c+FROM+Account").await;
    assert_eq!(query.refusal(), (400, "INVALID_FIELD"));

    let set = account.post("/sobjects/PermissionSet", json!({ "Name": "Sync", "Label": "Sync" })).await.id();
    let field = json!({
        "ParentId": set, "SobjectType": "Account", "Field": "Account.Print__c", "PermissionsRead": true,
        "PermissionsEdit": true,
    });
    assert_eq!(
        account.post("/sobjects/FieldPermissions", field.clone()).await.refusal(),
        (400, "FIELD_INTEGRITY_EXCEPTION")
    );
    let object = json!({ "ParentId": set, "SobjectType": "Account", "PermissionsRead": true });
    account.post("/sobjects/ObjectPermissions", object.clone()).await.id();
    account.post("/sobjects/FieldPermissions", field.clone()).await.id();
    assert_eq!(account.post("/sobjects/FieldPermissions", field).await.refusal(), (400, "DUPLICATE_VALUE"));
    assert!(!names(&account, "Account").await.contains(&"Print__c".to_owned()), "it is not assigned yet");
    let user = account.access.user_id.clone();
    account.post("/sobjects/PermissionSetAssignment", json!({ "PermissionSetId": set, "AssigneeId": user })).await.id();
    assert!(names(&account, "Account").await.contains(&"Print__c".to_owned()));

    let first = account.post("/sobjects/Account", json!({ "Name": "A", "Print__c": "x" })).await.id();
    let twin = account.post("/sobjects/Account", json!({ "Name": "B", "Print__c": "X" })).await;
    assert_eq!(twin.refusal(), (400, "DUPLICATE_VALUE"), "{first}");
}

#[tokio::test]
async fn definitions_are_refused_as_the_vendor_refuses_them() {
    let account = bare().await;
    let made = |full: &str, metadata: Value| json!({ "FullName": full, "Metadata": metadata });
    account.post(FIELDS, made("Account.Print__c", text(json!({})))).await.id();
    for (body, code, words) in [
        (made("Account.print__C", text(json!({}))), "FIELD_INTEGRITY_EXCEPTION", "The Custom Field Name"),
        (made("Account.PRINT__c", text(json!({}))), "DUPLICATE_DEVELOPER_NAME", "There is already a field named"),
        (
            made("Account.A__c", json!({ "type": "Text", "label": "A" })),
            "FIELD_INTEGRITY_EXCEPTION",
            "Must specify 'length'",
        ),
        (
            made("Account.A__c", json!({ "type": "DateTime", "label": "A", "length": 1 })),
            "FIELD_INTEGRITY_EXCEPTION",
            "Can not specify 'length' for a CustomField of type DateTime",
        ),
        (made("Nowhere__c.A__c", text(json!({}))), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Nowhere__c"),
    ] {
        let answer = account.post(FIELDS, body).await;
        assert_eq!(answer.refusal(), (400, code), "{answer:?}");
        assert!(answer.message().contains(words), "{answer:?}");
    }
    account.set(json!({ "customize_application": false })).await;
    let answer = account.post(FIELDS, made("Account.B__c", text(json!({})))).await;
    assert_eq!(answer.refusal(), (403, "INSUFFICIENT_ACCESS"));
    let answer = account.post("/tooling/sobjects/CustomObject", json!({})).await;
    assert_eq!(answer.refusal(), (405, "METHOD_NOT_ALLOWED"));
}

#[tokio::test]
async fn the_tooling_api_tells_of_fields_that_the_user_is_not_shown() {
    let account = bare().await;
    let body = json!({ "FullName": "Account.Print__c", "Metadata": text(json!({})) });
    let id = account.post(FIELDS, body).await.id();
    let query = "/tooling/query?q=SELECT+Id,NamespacePrefix,TableEnumOrId+FROM+CustomField+WHERE+DeveloperName='Print'";
    let told = account.get(query).await;
    assert_eq!(told.body["records"][0]["Id"], id.as_str(), "{told:?}");
    assert_eq!(told.body["records"][0]["TableEnumOrId"], "Account");
    assert_eq!(account.get(&format!("{FIELDS}/{id}")).await.body["FullName"], "Account.Print__c");
}
