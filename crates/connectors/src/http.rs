//! The only place that sends. It knows no vendor: it keeps the deadline and the concurrency, repeats what may be
//! repeated, counts every call, hides every secret, and tells three things apart that a caller must never confuse:
//! answered, certainly not sent, and nobody knows.

mod bearer;
mod count;
mod repeat;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use model::ports::{Clock, Entropy};
use model::problem::{Answer, Cause, Problem};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use url::Url;

pub(crate) use bearer::{Bearer, Grant, Login};
pub use count::CallCount;
use count::Counts;

/// No answer of either vendor comes near; more is a mistake or an attack.
const LARGEST_ANSWER: usize = 200 * 1024 * 1024;
/// A connection that takes longer is not slow but blocked: nothing was sent yet, so the wait would buy nothing.
const CONNECT_SECONDS: u64 = 15;
/// Gateways close idle connections after a minute or so, unannounced; a write that meets one is a write whose outcome
/// nobody knows. So ours are closed first.
const IDLE_SECONDS: u64 = 30;

/// Whether a request changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It may be repeated.
    Read,
    /// It is sent once, unless it certainly was not executed.
    Write,
}

/// A request, complete but for its authorization.
#[derive(Clone)]
pub(crate) struct Request {
    /// The method.
    pub(crate) method: Method,
    /// The address.
    pub(crate) url: Url,
    /// The path with its ids replaced by `{id}`: what is counted, and what a person reads.
    pub(crate) template: String,
    /// Headers beside the authorization.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Option<Bytes>,
    /// Whether it changes something.
    pub(crate) effect: Effect,
}

impl Request {
    /// `POST /v1/action/query`: what a problem names.
    pub(crate) fn call(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

/// A whole answer, of any status.
#[derive(Clone)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, unpacked.
    pub(crate) body: Bytes,
}

impl Reply {
    /// Whether the status says that it went well.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether a gateway or a maintenance page answered in the application's place.
    pub(crate) fn is_page(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        kind.starts_with("text/html") || self.body.trim_ascii_start().starts_with(b"<")
    }
}

/// The body of a log-in is a secret, and so is its answer: neither body is ever shown whole.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.call())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HTTP {} with {} bytes", self.status, self.body.len())
    }
}

/// No answer.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Nothing was sent.
    NotSent(Problem),
    /// It was sent, wholly or in part; nobody knows what became of it.
    Lost(Problem),
}

impl Fault {
    /// The problem, for a read.
    pub(crate) fn into_problem(self) -> Problem {
        let (Self::NotSent(problem) | Self::Lost(problem)) = self;
        problem
    }
}

/// What an answer to a write means, by its status alone. `classify` puts it into the vendor's words.
pub(crate) fn verdict(sent: Result<Reply, Fault>, classify: impl Fn(&Reply) -> Problem) -> Answer<Reply> {
    let reply = match sent {
        Ok(reply) => reply,
        Err(Fault::NotSent(problem)) => return Answer::NotDone(problem),
        Err(Fault::Lost(problem)) => return Answer::Unknown(problem),
    };
    match reply.status {
        200..=299 => Answer::Accepted(reply),
        // Turned away at the door, as both vendors document for 401 and 429; a redirect is followed by nobody.
        300..=399 | 401 | 429 => Answer::NotDone(classify(&reply)),
        // A page is a gateway's word, not the application's: what stood behind it may have done its work.
        408 => Answer::Unknown(classify(&reply)),
        400..=499 if !reply.is_page() => refused(classify(&reply)),
        _ => Answer::Unknown(classify(&reply)),
    }
}

/// A refusal in words: some of them say that the request was not looked at, and some leave open what was done.
fn refused(problem: Problem) -> Answer<Reply> {
    match problem.cause {
        Cause::ApiLimit | Cause::Authentication => Answer::NotDone(problem),
        Cause::Maintenance | Cause::Timeout => Answer::Unknown(problem),
        _ => Answer::Refused(problem),
    }
}

/// Signs requests.
#[async_trait]
pub(crate) trait Authority: Send + Sync {
    /// The `Authorization` header for one sending of this request.
    async fn sign(&self, http: &Http, request: &Request) -> Result<HeaderValue, Problem>;

    /// The vendor refused a header; the next `sign` makes a new one.
    async fn refused(&self, header: &HeaderValue);
}

/// The sender of one application.
pub(crate) struct Http {
    application: &'static str,
    client: Client,
    slots: Semaphore,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    counts: Counts,
    secrets: Mutex<Vec<SecretString>>,
}

