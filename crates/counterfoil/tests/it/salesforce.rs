//! The connector of Salesforce against its emulator, over a socket, with a clock of the test's own.

mod writes;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use connectors::Courtesy;
use connectors::salesforce::{Credentials, DEFAULT_VERSION, Salesforce, Settings};
use jiff::{SignedDuration, Timestamp};
use model::ports::{Clock, Cursor, Entropy, Fetch, Mark, Page, Selection, Source};
use model::problem::{Answer, Cause, Problem};
use model::value::Record;
use sandbox::clock::ManualClock;
use sandbox::salesforce::{Org, Settings as OrgSettings};
use sandbox::server::{Desk, Server};
use serde_json::{Map, Value, json};
use tracing_subscriber::fmt::MakeWriter;

/// The moment at which all happens in the org. The answers of its server bear the machine's date.
fn today() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap()
}

/// A clock of ours, ahead by a day, which jumps when it is waited on.
#[derive(Default)]
struct Ahead(Mutex<u64>);

impl Ahead {
    fn waited_seconds(&self) -> u64 {
        *self.0.lock().unwrap() / 1000
    }
}

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        let jumped = SignedDuration::from_millis(i64::try_from(*self.0.lock().unwrap()).unwrap());
        today() + SignedDuration::from_hours(24) + jumped
    }

    async fn wait(&self, milliseconds: u64) {
        *self.0.lock().unwrap() += milliseconds;
        tokio::task::yield_now().await;
    }
}

struct NoChance;

impl Entropy for NoChance {
    fn token(&self) -> String {
        "0".repeat(32)
    }
}

struct Reached {
    org: Arc<Org>,
    server: Server,
    clock: Arc<Ahead>,
    salesforce: Salesforce,
}

/// An org with these settings, and a connector that leaves so much to people.
async fn reached(settings: OrgSettings, reserve_percent: u8) -> Reached {
    let org = Arc::new(Org::new(7, Arc::new(ManualClock::new(today())), settings).unwrap());
    let listener = Server::bind(Ipv4Addr::LOCALHOST.into(), None).await.unwrap();
    let (_, router) = Desk::open(Arc::clone(&org));
    let server = Server::start(listener, router).unwrap();
    let access = org.access(&server.url());
    let settings = Settings {
        url: access.url,
        version: DEFAULT_VERSION.to_owned(),
        credentials: Credentials::ClientCredentials {
            client_id: access.client_id,
            client_secret: access.client_secret.into(),
        },
        concurrency: 4,
        timeout_seconds: 60,
    };
    let clock = Arc::new(Ahead::default());
    let courtesy = Courtesy { reserve_percent, ..Courtesy::default() };
    let salesforce = Salesforce::new(settings, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(NoChance)).unwrap();
    Reached { org, server, clock, salesforce: salesforce.with_courtesy(courtesy) }
}

fn usual() -> OrgSettings {
    OrgSettings::default()
}

fn account(name: &str, stamp: Timestamp) -> Map<String, Value> {
    let row = json!({
        "Name": name, "AnnualRevenue": 10.5, "IsDeleted": false,
        "SystemModstamp": stamp.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string(),
    });
    row.as_object().unwrap().clone()
}

fn minutes_ago(minutes: i64) -> Timestamp {
    today() - SignedDuration::from_mins(minutes)
}

impl Reached {
    fn seed(&self, names: impl Iterator<Item = String>, stamp: Timestamp) -> Vec<String> {
        self.org.seed("Account", names.map(|name| account(&name, stamp)).collect()).unwrap()
    }

    async fn page(&self, after: Option<&Cursor>) -> Result<Page, Problem> {
        let fields = ["Id", "Name", "AnnualRevenue", "IsDeleted"].map(Into::into).into();
        let selection = Selection { object: "Account".into(), fields, any: Vec::new() };
        self.salesforce.select(&selection, after).await
    }

    /// The names of all that is left of a selection, page by page.
    async fn rest(&self, mut next: Option<Cursor>) -> Vec<Vec<Record>> {
        let mut pages = Vec::new();
        while let Some(cursor) = next {
            let page = self.page(Some(&cursor)).await.unwrap();
            pages.push(page.records);
            next = page.next;
        }
        pages
    }

