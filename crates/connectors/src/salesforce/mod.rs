//! Salesforce as a source and as a destination: records are read by SOQL, marks and writes go two hundred a call.
//!
//! `NOTES.md` in this folder tells what was read where, the limits, and what could not be verified.
//!
//! | module | idea |
//! |---|---|
//! | `auth` | client credentials, or a JWT that a certificate's key signs |
//! | `allowance` | the day's calls are shared with people: some are left to them |
//! | `describe` | what an object and its fields are, asked once a process |
//! | `soql` | selections, look-ups and counts as text |
//! | `querying` | queries and their answers, several in a call |
//! | `selecting` | how a selection is read: by pages or as a job, and what came late |
//! | `bulk` | when a job is cheaper than pages, and how its result is read |
//! | `rows` | the bodies and the answers of calls that carry many records |
//! | `posting` | rows packed into as few calls as there can be |
//! | `parents` | calls that touch one parent wait for each other |
//! | `writing` | records and their lines |
//! | `classify` | Salesforce's codes to causes |
//! | `source`, `destination` | the two ports |
//! | `survey` | what `check` asks of an org |
//! | `prepare` | makes in an org what the flows need of it |

mod allowance;
mod auth;
mod bulk;
mod classify;
mod describe;
mod destination;
mod parents;
mod posting;
mod prepare;
mod querying;
mod rows;
mod selecting;
mod soql;
mod source;
mod survey;
mod writing;

use std::sync::Arc;

use model::ports::{Clock, Entropy};
use model::problem::{Cause, Pause, Problem};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::SecretString;
use url::Url;

pub use prepare::{Obstacle, PERMISSION_SET, Plan, Role, Step, Wanted};

use crate::http::{Authority, CallCount, Effect, Fault, Http, Limits, Reply, Request, Vendor, address, below};
use crate::{Courtesy, Promise, Wire};
use allowance::Allowance;
use describe::Descriptions;
use parents::Parents;

/// The name under which Salesforce stands in problems.
pub(crate) const APPLICATION: &str = "salesforce";
const VENDOR: Vendor = Vendor { name: APPLICATION, classify: classify::problem };
/// The version that is spoken unless the configuration names another: Spring '26.
pub const DEFAULT_VERSION: &str = "66.0";
/// Salesforce limits only calls that last twenty seconds (25 of them at once); this is courtesy.
pub const DEFAULT_CONCURRENCY: usize = 5;
/// Salesforce ends a call after ten minutes; a query after two. Waiting a little longer than a query hears it say so.
pub const DEFAULT_TIMEOUT_SECONDS: u64 = 130;

/// How an org is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The org's own address (My Domain): `https://example.my.salesforce.com`.
    pub url: String,
    /// `66.0`.
    pub version: String,
    /// How we log in.
    pub credentials: Credentials,
    /// How many calls may run in parallel.
    pub concurrency: usize,
    /// How long a call may take.
    pub timeout_seconds: u64,
}

/// How we log in.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// OAuth 2.0 client credentials: the app's "Run As" user is who we are.
    ClientCredentials {
        /// The app's consumer key.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
    },
    /// OAuth 2.0 JWT bearer: a certificate's key signs for a user.
    JwtBearer {
        /// The app's consumer key.
        client_id: String,
        /// The user.
        username: String,
        /// `https://login.salesforce.com`, or `https://test.salesforce.com` for a sandbox.
        audience: String,
        /// The private key of the certificate, RSA in PEM.
        private_key_pem: SecretString,
    },
}

/// What Salesforce's objects can promise about duplicates.
pub fn promises() -> Vec<Promise> {
    vec![Promise {
        object: "any object with a field that is External ID and Unique",
        enforced_key: "upsert on that field, 200 a call: the loser of a race gets DUPLICATE_VALUE",
        look_up: "SOQL by that field, hundreds a call; it shows what is committed",
        remains: "an upsert that is repeated runs the org's triggers and flows again; an index that is not unique is refused",
    }]
}

/// The connector.
pub struct Salesforce {
    http: Http,
    login: Box<dyn Authority>,
    base: Url,
    version: String,
    concurrency: usize,
    descriptions: Descriptions,
    allowance: Allowance,
    parents: Parents,
}

