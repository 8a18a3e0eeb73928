//! Emulators of the vendors that Counterfoil keeps in step.
//!
//! Each emulator is an HTTP server, on loopback unless told otherwise, that speaks its vendor's own contract: it checks what the vendor
//! checks and refuses what the vendor refuses, in the vendor's words. It shares no code with our connectors, so
//! that a misreading on one side is not repeated on the other. What an emulator does not know it answers with 501.
//!
//! Every emulator also serves a control API under `/_sandbox` (see [`control`]): the records it holds, the calls it
//! was asked, and the faults it should commit.

pub mod behaviour;
pub mod books;
pub mod calls;
pub mod clock;
pub mod control;
pub mod faults;
mod gzip;
pub mod netsuite;
pub mod nue;
mod past;
pub mod salesforce;
pub mod server;
pub mod zuora;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::calls::Call;
use crate::clock::{Clock, SystemClock};
use crate::faults::Rule;
use crate::server::{Desk, Emulator, Server};

/// What the emulators are filled with, and where they listen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed of ids, credentials and tokens.
    pub seed: u64,
    /// The records of Zuora and NetSuite.
    pub books: books::Books,
    /// The records of Salesforce and Nue.
    pub revenue: books::revenue::Books,
    /// Where they listen. Whoever can reach them there may do anything with them.
    pub address: IpAddr,
    /// Zuora's port; NetSuite, Salesforce and Nue have the next three. `None`: free ports.
    pub port: Option<u16>,
    /// The preferences of the ERP's account.
    pub netsuite: netsuite::Settings,
    /// The settings of the CRM's org: what its objects and fields are called, among others.
    pub salesforce: salesforce::Settings,
}

impl Options {
    /// These books on free ports of the loopback interface, and the usual preferences.
    pub fn new(seed: u64, books: books::Books) -> Self {
        let address = Ipv4Addr::LOCALHOST.into();
        let (revenue, netsuite) = (books::revenue::Books::default(), netsuite::Settings::default());
        Self { seed, books, revenue, address, port: None, netsuite, salesforce: salesforce::Settings::default() }
    }
}

/// The emulators, listening until they are stopped or dropped.
pub struct Sandbox {
    /// How to reach Zuora.
    pub zuora: zuora::Access,
    /// How to reach NetSuite.
    pub netsuite: netsuite::Access,
    /// How to reach Salesforce.
    pub salesforce: salesforce::Access,
    /// How to reach Nue.
    pub nue: nue::Access,
    desks: Vec<(Arc<Desk>, Server)>,
}

