//! The steps of a plan, one group after the other. Whatever becomes of an answer, a step may be done again: a field or a
//! permission that is there is refused and stays as it is.

use model::problem::{Answer, Cause, Problem};
use model::value::{Record, SmolStr, Value};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::{PERMISSION_SET, Plan, Step, archive};
use crate::http::{Effect, Reply, Request, verdict};
use crate::salesforce::rows::Row;
use crate::salesforce::{Salesforce, classify};

/// How often a deploy is asked for, and after how many milliseconds: ten minutes in all.
const ASKED: usize = 300;
const ASKED_EVERY: u64 = 2_000;

/// What a deploy says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deploy {
    deploy_result: DeployResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeployResult {
    #[serde(default)]
    done: bool,
    #[serde(default)]
    success: bool,
    #[serde(default)]
    status: String,
    #[serde(default)]
    error_message: Option<String>,
    #[serde(default)]
    details: Details,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default)]
    component_failures: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    problem: String,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

impl Salesforce {
    /// Does the steps of a plan, and tells of each what became of it. One that needs another which failed is not done.
    pub async fn prepare(&self, plan: &Plan, mut told: impl FnMut(&Step, &Answer<()>)) {
        let mut set = plan.set.clone();
        let mut forbidden = None;
        let mut grants: Vec<&Step> = Vec::new();
        for step in &plan.steps {
            let answer = match step {
                Step::Grant { .. } => {
                    grants.push(step);
                    continue;
                }
                // What the user may not do with one it may not do with the next.
                _ if forbidden.is_some() => continue,
                Step::Object { name } => self.make_object(name).await,
                Step::Field { object, name, role } => {
                    self.make_field(&format!("{object}.{name}"), &role.metadata(name)).await
                }
                Step::PermissionSet => self.make_set(&mut set).await,
                Step::Assign { user } => {
                    self.grant_all(&grants, set.as_deref(), &mut told).await;
                    self.assign(set.as_deref(), user).await
                }
            };
            forbidden = answer.problem().filter(|problem| problem.cause == Cause::Permission).cloned();
            told(step, &answer);
        }
        let assigned = plan.steps.iter().any(|step| matches!(step, Step::Assign { .. }));
        if !assigned && forbidden.is_none() {
            self.grant_all(&grants, set.as_deref(), &mut told).await;
        }
    }

    async fn make_object(&self, name: &str) -> Answer<()> {
        let mut request =
            self.sending(Method::POST, "/metadata/deployRequest", archive::form(name, &self.version), Effect::Write);
        let media = format!("multipart/form-data; boundary={}", archive::BOUNDARY);
        if let Ok(media) = HeaderValue::from_str(&media) {
            request.headers.insert(CONTENT_TYPE, media);
        }
        let made = self.answered(&request, RIGHTS_TO_DEPLOY).await.map(|reply| crate::json::parse::<Made>(&reply.body));
        match made {
            Answer::Accepted(Ok(made)) => self.deployed(&made.id).await,
            Answer::Accepted(Err(_)) => Answer::Unknown(self.unfit(&request.call(), "the answer names no deploy")),
            other => other.map(|_| ()),
        }
    }

