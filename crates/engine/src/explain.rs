//! Why a record stands where it stands, and what the next run will do: the same pass over one record, dry.

use model::flow::Flow;
use model::outcome::Outcome;
use model::ports::Fetch;
use model::problem::Problem;
use model::rule::Context;
use model::value::{Name, Record, SmolStr};

use crate::batch::drive;
use crate::gather::{Relatives, gather};
use crate::pass::{Pass, begin};
use crate::task::Task;
use crate::wording::{Wording, wording};

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
    pub marks: Vec<(Name, String)>,
    /// The conditions of the flow that the record does not meet; then no run takes it up.
    pub unmet: Vec<String>,
    /// The destination's id, if the destination has the record now.
    pub destination_id: Option<SmolStr>,
    /// What the next run will do.
    pub next: Outcome,
    /// In words.
    pub wording: Wording,
}

/// Reads a record by its number or its id; there can be several of the same number.
pub async fn find(pass: &Pass<'_>, record: &str) -> Result<Vec<Record>, Problem> {
    let by = |field: &str| Fetch {
        object: pass.flow.source.object.clone(),
        fields: pass.flow.fields(""),
        field: field.into(),
        keys: vec![record.into()],
    };
    let named = pass.source.fetch(&by(&pass.flow.source.number)).await?;
    if named.is_empty() { pass.source.fetch(&by("Id")).await } else { Ok(named) }
}

/// Explains one record. The pass must be a dry one.
pub async fn explain(pass: &Pass<'_>, record: Record) -> Result<Explained, Problem> {
    let unmet: Vec<String> = pass
        .flow
        .conditions(pass.cutover)
        .iter()
        .filter(|condition| !condition.holds(&record))
        .map(|condition| format!("{condition} (it is '{}')", record.at(&condition.field)))
        .collect();
    let mut records = [record];
    gather(pass.source, pass.flow, &Relatives::of(pass.flow), &mut records).await?;
    let [record] = records;
    let marks = marks(pass.flow, &record);
    let mut tasks = [begin(pass.flow, record)];
    let forecast = std::collections::HashSet::new();
    let context = Context { lists: pass.lists, forecast: &forecast, destination: &pass.flow.destination.application };
    drive(pass.work(&pass.flow.target(), context), &mut tasks).await;
    let [task] = tasks;
    Ok(explained(pass.flow, task, marks, unmet))
}

fn marks(flow: &Flow, record: &Record) -> Vec<(Name, String)> {
    let marks = &flow.source.marks;
    let fields = [Some(&marks.status), Some(&marks.id), marks.transferred.as_ref()];
    fields.into_iter().flatten().map(|field| (field.clone(), record.at(field).show())).collect()
}

fn explained(flow: &Flow, task: Task, marks: Vec<(Name, String)>, unmet: Vec<String>) -> Explained {
    let (next, reason) = task.end().unwrap_or((Outcome::Deferred, model::protocol::Reason::OutcomeUnknown));
    let mut wording = wording(flow, &task, next, reason);
    if reason == model::protocol::Reason::Done {
        let there = &flow.destination.application;
        let object = &flow.destination.object;
        wording.text = match next {
            Outcome::Created => format!("{there} does not have it: the next run makes it as {object}"),
            Outcome::Updated => {
                format!("{object} differs from what the source says: the next run brings it up to date")
            }
            _ => format!("{there} has it and it is equal: the next run completes the marks"),
        };
    }
    Explained {
        flow: flow.name.clone(),
        id: task.id.clone(),
        number: task.number.clone(),
        marks,
        unmet,
        destination_id: task.destination_id().cloned(),
        next,
        wording,
    }
}
