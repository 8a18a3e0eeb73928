//! Faults on demand: rules that say which calls go wrong, and how.
//!
//! A rule is a JSON object, and every key but `kind` may be left out:
//!
//! | key | what it says |
//! |---|---|
//! | `kind` | what goes wrong (see [`Kind`]); `status` chooses among the forms of a page or of an error after a save |
//! | `method`, `path` | which calls match; `*` and `{x}` stand for one segment of a path, `**` for the rest |
//! | `nth`, `every`, or `percent` with `seed` | which of the matching calls are struck; all, if nothing is said |
//! | `times` | how many are struck at most |
//! | `from`, `until` | when the rule is in force: milliseconds since the rules were set, by the emulator's clock |
//! | `ms` | how long it takes (see [`Rule::milliseconds`]) |

mod kinds;
mod list;
mod parse;
mod strike;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::clock::{Clock, lock};
use crate::server::Failure;

pub use parse::parse;
pub(crate) use strike::answer;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The connection is closed with no byte of an answer; nothing is executed.
    Refuse,
    /// The call is swallowed as by a firewall that drops packets: nothing is executed, no byte comes, and the
    /// connection stays open until the caller gives up or the rule's milliseconds have passed.
    Silent,
    /// The call is executed at once and answered late.
    Slow,
    /// The call is executed late, even if its caller has gone away meanwhile.
    Late,
    /// The call is executed and committed; then the connection is closed without an answer.
    DropAnswer,
    /// The call is executed and committed; then the connection is reset in the midst of the answer's body.
    Reset,
    /// What the call writes is hidden from searches until the rule's milliseconds have passed.
    Lag,
    /// The token of the call is made invalid first, so that this call and later ones are turned away.
    ExpireToken,
    /// The vendor's own words for an overload, an outage or a closed door; nothing is executed.
    Fail(Failure),
    /// One row of a batch, or the record of a single write, is refused as invalid.
    RowError,
    /// The write is answered as a success, and nothing of it is kept: of a batch, nothing of its first good row.
    AcceptedThenFailed,
    /// The write is committed and answered as a failure.
    ErrorAfterSave(Complaint),
}

/// How a vendor words the failure of a write that was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// As a record that was refused.
    Refusal,
    /// As a 500.
    Internal,
}

/// Which of the matching calls go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All of them.
    Always,
    /// Only the n-th, counted from 1.
    Nth(u64),
    /// Every k-th.
    Every(u64),
    /// So many in a million, by a generator with this seed.
    PerMillion {
        /// Matching calls in a million that go wrong.
        chance: u32,
        /// The seed of the generator.
        seed: u64,
    },
}

/// A rule: which calls go wrong, when and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The HTTP method in capitals; `None`: all methods.
    pub method: Option<String>,
    /// The path or its template; `None`: all paths. `{x}` and `*` stand for one segment, a trailing `**` for the rest.
    pub path: Option<String>,
    /// What goes wrong.
    pub kind: Kind,
    /// Which of the matching calls go wrong.
    pub when: When,
    /// How many milliseconds [`Kind::Slow`], [`Kind::Late`], [`Kind::Lag`] and [`Kind::Silent`] take (0: a silence
    /// without end); of an overload, after how many the caller may try again (0: what the vendor says).
    pub milliseconds: u64,
    /// Milliseconds, by the emulator's clock, from the setting of the rules to the time when this one comes into force.
    pub from: u64,
    /// Milliseconds from the setting of the rules to the time when this one is no longer in force; `None`: never.
    pub until: Option<u64>,
    /// How often the rule strikes at most.
    pub times: Option<u64>,
}

/// What a fault asks of the handler of a call; it stands in the request's extensions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Refuse one row of a batch, or the record of a single write, and commit nothing for it.
    pub row_error: bool,
    /// Answer a write as a success and keep nothing of it.
    pub forget: bool,
    /// Hide what is written from searches for so many milliseconds.
    pub lag: Option<u64>,
    /// Answer so when a write has been committed.
    pub complaint: Option<Complaint>,
}

/// What the rules say about one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Close the connection at once.
    pub refuse: bool,
    /// Say nothing for so many milliseconds (0: for ever), then close the connection.
    pub silence: Option<u64>,
    /// Make the token of the call invalid.
    pub expire_token: bool,
    /// Answer with this and do nothing.
    pub failure: Option<Failure>,
    /// Put this into `Retry-After` in place of the vendor's own number, in seconds.
    pub retry_after: Option<u64>,
    /// What the handler of the call is to do.
    pub mark: Mark,
    /// Wait so many milliseconds before executing.
    pub late: u64,
    /// Wait so many milliseconds before answering.
    pub slow: u64,
    /// Close the connection instead of answering.
    pub drop_answer: bool,
    /// Reset the connection in the midst of the answer.
    pub reset: bool,
}

