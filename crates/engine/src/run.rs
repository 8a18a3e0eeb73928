//! A run: its flows in order, parents first; limits that stop it before its first mark; the report.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use model::Decimal;
use model::flow::Flow;
use model::outcome::{Outcome, Tally};
use model::ports::{Clock, Destination, Log, Source};
use model::problem::{Cause, Problem, Retry};
use model::rule::Lists;
use model::value::SmolStr;
use tokio::sync::Semaphore;

use crate::batch::TURNS;
use crate::fields;
use crate::others::Once;
use crate::pass::{Pass, pass};

/// What a run works with.
pub struct Plan<'a> {
    /// The flows to run, in any order.
    pub flows: &'a [Flow],
    /// Sources by application.
    pub sources: HashMap<String, &'a dyn Source>,
    /// Destinations by application.
    pub destinations: HashMap<String, &'a dyn Destination>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The sync log.
    pub log: &'a dyn Log,
    /// Cut-over dates by flow name; documents dated earlier are not read.
    pub cutovers: HashMap<String, String>,
    /// What a run may do at most.
    pub limits: Limits,
    /// Read everything, write nothing.
    pub dry: bool,
    /// Called as records end: the flow, and how many more.
    pub progress: &'a (dyn Fn(&str, u64) + Send + Sync),
}

/// What a run may do at most. A run that would do more stops before its first mark.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Records that may be created.
    pub creates: Option<u64>,
    /// What created documents may amount to, in each currency, signs left out.
    pub amount: Option<Decimal>,
}

/// A record that did not end in sync, for the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The source's id.
    pub id: SmolStr,
    /// What people call the record.
    pub number: SmolStr,
    /// Warned or deferred.
    pub outcome: Outcome,
    /// What happened.
    pub text: String,
    /// Why.
    pub cause: Option<Cause>,
    /// Whether and when it is tried again.
    pub retry: Option<Retry>,
    /// What to do next.
    pub remedy: Option<String>,
}

/// What one flow did.
#[derive(Debug, Clone)]
pub struct FlowReport {
    /// The flow's name.
    pub name: SmolStr,
    /// The counts and sums.
    pub tally: Tally,
    /// The first warnings; the log holds all.
    pub warnings: Vec<Warning>,
    /// What stopped the flow as a whole.
    pub stopped: Option<Problem>,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// By flow, in the order in which they ran.
    pub flows: Vec<FlowReport>,
    /// Whether somebody else was seen to write the same records at the same time; the log names one.
    pub somebody_else_writes: bool,
    /// How long it took, in milliseconds.
    pub milliseconds: i64,
}

/// Why a run did not begin, or stopped before its first mark.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// A flow names an application that the configuration does not have.
    #[error("the flow `{flow}` needs the application `{application}`, which the configuration does not have")]
    NoApplication {
        /// The flow.
        flow: String,
        /// The application.
        application: String,
    },
    /// Flows wait for each other.
    #[error("these flows wait for each other: {}", flows.join(", "))]
    Circle {
        /// The flows.
        flows: Vec<String>,
    },
    /// A flow could not tell how old an interrupted write is, and its destination enforces no key.
    #[error(
        "the flow `{flow}` needs `stamp` in its [source.marks], the source's own stamp of a change: {application} enforces no \
         key, and an interrupted write must be waited out"
    )]
    NoStamp {
        /// The flow.
        flow: String,
        /// The destination.
        application: String,
    },
    /// The application lacks fields that the flows use.
    #[error("{application}: {object} lacks what the flows use\n  {}\n  ({cause})", fields.join("\n  "))]
    Lacking {
        /// The application.
        application: String,
        /// The object.
        object: String,
        /// The fields, each with what is the matter with it, and with file and line of a flow that uses it.
        fields: Vec<String>,
        /// Whether they are not there, or only not ours to use.
        cause: Cause,
    },
    /// The run would create more than the configuration allows.
    #[error("stopped before the first mark: the run would create {would}, and the configuration allows {allowed}")]
    OverLimit {
        /// What it would create.
        would: String,
        /// What is allowed.
        allowed: String,
    },
    /// An application could not be asked before the run.
    #[error("{0}")]
    Problem(Box<Problem>),
}

impl From<Problem> for RunError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// Runs the flows once.
pub async fn run(plan: &Plan<'_>) -> Result<RunReport, RunError> {
    let start = plan.clock.now();
    let ordered = in_order(plan.flows)?;
    stamped(plan, &ordered)?;
    let (_, lists) = futures::try_join!(fields::check(plan, &ordered), all_lists(plan, &ordered))?;
    if !plan.dry && (plan.limits.creates.is_some() || plan.limits.amount.is_some()) {
        within_limits(&plan.limits, &all_flows(plan, &ordered, &lists, &Silent, true).await?)?;
    }
    // What a dry run foresees did not happen: it stands in the report, not in the log.
    let log = Once::over(if plan.dry { &Silent } else { plan.log });
    let flows = all_flows(plan, &ordered, &lists, &log, plan.dry).await?;
    // A clock that is set back meanwhile makes no run end before it began.
    let milliseconds = i64::try_from(plan.clock.now().duration_since(start).as_millis()).unwrap_or(i64::MAX).max(0);
    Ok(RunReport { flows, somebody_else_writes: log.told(), milliseconds })
}

