//! Reading: the log by run, record and cause; the runs.

use serde::Serialize;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, QueryBuilder, Row, Sqlite};

/// Which lines are wanted; what is not named is not asked.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A run's number.
    pub run: Option<i64>,
    /// A record's id or number.
    pub record: Option<String>,
    /// A cause's name.
    pub cause: Option<String>,
    /// At most so many lines.
    pub limit: Option<u32>,
}

/// A line of the sync log: an attempt or the end of a record's pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// The run.
    pub run: Option<i64>,
    /// When, in UTC.
    pub at: String,
    /// The flow.
    pub flow: String,
    /// The source's id.
    pub source_id: String,
    /// What people call the record.
    pub record: String,
    /// `attempt` or `end`.
    pub kind: String,
    /// The outcome, or the step and its answer: `write: unknown`.
    pub what: String,
    /// The application's words, or what happened.
    pub text: String,
    /// The cause.
    pub cause: Option<String>,
    /// What to do next.
    pub remedy: Option<String>,
    /// The destination's id.
    pub destination_id: Option<String>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// Its number.
    pub run: i64,
    /// When it began, in UTC.
    pub started: String,
    /// When it ended; `None`: it is under way, or died.
    pub ended: Option<String>,
    /// What was asked for.
    pub command: String,
    /// Its report, as JSON.
    pub report: Option<String>,
}

impl FromRow<'_, SqliteRow> for LogLine {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            run: row.try_get("run")?,
            at: row.try_get("at")?,
            flow: row.try_get("flow")?,
            source_id: row.try_get("source_id")?,
            record: row.try_get("number")?,
            kind: row.try_get("kind")?,
            what: row.try_get("what")?,
            text: row.try_get("text")?,
            cause: row.try_get("cause")?,
            remedy: row.try_get("remedy")?,
            destination_id: row.try_get("destination_id")?,
        })
    }
}

pub(crate) async fn log(database: &SqlitePool, filter: &Filter) -> Result<Vec<LogLine>, sqlx::Error> {
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT * FROM (");
    query.push(
        "SELECT id, 0 AS part, run, at, flow, source_id, number, 'attempt' AS kind, step || ': ' || answer AS what, \
         detail AS text, cause, NULL AS remedy, NULL AS destination_id FROM attempts",
    );
    conditions(&mut query, filter);
    query.push(
        " UNION ALL SELECT id, 1 AS part, run, at, flow, source_id, number, 'end' AS kind, outcome AS what, text, cause, \
         remedy, destination_id FROM log",
    );
    conditions(&mut query, filter);
    query.push(" ORDER BY at DESC, part DESC, id DESC");
    if let Some(limit) = filter.limit {
        query.push(" LIMIT ").push_bind(limit);
    }
    query.push(") ORDER BY at, part, id");
    query.build_query_as().fetch_all(database).await
}

fn conditions(query: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    query.push(" WHERE 1 = 1");
    if let Some(run) = filter.run {
        query.push(" AND run = ").push_bind(run);
    }
    if let Some(record) = &filter.record {
        query.push(" AND (source_id = ").push_bind(record.clone());
        query.push(" OR number = ").push_bind(record.clone()).push(")");
    }
    if let Some(cause) = &filter.cause {
        query.push(" AND cause = ").push_bind(cause.clone());
    }
}

pub(crate) async fn runs(database: &SqlitePool, limit: u32) -> Result<Vec<RunLine>, sqlx::Error> {
    let rows = sqlx::query("SELECT id, started, ended, command, report FROM runs ORDER BY id DESC LIMIT ?")
        .bind(limit)
        .fetch_all(database)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(RunLine {
                run: row.try_get("id")?,
                started: row.try_get("started")?,
                ended: row.try_get("ended")?,
                command: row.try_get("command")?,
                report: row.try_get("report")?,
            })
        })
        .collect()
}
