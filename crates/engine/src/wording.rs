//! What a person is told about a record's end: what failed, on which record, in which application, in its own words,
//! and what to do next.

use model::flow::Flow;
use model::hands::contradicts_itself;
use model::outcome::Outcome;
use model::problem::{Cause, Problem, Retry};
use model::protocol::{Kind, Reason};
use model::rule::Obstacle;

use crate::others;
use crate::task::Task;

/// The end of a record's pass, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// What happened.
    pub text: String,
    /// The cause, where something must be mended or waited for.
    pub cause: Option<Cause>,
    /// Whether and when it is tried again.
    pub retry: Option<Retry>,
    /// What to do next.
    pub remedy: Option<String>,
}

impl Wording {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), cause: None, retry: None, remedy: None }
    }

    fn failed(text: impl Into<String>, cause: Cause, remedy: impl Into<String>) -> Self {
        Self { text: text.into(), cause: Some(cause), retry: Some(cause.retry()), remedy: Some(remedy.into()) }
    }
}

/// The words for a task's end.
pub fn wording(flow: &Flow, task: &Task, outcome: Outcome, reason: Reason) -> Wording {
    let there = &flow.destination.application;
    let here = &flow.source.application;
    let object = &flow.destination.object;
    let record = &task.number;
    match reason {
        Reason::Done => done(flow, task, outcome),
        Reason::Ignored => Wording::plain("the status or the flag says Ignore"),
        Reason::InSync => Wording::plain("in sync, nothing changed"),
        Reason::NotMeantToTravel => Wording::plain(obstacles(task)),
        Reason::Invalid => Wording::failed(
            format!("{here} warning for record \"{record}\": {}", obstacles(task)),
            Cause::Validation,
            format!("Correct the record in {here} (or add what is missing in {there}), then run again."),
        ),
        // Nothing is the matter with this record: the cause stands beside its parent, and it can be any.
        Reason::WaitingForParent => Wording {
            text: format!("waits: {}", obstacles(task)),
            cause: None,
            retry: None,
            remedy: Some("Mend the parent first; the next run takes this record up by itself.".to_owned()),
        },
        Reason::Different => different(flow, task),
        Reason::Several => Wording::failed(
            format!("{there} has several records for \"{record}\": {}", task.several.join(", ")),
            Cause::Validation,
            format!("Keep one of them in {there} and delete the others, then run again."),
        ),
        Reason::AbsentUnderYes | Reason::AbsentUnderComplete | Reason::LinkedButAbsent => {
            contradiction(flow, task, reason)
        }
        Reason::SearchUnavailable | Reason::MarkUncertain | Reason::WriteNotDone | Reason::OutcomeUnknown => {
            uncertain(flow, task, reason)
        }
        Reason::NotVisible => Wording::failed(
            format!("{there} accepted record \"{record}\", but does not show it yet"),
            Cause::Overload,
            "Nothing to do: the next run reads it back.",
        ),
        Reason::MarkRefused => from_problem(task, format!("source refused the mark: {here} for record \"{record}\"")),
        Reason::WriteRefused => from_problem(task, format!("Warning received from {there} for record \"{record}\"")),
        Reason::CompletionRefused => {
            from_problem(task, format!("{there} has {object} {}, but {here} refused to be told so", held(task)))
        }
        Reason::CompletionUncertain => {
            from_problem(task, format!("{there} has {object} {}; whether {here} heard so is not known", held(task)))
        }
    }
}

/// What the destination has is not what it should have. Where a write of this pass went wrong, the record arrived in part:
/// nobody else changed it, and the next run brings a master record up to date.
fn different(flow: &Flow, task: &Task) -> Wording {
    let there = &flow.destination.application;
    let object = &flow.destination.object;
    let differs = format!("but it differs: {}{}", differences(task), by_hand(flow, task));
    let has = format!("{there} has {object} {} for record \"{}\"", held(task), task.number);
    let is_half_written = |problem: &&Problem| problem.application == *there && !problem.key_taken;
    match task.problem.as_ref().filter(is_half_written) {
        Some(_) if flow.kind == Kind::Master => {
            from_problem(task, format!("{has}, which did not arrive whole: {}", differences(task)))
        }
        _ => Wording::failed(
            format!("{has}, {differs}"),
            Cause::Validation,
            format!(
                "Find out which side is right. Correct it, or delete {object} {} in {there}, then run again.",
                held(task)
            ),
        ),
    }
}

