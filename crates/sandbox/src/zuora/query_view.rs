//! What an answer of Object Query shows of a record: chosen fields, and records that hang on to it.

use super::call::Call;
use super::object_query::Refusal;
use super::schema::{Entity, Field, FieldNo, ID, Relation, Side};
use super::store::Store;
use super::value::{self, Style};

/// What is shown of the records of a type.
#[derive(Debug)]
pub(crate) struct View {
    entity: Entity,
    /// The chosen fields; `None`: all.
    fields: Option<Vec<FieldNo>>,
    nulls: bool,
    expanded: Vec<(&'static Relation, View)>,
    /// The most records of one expansion.
    most: usize,
}

impl View {
    /// Reads `expand[]`, `fields[]` and `includeNullFields`.
    pub(crate) fn read(entity: Entity, call: &Call, most: usize) -> Result<Self, Refusal> {
        let expands = call.query.iter().filter(|(name, _)| name.eq_ignore_ascii_case("expand[]"));
        let paths: Vec<String> = expands
            .flat_map(|(_, text)| text.split(','))
            .map(|path| path.trim().to_lowercase())
            .filter(|path| !path.is_empty())
            .collect();
        for path in &paths {
            if !entity.object().expands.contains(&path.as_str()) {
                return Err(Refusal::Wrong(format!("Invalid expand '{path}'")));
            }
        }
        let paths: Vec<Vec<&str>> = paths.iter().map(|path| path.split('.').collect()).collect();
        Self::build(entity, entity.object().query_name, call, &paths, most)
    }

    fn build(entity: Entity, name: &str, call: &Call, paths: &[Vec<&str>], most: usize) -> Result<Self, Refusal> {
        let nulls = call.parameter("includeNullFields").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let mut expanded: Vec<(&'static Relation, Self)> = Vec::new();
        for path in paths {
            let Some(first) = path.first() else { continue };
            if expanded.iter().any(|(relation, _)| relation.name.eq_ignore_ascii_case(first)) {
                continue;
            }
            let relation = entity.object().relations.iter().find(|relation| relation.name.eq_ignore_ascii_case(first));
            let relation = relation.ok_or_else(|| Refusal::NotEmulated(format!("expand[]={}", path.join("."))))?;
            let deeper: Vec<Vec<&str>> =
                paths.iter().filter(|other| other.first() == Some(first)).map(|other| other[1..].to_vec()).collect();
            expanded.push((relation, Self::build(relation.to, relation.name, call, &deeper, most)?));
        }
        // The base object's fields may stand without its name.
        let bare = name == entity.object().query_name;
        let own = |key: &str| {
            key.eq_ignore_ascii_case(&format!("{name}.fields[]")) || (bare && key.eq_ignore_ascii_case("fields[]"))
        };
        let chosen: Vec<&str> = call
            .query
            .iter()
            .filter(|(key, _)| own(key))
            .flat_map(|(_, text)| text.split(','))
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        let fields = chosen.iter().map(|name| find(entity, name)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { entity, fields: (!fields.is_empty()).then_some(fields), nulls, expanded, most })
    }

    /// Appends a record.
    pub(crate) fn write(&self, out: &mut String, store: &Store, row: u32) {
        let start = out.len();
        for (number, field) in self.entity.fields() {
            if field.query_name == Some("") || self.fields.as_ref().is_some_and(|chosen| !chosen.contains(&number)) {
                continue;
            }
            let cell = store.cell(self.entity, row, number);
            if cell.is_none() && !self.nulls {
                continue;
            }
            key(out, start, &camel(field));
            match cell {
                Some(cell) => value::write_json(out, &cell, field, &store.ids, Style::Query),
                None => out.push_str("null"),
            }
        }
        for (relation, view) in &self.expanded {
            view.write_relation(out, start, store, self.entity, row, relation);
        }
        if out.len() == start {
            out.push('{');
        }
        out.push('}');
    }

    fn write_relation(
        &self,
        out: &mut String,
        start: usize,
        store: &Store,
        from: Entity,
        row: u32,
        relation: &Relation,
    ) {
        match relation.by {
            Side::Here(field) => {
                let found = from.field(field).and_then(|field| store.follow(from, row, field));
                if let Some((_, other)) = found {
                    key(out, start, relation.name);
                    self.write(out, store, other);
                }
            }
            Side::There(field) => {
                let rows = match (relation.to.field(field), store.cell(from, row, ID)) {
                    (Some(field), Some(id)) => store.equal(relation.to, field, &id),
                    _ => Vec::new(),
                };
                key(out, start, relation.name);
                out.push('[');
                for (position, other) in rows.into_iter().take(self.most).enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    self.write(out, store, other);
                }
                out.push(']');
            }
        }
    }
}

/// Begins a member of the object that starts at a position.
fn key(out: &mut String, start: usize, name: &str) {
    out.push(if out.len() == start { '{' } else { ',' });
    value::write_string(out, name);
    out.push(':');
}

fn find(entity: Entity, name: &str) -> Result<FieldNo, Refusal> {
    entity
        .fields()
        .find(|(_, field)| camel(field).eq_ignore_ascii_case(name))
        .map(|(number, _)| number)
        .ok_or_else(|| Refusal::Wrong(format!("Invalid field '{name}' of {}", entity.object().query_name)))
}

/// The name of a field in Object Query: its first letter is small.
fn camel(field: &Field) -> String {
    match field.query_name {
        Some(name) => name.to_owned(),
        None => {
            let mut letters = field.name.chars();
            letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
        }
    }
}
