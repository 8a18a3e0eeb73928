//! What can happen next: the rules of the world, and their effect.

use std::sync::Arc;

use model::protocol::{Evidence, Marked, Next, Reason, Reply};
use model::status::{Operation, Status, Transferred};
use stateright::{Model, Property};

use crate::checker::pass::{failed_look, look, next, receipt, selected, standing};
use crate::checker::promises;
use crate::checker::state::{Content, Held, Pass, Request, State, What};
use crate::checker::world::{Bounds, Exclusion, Key, World};

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An engine selects and reads the record.
    Begin(u8),
    /// An engine does what was decided: it looks, or sends a request.
    Step(u8),
    /// A request is carried out, and whoever waits for it is answered.
    Arrive(usize),
    /// A request that nobody waits for any more never arrives.
    Vanish(usize),
    /// Something goes wrong with what an engine does.
    Fault(u8, Fault),
    /// An engine dies.
    Crash(u8),
    /// The destination's search catches up.
    CatchUp,
    /// The destination forgets the key.
    ForgetKey,
    /// The lease ends by the clock.
    EndLease,
    /// The source record changes.
    Edit,
    /// A person sets the status.
    Hand(Hand),
}

/// What can go wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A look fails.
    LookFailed,
    /// The request is lost, and its sender does not know.
    Lost,
    /// It is carried out, and the answer is lost.
    AnswerLost,
    /// Its sender gives up while it is under way.
    GaveUp,
    /// It cannot be sent at all, and its sender knows.
    NotSent,
    /// It is refused.
    Refused,
    /// It is carried out, and an error is answered.
    ErrorAfterSave,
    /// It is accepted as a job, that may run later.
    AcceptedAsJob,
}

/// What a person writes into the status field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Nothing.
    Blank,
    /// `Sync Complete`.
    Complete,
    /// `Ignore`.
    Ignore,
    /// Something that we do not know.
    Misspelt,
}

impl Hand {
    const ALL: [Self; 4] = [Self::Blank, Self::Complete, Self::Ignore, Self::Misspelt];

    fn status(self) -> Status {
        match self {
            Self::Blank => Status::Blank,
            Self::Complete => Status::Complete,
            Self::Ignore => Status::Ignore,
            Self::Misspelt => Status::Unrecognised(String::new()),
        }
    }
}

impl Action {
    /// Whether it happens in a calm world too, in which nothing goes wrong any more and nobody interferes.
    pub fn is_calm(self) -> bool {
        !matches!(self, Self::Fault(..) | Self::Crash(_) | Self::Edit | Self::Hand(_))
    }
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::first(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for engine in 0..self.engines {
            self.of_engine(state, engine, actions);
        }
        for (at, request) in state.flight.iter().enumerate() {
            if request.of.is_none() {
                actions.extend([Action::Arrive(at), Action::Vanish(at)]);
            }
        }
        if !state.search_caught_up() {
            actions.push(Action::CatchUp);
        }
        if state.remembered.is_some() && self.key == (Key::Remembered { expires: true }) {
            actions.push(Action::ForgetKey);
        }
        if state.lease.is_some() {
            actions.push(Action::EndLease);
        }
        if state.left.edits > 0 {
            actions.push(Action::Edit);
        }
        if state.left.hands > 0 {
            let other = Hand::ALL.into_iter().filter(|hand| hand.status() != state.source.status);
            actions.extend(other.map(Action::Hand));
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut after = state.clone();
        match action {
            Action::Begin(engine) => self.begin(&mut after, engine),
            Action::Step(engine) => self.step(&mut after, engine),
            Action::Arrive(at) => self.arrive(&mut after, at, None),
            Action::Vanish(at) => {
                after.flight.remove(at);
            }
            Action::Fault(engine, fault) => self.fault(&mut after, engine, fault),
            Action::Crash(engine) => {
                after.left.crashes -= 1;
                if let Some(at) = after.awaited(engine) {
                    after.orphan(at);
                }
                // A lease outlives its holder; that is what its end by the clock is for.
                let lease = after.lease;
                after.end_pass(engine);
                after.lease = lease;
            }
            Action::CatchUp => after.destination.iter_mut().for_each(|held| held.shown = Some(held.content)),
            Action::ForgetKey => after.remembered = None,
            Action::EndLease => after.lease = None,
            Action::Edit => {
                after.left.edits -= 1;
                after.source.version += 1;
            }
            Action::Hand(hand) => {
                after.left.hands -= 1;
                after.source.status = hand.status();
                after.source.by_hand = true;
                after.source.ignored = hand == Hand::Ignore && (self.ignore_at_once || state.is_quiet());
            }
        }
        (after != *state).then_some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promises::ALWAYS.map(|(name, holds)| Property::always(name, holds)).into()
    }
}

impl World {
    fn of_engine(&self, state: &State, engine: u8, actions: &mut Vec<Action>) {
        let Some(pass) = state.pass(engine) else {
            // Where nothing is late, nobody looks before every request was settled.
            let settled = self.late || state.flight.iter().all(|request| request.of.is_some());
            if settled && selected(self, &state.source) && state.free_for(self, engine) {
                actions.push(Action::Begin(engine));
            }
            return;
        };
        if state.left.crashes > 0 {
            actions.push(Action::Crash(engine));
        }
        let faults = state.left.faults > 0;
        let Some(at) = state.awaited(engine) else {
            actions.push(Action::Step(engine));
            if faults && failed_look(&pass.next).is_some() {
                actions.push(Action::Fault(engine, Fault::LookFailed));
            }
            return;
        };
        actions.push(Action::Arrive(at));
        if faults {
            let write = state.flight.get(at).is_some_and(|request| matches!(request.what, What::Write(..)));
            let mut kinds = vec![Fault::Lost, Fault::AnswerLost, Fault::NotSent, Fault::Refused];
            kinds.extend(self.late.then_some(Fault::GaveUp));
            kinds.extend(write.then_some(Fault::ErrorAfterSave));
            kinds.extend((write && self.jobs).then_some(Fault::AcceptedAsJob));
            // What has begun was sent.
            let begun = state.flight.get(at).is_some_and(|request| request.half.is_some());
            kinds.retain(|fault| !(begun && *fault == Fault::NotSent));
            actions.extend(kinds.into_iter().map(|fault| Action::Fault(engine, fault)));
        }
    }