/// The rules that are set.
pub struct Faults {
    clock: Arc<dyn Clock>,
    rules: Mutex<Rules>,
}

#[derive(Debug)]
struct Rules {
    set_at: Timestamp,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    rule: Rule,
    seen: u64,
    struck: u64,
    dice: ChaCha8Rng,
}

impl Faults {
    /// No rules. The clock tells when a rule is in force.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let rules = Mutex::new(Rules { set_at: clock.now(), armed: Vec::new() });
        Self { clock, rules }
    }

    /// Replaces all rules; the counts, the dice and the schedules of the new ones start afresh.
    pub fn set(&self, rules: Vec<Rule>) {
        let armed = rules.into_iter().map(Armed::new).collect();
        *lock(&self.rules) = Rules { set_at: self.clock.now(), armed };
    }

    /// What is to happen to a call. Every rule that is in force counts the calls that match it, whatever the others
    /// say of them.
    pub fn judge(&self, method: &str, path: &str, template: &str) -> Verdict {
        let mut verdict = Verdict::default();
        let mut rules = lock(&self.rules);
        let age = rules.age(self.clock.now());
        for armed in &mut rules.armed {
            if armed.rule.is_in_force(age) && armed.strikes(method, path, template) {
                verdict.add(&armed.rule);
            }
        }
        verdict
    }
}

impl Rules {
    /// The milliseconds since the rules were set.
    fn age(&self, now: Timestamp) -> u64 {
        u64::try_from(now.duration_since(self.set_at).as_millis()).unwrap_or(0)
    }
}

impl Rule {
    fn is_in_force(&self, age: u64) -> bool {
        self.from <= age && self.until.is_none_or(|until| age < until)
    }
}

impl Verdict {
    fn add(&mut self, rule: &Rule) {
        let milliseconds = rule.milliseconds;
        match rule.kind {
            Kind::Refuse => self.refuse = true,
            Kind::Silent => self.silence = self.silence.or(Some(milliseconds)),
            Kind::Slow => self.slow = self.slow.saturating_add(milliseconds),
            Kind::Late => self.late = self.late.saturating_add(milliseconds),
            Kind::DropAnswer => self.drop_answer = true,
            Kind::Reset => self.reset = true,
            Kind::Lag => self.mark.lag = self.mark.lag.max(Some(milliseconds)),
            Kind::ExpireToken => self.expire_token = true,
            Kind::Fail(failure) if self.failure.is_none() => {
                self.failure = Some(failure);
                let seconds = || milliseconds.div_ceil(1000);
                self.retry_after = (milliseconds > 0 && failure.passes()).then(seconds);
            }
            Kind::Fail(_) => {}
            Kind::RowError => self.mark.row_error = true,
            Kind::AcceptedThenFailed => self.mark.forget = true,
            Kind::ErrorAfterSave(complaint) => self.mark.complaint = self.mark.complaint.or(Some(complaint)),
        }
    }
}

impl Armed {
    fn new(rule: Rule) -> Self {
        let seed = match rule.when {
            When::PerMillion { seed, .. } => seed,
            When::Always | When::Nth(_) | When::Every(_) => 0,
        };
        Self { rule, seen: 0, struck: 0, dice: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn strikes(&mut self, method: &str, path: &str, template: &str) -> bool {
        if self.rule.method.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(method)) {
            return false;
        }
        if self.rule.path.as_ref().is_some_and(|pattern| !matches(pattern, path) && pattern != template) {
            return false;
        }
        self.seen += 1;
        let chosen = match self.rule.when {
            When::Always => true,
            When::Nth(n) => self.seen == n,
            When::Every(k) => self.seen.is_multiple_of(k),
            When::PerMillion { chance, .. } => (u64::from(self.dice.next_u32()) * 1_000_000) >> 32 < u64::from(chance),
        };
        let strikes = chosen && self.rule.times.is_none_or(|times| self.struck < times);
        self.struck += u64::from(strikes);
        strikes
    }
}

/// Whether a path matches a pattern, segment by segment.
fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.trim_matches('/').split('/');
    for wanted in pattern.trim_matches('/').split('/') {
        if wanted == "**" {
            return true;
        }
        let Some(segment) = segments.next() else { return false };
        let any = wanted == "*" || wanted.starts_with(':') || (wanted.starts_with('{') && wanted.ends_with('}'));
        if !any && wanted != segment {
            return false;
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests;
