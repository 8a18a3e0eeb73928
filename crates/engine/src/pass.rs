//! One flow: pages into batches, several batches under way at once, so that one is read while another is written.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::{Stream, StreamExt, stream};
use model::flow::Flow;
use model::outcome::{Outcome, Tally};
use model::ports::{Clock, Cursor, Destination, Fetch, Log, Selection, Source, Target};
use model::problem::Problem;
use model::protocol::{Next, Reason};
use model::rule::{Context, Lists, Obstacle};
use model::value::{Name, Record, SmolStr};
use tokio::sync::Semaphore;

use crate::batch::{Work, drive};
use crate::gather::{Relatives, gather};
use crate::run::Warning;
use crate::task::Task;
use crate::wording::wording;

/// Records a batch: a multiple of the vendors' mark batches (50 a call, or 200), as many ids as a query of the source takes,
/// and few enough to stay in the processor's cache with all their lines: 350 took a twentieth more time for each.
const BATCH: usize = 200;
/// Batches of a flow under way at once: one is read or settled while two are written in [turns](crate::batch::TURNS).
const BATCHES: usize = 3;
/// Rounds after the first: as deep as families of accounts go.
const ROUNDS_MAX: usize = 12;
/// Records that are taken up again in the same run; a backlog in trouble is for the next run.
const WAITING_MAX: usize = 10_000;
/// Warnings that a report holds by itself; the log holds all.
const WARNINGS_MAX: usize = 1_000;

/// What a pass over one flow works with.
pub struct Pass<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Where its records come from.
    pub source: &'a dyn Source,
    /// Where they go.
    pub destination: &'a dyn Destination,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The sync log.
    pub log: &'a dyn Log,
    /// Who may announce and write now, of all the batches that go to this destination.
    pub turns: &'a Semaphore,
    /// The destination's lists.
    pub lists: &'a Lists,
    /// The first day that counts.
    pub cutover: Option<&'a str>,
    /// Read everything, write nothing.
    pub dry: bool,
    /// Called with the number of records that ended, for a progress bar.
    pub progress: &'a (dyn Fn(&str, u64) + Send + Sync),
}

impl<'a> Pass<'a> {
    /// What a batch of this pass works with.
    pub fn work(&'a self, target: &'a Target, context: Context<'a>) -> Work<'a> {
        Work {
            flow: self.flow,
            target,
            source: self.source,
            destination: self.destination,
            clock: self.clock,
            log: self.log,
            context,
            turns: self.turns,
            dry: self.dry,
        }
    }
}

/// What a pass gave.
#[derive(Debug, Default)]
pub struct Passed {
    /// The counts.
    pub tally: Tally,
    /// The first warnings.
    pub warnings: Vec<Warning>,
    /// What stopped the flow as a whole: its records could not be read, or an application is not there.
    pub stopped: Option<Problem>,
    /// In a dry run: the source ids of what would have been made.
    pub would_create: Vec<SmolStr>,
}

/// A record that waits for its parent, and what is said of it if it goes on waiting.
struct Waiting {
    id: SmolStr,
    warning: Warning,
}

/// How one batch ended.
#[derive(Default)]
struct Ended {
    tally: Tally,
    warnings: Vec<Warning>,
    waiting: Vec<Waiting>,
    would_create: Vec<SmolStr>,
    /// An application as a whole is not there: the next batches would be turned away like this one.
    stopped: Option<Problem>,
}

/// Runs one flow over all that is due. `forecast` holds, in a dry run, the source ids that earlier flows would have made.
///
/// Records that wait are taken up again as long as each round brings some of them further: a child of a parent in the
/// same object, and a record whose outcome was not known. They take the same road as after a crash: read again, looked
/// up, completed or written.
pub async fn pass(pass: &Pass<'_>, mut forecast: Arc<HashSet<SmolStr>>) -> Passed {
    let selection = pass.flow.selection(pass.cutover);
    let mut passed = Passed::default();
    let mut seen = Seen::default();
    let batches = selected(pass.source, &selection).map(|batch| batch.map(|records| seen.fresh(records)));
    let mut waiting = round(pass, batches, &forecast, &mut passed).await;
    for _ in 0..ROUNDS_MAX {
        if waiting.is_empty() || passed.stopped.is_some() {
            break;
        }
        let before = waiting.len();
        if pass.dry {
            Arc::make_mut(&mut forecast).extend(passed.would_create.iter().cloned());
        }
        let ids = waiting.iter().map(|waiting| waiting.id.clone()).collect();
        let mut tried = Passed::default();
        let still = round(pass, again(pass, ids), &forecast, &mut tried).await;
        passed.tally.merge(&tried.tally);
        passed.would_create.extend(tried.would_create);
        tried.warnings.into_iter().for_each(|warning| keep(&mut passed.warnings, warning));
        passed.stopped = tried.stopped;
        if passed.stopped.is_some() {
            // Those that the round ended are counted; the others go on waiting.
            let ended = usize::try_from(tried.tally.read).unwrap_or(before);
            waiting.truncate(before.saturating_sub(ended));
            break;
        }
        waiting = still;
        if waiting.len() == before {
            break;
        }
    }
    for Waiting { warning, .. } in waiting {
        passed.tally.count(Outcome::Deferred);
        keep(&mut passed.warnings, warning);
    }
    passed
}

/// The ids that a selection gave already. A vendor may give a record twice: on two pages, or for two of the conditions.
/// Kept as 128-bit hashes, so that a backlog of a million records costs 16 MB and not 100.
#[derive(Default)]
struct Seen(HashSet<(u64, u64)>);

impl Seen {
    fn fresh(&mut self, mut records: Vec<Record>) -> Vec<Record> {
        records.retain(|record| self.0.insert(both_halves(record.text("Id"))));
        records
    }
}

fn both_halves(id: &str) -> (u64, u64) {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, id).hash(&mut hasher);
        hasher.finish()
    };
    (half(0), half(1))
}

