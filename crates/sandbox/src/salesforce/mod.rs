//! The emulator of Salesforce: the REST API of one org with Nue's package and the fields that a sync adds.
//!
//! What it does, from where that is known and how well stands in `behaviours`. Whatever it does not do it answers
//! with 501.
//!
//! | module | idea |
//! |---|---|
//! | `schema` | objects, fields, relationships: read from a table, names are settings |
//! | `store` | rows by object, indexes, transactions |
//! | `rights` | the org as the integration user sees it: `rights::Sight` is what queries and describes ask |
//! | `write` | how a row is made, changed, deleted: the vendor's checks, the org's rules, locks |
//! | `call` | a call and its answer, whether it came by itself or within a composite request |
//! | `resource` | what the addresses answer |
//! | `transaction`, `locks` | writes one after the other; rows that a call holds until its answer is out |
//! | `soql` | queries: grammar, names and types, which records, answers |
//! | `bulk` | jobs that take files of records |
//! | `setup` | custom fields and objects that callers make, and permission sets |
//! | `auth`, `http` | who is let in, and what is counted |

mod auth;
mod behaviours;
mod bulk;
mod call;
mod errors;
mod failure;
mod http;
mod id;
mod locks;
mod meter;
mod resource;
mod rights;
mod schema;
mod seed;
mod settings;
mod setup;
mod soql;
mod store;
mod transaction;
mod value;
mod write;
mod xml;

use std::sync::{Arc, LazyLock, PoisonError, RwLock, RwLockReadGuard};

use ::http::HeaderMap;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Map, Value as Json, json};

pub use auth::Access;
pub use settings::{Comparison, Condition, DuplicateRule, Settings, ValidationRule};

use crate::behaviour::Behaviour;
use crate::clock::Clock;
use crate::faults::Mark;
use crate::past::{Searching, Writing};
use crate::server::{self, Emulator, Failure};
use auth::Gate;
use id::Id;
use locks::{Claim, Locks};
use meter::Meter;
use rights::{Rights, Sight};
use schema::Schema;
use soql::Cursors;
use store::Store;
use write::Writer;

/// The emulator of one org.
pub struct Org {
    store: RwLock<Store>,
    current: RwLock<Arc<Current>>,
    gate: Gate,
    meter: Meter,
    locks: Arc<Locks>,
    jobs: bulk::Jobs,
    query_jobs: bulk::QueryJobs,
    cursors: Cursors,
    deploys: setup::Deploys,
    clock: Arc<dyn Clock>,
}

/// The settings as they are now, and what follows from them.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    /// The objects.
    pub(crate) schema: Arc<Schema>,
    /// The settings.
    pub(crate) settings: Settings,
    /// What is taken from the integration user.
    pub(crate) rights: Rights,
    /// Since when they are so: describes change with them.
    pub(crate) since: Timestamp,
}

impl std::fmt::Debug for Org {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Org").field("settings", &self.current().settings).finish_non_exhaustive()
    }
}

/// An org could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// No key pair could be made for the connected app's certificate.
    #[error("no key could be generated for the connected app's certificate")]
    Key,
    /// The settings name what is not there.
    #[error("the org's settings are wrong: {0}")]
    Settings(String),
}

impl Org {
    /// An org that holds nothing but itself, its users and its standard price book.
    ///
    /// # Errors
    /// No key pair could be made, or the settings name what is not there.
    pub fn new(seed: u64, clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, SetUpError> {
        let mut schema = Schema::read(&settings.names).map_err(SetUpError::Settings)?;
        if settings.bare {
            schema.strip();
        }
        let rights = settings.rights(&schema).map_err(SetUpError::Settings)?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let instance = [b'5', b"abcdefghjkmnpqrstuvwxyz"[(rng.next_u32() % 23) as usize], b'0'];
        let store = Store::new(&schema, instance);
        let gate = Gate::new(&mut rng, instance)?;
        let current = Current { schema: Arc::new(schema), settings, rights, since: clock.now() };
        let org = Self {
            deploys: setup::Deploys::default(),
            store: RwLock::new(store),
            current: RwLock::new(Arc::new(current)),
            gate,
            meter: Meter::default(),
            locks: Arc::default(),
            jobs: bulk::Jobs::default(),
            query_jobs: bulk::QueryJobs::default(),
            cursors: Cursors::new(instance),
            clock,
        };
        org.furnish().map_err(SetUpError::Settings)?;
        Ok(org)
    }

    /// The same org once more, which goes by a clock of its own: the same rows and credentials, and nothing under way.
    #[must_use]
    pub fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        Self {
            deploys: setup::Deploys::default(),
            store: RwLock::new(self.read().clone()),
            current: RwLock::new(self.current()),
            gate: self.gate.anew(),
            meter: Meter::default(),
            locks: Arc::default(),
            jobs: bulk::Jobs::default(),
            query_jobs: bulk::QueryJobs::default(),
            cursors: Cursors::new(self.user().org()),
            clock,
        }
    }

    /// What a caller needs to be let in, under an address.
    pub fn access(&self, url: &str) -> Access {
        self.gate.access(url)
    }

