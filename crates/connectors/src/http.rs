//! The only place that sends. It knows no vendor: it keeps the deadline and the concurrency, repeats what may be
//! repeated, counts every call, hides every secret, and tells three things apart that a caller must never confuse:
//! answered, certainly not sent, and nobody knows.
//!
//! | module | idea |
//! |---|---|
//! | `message` | what is sent, what comes back, and what it means by its status alone |
//! | `repeat` | what is sent again, and when |
//! | `gate` | an application that is down as a whole: its requests wait, and it is asked until it answers |
//! | `limits` | what an answer says of the limits |
//! | `window` | how many requests may be under way at once |
//! | `quota` | how many an application grants in a minute, an hour, a day |
//! | `bearer` | a token, got once for all |
//! | `skew` | a clock of ours that is wrong, and by how much |
//! | `count` | every sending is counted |
//! | `wire` | what carries a message: the network, or a simulation |

mod bearer;
mod count;
mod gate;
mod limits;
mod message;
mod quota;
mod repeat;
mod skew;
mod window;
mod wire;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::ports::{Clock, Entropy};
use model::problem::{Cause, Pause, Problem, cut};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{Courtesy, json};
pub(crate) use bearer::{Bearer, Grant, Login};
pub use count::CallCount;
use count::Counts;
use gate::Gate;
pub use message::Reply;
pub(crate) use message::{Effect, Fault, Request, verdict};
use quota::Quota;
use window::Slots;
use wire::Network;
pub use wire::{Message, Undelivered, Wire};

/// How large an answer may be, unpacked. The largest that was thought of are an invoice of 10,000 lines with its
/// sublists, some 20 MB, and a page of 2,000 Zuora records with all their fields, some 10 MB. More is a mistake or an attack:
/// twenty such answers at once must still fit a small machine.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// How large the answer to a write may be: it names a record, or fifty, or says why not. As many come at once as there are
/// slots.
const LARGEST_RECEIPT: usize = 4 * 1024 * 1024;

/// What to do about a call that is larger than its application takes: the status says so, whatever the words are.
const TOO_LARGE: &str = "Make the record smaller (fewer lines, shorter texts) or let the flow send less of it, then run again; \
                         a proxy on the way may have a limit of its own.";

/// Signs requests.
#[async_trait]
pub(crate) trait Authority: Send + Sync {
    /// Under which name the signature stands.
    fn header(&self) -> HeaderName {
        AUTHORIZATION
    }

    /// The signature for one sending of this request.
    async fn sign(&self, http: &Http, request: &Request, entry: Entry) -> Result<HeaderValue, Problem>;

    /// The vendor refused a header; the next `sign` makes a new one.
    async fn refused(&self, header: &HeaderValue);

    /// Whether the vendor counts each call with a wrong signature as a bad log-in.
    fn logs_in_with_each_call(&self) -> bool {
        false
    }
}

/// How a request came past the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The gate was open.
    Open,
    /// It asks whether the gate can be opened.
    Asking,
}

/// What a sender must know of the vendor.
#[derive(Clone, Copy)]
pub(crate) struct Vendor {
    /// The application's name in problems.
    pub(crate) name: &'static str,
    /// The problem that an answer tells of, by the call.
    pub(crate) classify: fn(&str, &Reply) -> Problem,
}

