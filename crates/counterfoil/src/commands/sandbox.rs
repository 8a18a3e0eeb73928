//! `sandbox`: emulated systems until stopped.

use std::fs;
use std::path::{Path, PathBuf};

use ::sandbox::books::{self, Books};
use ::sandbox::netsuite::Settings;
use ::sandbox::{Options, Sandbox as Running, salesforce};
use model::ports::Clock;
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::{Pair, Sandbox};
use crate::clock::SystemClock;
use crate::exit::{Code, Failure};

/// How many records a pair has at most that was not asked for.
const A_FEW: usize = 60;
/// The one subsidiary of the emulated account.
const SUBSIDIARY: &str = "Parent Company";

pub(crate) async fn sandbox(options: &Sandbox) -> Result<Code, Failure> {
    let books = match &options.import {
        Some(folder) => books::import::import(folder).map_err(Failure::wrong)?,
        None if options.pair.has_zuora() => generated(options.seed, options.records, options.lines),
        None => generated(options.seed, options.records.min(A_FEW), options.lines),
    };
    let documents = if options.pair.has_nue() { options.records } else { options.records.min(A_FEW) };
    let revenue = revenue(options.seed, documents);
    let cutover = books.cutover;
    let netsuite = Settings {
        concurrency: options.slots,
        unique_external_ids: !options.without_unique_keys,
        ..Settings::default()
    };
    let salesforce = salesforce::Settings {
        names: options.rename.iter().cloned().collect(),
        bare: options.bare_salesforce,
        ..Default::default()
    };
    let (address, port) = (options.listen, options.port);
    let wanted = Options { revenue, address, port, netsuite, salesforce, ..Options::new(options.seed, books) };
    let running = Running::start(wanted).await.map_err(Failure::failed)?;
    // Whoever reads the first line may send the signal at once.
    let terminate = signal(SignalKind::terminate())?;
    let key = key_file(&options.config_out);
    write_secret(&key, &running.netsuite.private_key_pem)?;
    let text = configuration(&running, &key, cutover, options.pair) + names(&options.rename).as_str();
    write_secret(&options.config_out, &text)?;
    if options.json {
        println!("{}", credentials(&running, &key)?);
    } else {
        println!("Zuora      {}", running.zuora.url);
        println!("NetSuite   {}", running.netsuite.url);
        println!("Salesforce {}", running.salesforce.url);
        println!("Nue        {}", running.nue.url);
        println!("Records, calls and faults of each: {}/_sandbox/...", running.zuora.url);
        println!("In another terminal: counterfoil run --config {}", options.config_out.display());
        println!("Stop with Ctrl-C.");
    }
    stopped(terminate).await?;
    running.stop().await;
    Ok(Code::Done)
}

/// Generated books as of today; with a fixed number of lines an invoice, or with realistic ones.
pub(crate) fn generated(seed: u64, records: usize, lines: Option<usize>) -> Books {
    let today = jiff::tz::TimeZone::UTC.to_datetime(SystemClock.now()).date();
    let mut options = books::generate::Options::new(seed, records, today);
    if let Some(lines) = lines {
        options.lines = books::generate::Lines::Fixed(lines);
    }
    books::generate::generate(&options)
}

/// Generated books of Salesforce and Nue, as of today.
pub(crate) fn revenue(seed: u64, records: usize) -> books::revenue::Books {
    let today = jiff::tz::TimeZone::UTC.to_datetime(SystemClock.now()).date();
    books::revenue::generate(&books::revenue::Options::new(seed, records, today))
}

/// Until Ctrl-C or SIGTERM.
async fn stopped(mut terminate: Signal) -> Result<(), Failure> {
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(Failure::from),
        _ = terminate.recv() => Ok(()),
    }
}

fn key_file(config: &Path) -> PathBuf {
    config.with_extension("netsuite-key.pem")
}

/// Writes a file that only its owner can read, whole or not at all: a reader never sees half of it.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let named = |error: std::io::Error| Failure::failed(format!("{}: {error}", path.display()));
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(named)?;
    file.write_all(text.as_bytes()).map_err(named)?;
    fs::rename(&beside, path).map_err(named)
}

