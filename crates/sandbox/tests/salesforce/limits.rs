//! Versions, limits, and what an org without calls or in maintenance answers.

use reqwest::Method;
use serde_json::json;

use crate::client::{Account, of, until};

#[tokio::test]
async fn the_versions_are_told_to_anybody_the_newest_last_and_cost_nothing() {
    let account = Account::open().await;
    let told = account.send(Method::GET, "/services/data/", &[], None).await;
    let versions = told.body.as_array().unwrap();
    assert_eq!(versions[0], json!({ "label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0" }));
    assert_eq!(versions.last().unwrap()["label"], "Winter '27");
    assert_eq!(versions[versions.len() - 3]["label"], "Spring '26");
    assert_eq!(told.header("sforce-limit-info"), "");
    assert_eq!(account.get("/limits").await.header("sforce-limit-info"), "api-usage=1/100000");
}

#[tokio::test]
async fn a_version_that_is_not_there_or_too_old_has_no_resources() {
    let account = Account::open().await;
    let session = format!("Bearer {}", account.token);
    let headers = [("authorization", session.as_str())];
    for (version, status) in
        [("v69.0", 404), ("v66.5", 404), ("66.0", 404), ("v30.0", 410), ("v31.0", 200), ("v68.0", 200)]
    {
        let answer = account.send(Method::GET, &format!("/services/data/{version}/sobjects"), &headers, None).await;
        assert_eq!(answer.status, status, "{version}");
    }
    let named = account.get("").await;
    assert_eq!(named.body["sobjects"], "/services/data/v66.0/sobjects");
}

#[tokio::test]
async fn each_call_counts_once_and_a_batch_as_often_as_it_has_parts() {
    let account = Account::open().await;
    let part = json!({ "method": "GET", "url": "v66.0/limits" });
    let requests: Vec<_> = (0..5).map(|_| part.clone()).collect();
    let batch = account.post("/composite/batch", json!({ "batchRequests": requests })).await;
    assert_eq!(batch.header("sforce-limit-info"), "api-usage=5/100000");
    let parts: Vec<_> = (0..5)
        .map(|place| json!({ "method": "GET", "url": "/services/data/v66.0/limits", "referenceId": format!("r{place}") }))
        .collect();
    let composite = account.post("/composite", json!({ "compositeRequest": parts })).await;
    assert_eq!(composite.header("sforce-limit-info"), "api-usage=6/100000");
    let records: Vec<_> = (0..200).map(|place| of("Account", json!({ "Name": format!("A{place}") }))).collect();
    let many = account.post("/composite/sobjects", json!({ "records": records })).await;
    assert_eq!(many.header("sforce-limit-info"), "api-usage=7/100000");
    let left = account.get("/limits").await.body["DailyApiRequests"].clone();
    assert_eq!(left, json!({ "Max": 100_000, "Remaining": 99_992 }));
}

#[tokio::test]
async fn an_org_without_calls_refuses_until_a_day_has_passed() {
    let mut account = Account::with(json!({ "daily_api_requests": 2 })).await;
    for status in [200, 200, 403] {
        assert_eq!(account.get("/limits").await.status, status);
    }
    let refused = account.get("/limits").await;
    assert_eq!(refused.refusal(), (403, "REQUEST_LIMIT_EXCEEDED"));
    assert_eq!(refused.message(), "TotalRequests Limit exceeded.");
    assert_eq!(refused.header("sforce-limit-info"), "api-usage=2/2");
    account.clock.advance(24 * 3600);
    assert_eq!(account.get("/limits").await.refusal(), (401, "INVALID_SESSION_ID"));
    account.token = account.log_in().await;
    assert_eq!(account.get("/limits").await.status, 200);
    account.set(json!({ "daily_api_requests_used": 2 })).await;
    assert_eq!(account.get("/limits").await.status, 403);
}

#[tokio::test]
async fn too_many_long_calls_at_once_are_refused_and_short_ones_are_not() {
    let account = Account::with(json!({ "concurrent_long_calls": 1 })).await;
    account.faults(json!([{ "kind": "slow", "ms": 300, "path": "/services/data/{version}/limits", "times": 1 }])).await;
    let slow = account.get("/limits");
    let meanwhile = async {
        let mut refused = None;
        until(async || {
            account.clock.advance(1);
            let answer = account.get("/sobjects").await;
            refused = (answer.status == 403).then_some(answer);
            refused.is_some()
        })
        .await;
        refused.unwrap()
    };
    let (slow, refused) = tokio::join!(slow, meanwhile);
    assert_eq!(slow.status, 200);
    assert_eq!(refused.refusal(), (403, "REQUEST_LIMIT_EXCEEDED"));
    assert_eq!(refused.message(), "ConcurrentPerOrgLongTxn Limit exceeded.");
    assert_eq!(account.get("/sobjects").await.status, 200);
}

#[tokio::test]
async fn an_org_in_maintenance_is_read_and_not_written() {
    let account = Account::open().await;
    let id = account.make("Account", json!({ "Name": "Acme" })).await;
    account.set(json!({ "maintenance": true })).await;
    let refused = account.post("/sobjects/Account", json!({ "Name": "B" })).await;
    assert_eq!(refused.refusal(), (503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"));
    assert_eq!(account.get("/jobs/ingest").await.status, 503);
    assert_eq!(account.read("Account", &id).await["Name"], "Acme");
}

#[tokio::test]
async fn what_is_not_emulated_says_so_and_an_unknown_setting_names_the_known_ones() {
    let account = Account::open().await;
    let answer = account.get("/tooling/executeAnonymous?anonymousBody=x").await;
    assert_eq!((answer.status.as_u16(), answer.body["error"].as_str()), (501, Some("not emulated")));
    let id = account.make("Account", json!({ "Name": "A" })).await;
    for path in [
        format!("/sobjects/Account/{id}/Contacts"),
        "/sobjects/Account/describe/layouts".to_owned(),
        "/search?q=x".to_owned(),
    ] {
        assert_eq!(account.get(&path).await.status, 501, "{path}");
    }
    let answer = account.send(Method::GET, "/services/apexrest/x", &[], None).await;
    assert_eq!(answer.status, 501);
    let wrong =
        account.send(Method::PUT, "/_sandbox/settings", &[], Some(json!({ "maintanance": true }).to_string())).await;
    assert!(wrong.body["error"].as_str().unwrap().contains("maintenance"), "{wrong:?}");
    let wrong = json!({ "hidden_fields": ["Account.Fone"] }).to_string();
    let wrong = account.send(Method::PUT, "/_sandbox/settings", &[], Some(wrong)).await;
    assert_eq!(wrong.body["error"], "there is no field `Account.Fone`");
}
