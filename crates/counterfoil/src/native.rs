//! Where Nue's own connection to Salesforce carries records, we only look: what we wrote on one side it would carry to the
//! other again.

use model::flow::Flow;

use crate::applications::Applications;
use crate::config::{Config, NativeConnection};
use crate::exit::Failure;

const MAKER: &str =
    "Nue's own connection to Salesforce (Sync Order on the order sends it at once; else its nightly job)";

/// Makes flows to and from Nue look only, if its own connection is on. Where the configuration does not say so, Nue is
/// asked for records that only that connection can have made.
pub(crate) async fn heed(config: &Config, applications: &Applications, flows: &mut [Flow]) -> Result<(), Failure> {
    let mut carried: Vec<&mut Flow> = flows.iter_mut().filter(|flow| carries(flow)).collect();
    let (Some(nue), Some(given)) = (&applications.nue, &config.nue) else { return Ok(()) };
    if carried.is_empty() {
        return Ok(());
    }
    let is_on = match given.native_connection {
        Some(said) => said == NativeConnection::On,
        None => nue.seems_connected().await?,
    };
    if is_on {
        tracing::warn!(
            "Nue's own connection to Salesforce carries records of this tenant: its flows only look. If it is off by now, \
             say native_connection = \"off\" under [nue]"
        );
        carried.iter_mut().for_each(|flow| only_look(flow));
    }
    Ok(())
}

fn carries(flow: &Flow) -> bool {
    let ends = [flow.source.application.as_str(), flow.destination.application.as_str()];
    ends == ["nue", "salesforce"] || ends == ["salesforce", "nue"]
}

fn only_look(flow: &mut Flow) {
    let destination = &mut flow.destination;
    destination.look_only = true;
    destination.made_by.get_or_insert_with(|| MAKER.to_owned());
    if destination.application == "nue" {
        // What that connection made has Salesforce's id for its own: no field of the tenant's is needed.
        destination.source_id = None;
        destination.fields.remove("salesforceId");
        destination.lines.clear();
    }
}
