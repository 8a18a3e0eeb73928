use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, answer};

const ONE: &str = "Invoice where InvoiceNumber = 'INV00000001'";

fn update(objects: Value) -> Value {
    json!({ "type": "Invoice", "objects": objects })
}

#[tokio::test]
async fn an_update_answers_object_by_object_and_commits_the_good_ones() {
    let bench = Bench::new(3).await;
    let id = bench.id(ONE).await;
    let objects = json!([
        { "Id": "2c92ffffffffffffffffffffffffffff", "IntegrationStatus__NS": "Creating Invoice" },
        { "Id": id, "IntegrationStatus__NS": "Creating Invoice", "TransferredToAccounting": "Processing" },
    ]);
    let (status, results) = bench.post("/v1/action/update", update(objects)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(results[0]["Errors"][0]["Code"], "INVALID_ID");
    assert_eq!(results[1], json!({ "Success": true, "Id": id }));
    let found = bench.query("select Id from Invoice where IntegrationStatus__NS = 'Creating Invoice' and TransferredToAccounting = 'Processing'").await;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_write_moves_the_update_date_to_the_second() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    bench.post("/v1/action/update", update(json!([{ "Id": id, "Comments": "x" }]))).await;
    let records =
        bench.query("select UpdatedDate, CreatedDate from Invoice where UpdatedDate >= '2026-06-01T12:00:00Z'").await;
    assert_eq!(records[0]["UpdatedDate"], "2026-06-01T04:00:00.000-08:00");
    assert_eq!(records[0]["CreatedDate"], "2026-01-01T02:00:00.000-08:00");
}

#[tokio::test]
async fn values_that_the_vendor_refuses_are_refused() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    for (field, value, code) in [
        ("IntegrationStatus__NS", json!("x".repeat(256)), "INVALID_VALUE"),
        ("IntegrationStatus__NS", json!("Error \u{1f600}"), "INVALID_VALUE"),
        ("IntegrationStatus__NS", json!({ "a": 1 }), "INVALID_VALUE"),
        ("TransferredToAccounting", json!("Maybe"), "INVALID_VALUE"),
        ("Amount", json!(5), "INVALID_FIELD"),
        ("Id", json!(7), "INVALID_ID"),
        ("DueDate", json!("2026-02-30"), "INVALID_VALUE"),
        ("DueDate", json!("2027-01-01"), "INVALID_VALUE"),
    ] {
        let mut object = json!({ "Id": id });
        object[field] = value;
        let (_, results) = bench.post("/v1/action/update", update(json!([object]))).await;
        assert_eq!(results[0]["Errors"][0]["Code"], code, "{field}");
    }
    let (_, results) =
        bench.post("/v1/action/update", update(json!([{ "Id": id, "IntegrationStatus__NS": "x".repeat(255) }]))).await;
    assert_eq!(results[0]["Success"], true);
}

#[tokio::test]
async fn an_unknown_field_is_ignored_unless_the_caller_wants_it_refused() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    let body = update(json!([{ "Id": id, "integrationstatus__ns": "Creating Invoice" }]));
    let (_, results) = bench.post("/v1/action/update", body.clone()).await;
    assert_eq!(results[0]["Success"], true);
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS != null").await.len(), 0);
    let (status, answer) = bench.post("/v1/action/update?rejectUnknownFields=true", body).await;
    assert_eq!((status, answer), (StatusCode::BAD_REQUEST, json!({ "message": "Error - unrecognised fields" })));
}

#[tokio::test]
async fn a_null_is_ignored_and_fields_to_null_empties() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    let write = async |object: Value| bench.post("/v1/action/update", update(json!([object]))).await.1[0].clone();
    write(json!({ "Id": id, "IntegrationStatus__NS": "Creating Invoice" })).await;
    write(json!({ "Id": id, "IntegrationStatus__NS": null })).await;
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS != null").await.len(), 1);
    write(json!({ "Id": id, "fieldsToNull": ["IntegrationStatus__NS"] })).await;
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS != null").await.len(), 0);
    let refused = write(json!({ "Id": id, "fieldsToNull": ["Amount"] })).await;
    assert_eq!(refused["Errors"][0]["Code"], "INVALID_FIELD");
}

