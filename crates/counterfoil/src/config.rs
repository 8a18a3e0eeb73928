//! The configuration file. Every key is known; a key that is not is an error with its line.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use journal::Place;
use model::place::{line_of, of_error};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::exit::Failure;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the journal is kept: a path from the configuration's own folder, or the address of a PostgreSQL server.
    #[serde(default = "default_journal")]
    journal: Secret,
    pub(crate) zuora: Option<Zuora>,
    pub(crate) netsuite: Option<NetSuite>,
    pub(crate) salesforce: Option<Salesforce>,
    pub(crate) nue: Option<Nue>,
    #[serde(default)]
    pub(crate) flows: Flows,
    /// Names of fields that differ in this tenant: what the shipped flows say, and what it is called here.
    #[serde(default)]
    pub(crate) names: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(skip)]
    file: PathBuf,
    /// The whole text, for the lines that errors name. It may hold secrets.
    #[serde(skip)]
    text: SecretString,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Zuora {
    /// The base address; or `data_centre`.
    pub(crate) url: Option<String>,
    /// The data centre's name, in place of an address.
    pub(crate) data_centre: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    /// The entity, in a multi-entity tenant.
    pub(crate) entity: Option<String>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) timeout_seconds: Option<u64>,
    /// The share of the vendor's limits that is left to people and other integrations.
    pub(crate) reserve_percent: Option<u8>,
    /// How long requests wait for an application that is down as a whole.
    pub(crate) patience_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetSuite {
    /// The base address, where it does not follow from the account.
    pub(crate) url: Option<String>,
    pub(crate) account: String,
    pub(crate) oauth2: Option<ClientCredentials>,
    pub(crate) token_based: Option<TokenBased>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) timeout_seconds: Option<u64>,
    /// How long requests wait for an application that is down as a whole.
    pub(crate) patience_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientCredentials {
    pub(crate) client_id: String,
    pub(crate) certificate_id: String,
    pub(crate) private_key: Secret,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenBased {
    pub(crate) consumer_key: String,
    pub(crate) consumer_secret: Secret,
    pub(crate) token_id: String,
    pub(crate) token_secret: Secret,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Salesforce {
    /// The org's own address: `https://example.my.salesforce.com`.
    pub(crate) url: String,
    /// `66.0`.
    pub(crate) version: Option<String>,
    pub(crate) client_id: String,
    /// Client credentials; or `jwt`.
    pub(crate) client_secret: Option<Secret>,
    /// A user for whom a certificate's key signs.
    pub(crate) jwt: Option<JwtBearer>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) timeout_seconds: Option<u64>,
    /// The share of the day's calls that is left to people and other integrations.
    pub(crate) reserve_percent: Option<u8>,
    /// How long requests wait for an application that is down as a whole.
    pub(crate) patience_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtBearer {
    pub(crate) username: String,
    /// `https://login.salesforce.com`, or `https://test.salesforce.com` for a sandbox.
    pub(crate) audience: String,
    pub(crate) private_key: Secret,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nue {
    pub(crate) url: Option<String>,
    pub(crate) api_key: Secret,
    /// Whether an order is activated with its invoice. It is not, unless this says so: Nue bills by its own schedules, and
    /// the invoice would take up what stands in the customer's draft.
    pub(crate) generate_invoice: Option<bool>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) timeout_seconds: Option<u64>,
    /// How long requests wait for an application that is down as a whole.
    pub(crate) patience_seconds: Option<u64>,
    /// How long after its mark an interrupted write may still land.
    pub(crate) wait_out_seconds: Option<u64>,
    /// Whether Nue's own connection to Salesforce carries records, too; found out where it is not said.
    pub(crate) native_connection: Option<NativeConnection>,
    /// Where the marks of Nue's billing records stand in Salesforce.
    #[serde(default)]
    pub(crate) marks: NueMarks,
    /// What of Nue's API is only assumed.
    #[serde(default)]
    pub(crate) assumed: NueAssumed,
}

#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, OneOrMany>")]
pub(crate) struct NueAssumed {
    /// What no read can prove, and is accepted without.
    pub(crate) accept: Vec<String>,
    /// Paths and names that differ from what we assume, by the assumptions' names.
    pub(crate) values: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "it is a text; `accept` is a list of names")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<BTreeMap<String, OneOrMany>> for NueAssumed {
    type Error = String;

    fn try_from(given: BTreeMap<String, OneOrMany>) -> Result<Self, String> {
        let mut read = Self::default();
        for (name, value) in given {
            match (name.as_str(), value) {
                ("accept", OneOrMany::Many(names)) => read.accept = names,
                ("accept", OneOrMany::One(_)) => return Err("`accept` is a list of names".to_owned()),
                (_, OneOrMany::One(value)) => drop(read.values.insert(name, value)),
                (_, OneOrMany::Many(_)) => return Err(format!("`{name}` is a text")),
            }
        }
        Ok(read)
    }
}

/// Nue's own connection to Salesforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NativeConnection {
    /// It carries records: we only look.
    On,
    /// It carries none (any more).
    Off,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NueMarks {
    /// The object.
    pub(crate) object: Option<String>,
    /// Its field for the Nue id.
    pub(crate) key: Option<String>,
    /// Its field for the id of what the record became.
    pub(crate) id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flows {
    /// A folder of flow files beside the shipped ones; one with the name of a shipped flow takes its place.
    pub(crate) folder: Option<PathBuf>,
    /// Documents of a flow that are dated earlier are left alone: flow name and first day.
    #[serde(default)]
    pub(crate) cutover: BTreeMap<String, toml::Value>,
    /// What the flow files leave open: `{{default_subsidiary}}`.
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// A run that would create more stops before its first mark.
    pub(crate) max_creates: Option<u64>,
    /// A run whose new documents would amount to more, in one currency, stops before its first mark. In quotes.
    pub(crate) max_amount: Option<String>,
}

/// A secret: in place, or better in the environment or a file of its own.
#[derive(Deserialize)]
#[serde(untagged, expecting = "it is a text, { env = \"NAME\" } or { file = \"PATH\" }")]
pub(crate) enum Secret {
    Text(SecretString),
    Env { env: String },
    File { file: PathBuf },
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(_) => formatter.write_str("(secret)"),
            Self::Env { env } => write!(formatter, "(secret in ${env})"),
            Self::File { file } => write!(formatter, "(secret in {})", file.display()),
        }
    }
}

/// No file that a person writes is larger, and no key; what is may have no end.
const LARGEST_FILE: u64 = 1024 * 1024;

/// The text of a file that a person wrote.
pub(crate) fn text_of(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LARGEST_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(std::io::Error::other(format!("the file is larger than {LARGEST_FILE} bytes")));
    }
    Ok(text)
}

