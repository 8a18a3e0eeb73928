//! A rule: how one field of the destination is filled.

mod gives;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

pub use gives::{Gives, Sort};

use crate::expression::Expression;
use crate::flow::Relation;
use crate::status::Operation;
use crate::value::{Record, SmolStr, Value};

/// How one field of the destination is filled. Exactly one of `field`, `constant`, `expression`, `parent` and `count`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawRule")]
pub struct Rule {
    origin: Origin,
    list: Option<String>,
    values: Option<Table>,
    table: Option<String>,
    default: Option<toml::Value>,
    max: Option<usize>,
    required: bool,
    optional: bool,
    negate: bool,
    text: bool,
    reference: bool,
    create_only: bool,
    waits_for: Option<String>,
}

/// A translation of values.
pub type Table = BTreeMap<String, toml::Value>;

#[derive(Debug, Clone)]
enum Origin {
    Field(String),
    Constant(Value),
    Expression(Expression),
    Parent(String),
    Count(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    /// The source's field, or a dotted path to one.
    field: Option<String>,
    /// This value, always.
    constant: Option<toml::Value>,
    /// The value of an expression.
    expression: Option<Expression>,
    /// A reference to the record that this relation's record was synced to.
    parent: Option<String>,
    /// How many entries these to-many relations have together.
    count: Option<Vec<String>>,
    /// The value is a name in this list of the destination, and becomes a reference to its entry.
    list: Option<String>,
    /// The value is translated; a value that is not listed is a validation error, unless there is a default.
    values: Option<Table>,
    /// The same, by the name of one of the flow's tables.
    table: Option<String>,
    /// What is written when the source has nothing.
    default: Option<toml::Value>,
    /// How many characters the destination takes. Longer is a validation error: nothing is cut silently.
    max: Option<usize>,
    /// An empty value is a validation error.
    #[serde(default)]
    required: bool,
    /// There may be no parent.
    #[serde(default)]
    optional: bool,
    /// The number's sign is turned: a negative invoice becomes a credit memo.
    #[serde(default)]
    negate: bool,
    /// A number or truth value is written as text.
    #[serde(default)]
    text: bool,
    /// The value is the id of a record of the destination, and becomes a reference to it.
    #[serde(default)]
    reference: bool,
    /// Written on create only; a person may change it afterwards.
    #[serde(default)]
    create_only: bool,
    /// The destination knows the value only when this relation's record is in sync with it.
    waits_for: Option<String>,
}

impl TryFrom<RawRule> for Rule {
    type Error = String;

    fn try_from(raw: RawRule) -> Result<Self, String> {
        let mut origins: Vec<Origin> = Vec::new();
        origins.extend(raw.field.map(Origin::Field));
        origins.extend(raw.constant.map(|value| constant(&value)).transpose()?.map(Origin::Constant));
        origins.extend(raw.expression.map(Origin::Expression));
        origins.extend(raw.parent.map(Origin::Parent));
        origins.extend(raw.count.map(Origin::Count));
        let origin = match (origins.pop(), origins.pop()) {
            (Some(origin), None) => origin,
            _ => return Err("a rule needs exactly one of field, constant, expression, parent, count".into()),
        };
        Ok(Self {
            origin,
            list: raw.list,
            values: raw.values,
            table: raw.table,
            default: raw.default,
            max: raw.max,
            required: raw.required,
            optional: raw.optional,
            negate: raw.negate,
            text: raw.text,
            reference: raw.reference,
            create_only: raw.create_only,
            waits_for: raw.waits_for,
        })
    }
}

/// A value in a flow file. Floats are refused: a decimal is written as text.
pub(crate) fn constant(value: &toml::Value) -> Result<Value, String> {
    match value {
        toml::Value::String(text) => Ok(Value::text(text.as_str())),
        toml::Value::Integer(number) => Ok(Value::Number((*number).into())),
        toml::Value::Boolean(truth) => Ok(Value::Bool(*truth)),
        toml::Value::Float(_) => Err("a decimal is written in quotes, so that no float touches it".into()),
        toml::Value::Datetime(day) => Ok(Value::text(day.to_string())),
        toml::Value::Table(table) => {
            let mut record = Record::default();
            for (name, value) in table {
                record.set(name.as_str(), constant(value)?);
            }
            Ok(Value::record(record))
        }
        toml::Value::Array(_) => Err("a list cannot be a constant".into()),
    }
}

/// Lists of the destination that rules refer to: list, then name, then id.
pub type Lists = HashMap<String, HashMap<SmolStr, SmolStr>>;

/// What a mapping needs beside the record.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The destination's lists.
    pub lists: &'a Lists,
    /// In a dry run: the source ids that earlier flows would have created.
    pub forecast: &'a HashSet<SmolStr>,
    /// The destination's name, for texts.
    pub destination: &'a str,
}

