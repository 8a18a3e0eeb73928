//! An application that is down is down for everybody. One gate stands before all its requests: it closes when the
//! signs are clear, is announced once, and opens by itself when a harmless read is answered again.
//!
//! | sign | closes | meanwhile |
//! |---|---|---|
//! | a maintenance answer | at the third in a row | a read is tried after 1 s, later up to every 60 s |
//! | no connection | at the fifth in a row | the same |
//! | 401 under a new token | at once | the same |
//! | the credentials are refused | at the second in a row | nothing is sent: NetSuite locks a user at the fifth |
//! | a log-in fails for other reasons, with all its repetitions | at once | the same |
//! | it says by its own code that it is closed to everybody, or wants to be left alone for long | at once | a read is tried, or a write that changes nothing where only writes are refused; after a long time, where it named one |
//! | no permission, no such address, a proxy's refusal | at the fifth in a row in the same words, if the harmless read is refused too | a read is tried |
//!
//! "In a row" is without an answer in between, whichever request got it. The last sign asks first, because a refusal
//! may concern a few records or one object: the others must not wait for somebody to mend those.

mod state;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use model::problem::{Cause, Pause, Problem};

pub(super) use state::Sign;
use state::{State, Step, Turn};

use super::{Authority, Entry, Fault, Http, Reply, Request};

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
        self.with(|state| state.why_closed())
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
            (Err(_), true) => return self.gate.closed().map_or(Ok(()), |problem| Err(problem.for_all())),
        };
        loop {
            match step() {
                Step::Go => return Ok(()),
                Step::Ask => self.ask(authority).await,
                Step::Wait(_) if hurried => return self.gate.closed().map_or(Ok(()), |problem| Err(problem.for_all())),
                Step::Wait(milliseconds) => self.clock.wait(milliseconds).await,
                Step::GiveUp(problem) => return Err(problem.for_all()),
            }
        }
    }

    /// Tries the harmless read, once.
    async fn ask(&self, authority: &dyn Authority) {
        self.probe(authority).await;
        self.tell(self.gate.with(State::asked));
    }

    async fn probe(&self, authority: &dyn Authority) {
        let chance = self.entropy.token();
        self.gate.with(|state| state.asking(self.clock.now(), &chance));
        let reads_only =
            self.gate.closed().is_some_and(|problem| problem.cause == Cause::Maintenance && problem.for_all);
        let write_probe = self.write_probe.as_ref().filter(|_| reads_only);
        let Some(probe) = write_probe.or(self.probe.as_ref()) else { return self.note(Sign::Back) };
        // A log-in that fails has noted its own sign.
        let Ok(header) = authority.sign(self, probe, Entry::Asking).await else { return };
        let outcome = self.send_once(probe, Some((authority.header(), header.clone()))).await;
        self.read_signs(authority, probe, &outcome, 1, Entry::Asking);
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
        entry: Entry,
    ) {
        let told = |reply| self.told(request, reply);
        match outcome {
            Ok(reply) if reply.status == 401 && authority.logs_in_with_each_call() => {
                self.note(Sign::Refused(told(reply)));
            }
            Ok(reply) if reply.status == 401 && unauthorized == 1 => self.note(Sign::Unwelcome(told(reply))),
            Ok(reply) if reply.status == 401 => {}
            Ok(reply) if reply.is_success() => self.note(answered(entry)),
            _ => self.read_down_signs(request, outcome, Some(entry)),
        }
    }

    /// The signs of an application that is not there; and, for a call to the application itself and not a log-in,
    /// whether it is.
    pub(super) fn read_down_signs(&self, request: &Request, outcome: &Result<Reply, Fault>, entry: Option<Entry>) {
        match outcome {
            Ok(reply) if !reply.is_success() => {
                let problem = self.told(request, reply);
                match (problem.cause, entry.filter(|_| reply.status < 500)) {
                    _ if problem.for_all => self.note(Sign::Shut(problem)),
                    (Cause::Maintenance, _) => self.note(Sign::Maintenance(problem)),
                    (Cause::Permission | Cause::Configuration | Cause::Firewall, Some(_)) => {
                        self.note(Sign::Barred(problem));
                    }
                    (_, Some(entry)) if !reply.is_page() => self.note(answered(entry)),
                    _ => {}
                }
            }
            Err(Fault::NotSent(problem)) if matches!(problem.cause, Cause::Connectivity | Cause::Firewall) => {
                self.note(Sign::Unreachable(problem.clone()));
            }
            _ => {}
        }
    }

    /// Closes the gate for a reason of our own; what the application itself has said stands.
    pub(crate) fn shut(&self, problem: &Problem) {
        if self.gate.closed().is_none() {
            self.note(Sign::Shut(problem.clone()));
        }
    }

    /// Notes a sign, and says once that the gate closed or opened.
    pub(super) fn note(&self, sign: Sign) {
        if matches!(sign, Sign::Up | Sign::Back) {
            self.gate.proven.store(true, Ordering::Release);
        }
        let patience = self.courtesy.patience_seconds.saturating_mul(1000);
        self.tell(self.gate.with(|state| state.note(sign, self.clock.now(), patience, || self.entropy.token())));
    }

    fn tell(&self, turn: Option<Turn>) {
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

/// The sign of an answer.
fn answered(entry: Entry) -> Sign {
    match entry {
        Entry::Open => Sign::Up,
        Entry::Asking => Sign::Back,
    }
}
