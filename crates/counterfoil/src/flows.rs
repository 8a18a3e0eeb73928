//! The flows: shipped ones, the user's own, and what the configuration says of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use connectors::nue::MarkFields;
use jiff::civil::Date;
use model::flow::Flow;
use model::nearest::did_you_mean;

use crate::config::{Config, text_of};
use crate::exit::Failure;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// Reads all flows. `today` fills the flow files' own dates.
pub(crate) fn read(config: &Config, today: Date) -> Result<Vec<Flow>, Failure> {
    let mut flows: Vec<Flow> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    for (file, text) in SHIPPED {
        let flow = one(config, today, text, file)?;
        // A pair of systems that this company does not have; one of two is a mistake, and the run says so.
        if config.has(&flow.source.application) || config.has(&flow.destination.application) {
            flows.push(flow);
        }
        texts.push((*text).to_owned());
    }
    if let Some(folder) = &config.flows.folder {
        let folder = config.path(folder);
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| config.wrong(&["flows", "folder"], format!("{}: {error}", folder.display())))?;
        let mut files: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        files.sort();
        for path in files {
            let text = text_of(&path).map_err(|error| Failure::wrong(format!("{}: {error}", path.display())))?;
            let flow = one(config, today, &text, &path.display().to_string())?;
            flows.retain(|shipped| shipped.name != flow.name);
            flows.push(flow);
            texts.push(text);
        }
    }
    all_used(config, &texts.concat())?;
    parents_exist(&flows)?;
    Ok(flows)
}

/// A setting or a name that no flow file holds is a slip of the finger: it would be left out in silence.
fn all_used(config: &Config, texts: &str) -> Result<(), Failure> {
    let placeholders = texts.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name);
    let placeholders: BTreeSet<&str> = placeholders.collect();
    // The object of Nue's marks has a name too, though no flow file holds it.
    let marks = MarkFields::default().object;
    let words = texts.split(|letter| !is_of_a_word(letter)).chain([marks.as_str()]);
    let words: BTreeSet<&str> = words.collect();
    let settings = config.flows.settings.keys().map(|name| (vec!["flows", "settings", name], &placeholders));
    let names = config.names.keys().map(|name| (vec!["names", name], &words));
    for (path, known) in settings.chain(names) {
        let name = path.last().copied().unwrap_or_default();
        if !known.contains(name) {
            let near = did_you_mean(name, known.iter().copied());
            return Err(config.wrong(&path, format!("no flow file holds `{name}`{near}")));
        }
    }
    Ok(())
}

fn parents_exist(flows: &[Flow]) -> Result<(), Failure> {
    for flow in flows {
        if let Some(name) = flow.after.iter().find(|name| !flows.iter().any(|flow| flow.name == **name)) {
            return Err(Failure::wrong(format!("{}: after: {}", flow.origin.of(name), no_flow(flows, name))));
        }
    }
    Ok(())
}

/// There is no flow of that name; what there is.
fn no_flow(flows: &[Flow], name: &str) -> String {
    let all: Vec<&str> = flows.iter().map(|flow| flow.name.as_str()).collect();
    let short = all.iter().filter_map(|name| name.split(" -> ").next());
    let near = did_you_mean(name, all.iter().copied().chain(short));
    format!("there is no flow `{name}`{near}\n  there are: {}", all.join("\n             "))
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn one(config: &Config, today: Date, text: &str, file: &str) -> Result<Flow, Failure> {
    let filled = fill(&rename(text, &config.names), &settings(config, today), file)?;
    Flow::read(&filled, file).map_err(Failure::wrong)
}

fn settings(config: &Config, today: Date) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::from([("default_subsidiary".to_owned(), String::new())]);
    settings.insert("today".into(), today.to_string());
    settings.insert("tomorrow".into(), today.tomorrow().unwrap_or(today).to_string());
    settings.extend(config.flows.settings.clone());
    settings
}