/// Runs the flows, each as soon as those that it comes after have ended: the slots that one of them leaves free at its
/// beginning and its end are the next one's.
async fn all_flows(
    plan: &Plan<'_>,
    ordered: &[&Flow],
    lists: &Lists,
    log: &dyn Log,
    dry: bool,
) -> Result<Vec<FlowReport>, RunError> {
    let mut reports: Vec<Option<FlowReport>> = ordered.iter().map(|_| None).collect();
    let mut forecast = Arc::new(HashSet::new());
    let mut begun = vec![false; ordered.len()];
    let turns: HashMap<&str, Semaphore> =
        plan.destinations.keys().map(|name| (name.as_str(), Semaphore::new(TURNS))).collect();
    let mut running = FuturesUnordered::new();
    loop {
        for (position, &flow) in ordered.iter().enumerate() {
            let unfinished = ordered.iter().zip(&reports).filter(|(_, report)| report.is_none());
            let waits = unfinished.into_iter().any(|(other, _)| comes_after(flow, other));
            if !begun[position] && !waits {
                begun[position] = true;
                let work = Pass { log, dry, ..work(plan, flow, lists, &turns)? };
                let known = forecast.clone();
                running.push(async move { (position, pass(&work, known).await) });
            }
        }
        let Some((position, passed)) = running.next().await else { break };
        Arc::make_mut(&mut forecast).extend(passed.would_create);
        reports[position] = Some(FlowReport {
            name: ordered[position].name.clone(),
            tally: passed.tally,
            warnings: passed.warnings,
            stopped: passed.stopped,
        });
    }
    Ok(reports.into_iter().flatten().collect())
}

fn work<'a>(
    plan: &'a Plan<'_>,
    flow: &'a Flow,
    lists: &'a Lists,
    turns: &'a HashMap<&str, Semaphore>,
) -> Result<Pass<'a>, RunError> {
    let application = &flow.destination.application;
    Ok(Pass {
        flow,
        source: source(plan, flow)?,
        destination: destination(plan, flow)?,
        turns: turns.get(application.as_str()).ok_or_else(|| no_application(flow, application))?,
        clock: plan.clock,
        log: plan.log,
        lists,
        cutover: plan.cutovers.get(flow.name.as_str()).map(String::as_str),
        dry: plan.dry,
        progress: plan.progress,
    })
}

/// A log that keeps nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

#[async_trait::async_trait]
impl Log for Silent {
    async fn append(&self, _entries: Vec<model::ports::Entry>) {}
}

pub(crate) fn source<'a>(plan: &'a Plan<'_>, flow: &Flow) -> Result<&'a dyn Source, RunError> {
    plan.sources.get(&flow.source.application).copied().ok_or_else(|| no_application(flow, &flow.source.application))
}

pub(crate) fn destination<'a>(plan: &'a Plan<'_>, flow: &Flow) -> Result<&'a dyn Destination, RunError> {
    let application = &flow.destination.application;
    plan.destinations.get(application).copied().ok_or_else(|| no_application(flow, application))
}

fn no_application(flow: &Flow, application: &str) -> RunError {
    RunError::NoApplication { flow: flow.name.to_string(), application: application.to_owned() }
}

/// Parents first; flows that are not in this run are not waited for.
fn in_order(flows: &[Flow]) -> Result<Vec<&Flow>, RunError> {
    let mut left: Vec<&Flow> = flows.iter().collect();
    let mut ordered: Vec<&Flow> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready = left.iter().position(|flow| !left.iter().any(|other| comes_after(flow, other)));
        match ready {
            Some(position) => ordered.push(left.remove(position)),
            None => return Err(RunError::Circle { flows: left.iter().map(|flow| flow.name.to_string()).collect() }),
        }
    }
    Ok(ordered)
}

/// Interrupted writes can be waited out wherever they must be.
fn stamped(plan: &Plan<'_>, flows: &[&Flow]) -> Result<(), RunError> {
    for flow in flows.iter().filter(|flow| flow.source.marks.stamp.is_none() && flow.destination.made_by.is_none()) {
        if destination(plan, flow)?.wait_out().is_some() {
            let application = flow.destination.application.clone();
            return Err(RunError::NoStamp { flow: flow.name.to_string(), application });
        }
    }
    Ok(())
}

fn comes_after(flow: &Flow, other: &Flow) -> bool {
    other.name != flow.name && flow.after.contains(&other.name)
}

/// The lists of the destinations to which the flows refer.
async fn all_lists(plan: &Plan<'_>, flows: &[&Flow]) -> Result<Lists, RunError> {
    let mut wanted = BTreeMap::new();
    for flow in flows {
        for name in flow.lists() {
            wanted.insert(name, destination(plan, flow)?);
        }
    }
    let asked = wanted.into_iter().map(|(name, destination)| async move {
        destination.list(name).await.map(|entries| (name.to_owned(), entries))
    });
    Ok(futures::future::try_join_all(asked).await?.into_iter().collect())
}

pub(crate) fn within_limits(limits: &Limits, forecast: &[FlowReport]) -> Result<(), RunError> {
    let created: u64 = forecast.iter().map(|flow| flow.tally.created).sum();
    if let Some(allowed) = limits.creates.filter(|allowed| created > *allowed) {
        return Err(over(format!("{created} records"), format!("{allowed} (max_creates)")));
    }
    let Some(allowed) = limits.amount else { return Ok(()) };
    let mut sums = BTreeMap::<String, Decimal>::new();
    for (currency, amount) in forecast.iter().flat_map(|flow| flow.tally.source_sums.iter()) {
        *sums.entry(currency.to_owned()).or_default() += amount.abs();
    }
    match sums.into_iter().find(|(_, amount)| *amount > allowed) {
        Some((currency, amount)) => {
            Err(over(format!("documents of {currency} {amount}"), format!("{allowed} (max_amount)")))
        }
        None => Ok(()),
    }
}

fn over(would: String, allowed: String) -> RunError {
    RunError::OverLimit { would, allowed }
}