    fn calls(&self, method: &str, ending: &str) -> u64 {
        let calls = self.salesforce.calls();
        let wanted = calls.iter().filter(|call| call.method == method && call.path.ends_with(ending));
        wanted.map(|call| call.count).sum()
    }

    async fn fault(&self, rules: Value) {
        let url = format!("{}/_sandbox/faults", self.server.url());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.put(url).body(rules.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
}

fn names(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.text("Name")).collect()
}

#[tokio::test]
async fn a_row_that_commits_late_under_an_older_stamp_is_found_in_the_same_run_by_salesforces_own_clock() {
    let reached = reached(usual(), 20).await;
    reached.seed((0..2_100).map(|number| format!("old {number}")), minutes_ago(600));
    reached.seed(["recent".to_owned()].into_iter(), minutes_ago(3));
    let first = reached.page(None).await.unwrap();
    assert_eq!((first.records.len(), first.total), (2_000, Some(2_101)));
    let second = reached.page(first.next.as_ref()).await.unwrap();
    assert_eq!(second.records.len(), 101);
    // Stamped before the last row that was read, and only shown now; and one that is changed after the selection began,
    // which our own clock, a day ahead, would take for older than that.
    reached.seed(["late".to_owned()].into_iter(), minutes_ago(5));
    reached.seed(["next run's".to_owned()].into_iter(), minutes_ago(-60));
    let rest = reached.rest(second.next).await;
    assert_eq!(rest.iter().map(|page| names(page)).collect::<Vec<_>>(), [["late", "recent"]]);
    assert_eq!(reached.calls("GET", "/query"), 3);
}

#[tokio::test]
async fn a_selection_of_one_page_is_one_call() {
    let reached = reached(usual(), 20).await;
    reached.seed((0..40).map(|number| number.to_string()), minutes_ago(1));
    let page = reached.page(None).await.unwrap();
    assert_eq!((page.records.len(), page.total, page.next), (40, Some(40), None));
    assert_eq!(reached.calls("GET", "/query"), 1);
}

/// What is logged in this process, as text.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    /// One for all tests: a place in the code that is first reached where nobody listens is never heard again.
    fn listen() -> Self {
        static LOGGED: OnceLock<Logged> = OnceLock::new();
        let begin = || {
            let logged = Self::default();
            tracing_subscriber::fmt().with_writer(logged.clone()).with_ansi(false).init();
            logged
        };
        LOGGED.get_or_init(begin).clone()
    }
}

