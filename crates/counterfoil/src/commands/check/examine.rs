//! One flow: whether its objects are there and open to us, its fields too, its queries are taken, its lists are there, and
//! its parents have flows. All that is found is told, not the first alone.

mod destination;
mod source;

use model::flow::Flow;
use model::problem::Problem;
use model::survey::{Matter, Shape, Survey};

use super::finding::{Finding, Severity};
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
    let mut examiner = Examiner { flow, looked, left_out: Vec::new(), findings: Vec::new(), origins: Vec::new() };
    if let Some(survey) = examiner.up(&flow.source.application) {
        examiner.source(survey).await;
        examiner.query_source(applications).await;
    }
    if let Some(survey) = examiner.up(&flow.destination.application) {
        let before = examiner.findings.len();
        examiner.destination(survey).await;
        examiner.lists(applications).await;
        examiner.query_destination(applications, before).await;
    }
    examiner.parents(all);
    Examined { name: flow.name.to_string(), left_out: examiner.left_out, findings: examiner.findings }
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
    looked: &'a [Looked<'a>],
    left_out: Vec<String>,
    findings: Vec<Finding>,
    /// What the source's objects have of the fields that rules read.
    origins: Vec<(String, Shape)>,
}

impl<'a> Examiner<'a> {
    /// An application, if it is configured and lets us in.
    fn up(&mut self, name: &str) -> Option<&'a dyn Survey> {
        let Some(one) = self.looked.iter().find(|one| one.name == name) else {
            self.unconfigured(name);
            return None;
        };
        if !one.is_up() && !self.left_out.iter().any(|held| held == name) {
            self.left_out.push(name.to_owned());
        }
        one.is_up().then_some(one.survey)
    }

    /// Whether the flow makes records, and does not wait for somebody else to make them.
    fn makes(&self) -> bool {
        let side = &self.flow.destination;
        side.made_by.is_none() && !side.look_only
    }

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

    /// Whether records of an object may be made and changed.
    fn open(&mut self, at: At<'_>, shape: &Shape, what: &str, (made, changed): (bool, bool)) {
        if !shape.createable && made {
            self.fails(at, "", &Matter::NotMade, &format!("must not be made by us: {what} are written there"));
        }
        if !shape.updateable && changed {
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

    fn has_failed(&self, before: usize) -> bool {
        self.findings.iter().skip(before).any(|finding| finding.severity == Severity::WillFail)
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