/// The sender of one application: one for all flows, so that they share its slots, its quota and its gate.
pub(crate) struct Http {
    vendor: Vendor,
    wire: Arc<dyn Wire>,
    slots: Slots,
    quota: Quota,
    gate: Gate,
    probe: Option<Request>,
    /// The same for an application that reads and does not write: it changes nothing either.
    write_probe: Option<Request>,
    courtesy: Courtesy,
    largest_answer: usize,
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
    /// A sender for an application at `base`.
    pub(crate) fn new(
        vendor: Vendor,
        base: &Url,
        limits: &Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            vendor,
            wire: Arc::new(Network::new(vendor.name, base, limits.timeout_seconds)?),
            slots: Slots::new(limits.concurrency),
            quota: Quota::default(),
            gate: Gate::default(),
            probe: None,
            write_probe: None,
            courtesy: Courtesy::default(),
            largest_answer: LARGEST_ANSWER,
            clock,
            entropy,
            counts: Counts::default(),
            secrets: Mutex::default(),
        })
    }

    /// The harmless read that is tried while the application is down.
    pub(crate) fn ask_with(&mut self, probe: Request) {
        self.probe = Some(probe);
    }

    /// What is tried while the application only reads: a write that changes nothing.
    pub(crate) fn ask_to_write_with(&mut self, probe: Request) {
        self.write_probe = Some(probe);
    }

    /// What carries messages instead of the network.
    pub(crate) fn set_wire(&mut self, wire: Arc<dyn Wire>) {
        self.wire = wire;
    }

    /// How the application is treated.
    pub(crate) fn set_courtesy(&mut self, courtesy: Courtesy) {
        self.courtesy = courtesy;
    }

    /// How much of what the application grants is left to others, in percent.
    pub(crate) fn reserve_percent(&self) -> u64 {
        self.courtesy.reserve_percent.min(100).into()
    }

    /// When the application was down, as a whole; the present pause is the last one.
    pub(crate) fn pauses(&self) -> Vec<Pause> {
        self.gate.pauses()
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

    /// A vendor may echo what it was sent: no secret leaves in an error, and none is longer than a person reads.
    pub(crate) fn redacted(&self, mut problem: Problem) -> Problem {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| secret.len() >= 4) {
            let texts = [&mut problem.words, &mut problem.remedy, &mut problem.call];
            for text in texts.into_iter().chain(&mut problem.code).filter(|text| text.contains(secret)) {
                *text = text.replace(secret, "***");
            }
        }
        // Only now: what is cut off could be the end of a secret.
        let texts = [&mut problem.words, &mut problem.remedy, &mut problem.call];
        texts.into_iter().chain(&mut problem.code).for_each(cut);
        problem
    }

    /// The problem that an answer tells of, with the wait that it asks for, without secrets.
    pub(crate) fn told(&self, request: &Request, reply: &Reply) -> Problem {
        let problem = (self.vendor.classify)(&request.call(), reply);
        let asked = repeat::retry_after(&reply.headers, self.clock.now()).map(|wait| wait.div_ceil(1000));
        let stay_away = asked.or(problem.stay_away);
        let problem = match reply.is_too_large() {
            true => Problem { cause: Cause::ApiLimit, ..problem }.lasting().with_remedy(TOO_LARGE),
            false => problem,
        };
        // Who grants nothing for so long grants it to no record.
        let for_all = problem.for_all || (problem.cause == Cause::ApiLimit && repeat::is_too_long(stay_away));
        self.with_clock(self.redacted(Problem { stay_away, for_all, ..problem }.answered(reply.status)), reply)
    }

    /// An answer that is not what the vendor documents, with its beginning as evidence.
    pub(crate) fn malformed(&self, request: &Request, reply: &Reply, what: impl std::fmt::Display) -> Problem {
        let words = format!("{what}; the answer begins: {}", json::excerpt(&reply.body));
        self.problem(request.call(), Cause::Configuration, words).with_remedy(json::STRANGE).answered(reply.status)
    }

    /// A problem of this application, without secrets.
    pub(crate) fn problem(&self, call: impl Into<String>, cause: Cause, words: impl Into<String>) -> Problem {
        self.redacted(Problem::new(self.vendor.name, call, cause, words))
    }

    /// Sends once, outside the application's slots: for log-ins, which no vendor counts among the parallel calls.
    async fn send_once(&self, request: &Request, signature: Option<(HeaderName, HeaderValue)>) -> Result<Reply, Fault> {
        let mut headers = request.headers.clone();
        headers.extend(signature);
        let (method, url, body) = (request.method.clone(), request.url.clone(), request.body.clone());
        let largest = match request.effect {
            Effect::Read => self.largest_answer,
            Effect::Write => self.largest_answer.min(LARGEST_RECEIPT),
        };
        let carried = self.wire.carry(Message { method, url, headers, body }, largest).await;
        let outcome = carried.map_err(|undelivered| match undelivered {
            Undelivered::NotSent(cause, words) => Fault::NotSent(self.problem(request.call(), cause, words)),
            // An answer came, but none that anybody would read.
            Undelivered::Lost(Cause::Configuration, words) => {
                Fault::Lost(self.problem(request.call(), Cause::Configuration, words).with_remedy(json::STRANGE))
            }
            Undelivered::Lost(cause, words) => Fault::Lost(self.problem(request.call(), cause, words)),
        });
        let status = match &outcome {
            Ok(reply) => reply.status.to_string(),
            Err(Fault::NotSent(_)) => "not sent".to_owned(),
            Err(Fault::Lost(problem)) if problem.cause == Cause::Timeout => "timeout".to_owned(),
            Err(Fault::Lost(_)) => "reset".to_owned(),
        };
        tracing::debug!(application = self.vendor.name, call = request.call(), status, "call");
        self.counts.add(request, status);
        outcome
    }
}

/// The base address of an application, as it is configured.
pub(crate) fn address(application: &str, text: &str) -> Result<Url, Problem> {
    let wrong = |words: String| Problem::new(application, "set-up", Cause::Configuration, words);
    let base = Url::parse(text).map_err(|error| wrong(format!("the address '{text}': {error}")))?;
    if base.cannot_be_a_base() || base.host_str().is_none() {
        return Err(wrong(format!("the address '{text}' is not a web address")));
    }
    Ok(base)
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
