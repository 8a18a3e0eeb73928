//! What lies between us and an application: it carries one message there and the whole answer back. In a run this is the
//! network; in a simulation it is whatever the simulation does to a message.

use std::io::ErrorKind;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use model::problem::{Cause, Problem};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use url::Url;

use super::chain;
use super::message::Reply;

/// A connection that takes longer is not slow but blocked: nothing was sent yet, so the wait would buy nothing.
const CONNECT_SECONDS: u64 = 15;
/// Gateways close idle connections after a minute or so, unannounced; a write that meets one is a write whose outcome
/// nobody knows. So ours are closed first.
const IDLE_SECONDS: u64 = 30;

/// A message, complete and signed.
#[derive(Clone)]
pub struct Message {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// Nothing was sent.
    NotSent(Cause, String),
    /// It was sent, wholly or in part; nobody knows what became of it.
    Lost(Cause, String),
}

/// Carries messages.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Carries one message, once, and brings the whole answer: half an answer tells nothing. An answer whose body is
    /// larger than `largest` bytes is lost.
    async fn carry(&self, message: Message, largest: usize) -> Result<Reply, Undelivered>;
}

/// The network.
pub(super) struct Network(Client);

impl Network {
    /// The way to an application at `base`.
    pub(super) fn new(application: &str, base: &Url, timeout_seconds: u64) -> Result<Self, Problem> {
        let timeout = Duration::from_secs(timeout_seconds.max(1));
        // Three ways in which a library would send a request twice behind our back: its own retries, a redirect that
        // keeps the method (307, 308), and a pooled connection that died. The first two are switched off; the third,
        // in hyper-util, takes back only a request of which no byte was written, and so sends nothing twice.
        let mut builder = Client::builder()
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            // Before the whole time is over: a connection that was never made certainly carried nothing.
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS).min(timeout / 2))
            .timeout(timeout)
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .gzip(true)
            .user_agent(concat!("counterfoil/", env!("CARGO_PKG_VERSION")));
        let local =
            base.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]");
        if local {
            builder = builder.no_proxy();
        }
        if base.scheme() == "http" {
            // Without encryption there is no certificate to check; reading the system's takes longer than a short run.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build();
        let failed = |error: reqwest::Error| {
            Problem::new(application, "set-up", Cause::Configuration, chain(&error.without_url()))
        };
        client.map(Self).map_err(failed)
    }
}

#[async_trait]
impl Wire for Network {
    async fn carry(&self, message: Message, largest: usize) -> Result<Reply, Undelivered> {
        let mut request = reqwest::Request::new(message.method, message.url);
        *request.headers_mut() = message.headers;
        *request.body_mut() = message.body.map(Into::into);
        let mut response = self.0.execute(request).await.map_err(undelivered)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let too_large = || {
            let words = format!("the answer is larger than {largest} bytes");
            Err(Undelivered::Lost(Cause::Configuration, words))
        };
        if response.content_length().is_some_and(|announced| announced > largest as u64) {
            return too_large();
        }
        // Put together in one piece at the end: growing it would copy every byte twice.
        let (mut chunks, mut length) = (Vec::new(), 0);
        loop {
            match response.chunk().await.map_err(undelivered)? {
                Some(chunk) if length + chunk.len() > largest => return too_large(),
                Some(chunk) => {
                    length += chunk.len();
                    chunks.push(chunk);
                }
                None => return Ok(Reply { status, headers, body: chunks.concat().into() }),
            }
        }
    }
}

fn undelivered(error: reqwest::Error) -> Undelivered {
    let (connecting, late, refused) = (error.is_connect(), error.is_timeout(), is_refused(&error));
    let words = chain(&error.without_url());
    match (connecting, late) {
        // What cannot even connect in time meets something that drops packets; and where the vendors serve, no port is
        // closed: who refuses it stands before them.
        (true, true) => Undelivered::NotSent(Cause::Firewall, words),
        (true, false) if refused => Undelivered::NotSent(Cause::Firewall, words),
        (true, false) => Undelivered::NotSent(Cause::Connectivity, words),
        (false, true) => Undelivered::Lost(Cause::Timeout, words),
        (false, false) => Undelivered::Lost(Cause::Connectivity, words),
    }
}

/// Whether the port was refused.
fn is_refused(error: &dyn std::error::Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.downcast_ref::<std::io::Error>().is_some_and(|inner| inner.kind() == ErrorKind::ConnectionRefused) {
            return true;
        }
        source = inner.source();
    }
    false
}
