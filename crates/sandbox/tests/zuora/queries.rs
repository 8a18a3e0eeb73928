use reqwest::StatusCode;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn a_query_finds_records_and_leaves_out_what_is_null() {
    let bench = Bench::new(3).await;
    let records = bench
        .query("select InvoiceNumber, Amount, TaxAmount, IntegrationStatus__NS, TransferredToAccounting from Invoice where Status = 'Posted' and InvoiceNumber = 'INV00000001'")
        .await;
    assert_eq!(records.len(), 1);
    let record = records[0].as_object().unwrap();
    assert_eq!(record["Amount"].to_string(), "35.7");
    assert_eq!(record["TaxAmount"].to_string(), "4.2");
    assert_eq!(record["TransferredToAccounting"], "No");
    assert_eq!(record["Id"].as_str().map(str::len), Some(32));
    assert!(!record.contains_key("IntegrationStatus__NS"));
}

#[tokio::test]
async fn a_blank_status_is_null_and_not_an_empty_text() {
    let bench = Bench::new(3).await;
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS = null").await.len(), 4);
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS != null").await.len(), 0);
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS = ''").await.len(), 0);
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS != 'Sync Complete'").await.len(), 0);
}

#[tokio::test]
async fn names_ignore_case_and_texts_do_not() {
    let bench = Bench::new(3).await;
    assert_eq!(bench.query("select id from invoice where status = 'Posted'").await.len(), 3);
    assert_eq!(bench.query("select Id from Invoice where Status = 'posted'").await.len(), 0);
    assert_eq!(bench.query("select Id from Account where Name like '%Brien%'").await.len(), 1);
    assert_eq!(bench.query(r"select Id from Account where Name = 'O\'Brien Ltd'").await.len(), 1);
}

#[tokio::test]
async fn a_query_is_read_batch_by_batch_to_its_end() {
    let bench = Bench::new(5).await;
    let first = json!({ "queryString": "select Id from Invoice where Status = 'Posted'", "conf": { "batchSize": 2 } });
    let (_, mut page) = bench.post("/v1/action/query", first).await;
    let mut seen = Vec::new();
    loop {
        assert_eq!(page["size"], 5);
        seen.extend(page["records"].as_array().unwrap().iter().map(|record| record["Id"].to_string()));
        if page["done"] == true {
            assert!(page.get("queryLocator").is_none());
            break;
        }
        let locator = page["queryLocator"].as_str().unwrap().to_owned();
        assert!(locator.ends_with(&format!("-{}", seen.len())), "{locator}");
        page = bench.post("/v1/action/queryMore", json!({ "queryLocator": locator })).await.1;
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn a_locator_dies_when_nobody_asks_for_a_quarter_of_an_hour() {
    let bench = Bench::new(5).await;
    let query = json!({ "queryString": "select Id from Invoice", "conf": { "batchSize": 1 } });
    let (_, page) = bench.post("/v1/action/query", query).await;
    let more = json!({ "queryLocator": page["queryLocator"] });
    bench.clock.advance(15 * 60);
    assert_eq!(bench.post("/v1/action/queryMore", more.clone()).await.0, StatusCode::OK);
    bench.clock.advance(15 * 60 + 1);
    let (status, body) = bench.post("/v1/action/queryMore", more).await;
    assert_eq!((status, body["FaultCode"].as_str()), (StatusCode::BAD_REQUEST, Some("INVALID_QUERY_LOCATOR")));
}

#[tokio::test]
async fn what_the_vendor_cannot_query_is_refused() {
    let bench = Bench::new(1).await;
    for (query, code) in [
        ("select Foo from Invoice", "INVALID_FIELD"),
        ("select Id from CreditMemo", "INVALID_TYPE"),
        ("select Id from Invoice order by Id", "MALFORMED_QUERY"),
        ("select Id from Invoice where Foo = 'x'", "INVALID_FIELD"),
        ("select Id from Invoice where Amount > 'much'", "INVALID_VALUE"),
        ("select Id from Invoice where Status > null", "MALFORMED_QUERY"),
        ("select Id from Account where AutoPay > true", "MALFORMED_QUERY"),
        ("select Id from Invoice where Status = 5", "MALFORMED_QUERY"),
        // Object Query and the v1 resources know it; no WSDL version does.
        ("select Currency from Invoice", "INVALID_FIELD"),
    ] {
        let (status, body) = bench.post("/v1/action/query", json!({ "queryString": query })).await;
        assert_eq!((status, body["FaultCode"].as_str()), (StatusCode::BAD_REQUEST, Some(code)), "{query}");
    }
    let (_, body) = bench.post("/v1/action/query", json!({ "queryString": "select FooBar from Invoice" })).await;
    assert_eq!(body["FaultMessage"], "invalid field for query: Invoice.foobar");
}

#[tokio::test]
async fn children_are_found_by_their_parent_and_taxes_name_the_item_of_the_erp() {
    let bench = Bench::new(3).await;
    let id = bench.id("Invoice where InvoiceNumber = 'INV00000002'").await;
    let items = bench
        .query(&format!("select ChargeAmount, TaxCode, RatePlanChargeId from InvoiceItem where InvoiceId = '{id}'"))
        .await;
    assert_eq!(items.len(), 3);
    let taxes =
        bench.query(&format!("select TaxCode, AccountingCode from TaxationItem where InvoiceId = '{id}'")).await;
    let code =
        |wanted: &str| taxes.iter().find(|tax| tax["TaxCode"] == wanted).map(|tax| tax["AccountingCode"].clone());
    assert_eq!(code("VAT"), Some(json!("41")));
    assert_eq!(code("ODD"), Some(json!(null)));
}

#[tokio::test]
async fn one_time_charges_have_a_hyphen_in_queries() {
    let bench = Bench::new(1).await;
    let found = bench.query("select ChargeType from ProductRatePlanCharge where ChargeType = 'One-Time'").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["ChargeType"], "OneTime");
    assert_eq!(bench.query("select Id from ProductRatePlanCharge where ChargeType = 'OneTime'").await.len(), 0);
}

#[tokio::test]
async fn the_numbers_of_the_catalogue_need_a_younger_wsdl() {
    let bench = Bench::new(1).await;
    let query = json!({ "queryString": "select ProductNumber from Product" });
    assert_eq!(bench.post("/v1/action/query", query.clone()).await.0, StatusCode::BAD_REQUEST);
    let request = bench.call(reqwest::Method::POST, "/v1/action/query").header("X-Zuora-WSDL-Version", "133");
    let (status, body) = crate::bench::answer(request.body(query.to_string())).await;
    assert_eq!((status, body["records"][0]["ProductNumber"].as_str()), (StatusCode::OK, Some("PC-00000001")));
}