    fn begin(&self, state: &mut State, engine: u8) {
        let standing = standing(self, &state.source);
        let next = next(self, &standing, Evidence::Selected);
        if matches!(next, Next::Stop(..)) {
            return;
        }
        if self.exclusion == Exclusion::Lease {
            state.lease = Some(engine);
        }
        let pass = Pass { standing, version: state.source.version, next: Arc::new(next) };
        if let Some(held) = state.engines.get_mut(usize::from(engine)) {
            *held = Some(pass);
        }
    }

    fn step(&self, state: &mut State, engine: u8) {
        let Some(pass) = state.pass(engine) else { return };
        if let Some(evidence) = look(self, state, pass) {
            return self.learn(state, engine, evidence);
        }
        let what = match &*pass.next {
            Next::Mark(operation) => What::Mark(*operation),
            Next::Write(intent) => What::Write(intent.operation(), pass.version),
            Next::Complete(_) => What::Complete(pass.version),
            Next::Fail(..) => What::Fail,
            _ => return,
        };
        state.send(Request { of: Some(engine), what, half: None });
    }

    fn learn(&self, state: &mut State, engine: u8, evidence: Evidence) {
        let Some(pass) = state.engines.get_mut(usize::from(engine)).and_then(Option::as_mut) else { return };
        let next = next(self, &pass.standing, evidence);
        if matches!(next, Next::Stop(..)) {
            state.end_pass(engine);
        } else {
            pass.next = Arc::new(next);
        }
    }

    /// Carries a request out; its sender hears `said` instead of the truth, if that is given.
    fn arrive(&self, state: &mut State, at: usize, said: Option<Reply>) {
        let request = state.flight.remove(at);
        let reply = match request.what {
            What::Write(operation, version) => match self.write(state, request, operation, version) {
                Some(reply) => reply,
                // The header stands; the lines are under way.
                None => return,
            },
            What::Mark(_) => self.mark(state, Status::InProgress, Transferred::Processing),
            What::Fail => self.mark(state, Status::Error, Transferred::Error),
            What::Complete(version) => {
                state.source.linked = true;
                state.source.synced = version;
                self.mark(state, Status::Complete, Transferred::Yes)
            }
        };
        self.answer(state, request, said.unwrap_or(reply));
    }

    fn mark(&self, state: &mut State, status: Status, transferred: Transferred) -> Reply {
        state.source.status = status;
        state.source.by_hand = false;
        if self.flag {
            state.source.transferred = transferred;
        }
        Reply::Accepted
    }

