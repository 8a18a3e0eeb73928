//! What stopped a run, or some of its flows, as a whole: told in the log once, not for each flow and not for each record.

use engine::{RunError, RunReport};
use jiff::Timestamp;
use model::ports::{Entry, Event};
use model::problem::{Cause, Pause, Problem, Retry};

/// What stopped flows, for the log. A pause that still lasts has been told already.
pub(crate) fn told(result: &Result<RunReport, RunError>, pauses: &[Pause], at: Timestamp) -> Vec<Entry> {
    let stops = match result {
        Ok(report) => stopped(report),
        Err(RunError::Problem(problem)) => vec![of(problem, "")],
        Err(error @ RunError::Lacking { application, cause, .. }) => vec![Stop {
            application,
            flows: String::new(),
            text: error.to_string(),
            cause: *cause,
            retry: cause.retry(),
            remedy: lacking(application, *cause),
        }],
        Err(_) => Vec::new(),
    };
    let paused = |stop: &Stop<'_>| {
        let lasting = pauses.iter().filter(|pause| pause.until.is_none()).map(|pause| &pause.problem);
        lasting.into_iter().any(|problem| problem.application == stop.application && problem.cause == stop.cause)
    };
    stops.into_iter().filter(|stop| !paused(stop)).map(|stop| stop.entry(at)).collect()
}

/// What to do where an application lacks what the flows use.
pub(crate) fn lacking(application: &str, cause: Cause) -> String {
    match cause {
        Cause::Permission => {
            format!("Permit the integration user of {application} to create and edit what is named, then run again.")
        }
        // Whose our fields are in Salesforce, Nue's marks among them, a command makes.
        _ if ["salesforce", "nue"].contains(&application) => format!(
            "Make what is missing in {application}, or correct its name in the flow or under [names]; `counterfoil prepare \
             salesforce` makes the fields that are ours and lets the integration user see them. What that user may not see \
             (in Salesforce: field-level security) looks like what is missing."
        ),
        _ => format!(
            "Make what is missing in {application}, or correct its name in the flow or under [names]. What the integration \
             user may not see (in Salesforce: field-level security) looks like what is missing."
        ),
    }
}

struct Stop<'a> {
    application: &'a str,
    flows: String,
    text: String,
    cause: Cause,
    retry: Retry,
    remedy: String,
}

impl Stop<'_> {
    fn entry(self, at: Timestamp) -> Entry {
        let Self { application, flows, text, cause, retry, remedy } = self;
        let event = Event::Stopped { text, cause, retry, remedy };
        Entry { at, flow: flows.into(), source_id: "".into(), number: application.into(), event }
    }
}

fn of<'a>(problem: &'a Problem, flow: &str) -> Stop<'a> {
    Stop {
        application: &problem.application,
        flows: flow.to_owned(),
        text: problem.told(),
        cause: problem.cause,
        retry: problem.retry(),
        remedy: problem.remedy.clone(),
    }
}

/// What stopped flows, each once with all the flows that it stopped: the calls may differ, the words do not.
fn stopped(report: &RunReport) -> Vec<Stop<'_>> {
    let mut stops: Vec<(&Problem, Stop<'_>)> = Vec::new();
    for flow in &report.flows {
        let Some(problem) = &flow.stopped else { continue };
        let same = |held: &Problem| {
            let key =
                |problem: &Problem| (problem.application.clone(), problem.cause, problem.status, problem.words.clone());
            key(held) == key(problem)
        };
        match stops.iter_mut().find(|(held, _)| same(held)) {
            Some((_, stop)) => stop.flows = format!("{}, {}", stop.flows, flow.name),
            None => stops.push((problem, of(problem, &flow.name))),
        }
    }
    stops.into_iter().map(|(_, stop)| stop).collect()
}
