//! One application: whether its address leads anywhere, whether it lets us in, as whom, and what is left of its limits.
//! The first step that fails is the last one that is tried.

use std::time::Duration;

use connectors::Promise;
use model::problem::{Cause, Problem};
use model::survey::{Allowed, Survey};
use serde::Serialize;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::finding::{Finding, Severity};
use crate::config::Config;

/// A connection that takes longer is blocked.
const CONNECT: Duration = Duration::from_secs(5);
/// What makes the sender go through a proxy, so that the direct way tells nothing.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// A step on the way in.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    /// `address`, `reachable`, `TLS`, `logged in`.
    pub(crate) step: &'static str,
    /// How it went.
    pub(crate) state: State,
    /// What was seen.
    pub(crate) told: String,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// Well.
    Ok,
    /// It failed.
    Failed,
    /// There was nothing to try.
    Skipped,
}

/// An application that was looked over.
pub(crate) struct Looked<'a> {
    pub(crate) name: &'static str,
    pub(crate) survey: &'a dyn Survey,
    pub(crate) steps: Vec<Step>,
    pub(crate) who: Option<String>,
    pub(crate) limits: Vec<Allowed>,
    pub(crate) promises: Vec<Promise>,
    pub(crate) findings: Vec<Finding>,
}

impl Looked<'_> {
    /// Whether it lets us in, so that flows can be examined.
    pub(crate) fn is_up(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::WillFail)
    }

    fn step(&mut self, step: &'static str, state: State, told: impl Into<String>) {
        self.steps.push(Step { step, state, told: told.into() });
    }

    fn fails(&mut self, step: &'static str, finding: Finding) {
        self.step(step, State::Failed, finding.what.clone());
        self.findings.push(finding);
    }
}

pub(crate) async fn look<'a>(
    config: &Config,
    name: &'static str,
    survey: &'a dyn Survey,
    promises: Vec<Promise>,
) -> Looked<'a> {
    let mut looked =
        Looked { name, survey, steps: Vec::new(), who: None, limits: Vec::new(), promises, findings: Vec::new() };
    let place = config.place(&[name]);
    let Some(door) = Door::of(survey.address()) else { return looked };
    if door.is_behind_proxy() {
        looked.step("address", State::Skipped, "through the proxy that the environment names");
    } else if let Err((step, finding)) = door.try_it(&mut looked, &place).await {
        looked.fails(step, finding);
        return looked;
    }
    match survey.visit().await {
        Ok(visit) => {
            door.tls(&mut looked, &place);
            looked.step("logged in", State::Ok, visit.who.clone().unwrap_or_default());
            looked.findings.extend(visit.limits.iter().filter_map(|limit| scarce(limit, &place)));
            (looked.who, looked.limits) = (visit.who, visit.limits);
        }
        Err(problem) if door.encrypted && is_of_tls(&problem) => looked.fails("TLS", of_tls(&problem, place)),
        Err(problem) => {
            door.tls(&mut looked, &place);
            let step = if problem.cause == Cause::Authentication { "logged in" } else { "answers" };
            looked.fails(step, Finding::of(&problem, place));
        }
    }
    looked
}

/// Where an application is knocked at.
struct Door {
    host: String,
    port: u16,
    encrypted: bool,
}

