//! Records and their lines, on their way into the org.

use std::borrow::Cow;
use std::collections::HashSet;

use model::flow::Flow;
use model::key::ExternalKey;
use model::mapping::{Draft, Terms};
use model::ports::{Destination, LookUpKey, Target, Write};
use model::protocol::{Evidence, Intent, Kind, MarkReceipt, Marked, Next, Standing, decide};
use model::rule::{Context, Lists};
use model::status::{Operation, Status, Transferred};
use model::value::{Record, SmolStr, Value as Field};

use super::*;

const LINES: &str = "Ruby__InvoiceItem__c";

fn intent(operation: Operation) -> Intent {
    let standing = Standing { kind: Kind::Master, status: Status::Blank, transferred: Transferred::No, linked: false };
    let receipt = MarkReceipt::confirmed_by_source("a", "Creating Invoice");
    match decide(&standing, Evidence::Marked(operation, Marked::Confirmed(receipt))) {
        Next::Write(intent) => intent,
        other => panic!("{other:?}"),
    }
}

fn target() -> Target {
    Target {
        object: "Ruby__Invoice__c".into(),
        source_id_field: Some("Nue_Id__c".into()),
        columns: vec!["Name".into(), format!("count({LINES})")],
        shared_lists: Vec::new(),
    }
}

/// An invoice of an account, with lines of these keys.
fn draft(name: &str, account: &str, status: &str, lines: &[&str]) -> Draft {
    let mut fields = Record::default();
    fields.set("Name", Field::text(name));
    fields.set("Ruby__Account__c", Field::reference(account));
    fields.set("Ruby__Status__c", Field::text(status));
    let line = |key: &&str| {
        let mut line = Record::default();
        line.set("Nue_Id__c", Field::text(*key));
        line.set("Name", Field::text(*key));
        line
    };
    fields.set(LINES, Field::List(lines.iter().map(line).collect()));
    Draft { fields }
}

impl Reached {
    async fn make(&self, drafts: &[(&str, Draft)]) -> Vec<Answer<String>> {
        let text = include_str!("../../../../../flows/nue-salesforce/invoice.toml");
        let flow = Flow::read(text, "invoice.toml").unwrap();
        let (record, lists, forecast) = (Record::default(), Lists::new(), HashSet::new());
        let context = Context { lists: &lists, forecast: &forecast, destination: "salesforce" };
        let write = |(key, draft)| Write {
            intent: intent(Operation::Create),
            target: Cow::Owned(target()),
            key: key_of(key),
            id: SmolStr::default(),
            draft,
            terms: Terms { flow: &flow, record: &record, draft, context },
        };
        self.salesforce.write(drafts.iter().map(|(key, draft)| write((*key, draft))).collect()).await
    }

    async fn held(&self, object: &str) -> usize {
        let url = format!("{}/_sandbox/records/{object}", self.server.url());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(url).send().await.unwrap().text().await.unwrap().lines().count()
    }

    fn writes(&self) -> u64 {
        self.calls("PATCH", "/Ruby__Invoice__c/Nue_Id__c") + self.calls("POST", "/composite")
    }
}

fn key_of(id: &str) -> LookUpKey {
    LookUpKey { external: ExternalKey::new("nue", "invoice", id), source_id: id.into(), record_id: id.into() }
}

#[tokio::test]
async fn a_record_and_its_lines_are_one_call_and_one_that_is_refused_takes_its_lines_with_it() {
    let reached = reached(usual(), 20).await;
    let accounts = reached.seed(["one".to_owned()].into_iter(), minutes_ago(600));
    let good = ("i-1", draft("INV-1", &accounts[0], "Active", &["l-1", "l-2"]));
    let bad = ("i-2", draft("INV-2", &accounts[0], "Nonsense", &["l-3"]));
    let answers = reached.make(&[good, bad]).await;
    let Answer::Accepted(id) = &answers[0] else { panic!("{:?}", answers[0]) };
    let Answer::Refused(problem) = &answers[1] else { panic!("{:?}", answers[1]) };
    assert_eq!(problem.code.as_deref(), Some("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"), "its own reason");
    assert_eq!((reached.held("Ruby__Invoice__c").await, reached.held(LINES).await), (1, 2));
    assert_eq!(reached.writes(), 1);
    // Found with its lines counted, in one call; what is not there has none.
    let found = reached.salesforce.look_up(&target(), &[key_of("I-1"), key_of("i-2")]).await.unwrap();
    assert_eq!((found[0].len(), found[1].len()), (1, 0));
    assert_eq!(found[0][0].id, id.as_str());
    assert_eq!(found[0][0].record.get(&format!("count({LINES})")), &Field::Number(2.into()));
    assert_eq!(reached.writes(), 2);
}

#[tokio::test]
async fn a_key_that_stands_twice_in_a_call_is_sent_once_and_a_record_with_a_line_twice_not_at_all() {
    let reached = reached(usual(), 20).await;
    let account = reached.seed(["one".to_owned()].into_iter(), minutes_ago(600)).swap_remove(0);
    let invoice = |key, lines: &[&str]| (key, draft("INV", &account, "Active", lines));
    let answers =
        reached.make(&[invoice("i-1", &["l-1"]), invoice("I-1", &["l-2"]), invoice("i-3", &["l-3", "L-3"])]).await;
    assert!(matches!(&answers[0], Answer::Accepted(_)), "{:?}", answers[0]);
    assert!(
        matches!(&answers[1], Answer::NotDone(problem) if problem.words.contains("the same key")),
        "{:?}",
        answers[1]
    );
    assert!(
        matches!(&answers[2], Answer::Refused(problem) if problem.words.contains("another line's")),
        "{:?}",
        answers[2]
    );
    assert_eq!((reached.held("Ruby__Invoice__c").await, reached.held(LINES).await), (1, 1));
}

#[tokio::test]
async fn calls_for_one_account_go_one_after_the_other_so_that_no_row_meets_a_lock() {
    // Rows that meet a lock are refused at once, and an answer takes a while to go out: so long its rows are locked.
    let reached = reached(OrgSettings { lock_wait_ms: 0, ..usual() }, 20).await;
    let accounts = reached.seed(["one", "other"].into_iter().map(str::to_owned), minutes_ago(600));
    let invoice = |key, account: usize| [(key, draft(key, &accounts[account], "Active", &[]))];
    assert!(matches!(reached.make(&invoice("i-0", 0)).await[0], Answer::Accepted(_)));
    let slow = json!([{ "kind": "slow", "ms": 100, "path": "/services/data/v66.0/composite/sobjects/Ruby__Invoice__c/Nue_Id__c" }]);
    reached.fault(slow).await;
    let (first, second, third) = (invoice("i-1", 0), invoice("i-2", 0), invoice("i-3", 1));
    let answers = tokio::join!(reached.make(&first), reached.make(&second), reached.make(&third));
    for answers in [answers.0, answers.1, answers.2] {
        assert!(matches!(&answers[0], Answer::Accepted(_)), "{:?}", answers[0]);
    }
    assert_eq!(reached.writes(), 4, "none was sent again");
}
