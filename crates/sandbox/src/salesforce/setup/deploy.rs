//! Deploys of the Metadata API: an archive of files that define custom objects. It is taken at once and done a little later.

use std::sync::{Arc, Mutex};

use http::Method;
use serde_json::{Value as Json, json};

use super::zip;
use crate::clock::lock;
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::id::Id;
use crate::salesforce::resource::{At, Rows};
use crate::salesforce::schema::{Field, Kind};
use crate::salesforce::xml::{element, split};

/// How often a deploy is asked for before it says that it is done.
const ASKED_IN_VAIN: usize = 1;
const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// The deploys of an org.
#[derive(Debug, Default)]
pub(in crate::salesforce) struct Deploys(Mutex<Vec<Deploy>>);

#[derive(Debug)]
struct Deploy {
    check_only: bool,
    objects: Vec<String>,
    failures: Vec<(String, String)>,
    asked: usize,
}

/// Answers below `/metadata`.
pub(in crate::salesforce) fn metadata(at: &mut At<'_>, call: &Call, method: &Method, path: &[&str]) -> Verdict<Reply> {
    match (method.as_str(), path) {
        ("POST", ["deployRequest"]) => begin(at, call),
        ("GET", ["deployRequest", id]) => tell(at, call, id),
        _ => Err(Refusal::not_emulated("this part of the Metadata API")),
    }
}

fn begin(at: &mut At<'_>, call: &Call) -> Verdict<Reply> {
    let settings = &at.current.settings;
    if !settings.modify_metadata || !settings.customize_application {
        let message = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions";
        return Err(Refusal::new(403, "INSUFFICIENT_ACCESS", message));
    }
    if settings.maintenance {
        return Err(super::super::failure::maintenance());
    }
    let parts = parts(call).ok_or_else(|| Refusal::body("The body is no multipart/form-data"))?;
    let part = |name: &str| parts.iter().find(|(known, _)| known == name).map(|(_, content)| *content);
    let options: Json = part("json")
        .and_then(|text| serde_json::from_slice(text).ok())
        .ok_or_else(|| Refusal::body("The part named json is missing, or is no JSON"))?;
    let archive = part("file").ok_or_else(|| Refusal::body("The part named file is missing"))?;
    let files = zip::files(archive).ok_or_else(|| Refusal::body("The part named file is no zip file"))?;
    let check_only = options["deployOptions"]["checkOnly"] == true;
    let mut deploy = Deploy { check_only, objects: Vec::new(), failures: Vec::new(), asked: 0 };
    let package = files.iter().find(|(name, _)| name == "package.xml");
    let package = package
        .map(|(_, content)| String::from_utf8_lossy(content))
        .ok_or_else(|| Refusal::new(400, "INVALID_OPERATION", "No package.xml found"))?;
    for (name, content) in files.iter().filter(|(name, _)| name != "package.xml") {
        let text = String::from_utf8_lossy(content);
        let object = name.strip_prefix("objects/").and_then(|name| name.strip_suffix(".object"));
        let object = object.ok_or_else(|| Refusal::not_emulated(format!("the deploy of {name}")))?;
        let listed = package.contains(&format!("<members>{object}</members>"));
        let made = match listed {
            true => define(object, &text)?,
            false => Err("is not specified in package.xml".to_owned()),
        };
        match made.and_then(|defined| if check_only { Ok(()) } else { make(at, object, defined) }) {
            Ok(()) => deploy.objects.push(object.to_owned()),
            Err(problem) => deploy.failures.push((object.to_owned(), problem)),
        }
    }
    let mut deploys = lock(&at.org.deploys.0);
    deploys.push(deploy);
    let id = id(at, deploys.len());
    Ok(Reply::json(
        201,
        json!({ "id": id.to_string(), "deployOptions": options["deployOptions"], "validatedDeployRequestId": null }),
    ))
}

fn id(at: &At<'_>, number: usize) -> Id {
    Id::new(*b"0Af", at.store().org(), number as u64)
}

struct Defined {
    label: String,
    plural: String,
    named: Field,
}

