//! The report of the matrix: a table for people, one object for programs.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

use super::call::Call;
use super::cell::Shown;
use super::fault::{FAULTS, Moment, Scope, Strike};
use crate::simulator::remedy::Remedy;

/// What became of one cell.
pub(super) enum Sign {
    /// It was played.
    Played(Shown),
    /// There is no such fault at this call, for this reason.
    NotApplicable(&'static str),
    /// It is not in the slice that was asked for.
    NotPlayed,
}

/// One cell.
pub(super) struct Cell {
    pub flow: String,
    pub strike: Strike,
    pub sign: Sign,
}

/// What the matrix showed.
#[derive(Default)]
pub struct Report {
    pub(super) cells: Vec<Cell>,
    pub(super) without: Option<Remedy>,
    /// Shipped flows that are not played, and why.
    pub(super) left_out: Vec<(String, &'static str)>,
}

impl Cell {
    pub(super) fn name(&self) -> String {
        format!("{}: {}", self.flow, self.strike)
    }

    fn shown(&self) -> Option<&Shown> {
        if let Sign::Played(shown) = &self.sign { Some(shown) } else { None }
    }

    fn sign(&self) -> String {
        match &self.sign {
            Sign::NotApplicable(_) => "·".to_owned(),
            Sign::NotPlayed => " ".to_owned(),
            Sign::Played(shown) if !shown.violations.is_empty() => "!".to_owned(),
            Sign::Played(shown) => match shown.more_runs {
                Some(0) => "✓".to_owned(),
                runs => runs.unwrap_or(9).to_string(),
            },
        }
    }

    fn json(&self) -> Option<Json> {
        let Strike { call, fault, moment, scope } = &self.strike;
        let mut told = json!({
            "flow": self.flow,
            "application": call.application,
            "purpose": call.purpose,
            "method": call.method,
            "path": call.path,
            "fault": fault.name(),
            "moment": moment.name(),
            "scope": scope.name(),
        });
        match &self.sign {
            Sign::NotPlayed => return None,
            Sign::NotApplicable(why) => told["not_applicable"] = json!(why),
            Sign::Played(shown) => {
                told["more_runs"] = json!(shown.more_runs);
                told["runs"] = json!(shown.runs);
                told["struck"] = json!(shown.struck);
                told["causes"] = json!(shown.causes);
                told["violations"] = json!(shown.violations);
            }
        }
        Some(told)
    }
}

impl Report {
    fn played(&self) -> impl Iterator<Item = &Shown> {
        self.cells.iter().filter_map(Cell::shown)
    }

    /// Cells in which something was violated.
    pub fn violated(&self) -> usize {
        self.played().filter(|shown| !shown.violations.is_empty()).count()
    }

    /// Cells that were played.
    pub fn cells(&self) -> usize {
        self.played().count()
    }

    /// The replay command and what was violated, of each cell in which something was violated.
    pub fn failures(&self) -> impl Iterator<Item = (String, &[String])> {
        let without = self.without.map(|remedy| format!(" --without {remedy}")).unwrap_or_default();
        self.cells.iter().filter_map(move |cell| {
            let shown = cell.shown().filter(|shown| !shown.violations.is_empty())?;
            let replay = format!("counterfoil-simulation --matrix{without} --cell '{}'", cell.name());
            Some((replay, &*shown.violations))
        })
    }

    /// What happened in the only cell that was played.
    pub fn trace(&self) -> &[String] {
        self.played().next().map_or(&[], |shown| &shown.trace)
    }

    fn totals(&self) -> [(&'static str, u64); 7] {
        let calls: BTreeMap<(&str, &Call), ()> =
            self.cells.iter().map(|cell| ((cell.flow.as_str(), &cell.strike.call), ())).collect();
        let flows: BTreeMap<&str, ()> = self.cells.iter().map(|cell| (cell.flow.as_str(), ())).collect();
        let empty = self.cells.iter().filter(|cell| matches!(cell.sign, Sign::NotApplicable(_)));
        [
            ("flows", flows.len() as u64),
            ("calls", calls.len() as u64),
            ("cells", self.cells() as u64),
            ("not_applicable", empty.count() as u64),
            ("runs", self.played().map(|shown| shown.runs).sum()),
            ("struck", self.played().map(|shown| shown.struck).sum()),
            ("violations", self.violated() as u64),
        ]
    }

    /// One object: the totals, and all cells.
    pub fn json(&self, seconds: &str) -> Json {
        let mut told: serde_json::Map<String, Json> =
            self.totals().into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
        told.insert("seconds".to_owned(), serde_json::from_str(seconds).unwrap_or_default());
        let left_out = self.left_out.iter().map(|(flow, why)| json!({ "flow": flow, "why": why }));
        told.insert("flows_left_out".to_owned(), left_out.collect());
        told.insert("list".to_owned(), self.cells.iter().filter_map(Cell::json).collect());
        Json::Object(told)
    }

    /// The totals in one line.
    pub fn summary(&self, seconds: &str) -> String {
        let totals: Vec<String> =
            self.totals().map(|(name, count)| format!("{} {count}", name.replace('_', " "))).to_vec();
        format!("{}, seconds {seconds}", totals.join(", "))
    }
}

/// How wide the names of the calls stand.
const WIDTH: usize = 84;

const LEGEND: &str = "Each sign is a cell, in threes: the call not executed, executed after its failure was felt, executed.
✓ whole when the struck run ended   1 whole after one more run   2 after two: a call that lands when the next run is over
! violated   · does not apply";

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut flow, mut row) = ("", None);
        for cell in &self.cells {
            if cell.flow != flow {
                flow = &cell.flow;
                write!(formatter, "\n\n{flow}\n{:<WIDTH$}", "")?;
                FAULTS.iter().try_for_each(|(_, name, _)| write!(formatter, " {name:<7}"))?;
            }
            if row != Some((&cell.strike.call, cell.strike.scope)) {
                row = Some((&cell.strike.call, cell.strike.scope));
                let label = match cell.strike.scope {
                    Scope::First => cell.strike.call.to_string(),
                    Scope::Every => "    every one of them".to_owned(),
                };
                write!(formatter, "\n{label:<WIDTH$}")?;
            }
            let space = if cell.strike.moment == Moment::Before { " " } else { "" };
            let fill = if cell.strike.moment == Moment::After { "    " } else { "" };
            write!(formatter, "{space}{}{fill}", cell.sign())?;
        }
        writeln!(formatter, "\n\n{LEGEND}")?;
        for (why, count) in self.reasons() {
            writeln!(formatter, "  {count} cells: {why}")?;
        }
        self.left_out.iter().try_for_each(|(flow, why)| writeln!(formatter, "  not played: {flow}: {why}"))
    }
}

impl Report {
    fn reasons(&self) -> BTreeMap<&'static str, u64> {
        let mut reasons = BTreeMap::new();
        for cell in &self.cells {
            if let Sign::NotApplicable(why) = cell.sign {
                *reasons.entry(why).or_default() += 1;
            }
        }
        reasons
    }
}