/// A configuration that `run` can use.
pub(crate) fn configuration(running: &Running, key: &Path, cutover: Option<jiff::civil::Date>, pair: Pair) -> String {
    let mut text = String::from(
        "# Written by `counterfoil sandbox`. For real accounts: other addresses and credentials, nothing else.\n\n\
         journal = \"counterfoil.sqlite\"\n",
    );
    if pair.has_zuora() {
        text.push_str(&zuora_and_netsuite(running, key));
    }
    if pair.has_nue() {
        text.push_str(&salesforce_and_nue(running));
    }
    if pair.has_zuora() {
        text.push_str(&format!("\n[flows.settings]\ndefault_subsidiary = \"{SUBSIDIARY}\"\n"));
    }
    if let (Some(day), true) = (cutover, pair.has_zuora()) {
        text.push_str("\n[flows.cutover]\n");
        for flow in ["zuora.invoice -> netsuite.invoice", "zuora.negative-invoice -> netsuite.credit-memo"] {
            text.push_str(&format!("\"{flow}\" = \"{day}\"\n"));
        }
    }
    text
}

/// What the flows call otherwise than the org does.
fn names(renamed: &[(String, String)]) -> String {
    let lines: String = renamed.iter().map(|(name, other)| format!("\"{name}\" = \"{other}\"\n")).collect();
    if lines.is_empty() { lines } else { format!("\n[names]\n{lines}") }
}

fn zuora_and_netsuite(running: &Running, key: &Path) -> String {
    let (zuora, netsuite) = (&running.zuora, &running.netsuite);
    let key = key.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    format!(
        r#"
[zuora]
url = "{}"
client_id = "{}"
client_secret = "{}"

[netsuite]
url = "{}"
account = "{}"
concurrency = 15

[netsuite.oauth2]
client_id = "{}"
certificate_id = "{}"
private_key = {{ file = "{key}" }}
"#,
        zuora.url,
        zuora.client_id,
        zuora.client_secret,
        netsuite.url,
        netsuite.account,
        netsuite.client_id,
        netsuite.certificate_id,
    )
}

fn salesforce_and_nue(running: &Running) -> String {
    let (salesforce, nue) = (&running.salesforce, &running.nue);
    format!(
        r#"
[salesforce]
url = "{}"
client_id = "{}"
client_secret = "{}"

[nue]
url = "{}"
api_key = "{}"
# Some of its records bear Salesforce ids, as after a time with Nue's own connection; that is off now.
native_connection = "off"
# No call lasts longer here. A real tenant takes its time: leave these out.
timeout_seconds = 15
"#,
        salesforce.url, salesforce.client_id, salesforce.client_secret, nue.url, nue.api_key,
    )
}

/// Addresses and credentials under the vendors' own names, for any client.
fn credentials(running: &Running, key: &Path) -> Result<String, Failure> {
    let (zuora, netsuite) = (&running.zuora, &running.netsuite);
    let (salesforce, nue) = (&running.salesforce, &running.nue);
    let key = fs::canonicalize(key)?;
    serde_json::to_string(&json!({
        "zuora": { "url": zuora.url, "client_id": zuora.client_id, "client_secret": zuora.client_secret },
        "netsuite": {
            "url": netsuite.url,
            "account": netsuite.account,
            "consumer_key": netsuite.consumer_key,
            "consumer_secret": netsuite.consumer_secret,
            "token_id": netsuite.token_id,
            "token_secret": netsuite.token_secret,
            "client_id": netsuite.client_id,
            "certificate_id": netsuite.certificate_id,
            "private_key_file": key,
        },
        "salesforce": {
            "url": salesforce.url,
            "client_id": salesforce.client_id,
            "client_secret": salesforce.client_secret,
        },
        "nue": { "url": nue.url, "api_key": nue.api_key },
    }))
    .map_err(Failure::failed)
}
