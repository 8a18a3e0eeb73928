//! The side where records are read and marked.

use std::collections::BTreeSet;

use model::ports::{Fetch, FieldUse};
use model::status::{Operation, error};
use model::survey::{Matter, Shape, Survey};
use model::value::Name;

use super::{At, Examiner, NOBODY};
use crate::applications::Applications;

impl Examiner<'_> {
    /// Objects, fields, marks.
    pub(super) async fn source(&mut self, survey: &dyn Survey) {
        let elsewhere = survey.marks();
        let is_mark = |field: &str| elsewhere.is_some_and(|place| field.ends_with(place.ending));
        let mut marks: Vec<FieldUse> = Vec::new();
        for (object, uses) in self.flow.field_uses() {
            let (of_marks, own): (Vec<FieldUse>, Vec<FieldUse>) =
                uses.into_iter().partition(|used| is_mark(&used.field));
            marks.extend(of_marks);
            let fields: Vec<String> = own.iter().map(|used| used.field.clone()).collect();
            let at = At { survey, object: &object, part: "source" };
            let Some(shape) = self.shape(at, &fields).await else { continue };
            if own.iter().any(|used| used.written) && !shape.updateable {
                self.fails(at, "", &Matter::NotChanged, "must not be changed by us, and carries our marks");
            }
            self.uses(at, &shape, &own);
            self.origins.push((object.clone(), shape));
        }
        if let Some(place) = elsewhere
            && let Some(survey) = self.up(place.application)
        {
            self.marks(At { survey, object: place.object, part: "marks" }, place.key, &marks).await;
        }
    }

    /// An object that holds the marks of another application's records.
    async fn marks(&mut self, at: At<'_>, key: &str, uses: &[FieldUse]) {
        let fields: BTreeSet<String> = uses.iter().map(|used| used.field.clone()).chain([key.to_owned()]).collect();
        let fields: Vec<String> = fields.into_iter().collect();
        if let Some(shape) = self.shape(at, &fields).await {
            self.open(at, &shape, "marks", (true, true));
            self.key(at, &shape, key);
            // The marks are sifted when they have come: no query filters by them.
            let uses: Vec<FieldUse> = uses.iter().map(|used| FieldUse { filtered: false, ..used.clone() }).collect();
            self.uses(at, &shape, &uses);
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
            if !field.updateable && shape.updateable {
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
