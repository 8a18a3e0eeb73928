use std::io;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::bench::Bench;
use crate::wire::{self, PATIENCE, Received};

const UPDATE: &str = "/v1/action/update";
const MARKED: &str = "select Id from Invoice where IntegrationStatus__NS != null";

async fn struck(kind: &str, milliseconds: u64) -> (Bench, String) {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    bench.faults(json!([{ "kind": kind, "path": UPDATE, "ms": milliseconds }])).await;
    (bench, json!({ "type": "Invoice", "objects": [{ "Id": id, "IntegrationStatus__NS": "a" }] }).to_string())
}

fn request(bench: &Bench, body: &str) -> RequestBuilder {
    bench.call(Method::POST, UPDATE).body(body.to_owned())
}

async fn by_hand(bench: &Bench, body: &str) -> Received {
    wire::receive(sent(bench, body).await).await
}

async fn sent(bench: &Bench, body: &str) -> TcpStream {
    let token = format!("Bearer {}", bench.token);
    wire::send(&bench.access.url, &format!("POST {UPDATE}"), &[("authorization", &token)], body).await
}

async fn is_marked(bench: &Bench) -> bool {
    bench.query(MARKED).await.len() == 1
}

/// How many updates ended without an answer.
async fn unanswered(bench: &Bench) -> u64 {
    let (_, calls) = bench.control(Method::GET, "calls", "").await;
    let wanted = |call: &&Value| call["path"] == UPDATE && call["status"] == 0;
    calls.as_array().unwrap().iter().find(wanted).map_or(0, |call| call["count"].as_u64().unwrap())
}

#[tokio::test]
async fn a_refused_call_is_closed_in_good_order_without_a_byte() {
    let (bench, body) = struck("refuse", 1).await;
    let received = by_hand(&bench, &body).await;
    assert_eq!((received.text.as_str(), received.error), ("", None));
    assert!(!is_marked(&bench).await);
}

#[tokio::test]
async fn a_swallowed_call_says_nothing_until_its_caller_gives_up_and_is_not_executed() {
    let (bench, body) = struck("silent", 0).await;
    assert!(request(&bench, &body).timeout(PATIENCE).send().await.unwrap_err().is_timeout());
    wire::until(async || unanswered(&bench).await == 1).await;
    assert!(!is_marked(&bench).await);
}

#[tokio::test]
async fn a_swallowed_call_is_closed_when_its_time_is_over() {
    let (bench, body) = struck("blackhole", 40).await;
    let received = by_hand(&bench, &body).await;
    assert_eq!((received.text.as_str(), received.error), ("", None));
    assert!(!is_marked(&bench).await);
}

#[tokio::test]
async fn a_slow_call_is_executed_though_its_caller_does_not_wait() {
    let (bench, body) = struck("answer_late", 5000).await;
    assert!(request(&bench, &body).timeout(PATIENCE).send().await.unwrap_err().is_timeout());
    assert!(is_marked(&bench).await);
}

#[tokio::test]
async fn a_late_call_is_executed_after_its_caller_ran_out_of_patience() {
    let (bench, body) = struck("late", 400).await;
    assert!(request(&bench, &body).timeout(PATIENCE).send().await.unwrap_err().is_timeout());
    assert!(!is_marked(&bench).await);
    wire::until(async || is_marked(&bench).await).await;
}

#[tokio::test]
async fn a_late_call_is_executed_after_its_caller_hung_up() {
    let (bench, body) = struck("commit_late", 400).await;
    drop(sent(&bench, &body).await);
    wire::until(async || unanswered(&bench).await == 1).await;
    assert!(!is_marked(&bench).await);
    wire::until(async || is_marked(&bench).await).await;
}

#[tokio::test]
async fn an_answer_that_is_dropped_was_executed() {
    let (bench, body) = struck("drop_answer", 0).await;
    let received = by_hand(&bench, &body).await;
    assert_eq!((received.text.as_str(), received.error), ("", None));
    assert!(is_marked(&bench).await);
}

#[tokio::test]
async fn an_answer_is_reset_in_the_midst_of_its_body_and_was_executed() {
    let (bench, body) = struck("reset", 0).await;
    let received = by_hand(&bench, &body).await;
    let (announced, came) = received.lengths();
    assert!(received.text.starts_with("HTTP/1.1 200 OK\r\n"), "{received:?}");
    assert_eq!((came, received.error), (announced / 2, Some(io::ErrorKind::ConnectionReset)));
    assert!(is_marked(&bench).await);
    let cut = request(&bench, &body).send().await.unwrap();
    assert_eq!(cut.status().as_u16(), 200);
    assert!(cut.text().await.is_err());
}

#[tokio::test]
async fn a_call_is_taken_in_whole_before_it_is_turned_away_so_that_its_connection_goes_on() {
    let bench = Bench::new(1).await;
    bench.faults(json!([{ "kind": "429", "times": 1 }])).await;
    let host = bench.access.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!("POST {UPDATE} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 4\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let struck = async || bench.control(Method::GET, "faults", "").await.1[0]["struck"] == 1;
    wire::until(struck).await;
    let rest = format!("bodyGET {UPDATE} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(rest.as_bytes()).await.unwrap();
    let received = wire::receive(stream).await;
    assert_eq!((received.text.matches("HTTP/1.1 ").count(), received.error), (2, None), "{received:?}");
}
