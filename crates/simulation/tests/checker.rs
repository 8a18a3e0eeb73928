//! The model checker: what it finds, that it can find it, and that its world is the engine's.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::fmt::Write;
use std::process::Command;

use model::flow::Flow;
use model::ports::Condition;
use model::protocol::Kind;
use model::status::{Status, Transferred};
use model::value::{Record, Value};
use serde_json::Value as Json;
use simulation::checker::cases::{COUNTEREXAMPLES, FURTHER, LIMITS, SAFE};
use simulation::checker::pass::selected;
use simulation::checker::promises::{ALWAYS, ENDS};
use simulation::checker::search::{search, search_for_the_end, seen_by_stateright};
use simulation::checker::state::State;
use simulation::checker::table::Report;
use simulation::checker::world::World;

#[test]
fn each_counterexample_shows_without_its_remedy_and_is_gone_with_it_and_nothing_is_found_in_the_worst_worlds() {
    let output = Command::new(env!("CARGO_BIN_EXE_counterfoil-checker")).arg("--json").output().unwrap();
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["surprises"], serde_json::json!([]), "{report}");
    assert!(output.status.success());
    let cases = report["cases"].as_array().unwrap();
    for name in ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"] {
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        assert!(!case["without"]["way"].as_array().unwrap().is_empty(), "{name}: no way to the breach");
        assert_eq!(case["with"]["breach"], Json::Null, "{name}: found with its remedy, too");
    }
    let safe = report["safe"].as_array().unwrap();
    assert_eq!(safe.len(), SAFE.len());
    assert!(safe.iter().all(|world| world["found"]["breach"].is_null() && world["found"]["states"].as_u64() > Some(1)));
}

#[test]
fn the_shortest_way_to_each_breach_can_be_read() {
    let mut told = String::new();
    let cases = COUNTEREXAMPLES.iter().chain(&FURTHER);
    let cases = cases.map(|case| (case.name, case.what, format!("without: {}", case.remedy), case.out));
    let limits =
        LIMITS.iter().map(|limit| (limit.name, limit.what, format!("declare: {}", limit.declare), limit.world));
    for (name, what, remedy, world) in cases.chain(limits) {
        let (promise, way) = search(world).broken.unwrap();
        writeln!(told, "{name}: {what}\n{remedy}\n  {}\nbreaks: {promise}\n", way.join("\n  ")).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_promise_is_broken_by_a_planted_fault() {
    let worlds = COUNTEREXAMPLES.iter().chain(&FURTHER).map(|case| case.out).chain(LIMITS.map(|limit| limit.world));
    let broken: Vec<&str> = worlds.filter_map(|world| search(world).broken).map(|(name, _)| name).collect();
    for promise in ALWAYS.iter().map(|(name, _)| *name).chain([ENDS]) {
        assert!(broken.contains(&promise), "no case breaks: {promise}");
    }
}

#[test]
fn a_report_names_a_case_that_does_not_show_and_a_remedy_that_does_not_help() {
    let case = COUNTEREXAMPLES[0];
    let cases = vec![(case, search(case.back_in), search(case.out))];
    let report = Report { cases, safe: Vec::new(), limits: Vec::new(), milliseconds: 0 };
    let surprises = report.surprises();
    assert_eq!(surprises.len(), 2, "{surprises:?}");
    assert!(surprises[0].contains("without its remedy") && surprises[0].ends_with("found nothing"), "{surprises:?}");
    assert!(report.to_string().contains("NOT AS EXPECTED"));
}

#[test]
fn two_searches_written_apart_see_the_same_moments() {
    for case in COUNTEREXAMPLES {
        assert_eq!(seen_by_stateright(case.back_in), search_for_the_end(case.back_in).states, "{}", case.name);
    }
}

/// What a selection asks of the two marks; a record type that has no such mark is asked nothing.
fn of_the_marks<'a>(flow: &Flow, conditions: &'a [Condition]) -> Vec<&'a Condition> {
    let marks = &flow.source.marks;
    let fields = [Some(&marks.status), Some(&marks.id), marks.transferred.as_ref()];
    let of_a_mark = |field: &str| fields.into_iter().flatten().any(|mark| mark == field);
    conditions.iter().filter(|condition| of_a_mark(&condition.field)).collect()
}

#[test]
fn the_checker_selects_what_the_shipped_flows_select() {
    let files = [
        ("invoice.toml", include_str!("../../../flows/zuora-netsuite/invoice.toml")),
        ("customer.toml", include_str!("../../../flows/zuora-netsuite/customer.toml")),
    ];
    for (file, text) in files {
        let flow = Flow::read(text, file).unwrap();
        let world = World::kind_to(flow.kind);
        assert_eq!(world.flag, flow.source.marks.transferred.is_some(), "{file}");
        let selection = flow.selection(None);
        for status in ["", "Creating Invoice", "Error Creating Invoice", "Sync Complete", "Ignore", "Synced"] {
            for (flag, id) in
                ["No", "Processing", "Error", "Yes", "Ignore"].into_iter().flat_map(|flag| [(flag, ""), (flag, "7")])
            {
                let mut record = Record::default();
                record.set(flow.source.marks.status.clone(), Value::text(status));
                record.set(flow.source.marks.id.clone(), Value::text(id));
                if let Some(field) = &flow.source.marks.transferred {
                    record.set(field.clone(), Value::text(flag));
                }
                let by_flow = selection
                    .any
                    .iter()
                    .any(|all| of_the_marks(&flow, all).iter().all(|condition| condition.holds(&record)));
                let mut source = State::first(&world).source;
                source.status = Status::read(status);
                source.linked = !id.is_empty();
                if flow.kind == Kind::Document {
                    source.transferred = Transferred::read(flag);
                }
                assert_eq!(selected(&world, &source), by_flow, "{file}: {status:?}, {flag} and {id:?}");
            }
        }
    }
}