fn default_journal() -> Secret {
    Secret::Text("counterfoil.sqlite".into())
}

impl Config {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let named = |error: &dyn std::fmt::Display| Failure::wrong(format!("{}: {error}", path.display()));
        let text = text_of(path).map_err(|error| {
            named(&format!(
                "{error}\n  next: `counterfoil sandbox --config-out {}` writes one to begin with",
                path.display()
            ))
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| named(&of_error(&text, &error)))?;
        config.file = path.to_owned();
        config.text = text.into();
        config.limits.amount().map_err(|error| config.wrong(&["limits", "max_amount"], error))?;
        Ok(config)
    }

    /// Whether an application is configured.
    pub(crate) fn has(&self, application: &str) -> bool {
        match application {
            "zuora" => self.zuora.is_some(),
            "netsuite" => self.netsuite.is_some(),
            "salesforce" => self.salesforce.is_some(),
            "nue" => self.nue.is_some(),
            _ => true,
        }
    }

    /// What is wrong with a key, or with a whole table, with file and line.
    pub(crate) fn wrong(&self, path: &[&str], error: impl std::fmt::Display) -> Failure {
        Failure::wrong(format!("{}: {}: {error}", self.place(path), path.join(".")))
    }

    /// File and line of a key, or of a whole table.
    pub(crate) fn place(&self, path: &[&str]) -> String {
        let line = line_of(self.text.expose_secret(), path).map(|line| format!(": line {line}")).unwrap_or_default();
        format!("{}{line}", self.file.display())
    }

