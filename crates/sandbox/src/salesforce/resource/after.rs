//! An error that comes after the save: what was written stays, and the answer does not say so.

use serde_json::{Value as Json, json};

use crate::faults::Complaint;
use crate::salesforce::call::{Content, Reply};
use crate::salesforce::errors::Refusal;
use crate::salesforce::failure;

/// The answer in place of a success. Of several records the first that was saved is said to have failed.
pub(super) fn save(complaint: Complaint, reply: Reply) -> Reply {
    if !reply.is_success() {
        return reply;
    }
    let refusal = failure::after_save(complaint);
    if complaint == Complaint::Internal {
        return refusal.into();
    }
    match reply.content {
        Content::Json(Json::Array(mut rows)) => {
            deny(&mut rows, &refusal);
            Reply::json(reply.status, Json::Array(rows))
        }
        Content::Json(mut body) if body["compositeResponse"].is_array() => {
            let parts = body["compositeResponse"].as_array_mut().into_iter().flatten();
            let saved = |part: &&mut Json| part["httpStatusCode"].as_u64().is_some_and(|status| status < 300);
            for part in parts.filter(saved).take(1) {
                match part["body"].as_array_mut() {
                    Some(rows) => deny(rows, &refusal),
                    None => {
                        part["httpStatusCode"] = json!(refusal.status);
                        part["body"] = json!([refusal.of_request()]);
                    }
                }
            }
            Reply::json(reply.status, body)
        }
        _ => refusal.into(),
    }
}

fn deny(rows: &mut [Json], refusal: &Refusal) {
    if let Some(row) = rows.iter_mut().find(|row| row["success"] == true) {
        *row = json!({ "success": false, "errors": [refusal.of_row()] });
    }
}
