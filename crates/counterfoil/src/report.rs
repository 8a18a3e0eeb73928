//! A run's report: as a table for people, as JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use connectors::CallCount;
use engine::run::Warning;
use engine::{FlowReport, RunReport};
use jiff::Timestamp;
use model::money::Sums;
use model::outcome::Tally;
use model::problem::{Outlook, Pause, Problem};
use serde::Serialize;
use serde_json::value::RawValue;

/// Warnings that the table shows of each flow; the log holds all.
const SHOWN: usize = 5;

/// The report in JSON. Amounts are text, so that no reader rounds them.
#[derive(Serialize)]
pub(crate) struct Json<'a> {
    run: Option<i64>,
    dry_run: bool,
    flows: Vec<FlowJson<'a>>,
    /// Whether somebody else was seen to write the same records at the same time.
    somebody_else_writes: bool,
    /// When an application as a whole was not there.
    pauses: Vec<PauseJson<'a>>,
    /// Calls by application.
    calls: BTreeMap<&'a str, u64>,
    /// The same by method, path and status.
    calls_by_path: &'a BTreeMap<String, Vec<CallCount>>,
    seconds: Box<RawValue>,
    /// What the process used; absent where the operating system does not tell.
    resources: Option<crate::resources::Resources>,
}

#[derive(Serialize)]
struct FlowJson<'a> {
    name: &'a str,
    read: u64,
    created: u64,
    updated: u64,
    found: u64,
    warned: u64,
    deferred: u64,
    skipped: u64,
    sums: SumsJson<'a>,
    warnings: Vec<WarningJson<'a>>,
    stopped: Option<String>,
    /// What becomes of what stopped the flow.
    stopped_outlook: Option<Outlook>,
}

#[derive(Serialize)]
struct SumsJson<'a> {
    source: &'a Sums,
    destination: &'a Sums,
}

#[derive(Serialize)]
struct WarningJson<'a> {
    record: &'a str,
    id: &'a str,
    outcome: &'static str,
    cause: Option<&'static str>,
    text: &'a str,
    next: Option<&'a str>,
    outlook: Option<Outlook>,
}

#[derive(Serialize)]
struct PauseJson<'a> {
    application: &'a str,
    since: Timestamp,
    /// Absent: it lasted still.
    until: Option<Timestamp>,
    cause: &'static str,
    text: String,
    next: &'a str,
    outlook: Outlook,
}

/// What a report is made of.
pub(crate) struct Material<'a> {
    pub(crate) run: Option<i64>,
    pub(crate) dry: bool,
    pub(crate) report: &'a RunReport,
    /// When an application as a whole was not there.
    pub(crate) pauses: &'a [Pause],
    pub(crate) calls: &'a BTreeMap<String, Vec<CallCount>>,
}

/// One JSON object.
pub(crate) fn json(material: &Material<'_>) -> Result<String, serde_json::Error> {
    let seconds = model::Decimal::new(material.report.milliseconds, 3).to_string();
    serde_json::to_string(&Json {
        run: material.run,
        dry_run: material.dry,
        flows: material.report.flows.iter().map(flow_json).collect(),
        somebody_else_writes: material.report.somebody_else_writes,
        pauses: material.pauses.iter().map(pause_json).collect(),
        calls: material.calls.iter().map(|(name, calls)| (name.as_str(), total(calls))).collect(),
        calls_by_path: material.calls,
        seconds: RawValue::from_string(seconds)?,
        resources: crate::resources::used(),
    })
}

fn total(calls: &[CallCount]) -> u64 {
    calls.iter().map(|call| call.count).sum()
}

fn flow_json(flow: &FlowReport) -> FlowJson<'_> {
    let Tally { read, created, updated, found, warned, deferred, skipped, source_sums, destination_sums } = &flow.tally;
    FlowJson {
        name: &flow.name,
        read: *read,
        created: *created,
        updated: *updated,
        found: *found,
        warned: *warned,
        deferred: *deferred,
        skipped: *skipped,
        sums: SumsJson { source: source_sums, destination: destination_sums },
        warnings: flow
            .warnings
            .iter()
            .map(|warning| WarningJson {
                record: &warning.number,
                id: &warning.id,
                outcome: warning.outcome.name(),
                cause: warning.cause.map(|cause| cause.name()),
                text: &warning.text,
                next: warning.remedy.as_deref(),
                outlook: outlook(warning),
            })
            .collect(),
        stopped: flow.stopped.as_ref().map(ToString::to_string),
        stopped_outlook: flow.stopped.as_ref().map(Problem::outlook),
    }
}

fn outlook(warning: &Warning) -> Option<Outlook> {
    warning.cause.zip(warning.retry).map(|(cause, retry)| cause.outlook(retry))
}

fn pause_json(pause: &Pause) -> PauseJson<'_> {
    let Pause { since, until, problem } = pause;
    PauseJson {
        application: &problem.application,
        since: *since,
        until: *until,
        cause: problem.cause.name(),
        text: problem.told(),
        next: &problem.remedy,
        outlook: problem.outlook(),
    }
}

