//! Faults on demand, as they strike this vendor's calls.

use reqwest::Method;
use serde_json::{Value, json};

use crate::auth::{bearer, time_with};
use crate::client::Account;

async fn fault(account: &Account, kind: &str) {
    account
        .faults(json!([{ "method": "POST", "path": "/services/rest/record/v1/{type}", "kind": kind, "nth": 1 }]))
        .await;
}

fn customer(name: &str) -> Value {
    json!({ "companyName": name, "subsidiary": "1", "externalId": name })
}

#[tokio::test]
async fn a_refused_record_is_answered_in_the_vendors_words_and_not_kept() {
    let account = Account::open().await;
    for (kind, status, code) in [
        ("row_error", 400, "USER_ERROR"),
        ("401", 401, "INVALID_LOGIN"),
        ("403", 403, "INSUFFICIENT_PERMISSION"),
        ("429", 429, "CONCURRENCY_LIMIT_EXCEEDED"),
        ("500", 500, "UNEXPECTED_ERROR"),
        ("503", 503, ""),
        ("html", 502, ""),
        ("maintenance", 503, ""),
    ] {
        fault(&account, kind).await;
        let refused = account.post("/customer", customer(kind)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (status, code));
        assert_eq!(account.get(&format!("/customer/eid:{kind}")).await.status, 404);
        account.post("/customer", customer(kind)).await.id();
    }
}

#[tokio::test]
async fn the_token_endpoint_refuses_a_client_in_its_own_words() {
    let account = Account::open().await;
    account.faults(json!([{ "kind": "401", "path": "/services/rest/auth/**" }])).await;
    let refused = account.send(Method::POST, "/services/rest/auth/oauth2/v1/token", "", &[], None).await;
    assert_eq!((refused.status.as_u16(), &refused.body), (401, &json!({ "error": "invalid_client" })));
}

#[tokio::test]
async fn maintenance_answers_every_call_with_the_vendors_page_while_its_time_lasts() {
    let account = Account::open().await;
    account.faults(json!([{ "kind": "maintenance", "from": 60_000, "until": 120_000 }])).await;
    assert_eq!(account.get("/customer").await.status, 200);
    account.clock.advance(60);
    for _ in 0..2 {
        let page = account.send(Method::GET, "/services/rest/system/v1/serverTime", "", &[], None).await;
        assert_eq!(
            (page.status.as_u16(), &page.headers["content-type"]),
            (503, &"text/html;charset=utf-8".parse().unwrap())
        );
    }
    let told = account.control("faults").await;
    assert_eq!(
        told,
        json!([{ "kind": "maintenance", "from": 60_000, "until": 120_000, "in_force": true, "seen": 2, "struck": 2 }])
    );
    account.clock.advance(60);
    assert_eq!(account.get("/customer").await.status, 200);
}

#[tokio::test]
async fn an_expired_token_stays_expired_until_a_new_login() {
    let account = Account::open().await;
    let token = bearer(&account).await;
    assert_eq!(time_with(&account, &token).await.status, 200);
    account.faults(json!([{ "kind": "expired_token", "nth": 1 }])).await;
    for _ in 0..2 {
        let refused = time_with(&account, &token).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "INVALID_LOGIN"));
        assert!(refused.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer "), "{refused:?}");
    }
    assert_eq!(time_with(&account, &bearer(&account).await).await.status, 200);
}

#[tokio::test]
async fn a_signed_call_finds_itself_refused_once_since_its_token_cannot_expire() {
    let account = Account::open().await;
    account.faults(json!([{ "kind": "expire", "times": 1 }])).await;
    let refused = account.post("/customer", customer("a")).await;
    assert_eq!(refused.status, 401);
    assert!(refused.headers["www-authenticate"].to_str().unwrap().contains("token_rejected"), "{refused:?}");
    account.post("/customer", customer("a")).await.id();
}

#[tokio::test]
async fn an_accepted_record_that_is_lost_leaves_nothing_but_its_id() {
    let account = Account::open().await;
    fault(&account, "accepted_then_failed").await;
    let lost = account.post("/customer", customer("a")).await.id();
    assert_eq!(account.get(&format!("/customer/{lost}")).await.status, 404);
    assert_eq!(account.get("/customer/eid:a").await.status, 404);
    assert_eq!(account.ask("SELECT id FROM customer").await.body["totalResults"], 0);
    assert_ne!(account.post("/customer", customer("a")).await.id(), lost);
    account.faults(json!([{ "kind": "accepted_then_failed" }])).await;
    assert_eq!(account.patch("/customer/eid:a", json!({ "companyName": "b" })).await.status, 204);
    assert_eq!(account.delete("/customer/eid:a").await.status, 204);
    assert_eq!(account.get("/customer/eid:a").await.body["companyName"], "a");
    assert_eq!(account.ask("SELECT * FROM deletedrecord").await.body["totalResults"], 0);
}

#[tokio::test]
async fn a_lost_payment_of_an_invoice_leaves_the_invoice_open() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let invoice = account.invoice("zinv-1", &customer, &item, "10").await.id();
    fault(&account, "accepted_then_failed").await;
    let memo = json!({
        "externalId": "zinv-2", "entity": customer, "tranDate": "2026-02-04",
        "item": { "items": [{ "item": item, "quantity": 1, "rate": 4 }] },
        "apply": { "items": [{ "doc": { "id": invoice }, "apply": true, "amount": 4 }] },
    });
    account.post("/creditMemo", memo.clone()).await.id();
    let remaining = async || account.get(&format!("/invoice/{invoice}")).await.body["amountRemaining"].to_string();
    assert_eq!(remaining().await, "10.0");
    account.post("/creditMemo", memo).await.id();
    assert_eq!(remaining().await, "6.0");
}

#[tokio::test]
async fn an_error_after_the_save_is_worded_as_a_refusal_and_the_record_stays() {
    let account = Account::open().await;
    for (name, rule, status, code) in [
        ("a", json!({ "kind": "error_after_save" }), 400, "USER_ERROR"),
        ("b", json!({ "kind": "error_after_save", "status": 500 }), 500, "UNEXPECTED_ERROR"),
    ] {
        account.faults(json!([rule])).await;
        let refused = account.post("/customer", customer(name)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (status, code));
        assert_eq!(account.get(&format!("/customer/eid:{name}")).await.status, 200);
        assert_eq!(account.ask("SELECT id FROM customer").await.status, 200);
        let invalid = account.post("/customer", json!({ "nonsense": 1 })).await;
        assert_eq!(invalid.status, 400);
        assert!(!invalid.detail().contains("SuiteScript"), "{invalid:?}");
    }
}