fn refers_to_itself(flow: &Flow) -> bool {
    flow.source.relations.values().any(|relation| relation.object == flow.source.object)
}

/// One way through a stream of batches; gives the records that wait.
async fn round(
    pass: &Pass<'_>,
    batches: impl Stream<Item = Result<Vec<Record>, Problem>>,
    forecast: &HashSet<SmolStr>,
    passed: &mut Passed,
) -> Vec<Waiting> {
    let relatives = Relatives::of(pass.flow);
    let target = pass.flow.target();
    let run = |batch: Result<Vec<Record>, Problem>| {
        let (relatives, target) = (&relatives, &target);
        async move { one_batch(pass, target, relatives, forecast, batch?).await }
    };
    let mut waiting = Vec::<Waiting>::new();
    // After a failure nothing more is begun, but what is under way is brought to its end.
    let failed = AtomicBool::new(false);
    let begun = batches.take_while(|_| std::future::ready(!failed.load(Ordering::Relaxed)));
    let mut results = Box::pin(begun.map(run).buffer_unordered(BATCHES));
    while let Some(result) = results.next().await {
        match result {
            Ok(ended) => {
                (pass.progress)(&pass.flow.name, ended.tally.read);
                passed.tally.merge(&ended.tally);
                ended.warnings.into_iter().for_each(|warning| keep(&mut passed.warnings, warning));
                if let Some(problem) = ended.stopped {
                    failed.store(true, Ordering::Relaxed);
                    passed.stopped.get_or_insert(problem);
                }
                passed.would_create.extend(ended.would_create);
                for waits in ended.waiting {
                    if waiting.len() < WAITING_MAX {
                        waiting.push(waits);
                    } else {
                        passed.tally.count(Outcome::Deferred);
                        keep(&mut passed.warnings, waits.warning);
                    }
                }
            }
            Err(problem) => {
                failed.store(true, Ordering::Relaxed);
                passed.stopped.get_or_insert(problem);
            }
        }
    }
    drop(results);
    waiting
}

fn keep(warnings: &mut Vec<Warning>, warning: Warning) {
    if warnings.len() < WARNINGS_MAX {
        warnings.push(warning);
    }
}

/// The selection in whole batches: what a page leaves over goes with the next one, since a batch that is not full takes as
/// many calls as one that is. After an error the stream ends.
fn selected<'a>(
    source: &'a dyn Source,
    selection: &'a Selection,
) -> impl Stream<Item = Result<Vec<Record>, Problem>> + 'a {
    enum At {
        Start,
        After(Cursor),
        End,
    }
    let pages = stream::unfold((At::Start, Vec::new()), move |(at, mut left)| async move {
        let cursor = match at {
            At::Start => None,
            At::After(cursor) => Some(cursor),
            At::End => return None,
        };
        let (next, error) = match source.select(selection, cursor.as_ref()).await {
            Ok(page) => {
                left.extend(page.records);
                (page.next.map_or(At::End, At::After), None)
            }
            Err(problem) => (At::End, Some(Err(problem))),
        };
        let mut batches = whole_batches(&mut left);
        if matches!(next, At::End) && !left.is_empty() {
            batches.push(Ok(std::mem::take(&mut left)));
        }
        batches.extend(error);
        Some((batches, (next, left)))
    });
    pages.flat_map(stream::iter)
}

