//! Works a job off.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::file;
use super::job::{Operation, Outcome, State};
use crate::clock::delay;
use crate::faults::{Complaint, Mark};
use crate::salesforce::Org;
use crate::salesforce::errors::{Refusal, RowVerdict};
use crate::salesforce::failure;
use crate::salesforce::id::Id;
use crate::salesforce::schema::{ID, Object};
use crate::salesforce::transaction;
use crate::salesforce::write::{Form, Writer, scalar};

/// The records of a batch.
const BATCH: usize = 10_000;
/// The records of a transaction within a batch.
const CHUNK: usize = 200;

/// What each record of a job undergoes.
#[derive(Clone)]
struct Task {
    object: usize,
    operation: Operation,
    header: Vec<String>,
}

/// A record of the file.
type Line = (usize, Vec<String>);

/// Works a job off, batch after batch, until it is done or somebody aborts it.
pub(super) async fn off(org: Arc<Org>, id: Id, mut mark: Mark) {
    let Some((task, lines)) = begin(&org, id) else { return };
    for batch in lines.chunks(BATCH) {
        org.jobs.begin_batch(org.clock.now());
        let wait = org.current().settings.bulk_batch_ms;
        if wait > 0 {
            delay(wait).await;
        }
        for chunk in batch.chunks(CHUNK) {
            if !is_under_way(&org, id) {
                return;
            }
            let outcomes = write(&org, &task, chunk, &mut mark).await;
            org.jobs.with(id, |job| {
                // The results are told in another order than the file's.
                job.outcomes.extend(outcomes.into_iter().rev());
                job.stamp = org.now();
            });
            tokio::task::yield_now().await;
        }
    }
    org.jobs.with(id, |job| {
        if job.state == State::InProgress {
            (job.state, job.stamp) = (State::JobComplete, org.now());
        }
    });
}

fn is_under_way(org: &Org, id: Id) -> bool {
    org.jobs.with(id, |job| job.state == State::InProgress).unwrap_or(false)
}

/// Reads the file. A column that is not known fails the whole job.
fn begin(org: &Org, id: Id) -> Option<(Task, Vec<Line>)> {
    let current = org.current();
    let store = org.read();
    let sight = org.sight(&store, &current);
    org.jobs.with(id, |job| {
        if job.state != State::UploadComplete {
            return None;
        }
        let content = job.content.take().unwrap_or_default();
        job.state = State::InProgress;
        let known = |name: &&String| match name.split_once('.') {
            None => sight.field(job.object, name).is_some(),
            Some((way, key)) => {
                let target = sight.at(job.object).parent(way.rsplit(':').next().unwrap_or(way));
                let relation = target.and_then(|at| sight.at(job.object).fields[at].relation.as_ref());
                relation.is_some_and(|relation| sight.field(relation.object, key).is_some())
            }
        };
        let read = file::read(&content, job.delimiter).map_err(|error| format!("InvalidBatch : {error}"));
        let checked = read.and_then(|(header, rows)| {
            let unknown = header.iter().find(|name| !known(name)).cloned();
            (job.header, job.rows) = (header, rows);
            unknown.map_or(Ok(()), |name| Err(format!("InvalidBatch : Field name not found : {name}")))
        });
        if let Err(error) = checked {
            (job.state, job.error) = (State::Failed, Some(error));
            return None;
        }
        let task = Task { object: job.object, operation: job.operation, header: job.header.clone() };
        Some((task, job.rows.iter().cloned().enumerate().collect()))
    })?
}

/// Writes a chunk: its records are one transaction, in which each stands for itself.
async fn write(org: &Arc<Org>, task: &Task, chunk: &[Line], mark: &mut Mark) -> Vec<Outcome> {
    let (task, lines, asked) = (task.clone(), chunk.to_vec(), *mark);
    let ((mut outcomes, left), _claim) = transaction::run(org, asked.lag, move |current, store, claim| {
        let mut writer = org.writer(store, current, claim);
        (writer.refuse_next, writer.forget_next) = (asked.row_error, asked.forget);
        let twice = twice(&writer, &task, &lines);
        let outcomes: Vec<Outcome> = lines.iter().map(|line| one(&mut writer, &task, line, &twice)).collect();
        (outcomes, (writer.refuse_next, writer.forget_next))
    })
    .await;
    (mark.row_error, mark.forget) = left;
    if let Some(saved) = outcomes.iter_mut().find(|outcome| outcome.done.is_ok())
        && mark.complaint.take().is_some()
    {
        saved.done = Err(failure::after_save(Complaint::Refusal).of_csv());
    }
    outcomes
}

