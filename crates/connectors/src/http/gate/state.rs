//! The gate without its clock and its network: what the signs lead to, and what a request does that wants in.

use jiff::{SignedDuration, Timestamp};
use model::problem::{Pause, Problem};

use crate::http::repeat::{is_too_long, jittered};

const MAINTENANCE_SIGNS: u32 = 3;
const CONNECT_SIGNS: u32 = 5;
const REFUSED_SIGNS: u32 = 2;
/// A refusal may concern a few records or one object only; so as many as this lead to a question, not to a pause.
const BARRED_SIGNS: u32 = 5;
/// The first question comes after one to two seconds.
const FIRST_QUESTION: u64 = 2_000;
/// NetSuite forgets bad log-ins after half an hour. Whoever waits for such a pause fails at once; so this is the pause
/// before a later run may try.
const LOCKED_OUT: u64 = 30 * 60_000;
/// How many past pauses are told.
const REMEMBERED: usize = 64;

/// What an outcome says of the application as a whole.
#[derive(Debug, Clone)]
pub(in crate::http) enum Sign {
    /// It answers.
    Up,
    /// It answers the harmless read.
    Back,
    /// It says that it is closed.
    Maintenance(Problem),
    /// It cannot be reached.
    Unreachable(Problem),
    /// It does not take a token that it has just given.
    Unwelcome(Problem),
    /// It refuses the credentials.
    Refused(Problem),
    /// It says by its own code that it is closed to everybody, or that it wants to be left alone.
    Shut(Problem),
    /// It refuses a call as one refuses a stranger: no permission, no such address, a proxy that forbids the way.
    Barred(Problem),
}

/// What a request that wants in does.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http) enum Step {
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
pub(in crate::http) enum Turn {
    Closed,
    Opened,
}

#[derive(Debug)]
struct Closed {
    pause: Pause,
    questions: u32,
    ask_at: Timestamp,
    give_up_at: Timestamp,
    /// When it was last looked at.
    seen: Timestamp,
    kind: Kind,
}

/// Why the gate is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The application is not there.
    Away,
    /// It may refuse every call: the harmless read is to tell. Nobody was told yet.
    Suspected,
    /// It refuses every call.
    Barred,
}

/// The gate, pure.
#[derive(Debug, Default)]
pub(in crate::http) struct State {
    maintenance: u32,
    unreachable: u32,
    refused: u32,
    barred: u32,
    /// How often the harmless read was answered when it was suspected that it would not be.
    disproved: u32,
    /// The refusal that is counted: the same words each time.
    refusal: Option<Problem>,
    closed: Option<Closed>,
    past: Vec<Pause>,
}

impl State {
    /// A sign was seen. `patience` is how many milliseconds requests wait before a closed gate.
    pub(in crate::http) fn note(
        &mut self,
        sign: Sign,
        now: Timestamp,
        patience: u64,
        chance: impl FnOnce() -> String,
    ) -> Option<Turn> {
        // For how many milliseconds nothing is tried, and nobody waits.
        let (problem, locked) = match sign {
            Sign::Back => return self.open(now),
            // While the gate is closed this is the late answer to a request from before: it says nothing of now.
            Sign::Up if self.closed.is_some() => return None,
            Sign::Up => return self.open(now),
            Sign::Maintenance(problem) => (once_in(&mut self.maintenance, MAINTENANCE_SIGNS, problem)?, None),
            Sign::Unreachable(problem) => (once_in(&mut self.unreachable, CONNECT_SIGNS, problem)?, None),
            Sign::Unwelcome(problem) => (problem, None),
            Sign::Refused(problem) => (once_in(&mut self.refused, REFUSED_SIGNS, problem)?, Some(LOCKED_OUT)),
            Sign::Shut(problem) => {
                let seconds = problem.stay_away.filter(|_| is_too_long(problem.stay_away));
                (problem, seconds.map(|seconds| seconds.saturating_mul(1_000)))
            }
            Sign::Barred(problem) => {
                self.suspect(problem, now, patience);
                return None;
            }
        };
        let announced = self.closed.as_ref().is_some_and(|closed| closed.kind != Kind::Suspected);
        if announced && locked.is_none() {
            return None;
        }
        let first = locked.unwrap_or_else(|| jittered(FIRST_QUESTION, 1, &chance()));
        let since = self.closed.take().map_or(now, |closed| closed.pause.since);
        self.closed = Some(Closed {
            pause: Pause { since, until: None, problem },
            questions: 1,
            ask_at: later(now, first),
            give_up_at: if locked.is_some() { now } else { later(since, patience) },
            seen: now,
            kind: Kind::Away,
        });
        (!announced).then_some(Turn::Closed)
    }

    /// A refusal is counted while the gate is open. The same one again and again, with no other answer in between,
    /// closes it for a question; the more often that was for nothing, the later it is asked again.
    fn suspect(&mut self, problem: Problem, now: Timestamp, patience: u64) {
        if self.closed.is_some() {
            return;
        }
        (self.maintenance, self.unreachable, self.refused) = (0, 0, 0);
        let same = |held: &Problem| held.cause == problem.cause && held.words == problem.words;
        self.barred = if self.refusal.as_ref().is_some_and(same) { self.barred + 1 } else { 1 };
        self.refusal = Some(problem.clone());
        if self.barred >= BARRED_SIGNS.saturating_mul(1 << self.disproved.min(16)) {
            let pause = Pause { since: now, until: None, problem };
            let give_up_at = later(now, patience);
            self.closed =
                Some(Closed { pause, questions: 0, ask_at: now, give_up_at, seen: now, kind: Kind::Suspected });
        }
    }

