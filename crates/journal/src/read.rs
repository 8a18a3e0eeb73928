//! Reading: the log by run, record and cause; the runs.

use model::problem::{Cause, Outlook, Retry};
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

/// A line of the sync log: an attempt, the end of a record's pass, or the pause of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// The run.
    pub run: Option<i64>,
    /// When, in UTC.
    pub at: String,
    /// The flow; empty for a pause.
    pub flow: String,
    /// The source's id; empty for a pause.
    pub source_id: String,
    /// What people call the record; the application that paused.
    pub record: String,
    /// `attempt`, `end` or `pause`.
    pub kind: String,
    /// The outcome, or the step and its answer: `write: unknown`; `paused` or `resumed`.
    pub what: String,
    /// The application's words, or what happened.
    pub text: String,
    /// The cause.
    pub cause: Option<String>,
    /// What to do next.
    pub remedy: Option<String>,
    /// Whether and when it is tried again, who can mend it, and where to read on.
    pub outlook: Option<Outlook>,
    /// The destination's id.
    pub destination_id: Option<String>,
}

/// A time in which an application as a whole was not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct PauseLine {
    /// The application.
    pub application: String,
    /// Since when, in UTC.
    pub since: String,
    /// Until when; `None`: the run did not see its end.
    pub until: Option<String>,
    /// The cause.
    pub cause: String,
    /// The application's words.
    pub text: String,
    /// What to do next.
    pub remedy: String,
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
    /// When an application as a whole was not there.
    pub pauses: Vec<PauseLine>,
}

impl FromRow<'_, SqliteRow> for LogLine {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let cause: Option<String> = row.try_get("cause")?;
        let seconds = row.try_get::<Option<i64>, _>("stay_away")?.and_then(|seconds| u64::try_from(seconds).ok());
        let outlook = cause
            .as_deref()
            .and_then(Cause::named)
            .map(|cause| cause.outlook(seconds.map_or(cause.retry(), |seconds| Retry::After { seconds })));
        Ok(Self {
            run: row.try_get("run")?,
            at: row.try_get("at")?,
            flow: row.try_get("flow")?,
            source_id: row.try_get("source_id")?,
            record: row.try_get("number")?,
            kind: row.try_get("kind")?,
            what: row.try_get("what")?,
            text: row.try_get("text")?,
            cause,
            remedy: row.try_get("remedy")?,
            outlook,
            destination_id: row.try_get("destination_id")?,
        })
    }
}

/// The two lines of a pause: its beginning and its end.
const PAUSE_LINES: [(u8, &str, &str, &str, &str, &str); 2] = [
    (0, "since", "paused", "text", "cause", "remedy"),
    (
        1,
        "until",
        "resumed",
        "'after ' || CAST(ROUND((JULIANDAY(until) - JULIANDAY(since)) * 86400) AS INTEGER) || ' s'",
        "NULL",
        "NULL",
    ),
];

pub(crate) async fn log(database: &SqlitePool, filter: &Filter) -> Result<Vec<LogLine>, sqlx::Error> {
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT * FROM (");
    query.push(
        "SELECT id, 0 AS part, run, at, flow, source_id, number, 'attempt' AS kind, step || ': ' || answer AS what, \
         detail AS text, cause, NULL AS stay_away, NULL AS remedy, NULL AS destination_id FROM attempts",
    );
    conditions(&mut query, filter);
    query.push(
        " UNION ALL SELECT id, 1 AS part, run, at, flow, source_id, number, 'end' AS kind, outcome AS what, text, cause, \
         stay_away, remedy, destination_id FROM log",
    );
    conditions(&mut query, filter);
    for (part, at, what, text, cause, remedy) in PAUSE_LINES {
        query.push(format!(
            " UNION ALL SELECT id, {part} AS part, run, {at} AS at, '' AS flow, source_id, number, 'pause' AS kind, \
             '{what}' AS what, {text} AS text, {cause} AS cause, NULL AS stay_away, {remedy} AS remedy, \
             NULL AS destination_id FROM (SELECT *, '' AS source_id, application AS number FROM pauses)"
        ));
        conditions(&mut query, filter);
        query.push(format!(" AND {at} IS NOT NULL"));
    }
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
    let mut runs = Vec::with_capacity(rows.len());
    for row in rows {
        let run = row.try_get("id")?;
        runs.push(RunLine {
            run,
            started: row.try_get("started")?,
            ended: row.try_get("ended")?,
            command: row.try_get("command")?,
            report: row.try_get("report")?,
            pauses: pauses(database, run).await?,
        });
    }
    Ok(runs)
}

async fn pauses(database: &SqlitePool, run: i64) -> Result<Vec<PauseLine>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM pauses WHERE run = ? ORDER BY since, id").bind(run).fetch_all(database).await
}
