//! A flow file: what is selected, how it is mapped, what must be equal. Data, not code; one file a flow.

mod asks;
mod read;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

pub use read::{FlowError, Origin};

use crate::equality::Manner;
use crate::expression::Expression;
use crate::ports::{Comparator, Condition, FieldUse, Selection, Target};
use crate::protocol::Kind;
use crate::rule::{Rule, Table};
use crate::status::{Operation, SYNC_COMPLETE};
use crate::value::{Name, Record, Value};

/// One record type moved in one direction.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The name that people use: `zuora.invoice -> netsuite.invoice`.
    pub name: Name,
    /// What the status strings call the record: `Invoice` in `Creating Invoice`.
    pub noun: String,
    /// Written once, or kept up to date.
    pub kind: Kind,
    /// Flows that run before this one in the same run, by name.
    #[serde(default)]
    pub after: Vec<Name>,
    /// Where records come from.
    pub source: SourceSide,
    /// Where they go.
    pub destination: DestinationSide,
    /// What must be equal before `Sync Complete` is said.
    pub equal: Vec<Equal>,
    /// Conditions under which a record travels at all; a record that fails one is skipped.
    #[serde(default)]
    pub only: Vec<Check>,
    /// Validations before the call; a record that fails one is a warning.
    #[serde(default)]
    pub validate: Vec<Check>,
    /// Translations that several rules share.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,
    /// Where it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// Where a flow's records come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSide {
    /// The application: `zuora`.
    pub application: String,
    /// Its object: `Invoice`.
    pub object: String,
    /// The field by which people name a record.
    pub number: String,
    /// Conditions that the application itself checks; all must hold.
    #[serde(default, rename = "where")]
    pub conditions: Vec<Where>,
    /// The date that is held against the configured cut-over of this flow.
    pub cutover: Option<String>,
    /// The four fields that carry the marks.
    pub marks: Marks,
    /// Related records to bring along.
    #[serde(default)]
    pub relations: BTreeMap<String, Relation>,
}

/// The fields of a source record that carry our marks. All of them change in one body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// The Integration Status.
    pub status: Name,
    /// The Integration Id: the destination's id.
    pub id: Name,
    /// The sync date.
    pub date: Name,
    /// The Transferred to Accounting flag, where the object has one.
    pub transferred: Option<Name>,
    /// The vendor's own stamp of the record's last change, a mark's too: by it an interrupted write is waited out where the
    /// destination enforces no key.
    pub stamp: Option<Name>,
}

/// A condition in a flow file: `{ field = "Status", is = "Posted" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// The field.
    pub field: String,
    /// It has this value.
    pub is: Option<toml::Value>,
    /// It has another value.
    pub is_not: Option<toml::Value>,
    /// It is less.
    pub less: Option<toml::Value>,
    /// It is this or more.
    pub at_least: Option<toml::Value>,
}

/// A related object: to one by a key that this record holds, or to many by a key that they hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The related object: `Account`.
    pub object: String,
    /// To one: the field of this record that holds the related record's id.
    pub key: Option<String>,
    /// To many: the field of the related records that holds this record's id.
    pub foreign: Option<String>,
    /// The related record's Integration Id, if it is a parent that is synced itself.
    pub id: Option<String>,
    /// Another field that holds it where the first does not: a record that was born on either side.
    pub id_else: Option<String>,
    /// The field by which people name the related record.
    pub number: Option<String>,
    /// Relations of the related records.
    #[serde(default)]
    pub relations: BTreeMap<String, Relation>,
}

