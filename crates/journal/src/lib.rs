//! The journal: runs, sync log, links and attempts, on SQLite.
//!
//! It makes us fast, observable and explainable; it is never the reason why something is safe. The status on the
//! source record is the truth, so the journal can be deleted at any moment, even in the middle of a run: the next
//! append begins a new file, and nothing is lost or written twice.

mod audit;
mod read;
mod write;

pub use audit::AuditLine;
pub use read::{Filter, LogLine, PauseLine, RunLine};

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;
use model::problem::Pause;
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Mutex;

/// An open journal.
pub struct Journal {
    path: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    database: SqlitePool,
    run: Option<Run>,
    complained: bool,
}

#[derive(Debug, Clone)]
struct Run {
    id: i64,
    started: String,
    command: String,
}

/// The journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path}: {source}")]
pub struct JournalError {
    path: String,
    source: sqlx::Error,
}

impl Journal {
    /// Opens the journal, and makes it if it is not there.
    pub async fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError { path: path.display().to_string(), source };
        let database = connect(path).await.map_err(failed)?;
        let inner = Inner { database, run: None, complained: false };
        Ok(Self { path: path.to_owned(), inner: Mutex::new(inner) })
    }

    /// Begins a run; what is appended from now on belongs to it. Gives its number.
    pub async fn begin_run(&self, started: Timestamp, command: &str) -> Result<i64, JournalError> {
        let mut inner = self.inner.lock().await;
        let started = started.to_string();
        let id = write::begin(&inner.database, &started, command).await.map_err(|source| self.failed(source))?;
        inner.run = Some(Run { id, started, command: command.to_owned() });
        Ok(id)
    }

    /// Tells when applications as a whole were not there, in this run; what was told before may be told again.
    pub async fn tell_pauses(&self, pauses: &[Pause]) -> Result<(), JournalError> {
        let mut inner = self.inner.lock().await;
        self.reopen_if_gone(&mut inner).await.map_err(|source| self.failed(source))?;
        let Some(run) = inner.run.as_ref().map(|run| run.id) else { return Ok(()) };
        for pause in pauses {
            write::pause(&inner.database, run, pause).await.map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Ends the run with its report.
    pub async fn finish_run(&self, ended: Timestamp, report: &str) -> Result<(), JournalError> {
        let mut inner = self.inner.lock().await;
        self.reopen_if_gone(&mut inner).await.map_err(|source| self.failed(source))?;
        let Some(run) = inner.run.take() else { return Ok(()) };
        write::finish(&inner.database, run.id, &ended.to_string(), report).await.map_err(|source| self.failed(source))
    }

    /// The log's lines that match, newest run first, in the order in which they happened.
    pub async fn log(&self, filter: &Filter) -> Result<Vec<LogLine>, JournalError> {
        let inner = self.inner.lock().await;
        read::log(&inner.database, filter).await.map_err(|source| self.failed(source))
    }

    /// The last runs, newest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunLine>, JournalError> {
        let inner = self.inner.lock().await;
        read::runs(&inner.database, limit).await.map_err(|source| self.failed(source))
    }

    /// Everything that was tried and said about one record, by its id or its number, oldest first.
    pub async fn history(&self, record: &str) -> Result<Vec<LogLine>, JournalError> {
        let filter = Filter { record: Some(record.to_owned()), ..Filter::default() };
        self.log(&filter).await
    }

    fn failed(&self, source: sqlx::Error) -> JournalError {
        JournalError { path: self.path.display().to_string(), source }
    }

    /// SQLite goes on writing into a file that was deleted; nobody would ever read that.
    async fn reopen_if_gone(&self, inner: &mut Inner) -> Result<(), sqlx::Error> {
        if self.path.exists() {
            return Ok(());
        }
        inner.database = connect(&self.path).await?;
        if let Some(run) = &mut inner.run {
            run.id = write::begin(&inner.database, &run.started, &run.command).await?;
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl model::ports::Log for Journal {
    async fn append(&self, entries: Vec<model::ports::Entry>) {
        if entries.is_empty() {
            return;
        }
        let mut inner = self.inner.lock().await;
        let appended = match self.reopen_if_gone(&mut inner).await {
            Ok(()) => {
                let run = inner.run.as_ref().map(|run| run.id);
                write::append(&inner.database, run, &entries).await
            }
            Err(error) => Err(error),
        };
        if let (Err(error), false) = (appended, inner.complained) {
            inner.complained = true;
            tracing::warn!(journal = %self.path.display(), %error, "the journal cannot be written; the run goes on without it");
        }
    }
}

/// One connection: there is one writer, and a deleted file must not live on in a second connection.
async fn connect(path: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::from_str("sqlite://")?
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(std::time::Duration::from_secs(10))
        .disable_statement_logging();
    // Two processes that meet a new file at once would both begin the first migration; SQLite has no lock for that.
    let _alone = alone(path).await?;
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::migrate!().run(&pool).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    Ok(pool)
}

/// A lock beside the journal; it ends with the value, or with the process. Waiting for it blocks a thread, so it is
/// waited for on one that nothing else needs.
async fn alone(path: &Path) -> Result<File, sqlx::Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::create(beside)?;
        file.lock().map(|()| file)
    });
    Ok(locked.await.map_err(std::io::Error::other)??)
}