    /// The harmless read was tried. If that did not open the gate, what was suspected is so.
    pub(in crate::http) fn asked(&mut self) -> Option<Turn> {
        let closed = self.closed.as_mut().filter(|closed| closed.kind == Kind::Suspected)?;
        closed.kind = Kind::Barred;
        Some(Turn::Closed)
    }

    fn open(&mut self, now: Timestamp) -> Option<Turn> {
        (self.maintenance, self.unreachable, self.refused, self.barred) = (0, 0, 0, 0);
        let closed = self.closed.take()?;
        if closed.kind == Kind::Suspected {
            self.disproved += 1;
            return None;
        }
        if self.past.len() >= REMEMBERED {
            self.past.remove(0);
        }
        self.past.push(Pause { until: Some(now.max(closed.pause.since)), ..closed.pause });
        Some(Turn::Opened)
    }

    /// The machine's clock may be set back: what was to come in a minute comes in a minute still.
    fn follow(&mut self, now: Timestamp) {
        let Some(closed) = &mut self.closed else { return };
        let back = closed.seen.duration_since(now).max(SignedDuration::ZERO);
        closed.ask_at -= back;
        closed.give_up_at -= back;
        closed.seen = now;
    }

    /// What a request does that wants in now.
    pub(in crate::http) fn step(&mut self, now: Timestamp) -> Step {
        self.follow(now);
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
    pub(in crate::http) fn asking(&mut self, now: Timestamp, chance: &str) {
        self.follow(now);
        if let Some(closed) = &mut self.closed {
            closed.questions += 1;
            closed.ask_at = later(now, jittered(FIRST_QUESTION, closed.questions, chance));
        }
    }

    /// Why nothing goes in at present.
    pub(in crate::http) fn why_closed(&self) -> Option<Problem> {
        self.closed.as_ref().map(|closed| closed.pause.problem.clone())
    }

    /// All pauses, the present one last.
    pub(in crate::http) fn pauses(&self) -> Vec<Pause> {
        let told = self.closed.as_ref().filter(|closed| closed.kind != Kind::Suspected);
        self.past.iter().chain(told.map(|closed| &closed.pause)).cloned().collect()
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

#[cfg(test)]
mod tests {
    use model::problem::Cause;

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
        assert_eq!(note(&mut state, Sign::Up, 602_000), None, "the late answer to an earlier request");
        assert_eq!(note(&mut state, Sign::Back, 602_000), Some(Turn::Opened));
        let pause = Pause { since: at(0), until: Some(at(602_000)), problem: problem(Cause::Connectivity) };
        assert_eq!((state.step(at(602_000)), state.pauses()), (Step::Go, vec![pause]));
    }

    #[test]
    fn a_clock_that_is_set_back_by_hours_prolongs_no_pause() {
        let mut state = State::default();
        for _ in 0..CONNECT_SIGNS {
            note(&mut state, Sign::Unreachable(problem(Cause::Connectivity)), 36_000_000);
        }
        assert_eq!(state.step(at(36_000_000)), Step::Wait(2_000));
        assert_eq!(state.step(at(0)), Step::Wait(2_000));
        assert_eq!(state.step(at(2_000)), Step::Ask);
        state.asking(at(2_000), "ffff");
        assert!(matches!(state.step(at(600_000)), Step::Ask | Step::GiveUp(_)));
        note(&mut state, Sign::Back, 600_000);
        assert_eq!(state.pauses()[0].until, Some(at(36_000_000)), "no pause ends before it began");
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
    fn the_same_refusal_again_and_again_pauses_only_when_the_harmless_read_is_refused_too() {
        let mut state = State::default();
        let barred = |state: &mut State, times: u32| {
            for _ in 0..times {
                assert_eq!(note(state, Sign::Barred(problem(Cause::Permission)), 0), None);
            }
        };
        barred(&mut state, BARRED_SIGNS - 1);
        note(&mut state, Sign::Up, 0);
        barred(&mut state, BARRED_SIGNS - 1);
        assert_eq!(state.step(at(0)), Step::Go);
        barred(&mut state, 1);
        assert_eq!((state.step(at(0)), state.pauses()), (Step::Ask, vec![]));
        // It concerned one object only: nobody hears of it, and the next question comes later.
        assert_eq!((note(&mut state, Sign::Back, 0), state.asked(), state.pauses()), (None, None, vec![]));
        barred(&mut state, BARRED_SIGNS * 2 - 1);
        assert_eq!(state.step(at(0)), Step::Go);
        barred(&mut state, 1);
        state.asking(at(0), "ffff");
        barred(&mut state, 1);
        assert_eq!((state.asked(), state.asked(), state.pauses().len()), (Some(Turn::Closed), None, 1));
        assert_eq!(state.step(at(0)), Step::Wait(2_000));
        assert_eq!(note(&mut state, Sign::Back, 2_000), Some(Turn::Opened));
    }

    #[test]
    fn refusals_in_other_words_are_not_the_same() {
        let mut state = State::default();
        for number in 0..BARRED_SIGNS * 2 {
            let refusal = Problem::new("a", "c", Cause::Configuration, format!("no such field {number}"));
            note(&mut state, Sign::Barred(refusal), 0);
        }
        assert_eq!(state.step(at(0)), Step::Go);
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
