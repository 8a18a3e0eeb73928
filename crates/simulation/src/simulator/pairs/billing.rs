//! Zuora and NetSuite.

use std::io;
use std::sync::Arc;

use connectors::netsuite::{self, Credentials, NetSuite};
use connectors::zuora::{self, Zuora};
use jiff::civil::Date;
use model::flow::Flow;
use model::key::ExternalKey;
use model::ports::{Destination, Source};
use model::problem::Problem;
use sandbox::books::Books;
use sandbox::books::dirt::Dirt;
use sandbox::books::generate::{Lines, Options, generate};
use sandbox::clock::Clock;
use sandbox::netsuite as netsuite_emulator;
use sandbox::zuora as zuora_emulator;
use tokio::runtime::Runtime;

use super::{Pair, Ports, Process, Told};
use crate::simulator::emulated::{Chance, Post};

/// Record types that an item may be.
const ITEMS: [&str; 3] = ["serviceSaleItem", "nonInventorySaleItem", "inventoryItem"];

/// Both applications.
pub(crate) struct Billing {
    zuora: Arc<zuora_emulator::Zuora>,
    netsuite: Arc<netsuite_emulator::Netsuite>,
    keys: netsuite_emulator::Access,
}

/// Books of so many posted invoices, with which nothing is the matter.
pub(crate) fn books(seed: u64, invoices: usize, today: Date) -> Books {
    let mut options = Options::new(seed, invoices, today);
    options.lines = Lines::Fixed(2);
    options.dirt = Dirt::none();
    generate(&options)
}

/// Every second invoice is one of returns, for the flows of negative documents.
pub(crate) fn with_returns(mut books: Books) -> Books {
    for (place, invoice) in books.invoices.iter_mut().enumerate() {
        let is_return = invoice.amount().is_sign_negative();
        if is_return == (place % 2 == 0) {
            continue;
        }
        for line in &mut invoice.lines {
            (line.quantity, line.amount) = (-line.quantity, -line.amount);
            if let Some(tax) = &mut line.tax {
                tax.amount = -tax.amount;
            }
        }
    }
    books
}

impl Billing {
    /// Both, filled from the books.
    pub(crate) fn new(seed: u64, books: &Books, clock: &Arc<dyn Clock>) -> io::Result<Self> {
        let erp = netsuite_emulator::Netsuite::new(seed, books, clock.clone()).map_err(io::Error::other)?;
        let zuora = Arc::new(zuora_emulator::Zuora::new(seed, books, &erp.tax_items, clock.clone()));
        Ok(Self { zuora, netsuite: erp.emulator, keys: erp.access })
    }

    /// NetSuite's keys where each call is signed.
    fn signed(&self) -> Credentials {
        Credentials::TokenBased {
            consumer_key: self.keys.consumer_key.clone(),
            consumer_secret: self.keys.consumer_secret.clone().into(),
            token_id: self.keys.token_id.clone(),
            token_secret: self.keys.token_secret.clone().into(),
        }
    }

    /// NetSuite's keys where a log-in gives a token. The elliptic key: it signs a hundred times as fast.
    fn logged_in(&self) -> Credentials {
        Credentials::ClientCredentials {
            client_id: self.keys.client_id.clone(),
            certificate_id: self.keys.ec_certificate_id.clone(),
            private_key_pem: self.keys.ec_private_key_pem.clone().into(),
        }
    }
}

impl Pair for Billing {
    fn open(&self, runtime: &Arc<Runtime>) -> [Post; 2] {
        [Post::open(self.zuora.clone(), runtime), Post::open(self.netsuite.clone(), runtime)]
    }

    fn fork(&self, clock: &Arc<dyn Clock>) -> Box<dyn Pair> {
        let zuora = Arc::new(self.zuora.fork(clock.clone()));
        let netsuite = Arc::new(self.netsuite.fork(clock.clone()));
        Box::new(Self { zuora, netsuite, keys: self.keys.clone() })
    }

    fn ports(&self, process: &Process<'_>) -> Result<Ports, Problem> {
        let Process { stage, posts: [zuora_post, netsuite_post], wire, logs_in } = process;
        let chance = Arc::new(Chance((*stage).clone()));
        let clock = Arc::new((*stage).clone());
        let concurrency = stage.state().circumstances.concurrency;
        let keys = self.zuora.access("http://zuora.invalid");
        let settings = zuora::Settings {
            url: keys.url,
            client_id: keys.client_id,
            client_secret: keys.client_secret.into(),
            entity: None,
            concurrency,
            timeout_seconds: 60,
        };
        let zuora = Zuora::new(settings, clock.clone(), chance.clone())?.with_wire(wire(zuora_post));
        let settings = netsuite::Settings {
            url: Some("http://netsuite.invalid".to_owned()),
            account: self.keys.account.clone(),
            credentials: if *logs_in { self.logged_in() } else { self.signed() },
            concurrency,
            timeout_seconds: 60,
        };
        let netsuite = NetSuite::new(settings, clock, chance)?.with_wire(wire(netsuite_post));
        let (source, destination): (Arc<dyn Source>, Arc<dyn Destination>) = (Arc::new(zuora), Arc::new(netsuite));
        Ok(Ports {
            sources: [("zuora".to_owned(), source)].into(),
            destinations: [("netsuite".to_owned(), destination)].into(),
        })
    }

    fn besides(&self, application: &str) -> &'static [&'static str] {
        if application == "netsuite" { &ITEMS } else { &[] }
    }

    fn carries_key(&self, flow: &Flow, source_id: &str, told: &Told) -> bool {
        let key = ExternalKey::new(&flow.source.application, &flow.source.object, source_id).to_string();
        told.text("externalId").eq_ignore_ascii_case(&key)
    }

    /// NetSuite's queries and its records have different names for one thing.
    fn shown<'a>(&self, column: &'a str) -> Option<&'a str> {
        (column == "foreigntotal").then_some("total")
    }

    fn name(&self, told: &Told) -> String {
        told.text(if told.application == "zuora" { "Id" } else { "externalId" })
    }
}
