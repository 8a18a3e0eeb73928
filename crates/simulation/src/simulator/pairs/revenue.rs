//! Salesforce and Nue.

use std::io;
use std::sync::Arc;

use connectors::nue::{self, MarkFields, Marked, Nue};
use connectors::salesforce::{self, Salesforce};
use jiff::civil::Date;
use model::flow::{Flow, SourceSide};
use model::ports::{Destination, Source};
use model::problem::Problem;
use sandbox::books::Contact;
use sandbox::books::revenue::{
    Books, Category, Customer, Document, Item, Options, Order, OrderLine, Subscription, generate, salesforce_id,
};
use sandbox::clock::Clock;
use sandbox::nue as nue_emulator;
use sandbox::salesforce as salesforce_emulator;
use sandbox::salesforce::Settings;
use serde_json::json;
use tokio::runtime::Runtime;

use super::{MarksAt, Pair, Ports, Process, Told};
use crate::simulator::emulated::{Chance, Post};
use crate::simulator::wire_oracles::id_of;

/// The object of the marks of Nue's records, and its field for their ids.
const MARKS: (&str, &str) = ("Counterfoil_Mark__c", "Nue_Id__c");
/// What an edit writes, of which a field takes one: a text, or a day.
const EDITS: [&str; 2] = ["edited since", "2026-02-03"];
/// Numbers of ids from here on are used by no books.
const UNTAKEN: u64 = 500_000_000;
/// How long a call may take, in seconds.
const TIMEOUT: u64 = 60;

/// Both applications.
pub(crate) struct Revenue {
    salesforce: Arc<salesforce_emulator::Org>,
    nue: Arc<nue_emulator::Nue>,
}

/// Books of so many records of all types, with which nothing is the matter, and which are in Nue or Salesforce alone.
pub(crate) fn books(seed: u64, records: usize, today: Date) -> Books {
    generate(&Options { dirt: 0, in_nue: 0, ..Options::new(seed, records, today) })
}

/// The same with at least so many records of each type: memos, and customers that were born in Nue, are rare otherwise.
pub(crate) fn with_at_least(mut books: Books, least: usize) -> Books {
    for memos in [&mut books.credit_memos, &mut books.debit_memos] {
        let Some(first) = memos.first().cloned() else { continue };
        while memos.len() < least {
            memos.push(again(&first, memos.len()));
        }
    }
    new_customers(&mut books, least);
    let born_elsewhere = books.customers.first().cloned();
    for number in 0..least {
        let Some(customer) = &born_elsewhere else { break };
        let mut customer = customer.clone();
        customer.id = format!("00000000-0000-4000-8000-{number:012x}");
        customer.number = format!("NUE-{number:06}");
        customer.name = format!("{} {number}", customer.name);
        customer.in_salesforce = false;
        customer.contacts.clear();
        books.customers.push(customer);
    }
    books
}

/// Customers with an order that only Salesforce has.
fn new_customers(books: &mut Books, least: usize) {
    let Some(order) = books.orders.iter().find(|order| order.activated).cloned() else { return };
    let like = books.customers[order.customer].clone();
    for number in 0..least {
        let fresh = |prefix: &str, place: usize| salesforce_id(prefix, UNTAKEN + (number * 1_000 + place) as u64);
        let person = |(place, (_, person)): (usize, &(String, Contact))| {
            (fresh("003", place), Contact { email: format!("{number}.{}", person.email), ..person.clone() })
        };
        books.customers.push(Customer {
            id: fresh("001", 0),
            number: format!("NEW-{number:06}"),
            name: format!("{} {number} ltd", like.name),
            in_nue: false,
            contacts: like.contacts.iter().enumerate().map(person).collect(),
            ..like.clone()
        });
        let line = |(place, line): (usize, &OrderLine)| OrderLine { id: fresh("802", place), ..line.clone() };
        let lines: Vec<OrderLine> = order.lines.iter().enumerate().map(line).collect();
        let position = books.orders.len();
        for (line, held) in lines.iter().enumerate() {
            if books.products[held.product].category == Category::RecurringServices {
                books.subscriptions.push(Subscription {
                    id: fresh("a48", line),
                    name: format!("SUB-N{number:05}-{line}"),
                    order: position,
                    line,
                    quantity: held.quantity,
                    auto_renew: false,
                });
            }
        }
        let customer = books.customers.len() - 1;
        let number = format!("NEW-{number:06}");
        books.orders.push(Order { id: fresh("801", 0), number, customer, lines, ..order.clone() });
    }
}

/// A document like another.
fn again(document: &Document, number: usize) -> Document {
    let fresh = |id: &str, place: usize| format!("{}{number:06x}{place:06x}", &id[..id.len() - 12]);
    let item = |(place, item): (usize, &Item)| Item { id: fresh(&item.id, place + 1), ..item.clone() };
    Document {
        id: fresh(&document.id, 0),
        name: format!("{}-{number}", document.name),
        items: document.items.iter().enumerate().map(item).collect(),
        ..document.clone()
    }
}

impl Revenue {
    /// Both, filled from the books.
    pub(crate) fn new(seed: u64, books: &Books, clock: &Arc<dyn Clock>) -> io::Result<Self> {
        let salesforce =
            Arc::new(sandbox::org(seed, books, clock.clone(), Settings::default()).map_err(io::Error::other)?);
        let nue = Arc::new(sandbox::tenant(seed, books, clock.clone()).map_err(io::Error::other)?);
        Ok(Self { salesforce, nue })
    }
}

