//! A disk that is full: no record is lost or doubled, what the journal could not take is said, and what to do.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::process::Command;

use super::harness::{Ran, Sandbox, assert_adds_up, total};
use super::namespace::Room;
use super::oracle::{self, Holdings};

const DISK: &str = "/mnt";

/// A sandbox whose journal is on a disk of one megabyte.
struct World {
    sandbox: Sandbox,
    room: Room,
}

impl World {
    async fn open() -> Option<Self> {
        let room = Room::open("--mount", &format!("mount -t tmpfs -o size=1m none {DISK}")).await?;
        let sandbox = Sandbox::generated(60).await;
        sandbox.edit_config(|text| text.replace("counterfoil.sqlite", &format!("{DISK}/counterfoil.sqlite")));
        Some(Self { sandbox, room })
    }

    fn filler(&self) -> PathBuf {
        self.room.path(&format!("{DISK}/filler"))
    }

    /// Fills the disk to the last byte.
    fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        while file.write_all(&[0]).is_ok() {}
    }

    fn give_space_back(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn command(&self, name: &str) -> Command {
        self.room.enter(&self.sandbox.command(name, &["--json"]))
    }

    async fn ask(&self, name: &str) -> Ran {
        ended(self.command(name).output().await.unwrap())
    }

    /// A run that is under way: it has sent so many records, and a create keeps it from ending before the disk is full.
    async fn run_until_the_disk_is_full(&self) -> tokio::process::Child {
        let path = "/services/rest/record/v1/{type}";
        let late = json!([{ "method": "POST", "path": path, "kind": "slow", "ms": 1_000, "nth": 30 }]);
        self.sandbox.faults("netsuite", late).await;
        let mut run = self.command("run").spawn().unwrap();
        while self.sandbox.struck("netsuite").await == 0 {
            assert!(run.try_wait().unwrap().is_none(), "the run ended before the disk was full");
        }
        self.fill();
        run
    }

    async fn assert_whole(&self) {
        oracle::assert_right(&self.sandbox).await;
        assert_eq!(oracle::without_ids(oracle::holdings(&self.sandbox).await), undisturbed().await);
    }
}

fn ended(output: std::process::Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

async fn undisturbed() -> Holdings {
    let sandbox = Sandbox::generated(60).await;
    sandbox.run().await;
    oracle::without_ids(oracle::holdings(&sandbox).await)
}

fn created(log: &Value) -> u64 {
    log.as_array().unwrap().iter().filter(|line| line["what"] == "created").count() as u64
}

#[tokio::test]
async fn a_run_whose_journal_has_no_room_to_begin_touches_nothing_and_says_what_to_do() {
    let Some(world) = World::open().await else { return };
    world.fill();
    let ran = world.ask("run").await;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("full") && ran.err.contains("next: Make room on its disk"), "{}", ran.err);
    assert_eq!(world.sandbox.calls("netsuite", "POST", "/record/").await, 0);
    assert_eq!(world.sandbox.calls("zuora", "POST", "/v1/action/update").await, 0);
    world.give_space_back();
    let ran = world.ask("run").await;
    assert_adds_up(&ran.json());
    world.assert_whole().await;
}

#[tokio::test]
async fn a_disk_that_fills_up_in_the_middle_of_a_run_costs_lines_of_the_log_and_no_record() {
    let Some(world) = World::open().await else { return };
    let run = world.run_until_the_disk_is_full().await;
    let ran = ended(run.wait_with_output().await.unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_adds_up(&ran.json());
    assert_eq!(ran.err.matches("the journal cannot be written").count(), 1, "{}", ran.err);
    assert_eq!(ran.err.matches("the journal stayed away").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("lines=") && ran.err.contains("Make room on its disk"), "{}", ran.err);
    world.assert_whole().await;
    world.give_space_back();
    let again = world.ask("run").await.json();
    assert_adds_up(&again);
    assert_eq!(total(&again, "created"), 0, "{again}");
    world.assert_whole().await;
}

#[tokio::test]
async fn lines_that_found_no_room_are_written_once_there_is_some() {
    let Some(world) = World::open().await else { return };
    let run = world.run_until_the_disk_is_full().await;
    // The run has met the full disk when it has complained of it; then there is room again.
    let mut run = run;
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(run.stderr.take().unwrap()));
    let first = lines.next_line().await.unwrap().unwrap_or_default();
    assert!(first.contains("the journal cannot be written"), "{first}");
    world.give_space_back();
    let ran = ended(run.wait_with_output().await.unwrap());
    assert_eq!(ran.code, Some(0));
    assert_eq!(lines.next_line().await.unwrap(), None);
    let log: Value = world.ask("log").await.json();
    assert_eq!(created(&log), total(&ran.json(), "created"), "a line is missing, or stands twice");
    world.assert_whole().await;
}
