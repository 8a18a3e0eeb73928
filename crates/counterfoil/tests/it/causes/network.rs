//! Between us and an application. What is said here no application says: the evidence is the network's own.

use model::cause::Cause;
use serde_json::json;

use super::scenario::Address::{DroppedPort, NoHost, NoRoute, RefusedPort};
use super::scenario::{Hand, Scenario};

const ALL: [&str; 4] = ["salesforce", "nue", "zuora", "netsuite"];
const SYSTEM: &str = "the operating system's error";
const PAGE: &str = "RFC 9110; every vendor's API answers in JSON, so a page is somebody else's";

pub(super) fn all() -> Vec<Scenario> {
    // Nue's address must be this machine's as long as its API is only assumed: it has no host to be unknown.
    let mut scenarios: Vec<Scenario> = ["salesforce", "zuora", "netsuite"].map(no_such_host).into();
    for application in ALL {
        scenarios.extend([
            no_route(application),
            broken(application),
            refused_port(application),
            dropped_port(application),
            forbidding_page(application),
            silence(application),
            gateway_gave_up(application),
        ]);
    }
    scenarios.extend(["salesforce", "nue"].map(proxy));
    scenarios
}

fn no_such_host(application: &'static str) -> Scenario {
    Scenario::new(Cause::Connectivity, application, "no such host")
        .at(NoHost)
        .says("failed to lookup address information", SYSTEM)
        .next("Check that the address can be reached")
}

fn no_route(application: &'static str) -> Scenario {
    Scenario::new(Cause::Connectivity, application, "no route to its network")
        .at(NoRoute)
        .says("Network is unreachable", SYSTEM)
        .next("Check that the address can be reached")
}

fn broken(application: &'static str) -> Scenario {
    Scenario::new(Cause::Connectivity, application, "connections break before an answer comes")
        .faults(json!([{ "kind": "refuse" }]))
        .says("connection closed before message completed", "the HTTP library's error")
        .next("Check that the address can be reached")
}

fn refused_port(application: &'static str) -> Scenario {
    Scenario::new(Cause::Firewall, application, "a refused port")
        .at(RefusedPort)
        .says("Connection refused", SYSTEM)
        .next("Ask whether a firewall or a proxy refuses or drops")
}

fn dropped_port(application: &'static str) -> Scenario {
    Scenario::new(Cause::Firewall, application, "a port that silently drops what comes")
        .at(DroppedPort)
        .hand(Hand::Line("timeout_seconds = 2"))
        .says(
            "tcp connect error: deadline has elapsed",
            "no connection in time: the HTTP library's error while connecting",
        )
        .next("Ask whether a firewall or a proxy refuses or drops")
}

fn forbidding_page(application: &'static str) -> Scenario {
    Scenario::new(Cause::Firewall, application, "a firewall's page")
        .faults(json!([{ "kind": "html", "status": 403 }]))
        .http(403, "")
        .says("a page in place of an answer: 403 Forbidden", PAGE)
        .next("Ask whether a firewall or a proxy refuses or drops")
}

fn proxy(application: &'static str) -> Scenario {
    Scenario::new(Cause::Firewall, application, "a proxy that wants a password of its own")
        .faults(json!([{ "kind": "html", "status": 407 }]))
        .http(407, "")
        .says("a page in place of an answer: 407 Proxy Authentication Required", PAGE)
        .next("Ask whether a firewall or a proxy refuses or drops")
}

fn silence(application: &'static str) -> Scenario {
    Scenario::new(Cause::Timeout, application, "no answer in time")
        .hand(Hand::Line("timeout_seconds = 1"))
        .faults(json!([{ "kind": "silent" }]))
        .says("operation timed out", "connected and sent: the HTTP library's error after that")
        .next("the next run looks the record up and completes it")
}

fn gateway_gave_up(application: &'static str) -> Scenario {
    Scenario::new(Cause::Timeout, application, "a gateway that heard no answer in time")
        .faults(json!([{ "kind": "html", "status": 504 }]))
        .http(504, "")
        .says("a page in place of an answer: 504 Gateway Timeout", PAGE)
        .next("the next run looks the record up and completes it")
}
