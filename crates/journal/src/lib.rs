//! The journal: runs, sync log, links and attempts, in a SQLite file or on a PostgreSQL server; or none, for who keeps a run's report
//! elsewhere.
//!
//! It makes us fast, observable and explainable; it is never the reason why something is safe. The status on the
//! source record is the truth, so the journal can be deleted at any moment, even in the middle of a run: the next
//! append begins a new one, and nothing is lost or written twice.
//!
//! | module | idea |
//! |---|---|
//! | [`place`] | where a journal is kept, without ever showing a password |
//! | `store` | the two databases behind one connection |
//! | `keeper` | goes on by itself when the database was away |
//! | `damage` | a file that is no journal any more, a disk that takes no more |
//! | `write`, `read` | what is written, and what is asked |

mod audit;
mod damage;
mod keeper;
pub mod place;
mod read;
mod store;
mod write;

pub use audit::AuditLine;
pub use place::Place;
pub use read::{Filter, LogLine, PauseLine, RunLine};

use jiff::Timestamp;
use model::problem::Pause;
use tokio::sync::Mutex;

use crate::keeper::Keeper;
use crate::store::in_time;

/// An open journal.
pub struct Journal {
    keeper: Mutex<Keeper>,
}

/// The journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the journal {place}: {source}")]
pub struct JournalError {
    place: Place,
    source: sqlx::Error,
}

impl JournalError {
    /// What to do about it, where that is known.
    pub fn remedy(&self) -> Option<&'static str> {
        if damage::is_full(&self.source) {
            let room = "Make room on its disk, or keep it elsewhere (`journal = \"...\"`), and run again: what is due is read \
                        from the applications, not from the journal.";
            return Some(room);
        }
        damage::is_newer(&self.source).then_some(
            "A newer version of Counterfoil wrote it: run that one, or give this one a journal of its own (`journal = \"...\"`).",
        )
    }
}

impl Journal {
    /// Opens the journal, and makes it if it is not there.
    pub async fn open(place: Place) -> Result<Self, JournalError> {
        let mut keeper = Keeper::of(place);
        keeper.asked(async |_, _| Ok(())).await?;
        Ok(Self { keeper: Mutex::new(keeper) })
    }

    /// Whether anything outlives the process: not if the journal is kept [nowhere](Place::Nowhere).
    pub async fn is_kept(&self) -> bool {
        self.keeper.lock().await.is_kept()
    }

    /// Begins a run; what is appended from now on belongs to it. Gives its number.
    pub async fn begin_run(&self, started: Timestamp, command: &str) -> Result<i64, JournalError> {
        self.keeper.lock().await.begin_run(started.to_string(), command.to_owned()).await
    }

    /// Tells when applications as a whole were not there, in this run; what was told before may be told again.
    pub async fn tell_pauses(&self, pauses: &[Pause]) -> Result<(), JournalError> {
        let mut keeper = self.keeper.lock().await;
        for pause in pauses {
            keeper.asked(async |store, run| in_time(write::pause(store, run, pause)).await).await?;
        }
        Ok(())
    }

    /// Ends the run with its report. After an error it can be called again.
    pub async fn finish_run(&self, ended: Timestamp, report: &str) -> Result<(), JournalError> {
        self.keeper.lock().await.finish_run(&ended.to_string(), report).await
    }

    /// How many lines of this run's log are not written: they wait, or were given up.
    pub async fn unwritten(&self) -> usize {
        self.keeper.lock().await.unwritten()
    }

    /// The log's lines that match, newest run first, in the order in which they happened.
    pub async fn log(&self, filter: &Filter) -> Result<Vec<LogLine>, JournalError> {
        self.keeper.lock().await.asked(async |store, _| read::log(store, filter).await).await
    }

    /// The last runs, newest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunLine>, JournalError> {
        self.keeper.lock().await.asked(async |store, _| read::runs(store, limit).await).await
    }

    /// Everything that was tried and said about one record, by its id or its number, oldest first.
    pub async fn history(&self, record: &str) -> Result<Vec<LogLine>, JournalError> {
        let filter = Filter { record: Some(record.to_owned()), ..Filter::default() };
        self.log(&filter).await
    }
}

#[async_trait::async_trait]
impl model::ports::Log for Journal {
    async fn append(&self, entries: Vec<model::ports::Entry>) {
        self.keeper.lock().await.append(entries).await;
    }
}