fn one(writer: &mut Writer<'_>, task: &Task, (place, line): &Line, twice: &[String]) -> Outcome {
    let body = body(&task.header, line);
    let given = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("id"));
    let given = given.and_then(|(_, id)| id.as_str()).unwrap_or_default().to_owned();
    match act(writer, task, body, &given, twice) {
        Ok((id, created)) => Outcome { id: id.to_string(), done: Ok(created), place: *place },
        Err(reasons) => {
            let reasons: Vec<String> = reasons.iter().map(Refusal::of_csv).collect();
            Outcome { id: given, done: Err(reasons.join(";")), place: *place }
        }
    }
}

fn act(
    writer: &mut Writer<'_>,
    task: &Task,
    mut body: Map<String, Json>,
    given: &str,
    twice: &[String],
) -> RowVerdict<(Id, bool)> {
    let form = Form::Column(0);
    let id = || {
        let missing = || vec![Refusal::row("MISSING_ARGUMENT", "Id not specified in an update call", &[])];
        let malformed = || vec![Refusal::row("MALFORMED_ID", format!("malformed id {given}"), &["Id"])];
        if given.is_empty() { Err(missing()) } else { Id::read(given).ok_or_else(malformed) }
    };
    match task.operation {
        Operation::Insert => Ok((writer.insert(task.object, &body, form)?, true)),
        Operation::Update => {
            let id = id()?;
            body.retain(|name, _| !name.eq_ignore_ascii_case("id"));
            writer.update(task.object, id, &body, form)?;
            Ok((id, false))
        }
        Operation::Delete => {
            let id = id()?;
            writer.delete(task.object, id)?;
            Ok((id, false))
        }
        Operation::Upsert(key) => {
            let field = writer.schema.objects[task.object].fields[key].clone();
            let named = body.iter().find(|(name, _)| name.eq_ignore_ascii_case(&field.name));
            let json = named.map_or(Json::Null, |(_, json)| json.clone());
            let value = scalar::read(&field, &json, form).map_err(|refusal| vec![refusal])?;
            if value.is_null() && key != ID {
                let message = format!("{} not specified", field.name);
                return Err(vec![Refusal::row("MISSING_ARGUMENT", message, &[&field.name])]);
            }
            if twice.contains(&value.plain(field.is_whole()).to_lowercase()) {
                let message = format!("Duplicate external id specified: {}", value.plain(field.is_whole()));
                return Err(vec![Refusal::row("DUPLICATE_VALUE", message, &[&field.name])]);
            }
            body.retain(|name, _| !name.eq_ignore_ascii_case(&field.name));
            if value.is_null() {
                return Ok((writer.insert(task.object, &body, form)?, true));
            }
            let done = writer.upsert(task.object, key, &value, &body, form)?;
            Ok((done.id, done.created))
        }
    }
}

/// The keys that stand more than once in a chunk.
fn twice(writer: &Writer<'_>, task: &Task, lines: &[Line]) -> Vec<String> {
    let Operation::Upsert(key) = task.operation else { return Vec::new() };
    let object: &Object = &writer.schema.objects[task.object];
    let Some(column) = task.header.iter().position(|name| name.eq_ignore_ascii_case(&object.fields[key].name)) else {
        return Vec::new();
    };
    let mut keys: Vec<String> = lines
        .iter()
        .filter_map(|(_, line)| line.get(column))
        .map(|text| text.trim().to_lowercase())
        .filter(|text| !text.is_empty())
        .collect();
    keys.sort();
    keys.chunk_by(|one, next| one == next).filter(|same| same.len() > 1).map(|same| same[0].clone()).collect()
}

/// A line as a record: an empty value says nothing, `#N/A` empties the field, a name with a point is that of a parent's key.
fn body(header: &[String], line: &[String]) -> Map<String, Json> {
    let mut body = Map::new();
    for (name, text) in header.iter().zip(line).filter(|(_, text)| !text.is_empty()) {
        let value = if text == "#N/A" { Json::Null } else { json!(text) };
        match name.split_once('.') {
            Some((way, key)) => {
                let way = way.rsplit(':').next().unwrap_or(way);
                body.insert(way.to_owned(), json!({ key: value }));
            }
            None => {
                body.insert(name.clone(), value);
            }
        }
    }
    body
}
