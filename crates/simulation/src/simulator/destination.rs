//! The destination application: it is searched, asked, written and read.

use std::collections::HashMap;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use model::mapping::Draft;
use model::ports::{self, Destination, Found, Held, Lack, LookUpKey, Target};
use model::problem::{Answer, Cause, Problem};
use model::status::Operation;
use model::value::{Record, SmolStr};

use super::books::{Landed, Write};
use super::fate::{Call, Fate, problem};
use super::flows::{CURRENCIES, DESTINATION, source_of};
use super::source::Honest;
use super::stage::LATENCY_MAX;

/// What the destination itself said to a write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    /// An answer as any vendor gives it.
    Answer(Answer<String>),
    /// "Taken in": a 202, which is not yet done.
    TakenIn,
}

impl Said {
    /// As a careful connector hears it: what was only taken in is not known to be done.
    pub(crate) fn heard(self) -> Answer<String> {
        match self {
            Self::Answer(answer) => answer,
            Self::TakenIn => Answer::Unknown(Problem::new(DESTINATION, "write", Cause::Overload, "only taken in")),
        }
    }
}

#[async_trait]
impl Destination for Honest {
    async fn lacking(&self, _object: &str, _fields: &[String]) -> Result<Vec<Lack>, Problem> {
        Ok(Vec::new())
    }

    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let look = |state: &mut super::stage::State| keys.iter().map(|key| state.books.search(target, key)).collect();
        self.stage.read(DESTINATION, look).await
    }

    async fn ask_record(&self, target: &Target, key: &LookUpKey) -> Result<Option<Found>, Problem> {
        self.stage.read(DESTINATION, |state| state.books.at_address(target, key)).await
    }

    async fn by_id(&self, target: &Target, id: &str) -> Result<Option<Held>, Problem> {
        self.stage.read(DESTINATION, |state| state.books.with_id(target, id)).await
    }

    async fn write(&self, writes: Vec<ports::Write<'_>>) -> Vec<Answer<String>> {
        let calls: Vec<_> = writes.into_iter().map(|write| self.write_one(write)).collect();
        stream::iter(calls).buffered(self.concurrency()).collect().await
    }

    async fn read(&self, _target: &Target, id: &str) -> Result<Option<Record>, Problem> {
        self.stage.read(DESTINATION, |state| state.books.whole(id)).await
    }

    async fn list(&self, _name: &str) -> Result<HashMap<SmolStr, SmolStr>, Problem> {
        let list = |(code, id)| (SmolStr::new_static(code), SmolStr::new_static(id));
        self.stage.read(DESTINATION, |_| CURRENCIES.into_iter().map(list).collect()).await
    }

    fn concurrency(&self) -> usize {
        self.stage.state().circumstances.concurrency
    }
}

impl Honest {
    async fn write_one(&self, write: ports::Write<'_>) -> Answer<String> {
        match write.intent.operation() {
            Operation::Create => {
                self.create_for(write.intent.source_id(), &write.target, &write.key, write.draft).await.heard()
            }
            Operation::Update => self.update(&write).await,
        }
    }

    /// Sends a new record.
    pub(crate) async fn create_for(&self, source_id: &str, target: &Target, key: &LookUpKey, draft: &Draft) -> Said {
        let maimed = {
            let mut state = self.stage.state();
            let careless = if state.calm { 0 } else { state.circumstances.careless };
            state.dice.chance(careless)
        };
        let (object, key) = (target.object.clone(), key.external.clone());
        let write = Write::Create { object, key, source_id: source_id.into(), draft: draft.clone(), maimed };
        self.post(Call::Create, target, source_id, write).await
    }

    /// Sends new values for a record, and hears what came of it.
    pub(crate) async fn update(&self, write: &ports::Write<'_>) -> Answer<String> {
        self.update_for(write.intent.source_id(), &write.target, &write.id, write.draft).await.heard()
    }

    /// Sends new values for a record.
    async fn update_for(&self, source_id: &str, target: &Target, id: &str, draft: &Draft) -> Said {
        let write = Write::Update { id: id.into(), source_id: source_id.into(), draft: draft.clone() };
        self.post(Call::Update, target, source_id, write).await
    }

    async fn post(&self, call: Call, target: &Target, source_id: &str, write: Write) -> Said {
        let (fate, there, back) = {
            let mut state = self.stage.state();
            let origin = (source_of(&target.object), SmolStr::from(source_id));
            if !state.books.marked.contains(&origin) {
                state.seen.unmarked += 1;
                state.say(|| format!("ORACLE: {} {source_id} is written, and was never marked", origin.0));
            }
            (state.fate(call), state.latency(), state.latency())
        };
        let told = || problem(DESTINATION, call, fate);
        let answer = match fate {
            Fate::Done | Fate::RefusedAfterSave => {
                let number = self.stage.send(there, write);
                self.stage.pause(there + back).await;
                match self.stage.landed(number) {
                    Some(Landed::Done(id)) if fate == Fate::Done => Answer::Accepted(id.to_string()),
                    Some(Landed::Refused(words)) => {
                        Answer::Refused(Problem::new(DESTINATION, "write", Cause::Validation, words))
                    }
                    Some(Landed::Done(_)) => Answer::Refused(told()),
                    None => Answer::Unknown(told()),
                }
            }
            Fate::TurnedAway | Fate::NotDone => {
                self.stage.pause(there).await;
                Answer::NotDone(told())
            }
            Fate::Refused => {
                self.stage.pause(there + back).await;
                Answer::Refused(told())
            }
            Fate::Hollow => {
                self.stage.pause(there + back).await;
                Answer::Accepted("0".to_owned())
            }
            Fate::TakenIn(done) => {
                if done {
                    self.stage.send(there, write);
                }
                self.stage.pause(there + back).await;
                return Said::TakenIn;
            }
            Fate::Vanished | Fate::AnswerLost | Fate::Late(_) => {
                let late = if let Fate::Late(late) = fate { late } else { 0 };
                if fate != Fate::Vanished {
                    self.stage.send(there + late, write);
                }
                self.stage.pause(LATENCY_MAX * 2).await;
                Answer::Unknown(told())
            }
        };
        Said::Answer(answer)
    }
}
