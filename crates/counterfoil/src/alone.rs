//! Where a destination enforces no key, two processes that write at once would make a record twice: only one may.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;

use model::flow::Flow;

use crate::applications::Applications;
use crate::exit::Failure;

/// The right to be the one process of this machine that writes where no key is enforced. It ends with the process, however
/// that ends.
pub(crate) struct Alone {
    _locks: Vec<File>,
}

impl Alone {
    /// Claims the destinations of these flows that enforce no key. Flows to one that another process holds are left to that
    /// process, and said to be; where no other flow remains, there is nothing to do but to wait.
    pub(crate) fn claim(applications: &Applications, flows: &mut Vec<Flow>) -> Result<Self, Failure> {
        let mut locks = Vec::new();
        for name in keyless(applications, flows) {
            match lock(&name, &applications.host(&name).unwrap_or_default()) {
                Ok(file) => locks.push(file),
                Err(held) => {
                    flows.retain(|flow| flow.destination.application != name || flow.destination.look_only);
                    if flows.is_empty() {
                        return Err(held);
                    }
                    tracing::warn!("flows into {name} are left to another process: {held}");
                }
            }
        }
        Ok(Self { _locks: locks })
    }
}

/// The destinations of these flows that are written to and enforce no key.
fn keyless(applications: &Applications, flows: &[Flow]) -> BTreeSet<String> {
    let destinations = applications.destinations();
    let is_keyless = |name: &str| destinations.get(name).is_some_and(|held| held.wait_out().is_some());
    let written = flows.iter().map(|flow| &flow.destination).filter(|side| !side.look_only);
    written.map(|side| side.application.clone()).filter(|name| is_keyless(name)).collect()
}

/// One file for each address, whatever the configuration is called that names it.
fn lock(application: &str, host: &str) -> Result<File, Failure> {
    let plain: String = host.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let path: PathBuf = std::env::temp_dir().join(format!("counterfoil-{application}-{plain}.lock"));
    let told = |error: &dyn std::fmt::Display| {
        Failure::failed(format!(
            "{application} at {host} enforces no key, so only one process may write there, and {} cannot be locked: {error}\n  \
             next: wait until the other run has ended (two machines do not see each other: run these flows on one only)",
            path.display()
        ))
    };
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(|error| told(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(told(&"another process holds it")),
        Err(TryLockError::Error(error)) => Err(told(&error)),
    }
}
