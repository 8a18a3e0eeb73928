//! A custom field as its metadata defines it.

use serde_json::{Map, Value as Json};

use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::schema::{Field, Kind};
use crate::salesforce::value::Value;

const LONGEST_NAME: usize = 40;
/// What the emulator reads of the metadata; what else it holds is refused.
const KNOWN: [&str; 18] = [
    "type",
    "label",
    "description",
    "inlineHelpText",
    "length",
    "precision",
    "scale",
    "visibleLines",
    "required",
    "unique",
    "caseSensitive",
    "externalId",
    "defaultValue",
    "valueSet",
    "trackHistory",
    "trackTrending",
    "trackFeedHistory",
    "fullName",
];

/// The field of a name that metadata define.
pub(super) fn field(name: &str, metadata: &Map<String, Json>) -> Verdict<Field> {
    named(name)?;
    if let Some(unknown) = metadata.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(Refusal::not_emulated(format!("`{unknown}` in the metadata of a custom field")));
    }
    let text = |key: &str| metadata.get(key).and_then(Json::as_str).unwrap_or_default();
    let flag = |key: &str| metadata.get(key).is_some_and(|value| *value == Json::Bool(true));
    if text("label").is_empty() {
        return Err(integrity("Must specify a non-empty label for the CustomField", "label"));
    }
    let kind = text("type");
    let mut field = Field::new(name.to_owned(), kind_of(kind)?);
    field.label = text("label").to_owned();
    let takes_length = matches!(kind, "Text" | "LongTextArea");
    field.length = number(metadata, kind, "length", takes_length, if kind == "Text" { 255 } else { 131_072 })?;
    let is_number = matches!(kind, "Number" | "Currency" | "Percent");
    let precision = number(metadata, kind, "precision", is_number, 18)?;
    let scale = number(metadata, kind, "scale", is_number, 17)?;
    (field.precision, field.scale) = (u32::try_from(precision).unwrap_or(18), u32::try_from(scale).unwrap_or(0));
    number(metadata, kind, "visibleLines", kind == "LongTextArea", 50)?;
    match kind {
        "TextArea" => field.length = 255,
        "Picklist" => (field.length, field.values) = (255, values(metadata)?),
        _ => {}
    }
    (field.unique, field.external_id) = (flag("unique"), flag("externalId"));
    if (field.unique || field.external_id) && !matches!(kind, "Text" | "Number") {
        return Err(integrity(
            &format!("Can not specify 'unique' or 'externalId' for a CustomField of type {kind}"),
            "type",
        ));
    }
    field.case_sensitive = flag("caseSensitive");
    field.id_lookup = field.external_id;
    field.indexed = field.unique || field.external_id;
    field.required = flag("required") || kind == "Checkbox";
    if kind == "Checkbox" {
        let default = metadata.get("defaultValue").map(|value| *value == Json::Bool(true) || *value == "true");
        let default = default.ok_or_else(|| {
            integrity("Must specify 'defaultValue' for a CustomField of type Checkbox", "defaultValue")
        })?;
        field.default = Value::Flag(default);
    }
    Ok(field)
}

fn named(name: &str) -> Verdict<()> {
    let stem = name.strip_suffix("__c").unwrap_or_default();
    let plain = stem.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
    let fits = stem.len() <= LONGEST_NAME && stem.starts_with(|first: char| first.is_ascii_alphabetic());
    if plain && fits && !stem.contains("__") && !stem.ends_with('_') {
        return Ok(());
    }
    let message = "The Custom Field Name can only contain underscores and alphanumeric characters. It must be unique, begin \
                   with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.";
    Err(integrity(message, "FullName"))
}

fn kind_of(name: &str) -> Verdict<Kind> {
    Ok(match name {
        "Text" => Kind::String,
        "TextArea" | "LongTextArea" => Kind::TextArea,
        "DateTime" => Kind::DateTime,
        "Date" => Kind::Date,
        "Number" => Kind::Double,
        "Currency" => Kind::Currency,
        "Percent" => Kind::Percent,
        "Checkbox" => Kind::Boolean,
        "Picklist" => Kind::Picklist,
        "" => return Err(integrity("Must specify a type for the CustomField", "type")),
        other => return Err(Refusal::not_emulated(format!("a custom field of type {other}"))),
    })
}

/// A number that a type must have, or must not have.
fn number(metadata: &Map<String, Json>, kind: &str, key: &str, wanted: bool, most: u64) -> Verdict<usize> {
    let given = metadata.get(key).filter(|value| !value.is_null());
    match (given, wanted) {
        (None, false) => Ok(0),
        (None, true) => Err(integrity(&format!("Must specify '{key}' for a CustomField of type {kind}"), key)),
        (Some(_), false) => Err(integrity(&format!("Can not specify '{key}' for a CustomField of type {kind}"), key)),
        (Some(value), true) => value
            .as_u64()
            .filter(|number| *number <= most && (*number > 0 || key == "scale"))
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| {
                integrity(&format!("Invalid value for '{key}' of a CustomField of type {kind}: {value}"), key)
            }),
    }
}

fn values(metadata: &Map<String, Json>) -> Verdict<Vec<String>> {
    let values = metadata.get("valueSet").and_then(|set| set["valueSetDefinition"]["value"].as_array());
    let values =
        values.ok_or_else(|| integrity("Must specify 'valueSet' for a CustomField of type Picklist", "valueSet"))?;
    Ok(values
        .iter()
        .filter_map(|value| value["fullName"].as_str().or(value["valueName"].as_str()))
        .map(str::to_owned)
        .collect())
}

fn integrity(message: &str, field: &str) -> Refusal {
    Refusal::row("FIELD_INTEGRITY_EXCEPTION", message, &[field])
}
