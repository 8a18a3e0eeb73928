//! Whether a log says of a scenario what is so: the right cause and no other, as often as it should, with the application's
//! own words, what it rests on, the next step, whether and when it is tried again, and who can mend it.

use serde_json::Value;

use super::scenario::{Scenario, Told};

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_default()
}

/// Told once, of an application.
fn is_of_all(line: &Value) -> bool {
    matches!(text(line, "what"), "paused" | "stopped")
}

/// Told of a record that did not end in sync.
fn is_of_a_record(line: &Value) -> bool {
    line["kind"] == "end" && matches!(text(line, "what"), "warned" | "deferred")
}

pub(super) fn judge(scenario: &Scenario, log: &[Value]) -> Result<(), String> {
    let of_all: Vec<&Value> = log.iter().filter(|line| is_of_all(line)).collect();
    let causes = |lines: &[&Value]| lines.iter().map(|line| text(line, "cause").to_owned()).collect::<Vec<_>>();
    let of_records: Vec<&Value> = log.iter().filter(|line| is_of_a_record(line)).collect();
    let named = causes(&of_records);
    let wanted = scenario.cause.name();
    match scenario.told {
        Told::Once if of_all.len() != 1 => return Err(format!("told {} times: {of_all:#?}", of_all.len())),
        Told::Once if wanted != "validation" && named.iter().any(|cause| cause == wanted) => {
            return Err(format!("records are blamed, too: {of_records:#?}"));
        }
        Told::OfRecords if !of_all.is_empty() => return Err(format!("an application is said to be away: {of_all:#?}")),
        // What the books themselves do not allow is refused whatever else happens.
        Told::OfRecords if named.iter().any(|cause| ![wanted, "validation", ""].contains(&cause.as_str())) => {
            return Err(format!("other causes are named: {of_records:#?}"));
        }
        _ => {}
    }
    let lines = if scenario.told == Told::Once { of_all } else { of_records };
    let mut wrong = Vec::new();
    for line in &lines {
        match right(scenario, line) {
            Ok(()) => return Ok(()),
            Err(what) => wrong.push(format!("{what} in {line:#}")),
        }
    }
    Err(if wrong.is_empty() { "nobody was told".to_owned() } else { wrong.join("\n") })
}

/// Whether a line says all of it.
fn right(scenario: &Scenario, line: &Value) -> Result<(), String> {
    let told = text(line, "text");
    let outlook = scenario.cause.outlook(scenario.when());
    let mut missing = Vec::new();
    let mut demand = |holds: bool, what: String| {
        if !holds {
            missing.push(what);
        }
    };
    demand(text(line, "cause") == scenario.cause.name(), format!("the cause {}", scenario.cause));
    match scenario.status {
        Some(status) => demand(told.contains(&format!("HTTP {status}")), format!("HTTP {status}")),
        None => demand(!told.contains("HTTP "), "that no answer told it".to_owned()),
    }
    for part in scenario.code.into_iter().chain([scenario.words]) {
        demand(told.contains(part), format!("`{part}`"));
    }
    let application = line["kind"] == "end" || text(line, "record") == scenario.application;
    demand(application, format!("the application {}", scenario.application));
    demand(text(line, "remedy").contains(scenario.next), format!("the next step `{}`", scenario.next));
    demand(!text(line, "remedy").is_empty(), "a next step".to_owned());
    demand(line["outlook"]["retry"] == outlook.retry.to_string().as_str(), format!("tried again {}", outlook.retry));
    demand(line["outlook"]["mender"] == outlook.mender.to_string().as_str(), format!("mended by {}", outlook.mender));
    demand(line["outlook"]["page"] == outlook.page.as_str(), outlook.page.clone());
    if missing.is_empty() { Ok(()) } else { Err(format!("missing: {}", missing.join("; "))) }
}