impl Door {
    /// The host and the port of a web address.
    fn of(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let encrypted = scheme == "https";
        let authority = rest.split('/').next()?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let usual = if encrypted { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        Some(Self { host: host.trim_matches(['[', ']']).to_owned(), port, encrypted })
    }

    fn is_local(&self) -> bool {
        self.host == "localhost" || self.host == "::1" || self.host.starts_with("127.")
    }

    fn is_behind_proxy(&self) -> bool {
        !self.is_local() && PROXIES.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    }

    /// Looks the name up, and opens a connection that carries nothing.
    async fn try_it(&self, looked: &mut Looked<'_>, place: &str) -> Result<(), (&'static str, Finding)> {
        let Self { host, port, .. } = self;
        let failed = |step, what: String, remedy: &str| {
            let place = place.to_owned();
            (step, Finding { severity: Severity::WillFail, what, place, remedy: remedy.to_owned() })
        };
        let found: Vec<_> = match timeout(CONNECT, lookup_host((host.as_str(), *port))).await {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
        let Some(first) = found.first() else {
            let what = format!("the name {host} leads to no address");
            let remedy = "Correct the address under this table (`url`, `account` or `data_centre`), or ask whoever keeps the \
                          network why the name is not known from here.";
            return Err(failed("address", what, remedy));
        };
        let ip = first.ip().to_string();
        looked.step("address", State::Ok, if ip == *host { ip } else { format!("{host} is {ip}") });
        for address in &found {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(_)) => {
                    looked.step("reachable", State::Ok, format!("port {port} is open"));
                    return Ok(());
                }
                Ok(Err(error)) if Some(address) == found.last() => {
                    let what = format!("nothing takes a connection at {host} port {port}: {error}");
                    let remedy = "Correct the address or the port, start what should listen there, or ask whether a firewall \
                                  refuses the way from here.";
                    return Err(failed("reachable", what, remedy));
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
        let what = format!("no answer from {host} port {port} in {} seconds", CONNECT.as_secs());
        let remedy = format!(
            "Ask whoever keeps the network to let connections from here to {host} port {port} pass: a firewall drops them. Or \
             name the proxy in HTTPS_PROXY."
        );
        Err(failed("reachable", what, &remedy))
    }

    fn tls(&self, looked: &mut Looked<'_>, place: &str) {
        if self.encrypted {
            looked.step("TLS", State::Ok, "the certificate is accepted");
            return;
        }
        looked.step("TLS", State::Skipped, "none: the address begins with http");
        if !self.is_local() {
            looked.findings.push(Finding {
                severity: Severity::WillWarn,
                what: format!("credentials travel to {} unencrypted", self.host),
                place: place.to_owned(),
                remedy: "Write https:// in the address.".to_owned(),
            });
        }
    }
}

/// The sender's library tells a failed handshake among connections that could not be made.
fn is_of_tls(problem: &Problem) -> bool {
    let words = problem.words.to_lowercase();
    matches!(problem.cause, Cause::Connectivity | Cause::Firewall)
        && ["certificate", "tls", "handshake", "ssl", "corrupt message"].iter().any(|word| words.contains(word))
}

fn of_tls(problem: &Problem, place: String) -> Finding {
    Finding {
        remedy: "If something on the way from here opens encrypted connections, add its certificate to the system's; if not, \
                 the address leads to somebody else, or its certificate has expired."
            .to_owned(),
        ..Finding::of(problem, place)
    }
}

/// A limit of which nothing, or nearly nothing, is left for us.
fn scarce(limit: &Allowed, place: &str) -> Option<Finding> {
    let Allowed { what, granted, left, kept, remedy } = limit;
    let left = (*left)?;
    let told =
        |what: String, severity| Some(Finding { severity, what, place: place.to_owned(), remedy: remedy.clone() });
    if left <= *kept {
        let words = format!("{left} of {granted} {what} are left, and {kept} are kept for people and other programs");
        return told(format!("{words}: nothing would be sent"), Severity::WillFail);
    }
    if left - kept <= granted / 20 {
        let words = format!("{left} of {granted} {what} are left, {kept} of them for people and other programs");
        return told(format!("{words}: a run may stop before its end"), Severity::WillWarn);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_address_is_taken_apart() {
        let door = |address: &str| Door::of(address).map(|door| (door.host, door.port, door.encrypted));
        assert_eq!(door("https://api.nue.io"), Some(("api.nue.io".into(), 443, true)));
        assert_eq!(door("http://127.0.0.1:4000/base"), Some(("127.0.0.1".into(), 4000, false)));
        assert_eq!(door("http://[::1]:4000"), Some(("::1".into(), 4000, false)));
        assert_eq!(door("https://[::1]"), Some(("::1".into(), 443, true)));
        assert_eq!(door("nothing"), None);
    }

    #[test]
    fn a_limit_is_told_when_only_the_share_of_others_is_left_or_nearly() {
        let limit =
            |left| Allowed { what: "calls".into(), granted: 1_000, left: Some(left), kept: 200, remedy: "wait".into() };
        let severity = |left| scarce(&limit(left), "x").map(|finding| finding.severity);
        assert_eq!(severity(200), Some(Severity::WillFail));
        assert_eq!(severity(250), Some(Severity::WillWarn));
        assert_eq!(severity(251), None);
    }
}
