//! Answers that Zuora does not document: each is told, none is taken for less or more than it is.

use super::*;

fn wanted() -> Selection {
    selection(vec![vec![]])
}

/// The words with which a selection fails whose first part is this.
async fn refused_part(body: &'static str) -> String {
    let (zuora, _) = zuora(move |_, _| answer(200, body)).await;
    let problem = zuora.select(&wanted(), None).await.unwrap_err();
    assert_eq!(problem.call, "POST /v1/action/query");
    problem.words
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_told_with_its_beginning() {
    let words = refused_part(r#"{"records":[{"Id":"1""#).await;
    assert!(words.contains("not the JSON that was expected") && words.contains(r#"begins: {"records""#), "{words}");
    let words = refused_part(r#"{"records":[],"done":true}"#).await;
    assert!(words.contains("without `size` and `done`"), "{words}");
    let words =
        refused_part("{\"records\":[{\"Id\":\"1\",\"Name\":\"raw \u{1} control\"}],\"size\":1,\"done\":true}").await;
    assert!(words.contains("control character"), "{words}");
}

#[tokio::test]
async fn a_page_of_html_under_a_status_of_200_is_asked_for_again_and_then_told() {
    let page = || Act::Answer(200, vec![("content-type", "text/html".into())], "<h1>Sorry</h1>".into());
    let (connector, server) = zuora(move |_, _| page()).await;
    let problem = connector.select(&wanted(), None).await.unwrap_err();
    assert_eq!(problem.cause, Cause::Overload);
    assert!(problem.words.contains("a page in place of an answer: Sorry"), "{problem}");
    assert_eq!(server.count("POST /v1/action/query"), 5);
    let (connector, server) = zuora(move |_, _| page()).await;
    assert!(matches!(connector.mark("Invoice", &[mark("a")]).await[0], Answer::Unknown(_)));
    assert_eq!(server.count("POST /v1/action/update"), 1);
}

#[tokio::test]
async fn a_record_without_its_id_is_told_by_its_place() {
    let words = refused_part(r#"{"records":[{"Id":"1"},{"Amount":2}],"size":2,"done":true}"#).await;
    assert!(words.starts_with("the record at place 2 has no Id"), "{words}");
}

#[tokio::test]
async fn an_amount_that_cannot_be_held_exactly_is_told_with_its_field_and_record() {
    let words =
        refused_part(r#"{"records":[{"Amount":0.12345678901234567890123456789012,"Id":"7"}],"size":1,"done":true}"#)
            .await;
    assert!(words.contains("does not fit a decimal in the field Amount of the record 7"), "{words}");
    assert!(refused_part(r#"{"records":[{"Id":"7","Amount":NaN}],"size":1,"done":true}"#).await.contains("JSON"));
}

#[tokio::test]
async fn texts_come_as_they_are_whatever_they_hold() {
    let body = r#"{"records":[{"Id":"7","Amount":"ten","Name":"\u0007 𝄞 \ud83d\ude00"}],"size":1,"done":true}"#;
    let (zuora, _) = zuora(move |_, _| answer(200, body)).await;
    let page = zuora.select(&wanted(), None).await.unwrap();
    assert_eq!((page.records[0].text("Name"), page.records[0].text("Amount")), ("\u{7} 𝄞 😀", "ten"));
    assert_eq!(page.records[0].get("Amount").as_number(), None);
}

#[tokio::test]
async fn a_selection_that_is_short_or_does_not_end_is_an_error_at_that_page() {
    let first = r#"{"records":[{"Id":"1"}],"size":2,"done":false,"queryLocator":"a|1"}"#;
    let cases = [
        (r#"{"records":[],"size":2,"done":true}"#, "the query has 2 records, but only 1 came"),
        (r#"{"records":[{"Id":"1"}],"size":2,"done":false,"queryLocator":"a|1"}"#, "names itself as the next one"),
        (r#"{"records":[],"size":2,"done":false,"queryLocator":"b"}"#, "an empty part"),
        (r#"{"records":[{"Id":"2"},{"Id":"3"}],"size":3,"done":true}"#, "the query has 2 records, but 3 came"),
        (r#"{"records":[{"Id":"2"}],"size":2,"done":false}"#, "has no `queryLocator`"),
    ];
    for (second, expected) in cases {
        let (zuora, server) =
            zuora(move |seen, _| answer(200, if seen.line.contains("queryMore") { second } else { first })).await;
        let page = zuora.select(&wanted(), None).await.unwrap();
        let problem = zuora.select(&wanted(), page.next.as_ref()).await.unwrap_err();
        assert!(problem.words.contains(expected), "{problem}");
        assert_eq!(problem.call, "POST /v1/action/queryMore");
        assert_eq!(server.seen().last().unwrap().body, r#"{"queryLocator":"a|1"}"#);
    }
}

#[tokio::test]
async fn locators_that_go_in_a_circle_come_to_an_end() {
    let (zuora, server) = zuora(|_, before| {
        let next = if before % 2 == 0 { "even" } else { "odd" };
        answer(200, format!(r#"{{"records":[{{"Id":"{before}"}}],"size":5,"done":false,"queryLocator":"{next}"}}"#))
    })
    .await;
    let fetch =
        Fetch { object: "Account".into(), fields: vec!["Id".into()], field: "Id".into(), keys: vec!["1".into()] };
    let problem = zuora.fetch(&fetch).await.unwrap_err();
    assert!(problem.words.contains("the query has 5 records, but 6 came"), "{problem}");
    assert_eq!(server.count("POST /v1/action/query"), 6);
}

#[tokio::test]
async fn an_answer_of_more_rows_than_marks_tells_nothing_of_any() {
    let rows = r#"[{"Success":true,"Id":"a"},{"Success":true,"Id":"b"}]"#;
    let (zuora, _) = zuora(move |_, _| answer(200, rows)).await;
    let answers = zuora.mark("Invoice", &[mark("a")]).await;
    assert!(matches!(&answers[..], [Answer::Unknown(problem)] if problem.words.contains("2 rows for 1 records")));
}

#[tokio::test]
async fn a_cursor_that_is_not_ours_is_refused_before_anything_is_sent() {
    let (zuora, server) = zuora(|_, _| answer(200, "{}")).await;
    assert!(zuora.select(&wanted(), Some(&Cursor("somewhere".into()))).await.is_err());
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_is_sent_twice_however_many_calls_wait_for_it() {
    let clock = Arc::new(Jumping::default());
    let server = Server::start(|_, _| answer(400, r#"{"status":400,"message":"Invalid client id"}"#)).await;
    let settings = Settings {
        url: server.url.clone(),
        client_id: "id".into(),
        client_secret: "wrong".into(),
        entity: None,
        concurrency: 20,
        timeout_seconds: 1,
    };
    let zuora = Zuora::new(settings, Arc::clone(&clock) as _, Arc::new(Counting::default())).unwrap();
    let marks: Vec<Mark> = (0..1000).map(|id| mark(&id.to_string())).collect();
    let answers = zuora.mark("Invoice", &marks).await;
    let refused = |answer: &Answer<_>| matches!(answer, Answer::NotDone(told) if told.cause == Cause::Authentication);
    assert!(answers.iter().all(refused));
    assert_eq!(server.seen().len(), 2);
    assert_eq!(zuora.pauses().len(), 1);
    assert!(clock.jumped() < 60_000);
}