    /// Writes the destination; gives its answer, once it has one.
    fn write(&self, state: &mut State, request: Request, operation: Operation, version: u8) -> Option<Reply> {
        let reply = match (request.half, operation) {
            (Some(made), _) => {
                if let Some(held) = state.destination.get_mut(made) {
                    held.content.whole = true;
                }
                Reply::Accepted
            }
            (None, Operation::Update) => match state.destination.first_mut() {
                Some(held) => {
                    held.content = Content { version, whole: true };
                    Reply::Accepted
                }
                None => Reply::Refused,
            },
            (None, Operation::Create) => match (self.key, state.remembered) {
                (Key::Remembered { .. }, Some(reply)) => reply,
                (Key::Enforced, _) if !state.destination.is_empty() => Reply::Refused,
                _ => {
                    state.destination.push(Held { content: Content { version, whole: !self.parts }, shown: None });
                    self.remember(state, Reply::Accepted);
                    if self.parts {
                        self.show(state);
                        state.send(Request { half: Some(state.destination.len() - 1), ..request });
                        return None;
                    }
                    Reply::Accepted
                }
            },
        };
        self.show(state);
        Some(reply)
    }

    fn remember(&self, state: &mut State, reply: Reply) {
        if matches!(self.key, Key::Remembered { .. }) && state.remembered.is_none() {
            state.remembered = Some(reply);
        }
    }

    fn show(&self, state: &mut State) {
        if !self.lag {
            state.destination.iter_mut().for_each(|held| held.shown = Some(held.content));
        }
    }

    fn answer(&self, state: &mut State, request: Request, reply: Reply) {
        let Some(engine) = request.of else { return };
        let evidence = match (request.what, state.pass(engine).map(|pass| &*pass.next)) {
            (What::Mark(operation), _) => Evidence::Marked(
                operation,
                match reply {
                    Reply::Accepted => Marked::Confirmed(receipt()),
                    Reply::Refused => Marked::Refused,
                    Reply::Unknown => Marked::Unknown,
                    Reply::NotDone => Marked::NotDone,
                },
            ),
            (What::Write(operation, _), _) => Evidence::Written(operation, reply),
            (What::Complete(_), Some(Next::Complete(outcome))) => Evidence::Completed(*outcome, reply),
            (What::Fail, Some(Next::Fail(_, reason))) => Evidence::Failed(*reason, reply),
            (What::Complete(_) | What::Fail, _) => Evidence::Failed(Reason::CompletionUncertain, reply),
        };
        self.learn(state, engine, evidence);
    }

    fn fault(&self, state: &mut State, engine: u8, fault: Fault) {
        state.left = Bounds { faults: state.left.faults - 1, ..state.left };
        let Some(at) = state.awaited(engine) else {
            if let Some(evidence) = state.pass(engine).and_then(|pass| failed_look(&pass.next)) {
                self.learn(state, engine, evidence);
            }
            return;
        };
        let request = state.flight[at];
        match fault {
            Fault::AnswerLost => self.finish(state, at, Reply::Unknown),
            Fault::ErrorAfterSave => self.finish(state, at, Reply::Refused),
            Fault::GaveUp | Fault::AcceptedAsJob => {
                state.orphan(at);
                let reply = if fault == Fault::GaveUp { Reply::Unknown } else { Reply::Accepted };
                self.answer(state, request, reply);
            }
            Fault::LookFailed | Fault::Lost | Fault::NotSent | Fault::Refused => {
                state.flight.remove(at);
                let reply = match fault {
                    Fault::NotSent => Reply::NotDone,
                    Fault::Refused => Reply::Refused,
                    _ => Reply::Unknown,
                };
                if reply == Reply::Refused && matches!(request.what, What::Write(Operation::Create, _)) {
                    self.remember(state, reply);
                }
                self.answer(state, request, reply);
            }
        }
    }

    /// Carries a request out to its end, all parts of it, and tells its sender something else than the truth.
    fn finish(&self, state: &mut State, at: usize, said: Reply) {
        let engine = state.flight[at].of;
        self.arrive(state, at, Some(said));
        if let Some(at) = engine.and_then(|engine| state.awaited(engine)).filter(|at| state.flight[*at].half.is_some())
        {
            self.arrive(state, at, Some(said));
        }
    }
}
