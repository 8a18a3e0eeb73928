//! What was proven of Nue's assumptions, and what a person accepts without proof. A real tenant is worked with only as far
//! as the two reach; an emulator on this machine needs neither.

use std::fs::File;

use connectors::nue::{self, Assumed, Need, Nue, Probed, Verdict};
use jiff::Timestamp;
use model::flow::Flow;
use model::nearest::did_you_mean;
use serde::{Deserialize, Serialize};

use crate::commands::write_secret;
use crate::config::{Config, NueAssumed};
use crate::exit::Failure;

/// How the file is called that remembers what was probed: it stands beside the configuration.
const ENDING: &str = "nue-checked.json";
/// Another version may assume other things.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What was probed, of which tenant, when, and by which version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proofs {
    pub(crate) tenant: String,
    pub(crate) version: String,
    pub(crate) at: Timestamp,
    pub(crate) probed: Vec<Probed>,
}

impl Proofs {
    pub(crate) fn new(nue: &Nue, at: Timestamp, probed: Vec<Probed>) -> Self {
        Self { tenant: nue.tenant(), version: VERSION.to_owned(), at, probed }
    }

    /// What is remembered of this tenant; a file that cannot be read proves nothing.
    pub(crate) fn remembered(config: &Config, nue: &Nue) -> Option<Self> {
        let proofs: Self = serde_json::from_reader(File::open(config.beside(ENDING)).ok()?).ok()?;
        (proofs.tenant == nue.tenant() && proofs.version == VERSION).then_some(proofs)
    }

    pub(crate) fn remember(&self, config: &Config) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).map_err(Failure::failed)?;
        write_secret(&config.beside(ENDING), &text)
    }

    pub(crate) fn of(&self, need: &Need) -> Option<&Probed> {
        self.probed.iter().find(|probed| probed.name == need.assumption.name && probed.value == need.value)
    }
}

/// How an assumption stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// A probe showed that it holds.
    Holds,
    /// A person accepted it.
    Accepted,
    /// A probe showed that it does not.
    Fails,
    /// A probe could not tell.
    Open,
    /// Nobody probed it.
    Unprobed,
    /// No read can prove it, and nobody accepted it.
    Unaccepted,
}

impl Standing {
    /// Whether a flow may rest on it.
    pub(crate) fn carries(self) -> bool {
        matches!(self, Self::Holds | Self::Accepted)
    }
}

/// How a need stands. What a probe refuted nobody can accept.
pub(crate) fn standing(need: &Need, proofs: Option<&Proofs>, accepted: &[String]) -> Standing {
    let is_accepted = accepted.iter().any(|name| name == need.assumption.name);
    match proofs.and_then(|proofs| proofs.of(need)).map(|probed| probed.verdict) {
        Some(Verdict::Holds) => Standing::Holds,
        Some(Verdict::Fails) => Standing::Fails,
        _ if is_accepted => Standing::Accepted,
        Some(Verdict::Open) => Standing::Open,
        None if need.assumption.probed => Standing::Unprobed,
        None => Standing::Unaccepted,
    }
}

/// Paths and names of the configuration; a name that nothing is called by is an error.
pub(crate) fn read(config: &Config, given: &NueAssumed) -> Result<Assumed, Failure> {
    for name in &given.accept {
        if nue::assumption(name).is_none() {
            let near = did_you_mean(name, nue::ASSUMPTIONS.into_iter().map(|known| known.name));
            let words = format!("nothing that is assumed of Nue is called `{name}`{near}");
            return Err(config.wrong(&["nue", "assumed", "accept"], words));
        }
    }
    Assumed::new(&given.values).map_err(|(name, words)| config.wrong(&["nue", "assumed", &name], words))
}

/// Whether it may be found out if Nue's own connection to Salesforce is on: on a real tenant by a query that was proven.
pub(crate) fn can_be_asked(config: &Config, nue: &Nue) -> bool {
    let given = config.nue.as_ref();
    let accepted = given.map(|given| given.assumed.accept.as_slice()).unwrap_or_default();
    let need = Need { assumption: &nue::GRAPHQL_LIKE, value: String::new() };
    nue.is_emulated()
        || given.is_some_and(|given| given.native_connection.is_some())
        || standing(&need, Proofs::remembered(config, nue).as_ref(), accepted).carries()
}

