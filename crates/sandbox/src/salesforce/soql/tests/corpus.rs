//! Real queries and real answers of the vendor, where they are at hand beside the project.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::super::parser::parse;
use super::org::Org;

fn folder(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !folder.is_dir() {
        eprintln!("not run: {name} is not at hand");
        return None;
    }
    Some(folder)
}

#[test]
fn the_queries_of_recorded_sessions_are_read() {
    let Some(folder) = folder("salesforce-recorded") else { return };
    let mut read = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let Ok(text) = std::fs::read_to_string(file.unwrap().path()) else { continue };
        for rest in text.split("q=").skip(1) {
            let encoded: String = rest.chars().take_while(|letter| !" \n&'\"".contains(*letter)).collect();
            let query = percent_decode_str(&encoded.replace('+', " ")).decode_utf8_lossy().into_owned();
            if query.to_ascii_lowercase().starts_with("select") {
                parse(&query).unwrap_or_else(|refusal| panic!("{query}: {}", refusal.message));
                read += 1;
            }
        }
    }
    assert!(read >= 5, "{read} queries");
}

#[test]
fn an_unknown_object_is_refused_as_a_real_org_refused_it() {
    let Some(folder) = folder("salesforce-api-fixtures") else { return };
    let text = std::fs::read_to_string(folder.join("providers/salesforce/test/unknown-object.json")).unwrap();
    let real: Json = serde_json::from_str(&text).unwrap();
    let Err(refusal) = Org::new().ask("SELECT Id,Name,BillingCity,IsDeleted FROM Accout") else { panic!() };
    assert_eq!(real[0]["errorCode"], refusal.code);
    // How far back the excerpt goes is the vendor's secret.
    let below = |message: &str| message.split_once("^\n").unwrap().1.to_owned();
    assert_eq!(below(real[0]["message"].as_str().unwrap()), below(&refusal.message));
}

#[test]
fn an_answer_has_the_members_of_a_real_one() {
    let Some(folder) = folder("salesforce-api-fixtures") else { return };
    let text = folder.join("providers/salesforce/test/read-opportunity-with-contacts.json");
    let real: Json = serde_json::from_str(&std::fs::read_to_string(text).unwrap()).unwrap();
    let answer = Org::new().answer("SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'Acme'");
    let members = |value: &Json| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&answer), members(&real));
    let (own, their) = (&answer["records"][0], &real["records"][0]);
    assert_eq!(members(&own["attributes"]), members(&their["attributes"]));
    assert_eq!(members(&own["Contacts"]), members(&their["OpportunityContactRoles"]));
    let child = |value: &Json| members(&value["records"][0])[..2].to_vec();
    assert_eq!(child(&own["Contacts"]), child(&their["OpportunityContactRoles"]));
}