    /// Puts rows into an object as they are given, past all rules and automation: a row is a JSON object with the API
    /// names of fields. Answers with their ids.
    ///
    /// # Errors
    /// An object or a field does not exist, or a value is of another type.
    pub fn seed(&self, object: &str, rows: Vec<Map<String, Json>>) -> Result<Vec<String>, String> {
        let claim = self.locks.claim();
        let current = self.current();
        let mut store = self.open(Mark::default());
        self.writer(&mut store, &current, &claim).seed(object, rows)
    }

    /// What every org holds.
    fn furnish(&self) -> Result<(), String> {
        let Access { username, organization_id, user_id, .. } = self.access("");
        let row = |value: Json| vec![value.as_object().cloned().unwrap_or_default()];
        let profile = self.seed("Profile", row(json!({ "Name": "System Administrator", "UserType": "Standard" })))?;
        self.seed(
            "Organization",
            row(json!({
                "Id": organization_id, "Name": "Counterfoil Sandbox", "InstanceName": "USA1S", "IsSandbox": true,
                "OrganizationType": "Developer Edition", "LanguageLocaleKey": "en_US", "Country": "US",
                "DefaultCurrencyIsoCode": "USD",
            })),
        )?;
        self.seed(
            "User",
            row(json!({
                "Id": user_id, "Username": username, "FirstName": "Integration", "LastName": "User",
                "Email": "integration@example.com", "Alias": "integ", "CommunityNickname": "integration",
                "IsActive": true, "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8",
                "LanguageLocaleKey": "en_US", "ProfileId": profile.first(), "DefaultCurrencyIsoCode": "USD",
            })),
        )?;
        let book = json!({ "Name": "Standard Price Book", "IsActive": true, "IsStandard": true });
        self.seed("Pricebook2", row(book)).map(|_| ())
    }

    /// The settings as they are now.
    pub(crate) fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rows, to be read.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows as searches see them: a fault may have them lag.
    pub(crate) fn search(&self) -> Searching<'_, Store> {
        Searching::open(&self.store, self.clock.now())
    }

    /// The rows, to be written.
    pub(crate) fn open(&self, mark: Mark) -> Writing<'_, Store> {
        Writing::open(&self.store, mark, self.clock.now())
    }

    /// The org as the integration user sees it.
    pub(crate) fn sight<'a>(&self, store: &'a Store, current: &'a Current) -> Sight<'a> {
        Sight { schema: &current.schema, rights: &current.rights, store }
    }

    /// Writes rows.
    pub(crate) fn writer<'a>(&'a self, store: &'a mut Store, current: &'a Current, claim: &'a Claim) -> Writer<'a> {
        Writer {
            schema: &current.schema,
            store,
            settings: &current.settings,
            rights: &current.rights,
            claim,
            now: self.now(),
            user: self.user(),
            allow_duplicates: false,
            refuse_next: false,
            forget_next: false,
        }
    }

    /// Changes the settings or the objects, or looks again at what is granted. Whoever does so holds the rows.
    ///
    /// # Errors
    /// The settings name what is not there.
    pub(crate) fn renew(&self, store: &Store, change: impl FnOnce(&mut Current)) -> Result<(), String> {
        let mut held = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut current = Current::clone(&held);
        change(&mut current);
        current.rights = current.settings.rights(&current.schema)?;
        setup::grant(&current.schema, store, self.user(), &mut current.rights);
        current.since = self.now();
        *held = Arc::new(current);
        Ok(())
    }

    /// The present second: stamps have no fraction.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// The integration user.
    pub(crate) fn user(&self) -> Id {
        self.gate.user()
    }
}

impl Emulator for Org {
    fn name(&self) -> &'static str {
        "salesforce"
    }

    fn router(self: Arc<Self>) -> Router {
        http::router(self)
    }

    fn each_line(&self, kind: &str, only: &[String], visit: &mut dyn FnMut(&str) -> bool) -> bool {
        let schema = Arc::clone(&self.current().schema);
        let Some(object) = schema.position(kind) else { return false };
        // What the control API tells is all that is there, not what the integration user sees of it. The lock is held
        // for one record at a time: whoever visits may be slow, and writers must not wait for it.
        let rows: Vec<_> = self.read().table(object).iter().filter(|row| !row.is_deleted()).map(Arc::clone).collect();
        let rights = Rights::default();
        let show = |row: &store::Row| {
            let store = self.read();
            let sight = Sight { schema: &schema, rights: &rights, store: &store };
            resource::show(&sight, row, "v66.0", None)
        };
        let _ = rows.iter().all(|row| visit(&server::line(show(row), only)));
        true
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    fn largest_body(&self) -> usize {
        http::LARGEST_BODY
    }

    fn failure(&self, failure: Failure, request: &Request) -> Response {
        failure::answer(failure, request)
    }

    fn expire_token(&self, headers: &HeaderMap) -> bool {
        self.gate.expire(headers)
    }

    fn behaviours(&self) -> &'static [Behaviour] {
        static ALL: LazyLock<Vec<Behaviour>> =
            LazyLock::new(|| [behaviours::BEHAVIOURS, soql::BEHAVIOURS, setup::BEHAVIOURS].concat());
        &ALL
    }

    fn settings(&self, wanted: &Json) -> Result<Json, String> {
        let store = self.read();
        let settings = self.current().settings.with(wanted)?;
        let told = serde_json::to_value(&settings).map_err(|error| error.to_string())?;
        self.renew(&store, |current| current.settings = settings)?;
        Ok(told)
    }
}