/// Where a flow's records go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationSide {
    /// The application: `netsuite`.
    pub application: String,
    /// Its record type: `invoice`.
    pub object: String,
    /// The record type where it depends on the record: an item is a service or an inventory item.
    pub object_by: Option<Rule>,
    /// What makes the record in the destination, where it is not ours to make: `the activation of its order`.
    pub made_by: Option<String>,
    /// Nothing is written there: records are looked up, compared, and completed where they are equal.
    #[serde(default)]
    pub look_only: bool,
    /// The custom field that carries the source's id.
    pub source_id: Option<String>,
    /// The source's field whose value that custom field carries, where it is not the record's own id: the destination makes
    /// a subscription out of an order's line, and it is the line that it remembers.
    pub known_as: Option<String>,
    /// A look-up brings every field that an update writes: nothing is left to be read record by record.
    #[serde(default)]
    pub whole: bool,
    /// The custom field in which we leave a fingerprint of what we wrote, where the tenant has one.
    pub fingerprint: Option<String>,
    /// Field of the destination and the rule that fills it. A dotted name fills a nested record.
    pub fields: BTreeMap<Name, Rule>,
    /// Sublists and the rules that fill their entries.
    #[serde(default)]
    pub lines: Vec<Lines>,
}

/// Entries of a sublist of the destination record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// The sublist: `item`.
    pub into: String,
    /// The to-many relation that gives an entry each. Without it there is one entry.
    pub from: Option<String>,
    /// Only entries for which this holds.
    pub when: Option<Expression>,
    /// Written with a new record only: an update leaves the sublist alone.
    #[serde(default)]
    pub create_only: bool,
    /// The sublist is shared with people; this field tells our entries from theirs, and theirs stay.
    pub own: Option<String>,
    /// Field of the entry and the rule that fills it.
    pub fields: BTreeMap<Name, Rule>,
}

/// One thing that must be equal in source and destination.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equal {
    /// The word that a person reads. `amount` and `currency` also feed the sums.
    pub what: String,
    /// The source's value.
    pub source: Rule,
    /// The destination's column.
    pub column: String,
    /// How the two are compared.
    #[serde(default)]
    pub manner: Manner,
    /// Why no update can mend a difference, and what to do instead: it is a warning at once.
    pub fixed: Option<String>,
}

/// A condition with the text that is said when it does not hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What must hold.
    pub holds: Expression,
    /// What is said otherwise. `{field}` is replaced by the record's value.
    pub text: String,
}

impl Flow {
    /// The lists of the destination that the rules refer to.
    pub fn lists(&self) -> BTreeSet<&str> {
        let lines = self.destination.lines.iter().flat_map(|lines| lines.fields.values());
        let equal = self.equal.iter().map(|equal| &equal.source);
        self.destination.fields.values().chain(lines).chain(equal).filter_map(Rule::list).collect()
    }

    fn rules_mut(&mut self) -> impl Iterator<Item = &mut Rule> {
        let destination = &mut self.destination;
        let lines = destination.lines.iter_mut().flat_map(|lines| lines.fields.values_mut());
        let equal = self.equal.iter_mut().map(|equal| &mut equal.source);
        destination.fields.values_mut().chain(destination.object_by.as_mut()).chain(lines).chain(equal)
    }

    /// All relations with their dotted names.
    pub fn all_relations(&self) -> Vec<(String, &Relation)> {
        let mut found = Vec::new();
        collect(&self.source.relations, "", &mut found);
        found
    }

    /// The record type in the destination, with all columns that a look-up must bring.
    pub fn target(&self) -> Target {
        let mut columns: BTreeSet<String> = self.equal.iter().map(|equal| equal.column.clone()).collect();
        columns.extend(self.destination.fingerprint.clone());
        if self.destination.whole {
            let updated = self.destination.fields.iter().filter(|(_, rule)| rule.applies_to(Operation::Update));
            columns.extend(updated.map(|(field, _)| field.to_string()));
        }
        let shared = |lines: &Lines| lines.own.clone().map(|own| (lines.into.clone(), own));
        let shared_lists: BTreeSet<_> = self.destination.lines.iter().filter_map(shared).collect();
        Target {
            object: self.destination.object.clone(),
            source_id_field: self.destination.source_id.clone(),
            columns: columns.into_iter().collect(),
            shared_lists: shared_lists.into_iter().collect(),
        }
    }

