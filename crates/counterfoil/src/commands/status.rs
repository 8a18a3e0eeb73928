//! `status`: where the records of each flow stand, and how the last runs ended.

use std::collections::BTreeMap;

use journal::{PauseLine, RunLine};
use model::flow::Flow;
use model::ports::Source;
use serde::Serialize;

use crate::cli::Status;
use crate::exit::{Code, Failure};
use crate::session::Session;

#[derive(Serialize)]
struct FlowStatus {
    flow: String,
    /// Records by Integration Status; of documents only those that are not in sync.
    statuses: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct All {
    flows: Vec<FlowStatus>,
    runs: Vec<RunLine>,
}

/// Runs that are shown.
const RUNS: u32 = 5;

pub(crate) async fn status(options: &Status) -> Result<Code, Failure> {
    let session = Session::open(&options.configured).await?;
    let sources = session.applications.sources();
    let mut statuses = Vec::new();
    for flow in &session.flows {
        let Some(source) = sources.get(&flow.source.application) else { continue };
        let cutover = session.cutovers.get(flow.name.as_str()).map(String::as_str);
        statuses.push(FlowStatus { flow: flow.name.to_string(), statuses: count(*source, flow, cutover).await? });
    }
    let told = All { flows: statuses, runs: session.journal.runs(RUNS).await? };
    if options.configured.json {
        println!("{}", serde_json::to_string(&told).map_err(Failure::failed)?);
    } else {
        print(&told);
    }
    Ok(Code::Done)
}

async fn count(source: &dyn Source, flow: &Flow, cutover: Option<&str>) -> Result<BTreeMap<String, u64>, Failure> {
    let selection = flow.selection(cutover);
    let mut counts = BTreeMap::new();
    let mut cursor = None;
    loop {
        let page = source.select(&selection, cursor.as_ref()).await?;
        for record in &page.records {
            *counts.entry(record.text(&flow.source.marks.status).to_owned()).or_insert(0) += 1;
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(counts),
        }
    }
}

fn print(told: &All) {
    for flow in &told.flows {
        println!("{}", flow.flow);
        if flow.statuses.is_empty() {
            println!("    nothing is due");
        }
        for (status, count) in &flow.statuses {
            let status = if status.is_empty() { "(blank)" } else { status };
            println!("    {count:>8}  {status}");
        }
    }
    println!("\nlast runs");
    for run in &told.runs {
        let ended = run.ended.as_deref().unwrap_or("under way, or ended unexpectedly");
        println!("    {:>6}  {} .. {ended}  {}", run.run, run.started, run.command);
        for pause in &run.pauses {
            let until = pause.until.as_deref().unwrap_or("(its end was not seen)");
            let PauseLine { application, since, cause, text, .. } = pause;
            println!("            paused: {application} {since} .. {until} [{cause}]: {text}");
        }
    }
}
