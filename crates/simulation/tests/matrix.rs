//! Every fault, every flow, every call: a slice of the matrix holds, and a remedy that is taken out is missed.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use model::flow::Flow;
use serde_json::Value;
use simulation::simulator::Remedy;
use simulation::simulator::matrix::{Question, Report, play};

/// Of each pair, by one of its applications, every so manieth cell is played here. It has no factor in common with the
/// columns, so that each of them has its turn.
const SLICES: [(&str, usize, usize); 2] = [("netsuite", 29, 200), ("nue", 97, 60)];
const OFFSET: usize = 4;

const PRODUCT: &str = "zuora.product -> netsuite.item";
const INVOICE: &str = "zuora.invoice -> netsuite.invoice";
const INVOICES: &str = "create, netsuite POST /services/rest/record/v1/invoice";
const CUSTOMER: &str = "salesforce.account -> nue.customer";
const CUSTOMERS: &str = "create, nue POST /customers";
const MARK: &str = "mark, zuora POST /v1/action/update";
const CREATE: &str = "create, netsuite POST /services/rest/record/v1/serviceSaleItem";
const UPDATE: &str = "update, netsuite PATCH /services/rest/record/v1/serviceSaleItem/{id}";

fn violations(report: &Report) -> Vec<String> {
    report.failures().map(|(replay, violations)| format!("{}\nreplay: {replay}", violations.join("\n"))).collect()
}

fn cell(flow: &str, call: &str, strike: &str, without: Option<Remedy>) -> Report {
    let cell = Some(format!("{flow}: {call}: {strike}"));
    play(&Question { cell, without, ..Question::default() }).unwrap()
}

/// The names of all flows that ship.
fn shipped() -> BTreeSet<String> {
    let folders = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../flows")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let text = |file: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(file.unwrap().path()).unwrap();
    files.map(|file| Flow::read(&text(file), "shipped").unwrap().name.to_string()).collect()
}

/// Plays a slice of a pair's cells. Gives the flows that were played or named as left out.
fn slice(application: &str, every: usize, least: usize) -> BTreeSet<String> {
    println!("counterfoil-simulation --matrix --application {application} --every {every} --offset {OFFSET}");
    let application = Some(application.to_owned());
    let report = play(&Question { application, every, offset: OFFSET, ..Question::default() }).unwrap();
    assert_eq!(violations(&report), Vec::<String>::new());
    assert!(report.cells() > least, "{} cells", report.cells());
    let told = report.json("0");
    let names = |list: &Value, name: fn(&Value) -> &Value| -> BTreeSet<String> {
        list.as_array().unwrap().iter().filter_map(|one| name(one).as_str().map(str::to_owned)).collect()
    };
    let faults = names(&told["list"], |cell| &cell["fault"]);
    assert_eq!(faults.len(), 17, "a kind of fault has no turn: {faults:?}");
    let played = names(&told["list"], |cell| &cell["flow"]);
    played.union(&names(&told["flows_left_out"], |flow| &flow["flow"])).cloned().collect()
}

#[test]
fn whatever_fault_strikes_whichever_call_of_whichever_flow_the_books_are_whole_after_one_more_run() {
    let covered = SLICES.map(|(application, every, least)| slice(application, every, least));
    assert_eq!(covered.into_iter().flatten().collect::<BTreeSet<_>>(), shipped(), "a flow is not covered");
}