#[tokio::test]
async fn fifty_objects_are_the_most() {
    let bench = Bench::new(1).await;
    let objects = |count: usize| update(Value::Array(vec![json!({ "Id": "x" }); count]));
    assert_eq!(bench.post("/v1/action/update", objects(50)).await.0, StatusCode::OK);
    let (status, body) = bench.post("/v1/action/update", objects(51)).await;
    assert_eq!((status, body["FaultCode"].as_str()), (StatusCode::BAD_REQUEST, Some("MAX_RECORDS_EXCEEDED")));
}

#[tokio::test]
async fn a_body_or_type_that_makes_no_sense_is_refused() {
    let bench = Bench::new(1).await;
    let broken = bench.call(Method::POST, "/v1/action/update").body("{");
    assert_eq!(answer(broken).await.0, StatusCode::BAD_REQUEST);
    for kind in ["CreditMemo", "invoice"] {
        let (status, body) = bench.post("/v1/action/update", json!({ "type": kind, "objects": [] })).await;
        assert_eq!((status, body["FaultCode"].as_str()), (StatusCode::BAD_REQUEST, Some("INVALID_TYPE")));
    }
    let (status, body) = bench.post("/v1/action/upsert", json!({})).await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::BAD_REQUEST, Some("ClientError")));
    assert_eq!(bench.post("/v1/action/subscribe", json!({})).await.0, StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn accounts_are_created_with_their_required_fields_and_once_by_number() {
    let bench = Bench::new(1).await;
    let create = async |object: Value| {
        bench.post("/v1/action/create", json!({ "type": "Account", "objects": [object] })).await.1[0].clone()
    };
    let account =
        json!({ "Name": "New", "AccountNumber": "A-9", "Currency": "GBP", "BillCycleDay": 1, "Status": "Draft" });
    assert_eq!(create(account.clone()).await["Success"], true);
    assert_eq!(create(account).await["Errors"][0]["Code"], "DUPLICATE_VALUE");
    assert_eq!(create(json!({ "Name": "New" })).await["Errors"][0]["Code"], "MISSING_REQUIRED_VALUE");
    let active = json!({ "Name": "New", "Currency": "GBP", "BillCycleDay": 1, "Status": "Active" });
    assert_eq!(create(active).await["Errors"][0]["Code"], "INVALID_VALUE");
}

#[tokio::test]
async fn a_record_in_use_is_not_deleted() {
    let bench = Bench::new(1).await;
    let id = bench.id("Account where AccountNumber = 'A-1'").await;
    let (_, results) = bench.post("/v1/action/delete", json!({ "type": "Account", "ids": [id, "x"] })).await;
    assert_eq!(results[0]["errors"][0]["Code"], "CANNOT_DELETE");
    assert_eq!((results[1]["success"].as_bool(), results[1]["id"].as_str()), (Some(false), Some("x")));
}

#[tokio::test]
async fn the_same_idempotency_key_replays_the_first_answer_for_a_day() {
    let bench = Bench::new(1).await;
    let product = json!({ "Name": "P", "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2027-01-01" });
    let post = async |path: &str, body: &Value| {
        answer(bench.call(Method::POST, path).header("Idempotency-Key", "k").body(body.to_string())).await
    };
    let first = post("/v1/object/product", &product).await;
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(post("/v1/object/product", &json!({ "Name": "other" })).await, first);
    assert_eq!(bench.query("select Id from Product where Name = 'P'").await.len(), 1);
    assert_eq!(post("/v1/object/account", &product).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let put = bench.call(Method::PUT, "/v1/object/product/x").header("Idempotency-Key", "z").body("{}");
    let (status, body) = answer(put).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["reasons"][0]["message"], "Request method 'PUT' not supported with Idempotency-Key header");
}
