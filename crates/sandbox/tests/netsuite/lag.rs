//! A search that lags behind the records.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Account;

const RECORDS: &str = "/services/rest/record/v1/**";

async fn lagging() -> Account {
    let account = Account::open().await;
    account.faults(json!([{ "kind": "lag", "path": RECORDS, "ms": 5000 }])).await;
    account
}

async fn names(account: &Account) -> Vec<Value> {
    let answer = account.ask("SELECT companyname FROM customer ORDER BY id").await;
    answer.body["items"].as_array().unwrap().iter().map(|row| row["companyname"].clone()).collect()
}

async fn listed(account: &Account, filter: &str) -> Value {
    account.get(&format!("/customer?q=companyName%20IS%20{filter}")).await.body["totalResults"].clone()
}

#[tokio::test]
async fn a_new_record_stands_at_its_address_before_a_search_finds_it() {
    let account = lagging().await;
    let id = account.customer("Acme").await;
    assert_eq!(account.get(&format!("/customer/{id}")).await.status, 200);
    assert_eq!(account.get("/customer/eid:zacc-Acme").await.status, 200);
    assert_eq!((names(&account).await, listed(&account, "Acme").await), (vec![], json!(0)));
    let again =
        account.post("/customer", json!({ "companyName": "Acme", "subsidiary": "1", "externalId": "zacc-acme" })).await;
    assert!(again.detail().ends_with("This entity already exists."), "{again:?}");
    account.clock.advance(4);
    assert_eq!(names(&account).await, [""; 0]);
    account.clock.advance(1);
    assert_eq!((names(&account).await, listed(&account, "Acme").await), (vec![json!("Acme")], json!(1)));
}

#[tokio::test]
async fn a_changed_record_is_found_as_it_was_and_a_deleted_one_is_still_found() {
    let account = Account::open().await;
    let (changed, deleted) = (account.customer("Alder").await, account.customer("Birch").await);
    account.faults(json!([{ "kind": "index lag", "path": RECORDS, "ms": 5000 }])).await;
    assert_eq!(account.patch(&format!("/customer/{changed}"), json!({ "companyName": "Cedar" })).await.status, 204);
    assert_eq!(account.delete(&format!("/customer/{deleted}")).await.status, 204);
    assert_eq!(account.get(&format!("/customer/{changed}")).await.body["companyName"], "Cedar");
    assert_eq!(account.get(&format!("/customer/{deleted}")).await.status, 404);
    let graves = async || account.ask("SELECT * FROM deletedrecord").await.body["totalResults"].clone();
    assert_eq!((names(&account).await, graves().await), (vec![json!("Alder"), json!("Birch")], json!(0)));
    assert_eq!((listed(&account, "Alder").await, listed(&account, "Cedar").await), (json!(1), json!(0)));
    account.clock.advance(5);
    assert_eq!((names(&account).await, graves().await), (vec![json!("Cedar")], json!(1)));
    assert_eq!((listed(&account, "Alder").await, listed(&account, "Cedar").await), (json!(0), json!(1)));
}

#[tokio::test]
async fn the_rule_of_the_write_decides_and_its_end_does_not_reveal_what_is_hidden() {
    let account = Account::open().await;
    account.faults(json!([{ "kind": "lag", "method": "POST", "path": "/services/rest/record/v1/customer", "ms": 5000, "times": 1 }])).await;
    account.customer("Acme").await;
    account.customer("Birch").await;
    assert_eq!(names(&account).await, ["Birch"]);
    let cleared = account.send(Method::DELETE, "/_sandbox/faults", "", &[], None).await;
    assert_eq!((cleared.status.as_u16(), names(&account).await), (200, vec![json!("Birch")]));
    account.patch("/customer/eid:zacc-Acme", json!({ "companyName": "Cedar" })).await;
    assert_eq!(names(&account).await, ["Cedar", "Birch"]);
}

#[tokio::test]
async fn what_a_write_changes_besides_its_record_lags_with_it() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let invoice = account.invoice("zinv-1", &customer, &item, "10").await.id();
    account.faults(json!([{ "kind": "lag", "path": RECORDS, "ms": 5000 }])).await;
    let memo = json!({
        "externalId": "zinv-2", "entity": customer, "tranDate": "2026-02-04",
        "item": { "items": [{ "item": item, "quantity": 1, "rate": 4 }] },
        "apply": { "items": [{ "doc": { "id": invoice }, "apply": true, "amount": 4 }] },
    });
    account.post("/creditMemo", memo).await.id();
    let found = async || {
        account.ask("SELECT foreignamountunpaid AS left FROM transaction ORDER BY id").await.body["items"].clone()
    };
    assert_eq!(account.get(&format!("/invoice/{invoice}")).await.body["amountRemaining"].to_string(), "6.0");
    assert_eq!(found().await.as_array().unwrap().iter().map(|row| &row["left"]).collect::<Vec<_>>(), ["10"]);
    account.clock.advance(5);
    assert_eq!(found().await[0]["left"], "6");
}
