//! Writing, many rows a statement, one transaction a call.

use model::outcome::Outcome;
use model::ports::{Entry, Event};
use model::problem::{Pause, Retry};
use sqlx::sqlite::SqlitePool;
use sqlx::{QueryBuilder, Row, Sqlite};

/// Rows a statement: eleven values each stay far below SQLite's 32,766.
const ROWS: usize = 500;

pub(crate) async fn begin(database: &SqlitePool, started: &str, command: &str) -> Result<i64, sqlx::Error> {
    sqlx::query("INSERT INTO runs (started, command) VALUES (?, ?) RETURNING id")
        .bind(started)
        .bind(command)
        .fetch_one(database)
        .await?
        .try_get(0)
}

pub(crate) async fn finish(database: &SqlitePool, run: i64, ended: &str, report: &str) -> Result<(), sqlx::Error> {
    let query = sqlx::query("UPDATE runs SET ended = ?, report = ? WHERE id = ?").bind(ended).bind(report).bind(run);
    query.execute(database).await.map(|_| ())
}

pub(crate) async fn append(database: &SqlitePool, run: Option<i64>, entries: &[Entry]) -> Result<(), sqlx::Error> {
    let mut transaction = database.begin().await?;
    for chunk in entries.chunks(ROWS) {
        for mut insert in [attempts(run, chunk), ends(run, chunk), links(chunk)].into_iter().flatten() {
            insert.build().execute(&mut *transaction).await?;
        }
    }
    transaction.commit().await
}

fn attempts(run: Option<i64>, entries: &[Entry]) -> Option<QueryBuilder<Sqlite>> {
    let rows = entries.iter().filter_map(|entry| match &entry.event {
        Event::Attempt { step, operation, answer, detail, cause } => {
            Some((entry, step, operation, answer, detail, cause))
        }
        Event::End { .. } => None,
    });
    let rows: Vec<_> = rows.collect();
    let mut query = QueryBuilder::new(
        "INSERT INTO attempts (run, at, flow, source_id, number, step, operation, answer, detail, cause) ",
    );
    if rows.is_empty() {
        return None;
    }
    query.push_values(rows, |mut row, (entry, step, operation, answer, detail, cause)| {
        row.push_bind(run).push_bind(entry.at.to_string());
        row.push_bind(entry.flow.clone()).push_bind(entry.source_id.clone()).push_bind(entry.number.clone());
        row.push_bind(*step).push_bind(operation.verb()).push_bind(*answer).push_bind(detail.clone());
        row.push_bind(cause.map(|cause| cause.name()));
    });
    Some(query)
}

/// Skipped records have no line: a run over books in sync would bury the rest under them.
fn ends(run: Option<i64>, entries: &[Entry]) -> Option<QueryBuilder<Sqlite>> {
    let rows = entries.iter().filter_map(|entry| match &entry.event {
        Event::End { outcome: Outcome::Skipped, .. } | Event::Attempt { .. } => None,
        Event::End { outcome, text, cause, retry, remedy, destination_id } => {
            Some((entry, outcome, text, cause, retry, remedy, destination_id))
        }
    });
    let rows: Vec<_> = rows.collect();
    let mut query = QueryBuilder::new(
        "INSERT INTO log (run, at, flow, source_id, number, outcome, text, cause, stay_away, remedy, \
         destination_id) ",
    );
    if rows.is_empty() {
        return None;
    }
    query.push_values(rows, |mut row, (entry, outcome, text, cause, retry, remedy, destination_id)| {
        row.push_bind(run).push_bind(entry.at.to_string());
        row.push_bind(entry.flow.clone()).push_bind(entry.source_id.clone()).push_bind(entry.number.clone());
        row.push_bind(outcome.name()).push_bind(text.clone()).push_bind(cause.map(|cause| cause.name()));
        row.push_bind(retry.and_then(stay_away)).push_bind(remedy.clone()).push_bind(destination_id.clone());
    });
    Some(query)
}

fn stay_away(retry: Retry) -> Option<i64> {
    if let Retry::After { seconds } = retry { i64::try_from(seconds).ok() } else { None }
}

/// A pause is told when it begins and again when it ends; the second time changes the first line.
pub(crate) async fn pause(database: &SqlitePool, run: i64, pause: &Pause) -> Result<(), sqlx::Error> {
    let problem = &pause.problem;
    sqlx::query(
        "INSERT INTO pauses (run, application, since, until, text, cause, remedy) VALUES (?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT DO UPDATE SET until = excluded.until, text = excluded.text, cause = excluded.cause, \
         remedy = excluded.remedy",
    )
    .bind(run)
    .bind(&problem.application)
    .bind(pause.since.to_string())
    .bind(pause.until.map(|until| until.to_string()))
    .bind(problem.told())
    .bind(problem.cause.name())
    .bind(&problem.remedy)
    .execute(database)
    .await
    .map(|_| ())
}

fn links(entries: &[Entry]) -> Option<QueryBuilder<Sqlite>> {
    let rows = entries.iter().filter_map(|entry| match &entry.event {
        Event::End {
            outcome: Outcome::Created | Outcome::Updated | Outcome::Found, destination_id: Some(id), ..
        } => Some((entry, id)),
        Event::End { .. } | Event::Attempt { .. } => None,
    });
    let rows: Vec<_> = rows.collect();
    let mut query = QueryBuilder::new("INSERT OR REPLACE INTO links (flow, source_id, number, destination_id, at) ");
    if rows.is_empty() {
        return None;
    }
    query.push_values(rows, |mut row, (entry, id)| {
        row.push_bind(entry.flow.clone()).push_bind(entry.source_id.clone()).push_bind(entry.number.clone());
        row.push_bind(id.clone()).push_bind(entry.at.to_string());
    });
    Some(query)
}
