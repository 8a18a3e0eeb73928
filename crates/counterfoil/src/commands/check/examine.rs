//! One flow: whether its objects are there and open to us, its fields too, its queries are taken, its lists are there, and
//! its parents have flows. All that is found is told, not the first alone.

use std::collections::BTreeSet;

use model::flow::{Flow, Lines};
use model::key::ExternalKey;
use model::nearest::nearest;
use model::ports::{Fetch, FieldUse, LookUpKey};
use model::problem::Problem;
use model::rule::Rule;
use model::status::{Operation, error};
use model::survey::{FieldShape, Matter, Shape, Survey};
use model::value::Name;

use super::finding::{Finding, Severity};
use super::fit::{Misfit, loses_cents, misfits};
use super::reach::Looked;
use crate::applications::Applications;

/// A value that no record has.
const NOBODY: &str = "counterfoil-check-nobody";

/// A flow that was examined.
pub(crate) struct Examined {
    pub(crate) name: String,
    /// The applications because of which a part of it was not examined.
    pub(crate) left_out: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

pub(crate) async fn examine(flow: &Flow, all: &[Flow], looked: &[Looked<'_>], applications: &Applications) -> Examined {
    let mut examiner = Examiner { flow, findings: Vec::new(), origins: Vec::new() };
    let mut left_out = Vec::new();
    let (here, there) = (&flow.source.application, &flow.destination.application);
    let mut up = |name: &str, examiner: &mut Examiner<'_>| match looked.iter().find(|one| one.name == name) {
        None => {
            examiner.unconfigured(name);
            None
        }
        Some(one) if one.is_up() => Some(one.survey),
        Some(one) => {
            left_out.push(one.name.to_owned());
            None
        }
    };
    let source = up(here, &mut examiner);
    let destination = up(there, &mut examiner);
    if let Some(survey) = source {
        examiner.source(survey).await;
        examiner.query_source(applications).await;
    }
    if let Some(survey) = destination {
        let before = examiner.findings.len();
        examiner.destination(survey).await;
        examiner.lists(applications).await;
        examiner.query_destination(applications, before).await;
    }
    examiner.parents(all);
    left_out.dedup();
    Examined { name: flow.name.to_string(), left_out, findings: examiner.findings }
}

/// Which field of which object is meant, and where it stands in the flow file.
#[derive(Clone, Copy)]
struct At<'a> {
    survey: &'a dyn Survey,
    object: &'a str,
    /// The word behind which the field's name stands in the flow file.
    part: &'a str,
}

struct Examiner<'a> {
    flow: &'a Flow,
    findings: Vec<Finding>,
    /// What the source's objects have of the fields that rules read.
    origins: Vec<(String, Shape)>,
}

