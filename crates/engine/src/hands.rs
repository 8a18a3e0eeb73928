//! What a person does to one record by hand, checked: look in the destination, permit or refuse, write, read again.
//! What is permitted is decided in [`model::hands`].

use std::collections::HashSet;

use model::flow::Flow;
use model::hands::{self, Before, Deed, Fields, Named, Refusal};
use model::outcome::{Outcome, Tally};
use model::ports::{Fetch, Mark};
use model::problem::{Answer, Cause, Problem};
use model::protocol::{Reason, Sight};
use model::rule::Context;
use model::status::Status;
use model::value::{Name, Record, SmolStr};

use crate::batch::drive;
use crate::explain::find;
use crate::gather::{Relatives, gather};
use crate::look::{by_key, look};
use crate::pass::{Pass, begin};
use crate::refusal;
use crate::run::{FlowReport, Limits, RunError, within_limits};
use crate::task::Task;
use crate::wording::{Wording, wording};

/// What a person asks for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Once more: look up, complete or write.
    Retry,
    /// Take it out of consideration.
    Ignore {
        /// Though the destination has it.
        even_so: bool,
    },
    /// Begin anew.
    Clear {
        /// The destination's record that stands there all the same.
        accepted: Option<String>,
    },
    /// Say that it is in sync.
    MarkSynced {
        /// With this record of the destination.
        id: String,
        /// Which objects of the source can be linked to it: the object, its Integration Id, its number.
        claimants: Vec<[Name; 3]>,
    },
    /// Put the marks back.
    Undo {
        /// As they were before the action.
        before: Fields,
        /// As the action left them.
        after: Fields,
    },
}

/// What was found before anything is done, and whether it may be done.
#[derive(Debug)]
pub struct Checked {
    /// The source's id.
    pub id: SmolStr,
    /// What people call the record.
    pub number: SmolStr,
    /// What its marks say.
    pub before: Fields,
    /// What the destination has, in words.
    pub found: String,
    /// The destination's ids that were found.
    pub found_ids: Vec<SmolStr>,
    /// What may be done, or why not and what to do next.
    pub verdict: Result<Deed, (String, String)>,
    /// What its marks will say, where they are written at once.
    pub planned: Option<Fields>,
    /// For the limits: what a pass might create.
    creates: Option<Tally>,
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether it is certain that it was done.
    pub certainty: Certainty,
    /// How a pass ended.
    pub outcome: Option<Outcome>,
    /// What was done, in words.
    pub text: String,
    /// What to do next.
    pub next: Option<String>,
    /// What the marks say now.
    pub after: Fields,
}

/// Whether something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It was.
    Done,
    /// It was not.
    NotDone,
    /// Nobody knows.
    Unknown,
}

/// Looks at a record and says whether what is asked for may be done. The pass must be a dry one.
pub async fn check(pass: &Pass<'_>, record: Record, asked: &Asked) -> Result<Checked, Problem> {
    let record = gathered(pass, record).await?;
    let marks = &pass.flow.source.marks;
    let before = hands::read(marks, &record);
    let target = pass.flow.target();
    let forecast = HashSet::new();
    let work = pass.work(&target, context(pass, &forecast));
    let mut task = Task::new(pass.flow, record);
    let standing = task.standing.clone();
    let (sight, verdict, planned) = match asked {
        Asked::Retry => {
            let sight = look(work, &mut task).await;
            (sight, hands::retry(&standing, sight), None)
        }
        Asked::Ignore { even_so } => {
            let sight = look(work, &mut task).await;
            (sight, hands::ignore(&standing, sight, *even_so), Some(hands::ignored(marks, &before)))
        }
        Asked::Clear { accepted } => {
            let sight = look(work, &mut task).await;
            let found = task.destination_id().map(SmolStr::as_str);
            (sight, hands::clear(&standing, sight, found, accepted.as_deref()), Some(hands::cleared(marks)))
        }
        Asked::MarkSynced { id, claimants } => {
            let (sight, named) = named(pass, &mut task, id, claimants, &before).await?;
            let date = pass.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            (sight, hands::mark_synced(named), Some(hands::synced(marks, id, &date)))
        }
        Asked::Undo { before: then, after } => {
            let sight = look(work, &mut task).await;
            let put_back = Before { marks, before: then, after, now: &before };
            let found = task.destination_id().map(SmolStr::as_str);
            (sight, hands::undo(pass.flow.kind, put_back, sight, found), Some(hands::put_back(marks, then)))
        }
    };
    Ok(checked(pass.flow, &task, before, (sight, verdict, planned), asked))
}

