//! Tells what happened, for a person to read.

use model::protocol::{Evidence, Next, Reread, Sight};
use model::status::Operation;
use stateright::Model;

use crate::checker::act::{Action, Fault, Hand};
use crate::checker::pass::look;
use crate::checker::state::{Pass, Request, State, What};
use crate::checker::world::{Key, World};

/// A way from the first moment on, a line for each step. That a request is sent is told only where something happens
/// before it arrives.
pub fn told(world: &World, actions: &[Action]) -> Vec<String> {
    let mut state = State::first(world);
    let mut way = Vec::new();
    for (at, action) in actions.iter().enumerate() {
        let Some(after) = world.next_state(&state, *action) else { break };
        if !(matches!(action, Action::Step(_)) && settles(&after, *action, actions.get(at + 1))) {
            way.push(Step { world, before: &state, after: &after }.told(*action));
        }
        state = after;
    }
    way
}

/// Whether the next thing that happens settles the request that a step just sent.
fn settles(after: &State, step: Action, next: Option<&Action>) -> bool {
    let Action::Step(engine) = step else { return false };
    match (after.awaited(engine), next) {
        (Some(at), Some(Action::Arrive(arrives))) => at == *arrives,
        (Some(_), Some(Action::Fault(failed, _))) => *failed == engine,
        _ => false,
    }
}

/// One step: the world before it and after it.
struct Step<'a> {
    world: &'a World,
    before: &'a State,
    after: &'a State,
}

impl Step<'_> {
    fn told(&self, action: Action) -> String {
        match action {
            Action::Begin(engine) => format!("{}read, status {}", self.who(engine), self.before.source.status.kind()),
            Action::Step(engine) => {
                let words = self.before.pass(engine).map_or_else(String::new, |pass| self.step(pass));
                format!("{}{words}{}", self.who(engine), self.over(engine))
            }
            Action::Arrive(at) => self.request(at).map_or_else(String::new, |request| self.arrived(request)),
            Action::Vanish(at) => {
                let named = self.request(at).map_or_else(String::new, |request| self.named(request));
                format!("late: {named} never arrives")
            }
            Action::Fault(engine, fault) => {
                let request = self.before.awaited(engine).and_then(|at| self.request(at));
                let what = request.map_or_else(|| "the look".into(), |request| self.named(request));
                format!("{}{what} {}{}", self.who(engine), failed(fault), self.over(engine))
            }
            Action::Crash(engine) => format!("{}CRASH", self.who(engine)),
            Action::CatchUp => "the search catches up".into(),
            Action::ForgetKey => "the destination forgets the key".into(),
            Action::EndLease => "the lease ends".into(),
            Action::Edit => format!("the source is EDITED: version {}", self.after.source.version),
            Action::Hand(hand) => format!("a person {}", by_hand(hand)),
        }
    }

    fn who(&self, engine: u8) -> String {
        if self.world.engines > 1 { format!("engine {}: ", engine + 1) } else { String::new() }
    }

    fn over(&self, engine: u8) -> &'static str {
        let over = self.before.pass(engine).is_some() && self.after.pass(engine).is_none();
        if over { ", to be taken up again" } else { "" }
    }

    fn request(&self, at: usize) -> Option<Request> {
        self.before.flight.get(at).copied()
    }

    fn step(&self, pass: &Pass) -> String {
        let Some(evidence) = look(self.world, self.before, pass) else {
            let what = match &*pass.next {
                Next::Mark(operation) => What::Mark(*operation),
                Next::Write(intent) => What::Write(intent.operation(), pass.version),
                Next::Complete(_) => What::Complete(pass.version),
                _ => What::Fail,
            };
            return format!("send {}", self.named(Request { of: None, what, half: None }));
        };
        let address = if self.world.key == Key::Enforced { "ask at its address" } else { "search again" };
        match evidence {
            Evidence::Searched(sight) => format!("search: {}", seen(sight)),
            Evidence::AskedRecord(sight) => format!("{address}: {}", seen(sight)),
            Evidence::ReadBack(_, _, sight) => format!("read back: {}", seen(sight)),
            Evidence::ReadAtRecord(_, _, sight) => format!("{address}: {}", seen(sight)),
            Evidence::RereadMark(_, Reread::Stands(_)) => "read the mark again: it stands".into(),
            _ => "read the mark again: not there".into(),
        }
    }

    fn arrived(&self, request: Request) -> String {
        let owner = request.of.map_or_else(|| "late: ".into(), |engine| self.who(engine));
        let changed = self.before.destination != self.after.destination;
        let effect = match request.what {
            What::Write(..) if request.half.is_some() => ": its lines land",
            What::Write(..) if !changed => " makes nothing: the key is known",
            What::Write(Operation::Create, _) if self.world.parts => ": its header lands",
            _ => " lands",
        };
        format!("{owner}{}{effect}", self.named(request))
    }

    fn named(&self, request: Request) -> String {
        match request.what {
            What::Mark(operation) => format!("mark `{operation} ...`"),
            What::Write(operation, version) => {
                let verb = match operation {
                    Operation::Create => "create",
                    Operation::Update => "update",
                };
                let edited = self.world.bounds.edits > 0;
                if edited { format!("{verb} of version {version}") } else { verb.to_owned() }
            }
            What::Complete(_) => "`Sync Complete`".into(),
            What::Fail => "`Error ...`".into(),
        }
    }
}

fn seen(sight: Sight) -> &'static str {
    match sight {
        Sight::Missing => "nothing",
        Sight::Equal => "there and equal",
        Sight::Different => "there but different",
        Sight::Several => "more than one",
        Sight::Unavailable => "not to be believed yet",
    }
}

fn failed(fault: Fault) -> &'static str {
    match fault {
        Fault::LookFailed => "FAILS",
        Fault::Lost => "is LOST",
        Fault::AnswerLost => "lands, its answer is LOST",
        Fault::GaveUp => "TIMES OUT while under way",
        Fault::NotSent => "CANNOT BE SENT",
        Fault::Refused => "is REFUSED",
        Fault::ErrorAfterSave => "lands, an ERROR is answered",
        Fault::AcceptedAsJob => "is ACCEPTED as a job, and is still to run",
    }
}

fn by_hand(hand: Hand) -> &'static str {
    match hand {
        Hand::Blank => "BLANKS the status",
        Hand::Complete => "SETS `Sync Complete`",
        Hand::Ignore => "SETS `Ignore`",
        Hand::Misspelt => "MISSPELLS the status",
    }
}
