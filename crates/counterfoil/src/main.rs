//! Counterfoil: keeps order-to-cash records in step between a company's systems.

mod applications;
mod cli;
mod clock;
mod commands;
mod config;
mod exit;
mod flows;
mod report;
mod resources;
mod session;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
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
