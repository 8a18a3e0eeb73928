//! SuiteQL.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Account, Answer};

fn rows(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(|mut row| {
            assert_eq!(row["links"], json!([]));
            row.as_object_mut().unwrap().remove("links");
            row
        })
        .collect()
}

async fn filled() -> (Account, String) {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    account.invoice("zinv-1", &customer, &item, "10.10").await.id();
    account.invoice("zinv-2", &customer, &item, "20").await.id();
    let memo = json!({
        "externalId": "zinv-3", "custbodyzuoraid": "zinv-3", "entity": customer, "tranDate": "2026-02-04",
        "item": { "items": [{ "item": item, "quantity": 2, "rate": 1.5 }] },
    });
    account.post("/creditMemo", memo).await.id();
    (account, customer)
}

#[tokio::test]
async fn every_value_is_a_text_keys_are_small_and_empty_columns_are_left_out() {
    let (account, customer) = filled().await;
    let answer = account
        .ask("SELECT id AS InternalId, tranid, externalId, trandate, foreigntotal, memo, posting, BUILTIN.DF(entity) AS Who, entity FROM transaction WHERE type = 'CustInvc' AND externalid IN ('zinv-1', 'nothing')")
        .await;
    let expected = json!({ "internalid": "1", "tranid": "INV1", "externalid": "zinv-1", "trandate": "2/3/2026", "foreigntotal": "10.1", "posting": "T", "who": format!("{customer} Acme"), "entity": customer });
    assert_eq!(rows(&answer), vec![expected]);
    assert_eq!((answer.body["count"].as_i64(), answer.body["hasMore"].as_bool()), (Some(1), Some(false)));
}

#[tokio::test]
async fn credit_memos_and_sold_lines_carry_the_sign_of_the_ledger() {
    let (account, _) = filled().await;
    let totals = account.ask("SELECT SUM(foreigntotal) AS total, COUNT(*) AS n, recordtype FROM transaction GROUP BY recordtype ORDER BY recordtype").await;
    assert_eq!(
        rows(&totals),
        vec![
            json!({ "total": "-3", "n": "1", "recordtype": "creditmemo" }),
            json!({ "total": "30.1", "n": "2", "recordtype": "invoice" })
        ]
    );
    let lines = account
        .ask("SELECT tl.mainline, tl.foreignamount, tl.quantity FROM transactionline tl JOIN transaction t ON tl.transaction = t.id WHERE t.custbodyzuoraid = 'zinv-1' ORDER BY tl.linesequencenumber")
        .await;
    assert_eq!(
        rows(&lines),
        vec![
            json!({ "mainline": "T", "foreignamount": "10.1" }),
            json!({ "mainline": "F", "foreignamount": "-10.1", "quantity": "-1" })
        ]
    );
}

#[tokio::test]
async fn joins_find_what_belongs_together_and_left_joins_keep_the_rest() {
    let (account, _) = filled().await;
    account.customer("Lonely").await;
    let inner = account
        .ask("SELECT c.companyname, i.itemid, t.tranid FROM customer c, transaction t, transactionline l, item i WHERE t.entity = c.id AND l.transaction = t.id AND l.item = i.id AND t.externalid = 'zinv-2'")
        .await;
    assert_eq!(rows(&inner), vec![json!({ "companyname": "Acme", "itemid": "Gold", "tranid": "INV2" })]);
    let left = account
        .ask("SELECT c.companyname, COUNT(t.id) AS n FROM customer c LEFT JOIN transaction t ON t.entity = c.id AND t.type = 'CustInvc' GROUP BY c.companyname ORDER BY 1")
        .await;
    assert_eq!(
        rows(&left),
        vec![json!({ "companyname": "Acme", "n": "2" }), json!({ "companyname": "Lonely", "n": "0" })]
    );
}