fn done(flow: &Flow, task: &Task, outcome: Outcome) -> Wording {
    let there = &flow.destination.application;
    let object = &flow.destination.object;
    let lost = task.problem.as_ref().map(|problem| format!(" ({problem}; it was looked up)")).unwrap_or_default();
    if outcome == Outcome::Found && others::made(task) {
        let held = held(task);
        let text = format!(
            "somebody else made it as {object} {held} in {there}, after this run had searched for it; it is equal"
        );
        return Wording::failed(text, Cause::Configuration, others::REMEDY);
    }
    let lost = format!("{lost}{}", by_hand(flow, task));
    Wording::plain(match outcome {
        Outcome::Created => format!("made as {object} {} in {there}, read back and equal{lost}", held(task)),
        Outcome::Updated => format!("{object} {} in {there} brought up to date and read back{lost}", held(task)),
        Outcome::Found => format!("{there} had it already as {object} {}, and it is equal{lost}", held(task)),
        Outcome::Warned | Outcome::Deferred | Outcome::Skipped => outcome.name().to_owned(),
    })
}

/// What the marks said, where no engine leaves them so: then a person, or another program, wrote them.
pub(crate) fn by_hand(flow: &Flow, task: &Task) -> String {
    if !contradicts_itself(&task.standing) {
        return String::new();
    }
    let marks = &flow.source.marks;
    let fields = [Some(&marks.status), marks.transferred.as_ref(), Some(&marks.id)];
    let says = fields.into_iter().flatten().map(|field| format!("{field} was '{}'", task.field(field)));
    format!("; before, its marks were as no run leaves them: {}", says.collect::<Vec<_>>().join(", "))
}

fn contradiction(flow: &Flow, task: &Task, reason: Reason) -> Wording {
    let there = &flow.destination.application;
    let marks = &flow.source.marks;
    let says = |field: &str| format!("{field} is '{}'", task.field(field));
    let flag = marks.transferred.as_deref().map(|field| format!(" and {}", says(field))).unwrap_or_default();
    let text = match reason {
        Reason::LinkedButAbsent => {
            format!("{}, but {there} has no record that carries the id of \"{}\"", says(&marks.id), task.number)
        }
        _ => format!("{}{flag}, but {there} has no record of \"{}\"", says(&marks.status), task.number),
    };
    let remedy = format!(
        "If it should be made in {there}, `counterfoil retry` it; if not, `counterfoil ignore` it; if {there} has it under \
         another id, `counterfoil mark-synced` it."
    );
    Wording::failed(text, Cause::Validation, remedy)
}

fn uncertain(flow: &Flow, task: &Task, reason: Reason) -> Wording {
    let there = &flow.destination.application;
    let here = &flow.source.application;
    let record = &task.number;
    let text = match reason {
        Reason::SearchUnavailable => format!("{there} could not be searched for record \"{record}\""),
        Reason::MarkUncertain => {
            format!("the mark on record \"{record}\" is not confirmed by {here}; nothing was written")
        }
        Reason::WriteNotDone => format!("record \"{record}\" did not reach {there}"),
        _ => format!("whether {there} has record \"{record}\" is not known yet"),
    };
    match (&task.problem, task.obstacles.is_empty()) {
        (None, false) => Wording::failed(
            format!("{text}: {}", obstacles(task)),
            Cause::Validation,
            "Mend what it refers to; the next run takes this record up by itself.",
        ),
        _ => from_problem(task, text),
    }
}

fn from_problem(task: &Task, text: String) -> Wording {
    match &task.problem {
        Some(problem) => {
            let status = problem.status.map(|status| format!(" HTTP {status}")).unwrap_or_default();
            let code = problem.code.as_ref().map(|code| format!(" Code: {code}")).unwrap_or_default();
            let text = format!("{text} ({}:{status}{code} Message: {})", problem.call, problem.words);
            let retry = Some(problem.retry());
            Wording { retry, ..Wording::failed(text, problem.cause, problem.remedy.clone()) }
        }
        None => Wording::failed(text, Cause::Overload, Cause::Overload.remedy()),
    }
}

pub(crate) fn held(task: &Task) -> &str {
    task.destination_id().map_or("(no id)", |id| id.as_str())
}

pub(crate) fn differences(task: &Task) -> String {
    task.differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn obstacles(task: &Task) -> String {
    let texts = task.obstacles.iter().map(|obstacle| match obstacle {
        Obstacle::Invalid(text) | Obstacle::Waiting(text) => text.as_str(),
    });
    texts.collect::<Vec<_>>().join("; ")
}
