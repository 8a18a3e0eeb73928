//! The application itself: too busy, closed, or it does not know us.

use model::cause::Cause;
use serde_json::json;

use super::scenario::Address::AnotherTenant;
use super::scenario::{Hand, Scenario};

const OAUTH: &str = "Salesforce help: OAuth flow errors";
const ERRORS: &str = "Salesforce REST API: status codes and error responses";
const NUE: &str = "Nue publishes no error: the status alone decides";
const PAGE: &str = "RFC 9110; the application's own answers are JSON";
/// Marks go by a call of their own; records share theirs with look-ups.
const MARKS: &str = "/services/data/v66.0/composite/sobjects/Counterfoil_Mark__c/Nue_Id__c";

pub(super) fn all() -> Vec<Scenario> {
    let mut scenarios = overload();
    scenarios.extend(["salesforce", "nue", "zuora", "netsuite"].map(bad_gateway));
    scenarios.extend(maintenance());
    scenarios.extend(authentication());
    scenarios
}

fn overload() -> Vec<Scenario> {
    let busy = |application, what| Scenario::new(Cause::Overload, application, what).next("Nothing to do");
    vec![
        busy("salesforce", "it fails inside at a write")
            .faults(json!([{ "kind": "500", "path": MARKS }]))
            .of_records()
            .http(500, "UNKNOWN_EXCEPTION")
            .says("An unexpected error occurred", ERRORS),
        busy("salesforce", "it has no room for a call")
            .faults(json!([{ "kind": "503", "path": MARKS }]))
            .of_records()
            .http(503, "SERVER_UNAVAILABLE")
            .says("Server Unavailable", ERRORS),
        busy("nue", "it fails inside").faults(json!([{ "kind": "500" }])).http(500, "").says("unexpected error", NUE),
        busy("zuora", "it fails inside at a mark")
            .faults(json!([{ "kind": "500", "path": "/v1/action/update" }]))
            .of_records()
            .http(500, "50000060")
            .says("An unexpected error occurred", "Zuora's error codes"),
        busy("netsuite", "it fails inside at a write")
            .faults(json!([{ "kind": "500", "method": "POST", "path": "/services/rest/record/v1/customer" }]))
            .of_records()
            .http(500, "UNEXPECTED_ERROR")
            .says("An unexpected error occurred. Error ID", "NetSuite's SuiteTalk error codes"),
    ]
}

fn bad_gateway(application: &'static str) -> Scenario {
    Scenario::new(Cause::Overload, application, "a gateway before it that gets no sense out of it")
        .faults(json!([{ "kind": "html", "status": 502 }]))
        .http(502, "")
        .says("a page in place of an answer: 502 Bad Gateway", PAGE)
        .next("Nothing to do")
}

fn maintenance() -> Vec<Scenario> {
    let closed = |application, what| {
        Scenario::new(Cause::Maintenance, application, what).next("Wait until the application is back")
    };
    vec![
        closed("salesforce", "the org is read only")
            .settings(json!({ "maintenance": true }))
            .http(503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE")
            .says("read-only mode", ERRORS),
        closed("salesforce", "a page with 503")
            .faults(json!([{ "kind": "html", "status": 503 }]))
            .http(503, "")
            .says("503 Service Unavailable", PAGE),
        closed("nue", "it answers 503")
            .faults(json!([{ "kind": "maintenance" }]))
            .http(503, "")
            .says("maintenance", NUE),
        closed("zuora", "a page with 503")
            .faults(json!([{ "kind": "maintenance" }]))
            .http(503, "")
            .says("Service Unavailable", "Zuora: planned maintenance; field reports of the page"),
        closed("netsuite", "its documented page")
            .faults(json!([{ "kind": "maintenance" }]))
            .http(503, "")
            .says("503 Service Temporarily Unavailable", "field reports of the page"),
    ]
}

fn authentication() -> Vec<Scenario> {
    let unknown = |application, what| Scenario::new(Cause::Authentication, application, what);
    let key = |what| unknown("nue", what).http(401, "").next("Settings > API Keys");
    vec![
        unknown("salesforce", "the app's secret is wrong, was replaced or has expired")
            .settings(json!({ "client_secret_valid": false }))
            .http(400, "invalid_client")
            .says("invalid client credentials", OAUTH)
            .next("its secret is not accepted"),
        unknown("salesforce", "the integration user was deactivated")
            .settings(json!({ "user_active": false }))
            .http(400, "invalid_grant")
            .says("inactive user", "Salesforce help: OAuth flow errors (invalid_grant); the words are assumed")
            .next("a deactivated user"),
        unknown("salesforce", "sessions are revoked as soon as they are given")
            .faults(json!([{ "kind": "401", "path": "/services/data/**" }]))
            .http(401, "INVALID_SESSION_ID")
            .says("Session expired or invalid", ERRORS)
            .next("Check the credentials"),
        key("the key has expired").settings(json!({ "keyExpired": true })).says("expired", NUE),
        key("a key of no tenant").hand(Hand::Credential("api_key", "0000-0000")).says("not valid", NUE),
        key("a key of another tenant").at(AnotherTenant).says("not valid", NUE),
        unknown("zuora", "the client's secret is wrong")
            .hand(Hand::Credential("client_secret", "nothing"))
            .http(401, "Unauthorized")
            .says("Bad credentials", "Zuora: OAuth")
            .next("Check client_id, client_secret and the data centre"),
        unknown("zuora", "the address of another data centre")
            .at(AnotherTenant)
            .http(400, "Bad Request")
            .says("Invalid client id", "Zuora: OAuth; each data centre knows only its own clients")
            .next("Check client_id, client_secret and the data centre"),
        unknown("netsuite", "the integration is not known, or was disabled")
            .hand(Hand::Credential("client_id", "nobody"))
            .http(401, "invalid_client")
            .says("", "NetSuite: OAuth 2.0; only the Login Audit Trail tells why")
            .next("View Login Audit Trail"),
    ]
}
