//! The two databases. What they are told is one text wherever it can be; [`on`] sends it to the one at hand.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Error};

use crate::damage;
use crate::place::{Place, Server};

/// An open database. One connection: there is one writer, and a deleted file must not live on in a second one.
pub(crate) enum Store {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The same work, through the driver of the database at hand.
macro_rules! on {
    ($store:expr, $connection:ident => $work:expr) => {
        match $store {
            $crate::store::Store::Sqlite($connection) => $work,
            $crate::store::Store::Postgres($connection) => $work,
        }
    };
}
pub(crate) use on;

/// How long SQLite waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);
/// How long anything is waited for: a cut cable says nothing.
const PATIENCE: Duration = Duration::from_secs(12);

/// The result, or that it took too long.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = |_| Err(Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")));
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(late)
}

/// Whether there was no answer in time.
pub(crate) fn is_late(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}

impl Store {
    /// Opens the database, and brings its tables up to date. A file that is damaged is set aside, and a new one begun; one
    /// that is suspected is read whole first.
    pub(crate) async fn open(place: &Place, suspected: bool) -> Result<Self, Error> {
        match place {
            Place::File(path) => sqlite(path, suspected).await.map(Self::Sqlite),
            Place::Server(server) => postgres(server).await.map(Self::Postgres),
            Place::Nowhere => sqlite_in_memory().await.map(Self::Sqlite),
        }
    }
}

/// Not `Migrator::run`: that takes whatever gives a connection, and its future cannot go to another thread.
async fn migrate(migrator: &Migrator, connection: &mut impl Migrate) -> Result<(), Error> {
    migrator.run_direct(None, connection, false).await.map_err(|error| Error::Migrate(Box::new(error)))
}

async fn postgres(server: &Server) -> Result<PgConnection, Error> {
    let mut connection = in_time(server.options().connect()).await?;
    migrate(&sqlx::migrate!("migrations/postgres"), &mut connection).await?;
    Ok(connection)
}

async fn sqlite(path: &Path, suspected: bool) -> Result<SqliteConnection, Error> {
    // Two processes that meet a new file at once would both begin the first migration; SQLite has no lock for that. Nor
    // for two that meet a damaged one.
    let _alone = alone(path).await?;
    let told = match connected(path).await {
        Ok(mut connection) if suspected => match damage::found(&mut connection).await {
            Some(told) => connection.close().await.map_or_else(|error| error.to_string(), |()| told),
            None => return Ok(connection),
        },
        Err(error) if damage::is_told_by(&error) => error.to_string(),
        result => return result,
    };
    damage::set_aside(path, &told)?;
    connected(path).await
}

async fn connected(path: &Path) -> Result<SqliteConnection, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    renumber(&mut connection).await?;
    migrate(&sqlx::migrate!("migrations/sqlite"), &mut connection).await?;
    Ok(connection)
}

async fn sqlite_in_memory() -> Result<SqliteConnection, Error> {
    let mut connection = SqliteConnectOptions::new().in_memory(true).disable_statement_logging().connect().await?;
    migrate(&sqlx::migrate!("migrations/sqlite"), &mut connection).await?;
    Ok(connection)
}

/// In one commit (635e5dc) the third migration was the second. A journal of that commit is told so, and then gets the second.
async fn renumber(connection: &mut SqliteConnection) -> Result<(), Error> {
    let table = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'");
    if table.fetch_optional(&mut *connection).await?.is_some() {
        let renumber = "UPDATE _sqlx_migrations SET version = 3 WHERE version = 2 AND description = 'lean'";
        sqlx::query(renumber).execute(connection).await?;
    }
    Ok(())
}

/// A lock beside the journal; it ends with the value, or with the process. Waiting for it blocks a thread, so it is
/// waited for on one that nothing else needs.
async fn alone(path: &Path) -> Result<File, Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::create(beside)?;
        file.lock().map(|()| file)
    });
    Ok(locked.await.map_err(io::Error::other)??)
}
