//! Every fault, every flow, every call: for each flow that ships and each call that it makes, each kind of fault before,
//! during and after that call, between the real connectors and the emulators. Which calls there are is learned from the
//! flows themselves, undisturbed.
//!
//! | module | idea |
//! |---|---|
//! | `life` | what a flow meets: records new, announced, refused, changed |
//! | `call` | what is asked of an application, and for what purpose |
//! | `fault` | kinds and moments, and what each makes of a call |
//! | `plot` | what is to happen in a run, and what was seen |
//! | `cable`, `ports` | what strikes messages, and what says for what they are sent |
//! | `theatre` | processes on the stage, until they end or are killed |
//! | `cell` | a struck run, runs without faults, and what the oracles say |
//! | `same` | books in a form in which those of two runs can be compared |
//! | `table` | the report |

mod cable;
mod call;
mod cell;
mod fault;
mod life;
mod plot;
mod ports;
mod same;
mod table;
mod theatre;

use std::io;

use model::flow::Flow;
use model::value::SmolStr;

use super::remedy::Remedy;
use cell::Scene;
use fault::{FAULTS, Moment, Scope, Strike};
use table::{Cell, Sign};
use theatre::Theatre;

pub use table::Report;

/// What is asked of the matrix.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Only this flow.
    pub flow: Option<String>,
    /// Only flows that come from this application, or go to it.
    pub application: Option<String>,
    /// Only this cell, told line by line.
    pub cell: Option<String>,
    /// Only every so manieth cell, beginning with the one at `offset`.
    pub every: usize,
    /// See `every`.
    pub offset: usize,
    /// The remedy that is taken out.
    pub without: Option<Remedy>,
}

/// Plays the matrix, or the part of it that is asked for.
///
/// # Errors
/// The flows cannot be read, a flow that nothing disturbs does not come to rest, or there is nothing of the kind that is
/// asked for.
pub fn play(question: &Question) -> io::Result<Report> {
    if let Some(remedy) = question.without.filter(|remedy| !ports::REMOVABLE.contains(remedy)) {
        let names = ports::REMOVABLE.map(Remedy::name).join(", ");
        return Err(io::Error::other(format!("'{remedy}' cannot be taken out here; these can: {names}")));
    }
    let beginnings = life::beginnings()?;
    let mut report = Report { without: question.without, left_out: left_out(&beginnings)?, ..Report::default() };
    for beginning in &beginnings {
        let concerns = |flow: &&Flow| question.concerns(flow);
        let flows: Vec<&Flow> = beginning.between.flows.iter().filter(concerns).collect();
        if !flows.is_empty() {
            let travellers = life::travellers(beginning)?;
            for flow in flows {
                let records = travellers.get(&flow.name).map(Vec::as_slice).unwrap_or_default();
                play_flow(question, beginning, flow, records, &mut report)?;
            }
        }
    }
    if report.cells() == 0 {
        return Err(io::Error::other("there is no such flow, or no such cell"));
    }
    Ok(report)
}

impl Question {
    /// Whether a flow is asked for.
    fn concerns(&self, flow: &Flow) -> bool {
        let ends = [&flow.source.application, &flow.destination.application];
        let flow = flow.name.as_str();
        if self.application.as_ref().is_some_and(|wanted| !ends.contains(&wanted)) {
            return false;
        }
        let of_cell = self.cell.as_ref().is_none_or(|cell| cell.starts_with(&*format!("{flow}: ")));
        of_cell && self.flow.as_ref().is_none_or(|wanted| wanted == flow)
    }
}

/// Plays the cells of a flow that are asked for.
fn play_flow(
    question: &Question,
    beginning: &Theatre,
    flow: &Flow,
    records: &[SmolStr],
    report: &mut Report,
) -> io::Result<()> {
    if records.len() < life::FEWEST {
        report.left_out.push((flow.name.to_string(), "the generated books hold too few records of it"));
        return Ok(());
    }
    let scene = Scene::of(flow, life::prepared(beginning, flow, records)?)?;
    for strike in strikes(&scene) {
        let place = report.cells.len();
        let mut cell = Cell { flow: flow.name.to_string(), strike, sign: Sign::NotPlayed };
        let chosen = match &question.cell {
            Some(name) => *name == cell.name(),
            None => place % question.every.max(1) == question.offset % question.every.max(1),
        };
        let Strike { call, fault, moment, .. } = &cell.strike;
        let is_keyed = beginning.between.pair.settles_within(call.application).is_none();
        cell.sign = match fault.not_applicable(*moment, call, is_keyed) {
            Some(why) => Sign::NotApplicable(why),
            None if chosen => Sign::Played(scene.play(&cell.strike, question.without, question.cell.is_some())),
            None => Sign::NotPlayed,
        };
        report.cells.push(cell);
    }
    Ok(())
}

/// All strikes at the calls of a flow, row by row.
fn strikes(scene: &Scene) -> Vec<Strike> {
    let mut strikes = Vec::new();
    for call in &scene.calls {
        for scope in Scope::ALL {
            for (fault, ..) in FAULTS {
                strikes.extend(Moment::ALL.map(|moment| Strike { call: call.clone(), fault, moment, scope }));
            }
        }
    }
    strikes
}

fn left_out(beginnings: &[Theatre]) -> io::Result<Vec<(String, &'static str)>> {
    let played = |name: &str| {
        beginnings.iter().flat_map(|beginning| beginning.between.flows.iter()).any(|flow| flow.name == name)
    };
    let Some(first) = beginnings.first() else { return Ok(Vec::new()) };
    let all = super::emulated::shipped(first.stage.today())?;
    let names = all.into_iter().map(|flow| flow.name.to_string()).filter(|name| !played(name));
    Ok(names.map(|name| (name, "its applications are not emulated here")).collect())
}
