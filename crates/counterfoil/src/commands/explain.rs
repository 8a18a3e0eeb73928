//! `explain`: why a record stands where it stands.

use engine::explain::{Explained, explain as ask, find};
use journal::{AuditLine, LogLine};
use model::flow::Flow;
use model::problem::Outlook;
use model::value::{Name, SmolStr};
use serde::{Serialize, Serializer};

use crate::cli::Explain;
use crate::exit::{Code, Failure};
use crate::flows;
use crate::session::Session;
use crate::single::Single;

#[derive(Serialize)]
struct Answer {
    flow: SmolStr,
    record: SmolStr,
    id: SmolStr,
    marks: std::collections::BTreeMap<Name, SmolStr>,
    not_selected_because: Vec<String>,
    due: bool,
    found: String,
    destination_id: Option<SmolStr>,
    next_run: &'static str,
    text: String,
    cause: Option<&'static str>,
    next: Option<String>,
    outlook: Option<Outlook>,
    history: Vec<LogLine>,
    /// What people did to it by hand.
    #[serde(serialize_with = "as_objects")]
    hands: Vec<AuditLine>,
}

fn as_objects<S: Serializer>(lines: &[AuditLine], serializer: S) -> Result<S::Ok, S::Error> {
    super::log::acts(lines).map_err(serde::ser::Error::custom)?.serialize(serializer)
}

pub(crate) async fn explain(options: &Explain) -> Result<Code, Failure> {
    let session = Session::open(&options.configured).await?.heeding_native().await?;
    let mut answers = Vec::new();
    for flow in flows::of_object(&session.flows, &options.object)? {
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
    let single = Single::of(session, flow).await?;
    let pass = single.pass(&engine::run::Silent, true);
    let mut answers = Vec::new();
    for found in find(&pass, record).await? {
        let explained = ask(&pass, found).await?;
        let history = session.journal.history(&explained.id).await?;
        let hands = session.journal.audits(Some(&explained.id), u32::MAX).await?;
        answers.push(answer(explained, history, hands));
    }
    Ok(answers)
}

fn answer(explained: Explained, history: Vec<LogLine>, hands: Vec<AuditLine>) -> Answer {
    let cause = explained.wording.cause;
    Answer {
        flow: explained.flow,
        record: explained.number,
        id: explained.id,
        marks: explained.marks.into_iter().collect(),
        not_selected_because: explained.unmet,
        due: explained.due,
        found: explained.found,
        destination_id: explained.destination_id,
        next_run: explained.next.name(),
        text: explained.wording.text,
        cause: cause.map(|cause| cause.name()),
        next: explained.wording.remedy,
        outlook: cause.zip(explained.wording.retry).map(|(cause, retry)| cause.outlook(retry)),
        history,
        hands,
    }
}

fn print(answer: &Answer) {
    println!("{} ({}), {}", answer.record, answer.id, answer.flow);
    println!("  the source says");
    for (field, value) in &answer.marks {
        println!("    {field} = '{value}'");
    }
    println!("  {}", answer.found);
    println!("  what was tried");
    if answer.history.is_empty() {
        println!("    (the journal has nothing about it)");
    }
    for line in &answer.history {
        println!("    {}", super::log::shown(line));
    }
    if !answer.hands.is_empty() {
        println!("  what people did by hand");
    }
    for line in &answer.hands {
        println!("    {}", super::log::acted(line));
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
