//! Every answer of an application, through every call of its connector: status, headers and body are anything.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connectors::netsuite::NetSuite;
use connectors::zuora::Zuora;
use connectors::{Message, Reply, Undelivered, Wire};
use fuzz::{Corpus, feed};
use http::{HeaderMap, HeaderName, HeaderValue};
use model::flow::Flow;
use model::key::ExternalKey;
use model::mapping::{Draft, Terms};
use model::ports::{
    Comparator, Condition, Destination, Fetch, FieldUse, LookUpKey, Mark, Selection, Source, Target, Write,
};
use model::problem::{Cause, Problem};
use model::protocol::{Evidence, Intent, Kind, MarkReceipt, Marked, Next, Standing, decide};
use model::rule::{Context, Lists};
use model::status::{Operation, Status, Transferred};
use model::value::{Record, SmolStr, Value};

use crate::corpus;
use crate::world::{Direct, Sandbox, netsuite, zuora};

/// No problem is told in more words: it stands in a log, in a journal, on a screen.
const LONGEST_WORDS: usize = 20_000;
/// Whoever asks more often because of one answer asks for ever.
const MOST_CALLS: usize = 2_000;

/// Gives the same answer to everything; to a log-in too, if that is what is tried.
struct Stubborn {
    answer: Reply,
    login: Option<Reply>,
    calls: AtomicUsize,
}

#[async_trait]
impl Wire for Stubborn {
    async fn carry(&self, message: Message, largest: usize) -> Result<Reply, Undelivered> {
        assert!(self.calls.fetch_add(1, Ordering::Relaxed) < MOST_CALLS, "it asks again and again");
        let login = self.login.as_ref().filter(|_| message.url.path().ends_with("/token"));
        let reply = login.unwrap_or(&self.answer).clone();
        if reply.body.len() > largest {
            return Err(Undelivered::Lost(Cause::Configuration, "too large".into()));
        }
        Ok(reply)
    }
}

