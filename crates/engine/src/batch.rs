//! One batch through the protocol: each round carries out, for all records at once, what was decided for them.

use futures::StreamExt;
use model::equality::{differences, holds};
use model::flow::{DestinationSide, Equal, Flow};
use model::mapping::{Terms, draft, expectations, unlike};
use model::outcome::Outcome;
use model::ports::{Clock, Destination, Entry, Event, Found, Log, Mark, Source, Target, Write};
use model::problem::{Answer, Cause, Problem};
use model::protocol::{Evidence, Intent, Kind, Marked, Next, Preparation, Reason, Reply, Reread, Sight};
use model::rule::{Context, Obstacle};
use model::status::{Operation, SYNC_COMPLETE, error, in_progress};
use model::value::SmolStr;
use tokio::sync::Semaphore;

use crate::look;
use crate::task::Task;
use crate::wait_out;
use crate::wording::{Wording, wording};

/// What a batch works with.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Its record type in the destination.
    pub target: &'a Target,
    /// Where its records come from.
    pub source: &'a dyn Source,
    /// Where they go.
    pub destination: &'a dyn Destination,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The sync log.
    pub log: &'a dyn Log,
    /// What a mapping needs beside the record.
    pub context: Context<'a>,
    /// Who may announce and write now, of all the batches that go to this destination.
    pub turns: &'a Semaphore,
    /// Read everything, write nothing, not even a mark.
    pub dry: bool,
}

/// Batches that announce and write at once, of those under way. If all did, they would share the destination's slots
/// evenly, come to their end together, and leave the slots empty while all of them look, settle and read. In turns, one
/// writes, the next is announced, and the others are before it or behind it.
pub const TURNS: usize = 2;

/// Drives all tasks to their end.
pub async fn drive(work: Work<'_>, tasks: &mut [Task]) {
    while tasks.iter().any(|task| task.end().is_none()) {
        search(work, lane(tasks, |next| matches!(next, Next::Search))).await;
        ask_record(work, lane(tasks, |next| matches!(next, Next::AskRecord))).await;
        prepare(work, lane(tasks, |next| matches!(next, Next::Prepare(_))));
        if work.dry {
            forecast(tasks);
            continue;
        }
        announce_and_write(work, tasks).await;
        search(work, lane(tasks, |next| matches!(next, Next::ReadBack(..)))).await;
        ask_record(work, lane(tasks, |next| matches!(next, Next::ReadAtRecord(..)))).await;
        settle(work, lane(tasks, |next| matches!(next, Next::Complete(_) | Next::Fail(..)))).await;
    }
    let ends = tasks.iter().filter_map(|task| end_entry(work, task)).collect();
    work.log.append(ends).await;
}

async fn announce_and_write(work: Work<'_>, tasks: &mut [Task]) {
    if !tasks.iter().any(|task| matches!(task.next, Next::Mark(_))) {
        return;
    }
    // The semaphore is never closed; if it were, writing out of turn would only be slower.
    let _turn = work.turns.acquire().await.ok();
    mark(work, lane(tasks, |next| matches!(next, Next::Mark(_)))).await;
    reread(work, lane(tasks, |next| matches!(next, Next::RereadMark(_)))).await;
    write(work, lane(tasks, |next| matches!(next, Next::Write(_)))).await;
}

fn lane(tasks: &mut [Task], wanted: fn(&Next) -> bool) -> Vec<&mut Task> {
    tasks.iter_mut().filter(|task| wanted(&task.next)).collect()
}

/// What the next real step would be is where a dry run ends.
fn forecast(tasks: &mut [Task]) {
    for task in tasks {
        task.next = match &task.next {
            Next::Mark(Operation::Create) => Next::Stop(Outcome::Created, Reason::Done),
            Next::Mark(Operation::Update) => Next::Stop(Outcome::Updated, Reason::Done),
            Next::Complete(outcome) => Next::Stop(*outcome, Reason::Done),
            Next::Fail(_, reason) => Next::Stop(Outcome::Warned, *reason),
            _ => continue,
        };
    }
}

/// Looks records up in the destination, before a write or after it.
async fn search(work: Work<'_>, tasks: Vec<&mut Task>) {
    let mut tasks = wait_out::settled(work, tasks);
    if tasks.is_empty() {
        return;
    }
    let keys: Vec<_> = tasks.iter().map(|task| task.key(work.flow)).collect();
    match work.destination.look_up(work.target, &keys).await {
        Ok(found) => {
            for (task, found) in tasks.iter_mut().zip(found) {
                let sight = judge(work, task, found).await;
                seen(task, sight);
            }
        }
        Err(problem) => {
            let problem = of_the_flow(work.flow, problem);
            for task in tasks {
                task.problem = Some(problem.clone());
                seen(task, Sight::Unavailable);
            }
        }
    }
}

