//! An application that is down is down for everybody. One gate stands before all its requests: it closes when the
//! signs are clear, is announced once, and opens by itself when a harmless read is answered again.
//!
//! | sign | closes | meanwhile |
//! |---|---|---|
//! | a maintenance answer | at the third in a row | a read is tried after 1 s, later up to every 60 s |
//! | no connection | at the fifth in a row | the same |
//! | 401 under a new token | at once | the same |
//! | the credentials are refused | at the second in a row | nothing is sent: NetSuite locks a user at the fifth |
//!
//! "In a row" is without an answer in between, whichever request got it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use model::problem::{Cause, Problem};

use super::repeat::jittered;
use super::{Authority, Entry, Fault, Http, Reply, Request};

const MAINTENANCE_SIGNS: u32 = 3;
const CONNECT_SIGNS: u32 = 5;
const REFUSED_SIGNS: u32 = 2;
/// The first question comes after one to two seconds.
const FIRST_QUESTION: u64 = 2_000;
/// NetSuite forgets bad log-ins after half an hour. Whoever waits for such a pause fails at once; so this is the pause
/// before a later run may try.
const LOCKED_OUT: u64 = 30 * 60_000;
/// How many past pauses are told.
const REMEMBERED: usize = 64;

/// A time in which an application as a whole was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub since: Timestamp,
    /// When it ended; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// What was seen that began it.
    pub problem: Problem,
}

/// What an outcome says of the application as a whole.
#[derive(Debug, Clone)]
pub(super) enum Sign {
    /// It is there.
    Up,
    /// It says that it is closed.
    Maintenance(Problem),
    /// It cannot be reached.
    Unreachable(Problem),
    /// It does not take a token that it has just given.
    Unwelcome(Problem),
    /// It refuses the credentials.
    Refused(Problem),
}

/// What a request that wants in does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It goes in.
    Go,
    /// It waits so many milliseconds and asks again.
    Wait(u64),
    /// It tries the harmless read.
    Ask,
    /// It has waited enough.
    GiveUp(Problem),
}

/// What a sign changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Closed,
    Opened,
}

#[derive(Debug)]
struct Closed {
    pause: Pause,
    questions: u32,
    ask_at: Timestamp,
    give_up_at: Timestamp,
}

/// The gate, pure.
#[derive(Debug, Default)]
pub(super) struct State {
    maintenance: u32,
    unreachable: u32,
    refused: u32,
    closed: Option<Closed>,
    past: Vec<Pause>,
}

impl State {
    /// A sign was seen. `patience` is how many milliseconds requests wait before a closed gate.
    pub(super) fn note(
        &mut self,
        sign: Sign,
        now: Timestamp,
        patience: u64,
        chance: impl FnOnce() -> String,
    ) -> Option<Turn> {
        let (problem, locked_out) = match sign {
            Sign::Up => return self.open(now),
            Sign::Maintenance(problem) => (once_in(&mut self.maintenance, MAINTENANCE_SIGNS, problem)?, false),
            Sign::Unreachable(problem) => (once_in(&mut self.unreachable, CONNECT_SIGNS, problem)?, false),
            Sign::Unwelcome(problem) => (problem, false),
            Sign::Refused(problem) => (once_in(&mut self.refused, REFUSED_SIGNS, problem)?, true),
        };
        let announced = self.closed.is_some();
        if announced && !locked_out {
            return None;
        }
        let first = if locked_out { LOCKED_OUT } else { jittered(FIRST_QUESTION, 1, &chance()) };
        let since = self.closed.take().map_or(now, |closed| closed.pause.since);
        self.closed = Some(Closed {
            pause: Pause { since, until: None, problem },
            questions: 1,
            ask_at: later(now, first),
            give_up_at: if locked_out { now } else { later(since, patience) },
        });
        (!announced).then_some(Turn::Closed)
    }

    fn open(&mut self, now: Timestamp) -> Option<Turn> {
        (self.maintenance, self.unreachable, self.refused) = (0, 0, 0);
        let closed = self.closed.take()?;
        if self.past.len() >= REMEMBERED {
            self.past.remove(0);
        }
        self.past.push(Pause { until: Some(now), ..closed.pause });
        Some(Turn::Opened)
    }

    /// What a request does that wants in now.
    pub(super) fn step(&self, now: Timestamp) -> Step {
        let Some(closed) = &self.closed else { return Step::Go };
        if now >= closed.ask_at {
            return Step::Ask;
        }
        let until = closed.ask_at.min(closed.give_up_at).as_millisecond() - now.as_millisecond();
        match u64::try_from(until) {
            Ok(wait) if wait > 0 => Step::Wait(wait),
            _ => Step::GiveUp(closed.pause.problem.clone()),
        }
    }

