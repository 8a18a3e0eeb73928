//! Plays a scenario: the sandbox, what is done to it, a run of the real binary over real sockets, and what its log says.

use std::any::Any;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::scenario::{Address, Hand, Scenario};
use crate::harness::Sandbox;

/// Where flow files that are changed stand.
const OWN: &str = "own";
const FLOWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../flows");

/// No cause keeps a run longer where patience is a second, not even on a machine that is busy with other things.
const LONGEST_RUN: Duration = Duration::from_secs(240);

/// A sandbox, and what else must stay alive as long as it.
pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    beside: Vec<Box<dyn Any + Send + Sync>>,
}

fn is_pair(application: &str) -> bool {
    matches!(application, "salesforce" | "nue")
}

async fn start(application: &str, seed: &str) -> Sandbox {
    match is_pair(application) {
        true => Sandbox::start(&["--pair", "salesforce-nue", "--records", "40", "--seed", seed]).await,
        false => Sandbox::start(&["--records", "20", "--seed", seed]).await,
    }
}

/// The lines of the log of the scenario's run.
pub(super) async fn play(scenario: &Scenario) -> Vec<Value> {
    let mut stage = Stage { sandbox: start(scenario.application, "7").await, beside: Vec::new() };
    // Nobody waits ten minutes in a test for what does not come back.
    stage.line(scenario.application, "patience_seconds = 1");
    for hand in &scenario.hands {
        stage.lend(scenario.application, hand).await;
    }
    let run = tokio::time::timeout(LONGEST_RUN, stage.sandbox.ask("run", &["--json"])).await;
    assert!(run.is_ok(), "{}: the run goes on and on", scenario.name());
    let log = stage.sandbox.ask("log", &["--json", "--limit", "100000"]).await.json();
    let lines = log.as_array().unwrap();
    let last = lines.iter().filter_map(|line| line["run"].as_i64()).max();
    lines.iter().filter(|line| line["run"].as_i64() == last).cloned().collect()
}

impl Stage {
    fn line(&self, application: &str, line: &str) {
        // The sandbox's own configuration says how long a call to Nue lasts: what is said here stands in its place.
        let (table, said) = (format!("\n[{application}]\n"), format!("\n[{application}]\n{line}\n"));
        let key = line.split('=').next().unwrap();
        self.sandbox.edit_config(|text| {
            let (before, after) = text.split_once(&table).unwrap();
            let others: Vec<&str> = after.lines().filter(|other| !other.starts_with(key)).collect();
            format!("{before}{said}{}\n", others.join("\n"))
        });
    }

    async fn lend(&mut self, application: &str, hand: &Hand) {
        match hand {
            Hand::Faults(rules) => self.sandbox.faults(application, rules.clone()).await,
            Hand::Settings(settings) => self.sandbox.settings(application, settings.clone()).await,
            Hand::Ids(setting, object) => {
                let records = self.sandbox.fields(application, object, &["Id"]).await;
                let ids: Vec<&Value> = records.iter().map(|record| &record["Id"]).collect();
                assert!(!ids.is_empty());
                self.sandbox.settings(application, json!({ *setting: ids })).await;
            }
            Hand::Line(line) => self.line(application, line),
            Hand::Append(text) => self.sandbox.edit_config(|config| format!("{config}\n{text}")),
            Hand::Credential(key, value) => {
                let held = self.sandbox.access[application][key].as_str().unwrap().to_owned();
                self.sandbox.edit_config(|text| text.replace(&held, value));
            }
            Hand::Flow(file, from, to) => self.change_flow(file, from, to),
            Hand::FlowWithDeleted(file, rule) => {
                let account = json!({ "Name": "Closed for good" });
                let made = self.sandbox.salesforce("POST", "sobjects/Account", account).await;
                let id = made["id"].as_str().unwrap();
                self.sandbox.salesforce("DELETE", &format!("sobjects/Account/{id}"), Value::Null).await;
                self.change_flow(file, rule, &format!("{{ constant = \"{id}\" }}"));
            }
            Hand::Address(address) => {
                let (url, beside) = elsewhere(application, *address).await;
                self.beside.push(beside);
                let held = self.sandbox.url(application).to_owned();
                self.sandbox.edit_config(|text| text.replace(&held, &url));
            }
            Hand::Run => {
                self.sandbox.run().await;
            }
            Hand::CancelAnInvoice => self.cancel_an_invoice().await,
        }
    }

    fn change_flow(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(format!("{FLOWS}/{file}")).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        let folder = self.sandbox.folder.path().join(OWN);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("changed.toml"), text.replacen(from, to, 1)).unwrap();
        self.sandbox.edit_config(|text| format!("{text}\n[flows]\nfolder = \"{OWN}\"\n"));
    }

    async fn cancel_an_invoice(&self) {
        let marks =
            self.sandbox.fields("salesforce", "Counterfoil_Mark__c", &["Nue_Id__c", "Integration_Status__c"]).await;
        let done = marks.iter().filter(|mark| mark["Integration_Status__c"] == "Sync Complete");
        for id in done.filter_map(|mark| mark["Nue_Id__c"].as_str()) {
            let (status, _) = self.sandbox.nue("POST", "/billing/invoices:cancel", json!({ "invoiceIds": [id] })).await;
            if status < 300 {
                return;
            }
        }
        panic!("Nue cancels none of its invoices");
    }
}

/// An address at which the application is not, and what has to stay alive there.
async fn elsewhere(application: &str, address: Address) -> (String, Box<dyn Any + Send + Sync>) {
    let at = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
    match address {
        // Names that end so are reserved: no server of names knows one (RFC 6761).
        Address::NoHost => ("http://no-such-host.invalid".to_owned(), Box::new(())),
        // To the address of a whole network no connection is made; the kernel says that there is no way.
        Address::NoRoute => ("http://127.255.255.255:9".to_owned(), Box::new(())),
        Address::RefusedPort => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            (at(&listener), Box::new(()))
        }
        Address::DroppedPort => {
            let (listener, held) = full().await;
            (at(&listener), Box::new((listener, held)))
        }
        Address::LoginPage => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = at(&listener);
            (url, Box::new(Aborted(tokio::spawn(login_pages(listener)))))
        }
        Address::AnotherTenant => {
            let other = start(application, "8").await;
            (other.url(application).to_owned(), Box::new(other))
        }
    }
}

struct Aborted(tokio::task::JoinHandle<()>);

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A port at which nobody accepts, with its queue full: the kernel drops every further knock without a word.
async fn full() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let to = listener.local_addr().unwrap();
    let mut held = Vec::new();
    let brief = Duration::from_millis(200);
    while let Ok(stream) = tokio::time::timeout(brief, TcpStream::connect(to)).await {
        held.push(stream.unwrap());
        assert!(held.len() < 10, "the queue has no end");
    }
    (listener, held)
}

/// Answers every call as an application's page for people does.
async fn login_pages(listener: TcpListener) {
    const PAGE: &str = "<!DOCTYPE html><html><head><title>Log In</title></head><body><form method=\"post\">\
        <input name=\"username\"><input type=\"password\" name=\"pw\"></form></body></html>";
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut read = [0; 65_536];
            let _ = stream.read(&mut read).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                PAGE.len()
            );
            let _ = stream.write_all(format!("{head}{PAGE}").as_bytes()).await;
            let _ = stream.shutdown().await;
        });
    }
}