    /// Waits for a deploy to be done.
    async fn deployed(&self, id: &str) -> Answer<()> {
        let path = |id: &str| format!("/metadata/deployRequest/{id}");
        let mut request = self.get(&path(id), &path("{id}"));
        request.url.query_pairs_mut().append_pair("includeDetails", "true");
        for _ in 0..ASKED {
            let read = self.read(&request).await.and_then(|reply| {
                crate::json::parse::<Deploy>(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))
            });
            let result = match read {
                Ok(deploy) => deploy.deploy_result,
                Err(problem) => return Answer::Unknown(problem),
            };
            if result.done && result.success {
                return Answer::Accepted(());
            }
            if result.done {
                let failures = result.details.component_failures.iter();
                let failures = failures.map(|failure| format!("{}: {}", failure.full_name, failure.problem));
                let words: Vec<String> = result.error_message.into_iter().chain(failures).collect();
                let words = format!("the deploy {id} ended as {}: {}", result.status, words.join("; "));
                return Answer::Refused(self.http.problem(request.call(), Cause::Validation, words));
            }
            self.http.clock().wait(ASKED_EVERY).await;
        }
        Answer::Unknown(self.http.problem(request.call(), Cause::Timeout, format!("the deploy {id} is not done yet")))
    }

    async fn make_field(&self, full: &str, metadata: &serde_json::Value) -> Answer<()> {
        let body = json!({ "FullName": full, "Metadata": metadata }).to_string().into_bytes();
        let request = self.sending(Method::POST, "/tooling/sobjects/CustomField", body, Effect::Write);
        match self.answered(&request, RIGHTS_TO_CUSTOMIZE).await {
            // Made by a call whose answer was lost, or by somebody else a moment ago: the next look compares it.
            Answer::Refused(problem) if problem.code.as_deref() == Some("DUPLICATE_DEVELOPER_NAME") => {
                Answer::Accepted(())
            }
            other => other.map(|_| ()),
        }
    }

    async fn make_set(&self, set: &mut Option<String>) -> Answer<()> {
        let body = json!({
            "Name": PERMISSION_SET, "Label": PERMISSION_SET,
            "Description": "What the integration user needs for Counterfoil's flows. Kept by `counterfoil prepare salesforce`.",
        });
        let body = body.to_string().into_bytes();
        let request = self.sending(Method::POST, "/sobjects/PermissionSet", body, Effect::Write);
        let answer = self.answered(&request, RIGHTS_TO_GRANT).await;
        match self.permission_set().await {
            Ok(Some(there)) => {
                *set = Some(there);
                Answer::Accepted(())
            }
            Ok(None) => answer.map(|_| ()),
            Err(problem) => Answer::Unknown(problem),
        }
    }

    /// All grants, those of objects first: a field's hangs on its object's.
    async fn grant_all(&self, grants: &[&Step], set: Option<&str>, told: &mut impl FnMut(&Step, &Answer<()>)) {
        let Some(set) = set else { return };
        for of_fields in [false, true] {
            for instead in [false, true] {
                let part = grants.iter().copied().filter(|step| match step {
                    Step::Grant { field, instead_of, .. } => {
                        field.is_some() == of_fields && instead_of.is_some() == instead
                    }
                    _ => false,
                });
                let part: Vec<&Step> = part.collect();
                if part.is_empty() {
                    continue;
                }
                let rows: Vec<Row> = part.iter().filter_map(|step| grant_row(step, set)).collect();
                let object = if of_fields { "FieldPermissions" } else { "ObjectPermissions" };
                let method = if instead { Method::PATCH } else { Method::POST };
                let answers = self.send_plain(&method, object, &rows).await;
                for (step, answer) in part.into_iter().zip(answers) {
                    told(step, &there(answer));
                }
            }
        }
    }

    async fn assign(&self, set: Option<&str>, user: &str) -> Answer<()> {
        let Some(set) = set else {
            return Answer::NotDone(self.unfit("POST /sobjects/PermissionSetAssignment", "there is no permission set"));
        };
        let body = json!({ "PermissionSetId": set, "AssigneeId": user }).to_string().into_bytes();
        let request = self.sending(Method::POST, "/sobjects/PermissionSetAssignment", body, Effect::Write);
        there(self.answered(&request, RIGHTS_TO_GRANT).await.map(|_| String::new()))
    }

    /// Sends a write. A refusal for want of a right names the right.
    async fn answered(&self, request: &Request, rights: &str) -> Answer<Reply> {
        let named = |problem: Problem| match problem.cause {
            Cause::Permission => problem.with_remedy(rights),
            _ => problem,
        };
        match verdict(self.send(request).await, |reply| self.http.redacted(classify::problem(&request.call(), reply))) {
            Answer::Refused(problem) => Answer::Refused(named(problem)),
            other => other,
        }
    }
}

const RIGHTS_TO_CUSTOMIZE: &str = "Give the integration user the right \"Customize Application\" (with \"View Setup and \
    Configuration\") for as long as this takes; or let an administrator run this with a configuration of their own, and \
    assign the permission set.";
const RIGHTS_TO_DEPLOY: &str = "Give the integration user the rights \"Customize Application\" and \"Modify Metadata Through \
    Metadata API Functions\" for as long as this takes; or make the object by hand.";
const RIGHTS_TO_GRANT: &str = "Give the integration user the rights \"Manage Profiles and Permission Sets\" and \"Assign \
    Permission Sets\" for as long as this takes; or let an administrator make and assign the permission set.";

/// A grant that is there already was made by a call whose answer was lost.
fn there(answer: Answer<String>) -> Answer<()> {
    match answer {
        Answer::Refused(problem) if problem.code.as_deref() == Some("DUPLICATE_VALUE") => Answer::Accepted(()),
        Answer::Refused(problem) if problem.cause == Cause::Permission => {
            Answer::Refused(problem.with_remedy(RIGHTS_TO_GRANT))
        }
        other => other.map(|_| ()),
    }
}

fn grant_row(step: &Step, set: &str) -> Option<Row> {
    let Step::Grant { object, field, create, edit, instead_of } = step else { return None };
    let mut fields = Record::default();
    if instead_of.is_none() {
        fields.set("ParentId", Value::text(set));
        fields.set("SobjectType", Value::text(object.as_str()));
        if let Some(field) = field {
            fields.set("Field", Value::text(format!("{object}.{field}")));
        }
    }
    fields.set("PermissionsRead", Value::Bool(true));
    fields.set("PermissionsEdit", Value::Bool(*edit));
    if field.is_none() {
        fields.set("PermissionsCreate", Value::Bool(*create));
    }
    Some(Row { id: instead_of.as_deref().map(SmolStr::from).unwrap_or_default(), fields })
}