/// Why a record cannot be sent as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A value is missing, unknown or too long. The text says which.
    Invalid(String),
    /// A parent is not in sync yet. The text says which.
    Waiting(String),
}

/// A dry run's stand-in for an id that a parent would get.
pub const FORECAST_ID: &str = "(to be created)";

/// Relations by name.
pub type Relations = BTreeMap<String, Relation>;

impl Rule {
    /// A rule that copies a field.
    pub fn field(path: &str) -> Self {
        Self {
            origin: Origin::Field(path.to_owned()),
            list: None,
            values: None,
            table: None,
            default: None,
            max: None,
            required: false,
            optional: false,
            negate: false,
            text: false,
            reference: false,
            create_only: false,
            waits_for: None,
        }
    }

    /// Puts the named table in its place; gives its name if there is none.
    pub(crate) fn resolve(&mut self, tables: &BTreeMap<String, Table>) -> Result<(), String> {
        if let Some(name) = &self.table {
            self.values = Some(tables.get(name).ok_or_else(|| name.clone())?.clone());
        }
        Ok(())
    }

    /// The relations that the rule names.
    pub(crate) fn relations(&self) -> Vec<&str> {
        let own = match &self.origin {
            Origin::Parent(name) => vec![name.as_str()],
            Origin::Count(names) => names.iter().map(String::as_str).collect(),
            Origin::Field(_) | Origin::Constant(_) | Origin::Expression(_) => Vec::new(),
        };
        own.into_iter().chain(self.waits_for.as_deref()).collect()
    }

    /// Whether the rule is followed: some fields are written on create only.
    pub fn applies_to(&self, operation: Operation) -> bool {
        operation == Operation::Create || !self.create_only
    }

    /// The list of the destination that the rule refers to.
    pub fn list(&self) -> Option<&str> {
        self.list.as_deref()
    }

    /// The dotted paths that the rule reads.
    pub fn paths(&self) -> Vec<String> {
        match &self.origin {
            Origin::Field(path) => vec![path.clone()],
            Origin::Expression(expression) => expression.paths().iter().cloned().collect(),
            Origin::Constant(_) | Origin::Parent(_) | Origin::Count(_) => Vec::new(),
        }
    }

    /// The source's value before the destination's list is asked: the currency's code, not its id.
    pub fn plain(&self, record: &Record) -> Value {
        match &self.origin {
            Origin::Field(path) => record.at(path).clone(),
            Origin::Constant(value) => value.clone(),
            Origin::Expression(expression) => expression.evaluate(record).unwrap_or_default(),
            Origin::Parent(_) | Origin::Count(_) => Value::Null,
        }
    }

    /// The text that the rule's translation gives for a record.
    pub fn chosen(&self, record: &Record) -> Option<String> {
        let found = self.plain(record);
        let found = if found.is_null() { self.default_value() } else { self.translated("record type", found).ok()? };
        found.as_text().map(str::to_owned)
    }

    /// The value for a record. `what` is the destination's field, for texts.
    pub fn value(
        &self,
        what: &str,
        record: &Record,
        relations: &Relations,
        context: Context,
    ) -> Result<Value, Obstacle> {
        let invalid = |text: String| Obstacle::Invalid(text);
        if let Some(relation) = &self.waits_for {
            self.parent(relation, record, relations, context)?;
        }
        let found = match &self.origin {
            Origin::Parent(relation) => return self.parent(relation, record, relations, context),
            Origin::Field(path) => record.at(path).clone(),
            Origin::Constant(value) => value.clone(),
            Origin::Expression(expression) => {
                expression.evaluate(record).map_err(|error| invalid(error.to_string()))?
            }
            Origin::Count(names) => {
                Value::Number(names.iter().map(|name| record.list(name).len()).sum::<usize>().into())
            }
        };
        let found = if found.is_null() { self.default_value() } else { self.translated(what, found)? };
        if found.is_null() {
            let missing = || invalid(format!("{what} is required, and {} is empty", self.source_name()));
            return if self.required { Err(missing()) } else { Ok(Value::Null) };
        }
        self.finished(what, found, context)
    }