    /// The record type in the destination for one record, out of the flow's own [`Flow::target`].
    pub fn target_of<'a>(&self, target: &'a Target, record: &Record) -> Cow<'a, Target> {
        let chosen = self.destination.object_by.as_ref().and_then(|rule| rule.chosen(record));
        match chosen {
            Some(object) if object != target.object => Cow::Owned(Target { object, ..target.clone() }),
            _ => Cow::Borrowed(target),
        }
    }

    /// What is due. A document is due when either the flag or the status says that it is unfinished; a master record
    /// always, because only a comparison tells whether it changed. `cutover` is the first day that counts.
    pub fn selection(&self, cutover: Option<&str>) -> Selection {
        let base = self.conditions(cutover);
        let any = match self.kind {
            Kind::Master => vec![base],
            Kind::Document => {
                self.unfinished().into_iter().map(|due| base.iter().cloned().chain([due]).collect()).collect()
            }
        };
        Selection { object: self.source.object.clone(), fields: self.fields(""), any }
    }

    /// The conditions that a record of this flow meets, whatever its status says.
    pub fn conditions(&self, cutover: Option<&str>) -> Vec<Condition> {
        let mut all: Vec<Condition> =
            self.source.conditions.iter().filter_map(|condition| condition.condition().ok()).collect();
        if let (Some(field), Some(day)) = (&self.source.cutover, cutover) {
            all.push(condition(field, Comparator::AtLeast, Value::text(day)));
        }
        all
    }

    /// The ways in which a document can be unfinished; one that names no destination record is, whatever a person made
    /// its marks say. Each value is asked for by itself, and an empty field too:
    /// the vendors leave open whether "is not" finds an empty field.
    fn unfinished(&self) -> Vec<Condition> {
        let marks = &self.source.marks;
        let is = |field: &Name, value: Value| condition(field, Comparator::Is, value);
        let mut ways = vec![
            is(&marks.status, Value::Null),
            condition(&marks.status, Comparator::IsNot, Value::text(SYNC_COMPLETE)),
            is(&marks.id, Value::Null),
        ];
        if let Some(flag) = &marks.transferred {
            let values = [Value::Null, Value::text("No"), Value::text("Processing"), Value::text("Error")];
            ways.extend(values.map(|value| is(flag, value)));
        }
        ways
    }

    /// The source's fields that are needed of the records at a relation; an empty name means the flow's own object.
    pub fn fields(&self, relation: &str) -> Vec<Name> {
        let mut fields = BTreeSet::from([Name::new_static("Id")]);
        for path in self.paths() {
            let (owner, field) = self.owner_of(&path);
            if owner == relation {
                fields.insert(field.into());
            }
        }
        for (name, held) in self.all_relations() {
            let (owner, _) = name.rsplit_once('.').unwrap_or(("", &name));
            if owner == relation {
                fields.extend(held.key.as_ref().map(Name::from));
            }
            if name == relation {
                fields.extend(
                    [&held.foreign, &held.id, &held.id_else, &held.number].into_iter().flatten().map(Name::from),
                );
            }
        }
        if relation.is_empty() {
            fields.extend(self.own_fields());
        }
        fields.into_iter().collect()
    }

    fn own_fields(&self) -> Vec<Name> {
        let marks = &self.source.marks;
        let mut fields = vec![Name::from(&self.source.number), marks.status.clone(), marks.id.clone()];
        fields.extend(marks.transferred.clone());
        fields.extend(marks.stamp.clone());
        fields.extend(self.source.cutover.as_ref().map(Name::from));
        fields.extend(self.destination.known_as.as_ref().map(Name::from));
        fields.extend(self.source.conditions.iter().map(|condition| Name::from(&condition.field)));
        fields
    }

    /// Which fields of which objects of the source are used, and for what: asked of the application before a run.
    pub fn field_uses(&self) -> Vec<(String, Vec<FieldUse>)> {
        let mut uses = vec![(self.source.object.clone(), self.own_field_uses())];
        for (path, relation) in self.all_relations() {
            let asked_by = relation.foreign.as_deref().unwrap_or("Id");
            let used = |field: Name| FieldUse { filtered: field == asked_by, written: false, field: field.to_string() };
            uses.push((relation.object.clone(), self.fields(&path).into_iter().map(used).collect()));
        }
        uses
    }

    /// Which fields of the destination's record type are written: asked of the application before a run. A dot leads into
    /// a nested record or into the entries of a sublist.
    pub fn destination_fields(&self) -> Vec<String> {
        let DestinationSide { fields, lines, source_id, fingerprint, .. } = &self.destination;
        let entries = lines
            .iter()
            .flat_map(|Lines { into, fields, .. }| fields.keys().map(move |field| format!("{into}.{field}")));
        fields.keys().map(Name::to_string).chain(entries).chain(source_id.clone()).chain(fingerprint.clone()).collect()
    }

    fn own_field_uses(&self) -> Vec<FieldUse> {
        let marks = &self.source.marks;
        let written: Vec<&Name> = [Some(&marks.status), Some(&marks.id), Some(&marks.date), marks.transferred.as_ref()]
            .into_iter()
            .flatten()
            .collect();
        let filtered: BTreeSet<String> =
            self.selection(Some("2000-01-01")).any.into_iter().flatten().map(|condition| condition.field).collect();
        let mut all: BTreeSet<String> =
            self.fields("").iter().map(Name::to_string).chain(filtered.iter().cloned()).collect();
        all.insert(marks.date.to_string());
        all.into_iter()
            .map(|field| FieldUse {
                filtered: filtered.contains(&field),
                written: written.iter().any(|name| **name == field),
                field,
            })
            .collect()
    }

    /// All dotted paths that rules, conditions and checks read.
    fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        let equal = self.equal.iter().map(|equal| &equal.source);
        let rules = self.destination.fields.values().chain(&self.destination.object_by).chain(equal);
        paths.extend(rules.flat_map(Rule::paths));
        paths.extend(self.only.iter().chain(&self.validate).flat_map(|check| check.paths()));
        for lines in &self.destination.lines {
            let when = lines.when.iter().flat_map(|when| when.paths().iter().cloned());
            let read = lines.fields.values().flat_map(Rule::paths).chain(when);
            match &lines.from {
                Some(from) => paths.extend(read.map(|path| format!("{from}.{path}"))),
                None => paths.extend(read),
            }
        }
        paths
    }

    /// The relation that a path leads through, and the field at its end.
    fn owner_of<'a>(&self, path: &'a str) -> (&'a str, &'a str) {
        let known = self.all_relations();
        let mut split = path.len();
        while let Some(dot) = path[..split].rfind('.') {
            if known.iter().any(|(name, _)| name == &path[..dot]) {
                return (&path[..dot], &path[dot + 1..]);
            }
            split = dot;
        }
        ("", path)
    }
}

