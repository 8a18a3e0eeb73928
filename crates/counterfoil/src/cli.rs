//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::nearest::did_you_mean;

/// Keeps order-to-cash records in step between a company's systems: nothing twice, nothing lost, equal to the cent.
///
/// Start with `counterfoil demo`. Exit codes: 0 done (warnings about single records stand in the report), 1 failed,
/// 2 the command line or the configuration is wrong.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch it work: emulated systems with realistic books, a few faults, bad records, and both totals side by side.
    Demo(Demo),
    /// Run emulated Zuora and NetSuite on this machine until stopped, for `run` or for any other client.
    Sandbox(Sandbox),
    /// Run the flows once.
    Run(Run),
    /// How many records of each flow are in which status, and how the last runs ended.
    Status(Status),
    /// The sync log: what happened to each record, with the applications' own words.
    Log(Log),
    /// Why a record stands where it stands, what was tried, what blocks it, and what the next run will do.
    Explain(Explain),
    /// Take one record through one pass now: look it up, complete or write it. Where its marks say that it is done and
    /// the destination certainly does not have it, they are blanked first. Refused for a record that says Ignore.
    Retry(Hand),
    /// Take one record out of consideration. Refused if the destination has it, unless --even-so.
    Ignore(Ignore),
    /// Blank the marks of one record, so that the next run begins anew. Refused if the destination has it: it would only
    /// be found again.
    Clear(Clear),
    /// Say that one record is in sync with the destination record of that id. Refused unless that record exists, is equal
    /// in all that the flow compares, carries no other record's id, and no other record is linked to it.
    MarkSynced(MarkSynced),
    /// Put the marks of a record back as they were before an action. Refused if anything has changed since, or if they
    /// would say again that it is done of what the destination does not have.
    Undo(Undo),
    /// Tell, application by application and flow by flow, whether it can work, and what to do where it cannot: addresses,
    /// log-ins, permissions, fields, limits, and what is only assumed. Nothing is written. Exit code 0: all can work; 1:
    /// something will fail.
    Check(Check),
    /// Make in an application what the flows need of it, after showing it: fields, objects, permissions. What is there is
    /// left as it is; what belongs to others is told, and never made. Again: nothing is done twice.
    Prepare(Prepare),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Posted invoices to begin with.
    #[arg(long, default_value_t = 300)]
    pub(crate) records: usize,
    /// The same seed gives the same books and the same faults.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Two systems that are kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pair {
    /// Zuora and NetSuite.
    ZuoraNetsuite,
    /// Salesforce and Nue.
    SalesforceNue,
    /// Both pairs.
    Both,
}

impl Pair {
    pub(crate) fn has_zuora(self) -> bool {
        self != Self::SalesforceNue
    }

    pub(crate) fn has_nue(self) -> bool {
        self != Self::ZuoraNetsuite
    }
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// The same seed gives the same books and credentials.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Records to generate for each pair: posted invoices in Zuora; orders, subscriptions and documents of Salesforce and Nue
    /// together.
    #[arg(long, default_value_t = 300, conflicts_with = "import")]
    pub(crate) records: usize,
    /// The pair of systems that is filled so, and that the configuration names. One that is left out has a few records to
    /// look at.
    #[arg(long, value_enum, default_value_t = Pair::Both)]
    pub(crate) pair: Pair,
    /// Give every generated invoice so many lines, in place of one to several hundred.
    #[arg(long, value_name = "N", conflicts_with = "import")]
    pub(crate) lines: Option<usize>,
    /// Fill it from a folder of retail CSV files (InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice,
    /// CustomerID, Country; plain or gzipped) in place of generated books.
    #[arg(long, value_name = "DIR")]
    pub(crate) import: Option<PathBuf>,
    /// Zuora listens on this port; NetSuite, Salesforce and Nue on the next three. Without it, four free ports are taken.
    #[arg(long, value_name = "BASE")]
    pub(crate) port: Option<u16>,
    /// The address on which both listen. Whoever can reach it may do anything with them.
    #[arg(long, value_name = "ADDRESS", default_value_t = std::net::Ipv4Addr::LOCALHOST.into())]
    pub(crate) listen: std::net::IpAddr,
    /// How many requests NetSuite takes at once: 5, 15, 20 ..., as the account's licence says.
    #[arg(long, value_name = "N", default_value_t = 15)]
    pub(crate) slots: usize,
    /// A planted fault, for proofs: NetSuite takes a second record under the same external id, as no real account does.
    #[arg(long)]
    pub(crate) without_unique_keys: bool,
    /// What an object or a field of Salesforce is called otherwise: `Nue_Id__c=Source_Key__c`. May be given several times.
    #[arg(long, value_name = "NAME=OTHER", value_parser = renamed)]
    pub(crate) rename: Vec<(String, String)>,
    /// Salesforce lacks the fields and the object that a sync adds, as an org does that nobody has prepared.
    #[arg(long)]
    pub(crate) bare_salesforce: bool,
    /// Where to write a configuration that `run` can use.
    #[arg(long, value_name = "FILE")]
    pub(crate) config_out: PathBuf,
    /// Print addresses and credentials as one line of JSON, once it is ready.
    #[arg(long)]
    pub(crate) json: bool,
}