/// A search that only a person can mend fails alike for every batch: it asks for a column that is not there, or the role
/// may not search. No record is to blame.
fn of_the_flow(flow: &Flow, mut problem: Problem) -> Problem {
    if !matches!(problem.cause, Cause::Configuration | Cause::Permission) {
        return problem;
    }
    if let Some(column) = flow.target().columns.iter().find(|column| problem.words.contains(column.as_str())) {
        problem.words = format!("{} ({})", problem.words, flow.origin.of(column));
    }
    problem.for_all()
}

/// Asks at the record's own address, one by one: only for records whose fate a search left in doubt.
async fn ask_record(work: Work<'_>, tasks: Vec<&mut Task>) {
    futures::stream::iter(tasks)
        .for_each_concurrent(work.destination.concurrency(), |task| async move {
            let sight = look::ask(work, task).await;
            seen(task, sight);
        })
        .await;
}

pub(crate) fn seen(task: &mut Task, sight: Sight) {
    let evidence = match task.next {
        Next::ReadBack(operation, reply) => Evidence::ReadBack(operation, reply, sight),
        Next::ReadAtRecord(operation, reply) => Evidence::ReadAtRecord(operation, reply, sight),
        Next::AskRecord => Evidence::AskedRecord(sight),
        _ => Evidence::Searched(sight),
    };
    task.learn(evidence);
}

/// Found is not yet equal: compares what was found with what the source says.
pub(crate) async fn judge(work: Work<'_>, task: &mut Task, mut found: Vec<Found>) -> Sight {
    if found.len() > 1 {
        task.several = found.into_iter().map(|found| found.id).collect();
        return Sight::Several;
    }
    let Some(found) = found.pop() else { return Sight::Missing };
    if work.flow.kind == Kind::Master && task.draft.is_none() {
        task.draft = draft(work.flow, &task.record, Operation::Update, work.context).ok();
        if task.draft.is_none() {
            task.found = Some(found);
            return Sight::Different;
        }
    }
    let sight = match expectations(work.flow, &task.record, task.draft.as_ref(), work.context) {
        Err(obstacle) => {
            task.obstacles = vec![obstacle];
            Sight::Unavailable
        }
        Ok(expected) => {
            task.differences = differences(&expected, &found.record);
            if task.differences.is_empty() { content(work, task, &found).await } else { Sight::Different }
        }
    };
    task.found = Some(found);
    sight
}

/// Where the tenant has no field for a fingerprint, a master record is read whole and compared field by field.
async fn content(work: Work<'_>, task: &mut Task, found: &Found) -> Sight {
    if work.flow.kind == Kind::Document || work.flow.destination.fingerprint.is_some() {
        return Sight::Equal;
    }
    let Some(draft) = &task.draft else { return Sight::Different };
    if work.flow.destination.whole {
        task.differences = unlike(work.flow, draft, &found.record);
        return if task.differences.is_empty() { Sight::Equal } else { Sight::Different };
    }
    let own = |list: &str| {
        let shared = work.flow.destination.lines.iter().find(|lines| lines.into == list);
        shared.and_then(|lines| lines.own.clone())
    };
    match work.destination.read(&work.flow.target_of(work.target, &task.record), &found.id).await {
        Ok(Some(held)) if holds(&draft.fields, &held, &own) => Sight::Equal,
        Ok(_) => Sight::Different,
        Err(problem) => {
            task.problem = Some(problem);
            Sight::Unavailable
        }
    }
}

fn prepare(work: Work<'_>, tasks: Vec<&mut Task>) {
    for task in tasks {
        let Next::Prepare(operation) = task.next else { continue };
        let drafted = match barred(work.flow, task, operation) {
            Some(obstacle) => Err(vec![obstacle]),
            None => draft(work.flow, &task.record, operation, work.context),
        };
        let preparation = match drafted {
            Ok(draft) => {
                task.draft = Some(draft);
                Preparation::Ready
            }
            Err(obstacles) => {
                let invalid = obstacles.iter().any(|obstacle| matches!(obstacle, Obstacle::Invalid(_)));
                task.obstacles = obstacles;
                if invalid { Preparation::Invalid } else { Preparation::Waiting }
            }
        };
        task.learn(Evidence::Prepared(operation, preparation));
    }
}

