use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::Bench;

fn numbers(body: &Value) -> Vec<String> {
    body["data"].as_array().unwrap().iter().map(|record| record["invoiceNumber"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn records_are_filtered_and_null_is_left_out_unless_asked_for() {
    let bench = Bench::new(4).await;
    let (_, body) =
        bench.get("/object-query/invoices?filter[]=status.EQ:posted&filter[]=invoicedate.GE:2026-01-03").await;
    assert_eq!(body["data"].as_array().map(Vec::len), Some(2));
    let record = body["data"][0].as_object().unwrap();
    assert_eq!(
        (record["amount"].to_string(), record["taxExemptAmount"].to_string()),
        ("35.7".to_owned(), "0.0".to_owned())
    );
    assert!(!record.contains_key("integrationStatus__NS"));
    let (_, body) = bench.get("/object-query/invoices?includeNullFields=true").await;
    assert_eq!(body["data"][0]["integrationStatus__NS"], Value::Null);
    assert!(body["data"][0].as_object().unwrap().contains_key("integrationStatus__NS"));
}

#[tokio::test]
async fn every_operator_selects() {
    let bench = Bench::new(4).await;
    for (filter, count) in [
        ("invoicenumber.EQ:inv00000001", 1),
        ("invoicenumber.NE:INV00000001", 4),
        ("invoicenumber.SW:inv0000", 5),
        ("invoicenumber.IN:%5BINV00000001,INV00000003%5D", 2),
        ("amount.GT:35.69", 5),
        ("amount.LT:35.7", 0),
        ("invoicedate.LE:2026-01-02", 2),
        ("sourceid.EQ:null", 5),
        ("updateddate.LT:2026-01-03T00:00:00Z", 2),
        ("accountid.EQ:2c92ffffffffffffffffffffffffffff", 0),
    ] {
        let (status, body) = bench.get(&format!("/object-query/invoices?filter[]={filter}")).await;
        assert_eq!((status, body["data"].as_array().map(Vec::len)), (StatusCode::OK, Some(count)), "{filter}: {body}");
    }
}

#[tokio::test]
async fn what_cannot_be_filtered_or_sorted_by_is_refused() {
    let bench = Bench::new(1).await;
    for query in [
        "filter[]=transferredtoaccounting.EQ:No",
        "filter[]=integrationstatus__ns.EQ:x",
        "filter[]=nothing.EQ:x",
        "filter[]=status.LIKE:x",
        "filter[]=status",
        "filter[]=amount.EQ:much",
        "filter[]=status.GT:Draft",
        "sort[]=comments.ASC",
        "sort[]=status.ASC&sort[]=amount.DESC",
        "expand[]=nothing",
        "invoice.fields[]=nothing",
        "pageSize=100",
        "pageSize=0",
        "cursor=nonsense",
    ] {
        let (status, body) = bench.get(&format!("/object-query/invoices?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(body["reasons"][0]["message"].is_string() && body["requestId"].is_string(), "{query}");
    }
    assert_eq!(bench.get("/object-query/accounts?expand[]=payments").await.0, StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition_in_every_order() {
    let bench = Bench::new(23).await;
    for order in [
        "",
        "&sort[]=updateddate.ASC",
        "&sort[]=updateddate.DESC",
        "&sort[]=amount.ASC",
        "&sort[]=invoicenumber.DESC",
        "&filter[]=status.EQ:Posted&sort[]=duedate.DESC",
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let (_, body) = bench.get(&format!("/object-query/invoices?pageSize=5{order}{cursor}")).await;
            seen.extend(numbers(&body));
            match body["nextPage"].as_str() {
                Some(next) => cursor = format!("&cursor={}", next.replace('=', "%3D").replace('+', "%2B")),
                None => break,
            }
        }
        let expected = if order.contains("status") { 23 } else { 24 };
        assert_eq!(seen.len(), expected, "{order}");
        let ordered = seen.clone();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), expected, "{order}");
        if order.contains("invoicenumber.DESC") {
            assert!(ordered.is_sorted_by(|a, b| a > b));
        }
    }
}

#[tokio::test]
async fn a_record_that_is_written_moves_to_the_end_of_the_updates() {
    let bench = Bench::new(3).await;
    let path = "/object-query/invoices?filter[]=status.EQ:Posted&sort[]=updateddate.ASC";
    assert_eq!(numbers(&bench.get(path).await.1), ["INV00000000", "INV00000001", "INV00000002"]);
    let id = bench.id("Invoice where InvoiceNumber = 'INV00000000'").await;
    bench.post("/v1/action/update", json!({ "type": "Invoice", "objects": [{ "Id": id, "Comments": "x" }] })).await;
    assert_eq!(numbers(&bench.get(path).await.1), ["INV00000001", "INV00000002", "INV00000000"]);
}

#[tokio::test]
async fn related_records_are_expanded_and_cut_at_the_size_of_the_page() {
    let bench = Bench::new(1).await;
    let (_, body) =
        bench.get("/object-query/invoices/INV00000000?expand[]=invoiceitems,account.billto&pageSize=2").await;
    assert_eq!(body["invoiceItems"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["account"]["billTo"]["country"], "France");
    let path = "/object-query/products?expand[]=productrateplans.productrateplancharges.productrateplanchargetiers";
    let (_, body) = bench.get(path).await;
    let tier = &body["data"][0]["productRatePlans"][0]["productRatePlanCharges"][0]["productRatePlanChargeTiers"][0];
    assert_eq!(tier["price"].to_string(), "10.5");
    assert_eq!(body["data"][0]["sKU"], "SKU-1");
}

#[tokio::test]
async fn only_the_chosen_fields_are_shown() {
    let bench = Bench::new(1).await;
    let path = "/object-query/accounts?account.fields[]=name,accountNumber&expand[]=billto&billto.fields[]=firstname&filter[]=accountnumber.EQ:A-1";
    let (_, body) = bench.get(path).await;
    let expected =
        json!({ "data": [{ "accountNumber": "A-1", "name": "Alder & Co", "billTo": { "firstName": "Ann" } }] });
    assert_eq!(body, expected);
    let (status, body) = bench.get("/object-query/accounts/nobody").await;
    assert_eq!((status, body["reasons"][0]["code"].as_u64()), (StatusCode::NOT_FOUND, Some(50_000_040)));
}
