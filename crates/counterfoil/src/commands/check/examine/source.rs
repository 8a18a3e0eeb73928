//! The side where records are read and marked.

use model::ports::{Fetch, FieldUse};
use model::status::{Operation, error};
use model::survey::{Matter, Shape, Survey};
use model::value::Name;

use super::{At, Examiner, NOBODY};
use crate::applications::Applications;

impl Examiner<'_> {
    /// Objects, fields, marks.
    pub(super) async fn source(&mut self, survey: &dyn Survey) {
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

    /// The query that a run makes, for nobody: whether it is taken.
    pub(super) async fn query_source(&mut self, applications: &Applications) {
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
