//! What an org tells of itself: the user that we are, the day's calls, objects and fields as this user sees them; and where
//! in Setup a person mends what is missing.

use async_trait::async_trait;
use model::problem::Problem;
use model::survey::{Allowed, FieldShape, KeyShape, Kind, Matter, Shape, Survey, Visit};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::Salesforce;
use super::describe::Field;
use crate::http::{Effect, Fault, Reply, Request, below};
use crate::json;

const USER: &str = "/services/oauth2/userinfo";

#[derive(Deserialize)]
struct User {
    preferred_username: Option<String>,
    organization_id: Option<String>,
}

#[derive(Deserialize)]
struct Limits {
    #[serde(rename = "DailyApiRequests")]
    daily: Option<Daily>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Daily {
    max: u64,
    remaining: u64,
}

#[async_trait]
impl Survey for Salesforce {
    fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    async fn visit(&self) -> Result<Visit, Problem> {
        self.check().await?;
        Ok(Visit { who: self.user().await, limits: self.day().await?.into_iter().collect() })
    }

    async fn describe(&self, object: &str, fields: &[String]) -> Result<Option<Shape>, Problem> {
        let Some(described) = self.described(object).await? else { return Ok(None) };
        let mut shape = Shape {
            queryable: described.queryable.unwrap_or(true),
            createable: described.createable,
            updateable: described.updateable,
            required: described.fields.iter().filter(|field| is_required(field)).map(required).collect(),
            ..Shape::open()
        };
        for name in fields {
            match described.field(name) {
                Some(field) => shape.fields.push(shape_of(name, field)),
                // A parent that is named by its key, or a field of a record that is referred to.
                None if name.contains('.') => shape.fields.push(FieldShape::unknown(name)),
                None => shape.lacking.push(described.unknown(name)),
            }
        }
        Ok(Some(shape))
    }

    fn lines_are_objects(&self) -> bool {
        true
    }

    fn remedy(&self, object: &str, field: &str, matter: &Matter) -> String {
        let setup = format!("Setup > Object Manager > {object} > Fields & Relationships");
        let rights = format!("Setup > Permission Sets > (the integration user's) > Object Settings > {object}");
        let prepare = if is_ours(field) { ", or run `counterfoil prepare salesforce`" } else { "" };
        match matter {
            Matter::NoObject if is_ours(object) => {
                format!("run `counterfoil prepare salesforce`, which makes it; or, if it is there, {rights}: Read.")
            }
            Matter::NoObject => format!(
                "{rights}: Read; or install the package that brings it; or, if it has another name here, tell it under \
                 [names]."
            ),
            Matter::NotQueried => format!("{rights}: Read."),
            Matter::NotMade => format!("{rights}: Create."),
            Matter::NotChanged => format!("{rights}: Edit."),
            Matter::NoField if field == "CurrencyIsoCode" => "an org has it once several currencies are activated \
                 (Setup > Company Information); without them take it out of a copy of the flow file."
                .to_owned(),
            Matter::NoField if is_ours(field) => {
                format!(
                    "{setup}: New > `{field}`; if it is there, {rights} > Field Permissions: Read and Edit{prepare}."
                )
            }
            Matter::NoField => format!(
                "{rights} > Field Permissions: Read for `{field}`; or, if it has another name here, tell it under [names]."
            ),
            Matter::NotFiltered => {
                format!("{setup} > `{field}`: give it a type that can be filtered by (no long text area).")
            }
            Matter::NotWritten => format!("{rights} > Field Permissions: Edit for `{field}`{prepare}."),
            Matter::NoKey => format!(
                "{setup}: make `{field}` a Text with External ID and Unique (Treat \"ABC\" and \"abc\" as duplicate \
                 values){prepare}."
            ),
            Matter::TooShort(most) => format!(
                "{setup} > `{field}`: set its Length to {most}; or give the rule in the flow file a smaller `max`, so that a \
                 longer text is a warning of ours."
            ),
            Matter::OtherKind(given) => format!(
                "{setup} > `{field}`: change its Data Type to one that holds {}; or change the rule in the flow file.",
                given.name()
            ),
            Matter::FewDigits => format!("{setup} > `{field}`: give it more digits, at least 2 Decimal Places."),
            Matter::NotAmong(value) => {
                format!("{setup} > `{field}` > Values: New > {value}; or correct the value in the flow file.")
            }
            Matter::Unfilled => format!(
                "give `{field}` a rule in the flow file; or {setup} > `{field}`: not Required, or with a Default Value."
            ),
        }
    }
}

impl Salesforce {
    /// A call that a day's allowance that is spent does not keep back: a person asks how much is left.
    async fn asked(&self, request: &Request) -> Result<Reply, Problem> {
        let reply = self.http.send_hurried(request, &*self.login).await.map_err(Fault::into_problem)?;
        if reply.is_success() { Ok(reply) } else { Err(self.http.told(request, &reply)) }
    }

