//! The emulator of Nue.
//!
//! It speaks the vendor's REST API over records held in memory: keys and tokens, self-service customers and orders,
//! billing documents, the Transaction Hub, GraphQL and exports. Much less is published about this vendor than about the
//! others: what is assumed is graded so in [`behaviours`], what tenants may do differently is a setting, and an answer
//! from a path that no page documents bears `x-emulator-assumed: 1`.

mod activation;
mod applying;
mod auth;
mod behaviours;
mod billing;
mod call;
mod catalogue;
mod changes;
mod customers;
mod documents;
mod exports;
mod fail;
mod failure;
mod filter;
mod gate;
mod graphql;
mod hub;
mod later;
mod limits;
mod load;
mod memos;
mod orders;
mod query;
mod reply;
mod routes;
mod schema;
mod settings;
mod show;
mod store;
mod subscriptions;
mod unapplying;
mod usage;
mod value;
mod write;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware;
use axum::response::Response;
use http::HeaderMap;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::Value;

use self::schema::Object;
use self::settings::Settings;
use crate::behaviour::Behaviour;
use crate::books::revenue::Books;
use crate::clock::{Clock, lock};
use crate::faults::Mark;
use crate::past::{Searching, Writing};
use crate::server::{self, Emulator, Failure, not_emulated};

/// The largest request body that is read.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// How to reach the emulator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The base address, without a slash at its end.
    pub url: String,
    /// The API key.
    pub api_key: String,
    /// The user for tokens and for Basic authentication, which take the API key besides.
    pub user_name: String,
    /// The user's password.
    pub password: String,
}

/// The emulator.
pub struct Nue {
    store: RwLock<store::Store>,
    settings: Mutex<Settings>,
    clock: Arc<dyn Clock>,
    access: Access,
    dice: Mutex<ChaCha8Rng>,
    tokens: auth::Tokens,
    bucket: limits::Bucket,
    agenda: later::Agenda,
    uploads: hub::Uploads,
    exports: exports::Exports,
    salesforce: OnceLock<later::Receive>,
}

impl Nue {
    /// A tenant that holds the books.
    pub fn new(seed: u64, books: &Books, clock: Arc<dyn Clock>) -> Self {
        let nue = Self {
            store: RwLock::new(load::load(books)),
            settings: Mutex::default(),
            clock,
            access: Access::default(),
            dice: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
            tokens: auth::Tokens::default(),
            bucket: limits::Bucket::default(),
            agenda: later::Agenda::default(),
            uploads: hub::Uploads::default(),
            exports: exports::Exports::default(),
            salesforce: OnceLock::new(),
        };
        let access = Access {
            url: String::new(),
            api_key: nue.random_uuid(),
            user_name: "integration@counterfoil.example".to_owned(),
            password: nue.random_hex(24),
        };
        Self { access, ..nue }
    }

    /// The same tenant once more, which goes by a clock of its own: the same records and settings, nothing under way, and
    /// nobody [connected](Self::connect).
    #[must_use]
    pub fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        self.catch_up();
        Self {
            store: RwLock::new(self.read().clone()),
            settings: Mutex::new(self.settings()),
            clock,
            access: self.access.clone(),
            dice: Mutex::new(lock(&self.dice).clone()),
            tokens: auth::Tokens::default(),
            bucket: limits::Bucket::default(),
            agenda: later::Agenda::default(),
            uploads: hub::Uploads::default(),
            exports: exports::Exports::default(),
            salesforce: OnceLock::new(),
        }
    }

    /// Changes a field of a record past all rules, as the vendor's own processes do; answers whether there is such a
    /// record, and a field that takes the value.
    pub fn change(&self, kind: &str, id: &str, field: &str, value: &Value) -> bool {
        let Some(object) = Object::named(kind) else { return false };
        let now = self.clock.now();
        let mut store = Writing::open(&self.store, Mark::default(), now);
        let (Some(row), Some(number)) = (store.by_id(object, id), store.schema.number(object, field)) else {
            return false;
        };
        let Ok(cell) = value::read(value, store.schema.at(object, number).kind) else { return false };
        store.update(object, row, vec![(number, cell)], now);
        true
    }

    /// How to reach the emulator at an address.
    pub fn access(&self, url: &str) -> Access {
        Access { url: url.to_owned(), ..self.access.clone() }
    }

    /// Where a connected tenant takes its own orders and customers: `receive` gets the name of the object and the
    /// record, and answers with the id in Salesforce. Without it such a record only gets an id that looks like one.
    pub fn connect(&self, receive: impl Fn(&str, &Value) -> Option<String> + Send + Sync + 'static) {
        let _ = self.salesforce.set(Box::new(receive));
    }

    fn read(&self) -> RwLockReadGuard<'_, store::Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records as lists and GraphQL see them.
    fn search(&self) -> Searching<'_, store::Store> {
        Searching::open(&self.store, self.clock.now())
    }

    fn write(&self, call: &call::Call) -> Writing<'_, store::Store> {
        Writing::open(&self.store, call.mark, self.clock.now())
    }

    fn settings(&self) -> Settings {
        *lock(&self.settings)
    }

    fn refuse(&self, refusal: &fail::Refusal) -> Response {
        refusal.answer(self.settings().errors, &self.random_uuid())
    }

    fn random_hex(&self, digits: usize) -> String {
        let mut dice = lock(&self.dice);
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            text.push_str(&format!("{:016x}", dice.next_u64()));
        }
        text.truncate(digits);
        text
    }

    fn random_uuid(&self) -> String {
        let hex = self.random_hex(32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

impl Emulator for Nue {
    fn name(&self) -> &'static str {
        "nue"
    }

    fn router(self: Arc<Self>) -> Router {
        routes::routes()
            .fallback(not_emulated)
            .method_not_allowed_fallback(not_emulated)
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), gate::gate))
            .with_state(self)
    }

    fn each_line(&self, kind: &str, only: &[String], visit: &mut dyn FnMut(&str) -> bool) -> bool {
        let Some(object) = Object::named(kind) else { return false };
        self.catch_up();
        // The lock is held for a page at a time, so that a slow reader keeps no writer waiting.
        const PAGE: usize = 500;
        let mut from = 0;
        loop {
            let page: Vec<(u32, Value)> = {
                let (store, settings) = (self.read(), self.settings());
                let shown = |row| (row, Value::Object(show::record(&store, &settings, object, row)));
                store.rows_from(object, from).take(PAGE).map(shown).collect()
            };
            let Some((last, _)) = page.last() else { return true };
            from = last + 1;
            if !page.into_iter().all(|(_, record)| visit(&server::line(record, only))) {
                return true;
            }
        }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn largest_body(&self) -> usize {
        LARGEST_BODY
    }

    fn failure(&self, failure: Failure, _: &Request) -> Response {
        failure::answer(self, failure)
    }

    fn expire_token(&self, headers: &HeaderMap) -> bool {
        auth::expire(self, headers)
    }

    fn behaviours(&self) -> &'static [Behaviour] {
        behaviours::BEHAVIOURS
    }

    fn settings(&self, wanted: &Value) -> Result<Value, String> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        let mut settings = lock(&self.settings);
        settings.apply(&mut store.schema, wanted)?;
        Ok(settings.tell(&store.schema))
    }
}
