//! Records by a key of their own.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Account, of};

const KEY: &str = "/sobjects/Ruby__Invoice__c/Nue_Id__c";

#[tokio::test]
async fn an_upsert_makes_a_record_once_and_changes_it_from_then_on() {
    let account = Account::open().await;
    let customer = account.make("Account", json!({ "Name": "Acme" })).await;
    let body = json!({ "Name": "INV-1", "Ruby__Account__c": customer });
    let made = account.patch(&format!("{KEY}/Nue-1"), body.clone()).await;
    let id = made.id();
    assert_eq!(made.body["created"], true);
    let changed = account.patch(&format!("{KEY}/nue-1"), body.clone()).await;
    assert_eq!(
        (changed.status.as_u16(), &changed.body),
        (200, &json!({ "id": id, "success": true, "errors": [], "created": false }))
    );
    let session = format!("Bearer {}", account.token);
    let headers = [("authorization", session.as_str()), ("content-type", "application/json")];
    let old = account
        .send(Method::PATCH, &format!("/services/data/v45.0{KEY}/nue-1"), &headers, Some(body.to_string()))
        .await;
    assert_eq!((old.status.as_u16(), old.text.as_str()), (204, ""));
    assert_eq!(account.count("Ruby__Invoice__c").await, 1);
    assert_eq!(
        account.get(&format!("{KEY}/NUE-1")).await.body["Nue_Id__c"],
        "Nue-1",
        "the key keeps its first spelling"
    );
    assert_eq!(account.delete(&format!("{KEY}/nue-1")).await.status, 204);
    assert_eq!(account.get(&format!("{KEY}/nue-1")).await.refusal(), (404, "NOT_FOUND"));
    assert_ne!(account.patch(&format!("{KEY}/nue-1"), body).await.id(), id, "the recycle bin does not count");
}

#[tokio::test]
async fn an_upsert_that_may_only_change_makes_nothing() {
    let account = Account::open().await;
    let body = json!({ "Name": "Acme" });
    let refused = account.patch("/sobjects/Account/Nue_Id__c/a?updateOnly=true", body.clone()).await;
    assert_eq!(refused.refusal(), (404, "NOT_FOUND"));
    assert_eq!(account.count("Account").await, 0);
    let id = account.patch("/sobjects/Account/Nue_Id__c/a", body.clone()).await.id();
    assert_eq!(account.patch("/sobjects/Account/Nue_Id__c/a?updateOnly=true", body.clone()).await.status, 200);
    assert_eq!(account.patch(&format!("/sobjects/Account/Id/{id}"), body.clone()).await.status, 200);
    account.post("/sobjects/Account/Id", body).await.id();
}

#[tokio::test]
async fn the_key_is_not_repeated_in_the_body_and_must_be_one() {
    let account = Account::open().await;
    let twice = account.patch("/sobjects/Account/Nue_Id__c/a", json!({ "Name": "A", "Nue_Id__c": "a" })).await;
    assert_eq!(twice.message(), "The Nue_Id__c field should not be specified in the sobject data.");
    assert_eq!(account.patch("/sobjects/Account/Phone/1", json!({ "Name": "A" })).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(
        account.patch("/sobjects/Account/Nothing__c/1", json!({ "Name": "A" })).await.refusal(),
        (404, "NOT_FOUND")
    );
}

#[tokio::test]
async fn a_key_that_several_records_share_names_them_and_changes_none() {
    let account = Account::open().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(account.make("Contact", json!({ "LastName": "Doe", "Email": "a@example.com" })).await);
    }
    let several = account.patch("/sobjects/Contact/Email/a@example.com", json!({ "LastName": "Roe" })).await;
    assert_eq!(several.status, 300);
    let urls: Vec<String> = ids.iter().map(|id| format!("/services/data/v66.0/sobjects/Contact/{id}")).collect();
    assert_eq!(several.body, json!(urls));
    assert_eq!(account.read("Contact", &ids[0]).await["LastName"], "Doe");
    let row = of("Contact", json!({ "LastName": "Roe", "Email": "a@example.com" }));
    let rows = account.patch("/composite/sobjects/Contact/Email", json!({ "records": [row] })).await;
    assert_eq!(rows.body[0]["errors"][0]["statusCode"], "DUPLICATE_EXTERNAL_ID");
}

#[tokio::test]
async fn a_second_record_with_the_key_is_refused_with_the_id_of_the_first() {
    let account = Account::open().await;
    let first = account.make("Account", json!({ "Name": "A", "Nue_Id__c": "Key-1" })).await;
    let second = account.post("/sobjects/Account", json!({ "Name": "B", "Nue_Id__c": "KEY-1" })).await;
    assert_eq!(second.refusal(), (400, "DUPLICATE_VALUE"));
    assert_eq!(
        second.message(),
        format!("duplicate value found: Nue_Id__c duplicates value on record with id: {first}")
    );
    assert_eq!(second.body[0]["fields"], json!([]));
    account.set(json!({ "unshared_records": [first] })).await;
    let unseen = account.post("/sobjects/Account", json!({ "Name": "B", "Nue_Id__c": "key-1" })).await;
    assert_eq!(unseen.message(), "duplicate value found: <unknown> duplicates value on record with id: <unknown>");
    for _ in 0..2 {
        account.make("Account", json!({ "Name": "nothing is like nothing", "Nue_Id__c": "" })).await;
    }
}

#[tokio::test]
async fn two_overlapping_upserts_of_one_key_make_one_record() {
    let account = Account::open().await;
    let body = json!({ "Name": "A" });
    let calls = (0..8).map(|_| account.patch("/sobjects/Account/Nue_Id__c/k", body.clone()));
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.body["created"] == true).count();
    assert_eq!((made, account.count("Account").await), (1, 1));
}

#[tokio::test]
async fn a_parent_is_named_by_a_key_of_its_own() {
    let account = Account::open().await;
    let parent = account.make("Account", json!({ "Name": "A", "Nue_Id__c": "A-1" })).await;
    let child = json!({ "LastName": "Doe", "Account": { "Nue_Id__c": "a-1" } });
    let contact = account.make("Contact", child).await;
    assert_eq!(account.read("Contact", &contact).await["AccountId"], parent.as_str());
    let orphan =
        account.post("/sobjects/Contact", json!({ "LastName": "Doe", "Account": { "Nue_Id__c": "B-1" } })).await;
    assert_eq!(orphan.refusal(), (400, "INVALID_FIELD"));
    assert_eq!(orphan.message(), "Foreign key external ID: B-1 not found for field Nue_Id__c in entity Account");
    let invoice = json!({ "Name": "I", "Ruby__Account__r": { "Nue_Id__c": "A-1" } });
    account.make("Ruby__Invoice__c", invoice).await;
    let unknown = account.post("/sobjects/Contact", json!({ "LastName": "D", "Acount": { "Nue_Id__c": "A-1" } })).await;
    assert_eq!(unknown.message(), "No such column 'Acount' on sobject of type Contact");
    assert_eq!(account.read("Contact", &contact).await["Account"], Value::Null);
}
