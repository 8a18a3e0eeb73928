//! The real connectors against the emulators, in one process and without sockets: the seed decides what becomes of each
//! message, and the flows are the ones that ship.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use connectors::netsuite::{self, NetSuite};
use connectors::zuora::{self, Zuora};
use connectors::{Message, Reply, Undelivered, Wire};
use http::HeaderMap;
use model::flow::Flow;
use model::ports::Entropy;
use model::problem::{Cause, Problem};
use sandbox::books::dirt::Dirt;
use sandbox::books::generate::{Lines, Options, generate};
use sandbox::netsuite as netsuite_emulator;
use sandbox::server::{Desk, Emulator};
use sandbox::zuora as zuora_emulator;
use serde_json::Value as Json;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use super::books::Books;
use super::circumstances::Circumstances;
use super::dice::Dice;
use super::engines::{Ends, Run, run};
use super::fate::{Call, Fate};
use super::oracles::Violations;
use super::play::{Shown, World, played};
use super::remedy::Setting;
use super::stage::{Parcel, Stage};
use super::wire_oracles::{Told, judge};

/// How long a message waits for its answer, in milliseconds.
const TIMEOUT: u64 = 5_000;
/// Record types of the source, and of the destination.
const HERE: [&str; 5] = ["Account", "Product", "ProductRatePlan", "ProductRatePlanCharge", "Invoice"];
const THERE: [&str; 6] =
    ["customer", "serviceSaleItem", "nonInventorySaleItem", "inventoryItem", "invoice", "creditMemo"];

/// Plays one seed between the real connectors and the emulators.
///
/// # Errors
/// The shipped flows cannot be read, or the emulators cannot be set up.
pub fn play_wire(seed: u64, trace: bool) -> io::Result<Shown> {
    let mut dice = Dice::new(seed);
    let circumstances = circumstances(&mut dice);
    let stage = Stage::new(dice, circumstances.clone(), Books::default(), trace);
    let world = Emulated::new(seed, &circumstances, &stage)?;
    let records = world.records().0.len() as u64;
    Ok(played(world, stage, records))
}

/// The emulators enforce the key; what people and indexes do is left to the models in memory.
fn circumstances(dice: &mut Dice) -> Circumstances {
    let drawn = Circumstances::draw(dice, Setting::Any);
    Circumstances {
        keyed: true,
        engines: dice.size(1, 2),
        late: dice.chance(600),
        kills: dice.between(0, 5),
        trouble: dice.between(0, 60),
        concurrency: dice.size(1, 5),
        invoices: dice.size(1, 8),
        hands: 0,
        edits: 0,
        careless: 0,
        lag: 0,
        ..drawn
    }
}

struct Emulated {
    zuora: (Arc<zuora_emulator::Zuora>, Router),
    netsuite: (Arc<netsuite_emulator::Netsuite>, Router),
    keys: netsuite_emulator::Access,
    flows: Arc<Vec<Flow>>,
    cutovers: HashMap<String, String>,
    runtime: Arc<Runtime>,
    last: Option<(Vec<Json>, Vec<Json>)>,
}

impl Emulated {
    fn new(seed: u64, circumstances: &Circumstances, stage: &Stage) -> io::Result<Self> {
        let today = jiff::tz::TimeZone::UTC.to_datetime(model::ports::Clock::now(stage)).date();
        let mut options = Options::new(seed, circumstances.invoices, today);
        options.lines = Lines::Fixed(2);
        options.dirt = Dirt::none();
        let books = generate(&options);
        let clock: Arc<dyn sandbox::clock::Clock> = Arc::new(stage.clone());
        let erp = netsuite_emulator::Netsuite::new(seed, &books, clock.clone()).map_err(io::Error::other)?;
        let billing = Arc::new(zuora_emulator::Zuora::new(seed, &books, &erp.tax_items, clock));
        let flows = shipped(today)?;
        let dated = flows.iter().filter(|flow| flow.source.object == "Invoice");
        let cutovers = books.cutover.iter().flat_map(|day| {
            dated.clone().map(move |flow| (flow.name.to_string(), day.to_string())).collect::<Vec<_>>()
        });
        Ok(Self {
            cutovers: cutovers.collect(),
            zuora: (billing.clone(), Desk::open(billing).1),
            netsuite: (erp.emulator.clone(), Desk::open(erp.emulator).1),
            keys: erp.access,
            flows: Arc::new(flows),
            runtime: Arc::new(tokio::runtime::Builder::new_current_thread().build()?),
            last: None,
        })
    }

    /// The records of both sides, in the vendors' own shape.
    fn records(&self) -> (Told, Told) {
        let of = |emulator: &dyn Emulator, kinds: &[&'static str]| {
            let all =
                kinds.iter().flat_map(|kind| emulator.records(kind).into_iter().flatten().map(move |one| (*kind, one)));
            all.collect::<Vec<_>>()
        };
        (of(&*self.zuora.0, &HERE), of(&*self.netsuite.0, &THERE))
    }