impl Examiner<'_> {
    fn found(&mut self, severity: Severity, at: At<'_>, field: &str, matter: &Matter, told: &str) {
        let what =
            if field.is_empty() { format!("{} {told}", at.object) } else { format!("{}.{field} {told}", at.object) };
        let place = match field {
            "" => self.flow.origin.of(at.object),
            // The last name of a path is what stands in the file, or the whole path.
            field if self.flow.origin.holds(field) => self.flow.origin.behind(at.part, field),
            field => self.flow.origin.behind(at.part, field.rsplit('.').next().unwrap_or(field)),
        };
        let remedy = at.survey.remedy(at.object, field, matter);
        let finding = Finding { severity, what, place, remedy };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn fails(&mut self, at: At<'_>, field: &str, matter: &Matter, told: &str) {
        self.found(Severity::WillFail, at, field, matter, told);
    }

    fn said(&mut self, problem: &Problem, name: &str) {
        self.findings.push(Finding::of(problem, self.flow.origin.of(name)));
    }

    fn unconfigured(&mut self, application: &str) {
        self.findings.push(Finding {
            severity: Severity::WillFail,
            what: format!("the flow needs the application `{application}`, which the configuration does not have"),
            place: self.flow.origin.of(application),
            remedy: format!("Add [{application}] with its address and credentials to the configuration."),
        });
    }

    /// What an object is, with what it lacks already told; `None` if there is nothing to examine.
    async fn shape(&mut self, at: At<'_>, fields: &[String]) -> Option<Shape> {
        match at.survey.describe(at.object, fields).await {
            Err(problem) => self.said(&problem, at.object),
            Ok(None) => self.fails(at, "", &Matter::NoObject, "is not there, or we may not see it"),
            Ok(Some(shape)) => {
                self.lacks(at, &shape);
                return Some(shape);
            }
        }
        None
    }

    fn lacks(&mut self, at: At<'_>, shape: &Shape) {
        if !shape.queryable {
            self.fails(at, "", &Matter::NotQueried, "must not be queried by us");
        }
        for lack in &shape.lacking {
            let near = lack.nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let told = format!("is not there, or we may not see it{near}");
            self.fails(at, &lack.name, &Matter::NoField, &told);
        }
    }

    async fn source(&mut self, survey: &dyn Survey) {
        let names: Vec<String> =
            self.flow.field_uses().into_iter().flat_map(|(_, uses)| uses).map(|used| used.field).collect();
        let marks = match survey.marks(&marks_among(&self.flow.source.marks, &names)).await {
            Ok(marks) => marks,
            Err(problem) => {
                self.said(&problem, "marks");
                None
            }
        };
        let is_mark = |field: &str| marks.as_ref().is_some_and(|place| field.ends_with(place.ending));
        for (object, uses) in self.flow.field_uses() {
            let (elsewhere, own): (Vec<FieldUse>, Vec<FieldUse>) =
                uses.into_iter().partition(|used| is_mark(&used.field));
            drop(elsewhere);
            let fields: Vec<String> = own.iter().map(|used| used.field.clone()).collect();
            let at = At { survey, object: &object, part: "source" };
            let Some(shape) = self.shape(at, &fields).await else { continue };
            if own.iter().any(|used| used.written) && !shape.updateable {
                self.fails(at, "", &Matter::NotChanged, "must not be changed by us, and carries our marks");
            }
            self.uses(at, &shape, &own);
            self.origins.push((object.clone(), shape));
        }
        let Some(place) = marks else { return };
        let at = At { survey, object: &place.object, part: "marks" };
        match &place.shape {
            None => self.fails(at, "", &Matter::NoObject, "is not there, or we may not see it"),
            Some(shape) => {
                self.lacks(at, shape);
                self.open(at, shape, "marks");
                self.key(at, shape, &place.key);
                let written = |field: &Name| FieldUse { field: field.to_string(), filtered: false, written: true };
                let marks = &self.flow.source.marks;
                let uses: Vec<FieldUse> = [&marks.status, &marks.id, &marks.date].map(written).into();
                self.uses(at, shape, &uses);
            }
        }
    }

    /// Whether fields of the source can be filtered by and written, as the flow does.
    fn uses(&mut self, at: At<'_>, shape: &Shape, uses: &[FieldUse]) {
        let longest = error(Operation::Update, &self.flow.noun).chars().count();
        for used in uses {
            let Some(field) = shape.field(&used.field) else { continue };
            if used.filtered && !field.filterable {
                self.fails(at, &used.field, &Matter::NotFiltered, "cannot be filtered by");
            }
            if !used.written {
                continue;
            }
            let part = At { part: "marks", ..at };
            if !field.updateable {
                self.fails(part, &used.field, &Matter::NotWritten, "must not be written by us, and carries a mark");
            }
            if used.field == self.flow.source.marks.status.as_str() && field.length.is_some_and(|takes| takes < longest)
            {
                let told = format!("takes {} characters, and a status has up to {longest}", field.length.unwrap_or(0));
                self.fails(part, &used.field, &Matter::TooShort(longest), &told);
            }
        }
    }

    /// Whether records of an object may be made and changed.
    fn open(&mut self, at: At<'_>, shape: &Shape, what: &str) {
        if !shape.createable && self.flow.destination.made_by.is_none() {
            self.fails(at, "", &Matter::NotMade, &format!("must not be made by us: {what} are written there"));
        }
        if !shape.updateable {
            self.fails(at, "", &Matter::NotChanged, &format!("must not be changed by us: {what} are written there"));
        }
    }

    /// Whether a field keeps a record from being made twice, where the application has such a thing.
    fn key(&mut self, at: At<'_>, shape: &Shape, name: &str) {
        let Some(key) = shape.field(name).and_then(|field| field.key) else { return };
        let lacks: Vec<&str> = [(!key.external, "no External ID that is a text"), (!key.unique, "not Unique")]
            .into_iter()
            .filter_map(|(lacks, words)| lacks.then_some(words))
            .collect();
        if !lacks.is_empty() {
            let told = format!("is {}: nothing would keep a record from being made twice", lacks.join(" and "));
            self.fails(at, name, &Matter::NoKey, &told);
        } else if !key.any_case {
            self.found(Severity::WillWarn, at, name, &Matter::NoKey, "takes values that differ in case alone for two");
        }
    }

    async fn destination(&mut self, survey: &dyn Survey) {
        let side = &self.flow.destination;
        let apart = survey.lines_are_objects();
        let header = side.fields.iter().map(|(name, rule)| (name.to_string(), rule));
        let nested = side.lines.iter().filter(|_| !apart).flat_map(nested);
        let rules: Vec<(String, &Rule)> = header.chain(nested).collect();
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
            let rules: Vec<(String, &Rule)> =
                lines.fields.iter().map(|(name, rule)| (name.to_string(), rule)).collect();
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
        rules: &[(String, &Rule)],
        more: BTreeSet<String>,
        parent: Option<&str>,
    ) -> Option<Shape> {
        let mut fields: BTreeSet<String> = rules.iter().map(|(name, _)| name.clone()).collect();
        let written = fields.clone();
        fields.extend(more);
        let fields: Vec<String> = fields.into_iter().collect();
        let shape = self.shape(at, &fields).await?;
        self.open(at, &shape, "records of the flow");
        for (name, rule) in rules {
            if let Some(field) = shape.field(name) {
                self.fits(at, field, rule, parent);
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
            if !filled && !named && side.made_by.is_none() {
                self.fails(at, name, &Matter::Unfilled, "must have a value, and no rule of the flow gives one");
            }
        }
        Some(shape)
    }

    /// Whether a field can be written, and takes what its rule gives.
    fn fits(&mut self, at: At<'_>, field: &FieldShape, rule: &Rule, parent: Option<&str>) {
        let gives = rule.gives();
        let origin = match gives.sort {
            model::rule::Sort::Of(path) => self.origin(at, path, parent),
            _ => None,
        };
        let name = &field.name;
        match (field.createable, field.updateable) {
            (false, false) => self.fails(at, name, &Matter::NotWritten, "must not be written by us"),
            (false, true) => self.fails(at, name, &Matter::NotWritten, "must not be set by us on a new record"),
            _ => {}
        }
        for Misfit { severity, matter, told } in misfits(&gives, origin.as_ref(), field) {
            self.found(severity, at, name, &matter, &told);
        }
    }

    /// The source's field that a rule reads.
    fn origin(&self, at: At<'_>, path: &str, parent: Option<&str>) -> Option<FieldShape> {
        let of_lines = self.flow.destination.lines.iter().find(|lines| parent.is_some() && lines.into == at.object);
        let from = of_lines.and_then(|lines| lines.from.as_ref());
        let path = from.map_or_else(|| path.to_owned(), |from| format!("{from}.{path}"));
        let (object, field) = self.flow.read_by(&path);
        let (_, shape) = self.origins.iter().find(|(name, _)| name == object)?;
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

    /// The query that a run makes, for nobody: whether it is taken.
    async fn query_source(&mut self, applications: &Applications) {
        let sources = applications.sources();
        let Some(source) = sources.get(&self.flow.source.application).filter(|_| !self.has_failed(0)) else { return };
        let fetch = Fetch {
            object: self.flow.source.object.clone(),
            fields: self.flow.fields(""),
            field: Name::from(self.flow.source.number.as_str()),
            keys: vec![NOBODY.into()],
        };
        if let Err(problem) = source.fetch(&fetch).await {
            self.said(&problem, &self.flow.source.object);
        }
    }

    /// The look-up that a run makes, for nobody. Where a field is known to be missing, it would only say so again.
    async fn query_destination(&mut self, applications: &Applications, before: usize) {
        let destinations = applications.destinations();
        let side = &self.flow.destination;
        let Some(destination) = destinations.get(&side.application).filter(|_| !self.has_failed(before)) else {
            return;
        };
        let external = ExternalKey::new(&self.flow.source.application, &self.flow.source.object, NOBODY);
        let key = LookUpKey { external, source_id: NOBODY.into() };
        if let Err(problem) = destination.look_up(&self.flow.target(), &[key]).await {
            self.said(&problem, &side.object);
        }
    }

    fn has_failed(&self, before: usize) -> bool {
        self.findings.iter().skip(before).any(|finding| finding.severity == Severity::WillFail)
    }

    /// The lists of the destination that rules refer to, and the names that the flow file itself gives.
    async fn lists(&mut self, applications: &Applications) {
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

    /// Records wait for their parents: somebody must sync those.
    fn parents(&mut self, all: &[Flow]) {
        for (object, id) in self.flow.parents() {
            let brings = |flow: &Flow| {
                flow.source.application == self.flow.source.application
                    && flow.source.object == object
                    && flow.destination.application == self.flow.destination.application
            };
            if !all.iter().any(brings) {
                self.findings.push(Finding {
                    severity: Severity::WillWarn,
                    what: format!("records wait until their {object} has its `{id}`, and no flow syncs {object}"),
                    place: self.flow.origin.of(object),
                    remedy: format!(
                        "Add a flow for {object} (a file in `flows.folder`), or fill `{id}` in another way."
                    ),
                });
            }
        }
    }
}

/// The fields of a sublist that stands in the record, and what fills them.
fn nested(lines: &Lines) -> Vec<(String, &Rule)> {
    lines.fields.iter().map(|(name, rule)| (format!("{}.{name}", lines.into), rule)).collect()
}

/// The fields of the marks, and those of related records among what a flow reads.
fn marks_among(marks: &model::flow::Marks, names: &[String]) -> Vec<String> {
    let own = [&marks.status, &marks.id, &marks.date].map(|field| field.to_string());
    let mut all: Vec<String> =
        own.into_iter().chain(names.iter().filter(|name| name.ends_with("__c")).cloned()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
