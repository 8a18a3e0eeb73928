//! A look at one record in the destination, where a search of many is not enough.

use model::hands::{Carried, carried};
use model::ports::Found;
use model::problem::Problem;
use model::protocol::{Kind, Sight};

use crate::batch::{Work, judge};
use crate::task::Task;

/// Looks a record up whatever its marks say: a search, and where that misses, its own address.
pub async fn look(work: Work<'_>, task: &mut Task) -> Sight {
    match by_key(work, task).await {
        Sight::Missing => of(work, task, linked(work, task).await).await,
        sight => sight,
    }
}

/// Looks a record up by the ids of the source alone, not by what its Integration Id names.
pub async fn by_key(work: Work<'_>, task: &mut Task) -> Sight {
    match work.destination.look_up(work.target, &[task.key(work.flow)]).await {
        Err(problem) => unavailable(task, problem),
        Ok(found) => match found.into_iter().next().unwrap_or_default() {
            none if none.is_empty() => of(work, task, own_address(work, task).await).await,
            some => judge(work, task, some).await,
        },
    }
}

/// Asks at the addresses that do not lag behind: under the record's own key, then under the id that the search gave or the
/// source names.
pub(crate) async fn ask(work: Work<'_>, task: &mut Task) -> Sight {
    let found = match own_address(work, task).await {
        Ok(None) => linked(work, task).await,
        found => found,
    };
    of(work, task, found).await
}

async fn own_address(work: Work<'_>, task: &Task) -> Result<Option<Found>, Problem> {
    let target = work.flow.target_of(work.target, &task.record);
    work.destination.ask_record(&target, &task.key(work.flow)).await
}

/// The record that a search found, or that a document's Integration Id names. It counts unless it carries another source record's id: a person
/// named it with `mark-synced`, or took our ids from it. A master record is only ever known by its own id.
async fn linked(work: Work<'_>, task: &Task) -> Result<Option<Found>, Problem> {
    let named = || task.field(&work.flow.source.marks.id).show();
    let id = match &task.found {
        Some(found) => found.id.to_string(),
        None if task.standing.linked && work.flow.kind == Kind::Document => named(),
        None => return Ok(None),
    };
    let target = work.flow.target_of(work.target, &task.record);
    let held = work.destination.by_id(&target, &id).await?;
    let key = task.key(work.flow);
    Ok(held.filter(|held| carried(held, &key) != Carried::Anothers).map(|held| held.found))
}

async fn of(work: Work<'_>, task: &mut Task, found: Result<Option<Found>, Problem>) -> Sight {
    match found {
        Ok(found) => judge(work, task, found.into_iter().collect()).await,
        Err(problem) => unavailable(task, problem),
    }
}

fn unavailable(task: &mut Task, problem: Problem) -> Sight {
    task.problem = Some(problem);
    Sight::Unavailable
}