    fn default_value(&self) -> Value {
        self.default.as_ref().and_then(|value| constant(value).ok()).unwrap_or_default()
    }

    fn translated(&self, what: &str, found: Value) -> Result<Value, Obstacle> {
        let Some(values) = &self.values else { return Ok(found) };
        match (values.get(&found.show()), &self.default) {
            (Some(value), _) | (None, Some(value)) => constant(value).map_err(Obstacle::Invalid),
            (None, None) => Err(Obstacle::Invalid(format!(
                "{what}: the value '{found}' of {} has no translation",
                self.source_name()
            ))),
        }
    }

    fn finished(&self, what: &str, found: Value, context: Context) -> Result<Value, Obstacle> {
        let invalid = |text: String| Err(Obstacle::Invalid(text));
        if let Some(list) = &self.list {
            let name = found.show();
            return match context.lists.get(list).and_then(|entries| entries.get(name.as_str())) {
                Some(id) => Ok(Value::Reference(id.clone())),
                None => invalid(format!("the {list} '{name}' does not exist in {}", context.destination)),
            };
        }
        let found = if self.negate {
            let Some(number) = found.as_number() else { return invalid(format!("{what}: '{found}' is no number")) };
            Value::Number(-number)
        } else {
            found
        };
        let found = if self.text { Value::text(found.show()) } else { found };
        if self.reference {
            return Ok(Value::reference(found.show()));
        }
        let length = || found.as_text().map_or(0, |text| text.chars().count());
        match self.max.map(|max| (max, length())) {
            Some((max, length)) if length > max => invalid(format!(
                "{} has {length} characters; {} takes {max} in {what}",
                self.source_name(),
                context.destination
            )),
            _ => Ok(found),
        }
    }

    /// A reference to the record that the relation's record was synced to. `path` can lead through other relations: an
    /// invoice item's rate plan charge leads to the charge of the catalogue.
    fn parent(&self, path: &str, record: &Record, relations: &Relations, context: Context) -> Result<Value, Obstacle> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let Some(relation) = relations.get(name) else {
            return Err(Obstacle::Invalid(format!("the flow names no relation `{path}`")));
        };
        let key = relation.key.as_deref().unwrap_or_default();
        let Value::Record(parent) = record.get(name) else {
            let none = self.optional && record.get(key).is_null();
            let absent = match record.get(key) {
                Value::Null => format!("{key} is empty, so there is no {}", relation.object),
                id => format!("{} '{id}' of {key} was not found", relation.object),
            };
            return if none { Ok(Value::Null) } else { Err(Obstacle::Invalid(absent)) };
        };
        match rest {
            Some(rest) => self.parent(rest, parent, &relation.relations, context),
            None => reference_to(relation, parent, context),
        }
    }

    fn source_name(&self) -> String {
        match &self.origin {
            Origin::Field(path) => path.clone(),
            Origin::Constant(value) => format!("the constant '{value}'"),
            Origin::Expression(_) => "the expression".into(),
            Origin::Parent(relation) => relation.clone(),
            Origin::Count(names) => names.join(" and "),
        }
    }
}

fn reference_to(relation: &Relation, parent: &Record, context: Context) -> Result<Value, Obstacle> {
    let fields = [&relation.id, &relation.id_else];
    let held = fields.into_iter().flatten().map(|field| parent.text(field)).find(|id| !id.is_empty());
    if let Some(id) = held {
        return Ok(Value::reference(id));
    }
    if context.forecast.contains(parent.text("Id")) {
        return Ok(Value::reference(FORECAST_ID));
    }
    let number = relation.number.as_deref().map_or("", |field| parent.text(field));
    let called = if number.is_empty() { parent.text("Id") } else { number };
    Err(Obstacle::Waiting(format!(
        "{} {called} has no {}: it is not in sync with {} yet",
        relation.object,
        relation.id.as_deref().unwrap_or("Integration Id"),
        context.destination
    )))
}