#[tokio::test]
async fn functions_formats_and_parameters_work_as_clients_use_them() {
    let (account, _) = filled().await;
    let query = "SELECT TO_CHAR(lastmodifieddate, 'YYYY-MM-DD\"T\"HH24:MI:SS') AS at, NVL(memo, '-') AS memo, LOWER(tranid) || '!' AS x, CASE WHEN foreigntotal > 15 THEN 'big' ELSE 'small' END AS size FROM transaction WHERE lastmodifieddate >= TO_DATE('2026-03-10 00:00:00', 'YYYY-MM-DD HH24:MI:SS') AND id BETWEEN ? AND ? AND tranid LIKE 'INV%' ORDER BY id DESC";
    let body = json!({ "q": query, "params": ["1", 2] });
    let answer =
        account.call(Method::POST, "/services/rest/query/v1/suiteql", &[("prefer", "transient")], Some(body)).await;
    assert_eq!(rows(&answer)[0], json!({ "at": "2026-03-10T12:00:00", "memo": "-", "x": "inv2!", "size": "big" }));
    assert_eq!(
        rows(&account.ask("SELECT COUNT(DISTINCT entity) FROM transaction").await),
        vec![json!({ "expr1": "1" })]
    );
    assert_eq!(rows(&account.ask("SELECT id FROM transaction WHERE ROWNUM <= 2").await).len(), 2);
    assert_eq!(rows(&account.ask("SELECT DISTINCT type FROM transaction").await).len(), 2);
}

#[tokio::test]
async fn pages_are_bounded_and_tell_whether_there_is_more() {
    let (account, _) = filled().await;
    let page = account.ask_page("SELECT id FROM transaction ORDER BY id", "?limit=2&offset=0").await;
    assert_eq!(
        (page.body["count"].as_i64(), page.body["hasMore"].as_bool(), page.body["totalResults"].as_i64()),
        (Some(2), Some(true), Some(3))
    );
    assert_eq!(
        rows(&account.ask_page("SELECT id FROM transaction ORDER BY id", "?limit=2&offset=2").await),
        vec![json!({ "id": "3" })]
    );
    assert_eq!(account.ask_page("SELECT id FROM transaction", "?limit=2&offset=3").await.status, 400);
    assert_eq!(account.ask_page("SELECT id FROM transaction", "?limit=1000&offset=100000").await.status, 400);
}

#[tokio::test]
async fn a_wrong_query_is_refused_in_the_vendors_words() {
    let (account, _) = filled().await;
    let start = "Invalid search query. Detailed unprocessed description follows. ";
    let unknown = account.ask("SELECT nosuch FROM customer").await;
    assert_eq!(
        unknown.detail(),
        format!(
            "{start}Search error occurred: Unknown identifier 'nosuch'. Available identifiers are: {{customer=customer}}."
        )
    );
    assert_eq!(
        (unknown.code(), unknown.body["o:errorDetails"][0]["o:errorQueryParam"].as_str()),
        ("INVALID_PARAMETER", Some("q"))
    );
    assert_eq!(
        account.ask("SELECT id FROM nosuchtable").await.detail(),
        format!("{start}Invalid search type: nosuchtable.")
    );
    for query in [
        "SELEC id",
        "SELECT id FROM customer LIMIT 5",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "SELECT id, COUNT(*) FROM customer",
        "DELETE FROM customer",
        "SELECT id FROM transaction WHERE trandate = DATE '2026-01-01'",
    ] {
        assert_eq!(
            account.ask(query).await.detail(),
            format!("{start}Search error occurred: Invalid or unsupported search."),
            "{query}"
        );
    }
    let long = (0..1001).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(account.ask(&format!("SELECT id FROM customer WHERE id IN ({long})")).await.status, 400);
    let bare = account
        .call(Method::POST, "/services/rest/query/v1/suiteql", &[], Some(json!({ "q": "SELECT id FROM customer" })))
        .await;
    assert_eq!((bare.status.as_u16(), bare.code()), (400, "INVALID_HEADER"));
    assert_eq!(account.ask("SELECT id FROM customer UNION SELECT id FROM item").await.status, 501);
    assert_eq!(account.ask("SELECT id FROM employee").await.status, 501);
}
