//! Answers of a real org that others published, beside those of the emulator. Without them: not run.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::client::{Account, of};

/// A file of the shared data; `None`, said aloud, where there is none.
fn shared(path: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    let found = std::fs::read(&path).ok();
    if found.is_none() {
        eprintln!("not run: there is no {}", path.display());
    }
    found
}

/// The JSON of a recorded answer: a folded text within YAML.
fn recorded(name: &str) -> Option<Value> {
    let packed = shared(&format!("salesforce-recorded/{name}.yaml.gz"))?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    let body = text.split_once("string:")?.1;
    let lines: Vec<&str> = body[body.find('{')?..].lines().map(str::trim).collect();
    serde_json::Deserializer::from_str(&lines.join(" ")).into_iter().next()?.ok()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_describe_has_every_key_of_a_recorded_one_and_its_fields_have_the_same_traits() {
    let account = Account::open().await;
    for object in ["Account", "Contact"] {
        let Some(real) = recorded(&format!("GET_sobjects_{object}_describe")) else { return };
        let ours = account.get(&format!("/sobjects/{object}/describe")).await.body;
        let missing: Vec<&str> = keys(&real).difference(&keys(&ours)).copied().collect();
        assert_eq!(missing, Vec::<&str>::new(), "{object}");
        let mut compared = 0;
        for field in ours["fields"].as_array().unwrap() {
            let all = real["fields"].as_array().unwrap();
            let Some(theirs) = all.iter().find(|theirs| theirs["name"] == field["name"]) else { continue };
            let missing: Vec<&str> = keys(theirs).difference(&keys(field)).copied().collect();
            assert_eq!(missing, Vec::<&str>::new(), "{}", field["name"]);
            for key in [
                "type",
                "length",
                "nillable",
                "createable",
                "updateable",
                "soapType",
                "referenceTo",
                "relationshipName",
                "scale",
                "precision",
                "nameField",
                "unique",
                "externalId",
                "filterable",
                "groupable",
                "sortable",
                "compoundFieldName",
                "byteLength",
                "label",
                "idLookup",
                "defaultedOnCreate",
            ] {
                assert_eq!(field[key], theirs[key], "{object}.{} {key}", field["name"]);
            }
            compared += 1;
        }
        assert!(compared > 25, "{compared}");
    }
}

#[tokio::test]
async fn a_recorded_upsert_by_email_is_answered_with_the_same_shape() {
    let account = Account::open().await;
    let Some(tape) = shared("salesforce-recorded/TestUpsert.test_upsert__rest.yaml") else { return };
    let tape = String::from_utf8(tape).unwrap();
    assert!(
        tape.contains("composite/sobjects/Contact/Email") && tape.contains("\\\"created\\\" : true")
            || tape.contains("created")
    );
    let people = [("Lindsay", "Sitwell", "lindsay.bluth@example.com"), ("Chloe", "Myers", "Chloe.Myers@example.com")];
    let row = |(first, last, email): &(&str, &str, &str)| {
        of("Contact", json!({ "FirstName": first, "LastName": last, "Email": email }))
    };
    let body = json!({ "allOrNone": false, "records": people.iter().map(row).collect::<Vec<_>>() });
    let answer = account.patch("/composite/sobjects/Contact/Email", body).await;
    let names: Vec<&str> = answer.body[1].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((answer.status.as_u16(), names), (200, vec!["id", "success", "errors", "created"]));
}

#[tokio::test]
async fn a_job_is_shown_with_the_keys_of_a_recorded_one() {
    let account = Account::open().await;
    let path = "salesforce-api-fixtures/providers/salesforce/test/bulk/write/launch-job-opportunity.json";
    let Some(real) = shared(path) else { return };
    let real: Value = serde_json::from_slice(&real).unwrap();
    let job = json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "Nue_Id__c" });
    let ours = account.post("/jobs/ingest", job).await.body;
    assert_eq!(keys(&ours), keys(&real));
}
