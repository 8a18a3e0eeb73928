//! The connector against a server that answers as Zuora documents it.

mod bad_input;
mod causes;

use std::sync::Arc;

use model::ports::{Clock, Comparator, Condition, Cursor, Fetch, FieldUse, Mark, Selection, Source};
use model::problem::{Answer, Cause};
use model::value::Value;

use super::{Settings, Zuora, data_centre, wire};
use crate::http::tests::{Act, Counting, Jumping, Seen, Server, answer};

fn token() -> Act {
    answer(200, r#"{"access_token":"c652secret","token_type":"bearer","expires_in":3599,"scope":"s","jti":"j"}"#)
}

async fn zuora(script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static) -> (Zuora, Server) {
    zuora_at(Arc::default(), script).await
}

async fn zuora_at(
    clock: Arc<Jumping>,
    script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static,
) -> (Zuora, Server) {
    let server = Server::start(
        move |seen, before| if seen.line.contains("/oauth/token") { token() } else { script(seen, before) },
    )
    .await;
    let settings = Settings {
        url: server.url.clone(),
        client_id: "id".into(),
        client_secret: "s3cr3t&".into(),
        entity: Some("entity-1".into()),
        concurrency: 4,
        timeout_seconds: 1,
    };
    let connector = Zuora::new(settings, clock, Arc::new(Counting::default())).unwrap();
    (connector, server)
}

fn condition(field: &str, operator: Comparator, value: Value) -> Condition {
    Condition { field: field.into(), operator, value }
}

fn selection(any: Vec<Vec<Condition>>) -> Selection {
    Selection { object: "Invoice".into(), fields: vec!["Id".into(), "Amount".into(), "Id".into()], any }
}

fn mark(id: &str) -> Mark {
    Mark {
        source_id: id.into(),
        status: "Creating Invoice".into(),
        fields: vec![
            ("IntegrationStatus__NS".into(), "Creating Invoice".into()),
            ("TransferredToAccounting".into(), "Processing".into()),
        ],
    }
}

#[test]
fn a_data_centre_is_known_by_the_name_that_zuora_gives_it() {
    assert_eq!(data_centre("US Cloud 2 Production"), Some("https://rest.zuora.com"));
    assert_eq!(data_centre("eu-api-sandbox"), Some("https://rest.sandbox.eu.zuora.com"));
    assert_eq!(data_centre("the moon"), None);
}

#[test]
fn a_selection_is_written_without_parentheses_and_with_its_literals_as_documented() {
    let posted = || condition("Status", Comparator::Is, Value::text("Posted"));
    let any = vec![
        vec![posted(), condition("IntegrationStatus__NS", Comparator::Is, Value::Null)],
        vec![
            condition("Name", Comparator::IsNot, Value::text("O'Hara \\ \"Co\"")),
            condition("Amount", Comparator::AtLeast, Value::Number("10.50".parse().unwrap())),
        ],
        vec![
            condition("AutoPay", Comparator::Is, Value::Bool(true)),
            condition("InvoiceDate", Comparator::Less, Value::text("2026-01-01")),
        ],
    ];
    let expected = concat!(
        "select Id, Amount from Invoice where Status = 'Posted' and IntegrationStatus__NS = null",
        r#" or Name != 'O\'Hara \\ \"Co\"' and Amount >= 10.50 or AutoPay = true and InvoiceDate < '2026-01-01'"#
    );
    assert_eq!(wire::select(&selection(any)).unwrap(), [expected]);
}

#[test]
fn more_than_two_hundred_conditions_become_several_queries() {
    let any = (0..150)
        .map(|_| vec![condition("A", Comparator::Is, Value::Null), condition("B", Comparator::Is, Value::Null)])
        .collect();
    let queries = wire::select(&selection(any)).unwrap();
    assert_eq!(queries.iter().map(|query| query.matches(" = ").count()).collect::<Vec<_>>(), [200, 100]);
    let keys: Vec<String> = (0..450).map(|key| key.to_string()).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert_eq!(wire::fetch("Account", &["Id".into()], "Id", &keys).unwrap().len(), 3);
}

#[test]
fn a_name_that_would_change_the_query_is_refused() {
    assert!(wire::fetch("Account where 1", &["Id".into()], "Id", &["1"]).is_err());
    assert!(wire::fetch("Account", &["Bill.To".into()], "Id", &["1"]).is_err());
}

#[test]
fn a_mark_empties_a_field_by_its_name_and_holds_no_emoji() {
    let mut made = mark("1");
    made.fields.push(("Note__c".into(), "fine 😀".into()));
    made.fields.push(("A__c".into(), "".into()));
    made.fields.push(("B__c".into(), "".into()));
    let body = String::from_utf8(wire::mark_body("Invoice", &[made])).unwrap();
    let expected = r#"{"type":"Invoice","objects":[{"Id":"1","IntegrationStatus__NS":"Creating Invoice","TransferredToAccounting":"Processing","Note__c":"fine �","fieldsToNull":["A__c","B__c"]}]}"#;
    assert_eq!(body, expected);
}

#[test]
fn a_description_tells_what_is_absent_and_what_may_not_be_used() {
    let field = |name: &str, filterable: bool, updateable: bool| {
        format!(
            "<field><name>{name}</name><label>L</label><selectable>true</selectable><updateable>{updateable}</updateable><filterable>{filterable}</filterable></field>"
        )
    };
    let xml = format!(
        "<?xml version=\"1.0\"?><object><name>Invoice</name><fields>{}{}</fields><related-objects><object><name>Gone</name></object></related-objects></object>",
        field("Id", true, false),
        field("Body", false, true)
    );
    let wanted = |name: &str, filtered, written| FieldUse { field: name.into(), filtered, written };
    let uses = [
        wanted("Id", true, false),
        wanted("Id", false, true),
        wanted("Body", true, false),
        wanted("Body", false, true),
        wanted("Gone", false, false),
        wanted("body", false, false),
    ];
    let told: Vec<String> = wire::lacking(&xml, &uses).unwrap().iter().map(ToString::to_string).collect();
    let expected = [
        "`Id` cannot be written",
        "`Body` cannot be filtered by",
        "`Gone` does not exist",
        "`body` does not exist; did you mean `Body`?",
    ];
    assert_eq!(told, expected);
    assert_eq!(wire::lacking("<error/>", &uses), None);
}

#[tokio::test]
async fn a_selection_is_read_page_by_page_to_its_end() {
    let (zuora, server) = zuora(|seen, _| {
        if seen.line.contains("queryMore") {
            answer(200, r#"{"records":[{"Id":"2"}],"size":2,"done":true}"#)
        } else {
            answer(200, r#"{"records":[{"Id":"1","Amount":10.10}],"size":2,"done":false,"queryLocator":"abc-1"}"#)
        }
    })
    .await;
    let wanted = selection(vec![vec![condition("Status", Comparator::Is, Value::text("Posted"))]]);
    let first = zuora.select(&wanted, None).await.unwrap();
    assert_eq!((first.records[0].get("Amount").show().as_str(), first.total), ("10.10", Some(2)));
    let last = zuora.select(&wanted, first.next.as_ref()).await.unwrap();
    assert_eq!((last.records[0].text("Id"), last.next), ("2", None::<Cursor>));
    let seen = server.seen();
    assert_eq!(seen[1].header("authorization"), "Bearer c652secret");
    assert_eq!(seen[1].header("zuora-entity-ids"), "entity-1");
    assert_eq!(seen[0].body, "client_id=id&client_secret=s3cr3t%26&grant_type=client_credentials");
    assert!(seen[0].header("authorization").is_empty());
    assert_eq!(seen[2].body, r#"{"queryLocator":"abc-1"}"#);
    assert_eq!(server.count("POST /oauth/token"), 1);
}

#[tokio::test]
async fn a_page_that_is_short_is_an_error_and_never_a_short_list() {
    let (zuora, _) = zuora(|_, _| answer(200, r#"{"records":[{"Id":"1"}],"size":2,"done":true}"#)).await;
    let fetch = Fetch {
        object: "Account".into(),
        fields: vec!["Id".into()],
        field: "Id".into(),
        keys: vec!["1".into(), "2".into()],
    };
    assert!(zuora.fetch(&fetch).await.unwrap_err().words.contains("only 1 came"));
}

#[tokio::test]
async fn a_refused_query_keeps_zuoras_code_and_words() {
    let (zuora, _) =
        zuora(|_, _| answer(200, r#"{"faultcode":"fns:INVALID_FIELD","faultstring":"no field Foo__c"}"#)).await;
    let problem = zuora.select(&selection(vec![vec![]]), None).await.unwrap_err();
    assert_eq!((problem.code.as_deref(), problem.cause), (Some("INVALID_FIELD"), Cause::Configuration));
}

#[tokio::test]
async fn marks_are_answered_one_by_one_and_a_receipt_needs_the_id_that_was_asked_for() {
    let rows = r#"[{"Success":true,"Id":"a"},{"Success":false,"Errors":[{"Code":"INVALID_ID","Message":"no such invoice"}]},{"Success":true,"Id":"x"}]"#;
    let (zuora, server) = zuora(move |_, _| answer(200, rows)).await;
    let answers = zuora.mark("Invoice", &[mark("a"), mark("b"), mark("c"), mark("d")]).await;
    assert!(
        matches!(&answers[0], Answer::Accepted(receipt) if receipt.source_id() == "a" && receipt.status() == "Creating Invoice")
    );
    assert!(matches!(&answers[1], Answer::Refused(problem) if problem.words == "no such invoice"));
    assert!(matches!(&answers[2], Answer::Unknown(_)));
    assert!(matches!(&answers[3], Answer::Unknown(_)));
    let seen = server.seen();
    assert_eq!(seen[1].line, "POST /v1/action/update?rejectUnknownFields=true");
    assert!(seen[1].header("idempotency-key").is_empty());
}

#[tokio::test]
async fn a_lost_answer_leaves_the_fifty_marks_of_its_call_unknown_and_no_others() {
    let (zuora, server) = zuora(|seen, _| {
        if seen.body.contains("\"Id\":\"0\"") {
            return Act::BreakOff;
        }
        let ids = (50..60).map(|id| format!(r#"{{"Success":true,"Id":"{id}"}}"#)).collect::<Vec<_>>();
        answer(200, format!("[{}]", ids.join(",")))
    })
    .await;
    let marks: Vec<Mark> = (0..60).map(|id| mark(&id.to_string())).collect();
    let answers = zuora.mark("Invoice", &marks).await;
    assert!(answers[..50].iter().all(|answer| matches!(answer, Answer::Unknown(_))));
    assert!(answers[50..].iter().all(|answer| matches!(answer, Answer::Accepted(_))));
    assert_eq!(server.count("POST /v1/action/update"), 2);
}

#[tokio::test]
async fn a_call_that_is_refused_as_a_whole_refuses_each_mark_in_zuoras_words() {
    let (zuora, _) = zuora(|_, _| answer(400, r#"{"message":"Error - unrecognised fields"}"#)).await;
    let answers = zuora.mark("Invoice", &[mark("a"), mark("b")]).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Answer::Refused(problem) if problem.words.contains("unrecognised fields")))
    );
}

#[tokio::test]
async fn a_401_leads_to_one_new_login_and_a_second_one_is_believed() {
    let (connector, server) = zuora(|_, before| match before {
        1 => answer(401, r#"{"message":"Authentication error"}"#),
        _ => answer(200, r#"[{"Success":true,"Id":"a"}]"#),
    })
    .await;
    assert!(matches!(connector.mark("Invoice", &[mark("a")]).await[0], Answer::Accepted(_)));
    assert_eq!((server.count("POST /oauth/token"), server.count("POST /v1/action/update")), (2, 2));

    let (connector, server) = zuora(|_, _| answer(401, r#"{"message":"Authentication error c652secret"}"#)).await;
    let answers = connector.mark("Invoice", &[mark("a")]).await;
    let Answer::NotDone(problem) = &answers[0] else { panic!("{answers:?}") };
    assert_eq!(problem.cause, Cause::Authentication);
    assert!(!problem.words.contains("c652secret"));
    assert_eq!(server.count("POST /v1/action/update"), 2);
}

#[tokio::test]
async fn many_calls_that_find_no_token_log_in_once() {
    let (zuora, server) = zuora(|_, _| answer(200, r#"{"records":[],"size":0,"done":true}"#)).await;
    let keys = (0..1000).map(|key| key.to_string().into()).collect();
    let fetch = Fetch { object: "Account".into(), fields: vec!["Id".into()], field: "Id".into(), keys };
    assert!(zuora.fetch(&fetch).await.unwrap().is_empty());
    assert_eq!((server.count("POST /oauth/token"), server.count("POST /v1/action/query")), (1, 5));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let clock = Arc::new(Jumping::default());
    let (zuora, server) = zuora_at(Arc::clone(&clock), |_, _| answer(200, "<object><fields></fields></object>")).await;
    for (jump, logins) in [(0, 1), (3_200_000, 1), (200_000, 2)] {
        clock.wait(jump).await;
        zuora.check().await.unwrap();
        assert_eq!(server.count("POST /oauth/token"), logins);
    }
    assert!(server.seen()[1].header("accept-encoding").contains("gzip"));
}

#[tokio::test]
async fn a_login_that_is_refused_names_the_credentials_and_shows_no_secret() {
    let server = Server::start(|seen, _| {
        answer(400, format!(r#"{{"status":400,"error":"Bad Request","message":"Invalid client id in {}"}}"#, seen.body))
    })
    .await;
    let settings = Settings {
        url: format!("{}/behind/a/proxy/", server.url),
        client_id: "id".into(),
        client_secret: "s3cr3t&".into(),
        entity: None,
        concurrency: 1,
        timeout_seconds: 1,
    };
    assert!(!format!("{settings:?}").contains("s3cr3t"));
    let zuora = Zuora::new(settings, Arc::new(Jumping::default()), Arc::new(Counting::default())).unwrap();
    let answers = zuora.mark("Invoice", &[mark("a")]).await;
    let Answer::NotDone(problem) = &answers[0] else { panic!("{answers:?}") };
    assert_eq!(problem.cause, Cause::Authentication);
    assert!(problem.words.contains("Invalid client id") && !problem.words.contains("s3cr3t"), "{problem}");
    assert_eq!(server.seen()[0].line, "POST /behind/a/proxy/oauth/token");
}

#[tokio::test]
async fn a_mark_that_stands_is_found_again_whatever_its_letters() {
    let (zuora, _) = zuora(|_, _| {
        answer(200, r#"{"records":[{"Id":"a","IntegrationStatus__NS":"creating INVOICE "},{"Id":"b","IntegrationStatus__NS":"Sync Complete"}],"size":2,"done":true}"#)
    })
    .await;
    let receipts = zuora.reread("Invoice", &[mark("a"), mark("b"), mark("c")]).await.unwrap();
    assert_eq!(receipts.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, false]);
}