/// Why a record is not ours to make or to change, whatever it holds.
fn barred(flow: &Flow, task: &Task, operation: Operation) -> Option<Obstacle> {
    let DestinationSide { application: there, made_by, look_only, .. } = &flow.destination;
    if operation == Operation::Create {
        let maker = made_by.as_ref()?;
        return Some(Obstacle::Waiting(format!("{there} does not have it yet: {maker} makes it")));
    }
    let differences = || task.differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if *look_only {
        let maker = made_by.as_deref().unwrap_or_default();
        return Some(Obstacle::Invalid(format!("{} ({maker} writes there, and we do not)", differences())));
    }
    let fixed = |equal: &Equal| equal.fixed.clone().filter(|_| task.differences.iter().any(|it| it.what == equal.what));
    let reason = flow.equal.iter().find_map(fixed)?;
    Some(Obstacle::Invalid(format!("{}: {reason}", differences())))
}

fn in_progress_mark(flow: &Flow, task: &Task, operation: Operation) -> Mark {
    let marks = &flow.source.marks;
    let status = in_progress(operation, &flow.noun);
    let mut fields = vec![(marks.status.clone(), status.clone())];
    fields.extend(marks.transferred.clone().map(|flag| (flag, SmolStr::new_static("Processing"))));
    Mark { source_id: task.id.clone(), status, fields }
}

async fn mark(work: Work<'_>, tasks: Vec<&mut Task>) {
    if tasks.is_empty() {
        return;
    }
    let operation_of = |task: &Task| if let Next::Mark(operation) = task.next { operation } else { Operation::Create };
    let marks: Vec<Mark> = tasks.iter().map(|task| in_progress_mark(work.flow, task, operation_of(task))).collect();
    let answers = work.source.mark(&work.flow.source.object, &marks).await;
    let mut entries = Vec::new();
    for (task, answer) in tasks.into_iter().zip(answers) {
        let operation = operation_of(task);
        entries.extend(attempt(work, task, "mark", operation, &answer));
        let (marked, problem) = match answer {
            Answer::Accepted(receipt) => {
                task.announced = true;
                (Marked::Confirmed(receipt), None)
            }
            Answer::Refused(problem) => (Marked::Refused, Some(problem)),
            Answer::Unknown(problem) => (Marked::Unknown, Some(problem)),
            Answer::NotDone(problem) => (Marked::NotDone, Some(problem)),
        };
        task.problem = problem;
        task.learn(Evidence::Marked(operation, marked));
    }
    work.log.append(entries).await;
}

async fn reread(work: Work<'_>, tasks: Vec<&mut Task>) {
    if tasks.is_empty() {
        return;
    }
    let operation_of =
        |task: &Task| if let Next::RereadMark(operation) = task.next { operation } else { Operation::Create };
    let marks: Vec<Mark> = tasks.iter().map(|task| in_progress_mark(work.flow, task, operation_of(task))).collect();
    let answers: Vec<Reread> = match work.source.reread(&work.flow.source.object, &marks).await {
        Ok(receipts) => receipts.into_iter().map(|receipt| receipt.map_or(Reread::Absent, Reread::Stands)).collect(),
        Err(_) => marks.iter().map(|_| Reread::Unavailable).collect(),
    };
    for (task, answer) in tasks.into_iter().zip(answers) {
        let operation = operation_of(task);
        task.announced = matches!(answer, Reread::Stands(_));
        task.learn(Evidence::RereadMark(operation, answer));
    }
}

/// Writes all that may be written. How many go in a call of the vendor is the connector's to know.
async fn write(work: Work<'_>, tasks: Vec<&mut Task>) {
    let (mut ready, mut intents) = (Vec::with_capacity(tasks.len()), Vec::with_capacity(tasks.len()));
    for task in tasks {
        let placeholder = Next::Stop(Outcome::Deferred, Reason::WriteNotDone);
        let Next::Write(intent) = std::mem::replace(&mut task.next, placeholder) else { continue };
        if task.draft.is_none() || (intent.operation() == Operation::Update && task.found.is_none()) {
            unready(work, task, intent.operation());
        } else {
            ready.push((task, intent.operation()));
            intents.push(intent);
        }
    }
    if ready.is_empty() {
        return;
    }
    let writes = ready.iter().zip(intents).filter_map(|((task, _), intent)| to_write(work, task, intent)).collect();
    let answers = work.destination.write(writes).await;
    let mut entries = Vec::new();
    for ((task, operation), answer) in ready.into_iter().zip(answers) {
        entries.extend(attempt(work, task, "write", operation, &answer));
        task.problem = answer.problem().cloned();
        task.learn(Evidence::Written(operation, reply_of(&answer)));
    }
    work.log.append(entries).await;
}

