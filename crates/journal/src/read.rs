//! Reading: the log by run, record and cause; the runs.

use jiff::Timestamp;
use model::outcome::Outcome;
use model::problem::{Cause, Outlook, Retry};
use serde::Serialize;
use sqlx::{AssertSqlSafe, Error, FromRow};

use crate::store::{Store, on};
use crate::write::LASTING;

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
    /// The flow; empty for a pause; of those that were stopped, all.
    pub flow: String,
    /// The source's id; empty for a pause.
    pub source_id: String,
    /// What people call the record; the application that paused, or that stopped flows.
    pub record: String,
    /// `attempt`, `end` or `pause`.
    pub kind: String,
    /// The outcome, or the step and its answer: `write: unknown`; `paused`, `resumed` or `stopped`.
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

/// A line as the database gives it.
#[derive(FromRow)]
struct Row {
    run: Option<i64>,
    at: String,
    /// When the pause began that ended here.
    since: Option<String>,
    flow: String,
    source_id: String,
    number: String,
    kind: String,
    what: String,
    text: String,
    cause: Option<String>,
    stay_away: Option<i64>,
    remedy: Option<String>,
    destination_id: Option<String>,
}

impl From<Row> for LogLine {
    fn from(row: Row) -> Self {
        let retry = |cause: Cause| match row.stay_away {
            Some(LASTING) => Retry::OnceMended,
            Some(seconds) => u64::try_from(seconds).map_or(cause.retry(), |seconds| Retry::After { seconds }),
            None => cause.retry(),
        };
        // What is in sync is not tried again, even if there is something to mend beside it.
        let cause = row.cause.as_deref().filter(|_| row.what != Outcome::Found.name());
        let outlook = cause.and_then(Cause::named).map(|cause| cause.outlook(retry(cause)));
        Self {
            text: row.since.as_deref().and_then(|since| lasted(since, &row.at)).unwrap_or(row.text),
            run: row.run,
            at: row.at,
            flow: row.flow,
            source_id: row.source_id,
            record: row.number,
            kind: row.kind,
            what: row.what,
            cause: row.cause,
            remedy: row.remedy,
            outlook,
            destination_id: row.destination_id,
        }
    }
}

fn lasted(since: &str, until: &str) -> Option<String> {
    let (since, until): (Timestamp, Timestamp) = (since.parse().ok()?, until.parse().ok()?);
    let milliseconds = until.duration_since(since).as_millis();
    Some(format!("after {} s", (milliseconds + 500) / 1_000))
}

/// What the log is put together from. A type is named where PostgreSQL would not see it from a bare `NULL`.
const PARTS: [&str; 4] = [
    "SELECT id, 0 AS part, run, at, CAST(NULL AS TEXT) AS since, flow, source_id, number, 'attempt' AS kind, \
     step || ': ' || answer AS what, detail AS text, cause, CAST(NULL AS BIGINT) AS stay_away, \
     CAST(NULL AS TEXT) AS remedy, CAST(NULL AS TEXT) AS destination_id FROM attempts WHERE 1 = 1",
    "SELECT id, 1 AS part, run, at, NULL AS since, flow, source_id, number, 'end' AS kind, outcome AS what, text, \
     cause, stay_away, remedy, destination_id FROM log WHERE 1 = 1",
    "SELECT id, 0 AS part, run, since AS at, NULL AS since, '' AS flow, source_id, number, 'pause' AS kind, \
     'paused' AS what, text, cause, stay_away, remedy, NULL AS destination_id \
     FROM (SELECT *, '' AS source_id, application AS number FROM pauses) AS paused WHERE 1 = 1",
    "SELECT id, 1 AS part, run, until AS at, since, '' AS flow, source_id, number, 'pause' AS kind, \
     'resumed' AS what, '' AS text, NULL AS cause, NULL AS stay_away, NULL AS remedy, NULL AS destination_id \
     FROM (SELECT *, '' AS source_id, application AS number FROM pauses) AS resumed WHERE until IS NOT NULL",
];

pub(crate) async fn log(store: &mut Store, filter: &Filter) -> Result<Vec<LogLine>, Error> {
    let wanted = conditions(filter);
    let parts = PARTS.map(|part| format!("{part}{wanted}")).join(" UNION ALL ");
    let sql = format!(
        "SELECT * FROM (SELECT * FROM ({parts}) AS told ORDER BY at DESC, part DESC, id DESC LIMIT $4) AS last \
         ORDER BY at, part, id"
    );
    let limit = filter.limit.map_or(i64::MAX, i64::from);
    let rows: Vec<Row> = on!(store, connection => {
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(filter.run).bind(&filter.record).bind(&filter.cause);
        query.bind(limit).fetch_all(connection).await?
    });
    Ok(rows.into_iter().map(LogLine::from).collect())
}

/// What is asked, by the number under which its value is bound. It is of our making: no value stands in it.
fn conditions(filter: &Filter) -> String {
    let asked = [
        (filter.run.is_some(), " AND run = $1"),
        (filter.record.is_some(), " AND (source_id = $2 OR number = $2)"),
        (filter.cause.is_some(), " AND cause = $3"),
    ];
    asked.into_iter().filter(|(asked, _)| *asked).map(|(_, condition)| condition).collect()
}

#[derive(FromRow)]
struct RunRow {
    id: i64,
    started: String,
    ended: Option<String>,
    command: String,
    report: Option<String>,
}

pub(crate) async fn runs(store: &mut Store, limit: u32) -> Result<Vec<RunLine>, Error> {
    let sql = "SELECT id, started, ended, command, report FROM runs ORDER BY id DESC LIMIT $1";
    let rows: Vec<RunRow> =
        on!(store, connection => sqlx::query_as(sql).bind(i64::from(limit)).fetch_all(connection).await?);
    let mut runs = Vec::with_capacity(rows.len());
    for RunRow { id, started, ended, command, report } in rows {
        runs.push(RunLine { run: id, started, ended, command, report, pauses: pauses(store, id).await? });
    }
    Ok(runs)
}

async fn pauses(store: &mut Store, run: i64) -> Result<Vec<PauseLine>, Error> {
    let sql = "SELECT application, since, until, cause, text, remedy FROM pauses WHERE run = $1 ORDER BY since, id";
    on!(store, connection => sqlx::query_as(sql).bind(run).fetch_all(connection).await)
}
