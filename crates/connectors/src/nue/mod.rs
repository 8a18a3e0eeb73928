//! Nue as a source of billing records, and as a destination of customers, orders and what is known of subscriptions.
//!
//! Much of Nue's API is not public. What stands here on no page is an assumption: it stands in `assumed`, can be configured,
//! and on a real tenant nothing rests on it before `check` has proven it or a person has accepted it.
//!
//! | module | idea |
//! |---|---|
//! | `assumed` | what is only assumed, on which evidence, and what each flow needs of it |
//! | `probe` | harmless reads that prove it or refute it |
//! | `survey` | what `check` asks of a tenant |
//! | `paths` | which call does what |
//! | `wire` | answers in an envelope or bare; queries in the address and in GraphQL |
//! | `classify` | Nue's errors to causes |
//! | `ids` | ids that Salesforce gave, in one spelling |
//! | `source` | the port of the source, without marks: Nue's records have no field for one |
//! | `marked` | the same with marks in an object of the paired Salesforce org |
//! | `hub` | the Transaction Hub is told what became of a record |
//! | `native` | whether Nue's own connection carries records |
//! | `destination` | the port of the destination |
//! | `listed` | customers and contacts, many a call |
//! | `orders` | drafts, their activation, and what becomes of drafts that are left over |

mod assumed;
mod classify;
mod destination;
mod hub;
mod ids;
mod listed;
mod marked;
mod native;
mod orders;
mod paths;
mod probe;
mod source;
mod survey;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use model::ports::{Clock, Entropy};
use model::problem::{Cause, Pause, Problem};
use model::survey::Survey;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use url::Url;

use crate::http::{Authority, CallCount, Effect, Entry, Fault, Http, Limits, Reply, Request, Vendor, address, below};
use crate::{Courtesy, Promise, Wire};
pub use assumed::{ALL as ASSUMPTIONS, Assumed, Assumption, Evidence, GRAPHQL_LIKE, Need, named as assumption, needs};
pub use marked::{MarkFields, Marked};
pub use probe::{Probed, Verdict};
use wire::Paging;

/// The name under which Nue stands in problems.
pub(crate) const APPLICATION: &str = "nue";
const VENDOR: Vendor = Vendor { name: APPLICATION, classify: classify::problem };
/// Nue publishes no limit of parallel calls; this is courtesy.
pub const DEFAULT_CONCURRENCY: usize = 4;
/// Nue publishes no limit of time; an activation does much.
pub const DEFAULT_TIMEOUT_SECONDS: u64 = 130;
/// How many times the length of a call an interrupted write is waited out: nothing is public about when Nue gives up.
const WAITED_OUT: u64 = 2;
/// The address of production. Every tenant has the same, and a key of its own.
pub const PRODUCTION: &str = "https://api.nue.io";

/// How a tenant is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The base address.
    pub url: String,
    /// A key of a role that may do what the flows do.
    pub api_key: SecretString,
    /// Whether orders are activated with an invoice.
    pub generate_invoice: bool,
    /// How many calls may run in parallel.
    pub concurrency: usize,
    /// How long a call may take.
    pub timeout_seconds: u64,
    /// How long after its mark a write may still land (assumed: twice the time that a call may take).
    pub wait_out_seconds: Option<u64>,
}

/// What Nue's objects can promise about duplicates.
pub fn promises() -> Vec<Promise> {
    vec![
        Promise {
            object: "order",
            enforced_key: "none documented",
            look_up: "by id, externalId, and by the Salesforce id in a field of the order",
            remains: "one process; an interrupted order waits until nothing of it can be under way; then one draft is \
                      activated and the others are cancelled",
        },
        Promise {
            object: "customer",
            enforced_key: "none documented",
            look_up: "by id, externalId, and by the Salesforce id in a field of the customer",
            remains: "one process, and the same wait",
        },
        Promise {
            object: "subscription",
            enforced_key: "never created by us: the activation of its order makes it",
            look_up: "by id and externalId",
            remains: "-",
        },
    ]
}