/// Why the emulators could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port could not be bound.
    #[error("cannot listen on port {port} of {address}: {source}")]
    Port {
        /// The address.
        address: IpAddr,
        /// The port; 0 stands for any free one.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The ports leave no room for those that follow Zuora's.
    #[error("there are no {more} ports after {0}", more = PORTS_AFTER_THE_FIRST)]
    NoNextPorts(u16),
    /// The CRM's org could not be set up.
    #[error(transparent)]
    Salesforce(#[from] salesforce::SetUpError),
    /// The CRM's org does not take the books.
    #[error("Salesforce does not take the books: {0}")]
    Books(String),
    /// The ERP's account could not be set up.
    #[error(transparent)]
    Netsuite(#[from] netsuite::SeedError),
}

impl Sandbox {
    /// Starts the emulators.
    ///
    /// # Errors
    /// A port cannot be bound, or the ERP's account cannot be set up.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { seed, books, revenue, address, port, netsuite, salesforce } = options;
        let ports = ports(port)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let erp = netsuite::Netsuite::with_settings(seed, &books, Arc::clone(&clock), netsuite)?;
        let billing = Arc::new(zuora::Zuora::new(seed, &books, &erp.tax_items, Arc::clone(&clock)));
        let org = Arc::new(org(seed, &revenue, Arc::clone(&clock), salesforce)?);
        let tenant = Arc::new(tenant(seed, &revenue, clock)?);
        let (billing_desk, billing_server) = listen(Arc::clone(&billing), address, ports[0]).await?;
        let (erp_desk, erp_server) = listen(erp.emulator, address, ports[1]).await?;
        let (org_desk, org_server) = listen(Arc::clone(&org), address, ports[2]).await?;
        let (tenant_desk, tenant_server) = listen(Arc::clone(&tenant), address, ports[3]).await?;
        Ok(Self {
            zuora: billing.access(&billing_server.url()),
            netsuite: netsuite::Access { url: erp_server.url(), ..erp.access },
            salesforce: org.access(&org_server.url()),
            nue: tenant.access(&tenant_server.url()),
            desks: vec![
                (billing_desk, billing_server),
                (erp_desk, erp_server),
                (org_desk, org_server),
                (tenant_desk, tenant_server),
            ],
        })
    }

    /// Closes the ports and all connections.
    pub async fn stop(self) {
        for (_, server) in self.desks {
            server.stop().await;
        }
    }

    /// Replaces the fault rules of an emulator (`zuora`, `netsuite`, `salesforce`, `nue`); answers whether there is such an emulator.
    pub fn set_faults(&self, emulator: &str, rules: Vec<Rule>) -> bool {
        self.desk(emulator).map(|desk| desk.faults.set(rules)).is_some()
    }

    /// The fault rules of an emulator in the order in which they were set, with how often each has `struck`.
    pub fn faults(&self, emulator: &str) -> Vec<Value> {
        self.desk(emulator).map(|desk| desk.faults.list()).unwrap_or_default()
    }

    /// How often each call was made to an emulator.
    pub fn calls(&self, emulator: &str) -> Vec<Call> {
        self.desk(emulator).map(|desk| desk.calls.list()).unwrap_or_default()
    }

    /// All records of a type that an emulator holds, in the vendor's own shape; `None` for an unknown type.
    pub fn records(&self, emulator: &str, kind: &str) -> Option<Vec<Value>> {
        self.desk(emulator)?.emulator.records(kind)
    }

    fn desk(&self, emulator: &str) -> Option<&Desk> {
        self.desks.iter().map(|(desk, _)| &**desk).find(|desk| desk.emulator.name() == emulator)
    }
}

/// How many emulators listen behind the first.
const PORTS_AFTER_THE_FIRST: u16 = 3;

fn ports(first: Option<u16>) -> Result<[Option<u16>; 4], StartError> {
    let Some(first) = first else { return Ok([None; 4]) };
    let last = first.checked_add(PORTS_AFTER_THE_FIRST).ok_or(StartError::NoNextPorts(first))?;
    Ok([first, first + 1, first + 2, last].map(Some))
}

/// Fields that the tenant's administrator made: what was born in Salesforce carries its id there, and can be found by it.
fn salesforce_ids() -> Value {
    let field = json!([{ "name": "salesforceId", "type": "text", "filterable": true }]);
    let objects = ["customer", "contact", "order", "orderProduct", "subscription"];
    let fields: Map<String, Value> = objects.map(|object| (object.to_owned(), field.clone())).into_iter().collect();
    json!({ "customFields": fields })
}

/// A tenant that holds what Nue has of the books.
///
/// # Errors
/// The tenant does not take its fields.
pub fn tenant(seed: u64, books: &books::revenue::Books, clock: Arc<dyn Clock>) -> Result<nue::Nue, StartError> {
    let tenant = nue::Nue::new(seed, books, clock);
    Emulator::settings(&tenant, &salesforce_ids()).map_err(StartError::Books)?;
    Ok(tenant)
}

/// An org that holds what was born in Salesforce, under the names that the settings give.
///
/// # Errors
/// The org cannot be set up, or does not take the books.
pub fn org(
    seed: u64,
    books: &books::revenue::Books,
    clock: Arc<dyn Clock>,
    settings: salesforce::Settings,
) -> Result<salesforce::Org, StartError> {
    let names = settings.names.clone();
    let other = |name: &str| names.get(name).cloned();
    let org = salesforce::Org::new(seed, clock, settings)?;
    let usual = books::revenue::Names {
        subscription_auto_renew: Some("Ruby__AutoRenew__c".to_owned()),
        ..books::revenue::Names::default()
    };
    for (object, rows) in books::revenue::rows(books, &usual) {
        let called = |field: String| other(&format!("{object}.{field}")).or_else(|| other(&field)).unwrap_or(field);
        let rows = rows.into_iter().map(|row| row.into_iter().map(|(field, value)| (called(field), value)).collect());
        let object = other(&object).unwrap_or_else(|| object.clone());
        org.seed(&object, rows.collect()).map_err(|error| StartError::Books(format!("{object}: {error}")))?;
    }
    Ok(org)
}

async fn listen<E: Emulator>(
    emulator: Arc<E>,
    address: IpAddr,
    port: Option<u16>,
) -> Result<(Arc<Desk>, Server), StartError> {
    let failed = |source| StartError::Port { address, port: port.unwrap_or(0), source };
    let listener = Server::bind(address, port).await.map_err(failed)?;
    let (desk, router) = Desk::open(emulator);
    let server = Server::start(listener, router).map_err(failed)?;
    Ok((desk, server))
}
