//! Writing: one transaction a call.

mod postgres;
mod sqlite;

use model::outcome::Outcome;
use model::ports::{Entry, Event};
use model::problem::{Cause, Pause, Retry};
use sqlx::{Connection, Error};

use crate::store::{Store, in_time, on};

/// How entries were not written.
pub(crate) enum Unwritten {
    /// The database could not even be opened.
    Unopened(Error),
    /// Nothing of them was.
    Nothing(Error),
    /// The connection broke at the commit: whether they are written, nobody knows. Written again they might stand twice.
    Unknown(Error),
}

impl Unwritten {
    pub(crate) fn error(&self) -> &Error {
        let (Self::Unopened(error) | Self::Nothing(error) | Self::Unknown(error)) = self;
        error
    }
}

pub(crate) async fn begin(store: &mut Store, started: &str, command: &str) -> Result<i64, Error> {
    let sql = "INSERT INTO runs (started, command) VALUES ($1, $2) RETURNING id";
    on!(store, connection => sqlx::query_scalar(sql).bind(started).bind(command).fetch_one(connection).await)
}

/// Whether the run is known there.
pub(crate) async fn knows(store: &mut Store, run: i64, started: &str) -> Result<bool, Error> {
    let sql = "SELECT id FROM runs WHERE id = $1 AND started = $2";
    on!(store, connection => {
        let found: Option<i64> = sqlx::query_scalar(sql).bind(run).bind(started).fetch_optional(connection).await?;
        Ok(found.is_some())
    })
}

pub(crate) async fn finish(store: &mut Store, run: Option<i64>, ended: &str, report: &str) -> Result<(), Error> {
    let sql = "UPDATE runs SET ended = $1, report = $2 WHERE id = $3";
    on!(store, connection => {
        sqlx::query(sql).bind(ended).bind(report).bind(run).execute(connection).await.map(|_| ())
    })
}

pub(crate) async fn append(store: &mut Store, run: Option<i64>, entries: &[Entry]) -> Result<(), Unwritten> {
    let is_attempt = |entry: &&Entry| matches!(entry.event, Event::Attempt { .. });
    // Skipped records have no line: a run over books in sync would bury the rest under them.
    let is_told = |entry: &&Entry| !matches!(entry.event, Event::End { outcome: Outcome::Skipped, .. });
    let (attempts, ends): (Vec<&Entry>, Vec<&Entry>) = entries.iter().filter(is_told).partition(is_attempt);
    if attempts.is_empty() && ends.is_empty() {
        return Ok(());
    }
    let nothing = Unwritten::Nothing;
    match store {
        Store::Sqlite(connection) => {
            let mut transaction = connection.begin().await.map_err(nothing)?;
            sqlite::insert(&mut transaction, run, &attempts, &ends).await.map_err(nothing)?;
            // The database is in this process: a commit that fails, as on a full disk, has written nothing.
            transaction.commit().await.map_err(nothing)
        }
        Store::Postgres(connection) => {
            let mut transaction = in_time(connection.begin()).await.map_err(nothing)?;
            in_time(postgres::insert(&mut transaction, run, &attempts, &ends)).await.map_err(nothing)?;
            in_time(transaction.commit()).await.map_err(Unwritten::Unknown)
        }
    }
}

/// Whether and when it is tried again stands in one column: the seconds, nothing where the cause tells it, and this where
/// it has to be mended though its cause usually passes.
pub(crate) const LASTING: i64 = -1;

fn stay_away(cause: Cause, retry: Retry) -> Option<i64> {
    match retry {
        Retry::After { seconds } => i64::try_from(seconds).ok(),
        Retry::OnceMended if cause.retry() != Retry::OnceMended => Some(LASTING),
        _ => None,
    }
}

/// What stands in the log in the place of a record's outcome where flows were stopped as a whole.
const STOPPED: &str = "stopped";

/// The columns of a line that is no attempt; `None` for one that is.
struct Ending<'a> {
    outcome: &'static str,
    text: &'a str,
    cause: Option<Cause>,
    retry: Option<Retry>,
    remedy: Option<&'a str>,
    destination_id: Option<&'a str>,
}

impl<'a> Ending<'a> {
    fn of(entry: &'a Entry) -> Option<Self> {
        Some(match &entry.event {
            Event::Attempt { .. } => return None,
            Event::Stopped { text, cause, retry, remedy } => Self {
                outcome: STOPPED,
                text,
                cause: Some(*cause),
                retry: Some(*retry),
                remedy: Some(remedy),
                destination_id: None,
            },
            Event::End { outcome, text, cause, retry, remedy, destination_id } => Self {
                outcome: outcome.name(),
                text,
                cause: *cause,
                retry: *retry,
                remedy: remedy.as_deref(),
                destination_id: destination_id.as_deref(),
            },
        })
    }

    fn cause(&self) -> Option<&'static str> {
        self.cause.map(Cause::name)
    }

    fn stay_away(&self) -> Option<i64> {
        self.cause.zip(self.retry).and_then(|(cause, retry)| stay_away(cause, retry))
    }
}

/// A pause belongs to a run; it is told when it begins and again when it ends; the second time changes the first line.
pub(crate) async fn pause(store: &mut Store, run: Option<i64>, pause: &Pause) -> Result<(), Error> {
    let Some(run) = run else { return Ok(()) };
    let sql = "INSERT INTO pauses (run, application, since, until, text, cause, remedy, stay_away) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (run, application, since) DO UPDATE SET until = excluded.until, text = excluded.text, \
         cause = excluded.cause, remedy = excluded.remedy, stay_away = excluded.stay_away";
    let (problem, told) = (&pause.problem, postgres::without_zeros(&pause.problem.told()));
    let (since, until) = (pause.since.to_string(), pause.until.map(|until| until.to_string()));
    on!(store, connection => {
        let query = sqlx::query(sql).bind(run).bind(&problem.application).bind(since).bind(until).bind(told);
        let query = query.bind(problem.cause.name()).bind(&problem.remedy);
        query.bind(stay_away(problem.cause, problem.retry())).execute(connection).await.map(|_| ())
    })
}