fn renamed(text: &str) -> Result<(String, String), &'static str> {
    let (name, other) = text.split_once('=').ok_or("it is not of the form NAME=OTHER")?;
    Ok((name.to_owned(), other.to_owned()))
}

#[derive(Debug, Args)]
pub(crate) struct Configured {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "counterfoil.toml")]
    pub(crate) config: PathBuf,
    /// Print data as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// Only these flows, by name: `zuora.invoice -> netsuite.invoice`, or just `zuora.invoice`. Their parents are not
    /// run unless they are named too.
    #[arg(value_name = "FLOW")]
    pub(crate) flows: Vec<String>,
    /// Read everything, write nothing, and say what a run would do.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// An application that can be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prepared {
    /// The Salesforce org.
    Salesforce,
}

#[derive(Debug, Args)]
pub(crate) struct Prepare {
    /// The application.
    #[arg(value_enum, value_name = "APPLICATION")]
    pub(crate) application: Prepared,
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// Read what is there, show what would be done, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// Only these flows, by name, as for `run`.
    #[arg(value_name = "FLOW")]
    pub(crate) flows: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) configured: Configured,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// Only this run.
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<i64>,
    /// Only this record, by its number or its id.
    #[arg(long, value_name = "ID")]
    pub(crate) record: Option<String>,
    /// Only this cause: connectivity, firewall, timeout, configuration, permission, api-limit, validation, overload,
    /// maintenance, authentication.
    #[arg(long, value_name = "CAUSE", value_parser = cause)]
    pub(crate) cause: Option<model::problem::Cause>,
    /// At most so many lines, the newest.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) limit: u32,
    /// What people did to single records by hand, and why, in place of what runs did.
    #[arg(long, conflicts_with_all = ["run", "cause"])]
    pub(crate) audit: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// The type of the source record: `zuora.invoice`, `zuora.account`.
    #[arg(value_name = "TYPE")]
    pub(crate) object: String,
    /// Its number or its id: `INV00000001`.
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
}

/// What each command has that does something to one record by hand. Exit code 0: done, or nothing to do; 1: refused, not
/// done, or not known.
#[derive(Debug, Args)]
pub(crate) struct Hand {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// The type of the source record: `zuora.invoice`, `zuora.account`.
    #[arg(value_name = "TYPE")]
    pub(crate) object: String,
    /// Its number or its id: `INV00000001`.
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    #[command(flatten)]
    pub(crate) why: Why,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Why, in your own words: it stands in the audit log (`counterfoil log --audit`).
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run", value_parser = reason)]
    pub(crate) reason: Option<String>,
    /// Look, say what would be done, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Ignore {
    #[command(flatten)]
    pub(crate) hand: Hand,
    /// Though the destination has it.
    #[arg(long)]
    pub(crate) even_so: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Clear {
    #[command(flatten)]
    pub(crate) hand: Hand,
    /// The destination's record that stands there all the same, by its id.
    #[arg(long, value_name = "ID")]
    pub(crate) accept_found: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MarkSynced {
    #[command(flatten)]
    pub(crate) hand: Hand,
    /// The destination's record, by its id.
    #[arg(long, value_name = "ID")]
    pub(crate) destination_id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// The action's number, as it was told and as `counterfoil log --audit` shows it.
    #[arg(value_name = "ACTION")]
    pub(crate) action: i64,
    #[command(flatten)]
    pub(crate) why: Why,
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("an empty reason is none".to_owned()) } else { Ok(text.to_owned()) }
}

fn cause(name: &str) -> Result<model::problem::Cause, String> {
    model::problem::Cause::named(name).ok_or_else(|| {
        let all: Vec<&str> = model::problem::Cause::ALL.iter().map(|cause| cause.name()).collect();
        format!("no such cause{}; there are {}", did_you_mean(name, all.iter().copied()), all.join(", "))
    })
}
