//! What is refused for the sake of the record.

use model::cause::Cause;
use serde_json::json;

use super::scenario::{Hand, Scenario};

const CODES: &str = "Salesforce API: status codes of records";
const INVOICE: &str = "nue-salesforce/invoice.toml";
const STATUS: &str = "Ruby__Status__c = { field = \"status\" }";
const DUE: &str = "Ruby__DueDate__c = { field = \"dueDate\" }";

pub(super) fn all() -> Vec<Scenario> {
    let mut scenarios = of_salesforce();
    scenarios.extend(of_others());
    scenarios
}

fn of_salesforce() -> Vec<Scenario> {
    let row = |what, code, words| {
        Scenario::new(Cause::Validation, "salesforce", what).of_records().http(200, code).says(words, CODES)
    };
    let flow = |from, to| Hand::Flow(INVOICE, from, to);
    vec![
        row("a value of the wrong format", "INVALID_TYPE_ON_FIELD_IN_RECORD", "Due Date")
            .hand(flow(DUE, "Ruby__DueDate__c = { constant = \"soon\" }"))
            .next("Correct the record"),
        row("a required field without a value", "REQUIRED_FIELD_MISSING", "Required fields are missing: [Ruby__Account__c]")
            .hand(flow("Ruby__Account__c = { parent = \"customer\" }\n", ""))
            .next("Correct the record"),
        row("a value that is not in a restricted picklist", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Sent")
            .hand(flow(STATUS, "Ruby__Status__c = { constant = \"Sent\" }"))
            .next("Add the value to the picklist"),
        row("a text that is too long", "STRING_TOO_LONG", "data value too large")
            .hand(flow(DUE, "Ruby__DueDate__c = { field = \"dueDate\" }\nRuby__Source__c = { constant = \"12345678901234567890123456789012345678901234567890123456789012345678901234567890x\" }"))
            .next("Correct the record"),
        row("a reference to a record that does not exist", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            .hand(flow("Ruby__Account__c = { parent = \"customer\" }", "Ruby__Account__c = { constant = \"001000000000001AAA\" }"))
            .next("The record that it refers to is not there"),
        row("a reference to a record that was deleted", "ENTITY_IS_DELETED", "entity is deleted")
            .hand(Hand::FlowWithDeleted(INVOICE, "{ parent = \"customer\" }"))
            .next("The record that it refers to is not there"),
        row("a validation rule of the org", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Only with a purchase order")
            .settings(json!({ "validation_rules": [{
                "object": "Ruby__Invoice__c",
                "when": [{ "field": "Ruby__Comments__c", "is": "blank" }],
                "message": "Only with a purchase order",
            }] }))
            .next("the org's validation rule"),
        row("a duplicate rule of the org", "DUPLICATES_DETECTED", "Use one of these records?")
            .settings(json!({ "duplicate_rules": [{ "object": "Ruby__Invoice__c", "fields": ["CurrencyIsoCode"] }] }))
            .next("Let the duplicate rule pass the integration user"),
    ]
}

fn of_others() -> Vec<Scenario> {
    vec![
        Scenario::new(Cause::Validation, "zuora", "a mark that a rule of Zuora's refuses")
            .faults(json!([{ "kind": "row_error", "path": "/v1/action/update", "nth": 1 }]))
            .of_records()
            .http(200, "INVALID_VALUE")
            .says("", "Zuora's error codes")
            .next("Correct the record"),
        Scenario::new(Cause::Validation, "netsuite", "a required field without a value")
            .faults(json!([{ "kind": "row_error", "method": "POST", "path": "/services/rest/record/v1/customer" }]))
            .of_records()
            .http(400, "USER_ERROR")
            .says("Please enter value(s) for", "NetSuite: a USER_ERROR is told apart by its text alone (DATA_REQD)")
            .next("Fill the field"),
    ]
}
