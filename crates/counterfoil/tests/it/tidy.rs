//! The rules of the repository that no compiler carries.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn files(folder: &Path, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|held| held == ending) {
            found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// What one crate's manifest names of ours.
fn our_dependencies(crate_name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(format!("crates/{crate_name}/Cargo.toml"))).unwrap();
    let ours = ["model", "connectors", "journal", "engine", "sandbox", "simulation", "counterfoil"];
    text.lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| ours.contains(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn dependencies_point_down_only_and_the_sandbox_sees_none_of_ours() {
    assert_eq!(our_dependencies("model"), [""; 0]);
    assert_eq!(our_dependencies("sandbox"), [""; 0]);
    for one in ["connectors", "journal", "engine"] {
        assert_eq!(our_dependencies(one), ["model"], "{one}");
    }
    for one in ["connectors", "journal", "engine", "counterfoil"] {
        assert!(!our_dependencies(one).contains(&"simulation".to_owned()), "{one} sees the simulation");
    }
}

#[test]
fn the_model_does_no_io() {
    let manifest = std::fs::read_to_string(root().join("crates/model/Cargo.toml")).unwrap();
    for io in ["tokio", "reqwest", "sqlx", "axum", "hyper"] {
        assert!(!manifest.contains(&format!("{io}.workspace")), "the model depends on {io}");
    }
}

/// Places, outside tests and benchmarks, where a text stands.
fn places(text: &str) -> Vec<String> {
    files(&root().join("crates"), "rs")
        .into_iter()
        .filter(|(path, _)| !["/tests", "/benches"].iter().any(|beside| path.display().to_string().contains(beside)))
        .filter(|(_, content)| content.contains(text))
        .map(|(path, _)| path.strip_prefix(root()).unwrap().display().to_string())
        .collect()
}

#[test]
fn only_a_connector_says_that_the_source_confirmed_a_mark() {
    let makers = places(&["confirmed", "by", "source("].join("_"));
    assert!(!makers.is_empty());
    for path in makers {
        // The model checker and the simulated applications stand in a connector's place.
        let connectors = ["crates/connectors/", "crates/simulation/"];
        let allowed =
            connectors.iter().any(|folder| path.starts_with(folder)) || path == "crates/model/src/protocol.rs";
        assert!(allowed, "{path} makes a mark's receipt");
    }
}

#[test]
fn only_the_protocol_makes_an_intent() {
    assert_eq!(places(&["Intent", "{ operation, receipt }"].join(" ")), ["crates/model/src/protocol.rs"]);
}

#[test]
fn only_the_clocks_read_the_time() {
    let allowed = ["crates/counterfoil/src/clock.rs", "crates/sandbox/src/clock.rs"];
    for words in [["disallowed", "methods"].join("_")] {
        for path in places(&words) {
            assert!(allowed.contains(&path.as_str()), "{path} lifts the ban on clocks");
        }
    }
}

#[test]
fn no_file_is_longer_than_500_lines() {
    for (path, content) in files(&root().join("crates"), "rs") {
        let lines = content.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_waits_by_the_clock_in_a_test_and_nothing_is_left_to_do() {
    let marks =
        [["todo", "!("].concat(), ["FIX", "ME"].concat(), ["thread::", "sleep("].concat(), ["#[ign", "ore"].concat()];
    for (path, content) in files(&root().join("crates"), "rs") {
        for mark in &marks {
            assert!(!content.contains(mark.as_str()), "{} holds {mark}", path.display());
        }
    }
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let pages: Vec<_> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|page| root().join(page)).into();
    let more = files(&root().join("docs"), "md").into_iter().map(|(path, _)| path);
    for page in pages.into_iter().chain(more) {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if !target.is_empty() && !link.starts_with("http") {
                assert!(page.parent().unwrap().join(target).exists(), "{}: {link}", page.display());
            }
        }
    }
}
