//! Where a destination enforces no key, a record that was announced lately may still be made by the request of a process
//! that died: until that can no longer be, a look-up that misses proves nothing, and one that finds may not show all. The
//! time counts from the source's own stamp of the mark, so that it survives a restart and a lost journal.

use jiff::{SignedDuration, Timestamp};
use model::problem::{Cause, Problem};
use model::protocol::{Next, Sight};
use model::status::Status;

use crate::batch::{Work, seen};
use crate::task::Task;

/// The tasks whose earlier writes are certainly over; the others wait.
pub(crate) fn settled<'a>(work: Work<'_>, tasks: Vec<&'a mut Task>) -> Vec<&'a mut Task> {
    let Some(seconds) = work.destination.wait_out() else { return tasks };
    let now = work.clock.now();
    let mut ready = Vec::with_capacity(tasks.len());
    for task in tasks {
        match until(work, task, seconds).filter(|until| matches!(task.next, Next::Search) && now < *until) {
            None => ready.push(task),
            Some(until) => {
                task.problem = Some(waiting(work, until, now));
                seen(task, Sight::Unavailable);
            }
        }
    }
    ready
}

/// Until when an earlier write of a record may land. A stamp that cannot be read is as new as can be.
fn until(work: Work<'_>, task: &Task, seconds: u64) -> Option<Timestamp> {
    if task.standing.status != Status::InProgress {
        return None;
    }
    let field = work.flow.source.marks.stamp.as_ref()?;
    let stamp = moment(task.field(field).show().as_str()).unwrap_or_else(|| work.clock.now());
    Some(later(stamp, seconds))
}

/// However much is configured: the end of time is late enough.
fn later(stamp: Timestamp, seconds: u64) -> Timestamp {
    let wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    stamp.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// `2026-01-31T12:34:56.000+0000`: Salesforce leaves out the colon that the standard wants.
fn moment(text: &str) -> Option<Timestamp> {
    let bare = text.strip_suffix("+0000").map(|bare| format!("{bare}Z"));
    bare.as_deref().unwrap_or(text).parse().ok()
}

fn waiting(work: Work<'_>, until: Timestamp, now: Timestamp) -> Problem {
    let application = work.flow.destination.application.as_str();
    let words = format!(
        "an earlier attempt may still be under way, and {application} enforces no key: it is waited out until {}",
        until.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    let seconds = u64::try_from(until.duration_since(now).as_secs()).unwrap_or(0) + 1;
    let problem = Problem::new(application, "look up", Cause::Timeout, words);
    Problem {
        stay_away: Some(seconds),
        ..problem.with_remedy("Nothing to do: the next run after that looks it up, and completes or writes it.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_without_end_ends_with_time() {
        let at: Timestamp = "2026-01-31T12:34:56Z".parse().unwrap();
        assert_eq!(later(at, 4).as_second(), at.as_second() + 4);
        assert_eq!(later(at, u64::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_stamp_is_read_as_salesforce_writes_it_and_as_the_standard_does() {
        let at: Timestamp = "2026-01-31T12:34:56Z".parse().unwrap();
        assert_eq!(moment("2026-01-31T12:34:56.000+0000"), Some(at));
        assert_eq!(moment("2026-01-31T12:34:56Z"), Some(at));
        assert_eq!(moment("2026-01-31"), None);
    }
}
