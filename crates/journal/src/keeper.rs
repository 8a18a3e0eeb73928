//! Keeps the journal going when its database is not there: what is to be written waits in memory, the connection is
//! made anew, and a journal that was deleted is begun anew. A run never fails for it, and never waits long for it.
//!
//! A server that dies takes with it at most the batch whose commit was under way: whether that is written nobody knows,
//! and written again its lines might stand twice.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use model::ports::Entry;
use sqlx::Error;

use crate::JournalError;
use crate::damage;
use crate::place::Place;
use crate::store::{Store, in_time, is_late};
use crate::write::{self, Unwritten};

/// Entries that wait for the database, some 10 MB; of more, the oldest are given up.
const WAITING_MAX: usize = 20_000;
/// How long a database that does not answer at all is left alone, so that a run does not wait for it at every batch.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(60);

pub(crate) struct Keeper {
    place: Place,
    store: Option<Store>,
    run: Option<Run>,
    /// Batches that are still to be written, oldest first.
    waiting: VecDeque<Vec<Entry>>,
    left_alone_since: Option<Timestamp>,
    complained: bool,
    /// Lines that were given up.
    lost: usize,
    /// Whether an error has told that the file is damaged.
    suspected: bool,
}

struct Run {
    id: i64,
    started: String,
    command: String,
}

impl Keeper {
    pub(crate) fn of(place: Place) -> Self {
        Self {
            place,
            store: None,
            run: None,
            waiting: VecDeque::new(),
            left_alone_since: None,
            complained: false,
            lost: 0,
            suspected: false,
        }
    }

    pub(crate) async fn begin_run(&mut self, started: String, command: String) -> Result<i64, JournalError> {
        let id = self.asked(async |store, _| in_time(write::begin(store, &started, &command)).await).await?;
        self.run = Some(Run { id, started, command });
        Ok(id)
    }

    pub(crate) async fn finish_run(&mut self, ended: &str, report: &str) -> Result<(), JournalError> {
        self.write_waiting().await.map_err(|source| self.failed(source))?;
        self.asked(async |store, run| in_time(write::finish(store, run, ended, report)).await).await?;
        self.run = None;
        Ok(())
    }

    /// Takes entries, and writes them as soon as the database lets it. A database that is away is complained of once.
    pub(crate) async fn append(&mut self, entries: Vec<Entry>) {
        if !self.is_kept() {
            return;
        }
        let Some(now) = entries.first().map(|entry| entry.at) else { return };
        self.waiting.push_back(entries);
        while self.waiting.iter().map(Vec::len).sum::<usize>() > WAITING_MAX {
            self.lost += self.waiting.pop_front().map_or(0, |batch| batch.len());
        }
        // A clock that was set back is no reason to wait for hours.
        if self.left_alone_since.is_some_and(|since| (since..since + LEFT_ALONE).contains(&now)) {
            return;
        }
        let written = self.write_waiting().await;
        self.left_alone_since = written.as_ref().is_err_and(is_late).then_some(now);
        if let (Err(error), false) = (written, self.complained) {
            self.complained = true;
            let journal = &self.place;
            tracing::warn!(%journal, %error, "the journal cannot be written; the run goes on, and its lines wait");
        }
    }

    pub(crate) fn unwritten(&self) -> usize {
        self.lost + self.waiting.iter().map(Vec::len).sum::<usize>()
    }

    /// Does a piece of work, with the number of the run that is under way; once more over a new connection, if the one
    /// at hand turns out to be dead.
    pub(crate) async fn asked<T>(
        &mut self,
        work: impl AsyncFn(&mut Store, Option<i64>) -> Result<T, Error>,
    ) -> Result<T, JournalError> {
        let was_open = self.store.is_some();
        match self.attempt(&work).await {
            Err(_) if was_open || self.suspected => self.attempt(&work).await,
            result => result,
        }
        .map_err(|source| self.failed(source))
    }

    async fn attempt<T>(
        &mut self,
        work: &impl AsyncFn(&mut Store, Option<i64>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let result = match self.store().await {
            Ok((store, run)) => work(store, run).await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| self.let_go(error))
    }

    /// After an error the database is opened anew.
    fn let_go(&mut self, error: &Error) {
        self.store = None;
        self.suspected |= matches!(self.place, Place::File(_)) && damage::is_told_by(error);
    }

    pub(crate) fn is_kept(&self) -> bool {
        !matches!(self.place, Place::Nowhere)
    }

    fn failed(&self, source: Error) -> JournalError {
        JournalError { place: self.place.clone(), source }
    }

    /// Writes what waits, a transaction a batch. A batch that fails twice over a good connection is given up: its own
    /// words must be the reason, and it would keep out all that comes after it. A full disk is another matter.
    async fn write_waiting(&mut self) -> Result<(), Error> {
        let mut again = false;
        while let Some(batch) = self.waiting.pop_front() {
            let written = match self.store().await {
                Ok((store, run)) => write::append(store, run, &batch).await,
                Err(error) => Err(Unwritten::Unopened(error)),
            };
            let Err(unwritten) = written else {
                again = false;
                continue;
            };
            self.let_go(unwritten.error());
            match unwritten {
                Unwritten::Unopened(error) if !self.suspected || again => {
                    self.waiting.push_front(batch);
                    return Err(error);
                }
                Unwritten::Nothing(error) if damage::is_of_the_disk(&error) => {
                    self.waiting.push_front(batch);
                    return Err(error);
                }
                Unwritten::Nothing(_) | Unwritten::Unopened(_) if !again => {
                    self.waiting.push_front(batch);
                    again = true;
                }
                Unwritten::Nothing(error) | Unwritten::Unknown(error) | Unwritten::Unopened(error) => {
                    self.lost += batch.len();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The database, opened if it is not, and the run's number there.
    async fn store(&mut self) -> Result<(&mut Store, Option<i64>), Error> {
        // SQLite goes on writing into a file that was deleted; nobody would ever read that.
        if let Place::File(path) = &self.place
            && !path.exists()
        {
            self.store = None;
        }
        let store = match self.store.take() {
            Some(store) => store,
            None => self.opened().await?,
        };
        Ok((self.store.insert(store), self.run.as_ref().map(|run| run.id)))
    }

    /// A run that the database does not know, because the journal was deleted, begins there anew.
    async fn opened(&mut self) -> Result<Store, Error> {
        let mut store = Store::open(&self.place, self.suspected).await?;
        self.suspected = false;
        if let Some(run) = &mut self.run
            && !write::knows(&mut store, run.id, &run.started).await?
        {
            run.id = write::begin(&mut store, &run.started, &run.command).await?;
        }
        Ok(store)
    }
}
