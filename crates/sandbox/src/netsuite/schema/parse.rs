//! Reads the tables of record types.

use std::collections::HashMap;

use super::{Field, FixedList, Kind, RecordType, Schema, Shape};

/// Free-form text fields of the account take so many characters.
const CUSTOM_TEXT: usize = 300;

/// Reads all tables. A line that is not understood is kept as a problem, for a test to find.
pub(super) fn read() -> Schema {
    let mut schema = Schema { known: names(include_str!("vendor_types.txt")), ..Schema::default() };
    let custom = custom_fields();
    for section in sections(include_str!("records.txt")) {
        add(&mut schema, &section, &custom);
    }
    schema
}

/// A headline in brackets and the lines beneath it.
struct Section {
    head: Vec<&'static str>,
    lines: Vec<&'static str>,
}

fn sections(text: &'static str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(head) => sections.push(Section { head: head.split_ascii_whitespace().collect(), lines: Vec::new() }),
            None => {
                if let Some(section) = sections.last_mut() {
                    section.lines.push(line);
                }
            }
        }
    }
    sections
}

fn names(text: &'static str) -> Vec<&'static str> {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace).collect()
}

fn custom_fields() -> HashMap<&'static str, Vec<&'static str>> {
    let sections = sections(include_str!("custom.txt"));
    sections
        .into_iter()
        .filter_map(|section| {
            let head = *section.head.first()?;
            Some((head, section.lines.iter().flat_map(|line| line.split_ascii_whitespace()).collect()))
        })
        .collect()
}

fn add(schema: &mut Schema, section: &Section, custom: &HashMap<&'static str, Vec<&'static str>>) {
    let Some((&name, rest)) = section.head.split_first() else { return };
    if rest.first() == Some(&"list") {
        schema
            .lists
            .push(FixedList { name, values: rest[1..].iter().filter_map(|value| fixed_value(value)).collect() });
        return;
    }
    let mut shape = Shape::default();
    for line in &section.lines {
        if let Err(problem) = read_line(schema, &mut shape, line) {
            schema.problems.push(format!("[{name}] {problem}"));
        }
    }
    let table = rest.first().copied();
    let kind_of_custom = match table {
        Some("item") => "item",
        Some("transaction") => "transaction",
        _ => name,
    };
    for field in custom.get(kind_of_custom).into_iter().flatten() {
        shape.add(Field { name: field, kind: Kind::Text, length: Some(CUSTOM_TEXT), computed: false, custom: true });
    }
    match table {
        Some(table) => {
            let part = |position: usize| rest.get(position).copied().unwrap_or_default();
            schema.types.push(RecordType { name, table, code: part(1), subtype: part(2), shape });
        }
        None => {
            schema.shapes.insert(name, shape);
        }
    }
}

fn fixed_value(text: &str) -> Option<(i64, String)> {
    let (id, name) = text.split_once('=')?;
    Some((id.parse().ok()?, name.replace('_', " ")))
}

fn read_line(schema: &Schema, shape: &mut Shape, line: &'static str) -> Result<(), String> {
    let mut words = line.split_ascii_whitespace();
    let word = words.next().unwrap_or_default();
    if word == "use" {
        let source = words.next().and_then(|name| schema.shapes.get(name)).ok_or_else(|| line.to_owned())?;
        source.fields.iter().cloned().for_each(|field| shape.add(field));
        return Ok(());
    }
    let (kind, computed) = kind_of(word).ok_or_else(|| line.to_owned())?;
    for field in words {
        let (name, length) = match field.split_once(':') {
            Some((name, length)) => (name, Some(length.parse().map_err(|_| line.to_owned())?)),
            None => (field, None),
        };
        shape.add(Field { name, kind: kind.clone(), length, computed, custom: false });
    }
    Ok(())
}

fn kind_of(word: &'static str) -> Option<(Kind, bool)> {
    let (name, argument) = word.split_once(':').unwrap_or((word, ""));
    let (name, computed) = match name.strip_suffix('!') {
        Some(name) => (name, true),
        None => (name, argument.ends_with('!') && !argument.is_empty()),
    };
    let argument = argument.strip_suffix('!').unwrap_or(argument);
    let kind = match name {
        "text" => Kind::Text,
        "number" => Kind::Number,
        "integer" => Kind::Integer,
        "flag" => Kind::Flag,
        "date" => Kind::Date,
        "moment" => Kind::Moment,
        "country" => Kind::Country,
        "enum" => Kind::Choice(argument.split(',').collect()),
        "ref" => Kind::Ref(argument),
        "many" => Kind::Many(argument),
        "lines" => Kind::Lines(argument),
        "part" => Kind::Part(argument),
        "unheld" => Kind::Unheld,
        _ => return None,
    };
    Some((kind, computed))
}
