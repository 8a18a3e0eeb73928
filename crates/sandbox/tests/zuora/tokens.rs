use reqwest::{Method, StatusCode};

use crate::bench::{Bench, answer, body};

#[tokio::test]
async fn a_token_is_given_for_the_right_credentials_and_for_an_hour() {
    let bench = Bench::new(1).await;
    assert_eq!((bench.access.client_id.len(), bench.access.client_secret.len()), (36, 40));
    bench.clock.advance(3599);
    assert_eq!(bench.get("/v1/accounts/A-1").await.0, StatusCode::OK);
    bench.clock.advance(1);
    let (status, body) = bench.get("/v1/accounts/A-1").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(body["reasons"][0]["code"], 90_000_011);
}

#[tokio::test]
async fn wrong_credentials_are_refused_in_the_words_of_spring() {
    let bench = Bench::new(1).await;
    let id = bench.access.client_id.clone();
    for (form, status) in [
        ("client_id=nobody&client_secret=x&grant_type=client_credentials".to_owned(), StatusCode::BAD_REQUEST),
        (format!("client_id={id}&client_secret=wrong&grant_type=client_credentials"), StatusCode::UNAUTHORIZED),
        (format!("client_id={id}&grant_type=password"), StatusCode::BAD_REQUEST),
    ] {
        let answer = bench.ask_token(&form).await;
        assert_eq!(answer.status(), status);
        let body = body(answer).await;
        assert_eq!(
            (body["status"].as_u64(), body["path"].as_str()),
            (Some(status.as_u16().into()), Some("/oauth/token"))
        );
    }
}

#[tokio::test]
async fn each_family_of_calls_refuses_a_missing_token_in_its_own_envelope() {
    let bench = Bench::new(1).await;
    let bare = |path: &str| bench.client.get(format!("{}{path}", bench.access.url));
    let answered = bare("/v1/object/account/x").send().await.unwrap();
    let realms = "Basic realm=Zuora API, ZSession realm=Zuora API, Bearer realm=Zuora API";
    assert_eq!(answered.headers()["www-authenticate"], realms);
    assert_eq!(body(answered).await["message"], "Authentication error");
    let (status, body) = answer(bare("/v1/invoices/x")).await;
    assert_eq!((status, body["success"].as_bool()), (StatusCode::UNAUTHORIZED, Some(false)));
    let (status, body) = answer(bare("/object-query/accounts")).await;
    assert_eq!((status, body.get("success")), (StatusCode::UNAUTHORIZED, None));
}

#[tokio::test]
async fn every_answer_names_its_request_and_the_limits() {
    let bench = Bench::new(1).await;
    let request = bench.call(Method::GET, "/v1/accounts/A-1").header("Zuora-Track-Id", "run-7");
    let answer = request.send().await.unwrap();
    let headers = answer.headers();
    assert_eq!(headers["zuora-request-id"].len(), 36);
    assert_eq!(headers["zuora-track-id"], "run-7");
    assert_eq!(headers["concurrency-limit-type"], "Default");
    assert_eq!(headers["concurrency-limit-limit"], "40");
    assert!(headers["ratelimit-limit"].to_str().unwrap().contains("50000;w=60"));
    let answer = bench.call(Method::GET, "/object-query/accounts").send().await.unwrap();
    assert_eq!(answer.headers()["concurrency-limit-type"], "Object Query");
}

#[tokio::test]
async fn a_long_answer_is_compressed_for_those_who_ask() {
    let bench = Bench::new(9).await;
    let ask = |path: &str| bench.call(Method::GET, path).header("Accept-Encoding", "gzip").send();
    let long = ask("/object-query/invoices").await.unwrap();
    assert_eq!(long.headers()["content-encoding"], "gzip");
    let short = ask("/v1/accounts/nobody").await.unwrap();
    assert!(!short.headers().contains_key("content-encoding"));
}