impl Salesforce {
    /// A connector for one org. Nothing is sent yet.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, Problem> {
        let wrong = |words: String| Problem::new(APPLICATION, "set-up", Cause::Configuration, words);
        let base = address(APPLICATION, &settings.url)?;
        if base.host_str().is_some_and(|host| host.ends_with(".lightning.force.com")) {
            return Err(wrong(
                "the address is the one of the pages; the API answers at `....my.salesforce.com`".into(),
            ));
        }
        if settings.version.split_once('.').is_none_or(|(main, _)| main.parse::<u8>().is_err()) {
            return Err(wrong(format!("the version '{}' is not of the form 66.0", settings.version)));
        }
        let limits = Limits { concurrency: settings.concurrency, timeout_seconds: settings.timeout_seconds };
        let http = Http::new(VENDOR, &base, &limits, clock, entropy)?;
        let login = auth::authority(&http, &base, settings.credentials)?;
        let mut salesforce = Self {
            http,
            login,
            base,
            version: settings.version,
            concurrency: settings.concurrency.max(1),
            descriptions: Descriptions::default(),
            allowance: Allowance::default(),
            parents: Parents::default(),
        };
        let probe = salesforce.get("", "");
        salesforce.http.ask_with(probe);
        // While an org is read only, only a write can tell that it is so no longer: one of a record that no org has.
        let body = br#"{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"id":"001000000000000AAA"}]}"#;
        let probe = salesforce.sending(Method::PATCH, "/composite/sobjects", body.to_vec(), Effect::Read);
        salesforce.http.ask_to_write_with(probe);
        Ok(salesforce)
    }

    /// With something else than the network between us and the application: a simulation.
    pub fn with_wire(mut self, wire: Arc<dyn Wire>) -> Self {
        self.http.set_wire(wire);
        self
    }

    /// With other than the usual courtesy.
    pub fn with_courtesy(mut self, courtesy: Courtesy) -> Self {
        self.allowance = Allowance::keeping(courtesy.reserve_percent);
        self.http.set_courtesy(courtesy);
        self
    }

    /// When Salesforce as a whole was not there; while it is not, the last one has no end.
    pub fn pauses(&self) -> Vec<Pause> {
        self.http.pauses()
    }

    /// All calls so far, by method, path and answer.
    pub fn calls(&self) -> Vec<CallCount> {
        self.http.calls()
    }

    /// Logs in and reads the list of resources. It does not wait for an application that is down.
    pub async fn check(&self) -> Result<(), Problem> {
        let request = self.get("", "");
        let reply = self.http.send_hurried(&request, &*self.login).await.map_err(Fault::into_problem)?;
        if reply.is_success() { Ok(()) } else { Err(self.http.told(&request, &reply)) }
    }

    /// The org's host, by which others tell it from another org.
    pub(crate) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// A request below the version's path; `template` is `path` with its ids replaced.
    fn request(&self, method: Method, path: &str, template: &str, effect: Effect) -> Request {
        let root = format!("/services/data/v{}", self.version);
        let url = below(&self.base, &format!("{root}{path}"));
        let headers = HeaderMap::new();
        Request { method, url, template: format!("{root}{template}"), headers, body: None, effect }
    }

    fn get(&self, path: &str, template: &str) -> Request {
        self.request(Method::GET, path, template, Effect::Read)
    }

    fn sending(&self, method: Method, path: &str, body: Vec<u8>, effect: Effect) -> Request {
        let mut request = self.request(method, path, path, effect);
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.body = Some(body.into());
        request
    }

    async fn send(&self, request: &Request) -> Result<Reply, Fault> {
        if let Some(problem) = self.allowance.spent(&request.call()) {
            let problem = problem.for_all();
            self.http.shut(&problem);
            return Err(Fault::NotSent(problem));
        }
        let reply = self.http.send(request, &*self.login).await?;
        self.allowance.note(&reply.headers);
        Ok(reply)
    }

    /// Sends a read; an answer that is no success is a problem.
    async fn read(&self, request: &Request) -> Result<Reply, Problem> {
        let reply = self.send(request).await.map_err(Fault::into_problem)?;
        if reply.is_success() { Ok(reply) } else { Err(self.http.told(request, &reply)) }
    }

    /// What is wrong with a flow, before anything is sent.
    fn unfit(&self, call: &str, words: impl Into<String>) -> Problem {
        self.http.problem(call, Cause::Configuration, words)
    }
}
