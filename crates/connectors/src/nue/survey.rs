//! What a tenant tells of itself: little. Its fields are asked for by the queries of a run; marks stand in the paired
//! Salesforce org, which is asked for them.

use async_trait::async_trait;
use model::ports::{FieldUse, Source};
use model::problem::{Cause, Problem};
use model::survey::{FieldShape, MarkPlace, Matter, Shape, Survey, Visit};

use super::Nue;
use super::marked::{ENDING, Marked};

#[async_trait]
impl Survey for Nue {
    fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    async fn visit(&self) -> Result<Visit, Problem> {
        match self.check().await {
            Ok(()) => Ok(Visit::default()),
            Err(problem) if problem.cause == Cause::Authentication => Err(problem.with_remedy(
                "Nue > Settings > API Keys: reveal the key of the integration's role, or make a new one if it was deleted or \
                 has expired, and give it to `api_key` under [nue]. A sandbox and production have keys of their own.",
            )),
            Err(problem) => Err(problem),
        }
    }

    async fn describe(&self, object: &str, fields: &[String]) -> Result<Option<Shape>, Problem> {
        let used = |field: &String| FieldUse { field: field.clone(), filtered: false, written: false };
        // A dot leads into what an order is made with, which no query knows.
        let uses: Vec<FieldUse> = fields.iter().filter(|field| !field.contains('.')).map(used).collect();
        let lacking = Source::lacking(self, object, &uses).await?;
        let there = fields.iter().filter(|field| lacking.iter().all(|lack| lack.name != **field));
        Ok(Some(Shape { fields: there.map(FieldShape::unknown).collect(), lacking, ..Shape::open() }))
    }

    fn remedy(&self, object: &str, field: &str, matter: &Matter) -> String {
        match matter {
            Matter::NoField => format!(
                "correct `{field}` in the flow file, or tell its name in this tenant under [names]; a custom field of \
                 {object} is seen once it stands in the field set \"Fields Exposed to Nue\" and metadata was synced."
            ),
            _ => format!("Nue > Settings > Roles: let the key's role read {object}; or correct the flow file."),
        }
    }
}

#[async_trait]
impl Survey for Marked {
    fn address(&self) -> &str {
        self.nue.address()
    }

    async fn visit(&self) -> Result<Visit, Problem> {
        self.nue.visit().await
    }

    async fn describe(&self, object: &str, fields: &[String]) -> Result<Option<Shape>, Problem> {
        self.nue.describe(object, fields).await
    }

    async fn marks(&self, fields: &[String]) -> Result<Option<MarkPlace>, Problem> {
        let place = &self.fields;
        let all: Vec<String> = fields.iter().chain([&place.key]).cloned().collect();
        let shape = self.salesforce.describe(&place.object, &all).await?;
        Ok(Some(MarkPlace { object: place.object.clone(), key: place.key.clone(), ending: ENDING, shape }))
    }

    fn remedy(&self, object: &str, field: &str, matter: &Matter) -> String {
        if object == self.fields.object {
            return self.salesforce.remedy(object, field, matter);
        }
        self.nue.remedy(object, field, matter)
    }
}
