//! Into PostgreSQL: a column an array, all rows in one statement.

use model::ports::{Entry, Event};
use sqlx::{Error, PgConnection};

use super::Ending;

const ATTEMPTS: &str = "INSERT INTO attempts \
    (run, at, flow, source_id, number, step, operation, answer, detail, cause) \
    SELECT $1, * FROM UNNEST($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], \
    $9::text[], $10::text[])";

const LOG: &str = "INSERT INTO log \
    (run, at, flow, source_id, number, outcome, text, cause, stay_away, remedy, destination_id) \
    SELECT $1, * FROM UNNEST($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], \
    $9::bigint[], $10::text[], $11::text[])";

pub(super) async fn insert(
    database: &mut PgConnection,
    run: Option<i64>,
    attempts: &[&Entry],
    ends: &[&Entry],
) -> Result<(), Error> {
    if !attempts.is_empty() {
        insert_attempts(database, run, attempts).await?;
    }
    if !ends.is_empty() {
        insert_ends(database, run, ends).await?;
    }
    Ok(())
}

/// The columns that both tables have.
#[derive(Default)]
struct Common {
    at: Vec<String>,
    flow: Vec<String>,
    source_id: Vec<String>,
    number: Vec<String>,
}

impl Common {
    fn of(entries: &[&Entry]) -> Self {
        let mut columns = Self::default();
        for entry in entries {
            columns.at.push(entry.at.to_string());
            columns.flow.push(without_zeros(&entry.flow));
            columns.source_id.push(without_zeros(&entry.source_id));
            columns.number.push(without_zeros(&entry.number));
        }
        columns
    }
}

async fn insert_attempts(database: &mut PgConnection, run: Option<i64>, entries: &[&Entry]) -> Result<(), Error> {
    let Common { at, flow, source_id, number } = Common::of(entries);
    let (mut steps, mut operations, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut details, mut causes) = (Vec::new(), Vec::new());
    for entry in entries {
        let Event::Attempt { step, operation, answer, detail, cause } = &entry.event else { continue };
        steps.push(*step);
        operations.push(operation.verb());
        answers.push(*answer);
        details.push(without_zeros(detail));
        causes.push(cause.map(|cause| cause.name()));
    }
    let query = sqlx::query(ATTEMPTS).bind(run).bind(at).bind(flow).bind(source_id).bind(number).bind(steps);
    query.bind(operations).bind(answers).bind(details).bind(causes).execute(database).await.map(|_| ())
}

async fn insert_ends(database: &mut PgConnection, run: Option<i64>, entries: &[&Entry]) -> Result<(), Error> {
    let Common { at, flow, source_id, number } = Common::of(entries);
    let (mut outcomes, mut texts, mut causes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut seconds, mut remedies, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let Some(ending) = Ending::of(entry) else { continue };
        outcomes.push(ending.outcome);
        texts.push(without_zeros(ending.text));
        causes.push(ending.cause());
        seconds.push(ending.stay_away());
        remedies.push(ending.remedy.map(without_zeros));
        ids.push(ending.destination_id.map(without_zeros));
    }
    let query = sqlx::query(LOG).bind(run).bind(at).bind(flow).bind(source_id).bind(number).bind(outcomes);
    let query = query.bind(texts).bind(causes).bind(seconds).bind(remedies).bind(ids);
    query.execute(database).await.map(|_| ())
}

/// PostgreSQL keeps every character in a text but the zero, which an application's words may hold.
pub(super) fn without_zeros(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
