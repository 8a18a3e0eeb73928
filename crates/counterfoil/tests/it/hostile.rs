//! Somebody between us and an application, or the application itself, who means harm: what the run says of it, what it costs,
//! and that the next run goes on as if nothing had been.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::harness::{Sandbox, assert_adds_up, flow};
use super::recovery::{assert_nothing_twice, documents, undisturbed};

/// What is answered: bytes, and others behind them again and again with a pause before each.
#[derive(Clone, Default)]
struct Harm {
    head: Vec<u8>,
    again: Vec<u8>,
    pause: Duration,
}

fn answered(head: &str, body: impl Into<Vec<u8>>) -> Harm {
    let body = body.into();
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
    Harm { head: [head.into_bytes(), body].concat(), ..Harm::default() }
}

fn json(body: impl Into<Vec<u8>>) -> Harm {
    answered("200 OK\r\ncontent-type: application/json", body)
}

/// `chunk` for ever.
fn endless(chunk: &[u8], pause: Duration) -> Harm {
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    Harm { head, again: [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat(), pause }
}

/// A hundred kilobytes that unpack into a hundred megabytes.
fn bomb() -> Harm {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    (0..1_000).for_each(|_| packed.write_all(&[b' '; 100_000]).unwrap());
    answered("200 OK\r\ncontent-encoding: gzip", packed.finish().unwrap())
}

/// One who hands on all calls to an application but those that hold some words: these he answers himself.
struct Between {
    url: String,
}

impl Between {
    async fn start(application: &str, words: &'static [&'static str], harm: Harm) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (to, harm) = (application.trim_start_matches("http://").to_owned(), Arc::new(harm));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(attend(stream, to.clone(), words, Arc::clone(&harm)));
            }
        });
        Self { url }
    }
}

/// One call on one connection; whoever hangs up in its midst may.
async fn attend(mut caller: TcpStream, to: String, words: &[&str], harm: Arc<Harm>) -> Option<()> {
    let call = call(&mut caller).await?;
    let text = String::from_utf8_lossy(&call);
    if words.iter().any(|words| text.contains(words)) {
        let mut sent = caller.write_all(&harm.head).await;
        while sent.is_ok() && !harm.again.is_empty() {
            let _ = tokio::time::timeout(harm.pause, std::future::pending::<()>()).await;
            sent = caller.write_all(&harm.again).await;
        }
        return sent.ok();
    }
    let mut application = TcpStream::connect(to).await.ok()?;
    application.write_all(&call).await.ok()?;
    tokio::io::copy(&mut application, &mut caller).await.ok().map(drop)
}

/// A whole call, to be answered by a connection that ends behind the answer.
async fn call(caller: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let head = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if caller.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(read[..head].to_vec()).ok()?.to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    while read.len() < head + 4 + length {
        if caller.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
    read.splice(head..head, b"\r\nconnection: close".to_vec());
    Some(read)
}

/// A run while somebody stands before one of the applications. Gives the report.
async fn run_with(
    sandbox: &Sandbox,
    application: &str,
    words: &'static [&'static str],
    harm: Harm,
) -> (Option<i32>, Value) {
    let between = Between::start(sandbox.url(application), words, harm).await;
    let whole = std::fs::read_to_string(sandbox.config()).unwrap();
    let patient = format!("timeout_seconds = 2\nurl = \"{}\"", between.url);
    let changed = whole.replace(&format!("url = \"{}\"", sandbox.url(application)), &patient);
    assert_ne!(whole, changed);
    std::fs::write(sandbox.config(), changed).unwrap();
    let ran = sandbox.ask("run", &["--json"]).await;
    std::fs::write(sandbox.config(), whole).unwrap();
    (ran.code, ran.json())
}

/// The most memory that these runs take whatever they are answered: two flows select invoices at the same time, and each
/// holds an answer of the largest size that is read, with the rest of the buffers that it came in.
const MOST_MEMORY_KIB: u64 = 384 * 1024;

/// The calls that select invoices.
const INVOICES: [&str; 2] = [" from Invoice ", "/v1/action/queryMore"];