/// `200`, headers, an empty line, a body.
fn written(reply: &Reply) -> Vec<u8> {
    let mut text = format!("{}\n", reply.status).into_bytes();
    for (name, value) in &reply.headers {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    text.push(b'\n');
    text.extend_from_slice(&reply.body);
    text
}

/// The answer that an input is. What cannot be a header is none.
fn read(input: &[u8]) -> Reply {
    let end = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(0);
    let mut lines = input[..end].split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| std::str::from_utf8(line).ok()?.parse::<u16>().ok());
    let mut headers = HeaderMap::new();
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().and_then(|name| HeaderName::from_bytes(name).ok());
        let value = parts.next().and_then(|value| HeaderValue::from_bytes(value.trim_ascii()).ok());
        if let (Some(name), Some(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let body = input.get(end + 2..).unwrap_or_default().to_vec().into();
    Reply { status: status.filter(|status| (100..1000).contains(status)).unwrap_or(200), headers, body }
}

/// What an emulator answers, kept as examples.
pub(crate) struct Recording {
    pub(crate) wire: Direct,
    pub(crate) heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

#[async_trait]
impl Wire for Recording {
    async fn carry(&self, message: Message, largest: usize) -> Result<Reply, Undelivered> {
        let reply = self.wire.carry(message, largest).await?;
        self.heard.lock().unwrap().push(written(&reply));
        Ok(reply)
    }
}

const WORDS: [&str; 24] = [
    "401",
    "429",
    "503",
    "202",
    "302",
    "404",
    "400",
    "\"done\":false",
    "\"hasMore\":true",
    "\"totalResults\":18446744073709551615",
    "\"size\":0",
    "\"queryLocator\":\"a\"",
    "Retry-After: 18446744073709551615",
    "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
    "RateLimit-Remaining: 0\nRateLimit-Reset: 9223372036854775807",
    "Concurrency-Limit-Limit: 0\nConcurrency-Limit-Remaining: 18446744073709551615",
    "Content-Type: text/html",
    "Location: /-9223372036854775808",
    "\"expires_in\":9223372036854775807",
    "\"expires_in\":-9223372036854775808",
    "REQUEST_EXCEEDED_LIMIT",
    "\"Success\":true",
    "o:errorDetails",
    "record does not exist",
];

pub(crate) fn plain(problem: &Problem) {
    for text in [&problem.words, &problem.remedy, &problem.call] {
        assert!(text.len() <= LONGEST_WORDS, "a problem of {} bytes", text.len());
    }
    assert!(!problem.to_string().contains("s3cr3t"), "{problem}");
}

pub(crate) fn told<T>(outcome: Result<T, Problem>) -> Option<T> {
    outcome.inspect_err(plain).ok()
}

pub(crate) fn told_of<T>(answer: model::problem::Answer<T>) {
    use model::problem::Answer;
    if let Answer::Refused(problem) | Answer::Unknown(problem) | Answer::NotDone(problem) = answer {
        plain(&problem);
    }
}

async fn all_of_zuora(zuora: &Zuora) {
    told(zuora.check().await);
    let fields = || vec!["Id".into(), "Amount".into()];
    let condition = Condition { field: "Status".into(), operator: Comparator::Is, value: Value::text("Posted") };
    let selection = Selection { object: "Invoice".into(), fields: fields(), any: vec![vec![condition]] };
    if let Some(page) = told(zuora.select(&selection, None).await) {
        told(zuora.select(&selection, page.next.as_ref()).await);
    }
    let fetch = Fetch { object: "InvoiceItem".into(), fields: fields(), field: "Id".into(), keys: vec!["a".into()] };
    told(zuora.fetch(&fetch).await);
    let marks = ["a", "b"].map(|id| Mark {
        source_id: id.into(),
        status: "Creating Invoice".into(),
        fields: vec![("IntegrationStatus__NS".into(), "Creating Invoice".into())],
    });
    zuora.mark("Invoice", &marks).await.into_iter().for_each(told_of);
    told(zuora.reread("Invoice", &marks).await);
    let used = FieldUse { field: "Status".into(), filtered: true, written: true };
    told(zuora.lacking("Invoice", &[used]).await);
    zuora.pauses().iter().for_each(|pause| plain(&pause.problem));
}

/// What a record must agree in: that of a flow, of a record that holds nothing.
pub(crate) struct Bound {
    flow: Flow,
    record: Record,
    lists: Lists,
    forecast: HashSet<SmolStr>,
}

impl Bound {
    pub(crate) fn new() -> Self {
        let text = include_str!("../../../../flows/nue-salesforce/order.toml");
        let flow = Flow::read(text, "order.toml").unwrap();
        Self { flow, record: Record::default(), lists: Lists::new(), forecast: HashSet::new() }
    }

    pub(crate) fn terms<'a>(&'a self, draft: &'a Draft) -> Terms<'a> {
        let context = Context { lists: &self.lists, forecast: &self.forecast, destination: "nue" };
        Terms { flow: &self.flow, record: &self.record, draft, context }
    }
}

pub(crate) fn intent(operation: Operation) -> Intent {
    let standing =
        Standing { kind: Kind::Document, status: Status::Blank, transferred: Transferred::No, linked: false };
    let receipt = MarkReceipt::confirmed_by_source("a", "Creating Invoice");
    match decide(&standing, Evidence::Marked(operation, Marked::Confirmed(receipt))) {
        Next::Write(intent) => intent,
        other => panic!("{other:?}"),
    }
}

async fn all_of_netsuite(netsuite: &NetSuite) {
    told(netsuite.check().await);
    let target = Target {
        object: "invoice".into(),
        source_id_field: Some("custbodyzuoraid".into()),
        columns: ["trandate", "total", "currency", "lines", "recordtype"].map(str::to_owned).into(),
        shared_lists: vec![("item".into(), "custcolzuoraid".into())],
    };
    let key =
        LookUpKey { external: ExternalKey::new("zuora", "Invoice", "a"), source_id: "a".into(), record_id: "a".into() };
    told(netsuite.look_up(&target, std::slice::from_ref(&key)).await);
    told(netsuite.ask_record(&target, &key).await);
    told(netsuite.by_id(&target, "7").await);
    let mut line = Record::default();
    line.set("custcolzuoraid", Value::text("a"));
    let mut fields = Record::default();
    fields.set("item", Value::List(vec![line]));
    let (draft, bound) = (Draft { fields }, Bound::new());
    for operation in [Operation::Create, Operation::Update] {
        let (intent, target, key, id) = (intent(operation), Cow::Borrowed(&target), key.clone(), "7".into());
        let terms = bound.terms(&draft);
        netsuite
            .write(vec![Write { intent, target, key, id, draft: &draft, terms }])
            .await
            .into_iter()
            .for_each(told_of);
    }
    told(netsuite.read(&target, "7").await);
    told(netsuite.list("currency").await);
    told(netsuite.lacking("invoice", &["item.quantity".to_owned()]).await);
    netsuite.pauses().iter().for_each(|pause| plain(&pause.problem));
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// Under a status of 200, as JSON.
pub(crate) fn as_answers(bodies: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    bodies.into_iter().map(|body| [b"200\ncontent-type: application/json\n\n".to_vec(), body].concat()).collect()
}

pub(crate) fn stubborn(input: &[u8], token: &str) -> Arc<dyn Wire> {
    let answer = read(input);
    // One input in four is an answer to the log-in too.
    let asks_for_more = input.len().is_multiple_of(4);
    let login = Reply { status: 200, headers: HeaderMap::new(), body: token.to_owned().into() };
    Arc::new(Stubborn { answer, login: (!asks_for_more).then_some(login), calls: AtomicUsize::new(0) })
}

#[test]
fn zuora_may_answer_anything() {
    let (runtime, sandbox, heard) = (runtime(), Sandbox::new(), Arc::default());
    let wire = Recording { wire: Direct(sandbox.zuora.clone()), heard: Arc::clone(&heard) };
    runtime.block_on(all_of_zuora(&zuora(&sandbox.zuora_keys, Arc::new(wire))));
    let heard = heard.lock().unwrap().clone();
    assert!(heard.len() >= 7, "{} answers", heard.len());
    let corpus = Corpus::of(heard).and(as_answers(corpus::zuora_examples())).with_words(&WORDS);
    feed(bolero::check!(), 2_000, &corpus, |input| {
        let wire = stubborn(input, r#"{"access_token":"s3cr3t","expires_in":3600}"#);
        runtime.block_on(all_of_zuora(&zuora(&sandbox.zuora_keys, wire)));
    });
}

#[test]
fn netsuite_may_answer_anything() {
    let (runtime, sandbox, heard) = (runtime(), Sandbox::new(), Arc::default());
    let wire = Recording { wire: Direct(sandbox.netsuite.clone()), heard: Arc::clone(&heard) };
    runtime.block_on(all_of_netsuite(&netsuite(&sandbox.netsuite_keys, false, Arc::new(wire))));
    let heard = heard.lock().unwrap().clone();
    assert!(heard.len() >= 7, "{} answers", heard.len());
    let more = ["netsuite-sdk-fixtures", "netsuite-soap-fixtures", "salesforce-api-fixtures"].map(corpus::shared);
    let corpus = Corpus::of(heard).and(as_answers(more.concat())).with_words(&WORDS);
    feed(bolero::check!(), 2_000, &corpus, |input| {
        let by_token = input.len().is_multiple_of(3);
        let wire = stubborn(input, r#"{"access_token":"s3cr3t","expires_in":"3600"}"#);
        runtime.block_on(all_of_netsuite(&netsuite(&sandbox.netsuite_keys, by_token, wire)));
    });
}
