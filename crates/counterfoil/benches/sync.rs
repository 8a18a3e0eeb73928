//! The benchmark: `cargo bench -p counterfoil --bench sync [-- latency | scale | journal | calls | all]`.
//!
//! Measures the engine's own process against emulators in another, on whatever machine this is; ratios within one run
//! mean more than the figures. Not a test: nothing here passes or fails.
//!
//! * `latency`: NetSuite at 15 slots and 300 ms a call. Permitted are 50 calls a second; how many creates are achieved?
//! * `scale`: no delay; 2,000, 20,000 and 200,000 invoices of three lines: records a second, processor time for 1,000
//!   records, most memory at once.
//! * `journal`: no delay, 20,000 invoices: the same with the journal in SQLite, on a PostgreSQL server that waits for its
//!   disk, and with none, in turns; and what each costs a record.
//! * `calls`: Nue's records to Salesforce, flow by flow: the calls of each kind, and the least that there can be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark may fail at once"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use model::Decimal;
use serde_json::Value;

mod calls;
#[allow(dead_code, reason = "the benchmark kills no server")]
#[path = "../../journal/tests/journal/server.rs"]
mod server;

const BINARY: &str = env!("CARGO_BIN_EXE_counterfoil");
const MASTERS: [&str; 4] =
    ["zuora.account", "zuora.product", "zuora.product-rate-plan", "zuora.product-rate-plan-charge"];
const DOCUMENTS: [&str; 2] = ["zuora.invoice", "zuora.negative-invoice"];

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with("--")).unwrap_or_else(|| "all".into());
    if wanted == "latency" || wanted == "all" {
        latency();
    }
    if wanted == "scale" || wanted == "all" {
        scale();
    }
    if wanted == "journal" || wanted == "all" {
        journal();
    }
    if wanted == "calls" || wanted == "all" {
        calls::calls();
    }
}

