//! A server that does what a test says: answer, break off, or never answer; and what came to it.

mod hostile;
mod limits;
mod pauses;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use model::ports::{Clock, Entropy};
use model::problem::{Answer, Cause, Problem};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{Authority, Effect, Entry, Http, Limits, Reply, Request, Vendor, verdict};

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `POST /v1/action/query`, with the query.
    pub(crate) line: String,
    /// The headers, names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value)
    }
}

/// What is done about it.
pub(crate) enum Act {
    /// Status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection is broken off after the request was read.
    BreakOff,
    /// Half of the answer is sent.
    Half,
    /// Nothing, for ever.
    Silence,
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, then those again and again with so long a pause before each.
    Endless(Vec<u8>, Vec<u8>, Duration),
}

pub(crate) fn answer(status: u16, body: impl Into<String>) -> Act {
    Act::Answer(status, vec![("content-type", "application/json".into())], body.into())
}

/// An answer as it came, for what is pure.
pub(crate) fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    Reply { status, headers, body: body.to_owned().into() }
}

/// What kind of answer a test expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Refused,
    Unknown,
    NotDone,
}

/// The kind of an answer that is no success, and its problem.
pub(crate) fn told<T>(answer: Answer<T>) -> (Is, Problem) {
    match answer {
        Answer::Refused(problem) => (Is::Refused, problem),
        Answer::Unknown(problem) => (Is::Unknown, problem),
        Answer::NotDone(problem) => (Is::NotDone, problem),
        Answer::Accepted(_) => panic!("accepted"),
    }
}

type Script = dyn Fn(&Seen, usize) -> Act + Send + Sync;

/// The server.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// `script` is told the request and how many came before it.
    pub(crate) async fn start(script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, script): (_, Arc<Script>) = (Arc::clone(&seen), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&script)));
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests began so.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.seen().iter().filter(|seen| seen.line.starts_with(line)).count()
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Seen>>>, script: Arc<Script>) {
    let mut read = Vec::new();
    while let Some(seen) = request(&mut stream, &mut read).await {
        let before = {
            let mut log = log.lock().unwrap();
            log.push(seen.clone());
            log.len() - 1
        };
        let act = script(&seen, before);
        match act {
            Act::Answer(status, headers, body) => {
                let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    text.push_str(&format!("{name}: {value}\r\n"));
                }
                text.push_str("\r\n");
                text.push_str(&body);
                stream.write_all(text.as_bytes()).await.unwrap();
            }
            Act::Half => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":").await.unwrap();
                return;
            }
            Act::BreakOff => return,
            Act::Silence => std::future::pending().await,
            Act::Raw(bytes) => {
                // Who refuses an answer hangs up in its midst.
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Act::Endless(head, again, pause) => {
                let mut sent = stream.write_all(&head).await;
                while sent.is_ok() {
                    let _ = tokio::time::timeout(pause, std::future::pending::<()>()).await;
                    sent = stream.write_all(&again).await;
                }
                return;
            }
        }
    }
}

/// The next request of a connection; `None` at its end.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Seen> {
    let head = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(read[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    while read.len() < head + length {
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(read[head..head + length].to_vec()).unwrap();
    read.drain(..head + length);
    Some(Seen { line, headers, body })
}

/// A clock that jumps when it is waited on.
#[derive(Default)]
pub(crate) struct Jumping {
    jumped: Mutex<u64>,
}

impl Jumping {
    pub(crate) fn jumped(&self) -> u64 {
        *self.jumped.lock().unwrap()
    }
}

#[async_trait]
impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        let begin: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        begin + SignedDuration::from_millis(i64::try_from(self.jumped()).unwrap())
    }

    async fn wait(&self, milliseconds: u64) {
        *self.jumped.lock().unwrap() += milliseconds;
        tokio::task::yield_now().await;
    }
}

/// Chance that is none.
#[derive(Default)]
pub(crate) struct Counting(Mutex<u64>);

impl Entropy for Counting {
    fn token(&self) -> String {
        let mut count = self.0.lock().unwrap();
        *count += 1;
        format!("{:032x}", *count)
    }
}

struct Key;

#[async_trait]
impl Authority for Key {
    async fn sign(&self, _: &Http, _: &Request, _: Entry) -> Result<HeaderValue, Problem> {
        Ok(HeaderValue::from_static("Bearer hush-hush"))
    }

    async fn refused(&self, _: &HeaderValue) {}
}

/// A vendor whose statuses say all.
const VENDOR: Vendor = Vendor {
    name: "test",
    classify: |call, reply| {
        let cause = match reply.status {
            401 => Cause::Authentication,
            403 => Cause::Permission,
            429 => Cause::ApiLimit,
            503 => Cause::Maintenance,
            500.. => Cause::Overload,
            _ => Cause::Validation,
        };
        Problem::new("test", call, cause, format!("HTTP {}", reply.status))
    },
};

fn http(url: &str, clock: &Arc<Jumping>) -> Http {
    let limits = Limits { concurrency: 4, timeout_seconds: 1 };
    let base = Url::parse(url).unwrap();
    Http::new(VENDOR, &base, &limits, Arc::clone(clock) as Arc<dyn Clock>, Arc::new(Counting::default())).unwrap()
}

