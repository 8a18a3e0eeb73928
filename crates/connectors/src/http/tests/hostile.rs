//! Answers that no application gives, over real sockets: each is refused with what is the matter, in time and in memory.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::json::STRANGE;

/// The beginning of an answer, and what follows it.
fn raw(head: &str, rest: impl Into<Vec<u8>>) -> Act {
    Act::Raw([head.as_bytes(), b"\r\n\r\n", &rest.into()].concat())
}

fn chunked(head: &str, chunk: Vec<u8>, every: Duration) -> Act {
    let framed = [format!("{:x}\r\n", chunk.len()).as_bytes(), &chunk, b"\r\n"].concat();
    Act::Endless(format!("{head}\r\ntransfer-encoding: chunked\r\n\r\n").into_bytes(), framed, every)
}

/// What a write is told, and how many bytes of an answer it took at most.
async fn lost(act: impl Fn() -> Act + Send + Sync + 'static) -> Problem {
    let server = Server::start(move |_, _| act()).await;
    let mut http = http(&server.url, &Arc::default());
    http.largest_answer = 1_000_000;
    let outcome = http.send(&request_to(&server.url, Effect::Write), &Key).await;
    assert_eq!(server.seen().len(), 1);
    let Err(super::super::Fault::Lost(problem)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((problem.application.as_str(), problem.call.as_str()), ("test", "POST /thing/{id}"));
    problem
}

#[tokio::test]
async fn an_answer_that_announces_two_gigabytes_is_refused_before_it_is_read() {
    let problem = lost(|| raw("HTTP/1.1 200 OK\r\ncontent-length: 2147483648", "[")).await;
    assert_eq!((problem.words.as_str(), problem.remedy.as_str()), ("the answer is larger than 1000000 bytes", STRANGE));
}

#[tokio::test]
async fn an_answer_that_goes_on_and_on_is_refused_once_it_is_too_large() {
    let endless = || chunked("HTTP/1.1 200 OK", vec![b' '; 64 * 1024], Duration::ZERO);
    assert_eq!(lost(endless).await.words, "the answer is larger than 1000000 bytes");
    let unframed = || Act::Endless(b"HTTP/1.1 200 OK\r\n\r\n".into(), vec![b'['; 64 * 1024], Duration::ZERO);
    assert_eq!(lost(unframed).await.words, "the answer is larger than 1000000 bytes");
}

#[tokio::test]
async fn an_answer_that_trickles_for_ever_ends_with_the_time_of_the_whole_call() {
    // Each piece comes well within the second that a call may take; all of them never do.
    let trickle = || chunked("HTTP/1.1 200 OK", b" ".to_vec(), Duration::from_millis(100));
    assert_eq!(lost(trickle).await.cause, Cause::Timeout);
    let head = || Act::Endless(b"HTTP/1.1 200 OK\r\n".into(), b"x: y\r\n".to_vec(), Duration::from_millis(100));
    assert_eq!(lost(head).await.cause, Cause::Timeout);
}

#[tokio::test]
async fn a_small_answer_that_unpacks_into_a_large_one_is_refused() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    (0..1_000).for_each(|_| packed.write_all(&[b' '; 100_000]).unwrap());
    let bomb = packed.finish().unwrap();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}", bomb.len());
    let problem = lost(move || raw(&head, bomb.clone())).await;
    assert_eq!(problem.words, "the answer is larger than 1000000 bytes");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let many = (0..5_000).map(|number| format!("x-{number}: y\r\n")).collect::<String>();
    let long = format!("x: {}\r\n", "y".repeat(1_000_000));
    for headers in [many, long] {
        let problem = lost(move || raw(&format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2"), "{}")).await;
        assert_eq!(problem.cause, Cause::Connectivity);
        assert!(problem.words.contains("head is too large"), "{problem}");
    }
}

#[tokio::test]
async fn an_answer_of_another_length_than_it_says_is_no_answer() {
    let short = lost(|| Act::Half).await;
    assert_eq!(short.cause, Cause::Connectivity);
    let cut = || raw("HTTP/1.1 200 OK\r\ncontent-length: 4", "{\"a\":1}");
    let server = Server::start(move |_, _| cut()).await;
    let http = http(&server.url, &Arc::default());
    let reply = http.send(&request_to(&server.url, Effect::Write), &Key).await.unwrap();
    assert!(crate::json::record(&reply.body).is_err());
}

#[tokio::test]
async fn a_redirect_is_followed_by_nobody_and_carries_no_credentials_elsewhere() {
    let elsewhere = Server::start(|_, _| answer(200, "{}")).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/thing/7", elsewhere.url);
        let there = move || Act::Answer(status, vec![("location", location.clone())], String::new());
        for effect in [Effect::Read, Effect::Write] {
            let there = there.clone();
            let (outcome, server, _) = sent(effect, move |_, _| there()).await;
            assert!(matches!(outcome, Answer::NotDone(_)), "{outcome:?}");
            assert_eq!(server.seen().len(), 1);
        }
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_wait_of_all_time_is_not_waited_for() {
    let server = Server::start(|_, before| match before {
        0 => answer(503, "{}"),
        _ => Act::Answer(503, vec![("retry-after", u64::MAX.to_string())], "{}".into()),
    });
    let server = server.await;
    let clock = Arc::new(Jumping::default());
    let http = http(&server.url, &clock);
    let reply = http.send(&request_to(&server.url, Effect::Read), &Key).await.unwrap();
    assert_eq!((reply.status, server.seen().len()), (503, 2));
    assert!(clock.jumped() < 1_000);
}

#[test]
fn a_problem_is_no_longer_than_a_person_reads_and_shows_no_secret_wherever_it_is_echoed() {
    let http = http("http://127.0.0.1:1", &Arc::default());
    http.conceal(&SecretString::from("hush-hush"));
    let problem = http.problem("POST /x", Cause::Validation, "no ".repeat(1_000_000)).with_code("CODE hush-hush");
    let problem = http.redacted(problem);
    assert!(problem.words.len() < 5_000, "{}", problem.words.len());
    assert_eq!(problem.code.as_deref(), Some("CODE ***"));
}
