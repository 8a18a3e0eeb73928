//! `demo`: emulated systems of both pairs, two runs, faults in the first, and the totals of both sides.
//!
//! | module | idea |
//! |---|---|
//! | `first_pair`, `second_pair` | the faults of a pair, and its books as each side has them |
//! | `tie` | holds what a pair's sides come to against each other |

mod first_pair;
mod second_pair;
mod tie;

use ::sandbox::faults;
use ::sandbox::{Options, Sandbox as Running};
use journal::{Filter, Journal};
use model::Decimal;
use model::ports::Clock;
use serde_json::Value;

use super::run::once;
use super::sandbox::{configuration, generated, revenue, write_secret};
use crate::cli::{Configured, Demo, Pair};
use crate::clock::SystemClock;
use crate::exit::{Code, Failure};
use crate::report::{self, Material};
use crate::session::Session;

/// No call lasts longer here: for so long an interrupted write may land in Nue.
const WAIT_OUT_SECONDS: u64 = 1;
const APPLICATIONS: [&str; 4] = ["zuora", "netsuite", "salesforce", "nue"];

pub(crate) async fn demo(options: &Demo) -> Result<Code, Failure> {
    let (books, revenue) = (generated(options.seed, options.records, None), revenue(options.seed, options.records));
    let (first, second) = (first_pair::expected(&books), second_pair::expected(&revenue));
    let cutover = books.cutover;
    let running = Running::start(Options { revenue, ..Options::new(options.seed, books) });
    let running = running.await.map_err(Failure::failed)?;
    let folder = std::env::temp_dir().join(format!("counterfoil-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (file, key) = (folder.join("counterfoil.toml"), folder.join("netsuite-key.pem"));
    write_secret(&key, &running.netsuite.private_key_pem)?;
    let waited = format!("wait_out_seconds = {WAIT_OUT_SECONDS}");
    let text = configuration(&running, &key, cutover, Pair::Both).replace("timeout_seconds = 15", &waited);
    write_secret(&file, &text)?;
    let session = Session::open(&Configured { config: file, json: false }).await?.heeding_native().await?;

    let Demo { records, seed } = options;
    println!("Emulated on this machine (seed {seed}): Zuora with {records} posted invoices, and NetSuite;");
    println!("Salesforce and Nue with {records} orders, subscriptions and documents.");
    println!("Faults in the first run:\n{}\n{}\n", first_pair::FAULTS, second_pair::FAULTS);
    for (application, rules) in first_pair::faults(options.seed).into_iter().chain(second_pair::faults()) {
        running.set_faults(application, faults::parse(&rules).map_err(Failure::failed)?);
    }
    println!("RUN 1, under faults");
    show(&session).await?;
    for application in APPLICATIONS {
        running.set_faults(application, Vec::new());
    }
    // Nue enforces no key: what was interrupted there is waited out before it is made again.
    SystemClock.wait(1_000 * (WAIT_OUT_SECONDS + 1)).await;
    println!(
        "\nRUN 2, faults over: what is left is looked up, and completed or written; what is in sync is left alone"
    );
    show(&session).await?;
    recovered(&session.journal).await?;
    let agree = [first_pair::tied(&running, &first)?, second_pair::tied(&running, &second)?];
    running.stop().await;
    std::fs::remove_dir_all(&folder)?;
    if agree.contains(&false) {
        println!("\nTHE TWO SIDES DO NOT AGREE.");
        return Ok(Code::Failed);
    }
    println!("\nBoth sides of both pairs agree to the cent.");
    Ok(Code::Done)
}

async fn show(session: &Session) -> Result<(), Failure> {
    let ran = once(session, &[], false).await?;
    let calls = session.applications.calls();
    print!(
        "{}",
        report::table(&Material { run: ran.id, dry: false, report: &ran.report, pauses: &ran.pauses, calls: &calls })
    );
    Ok(())
}

/// One record whose answer was lost, as its log tells it: one that was found by the look-up, if there is one.
async fn recovered(journal: &Journal) -> Result<(), Failure> {
    let lines = journal.log(&Filter { limit: Some(100_000), ..Filter::default() }).await?;
    let found = lines.iter().find(|line| line.what == "created" && line.text.contains("it was looked up"));
    let Some(lost) = found.or(lines.iter().find(|line| line.what == "write: unknown")) else { return Ok(()) };
    println!("\nWhat became of {}, whose answer was lost:", lost.record);
    for line in journal.history(&lost.source_id).await? {
        println!("  {}", super::log::shown(&line));
    }
    Ok(())
}

fn records(running: &Running, emulator: &str, kind: &str) -> Result<Vec<Value>, Failure> {
    running
        .records(emulator, kind)
        .ok_or_else(|| Failure::failed(format!("the emulator of {emulator} holds no {kind}")))
}

fn amount(record: &Value, field: &str) -> Result<Decimal, Failure> {
    let text = record[field].to_string();
    model::value::parse_decimal(&text).ok_or_else(|| Failure::failed(format!("{field} is '{text}', no decimal")))
}
