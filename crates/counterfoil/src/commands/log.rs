//! `log`: what happened to each record.

use journal::{AuditLine, Filter, Journal, LogLine};
use serde_json::Value;

use crate::cli::Log;
use crate::config::Config;
use crate::exit::{Code, Failure};

pub(crate) async fn log(options: &Log) -> Result<Code, Failure> {
    let config = Config::read(&options.configured.config)?;
    let journal = Journal::open(config.journal()?).await?;
    if options.audit {
        return audit(&journal, options).await;
    }
    let filter = Filter {
        run: options.run,
        record: options.record.clone(),
        cause: options.cause.map(|cause| cause.name().to_owned()),
        limit: Some(options.limit),
    };
    let lines = journal.log(&filter).await?;
    if options.configured.json {
        println!("{}", serde_json::to_string(&lines).map_err(Failure::failed)?);
        return Ok(Code::Done);
    }
    if lines.is_empty() {
        println!("No lines.");
    }
    for line in &lines {
        println!("{}", shown(line));
    }
    Ok(Code::Done)
}

async fn audit(journal: &Journal, options: &Log) -> Result<Code, Failure> {
    let lines = journal.audits(options.record.as_deref(), options.limit).await?;
    if options.configured.json {
        println!("{}", acts(&lines).map_err(Failure::failed)?);
        return Ok(Code::Done);
    }
    if lines.is_empty() {
        println!("No actions.");
    }
    for line in &lines {
        println!("{}\n      found   {}\n      before  {}", acted(line), line.found, line.before);
        if let Some(after) = &line.after {
            println!("      after   {after}");
        }
        if !line.text.is_empty() {
            println!("      {}", line.text);
        }
    }
    Ok(Code::Done)
}

/// Actions for programs: the marks, which the journal holds as text, are objects.
pub(crate) fn acts(lines: &[AuditLine]) -> Result<Value, serde_json::Error> {
    let mut told = serde_json::to_value(lines)?;
    for line in told.as_array_mut().into_iter().flatten() {
        for side in ["before", "after"] {
            if let Some(text) = line[side].as_str() {
                line[side] = serde_json::from_str(text)?;
            }
        }
    }
    Ok(told)
}

/// An action for people, in a line.
pub(crate) fn acted(line: &AuditLine) -> String {
    let AuditLine { action_id, action, record, ended, who, reason, .. } = line;
    let at = line.at.split('.').next().unwrap_or(&line.at);
    let undoes = line.undoes.map(|action| format!(" of action {action}")).unwrap_or_default();
    format!("{at} action {action_id} {action}{undoes} {record}: {ended} by {who}: {reason}")
}

/// A line for people.
pub(crate) fn shown(line: &LogLine) -> String {
    let cause = line.cause.as_ref().map(|cause| format!(" [{cause}]")).unwrap_or_default();
    let next = line.remedy.as_ref().map(|remedy| format!("\n      next: {remedy}")).unwrap_or_default();
    // An attempt is followed by the end of the record's pass, and that says what becomes of it.
    let outlook = line.outlook.as_ref().filter(|_| line.kind != "attempt");
    let outlook = outlook.map(|outlook| format!("\n      {outlook}")).unwrap_or_default();
    let run = line.run.map(|run| format!("run {run} ")).unwrap_or_default();
    let at = line.at.split('.').next().unwrap_or(&line.at);
    let flow = if line.flow.is_empty() { String::new() } else { format!("{} ", line.flow) };
    format!("{at} {run}{flow}{} {}{cause}: {}{next}{outlook}", line.record, line.what, line.text)
}
