//! A small client: it signs, sends and reads.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};
use sandbox::books::{Books, Tax, Term};
use sandbox::clock::ManualClock;
use sandbox::netsuite::{Access, Netsuite, Settings};
use sandbox::server::{Desk, Server};
use serde_json::Value;
use sha2::Sha256;

/// The moment at which all tests happen.
pub(crate) const NOW: &str = "2026-03-10T12:00:00Z";

/// An account that answers on a port.
pub(crate) struct Account {
    pub(crate) access: Access,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) netsuite: Arc<Netsuite>,
    pub(crate) tax_items: Vec<Option<String>>,
    http: reqwest::Client,
    nonce: AtomicU64,
    _server: Server,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The id in the `Location` header.
    pub(crate) fn id(&self) -> String {
        assert_eq!(self.status, 204, "{self:?}");
        self.headers["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// The text of the first detail of a refusal.
    pub(crate) fn detail(&self) -> &str {
        self.body["o:errorDetails"][0]["detail"].as_str().unwrap_or_default()
    }

    /// The code of the first detail of a refusal.
    pub(crate) fn code(&self) -> &str {
        self.body["o:errorDetails"][0]["o:errorCode"].as_str().unwrap_or_default()
    }
}

pub(crate) fn books() -> Books {
    let tax = |code: &str, known_to_erp| Tax { code: code.to_owned(), rate: "20".parse().unwrap(), known_to_erp };
    Books {
        currencies: ["GBP", "EUR", "XAU"].map(str::to_owned).to_vec(),
        foreign_currencies: vec!["XAU".to_owned()],
        terms: vec![Term { name: "Net 30".to_owned(), days: 30 }],
        taxes: vec![tax("VAT20", true), tax("MYSTERY", false)],
        ..Books::default()
    }
}

impl Account {
    pub(crate) async fn open() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let seeded = Netsuite::with_settings(7, &books(), clock.clone(), settings).unwrap();
        let (_, router) = Desk::open(Arc::clone(&seeded.emulator));
        let server = Server::start(Server::bind(Ipv4Addr::LOCALHOST.into(), None).await.unwrap(), router).unwrap();
        let mut access = seeded.access;
        access.url = server.url();
        Self {
            access,
            clock,
            netsuite: seeded.emulator,
            tax_items: seeded.tax_items,
            http: reqwest::Client::new(),
            nonce: AtomicU64::new(0),
            _server: server,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.access.url)
    }

    pub(crate) fn now(&self) -> Timestamp {
        sandbox::clock::Clock::now(self.clock.as_ref())
    }

    /// A call with a fresh signature.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let authorization = self.signed(method.as_str(), path);
        self.send(method, path, &authorization, headers, body.map(|body| body.to_string())).await
    }

    /// A call as it is given.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.http.request(method, self.url(path)).header("authorization", authorization);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }

    pub(crate) fn sign(&self, method: &str, path: &str, nonce: &str, second: i64) -> String {
        let (plain, query) = path.split_once('?').unwrap_or((path, ""));
        let access = &self.access;
        let second = second.to_string();
        let own = [
            ("oauth_consumer_key", access.consumer_key.as_str()),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_timestamp", &second),
            ("oauth_token", &access.token_id),
            ("oauth_version", "1.0"),
        ];
        let mut pairs: Vec<(String, String)> = own.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        pairs
            .extend(url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (encode(&name), encode(&value))));
        pairs.sort();
        let joined: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let base = format!("{method}&{}&{}", encode(&self.url(plain)), encode(&joined.join("&")));
        let mut mac =
            Hmac::<Sha256>::new_from_slice(format!("{}&{}", access.consumer_secret, access.token_secret).as_bytes())
                .unwrap();
        mac.update(base.as_bytes());
        let signature = encode(&STANDARD.encode(mac.finalize().into_bytes()));
        let header: Vec<String> = own.iter().map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
        format!("OAuth realm=\"{}\", {}, oauth_signature=\"{signature}\"", access.account, header.join(", "))
    }

    /// Replaces the fault rules.
    pub(crate) async fn faults(&self, rules: Value) {
        let set = self.send(Method::PUT, "/_sandbox/faults", "", &[], Some(rules.to_string())).await;
        assert!(set.status.is_success(), "{set:?}");
    }

    /// What the control API tells.
    pub(crate) async fn control(&self, path: &str) -> Value {
        self.send(Method::GET, &format!("/_sandbox/{path}"), "", &[], None).await.body
    }

    /// A signature for a call by hand.
    pub(crate) fn signed(&self, method: &str, path: &str) -> String {
        let nonce = format!("nonce{:06}", self.nonce.fetch_add(1, Ordering::Relaxed));
        self.sign(method, path, &nonce, self.now().as_second())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, &format!("/services/rest/record/v1{path}"), &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(
            Method::POST,
            &format!("/services/rest/record/v1{path}"),
            &[("X-NetSuite-PropertyNameValidation", "error")],
            Some(body),
        )
        .await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, &format!("/services/rest/record/v1{path}"), &[], Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, &format!("/services/rest/record/v1{path}"), &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, &format!("/services/rest/record/v1{path}"), &[], None).await
    }

    pub(crate) async fn ask(&self, query: &str) -> Answer {
        self.ask_page(query, "").await
    }

    pub(crate) async fn ask_page(&self, query: &str, page: &str) -> Answer {
        let path = format!("/services/rest/query/v1/suiteql{page}");
        self.call(Method::POST, &path, &[("Prefer", "transient")], Some(serde_json::json!({ "q": query }))).await
    }

    /// A customer that pays in pounds.
    pub(crate) async fn customer(&self, name: &str) -> String {
        self.post("/customer", serde_json::json!({ "companyName": name, "subsidiary": { "id": "1" }, "externalId": format!("zacc-{name}") })).await.id()
    }

    /// A service that is sold.
    pub(crate) async fn item(&self, name: &str) -> String {
        self.post("/serviceSaleItem", serde_json::json!({ "itemId": name, "externalId": format!("zchg-{name}") }))
            .await
            .id()
    }

    /// An invoice with one line.
    pub(crate) async fn invoice(&self, external_id: &str, customer: &str, item: &str, amount: &str) -> Answer {
        let amount: Value = serde_json::from_str(amount).unwrap();
        let body = serde_json::json!({
            "externalId": external_id,
            "entity": { "id": customer },
            "tranDate": "2026-02-03",
            "custbodyzuoraid": external_id,
            "item": { "items": [{ "item": { "id": item }, "quantity": 1, "amount": amount }] },
        });
        self.post("/invoice", body).await
    }
}

fn encode(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}
