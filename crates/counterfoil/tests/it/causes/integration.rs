//! The set-up: what does not exist, what is not permitted, what there is too much of.

use model::cause::{Cause, Retry};
use serde_json::json;

use super::scenario::Address::{AnotherTenant, LoginPage};
use super::scenario::{Hand, Scenario};

const OAUTH: &str = "Salesforce help: OAuth flow errors";
const ERRORS: &str = "Salesforce REST API: status codes and error responses";
const DESCRIBE: &str = "what Salesforce describes to this user";
const NUE: &str = "Nue publishes no error: the status alone decides";
const DAY: u64 = 3_600;

pub(super) fn all() -> Vec<Scenario> {
    let mut scenarios = configuration();
    scenarios.extend(["salesforce", "nue", "zuora", "netsuite"].map(login_page));
    scenarios.extend(permission());
    scenarios.extend(limits_of_salesforce());
    scenarios.extend(limits_of_others());
    scenarios
}

fn configuration() -> Vec<Scenario> {
    let wrong = |application, what| Scenario::new(Cause::Configuration, application, what);
    let renamed = |application, names| {
        wrong(application, "a field that does not exist").hand(Hand::Append(names)).next("Make what is missing")
    };
    vec![
        wrong("salesforce", "a client id that no app has: the connected app is missing, or another one is meant")
            .hand(Hand::Credential("client_id", "3MVG9nobody"))
            .http(400, "invalid_client_id")
            .says("client identifier invalid", OAUTH)
            .next("Compare client_id with the consumer key"),
        wrong("salesforce", "the address of another org")
            .at(AnotherTenant)
            .http(400, "invalid_client_id")
            .says("client identifier invalid", OAUTH)
            .next("and `url` with the org in which it was made"),
        wrong("salesforce", "an app without a \"Run As\" user")
            .settings(json!({ "client_credentials_user": false }))
            .http(400, "invalid_grant")
            .says("no client credentials user enabled", OAUTH)
            .next("Name a \"Run As\" user"),
        wrong("salesforce", "a field that does not exist, or that field-level security hides")
            .settings(json!({ "hidden_fields": ["Ruby__Invoice__c.Ruby__Balance__c"] }))
            .says("`Ruby__Balance__c` does not exist", DESCRIBE)
            .next("field-level security"),
        wrong("salesforce", "an object that does not exist, or that the user may not see")
            .settings(json!({ "hidden_objects": ["Ruby__DebitMemo__c"] }))
            .says("`Ruby__DebitMemo__c` does not exist", DESCRIBE)
            .next("Make what is missing"),
        renamed("nue", "[names]\ndueDate = \"dueDay\"\n")
            .says("`dueDay` does not exist", "GraphQL tells errors beside the data; the query names nothing else"),
        renamed("zuora", "[names]\nIntegrationStatus__NS = \"OurStatus__c\"\n")
            .says("`OurStatus__c` does not exist", "what Zuora describes"),
        renamed("netsuite", "[names]\ncustentity_counterfoil_fingerprint = \"custentity_nobody\"\n")
            .says("`custentity_nobody` does not exist", "NetSuite's metadata catalogue"),
    ]
}

fn login_page(application: &'static str) -> Scenario {
    Scenario::new(Cause::Configuration, application, "an address at which people log in")
        .at(LoginPage)
        .http(200, "")
        .says("a page in place of an answer: Log In", "a page with a field for a password is not an API")
        .next("Correct the flow or the application's set-up")
}

