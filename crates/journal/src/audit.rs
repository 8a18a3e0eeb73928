//! The audit log: what people did to single records by hand, why, what stood there before and after.

use serde::Serialize;
use sqlx::{FromRow, QueryBuilder, Sqlite};

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
        let mut inner = self.inner.lock().await;
        self.reopen_if_gone(&mut inner).await.map_err(|source| self.failed(source))?;
        sqlx::query_scalar(
            "INSERT INTO audit (at, who, action, flow, source_id, number, reason, found, before, after, ended, text, \
             undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(&line.at)
        .bind(&line.who)
        .bind(&line.action)
        .bind(&line.flow)
        .bind(&line.source_id)
        .bind(&line.record)
        .bind(&line.reason)
        .bind(&line.found)
        .bind(&line.before)
        .bind(&line.after)
        .bind(&line.ended)
        .bind(&line.text)
        .bind(line.undoes)
        .fetch_one(&inner.database)
        .await
        .map_err(|source| self.failed(source))
    }

    /// Writes down what came of an action that was begun.
    pub async fn audit_ended(&self, line: &AuditLine) -> Result<(), JournalError> {
        let inner = self.inner.lock().await;
        sqlx::query("UPDATE audit SET after = ?, ended = ?, text = ? WHERE id = ?")
            .bind(&line.after)
            .bind(&line.ended)
            .bind(&line.text)
            .bind(line.action_id)
            .execute(&inner.database)
            .await
            .map_err(|source| self.failed(source))
            .map(|_| ())
    }

    /// The last actions, oldest first; of one record only, by its id or its number.
    pub async fn audits(&self, record: Option<&str>, limit: u32) -> Result<Vec<AuditLine>, JournalError> {
        let inner = self.inner.lock().await;
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT * FROM (SELECT * FROM audit");
        if let Some(record) = record {
            query.push(" WHERE source_id = ").push_bind(record.to_owned());
            query.push(" OR number = ").push_bind(record.to_owned());
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit).push(") ORDER BY id");
        query.build_query_as().fetch_all(&inner.database).await.map_err(|source| self.failed(source))
    }

    /// An action by its number.
    pub async fn action(&self, id: i64) -> Result<Option<AuditLine>, JournalError> {
        let inner = self.inner.lock().await;
        let query = sqlx::query_as("SELECT * FROM audit WHERE id = ?").bind(id);
        query.fetch_optional(&inner.database).await.map_err(|source| self.failed(source))
    }
}
