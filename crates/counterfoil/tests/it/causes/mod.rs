//! Every cause of failure told apart: scenarios as data, each played by the real program over real sockets, and the page
//! that people read made of the same data.

mod data;
mod integration;
mod network;
mod other;
mod scenario;
mod stage;
mod table;
mod verdict;
mod whole;

use std::sync::Arc;
use std::time::Instant;

use model::cause::Cause;
use serde_json::Value;
use tokio::task::JoinSet;

use scenario::Scenario;
use verdict::judge;

/// Scenarios at once: most of their time is waiting.
const AT_ONCE: usize = 8;

fn all() -> Vec<Scenario> {
    network::all().into_iter().chain(integration::all()).chain(data::all()).chain(other::all()).collect()
}

/// The scenarios with what the log said of each. One can be picked by a part of its name.
async fn played() -> Vec<(Arc<Scenario>, Vec<Value>)> {
    let picked = std::env::var("COUNTERFOIL_SCENARIO").unwrap_or_default();
    let mut running = JoinSet::new();
    let mut played = Vec::new();
    for scenario in all().into_iter().filter(|scenario| scenario.name().contains(&picked)).map(Arc::new) {
        if running.len() == AT_ONCE {
            played.push(running.join_next().await.unwrap().unwrap());
        }
        running.spawn(async move {
            let began = Instant::now();
            let log = stage::play(&scenario).await;
            println!("{:>6} ms  {}", began.elapsed().as_millis(), scenario.name());
            (scenario, log)
        });
    }
    played.extend(running.join_all().await);
    played
}

#[tokio::test]
async fn the_log_names_the_cause_of_every_scenario_with_its_evidence_and_would_be_refused_if_it_named_another() {
    let played = played().await;
    let wrong: Vec<String> = played
        .iter()
        .filter_map(|(scenario, log)| judge(scenario, log).err().map(|what| format!("{}\n{what}", scenario.name())))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), played.len(), wrong.join("\n\n"));
    // A check that nothing can fail is none: the log of one cause must not do for another.
    for (scenario, log) in &played {
        for (other, _) in played.iter().filter(|(other, _)| other.cause != scenario.cause) {
            assert!(judge(other, log).is_err(), "the log of {} does for {}", scenario.name(), other.name());
        }
        for cause in Cause::ALL.into_iter().filter(|cause| *cause != scenario.cause) {
            assert!(judge(scenario, &renamed(log, scenario.cause, cause)).is_err(), "{cause} for {}", scenario.name());
        }
    }
}

/// The log as a wrong verdict would have made it.
fn renamed(log: &[Value], from: Cause, to: Cause) -> Vec<Value> {
    let mut log = log.to_vec();
    for line in log.iter_mut().filter(|line| line["cause"] == from.name()) {
        line["cause"] = to.name().into();
    }
    log
}

#[test]
fn every_cause_is_played_for_both_new_systems_and_the_page_says_what_is_played() {
    let scenarios = all();
    for cause in Cause::ALL {
        for application in ["salesforce", "nue"] {
            let played =
                scenarios.iter().any(|scenario| scenario.cause == cause && scenario.application == application);
            // No flow writes business records into Nue yet.
            assert!(played || (cause, application) == (Cause::Validation, "nue"), "{cause} of {application}");
        }
    }
    table::assert_written(&scenarios);
}