fn request_to(url: &str, effect: Effect) -> Request {
    Request {
        method: Method::POST,
        url: Url::parse(url).unwrap().join("/thing/7").unwrap(),
        template: "/thing/{id}".into(),
        headers: HeaderMap::new(),
        body: Some(Bytes::from_static(b"{}")),
        effect,
    }
}

async fn sent(
    effect: Effect,
    script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static,
) -> (Answer<Reply>, Server, Http) {
    let server = Server::start(script).await;
    let http = http(&server.url, &Arc::default());
    let outcome = http.send(&request_to(&server.url, effect), &Key).await;
    let answer = verdict(outcome, |reply| http.problem("c", Cause::Overload, format!("HTTP {}", reply.status)));
    (answer, server, http)
}

#[tokio::test]
async fn a_write_whose_answer_is_dropped_is_sent_once_and_its_outcome_is_unknown() {
    for act in [|| Act::BreakOff, || Act::Half, || Act::Silence] {
        let (answer, server, _) = sent(Effect::Write, move |_, _| act()).await;
        assert!(matches!(answer, Answer::Unknown(_)), "{answer:?}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_write_on_a_kept_connection_that_the_server_drops_is_not_sent_again() {
    let server = Server::start(|_, before| if before == 0 { answer(200, "{}") } else { Act::BreakOff }).await;
    let http = http(&server.url, &Arc::default());
    assert!(http.send(&request_to(&server.url, Effect::Write), &Key).await.is_ok());
    let second = http.send(&request_to(&server.url, Effect::Write), &Key).await;
    assert!(matches!(second, Err(super::Fault::Lost(_))), "{second:?}");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_gateways_error_to_a_write_leaves_its_outcome_unknown() {
    for status in [500, 502, 503, 504] {
        let (outcome, server, _) = sent(Effect::Write, move |_, _| answer(status, "<html>sorry</html>")).await;
        assert!(matches!(outcome, Answer::Unknown(_)), "{outcome:?}");
        assert_eq!(server.seen().len(), 1);
    }
    let (outcome, ..) = sent(Effect::Write, |_, _| answer(404, "<html>who are you</html>")).await;
    assert!(matches!(outcome, Answer::Unknown(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_write_is_not_carried_along_a_redirect() {
    let elsewhere = || Act::Answer(307, vec![("location", "/other".into())], String::new());
    let (outcome, server, _) = sent(Effect::Write, move |_, _| elsewhere()).await;
    assert!(matches!(outcome, Answer::NotDone(_)), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_write_that_is_turned_away_with_429_is_repeated_after_the_wait_that_was_asked_for() {
    let server = Server::start(|_, before| match before {
        0 | 1 => Act::Answer(429, vec![("retry-after", "7".into())], "{}".into()),
        _ => answer(200, "{}"),
    });
    let server = server.await;
    let clock = Arc::new(Jumping::default());
    let http = http(&server.url, &clock);
    assert!(http.send(&request_to(&server.url, Effect::Write), &Key).await.is_ok_and(|reply| reply.status == 200));
    assert_eq!((server.seen().len(), clock.jumped()), (3, 14_000));
}

#[tokio::test]
async fn a_write_that_is_turned_away_for_ever_was_certainly_not_done() {
    let (outcome, ..) = sent(Effect::Write, |_, _| answer(429, "{}")).await;
    assert!(matches!(outcome, Answer::NotDone(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_wait_of_ten_minutes_is_left_to_the_next_run() {
    let (outcome, server, _) =
        sent(Effect::Write, |_, _| Act::Answer(429, vec![("retry-after", "600".into())], "{}".into())).await;
    assert!(matches!(outcome, Answer::NotDone(_)), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_read_is_repeated_over_resets_errors_and_time_outs() {
    let (outcome, server, _) = sent(Effect::Read, |_, before| match before {
        0 => Act::BreakOff,
        1 => answer(503, "<html></html>"),
        2 => Act::Half,
        3 => Act::Silence,
        _ => answer(200, "{}"),
    })
    .await;
    assert!(matches!(outcome, Answer::Accepted(_)), "{outcome:?}");
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn a_server_that_is_not_there_was_certainly_not_written() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let http = http(&url, &Arc::default());
    let outcome = http.send(&request_to(&url, Effect::Write), &Key).await;
    let Err(super::Fault::NotSent(problem)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(problem.cause, Cause::Firewall);
}

#[tokio::test]
async fn every_sending_is_counted_under_the_paths_template() {
    let (_, _, http) =
        sent(Effect::Read, |_, before| if before == 0 { Act::BreakOff } else { answer(200, "{}") }).await;
    let counted: Vec<String> = http
        .calls()
        .into_iter()
        .map(|call| format!("{} {} {} {}", call.method, call.path, call.status, call.count))
        .collect();
    assert_eq!(counted, ["POST /thing/{id} 200 1", "POST /thing/{id} reset 1"]);
}

#[tokio::test]
async fn a_secret_that_the_vendor_echoes_is_hidden() {
    let server = Server::start(|_, _| answer(200, "{}")).await;
    let http = http(&server.url, &Arc::default());
    http.conceal(&SecretString::from("hush-hush"));
    let problem = http.problem("POST /x", Cause::Authentication, "the token hush-hush is wrong");
    assert_eq!(problem.words, "the token *** is wrong");
}
