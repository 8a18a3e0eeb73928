//! Every answer of Salesforce and of Nue, through every call of their connectors.

use std::borrow::Cow;
use std::sync::Arc;

use connectors::Wire;
use connectors::nue::{self, Nue};
use connectors::salesforce::{self, Salesforce};
use fuzz::{Corpus, feed};
use model::key::ExternalKey;
use model::mapping::Draft;
use model::ports::{
    Comparator, Condition, Cursor, Destination, Fetch, FieldUse, LookUpKey, Mark, Selection, Source, Target, Write,
};
use model::status::Operation;
use model::value::{Record, Value};
use sandbox::books::revenue;
use sandbox::clock::ManualClock;
use sandbox::server::Desk;

use crate::answers::{Bound, Recording, as_answers, intent, plain, runtime, stubborn, told, told_of};
use crate::corpus;
use crate::world::{Counting, Direct, Jumping, NOW};

const WORDS: [&str; 24] = [
    "401",
    "403",
    "503",
    "404",
    "300",
    "\"done\":false,\"nextRecordsUrl\":\"/services/data/v66.0/query/0r8-1\"",
    "\"nextRecordsUrl\":\"https://elsewhere.invalid/\"",
    "\"totalSize\":18446744073709551615",
    "\"success\":true",
    "\"errorCode\":\"REQUEST_LIMIT_EXCEEDED\"",
    "\"statusCode\":\"UNABLE_TO_LOCK_ROW\"",
    "\"statusCode\":\"DUPLICATE_VALUE\"",
    "Sforce-Limit-Info: api-usage=18446744073709551615/1",
    "Sforce-Limit-Info: api-usage=1/18446744073709551615",
    "\"fields\":[{\"name\":\"Nue_Id__c\",\"externalId\":true,\"unique\":true}]",
    "\"referenceTo\":[\"Ruby__Invoice__c\"]",
    "\"pagination\":{\"total\":18446744073709551615}",
    "\"data\":{\"Invoice\":[{\"id\":\"a\"}]}",
    "\"errors\":[{\"message\":\"m\",\"code\":\"MAINTENANCE\"}]",
    "\"expires_in\":-1",
    "\"id\":\"750x\",\"state\":\"JobComplete\",\"numberRecordsProcessed\":3",
    "Sforce-Locator: MTAwMDA",
    "\"Id\",\"Name\"\n\"001x\",\"a\"\n",
    "\"compositeResponse\":[{\"referenceId\":\"part0\",\"httpStatusCode\":200,\"body\":[]}]",
];

fn salesforce(client_id: &str, secret: &str, wire: Arc<dyn Wire>) -> Salesforce {
    let settings = salesforce::Settings {
        url: "http://salesforce.invalid".into(),
        version: salesforce::DEFAULT_VERSION.into(),
        credentials: salesforce::Credentials::ClientCredentials {
            client_id: client_id.to_owned(),
            client_secret: secret.to_owned().into(),
        },
        concurrency: 4,
        timeout_seconds: 60,
    };
    Salesforce::new(settings, Arc::new(Jumping::default()), Arc::new(Counting::default())).unwrap().with_wire(wire)
}

fn nue(api_key: &str, wire: Arc<dyn Wire>) -> Nue {
    let settings = nue::Settings {
        url: "http://nue.invalid".into(),
        api_key: api_key.to_owned().into(),
        generate_invoice: true,
        concurrency: 4,
        timeout_seconds: 60,
        wait_out_seconds: None,
    };
    Nue::new(settings, Arc::new(Jumping::default()), Arc::new(Counting::default())).unwrap().with_wire(wire)
}

async fn all_of_a_source(source: &dyn Source, object: &str, status: &str) {
    let fields = || vec!["Id".into(), "Name".into()];
    let condition = Condition { field: status.into(), operator: Comparator::IsNot, value: Value::text("Draft") };
    let selection = Selection { object: object.into(), fields: fields(), any: vec![vec![condition]] };
    if let Some(page) = told(source.select(&selection, None).await) {
        told(source.select(&selection, page.next.as_ref()).await);
    }
    let fetch = Fetch { object: object.into(), fields: fields(), field: "Id".into(), keys: vec!["a".into()] };
    told(source.fetch(&fetch).await);
    let marks = ["001xx000003DGb0AAG", "b"].map(|id| Mark {
        source_id: id.into(),
        status: "Creating Invoice".into(),
        fields: vec![("Integration_Status__c".into(), "Creating Invoice".into())],
    });
    source.mark(object, &marks).await.into_iter().for_each(told_of);
    told(source.reread(object, &marks).await);
    let used = FieldUse { field: status.into(), filtered: true, written: true };
    told(source.lacking(object, &[used]).await);
}

