//! `demo`: emulated systems, two runs, faults in the first, and both totals side by side.

use std::collections::{BTreeMap, BTreeSet};

use ::sandbox::faults;
use ::sandbox::{Options, Sandbox as Running};
use journal::{Filter, Journal};
use model::Decimal;
use serde_json::Value;

use super::run::once;
use super::sandbox::{configuration, generated, write_secret};
use crate::cli::{Configured, Demo, Pair};
use crate::exit::{Code, Failure};
use crate::report::{self, Material};
use crate::session::Session;

pub(crate) async fn demo(options: &Demo) -> Result<Code, Failure> {
    let books = generated(options.seed, options.records, None);
    let (truth, cutover) = (::sandbox::books::summary(&books), books.cutover);
    let running = Running::start(Options::new(options.seed, books)).await.map_err(Failure::failed)?;
    let folder = std::env::temp_dir().join(format!("counterfoil-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (file, key) = (folder.join("counterfoil.toml"), folder.join("netsuite-key.pem"));
    write_secret(&key, &running.netsuite.private_key_pem)?;
    write_secret(&file, &configuration(&running, &key, cutover, Pair::ZuoraNetsuite))?;
    let session = Session::open(&Configured { config: file, json: false }).await?.heeding_native().await?;

    println!(
        "Emulated Zuora and NetSuite on this machine: {} posted invoices, seed {}.",
        options.records, options.seed
    );
    println!("Faults in the first run: NetSuite commits and drops its answer (3 % of creates), answers 503 (2 %) or");
    println!("refuses a connection (1 %); Zuora refuses one mark.\n");
    strike(&running, options.seed)?;
    println!("RUN 1, under faults");
    show(&session).await?;
    running.set_faults("zuora", Vec::new());
    running.set_faults("netsuite", Vec::new());
    println!(
        "\nRUN 2, faults over: what is left is looked up, and completed or written; what is in sync is left alone"
    );
    show(&session).await?;
    recovered(&session.journal).await?;
    let agree = side_by_side(&running, &expected(&truth))?;
    running.stop().await;
    std::fs::remove_dir_all(&folder)?;
    Ok(if agree { Code::Done } else { Code::Failed })
}

fn strike(running: &Running, seed: u64) -> Result<(), Failure> {
    let netsuite = format!(
        r#"[{{"method": "POST", "path": "/services/rest/record/v1/*", "kind": "drop_answer", "percent": 3, "seed": {seed}}},
            {{"method": "POST", "path": "/services/rest/record/v1/*", "kind": "503", "percent": 2, "seed": {}}},
            {{"method": "POST", "path": "/services/rest/record/v1/*", "kind": "refuse", "percent": 1, "seed": {}}}]"#,
        seed + 1,
        seed + 2
    );
    let zuora = r#"[{"method": "POST", "path": "/v1/action/update", "kind": "row_error", "nth": 40}]"#;
    running.set_faults("netsuite", faults::parse(&netsuite).map_err(Failure::failed)?);
    running.set_faults("zuora", faults::parse(zuora).map_err(Failure::failed)?);
    Ok(())
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

/// Count and sum.
type Total = (usize, Decimal);

/// What the generated books should give, as their generator counts it.
fn expected(truth: &::sandbox::books::summary::Summary) -> BTreeMap<String, Total> {
    let total = |totals: &::sandbox::books::summary::Totals| {
        let (above, below) = (totals.invoices, totals.negative_invoices);
        (above.count + below.count, above.amount + below.amount)
    };
    truth.arriving.iter().map(|(currency, totals)| (currency.clone(), total(totals))).collect()
}

/// Reads both emulators' books, apart from the engine, and holds them against what the generated books should give.
fn side_by_side(running: &Running, truth: &BTreeMap<String, Total>) -> Result<bool, Failure> {
    let source = billed(running)?;
    let (destination, doubles) = held(running)?;
    println!("\n{:<10} {:>24} {:>24} {:>24}", "currency", "should be in sync", "Zuora: Sync Complete", "NetSuite");
    let currencies: BTreeSet<&String> = truth.keys().chain(source.keys()).chain(destination.keys()).collect();
    let mut agree = doubles == 0;
    for currency in currencies {
        let of = |totals: &BTreeMap<String, Total>| totals.get(currency).copied().unwrap_or_default();
        let shown = |(count, sum): Total| format!("{count} / {}", sum.round_dp(2));
        let (should, here, there) = (of(truth), of(&source), of(&destination));
        println!("{currency:<10} {:>24} {:>24} {:>24}", shown(should), shown(here), shown(there));
        agree &= should == here && here == there;
    }
    println!("documents in NetSuite more than once: {doubles}");
    println!("{}", if agree { "Both sides agree to the cent." } else { "THE TWO SIDES DO NOT AGREE." });
    Ok(agree)
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

fn billed(running: &Running) -> Result<BTreeMap<String, Total>, Failure> {
    let accounts = records(running, "zuora", "Account")?;
    let currency: BTreeMap<&str, &str> =
        accounts.iter().filter_map(|account| Some((account["Id"].as_str()?, account["Currency"].as_str()?))).collect();
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    for invoice in records(running, "zuora", "Invoice")? {
        if invoice["IntegrationStatus__NS"] == "Sync Complete" {
            let currency = invoice["AccountId"].as_str().and_then(|id| currency.get(id)).copied().unwrap_or_default();
            let total = totals.entry(currency.to_owned()).or_default();
            *total = (total.0 + 1, total.1 + amount(&invoice, "Amount")?);
        }
    }
    Ok(totals)
}

fn held(running: &Running) -> Result<(BTreeMap<String, Total>, usize), Failure> {
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    let (mut ids, mut documents) = (BTreeSet::new(), 0);
    for (kind, sign) in [("invoice", Decimal::ONE), ("creditMemo", Decimal::NEGATIVE_ONE)] {
        for record in records(running, "netsuite", kind)? {
            let currency = record["currency"]["refName"].as_str().unwrap_or_default().to_owned();
            let total = totals.entry(currency).or_default();
            *total = (total.0 + 1, total.1 + sign * amount(&record, "total")?);
            documents += 1;
            ids.insert(record["custbodyzuoraid"].to_string());
        }
    }
    Ok((totals, documents - ids.len()))
}
