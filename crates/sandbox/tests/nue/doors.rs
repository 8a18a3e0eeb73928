use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, answer, body};

#[tokio::test]
async fn a_call_needs_the_key_and_a_missing_wrong_or_expired_one_is_401() {
    let bench = Bench::new().await;
    let url = format!("{}/customers", bench.access.url);
    let (status, told) = answer(bench.client.get(&url)).await;
    assert_eq!(
        (status, &told["status"], &told["errors"][0]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("ERROR"), &json!("UNAUTHORIZED"))
    );
    assert_eq!(answer(bench.client.get(&url).header("nue-api-key", "x")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.get("/customers").await.0, StatusCode::OK);
    bench.set(json!({ "keyExpired": true })).await;
    let (status, told) = bench.get("/customers").await;
    assert_eq!((status, &told["message"]), (StatusCode::UNAUTHORIZED, &json!("The API key has expired")));
}

#[tokio::test]
async fn a_token_of_a_user_is_good_for_fifteen_minutes_and_a_refresh_for_one_more() {
    let bench = Bench::new().await;
    let access = &bench.access;
    let ask = async |path: &str, asked: Value| {
        answer(bench.client.post(format!("{}{path}", access.url)).body(asked.to_string())).await
    };
    let wrong = ask("/auth/token", json!({ "userName": access.user_name, "password": "x" })).await;
    assert_eq!(wrong.0, StatusCode::UNAUTHORIZED);
    let login = json!({ "userName": access.user_name, "password": access.password, "showTenants": false });
    let (_, pair) = ask("/api/auth/token", login).await;
    let call = async |token: &Value, key: &str| {
        let request = bench.client.get(format!("{}/customers", access.url)).header("apiAccessKey", key);
        request.bearer_auth(token.as_str().unwrap()).send().await.unwrap().status()
    };
    assert_eq!(call(&pair["accessToken"], &access.api_key).await, StatusCode::OK);
    assert_eq!(call(&pair["accessToken"], "x").await, StatusCode::UNAUTHORIZED);
    bench.clock.advance(15 * 60);
    assert_eq!(call(&pair["accessToken"], &access.api_key).await, StatusCode::UNAUTHORIZED);
    let (_, fresh) = ask("/auth/refreshToken", json!({ "refreshToken": pair["refreshToken"] })).await;
    assert_eq!(call(&fresh["accessToken"], &access.api_key).await, StatusCode::OK);
    assert_eq!(
        ask("/auth/refreshToken", json!({ "refreshToken": pair["refreshToken"] })).await.0,
        StatusCode::UNAUTHORIZED
    );
    bench.faults(json!([{ "kind": "expired_token", "times": 1 }])).await;
    for _ in 0..2 {
        assert_eq!(call(&fresh["accessToken"], &access.api_key).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_users_password_with_the_key_opens_too() {
    let bench = Bench::new().await;
    let request = bench.client.get(format!("{}/customers", bench.access.url));
    let request = request.basic_auth(&bench.access.user_name, Some(&bench.access.password));
    let keyed = request.try_clone().unwrap().header("apiAccessKey", &bench.access.api_key);
    assert_eq!(answer(keyed).await.0, StatusCode::OK);
    assert_eq!(answer(request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_permission_that_the_role_lacks_is_403_for_its_own_calls_only() {
    let bench = Bench::with(json!({ "withheld": ["selfService"] })).await;
    let (status, told) = bench.get("/orders").await;
    assert_eq!((status, &told["errors"][0]["code"]), (StatusCode::FORBIDDEN, &json!("FORBIDDEN")));
    assert_eq!(bench.get("/invoices").await.0, StatusCode::OK);
    bench.set(json!({ "withheld": ["billing", "transactionHub"] })).await;
    assert_eq!(bench.get("/orders").await.0, StatusCode::OK);
    assert_eq!(bench.get("/invoices").await.0, StatusCode::FORBIDDEN);
    let upload = bench.post("/revenue/transaction-hub/upload", json!({ "data": [] })).await;
    assert_eq!(upload.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_rate_limit_is_off_until_it_is_set_and_then_tells_when_to_come_again() {
    let bench = Bench::with(json!({ "rate": { "perSecond": 1, "burst": 2 } })).await;
    let status = async || bench.get("/customers?limit=1").await.0.as_u16();
    assert_eq!([status().await, status().await, status().await], [200, 200, 429]);
    let refused = bench.call(Method::GET, "/customers").send().await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(body(refused).await["errors"][0]["code"], "RATE_LIMITED");
    bench.clock.advance(1);
    assert_eq!(status().await, 200);
    bench.set(json!({ "rate": null })).await;
    for _ in 0..5 {
        assert_eq!(status().await, 200);
    }
}

#[tokio::test]
async fn what_is_not_emulated_is_501_and_an_assumed_path_says_that_it_is_one() {
    let bench = Bench::new().await;
    for (method, path) in [
        (Method::POST, "/api/objects/customer"),
        (Method::POST, "/cpq/async/imports"),
        (Method::POST, "/cpq/orders:preview"),
        (Method::GET, "/customers/x/products"),
        (Method::DELETE, "/orders/x"),
    ] {
        assert_eq!(answer(bench.call(method, path)).await.0, StatusCode::NOT_IMPLEMENTED, "{path}");
    }
    let assumed = async |path: &str| {
        let response = bench.call(Method::GET, path).send().await.unwrap();
        (response.status(), response.headers().get("x-emulator-assumed").is_some())
    };
    assert_eq!(assumed("/debit-memos").await, (StatusCode::OK, true));
    assert_eq!(assumed("/payment-applications?limit=1").await, (StatusCode::OK, true));
    assert_eq!(assumed("/invoices").await, (StatusCode::OK, false));
}

#[tokio::test]
async fn settings_are_told_and_a_wrong_one_changes_nothing_and_says_why() {
    let bench = Bench::new().await;
    let before = bench.control(Method::GET, "settings", &Value::Null).await.1;
    assert_eq!((&before["paging"], &before["connected"]), (&json!("both"), &json!(false)));
    for (wrong, reason) in [
        (json!({ "connected": true, "pagin": 1 }), "unknown key `pagin`; the keys are paging, "),
        (json!({ "paging": "odd" }), "both, plain, underscored"),
        (json!({ "customFields": { "ordre": [] } }), "no object `ordre`"),
        (json!({ "withheld": ["all"] }), "selfService"),
    ] {
        let (status, told) = bench.control(Method::PUT, "settings", &wrong).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(told["error"].as_str().unwrap().contains(reason), "{told}");
    }
    assert_eq!(bench.control(Method::GET, "settings", &Value::Null).await.1, before);
}
