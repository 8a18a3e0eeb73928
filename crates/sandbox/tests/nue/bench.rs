//! What the tests stand on: a small book, an emulator on a socket, and a client.

use std::sync::Arc;

use jiff::civil::date;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use sandbox::books::revenue::{Books, Category, Options, generate};
use sandbox::clock::ManualClock;
use sandbox::nue::{Access, Nue};
use sandbox::server::{Desk, Server};
use serde_json::{Value, json};

/// An emulator that listens, and a client that has its key.
pub(crate) struct Bench {
    pub(crate) books: Books,
    pub(crate) access: Access,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) client: Client,
    pub(crate) nue: Arc<Nue>,
    _server: Server,
}

impl Bench {
    /// An emulator of a small, dirty book.
    pub(crate) async fn new() -> Self {
        let books = generate(&Options::new(7, 200, date(2026, 5, 31)));
        let clock = Arc::new(ManualClock::new("2026-06-01T12:00:00Z".parse().unwrap()));
        let nue = Arc::new(Nue::new(7, &books, Arc::clone(&clock) as _));
        let (_, router) = Desk::open(Arc::clone(&nue));
        let server =
            Server::start(Server::bind(std::net::Ipv4Addr::LOCALHOST.into(), None).await.unwrap(), router).unwrap();
        let access = nue.access(&server.url());
        Self { books, access, clock, client: Client::new(), nue, _server: server }
    }

    /// An emulator with settings.
    pub(crate) async fn with(settings: Value) -> Self {
        let bench = Self::new().await;
        bench.set(settings).await;
        bench
    }

    /// Changes settings.
    pub(crate) async fn set(&self, settings: Value) {
        let (status, told) = self.control(Method::PUT, "settings", &settings).await;
        assert_eq!(status, StatusCode::OK, "{told}");
    }

    /// Sets fault rules.
    pub(crate) async fn faults(&self, rules: Value) {
        assert_eq!(self.control(Method::PUT, "faults", &rules).await.0, StatusCode::OK);
    }

    /// Asks the control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.client.request(method, format!("{}/_sandbox/{path}", self.access.url)).body(body.to_string())).await
    }

    /// The records of a type, as the control API tells them.
    pub(crate) async fn records(&self, kind: &str) -> Vec<Value> {
        let request = self.client.get(format!("{}/_sandbox/records/{kind}", self.access.url));
        let text = request.send().await.unwrap().text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A call with the key.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.access.url));
        request.header("nue-api-key", &self.access.api_key)
    }

    /// Gets a resource.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.call(Method::GET, path)).await
    }

    /// Gets what must be there.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// The records of a list.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        self.read(path).await["data"].as_array().unwrap().clone()
    }

    /// Sends JSON.
    pub(crate) async fn send(&self, method: Method, path: &str, json: &Value) -> (StatusCode, Value) {
        answer(self.call(method, path).header("Content-Type", "application/json").body(json.to_string())).await
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, json: Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, &json).await
    }

    /// Posts JSON that must be taken.
    pub(crate) async fn done(&self, path: &str, json: Value) -> Value {
        let (status, body) = self.post(path, json).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// The records that a GraphQL query finds.
    pub(crate) async fn query(&self, query: &str) -> Vec<Value> {
        let body = self.done("/async/graphql", json!({ "query": query })).await;
        let data = body["data"].as_object().unwrap_or_else(|| panic!("{query}: {body}"));
        data.values().next().unwrap().as_array().unwrap().clone()
    }

    /// The id of a customer whom both sides have.
    pub(crate) fn customer(&self) -> &str {
        &self.books.customers[0].id
    }

    /// The price book entry of the first product of a category, in the currency of that customer, and its price.
    pub(crate) fn entry(&self, category: Category) -> (&str, rust_decimal::Decimal) {
        let currency = self.books.currencies.iter().position(|code| *code == self.books.customers[0].currency).unwrap();
        let sold = |product: &&sandbox::books::revenue::Product| product.category == category && product.active;
        let (id, price) = &self.books.products.iter().find(sold).unwrap().entries[currency];
        (id, *price)
    }

    /// The body of an order of so many of the first recurring product.
    pub(crate) fn order(&self, quantity: u32) -> Value {
        json!({
            "customer": { "id": self.customer() },
            "effectiveDate": "2026-06-01",
            "subscriptionTerm": 12,
            "orderProducts": [{ "priceBookEntryId": self.entry(Category::RecurringServices).0, "quantity": quantity }],
        })
    }

    /// Drafts an order; answers with its id.
    pub(crate) async fn draft(&self, quantity: u32) -> String {
        text(&self.done("/orders", self.order(quantity)).await["data"]["order"]["id"])
    }

    /// Drafts and activates an order and bills it; answers with what activation answers.
    pub(crate) async fn sell(&self, quantity: u32) -> Value {
        let id = self.draft(quantity).await;
        let options = json!({ "options": { "generateInvoice": true, "activateInvoice": true } });
        self.done(&format!("/orders/{id}"), options).await["data"].clone()
    }
}

/// The status and the JSON body of an answer.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), body(response).await)
}

/// The JSON body of an answer.
pub(crate) async fn body(response: Response) -> Value {
    let text = response.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// A text of JSON.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
