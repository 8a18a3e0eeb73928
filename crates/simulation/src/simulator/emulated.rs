//! Both emulators and the shipped flows between them, reached without sockets.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use connectors::netsuite::{self, Credentials, NetSuite};
use connectors::zuora::{self, Zuora};
use connectors::{Message, Reply, Wire};
use jiff::civil::Date;
use model::flow::Flow;
use model::ports::Entropy;
use model::problem::Problem;
use sandbox::books::Books;
use sandbox::clock::Clock;
use sandbox::netsuite as netsuite_emulator;
use sandbox::server::{Desk, Emulator};
use sandbox::zuora as zuora_emulator;
use serde_json::Value as Json;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use super::stage::{Parcel, Stage};
use super::wire_oracles::Told;

/// Record types of the source, and of the destination.
const HERE: [&str; 5] = ["Account", "Product", "ProductRatePlan", "ProductRatePlanCharge", "Invoice"];
const THERE: [&str; 6] =
    ["customer", "serviceSaleItem", "nonInventorySaleItem", "inventoryItem", "invoice", "creditMemo"];

/// An emulator, its faults, and the way to it.
#[derive(Clone)]
pub(crate) struct Post {
    /// The application.
    pub name: &'static str,
    /// Its faults and its records.
    pub desk: Arc<Desk>,
    router: Router,
    runtime: Arc<Runtime>,
}

impl Post {
    fn open<E: Emulator>(emulator: Arc<E>, runtime: &Arc<Runtime>) -> Self {
        let (desk, router) = Desk::open(emulator);
        Self { name: desk.emulator.name(), desk, router, runtime: runtime.clone() }
    }

    /// A message, to be opened when it arrives.
    pub(crate) fn parcel(&self, message: Message) -> Parcel {
        let (router, runtime) = (self.router.clone(), self.runtime.clone());
        Parcel(Box::new(move || runtime.block_on(answer(router, message))))
    }
}

/// What stands between the connectors: both applications, filled, and the flows.
pub(crate) struct Emulated {
    zuora: Arc<zuora_emulator::Zuora>,
    netsuite: Arc<netsuite_emulator::Netsuite>,
    keys: netsuite_emulator::Access,
    runtime: Arc<Runtime>,
    /// The way to each.
    pub posts: [Post; 2],
    /// The flows that ship and run between the two.
    pub flows: Arc<Vec<Flow>>,
    /// The first day that counts, by flow.
    pub cutovers: HashMap<String, String>,
}

impl Emulated {
    /// Both applications, filled from the books.
    pub(crate) fn new(seed: u64, books: &Books, today: Date, clock: &Arc<dyn Clock>) -> io::Result<Self> {
        let erp = netsuite_emulator::Netsuite::new(seed, books, clock.clone()).map_err(io::Error::other)?;
        let billing = Arc::new(zuora_emulator::Zuora::new(seed, books, &erp.tax_items, clock.clone()));
        let runtime = Arc::new(tokio::runtime::Builder::new_current_thread().build()?);
        let posts = [Post::open(billing.clone(), &runtime), Post::open(erp.emulator.clone(), &runtime)];
        let names = [posts[0].name, posts[1].name];
        let runs_between = |flow: &Flow| {
            [&flow.source.application, &flow.destination.application].map(|name| names.contains(&name.as_str()))
                == [true; 2]
        };
        let flows: Vec<Flow> = shipped(today)?.into_iter().filter(runs_between).collect();
        let dated: Vec<&Flow> = flows.iter().filter(|flow| flow.source.object == "Invoice").collect();
        let cutovers = books
            .cutover
            .iter()
            .flat_map(|day| dated.iter().map(move |flow| (flow.name.to_string(), day.to_string())))
            .collect();
        Ok(Self {
            zuora: billing,
            netsuite: erp.emulator,
            keys: erp.access,
            runtime,
            posts,
            flows: Arc::new(flows),
            cutovers,
        })
    }

