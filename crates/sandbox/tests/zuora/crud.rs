use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn a_record_is_read_whole_or_by_fields() {
    let bench = Bench::new(2).await;
    let id = bench.id("Invoice where InvoiceNumber = 'INV00000001'").await;
    let (status, body) = bench.get(&format!("/v1/object/invoice/{id}")).await;
    assert_eq!((status, body["InvoiceNumber"].as_str()), (StatusCode::OK, Some("INV00000001")));
    let (_, body) = bench.get(&format!("/v1/object/invoice/{id}?fields=Amount")).await;
    assert_eq!(body.as_object().map(|body| body.len()), Some(2));
    let (status, body) = bench.get("/v1/object/invoice/INV00000001").await;
    assert_eq!((status, body), (StatusCode::NOT_FOUND, json!({ "records": [{}], "size": 0, "done": true })));
}

#[tokio::test]
async fn a_record_is_changed_by_its_id() {
    let bench = Bench::new(1).await;
    let id = bench.id("Account where AccountNumber = 'A-1'").await;
    let path = format!("/v1/object/account/{id}");
    let (_, body) =
        bench.send(Method::PUT, &path, &json!({ "IntegrationId__NS": "55", "SynctoNetSuite__NS": "Yes" })).await;
    assert_eq!(body, json!({ "Success": true, "Id": id }));
    let (status, body) = bench.send(Method::PUT, &path, &json!({ "SynctoNetSuite__NS": "Perhaps" })).await;
    assert_eq!((status, body["Errors"][0]["Code"].as_str()), (StatusCode::BAD_REQUEST, Some("INVALID_VALUE")));
    assert_eq!(bench.get(&path).await.1["IntegrationId__NS"], "55");
}

#[tokio::test]
async fn a_product_is_made_with_plan_charge_and_price_and_taken_away_again() {
    let bench = Bench::new(1).await;
    let (_, product) = bench
        .post("/v1/object/product", json!({ "Name": "P", "SKU": "sku-1", "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2027-01-01" }))
        .await;
    let (_, plan) =
        bench.post("/v1/object/product-rate-plan", json!({ "ProductId": product["Id"], "Name": "Plan" })).await;
    let mut charge = json!({
        "ProductRatePlanId": plan["Id"], "Name": "C", "ChargeModel": "Flat Fee Pricing", "ChargeType": "OneTime",
        "BillCycleType": "DefaultFromCustomer", "BillingPeriod": "Month", "TriggerEvent": "ContractEffective",
        "UseDiscountSpecificAccountingCode": false,
    });
    let (status, body) = bench.post("/v1/object/product-rate-plan-charge", charge.clone()).await;
    assert_eq!((status, body["Errors"][0]["Code"].as_str()), (StatusCode::BAD_REQUEST, Some("MISSING_REQUIRED_VALUE")));
    charge["ProductRatePlanChargeTierData"] =
        json!({ "ProductRatePlanChargeTier": [{ "Currency": "GBP", "Price": 9.99 }] });
    let (status, body) = bench.post("/v1/object/product-rate-plan-charge", charge).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let charge_id = body["Id"].as_str().unwrap().to_owned();
    let tiers = bench
        .query(&format!("select Price from ProductRatePlanChargeTier where ProductRatePlanChargeId = '{charge_id}'"))
        .await;
    assert_eq!(tiers[0]["Price"].to_string(), "9.99");
    let path = format!("/v1/object/product/{}", product["Id"].as_str().unwrap());
    let (status, body) = bench.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!((status, body["Errors"][0]["Code"].as_str()), (StatusCode::BAD_REQUEST, Some("CANNOT_DELETE")));
    let (status, body) =
        bench.send(Method::DELETE, &format!("/v1/object/product-rate-plan-charge/{charge_id}"), &json!({})).await;
    assert_eq!((status, body["success"].as_bool()), (StatusCode::OK, Some(true)));
}

#[tokio::test]
async fn a_stock_keeping_unit_is_unique_and_minds_its_case() {
    let bench = Bench::new(1).await;
    let product = |sku: &str| json!({ "Name": "P", "SKU": sku, "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2027-01-01" });
    let (status, body) = bench.post("/v1/object/product", product("SKU-1")).await;
    assert_eq!((status, body["Errors"][0]["Code"].as_str()), (StatusCode::BAD_REQUEST, Some("DUPLICATE_VALUE")));
    assert_eq!(bench.post("/v1/object/product", product("sku-1")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_draft_that_is_posted_owes_its_amount_and_is_closed() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Draft'").await;
    let path = format!("/v1/object/invoice/{id}");
    assert_eq!(bench.send(Method::PUT, &path, &json!({ "Status": "Posted" })).await.0, StatusCode::OK);
    let (_, body) = bench.get(&path).await;
    assert_eq!((body["Balance"].to_string(), body["PostedDate"].is_string()), ("35.7".to_owned(), true));
    assert_eq!(bench.send(Method::PUT, &path, &json!({ "Status": "Draft" })).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn describe_lists_objects_and_their_fields_in_xml() {
    let bench = Bench::new(1).await;
    let get = async |path: &str| {
        let answer = bench.call(Method::GET, path).send().await.unwrap();
        (answer.status(), answer.headers()["content-type"].to_str().unwrap().to_owned(), answer.text().await.unwrap())
    };
    let (_, kind, text) = get("/v1/describe/Invoice").await;
    assert!(kind.starts_with("text/xml"));
    let field = "<field><name>IntegrationStatus__NS</name><label>Integration Status</label><selectable>true</selectable>\
                 <createable>true</createable><updateable>true</updateable><filterable>true</filterable>\
                 <custom>true</custom><maxlength>255</maxlength>";
    assert!(text.contains(field), "{text}");
    assert!(get("/v1/describe").await.2.contains("/v1/describe/InvoiceItem"));
    assert_eq!(get("/v1/describe/Nothing").await.0, StatusCode::NOT_FOUND);
}