/// The connector.
pub struct Nue {
    http: Http,
    key: ApiKey,
    base: Url,
    generate_invoice: bool,
    concurrency: usize,
    wait_out_seconds: u64,
    paging: OnceCell<Paging>,
    assumed: Assumed,
}

/// Signs with the key, which does not expire by itself.
struct ApiKey(HeaderValue);

#[async_trait]
impl Authority for ApiKey {
    fn header(&self) -> HeaderName {
        HeaderName::from_static("nue-api-key")
    }

    async fn sign(&self, _: &Http, _: &Request, _: Entry) -> Result<HeaderValue, Problem> {
        Ok(self.0.clone())
    }

    async fn refused(&self, _: &HeaderValue) {}
}

impl Nue {
    /// A connector for one tenant. Nothing is sent yet.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, Problem> {
        let wrong = |words: String| Problem::new(APPLICATION, "set-up", Cause::Configuration, words);
        let base = address(APPLICATION, &settings.url)?;
        let mut key = HeaderValue::from_str(settings.api_key.expose_secret())
            .map_err(|_| wrong("the API key holds characters that no header can".into()))?;
        key.set_sensitive(true);
        let limits = Limits { concurrency: settings.concurrency, timeout_seconds: settings.timeout_seconds };
        let http = Http::new(VENDOR, &base, &limits, clock, entropy)?;
        http.conceal(&settings.api_key);
        let mut nue = Self {
            http,
            key: ApiKey(key),
            base,
            generate_invoice: settings.generate_invoice,
            concurrency: settings.concurrency.max(1),
            wait_out_seconds: settings.wait_out_seconds.unwrap_or(WAITED_OUT * settings.timeout_seconds),
            paging: OnceCell::new(),
            assumed: Assumed::default(),
        };
        let probe = nue.harmless();
        nue.http.ask_with(probe);
        Ok(nue)
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

    /// With other paths and names than those that we assume.
    pub fn with_assumed(mut self, assumed: Assumed) -> Self {
        self.assumed = assumed;
        self.http.ask_with(self.harmless());
        self
    }

    /// What is assumed of the tenant.
    pub fn assumed(&self) -> &Assumed {
        &self.assumed
    }

    /// The host and a print of the key, by which one tenant is told from another: all have the same address.
    pub fn tenant(&self) -> String {
        let print = Sha256::digest(self.key.0.as_bytes());
        let print: String = print.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{} key {print}", Survey::address(self))
    }

    fn harmless(&self) -> Request {
        let path = self.assumed.of(&assumed::METADATA);
        self.request(Method::GET, path, path, Effect::Read)
    }

    /// Whether this is an emulator on this machine. A real tenant is not to be written to on the strength of assumptions.
    pub fn is_emulated(&self) -> bool {
        match self.base.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    /// The tenant's address, without a path.
    pub fn host(&self) -> String {
        self.base.authority().to_owned()
    }

    /// When Nue as a whole was not there; while it is not, the last one has no end.
    pub fn pauses(&self) -> Vec<Pause> {
        self.http.pauses()
    }

    /// All calls so far, by method, path and answer.
    pub fn calls(&self) -> Vec<CallCount> {
        self.http.calls()
    }

    /// Reads the description of the tenant's objects. It does not wait for an application that is down.
    pub async fn check(&self) -> Result<(), Problem> {
        let request = self.harmless();
        let reply = self.http.send_hurried(&request, &self.key).await.map_err(Fault::into_problem)?;
        if reply.is_success() { Ok(()) } else { Err(self.http.told(&request, &reply)) }
    }

    fn request(&self, method: Method, path: &str, template: &str, effect: Effect) -> Request {
        let url = below(&self.base, path);
        Request { method, url, template: template.to_owned(), headers: HeaderMap::new(), body: None, effect }
    }

    fn sending(&self, method: Method, path: &str, template: &str, body: Vec<u8>, effect: Effect) -> Request {
        let mut request = self.request(method, path, template, effect);
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.body = Some(body.into());
        request
    }

    async fn send(&self, request: &Request) -> Result<Reply, Fault> {
        self.http.send(request, &self.key).await
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