    /// A file beside the configuration, of its name and another ending.
    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        self.file.with_extension(ending)
    }

    /// A path as the file means it: from its own folder.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Where the journal is kept. A path is no secret: what stands elsewhere must be an address, and is never shown.
    pub(crate) fn journal(&self) -> Result<Place, Failure> {
        let text = self.secret(&["journal"], &self.journal)?;
        let wrong = |error: &str| self.wrong(&["journal"], error);
        match (Place::read(text.expose_secret()).map_err(|error| wrong(&error))?, &self.journal) {
            (Place::File(path), Secret::Text(_)) => Ok(Place::File(self.path(&path))),
            (Place::File(_), _) => Err(wrong("what stands there does not begin with `postgres://`")),
            (server, _) => Ok(server),
        }
    }

    /// A secret's value. Its key is named if it is missing.
    pub(crate) fn secret(&self, key: &[&str], secret: &Secret) -> Result<SecretString, Failure> {
        match secret {
            Secret::Text(text) => Ok(text.clone()),
            Secret::Env { env } => std::env::var(env)
                .map(SecretString::from)
                .map_err(|_| self.wrong(key, format!("the environment variable {env} is not set"))),
            Secret::File { file } => {
                let path = self.path(file);
                text_of(&path)
                    .map(|text| SecretString::from(text.trim_end().to_owned()))
                    .map_err(|error| self.wrong(key, format!("{}: {error}", path.display())))
            }
        }
    }
}

impl Limits {
    pub(crate) fn amount(&self) -> Result<Option<model::Decimal>, String> {
        let Some(text) = &self.max_amount else { return Ok(None) };
        model::value::parse_decimal(text).map(Some).ok_or_else(|| format!("'{text}' is no decimal number"))
    }
}

#[cfg(test)]
mod tests {
    use fuzz::{Corpus, feed};

    use super::*;
    use crate::flows;

    const EXAMPLE: &str = r#"
        journal = { env = "COUNTERFOIL_NO_SUCH_VARIABLE" }
        [zuora]
        url = "https://rest.zuora.com"
        client_id = "id"
        client_secret = { file = "no-such-file" }
        concurrency = 5
        [netsuite]
        account = "1234567_SB1"
        [netsuite.token_based]
        consumer_key = "k"
        consumer_secret = "hush-hush"
        token_id = "t"
        token_secret = "hush-hush"
        [flows.settings]
        default_subsidiary = "Parent Company"
        [flows.cutover]
        "zuora.invoice -> netsuite.invoice" = 2026-01-01
        [names]
        IntegrationId__NS = "ErpId__c"
        [limits]
        max_creates = 500
        max_amount = "100000.00"
    "#;

    #[test]
    fn a_configuration_may_hold_anything() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("counterfoil.toml");
        let today = "2026-11-21".parse().unwrap();
        let corpus = Corpus::of([EXAMPLE]);
        let corpus = corpus.with_words(&[
            "[oauth2]",
            "{ env = \"HOME\" }",
            "postgres://a:b@c/d?e=f",
            "2026-13-45",
            "folder = \".\"",
            "1e400",
        ]);
        feed(bolero::check!(), 400, &corpus, |input| {
            std::fs::write(&file, input).unwrap();
            let told = match Config::read(&file) {
                Err(failure) => failure.to_string(),
                Ok(config) => {
                    let place = config.journal().err().map(|failure| failure.to_string());
                    let flows = flows::read(&config, today).and_then(|flows| flows::cutovers(&config, &flows));
                    format!("{place:?} {}", flows.err().map(|failure| failure.to_string()).unwrap_or_default())
                }
            };
            assert!(told.len() <= 40_000, "an error of {} bytes", told.len());
        });
    }

    #[test]
    fn a_file_without_end_is_refused_by_its_name() {
        let told = Config::read(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(told.starts_with("/dev/zero: the file is larger than 1048576 bytes"), "{told}");
    }
}
