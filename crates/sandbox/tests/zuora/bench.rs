//! What the tests stand on: a small book, an emulator on a socket, and a client.

use std::net::Ipv4Addr;
use std::sync::Arc;

use jiff::civil::{Date, date};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use rust_decimal::Decimal;
use sandbox::books::{
    Account, AccountStatus, Books, Charge, ChargeAt, ChargeKind, Contact, Invoice, InvoiceStatus, Line, LineTax, Plan,
    Product, Tax, Term,
};
use sandbox::clock::ManualClock;
use sandbox::server::{Desk, Server};
use sandbox::zuora::{Access, Zuora};
use serde_json::{Value, json};

/// An emulator that listens, and a client that has a token for it.
pub(crate) struct Bench {
    pub(crate) access: Access,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) client: Client,
    pub(crate) token: String,
    _server: Server,
}

impl Bench {
    /// An emulator of so many posted invoices; the last invoice is a draft.
    pub(crate) async fn new(posted: usize) -> Self {
        let clock = Arc::new(ManualClock::new("2026-06-01T12:00:00Z".parse().unwrap()));
        let zuora = Arc::new(Zuora::new(7, &books(posted), &[Some("41".to_owned()), None], Arc::clone(&clock) as _));
        let (_, router) = Desk::open(Arc::clone(&zuora));
        let server = Server::start(Server::bind(Ipv4Addr::LOCALHOST.into(), None).await.unwrap(), router).unwrap();
        let access = zuora.access(&server.url());
        let client = Client::builder().no_gzip().build().unwrap();
        let mut bench = Self { access, clock, client, token: String::new(), _server: server };
        bench.token = bench.sign_in().await;
        bench
    }

    /// A fresh token.
    pub(crate) async fn sign_in(&self) -> String {
        let access = &self.access;
        let form = format!(
            "client_id={}&client_secret={}&grant_type=client_credentials",
            access.client_id, access.client_secret
        );
        let answer = self.ask_token(&form).await;
        assert_eq!(answer.status(), StatusCode::OK);
        body(answer).await["access_token"].as_str().unwrap().to_owned()
    }

    /// Posts a form to the token endpoint.
    pub(crate) async fn ask_token(&self, form: &str) -> Response {
        let request = self.client.post(format!("{}/oauth/token", self.access.url));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(form.to_owned()).send().await.unwrap()
    }

    /// A call with the token.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.access.url)).bearer_auth(&self.token)
    }

    /// Gets a resource.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.call(Method::GET, path)).await
    }

    /// Sends JSON.
    pub(crate) async fn send(&self, method: Method, path: &str, json: &Value) -> (StatusCode, Value) {
        answer(self.call(method, path).header("Content-Type", "application/json").body(json.to_string())).await
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, json: Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, &json).await
    }

    /// The records of a query's first batch.
    pub(crate) async fn query(&self, zoql: &str) -> Vec<Value> {
        let (status, body) = self.post("/v1/action/query", json!({ "queryString": zoql })).await;
        assert_eq!(status, StatusCode::OK, "{zoql}: {body}");
        body["records"].as_array().unwrap().clone()
    }

    /// The id of the record that a query finds.
    pub(crate) async fn id(&self, from: &str) -> String {
        let records = self.query(&format!("select Id from {from}")).await;
        assert_eq!(records.len(), 1, "{from}");
        records[0]["Id"].as_str().unwrap().to_owned()
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

/// A book of two accounts and one product; invoices are posted on the 1st of January 2026 and after.
pub(crate) fn books(posted: usize) -> Books {
    let tax = |code: &str, known_to_erp| Tax { code: code.to_owned(), rate: Decimal::from(20), known_to_erp };
    let charge = |name: &str, kind| Charge { name: name.to_owned(), kind, price: Decimal::new(1050, 2) };
    let plan = Plan {
        name: "Standard".to_owned(),
        charges: vec![charge("Lamp", ChargeKind::OneTime), charge("Care", ChargeKind::Recurring)],
    };
    let product =
        Product { name: "Lamp".to_owned(), sku: "SKU-1".to_owned(), description: String::new(), plans: vec![plan] };
    let mut invoices: Vec<Invoice> = (0..posted).map(|number| invoice(number, InvoiceStatus::Posted)).collect();
    invoices.push(invoice(posted, InvoiceStatus::Draft));
    Books {
        currencies: vec!["GBP".to_owned()],
        terms: vec![Term { name: "Net 30".to_owned(), days: 30 }],
        taxes: vec![tax("VAT", true), tax("ODD", false)],
        accounts: vec![account("A-1", "Alder & Co", None), account("A-2", "O'Brien Ltd", Some(0))],
        products: vec![product],
        invoices,
        ..Books::default()
    }
}

fn account(number: &str, name: &str, parent: Option<usize>) -> Account {
    let contact = Contact {
        first_name: "Ann".to_owned(),
        last_name: "Ash".to_owned(),
        country: "France".to_owned(),
        ..Contact::default()
    };
    Account {
        number: number.to_owned(),
        name: name.to_owned(),
        currency: "GBP".to_owned(),
        term: "Net 30".to_owned(),
        parent,
        status: AccountStatus::Active,
        sync_to_erp: None,
        company: true,
        bill_to: contact.clone(),
        sold_to: contact,
    }
}

fn invoice(number: usize, status: InvoiceStatus) -> Invoice {
    let day: Date = date(2026, 1, 1 + i8::try_from(number % 28).unwrap());
    let line = |charge, tax: Option<usize>| Line {
        charge: ChargeAt { product: 0, plan: 0, charge },
        quantity: Decimal::ONE,
        unit_price: Decimal::new(1050, 2),
        amount: Decimal::new(1050, 2),
        description: String::new(),
        service_start: day,
        service_end: day,
        tax: tax.map(|tax| LineTax { tax, amount: Decimal::new(210, 2) }),
    };
    Invoice {
        number: format!("INV{number:08}"),
        account: number % 2,
        date: day,
        due: day,
        status,
        comments: String::new(),
        lines: vec![line(0, Some(0)), line(1, Some(1)), line(1, None)],
    }
}
