//! Zuora as a source: records are read by ZOQL, marks are written by the update action, fifty records a call.
//!
//! `NOTES.md` in this folder tells what was read where, the limits, and what could not be verified.

mod auth;
mod classify;
mod source;
mod survey;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::ports::{Clock, Entropy};
use model::problem::{Cause, Pause, Problem};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::http::{Bearer, CallCount, Effect, Fault, Http, Limits, Reply, Request, Vendor, address, below};
use crate::{Courtesy, Promise, Wire};
use auth::OAuth;

/// The name under which Zuora stands in problems.
pub(crate) const APPLICATION: &str = "zuora";
const VENDOR: Vendor = Vendor { name: APPLICATION, classify: classify::problem };
/// The object whose description is the harmless read: every tenant has it.
const PROBED: &str = "Account";
/// Half of the 40 calls that Zuora lets a tenant run in parallel: the other half is for its users and other programs.
pub const DEFAULT_CONCURRENCY: usize = 20;
/// Zuora's gateway gives up after 120 seconds; waiting a little longer hears it say so.
pub const DEFAULT_TIMEOUT_SECONDS: u64 = 130;

/// How a tenant is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The base address, one of [`data_centre`]'s or the tenant's own.
    pub url: String,
    /// The OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The entity, for a tenant with several.
    pub entity: Option<String>,
    /// How many calls may run in parallel.
    pub concurrency: usize,
    /// How long a call may take.
    pub timeout_seconds: u64,
}

/// The base addresses that Zuora documents, by the names that it gives them; "Production" may be left out.
const DATA_CENTRES: [(&str, &str); 12] = [
    ("us cloud 1", "https://rest.na.zuora.com"),
    ("us cloud 1 api sandbox", "https://rest.sandbox.na.zuora.com"),
    ("us cloud 2", "https://rest.zuora.com"),
    ("us cloud 2 api sandbox", "https://rest.apisandbox.zuora.com"),
    ("us central sandbox", "https://rest.test.zuora.com"),
    ("us developer sandbox", "https://rest.test.zuora.com"),
    ("us performance test", "https://rest.pt1.zuora.com"),
    ("eu", "https://rest.eu.zuora.com"),
    ("eu api sandbox", "https://rest.sandbox.eu.zuora.com"),
    ("eu central sandbox", "https://rest.test.eu.zuora.com"),
    ("apac", "https://rest.ap.zuora.com"),
    ("apac central sandbox", "https://rest.test.ap.zuora.com"),
];

/// The names of the data centres, "Production" left out.
pub fn data_centres() -> impl Iterator<Item = &'static str> {
    DATA_CENTRES.iter().map(|(name, _)| *name)
}

/// The base address of a data centre: `US Cloud 2 Production`, `eu-api-sandbox`.
pub fn data_centre(name: &str) -> Option<&'static str> {
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let name = words.join(" ");
    let name = name.strip_suffix(" production").unwrap_or(&name);
    DATA_CENTRES.iter().find(|(known, _)| *known == name).map(|(_, url)| *url)
}

/// What Zuora's objects can promise about duplicates. They are only read and marked here: a mark writes absolute
/// values by id, so that repeating it is harmless.
pub fn promises() -> Vec<Promise> {
    let marked = |object| Promise {
        object,
        enforced_key: "the record's own Id",
        look_up: "ZOQL by Id, 200 a call",
        remains: "two programs can mark the same record: there is no compare-and-set",
    };
    let only_without_invoice_settlement = |object| Promise {
        remains: "not served by Actions where Invoice Settlement is on; two programs can mark the same record",
        ..marked(object)
    };
    vec![
        marked("Account"),
        marked("Product"),
        marked("ProductRatePlan"),
        marked("ProductRatePlanCharge"),
        marked("Invoice"),
        only_without_invoice_settlement("InvoiceItemAdjustment"),
        only_without_invoice_settlement("Payment"),
        only_without_invoice_settlement("Refund"),
    ]
}

/// The connector.
pub struct Zuora {
    http: Http,
    login: Bearer<OAuth>,
    base: Url,
    entity: Option<HeaderValue>,
    concurrency: usize,
}

impl Zuora {
    /// A connector for one tenant. Nothing is sent yet.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, Problem> {
        let wrong = |words: String| Problem::new(APPLICATION, "set-up", Cause::Configuration, words);
        let base = address(APPLICATION, &settings.url)?;
        let entity =
            settings.entity.as_deref().filter(|entity| !entity.is_empty()).map(HeaderValue::from_str).transpose();
        let entity = entity.map_err(|_| wrong("the entity holds characters that no header can".into()))?;
        let limits = Limits { concurrency: settings.concurrency, timeout_seconds: settings.timeout_seconds };
        let http = Http::new(VENDOR, &base, &limits, clock, entropy)?;
        http.conceal(&settings.client_secret);
        // A vendor that echoes the log-in echoes it as it was sent.
        let sent: String = form_urlencoded::byte_serialize(settings.client_secret.expose_secret().as_bytes()).collect();
        http.conceal(&sent.into());
        let login = Bearer::new(OAuth::new(&base, settings.client_id, settings.client_secret));
        let mut zuora = Self { http, login, base, entity, concurrency: settings.concurrency.max(1) };
        let probe = zuora.description(PROBED);
        zuora.http.ask_with(probe);
        Ok(zuora)
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

    /// When Zuora as a whole was not there; while it is not, the last one has no end.
    pub fn pauses(&self) -> Vec<Pause> {
        self.http.pauses()
    }

    /// All calls so far, by method, path and answer.
    pub fn calls(&self) -> Vec<CallCount> {
        self.http.calls()
    }

    /// Logs in and reads the description of the Account object. It does not wait for an application that is down.
    pub async fn check(&self) -> Result<(), Problem> {
        let request = self.description(PROBED);
        let reply = self.http.send_hurried(&request, &self.login).await.map_err(Fault::into_problem)?;
        if reply.is_success() { Ok(()) } else { Err(self.http.told(&request, &reply)) }
    }

    fn request(&self, method: Method, path: &str, template: &str, effect: Effect) -> Request {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = below(&self.base, path);
        url.set_query(query);
        let mut headers = HeaderMap::new();
        if let Some(entity) = &self.entity {
            headers.insert("zuora-entity-ids", entity.clone());
        }
        Request { method, url, template: template.to_owned(), headers, body: None, effect }
    }

    fn post(&self, path: &str, effect: Effect, body: Vec<u8>) -> Request {
        let template = path.split('?').next().unwrap_or(path);
        let mut request = self.request(Method::POST, path, template, effect);
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.body = Some(body.into());
        request
    }

    async fn send(&self, request: &Request) -> Result<Reply, Fault> {
        self.http.send(request, &self.login).await
    }

    /// Sends a read; an answer that is no success is a problem.
    async fn read(&self, request: &Request) -> Result<Reply, Problem> {
        let reply = self.send(request).await.map_err(Fault::into_problem)?;
        if reply.is_success() { Ok(reply) } else { Err(self.http.told(request, &reply)) }
    }
}
