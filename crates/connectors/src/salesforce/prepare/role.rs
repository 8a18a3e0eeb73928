//! What a field of ours must be, by what it is for.

use serde_json::{Value as Json, json};

use super::label;
use crate::salesforce::describe::Field;

/// Characters of the texts that we make.
const LENGTH: usize = 80;
/// The longest status is `Error Creating Payment Application`; the longest id of Nue is a UUID.
const LEAST: usize = 36;
/// Salesforce's own ids, which a mark holds.
const ID: usize = 18;

/// What a field of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The Integration Status.
    Status,
    /// The id of what the record became.
    Id,
    /// The sync date.
    Date,
    /// The Transferred to Accounting flag.
    Flag,
    /// The key: the id of the source's record.
    Key,
    /// The fingerprint of what was written.
    Fingerprint,
}

impl Role {
    /// For a person: `Text(80), External ID, Unique`.
    pub fn told(self) -> String {
        match self {
            Self::Date => "Date/Time".to_owned(),
            Self::Key => format!("Text({LENGTH}), External ID, Unique"),
            Self::Status | Self::Id | Self::Flag | Self::Fingerprint => format!("Text({LENGTH})"),
        }
    }

    /// As Salesforce's metadata define a field.
    pub(super) fn metadata(self, name: &str) -> Json {
        let mut metadata = match self {
            Self::Date => json!({ "type": "DateTime" }),
            Self::Key => {
                json!({ "type": "Text", "length": LENGTH, "externalId": true, "unique": true, "caseSensitive": false })
            }
            Self::Status | Self::Id | Self::Flag | Self::Fingerprint => json!({ "type": "Text", "length": LENGTH }),
        };
        metadata["label"] = json!(label(name));
        metadata["description"] = json!("Kept by Counterfoil. Do not edit by hand.");
        metadata
    }

    /// Why a field that is there cannot serve, if it cannot.
    pub(super) fn misfit(self, field: &Field) -> Option<String> {
        let least = match self {
            Self::Date => 0,
            Self::Id => ID,
            Self::Flag => 10,
            Self::Status | Self::Key | Self::Fingerprint => LEAST,
        };
        let kinds: &[&str] = match self {
            Self::Date => &["datetime"],
            Self::Status | Self::Flag => &["string", "picklist"],
            Self::Fingerprint => &["string", "textarea"],
            Self::Id | Self::Key => &["string"],
        };
        if !kinds.contains(&field.kind.as_str()) {
            return Some(format!("is of type {}", field.kind));
        }
        if field.length < least {
            return Some(format!("takes {} characters", field.length));
        }
        (self == Self::Key && !(field.external_id && field.unique))
            .then(|| "is not an External ID that is Unique".to_owned())
    }
}