impl Pair for Revenue {
    fn open(&self, runtime: &Arc<Runtime>) -> [Post; 2] {
        [Post::open(self.salesforce.clone(), runtime), Post::open(self.nue.clone(), runtime)]
    }

    fn fork(&self, clock: &Arc<dyn Clock>) -> Box<dyn Pair> {
        let salesforce = Arc::new(self.salesforce.fork(clock.clone()));
        let nue = Arc::new(self.nue.fork(clock.clone()));
        Box::new(Self { salesforce, nue })
    }

    fn ports(&self, process: &Process<'_>) -> Result<Ports, Problem> {
        let Process { stage, posts: [salesforce_post, nue_post], wire, .. } = process;
        let chance = Arc::new(Chance((*stage).clone()));
        let clock = Arc::new((*stage).clone());
        let concurrency = stage.state().circumstances.concurrency;
        let keys = self.salesforce.access("http://salesforce.invalid");
        let settings = salesforce::Settings {
            url: keys.url,
            version: salesforce::DEFAULT_VERSION.to_owned(),
            credentials: salesforce::Credentials::ClientCredentials {
                client_id: keys.client_id,
                client_secret: keys.client_secret.into(),
            },
            concurrency,
            timeout_seconds: TIMEOUT,
        };
        let salesforce = Salesforce::new(settings, clock.clone(), chance.clone())?;
        let salesforce = Arc::new(salesforce.with_wire(wire(salesforce_post)));
        let keys = self.nue.access("http://nue.invalid");
        let settings = nue::Settings {
            url: keys.url,
            api_key: keys.api_key.into(),
            // Invoices that an activation makes have ids that chance gives, so that no two runs could be compared.
            generate_invoice: false,
            concurrency,
            timeout_seconds: TIMEOUT,
            wait_out_seconds: None,
        };
        let nue = Arc::new(Nue::new(settings, clock, chance)?.with_wire(wire(nue_post)));
        let marked: Arc<dyn Source> = Arc::new(Marked::new(nue.clone(), salesforce.clone(), MarkFields::default()));
        let (source, org): (Arc<dyn Source>, Arc<dyn Destination>) = (salesforce.clone(), salesforce);
        let tenant: Arc<dyn Destination> = nue;
        let name = str::to_owned;
        Ok(Ports {
            sources: [(name("nue"), marked), (name("salesforce"), source)].into(),
            destinations: [(name("salesforce"), org), (name("nue"), tenant)].into(),
        })
    }

    /// An order's lines are told by themselves, and subscriptions name them.
    fn besides(&self, application: &str) -> &'static [&'static str] {
        if application == "nue" { &["orderProduct"] } else { &[] }
    }

    /// Nue's records have no field for a mark.
    fn marks_at<'a>(&self, flow: &'a Flow) -> MarksAt<'a> {
        let SourceSide { application, object, .. } = &flow.source;
        match application.as_str() {
            "nue" => MarksAt { application: "salesforce", object: MARKS.0, key: MARKS.1 },
            _ => MarksAt { application, object, key: "Id" },
        }
    }

    /// Of an order that was cancelled nobody expects anything.
    fn stands(&self, told: &Told) -> bool {
        let is_order = told.application == "nue" && told.kind.eq_ignore_ascii_case("order");
        !is_order || !told.text("status").to_lowercase().starts_with("cancel")
    }

    /// What was born in Salesforce keeps its id in Nue, or carries it; what was born in Nue has its own.
    fn source_id(&self, flow: &Flow, told: &Told) -> String {
        let carried = flow.destination.source_id.as_ref().map(|field| told.text(field)).unwrap_or_default();
        let of_nue = told.application == "nue";
        let ids = ["externalId", "id"].map(|field| told.text(field)).into_iter().filter(|_| of_nue);
        [carried].into_iter().chain(ids).find(|id| !id.is_empty()).unwrap_or_default()
    }

    /// An account that was born in Nue bears its id, and no other.
    fn known_as(&self, flow: &Flow, told: &Told) -> String {
        let own = flow.destination.known_as.as_ref().map_or_else(|| id_of(told), |field| told.text(field));
        [told.text(MARKS.1), own].into_iter().find(|id| !id.is_empty()).unwrap_or_default()
    }

    /// Nue enforces no key. That no call is executed later than this after its sending is what the route declares.
    fn settles_within(&self, application: &str) -> Option<u64> {
        (application == "nue").then_some(TIMEOUT * 1_000)
    }

    fn shown<'a>(&self, column: &'a str) -> Option<&'a str> {
        (!column.contains(['(', '.'])).then_some(column)
    }

    fn name(&self, told: &Told) -> String {
        let own = if told.application == "nue" { ["salesforceId", "id"] } else { [MARKS.1, "Id"] };
        own.map(|field| told.text(field)).into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    }

    /// Our marks do not stand on Nue's records, so their way leads past them.
    fn edit(&self, flow: &Flow, id: &str, field: &str) -> Option<bool> {
        let of_nue = flow.source.application == "nue";
        of_nue.then(|| EDITS.iter().any(|text| self.nue.change(&flow.source.object, id, field, &json!(text))))
    }
}