impl Lines {
    /// Whether the sublist is written: some are with a new record only.
    pub fn applies_to(&self, operation: Operation) -> bool {
        operation == Operation::Create || !self.create_only
    }
}

impl Check {
    /// The paths that the condition and its text read.
    fn paths(&self) -> Vec<String> {
        let named =
            self.text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(path, _)| path.to_owned());
        self.holds.paths().iter().cloned().chain(named).collect()
    }
}

impl Where {
    fn condition(&self) -> Result<Condition, String> {
        let given = [
            (Comparator::Is, &self.is),
            (Comparator::IsNot, &self.is_not),
            (Comparator::Less, &self.less),
            (Comparator::AtLeast, &self.at_least),
        ];
        let mut given = given.into_iter().filter_map(|(operator, value)| value.as_ref().map(|value| (operator, value)));
        match (given.next(), given.next()) {
            (Some((operator, value)), None) => Ok(condition(&self.field, operator, crate::rule::constant(value)?)),
            _ => Err(format!("the condition on `{}` needs one of is, is_not, less, at_least", self.field)),
        }
    }
}

fn condition(field: &str, operator: Comparator, value: Value) -> Condition {
    Condition { field: field.to_owned(), operator, value }
}

fn collect<'a>(relations: &'a BTreeMap<String, Relation>, prefix: &str, found: &mut Vec<(String, &'a Relation)>) {
    for (name, relation) in relations {
        let full = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        collect(&relation.relations, &full, found);
        found.push((full, relation));
    }
}
