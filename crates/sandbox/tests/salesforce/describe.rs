//! Describes, and what the integration user does not see.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Account, of};

fn field<'a>(described: &'a Value, name: &str) -> Option<&'a Value> {
    described["fields"].as_array().unwrap().iter().find(|field| field["name"] == name)
}

#[tokio::test]
async fn objects_are_listed_and_described_with_their_fields_and_ways() {
    let account = Account::open().await;
    let all = account.get("/sobjects").await;
    assert_eq!((&all.body["encoding"], &all.body["maxBatchSize"]), (&json!("UTF-8"), &json!(200)));
    let names: Vec<&str> =
        all.body["sobjects"].as_array().unwrap().iter().map(|object| object["name"].as_str().unwrap()).collect();
    for name in [
        "Account",
        "Contact",
        "Order",
        "OrderItem",
        "PricebookEntry",
        "Product2",
        "User",
        "Ruby__Subscription__c",
        "Counterfoil_Mark__c",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let described = account.get("/sobjects/account/describe").await.body;
    assert_eq!((&described["name"], &described["keyPrefix"]), (&json!("Account"), &json!("001")));
    let key = field(&described, "Nue_Id__c").unwrap();
    for flag in ["externalId", "unique", "idLookup", "custom", "nillable", "createable", "updateable", "filterable"] {
        assert_eq!(key[flag], true, "{flag}");
    }
    assert_eq!((&key["caseSensitive"], &key["length"], &key["byteLength"]), (&json!(false), &json!(36), &json!(108)));
    let owner = field(&described, "OwnerId").unwrap();
    assert_eq!((&owner["referenceTo"], &owner["relationshipName"]), (&json!(["User"]), &json!("Owner")));
    let children = described["childRelationships"].as_array().unwrap();
    let contacts = children.iter().find(|child| child["relationshipName"] == "Contacts").unwrap();
    assert_eq!((&contacts["childSObject"], &contacts["field"]), (&json!("Contact"), &json!("AccountId")));
    let item = account.get("/sobjects/Ruby__InvoiceItem__c/describe").await.body;
    let master = field(&item, "Ruby__Invoice__c").unwrap();
    assert_eq!(
        (&master["cascadeDelete"], &master["nillable"], &master["updateable"]),
        (&json!(true), &json!(false), &json!(false))
    );
    let basic = account.get("/sobjects/Account").await.body;
    assert_eq!((&basic["objectDescribe"]["label"], &basic["recentItems"]), (&json!("Account"), &json!([])));
}

#[tokio::test]
async fn a_describe_that_has_not_changed_is_not_sent_again() {
    let account = Account::open().await;
    let first = account.get("/sobjects/Account/describe").await;
    let date = first.header("last-modified").to_owned();
    let again = async || {
        account.call(Method::GET, "/sobjects/Account/describe", &[("if-modified-since", &date)], None).await.status
    };
    assert_eq!(again().await, 304);
    account.clock.advance(1);
    account.set(json!({ "hidden_fields": ["Account.Phone"] })).await;
    assert_eq!(again().await, 200);
}

#[tokio::test]
async fn a_hidden_field_is_absent_from_describes_and_records_and_unknown_when_named() {
    let account = Account::open().await;
    let id = account.make("Account", json!({ "Name": "A", "Phone": "1" })).await;
    account.set(json!({ "hidden_fields": ["Account.Phone"] })).await;
    let described = account.get("/sobjects/Account/describe").await.body;
    assert!(field(&described, "Phone").is_none() && field(&described, "Fax").is_some());
    assert!(account.read("Account", &id).await.get("Phone").is_none());
    let written = account.patch(&format!("/sobjects/Account/{id}"), json!({ "Phone": "2" })).await;
    assert_eq!(written.refusal(), (400, "INVALID_FIELD"));
    assert_eq!(written.message(), "No such column 'Phone' on sobject of type Account");
    let row = of("Account", json!({ "Name": "B", "Phone": "2" }));
    let rows = account.post("/composite/sobjects", json!({ "records": [row] })).await;
    assert_eq!(rows.body[0]["errors"][0]["statusCode"], "INVALID_FIELD");
    account.set(json!({ "hidden_fields": ["Account.Nue_Id__c"] })).await;
    assert_eq!(
        account.patch("/sobjects/Account/Nue_Id__c/k", json!({ "Name": "C" })).await.refusal(),
        (404, "NOT_FOUND")
    );
}

#[tokio::test]
async fn a_field_that_may_only_be_read_says_so_and_refuses_a_write() {
    let account = Account::open().await;
    account.set(json!({ "read_only_fields": ["Account.Integration_Status__c"] })).await;
    let described = account.get("/sobjects/Account/describe").await.body;
    let status = field(&described, "Integration_Status__c").unwrap();
    assert_eq!((&status["createable"], &status["updateable"]), (&json!(false), &json!(false)));
    let refused = account.post("/sobjects/Account", json!({ "Name": "A", "Integration_Status__c": "x" })).await;
    assert_eq!(refused.refusal(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE"));
    assert_eq!(refused.body[0]["fields"], json!(["Integration_Status__c"]));
}

#[tokio::test]
async fn an_object_without_rights_is_not_there_or_not_written() {
    let account = Account::open().await;
    let id = account.make("Account", json!({ "Name": "A" })).await;
    account.set(json!({ "hidden_objects": ["Ruby__Invoice__c"], "not_createable": ["Account"], "not_updateable": ["Account"], "not_deletable": ["Account"] })).await;
    assert_eq!(account.get("/sobjects/Ruby__Invoice__c/describe").await.refusal(), (404, "NOT_FOUND"));
    let described = account.get("/sobjects/Account/describe").await.body;
    assert_eq!(
        (&described["createable"], &described["updateable"], &described["deletable"]),
        (&json!(false), &json!(false), &json!(false))
    );
    let refused = account.post("/sobjects/Account", json!({ "Name": "B" })).await;
    assert_eq!(refused.refusal(), (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"));
    assert_eq!(refused.message(), "entity type cannot be inserted: Account");
    let path = format!("/sobjects/Account/{id}");
    assert_eq!(account.patch(&path, json!({ "Phone": "1" })).await.refusal(), (403, "INSUFFICIENT_ACCESS_OR_READONLY"));
    assert_eq!(account.delete(&path).await.refusal(), (403, "INSUFFICIENT_ACCESS_OR_READONLY"));
}

#[tokio::test]
async fn objects_and_fields_bear_the_names_that_the_settings_give_them() {
    let names = json!({ "Ruby__Invoice__c": "Rechnung__c", "Account.Nue_Id__c": "Nue_Key__c" });
    let account = Account::with(json!({ "names": names })).await;
    assert_eq!(account.get("/sobjects/Ruby__Invoice__c/describe").await.status, 404);
    assert_eq!(account.get("/sobjects/Rechnung__c/describe").await.body["name"], "Rechnung__c");
    account.patch("/sobjects/Account/Nue_Key__c/k", json!({ "Name": "A" })).await.id();
    let item = account.get("/sobjects/Ruby__InvoiceItem__c/describe").await.body;
    let master =
        item["fields"].as_array().unwrap().iter().find(|field| field["referenceTo"] == json!(["Rechnung__c"])).unwrap();
    assert_eq!(master["relationshipName"], "Rechnung__r");
}
