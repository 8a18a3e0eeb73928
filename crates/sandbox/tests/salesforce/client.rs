//! A small client: it logs in, sends and reads.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use sandbox::clock::ManualClock;
use sandbox::salesforce::{Access, Org, Settings};
use sandbox::server::{Desk, Server};
use serde_json::{Value, json};

/// The moment at which all tests happen.
pub(crate) const NOW: &str = "2026-03-10T12:00:00Z";

/// An org that answers on a port.
pub(crate) struct Account {
    pub(crate) access: Access,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) org: Arc<Org>,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
    _server: Server,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Answer {
    /// The id of a record that was made.
    pub(crate) fn id(&self) -> String {
        assert_eq!(self.status, 201, "{self:?}");
        self.body["id"].as_str().unwrap().to_owned()
    }

    /// Status and code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body[0]["errorCode"].as_str().unwrap_or_default())
    }

    /// The words of a refusal.
    pub(crate) fn message(&self) -> &str {
        self.body[0]["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Account {
    pub(crate) async fn open() -> Self {
        Self::with(json!({})).await
    }

    pub(crate) async fn with(settings: Value) -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let org = Arc::new(Org::new(7, clock.clone(), settings).unwrap());
        let (_, router) = Desk::open(Arc::clone(&org));
        let server =
            Server::start(Server::bind(std::net::Ipv4Addr::LOCALHOST.into(), None).await.unwrap(), router).unwrap();
        let access = org.access(&server.url());
        let http = reqwest::Client::new();
        let mut account = Self { access, clock, org, http, token: String::new(), _server: server };
        account.token = account.log_in().await;
        account
    }

    /// A session of the app itself.
    pub(crate) async fn log_in(&self) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.access.client_id),
            ("client_secret", &self.access.client_secret),
        ];
        let granted = self.grant(&form).await;
        granted.body["access_token"].as_str().unwrap_or_default().to_owned()
    }

    /// What the token endpoint answers.
    pub(crate) async fn grant(&self, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, "/services/oauth2/token", &form, Some(body)).await
    }

    /// A call as it is given.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.access.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, body }
    }

    /// A call with the session, and more headers.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let session = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", session.as_str())];
        if body.is_some() {
            all.push(("content-type", "application/json"));
        }
        all.extend(headers);
        let path = format!("/services/data/v66.0{path}");
        self.send(method, &path, &all, body.map(|body| body.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], None).await
    }

    /// Makes a record and answers its id.
    pub(crate) async fn make(&self, object: &str, body: Value) -> String {
        self.post(&format!("/sobjects/{object}"), body).await.id()
    }

    /// A record.
    pub(crate) async fn read(&self, object: &str, id: &str) -> Value {
        let answer = self.get(&format!("/sobjects/{object}/{id}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Changes settings.
    pub(crate) async fn set(&self, settings: Value) {
        let answer = self.send(Method::PUT, "/_sandbox/settings", &[], Some(settings.to_string())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Replaces the fault rules.
    pub(crate) async fn faults(&self, rules: Value) {
        let answer = self.send(Method::PUT, "/_sandbox/faults", &[], Some(rules.to_string())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// How many records of a type there are.
    pub(crate) async fn count(&self, object: &str) -> usize {
        let told = self.send(Method::GET, &format!("/_sandbox/records/{object}"), &[], None).await;
        told.text.lines().count()
    }
}

/// A record of a collection.
pub(crate) fn of(object: &str, mut record: Value) -> Value {
    record["attributes"] = json!({ "type": object });
    record
}

/// How long a client of these tests waits for an answer that will not come in time.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// Asks again and again, for ten seconds at most, until the answer is yes.
pub(crate) async fn until(mut ask: impl AsyncFnMut() -> bool) {
    let asking = async { while !ask().await {} };
    tokio::time::timeout(Duration::from_secs(10), asking).await.unwrap();
}
