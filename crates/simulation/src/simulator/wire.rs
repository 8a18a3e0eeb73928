//! The real connectors against the emulators, in one process and without sockets: the seed decides what becomes of each
//! message, and the flows are the ones that ship.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use connectors::{Message, Reply, Undelivered, Wire};
use http::HeaderMap;
use model::problem::Cause;
use sandbox::books::dirt::Dirt;
use sandbox::books::generate::{Lines, Options, generate};
use serde_json::Value as Json;

use super::books::Books;
use super::circumstances::Circumstances;
use super::dice::Dice;
use super::emulated::{Emulated, Post};
use super::engines::{Ended, Ends, Run, run};
use super::fate::{Call, Fate};
use super::oracles::Violations;
use super::play::{Shown, World, played};
use super::remedy::Setting;
use super::stage::Stage;
use super::wire_oracles::judge;

/// How long a message waits for its answer, in milliseconds.
const TIMEOUT: u64 = 5_000;

/// Plays one seed between the real connectors and the emulators.
///
/// # Errors
/// The shipped flows cannot be read, or the emulators cannot be set up.
pub fn play_wire(seed: u64, trace: bool) -> io::Result<Shown> {
    let mut dice = Dice::new(seed);
    let circumstances = circumstances(&mut dice);
    let stage = Stage::new(dice, circumstances.clone(), Books::default(), trace);
    let between = between(seed, circumstances.invoices, &stage)?;
    let records = between.records().0.len() as u64;
    Ok(played(Wired { between, last: None }, stage, records))
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

/// Both applications, with small books.
fn between(seed: u64, invoices: usize, stage: &Stage) -> io::Result<Emulated> {
    let today = stage.today();
    let mut options = Options::new(seed, invoices, today);
    options.lines = Lines::Fixed(2);
    options.dirt = Dirt::none();
    Emulated::new(seed, &generate(&options), today, &stage.clock())
}

struct Wired {
    between: Emulated,
    last: Option<(Vec<Json>, Vec<Json>)>,
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

    fn begin(&self, stage: &Stage) -> Run {
        let wire = |post: &Post| -> Arc<dyn Wire> { Arc::new(Cable { stage: stage.clone(), post: post.clone() }) };
        let made = self.between.connectors(stage, self.between.signed(), wire);
        let (stage, flows, cutovers) = (stage.clone(), self.between.flows.clone(), self.between.cutovers.clone());
        Box::pin(async move {
            match made {
                Ok((zuora, netsuite)) => run(stage, flows, cutovers, Arc::new(zuora), Arc::new(netsuite)).await,
                Err(problem) => Ended::not_begun(problem),
            }
        })
    }

    fn is_at_rest(&mut self, _stage: &Stage) -> bool {
        let (here, there) = self.between.records();
        let now =
            Some((here.into_iter().map(|(_, one)| one).collect(), there.into_iter().map(|(_, one)| one).collect()));
        let rests = self.last == now;
        self.last = now;
        rests
    }

    fn judge(&self, _stage: &Stage, last: &Ends) -> (Violations, Vec<String>) {
        let (here, there) = self.between.records();
        judge(&here, &there, last)
    }
}