/// The records of these ids, as they are now.
fn again<'a>(pass: &'a Pass<'_>, ids: Vec<SmolStr>) -> impl Stream<Item = Result<Vec<Record>, Problem>> + 'a {
    let chunks: Vec<Vec<SmolStr>> = ids.chunks(BATCH).map(<[SmolStr]>::to_vec).collect();
    stream::iter(chunks).then(move |keys| async move {
        let object = pass.flow.source.object.clone();
        let fetch = Fetch { object, fields: pass.flow.fields(""), field: Name::new_static("Id"), keys };
        pass.source.fetch(&fetch).await
    })
}

/// Takes whole batches from the front.
fn whole_batches(records: &mut Vec<Record>) -> Vec<Result<Vec<Record>, Problem>> {
    let mut batches = Vec::with_capacity(records.len() / BATCH + 1);
    while records.len() >= BATCH {
        let rest = records.split_off(BATCH);
        batches.push(Ok(std::mem::replace(records, rest)));
    }
    batches
}

async fn one_batch(
    pass: &Pass<'_>,
    target: &Target,
    relatives: &Relatives,
    forecast: &HashSet<SmolStr>,
    mut records: Vec<Record>,
) -> Result<Ended, Problem> {
    gather(pass.source, pass.flow, relatives, &mut records).await?;
    let context = Context { lists: pass.lists, forecast, destination: &pass.flow.destination.application };
    let mut tasks: Vec<Task> = records.into_iter().map(|record| begin(pass.flow, record)).collect();
    drive(pass.work(target, context), &mut tasks).await;
    Ok(summed_up(pass, tasks))
}

/// A task, stopped at once if the flow's conditions say that the record is not to travel.
pub fn begin(flow: &Flow, record: Record) -> Task {
    let mut task = Task::new(flow, record);
    let barred = flow.only.iter().find_map(|check| match check.holds.holds(&task.record) {
        Ok(true) => None,
        Ok(false) => {
            Some((Outcome::Skipped, Reason::NotMeantToTravel, model::mapping::filled_in(&check.text, &task.record)))
        }
        Err(error) => Some((Outcome::Warned, Reason::Invalid, error.to_string())),
    });
    if let Some((outcome, reason, text)) = barred {
        task.obstacles = vec![Obstacle::Invalid(text)];
        task.next = Next::Stop(outcome, reason);
    }
    task
}

/// Whether a record that waits may come further in the same run.
fn may_come_further(flow: &Flow, reason: Reason) -> bool {
    match reason {
        Reason::WaitingForParent => refers_to_itself(flow),
        Reason::SearchUnavailable
        | Reason::MarkUncertain
        | Reason::WriteNotDone
        | Reason::OutcomeUnknown
        | Reason::NotVisible
        | Reason::CompletionUncertain => true,
        _ => false,
    }
}

fn summed_up(pass: &Pass<'_>, tasks: Vec<Task>) -> Ended {
    let mut ended = Ended::default();
    for task in tasks {
        if let Some(problem) = task.turned_away() {
            ended.stopped.get_or_insert_with(|| problem.clone());
            continue;
        }
        let Some((outcome, reason)) = task.end() else { continue };
        if outcome == Outcome::Deferred && may_come_further(pass.flow, reason) {
            ended.waiting.push(Waiting { id: task.id.clone(), warning: warning(pass.flow, &task, outcome, reason) });
            continue;
        }
        ended.tally.count(outcome);
        match outcome {
            Outcome::Created if pass.dry => {
                ended.would_create.push(task.id.clone());
                ended.tally.add(task.source_money(pass.flow).as_ref(), None);
            }
            Outcome::Created | Outcome::Updated | Outcome::Found => {
                let (source, destination) = (task.source_money(pass.flow), task.destination_money(pass.flow));
                ended.tally.add(source.as_ref(), destination.as_ref());
            }
            Outcome::Warned | Outcome::Deferred => {
                keep(&mut ended.warnings, warning(pass.flow, &task, outcome, reason))
            }
            Outcome::Skipped => {}
        }
    }
    ended
}

fn warning(flow: &Flow, task: &Task, outcome: Outcome, reason: Reason) -> Warning {
    let words = wording(flow, task, outcome, reason);
    Warning {
        id: task.id.clone(),
        number: task.number.clone(),
        outcome,
        text: words.text,
        cause: words.cause,
        retry: words.retry,
        remedy: words.remedy,
    }
}
