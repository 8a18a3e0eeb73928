//! What a tenant tells of itself: whose token it is, the rates that its answers name, objects and fields by its describe.

use async_trait::async_trait;
use model::ports::Lack;
use model::problem::{Cause, Problem};
use model::survey::{Allowed, FieldShape, Kind, Matter, Shape, Survey, Visit};
use reqwest::header::HeaderMap;

use super::{PROBED, Zuora, wire};
use crate::http::Fault;

#[async_trait]
impl Survey for Zuora {
    fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    async fn visit(&self) -> Result<Visit, Problem> {
        let request = self.description(PROBED);
        let reply = self.http.send_hurried(&request, &self.login).await.map_err(Fault::into_problem)?;
        if !reply.is_success() {
            return Err(self.http.told(&request, &reply));
        }
        let scope = self.login.login().scope();
        let told: Vec<&str> = scope
            .split_whitespace()
            .filter(|word| ["tenant.", "user."].iter().any(|kind| word.starts_with(kind)))
            .collect();
        let who = (!told.is_empty()).then(|| told.join(", ").replace('.', " "));
        Ok(Visit { who, limits: limits(&reply.headers, self.http.reserve_percent()) })
    }

    async fn describe(&self, object: &str, fields: &[String]) -> Result<Option<Shape>, Problem> {
        let Some(description) = self.described(object).await? else { return Ok(None) };
        let described = wire::described(&description).ok_or_else(|| {
            let words = format!("the description of {object} lists no fields");
            self.http.problem(format!("GET /v1/describe/{object}"), Cause::Configuration, words)
        })?;
        let mut shape = Shape::open();
        for name in fields {
            let found = described.iter().find(|field| wire::element(field, "name") == Some(name));
            match found.filter(|field| wire::allows(field, "selectable")) {
                Some(field) => shape.fields.push(shape_of(name, field)),
                None => {
                    let known = described.iter().filter_map(|field| wire::element(field, "name"));
                    shape.lacking.push(Lack::unknown(name, known.filter(|known| known != name)));
                }
            }
        }
        Ok(Some(shape))
    }

    fn remedy(&self, object: &str, field: &str, matter: &Matter) -> String {
        match matter {
            Matter::NoObject | Matter::NotQueried => format!(
                "switch on the feature that brings {object}, and give the API user's role the right to read it (Settings > \
                 Administration > Manage User Roles)."
            ),
            Matter::NoField if field.ends_with("__NS") => format!(
                "install the NetSuite connector's fields on {object}, or make a custom field (Billing > Manage Custom \
                 Fields) and tell its name under [names]: {field} = \"...\"."
            ),
            Matter::NoField => format!(
                "Billing > Manage Custom Fields > {object}: New > `{field}`; or, if it has another name here, tell it under \
                 [names]."
            ),
            Matter::NotFiltered => {
                format!("ZOQL does not filter {object} by `{field}`: take the condition out of the flow.")
            }
            _ => format!("let the API user's role edit `{field}` of {object}."),
        }
    }
}

/// The rate that is nearest to its end, and the calls at once: the first number is the one to which the rest belongs.
fn limits(headers: &HeaderMap, reserve_percent: u64) -> Vec<Allowed> {
    let number = |name: &str| {
        let text = headers.get(name)?.to_str().ok()?;
        text.split([',', ';']).next()?.trim().parse::<u64>().ok()
    };
    let limit = |what: &str, name: &str| {
        let granted = number(&format!("{name}-limit"))?;
        Some(Allowed {
            what: what.to_owned(),
            granted,
            left: number(&format!("{name}-remaining")),
            kept: granted.saturating_mul(reserve_percent) / 100,
            remedy: "Wait until the count begins anew, or lower `reserve_percent` under [zuora].".to_owned(),
        })
    };
    let rate = limit("calls in the period that is nearest to its end", "ratelimit");
    let at_once = limit("calls at once", "concurrency-limit");
    rate.into_iter().chain(at_once).collect()
}

fn shape_of(name: &str, field: &str) -> FieldShape {
    let kind = match wire::element(field, "type").unwrap_or_default() {
        "text" | "picklist" => Kind::Text,
        "decimal" | "integer" | "number" => Kind::Number,
        "boolean" => Kind::Flag,
        "date" | "datetime" | "timestamp" => Kind::Date,
        _ => Kind::Unknown,
    };
    FieldShape {
        kind,
        length: wire::element(field, "maxlength").and_then(|text| text.parse().ok()).filter(|_| kind == Kind::Text),
        filterable: wire::allows(field, "filterable"),
        createable: wire::allows(field, "createable"),
        updateable: wire::allows(field, "updateable"),
        ..FieldShape::unknown(name)
    }
}
