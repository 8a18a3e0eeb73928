//! `check`: whether it can work, application by application and flow by flow, before anything is written.
//!
//! | module | idea |
//! |---|---|
//! | `reach` | an application: its address, its door, who we are there, what is left of its limits |
//! | `examine` | a flow: its objects, its fields, its queries, its parents |
//! | `fit` | whether what a rule gives fits what a field takes; pure |
//! | `finding` | what was found, where, and what to do |
//! | `report` | all of it as a table for people, and as JSON for programs |

mod examine;
mod finding;
mod fit;
mod reach;
mod report;

use connectors::Promise;
use connectors::nue::{self, Need, Nue};
use model::flow::Flow;
use model::ports::Clock;

use crate::applications::Applications;
use crate::assumed::{self, Proofs, Standing};
use crate::cli::Check;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::{Code, Failure};
use crate::{flows, native};
use finding::{Finding, Severity};
use reach::Looked;
use report::{Report, Stood};

pub(crate) async fn check(options: &Check) -> Result<Code, Failure> {
    let config = Config::read(&options.configured.config)?;
    let applications = Applications::new(&config)?;
    let today = jiff::tz::TimeZone::UTC.to_datetime(SystemClock.now()).date();
    let mut all = flows::read(&config, today)?;
    let named = flows::chosen(&all, &options.flows)?;
    let mut looked: Vec<Looked<'_>> = Vec::new();
    for (name, survey) in applications.surveys() {
        looked.push(reach::look(&config, name, survey, promises(name)).await);
    }
    let (mut assumptions, mut proofs) = (Vec::new(), None);
    if let Some(nue) = applications.nue.as_ref().filter(|_| is_up(&looked, "nue")) {
        let probes = Proofs::new(nue, SystemClock.now(), nue.probe(&needs(nue, &named)).await);
        probes.remember(&config)?;
        if assumed::can_be_asked(&config, nue) {
            // Where Nue cannot be asked, the probes have told it.
            native::heed(&config, &applications, &mut all).await.ok();
        }
        assumptions = stood(&config, nue, &flows::chosen(&all, &options.flows)?, &probes);
        proofs = Some(probes);
    }
    let chosen = flows::chosen(&all, &options.flows)?;
    let mut examined = Vec::new();
    for flow in &chosen {
        let mut one = examine::examine(flow, &all, &looked, &applications).await;
        let looks_only = |held: &&Flow| held.name == flow.name && !held.destination.look_only;
        if flow.destination.look_only && named.iter().any(|held| looks_only(&held)) {
            one.findings.push(carried(&config));
        }
        if let (Some(nue), Some(proofs)) = (&applications.nue, &proofs) {
            one.findings.extend(unproven(&config, nue, flow, proofs));
        }
        examined.push(one);
    }
    let report = Report { applications: looked, flows: examined, assumptions };
    if options.configured.json {
        println!("{}", serde_json::to_string(&report.json()).map_err(Failure::failed)?);
    } else {
        print!("{}", report.table());
    }
    Ok(if report.can_work() { Code::Done } else { Code::Failed })
}

fn promises(application: &str) -> Vec<Promise> {
    match application {
        "zuora" => connectors::zuora::promises(),
        "netsuite" => connectors::netsuite::promises(),
        "salesforce" => connectors::salesforce::promises(),
        _ => nue::promises(),
    }
}

fn is_up(looked: &[Looked<'_>], name: &str) -> bool {
    looked.iter().any(|one| one.name == name && one.is_up())
}

/// What flows rest on.
fn needs(nue: &Nue, flows: &[Flow]) -> Vec<Need> {
    flows.iter().flat_map(|flow| nue::needs(flow, nue.assumed())).collect()
}

/// How all that is assumed of Nue stands, and which flows rest on it.
fn stood(config: &Config, nue: &Nue, flows: &[Flow], proofs: &Proofs) -> Vec<Stood> {
    let accepted = config.nue.as_ref().map(|given| given.assumed.accept.as_slice()).unwrap_or_default();
    let general = nue::ASSUMPTIONS.into_iter().filter(|assumption| assumption.name != "source-id");
    let mut all: Vec<Need> =
        general.map(|assumption| Need { assumption, value: nue.assumed().of(assumption).to_owned() }).collect();
    for need in needs(nue, flows) {
        if !all.contains(&need) {
            all.push(need);
        }
    }
    let rests = |flow: &&Flow, need: &Need| nue::needs(flow, nue.assumed()).contains(need);
    let stood = all.into_iter().map(|need| Stood {
        standing: assumed::standing(&need, Some(proofs), accepted),
        told: proofs.of(&need).map(|probed| probed.told.clone()).unwrap_or_default(),
        needed_by: flows.iter().filter(|flow| rests(flow, &need)).map(|flow| flow.name.to_string()).collect(),
        need,
    });
    stood.collect()
}

fn carried(config: &Config) -> Finding {
    Finding {
        severity: Severity::Note,
        what: "Nue's own connection to Salesforce carries these records: the flow only looks".to_owned(),
        place: config.place(&["nue"]),
        remedy: "If that connection is off by now, say native_connection = \"off\" under [nue].".to_owned(),
    }
}

/// What a flow rests on and must not. On an emulator what was refuted is in its way, too, and nothing else.
fn unproven(config: &Config, nue: &Nue, flow: &Flow, proofs: &Proofs) -> Vec<Finding> {
    let mut lacking = assumed::lacking(config, nue, flow, Some(proofs));
    if nue.is_emulated() {
        lacking.retain(|(_, standing)| *standing == Standing::Fails);
    }
    let told = |need: &Need, standing: Standing| {
        let seen = proofs.of(need).map(|probed| probed.told.as_str()).unwrap_or_default();
        match standing {
            Standing::Fails => format!("it rests on `{}`, which does not hold: {seen}", need.assumption.name),
            Standing::Open => format!("it rests on `{}`, which could not be told: {seen}", need.assumption.name),
            _ => format!("it rests on `{}`, which no read can prove: {}", need.assumption.name, need.assumption.what),
        }
    };
    let finding = |one: (Need, Standing)| Finding {
        severity: Severity::WillFail,
        what: told(&one.0, one.1),
        place: config.place(&["nue"]),
        remedy: assumed::remedy(std::slice::from_ref(&one)),
    };
    lacking.into_iter().map(finding).collect()
}