fn checked(
    flow: &Flow,
    task: &Task,
    before: Fields,
    (sight, verdict, planned): (Sight, Result<Deed, Refusal>, Option<Fields>),
    asked: &Asked,
) -> Checked {
    let mut creates = Tally::default();
    creates.count(Outcome::Created);
    creates.add(task.source_money(flow).as_ref(), None);
    let passes = matches!(verdict, Ok(Deed::Pass | Deed::ClearAndPass));
    Checked {
        id: task.id.clone(),
        number: task.number.clone(),
        found: refusal::found(flow, task, sight),
        found_ids: task.destination_id().into_iter().chain(&task.several).cloned().collect(),
        planned: planned.filter(|_| verdict == Ok(Deed::Write)),
        creates: (passes && sight == Sight::Missing).then_some(creates),
        verdict: verdict.map_err(|refused| refusal::told(flow, task, refused, asked, &before)),
        before,
    }
}

/// What is found out about the destination record that a person named.
async fn named(
    pass: &Pass<'_>,
    task: &mut Task,
    id: &str,
    claimants: &[[Name; 3]],
    now: &Fields,
) -> Result<(Sight, Named), Problem> {
    let target = pass.flow.target();
    let forecast = HashSet::new();
    let work = pass.work(&target, context(pass, &forecast));
    let mut under_key = Task::new(pass.flow, task.record.clone());
    let searched = by_key(work, &mut under_key).await;
    let mut found = under_key.destination_id().into_iter().chain(&under_key.several);
    let found_elsewhere = found.any(|found| found != id);
    let held = pass.destination.by_id(&pass.flow.target_of(&target, &task.record), id).await?;
    let carried = held.as_ref().map(|held| hands::carried(held, &task.key(pass.flow)));
    let sight = match held {
        _ if searched == Sight::Unavailable || found_elsewhere => {
            *task = under_key;
            searched
        }
        None => Sight::Missing,
        Some(held) => crate::batch::judge(work, task, vec![held.found]).await,
    };
    let linked = if found_elsewhere { Vec::new() } else { linked_to(pass, &task.id, id, claimants).await? };
    let linked_elsewhere = !linked.is_empty();
    task.several.extend(linked);
    let marks = &pass.flow.source.marks;
    let date = hands::said(now, &marks.date);
    let said = hands::same(marks, now, &hands::synced(marks, id, date));
    Ok((sight, Named { carried, sight, found_elsewhere, linked_elsewhere, said }))
}

/// The numbers of other source records whose Integration Id names this destination record.
async fn linked_to(pass: &Pass<'_>, own: &str, id: &str, claimants: &[[Name; 3]]) -> Result<Vec<SmolStr>, Problem> {
    let mut linked = Vec::new();
    for [object, id_field, number] in claimants {
        let fields = vec![Name::new_static("Id"), id_field.clone(), number.clone()];
        let fetch = Fetch { object: object.to_string(), fields, field: id_field.clone(), keys: vec![id.into()] };
        let fetched = pass.source.fetch(&fetch).await?;
        let others = fetched.iter().filter(|other| other.text("Id") != own);
        linked.extend(others.map(|other| SmolStr::from(other.at(number).show())));
    }
    Ok(linked)
}

/// Does what was permitted. The pass must not be a dry one.
pub async fn carry_out(pass: &Pass<'_>, limits: &Limits, checked: &Checked, deed: Deed) -> Result<Ended, RunError> {
    let marks = &pass.flow.source.marks;
    if let Some(tally) = &checked.creates {
        let (name, tally) = (pass.flow.name.clone(), tally.clone());
        within_limits(limits, &[FlowReport { name, tally, warnings: Vec::new(), stopped: None }])?;
    }
    match (deed, &checked.planned) {
        (Deed::Write, Some(planned)) => Ok(write(pass, checked, planned).await),
        (Deed::Pass, _) => Ok(once_more(pass, checked).await),
        (Deed::ClearAndPass, _) => match write(pass, checked, &hands::cleared(marks)).await {
            Ended { certainty: Certainty::Done, .. } => Ok(once_more(pass, checked).await),
            ended => Ok(ended),
        },
        (Deed::Nothing | Deed::Write, _) => Ok(Ended {
            certainty: Certainty::Done,
            outcome: None,
            text: "nothing to do: it is so already".into(),
            next: None,
            after: checked.before.clone(),
        }),
    }
}

