//! Counterfoil: keeps order-to-cash records in step between a company's systems.

mod alone;
mod applications;
mod assumed;
mod cli;
mod clock;
mod commands;
mod config;
mod exit;
mod flows;
mod native;
mod report;
mod resources;
mod session;
mod single;
mod stops;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

/// A run makes and drops some hundred small values for each record; the system's allocator took a third of its time
/// and kept the memory of the largest page for good.
#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
/// In tests memory is counted.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = fuzz::ALLOCATOR;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = match runtime(&arguments.command) {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("counterfoil: {error}");
            return exit::Code::Failed.into();
        }
    };
    match runtime.block_on(commands::dispatch(arguments)) {
        Ok(code) => code.into(),
        Err(failure) => {
            eprintln!("counterfoil: {failure}");
            failure.code().into()
        }
    }
}

/// The emulators take all processors. A run takes one: it waits for applications, not for itself, and every thread
/// that a call must be handed to costs more than the call's own work.
fn runtime(command: &cli::Command) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = match command {
        cli::Command::Demo(_) | cli::Command::Sandbox(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    builder.enable_all().build()
}
