//! The side where records are written.

use std::collections::BTreeSet;

use model::flow::Lines;
use model::key::ExternalKey;
use model::nearest::nearest;
use model::ports::LookUpKey;
use model::rule::{Rule, Sort};
use model::survey::{FieldShape, Matter, Shape, Survey};
use model::value::Name;

use super::{At, Examiner, NOBODY};
use crate::applications::Applications;
use crate::commands::check::finding::{Finding, Severity};
use crate::commands::check::fit::{Misfit, loses_cents, misfits};

/// A field that a rule fills.
struct Written<'a> {
    /// Its name; a dot leads into a sublist.
    name: String,
    /// The relation from whose records the rule reads, if it is a line's.
    from: Option<&'a str>,
    rule: &'a Rule,
}

impl Examiner<'_> {
    /// Objects, fields, keys, what rules give.
    pub(super) async fn destination(&mut self, survey: &dyn Survey) {
        let side = &self.flow.destination;
        if side.look_only {
            return;
        }
        let apart = survey.lines_are_objects();
        let header = side.fields.iter().map(|(name, rule)| Written { name: name.to_string(), from: None, rule });
        let rules: Vec<Written<'_>> = header.chain(side.lines.iter().filter(|_| !apart).flat_map(nested)).collect();
        let at = At { survey, object: &side.object, part: "destination" };
        let mut more: BTreeSet<String> = side.source_id.iter().chain(&side.fingerprint).cloned().collect();
        if apart {
            let columns = self.flow.equal.iter().map(|equal| &equal.column);
            more.extend(columns.filter(|column| !column.contains('(')).cloned());
        }
        if let Some(shape) = self.record(at, &rules, more, None).await {
            if let Some(key) = &side.source_id {
                self.key(at, &shape, key);
            }
            self.cents(at, &shape);
        }
        for lines in side.lines.iter().filter(|_| apart) {
            let at = At { survey, object: &lines.into, part: &lines.into };
            let line = |(name, rule)| Written { name: Name::to_string(name), from: lines.from.as_deref(), rule };
            let rules: Vec<Written<'_>> = lines.fields.iter().map(line).collect();
            // A line is known by the same field as its record.
            let more = side.source_id.iter().cloned().collect();
            if let Some(shape) = self.record(at, &rules, more, Some(&side.object)).await
                && let Some(key) = &side.source_id
            {
                self.key(at, &shape, key);
            }
        }
    }

    /// An object that is written, and the rules that fill its fields.
    async fn record(
        &mut self,
        at: At<'_>,
        rules: &[Written<'_>],
        more: BTreeSet<String>,
        parent: Option<&str>,
    ) -> Option<Shape> {
        let mut fields: BTreeSet<String> = rules.iter().map(|written| written.name.clone()).collect();
        let written = fields.clone();
        fields.extend(more);
        let fields: Vec<String> = fields.into_iter().collect();
        let shape = self.shape(at, &fields).await?;
        self.open(at, &shape, "records of the flow", (self.makes(), true));
        for written in rules {
            if let Some(field) = shape.field(&written.name) {
                self.writable(at, &shape, field);
                self.fits(at, field, written);
            }
        }
        let side = &self.flow.destination;
        let ours = [side.source_id.as_deref(), side.fingerprint.as_deref()];
        for (name, refers) in &shape.required {
            let by_connector = parent.is_some_and(|parent| refers.iter().any(|object| object == parent));
            let filled = by_connector || written.contains(name) || ours.contains(&Some(name.as_str()));
            // A parent can be named by its own key: `Account.Key__c` in place of `AccountId`.
            let stem = name.trim_end_matches("Id").trim_end_matches("__c");
            let named = written
                .iter()
                .any(|held| held.starts_with(&format!("{stem}.")) || held.starts_with(&format!("{stem}__r.")));
            if !filled && !named && self.makes() {
                self.fails(at, name, &Matter::Unfilled, "must have a value, and no rule of the flow gives one");
            }
        }
        Some(shape)
    }

    /// Whether a field can be written; where nothing of the object can, that is told once.
    fn writable(&mut self, at: At<'_>, shape: &Shape, field: &FieldShape) {
        let makes = self.makes();
        let told = match (field.createable || !makes || !shape.createable, field.updateable || !shape.updateable) {
            (false, false) => "must not be written by us",
            (false, true) => "must not be set by us on a new record",
            _ => return,
        };
        self.fails(at, &field.name, &Matter::NotWritten, told);
    }

    /// Whether a field takes what its rule gives.
    fn fits(&mut self, at: At<'_>, field: &FieldShape, written: &Written<'_>) {
        let gives = written.rule.gives();
        let origin = match gives.sort {
            Sort::Of(path) => self.origin(path, written.from),
            _ => None,
        };
        let name = &field.name;
        for Misfit { severity, matter, told } in misfits(&gives, origin.as_ref(), field) {
            self.found(severity, at, name, &matter, &told);
        }
    }

    /// The source's field that a rule reads; a line's rule reads from its relation.
    fn origin(&self, path: &str, from: Option<&str>) -> Option<FieldShape> {
        let path = from.map_or_else(|| path.to_owned(), |from| format!("{from}.{path}"));
        let (object, field) = self.flow.read_by(&path);
        let (_, shape) = self.origins.iter().find(|(name, shape)| name == object && shape.field(field).is_some())?;
        shape.field(field).cloned()
    }

    /// Amounts that are compared must keep their cents.
    fn cents(&mut self, at: At<'_>, shape: &Shape) {
        let amounts = self.flow.equal.iter().filter(|equal| equal.what == "amount" || equal.what == "balance");
        for equal in amounts {
            if let Some(Misfit { severity, matter, told }) = shape.field(&equal.column).and_then(loses_cents) {
                self.found(severity, at, &equal.column, &matter, &told);
            }
        }
    }

    /// The lists of the destination that rules refer to, and the names that the flow file itself gives.
    pub(super) async fn lists(&mut self, applications: &Applications) {
        let destinations = applications.destinations();
        let Some(destination) = destinations.get(&self.flow.destination.application) else { return };
        for name in self.flow.lists() {
            let entries = match destination.list(name).await {
                Ok(entries) => entries,
                Err(problem) => {
                    self.said(&problem, name);
                    continue;
                }
            };
            let side = &self.flow.destination;
            let rules = side.fields.values().chain(side.lines.iter().flat_map(|lines| lines.fields.values()));
            let named: BTreeSet<String> = rules
                .map(Rule::gives)
                .filter(|gives| gives.list == Some(name))
                .flat_map(|gives| gives.fixed)
                .map(|value| value.show())
                .collect();
            for value in named.into_iter().filter(|value| !entries.contains_key(value.as_str())) {
                let near = nearest(&value, entries.keys().map(|known| known.as_str()));
                let near = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
                self.findings.push(Finding {
                    severity: Severity::WillWarn,
                    what: format!("the {name} '{value}' does not exist in {}{near}", side.application),
                    place: self.flow.origin.of(name),
                    remedy: format!(
                        "Add it there, or correct the value ([flows.settings], or the flow file's `{name}`)."
                    ),
                });
            }
        }
    }

    /// The look-up that a run makes, for nobody. Where a field is known to be missing, it would only say so again.
    pub(super) async fn query_destination(&mut self, applications: &Applications, before: usize) {
        let destinations = applications.destinations();
        let side = &self.flow.destination;
        let Some(destination) = destinations.get(&side.application).filter(|_| !self.has_failed(before)) else {
            return;
        };
        let external = ExternalKey::new(&self.flow.source.application, &self.flow.source.object, NOBODY);
        let key = LookUpKey { external, source_id: NOBODY.into(), record_id: NOBODY.into() };
        if let Err(problem) = destination.look_up(&self.flow.target(), &[key]).await {
            self.said(&problem, &side.object);
        }
    }
}

/// The fields of a sublist that stands in the record.
fn nested(lines: &Lines) -> Vec<Written<'_>> {
    let written = |(name, rule)| Written {
        name: format!("{}.{}", lines.into, Name::as_str(name)),
        from: lines.from.as_deref(),
        rule,
    };
    lines.fields.iter().map(written).collect()
}
