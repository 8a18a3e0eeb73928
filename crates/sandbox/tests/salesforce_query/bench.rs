//! What the tests stand on: an org on a socket with some records, and a client that has a session.

use std::sync::Arc;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use sandbox::clock::ManualClock;
use sandbox::salesforce::{Access, Org, Settings};
use sandbox::server::{Desk, Server};
use serde_json::{Map, Value, json};

/// An org that listens, and a client that has a session.
pub(crate) struct Bench {
    pub(crate) access: Access,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) org: Arc<Org>,
    client: Client,
    session: String,
    _server: Server,
}

impl Bench {
    /// An org with so many accounts, named `Account 0000` and so on.
    pub(crate) async fn new(accounts: usize) -> Self {
        let clock = Arc::new(ManualClock::new("2026-06-01T12:00:00Z".parse().unwrap()));
        let org = Arc::new(Org::new(7, Arc::clone(&clock) as _, Settings::default()).unwrap());
        let rows = (0..accounts).map(|number| {
            row(&json!({
                "Name": format!("Account {number:04}"), "Nue_Id__c": format!("key-{number}"), "AnnualRevenue": number,
            }))
        });
        org.seed("Account", rows.collect()).unwrap();
        let (_, router) = Desk::open(Arc::clone(&org));
        let server =
            Server::start(Server::bind(std::net::Ipv4Addr::LOCALHOST.into(), None).await.unwrap(), router).unwrap();
        let access = org.access(&server.url());
        let client = Client::builder().no_gzip().build().unwrap();
        let mut bench = Self { access, clock, org, client, session: String::new(), _server: server };
        bench.sign_in().await;
        bench
    }

    /// Begins another session.
    pub(crate) async fn sign_in(&mut self) {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            self.access.client_id, self.access.client_secret
        );
        let request = self.client.post(format!("{}/services/oauth2/token", self.access.url));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer: Value = body(request.body(form).send().await.unwrap()).await;
        self.session = answer["access_token"].as_str().unwrap().to_owned();
    }

    /// A call to an address with the session.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.access.url)).bearer_auth(&self.session)
    }

    /// A call to a resource of version 66, with a body in JSON.
    pub(crate) async fn send(&self, method: Method, path: &str, sent: Value) -> (StatusCode, Value) {
        let request = self.call(method, &format!("/services/data/v66.0{path}"));
        let answer = request.header("content-type", "application/json").body(sent.to_string()).send().await.unwrap();
        (answer.status(), body(answer).await)
    }

    /// What an address answers.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.call(Method::GET, path).send().await.unwrap();
        (answer.status(), body(answer).await)
    }

    /// What a query is answered.
    pub(crate) async fn query(&self, text: &str) -> (StatusCode, Value) {
        self.get(&query(text)).await
    }

    /// Sets settings through the control API.
    pub(crate) async fn set(&self, settings: Value) {
        let request = self.client.put(format!("{}/_sandbox/settings", self.access.url));
        let answer =
            request.header("content-type", "application/json").body(settings.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }

    /// Sets fault rules through the control API.
    pub(crate) async fn strike(&self, rules: Value) {
        let request = self.client.put(format!("{}/_sandbox/faults", self.access.url));
        let answer = request.header("content-type", "application/json").body(rules.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
}

/// The address of a query.
pub(crate) fn query(text: &str) -> String {
    format!("/services/data/v66.0/query?{}", parameter("q", text))
}

/// A parameter of an address.
pub(crate) fn parameter(name: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

/// The body as JSON; `null` where there is none.
pub(crate) async fn body(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
}

/// A row.
pub(crate) fn row(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}
