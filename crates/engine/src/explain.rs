//! Why a record stands where it stands, and what the next run will do: the same pass over one record, dry.

use model::flow::Flow;
use model::hands::{self, Fields};
use model::outcome::Outcome;
use model::ports::Fetch;
use model::problem::Problem;
use model::protocol::Reason;
use model::rule::Context;
use model::value::{Record, SmolStr};

use crate::batch::drive;
use crate::gather::{Relatives, gather};
use crate::look::look;
use crate::pass::{Pass, begin};
use crate::refusal::found;
use crate::task::Task;
use crate::wording::{Wording, by_hand, wording};

/// One record under one flow.
#[derive(Debug)]
pub struct Explained {
    /// The flow.
    pub flow: SmolStr,
    /// The source's id.
    pub id: SmolStr,
    /// What people call the record.
    pub number: SmolStr,
    /// The marks on the source record: field and value.
    pub marks: Fields,
    /// The conditions of the flow that the record does not meet; then no run takes it up.
    pub unmet: Vec<String>,
    /// Whether the marks make the next run look at it.
    pub due: bool,
    /// What the destination has, in words.
    pub found: String,
    /// The destination's id, if the destination has the record now.
    pub destination_id: Option<SmolStr>,
    /// What the next run will do.
    pub next: Outcome,
    /// In words.
    pub wording: Wording,
}

/// Reads a record by its number or its id; there can be several of the same number.
pub async fn find(pass: &Pass<'_>, record: &str) -> Result<Vec<Record>, Problem> {
    let mut fields = pass.flow.fields("");
    fields.push(pass.flow.source.marks.date.clone());
    let by = |field: &str| Fetch {
        object: pass.flow.source.object.clone(),
        fields: fields.clone(),
        field: field.into(),
        keys: vec![record.into()],
    };
    let named = pass.source.fetch(&by(&pass.flow.source.number)).await?;
    if named.is_empty() { pass.source.fetch(&by("Id")).await } else { Ok(named) }
}

/// The conditions of the flow that a record does not meet; then no run takes it up.
pub fn unmet(pass: &Pass<'_>, record: &Record) -> Vec<String> {
    let conditions = pass.flow.conditions(pass.cutover);
    let unmet = conditions.iter().filter(|condition| !condition.holds(record));
    unmet.map(|condition| format!("{condition} (it is '{}')", record.at(&condition.field))).collect()
}

/// Explains one record. The pass must be a dry one.
pub async fn explain(pass: &Pass<'_>, record: Record) -> Result<Explained, Problem> {
    let unmet = unmet(pass, &record);
    let mut records = [record];
    gather(pass.source, pass.flow, &Relatives::of(pass.flow), &mut records).await?;
    let [record] = records;
    let due = pass.flow.selection(pass.cutover).any.iter().any(|all| all.iter().all(|one| one.holds(&record)));
    let target = pass.flow.target();
    let forecast = std::collections::HashSet::new();
    let context = Context { lists: pass.lists, forecast: &forecast, destination: &pass.flow.destination.application };
    let work = pass.work(&target, context);
    // What the destination has is told of every record, of an ignored one too.
    let mut seen = Task::new(pass.flow, record.clone());
    let sight = look(work, &mut seen).await;
    let mut tasks = [begin(pass.flow, record)];
    drive(work, &mut tasks).await;
    let [task] = tasks;
    let (next, wording) = outlook(pass.flow, &task, due);
    Ok(Explained {
        flow: pass.flow.name.clone(),
        id: task.id.clone(),
        number: task.number.clone(),
        marks: hands::read(&pass.flow.source.marks, &task.record),
        unmet,
        due,
        found: found(pass.flow, &seen, sight),
        destination_id: seen.destination_id().cloned(),
        next,
        wording,
    })
}

/// What the next run will do, and why.
fn outlook(flow: &Flow, task: &Task, due: bool) -> (Outcome, Wording) {
    let (next, reason) = task.end().unwrap_or((Outcome::Deferred, Reason::OutcomeUnknown));
    let mut wording = wording(flow, task, next, reason);
    let there = &flow.destination.application;
    let object = &flow.destination.object;
    if reason == Reason::Done {
        wording.text = match next {
            Outcome::Created => format!("{there} does not have it: the next run makes it as {object}"),
            Outcome::Updated => {
                format!("{object} differs from what the source says: the next run brings it up to date")
            }
            _ => format!("{there} has it and it is equal: the next run completes the marks"),
        };
        wording.text.push_str(&by_hand(flow, task));
    }
    if due || next == Outcome::Skipped {
        return (next, wording);
    }
    wording.text = format!("no run looks at it, since its marks say that it is done; but {}", wording.text);
    (Outcome::Skipped, wording)
}
