//! Writing: one transaction a call.

mod postgres;
mod sqlite;

use model::outcome::Outcome;
use model::ports::{Entry, Event};
use model::problem::{Pause, Retry};
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

fn stay_away(retry: Retry) -> Option<i64> {
    if let Retry::After { seconds } = retry { i64::try_from(seconds).ok() } else { None }
}

/// A pause belongs to a run; it is told when it begins and again when it ends; the second time changes the first line.
pub(crate) async fn pause(store: &mut Store, run: Option<i64>, pause: &Pause) -> Result<(), Error> {
    let Some(run) = run else { return Ok(()) };
    let sql = "INSERT INTO pauses (run, application, since, until, text, cause, remedy) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (run, application, since) DO UPDATE SET until = excluded.until, text = excluded.text, \
         cause = excluded.cause, remedy = excluded.remedy";
    let (problem, told) = (&pause.problem, postgres::without_zeros(&pause.problem.told()));
    let (since, until) = (pause.since.to_string(), pause.until.map(|until| until.to_string()));
    on!(store, connection => {
        let query = sqlx::query(sql).bind(run).bind(&problem.application).bind(since).bind(until).bind(told);
        query.bind(problem.cause.name()).bind(&problem.remedy).execute(connection).await.map(|_| ())
    })
}
