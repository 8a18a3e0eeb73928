//! Source record to draft: every rule of a flow over one record, with all obstacles told.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::equality::{Difference, Expectation, differences, holds};
use crate::flow::{Check, Equal, Flow, Lines};
use crate::rule::{Context, Obstacle, Relations, Rule};
use crate::status::Operation;
use crate::value::{Name, Record, Value};

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// The destination record's fields; sublists as [`Value::List`].
    pub fields: Record,
}

/// What a record in the destination must agree in, worked out when it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// The source record with its relations.
    pub record: &'a Record,
    /// What is written.
    pub draft: &'a Draft,
    /// What a mapping needs beside the record.
    pub context: Context<'a>,
}

impl Terms<'_> {
    /// In what a record of the destination, in the columns of a look-up, differs from the source's.
    ///
    /// # Errors
    /// What keeps the two from being compared.
    pub fn differences(&self, held: &Record) -> Result<Vec<Difference>, Obstacle> {
        let expected = expectations(self.flow, self.record, Some(self.draft), self.context)?;
        let mut all = differences(&expected, held);
        if self.flow.destination.whole {
            all.extend(unlike(self.flow, self.draft, held));
        }
        Ok(all)
    }

    /// Whether one of these differences can be mended by no update.
    pub fn are_fixed(&self, differences: &[Difference]) -> bool {
        let fixed = |difference: &Difference| {
            self.flow.equal.iter().any(|equal| equal.fixed.is_some() && equal.what == difference.what)
        };
        differences.iter().any(fixed)
    }
}

/// In which fields a record, brought whole by a look-up, is not what an update would make of it.
pub fn unlike(flow: &Flow, draft: &Draft, held: &Record) -> Vec<Difference> {
    let is_updated =
        |name: &str| flow.destination.fields.get(name).is_some_and(|rule| rule.applies_to(Operation::Update));
    let differs = |(name, value): (&Name, &Value)| {
        let mut one = Record::with_capacity(1);
        one.push(name.clone(), value.clone());
        (is_updated(name) && !holds(&one, held, &|_| None)).then(|| Difference {
            what: name.to_string(),
            source: value.show(),
            destination: held.get(name).show(),
        })
    };
    draft.fields.iter().filter_map(differs).collect()
}

/// Maps a source record to a draft, after the flow's own validations. All obstacles are told, not only the first.
pub fn draft(flow: &Flow, record: &Record, operation: Operation, context: Context) -> Result<Draft, Vec<Obstacle>> {
    let mut obstacles = validate(&flow.validate, record);
    let mut fields = Record::with_capacity(flow.destination.fields.len() + 2);
    fill(&mut fields, &flow.destination.fields, record, &flow.source.relations, operation, context, &mut obstacles);
    for lines in flow.destination.lines.iter().filter(|lines| lines.applies_to(operation)) {
        entries(&mut fields, lines, flow, record, operation, context, &mut obstacles);
    }
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    if let Some(field) = &flow.destination.fingerprint {
        let print = fingerprint(flow, record, context);
        fields.set(field.as_str(), Value::text(print));
    }
    Ok(Draft { fields })
}

fn validate(checks: &[Check], record: &Record) -> Vec<Obstacle> {
    checks
        .iter()
        .filter_map(|check| match check.holds.holds(record) {
            Ok(true) => None,
            Ok(false) => Some(Obstacle::Invalid(filled_in(&check.text, record))),
            Err(error) => Some(Obstacle::Invalid(error.to_string())),
        })
        .collect()
}

/// Replaces `{path}` in a text by the record's values.
pub fn filled_in(text: &str, record: &Record) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((path, following)) = after.split_once('}') else { return text.to_owned() };
        filled.push_str(&record.at(path).show());
        rest = following;
    }
    filled.push_str(rest);
    filled
}

