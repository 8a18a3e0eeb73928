//! All cases as a table for a person, and as JSON.

use std::fmt;

use sandbox::clock::Clock;
use serde_json::{Value, json};

use crate::checker::cases::{COUNTEREXAMPLES, Case, FURTHER, LARGE, LIMITS, Limit, SAFE, Safe};
use crate::checker::search::{Searched, search};
use crate::checker::world::Bounds;

/// What was searched, and what was found.
#[derive(Debug)]
pub struct Report {
    /// Each case, without its remedy and with it.
    pub cases: Vec<(Case, Searched, Searched)>,
    /// The worst worlds, and how long each took in milliseconds.
    pub safe: Vec<(Safe, Searched, u64)>,
    /// What no remedy of the engine removes.
    pub limits: Vec<(Limit, Searched)>,
    /// How long all of it took.
    pub milliseconds: u64,
}

impl Report {
    /// Searches all worlds; the worst ones with larger bounds, if that is asked for.
    pub fn of(large: bool, clock: &dyn Clock) -> Self {
        let begun = clock.now();
        let since = |begun: jiff::Timestamp| u64::try_from(clock.now().duration_since(begun).as_millis()).unwrap_or(0);
        let cases = COUNTEREXAMPLES.iter().chain(&FURTHER);
        let cases = cases.map(|case| (*case, search(case.out), search(case.back_in))).collect();
        let limits = LIMITS.map(|limit| (limit, search(limit.world))).into();
        let safe = if large { LARGE } else { SAFE }.map(|safe| {
            let begun = clock.now();
            let searched = search(safe.world);
            (safe, searched, since(begun))
        });
        Self { cases, safe: safe.into(), limits, milliseconds: since(begun) }
    }

    /// What was not as it should be: a case that does not show, a remedy that does not help, a limit that is none.
    pub fn surprises(&self) -> Vec<String> {
        let cases = self.cases.iter().flat_map(|(case, out, back_in)| {
            let shows = expected(case.name, "without its remedy", Some(case.breaks), out);
            shows.into_iter().chain(expected(case.name, "with its remedy", None, back_in))
        });
        let safe = self.safe.iter().filter_map(|(safe, searched, _)| expected(safe.what, "searched", None, searched));
        let limits =
            self.limits.iter().filter_map(|(limit, found)| expected(limit.name, "limit", Some(limit.breaks), found));
        cases.chain(safe).chain(limits).collect()
    }

    /// Different moments that were seen, over all worlds.
    pub fn states(&self) -> usize {
        let cases = self.cases.iter().map(|(_, out, back_in)| out.states + back_in.states);
        let safe = self.safe.iter().map(|(_, searched, _)| searched.states);
        cases.chain(safe).chain(self.limits.iter().map(|(_, found)| found.states)).sum()
    }

    /// The report for a program.
    pub fn json(&self) -> Value {
        let cases = self.cases.iter().map(|(case, out, back_in)| {
            json!({
                "name": case.name, "what": case.what, "breaks": case.breaks, "remedy": case.remedy,
                "without": found(out), "with": found(back_in),
            })
        });
        let safe = self.safe.iter().map(|(safe, searched, milliseconds)| {
            let Bounds { faults, crashes, edits, hands } = safe.world.bounds;
            json!({
                "what": safe.what, "faults": faults, "crashes": crashes, "edits": edits, "hands": hands,
                "found": found(searched), "seconds": seconds(*milliseconds),
            })
        });
        let limits = self.limits.iter().map(|(limit, searched)| {
            json!({
                "name": limit.name, "what": limit.what, "breaks": limit.breaks, "declare": limit.declare,
                "found": found(searched),
            })
        });
        json!({
            "cases": cases.collect::<Vec<_>>(),
            "safe": safe.collect::<Vec<_>>(),
            "limits": limits.collect::<Vec<_>>(),
            "states": self.states(),
            "seconds": seconds(self.milliseconds),
            "surprises": self.surprises(),
        })
    }
}

fn expected(name: &str, how: &str, breach: Option<&str>, searched: &Searched) -> Option<String> {
    let found = searched.broken.as_ref().map(|(promise, _)| *promise);
    let words = |promise: Option<&str>| promise.unwrap_or("nothing").to_owned();
    (found != breach).then(|| format!("{name}, {how}: should find {}, found {}", words(breach), words(found)))
}

fn found(searched: &Searched) -> Value {
    let (breach, way) = searched.broken.clone().unzip();
    json!({ "states": searched.states, "breach": breach, "way": way.unwrap_or_default() })
}

/// Milliseconds as seconds, exactly.
fn seconds(milliseconds: u64) -> Value {
    let number = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    number.parse().map_or(Value::Null, Value::Number)
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "WITHOUT THE REMEDY, the shortest way to the breach; WITH IT, every moment within the bounds\n")?;
        for (case, without, with) in &self.cases {
            writeln!(out, "{}: {}", case.name, case.what)?;
            way(out, &format!("without: {}", case.remedy), without)?;
            writeln!(out, "  with it: {}\n", verdict(with))?;
        }
        writeln!(out, "EVERYTHING AT ONCE")?;
        for (safe, searched, milliseconds) in &self.safe {
            let Bounds { faults, crashes, edits, hands } = safe.world.bounds;
            writeln!(out, "  {}, {faults} faults, {crashes} crashes, {edits} edits, {hands} hands", safe.what)?;
            writeln!(out, "    {}, {} s", verdict(searched), seconds(*milliseconds))?;
        }
        writeln!(out, "\nWHAT THE ENGINE DOES NOT REMOVE, and a route must declare\n")?;
        for (limit, searched) in &self.limits {
            writeln!(out, "{}: {}", limit.name, limit.what)?;
            way(out, &format!("declare: {}", limit.declare), searched)?;
            writeln!(out)?;
        }
        writeln!(out, "{:<12} {:<54} {:<14} with it", "case", "remedy", "without it")?;
        for (case, without, with) in &self.cases {
            let steps = without.broken.as_ref().map_or(0, |(_, way)| way.len());
            let breach = if steps == 0 { "none found".into() } else { format!("in {steps} steps") };
            writeln!(out, "{:<12} {:<54} {breach:<14} {}", case.name, case.remedy, verdict(with))?;
        }
        writeln!(out, "\n{} states explored in {} s", self.states(), seconds(self.milliseconds))?;
        self.surprises().iter().try_for_each(|surprise| writeln!(out, "NOT AS EXPECTED: {surprise}"))
    }
}

fn verdict(searched: &Searched) -> String {
    match &searched.broken {
        None => format!("none found in {} states", searched.states),
        Some((promise, way)) => format!("BROKEN in {} steps: {promise}", way.len()),
    }
}

fn way(out: &mut fmt::Formatter<'_>, title: &str, searched: &Searched) -> fmt::Result {
    writeln!(out, "  {title}")?;
    match &searched.broken {
        None => writeln!(out, "     none found in {} states", searched.states),
        Some((promise, way)) => {
            way.iter().enumerate().try_for_each(|(at, step)| writeln!(out, "    {:>2} {step}", at + 1))?;
            writeln!(out, "       breaks: {promise}")
        }
    }
}