fn to_write<'a>(work: Work<'a>, task: &'a Task, intent: Intent) -> Option<Write<'a>> {
    let found = task.found.as_ref().filter(|_| intent.operation() == Operation::Update);
    let draft = task.draft.as_ref()?;
    Some(Write {
        intent,
        target: work.flow.target_of(work.target, &task.record),
        key: task.key(work.flow),
        id: found.map(|found| found.id.clone()).unwrap_or_default(),
        draft,
        terms: Terms { flow: work.flow, record: &task.record, draft, context: work.context },
    })
}

fn unready(work: Work<'_>, task: &mut Task, operation: Operation) {
    let application = work.flow.destination.application.as_str();
    let call = format!("write {}", work.target.object);
    let words = "the record is to be written, and no draft stands ready, or what is to be updated was not found";
    task.problem = Some(Problem::new(application, call, Cause::Configuration, words));
    task.learn(Evidence::Written(operation, Reply::NotDone));
}

/// Tells the source how it ended: `Sync Complete` with the id, or `Error ...`.
async fn settle(work: Work<'_>, tasks: Vec<&mut Task>) {
    if tasks.is_empty() {
        return;
    }
    let now = SmolStr::from(work.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let marks: Vec<Mark> = tasks.iter().map(|task| final_mark(work.flow, task, &now)).collect();
    let answers = work.source.mark(&work.flow.source.object, &marks).await;
    for (task, answer) in tasks.into_iter().zip(answers) {
        let reply = reply_of(&answer);
        match task.next {
            Next::Complete(outcome) => {
                if let Some(problem) = answer.problem() {
                    task.problem = Some(problem.clone());
                }
                task.learn(Evidence::Completed(outcome, reply));
            }
            Next::Fail(_, reason) => task.learn(Evidence::Failed(reason, reply)),
            _ => {}
        }
    }
}

fn reply_of<T>(answer: &Answer<T>) -> Reply {
    match answer {
        Answer::Accepted(_) => Reply::Accepted,
        Answer::Refused(_) => Reply::Refused,
        Answer::Unknown(_) => Reply::Unknown,
        Answer::NotDone(_) => Reply::NotDone,
    }
}

fn final_mark(flow: &Flow, task: &Task, now: &SmolStr) -> Mark {
    let marks = &flow.source.marks;
    let (status, flag) = match task.next {
        Next::Fail(operation, _) => (error(operation, &flow.noun), "Error"),
        _ => (SmolStr::new_static(SYNC_COMPLETE), "Yes"),
    };
    let mut fields = vec![(marks.status.clone(), status.clone())];
    if let (Next::Complete(_), Some(id)) = (&task.next, task.destination_id()) {
        fields.push((marks.id.clone(), id.clone()));
        fields.push((marks.date.clone(), now.clone()));
    }
    fields.extend(marks.transferred.clone().map(|field| (field, SmolStr::new_static(flag))));
    Mark { source_id: task.id.clone(), status, fields }
}

/// A log line for a call that went wrong. One that went well is told by the record's end.
fn attempt<T>(
    work: Work<'_>,
    task: &Task,
    step: &'static str,
    operation: Operation,
    answer: &Answer<T>,
) -> Option<Entry> {
    let (answer, problem) = match answer {
        Answer::Accepted(_) => return None,
        Answer::NotDone(problem) if step == "mark" && problem.for_all => return None,
        Answer::Refused(problem) => ("refused", problem),
        Answer::Unknown(problem) => ("unknown", problem),
        Answer::NotDone(problem) => ("not done", problem),
    };
    let (detail, cause) = (problem.to_string(), Some(problem.cause));
    Some(entry(work, task, Event::Attempt { step, operation, answer, detail, cause }))
}

fn end_entry(work: Work<'_>, task: &Task) -> Option<Entry> {
    let (outcome, reason) = task.end().filter(|_| task.turned_away().is_none())?;
    let destination_id = task.destination_id().cloned();
    let Wording { text, cause, retry, remedy } = wording(work.flow, task, outcome, reason);
    let event = Event::End { outcome, text, cause, retry, remedy, destination_id };
    Some(entry(work, task, event))
}

fn entry(work: Work<'_>, task: &Task, event: Event) -> Entry {
    Entry {
        at: work.clock.now(),
        flow: work.flow.name.clone(),
        source_id: task.id.clone(),
        number: task.number.clone(),
        event,
    }
}
