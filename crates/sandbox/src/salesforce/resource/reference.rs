//! References from one part of a composite request to the answer of another: `@{account.id}`,
//! `@{found.records[0].Id}`.

use std::collections::HashMap;

use serde_json::Value as Json;

/// The answers so far, by the names of their parts.
pub(super) type Results = HashMap<String, Json>;

/// A body with the values in the place of its references.
///
/// # Errors
/// A reference that leads nowhere.
pub(super) fn resolve(body: &Json, results: &Results) -> Result<Json, String> {
    Ok(match body {
        Json::String(text) => match text.strip_prefix("@{").and_then(|rest| rest.strip_suffix('}')) {
            // What is nothing but a reference keeps the type of what it leads to.
            Some(path) if !path.contains('}') => look_up(path, results)?.clone(),
            _ => Json::String(resolve_text(text, results)?),
        },
        Json::Array(items) => items.iter().map(|item| resolve(item, results)).collect::<Result<_, _>>()?,
        Json::Object(fields) => Json::Object(
            fields
                .iter()
                .map(|(name, value)| resolve(value, results).map(|value| (name.clone(), value)))
                .collect::<Result<_, _>>()?,
        ),
        other => other.clone(),
    })
}

/// A text with the values in the place of its references.
///
/// # Errors
/// A reference that leads nowhere.
pub(super) fn resolve_text(text: &str, results: &Results) -> Result<String, String> {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((path, after)) = after.split_once('}') else { break };
        resolved.push_str(before);
        match look_up(path, results)? {
            Json::String(text) => resolved.push_str(text),
            other => resolved.push_str(&other.to_string()),
        }
        rest = after;
    }
    resolved.push_str(rest);
    Ok(resolved)
}

fn look_up<'a>(path: &str, results: &'a Results) -> Result<&'a Json, String> {
    let (reference, rest) =
        path.split_once(['.', '[']).map_or((path, ""), |(reference, _)| (reference, &path[reference.len()..]));
    let missing = || format!("{path} found in {reference}");
    let mut found = results.get(reference).ok_or_else(missing)?;
    for step in rest.split(['.', '[']).filter(|step| !step.is_empty()) {
        let next = match step.strip_suffix(']') {
            Some(place) => place.parse::<usize>().ok().and_then(|place| found.get(place)),
            None => found.as_object().and_then(|fields| {
                fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(step)).map(|(_, value)| value)
            }),
        };
        found = next.ok_or_else(missing)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reference_leads_into_an_answer_by_names_and_places() {
        let results = Results::from([("a".to_owned(), json!({ "id": "001", "records": [{ "Id": "003", "N": 1 }] }))]);
        let body = json!({ "x": "@{a.id}", "y": ["z-@{a.records[0].Id}-@{a.id}"], "n": "@{a.records[0].N}" });
        let wanted = json!({ "x": "001", "y": ["z-003-001"], "n": 1 });
        assert_eq!(resolve(&body, &results).unwrap(), wanted);
        assert!(resolve(&json!("@{b.id}"), &results).is_err());
        assert!(resolve_text("/x/@{a.none}", &results).is_err());
    }
}
