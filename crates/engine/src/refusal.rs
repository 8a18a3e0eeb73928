//! What a person is told who asked for something by hand: what stands in the destination, why it is refused, what to do.

use model::flow::Flow;
use model::hands::{Fields, Refusal, said};
use model::protocol::Sight;
use model::rule::Obstacle;

use crate::hands::Asked;
use crate::task::Task;
use crate::wording::{differences, held};

/// What the destination has, in words.
pub(crate) fn found(flow: &Flow, task: &Task, sight: Sight) -> String {
    let there = &flow.destination.application;
    let object = &flow.destination.object;
    let number = &task.number;
    match sight {
        Sight::Missing => format!("{there} has no record of \"{number}\""),
        Sight::Equal => format!("{there} has {object} {}, and it is equal", held(task)),
        Sight::Different if task.differences.is_empty() => format!("{there} has {object} {}", held(task)),
        Sight::Different => format!("{there} has {object} {}, but it differs: {}", held(task), differences(task)),
        Sight::Several => format!("{there} has several records for \"{number}\": {}", task.several.join(", ")),
        Sight::Unavailable => match (&task.problem, task.obstacles.first()) {
            (Some(problem), _) => format!("{there} could not be searched: {problem}"),
            (None, Some(Obstacle::Invalid(text) | Obstacle::Waiting(text))) => {
                format!("what {there} has cannot be compared yet: {text}")
            }
            (None, None) => format!("{there} could not be searched"),
        },
    }
}

/// Why it is refused, and what to do next.
pub(crate) fn told(flow: &Flow, task: &Task, refused: Refusal, asked: &Asked, now: &Fields) -> (String, String) {
    let there = &flow.destination.application;
    let here = &flow.source.application;
    let object = &flow.destination.object;
    let both = |why: String, next: &str| (why, next.to_owned());
    match refused {
        Refusal::Ignored => both("it says Ignore".into(), "Undo the ignore, or `counterfoil clear` the record, first."),
        Refusal::NotLooked => both(
            format!("without a look in {there} nothing is done by hand"),
            "Mend what keeps it from being looked up and compared, then ask again.",
        ),
        Refusal::Stands => both(
            format!(
                "{there} has it as {object} {}",
                if task.several.is_empty() { held(task).into() } else { task.several.join(", ") }
            ),
            match asked {
                Asked::Ignore { .. } => {
                    "Nothing would say any more that both belong together. If it shall be so, add --even-so."
                }
                _ => {
                    "The next run would only find it again: `counterfoil retry` compares and completes it. If the marks \
                     shall be blank all the same, name it with --accept-found."
                }
            },
        ),
        Refusal::Several => (
            format!("{there} has several records for it: {}", task.several.join(", ")),
            format!("Keep one of them in {there} and delete the others, then ask again."),
        ),
        Refusal::Different => both(
            format!("{object} {} differs: {}", held(task), differences(task)),
            "Find out which side is right and correct the other, or name another record.",
        ),
        Refusal::NoSuchRecord => (
            format!("{there} has no {object} of that id"),
            format!("Look up the record's internal id in {there}; its number is not its id."),
        ),
        Refusal::CarriesAnother => both(
            format!("that {object} carries the id of another record of {here}"),
            "Two records of one side cannot be the same on the other: name the record's own counterpart.",
        ),
        Refusal::FoundElsewhere => both(
            format!("{there} has it already, as {}", found_ids(task)),
            "Name that one, or let `counterfoil retry` find and compare it.",
        ),
        Refusal::LinkedElsewhere => both(
            format!("another record of {here} is linked to that {object}: {}", task.several.join(", ")),
            "Two records of one side cannot be the same on the other: find out which of them it is.",
        ),
        Refusal::ChangedSince => (
            format!("the marks were changed since: {}", changed(flow, asked, now)),
            "What stands now was put there later. `counterfoil explain` tells what it says.".into(),
        ),
        Refusal::WouldSayDone => both(
            format!("the marks would say again that it is done, but {}", found(flow, task, absent_or(task))),
            "`counterfoil retry` finds out and brings it in order.",
        ),
    }
}

fn found_ids(task: &Task) -> String {
    if task.several.is_empty() { held(task).to_owned() } else { task.several.join(", ") }
}

/// What was seen, as far as the task tells it.
fn absent_or(task: &Task) -> Sight {
    match () {
        () if !task.several.is_empty() => Sight::Several,
        () if task.found.is_none() => Sight::Missing,
        () if task.differences.is_empty() => Sight::Equal,
        () => Sight::Different,
    }
}

/// The fields that are not as the action left them.
fn changed(flow: &Flow, asked: &Asked, now: &Fields) -> String {
    let Asked::Undo { after, .. } = asked else { return String::new() };
    let marks = &flow.source.marks;
    let named = [&marks.status, &marks.id, &marks.date].into_iter().chain(&marks.transferred);
    let changed = named.filter(|name| said(after, name) != said(now, name));
    let told = changed.map(|name| format!("{name} was '{}' and is '{}'", said(after, name), said(now, name)));
    told.collect::<Vec<_>>().join("; ")
}