fn latency() {
    println!("NetSuite at 15 slots and 300 ms a call, 5,000 invoices of three lines");
    let sandbox = Sandbox::with_invoices(5_000);
    sandbox.run(&MASTERS);
    sandbox.fault("netsuite", r#"[{"kind": "slow", "ms": 300}]"#);
    let report = sandbox.run(&DOCUMENTS);
    let (records, seconds) = (created(&report), decimal(&report["seconds"]));
    let permitted = Decimal::from(15) / Decimal::new(3, 1);
    let achieved = Decimal::from(records) / seconds;
    println!("    {records} created in {seconds} s: {} a second", achieved.round_dp(2));
    println!("    permitted {permitted} calls a second; achieved / permitted = {}", (achieved / permitted).round_dp(3));
    let calls: u64 = report["calls"]["netsuite"].as_u64().unwrap();
    let used = Decimal::from(calls) / seconds / permitted;
    println!("    all {calls} NetSuite calls / permitted = {}", used.round_dp(3));
}

fn scale() {
    println!("No delay, invoices of three lines");
    println!("{:>10} {:>10} {:>12} {:>18} {:>12}", "invoices", "seconds", "records/s", "CPU s per 1,000", "peak MiB");
    for records in [2_000, 20_000, 200_000] {
        let sandbox = Sandbox::with_invoices(records);
        sandbox.run(&MASTERS);
        let report = sandbox.run(&DOCUMENTS);
        let (made, seconds) = (Decimal::from(created(&report)), decimal(&report["seconds"]));
        let resources = &report["resources"];
        let cpu = decimal(&resources["cpu_seconds"]) * Decimal::from(1_000) / made;
        let peak = decimal(&resources["peak_memory_kib"]) / Decimal::from(1_024);
        println!(
            "{made:>10} {seconds:>10} {:>12} {:>18} {:>12}",
            (made / seconds).round_dp(0),
            cpu.round_dp(3),
            peak.round_dp(1)
        );
    }
}

/// How often each kind of journal has its turn.
const TURNS: u32 = 3;

fn journal() {
    println!("No delay, 20,000 invoices of three lines, {TURNS} turns each");
    let server = server::Server::start_with(&[]);
    let kinds =
        [("none", "none".to_owned()), ("SQLite", "counterfoil.sqlite".into()), ("PostgreSQL", server.address())];
    let mut spent = [Spent::default(); 3];
    for _ in 0..TURNS {
        for ((_, place), spent) in kinds.iter().zip(&mut spent) {
            let sandbox = Sandbox::with_invoices(20_000);
            sandbox.keep_journal(place);
            sandbox.run(&MASTERS);
            spent.add(&sandbox.run(&DOCUMENTS));
        }
    }
    let [us, cpu] = spent[0].micros_a_record();
    println!(
        "{:<12} {:>10} {:>12} {:>24} {:>28}",
        "journal", "records", "records/s", "us more than none, each", "CPU us more than none, each"
    );
    for ((name, _), spent) in kinds.iter().zip(spent) {
        let [each, each_cpu] = spent.micros_a_record();
        let rate = (spent.records / spent.seconds).round_dp(0);
        println!(
            "{name:<12} {:>10} {rate:>12} {:>24} {:>28}",
            spent.records,
            (each - us).round_dp(1),
            (each_cpu - cpu).round_dp(1)
        );
    }
}

/// Records made, and the seconds and processor seconds of the engine's process that it took.
#[derive(Clone, Copy, Default)]
struct Spent {
    records: Decimal,
    seconds: Decimal,
    cpu: Decimal,
}

impl Spent {
    fn add(&mut self, report: &Value) {
        self.records += Decimal::from(created(report));
        self.seconds += decimal(&report["seconds"]);
        self.cpu += decimal(&report["resources"]["cpu_seconds"]);
    }

    fn micros_a_record(&self) -> [Decimal; 2] {
        [self.seconds, self.cpu].map(|seconds| seconds * Decimal::from(1_000_000) / self.records)
    }
}

fn created(report: &Value) -> u64 {
    report["flows"].as_array().unwrap().iter().map(|flow| flow["created"].as_u64().unwrap()).sum()
}

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

struct Sandbox {
    child: Child,
    folder: tempfile::TempDir,
    access: Value,
}

impl Sandbox {
    fn with_invoices(records: usize) -> Self {
        Self::start(&["--pair", "zuora-netsuite", "--lines", "3", "--records", &records.to_string()])
    }

    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(BINARY)
            .args(["sandbox", "--json"])
            .args(arguments)
            .arg("--config-out")
            .arg(folder.path().join("c.toml"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        Self { child, folder, access: serde_json::from_str(&first).unwrap() }
    }

    fn keep_journal(&self, place: &str) {
        let file = self.folder.path().join("c.toml");
        let text = std::fs::read_to_string(&file).unwrap().replace("\"counterfoil.sqlite\"", &format!("\"{place}\""));
        std::fs::write(file, text).unwrap();
    }

    fn run(&self, flows: &[&str]) -> Value {
        let config = self.folder.path().join("c.toml");
        run(&config, flows)
    }

    fn fault(&self, application: &str, rules: &str) {
        self.ask(application, "PUT /_sandbox/faults", rules);
    }

    /// All records of a type, with one of their fields.
    fn records(&self, application: &str, kind: &str, field: &str) -> Vec<Value> {
        let answer = self.ask(application, &format!("GET /_sandbox/records/{kind}?fields={field}"), "");
        answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asks the sandbox itself; its answer ends with the connection, in one piece.
    fn ask(&self, application: &str, what: &str, body: &str) -> String {
        let host = self.access[application]["url"].as_str().unwrap().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(stream, "{what} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.split(' ').nth(1).unwrap().starts_with('2'), "{answer}");
        body.to_owned()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(config: &Path, flows: &[&str]) -> Value {
    let output =
        Command::new(BINARY).arg("run").arg("--json").arg("--config").arg(config).args(flows).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}
