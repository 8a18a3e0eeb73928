//! The simulator on the command line: many seeds, the figures, and for each failing seed the command that replays it.

use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use sandbox::clock::{Clock, SystemClock};
use simulation::simulator::matrix::{self, Question};
use simulation::simulator::{Remedy, Setting, Shown, Violations, play, play_wire};

/// Plays whole runs of the engine between two simulated applications; one seed decides everything.
#[derive(Debug, Parser)]
#[command(name = "counterfoil-simulation")]
struct Arguments {
    /// How many seeds to play.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Takes a remedy out, in circumstances in which it is decisive: a counterexample must show.
    #[arg(long, value_name = "REMEDY")]
    without: Option<Remedy>,
    /// Plays between the real connectors and the emulators, with the shipped flows: slower, and closer to the truth.
    #[arg(long, conflicts_with_all = ["without", "table"])]
    wire: bool,
    /// Prints the figures as one JSON object.
    #[arg(long)]
    json: bool,
    /// Lists what can be taken out, and ends.
    #[arg(long)]
    remedies: bool,
    /// Plays the seeds for each remedy in turn, with it and without it, and prints the table.
    #[arg(long, conflicts_with_all = ["without", "json"])]
    table: bool,
    /// Plays each kind of fault before, during and after each call of each flow that ships, and prints the table.
    #[arg(long, conflicts_with_all = ["wire", "table", "seeds", "first"])]
    matrix: bool,
    /// Of the matrix, only this flow.
    #[arg(long, requires = "matrix")]
    flow: Option<String>,
    /// Of the matrix, only flows that come from this application, or go to it.
    #[arg(long, requires = "matrix")]
    application: Option<String>,
    /// Of the matrix, only this cell, told line by line.
    #[arg(long, requires = "matrix")]
    cell: Option<String>,
    /// Of the matrix, only every so manieth cell.
    #[arg(long, requires = "matrix", default_value_t = 1)]
    every: usize,
    /// The first of them.
    #[arg(long, requires = "matrix", default_value_t = 0)]
    offset: usize,
}

/// Failing seeds that are told one by one; the figures count all.
const TOLD: u64 = 5;

#[derive(Default)]
struct Figures {
    records: u64,
    crashes: u64,
    faults: u64,
    failed: u64,
    violations: Violations,
}

