//! The audit log: what people did to single records by hand, why, what stood there before and after.

use serde::Serialize;
use sqlx::FromRow;

use crate::store::{Store, in_time, on};
use crate::{Journal, JournalError};

/// One action of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, FromRow)]
pub struct AuditLine {
    /// Its number, by which it can be undone.
    #[sqlx(rename = "id")]
    pub action_id: i64,
    /// When, in UTC.
    pub at: String,
    /// The user and the machine, as the environment tells.
    pub who: String,
    /// `retry`, `ignore`, `clear`, `mark-synced`, `undo`.
    pub action: String,
    /// The flow.
    pub flow: String,
    /// The source's id.
    pub source_id: String,
    /// What people call the record.
    #[sqlx(rename = "number")]
    pub record: String,
    /// Why, in the person's own words.
    pub reason: String,
    /// What the destination had.
    pub found: String,
    /// The marks before, as JSON.
    pub before: String,
    /// The marks after, as JSON.
    pub after: Option<String>,
    /// `begun` (it is under way, or died), `done`, `refused`, `not done`, `unknown`.
    pub ended: String,
    /// What came of it.
    pub text: String,
    /// The action that it undoes.
    pub undoes: Option<i64>,
}

impl Journal {
    /// Writes an action down; gives its number.
    pub async fn audit(&self, line: &AuditLine) -> Result<i64, JournalError> {
        let sql = "INSERT INTO audit (at, who, action, flow, source_id, number, reason, found, before, after, ended, text, \
                   undoes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id";
        let written = async |store: &mut Store, _| {
            on!(store, connection => {
                let query = sqlx::query_scalar(sql).bind(&line.at).bind(&line.who).bind(&line.action).bind(&line.flow);
                let query = query.bind(&line.source_id).bind(&line.record).bind(&line.reason).bind(&line.found);
                let query = query.bind(&line.before).bind(&line.after).bind(&line.ended).bind(&line.text);
                in_time(query.bind(line.undoes).fetch_one(connection)).await
            })
        };
        self.keeper.lock().await.asked(written).await
    }

    /// Writes down what came of an action that was begun.
    pub async fn audit_ended(&self, line: &AuditLine) -> Result<(), JournalError> {
        let sql = "UPDATE audit SET after = $1, ended = $2, text = $3 WHERE id = $4";
        let written = async |store: &mut Store, _| {
            on!(store, connection => {
                let query = sqlx::query(sql).bind(&line.after).bind(&line.ended).bind(&line.text).bind(line.action_id);
                in_time(query.execute(connection)).await.map(|_| ())
            })
        };
        self.keeper.lock().await.asked(written).await
    }

    /// The last actions, oldest first; of one record only, by its id or its number.
    pub async fn audits(&self, record: Option<&str>, limit: u32) -> Result<Vec<AuditLine>, JournalError> {
        let sql = "SELECT * FROM (SELECT * FROM audit WHERE $1 IS NULL OR source_id = $1 OR number = $1 \
                   ORDER BY id DESC LIMIT $2) AS last ORDER BY id";
        let read = async |store: &mut Store, _| {
            on!(store, connection => {
                sqlx::query_as(sql).bind(record).bind(i64::from(limit)).fetch_all(connection).await
            })
        };
        self.keeper.lock().await.asked(read).await
    }

    /// An action by its number.
    pub async fn action(&self, id: i64) -> Result<Option<AuditLine>, JournalError> {
        let sql = "SELECT * FROM audit WHERE id = $1";
        let read = async |store: &mut Store, _| on!(store, connection => sqlx::query_as(sql).bind(id).fetch_optional(connection).await);
        self.keeper.lock().await.asked(read).await
    }
}
