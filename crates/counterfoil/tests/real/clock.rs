//! The engine's clock is wrong, or steps while a run is under way. The applications' clocks are right.
//!
//! The engine has one clock, the machine's; it is bent from outside (libfaketime), for one process at a time.

use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::harness::{Sandbox, assert_adds_up, total};
use super::namespace::not_run;
use super::oracle;

/// Longer than any run here takes, if it does not wait by a clock that was set back.
const PATIENCE: Duration = Duration::from_secs(90);

/// A sandbox, and a clock that runs ahead of its own by as much as a file says.
struct World {
    sandbox: Sandbox,
    library: PathBuf,
}

fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let mut found = folders.map(|folder| folder.join("faketime/libfaketime.so.1"));
    found.find(|path| path.exists()).or_else(|| not_run("libfaketime is not here; install the package faketime"))
}

impl World {
    async fn open(records: usize) -> Option<Self> {
        let library = library()?;
        Some(Self { sandbox: Sandbox::generated(records).await, library })
    }

    fn set(&self, offset: &str) {
        let file = self.sandbox.folder.path().join("clock");
        let beside = file.with_extension("new");
        std::fs::write(&beside, offset).unwrap();
        std::fs::rename(beside, file).unwrap();
    }

    /// A run under that clock. What measures durations is left alone, as it is when a machine's clock is set.
    fn run(&self) -> Command {
        let mut run = self.sandbox.command("run", &["--json"]);
        run.env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.sandbox.folder.path().join("clock"))
            .envs([("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("DONT_FAKE_MONOTONIC", "1")])
            .env("NO_FAKE_STAT", "1");
        run
    }

    /// A run that is in the midst of its creates.
    async fn under_way(&self) -> Child {
        let slow = json!([{ "method": "POST", "path": "/services/rest/record/v1/{type}", "kind": "slow", "ms": 40 }]);
        self.sandbox.faults("netsuite", slow).await;
        let mut run = self.run().spawn().unwrap();
        while self.sandbox.struck("netsuite").await < 40 {
            assert!(run.try_wait().unwrap().is_none(), "the run ended too early");
        }
        run
    }

    /// With the right clock, one more run makes the books those of an undisturbed one, and the next finds nothing to do.
    async fn assert_whole_after_one_more_run(&self, records: usize) {
        oracle::assert_right(&self.sandbox).await;
        assert_adds_up(&self.sandbox.run().await);
        oracle::assert_right(&self.sandbox).await;
        let calm = Sandbox::generated(records).await;
        calm.run().await;
        let books = async |sandbox: &Sandbox| oracle::without_ids(oracle::holdings(sandbox).await);
        assert_eq!(books(&self.sandbox).await, books(&calm).await);
        assert_eq!(total(&self.sandbox.run().await, "created"), 0);
    }
}

async fn ended(run: Child) -> (Option<i32>, Value, String) {
    let output = timeout(PATIENCE, run.wait_with_output()).await.expect("it waits by a clock that was set back");
    let Output { status, stdout, stderr } = output.unwrap();
    (status.code(), serde_json::from_slice(&stdout).unwrap_or_default(), String::from_utf8(stderr).unwrap())
}

fn token_based(sandbox: &Sandbox) {
    let access = &sandbox.access["netsuite"];
    let keys = ["consumer_key", "consumer_secret", "token_id", "token_secret"];
    let lines: Vec<String> = keys.iter().map(|key| format!("{key} = {}", access[key])).collect();
    sandbox.edit_config(|text| {
        let (before, rest) = text.split_once("[netsuite.oauth2]").unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        format!("{before}[netsuite.token_based]\n{}\n\n{after}", lines.join("\n"))
    });
}

#[tokio::test]
async fn a_clock_that_is_hours_off_is_named_as_the_reason_why_the_credentials_are_refused_and_nothing_is_touched() {
    let Some(world) = World::open(20).await else { return };
    for signed in ["oauth2", "token based"] {
        for (offset, told) in [("+2h", "120 minutes ahead of netsuite's"), ("-2h", "120 minutes behind netsuite's")] {
            world.set(offset);
            let (code, _, said) = ended(world.run().spawn().unwrap()).await;
            assert_eq!(code, Some(1), "{signed} {offset}: {said}");
            assert!(said.contains("(authentication)") && said.contains(told), "{signed} {offset}: {said}");
        }
        if signed == "oauth2" {
            token_based(&world.sandbox);
        }
    }
    assert_eq!(world.sandbox.calls("zuora", "POST", "/v1/action/update").await, 0);
    world.set("+0");
    let (code, report, said) = ended(world.run().spawn().unwrap()).await;
    assert_eq!(code, Some(0), "{said}");
    assert_adds_up(&report);
    world.assert_whole_after_one_more_run(20).await;
}

#[tokio::test]
async fn a_clock_that_steps_back_in_the_middle_of_a_run_disturbs_nothing() {
    let Some(world) = World::open(60).await else { return };
    world.set("+0");
    let run = world.under_way().await;
    world.set("-3h");
    let (code, report, said) = ended(run).await;
    assert_eq!(code, Some(0), "{said}");
    assert_adds_up(&report);
    assert!(report["seconds"].as_str().is_none_or(|seconds| !seconds.starts_with('-')), "{report}");
    world.assert_whole_after_one_more_run(60).await;
}

#[tokio::test]
async fn a_clock_that_steps_forward_in_the_middle_of_a_run_stops_it_at_the_log_in_and_loses_nothing() {
    let Some(world) = World::open(60).await else { return };
    world.set("+0");
    let run = world.under_way().await;
    world.set("+2h");
    let (code, report, said) = ended(run).await;
    // The token that is held seems to have expired; the next one is asked for under a wrong time.
    assert_eq!(code, Some(1), "{said}");
    assert!(report.to_string().contains("120 minutes ahead of netsuite's"), "{report}");
    world.assert_whole_after_one_more_run(60).await;
}

#[tokio::test]
async fn a_clock_that_steps_back_while_an_application_pauses_prolongs_no_pause() {
    let Some(world) = World::open(60).await else { return };
    world.set("+0");
    let mut run = world.under_way().await;
    let closed = json!([{ "path": "/services/rest/**", "kind": "maintenance", "until": 4_000 }]);
    world.sandbox.faults("netsuite", closed).await;
    let mut said = tokio::io::BufReader::new(run.stderr.take().unwrap());
    let mut line = String::new();
    tokio::io::AsyncBufReadExt::read_line(&mut said, &mut line).await.unwrap();
    assert!(line.contains("its requests wait"), "{line}");
    world.set("-3h");
    let (code, report, _) = ended(run).await;
    assert_eq!(code, Some(0), "{report}");
    assert_adds_up(&report);
    world.assert_whole_after_one_more_run(60).await;
}