impl std::io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logged {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const BACKLOG: usize = 30_100;

#[tokio::test]
async fn a_backlog_is_read_as_a_job_where_that_takes_fewer_calls_and_the_log_says_so() {
    let logged = Logged::listen();
    let reached = reached(usual(), 20).await;
    let ids = reached.seed((0..BACKLOG).map(|number| format!("\"{number}\", and more")), minutes_ago(600));
    let first = reached.page(None).await.unwrap();
    let mut read = first.records.clone();
    read.extend(reached.rest(first.next).await.into_iter().flatten());
    let mut seen: Vec<&str> = read.iter().map(|record| record.text("Id")).collect();
    let mut all: Vec<&str> = ids.iter().map(String::as_str).collect();
    seen.sort_unstable();
    all.sort_unstable();
    assert_eq!(seen, all, "each once");
    // A record of a file is what a query would have given.
    let shape = |record: &Record| {
        record
            .iter()
            .filter(|(name, _)| !["Id", "Name"].contains(&name.as_str()))
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(shape(&read[BACKLOG - 1]), shape(&read[0]));
    let calls = [("GET", "/query"), ("POST", "/jobs/query"), ("GET", "/jobs/query/{job}"), ("GET", "/results")];
    assert_eq!(calls.map(|(method, path)| reached.calls(method, path)), [2, 1, 1, 3]);
    let log = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    let said = "the rest of the selection is read as a job of the Bulk API";
    let figures = format!("rows={} calls_by_page=15 calls_by_job=14", BACKLOG - 2_000);
    assert!(log.lines().any(|line| line.contains(said) && line.contains(&figures)), "{log}");
}

#[tokio::test]
async fn a_job_that_comes_to_nothing_costs_no_row() {
    let reached = reached(usual(), 20).await;
    reached.fault(json!([{ "kind": "500", "path": "/services/data/v66.0/jobs/query" }])).await;
    let ids = reached.seed((0..BACKLOG + 2_000).map(|number| number.to_string()), minutes_ago(600));
    let first = reached.page(None).await.unwrap();
    let rest = reached.rest(first.next).await;
    assert_eq!(first.records.len() + rest.iter().map(Vec::len).sum::<usize>(), ids.len());
    assert_eq!(reached.calls("GET", "/results"), 0);
}

#[tokio::test]
async fn a_thousand_records_by_their_ids_are_several_queries_in_one_call() {
    let reached = reached(usual(), 20).await;
    let ids = reached.seed((0..1_000).map(|number| number.to_string()), minutes_ago(600));
    let fetch = Fetch {
        object: "Account".into(),
        fields: ["Id", "Name"].map(Into::into).into(),
        field: "Id".into(),
        keys: ids.iter().map(Into::into).collect(),
    };
    assert_eq!(reached.salesforce.fetch(&fetch).await.unwrap().len(), 1_000);
    assert_eq!((reached.calls("POST", "/composite"), reached.calls("GET", "/query")), (1, 0));
    // One query that is refused is no empty answer.
    reached.fault(json!([{ "kind": "error_after_save", "path": "/services/data/v66.0/composite" }])).await;
    assert!(reached.salesforce.fetch(&fetch).await.is_err());
}

#[tokio::test]
async fn the_days_calls_that_are_left_to_people_are_not_touched() {
    let reached = reached(OrgSettings { daily_api_requests: 1_000, daily_api_requests_used: 795, ..usual() }, 20).await;
    let mut told = None;
    for _ in 0..20 {
        told = reached.page(None).await.err();
        if told.is_some() {
            break;
        }
    }
    let problem = told.expect("it never stops");
    assert_eq!((problem.cause, problem.for_all), (Cause::ApiLimit, true));
    assert!(problem.words.starts_with("800 of the day's 1000 calls are used, and 200 are left to people"), "{problem}");
    let sent: u64 = reached.salesforce.calls().iter().map(|call| call.count).sum();
    assert!(reached.page(None).await.is_err());
    assert_eq!(reached.salesforce.calls().iter().map(|call| call.count).sum::<u64>(), sent, "nothing more is sent");
}

#[tokio::test]
async fn calls_that_others_spent_are_a_matter_of_hours_and_long_calls_one_of_seconds() {
    let spent = reached(OrgSettings { daily_api_requests: 1_000, daily_api_requests_used: 1_000, ..usual() }, 0).await;
    let problem = spent.page(None).await.unwrap_err();
    assert_eq!((problem.cause, problem.for_all, problem.stay_away), (Cause::ApiLimit, true, Some(3_600)));
    assert_eq!(spent.clock.waited_seconds(), 0, "nobody waits for hours");

    let crowded = reached(OrgSettings { concurrent_long_calls: 0, ..usual() }, 0).await;
    let problem = crowded.page(None).await.unwrap_err();
    assert_eq!((problem.for_all, problem.stay_away), (false, Some(30)));
    assert!(crowded.clock.waited_seconds() >= 30, "it is worth waiting for");
}

fn mark(id: &str) -> Mark {
    let status = ("Integration_Status__c".into(), "Creating Order".into());
    Mark { source_id: id.into(), status: "Creating Order".into(), fields: vec![status] }
}

#[tokio::test]
async fn of_two_marks_of_one_record_in_a_call_the_second_waits() {
    let reached = reached(usual(), 20).await;
    let ids = reached.seed(["one", "other"].into_iter().map(str::to_owned), minutes_ago(600));
    // The same record, by the fifteen letters of its id and by the eighteen.
    let marks = [mark(&ids[0]), mark(&ids[0][..15]), mark(&ids[1])];
    let answers = reached.salesforce.mark("Account", &marks).await;
    assert!(matches!(&answers[0], Answer::Accepted(_)), "{:?}", answers[0]);
    assert!(matches!(&answers[2], Answer::Accepted(_)), "{:?}", answers[2]);
    let Answer::NotDone(problem) = &answers[1] else { panic!("{:?}", answers[1]) };
    assert!(problem.words.contains("has the same key"), "{problem}");
    assert_eq!(reached.calls("PATCH", "/composite/sobjects"), 1);
}
