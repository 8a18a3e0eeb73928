//! `explain`: why a record stands where it stands.

use engine::batch::TURNS;
use engine::explain::{Explained, explain as ask, find};
use engine::pass::Pass;
use journal::LogLine;
use model::flow::Flow;
use model::nearest::did_you_mean;
use model::problem::Outlook;
use model::rule::Lists;
use model::value::{Name, SmolStr};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::cli::Explain;
use crate::clock::SystemClock;
use crate::exit::{Code, Failure};
use crate::flows;
use crate::session::Session;

#[derive(Serialize)]
struct Answer {
    flow: SmolStr,
    record: SmolStr,
    id: SmolStr,
    marks: std::collections::BTreeMap<Name, String>,
    not_selected_because: Vec<String>,
    destination_id: Option<SmolStr>,
    next_run: &'static str,
    text: String,
    cause: Option<&'static str>,
    next: Option<String>,
    outlook: Option<Outlook>,
    history: Vec<LogLine>,
}

pub(crate) async fn explain(options: &Explain) -> Result<Code, Failure> {
    let session = Session::open(&options.configured).await?;
    let candidates = flows::of_object(&session.flows, &options.object);
    if candidates.is_empty() {
        let mut known: Vec<String> = session.flows.iter().map(flows::object_name).collect();
        known.dedup();
        let near = did_you_mean(&options.object, known.iter().map(String::as_str));
        return Err(Failure::wrong(format!(
            "no flow reads `{}`{near}\n  there are: {}",
            options.object,
            known.join(", ")
        )));
    }
    let mut answers = Vec::new();
    for flow in candidates {
        answers.extend(under(&session, flow, &options.record).await?);
    }
    // Two flows can read one object (invoices above and below zero): the one that selects the record is meant.
    if answers.iter().any(|answer| answer.not_selected_because.is_empty()) {
        answers.retain(|answer| answer.not_selected_because.is_empty());
    }
    if answers.is_empty() {
        return Err(Failure::failed(format!("{} has no {} in its source application", options.record, options.object)));
    }
    if options.configured.json {
        println!("{}", serde_json::to_string(&answers).map_err(Failure::failed)?);
    } else {
        answers.iter().for_each(print);
    }
    Ok(Code::Done)
}

async fn under(session: &Session, flow: &Flow, record: &str) -> Result<Vec<Answer>, Failure> {
    let (sources, destinations) = (session.applications.sources(), session.applications.destinations());
    let missing = |name: &str| Failure::wrong(format!("the configuration has no [{name}]"));
    let source = *sources.get(&flow.source.application).ok_or_else(|| missing(&flow.source.application))?;
    let destination =
        *destinations.get(&flow.destination.application).ok_or_else(|| missing(&flow.destination.application))?;
    let mut lists = Lists::new();
    for name in flow.lists() {
        lists.insert(name.to_owned(), destination.list(name).await?);
    }
    let progress = |_: &str, _: u64| {};
    let pass = Pass {
        flow,
        source,
        destination,
        clock: &SystemClock,
        log: &engine::run::Silent,
        turns: &Semaphore::new(TURNS),
        lists: &lists,
        cutover: session.cutovers.get(flow.name.as_str()).map(String::as_str),
        dry: true,
        progress: &progress,
    };
    let mut answers = Vec::new();
    for found in find(&pass, record).await? {
        let explained = ask(&pass, found).await?;
        let history = session.journal.history(&explained.id).await?;
        answers.push(answer(explained, history));
    }
    Ok(answers)
}

fn answer(explained: Explained, history: Vec<LogLine>) -> Answer {
    let cause = explained.wording.cause;
    Answer {
        flow: explained.flow,
        record: explained.number,
        id: explained.id,
        marks: explained.marks.into_iter().collect(),
        not_selected_because: explained.unmet,
        destination_id: explained.destination_id,
        next_run: explained.next.name(),
        text: explained.wording.text,
        cause: cause.map(|cause| cause.name()),
        next: explained.wording.remedy,
        outlook: cause.zip(explained.wording.retry).map(|(cause, retry)| cause.outlook(retry)),
        history,
    }
}

fn print(answer: &Answer) {
    println!("{} ({}), {}", answer.record, answer.id, answer.flow);
    println!("  the source says");
    for (field, value) in &answer.marks {
        println!("    {field} = '{value}'");
    }
    let held = answer.destination_id.as_deref().unwrap_or("nothing");
    println!("  the destination has {held}");
    println!("  what was tried");
    if answer.history.is_empty() {
        println!("    (the journal has nothing about it)");
    }
    for line in &answer.history {
        println!("    {}", super::log::shown(line));
    }
    if answer.not_selected_because.is_empty() {
        let cause = answer.cause.map(|cause| format!(" [{cause}]")).unwrap_or_default();
        println!("  the next run: {}{cause}: {}", answer.next_run, answer.text);
        if let Some(next) = &answer.next {
            println!("    next: {next}");
        }
        if let Some(outlook) = &answer.outlook {
            println!("    {outlook}");
        }
    } else {
        println!("  no run takes it up; these conditions of the flow are not met:");
        for unmet in &answer.not_selected_because {
            println!("    {unmet}");
        }
    }
}