/// Reads an object's file. What is wrong with it is told by the deploy, not by the call.
fn define(object: &str, text: &str) -> Verdict<Result<Defined, String>> {
    if !text.contains("<CustomObject") || !text.contains(NAMESPACE) {
        return Ok(Err(format!("Error parsing file: no CustomObject of {NAMESPACE}")));
    }
    if let Some(other) = ["<fields>", "<listViews>", "<validationRules>"].iter().find(|other| text.contains(**other)) {
        return Err(Refusal::not_emulated(format!("{other} in the file of an object")));
    }
    let Some((before, name_field, behind)) = split(text, "nameField") else {
        return Ok(Err("Must specify a nameField of type Text or AutoNumber".to_owned()));
    };
    let rest = format!("{before}{behind}");
    let need = |name: &str| {
        element(&rest, name)
            .filter(|text| !text.is_empty())
            .ok_or(format!("Must specify a non-empty {name} for the CustomObject"))
    };
    Ok((|| {
        let (label, plural) = (need("label")?, need("pluralLabel")?);
        for (name, known) in [("deploymentStatus", "Deployed"), ("sharingModel", "ReadWrite")] {
            let given = need(name)?;
            if given != known && !["InDevelopment", "Private", "Read"].contains(&given.as_str()) {
                return Err(format!("'{given}' is not a valid value for the enum '{name}'"));
            }
        }
        if !object.ends_with("__c") || object.trim_end_matches("__c").contains("__") {
            return Err(format!("{object} is no name for a custom object"));
        }
        let mut named = Field::new("Name".to_owned(), Kind::String);
        named.name_field = true;
        named.label = element(name_field, "label").ok_or("Must specify a label for the nameField")?;
        match element(name_field, "type").as_deref() {
            Some("Text") => (named.length, named.required) = (80, true),
            Some("AutoNumber") => {
                let format =
                    element(name_field, "displayFormat").ok_or("Must specify displayFormat for an AutoNumber")?;
                (named.length, named.required, named.createable, named.updateable) = (30, true, false, false);
                named.auto_number = Some(format.replace(['{', '}'], ""));
            }
            _ => return Err("Must specify a nameField of type Text or AutoNumber".to_owned()),
        }
        Ok(Defined { label, plural, named })
    })())
}

/// Makes an object, or labels one that is there anew.
fn make(at: &mut At<'_>, object: &str, defined: Defined) -> Result<(), String> {
    let mut schema = (*at.org.current().schema).clone();
    match schema.position(object) {
        Some(there) => (schema.objects[there].label, schema.objects[there].plural) = (defined.label, defined.plural),
        None => {
            schema
                .add_object(object, &defined.label, &defined.plural, defined.named)
                .ok_or("the emulator has room for one custom object, in a bare org")?;
        }
    }
    let Rows::Own(store, _) = &at.rows else { return Err("nothing can be written here".to_owned()) };
    at.org.renew(store, |current| current.schema = Arc::new(schema))
}

fn tell(at: &At<'_>, call: &Call, wanted: &str) -> Verdict<Reply> {
    let mut deploys = lock(&at.org.deploys.0);
    let found = (0..deploys.len()).find(|place| {
        let own = id(at, place + 1);
        own.to_string() == wanted || own.short() == wanted
    });
    let place = found.ok_or_else(|| Refusal::no_record(wanted))?;
    let own = id(at, place + 1);
    let deploy = &mut deploys[place];
    let done = deploy.asked >= ASKED_IN_VAIN;
    deploy.asked += 1;
    let success = done && deploy.failures.is_empty();
    let status = match (done, success) {
        (false, _) => "InProgress",
        (true, true) => "Succeeded",
        (true, false) => "Failed",
    };
    let mut result = json!({
        "id": own.to_string(), "status": status, "done": done, "success": success, "checkOnly": deploy.check_only,
        "ignoreWarnings": false, "rollbackOnError": true, "runTestsEnabled": false,
        "numberComponentErrors": deploy.failures.len(),
        "numberComponentsDeployed": if done { deploy.objects.len() } else { 0 },
        "numberComponentsTotal": deploy.objects.len() + deploy.failures.len(), "errorMessage": null, "errorStatusCode": null,
    });
    if call.parameter("includeDetails") == Some("true") {
        let component = |name: &String, problem: Option<&String>| {
            json!({
                "componentType": "CustomObject", "fullName": name, "fileName": format!("objects/{name}.object"),
                "success": problem.is_none(), "created": problem.is_none(), "problem": problem,
                "problemType": problem.map(|_| "Error"),
            })
        };
        let failures: Vec<Json> =
            deploy.failures.iter().map(|(name, problem)| component(name, Some(problem))).collect();
        let successes: Vec<Json> = deploy.objects.iter().map(|name| component(name, None)).collect();
        result["details"] = json!({ "componentFailures": failures, "componentSuccesses": successes });
    }
    let url = format!("{}/services/data/{}/metadata/deployRequest/{own}", call.origin, call.version);
    Ok(Reply::json(200, json!({ "id": own.to_string(), "url": url, "deployResult": result })))
}

/// The parts of a form by their names.
fn parts(call: &Call) -> Option<Vec<(String, &[u8])>> {
    let media = call.header("content-type")?;
    let boundary =
        media.strip_prefix("multipart/form-data")?.split("boundary=").nth(1)?.split(';').next()?.trim_matches('"');
    let (mark, body) = (format!("--{boundary}"), &call.body[..]);
    let at: Vec<usize> = body
        .windows(mark.len())
        .enumerate()
        .filter(|(_, window)| *window == mark.as_bytes())
        .map(|(at, _)| at)
        .collect();
    let part = |from: usize, to: usize| {
        let part = body.get(from + mark.len() + 2..to.checked_sub(2)?)?;
        let end = part.windows(4).position(|window| window == b"\r\n\r\n")?;
        let name = std::str::from_utf8(&part[..end]).ok()?.split("name=\"").nth(1)?.split('"').next()?;
        Some((name.to_owned(), &part[end + 4..]))
    };
    at.windows(2).map(|pair| part(pair[0], pair[1])).collect()
}