fn fill(
    into: &mut Record,
    rules: &BTreeMap<Name, Rule>,
    record: &Record,
    relations: &Relations,
    operation: Operation,
    context: Context,
    obstacles: &mut Vec<Obstacle>,
) {
    for (name, rule) in rules.iter().filter(|(_, rule)| rule.applies_to(operation)) {
        match rule.value(name, record, relations, context) {
            Ok(Value::Null) => {}
            Ok(value) => into.set_at(name.clone(), value),
            Err(obstacle) if obstacles.contains(&obstacle) => {}
            Err(obstacle) => obstacles.push(obstacle),
        }
    }
}

fn entries(
    into: &mut Record,
    lines: &Lines,
    flow: &Flow,
    record: &Record,
    operation: Operation,
    context: Context,
    obstacles: &mut Vec<Obstacle>,
) {
    let none = Relations::new();
    let (sources, relations): (&[Record], &Relations) = match &lines.from {
        Some(from) => {
            (record.list(from), flow.source.relations.get(from).map_or(&none, |relation| &relation.relations))
        }
        None => (std::slice::from_ref(record), &flow.source.relations),
    };
    let mut made = into.take_list(&lines.into);
    for source in sources {
        match lines.when.as_ref().map_or(Ok(true), |when| when.holds(source)) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => obstacles.push(Obstacle::Invalid(error.to_string())),
        }
        let mut entry = Record::with_capacity(lines.fields.len());
        fill(&mut entry, &lines.fields, source, relations, operation, context, obstacles);
        made.push(entry);
    }
    if !made.is_empty() {
        into.set(lines.into.as_str(), Value::List(made));
    }
}

/// A short text that changes when anything changes that an update would write.
fn fingerprint(flow: &Flow, record: &Record, context: Context) -> String {
    let mut fields = Record::default();
    let mut obstacles = Vec::new();
    fill(
        &mut fields,
        &flow.destination.fields,
        record,
        &flow.source.relations,
        Operation::Update,
        context,
        &mut obstacles,
    );
    for lines in flow.destination.lines.iter().filter(|lines| lines.applies_to(Operation::Update)) {
        entries(&mut fields, lines, flow, record, Operation::Update, context, &mut obstacles);
    }
    let mut canonical = String::new();
    write_canonical(&fields, &mut canonical);
    let digest = Sha256::digest(canonical.as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("1-{hex}")
}

/// Numbers without trailing zeros, each part with its length, so that no two records read alike.
fn write_canonical(record: &Record, into: &mut String) {
    for (name, value) in record.iter() {
        let text = match value {
            Value::Record(nested) => {
                let mut inner = String::new();
                write_canonical(nested, &mut inner);
                inner
            }
            Value::List(entries) => entries.iter().fold(String::new(), |mut all, entry| {
                let mut inner = String::new();
                write_canonical(entry, &mut inner);
                all.push_str(&format!("{}:{inner}", inner.len()));
                all
            }),
            Value::Reference(id) => format!("2:id{}:{id}", id.len()),
            Value::Number(number) => number.normalize().to_string(),
            Value::Null | Value::Bool(_) | Value::Text(_) => value.show(),
        };
        into.push_str(&format!("{}:{name}{}:{text}", name.len(), text.len()));
    }
}

/// What the destination should hold for a record. An obstacle means that there is nothing to compare with yet.
pub fn expectations<'a>(
    flow: &'a Flow,
    record: &Record,
    draft: Option<&Draft>,
    context: Context,
) -> Result<Vec<Expectation<'a>>, Obstacle> {
    let mut expected = Vec::with_capacity(flow.equal.len() + 1);
    for Equal { what, source, column, manner, .. } in &flow.equal {
        let value = source.value(what, record, &flow.source.relations, context)?;
        expected.push(Expectation { what, column, value, manner: *manner });
    }
    if let (Some(field), Some(draft)) = (&flow.destination.fingerprint, draft) {
        expected.push(Expectation {
            what: "content",
            column: field,
            value: draft.fields.get(field).clone(),
            manner: crate::equality::Manner::Text,
        });
    }
    Ok(expected)
}
