//! What may become of a call.

use model::problem::{Cause, Problem};

use super::stage::{Stage, State};

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// Something that changes nothing.
    Read,
    /// Marks on source records.
    Mark,
    /// A new destination record.
    Create,
    /// New values for one.
    Update,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Done and answered.
    Done,
    /// Never sent, because the application as a whole is not there.
    TurnedAway,
    /// Never arrives, and the sender knows.
    NotDone,
    /// Never arrives, and the sender does not know.
    Vanished,
    /// Done; the answer is lost.
    AnswerLost,
    /// The sender gives up; it is done so many milliseconds later.
    Late(u64),
    /// Turned down.
    Refused,
    /// Done, and said to be refused: an error after the save.
    RefusedAfterSave,
    /// Taken in, to be done; whether it is.
    TakenIn(bool),
    /// Said to be done, and never done.
    Hollow,
}

impl State {
    /// What becomes of a call, by chance.
    pub(crate) fn fate(&mut self, call: Call) -> Fate {
        if self.calm || !self.dice.chance(self.circumstances.trouble) {
            return Fate::Done;
        }
        let kinds = match call {
            Call::Read => 2,
            Call::Mark => 6,
            Call::Create | Call::Update => 9,
        };
        let fate = match self.dice.below(kinds) {
            0 => Fate::TurnedAway,
            1 => Fate::NotDone,
            2 => Fate::Vanished,
            3 => Fate::AnswerLost,
            4 if self.circumstances.late => Fate::Late(self.dice.between(200, 2500)),
            4 => Fate::AnswerLost,
            5 => Fate::Refused,
            6 => Fate::RefusedAfterSave,
            7 => Fate::TakenIn(self.dice.chance(500)),
            _ => Fate::Hollow,
        };
        self.seen.faults += 1;
        self.say(|| format!("fault: the next {call:?} is {fate:?}"));
        fate
    }
}

/// What a caller hears of a call that went wrong.
pub(crate) fn problem(application: &str, call: Call, fate: Fate) -> Problem {
    let (cause, words) = match fate {
        Fate::Refused | Fate::RefusedAfterSave => (Cause::Validation, "this record cannot be saved now"),
        Fate::Vanished | Fate::Late(_) => (Cause::Timeout, "no answer in time"),
        Fate::TurnedAway => (Cause::Maintenance, "closed"),
        Fate::Done | Fate::NotDone | Fate::AnswerLost | Fate::TakenIn(_) | Fate::Hollow => {
            (Cause::Connectivity, "the connection broke")
        }
    };
    let problem = Problem::new(application, format!("{call:?}").to_lowercase(), cause, words);
    if fate == Fate::TurnedAway { problem.for_all() } else { problem }
}

impl Stage {
    /// A call that changes nothing: there, looked at, and back.
    pub(crate) async fn read<T>(
        &self,
        application: &str,
        look: impl FnOnce(&mut State) -> T + Send,
    ) -> Result<T, Problem> {
        let (fate, there, back) = {
            let mut state = self.state();
            (state.fate(Call::Read), state.latency(), state.latency())
        };
        self.pause(there).await;
        if fate != Fate::Done {
            return Err(problem(application, Call::Read, fate));
        }
        let seen = look(&mut self.state());
        self.pause(back).await;
        Ok(seen)
    }
}
