//! Rows that a call holds for as long as it lasts.

use serde_json::{Value, json};

use crate::client::{Account, PATIENCE, of, until};

/// An org in which the next call that makes contacts by a collection takes its time.
async fn slow_contacts(settings: Value, milliseconds: u64) -> (Account, String) {
    let account = Account::with(settings).await;
    let parent = account.make("Account", json!({ "Name": "Acme" })).await;
    account
        .faults(json!([{ "kind": "slow", "ms": milliseconds, "method": "POST", "path": "/services/data/{version}/composite/sobjects", "times": 1 }]))
        .await;
    (account, parent)
}

fn contacts(parent: &str, names: &[&str]) -> Value {
    let record = |name: &&str| of("Contact", json!({ "LastName": name, "AccountId": parent }));
    json!({ "allOrNone": false, "records": names.iter().map(record).collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_second_call_that_touches_children_of_a_held_parent_is_refused_row_by_row() {
    let (account, parent) = slow_contacts(json!({ "lock_wait_ms": 0 }), 400).await;
    let other = account.make("Account", json!({ "Name": "Other" })).await;
    let slow = account.post("/composite/sobjects", contacts(&parent, &["A", "B"]));
    let meanwhile = async {
        until(async || account.count("Contact").await == 2).await;
        let mut rows = contacts(&parent, &["C"]);
        rows["records"].as_array_mut().unwrap().push(of("Contact", json!({ "LastName": "D", "AccountId": other })));
        let second = account.post("/composite/sobjects", rows).await;
        let parent = account.patch(&format!("/sobjects/Account/{parent}"), json!({ "Phone": "1" })).await;
        (second, parent)
    };
    let (slow, (second, parent_changed)) = tokio::join!(slow, meanwhile);
    assert_eq!(slow.body[0]["success"], true);
    let error = &second.body[0]["errors"][0];
    assert_eq!(error["statusCode"], "UNABLE_TO_LOCK_ROW");
    let words = format!("unable to obtain exclusive access to this record: {}", &parent[..15]);
    assert_eq!(error["message"], words.as_str());
    assert_eq!(second.body[1]["success"], true, "another parent's child is not held up");
    assert_eq!(parent_changed.refusal(), (400, "UNABLE_TO_LOCK_ROW"));
    let later = account.post("/composite/sobjects", contacts(&parent, &["E"])).await;
    assert_eq!(later.body[0]["success"], true);
    assert_eq!(account.count("Contact").await, 4);
}

#[tokio::test]
async fn a_call_waits_for_held_rows_as_long_as_the_org_has_patience() {
    let (account, parent) = slow_contacts(json!({ "lock_wait_ms": 5000 }), 200).await;
    let slow = account.post("/composite/sobjects", contacts(&parent, &["A"]));
    let meanwhile = async {
        until(async || account.count("Contact").await == 1).await;
        account.post("/sobjects/Contact", json!({ "LastName": "B", "AccountId": parent })).await
    };
    let (slow, second) = tokio::join!(slow, meanwhile);
    assert_eq!((slow.status.as_u16(), second.status.as_u16()), (200, 201));
}

#[tokio::test]
async fn a_caller_that_hangs_up_lets_its_rows_go() {
    let (account, parent) = slow_contacts(json!({ "lock_wait_ms": 0 }), 60_000).await;
    let slow = account.post("/composite/sobjects", contacts(&parent, &["A"]));
    let gone = tokio::time::timeout(PATIENCE, slow).await;
    assert!(gone.is_err());
    until(async || account.post("/composite/sobjects", contacts(&parent, &["B"])).await.body[0]["success"] == true)
        .await;
}