async fn all_of_a_destination(destination: &dyn Destination, target: Target, list: &str) {
    let key = LookUpKey {
        external: ExternalKey::new("nue", &target.object, "a"),
        source_id: "a".into(),
        record_id: "a".into(),
    };
    told(destination.look_up(&target, std::slice::from_ref(&key)).await);
    told(destination.ask_record(&target, &key).await);
    told(destination.by_id(&target, "001xx000003DGb0AAG").await);
    let mut line = Record::default();
    line.set("Nue_Id__c", Value::text("a"));
    let mut fields = Record::default();
    fields.set("Name", Value::text("a"));
    fields.set("Ruby__InvoiceItem__c", Value::List(vec![line]));
    fields.set("customerId", Value::reference("001xx000003DGb0AAG"));
    let mut change = Record::default();
    change.set("assetNumber", Value::reference("a"));
    fields.set("assetChanges", Value::List(vec![change]));
    let (draft, bound) = (Draft { fields }, Bound::new());
    for operation in [Operation::Create, Operation::Update] {
        let (intent, target, key, id) = (intent(operation), Cow::Borrowed(&target), key.clone(), "7".into());
        let terms = bound.terms(&draft);
        destination
            .write(vec![Write { intent, target, key, id, draft: &draft, terms }])
            .await
            .into_iter()
            .for_each(told_of);
    }
    told(destination.read(&target, "7").await);
    told(destination.list(list).await);
    told(destination.lacking(&target.object, &["Ruby__InvoiceItem__c.Name".to_owned(), "Name".to_owned()]).await);
}

async fn all_of_salesforce(salesforce: &Salesforce) {
    told(salesforce.check().await);
    all_of_a_source(salesforce, "Account", "Integration_Status__c").await;
    // A selection that has come to a job, and to a file of its result.
    let selection = Selection { object: "Account".into(), fields: vec!["Id".into(), "Name".into()], any: Vec::new() };
    for place in ["job|2026-11-21T10:00:00.000+0000|001x", "file|750x|0|3|"] {
        told(salesforce.select(&selection, Some(&Cursor(format!("2026-11-22T05:00:00Z|{place}")))).await);
    }
    let target = Target {
        object: "Ruby__Invoice__c".into(),
        source_id_field: Some("Nue_Id__c".into()),
        columns: ["Name", "count(Ruby__InvoiceItem__c)"].map(str::to_owned).into(),
        shared_lists: Vec::new(),
    };
    all_of_a_destination(salesforce, target, "Product2.ProductCode").await;
    salesforce.pauses().iter().for_each(|pause| plain(&pause.problem));
}

async fn all_of_nue(nue: &Nue) {
    told(nue.check().await);
    all_of_a_source(nue, "invoice", "status").await;
    all_of_a_source(nue, "debitMemo", "status").await;
    told(nue.seems_connected().await);
    for object in ["order", "changeOrder", "customer", "contact", "subscription"] {
        let target = Target {
            object: object.into(),
            source_id_field: Some("salesforceId".into()),
            columns: vec!["status".into()],
            shared_lists: Vec::new(),
        };
        all_of_a_destination(nue, target, "product.sku").await;
    }
    nue.pauses().iter().for_each(|pause| plain(&pause.problem));
}

fn books() -> revenue::Books {
    revenue::generate(&revenue::Options::new(7, 12, "2026-11-20".parse().unwrap()))
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(NOW.parse().unwrap()))
}

#[test]
fn salesforce_may_answer_anything() {
    let (runtime, heard) = (runtime(), Arc::default());
    let org = Arc::new(sandbox::salesforce::Org::new(7, clock(), sandbox::salesforce::Settings::default()).unwrap());
    for (object, rows) in revenue::rows(&books(), &revenue::Names::default()) {
        org.seed(&object, rows).unwrap();
    }
    let keys = org.access("http://salesforce.invalid");
    let wire = Recording { wire: Direct(Desk::open(org).1), heard: Arc::clone(&heard) };
    runtime.block_on(all_of_salesforce(&salesforce(&keys.client_id, &keys.client_secret, Arc::new(wire))));
    let heard = heard.lock().unwrap().clone();
    assert!(heard.len() >= 7, "{} answers", heard.len());
    let more = ["salesforce-api-fixtures", "salesforce-recorded"].map(corpus::shared);
    let corpus = Corpus::of(heard).and(as_answers(more.concat())).with_words(&WORDS);
    feed(bolero::check!(), 1_500, &corpus, |input| {
        let wire = stubborn(input, r#"{"access_token":"s3cr3t"}"#);
        runtime.block_on(all_of_salesforce(&salesforce("client", "s3cr3t-of-the-client", wire)));
    });
}

#[test]
fn nue_may_answer_anything() {
    let (runtime, heard) = (runtime(), Arc::default());
    let tenant = Arc::new(sandbox::nue::Nue::new(7, &books(), clock()));
    let keys = tenant.access("http://nue.invalid");
    let wire = Recording { wire: Direct(Desk::open(tenant).1), heard: Arc::clone(&heard) };
    runtime.block_on(all_of_nue(&nue(&keys.api_key, Arc::new(wire))));
    let heard = heard.lock().unwrap().clone();
    assert!(heard.len() >= 7, "{} answers", heard.len());
    let corpus = Corpus::of(heard).with_words(&WORDS);
    feed(bolero::check!(), 1_000, &corpus, |input| {
        runtime.block_on(all_of_nue(&nue("s3cr3t-of-the-key", stubborn(input, "{}"))));
    });
}
