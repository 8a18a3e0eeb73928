//! The applications of a configuration: the only place that knows every concrete connector.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use connectors::netsuite::{self, NetSuite};
use connectors::zuora::{self, Zuora};
use connectors::{CallCount, Courtesy, DEFAULT_PATIENCE_SECONDS, DEFAULT_RESERVE_PERCENT};
use jiff::Timestamp;
use model::nearest::did_you_mean;
use model::ports::{Destination, Source};
use model::problem::Pause;

use crate::clock::{SystemClock, SystemEntropy};
use crate::config::Config;
use crate::exit::Failure;

/// The connectors that a configuration names.
pub(crate) struct Applications {
    pub(crate) zuora: Option<Zuora>,
    pub(crate) netsuite: Option<NetSuite>,
}

impl Applications {
    pub(crate) fn new(config: &Config) -> Result<Self, Failure> {
        let clock = Arc::new(SystemClock);
        let entropy = Arc::new(SystemEntropy);
        let zuora = match &config.zuora {
            Some(given) => {
                let made = Zuora::new(zuora_settings(config, given)?, clock.clone(), entropy.clone());
                let courtesy = courtesy(given.reserve_percent, given.patience_seconds);
                Some(made.map_err(|problem| config.wrong(&["zuora"], problem.words))?.with_courtesy(courtesy))
            }
            None => None,
        };
        let netsuite = match &config.netsuite {
            Some(given) => {
                let made = NetSuite::new(netsuite_settings(config, given)?, clock, entropy);
                let made = made.map_err(|problem| config.wrong(&["netsuite"], problem.words))?;
                Some(made.with_courtesy(courtesy(None, given.patience_seconds)))
            }
            None => None,
        };
        Ok(Self { zuora, netsuite })
    }

    pub(crate) fn sources(&self) -> HashMap<String, &dyn Source> {
        let zuora = self.zuora.as_ref().map(|zuora| ("zuora".to_owned(), zuora as &dyn Source));
        zuora.into_iter().collect()
    }

    pub(crate) fn destinations(&self) -> HashMap<String, &dyn Destination> {
        let netsuite = self.netsuite.as_ref().map(|netsuite| ("netsuite".to_owned(), netsuite as &dyn Destination));
        netsuite.into_iter().collect()
    }

    /// When each application as a whole was not there, since the run began.
    pub(crate) fn pauses(&self, began: Timestamp) -> Vec<Pause> {
        let zuora = self.zuora.as_ref().map(Zuora::pauses);
        let netsuite = self.netsuite.as_ref().map(NetSuite::pauses);
        let all = zuora.into_iter().chain(netsuite).flatten();
        all.filter(|pause| pause.until.is_none_or(|until| until >= began)).collect()
    }

    /// Calls by application.
    pub(crate) fn calls(&self) -> BTreeMap<String, Vec<CallCount>> {
        let zuora = self.zuora.as_ref().map(|zuora| ("zuora".to_owned(), zuora.calls()));
        let netsuite = self.netsuite.as_ref().map(|netsuite| ("netsuite".to_owned(), netsuite.calls()));
        zuora.into_iter().chain(netsuite).collect()
    }
}

fn courtesy(reserve_percent: Option<u8>, patience_seconds: Option<u64>) -> Courtesy {
    Courtesy {
        reserve_percent: reserve_percent.unwrap_or(DEFAULT_RESERVE_PERCENT),
        patience_seconds: patience_seconds.unwrap_or(DEFAULT_PATIENCE_SECONDS),
    }
}

fn zuora_settings(config: &Config, given: &crate::config::Zuora) -> Result<zuora::Settings, Failure> {
    let url = match (&given.url, &given.data_centre) {
        (Some(url), None) => url.clone(),
        (None, Some(name)) => zuora::data_centre(name).ok_or_else(|| no_data_centre(config, name))?.to_owned(),
        _ => return Err(config.wrong(&["zuora"], "give either `url` or `data_centre`")),
    };
    Ok(zuora::Settings {
        url,
        client_id: given.client_id.clone(),
        client_secret: config.secret(&["zuora", "client_secret"], &given.client_secret)?,
        entity: given.entity.clone(),
        concurrency: given.concurrency.unwrap_or(zuora::DEFAULT_CONCURRENCY),
        timeout_seconds: given.timeout_seconds.unwrap_or(zuora::DEFAULT_TIMEOUT_SECONDS),
    })
}

fn no_data_centre(config: &Config, name: &str) -> Failure {
    let near = did_you_mean(name, zuora::data_centres());
    let all = zuora::data_centres().collect::<Vec<_>>().join(", ");
    config.wrong(&["zuora", "data_centre"], format!("there is no data centre '{name}'{near}\n  there are: {all}"))
}

fn netsuite_settings(config: &Config, given: &crate::config::NetSuite) -> Result<netsuite::Settings, Failure> {
    let credentials = match (&given.oauth2, &given.token_based) {
        (Some(oauth2), None) => netsuite::Credentials::ClientCredentials {
            client_id: oauth2.client_id.clone(),
            certificate_id: oauth2.certificate_id.clone(),
            private_key_pem: config.secret(&["netsuite", "oauth2", "private_key"], &oauth2.private_key)?,
        },
        (None, Some(token)) => netsuite::Credentials::TokenBased {
            consumer_key: token.consumer_key.clone(),
            consumer_secret: config.secret(&["netsuite", "token_based", "consumer_secret"], &token.consumer_secret)?,
            token_id: token.token_id.clone(),
            token_secret: config.secret(&["netsuite", "token_based", "token_secret"], &token.token_secret)?,
        },
        _ => {
            return Err(config.wrong(&["netsuite"], "give either [netsuite.oauth2] or [netsuite.token_based]"));
        }
    };
    Ok(netsuite::Settings {
        url: given.url.clone(),
        account: given.account.clone(),
        credentials,
        concurrency: given.concurrency.unwrap_or(netsuite::DEFAULT_CONCURRENCY),
        timeout_seconds: given.timeout_seconds.unwrap_or(netsuite::DEFAULT_TIMEOUT_SECONDS),
    })
}
