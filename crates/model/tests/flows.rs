//! The shipped flow files can be read, and ask for what their rules need.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use model::flow::Flow;
use model::value::{Record, Value};

fn shipped() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../flows/zuora-netsuite");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn every_shipped_flow_can_be_read() {
    for (file, text) in shipped() {
        Flow::read(&text, &file).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_flow_asks_for_the_fields_that_its_rules_read_and_no_others() {
    let (file, text) = shipped().into_iter().find(|(file, _)| file.ends_with("/invoice.toml")).unwrap();
    let flow = Flow::read(&text, &file).unwrap();
    insta::assert_debug_snapshot!((
        flow.fields(""),
        flow.fields("account"),
        flow.fields("items"),
        flow.fields("items.charge"),
        flow.fields("taxes"),
        flow.target(),
    ));
}

#[test]
fn an_unknown_key_is_an_error_with_its_line() {
    let (file, text) = shipped().into_iter().find(|(file, _)| file.ends_with("/invoice.toml")).unwrap();
    let error = Flow::read(&text.replace("noun =", "nuon ="), &file).unwrap_err().to_string();
    assert!(error.contains("invoice.toml") && error.contains("line 4") && error.contains("nuon"), "{error}");
}

#[test]
fn a_float_in_a_flow_file_is_refused() {
    let (file, text) = shipped().into_iter().find(|(file, _)| file.ends_with("/invoice.toml")).unwrap();
    let error = Flow::read(&text.replace("constant = 1 ", "constant = 1.5 "), &file).unwrap_err().to_string();
    assert!(error.contains("in quotes"), "{error}");
}

#[test]
fn a_document_without_a_flag_that_a_person_called_complete_is_due_until_it_has_an_id() {
    let (file, text) = shipped().into_iter().find(|(file, _)| file.contains("/invoice.toml")).unwrap();
    let mut flow = Flow::read(&text, &file).unwrap();
    flow.source.marks.transferred = None;
    flow.source.conditions.clear();
    let mut record = Record::default();
    record.set("IntegrationStatus__NS", Value::text("Sync Complete"));
    let due = |record: &Record| {
        let ways = flow.selection(None).any;
        ways.iter().any(|all| all.iter().all(|condition| condition.holds(record)))
    };
    assert!(due(&record), "nobody would look whether the destination has it");
    record.set("IntegrationId__NS", Value::text("7"));
    assert!(!due(&record));
}
