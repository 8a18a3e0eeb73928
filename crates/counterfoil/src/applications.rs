//! The applications of a configuration: the only place that knows every concrete connector.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use connectors::netsuite::{self, NetSuite};
use connectors::nue::{self, MarkFields, Marked, Nue};
use connectors::salesforce::{self, Salesforce};
use connectors::zuora::{self, Zuora};
use connectors::{CallCount, Courtesy, DEFAULT_PATIENCE_SECONDS, DEFAULT_RESERVE_PERCENT};
use jiff::Timestamp;
use model::nearest::did_you_mean;
use model::ports::{Destination, Source};
use model::problem::Pause;
use model::survey::Survey;

use crate::clock::{SystemClock, SystemEntropy};
use crate::config::{self, Config};
use crate::exit::Failure;

/// The connectors that a configuration names.
pub(crate) struct Applications {
    pub(crate) zuora: Option<Zuora>,
    pub(crate) netsuite: Option<NetSuite>,
    pub(crate) salesforce: Option<Arc<Salesforce>>,
    pub(crate) nue: Option<Arc<Nue>>,
    /// Where the marks of Nue's billing records stand in Salesforce.
    pub(crate) mark_fields: MarkFields,
    /// Nue's billing records with their marks in Salesforce, where there are both.
    marked: Option<Marked>,
}

impl Applications {
    pub(crate) fn new(config: &Config) -> Result<Self, Failure> {
        let salesforce = config.salesforce.as_ref().map(|given| salesforce(config, given)).transpose()?.map(Arc::new);
        let nue = config.nue.as_ref().map(|given| nue(config, given)).transpose()?.map(Arc::new);
        let fields = config.nue.as_ref().map(|given| mark_fields(config, &given.marks)).unwrap_or_default();
        let pair = nue.clone().zip(salesforce.clone());
        Ok(Self {
            zuora: config.zuora.as_ref().map(|given| zuora(config, given)).transpose()?,
            netsuite: config.netsuite.as_ref().map(|given| netsuite(config, given)).transpose()?,
            marked: pair.map(|(nue, salesforce)| Marked::new(nue, salesforce, fields.clone())),
            mark_fields: fields,
            salesforce,
            nue,
        })
    }

    /// Each application, to be looked over; Nue with its marks, where there are both.
    pub(crate) fn surveys(&self) -> Vec<(&'static str, &dyn Survey)> {
        let zuora = self.zuora.as_ref().map(|zuora| ("zuora", zuora as &dyn Survey));
        let netsuite = self.netsuite.as_ref().map(|netsuite| ("netsuite", netsuite as &dyn Survey));
        let salesforce = self.salesforce.as_deref().map(|salesforce| ("salesforce", salesforce as &dyn Survey));
        let marked = self.marked.as_ref().map(|marked| marked as &dyn Survey);
        let nue = marked.or(self.nue.as_deref().map(|nue| nue as &dyn Survey)).map(|nue| ("nue", nue));
        [zuora, netsuite, salesforce, nue].into_iter().flatten().collect()
    }

    pub(crate) fn sources(&self) -> HashMap<String, &dyn Source> {
        let zuora = self.zuora.as_ref().map(|zuora| ("zuora", zuora as &dyn Source));
        let salesforce = self.salesforce.as_deref().map(|salesforce| ("salesforce", salesforce as &dyn Source));
        let nue = self.marked.as_ref().map(|marked| ("nue", marked as &dyn Source));
        [zuora, salesforce, nue].into_iter().flatten().map(|(name, source)| (name.to_owned(), source)).collect()
    }

    pub(crate) fn destinations(&self) -> HashMap<String, &dyn Destination> {
        let netsuite = self.netsuite.as_ref().map(|netsuite| ("netsuite", netsuite as &dyn Destination));
        let salesforce = self.salesforce.as_deref().map(|salesforce| ("salesforce", salesforce as &dyn Destination));
        let nue = self.nue.as_deref().map(|nue| ("nue", nue as &dyn Destination));
        let all = [netsuite, salesforce, nue].into_iter().flatten();
        all.map(|(name, destination)| (name.to_owned(), destination)).collect()
    }

    /// When each application as a whole was not there, since the run began.
    pub(crate) fn pauses(&self, began: Timestamp) -> Vec<Pause> {
        let zuora = self.zuora.as_ref().map(Zuora::pauses);
        let netsuite = self.netsuite.as_ref().map(NetSuite::pauses);
        let salesforce = self.salesforce.as_deref().map(Salesforce::pauses);
        let nue = self.nue.as_deref().map(Nue::pauses);
        let all = [zuora, netsuite, salesforce, nue].into_iter().flatten().flatten();
        all.filter(|pause| pause.until.is_none_or(|until| until >= began)).collect()
    }

    /// The address of an application that enforces no key.
    pub(crate) fn host(&self, name: &str) -> Option<String> {
        self.nue.as_deref().filter(|_| name == "nue").map(Nue::host)
    }