/// What is to be done about assumptions on which flows cannot rest.
pub(crate) fn remedy(lacking: &[(Need, Standing)]) -> String {
    let names = |wanted: &[Standing]| {
        let mut names: Vec<&str> = Vec::new();
        for (need, _) in lacking.iter().filter(|(_, standing)| wanted.contains(standing)) {
            if !names.contains(&need.assumption.name) {
                names.push(need.assumption.name);
            }
        }
        names
    };
    let mut steps = Vec::new();
    if !names(&[Standing::Unprobed]).is_empty() {
        steps.push("run `counterfoil check`, which probes them and only reads".to_owned());
    }
    let refuted = names(&[Standing::Fails]);
    if !refuted.is_empty() {
        steps.push(format!("tell under [nue.assumed] what this tenant has in place of {}", refuted.join(", ")));
    }
    let unaccepted = names(&[Standing::Unaccepted, Standing::Open]);
    if !unaccepted.is_empty() {
        let list: Vec<String> = unaccepted.iter().map(|name| format!("\"{name}\"")).collect();
        steps.push(format!(
            "no read can prove {}: ask Nue or try it in a sandbox, then accept it: [nue.assumed] accept = [{}]",
            unaccepted.join(", "),
            list.join(", ")
        ));
    }
    steps.join("; ")
}

/// What the flow rests on and must not.
pub(crate) fn lacking(config: &Config, nue: &Nue, flow: &Flow, proofs: Option<&Proofs>) -> Vec<(Need, Standing)> {
    let accepted = config.nue.as_ref().map(|given| given.assumed.accept.as_slice()).unwrap_or_default();
    let needs = nue::needs(flow, nue.assumed()).into_iter();
    let stood = needs.map(|need| {
        let standing = standing(&need, proofs, accepted);
        (need, standing)
    });
    stood.filter(|(_, standing)| !standing.carries()).collect()
}

/// Refuses flows that rest on what is only assumed of a real tenant.
pub(crate) fn refuse(config: &Config, nue: &Nue, flows: &[Flow]) -> Result<(), Failure> {
    if nue.is_emulated() {
        return Ok(());
    }
    let proofs = Proofs::remembered(config, nue);
    let (mut told, mut all) = (Vec::new(), Vec::new());
    for flow in flows {
        let lacking = lacking(config, nue, flow, proofs.as_ref());
        if lacking.is_empty() {
            continue;
        }
        let names: Vec<&str> = lacking.iter().map(|(need, _)| need.assumption.name).collect();
        told.push(format!("\n  {}: {}", flow.name, names.join(", ")));
        all.extend(lacking);
    }
    if all.is_empty() {
        return Ok(());
    }
    let words = format!(
        "much of Nue's API is not public, and what these flows rest on is only assumed of this tenant:{}\n  next: {}",
        told.concat(),
        remedy(&all)
    );
    Err(config.wrong(&["nue"], words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(name: &str) -> Need {
        let assumption = nue::assumption(name).unwrap();
        Need { assumption, value: assumption.value.to_owned() }
    }

    fn proofs(name: &str, value: &str, verdict: Verdict) -> Proofs {
        let probed = Probed { name: name.into(), value: value.into(), verdict, told: String::new() };
        Proofs { tenant: "t".into(), version: VERSION.into(), at: Timestamp::UNIX_EPOCH, probed: vec![probed] }
    }

    #[test]
    fn a_flow_rests_on_what_holds_or_was_accepted_and_on_nothing_else() {
        let accepted = ["order-cancel".to_owned(), "graphql".to_owned()];
        let graphql = need("graphql");
        let probed = |verdict| proofs("graphql", "/async/graphql", verdict);
        assert_eq!(standing(&graphql, None, &[]), Standing::Unprobed);
        assert_eq!(standing(&graphql, Some(&probed(Verdict::Holds)), &[]), Standing::Holds);
        assert_eq!(standing(&graphql, Some(&probed(Verdict::Open)), &[]), Standing::Open);
        assert_eq!(standing(&graphql, Some(&probed(Verdict::Open)), &accepted), Standing::Accepted);
        assert_eq!(standing(&graphql, Some(&probed(Verdict::Fails)), &accepted), Standing::Fails);
        let elsewhere = proofs("graphql", "/orders/async/graphql", Verdict::Holds);
        assert_eq!(standing(&graphql, Some(&elsewhere), &[]), Standing::Unprobed);
        assert_eq!(standing(&need("order-cancel"), None, &[]), Standing::Unaccepted);
        assert_eq!(standing(&need("order-cancel"), None, &accepted), Standing::Accepted);
    }

    #[test]
    fn a_remedy_names_each_step_once() {
        let told = remedy(&[
            (need("graphql"), Standing::Unprobed),
            (need("order-cancel"), Standing::Unaccepted),
            (need("order-cancel"), Standing::Unaccepted),
        ]);
        assert!(told.starts_with("run `counterfoil check`"), "{told}");
        assert!(told.ends_with("accept = [\"order-cancel\"]"), "{told}");
    }
}
