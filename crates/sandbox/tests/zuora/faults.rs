use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, answer, body};

const POSTED: &str = "Invoice where Status = 'Posted'";
const MARKED: &str = "select Id from Invoice where IntegrationStatus__NS != null";
const PRODUCT: &str = r#"{ "Name": "P", "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2027-01-01" }"#;

fn product() -> Value {
    serde_json::from_str(PRODUCT).unwrap()
}

/// Marks all posted invoices in one call.
async fn mark_all(bench: &Bench) -> Value {
    let records = bench.query(&format!("select Id from {POSTED}")).await;
    let objects: Vec<Value> =
        records.iter().map(|record| json!({ "Id": record["Id"], "IntegrationStatus__NS": "a" })).collect();
    let (status, results) = bench.post("/v1/action/update", json!({ "type": "Invoice", "objects": objects })).await;
    assert_eq!(status, StatusCode::OK);
    results
}

fn successes(results: &Value) -> Vec<Option<bool>> {
    results.as_array().unwrap().iter().map(|result| result["Success"].as_bool()).collect()
}

#[tokio::test]
async fn a_closed_door_is_worded_as_each_family_of_calls_words_it() {
    let bench = Bench::new(1).await;
    for (kind, path, status, at, told) in [
        ("401", "/v1/action/update", 401, "/message", json!("Authentication error")),
        ("401", "/v1/invoices/x", 401, "/reasons/0/code", json!(90_000_011)),
        ("401", "/oauth/token", 401, "/path", json!("/oauth/token")),
        ("403", "/v1/action/update", 403, "/FaultCode", json!("NO_PERMISSION")),
        ("403", "/v1/object/account/x", 403, "/Errors/0/Code", json!("NO_PERMISSION")),
        ("403", "/v1/invoices/x", 403, "/reasons/0/code", json!(50_000_010)),
        ("403", "/object-query/invoices", 403, "/reasons/0/code", json!(50_000_010)),
        ("403", "/oauth/token", 403, "/status", json!(403)),
    ] {
        bench.faults(json!([{ "kind": kind }])).await;
        let answer = bench.call(Method::POST, path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.headers().contains_key("www-authenticate"), kind == "401" && path != "/oauth/token");
        assert_eq!(body(answer).await.pointer(at), Some(&told), "{kind} {path}");
    }
}

#[tokio::test]
async fn a_refused_mark_is_not_made_whatever_refuses_it() {
    let bench = Bench::new(1).await;
    let id = bench.id(POSTED).await;
    for kind in ["401", "403", "429", "500", "503", "html", "maintenance"] {
        bench.faults(json!([{ "kind": kind, "path": "/v1/action/update" }])).await;
        assert!(!bench.mark(&id, "a").await.unwrap().0.is_success(), "{kind}");
        assert_eq!(bench.query(MARKED).await.len(), 0, "{kind}");
    }
}

#[tokio::test]
async fn an_expired_token_stays_expired_until_a_new_login() {
    let mut bench = Bench::new(1).await;
    bench.faults(json!([{ "kind": "expire", "times": 1 }])).await;
    for _ in 0..2 {
        let (status, body) = bench.get("/v1/accounts/A-1").await;
        assert_eq!((status, &body["reasons"][0]["code"]), (StatusCode::UNAUTHORIZED, &json!(90_000_011)));
    }
    bench.token = bench.sign_in().await;
    assert_eq!(bench.get("/v1/accounts/A-1").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_gateway_answers_in_html_without_the_vendors_headers() {
    let bench = Bench::new(1).await;
    for (rule, status, server) in [
        (json!({ "kind": "html" }), 502, None),
        (json!({ "kind": "html", "status": 504 }), 504, None),
        (json!({ "kind": "maintenance" }), 503, Some("AkamaiGHost")),
    ] {
        bench.faults(json!([rule])).await;
        let page = bench.call(Method::GET, "/v1/accounts/A-1").send().await.unwrap();
        let headers = page.headers().clone();
        assert_eq!((page.status().as_u16(), &headers["content-type"]), (status, &"text/html".parse().unwrap()));
        assert_eq!(headers.get("server").map(|server| server.to_str().unwrap()), server);
        assert!(!headers.contains_key("zuora-request-id"));
        assert!(page.text().await.unwrap().starts_with("<html>"));
    }
}

#[tokio::test]
async fn too_many_calls_are_told_with_the_vendors_headers_and_when_to_come_again() {
    let bench = Bench::new(1).await;
    for (rule, seconds) in [(json!({ "kind": 429 }), "120"), (json!({ "kind": "rate limit", "ms": 1500 }), "2")] {
        bench.faults(json!([rule])).await;
        let refused = bench.call(Method::GET, "/v1/accounts/A-1").send().await.unwrap();
        assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &seconds.parse().unwrap()));
        assert_eq!(refused.headers()["concurrency-limit-limit"], "40");
        assert_eq!(body(refused).await["reasons"][0]["code"], 50_000_070);
    }
}