    /// The read is being tried; the next time is later, and later each time.
    pub(super) fn asking(&mut self, now: Timestamp, chance: &str) {
        if let Some(closed) = &mut self.closed {
            closed.questions += 1;
            closed.ask_at = later(now, jittered(FIRST_QUESTION, closed.questions, chance));
        }
    }

    /// All pauses, the present one last.
    fn pauses(&self) -> Vec<Pause> {
        self.past.iter().chain(self.closed.as_ref().map(|closed| &closed.pause)).cloned().collect()
    }
}

/// Counts a sign; gives its problem back once there were enough of them.
fn once_in(count: &mut u32, enough: u32, problem: Problem) -> Option<Problem> {
    *count = count.saturating_add(1);
    (*count >= enough).then_some(problem)
}

fn later(time: Timestamp, milliseconds: u64) -> Timestamp {
    let wait = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    time.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// The gate of an application.
#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    /// Held by the one request that waits for the time to ask; the others stand behind it. If it is dropped, the next
    /// one takes its place.
    keeper: tokio::sync::Mutex<()>,
    /// Whether the application has ever been there.
    proven: AtomicBool,
    /// Held by the one request that tries the credentials first.
    pioneer: tokio::sync::Mutex<()>,
}

impl Gate {
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why nothing goes in at present.
    pub(super) fn closed(&self) -> Option<Problem> {
        self.with(|state| state.closed.as_ref().map(|closed| closed.pause.problem.clone()))
    }

    /// All pauses.
    pub(super) fn pauses(&self) -> Vec<Pause> {
        self.with(|state| state.pauses())
    }

    /// Where each call is a log-in, fifteen first calls with a wrong secret are fifteen bad log-ins: one goes first.
    pub(super) async fn pioneer(&self, authority: &dyn Authority) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        if !authority.logs_in_with_each_call() || self.proven.load(Ordering::Acquire) {
            return None;
        }
        let guard = self.pioneer.lock().await;
        (!self.proven.load(Ordering::Acquire)).then_some(guard)
    }
}

impl Http {
    /// Waits until the gate is open. A request in a hurry does not wait, but it may try whether it can be opened.
    pub(super) async fn enter(&self, authority: &dyn Authority, hurried: bool) -> Result<(), Problem> {
        let step = || self.gate.with(|state| state.step(self.clock.now()));
        if step() == Step::Go {
            return Ok(());
        }
        let _keeper = match (self.gate.keeper.try_lock(), hurried) {
            (Ok(keeper), _) => keeper,
            (Err(_), false) => self.gate.keeper.lock().await,
            (Err(_), true) => return self.gate.closed().map_or(Ok(()), Err),
        };
        loop {
            match step() {
                Step::Go => return Ok(()),
                Step::Ask => self.ask(authority).await,
                Step::Wait(_) if hurried => return self.gate.closed().map_or(Ok(()), Err),
                Step::Wait(milliseconds) => self.clock.wait(milliseconds).await,
                Step::GiveUp(problem) => return Err(problem),
            }
        }
    }

    /// Tries the harmless read, once.
    async fn ask(&self, authority: &dyn Authority) {
        let chance = self.entropy.token();
        self.gate.with(|state| state.asking(self.clock.now(), &chance));
        let Some(probe) = &self.probe else { return self.note(Sign::Up) };
        // A log-in that fails has noted its own sign.
        let Ok(header) = authority.sign(self, probe, Entry::Asking).await else { return };
        let outcome = self.send_once(probe, Some(header.clone())).await;
        self.read_signs(authority, probe, &outcome, 1);
        if matches!(&outcome, Ok(reply) if reply.status == 401) {
            authority.refused(&header).await;
        }
    }

    /// What an outcome says of the application; `unauthorized` is how often this request was answered 401 before.
    pub(super) fn read_signs(
        &self,
        authority: &dyn Authority,
        request: &Request,
        outcome: &Result<Reply, Fault>,
        unauthorized: u32,
    ) {
        let told = |reply| self.redacted((self.vendor.classify)(&request.call(), reply));
        match outcome {
            Ok(reply) if reply.status == 401 && authority.logs_in_with_each_call() => {
                self.note(Sign::Refused(told(reply)));
            }
            Ok(reply) if reply.status == 401 && unauthorized == 1 => self.note(Sign::Unwelcome(told(reply))),
            Ok(reply) if reply.status == 401 => {}
            Ok(reply) if reply.is_success() => self.note(Sign::Up),
            _ => self.read_down_signs(request, outcome, true),
        }
    }

    /// The signs of an application that is not there; and, for a call to the application itself, whether it is.
    pub(super) fn read_down_signs(&self, request: &Request, outcome: &Result<Reply, Fault>, itself: bool) {
        match outcome {
            Ok(reply) if !reply.is_success() => {
                let problem = self.redacted((self.vendor.classify)(&request.call(), reply));
                match problem.cause {
                    Cause::Maintenance => self.note(Sign::Maintenance(problem)),
                    _ if itself && reply.status < 500 && !reply.is_page() => self.note(Sign::Up),
                    _ => {}
                }
            }
            Err(Fault::NotSent(problem)) if matches!(problem.cause, Cause::Connectivity | Cause::Firewall) => {
                self.note(Sign::Unreachable(problem.clone()));
            }
            _ => {}
        }
    }