    /// Calls by application.
    pub(crate) fn calls(&self) -> BTreeMap<String, Vec<CallCount>> {
        let zuora = self.zuora.as_ref().map(|zuora| ("zuora", zuora.calls()));
        let netsuite = self.netsuite.as_ref().map(|netsuite| ("netsuite", netsuite.calls()));
        let salesforce = self.salesforce.as_deref().map(|salesforce| ("salesforce", salesforce.calls()));
        let nue = self.nue.as_deref().map(|nue| ("nue", nue.calls()));
        let all = [zuora, netsuite, salesforce, nue].into_iter().flatten();
        all.map(|(name, calls)| (name.to_owned(), calls)).collect()
    }
}

fn zuora(config: &Config, given: &config::Zuora) -> Result<Zuora, Failure> {
    let made = Zuora::new(zuora_settings(config, given)?, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let made = made.map_err(|problem| config.wrong(&["zuora"], problem.words))?;
    Ok(made.with_courtesy(courtesy(given.reserve_percent, given.patience_seconds)))
}

fn netsuite(config: &Config, given: &config::NetSuite) -> Result<NetSuite, Failure> {
    let made = NetSuite::new(netsuite_settings(config, given)?, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let made = made.map_err(|problem| config.wrong(&["netsuite"], problem.words))?;
    Ok(made.with_courtesy(courtesy(None, given.patience_seconds)))
}

fn salesforce(config: &Config, given: &config::Salesforce) -> Result<Salesforce, Failure> {
    let client_id = given.client_id.clone();
    let credentials = match (&given.client_secret, &given.jwt) {
        (Some(secret), None) => salesforce::Credentials::ClientCredentials {
            client_id,
            client_secret: config.secret(&["salesforce", "client_secret"], secret)?,
        },
        (None, Some(jwt)) => salesforce::Credentials::JwtBearer {
            client_id,
            username: jwt.username.clone(),
            audience: jwt.audience.clone(),
            private_key_pem: config.secret(&["salesforce", "jwt", "private_key"], &jwt.private_key)?,
        },
        _ => return Err(config.wrong(&["salesforce"], "give either `client_secret` or [salesforce.jwt]")),
    };
    let settings = salesforce::Settings {
        url: given.url.clone(),
        version: given.version.clone().unwrap_or_else(|| salesforce::DEFAULT_VERSION.to_owned()),
        credentials,
        concurrency: given.concurrency.unwrap_or(salesforce::DEFAULT_CONCURRENCY),
        timeout_seconds: given.timeout_seconds.unwrap_or(salesforce::DEFAULT_TIMEOUT_SECONDS),
    };
    let made = Salesforce::new(settings, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let made = made.map_err(|problem| config.wrong(&["salesforce"], problem.words))?;
    Ok(made.with_courtesy(courtesy(given.reserve_percent, given.patience_seconds)))
}

fn nue(config: &Config, given: &config::Nue) -> Result<Nue, Failure> {
    let settings = nue::Settings {
        url: given.url.clone().unwrap_or_else(|| nue::PRODUCTION.to_owned()),
        api_key: config.secret(&["nue", "api_key"], &given.api_key)?,
        generate_invoice: given.generate_invoice.unwrap_or(false),
        concurrency: given.concurrency.unwrap_or(nue::DEFAULT_CONCURRENCY),
        timeout_seconds: given.timeout_seconds.unwrap_or(nue::DEFAULT_TIMEOUT_SECONDS),
        wait_out_seconds: given.wait_out_seconds,
    };
    let made = Nue::new(settings, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let made = made.map_err(|problem| config.wrong(&["nue"], problem.words))?;
    let made = made.with_assumed(crate::assumed::read(config, &given.assumed)?);
    Ok(made.with_courtesy(courtesy(None, given.patience_seconds)))
}

/// What the object of the marks is called: as its own settings say, or as `[names]` says of all objects and fields.
fn mark_fields(config: &Config, given: &config::NueMarks) -> MarkFields {
    let called = |given: &Option<String>, usual: String| {
        given.as_ref().or_else(|| config.names.get(&usual)).cloned().unwrap_or(usual)
    };
    let MarkFields { object, key, id } = MarkFields::default();
    MarkFields { object: called(&given.object, object), key: called(&given.key, key), id: called(&given.id, id) }
}

fn courtesy(reserve_percent: Option<u8>, patience_seconds: Option<u64>) -> Courtesy {
    Courtesy {
        reserve_percent: reserve_percent.unwrap_or(DEFAULT_RESERVE_PERCENT),
        patience_seconds: patience_seconds.unwrap_or(DEFAULT_PATIENCE_SECONDS),
    }
}

fn zuora_settings(config: &Config, given: &config::Zuora) -> Result<zuora::Settings, Failure> {
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

fn netsuite_settings(config: &Config, given: &config::NetSuite) -> Result<netsuite::Settings, Failure> {
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
