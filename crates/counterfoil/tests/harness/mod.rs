//! A sandbox process, runs against it, and a person's hands in both systems. Shared by the test binaries `it` and `real`.

pub(crate) mod truth;

use std::path::PathBuf;
use std::process::Stdio;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use model::Decimal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_counterfoil");

/// A running sandbox in a folder of its own; it dies with the value.
pub(crate) struct Sandbox {
    _child: Child,
    pub(crate) folder: TempDir,
    pub(crate) access: Value,
    pub(crate) http: reqwest::Client,
}

/// How a command ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

impl Sandbox {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Tests are of one pair, unless they say otherwise.
        let pair: &[&str] = if arguments.contains(&"--pair") { &[] } else { &["--pair", "zuora-netsuite"] };
        let mut child = Command::new(BINARY)
            .arg("sandbox")
            .args(arguments)
            .args(pair)
            .arg("--json")
            .arg("--config-out")
            .arg(folder.path().join("counterfoil.toml"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).await.unwrap();
        let access = serde_json::from_str(&first).unwrap();
        Self { _child: child, folder, access, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// A few generated invoices.
    pub(crate) async fn generated(records: usize) -> Self {
        Self::start(&["--records", &records.to_string(), "--seed", "7"]).await
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("counterfoil.toml")
    }

    pub(crate) fn edit_config(&self, change: impl FnOnce(String) -> String) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        std::fs::write(self.config(), change(text)).unwrap();
    }

    /// Deletes the journal with all that SQLite and we keep beside it, whether or not a run is under way.
    pub(crate) fn delete_journal(&self) {
        for file in std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap()) {
            if file.file_name().to_str().unwrap().starts_with("counterfoil.sqlite") {
                std::fs::remove_file(file.path()).unwrap();
            }
        }
    }

    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.arg(name).arg("--config").arg(self.config()).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    pub(crate) async fn ask(&self, name: &str, arguments: &[&str]) -> Ran {
        let output = self.command(name, arguments).output().await.unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// One run; gives its report.
    pub(crate) async fn run(&self) -> Value {
        self.ask("run", &["--json"]).await.json()
    }

    pub(crate) fn url(&self, application: &str) -> &str {
        self.access[application]["url"].as_str().unwrap()
    }

    pub(crate) async fn records(&self, application: &str, kind: &str) -> Vec<Value> {
        self.fields(application, kind, &[]).await
    }

    /// All records of a type, with these fields alone.
    pub(crate) async fn fields(&self, application: &str, kind: &str, fields: &[&str]) -> Vec<Value> {
        let url = format!("{}/_sandbox/records/{kind}?fields={}", self.url(application), fields.join(","));
        let text = self.http.get(url).send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How often each call was made.
    pub(crate) async fn counted(&self, application: &str) -> Vec<Value> {
        let url = format!("{}/_sandbox/calls", self.url(application));
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// How many calls were answered, of those whose method and path hold these words (an empty one: any).
    pub(crate) async fn calls(&self, application: &str, method: &str, path: &str) -> u64 {
        let calls = self.counted(application).await;
        calls
            .iter()
            .filter(|call| call["method"].as_str().unwrap().contains(method))
            .filter(|call| call["path"].as_str().unwrap().contains(path))
            .map(|call| call["count"].as_u64().unwrap())
            .sum()
    }

    /// Settings of an emulated application: what differs from tenant to tenant.
    pub(crate) async fn settings(&self, application: &str, settings: Value) {
        let url = format!("{}/_sandbox/settings", self.url(application));
        let answer = self.http.put(url).body(settings.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    pub(crate) async fn faults(&self, application: &str, rules: Value) {
        let url = format!("{}/_sandbox/faults", self.url(application));
        let answer = self.http.put(url).body(rules.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// How many calls the rules that are set have struck.
    pub(crate) async fn struck(&self, application: &str) -> u64 {
        let url = format!("{}/_sandbox/faults", self.url(application));
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        let rules: Vec<Value> = serde_json::from_str(&text).unwrap();
        rules.iter().map(|rule| rule["struck"].as_u64().unwrap()).sum()
    }

    pub(crate) async fn no_faults(&self, application: &str) {
        let url = format!("{}/_sandbox/faults", self.url(application));
        self.http.delete(url).send().await.unwrap().error_for_status().unwrap();
    }

    /// A person's hand in Zuora: sets fields of one record.
    pub(crate) async fn edit_zuora(&self, object: &str, id: &str, fields: Value) {
        let access = &self.access["zuora"];
        let form = format!(
            "client_id={}&client_secret={}&grant_type=client_credentials",
            access["client_id"].as_str().unwrap(),
            access["client_secret"].as_str().unwrap()
        );
        let token = self.http.post(format!("{}/oauth/token", self.url("zuora")));
        let token = token.header("Content-Type", "application/x-www-form-urlencoded").body(form);
        let token: Value = serde_json::from_str(&token.send().await.unwrap().text().await.unwrap()).unwrap();
        let mut record = fields;
        record["Id"] = json!(id);
        let body = json!({ "type": object, "objects": [record] });
        let answer = self.http.post(format!("{}/v1/action/update?rejectUnknownFields=true", self.url("zuora")));
        let answer = answer
            .header("Content-Type", "application/json")
            .header("Authorization", format!("Bearer {}", token["access_token"].as_str().unwrap()))
            .body(body.to_string());
        let answer: Value = serde_json::from_str(&answer.send().await.unwrap().text().await.unwrap()).unwrap();
        assert_eq!(answer[0]["Success"], json!(true), "{answer}");
    }

    /// A person's hand in NetSuite. Gives the answer's status and body.
    pub(crate) async fn netsuite(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/services/rest/{path}", self.url("netsuite"));
        let mut request = self
            .http
            .request(method.parse().unwrap(), url)
            .header("Authorization", format!("Bearer {}", self.netsuite_token().await))
            .header("Prefer", "transient");
        if !body.is_null() {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
    }

    /// A person's hand in Salesforce. Gives the answer's body.
    pub(crate) async fn salesforce(&self, method: &str, path: &str, body: Value) -> Value {
        let access = &self.access["salesforce"];
        let (id, secret) = (access["client_id"].as_str().unwrap(), access["client_secret"].as_str().unwrap());
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let token = self.http.post(format!("{}/services/oauth2/token", self.url("salesforce")));
        let token = token.header("Content-Type", "application/x-www-form-urlencoded").body(form);
        let token: Value = serde_json::from_str(&token.send().await.unwrap().text().await.unwrap()).unwrap();
        let url = format!("{}/services/data/v66.0/{path}", self.url("salesforce"));
        let mut request =
            self.http.request(method.parse().unwrap(), url).bearer_auth(token["access_token"].as_str().unwrap());
        if !body.is_null() {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null)
    }

    /// A person's hand in Nue. Gives the answer's status and body.
    pub(crate) async fn nue(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.url("nue"));
        let request = self.http.request(method.parse().unwrap(), url).header("Content-Type", "application/json");
        let request = request.header("nue-api-key", self.access["nue"]["api_key"].as_str().unwrap());
        let answer = request.body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
    }

    async fn netsuite_token(&self) -> String {
        let access = &self.access["netsuite"];
        let url = format!("{}/services/rest/auth/oauth2/v1/token", self.url("netsuite"));
        let now = jiff::Timestamp::now().as_second();
        let claims = json!({
            "iss": access["client_id"], "scope": ["rest_webservices"], "aud": url, "iat": now, "exp": now + 600,
        });
        let header =
            Header { kid: access["certificate_id"].as_str().map(str::to_owned), ..Header::new(Algorithm::PS256) };
        let pem = std::fs::read(access["private_key_file"].as_str().unwrap()).unwrap();
        let assertion = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_rsa_pem(&pem).unwrap()).unwrap();
        let form = format!(
            "grant_type=client_credentials&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
        );
        let answer = self.http.post(url).header("Content-Type", "application/x-www-form-urlencoded").body(form);
        let answer: Value = serde_json::from_str(&answer.send().await.unwrap().text().await.unwrap()).unwrap();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The Zuora invoice of that number.
    pub(crate) async fn invoice(&self, number: &str) -> Value {
        let invoices = self.records("zuora", "Invoice").await;
        invoices.into_iter().find(|invoice| invoice["InvoiceNumber"] == number).unwrap()
    }

    /// An invoice that is in sync, zero or more: as Zuora holds it.
    pub(crate) async fn synced_invoice(&self) -> Value {
        self.synced_invoices().await.swap_remove(0)
    }

    /// All of them.
    pub(crate) async fn synced_invoices(&self) -> Vec<Value> {
        let mut invoices = self.records("zuora", "Invoice").await;
        invoices.retain(|invoice| {
            invoice["IntegrationStatus__NS"] == "Sync Complete" && decimal(&invoice["Amount"]) > Decimal::ZERO
        });
        invoices
    }
}

/// A JSON number, exactly.
pub(crate) fn decimal(value: &Value) -> Decimal {
    model::value::parse_decimal(value.to_string().trim_matches('"')).unwrap_or_else(|| panic!("{value} is no decimal"))
}

/// One flow of a report.
pub(crate) fn flow<'a>(report: &'a Value, name: &str) -> &'a Value {
    let flows = report["flows"].as_array().unwrap();
    flows.iter().find(|flow| flow["name"].as_str().unwrap().starts_with(name)).unwrap()
}

/// The sum of one count over all flows.
pub(crate) fn total(report: &Value, count: &str) -> u64 {
    report["flows"].as_array().unwrap().iter().map(|flow| flow[count].as_u64().unwrap()).sum()
}

pub(crate) fn assert_adds_up(report: &Value) {
    for flow in report["flows"].as_array().unwrap() {
        let ends = ["created", "updated", "found", "warned", "deferred", "skipped"];
        let sum: u64 = ends.iter().map(|end| flow[*end].as_u64().unwrap()).sum();
        assert_eq!(flow["read"].as_u64().unwrap(), sum, "{flow}");
        assert!(flow["stopped"].is_null(), "{flow}");
    }
}

/// Whether the tests that have a full size take it: the whole books, two thousand invoices.
pub(crate) fn full_size() -> bool {
    std::env::var_os("COUNTERFOIL_FULL_SIZE").is_some()
}