    /// Notes a sign, and says once that the gate closed or opened.
    pub(super) fn note(&self, sign: Sign) {
        if matches!(sign, Sign::Up) {
            self.gate.proven.store(true, Ordering::Release);
        }
        let patience = self.courtesy.patience_seconds.saturating_mul(1000);
        let turn = self.gate.with(|state| state.note(sign, self.clock.now(), patience, || self.entropy.token()));
        let application = self.vendor.name;
        match turn {
            Some(Turn::Closed) => {
                let problem = self.gate.closed().map(|problem| problem.to_string()).unwrap_or_default();
                tracing::warn!(application, problem, "the application is not there: its requests wait");
            }
            Some(Turn::Opened) => tracing::info!(application, "the application is there again"),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Timestamp {
        later(Timestamp::UNIX_EPOCH, milliseconds)
    }

    fn problem(cause: Cause) -> Problem {
        Problem::new("a", "c", cause, "w")
    }

    fn note(state: &mut State, sign: Sign, time: u64) -> Option<Turn> {
        state.note(sign, at(time), 600_000, || "ffff".into())
    }

    #[test]
    fn the_third_maintenance_answer_in_a_row_closes_the_gate() {
        let mut state = State::default();
        let sign = || Sign::Maintenance(problem(Cause::Maintenance));
        for sign in [sign(), sign(), Sign::Up, sign(), sign()] {
            assert_eq!(note(&mut state, sign, 0), None);
            assert_eq!(state.step(at(0)), Step::Go);
        }
        assert_eq!(note(&mut state, sign(), 0), Some(Turn::Closed));
        assert_eq!(note(&mut state, sign(), 0), None);
        assert_eq!(state.step(at(0)), Step::Wait(2_000));
    }

    #[test]
    fn questions_come_later_and_later_until_patience_is_at_its_end() {
        let mut state = State::default();
        for _ in 0..CONNECT_SIGNS {
            note(&mut state, Sign::Unreachable(problem(Cause::Connectivity)), 0);
        }
        let (mut time, mut waits) = (0, Vec::new());
        loop {
            match state.step(at(time)) {
                Step::Wait(wait) => {
                    time += wait;
                    waits.push(wait / 1000);
                }
                Step::Ask => state.asking(at(time), "ffff"),
                Step::GiveUp(problem) => break assert_eq!(problem.cause, Cause::Connectivity),
                Step::Go => panic!(),
            }
        }
        assert_eq!(time, 600_000);
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60, 58]);
        // Whoever comes later asks when it is time, and else fails at once.
        assert!(matches!(state.step(at(601_000)), Step::GiveUp(_)));
        assert_eq!(state.step(at(602_000)), Step::Ask);
        assert_eq!(note(&mut state, Sign::Up, 602_000), Some(Turn::Opened));
        let pause = Pause { since: at(0), until: Some(at(602_000)), problem: problem(Cause::Connectivity) };
        assert_eq!((state.step(at(602_000)), state.pauses()), (Step::Go, vec![pause]));
    }

    #[test]
    fn credentials_that_are_refused_twice_are_not_tried_again_for_half_an_hour() {
        let mut state = State::default();
        let sign = || Sign::Refused(problem(Cause::Authentication));
        assert_eq!(note(&mut state, sign(), 0), None);
        assert_eq!(note(&mut state, sign(), 0), Some(Turn::Closed));
        assert!(matches!(state.step(at(0)), Step::GiveUp(_)));
        assert!(matches!(state.step(at(LOCKED_OUT / 2)), Step::GiveUp(_)));
        assert_eq!(state.step(at(LOCKED_OUT)), Step::Ask);
        state.asking(at(LOCKED_OUT), "ffff");
        assert_eq!(note(&mut state, sign(), LOCKED_OUT), None);
        assert!(matches!(state.step(at(LOCKED_OUT + 60_000)), Step::GiveUp(_)));
    }

    #[test]
    fn a_pause_in_which_the_credentials_are_refused_is_waited_for_no_longer() {
        let mut state = State::default();
        assert_eq!(note(&mut state, Sign::Unwelcome(problem(Cause::Authentication)), 0), Some(Turn::Closed));
        assert!(matches!(state.step(at(0)), Step::Wait(_)));
        for _ in 0..REFUSED_SIGNS {
            note(&mut state, Sign::Refused(problem(Cause::Authentication)), 1_000);
        }
        assert!(matches!(state.step(at(1_000)), Step::GiveUp(_)));
        assert_eq!(state.pauses()[0].since, at(0));
    }
}