/// Replaces whole words, so that `IntegrationId__NS` can be another field in this tenant.
fn rename(text: &str, names: &BTreeMap<String, String>) -> String {
    if names.is_empty() {
        return text.to_owned();
    }
    let mut renamed = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_of_a_word(letter)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        renamed.push_str(names.get(name).map_or(name, String::as_str));
        let other = after.find(is_of_a_word).unwrap_or(after.len());
        renamed.push_str(&after[..other]);
        rest = &after[other..];
    }
    renamed
}

fn fill(text: &str, settings: &BTreeMap<String, String>, file: &str) -> Result<String, Failure> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let (name, following) = after.split_once("}}").unwrap_or((after, ""));
        let value = settings.get(name).ok_or_else(|| {
            let line = filled.matches('\n').count() + 1;
            let near = did_you_mean(name, settings.keys().map(String::as_str));
            Failure::wrong(format!("{file}: line {line}: no setting `{name}`; add it under [flows.settings]{near}"))
        })?;
        filled.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
        rest = following;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The flows that the user named; all, if none was named.
pub(crate) fn chosen(flows: &[Flow], names: &[String]) -> Result<Vec<Flow>, Failure> {
    if names.is_empty() {
        return Ok(flows.to_vec());
    }
    for name in names {
        if !flows.iter().any(|flow| is_named(flow, name)) {
            return Err(Failure::wrong(no_flow(flows, name)));
        }
    }
    Ok(flows.iter().filter(|flow| names.iter().any(|name| is_named(flow, name))).cloned().collect())
}

fn is_named(flow: &Flow, name: &str) -> bool {
    flow.name == name || flow.name.split(" -> ").next() == Some(name)
}

/// Cut-over dates by flow. A date for a flow that does not exist is an error.
pub(crate) fn cutovers(config: &Config, flows: &[Flow]) -> Result<HashMap<String, String>, Failure> {
    let mut cutovers = HashMap::new();
    for (name, day) in &config.flows.cutover {
        if !flows.iter().any(|flow| flow.name == *name) {
            return Err(config.wrong(&["flows", "cutover", name], no_flow(flows, name)));
        }
        let text = day.as_str().map_or_else(|| day.to_string(), str::to_owned);
        let day: Date = text
            .parse()
            .map_err(|_| config.wrong(&["flows", "cutover", name], format!("'{text}' is no date (2026-01-31)")))?;
        cutovers.insert(name.clone(), day.to_string());
    }
    Ok(cutovers)
}

/// The flows whose source records are of this type: `zuora.invoice`.
pub(crate) fn of_object<'a>(flows: &'a [Flow], object: &str) -> Result<Vec<&'a Flow>, Failure> {
    let found: Vec<&Flow> = flows.iter().filter(|flow| object_name(flow).eq_ignore_ascii_case(object)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let mut known: Vec<String> = flows.iter().map(object_name).collect();
    known.dedup();
    let near = did_you_mean(object, known.iter().map(String::as_str));
    Err(Failure::wrong(format!("no flow reads `{object}`{near}\n  there are: {}", known.join(", "))))
}

/// `zuora.product-rate-plan` for Zuora's `ProductRatePlan`.
fn object_name(flow: &Flow) -> String {
    let mut name = format!("{}.", flow.source.application);
    for (position, letter) in flow.source.object.chars().enumerate() {
        if letter.is_uppercase() && position > 0 {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_called_otherwise_here_is_renamed_as_a_whole_word() {
        let names = BTreeMap::from([("IntegrationId__NS".to_owned(), "ErpId__c".to_owned())]);
        assert_eq!(
            rename("id = \"IntegrationId__NS\" # XIntegrationId__NS", &names),
            "id = \"ErpId__c\" # XIntegrationId__NS"
        );
    }

    #[test]
    fn a_setting_that_is_missing_is_named_with_its_file_and_line() {
        let error = fill("a = 1\nb = \"{{nobody}}\"", &BTreeMap::new(), "x.toml").unwrap_err().to_string();
        assert!(error.contains("x.toml: line 2") && error.contains("nobody"), "{error}");
    }
}
