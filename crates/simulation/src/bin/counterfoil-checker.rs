//! Searches every world of the model checker and prints what was found; fails if anything is not as it should be.

use std::process::ExitCode;

use clap::Parser;
use sandbox::clock::SystemClock;
use simulation::checker::table::Report;

/// Puts the engine's own decision function through every order of faults, crashes, edits and hands that the bounds
/// allow, with each remedy and without.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Larger bounds in the worst worlds: minutes instead of seconds.
    #[arg(long)]
    large: bool,
    /// One JSON object instead of the table.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let report = Report::of(options.large, &SystemClock);
    if options.json {
        println!("{}", report.json());
    } else {
        println!("{report}");
    }
    if report.surprises().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
