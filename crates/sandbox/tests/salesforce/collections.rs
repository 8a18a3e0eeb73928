//! Collections.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Account, of};

fn codes(body: &Value) -> Vec<String> {
    let code = |row: &Value| match row["success"] == true {
        true => "ok".to_owned(),
        false => row["errors"][0]["statusCode"].as_str().unwrap().to_owned(),
    };
    body.as_array().unwrap().iter().map(code).collect()
}

#[tokio::test]
async fn each_row_has_a_result_in_its_place_and_the_call_is_a_success() {
    let account = Account::open().await;
    let records = [json!({ "Name": "A" }), json!({}), json!({ "Name": "C", "NumberOfEmployees": "x" })];
    let records: Vec<Value> = records.into_iter().map(|record| of("Account", record)).collect();
    let answer = account.post("/composite/sobjects", json!({ "allOrNone": false, "records": records })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(codes(&answer.body), ["ok", "REQUIRED_FIELD_MISSING", "INVALID_TYPE_ON_FIELD_IN_RECORD"]);
    assert!(answer.body[1].get("id").is_none());
    let error = json!([{ "statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [Name]", "fields": ["Name"] }]);
    assert_eq!(answer.body[1]["errors"], error);
    assert_eq!(account.count("Account").await, 1);
}

#[tokio::test]
async fn all_or_none_keeps_nothing_and_tells_the_culprit_from_the_others() {
    let account = Account::open().await;
    let records =
        [of("Account", json!({ "Name": "A" })), of("Account", json!({})), of("Contact", json!({ "LastName": "C" }))];
    let answer = account.post("/composite/sobjects", json!({ "allOrNone": true, "records": records })).await;
    let collateral = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
    assert_eq!(codes(&answer.body), [collateral, "REQUIRED_FIELD_MISSING", collateral]);
    assert_eq!((account.count("Account").await, account.count("Contact").await), (0, 0));
}

#[tokio::test]
async fn a_key_or_an_id_that_stands_twice_fails_in_both_places() {
    let account = Account::open().await;
    let row = |key: &str| of("Account", json!({ "Name": "A", "Nue_Id__c": key }));
    let records = [row("k-1"), row("k-2"), row("K-1"), of("Account", json!({ "Name": "A" }))];
    let answer = account.patch("/composite/sobjects/Account/Nue_Id__c", json!({ "records": records })).await;
    assert_eq!(codes(&answer.body), ["DUPLICATE_VALUE", "ok", "DUPLICATE_VALUE", "MISSING_ARGUMENT"]);
    assert_eq!(answer.body[2]["errors"][0]["message"], "Duplicate external id specified: K-1");
    assert_eq!(answer.body[1]["created"], true);
    let id = answer.body[1]["id"].as_str().unwrap();
    let twice = [of("Account", json!({ "id": id, "Name": "B" })), of("Account", json!({ "Id": id, "Name": "C" }))];
    let answer = account.patch("/composite/sobjects", json!({ "records": twice })).await;
    assert_eq!(codes(&answer.body), ["DUPLICATE_VALUE", "DUPLICATE_VALUE"]);
}

#[tokio::test]
async fn rows_are_changed_and_deleted_by_their_ids() {
    let account = Account::open().await;
    let id = account.make("Account", json!({ "Name": "A" })).await;
    let other = account.make("Account", json!({ "Name": "B" })).await;
    let absent = format!("{}zzz", &id[..12]);
    let rows = [
        of("Account", json!({ "id": id, "Phone": "1" })),
        of("Account", json!({ "Id": &other[..15], "Phone": "2" })),
        of("Account", json!({ "id": "x", "Phone": "3" })),
        of("Account", json!({ "id": absent, "Phone": "4" })),
        of("Account", json!({ "Phone": "5" })),
    ];
    let answer = account.patch("/composite/sobjects", json!({ "records": rows })).await;
    assert_eq!(codes(&answer.body), ["ok", "ok", "MALFORMED_ID", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT"]);
    let answer = account.delete(&format!("/composite/sobjects?ids={id},{absent},{other}&allOrNone=true")).await;
    let collateral = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
    assert_eq!(codes(&answer.body), [collateral, "INVALID_CROSS_REFERENCE_KEY", collateral]);
    assert_eq!(account.count("Account").await, 2);
    let answer = account.delete(&format!("/composite/sobjects?ids={id},{other}&allOrNone=false")).await;
    assert_eq!(codes(&answer.body), ["ok", "ok"]);
    assert_eq!(account.count("Account").await, 0);
}

#[tokio::test]
async fn what_is_read_by_ids_has_empty_places_for_what_is_not_there_or_not_seen() {
    let account = Account::open().await;
    let seen = account.make("Account", json!({ "Name": "A" })).await;
    let hidden = account.make("Account", json!({ "Name": "B" })).await;
    account.set(json!({ "unshared_records": [hidden] })).await;
    let body = json!({ "ids": [hidden, seen, "001000000000001AAA"], "fields": ["Name"] });
    let answer = account.post("/composite/sobjects/Account", body).await;
    assert_eq!(answer.body[0], Value::Null);
    assert_eq!((&answer.body[1]["Name"], &answer.body[1]["Id"]), (&json!("A"), &json!(seen)));
    assert_eq!(answer.body[2], Value::Null);
    let by_address = account.get(&format!("/composite/sobjects/Account?ids={seen}&fields=Id,Name")).await;
    assert_eq!(by_address.body.as_array().unwrap().len(), 1);
    let wrong = account.get(&format!("/composite/sobjects/Account?ids={seen}&fields=Nam")).await;
    assert_eq!(wrong.refusal(), (400, "INVALID_FIELD"));
    assert_eq!(account.get(&format!("/sobjects/Account/{hidden}")).await.refusal(), (404, "NOT_FOUND"));
    let refused = account
        .patch("/composite/sobjects", json!({ "records": [of("Account", json!({ "id": hidden, "Name": "C" }))] }))
        .await;
    assert_eq!(codes(&refused.body), ["INSUFFICIENT_ACCESS_OR_READONLY"]);
}

#[tokio::test]
async fn more_than_a_call_takes_is_refused_as_a_whole() {
    let account = Account::open().await;
    let many: Vec<Value> = (0..201).map(|place| of("Account", json!({ "Name": place.to_string() }))).collect();
    assert_eq!(account.post("/composite/sobjects", json!({ "records": many })).await.status, 400);
    let mixed: Vec<Value> = (0..11)
        .map(|place| match place % 2 {
            0 => of("Account", json!({ "Name": "A" })),
            _ => of("Contact", json!({ "LastName": "C" })),
        })
        .collect();
    let chunks = account.post("/composite/sobjects", json!({ "records": mixed })).await;
    assert!(chunks.message().contains("10 chunks"), "{chunks:?}");
    let untyped = account.post("/composite/sobjects", json!({ "records": [{ "Name": "A" }] })).await;
    assert_eq!(untyped.status, 400);
    assert_eq!((account.count("Account").await, account.count("Contact").await), (0, 0));
    let wrong = account.call(Method::PUT, "/composite/sobjects", &[], Some(json!({}))).await;
    assert_eq!(wrong.refusal(), (405, "METHOD_NOT_ALLOWED"));
}