/// Writes the marks in one body. What is read afterwards is what the action left, in the vendor's own form.
async fn write(pass: &Pass<'_>, checked: &Checked, planned: &Fields) -> Ended {
    let flow = pass.flow;
    let here = &flow.source.application;
    let status = planned.first().map(|(_, text)| text.clone()).unwrap_or_default();
    let mark = Mark { source_id: checked.id.clone(), status, fields: planned.clone() };
    let answer = pass.source.mark(&flow.source.object, &[mark]).await.pop();
    let now = marks_now(pass, &checked.id).await;
    let stands = now.as_ref().is_some_and(|now| hands::same(&flow.source.marks, now, planned));
    let (certainty, text, next) = match answer {
        Some(Answer::Accepted(_)) => (Certainty::Done, format!("{here} took the marks"), in_doubt(pass, checked)),
        Some(Answer::Unknown(_)) | None if stands => (
            Certainty::Done,
            format!("the answer of {here} was lost; read again, the marks stand"),
            in_doubt(pass, checked),
        ),
        Some(Answer::Refused(problem) | Answer::NotDone(problem)) => {
            (Certainty::NotDone, format!("the marks were not written: {problem}"), Some(problem.remedy))
        }
        Some(Answer::Unknown(problem)) => (
            Certainty::Unknown,
            format!("whether {here} took the marks is not known, and they do not stand yet: {problem}"),
            Some("They may still land: look again with `counterfoil explain` before you repeat it.".into()),
        ),
        None => (Certainty::Unknown, format!("{here} said nothing of the mark"), None),
    };
    let after = match (now, certainty) {
        (Some(now), _) if stands || certainty == Certainty::NotDone => now,
        (_, Certainty::NotDone) => checked.before.clone(),
        // Another's hand was faster, or the source does not show it yet: an undo then finds them changed.
        _ => planned.clone(),
    };
    Ended { certainty, outcome: None, text, next, after }
}

/// A write that was announced can land after the look.
fn in_doubt(pass: &Pass<'_>, checked: &Checked) -> Option<String> {
    let status = Status::read(hands::said(&checked.before, &pass.flow.source.marks.status));
    let there = &pass.flow.destination.application;
    let told =
        || format!("A write was announced before. If it still lands in {there}, `counterfoil explain` shows it.");
    (status == Status::InProgress && checked.found_ids.is_empty()).then(told)
}

/// Takes the record through one pass, as it is now.
async fn once_more(pass: &Pass<'_>, checked: &Checked) -> Ended {
    let (certainty, outcome, text, next) = match passed(pass, &checked.id).await {
        Ok((outcome, words)) => {
            let certainty = if outcome == Outcome::Deferred { Certainty::Unknown } else { Certainty::Done };
            (certainty, Some(outcome), words.text, words.remedy)
        }
        Err(problem) => (Certainty::Unknown, None, problem.to_string(), Some(problem.remedy)),
    };
    let after = marks_now(pass, &checked.id).await.unwrap_or_else(|| checked.before.clone());
    Ended { certainty, outcome, text, next, after }
}

async fn passed(pass: &Pass<'_>, id: &SmolStr) -> Result<(Outcome, Wording), Problem> {
    let Some(record) = find(pass, id).await?.into_iter().find(|record| record.text("Id") == id) else {
        let here = &pass.flow.source.application;
        let words = format!("{id} is not shown any more");
        return Err(Problem::new(here, "read the record again", Cause::Validation, words));
    };
    let target = pass.flow.target();
    let forecast = HashSet::new();
    let mut tasks = [begin(pass.flow, gathered(pass, record).await?)];
    drive(pass.work(&target, context(pass, &forecast)), &mut tasks).await;
    let [task] = tasks;
    let (outcome, reason) = task.end().unwrap_or((Outcome::Deferred, Reason::OutcomeUnknown));
    Ok((outcome, wording(pass.flow, &task, outcome, reason)))
}

fn context<'a>(pass: &'a Pass<'_>, forecast: &'a HashSet<SmolStr>) -> Context<'a> {
    Context { lists: pass.lists, forecast, destination: &pass.flow.destination.application }
}

async fn gathered(pass: &Pass<'_>, record: Record) -> Result<Record, Problem> {
    let mut records = [record];
    gather(pass.source, pass.flow, &Relatives::of(pass.flow), &mut records).await?;
    let [record] = records;
    Ok(record)
}

async fn marks_now(pass: &Pass<'_>, id: &SmolStr) -> Option<Fields> {
    let marks = &pass.flow.source.marks;
    let named = hands::cleared(marks).into_iter().map(|(name, _)| name);
    let fetch = Fetch {
        object: pass.flow.source.object.clone(),
        fields: std::iter::once(Name::new_static("Id")).chain(named).collect(),
        field: Name::new_static("Id"),
        keys: vec![id.clone()],
    };
    let record = pass.source.fetch(&fetch).await.ok()?.pop()?;
    Some(hands::read(marks, &record))
}
