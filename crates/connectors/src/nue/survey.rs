//! What a tenant tells of itself: little. Its fields are asked for by the queries of a run; marks stand in the paired
//! Salesforce org, which is asked for them.

use async_trait::async_trait;
use model::ports::Destination;
use model::problem::{Cause, Problem};
use model::survey::{FieldShape, MarkPlace, Matter, Shape, Survey, Visit};

use super::Nue;
use super::marked::{ENDING, MarkFields, Marked};
use crate::salesforce;

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
        let lacking = Destination::lacking(self, object, fields).await?;
        let lacks =
            |field: &str| lacking.iter().any(|lack| field == lack.name || field.ends_with(&format!(".{}", lack.name)));
        let there = fields.iter().filter(|field| !lacks(field));
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

    fn marks(&self) -> Option<MarkPlace<'_>> {
        let MarkFields { object, key, .. } = &self.fields;
        Some(MarkPlace { application: salesforce::APPLICATION, object, key, ending: ENDING })
    }

    fn remedy(&self, object: &str, field: &str, matter: &Matter) -> String {
        self.nue.remedy(object, field, matter)
    }
}
