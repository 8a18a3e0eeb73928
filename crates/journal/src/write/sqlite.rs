//! Into SQLite: many rows a statement.

use std::sync::LazyLock;

use model::ports::{Entry, Event};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};

use super::Ending;

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

pub(super) async fn insert(
    database: &mut SqliteConnection,
    run: Option<i64>,
    attempts: &[&Entry],
    ends: &[&Entry],
) -> Result<(), sqlx::Error> {
    rows(database, &ATTEMPTS, run, attempts).await?;
    rows(database, &LOG, run, ends).await
}

async fn rows(
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
        Event::Stopped { .. } | Event::End { .. } => match Ending::of(entry) {
            Some(ending) => {
                let query = query.bind(ending.outcome).bind(ending.text.to_owned()).bind(ending.cause());
                let query = query.bind(ending.stay_away()).bind(ending.remedy.map(str::to_owned));
                query.bind(ending.destination_id.map(str::to_owned))
            }
            None => query,
        },
    }
}
