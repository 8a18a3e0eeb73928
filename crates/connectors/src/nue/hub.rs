//! Nue's Transaction Hub is where other connectors of a tenant look which record became what. It is told after the fact and
//! nothing rests on it: a row that is missing is told by the next sync of its record.
//!
//! The call is a public client's (mspiep01/nue-cli, read on 2026-11-21), not a page's.

use model::ports::Mark;
use model::status::SYNC_COMPLETE;
use model::value::{Record, Value};
use reqwest::Method;

use super::{Nue, assumed};
use crate::http::Effect;
use crate::json;

/// Rows of a call.
const ROWS: usize = 5_000;
/// What the hub calls the types that it knows.
const TYPES: [&str; 10] = [
    "customer",
    "order",
    "orderproduct",
    "product",
    "invoice",
    "invoiceitem",
    "creditmemo",
    "creditmemoitem",
    "debitmemo",
    "debitmemoitem",
];

/// Whether the hub knows records of this type.
pub(super) fn knows(object: &str) -> bool {
    TYPES.contains(&object.to_lowercase().as_str())
}

impl Nue {
    /// Tells what became of records whose marks say that they are in sync; `id` is the mark's field for the foreign id.
    pub(super) async fn tell_hub(&self, object: &str, org: &str, id: &str, marks: &[&Mark]) {
        let (kind, upload_path) = (object.to_lowercase(), self.assumed.of(&assumed::HUB_UPLOAD));
        if !knows(object) || upload_path.is_empty() {
            return;
        }
        let row = |mark: &&&Mark| -> Option<Record> {
            let foreign = mark.fields.iter().find(|(name, text)| name == id && !text.is_empty())?;
            let told = [
                ("transactionType", kind.as_str()),
                ("nueId", &mark.source_id),
                ("externalSystem", "salesforce"),
                ("externalSystemId", org),
                ("externalId", &foreign.1),
                ("direction", "outbound"),
            ];
            let mut row = Record::with_capacity(told.len());
            told.into_iter().for_each(|(name, text)| row.set(name, Value::text(text)));
            Some(row)
        };
        let rows: Vec<Record> =
            marks.iter().filter(|mark| mark.status == SYNC_COMPLETE).filter_map(|mark| row(&mark)).collect();
        for part in rows.chunks(ROWS) {
            let mut upload = Record::default();
            upload.set("data", Value::List(part.to_vec()));
            let mut body = Vec::new();
            json::write_record(&upload, &mut body);
            let request = self.sending(Method::POST, upload_path, upload_path, body, Effect::Write);
            let told = match self.send(&request).await {
                Ok(reply) if reply.is_success() => continue,
                Ok(reply) => self.http.told(&request, &reply),
                Err(fault) => fault.into_problem(),
            };
            tracing::warn!(problem = %told, "the Transaction Hub was not told what became of {} records", part.len());
        }
    }
}