    /// The same with applications of its own, which go by another clock.
    pub(crate) fn fork(&self, clock: &Arc<dyn Clock>) -> Self {
        let zuora = Arc::new(self.zuora.fork(clock.clone()));
        let netsuite = Arc::new(self.netsuite.fork(clock.clone()));
        Self {
            posts: [Post::open(zuora.clone(), &self.runtime), Post::open(netsuite.clone(), &self.runtime)],
            zuora,
            netsuite,
            keys: self.keys.clone(),
            runtime: self.runtime.clone(),
            flows: self.flows.clone(),
            cutovers: self.cutovers.clone(),
        }
    }

    /// The records of both sides, in the vendors' own shape.
    pub(crate) fn records(&self) -> (Told, Told) {
        let of = |emulator: &dyn Emulator, kinds: &[&'static str]| {
            let all =
                kinds.iter().flat_map(|kind| emulator.records(kind).into_iter().flatten().map(move |one| (*kind, one)));
            all.collect::<Vec<(&'static str, Json)>>()
        };
        (of(&*self.zuora, &HERE), of(&*self.netsuite, &THERE))
    }

    /// NetSuite's keys where each call is signed.
    pub(crate) fn signed(&self) -> Credentials {
        Credentials::TokenBased {
            consumer_key: self.keys.consumer_key.clone(),
            consumer_secret: self.keys.consumer_secret.clone().into(),
            token_id: self.keys.token_id.clone(),
            token_secret: self.keys.token_secret.clone().into(),
        }
    }

    /// NetSuite's keys where a log-in gives a token. The elliptic key: it signs a hundred times as fast.
    pub(crate) fn logged_in(&self) -> Credentials {
        Credentials::ClientCredentials {
            client_id: self.keys.client_id.clone(),
            certificate_id: self.keys.ec_certificate_id.clone(),
            private_key_pem: self.keys.ec_private_key_pem.clone().into(),
        }
    }

    /// The connectors of a new process, over these wires.
    pub(crate) fn connectors(
        &self,
        stage: &Stage,
        credentials: Credentials,
        wire: impl Fn(&Post) -> Arc<dyn Wire>,
    ) -> Result<(Zuora, NetSuite), Problem> {
        let chance = Arc::new(Chance(stage.clone()));
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
        let zuora = Zuora::new(settings, Arc::new(stage.clone()), chance.clone())?;
        let settings = netsuite::Settings {
            url: Some("http://netsuite.invalid".to_owned()),
            account: self.keys.account.clone(),
            credentials,
            concurrency,
            timeout_seconds: 60,
        };
        let netsuite = NetSuite::new(settings, Arc::new(stage.clone()), chance)?;
        Ok((zuora.with_wire(wire(&self.posts[0])), netsuite.with_wire(wire(&self.posts[1]))))
    }
}

/// All shipped flows, with their settings filled in.
pub(crate) fn shipped(today: Date) -> io::Result<Vec<Flow>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../flows");
    let mut files = Vec::new();
    for pair in std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()? {
        if pair.file_type()?.is_dir() {
            for file in std::fs::read_dir(pair.path())? {
                files.push(file?.path());
            }
        }
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let tomorrow = today.tomorrow().map_err(io::Error::other)?;
    let read = |file: std::path::PathBuf| {
        let text = std::fs::read_to_string(&file)?
            .replace("{{today}}", &today.to_string())
            .replace("{{tomorrow}}", &tomorrow.to_string())
            .replace("{{default_subsidiary}}", "Parent Company");
        Flow::read(&text, &file.display().to_string()).map_err(io::Error::other)
    };
    files.into_iter().map(read).collect()
}

/// The only chance that the connectors see.
struct Chance(Stage);

impl Entropy for Chance {
    fn token(&self) -> String {
        let mut state = self.0.state();
        (0..4).map(|_| format!("{:08x}", state.dice.below(1 << 32))).collect()
    }
}

async fn answer(router: Router, message: Message) -> Option<Reply> {
    let Message { method, url, headers, body } = message;
    let mut request = http::Request::new(Body::from(body.unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = url.as_str().parse().ok()?;
    *request.headers_mut() = headers;
    if let Ok(host) = url.host_str().unwrap_or_default().parse() {
        request.headers_mut().insert(http::header::HOST, host);
    }
    let (parts, body) = router.oneshot(request).await.ok()?.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    Some(Reply { status: parts.status.as_u16(), headers: parts.headers, body })
}