/// What is harmful, and the words with which it is refused.
fn harms() -> Vec<(&'static str, Harm, &'static str)> {
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let records = |records: &str, size: u64| {
        json(format!(r#"{{"records":[{records}],"size":{size},"done":false,"queryLocator":"a"}}"#))
    };
    vec![
        (
            "two gigabytes and more",
            endless(&[b' '; 64 * 1024], Duration::ZERO),
            "the answer is larger than 67108864 bytes",
        ),
        (
            "two gigabytes, announced",
            Harm { head: b"HTTP/1.1 200 OK\r\ncontent-length: 2147483648\r\n\r\n[".to_vec(), ..Harm::default() },
            "the answer is larger than 67108864 bytes",
        ),
        ("a packed bomb", bomb(), "the answer is larger than 67108864 bytes"),
        (
            "10,000 lists in a list",
            records(&format!(r#"{{"Id":"1","A":{}}}"#, nest(10_000)), 1),
            "it nests more than 32 levels deep in the field A of the record 1",
        ),
        ("10,000 lists in place of an answer", json(nest(10_000)), "not the JSON that was expected"),
        (
            "millions of values",
            records(&format!(r#"{{"Id":"1","A":[{}0]}}"#, "0,".repeat(2_100_000)), 1),
            "more than 2000000 values in the field A of the record 1",
        ),
        (
            "pages that lead to themselves",
            records(r#"{"Id":"1"}"#, 9),
            "a part of a query's answer that names itself as the next one",
        ),
        ("empty pages for ever", records("", 9), "an empty part of a query's answer that is not the last"),
        (
            "more records than there can be",
            records(r#"{"Id":"1"}"#, u64::MAX),
            "the query has 18446744073709551615 records",
        ),
        (
            "letters that are none",
            json(b"{\"records\":[{\"Id\":\"\xff\xfe\"}],\"size\":1,\"done\":true}".to_vec()),
            "not the JSON that was expected: invalid utf-8",
        ),
        (
            "a mark before the text",
            json(b"\xef\xbb\xbf{\"records\":[],\"size\":0,\"done\":true}".to_vec()),
            "not the JSON that was expected: expected value at line 1 column 1",
        ),
        ("zeros", json(vec![0; 1_000]), "not the JSON that was expected"),
        ("nothing under a status of 200", json(""), "not the JSON that was expected: EOF"),
        (
            "a head of a megabyte",
            answered(&format!("200 OK\r\nx: {}", "y".repeat(1_000_000)), "{}"),
            "head is too large",
        ),
        ("a way to somebody else", answered("307 X\r\nlocation: http://127.0.0.1:9/", ""), "HTTP 307"),
        (
            "an amount that no decimal holds",
            records(r#"{"Id":"1","Amount":1E400}"#, 1),
            "the number 1E400 does not fit a decimal in the field Amount of the record 1",
        ),
    ]
}

#[tokio::test]
async fn an_answer_that_means_harm_stops_its_flow_with_a_clear_error_and_the_others_go_on() {
    let sandbox = Sandbox::generated(10).await;
    for (what, harm, words) in harms() {
        let (code, report) = run_with(&sandbox, "zuora", &INVOICES, harm).await;
        let stopped =
            flow(&report, "zuora.invoice")["stopped"].as_str().unwrap_or_else(|| panic!("{what}: {report}")).to_owned();
        let call = ["zuora: POST /v1/action/query: ", "zuora: POST /v1/action/queryMore: "];
        assert!(call.iter().any(|call| stopped.starts_with(call)) && stopped.contains(words), "{what}: {stopped}");
        assert!(stopped.len() < 1_000, "{what}: {}", stopped.len());
        assert_eq!(code, Some(1), "{what}");
        assert!(flow(&report, "zuora.account")["stopped"].is_null(), "{what}");
        let peak = report["resources"]["peak_memory_kib"].as_u64().unwrap();
        println!("{what}: {stopped}; {} MiB at most", peak / 1024);
        assert!(peak < MOST_MEMORY_KIB, "{what}: {peak} KiB");
    }
    assert!(!sandbox.records("netsuite", "customer").await.is_empty());
    assert!(sandbox.records("netsuite", "invoice").await.is_empty());
    assert_adds_up(&sandbox.run().await);
    assert!(!sandbox.records("netsuite", "invoice").await.is_empty());
}

#[tokio::test]
async fn an_answer_that_trickles_for_ever_ends_in_time() {
    let sandbox = Sandbox::generated(5).await;
    let trickle = endless(b" ", Duration::from_millis(100));
    let (code, report) = run_with(&sandbox, "zuora", &INVOICES, trickle).await;
    let stopped = flow(&report, "zuora.invoice")["stopped"].as_str().unwrap();
    assert!(stopped.contains("operation timed out") && stopped.ends_with("(timeout)"), "{stopped}");
    assert_eq!(code, Some(1));
}

#[tokio::test]
async fn a_write_with_an_answer_that_means_harm_is_looked_up_and_nothing_is_made_twice() {
    let expected = undisturbed().await;
    for harm in [endless(&[b' '; 64 * 1024], Duration::ZERO), json("{\"id\":".repeat(10_000))] {
        let sandbox = Sandbox::generated(60).await;
        let (_, report) = run_with(&sandbox, "netsuite", &["POST /services/rest/record/v1/invoice"], harm).await;
        assert_eq!(flow(&report, "zuora.invoice")["created"].as_u64(), Some(0), "{report}");
        let peak = report["resources"]["peak_memory_kib"].as_u64().unwrap();
        println!("{} MiB at most", peak / 1024);
        assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
        assert_adds_up(&sandbox.run().await);
        assert_nothing_twice(&sandbox).await;
        assert_eq!(documents(&sandbox).await, expected);
    }
}

/// Sends the beginning of a call, then bytes until there is an answer; gives its first bytes.
async fn sent(url: &str, head: String, again: &[u8]) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = vec![0; 4096];
    let write = async {
        while !again.is_empty() && writing.write_all(again).await.is_ok() {}
        std::future::pending::<()>().await;
    };
    let length = tokio::select! {
        length = reading.read(&mut answer) => length.unwrap(),
        () = write => 0,
    };
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn a_body_of_two_gigabytes_is_refused_by_the_emulators_in_the_vendors_words_and_they_go_on() {
    let sandbox = Sandbox::generated(5).await;
    let announced =
        |path: &str| format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2147483648\r\n\r\n");
    let unending =
        |path: &str| format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
    let chunk = [b"10000\r\n".as_slice(), &[b'['; 0x10000], b"\r\n"].concat();
    let calls = [
        ("zuora", "/v1/action/query", "Request Entity Too Large"),
        ("netsuite", "/services/rest/record/v1/invoice", "The request body is too large."),
    ];
    for (application, path, words) in calls {
        for (head, again) in [(announced(path), &[][..]), (unending(path), &chunk[..])] {
            let answer = sent(sandbox.url(application), head, again).await;
            assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains(words), "{answer}");
        }
    }
    assert_adds_up(&sandbox.run().await);
}
