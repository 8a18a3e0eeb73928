//! Thousands of seeds hold, each remedy that is taken out is missed, and what a seed tells it tells always.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::process::{Command, Output};

use simulation::simulator::{Remedy, Setting, Violations, play, play_wire};

/// Plays seeds; panics with the replay command of the first that fails. Gives how many crashes and faults there were.
fn holds(first: u64, seeds: u64) -> (u64, u64) {
    let (mut crashes, mut faults) = (0, 0);
    for seed in first..first + seeds {
        let shown = play(seed, Setting::Any, false);
        assert_eq!(shown.violations, Violations::default(), "replay: counterfoil-simulation --seeds 1 --first {seed}");
        crashes += shown.crashes;
        faults += shown.faults;
    }
    (crashes, faults)
}

#[test]
fn nothing_is_written_twice_lost_stale_or_stuck_in_thousands_of_seeds() {
    let (crashes, faults) = holds(1, 1_500);
    assert!(crashes > 1_000 && faults > 15_000, "misfortune is rare: {crashes} crashes, {faults} faults");
}

#[test]
fn nothing_is_written_twice_lost_stale_or_stuck_in_thousands_of_other_seeds() {
    holds(4_000_000_000, 1_500);
}

/// The first of 500 seeds in which one of the four promises is broken.
fn counterexample(remedy: Remedy, first: u64) -> Option<u64> {
    (first..first + 500).find(|seed| {
        let Violations { duplicates, lost, stale, stuck, .. } = play(*seed, Setting::Without(remedy), false).violations;
        duplicates + lost + stale + stuck > 0
    })
}

#[test]
fn a_counterexample_shows_within_500_seeds_from_anywhere_when_a_remedy_is_taken_out() {
    for remedy in Remedy::ALL {
        for first in [0, 1, 3_000, 123_456_789, u64::MAX / 2] {
            assert!(counterexample(remedy, first).is_some(), "without {remedy}, no counterexample from {first}");
        }
    }
}

#[test]
fn the_counterexample_is_gone_when_the_remedy_is_back() {
    for remedy in Remedy::ALL {
        for seed in 1..=60 {
            let shown = play(seed, Setting::Decisive(remedy), false);
            assert_eq!(shown.violations, Violations::default(), "{remedy}, seed {seed}");
        }
    }
}

#[test]
fn a_write_that_was_not_announced_is_seen_at_once() {
    let shown = play(1, Setting::Without(Remedy::Mark), true);
    assert!(shown.violations.unmarked > 0);
    assert!(shown.trace.iter().any(|line| line.contains("was never marked")));
}

#[test]
fn the_same_seed_tells_the_same_story_twice() {
    for seed in 1..=40 {
        let story = play(seed, Setting::Any, true);
        assert!(story.trace.len() > 10);
        assert_eq!(story, play(seed, Setting::Any, true), "seed {seed}");
        assert_eq!(story.violations, play(seed, Setting::Any, false).violations, "the trace changes seed {seed}");
    }
}

#[test]
fn the_real_connectors_hold_against_the_emulators_whatever_becomes_of_each_message() {
    let (mut crashes, mut faults) = (0, 0);
    for seed in 1..=8 {
        let shown = play_wire(seed, false).unwrap();
        assert_eq!(
            shown.violations,
            Violations::default(),
            "replay: counterfoil-simulation --seeds 1 --first {seed} --wire"
        );
        crashes += shown.crashes;
        faults += shown.faults;
    }
    assert!(crashes > 4 && faults > 50, "misfortune is rare: {crashes} crashes, {faults} faults");
}

#[test]
fn the_same_seed_tells_the_same_story_on_the_wire_and_documents_do_travel() {
    let story = play_wire(3, true).unwrap();
    assert!(story.trace.iter().any(|line| line.contains("netsuite: POST /services/rest/record/v1/invoice")));
    assert!(story.trace.iter().any(|line| line.contains("created: made as invoice")), "no invoice travelled");
    assert_eq!(story, play_wire(3, true).unwrap());
}

fn simulation(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_counterfoil-simulation")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_command_ends_with_one_json_object_and_with_status_0_when_all_is_well() {
    let output = simulation(&["--seeds", "20", "--first", "7", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(figures["seeds"], 20);
    for name in ["duplicates", "lost", "stale", "stuck", "unmarked", "uneven"] {
        assert_eq!(figures[name], 0, "{name}");
    }
    for name in ["records", "crashes", "faults"] {
        assert!(figures[name].as_u64().unwrap() > 0, "{name}");
    }
    assert!(figures["seconds"].is_number());
}

#[test]
fn a_failing_seed_names_the_command_that_replays_it_and_that_command_tells_what_happened() {
    let output = simulation(&["--seeds", "50", "--without", "record-address"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    let replay = said.lines().find_map(|line| line.strip_prefix("replay: counterfoil-simulation ")).unwrap();
    let again = simulation(&replay.split(' ').collect::<Vec<_>>());
    assert_eq!(again.status.code(), Some(1));
    let told = text(&again.stderr);
    assert!(told.contains("ORACLE") && told.contains("destination: create"), "{told}");
    assert!(said.starts_with(told.lines().next().unwrap()), "the replay tells another story");
}

#[test]
fn the_command_lists_what_can_be_taken_out_a_name_a_line() {
    let listed = text(&simulation(&["--remedies"]).stdout);
    let names: Vec<&str> = Remedy::ALL.into_iter().map(Remedy::name).collect();
    assert_eq!(listed.lines().collect::<Vec<_>>(), names);
    assert!(names.len() >= 8);
}
