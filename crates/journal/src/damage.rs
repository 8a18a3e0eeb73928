//! What can be wrong with a journal's file: it is damaged, or its disk takes no more.
//!
//! A damaged file is set aside under a name that says so, for whoever wants to read what can still be read, and a new
//! journal is begun: what is due is read from the applications, so no run needs the old one. A journal that a newer
//! version wrote is not damaged, and never set aside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::Error;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqliteConnection;

/// SQLite's classes of errors: the low byte of its codes.
const BUSY: u32 = 5;
const READ_ONLY: u32 = 8;
const IO: u32 = 10;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const CANNOT_OPEN: u32 = 14;
const NOT_A_DATABASE: u32 = 26;

fn class(error: &Error) -> Option<u32> {
    let error = match error {
        Error::Migrate(migration) => match &**migration {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error,
            _ => return None,
        },
        error => error,
    };
    // PostgreSQL's codes have five places.
    let code = error.as_database_error()?.code().filter(|code| code.len() < 5)?;
    code.parse::<u32>().ok().map(|code| code & 0xff)
}

/// Whether the file is no SQLite database, or none any more.
pub(crate) fn is_told_by(error: &Error) -> bool {
    matches!(class(error), Some(CORRUPT | NOT_A_DATABASE))
}

/// Whether it is the disk that does not take what is to be written: it may take it later.
pub(crate) fn is_of_the_disk(error: &Error) -> bool {
    is_full(error) || matches!(class(error), Some(BUSY | READ_ONLY | IO | CANNOT_OPEN))
}

/// Whether the disk is full.
pub(crate) fn is_full(error: &Error) -> bool {
    let by_the_system = matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::StorageFull);
    by_the_system || class(error) == Some(FULL)
}

/// Whether a newer version of ours wrote it.
pub(crate) fn is_newer(error: &Error) -> bool {
    matches!(error, Error::Migrate(migration) if matches!(**migration, MigrateError::VersionMissing(_)))
}

/// Reads the whole file, which takes a second for some hundred megabytes: only after an error has told of damage. Somebody
/// else may have met the same error, and have begun a new one.
pub(crate) async fn found(connection: &mut SqliteConnection) -> Option<String> {
    let told = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(connection).await;
    let told = told.unwrap_or_else(|error: Error| error.to_string());
    (told != "ok").then_some(told)
}

/// Gives the file, and what SQLite keeps beside it, a name that says what it is.
pub(crate) fn set_aside(path: &Path, told: &str) -> io::Result<()> {
    let beside = |path: &Path, ending: &str| -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        name.into()
    };
    let mut names = (1..).map(|number| beside(path, &format!(".damaged-{number}")));
    let Some(aside) = names.find(|name| !name.exists()) else { return Ok(()) };
    fs::rename(path, &aside)?;
    // The log of changes belongs to it; the index of that is made anew.
    for (ending, moved) in [("-wal", true), ("-shm", false)] {
        let held = beside(path, ending);
        let gone = if moved { fs::rename(held, beside(&aside, ending)) } else { fs::remove_file(held) };
        gone.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    }
    let (journal, aside) = (path.display(), aside.display());
    tracing::warn!(
        %journal, %aside, told,
        "the journal is damaged: it was set aside, and a new one is begun. No record is concerned; what was told of past \
         runs is there, as far as it can be read"
    );
    Ok(())
}
