//! Where a journal is kept during a test, so that the same test runs on each kind.

use journal::{Journal, Place};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use crate::server::Server;

/// A place for one journal.
pub(crate) enum Home {
    Sqlite(TempDir),
    Postgres(Server),
}

impl Home {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(Server::start())
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Sqlite(folder) => Place::File(folder.path().join("j.sqlite")),
            Self::Postgres(server) => Place::read(&server.address()).unwrap(),
        }
    }

    pub(crate) async fn open(&self) -> Journal {
        Journal::open(self.place()).await.unwrap()
    }

    /// Deletes the journal under the feet of whoever writes it.
    pub(crate) async fn delete(&self) {
        match self {
            Self::Sqlite(folder) => {
                for ending in ["", "-wal", "-shm"] {
                    std::fs::remove_file(folder.path().join(format!("j.sqlite{ending}"))).unwrap();
                }
            }
            Self::Postgres(server) => {
                let mut connection = server.address().parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
                sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
        }
    }
}
