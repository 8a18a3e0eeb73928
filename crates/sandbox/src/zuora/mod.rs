//! The emulator of Zuora.
//!
//! It speaks the vendor's REST API over records held in memory: OAuth tokens, the Actions with ZOQL, CRUD, the v1
//! resources of accounts, invoices and the catalogue, Object Query and describe. [`behaviours`] lists what is
//! emulated and where each behaviour is known from.

mod accounts;
mod action;
mod auth;
mod behaviours;
mod call;
mod catalog;
mod create;
mod crud;
mod derived;
mod describe;
mod fail;
mod failure;
mod filter;
mod gate;
mod idempotency;
mod ids;
mod invoices;
mod limits;
mod load;
mod object_query;
mod objects;
mod query;
mod query_view;
mod reply;
mod resource;
mod schema;
mod store;
mod value;
mod write;
mod zoql;

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::response::Response;
use axum::routing::post;
use http::HeaderMap;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::behaviour::Behaviour;
use crate::books::Books;
use crate::clock::{Clock, lock};
use crate::past::{Searching, Writing};
use crate::server::{Emulator, Failure, not_emulated};

/// The largest request body that is read.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// How to reach the emulator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The base address, without a slash at its end.
    pub url: String,
    /// The OAuth client id: a UUID.
    pub client_id: String,
    /// The OAuth client secret.
    pub client_secret: String,
}

/// The emulator.
pub struct Zuora {
    store: RwLock<store::Store>,
    clock: Arc<dyn Clock>,
    access: Access,
    dice: Mutex<ChaCha8Rng>,
    tokens: Mutex<auth::Tokens>,
    locators: Mutex<query::Locators>,
    keys: idempotency::Keys,
    limits: limits::Limits,
    in_flight: gate::InFlight,
}

impl Zuora {
    /// A tenant that holds the books. `tax_items` holds the ERP's item for each tax of the books.
    pub fn new(seed: u64, books: &Books, tax_items: &[Option<String>], clock: Arc<dyn Clock>) -> Self {
        let zuora = Self {
            store: RwLock::new(load::load(seed, books, tax_items)),
            clock,
            access: Access::default(),
            dice: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
            tokens: Mutex::default(),
            locators: Mutex::default(),
            keys: idempotency::Keys::default(),
            limits: limits::Limits::default(),
            in_flight: gate::InFlight::default(),
        };
        let access = Access { url: String::new(), client_id: zuora.random_uuid(), client_secret: zuora.random_hex(40) };
        Self { access, ..zuora }
    }

    /// A tenant of its own with the same records and keys, that goes by another clock. Whoever was logged in is not
    /// logged in there.
    pub fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        Self {
            store: RwLock::new(self.read().clone()),
            clock,
            access: self.access.clone(),
            dice: Mutex::new(lock(&self.dice).clone()),
            tokens: Mutex::default(),
            locators: Mutex::default(),
            keys: idempotency::Keys::default(),
            limits: limits::Limits::default(),
            in_flight: gate::InFlight::default(),
        }
    }

    /// How to reach the emulator at an address.
    pub fn access(&self, url: &str) -> Access {
        Access { url: url.to_owned(), ..self.access.clone() }
    }

    fn read(&self) -> RwLockReadGuard<'_, store::Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records as queries see them.
    fn search(&self) -> Searching<'_, store::Store> {
        Searching::open(&self.store, self.clock.now())
    }

    fn write(&self, call: &call::Call) -> Writing<'_, store::Store> {
        Writing::open(&self.store, call.mark, self.clock.now())
    }

    /// The present moment in whole seconds: the vendor's records know no finer time.
    fn now(&self) -> i64 {
        self.clock.now().as_second()
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

    fn marks(&self) -> call::Marks {
        call::Marks { request_id: self.random_uuid().into(), process_id: self.random_hex(16).to_uppercase().into() }
    }
}

impl Emulator for Zuora {
    fn name(&self) -> &'static str {
        "zuora"
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/oauth/token", post(auth::token))
            .route("/v1/action/query", post(query::query))
            .route("/v1/action/queryMore", post(query::query_more))
            .route("/v1/action/update", post(action::update))
            .route("/v1/action/create", post(action::create))
            .route("/v1/action/delete", post(action::delete))
            .route("/v1/action/{action}", post(action::other))
            .merge(crud::routes())
            .merge(accounts::routes())
            .merge(invoices::routes())
            .merge(catalog::routes())
            .merge(object_query::routes())
            .merge(describe::routes())
            .fallback(not_emulated)
            .method_not_allowed_fallback(not_emulated)
            .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), gate::gate))
            .with_state(self)
    }

    fn each_line(&self, kind: &str, only: &[String], visit: &mut dyn FnMut(&str) -> bool) -> bool {
        let Some(entity) = schema::Entity::named(kind) else { return false };
        let wanted = |name: &str| only.is_empty() || only.iter().any(|one| one.eq_ignore_ascii_case(name));
        let fields: Vec<schema::FieldNo> =
            entity.fields().filter(|(_, field)| wanted(field.name)).map(|(number, _)| number).collect();
        // The lock is held for a page at a time, so that a slow reader keeps no writer waiting.
        const PAGE: usize = 500;
        let mut from = 0;
        loop {
            let page: Vec<(u32, String)> = {
                let store = self.read();
                let line = |row| (row, reply::record(&store, entity, row, &fields));
                store.table(entity).live_rows_from(from).take(PAGE).map(line).collect()
            };
            let Some((last, _)) = page.last() else { return true };
            from = last + 1;
            if !page.iter().all(|(_, line)| visit(line)) {
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

    fn failure(&self, failure: Failure, request: &Request) -> Response {
        failure::answer(self, failure, request)
    }

    fn expire_token(&self, headers: &HeaderMap) -> bool {
        auth::expire(self, headers)
    }

    fn behaviours(&self) -> &'static [Behaviour] {
        behaviours::BEHAVIOURS
    }
}
