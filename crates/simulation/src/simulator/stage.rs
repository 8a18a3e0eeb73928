//! The stage: one clock, one agenda and one stream of chance, on one thread. Whatever happens is on the agenda; a call is
//! two waits with the request's arrival between them, and a request arrives even if its sender is dead by then.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use connectors::Reply;
use jiff::{SignedDuration, Timestamp};
use model::ports::Clock;
use model::value::SmolStr;

use super::books::{Books, Landed, Write};
use super::circumstances::Circumstances;
use super::dice::Dice;

/// Something that happens at its time.
#[derive(Debug)]
pub(crate) enum Event {
    /// A call's wait is over.
    Wake,
    /// A request arrives at an application in memory.
    Land(Write),
    /// A request arrives at an emulator.
    Arrive(Parcel),
    /// The search catches up with a record.
    Index(u64),
    /// An engine begins a run.
    Start(usize),
    /// An engine is killed.
    Kill(usize),
    /// A person edits a status.
    Hand,
    /// A master record is edited at the source.
    Edit,
}

/// A request on its way to an emulator; opened, it gives the answer.
pub(crate) struct Parcel(pub Box<dyn FnOnce() -> Option<Reply> + Send>);

impl std::fmt::Debug for Parcel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Parcel")
    }
}

/// What is seen and counted on the way.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// What happened, line by line, if somebody wants to read it.
    pub trace: Option<Vec<String>>,
    /// Kills that met a running engine.
    pub crashes: u64,
    /// Faults, lagging searches and edits not counted.
    pub faults: u64,
    /// Destination writes without a mark before them.
    pub unmarked: u64,
}

/// The state of the simulated world.
#[derive(Debug)]
pub(crate) struct State {
    /// Milliseconds since the beginning.
    pub now: u64,
    number: u64,
    agenda: BTreeMap<(u64, u64), Event>,
    waits: BTreeMap<u64, Option<Waker>>,
    landed: BTreeMap<u64, Landed>,
    answers: BTreeMap<u64, Reply>,
    /// Chance.
    pub dice: Dice,
    /// The circumstances.
    pub circumstances: Circumstances,
    /// What both sides hold.
    pub books: Books,
    /// Selections that are being paged through.
    pub selections: Vec<Vec<SmolStr>>,
    /// No more faults.
    pub calm: bool,
    /// What was seen.
    pub seen: Seen,
}

impl State {
    /// Puts an event on the agenda. Gives its number.
    pub(crate) fn after(&mut self, milliseconds: u64, event: Event) -> u64 {
        self.number += 1;
        self.agenda.insert((self.now + milliseconds, self.number), event);
        self.number
    }

    /// The next event and its number; the clock moves to its time.
    pub(crate) fn next(&mut self) -> Option<(u64, Event)> {
        let ((at, number), event) = self.agenda.pop_first()?;
        self.now = at;
        Some((number, event))
    }

    /// Writes a line of the trace, if one is kept.
    pub(crate) fn say(&mut self, line: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(trace) = &mut self.seen.trace {
            trace.push(format!("{now:>6} {}", line()));
        }
    }

    /// How long a message is on its way.
    pub(crate) fn latency(&mut self) -> u64 {
        if self.calm { 1 } else { self.dice.between(1, LATENCY_MAX) }
    }

    /// A request arrives.
    pub(crate) fn land(&mut self, call: u64, write: Write) {
        self.say(|| told(&write));
        let (landed, changed) = self.books.land(write);
        if let Landed::Refused(words) = landed {
            self.say(|| format!("       refused: {words}"));
        }
        self.landed.insert(call, landed);
        if let Some(number) = changed {
            let lag = if self.calm { 0 } else { self.dice.between(0, self.circumstances.lag) };
            if lag == 0 {
                self.books.index(number);
            } else {
                self.after(lag, Event::Index(number));
            }
        }
    }

