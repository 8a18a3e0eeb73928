//! The real connectors against the emulators, in one process and without sockets: the seed decides what becomes of each
//! message, and the flows are the ones that ship.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use connectors::{Message, Reply, Undelivered, Wire};
use http::HeaderMap;
use model::flow::Flow;
use model::problem::Cause;

use super::books::Books;
use super::circumstances::Circumstances;
use super::dice::Dice;
use super::emulated::{Emulated, Post};
use super::engines::{Ended, Ends, Run, run};
use super::fate::{Call, Fate};
use super::oracles::Violations;
use super::pairs::Told;
use super::pairs::billing::{self, Billing};
use super::pairs::revenue::{self, Revenue};
use super::play::{Shown, World, played};
use super::remedy::Setting;
use super::stage::Stage;
use super::wire_oracles::judge;

/// How long a message waits for its answer, in milliseconds.
const TIMEOUT: u64 = 5_000;

/// Plays one seed between the real connectors and the emulators; the pairs take turns.
///
/// # Errors
/// The shipped flows cannot be read, or the emulators cannot be set up.
pub fn play_wire(seed: u64, trace: bool) -> io::Result<Shown> {
    let mut dice = Dice::new(seed);
    let circumstances = circumstances(&mut dice);
    let stage = Stage::new(dice, circumstances.clone(), Books::default(), trace);
    let between = between(seed, circumstances.invoices, &stage)?;
    if settles_within(&between).is_some() {
        stage.state().circumstances.engines = 1;
    }
    let is_source = |told: &&Told| {
        let of_flow = |flow: &Flow| flow.source.application == told.application && flow.source.object == told.kind;
        between.flows.iter().any(of_flow)
    };
    let records = between.records().iter().filter(is_source).count() as u64;
    Ok(played(Wired { between, last: None }, stage, records))
}

/// Where the emulators enforce no key, one process alone writes; what people and indexes do is left to the models in memory.
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

/// How many records of Salesforce and Nue stand for an invoice of Zuora's: they are of all types.
const OF_ALL_TYPES: usize = 7;

/// Both applications, with small books: Zuora and NetSuite where the seed is odd, Salesforce and Nue where it is even.
fn between(seed: u64, invoices: usize, stage: &Stage) -> io::Result<Emulated> {
    let (today, clock) = (stage.today(), stage.clock());
    if seed % 2 == 1 {
        let books = billing::books(seed, invoices, today);
        return Emulated::new(Box::new(Billing::new(seed, &books, &clock)?), today, books.cutover);
    }
    let books = revenue::with_at_least(revenue::books(seed, OF_ALL_TYPES * invoices, today), 1);
    Emulated::new(Box::new(Revenue::new(seed, &books, &clock)?), today, None)
}

/// A connector waits longer than it is sure to be enough.
const WAITED_OUT: u64 = 3;

/// Where one of the two enforces no key: how long a call may be under way.
fn settles_within(between: &Emulated) -> Option<u64> {
    between.posts.iter().find_map(|post| between.pair.settles_within(post.name))
}

struct Wired {
    between: Emulated,
    last: Option<Vec<Told>>,
}

/// What lies between a connector and an emulator.
struct Cable {
    stage: Stage,
    post: Post,
}

/// A gateway's page.
fn page(status: u16) -> Reply {
    Reply { status, headers: HeaderMap::new(), body: format!("<html><body>{status}</body></html>").into() }
}

#[async_trait]
impl Wire for Cable {
    async fn carry(&self, message: Message, _largest: usize) -> Result<Reply, Undelivered> {
        let told = format!("{}: {} {}", self.post.name, message.method, message.url.path());
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
        let call = arrives.map(|arrives| self.stage.post(arrives, self.post.parcel(message)));
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

impl World for Wired {
    const MISFORTUNE: u64 = 20_000;

    fn settles_within(&self) -> u64 {
        WAITED_OUT * settles_within(&self.between).unwrap_or(0)
    }

    fn begin(&self, stage: &Stage) -> Run {
        let wire = |post: &Post| -> Arc<dyn Wire> { Arc::new(Cable { stage: stage.clone(), post: post.clone() }) };
        let made = self.between.ports(stage, false, &wire);
        let (stage, flows, cutovers) = (stage.clone(), self.between.flows.clone(), self.between.cutovers.clone());
        Box::pin(async move {
            match made {
                Ok(ports) => run(stage, flows, cutovers, ports).await,
                Err(problem) => Ended::not_begun(problem),
            }
        })
    }

    fn is_at_rest(&mut self, _stage: &Stage) -> bool {
        let now = Some(self.between.records());
        let rests = self.last == now;
        self.last = now;
        rests
    }

    fn judge(&self, _stage: &Stage, last: &Ends) -> (Violations, Vec<String>) {
        judge(&*self.between.pair, &self.between.flows, &self.between.records(), last)
    }
}
