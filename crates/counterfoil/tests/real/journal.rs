//! A journal that is damaged, before a run or in the midst of one: never a duplicate or a loss, and it is said.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::harness::{Sandbox, assert_adds_up, total};
use super::oracle::{self, Holdings};

/// What can happen to a file.
#[derive(Debug, Clone, Copy)]
enum Harm {
    CutToNothing,
    CutInHalf,
    GarbageInTheMiddle,
    NoDatabase,
    LogOfChangesDeleted,
    Deleted,
}

impl Harm {
    const ALL: [Self; 6] = [
        Self::CutToNothing,
        Self::CutInHalf,
        Self::GarbageInTheMiddle,
        Self::NoDatabase,
        Self::LogOfChangesDeleted,
        Self::Deleted,
    ];

    fn befalls(self, sandbox: &Sandbox) {
        let path = journal(sandbox);
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        let length = file.metadata().unwrap().len();
        match self {
            Self::CutToNothing => file.set_len(0).unwrap(),
            Self::CutInHalf => file.set_len(length / 2).unwrap(),
            // All but the first page, which says what the file is.
            Self::GarbageInTheMiddle => file.write_all_at(&vec![0xa5; length as usize - 4096], 4096).unwrap(),
            Self::NoDatabase => file.write_all_at(b"Dear diary, today I was overwritten.", 0).unwrap(),
            Self::LogOfChangesDeleted => drop(fs::remove_file(beside(&path, "-wal"))),
            Self::Deleted => sandbox.delete_journal(),
        }
    }

    /// Whether nothing of the file can be used, so that it is set aside.
    fn is_damage(self) -> bool {
        matches!(self, Self::CutInHalf | Self::GarbageInTheMiddle | Self::NoDatabase)
    }
}

fn journal(sandbox: &Sandbox) -> PathBuf {
    sandbox.folder.path().join("counterfoil.sqlite")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Until whoever closed the journal last has put its log of changes into the file: else that would mend what is harmed.
async fn in_one_file(sandbox: &Sandbox) {
    while beside(&journal(sandbox), "-wal").exists() {
        sandbox.ask("status", &[]).await;
    }
}

async fn undisturbed() -> Holdings {
    let sandbox = Sandbox::generated(60).await;
    sandbox.run().await;
    oracle::without_ids(oracle::holdings(&sandbox).await)
}

async fn assert_whole(sandbox: &Sandbox, expected: &Holdings, harm: Harm) {
    oracle::assert_right(sandbox).await;
    assert_eq!(&oracle::without_ids(oracle::holdings(sandbox).await), expected, "{harm:?}");
}

async fn between_runs(harm: Harm) -> (Harm, Sandbox) {
    let sandbox = Sandbox::generated(60).await;
    let masters = sandbox.ask("run", &["zuora.account", "zuora.product", "--json"]).await;
    assert_adds_up(&masters.json());
    in_one_file(&sandbox).await;
    harm.befalls(&sandbox);
    let ran = sandbox.ask("run", &["--json"]).await;
    assert_eq!(ran.code, Some(0), "{harm:?}: {}", ran.err);
    assert_adds_up(&ran.json());
    let aside = beside(&journal(&sandbox), ".damaged-1");
    assert_eq!(aside.exists(), harm.is_damage(), "{harm:?}: {}", ran.err);
    assert_eq!(ran.err.contains("the journal is damaged: it was set aside"), harm.is_damage(), "{harm:?}: {}", ran.err);
    let log = sandbox.ask("log", &["--json", "--limit", "100000"]).await.json();
    let created = log.as_array().unwrap().iter().filter(|line| line["run"] == ran.json()["run"]);
    let created = created.filter(|line| line["what"] == "created").count() as u64;
    assert_eq!(created, total(&ran.json(), "created"), "{harm:?}: the log of the run is not whole");
    (harm, sandbox)
}

async fn in_the_midst_of_a_run(harm: Harm) -> (Harm, Sandbox) {
    let sandbox = Sandbox::generated(60).await;
    let path = "/services/rest/record/v1/invoice";
    let slow = json!([{ "method": "POST", "path": path, "kind": "slow", "ms": 500, "nth": 20 }]);
    sandbox.faults("netsuite", slow).await;
    let mut run = sandbox.command("run", &["--json"]).spawn().unwrap();
    while sandbox.struck("netsuite").await == 0 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended before its journal was harmed");
    }
    harm.befalls(&sandbox);
    let output = run.wait_with_output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{harm:?}: {said}");
    assert!(!said.contains("panicked"), "{harm:?}: {said}");
    assert_adds_up(&serde_json::from_slice::<Value>(&output.stdout).unwrap());
    // Whatever became of the file, the next run can begin, and the log can be read.
    let again = sandbox.ask("run", &["--json"]).await;
    assert_eq!((again.code, total(&again.json(), "created")), (Some(0), 0), "{harm:?}: {}", again.err);
    let status = sandbox.ask("status", &["--json"]).await;
    assert!(status.json()["runs"][0]["ended"].is_string(), "{harm:?}: {}{}", status.out, status.err);
    (harm, sandbox)
}

#[tokio::test]
async fn a_damaged_journal_is_set_aside_and_begun_anew_and_the_next_run_completes() {
    let expected = undisturbed().await;
    for (harm, sandbox) in Harm::ALL.map(between_runs).into_iter().collect::<JoinSet<_>>().join_all().await {
        assert_whole(&sandbox, &expected, harm).await;
    }
}

#[tokio::test]
async fn a_journal_that_is_damaged_in_the_midst_of_a_run_doubles_and_loses_no_record_and_stops_nobody() {
    let expected = undisturbed().await;
    for (harm, sandbox) in Harm::ALL.map(in_the_midst_of_a_run).into_iter().collect::<JoinSet<_>>().join_all().await {
        assert_whole(&sandbox, &expected, harm).await;
    }
}

#[tokio::test]
async fn what_was_set_aside_is_kept_and_a_second_damage_does_not_overwrite_it() {
    let sandbox = Sandbox::generated(5).await;
    for number in 1..=2 {
        in_one_file(&sandbox).await;
        File::create(journal(&sandbox))
            .unwrap()
            .write_all_at(format!("no database {number}").repeat(999).as_bytes(), 0)
            .unwrap();
        let log = sandbox.ask("log", &["--json"]).await;
        assert_eq!((log.code, log.json()), (Some(0), json!([])), "{}", log.err);
        let held = fs::read_to_string(beside(&journal(&sandbox), &format!(".damaged-{number}"))).unwrap();
        assert!(held.starts_with(&format!("no database {number}")), "{held}");
    }
}
