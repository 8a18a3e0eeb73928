//! One file a command.

mod check;
mod demo;
mod explain;
mod hands;
mod log;
mod prepare;
mod run;
mod sandbox;
mod status;

pub(crate) use sandbox::write_secret;

use crate::cli::{Arguments, Command};
use crate::exit::{Code, Failure};

pub(crate) async fn dispatch(arguments: Arguments) -> Result<Code, Failure> {
    match arguments.command {
        Command::Demo(options) => demo::demo(&options).await,
        Command::Sandbox(options) => sandbox::sandbox(&options).await,
        Command::Run(options) => run::run(&options).await,
        Command::Status(options) => status::status(&options).await,
        Command::Log(options) => log::log(&options).await,
        Command::Explain(options) => explain::explain(&options).await,
        Command::Retry(options) => hands::retry(&options).await,
        Command::Ignore(options) => hands::ignore(&options).await,
        Command::Clear(options) => hands::clear(&options).await,
        Command::MarkSynced(options) => hands::mark_synced(&options).await,
        Command::Undo(options) => hands::undo(&options).await,
        Command::Check(options) => check::check(&options).await,
        Command::Prepare(options) => prepare::prepare(&options).await,
    }
}
