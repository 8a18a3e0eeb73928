//! Faults on demand, as they strike this vendor's calls.

use serde_json::{Value, json};

use crate::client::{Account, of};

fn rule(kind: &str) -> Value {
    json!([{ "kind": kind, "nth": 1 }])
}

#[tokio::test]
async fn a_call_that_is_not_served_is_answered_in_the_vendors_words() {
    let account = Account::open().await;
    for (kind, status, code) in [
        ("401", 401, "INVALID_SESSION_ID"),
        ("403", 403, "INSUFFICIENT_ACCESS"),
        ("429", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("500", 500, "UNKNOWN_EXCEPTION"),
        ("503", 503, "SERVER_UNAVAILABLE"),
        ("html", 502, ""),
        ("maintenance", 503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"),
        ("row_error", 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    ] {
        account.faults(rule(kind)).await;
        let refused = account.post("/sobjects/Account", json!({ "Name": kind })).await;
        assert_eq!(refused.refusal(), (status, code));
    }
    assert_eq!(account.count("Account").await, 0);
    account.faults(json!([{ "kind": "401", "path": "/services/oauth2/token" }])).await;
    let refused = account.grant(&[("grant_type", "client_credentials")]).await;
    assert_eq!(refused.body["error"], "invalid_grant");
}

#[tokio::test]
async fn an_expired_session_stays_so_until_a_new_login() {
    let mut account = Account::open().await;
    account.faults(rule("expired_token")).await;
    for _ in 0..2 {
        assert_eq!(account.get("/limits").await.refusal(), (401, "INVALID_SESSION_ID"));
    }
    account.token = account.log_in().await;
    assert_eq!(account.get("/limits").await.status, 200);
}

#[tokio::test]
async fn one_row_of_a_collection_is_refused_or_lost_and_the_others_stay() {
    let account = Account::open().await;
    let rows = |key: &str| {
        let row = |place: usize| of("Account", json!({ "Name": "A", "Nue_Id__c": format!("{key}-{place}") }));
        json!({ "records": (0..3).map(row).collect::<Vec<_>>() })
    };
    let post = async |key: &str| account.patch("/composite/sobjects/Account/Nue_Id__c", rows(key)).await.body;
    let good = |body: &Value| body.as_array().unwrap().iter().filter(|row| row["success"] == true).count();
    account.faults(rule("row_error")).await;
    assert_eq!((good(&post("a").await), account.count("Account").await), (2, 2));
    account.faults(rule("accepted_then_failed")).await;
    assert_eq!((good(&post("b").await), account.count("Account").await), (3, 4));
    account.faults(rule("error_after_save")).await;
    let told = post("c").await;
    assert_eq!((good(&told), account.count("Account").await), (2, 7));
    assert_eq!(told[0]["errors"][0]["statusCode"], "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY");
    account.faults(json!([{ "kind": "error_after_save", "status": 500, "nth": 1 }])).await;
    let told = account.patch("/composite/sobjects/Account/Nue_Id__c", rows("d")).await;
    assert_eq!((told.refusal(), account.count("Account").await), ((500, "UNKNOWN_EXCEPTION"), 10));
}

#[tokio::test]
async fn a_lost_write_of_one_record_leaves_nothing_but_its_id() {
    let account = Account::open().await;
    account.faults(rule("accepted_then_failed")).await;
    let lost = account.make("Account", json!({ "Name": "A" })).await;
    assert_eq!(account.get(&format!("/sobjects/Account/{lost}")).await.status, 404);
    let kept = account.make("Account", json!({ "Name": "A" })).await;
    assert_ne!(kept, lost);
    account.faults(rule("accepted_then_failed")).await;
    assert_eq!(account.patch(&format!("/sobjects/Account/{kept}"), json!({ "Name": "B" })).await.status, 204);
    assert_eq!(account.read("Account", &kept).await["Name"], "A");
}

#[tokio::test]
async fn an_error_after_the_save_leaves_the_record() {
    let account = Account::open().await;
    account.faults(rule("error_after_save")).await;
    let told = account.post("/sobjects/Account", json!({ "Name": "A" })).await;
    assert_eq!(told.refusal(), (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"));
    assert_eq!(account.count("Account").await, 1);
}

#[tokio::test]
async fn rows_that_are_seeded_pass_all_rules() {
    let account = Account::open().await;
    let row = |value: Value| value.as_object().unwrap().clone();
    let long = "x".repeat(300);
    let rows = vec![
        row(json!({ "Name": long, "CreatedDate": "2020-01-01T00:00:00Z" })),
        row(json!({ "Phone": "1", "Id": "001ks00000dvz1aAAA" })),
    ];
    let ids = account.org.seed("Account", rows).unwrap();
    assert_eq!(account.read("Account", &ids[0]).await["Name"], long);
    assert_eq!(account.read("Account", &ids[0]).await["SystemModstamp"], "2020-01-01T00:00:00.000+0000");
    assert_eq!(account.read("Account", "001ks00000dvz1a").await["Name"], Value::Null);
    assert!(account.org.seed("Account", vec![row(json!({ "Nam": "A" }))]).is_err());
    assert!(account.org.seed("Acount", Vec::new()).is_err());
}

#[tokio::test]
async fn a_write_that_lags_is_read_at_its_address_and_not_found_by_a_search() {
    let account = Account::open().await;
    account.faults(json!([{ "kind": "lag", "ms": 5000, "method": "PATCH" }])).await;
    let id = account.patch("/sobjects/Account/Nue_Id__c/k", json!({ "Name": "A" })).await.id();
    let found =
        async || account.get("/query?q=SELECT+Id+FROM+Account+WHERE+Nue_Id__c='k'").await.body["totalSize"].clone();
    assert_eq!(account.read("Account", &id).await["Name"], "A");
    assert_eq!(found().await, 0);
    account.clock.advance(5);
    assert_eq!(found().await, 1);
}
