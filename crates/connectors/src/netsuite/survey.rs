//! What an account tells of itself: record types and fields by its metadata catalog. Who we are and how many calls it
//! grants it does not tell.

use async_trait::async_trait;
use model::problem::Problem;
use model::survey::{Allowed, FieldShape, Kind, Matter, Shape, Survey, Visit};
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderValue};
use serde_json::Value;

use super::{NetSuite, RECORDS, schema};
use crate::http::{Effect, Fault};
use crate::json;

#[async_trait]
impl Survey for NetSuite {
    fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    async fn visit(&self) -> Result<Visit, Problem> {
        self.check().await?;
        let granted = Allowed {
            what: "calls at once, as configured (NetSuite does not tell what it grants)".to_owned(),
            granted: self.concurrency as u64,
            left: None,
            kept: 0,
            remedy: String::new(),
        };
        Ok(Visit { who: None, limits: vec![granted] })
    }

    async fn describe(&self, object: &str, fields: &[String]) -> Result<Option<Shape>, Problem> {
        let Some(described) = self.schema(object).await? else { return Ok(None) };
        let mut shape = Shape::open();
        for path in fields {
            match schema::field(&described, path) {
                Ok(field) => shape.fields.push(shape_of(path, field)),
                // The whole path is what the flow was asked about, its last name what is not there.
                Err(lack) => shape.lacking.push(model::ports::Lack { name: path.clone(), ..lack }),
            }
        }
        Ok(Some(shape))
    }

    fn remedy(&self, object: &str, field: &str, matter: &Matter) -> String {
        let role = "Setup > Users/Roles > Manage Roles > (the integration's role) > Permissions";
        let fields = "Customization > Lists, Records, & Fields";
        match matter {
            Matter::NoObject | Matter::NotQueried => {
                format!(
                    "{role}: View for the record type {object}, and REST Web Services; or correct its name in the flow."
                )
            }
            Matter::NotMade | Matter::NotChanged => format!("{role}: Edit for the record type {object}."),
            Matter::NoField if field.starts_with("cust") => format!(
                "{fields}: New > `{field}`, applied to {object}; or, if it has another name here, tell it under [names]."
            ),
            Matter::NoField => {
                format!(
                    "switch on the feature that brings `{field}` (Setup > Company > Enable Features), or take it out of a \
                         copy of the flow file."
                )
            }
            Matter::NotAmong(_) => format!("correct the value of `{field}` in the flow file."),
            Matter::TooShort(most) => {
                format!("{fields} > `{field}`: Maximum Length {most}; or a smaller `max` in the flow file.")
            }
            Matter::OtherKind(_) => {
                format!("change the rule of `{field}` in the flow file (`text = true` makes a text).")
            }
            Matter::NotWritten => {
                format!("{fields} > `{field}` > Access: Edit for the integration's role; or take it out.")
            }
            Matter::NotFiltered | Matter::NoKey | Matter::FewDigits | Matter::Unfilled => {
                format!("change the rule of `{field}` in the flow file, or the field in {fields}.")
            }
        }
    }
}

impl NetSuite {
    /// The description of a record type; `None` if there is none that we may see.
    pub(super) async fn schema(&self, object: &str) -> Result<Option<Value>, Problem> {
        let mut request = self.record(Method::GET, &["metadata-catalog", object], &[], Effect::Read);
        request.template = format!("{RECORDS}/metadata-catalog/{object}");
        request.headers.insert(ACCEPT, HeaderValue::from_static(schema::MEDIA_TYPE));
        let reply = self.send(&request).await.map_err(Fault::into_problem)?;
        if reply.status == 404 && !reply.is_page() {
            return Ok(None);
        }
        if !reply.is_success() {
            return Err(self.http.told(&request, &reply));
        }
        json::parse(&reply.body).map(Some).map_err(|malformed| self.http.malformed(&request, &reply, malformed))
    }
}

fn shape_of(path: &str, described: Option<&Value>) -> FieldShape {
    let unknown = FieldShape::unknown(path);
    let Some(field) = described else { return unknown };
    let text = |name: &str| field.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_choice = field.pointer("/properties/refName").is_some();
    let kind = match (text("type"), text("format")) {
        ("string", "date" | "date-time") => Kind::Date,
        ("string", _) => Kind::Text,
        ("number" | "integer", _) => Kind::Number,
        ("boolean", _) => Kind::Flag,
        _ if is_choice || field.get("$ref").is_some() => Kind::Reference,
        _ => Kind::Unknown,
    };
    let writable = field.get("readOnly").and_then(Value::as_bool) != Some(true);
    let choices = field.pointer("/properties/id/enum").and_then(Value::as_array);
    let length = field.get("maxLength").and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
    FieldShape {
        kind,
        length,
        createable: writable,
        updateable: writable,
        values: choices.map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        ..unknown
    }
}
