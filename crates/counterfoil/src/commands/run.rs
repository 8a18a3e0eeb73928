//! `run`: the flows once.

use std::convert::Infallible;
use std::io::IsTerminal;

use engine::{Limits, Plan, RunReport};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use journal::Journal;
use model::ports::{Clock, Log};
use model::problem::Pause;

use crate::alone::Alone;
use crate::applications::Applications;
use crate::cli::Run;
use crate::clock::SystemClock;
use crate::exit::{Code, Failure};
use crate::flows;
use crate::report::json;
use crate::report::{self, Material};
use crate::session::Session;
use crate::stops;

/// In milliseconds.
const PAUSES_ARE_TOLD_EVERY: u64 = 1_000;
/// How long a run that has ended waits for its journal, and how often it asks, in milliseconds; and how often at most, since
/// the clock may be set back meanwhile.
const JOURNAL_IS_WAITED_FOR: i128 = 10_000;
const JOURNAL_IS_ASKED_EVERY: u64 = 250;
const JOURNAL_IS_ASKED: usize = 40;

pub(crate) async fn run(options: &Run) -> Result<Code, Failure> {
    let session = Session::open(&options.configured).await?.heeding_native().await?;
    let ran = once(&session, &options.flows, options.dry_run).await?;
    let calls = session.applications.calls();
    let material =
        Material { run: ran.id, dry: options.dry_run, report: &ran.report, pauses: &ran.pauses, calls: &calls };
    if options.configured.json {
        println!("{}", json(&material).map_err(Failure::failed)?);
    } else {
        print!("{}", report::table(&material));
    }
    Ok(code(&ran.report))
}

/// A run and its number in the journal; a dry run has none.
pub(crate) struct Ran {
    pub(crate) id: Option<i64>,
    pub(crate) report: RunReport,
    pub(crate) pauses: Vec<Pause>,
}

/// A flow whose records could not even be read is a failure; a warning is not.
pub(crate) fn code(report: &RunReport) -> Code {
    if report.flows.iter().any(|flow| flow.stopped.is_some()) { Code::Failed } else { Code::Done }
}

/// Runs the flows once, with a progress bar on a terminal.
pub(crate) async fn once(session: &Session, names: &[String], dry: bool) -> Result<Ran, Failure> {
    let Session { config, applications, journal, cutovers, .. } = session;
    let mut chosen = flows::chosen(&session.flows, names)?;
    session.proven(&chosen)?;
    let _alone = if dry { None } else { Some(Alone::claim(applications, &mut chosen)?) };
    let bar = progress_bar();
    let shown = bar.clone();
    let progress = move |flow: &str, ended: u64| {
        shown.set_message(flow.to_owned());
        shown.inc(ended);
    };
    let plan = Plan {
        flows: &chosen,
        sources: applications.sources(),
        destinations: applications.destinations(),
        clock: &SystemClock,
        log: journal,
        cutovers: cutovers.clone(),
        limits: Limits { creates: config.limits.max_creates, amount: config.limits.amount().map_err(Failure::wrong)? },
        dry,
        progress: &progress,
    };
    let began = SystemClock.now();
    let id = if dry { None } else { Some(journal.begin_run(began, &command(names)).await?) };
    let result = tokio::select! {
        result = engine::run(&plan) => result,
        never = tell_pauses(applications, journal, began) => match never {},
    };
    bar.finish_and_clear();
    let pauses = applications.pauses(began);
    let told = match &result {
        Ok(report) => json(&Material { run: id, dry, report, pauses: &pauses, calls: &applications.calls() })
            .map_err(Failure::failed)?,
        Err(error) => serde_json::json!({ "failed": error.to_string() }).to_string(),
    };
    if id.is_some() {
        journal.append(stops::told(&result, &pauses, SystemClock.now())).await;
        tell_end(journal, &pauses, &told).await;
    }
    Ok(Ran { id, report: result?, pauses })
}

/// Tells the journal how the run ended. One that is away may be on its way back; one that stays away fails no run.
async fn tell_end(journal: &Journal, pauses: &[Pause], report: &str) {
    let ended = SystemClock.now();
    let mut told = Ok(());
    for _ in 0..JOURNAL_IS_ASKED {
        told = async {
            journal.tell_pauses(pauses).await?;
            journal.finish_run(ended, report).await
        }
        .await;
        let waited = SystemClock.now().duration_since(ended).as_millis();
        if told.is_ok() || waited > JOURNAL_IS_WAITED_FOR {
            break;
        }
        SystemClock.wait(JOURNAL_IS_ASKED_EVERY).await;
    }
    let lines = journal.unwritten().await;
    if let Err(error) = told {
        let next = error.remedy().unwrap_or("see why it is away; the next run needs nothing of what is lost");
        tracing::warn!(
            %error, lines, next,
            "the journal stayed away: what it was not told of this run is lost, the run is not"
        );
    } else if lines > 0 {
        tracing::warn!(lines, "the journal did not take all lines of this run's log: they are lost, the run is not");
    }
}

/// Writes into the journal when an application pauses and when it is back, while the run goes on. The journal is not
/// needed for the run: what it does not take now is told again at the end.
async fn tell_pauses(applications: &Applications, journal: &Journal, began: Timestamp) -> Infallible {
    let mut told = Vec::new();
    loop {
        SystemClock.wait(PAUSES_ARE_TOLD_EVERY).await;
        let pauses = applications.pauses(began);
        if pauses != told && journal.tell_pauses(&pauses).await.is_ok() {
            told = pauses;
        }
    }
}

fn command(names: &[String]) -> String {
    if names.is_empty() { "run".to_owned() } else { format!("run {}", names.join(" ")) }
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {pos} records ({per_sec})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}
