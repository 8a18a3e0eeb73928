use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::Bench;

/// A number as it was written.
fn digits(number: &Value) -> String {
    number.to_string()
}

#[tokio::test]
async fn an_account_is_read_by_id_or_number_with_its_contacts() {
    let bench = Bench::new(2).await;
    let (status, body) = bench.get("/v1/accounts/A-1").await;
    assert_eq!((status, body["success"].as_bool()), (StatusCode::OK, Some(true)));
    assert_eq!(body["basicInfo"]["name"], "Alder & Co");
    assert_eq!(body["billToContact"]["country"], "France");
    assert_eq!(body["metrics"]["balance"].to_string(), "35.7");
    let path = format!("/v1/accounts/{}", body["basicInfo"]["id"].as_str().unwrap());
    assert_eq!(bench.get(&path).await.1, body);
    let (status, body) = bench.get("/v1/accounts/nobody").await;
    assert_eq!((status, body["reasons"][0]["code"].as_u64()), (StatusCode::NOT_FOUND, Some(50_000_040)));
    assert_eq!(bench.get("/v1/accounts/A-1/summary").await.1["invoices"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_account_is_changed_in_part_and_an_empty_field_is_emptied() {
    let bench = Bench::new(1).await;
    let put = async |body| bench.send(Method::PUT, "/v1/accounts/A-1", &body).await;
    let change = json!({ "notes": "n", "IntegrationStatus__NS": "Creating Customer", "billToContact": { "city": "Lyon", "zipCode": "69000" } });
    assert_eq!(put(change).await, (StatusCode::OK, json!({ "success": true })));
    let (_, body) = bench.get("/v1/accounts/A-1").await;
    assert_eq!(
        (body["basicInfo"]["notes"].as_str(), body["billToContact"]["zipCode"].as_str()),
        (Some("n"), Some("69000"))
    );
    assert_eq!(body["soldToContact"]["city"], json!(null));
    put(json!({ "notes": "", "IntegrationStatus__NS": null })).await;
    let (_, body) = bench.get("/v1/accounts/A-1").await;
    assert_eq!(
        (&body["basicInfo"]["notes"], &body["basicInfo"]["IntegrationStatus__NS"]),
        (&json!(null), &json!(null))
    );
    let (status, body) = put(json!({ "name": "" })).await;
    assert_eq!((status, body["success"].as_bool()), (StatusCode::OK, Some(false)));
}

#[tokio::test]
async fn an_invoice_is_marked_but_never_back_to_no() {
    let bench = Bench::new(2).await;
    let put = async |body| bench.send(Method::PUT, "/v1/invoices/INV00000001", &body).await;
    let (status, body) =
        put(json!({ "IntegrationStatus__NS": "Sync Complete", "transferredToAccounting": "Yes" })).await;
    assert_eq!((status, body["transferredToAccounting"].as_str()), (StatusCode::OK, Some("Yes")));
    assert_eq!(body["createdDate"], "2026-01-02 02:00:00");
    let (status, body) = put(json!({ "transferredToAccounting": "No" })).await;
    assert_eq!((status, body["success"].as_bool()), (StatusCode::OK, Some(false)));
}

#[tokio::test]
async fn many_invoices_are_changed_together_or_not_at_all_and_the_transfer_stays() {
    let bench = Bench::new(2).await;
    let id = bench.id("Invoice where InvoiceNumber = 'INV00000001'").await;
    let good = json!({ "id": id, "IntegrationStatus__NS": "Creating Invoice", "transferredToAccounting": "Yes" });
    let put = async |list| bench.send(Method::PUT, "/v1/invoices", &json!({ "invoices": list })).await.1;
    assert_eq!(put(json!([good, { "id": "x" }])).await["success"], false);
    assert_eq!(bench.query("select Id from Invoice where IntegrationStatus__NS != null").await.len(), 0);
    assert_eq!(put(json!([good])).await, json!({ "success": true }));
    let found = bench.query("select TransferredToAccounting from Invoice where IntegrationStatus__NS != null").await;
    assert_eq!(found[0]["TransferredToAccounting"], "No");
}

#[tokio::test]
async fn the_items_of_an_invoice_come_in_pages_with_their_taxes() {
    let bench = Bench::new(2).await;
    let (_, page) = bench.get("/v1/invoices/INV00000001/items?pageSize=2").await;
    let items = page["invoiceItems"].as_array().unwrap();
    assert_eq!((items.len(), page["success"].as_bool()), (2, Some(true)));
    let next = page["nextPage"].as_str().unwrap().strip_prefix(&bench.access.url).unwrap().to_owned();
    let (_, rest) = bench.get(&next).await;
    assert_eq!((rest["invoiceItems"].as_array().map(Vec::len), rest.get("nextPage")), (Some(1), None));
    let taxed =
        items.iter().chain(rest["invoiceItems"].as_array().unwrap()).filter(|item| digits(&item["taxAmount"]) == "2.1");
    assert!(taxed.clone().all(|item| digits(&item["taxationItems"]["data"][0]["taxRate"]) == "0.2"));
    assert_eq!(taxed.count(), 2);
    assert_eq!(bench.get("/v1/invoices/INV00000001/items?pageSize=41").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_item_is_marked_through_its_own_invoice_only() {
    let bench = Bench::new(2).await;
    let (_, page) = bench.get("/v1/invoices/INV00000001/items").await;
    let item = page["invoiceItems"][0]["id"].clone();
    let body = json!({ "invoiceItems": [{ "id": item, "IntegrationStatus__NS": "Sync Complete" }] });
    assert_eq!(bench.send(Method::PUT, "/v1/invoices/INV00000000", &body).await.1["success"], false);
    assert_eq!(bench.send(Method::PUT, "/v1/invoices/INV00000001", &body).await.1["success"], true);
    assert_eq!(bench.query("select Id from InvoiceItem where IntegrationStatus__NS = 'Sync Complete'").await.len(), 1);
}

#[tokio::test]
async fn the_catalogue_is_read_in_pages() {
    let bench = Bench::new(1).await;
    let (_, body) = bench.get("/v1/catalog/products").await;
    assert_eq!((body["products"][0]["sku"].as_str(), body["success"].as_bool()), (Some("SKU-1"), Some(true)));
    assert_eq!(bench.get("/v1/catalog/products/PC-00000001").await.1["name"], "Lamp");
}

#[tokio::test]
async fn what_is_not_emulated_says_so() {
    let bench = Bench::new(1).await;
    let (status, body) = bench.post("/v1/orders", json!({})).await;
    assert_eq!(
        (status, body["method"].as_str(), body["path"].as_str()),
        (StatusCode::NOT_IMPLEMENTED, Some("POST"), Some("/v1/orders"))
    );
    assert_eq!(bench.get("/v1/invoices").await.0, StatusCode::NOT_IMPLEMENTED);
}
