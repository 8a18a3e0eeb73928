//! NetSuite as a destination: SuiteTalk REST writes one record a call, SuiteQL looks up hundreds.
//!
//! `NOTES.md` in this folder tells what was read where, the limits, and what could not be verified.

mod auth;
mod classify;
mod destination;
mod objects;
mod schema;
mod suiteql;
mod survey;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use model::ports::{Clock, Entropy};
use model::problem::{Pause, Problem};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use url::Url;

use crate::http::{Authority, CallCount, Effect, Fault, Http, Limits, Reply, Request, Vendor, address, below};
use crate::{Courtesy, Wire};

pub use objects::promises;

/// The name under which NetSuite stands in problems.
pub(crate) const APPLICATION: &str = "netsuite";
const VENDOR: Vendor = Vendor { name: APPLICATION, classify: classify::problem };
/// The harmless read: every account has a currency.
const PROBE: &str = "SELECT id FROM currency ORDER BY id";
/// What the smallest account grants, to all its integrations together.
pub const DEFAULT_CONCURRENCY: usize = 5;
/// NetSuite cuts a request after fifteen minutes; a transaction that took more than three is better looked up.
pub const DEFAULT_TIMEOUT_SECONDS: u64 = 180;

const RECORDS: &str = "/services/rest/record/v1";

/// How an account is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The base address; without one it is derived from the account.
    pub url: Option<String>,
    /// The account: `1234567`, `1234567_SB1`.
    pub account: String,
    /// How the integration identifies itself.
    pub credentials: Credentials,
    /// How many calls may run in parallel.
    pub concurrency: usize,
    /// How long a call may take.
    pub timeout_seconds: u64,
}

/// How the integration identifies itself.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// OAuth 2.0 client credentials with a signed assertion: the way that Oracle keeps.
    ClientCredentials {
        /// The integration record's client id.
        client_id: String,
        /// The id that NetSuite gave the uploaded certificate.
        certificate_id: String,
        /// Its private key: RSA signs PS256, an elliptic P-256 key signs ES256.
        private_key_pem: SecretString,
    },
    /// Token-based authentication (OAuth 1.0a): from 2027.1 not for new integrations.
    TokenBased {
        /// The integration record's key.
        consumer_key: String,
        /// Its secret.
        consumer_secret: SecretString,
        /// The token's id.
        token_id: String,
        /// Its secret.
        token_secret: SecretString,
    },
}

/// The connector.
pub struct NetSuite {
    http: Http,
    authority: Box<dyn Authority>,
    base: Url,
    concurrency: usize,
    /// Whether this account lacks the columns that tell automatic lines apart: they come with its features.
    plain_lines: AtomicBool,
}

/// What may stand in a path segment; `:` for `eid:`.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');

impl NetSuite {
    /// A connector for one account. Nothing is sent yet.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, Problem> {
        let text = settings.url.clone().unwrap_or_else(|| format!("https://{}", host(&settings.account)));
        let base = address(APPLICATION, &text)?;
        let limits = Limits { concurrency: settings.concurrency, timeout_seconds: settings.timeout_seconds };
        let http = Http::new(VENDOR, &base, &limits, clock, entropy)?;
        let authority = auth::authority(&http, &base, &settings.account, settings.credentials)?;
        let plain_lines = AtomicBool::new(false);
        let mut netsuite = Self { http, authority, base, concurrency: settings.concurrency.max(1), plain_lines };
        let probe = netsuite.suiteql(PROBE, 1, 0);
        netsuite.http.ask_with(probe);
        Ok(netsuite)
    }

    /// With something else than the network between us and the application: a simulation.
    pub fn with_wire(mut self, wire: Arc<dyn Wire>) -> Self {
        self.http.set_wire(wire);
        self
    }

    /// With other than the usual courtesy.
    pub fn with_courtesy(mut self, courtesy: Courtesy) -> Self {
        self.http.set_courtesy(courtesy);
        self
    }

    /// When NetSuite as a whole was not there; while it is not, the last one has no end.
    pub fn pauses(&self) -> Vec<Pause> {
        self.http.pauses()
    }

    /// All calls so far, by method, path and answer.
    pub fn calls(&self) -> Vec<CallCount> {
        self.http.calls()
    }

    /// Logs in and reads one currency. It does not wait for an application that is down.
    pub async fn check(&self) -> Result<(), Problem> {
        let request = self.suiteql(PROBE, 1, 0);
        let reply = self.http.send_hurried(&request, &*self.authority).await.map_err(Fault::into_problem)?;
        if reply.is_success() { Ok(()) } else { Err(self.http.told(&request, &reply)) }
    }

    /// `record` is the path below the record service: `invoice`, `invoice/7`. Only its ids are left out of the template.
    fn record(&self, method: Method, segments: &[&str], query: &[(&str, &str)], effect: Effect) -> Request {
        let mut path = RECORDS.to_owned();
        let mut template = RECORDS.to_owned();
        for (position, segment) in segments.iter().enumerate() {
            path.push('/');
            path.extend(utf8_percent_encode(segment, &SEGMENT));
            template.push('/');
            template.push_str(match position {
                1 if segment.starts_with("eid:") => "eid:{id}",
                1 => "{id}",
                _ => segment,
            });
        }
        let mut url = below(&self.base, &path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if effect == Effect::Write {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            // The default is to drop unknown fields with a warning in a header: `Sync Complete` that is none.
            headers.insert(
                HeaderName::from_static("x-netsuite-propertynamevalidation"),
                HeaderValue::from_static("Error"),
            );
        }
        Request { method, url, template, headers, body: None, effect }
    }

    async fn send(&self, request: &Request) -> Result<Reply, Fault> {
        self.http.send(request, &*self.authority).await
    }
}

/// The host of an account: in small letters, `_` written as `-`.
fn host(account: &str) -> String {
    format!("{}.suitetalk.api.netsuite.com", account.trim().to_lowercase().replace('_', "-"))
}
