//! What lies between a connector and an emulator: it carries each message, or does to it what the plot says.

use async_trait::async_trait;
use connectors::{Message, Reply, Undelivered, Wire};
use model::problem::Cause;
use sandbox::faults::{Kind, Rule, When};

use super::call::{Call, MARK};
use super::fault::{Course, Executed, Fault, Felt, Strike, WAY};
use super::plot::Plot;
use crate::simulator::emulated::Post;
use crate::simulator::stage::{Parcel, Stage};

/// What lies between a connector and an emulator.
pub(super) struct Cable {
    pub stage: Stage,
    pub post: Post,
    pub plot: Plot,
    /// Where the application enforces no key: how long after its sending a call may still be executed.
    pub settles_within: Option<u64>,
}

#[async_trait]
impl Wire for Cable {
    async fn carry(&self, message: Message, _largest: usize) -> Result<Reply, Undelivered> {
        let call = Call::of(self.post.name, &message);
        self.stage.state().say(|| call.to_string());
        if call.purpose == MARK {
            let due = self.plot.told().due(Executed::BeforeNextMark);
            due.into_iter().for_each(|parcel| self.land(parcel));
        }
        let strike = self.plot.told().made(&call);
        match strike {
            None => self.delivered(message).await,
            Some(strike) => {
                self.stage.state().say(|| format!("FAULT: {strike}"));
                self.struck(message, &strike).await
            }
        }
    }
}

impl Cable {
    async fn delivered(&self, message: Message) -> Result<Reply, Undelivered> {
        let number = self.stage.post(WAY, self.post.parcel(message));
        self.stage.pause(2 * WAY).await;
        self.stage.answer(number).ok_or_else(|| lost(Cause::Connectivity))
    }

    async fn struck(&self, message: Message, strike: &Strike) -> Result<Reply, Undelivered> {
        let course = strike.fault.course(strike.moment);
        let lag = Fault::lag(strike.moment);
        let bound = self.settles_within.filter(|_| strike.call.writes());
        let number = self.execute(&message, course, lag, bound);
        match course.felt {
            Felt::Refused => {
                self.stage.pause(WAY).await;
                Err(Undelivered::NotSent(Cause::Connectivity, "refused".to_owned()))
            }
            Felt::Lost(cause, milliseconds) => {
                self.stage.pause(milliseconds).await;
                Err(lost(cause))
            }
            Felt::Answer(milliseconds) => {
                self.stage.pause(milliseconds).await;
                number.and_then(|number| self.stage.answer(number)).ok_or_else(|| lost(Cause::Connectivity))
            }
            Felt::Instead(kind) => {
                let said = self.stage.post(WAY + 1, self.under(Some(kind), 0, message));
                self.stage.pause(2 * WAY).await;
                self.stage.answer(said).ok_or_else(|| lost(Cause::Connectivity))
            }
            Felt::Killed(milliseconds) => {
                if milliseconds > 0 {
                    self.stage.pause(milliseconds).await;
                }
                self.plot.told().kill = true;
                std::future::pending().await
            }
        }
    }

    /// Sees to it that the message is executed when its course says. Gives the number of the call, if it is known.
    fn execute(&self, message: &Message, course: Course, lag: u64, bound: Option<u64>) -> Option<u64> {
        let parcel = self.under(course.under, lag, message.clone());
        match course.executed {
            Executed::Never => None,
            Executed::At(milliseconds) => {
                let number = self.stage.post(milliseconds, parcel);
                if let Some(kind) = course.followed {
                    self.stage.post(milliseconds + 1, self.under(Some(kind), 0, message.clone()));
                }
                Some(number)
            }
            _ if let Some(milliseconds) = bound => Some(self.stage.post(milliseconds, parcel)),
            until => {
                self.plot.told().held.push((until, parcel));
                None
            }
        }
    }

    /// A message that is executed under a fault of the application's own.
    fn under(&self, kind: Option<Kind>, milliseconds: u64, message: Message) -> Parcel {
        let (parcel, desk) = (self.post.parcel(message), self.post.desk.clone());
        let Some(kind) = kind else { return parcel };
        let rule = Rule {
            method: None,
            path: None,
            kind,
            when: When::Always,
            milliseconds,
            from: 0,
            until: None,
            times: None,
        };
        Parcel(Box::new(move || {
            desk.faults.set(vec![rule]);
            let answer = (parcel.0)();
            desk.faults.set(Vec::new());
            answer
        }))
    }

    fn land(&self, parcel: Parcel) {
        self.stage.state().say(|| "an earlier call lands".to_owned());
        (parcel.0)();
    }
}

fn lost(cause: Cause) -> Undelivered {
    Undelivered::Lost(cause, "no answer".to_owned())
}
