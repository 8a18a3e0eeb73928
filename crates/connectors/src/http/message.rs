//! What is sent, what comes back, and what it means by its status alone: answered, certainly not done, or unknown.

use std::fmt;

use bytes::Bytes;
use model::problem::{Answer, Cause, Problem};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use url::Url;

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
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Bytes,
}

impl Reply {
    /// Whether it went well. No vendor answers a call with HTML: such a page is a gateway's, or tells of maintenance,
    /// and its status of 200 means nothing.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && !self.is_html()
    }

    /// Whether a gateway or a maintenance page answered in the application's place.
    pub(crate) fn is_page(&self) -> bool {
        self.is_html() || self.body.trim_ascii_start().starts_with(b"<")
    }

    /// What a page tells of: a gateway between us and the application, or the application's own maintenance page.
    pub(crate) fn cause_of_page(&self) -> Cause {
        let read = &self.body[..self.body.len().min(4_000)];
        match self.status {
            _ if String::from_utf8_lossy(read).to_lowercase().contains("maintenance") => Cause::Maintenance,
            503 => Cause::Maintenance,
            401 => Cause::Authentication,
            // A proxy or a web application firewall forbids the way; the applications themselves say so in JSON.
            403 | 407 => Cause::Firewall,
            404 | 405 | 410 | 300..=399 => Cause::Configuration,
            408 | 504 => Cause::Timeout,
            413 | 414 | 429 | 431 => Cause::ApiLimit,
            // People log in at this address, not programs.
            200..=299 if asks_for_a_password(read) => Cause::Configuration,
            _ => Cause::Overload,
        }
    }

    /// Whether the request was larger than is taken, in its body, its address or its headers: so it will be again.
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self.status, 413 | 414 | 431)
    }

    /// Whether it is a page for people.
    pub(crate) fn is_html(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let begins = |with: &[u8]| {
            self.body.trim_ascii_start().get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        kind.starts_with("text/html") || begins(b"<!doctype html") || begins(b"<html")
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

/// Whether a page has a field for a password.
fn asks_for_a_password(page: &[u8]) -> bool {
    let page = String::from_utf8_lossy(page).to_lowercase();
    ["type=\"password\"", "type='password'", "type=password"].iter().any(|field| page.contains(field))
}

/// What an answer to a write means, by its status alone. `classify` puts it into the vendor's words.
pub(crate) fn verdict(sent: Result<Reply, Fault>, classify: impl Fn(&Reply) -> Problem) -> Answer<Reply> {
    let reply = match sent {
        Ok(reply) => reply,
        Err(Fault::NotSent(problem)) => return Answer::NotDone(problem),
        Err(Fault::Lost(problem)) => return Answer::Unknown(problem),
    };
    match reply.status {
        200..=299 if reply.is_success() => Answer::Accepted(reply),
        // Turned away at the door, as both vendors document for 401 and 429, and as a proxy of ours does with 407; a
        // redirect is followed by nobody.
        300..=399 | 401 | 407 | 429 => Answer::NotDone(classify(&reply)),
        _ => unsettled(&reply, classify(&reply)),
    }
}

/// What the status leaves open.
fn unsettled(reply: &Reply, problem: Problem) -> Answer<Reply> {
    match reply.status {
        // The vendor's own code says that nothing of the kind is done for anybody.
        _ if problem.for_all => Answer::NotDone(problem),
        // Larger than is taken: whoever said so, nobody looked into it.
        _ if reply.is_too_large() => Answer::Refused(problem),
        // A page is a gateway's word, not the application's: what stood behind it may have done its work.
        408 => Answer::Unknown(problem),
        400..=499 if !reply.is_page() => refused(problem),
        _ => Answer::Unknown(problem),
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
