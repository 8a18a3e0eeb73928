//! Faults of the line: answers that come late, in part, or not at all.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::client::Account;
use crate::wire::{self, PATIENCE, Received};

const CUSTOMERS: &str = "/services/rest/record/v1/customer";

async fn struck(kind: &str, milliseconds: u64) -> Account {
    let account = Account::open().await;
    account.faults(json!([{ "kind": kind, "path": "/services/rest/record/v1/{type}", "ms": milliseconds }])).await;
    account
}

fn body() -> String {
    json!({ "companyName": "a", "subsidiary": "1", "externalId": "a" }).to_string()
}

fn request(account: &Account) -> RequestBuilder {
    let request = reqwest::Client::new().post(account.url(CUSTOMERS)).header("content-type", "application/json");
    request.header("authorization", account.signed("POST", CUSTOMERS)).body(body())
}

async fn by_hand(account: &Account, method: &str, path: &str, body: &str) -> Received {
    let signed = account.signed(method, path);
    let headers = [("authorization", signed.as_str()), ("content-type", "application/json")];
    wire::receive(wire::send(&account.access.url, &format!("{method} {path}"), &headers, body).await).await
}

async fn is_there(account: &Account) -> bool {
    account.get("/customer/eid:a").await.status == 200
}

/// How many calls of the struck address ended with a status.
async fn counted(account: &Account, status: u16) -> u64 {
    let calls = account.control("calls").await;
    let wanted = |call: &&Value| call["path"] == "/services/rest/record/v1/{type}" && call["status"] == status;
    calls.as_array().unwrap().iter().find(wanted).map_or(0, |call| call["count"].as_u64().unwrap())
}

#[tokio::test]
async fn a_refused_call_is_closed_in_good_order_without_a_byte_and_not_executed() {
    let account = struck("refuse", 1).await;
    let received = by_hand(&account, "POST", CUSTOMERS, &body()).await;
    assert_eq!((received.text.as_str(), received.error), ("", None));
    assert!(!is_there(&account).await);
}

#[tokio::test]
async fn a_swallowed_call_says_nothing_until_its_caller_gives_up_and_is_not_executed() {
    let account = struck("silent", 0).await;
    assert!(request(&account).timeout(PATIENCE).send().await.unwrap_err().is_timeout());
    wire::until(async || counted(&account, 0).await == 1).await;
    assert!(!is_there(&account).await);
}

#[tokio::test]
async fn a_swallowed_call_is_closed_when_its_time_is_over() {
    let account = struck("black hole", 40).await;
    let received = by_hand(&account, "POST", CUSTOMERS, &body()).await;
    assert_eq!((received.text.as_str(), received.error), ("", None));
    assert!(!is_there(&account).await);
}

#[tokio::test]
async fn a_slow_call_is_executed_though_its_caller_does_not_wait() {
    let account = struck("slow", 5000).await;
    assert!(request(&account).timeout(PATIENCE).send().await.unwrap_err().is_timeout());
    assert!(is_there(&account).await);
}

#[tokio::test]
async fn a_late_call_is_executed_after_its_caller_ran_out_of_patience() {
    let account = struck("late", 400).await;
    assert!(request(&account).timeout(PATIENCE).send().await.unwrap_err().is_timeout());
    assert!(!is_there(&account).await);
    wire::until(async || is_there(&account).await).await;
    assert_eq!(counted(&account, 0).await, 1);
}

#[tokio::test]
async fn a_late_call_is_executed_after_its_caller_hung_up() {
    let account = struck("commit late", 400).await;
    let signed = account.signed("POST", CUSTOMERS);
    let headers = [("authorization", signed.as_str()), ("content-type", "application/json")];
    let head = format!("POST {CUSTOMERS}");
    drop(wire::send(&account.access.url, &head, &headers, &body()).await);
    wire::until(async || counted(&account, 0).await == 1).await;
    assert!(!is_there(&account).await);
    wire::until(async || is_there(&account).await).await;
}

#[tokio::test]
async fn a_record_whose_answer_is_dropped_is_there_and_a_repeat_is_refused() {
    let account = Account::open().await;
    account.faults(json!([{ "kind": "drop_answer", "path": CUSTOMERS, "nth": 1 }])).await;
    let received = by_hand(&account, "POST", CUSTOMERS, &body()).await;
    assert_eq!((received.text.as_str(), received.error), ("", None));
    assert!(is_there(&account).await);
    let again = account.post("/customer", serde_json::from_str(&body()).unwrap()).await;
    assert!(again.detail().ends_with("This entity already exists."), "{again:?}");
}

#[tokio::test]
async fn an_answer_is_reset_in_the_midst_of_its_body() {
    let account = Account::open().await;
    account.customer("Acme").await;
    account.faults(json!([{ "kind": "reset" }])).await;
    let received = by_hand(&account, "GET", CUSTOMERS, "").await;
    let (announced, came) = received.lengths();
    assert!(received.text.starts_with("HTTP/1.1 200 OK\r\n"), "{received:?}");
    assert_eq!((came, received.error), (announced / 2, Some(std::io::ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn an_answer_without_a_body_is_reset_before_it_begins_and_its_record_is_there() {
    let account = struck("reset mid-body", 0).await;
    let received = by_hand(&account, "POST", CUSTOMERS, &body()).await;
    assert_eq!((received.text.as_str(), received.error), ("", Some(std::io::ErrorKind::ConnectionReset)));
    assert!(is_there(&account).await);
}