impl Figures {
    fn count(&mut self, shown: &Shown) {
        self.records += shown.records;
        self.crashes += shown.crashes;
        self.faults += shown.faults;
        self.failed += u64::from(shown.violations.total() > 0);
        self.violations.add(&shown.violations);
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.remedies {
        Remedy::ALL.iter().for_each(|remedy| println!("{remedy}"));
        return ExitCode::SUCCESS;
    }
    let as_promised = match (arguments.matrix, arguments.table) {
        (true, _) => matrix(&arguments),
        (false, true) => table(&arguments),
        (false, false) => seeds(&arguments),
    };
    if as_promised { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn all(arguments: &Arguments) -> impl Iterator<Item = u64> {
    let first = arguments.first;
    (0..arguments.seeds).map(move |place| first.wrapping_add(place))
}

fn one(arguments: &Arguments, seed: u64, trace: bool) -> std::io::Result<Shown> {
    if arguments.wire {
        return play_wire(seed, trace);
    }
    Ok(play(seed, arguments.without.map_or(Setting::Any, Setting::Without), trace))
}

/// Plays the seeds. As promised means: nothing was violated.
fn seeds(arguments: &Arguments) -> bool {
    let begun = SystemClock.now();
    let mut figures = Figures::default();
    for seed in all(arguments) {
        let shown = match one(arguments, seed, false) {
            Ok(shown) => shown,
            Err(error) => {
                eprintln!("seed {seed}: {error}");
                return false;
            }
        };
        figures.count(&shown);
        if shown.violations.total() > 0 && figures.failed <= TOLD {
            tell(arguments, seed, &shown, figures.failed);
        }
    }
    let seconds = seconds_since(begun);
    println!(
        "{}",
        if arguments.json { json(arguments, &figures, &seconds) } else { text(arguments, &figures, &seconds) }
    );
    figures.violations.total() == 0
}

/// Says which seed failed and how to see it again. The first is told whole: it happens again, with its trace.
fn tell(arguments: &Arguments, seed: u64, shown: &Shown, failed: u64) {
    let wire = if arguments.wire { " --wire" } else { "" };
    let without = arguments.without.map(|remedy| format!(" --without {remedy}")).unwrap_or_default();
    if failed == 1 {
        let trace = one(arguments, seed, true).map(|shown| shown.trace).unwrap_or_default();
        trace.iter().for_each(|line| eprintln!("{line}"));
    }
    eprintln!("seed {seed}: {}", told(&shown.violations));
    eprintln!("replay: counterfoil-simulation --seeds 1 --first {seed}{without}{wire}");
}

/// The table of counterexamples. As promised means: none with the remedy, and one without it.
fn table(arguments: &Arguments) -> bool {
    let mut as_promised = true;
    println!("{:<18} {:>12} {:>12}  what shows without it", "remedy", "fail with it", "without it");
    for remedy in Remedy::ALL {
        let (mut with, mut without) = (Figures::default(), Figures::default());
        for seed in all(arguments) {
            with.count(&play(seed, Setting::Decisive(remedy), false));
            without.count(&play(seed, Setting::Without(remedy), false));
        }
        as_promised &= with.failed == 0 && without.failed > 0;
        let shows = told(&without.violations);
        println!("{:<18} {:>12} {:>12}  {shows}", remedy.name(), with.failed, without.failed);
    }
    println!("of {} seeds from {} each", arguments.seeds, arguments.first);
    as_promised
}

/// The matrix. As promised means: no cell was violated.
fn matrix(arguments: &Arguments) -> bool {
    let begun = SystemClock.now();
    let question = Question {
        flow: arguments.flow.clone(),
        application: arguments.application.clone(),
        cell: arguments.cell.clone(),
        every: arguments.every,
        offset: arguments.offset,
        without: arguments.without,
    };
    let report = match matrix::play(&question) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{error}");
            return false;
        }
    };
    let seconds = seconds_since(begun);
    if arguments.cell.is_some() {
        report.trace().iter().for_each(|line| eprintln!("{line}"));
    }
    for (replay, violations) in report.failures() {
        violations.iter().for_each(|violation| eprintln!("{violation}"));
        eprintln!("replay: {replay}");
    }
    if arguments.json {
        println!("{}", report.json(&seconds));
    } else {
        println!("{report}\n{}", report.summary(&seconds));
    }
    report.violated() == 0
}

fn seconds_since(begun: Timestamp) -> String {
    let milliseconds = SystemClock.now().duration_since(begun).as_millis().max(1);
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

fn told(violations: &Violations) -> String {
    let Violations { duplicates, lost, stale, stuck, unmarked, uneven } = violations;
    format!("duplicates {duplicates}, lost {lost}, stale {stale}, stuck {stuck}, unmarked {unmarked}, uneven {uneven}")
}

fn json(arguments: &Arguments, figures: &Figures, seconds: &str) -> String {
    let Violations { duplicates, lost, stale, stuck, unmarked, uneven } = &figures.violations;
    format!(
        "{{\"seeds\":{},\"records\":{},\"crashes\":{},\"faults\":{},\"duplicates\":{duplicates},\"lost\":{lost},\
         \"stale\":{stale},\"stuck\":{stuck},\"unmarked\":{unmarked},\"uneven\":{uneven},\"seconds\":{seconds}}}",
        arguments.seeds, figures.records, figures.crashes, figures.faults
    )
}

fn text(arguments: &Arguments, figures: &Figures, seconds: &str) -> String {
    let without = arguments.without.map(|remedy| format!(" without {remedy}")).unwrap_or_default();
    let Figures { records, crashes, faults, failed, violations } = figures;
    let (seeds, first) = (arguments.seeds, arguments.first);
    format!(
        "{seeds} seeds from {first}{without}: {records} records, {crashes} crashes, {faults} faults in {seconds} s\n\
         {}; seeds that failed: {failed}",
        told(violations)
    )
}