    /// An emulator answered a request.
    pub(crate) fn answered(&mut self, call: u64, answer: Option<Reply>) {
        self.answers.extend(answer.map(|answer| (call, answer)));
    }

    /// A call's wait is over.
    pub(crate) fn wake(&mut self, wait: u64) {
        if let Some(Some(waker)) = self.waits.remove(&wait) {
            waker.wake();
        }
    }
}

/// The longest that a message is on its way, in milliseconds.
pub(crate) const LATENCY_MAX: u64 = 40;

fn told(write: &Write) -> String {
    match write {
        Write::Marks(object, marks) => {
            let each: Vec<String> = marks.iter().map(|mark| format!("{} '{}'", mark.source_id, mark.status)).collect();
            format!("source: {object} {}", each.join(", "))
        }
        Write::Create { object, key, maimed, .. } => {
            format!("destination: create {object} {key}{}", if *maimed { ", without its last line" } else { "" })
        }
        Write::Update { id, source_id, .. } => format!("destination: update {id} for {source_id}"),
    }
}

/// A handle on the state.
#[derive(Debug, Clone)]
pub(crate) struct Stage(Arc<Mutex<State>>);

impl Stage {
    /// A world at its beginning.
    pub(crate) fn new(dice: Dice, circumstances: Circumstances, books: Books, trace: bool) -> Self {
        let seen = Seen { trace: trace.then(Vec::new), ..Seen::default() };
        Self(Arc::new(Mutex::new(State {
            now: 0,
            number: 0,
            agenda: BTreeMap::new(),
            waits: BTreeMap::new(),
            landed: BTreeMap::new(),
            answers: BTreeMap::new(),
            dice,
            circumstances,
            books,
            selections: Vec::new(),
            calm: false,
            seen,
        })))
    }

    /// The clock, as an emulator takes it.
    pub(crate) fn clock(&self) -> Arc<dyn sandbox::clock::Clock> {
        Arc::new(self.clone())
    }

    /// The day.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        jiff::tz::TimeZone::UTC.to_datetime(Clock::now(self)).date()
    }

    /// The state, for as long as no wait comes between.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits.
    pub(crate) fn pause(&self, milliseconds: u64) -> Pause {
        let mut state = self.state();
        let wait = state.after(milliseconds, Event::Wake);
        state.waits.insert(wait, None);
        Pause { stage: self.clone(), wait }
    }

    /// Sends a request that arrives after `arrives`, whatever becomes of the sender. Gives its number.
    pub(crate) fn send(&self, arrives: u64, write: Write) -> u64 {
        self.state().after(arrives, Event::Land(write))
    }

    /// Sends a request to an emulator likewise.
    pub(crate) fn post(&self, arrives: u64, parcel: Parcel) -> u64 {
        self.state().after(arrives, Event::Arrive(parcel))
    }

    /// What an emulator answered, if it did.
    pub(crate) fn answer(&self, call: u64) -> Option<Reply> {
        self.state().answers.remove(&call)
    }

    /// What became of a request.
    pub(crate) fn landed(&self, call: u64) -> Option<Landed> {
        self.state().landed.remove(&call)
    }
}

/// A wait, on the agenda.
#[derive(Debug)]
pub(crate) struct Pause {
    stage: Stage,
    wait: u64,
}

impl Future for Pause {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.stage.state().waits.get_mut(&self.wait) {
            Some(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

#[async_trait]
impl Clock for Stage {
    fn now(&self) -> Timestamp {
        let milliseconds = i64::try_from(self.state().now).unwrap_or(i64::MAX);
        let beginning = Timestamp::constant(1_795_000_000, 0);
        beginning.checked_add(SignedDuration::from_millis(milliseconds)).unwrap_or(beginning)
    }

    async fn wait(&self, milliseconds: u64) {
        self.pause(milliseconds).await;
    }
}

impl sandbox::clock::Clock for Stage {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }
}