/// How an [`Http`] is made.
pub(crate) struct Limits {
    /// How many requests may be under way at once.
    pub(crate) concurrency: usize,
    /// How long a request may take, from the first byte of the connection to the last of the answer.
    pub(crate) timeout_seconds: u64,
}

impl Http {
    /// A sender for `application` at `base`.
    pub(crate) fn new(
        application: &'static str,
        base: &Url,
        limits: &Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Problem> {
        // Three ways in which a library would send a request twice behind our back: its own retries, a redirect that
        // keeps the method (307, 308), and a pooled connection that died. The first two are switched off; the third,
        // in hyper-util, takes back only a request of which no byte was written, and so sends nothing twice.
        let mut builder = Client::builder()
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
            .timeout(Duration::from_secs(limits.timeout_seconds.max(1)))
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .gzip(true)
            .user_agent(concat!("counterfoil/", env!("CARGO_PKG_VERSION")));
        let local =
            base.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]");
        if local {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| Problem::new(application, "set-up", Cause::Configuration, chain(&error.without_url())))?;
        Ok(Self {
            application,
            client,
            slots: Semaphore::new(limits.concurrency.max(1)),
            clock,
            entropy,
            counts: Counts::default(),
            secrets: Mutex::default(),
        })
    }

    /// The clock.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Chance.
    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Vec<CallCount> {
        self.counts.snapshot()
    }

    /// From now on this text is hidden wherever it turns up. Tokens pass; the newest few are remembered.
    pub(crate) fn conceal(&self, secret: &SecretString) {
        const REMEMBERED: usize = 16;
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if secrets.len() >= REMEMBERED {
            secrets.remove(REMEMBERED / 2);
        }
        secrets.push(secret.clone());
    }

    /// A vendor may echo what it was sent: no secret leaves in an error.
    pub(crate) fn redacted(&self, mut problem: Problem) -> Problem {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| secret.len() >= 4) {
            for text in [&mut problem.words, &mut problem.remedy, &mut problem.call] {
                if text.contains(secret) {
                    *text = text.replace(secret, "***");
                }
            }
        }
        problem
    }

    /// A problem of this application, without secrets.
    pub(crate) fn problem(&self, call: impl Into<String>, cause: Cause, words: impl Into<String>) -> Problem {
        self.redacted(Problem::new(self.application, call, cause, words))
    }

    /// Sends once, outside the application's slots: for log-ins, which no vendor counts among the parallel calls.
    async fn send_once(&self, request: &Request, authorization: Option<HeaderValue>) -> Result<Reply, Fault> {
        let mut builder =
            self.client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
        if let Some(header) = authorization {
            builder = builder.header(AUTHORIZATION, header);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let outcome = match builder.send().await {
            Ok(response) => self.whole(request, response).await,
            Err(error) => Err(self.fault(request, error)),
        };
        let status = match &outcome {
            Ok(reply) => reply.status.to_string(),
            Err(Fault::NotSent(_)) => "not sent".to_owned(),
            Err(Fault::Lost(problem)) if problem.cause == Cause::Timeout => "timeout".to_owned(),
            Err(Fault::Lost(_)) => "reset".to_owned(),
        };
        tracing::debug!(application = self.application, call = request.call(), status, "call");
        self.counts.add(request, status);
        outcome
    }

    /// The whole body, or no answer at all: half an answer tells nothing.
    async fn whole(&self, request: &Request, mut response: reqwest::Response) -> Result<Reply, Fault> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER => {
                    let words = format!("the answer is larger than {LARGEST_ANSWER} bytes");
                    return Err(Fault::Lost(self.problem(request.call(), Cause::Configuration, words)));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Reply { status, headers, body: body.freeze() }),
                Err(error) => return Err(self.fault(request, error)),
            }
        }
    }

    fn fault(&self, request: &Request, error: reqwest::Error) -> Fault {
        let (connecting, late) = (error.is_connect(), error.is_timeout());
        let words = chain(&error.without_url());
        let call = request.call();
        match (connecting, late) {
            // Only what cannot even connect in time points at a firewall; a refused connection is an answer.
            (true, true) => Fault::NotSent(self.problem(call, Cause::Firewall, words)),
            (true, false) => Fault::NotSent(self.problem(call, Cause::Connectivity, words)),
            (false, true) => Fault::Lost(self.problem(call, Cause::Timeout, words)),
            (false, false) => Fault::Lost(self.problem(call, Cause::Connectivity, words)),
        }
    }
}

/// An address below a base, which may have a path of its own behind a proxy.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// An error with its causes: the outer one alone says only that sending failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}
