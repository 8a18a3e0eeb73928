//! Answers that NetSuite does not document: each is told, none is taken for less or more than it is.

use super::*;

/// The words with which a look-up of an invoice fails that is answered so.
async fn refused_look_up(body: &str) -> String {
    let body = body.to_owned();
    let (netsuite, _) = netsuite(move |_, _| answer(200, body.clone())).await;
    let problem = netsuite.look_up(&target("invoice", &[]), &[key("a")]).await.unwrap_err();
    assert_eq!(problem.call, "POST /services/rest/query/v1/suiteql");
    problem.words
}

/// The words with which reading the invoice 7 fails that is answered so.
async fn refused_read(body: &'static str) -> String {
    let (netsuite, _) = netsuite(move |_, _| answer(200, body)).await;
    netsuite.read(&target("invoice", &[]), "7").await.unwrap_err().words
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_told_with_its_beginning() {
    for body in
        [r#"{"items":[{"id":"1""#, r#"{"items":[{"id":"1"}]}"#, "[]", "\u{1}", r#"{"items":{},"hasMore":false}"#]
    {
        let words = refused_look_up(body).await;
        assert!(words.contains("not the JSON that was expected") && words.contains("the answer begins: "), "{words}");
    }
    assert!(refused_read("{\"id\":\"7\",\"memo\":\"raw \u{1}\"}").await.contains("control character"));
}

#[tokio::test]
async fn a_page_of_html_under_a_status_of_200_is_neither_rows_nor_a_record_that_was_written() {
    let page = || Act::Answer(200, vec![("content-type", "text/html".into())], "<h1>Log in</h1>".into());
    let (netsuite, server) = netsuite(move |_, _| page()).await;
    let problem = netsuite.look_up(&target("invoice", &[]), &[key("a")]).await.unwrap_err();
    assert!(problem.words.contains("a page in place of an answer: Log in"), "{problem}");
    let invoice = target("invoice", &[]);
    let fields = draft(&[("memo", Value::text("m"))]);
    let created = netsuite.create(intent(Operation::Create), &invoice, &key("a"), &fields).await;
    let updated = netsuite.update(intent(Operation::Update), &invoice, "7", &fields).await;
    assert!(matches!((created, updated), (Answer::Unknown(_), Answer::Unknown(_))));
    assert_eq!((server.count("POST /services/rest/record"), server.count("PATCH")), (1, 1));
}

#[tokio::test]
async fn a_row_or_a_record_without_its_id_is_told() {
    let words = refused_look_up(r#"{"items":[{"id":"1"},{"externalid":"x"}],"hasMore":false}"#).await;
    assert!(words.starts_with("the row at place 2 has no id"), "{words}");
    let words = refused_read(r#"{"memo":"whose?"}"#).await;
    assert!(words.starts_with("the record 7 was asked for, '' came"), "{words}");
    let words = refused_read(r#"{"id":"8"}"#).await;
    assert!(words.starts_with("the record 7 was asked for, '8' came"), "{words}");
}

#[tokio::test]
async fn a_count_of_lines_that_is_no_number_is_told() {
    let (netsuite, _) = netsuite(|seen, _| match seen.body.contains("transactionline") {
        true => rows(r#"{"transaction":"11","linecount":"many"}"#),
        false => rows(r#"{"id":"11","externalid":"zuora-invoice-a","type":"CustInvc"}"#),
    })
    .await;
    let problem = netsuite.look_up(&target("invoice", &["lines"]), &[key("a")]).await.unwrap_err();
    assert!(problem.words.contains("the lines of 11 is no number: 'many'"), "{problem}");
}

#[tokio::test]
async fn an_amount_that_cannot_be_held_exactly_is_told_with_its_field() {
    let words = refused_read(r#"{"id":"7","item":{"items":[{"amount":0.12345678901234567890123456789012}]}}"#).await;
    assert!(words.contains("does not fit a decimal in the field item.items.amount"), "{words}");
    let words = refused_look_up(r#"{"items":[{"foreigntotal":1e99,"id":"9"}],"hasMore":false}"#).await;
    assert!(words.contains("in the field foreigntotal of the record 9"), "{words}");
}

#[tokio::test]
async fn texts_go_and_come_as_they_are_whatever_they_hold() {
    let (netsuite, server) = netsuite(|seen, _| match seen.line.starts_with("GET") {
        true => answer(200, r#"{"id":"7","memo":"\u0007 𝄞 \ud83d\ude00","total":"ten"}"#),
        false => made("7"),
    })
    .await;
    let record = netsuite.read(&target("invoice", &[]), "7").await.unwrap().unwrap();
    assert_eq!((record.text("memo"), record.get("total").as_number()), ("\u{7} 𝄞 😀", None));
    let fields = draft(&[("memo", Value::text("\u{7} 𝄞 😀"))]);
    netsuite.create(intent(Operation::Create), &target("invoice", &[]), &key("a"), &fields).await;
    assert!(server.seen()[1].body.contains("\"memo\":\"\\u0007 𝄞 😀\""), "{}", server.seen()[1].body);
}

/// A page of SuiteQL with so many rows, the ids from `first` on.
fn page(first: usize, count: usize, rest: &str) -> String {
    let items: Vec<String> = (first..first + count).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    format!(r#"{{"items":[{}],{rest}}}"#, items.join(","))
}

#[tokio::test]
async fn a_page_that_is_short_or_says_other_than_it_holds_is_an_error() {
    let cases = [
        (page(1, 3, r#""hasMore":true"#), "has only 3 of 1000 rows and says that there are more"),
        (page(1, 0, r#""hasMore":true"#), "has only 0 of 1000 rows and says that there are more"),
        (page(1, 3, r#""hasMore":false,"totalResults":4"#), "the query has 4 rows, but only 3 came"),
        (page(1, 1000, r#""hasMore":true,"totalResults":1000"#), "1000 of 1000 rows came, and still there are more"),
        (page(1, 3, r#""hasMore":false,"count":4"#), "is not what it says"),
        (page(1, 1001, r#""hasMore":false"#), "is not what it says or was asked for"),
        (page(1, 3, r#""hasMore":false,"offset":1000"#), "another one came"),
    ];
    for (body, expected) in cases {
        let words = refused_look_up(&body).await;
        assert!(words.contains(expected), "{words}");
    }
}

#[tokio::test]
async fn pages_that_repeat_or_never_end_come_to_an_end() {
    let (connector, server) = netsuite(|_, _| answer(200, page(1, 1000, r#""hasMore":true"#))).await;
    let problem = connector.look_up(&target("customer", &[]), &[key("a")]).await.unwrap_err();
    assert!(problem.words.contains("the page at 1000 repeats the one before it"), "{problem}");
    assert_eq!(server.seen().len(), 2);

    let (connector, server) =
        netsuite(|_, before| answer(200, page(before * 1000 + 1, 1000, r#""hasMore":true"#))).await;
    let problem = connector.look_up(&target("customer", &[]), &[key("a")]).await.unwrap_err();
    assert!(problem.words.contains("more than the 100000 rows"), "{}", problem.words);
    assert_eq!(server.seen().len(), 100);
}

#[tokio::test]
async fn a_sublist_that_was_cut_is_an_error_with_its_name() {
    let words = refused_read(r#"{"id":"7","item":{"items":[{"line":1}],"hasMore":true}}"#).await;
    assert!(words.contains("only 1 entries came in the field item"), "{words}");
}

#[tokio::test]
async fn a_create_that_names_no_record_is_unknown_and_shows_what_came() {
    for location in ["", "https://h/services/rest/record/v1/invoice/", "https://h/invoice/seven"] {
        let act = move || Act::Answer(204, vec![("location", location.into())], String::new());
        let (netsuite, _) = netsuite(move |_, _| act()).await;
        let created = netsuite.create(intent(Operation::Create), &target("invoice", &[]), &key("a"), &draft(&[])).await;
        assert!(matches!(created, Answer::Unknown(_)), "{created:?}");
    }
}
