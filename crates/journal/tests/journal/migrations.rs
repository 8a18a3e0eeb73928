//! A journal of any version that was ever on main is read, and goes on.

use journal::{Filter, Journal, Place};
use model::outcome::Outcome;
use model::ports::Log;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, SqlSafeStr};

use crate::{at, end};

const JOURNAL: (&str, &str) = ("journal", include_str!("../../migrations/sqlite/0001_journal.sql"));
const PAUSES: (&str, &str) = ("pauses", include_str!("../../migrations/sqlite/0002_pauses.sql"));
const LEAN: (&str, &str) = ("lean", include_str!("../../migrations/sqlite/0003_lean.sql"));

const AUDIT: (&str, &str) = ("audit", include_str!("../../migrations/sqlite/0004_audit.sql"));

const ENDS: (&str, &str) = ("pauses with an end", include_str!("../../migrations/sqlite/0005_pauses_with_an_end.sql"));

/// What stood on main, commit by commit.
const VERSIONS: [(&str, &[(&str, &str)]); 6] = [
    ("3fbc34d", &[JOURNAL]),
    ("3b74514", &[JOURNAL, PAUSES]),
    ("635e5dc", &[JOURNAL, LEAN]),
    ("d3ba097", &[JOURNAL, PAUSES, LEAN]),
    ("6b6ffc7", &[JOURNAL, PAUSES, LEAN, AUDIT]),
    ("now", &[JOURNAL, PAUSES, LEAN, AUDIT, ENDS]),
];

async fn journal_of(version: &[(&'static str, &'static str)], path: &std::path::Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    let migrations = version.iter().zip(1..).map(|((description, sql), number)| {
        Migration::new(number, (*description).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect()).run(&mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn a_sqlite_journal_of_every_version_that_was_on_main_is_read_and_goes_on() {
    for (commit, version) in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.sqlite");
        let mut connection = journal_of(version, &path).await;
        sqlx::raw_sql(
            "INSERT INTO runs (started, ended, command, report) VALUES ('1970-01-01T00:00:01Z', NULL, 'run', NULL);
             INSERT INTO attempts (run, at, flow, source_id, number, step, operation, answer, detail)
                 VALUES (1, '1970-01-01T00:00:02Z', 'a -> b', '1', 'INV-1', 'write', 'Creating', 'unknown', 'reset');
             INSERT INTO log (run, at, flow, source_id, number, outcome, text, cause, remedy, destination_id)
                 VALUES (1, '1970-01-01T00:00:03Z', 'a -> b', '1', 'INV-1', 'warned', 'old', 'timeout', 'wait', '7');",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
        for opening in ["first", "second"] {
            let journal = Journal::open(Place::File(path.clone())).await;
            let journal = journal.unwrap_or_else(|error| panic!("{commit}, opened {opening}: {error}"));
            let old = journal.log(&Filter { run: Some(1), ..Filter::default() }).await.unwrap();
            assert_eq!(old.iter().map(|line| line.what.as_str()).collect::<Vec<_>>(), ["write: unknown", "warned"]);
            assert!(old[1].outlook.is_some(), "{commit}: {old:?}");
            let run = journal.begin_run(at(4), opening).await.unwrap();
            journal.append(vec![end("2", Outcome::Created, None)]).await;
            journal.finish_run(at(5), "{}").await.unwrap();
            assert_eq!(journal.log(&Filter { run: Some(run), ..Filter::default() }).await.unwrap().len(), 1);
        }
        let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        let linked: Vec<String> =
            sqlx::query_scalar("SELECT destination_id FROM links").fetch_all(&mut connection).await.unwrap();
        assert_eq!(linked, ["77"], "{commit}");
    }
}

#[tokio::test]
async fn a_journal_that_a_newer_version_wrote_is_left_as_it_is_and_said_to_be_newer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.sqlite");
    let newer = [JOURNAL, PAUSES, LEAN, AUDIT, ENDS, ("wonders", "CREATE TABLE wonders (id INTEGER)")];
    journal_of(&newer, &path).await.close().await.unwrap();
    let error = Journal::open(Place::File(path.clone())).await.err().unwrap();
    assert!(error.remedy().unwrap().contains("newer version"), "{error}");
    assert!(String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains("CREATE TABLE wonders"));
    assert!(!folder.path().join("j.sqlite.damaged-1").exists());
}
