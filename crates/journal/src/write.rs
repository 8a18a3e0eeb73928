//! Writing, many rows a statement, one transaction a call.

use std::sync::LazyLock;

use model::outcome::Outcome;
use model::ports::{Entry, Event};
use model::problem::{Pause, Retry};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqlitePool};
use sqlx::{Row, Sqlite, SqliteConnection};

/// Rows a statement. One of each size is prepared once and used again; a statement of just the right size would be
/// read anew for every batch, which takes longer than the rows.
const SIZES: [usize; 3] = [50, 10, 1];

/// The statements that insert into one table.
struct Insert([(usize, String); SIZES.len()]);

impl Insert {
    fn into(table: &str, columns: &[&str]) -> Self {
        let row = format!("({})", vec!["?"; columns.len()].join(", "));
        let statement = |rows| {
            let rows = vec![row.as_str(); rows].join(", ");
            format!("INSERT INTO {table} ({}) VALUES {rows}", columns.join(", "))
        };
        Self(SIZES.map(|size| (size, statement(size))))
    }

    /// The largest statement for so many rows or fewer.
    fn for_rows(&self, rows: usize) -> Option<(usize, &str)> {
        self.0.iter().find(|(size, _)| *size <= rows).map(|(size, sql)| (*size, sql.as_str()))
    }
}

static ATTEMPTS: LazyLock<Insert> = LazyLock::new(|| {
    let columns = ["run", "at", "flow", "source_id", "number", "step", "operation", "answer", "detail", "cause"];
    Insert::into("attempts", &columns)
});

static LOG: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [
        "run",
        "at",
        "flow",
        "source_id",
        "number",
        "outcome",
        "text",
        "cause",
        "stay_away",
        "remedy",
        "destination_id",
    ];
    Insert::into("log", &columns)
});

type Statement = Query<'static, Sqlite, SqliteArguments>;

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
    let is_attempt = |entry: &&Entry| matches!(entry.event, Event::Attempt { .. });
    // Skipped records have no line: a run over books in sync would bury the rest under them.
    let is_told = |entry: &&Entry| !matches!(entry.event, Event::End { outcome: Outcome::Skipped, .. });
    let (attempts, ends): (Vec<&Entry>, Vec<&Entry>) = entries.iter().filter(is_told).partition(is_attempt);
    let mut transaction = database.begin().await?;
    insert(&mut transaction, &ATTEMPTS, run, &attempts).await?;
    insert(&mut transaction, &LOG, run, &ends).await?;
    transaction.commit().await
}

async fn insert(
    database: &mut SqliteConnection,
    table: &'static Insert,
    run: Option<i64>,
    mut entries: &[&Entry],
) -> Result<(), sqlx::Error> {
    while let Some((rows, sql)) = table.for_rows(entries.len()) {
        let (now, later) = entries.split_at(rows);
        now.iter().fold(sqlx::query(sql), |query, entry| bound(query, run, entry)).execute(&mut *database).await?;
        entries = later;
    }
    Ok(())
}

/// Binds a row; the order is that of the table's columns.
fn bound(query: Statement, run: Option<i64>, entry: &Entry) -> Statement {
    let query = query.bind(run).bind(entry.at.to_string());
    let query = query.bind(entry.flow.to_string()).bind(entry.source_id.to_string()).bind(entry.number.to_string());
    match &entry.event {
        Event::Attempt { step, operation, answer, detail, cause } => {
            let query = query.bind(*step).bind(operation.verb()).bind(*answer).bind(detail.clone());
            query.bind(cause.map(|cause| cause.name()))
        }
        Event::End { outcome, text, cause, retry, remedy, destination_id } => {
            let query = query.bind(outcome.name()).bind(text.clone()).bind(cause.map(|cause| cause.name()));
            let query = query.bind(retry.and_then(stay_away)).bind(remedy.clone());
            query.bind(destination_id.as_ref().map(ToString::to_string))
        }
    }
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