fn permission() -> Vec<Scenario> {
    let forbidden = |application, what| Scenario::new(Cause::Permission, application, what);
    let row = |what| forbidden("salesforce", what).of_records();
    vec![
        forbidden("salesforce", "the user may not use the API")
            .settings(json!({ "api_enabled": false }))
            .http(403, "API_DISABLED_FOR_ORG")
            .says("API is not enabled", ERRORS)
            .next("API Enabled"),
        forbidden("salesforce", "an object of which the user may make no records")
            .settings(json!({ "not_createable": ["Ruby__CreditMemo__c"] }))
            .says("`Ruby__CreditMemo__c` cannot be created and edited", DESCRIBE)
            .next("Permit the integration user"),
        forbidden("salesforce", "a field that the user may not edit")
            .settings(json!({ "read_only_fields": ["Ruby__Invoice__c.Ruby__Balance__c"] }))
            .says("`Ruby__Balance__c` cannot be edited", DESCRIBE)
            .next("Permit the integration user"),
        row("a permission that is taken away during a run")
            .faults(json!([{ "kind": "403", "path": MARKS }]))
            .http(403, "INSUFFICIENT_ACCESS")
            .says("insufficient access rights", ERRORS)
            .next("permit it to edit the object"),
        row("an account that is not shared with the user")
            .hand(Hand::Ids("unshared_records", "Account"))
            .http(200, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY")
            .says("insufficient access rights on cross-reference id", ERRORS)
            .next("Share the record that this one refers to"),
        row("an invoice that is shared to be read only")
            .hand(Hand::Run)
            .hand(Hand::CancelAnInvoice)
            .hand(Hand::Ids("read_only_records", "Ruby__Invoice__c"))
            .http(200, "INSUFFICIENT_ACCESS_OR_READONLY")
            .says("insufficient access rights on object id", ERRORS)
            .next("Share the record with the integration user to be edited"),
        forbidden("nue", "the role of the key may not read billing")
            .settings(json!({ "withheld": ["billing"] }))
            .http(403, "")
            .says("lacks the permission", NUE)
            .next("Give the role to which the API key is linked"),
        forbidden("zuora", "the user may not edit the object")
            .faults(json!([{ "kind": "403", "path": "/v1/action/update" }]))
            .of_records()
            .http(403, "NO_PERMISSION")
            .says("You do not have permission", "Zuora's error codes")
            .next("API Write Access"),
        forbidden("netsuite", "the role may not make a customer")
            .faults(json!([{ "kind": "403", "method": "POST", "path": "/services/rest/record/v1/customer" }]))
            .of_records()
            .http(403, "INSUFFICIENT_PERMISSION")
            .says("Permission Violation", "NetSuite's SuiteTalk error codes")
            .next("Give the integration's role access"),
    ]
}

/// Marks go by a call of their own; records share theirs with look-ups.
const MARKS: &str = "/services/data/v66.0/composite/sobjects/Counterfoil_Mark__c/Nue_Id__c";

fn limits_of_salesforce() -> Vec<Scenario> {
    let limit = |what| Scenario::new(Cause::ApiLimit, "salesforce", what);
    vec![
        limit("the day's calls are used up")
            .settings(json!({ "daily_api_requests_used": 100_000 }))
            .http(403, "REQUEST_LIMIT_EXCEEDED")
            .says("TotalRequests Limit exceeded.", ERRORS)
            .retry(Retry::After { seconds: DAY })
            .next("Salesforce counts the day's calls over the last 24 hours"),
        limit("of the day's calls only people's share is left")
            .settings(json!({ "daily_api_requests_used": 90_000 }))
            .says("of the day's 100000 calls are used", "`Sforce-Limit-Info`")
            .retry(Retry::After { seconds: DAY })
            .next("lower `reserve_percent`"),
        limit("too many long calls at once")
            .faults(json!([{ "kind": "429", "path": MARKS }]))
            .of_records()
            .http(403, "REQUEST_LIMIT_EXCEEDED")
            .says("ConcurrentRequests (Concurrent API Requests) Limit exceeded.", ERRORS)
            .retry(Retry::After { seconds: 30 })
            .next("Nothing to do: the next run goes on"),
        limit("a call that is too large")
            .faults(json!([{ "kind": "413", "path": MARKS }]))
            .of_records()
            .http(413, "")
            .says("413 Payload Too Large", "RFC 9110; the vendor's own words are not known")
            .retry(Retry::OnceMended)
            .next("Make the record smaller"),
    ]
}

fn limits_of_others() -> Vec<Scenario> {
    let limit = |application, what| Scenario::new(Cause::ApiLimit, application, what);
    let minutes = Retry::After { seconds: 600 };
    vec![
        limit("nue", "too many calls, and it wants to be left alone for ten minutes")
            .faults(json!([{ "kind": "429", "ms": 600_000 }]))
            .http(429, "")
            .says("Too many requests", "429 and `Retry-After` (RFC 9110); Nue publishes no limit")
            .retry(minutes)
            .next("Nothing to do: the next run goes on"),
        limit("nue", "a call that is too large")
            .faults(json!([{ "kind": "413", "path": "/invoices" }]))
            .http(413, "")
            .says("too large", NUE)
            .retry(Retry::OnceMended)
            .next("Make the record smaller"),
        limit("zuora", "too many calls, and it wants to be left alone for ten minutes")
            .faults(json!([{ "kind": "429", "path": "/v1/action/query", "ms": 600_000 }]))
            .http(429, "50000070")
            .says("concurrent requests has exceeded the limit", "Zuora: rate limits, `Retry-After`")
            .retry(minutes)
            .next("Nothing to do: the next run goes on"),
        limit("zuora", "a call that is too large")
            .faults(json!([{ "kind": "413", "path": "/v1/action/update" }]))
            .of_records()
            .http(413, "")
            .says("Request Entity Too Large", "RFC 9110; its gateway's words")
            .retry(Retry::OnceMended)
            .next("Make the record smaller"),
        limit("netsuite", "a call that is too large")
            .faults(json!([{ "kind": "413", "method": "POST", "path": "/services/rest/record/v1/customer" }]))
            .of_records()
            .http(413, "INVALID_REQUEST")
            .says("too large", "NetSuite: 104 MB a call; RFC 9110")
            .retry(Retry::OnceMended)
            .next("Make the record smaller"),
        limit("netsuite", "too many calls, and it wants to be left alone for ten minutes")
            .faults(json!([{ "kind": "429", "method": "POST", "path": "/services/rest/query/**", "ms": 600_000 }]))
            .http(429, "CONCURRENCY_LIMIT_EXCEEDED")
            .says("Concurrent request limit exceeded.", "NetSuite: concurrency governance")
            .retry(minutes)
            .next("Nothing to do: the next run goes on"),
    ]
}