#[tokio::test]
async fn a_schedule_and_a_number_of_times_bound_a_rule_and_its_strikes_are_told() {
    let bench = Bench::new(1).await;
    let rules = json!([
        { "kind": "maintenance", "path": "/v1/accounts/*", "from": 60_000, "until": 120_000 },
        { "kind": "500", "path": "/v1/invoices/*", "every": 2, "times": 1 },
    ]);
    bench.faults(rules).await;
    let status = async |path: &str| bench.get(path).await.0.as_u16();
    assert_eq!(status("/v1/accounts/A-1").await, 200);
    bench.clock.advance(60);
    assert_eq!(status("/v1/accounts/A-1").await, 503);
    bench.clock.advance(60);
    assert_eq!(status("/v1/accounts/A-1").await, 200);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(status("/v1/invoices/INV00000000").await);
    }
    assert_eq!(seen, [200, 500, 200, 200]);
    let (_, told) = bench.control(Method::GET, "faults", "").await;
    let counts = |at: usize| ["in_force", "seen", "struck"].map(|name| told[at][name].clone());
    assert_eq!(counts(0), [json!(false), json!(1), json!(1)]);
    assert_eq!(counts(1), [json!(true), json!(4), json!(1)]);
}

#[tokio::test]
async fn of_an_accepted_batch_one_row_is_not_changed() {
    let bench = Bench::new(2).await;
    bench.faults(json!([{ "kind": "accepted_then_failed", "path": "/v1/action/update" }])).await;
    assert_eq!(successes(&mark_all(&bench).await), [Some(true), Some(true)]);
    assert_eq!(bench.query(MARKED).await.len(), 1);
}

#[tokio::test]
async fn an_accepted_record_that_is_lost_leaves_nothing_but_its_id() {
    let bench = Bench::new(1).await;
    bench.faults(json!([{ "kind": "accepted then failed", "nth": 1 }])).await;
    let (_, lost) = bench.post("/v1/object/product", product()).await;
    assert_eq!(lost["Success"], true);
    let path = |created: &Value| format!("/v1/object/product/{}", created["Id"].as_str().unwrap());
    assert_eq!(bench.get(&path(&lost)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.query("select Id from Product where Name = 'P'").await.len(), 0);
    let (_, kept) = bench.post("/v1/object/product", product()).await;
    assert_ne!(kept["Id"], lost["Id"]);
    bench.faults(json!([{ "kind": "accepted then failed", "path": "/v1/**" }])).await;
    assert_eq!(bench.send(Method::PUT, &path(&kept), &json!({ "Name": "Q" })).await.1["Success"], true);
    assert_eq!(bench.send(Method::DELETE, &path(&kept), &json!({})).await.1["success"], true);
    assert_eq!(bench.send(Method::PUT, "/v1/accounts/A-1", &json!({ "notes": "n" })).await.1["success"], true);
    assert_eq!(bench.get(&path(&kept)).await.1["Name"], "P");
    assert_eq!(bench.get("/v1/accounts/A-1").await.1["basicInfo"]["notes"], Value::Null);
}

#[tokio::test]
async fn of_a_committed_batch_one_row_is_answered_as_an_error() {
    let bench = Bench::new(2).await;
    bench.faults(json!([{ "kind": "error_after_save", "path": "/v1/action/*" }])).await;
    let results = mark_all(&bench).await;
    assert_eq!(successes(&results), [Some(false), Some(true)]);
    assert_eq!(results[0]["Errors"][0]["Code"], "UNKNOWN_ERROR");
    assert_eq!(bench.query(MARKED).await.len(), 2);
}

#[tokio::test]
async fn an_error_after_a_save_is_worded_as_each_family_of_calls_words_it() {
    let bench = Bench::new(1).await;
    let account = format!("/v1/object/account/{}", bench.id("Account where AccountNumber = 'A-1'").await);
    for (status, path, body, answered, at, told) in [
        (400, account.as_str(), json!({ "Notes": "a" }), 400, "/Errors/0/Code", json!("UNKNOWN_ERROR")),
        (400, "/v1/accounts/A-1", json!({ "notes": "b" }), 200, "/reasons/0/code", json!(50_000_060)),
        (500, account.as_str(), json!({ "Notes": "c" }), 500, "/reasons/0/code", json!(50_000_060)),
        (500, "/v1/accounts/A-1", json!({ "notes": "d" }), 500, "/success", json!(false)),
    ] {
        bench.faults(json!([{ "kind": "error_after_save", "status": status }])).await;
        let (seen, answer) = bench.send(Method::PUT, path, &body).await;
        assert_eq!((seen.as_u16(), answer.pointer(at)), (answered, Some(&told)), "{path} {answer}");
        let read = bench.get("/v1/accounts/A-1").await.1;
        assert_eq!(
            (&read["success"], &read["basicInfo"]["notes"]),
            (&json!(true), body.as_object().unwrap().values().next().unwrap())
        );
    }
    let refused = bench.send(Method::PUT, "/v1/accounts/A-1", &json!({ "name": "" })).await;
    assert_eq!(refused.1["reasons"][0]["code"], 50_000_022);
}

#[tokio::test]
async fn an_error_after_a_save_is_the_answer_that_an_idempotency_key_keeps() {
    let bench = Bench::new(1).await;
    bench.faults(json!([{ "kind": "error_after_save", "nth": 1 }])).await;
    let post = async || {
        let request = bench.call(Method::POST, "/v1/object/product").header("Idempotency-Key", "k");
        answer(request.body(PRODUCT)).await
    };
    let first = post().await;
    assert_eq!((first.0, &first.1["Errors"][0]["Code"]), (StatusCode::BAD_REQUEST, &json!("UNKNOWN_ERROR")));
    assert_eq!(post().await, first);
    assert_eq!(bench.query("select Id from Product where Name = 'P'").await.len(), 1);
}