#[test]
fn a_remedy_that_is_taken_out_is_missed_and_the_same_cell_holds_when_it_is_back() {
    let missed = [
        (Remedy::Mark, PRODUCT, CREATE, "refuse before first", "without a mark"),
        (Remedy::ConfirmedMark, PRODUCT, MARK, "silent before first", "without a mark"),
        // Nue enforces no key: only what is looked up after the wait is not made once more.
        (Remedy::LookUp, CUSTOMER, CUSTOMERS, "kill during first", "records there were made for"),
        // Items have a second key, their name. Invoices have not.
        (Remedy::EnforcedKey, INVOICE, INVOICES, "late during first", "records there were made for"),
        (Remedy::EnforcedKey, INVOICE, INVOICES, "kill during first", "records there were made for"),
    ];
    for (remedy, flow, call, strike, shows) in missed {
        let told = violations(&cell(flow, call, strike, Some(remedy))).join("\n");
        assert!(told.contains(shows), "without {remedy}, {strike} shows nothing: {told}");
        assert_eq!(violations(&cell(flow, call, strike, None)), Vec::<String>::new(), "{remedy}");
    }
}

/// By the matrix: a customer was left `Error Updating Customer`, which is for a person to mend, when the search was slow.
#[test]
fn a_search_that_shows_what_stood_before_an_update_is_settled_at_the_record_itself() {
    for (strike, runs) in [("lag before first", 0), ("lag during every", 0), ("lag after every", 0)] {
        let told = cell(PRODUCT, UPDATE, strike, None).json("0");
        let cell = told["list"].as_array().unwrap().iter().find(|cell| cell["runs"].is_number()).unwrap();
        assert_eq!(cell["more_runs"], runs, "{cell}");
        assert_eq!(cell["causes"], serde_json::json!([]), "{cell}");
    }
}

/// By the matrix: the log blamed a second engine for what our own first call had made.
#[test]
fn a_create_that_was_said_to_be_turned_away_and_was_not_is_no_evidence_of_a_second_writer() {
    for strike in ["429 after first", "401 after first", "token after first"] {
        let report = cell(PRODUCT, CREATE, strike, None);
        assert_eq!(violations(&report), Vec::<String>::new(), "{strike}");
        assert!(!report.trace().iter().any(|line| line.contains("somebody else")), "{strike}");
        assert!(report.trace().iter().any(|line| line.contains("This record already exists")), "{strike}");
    }
}

/// By the matrix: of a list that was refused the halves were sent again, though all of it had been made.
#[test]
fn a_list_that_nue_refused_after_it_was_saved_is_not_sent_again() {
    for strike in ["row after first", "row after every", "403 after every"] {
        assert_eq!(violations(&cell(CUSTOMER, CUSTOMERS, strike, None)), Vec::<String>::new(), "{strike}");
    }
}

fn simulation(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_counterfoil-simulation")).args(arguments).output().unwrap()
}

#[test]
fn a_violated_cell_ends_the_command_with_status_1_and_names_the_command_that_tells_its_story() {
    let cell = format!("{PRODUCT}: {MARK}: reset before first");
    let output = simulation(&["--matrix", "--json", "--without", "confirmed-mark", "--cell", &cell]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains(&format!("replay: counterfoil-simulation --matrix --without confirmed-mark --cell '{cell}'"))
    );
    assert!(said.contains("FAULT: mark") && said.contains("create, netsuite POST"), "{said}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["cells"], &told["violations"]), (&1.into(), &1.into()));
    assert!(told["seconds"].is_number());
}

#[test]
fn the_table_has_a_row_for_each_call_and_a_sign_for_each_cell_that_was_played() {
    let output = simulation(&["--matrix", "--flow", PRODUCT, "--every", "101"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    for row in
        ["log in, zuora POST /oauth/token", "select, zuora POST /v1/action/query", "read back, netsuite", MARK, CREATE]
    {
        assert!(said.lines().any(|line| line.starts_with(row)), "no row for {row}: {said}");
    }
    assert!(said.contains('✓') && said.contains('·') && said.contains("violations 0"), "{said}");
}

#[test]
fn what_there_is_not_is_an_error_and_no_empty_table() {
    for arguments in [["--flow", "zuora.nothing"], ["--without", "read-back"], ["--cell", "zuora.product -> x: y"]] {
        let output = simulation(&["--matrix", arguments[0], arguments[1]]);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}
