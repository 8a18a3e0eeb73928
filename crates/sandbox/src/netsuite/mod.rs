//! The emulator of NetSuite: SuiteTalk REST records and SuiteQL of one OneWorld account.
//!
//! What it does, from where that is known and how well stands in `behaviours`. Whatever it does not do it answers
//! with 501.

mod auth;
mod behaviours;
mod errors;
mod failure;
mod filter;
mod http;
mod query;
mod render;
mod schema;
mod seed;
mod settings;
mod store;
mod write;

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use ::http::HeaderMap;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use jiff::civil::Date;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub use auth::Access;
pub use settings::Settings;

use crate::behaviour::Behaviour;
use crate::books::Books;
use crate::clock::Clock;
use crate::faults::Mark;
use crate::past::{Searching, Writing};
use crate::server::{Emulator, Failure};
use auth::{Gate, KeyError};
use store::{Record, Store, Value};

/// The emulator of one account.
pub struct Netsuite {
    store: RwLock<Store>,
    settings: Settings,
    gate: Gate,
    origin: String,
    clock: Arc<dyn Clock>,
    in_flight: AtomicUsize,
    operations: AtomicUsize,
}

impl std::fmt::Debug for Netsuite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Netsuite").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// An emulator, and what others need to know of it.
#[derive(Debug)]
pub struct Seeded {
    /// The emulator.
    pub emulator: Arc<Netsuite>,
    /// For each tax of the books the internal id of its sale item; `None` if the account does not know the tax.
    pub tax_items: Vec<Option<String>>,
    /// The keys of the account.
    pub access: Access,
}

/// An account could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// No key pair could be made for the certificates.
    #[error("no key could be generated for the account's certificates")]
    Key,
}

impl From<KeyError> for SeedError {
    fn from(_: KeyError) -> Self {
        Self::Key
    }
}

impl Netsuite {
    /// An account with the preferences of [`Settings::default`].
    ///
    /// # Errors
    /// No key pair could be made for the account's certificates.
    #[expect(clippy::new_ret_no_self, reason = "an emulator is of no use without its keys")]
    pub fn new(seed: u64, books: &Books, clock: Arc<dyn Clock>) -> Result<Seeded, SeedError> {
        Self::with_settings(seed, books, clock, Settings::default())
    }

    /// An account with chosen preferences.
    ///
    /// # Errors
    /// No key pair could be made for the account's certificates.
    pub fn with_settings(
        seed: u64,
        books: &Books,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Seeded, SeedError> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (access, certificates) = Access::generate(&mut rng)?;
        let mut store = Store::default();
        let tax_items = seed::fill(&mut store, books, clock.now());
        let emulator = Arc::new(Self {
            store: RwLock::new(store),
            settings,
            gate: Gate::new(access.clone(), certificates, seed),
            origin: format!("https://{}.suitetalk.api.netsuite.com", access.account.to_ascii_lowercase()),
            clock,
            in_flight: AtomicUsize::new(0),
            operations: AtomicUsize::new(0),
        });
        Ok(Seeded { emulator, tax_items, access })
    }

    /// An account of its own with the same records, keys and preferences, that goes by another clock. Whoever was logged
    /// in is not logged in there.
    pub fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        Self {
            store: RwLock::new(self.read().clone()),
            settings: self.settings.clone(),
            gate: self.gate.anew(0),
            origin: self.origin.clone(),
            clock,
            in_flight: AtomicUsize::new(0),
            operations: AtomicUsize::new(0),
        }
    }

    /// Closes the accounting period of a day, as a controller does at the end of a month.
    pub fn close_period(&self, day: Date) {
        let mut store = self.write(Mark::default());
        let covers = |period: &Record| {
            period.fields.flag("isPosting")
                && period.fields.date("startDate").is_some_and(|start| start <= day)
                && period.fields.date("endDate").is_some_and(|end| day <= end)
        };
        let found =
            store.table("accountingPeriod").iter().find(|period| covers(period)).map(|period| Record::clone(period));
        if let Some(mut period) = found {
            period.fields.set("closed", Value::Flag(true));
            store.put(period);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records as searches see them.
    fn search(&self) -> Searching<'_, Store> {
        Searching::open(&self.store, self.clock.now())
    }

    fn write(&self, mark: Mark) -> Writing<'_, Store> {
        Writing::open(&self.store, mark, self.clock.now())
    }
}

impl Emulator for Netsuite {
    fn name(&self) -> &'static str {
        "netsuite"
    }

    fn router(self: Arc<Self>) -> Router {
        http::router(self)
    }

    fn each_line(&self, kind: &str, only: &[String], visit: &mut dyn FnMut(&str) -> bool) -> bool {
        let Some(kind) = schema::record_type(kind) else { return false };
        // The lock is held for one record at a time: whoever visits may be slow, and writers must not wait for it.
        let records: Vec<Arc<Record>> =
            self.read().table(kind.table).iter().filter(|record| std::ptr::eq(record.kind, kind)).cloned().collect();
        let only = (!only.is_empty()).then(|| only.to_vec());
        let show = |record: &Arc<Record>| {
            let look = render::Look { expand_all: true, only: only.clone(), ..render::Look::default() };
            render::View::new(&self.read(), &self.origin, look).record(record)
        };
        let _ = records.iter().all(|record| visit(&show(record).to_string()));
        true
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn largest_body(&self) -> usize {
        http::LARGEST_REQUEST
    }

    fn failure(&self, failure: Failure, request: &Request) -> Response {
        failure::answer(&self.gate, failure, request)
    }

    fn expire_token(&self, headers: &HeaderMap) -> bool {
        self.gate.expire(headers)
    }

    fn behaviours(&self) -> &'static [Behaviour] {
        behaviours::BEHAVIOURS
    }
}