    fn connectors(&self, stage: &Stage) -> Result<(Zuora, NetSuite), Problem> {
        let wire = |name: &'static str, router: &Router| -> Arc<dyn Wire> {
            Arc::new(Cable { name, stage: stage.clone(), router: router.clone(), runtime: self.runtime.clone() })
        };
        let chance = Arc::new(Chance(stage.clone()));
        let concurrency = stage.state().circumstances.concurrency;
        let keys = self.zuora.0.access("http://zuora.invalid");
        let settings = zuora::Settings {
            url: keys.url,
            client_id: keys.client_id,
            client_secret: keys.client_secret.into(),
            entity: None,
            concurrency,
            timeout_seconds: 60,
        };
        let zuora = Zuora::new(settings, Arc::new(stage.clone()), chance.clone())?;
        let credentials = netsuite::Credentials::TokenBased {
            consumer_key: self.keys.consumer_key.clone(),
            consumer_secret: self.keys.consumer_secret.clone().into(),
            token_id: self.keys.token_id.clone(),
            token_secret: self.keys.token_secret.clone().into(),
        };
        let settings = netsuite::Settings {
            url: Some("http://netsuite.invalid".to_owned()),
            account: self.keys.account.clone(),
            credentials,
            concurrency,
            timeout_seconds: 60,
        };
        let netsuite = NetSuite::new(settings, Arc::new(stage.clone()), chance)?;
        Ok((zuora.with_wire(wire("zuora", &self.zuora.1)), netsuite.with_wire(wire("netsuite", &self.netsuite.1))))
    }
}

/// The shipped flows between the two, with their settings filled in.
fn shipped(today: jiff::civil::Date) -> io::Result<Vec<Flow>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../flows/zuora-netsuite");
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    let tomorrow = today.tomorrow().map_err(io::Error::other)?;
    let read = |file: std::fs::DirEntry| {
        let text = std::fs::read_to_string(file.path())?
            .replace("{{today}}", &today.to_string())
            .replace("{{tomorrow}}", &tomorrow.to_string())
            .replace("{{default_subsidiary}}", "Parent Company");
        Flow::read(&text, &file.path().display().to_string()).map_err(io::Error::other)
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

/// What lies between a connector and an emulator.
struct Cable {
    name: &'static str,
    stage: Stage,
    router: Router,
    runtime: Arc<Runtime>,
}

impl Cable {
    /// The message, to be opened when it arrives.
    fn parcel(&self, message: Message) -> Parcel {
        let (router, runtime) = (self.router.clone(), self.runtime.clone());
        Parcel(Box::new(move || runtime.block_on(answer(router, message))))
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

/// A gateway's page.
fn page(status: u16) -> Reply {
    Reply { status, headers: HeaderMap::new(), body: format!("<html><body>{status}</body></html>").into() }
}

#[async_trait]
impl Wire for Cable {
    async fn carry(&self, message: Message, _largest: usize) -> Result<Reply, Undelivered> {
        let told = format!("{}: {} {}", self.name, message.method, message.url.path());
        let (fate, there, back) = {
            let mut state = self.stage.state();
            state.say(|| told);
            (state.fate(Call::Create), state.latency(), state.latency())
        };
        let lost = |cause| Undelivered::Lost(cause, "no answer".to_owned());
        if let Fate::TurnedAway = fate {
            self.stage.pause(there).await;
            return Err(Undelivered::NotSent(Cause::Connectivity, "refused".to_owned()));
        }
        let arrives = match fate {
            Fate::NotDone | Fate::Refused | Fate::Vanished | Fate::Hollow => None,
            Fate::Late(late) => Some(TIMEOUT + late),
            _ => Some(there),
        };
        let call = arrives.map(|arrives| self.stage.post(arrives, self.parcel(message)));
        match fate {
            Fate::Vanished | Fate::Hollow | Fate::Late(_) => {
                self.stage.pause(TIMEOUT).await;
                return Err(lost(Cause::Timeout));
            }
            _ => self.stage.pause(there + back).await,
        }
        let answer = call.and_then(|call| self.stage.answer(call));
        match fate {
            Fate::NotDone | Fate::Refused => Ok(page(503)),
            Fate::RefusedAfterSave => Ok(page(502)),
            Fate::Done => answer.ok_or_else(|| lost(Cause::Connectivity)),
            _ => Err(lost(Cause::Connectivity)),
        }
    }
}

impl World for Emulated {
    const MISFORTUNE: u64 = 20_000;

    fn begin(&self, stage: &Stage) -> Run {
        let made = self.connectors(stage);
        let (stage, flows, cutovers) = (stage.clone(), self.flows.clone(), self.cutovers.clone());
        Box::pin(async move {
            match made {
                Ok((zuora, netsuite)) => run(stage, flows, cutovers, Arc::new(zuora), Arc::new(netsuite)).await,
                Err(problem) => super::engines::Ended { report: Err(problem.into()), ends: Ends::new() },
            }
        })
    }

    fn is_at_rest(&mut self, _stage: &Stage) -> bool {
        let (here, there) = self.records();
        let now =
            Some((here.into_iter().map(|(_, one)| one).collect(), there.into_iter().map(|(_, one)| one).collect()));
        let rests = self.last == now;
        self.last = now;
        rests
    }

    fn judge(&self, _stage: &Stage, last: &Ends) -> (Violations, Vec<String>) {
        let (here, there) = self.records();
        judge(&here, &there, last)
    }
}