/// The report for people.
pub(crate) fn table(material: &Material<'_>) -> String {
    let mut text = String::new();
    let would = if material.dry { " (dry run: what would happen)" } else { "" };
    let _ = writeln!(
        text,
        "{:<46} {:>7} {:>8} {:>8} {:>7} {:>7} {:>9} {:>8}",
        format!("flow{would}"),
        "read",
        "created",
        "updated",
        "found",
        "warned",
        "deferred",
        "skipped"
    );
    for flow in &material.report.flows {
        let tally = &flow.tally;
        let _ = writeln!(
            text,
            "{:<46} {:>7} {:>8} {:>8} {:>7} {:>7} {:>9} {:>8}",
            flow.name,
            tally.read,
            tally.created,
            tally.updated,
            tally.found,
            tally.warned,
            tally.deferred,
            tally.skipped
        );
        if !tally.source_sums.is_empty() {
            let _ = writeln!(text, "    source      {}\n    destination {}", tally.source_sums, tally.destination_sums);
        }
    }
    if material.report.somebody_else_writes {
        text.push_str("\nSomebody else writes the same records: `counterfoil log --cause configuration` says more.\n");
    }
    paused(&mut text, material.pauses);
    stopped(&mut text, &material.report.flows);
    for flow in &material.report.flows {
        problems(&mut text, flow);
    }
    let calls: Vec<String> = material.calls.iter().map(|(name, calls)| format!("{name} {}", total(calls))).collect();
    let seconds = model::Decimal::new(material.report.milliseconds, 3);
    let _ = writeln!(text, "\n{seconds} s, calls: {}", calls.join(", "));
    text
}

/// One line a pause.
fn paused(text: &mut String, pauses: &[Pause]) {
    if !pauses.is_empty() {
        text.push('\n');
    }
    for Pause { since, until, problem } in pauses {
        let seconds = |until: Timestamp| until.duration_since(*since).as_secs();
        let end = until.map_or("still".to_owned(), |until| format!("{} s, then went on", seconds(until)));
        let (application, cause, told) = (&problem.application, problem.cause, problem.told());
        let _ = writeln!(text, "paused: {application} from {}, {end} [{cause}]: {told}", since.strftime("%FT%TZ"));
    }
}

/// What stopped flows as a whole, once for all that it stopped.
fn stopped(text: &mut String, flows: &[FlowReport]) {
    let mut groups: Vec<(&Problem, Vec<&str>)> = Vec::new();
    for flow in flows {
        let Some(problem) = &flow.stopped else { continue };
        match groups.iter_mut().find(|(held, _)| held.to_string() == problem.to_string()) {
            Some((_, names)) => names.push(&flow.name),
            None => groups.push((problem, vec![&flow.name])),
        }
    }
    for (problem, names) in groups {
        let (next, outlook) = (&problem.remedy, problem.outlook());
        let _ = writeln!(text, "\nstopped: {}\n  {problem}\n  next: {next}\n  {outlook}", names.join(", "));
    }
}

fn problems(text: &mut String, flow: &FlowReport) {
    if flow.warnings.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", flow.name);
    let groups = alike(&flow.warnings);
    for (warning, records) in groups.iter().take(SHOWN) {
        let cause = warning.cause.map(|cause| format!(" [{cause}]")).unwrap_or_default();
        let _ = writeln!(text, "  {} {}{cause}: {}", warning.outcome.name(), some_of(records), warning.text);
        if let Some(next) = &warning.remedy {
            let _ = writeln!(text, "      next: {next}");
        }
        if let Some(outlook) = outlook(warning) {
            let _ = writeln!(text, "      {outlook}");
        }
    }
    let told: usize = groups.iter().take(SHOWN).map(|(_, records)| records.len()).sum();
    let all = usize::try_from(flow.tally.warned + flow.tally.deferred).unwrap_or(usize::MAX);
    if all > told {
        let _ = writeln!(text, "  ... and {} more: `counterfoil log`", all - told);
    }
}

/// Warnings with the same words told once, with all records that they concern.
fn alike(warnings: &[Warning]) -> Vec<(&Warning, Vec<&str>)> {
    let mut groups: Vec<(&Warning, Vec<&str>)> = Vec::new();
    for warning in warnings {
        match groups.iter_mut().find(|(held, _)| unnumbered(held) == unnumbered(warning)) {
            Some((_, records)) => records.push(&warning.number),
            None => groups.push((warning, vec![&warning.number])),
        }
    }
    groups
}

/// The words without the record's number.
fn unnumbered(warning: &Warning) -> String {
    warning.text.replace(&format!("\"{}\"", warning.number), "")
}

/// The first few, and how many more.
fn some_of(records: &[&str]) -> String {
    const NAMED: usize = 3;
    let named = records.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if records.len() > NAMED { format!("{named} and {} more", records.len() - NAMED) } else { named }
}
