//! Faults on demand, as they strike this vendor's calls.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Account;

const CUSTOMERS: &str = "/services/rest/record/v1/customer";

async fn fault(account: &Account, kind: &str) {
    let rules = json!([{ "method": "POST", "path": "/services/rest/record/v1/{type}", "kind": kind, "nth": 1 }]);
    let set = account.send(Method::PUT, "/_sandbox/faults", "", &[], Some(rules.to_string())).await;
    assert!(set.status.is_success(), "{set:?}");
}

fn customer(name: &str) -> Value {
    json!({ "companyName": name, "subsidiary": "1", "externalId": name })
}

#[tokio::test]
async fn a_refused_record_is_answered_in_the_vendors_words_and_not_kept() {
    let account = Account::open().await;
    for (kind, status, code) in [
        ("row_error", 400, "USER_ERROR"),
        ("429", 429, "CONCURRENCY_LIMIT_EXCEEDED"),
        ("500", 500, "UNEXPECTED_ERROR"),
        ("503", 503, ""),
    ] {
        fault(&account, kind).await;
        let refused = account.post("/customer", customer(kind)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (status, code));
        assert_eq!(account.get(&format!("/customer/eid:{kind}")).await.status, 404);
        account.post("/customer", customer(kind)).await.id();
    }
}

#[tokio::test]
async fn a_record_whose_answer_is_dropped_is_there_and_a_repeat_is_refused() {
    let account = Account::open().await;
    fault(&account, "drop_answer").await;
    let signed = account.sign("POST", CUSTOMERS, "nonce-dropped", account.now().as_second());
    let sent = reqwest::Client::new()
        .post(account.url(CUSTOMERS))
        .header("authorization", signed)
        .header("content-type", "application/json")
        .body(customer("zacc-9").to_string())
        .send()
        .await;
    assert!(sent.is_err());
    assert_eq!(account.get("/customer/eid:zacc-9").await.status, 200);
    let again = account.post("/customer", customer("zacc-9")).await;
    assert!(again.detail().ends_with("This entity already exists."), "{again:?}");
}
