//! `check`: log in, and show what each application can promise about duplicates.

use crate::applications::Applications;
use crate::cli::Configured;
use crate::config::Config;
use crate::exit::{Code, Failure};

pub(crate) async fn check(options: &Configured) -> Result<Code, Failure> {
    let config = Config::read(&options.config)?;
    let applications = Applications::new(&config)?;
    let mut told = Vec::new();
    if let Some(zuora) = &applications.zuora {
        zuora.check().await?;
        told.push(("zuora", connectors::zuora::promises()));
    }
    if let Some(netsuite) = &applications.netsuite {
        netsuite.check().await?;
        told.push(("netsuite", connectors::netsuite::promises()));
    }
    if let Some(salesforce) = &applications.salesforce {
        salesforce.check().await?;
        told.push(("salesforce", connectors::salesforce::promises()));
    }
    if let Some(nue) = &applications.nue {
        nue.check().await?;
        told.push(("nue", connectors::nue::promises()));
    }
    if options.json {
        let all: std::collections::BTreeMap<_, _> = told.into_iter().collect();
        println!("{}", serde_json::to_string(&all).map_err(Failure::failed)?);
        return Ok(Code::Done);
    }
    for (application, promises) in told {
        println!("{application}: logged in");
        for promise in promises {
            println!(
                "    {}: key {}; look-up {}; what remains: {}",
                promise.object, promise.enforced_key, promise.look_up, promise.remains
            );
        }
    }
    Ok(Code::Done)
}