    /// Who we are; an app may be kept from asking.
    async fn user(&self) -> Option<String> {
        let (url, template, headers) = (below(&self.base, USER), USER.to_owned(), HeaderMap::new());
        let request = Request { method: Method::GET, url, template, headers, body: None, effect: Effect::Read };
        let reply = self.asked(&request).await.ok()?;
        let user: User = json::parse(&reply.body).ok()?;
        let org = user.organization_id.map(|id| format!("org {id}"));
        let told: Vec<String> = user.preferred_username.into_iter().chain(org).collect();
        (!told.is_empty()).then(|| told.join(", "))
    }

    async fn day(&self) -> Result<Option<Allowed>, Problem> {
        let request = self.get("/limits", "/limits");
        let reply = self.asked(&request).await?;
        let limits: Limits = json::parse(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?;
        Ok(limits.daily.map(|day| Allowed {
            what: "calls in 24 hours".to_owned(),
            granted: day.max,
            left: Some(day.remaining),
            kept: self.allowance.kept(day.max),
            remedy: "Wait: Salesforce counts over the last 24 hours. Or buy calls, or let other programs make fewer \
                     (Setup > Company Information > API Requests, Last 24 Hours), or lower `reserve_percent` under \
                     [salesforce]."
                .to_owned(),
        }))
    }
}

/// Whether a name is one that the company itself gave, and no package.
fn is_ours(name: &str) -> bool {
    name.strip_suffix("__c").is_some_and(|bare| !bare.contains("__"))
}

fn is_required(field: &Field) -> bool {
    field.nillable == Some(false) && field.createable && !field.defaulted_on_create && field.kind != "boolean"
}

fn required(field: &Field) -> (String, Vec<String>) {
    (field.name.clone(), field.reference_to.clone())
}

fn shape_of(name: &str, field: &Field) -> FieldShape {
    let kind = kind(&field.kind);
    let restricted = field.restricted_picklist && field.kind == "picklist";
    let values = field.picklist_values.iter().filter(|choice| choice.active);
    FieldShape {
        name: name.to_owned(),
        kind,
        length: (kind == Kind::Text && field.length > 0).then_some(field.length),
        digits: (kind == Kind::Number && field.precision > 0)
            .then(|| (field.precision.saturating_sub(field.scale), field.scale)),
        filterable: field.filterable,
        createable: field.createable,
        updateable: field.updateable,
        key: Some(KeyShape {
            external: field.external_id && field.kind == "string",
            unique: field.unique,
            any_case: !field.case_sensitive,
        }),
        values: restricted.then(|| values.filter_map(|choice| choice.value.clone()).collect()),
    }
}

fn kind(name: &str) -> Kind {
    match name {
        "string" | "textarea" | "email" | "phone" | "url" | "picklist" | "multipicklist" | "combobox"
        | "encryptedstring" => Kind::Text,
        "int" | "double" | "currency" | "percent" | "long" => Kind::Number,
        "boolean" => Kind::Flag,
        "date" | "datetime" => Kind::Date,
        "id" | "reference" => Kind::Reference,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::describe::Described;

    #[test]
    fn names_of_packages_and_of_the_vendor_are_told_from_the_companys_own() {
        assert!(is_ours("Nue_Id__c") && is_ours("Counterfoil_Mark__c"));
        assert!(!is_ours("Ruby__Invoice__c") && !is_ours("CurrencyIsoCode"));
    }

    #[test]
    fn what_a_field_takes_is_read_from_its_description() {
        let text = r#"{"fields":[{"name":"A","type":"currency","precision":18,"scale":2},
            {"name":"B","type":"picklist","length":40,"restrictedPicklist":true,"picklistValues":[
                {"active":true,"value":"Open"},{"active":false,"value":"Old"}]}]}"#;
        let described: Described = json::parse(text.as_bytes()).unwrap();
        let shape = |name: &str| shape_of(name, described.field(name).unwrap());
        assert_eq!((shape("A").kind, shape("A").digits), (Kind::Number, Some((16, 2))));
        assert_eq!((shape("B").length, shape("B").values), (Some(40), Some(vec!["Open".to_owned()])));
    }
}
