use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, body};

const ITEM: &str = "select Id, ChargeId, RatePlanChargeId, ChargeNumber, ChargeName, ChargeType, ProductId, ProductName, \
                    SKU, SubscriptionId, SubscriptionNumber, ChargeDate from InvoiceItem";

fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_else(|| panic!("{field} of {record}"))
}

/// The items of the second invoice: one for a lamp, two for its care.
async fn items(bench: &Bench) -> Vec<Value> {
    let id = bench.id("Invoice where InvoiceNumber = 'INV00000001'").await;
    bench.query(&format!("{ITEM} where InvoiceId = '{id}'")).await
}

#[tokio::test]
async fn an_item_does_not_tell_a_query_its_charge_of_the_catalogue() {
    let bench = Bench::new(1).await;
    for (object, field) in [
        ("InvoiceItem", "ProductRatePlanChargeId"),
        ("InvoiceItem", "ProductRatePlanId"),
        ("InvoiceItem", "RatePlanId"),
        ("InvoiceItem", "AccountId"),
        ("InvoiceItem", "Balance"),
        ("TaxationItem", "RatePlanChargeId"),
        ("TaxationItem", "TaxMode"),
        ("TaxationItem", "Country"),
        ("RatePlanCharge", "SubscriptionId"),
        ("RatePlan", "ProductId"),
        ("Subscription", "Currency"),
    ] {
        let fault = json!({
            "FaultCode": "INVALID_FIELD",
            "FaultMessage": format!("invalid field for query: {object}.{}", field.to_lowercase()),
        });
        for query in [format!("select {field} from {object}"), format!("select Id from {object} where {field} = null")]
        {
            // The youngest WSDL does not know it either.
            for wsdl in ["79", "65535"] {
                let call = bench.call(Method::POST, "/v1/action/query").header("X-Zuora-WSDL-Version", wsdl);
                let answer = call.body(json!({ "queryString": query }).to_string()).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
                assert_eq!(body(answer).await, fault, "{query}");
            }
        }
        let text =
            bench.call(Method::GET, &format!("/v1/describe/{object}")).send().await.unwrap().text().await.unwrap();
        assert!(
            text.contains("<name>UpdatedDate</name>") && !text.contains(&format!("<name>{field}</name>")),
            "{object}"
        );
    }
}

#[tokio::test]
async fn an_item_leads_to_the_catalogue_by_way_of_the_charge_of_its_subscription() {
    let bench = Bench::new(2).await;
    let items = items(&bench).await;
    assert_eq!(items.len(), 3);
    for item in &items {
        assert_eq!(item["ChargeId"], item["RatePlanChargeId"]);
        assert_eq!(item["ChargeDate"], "2026-01-02T02:00:00.000-08:00");
        let charges = bench
            .query(&format!(
                "select ProductRatePlanChargeId, RatePlanId, ChargeNumber, Name, ChargeType from RatePlanCharge where Id = '{}'",
                text(item, "RatePlanChargeId")
            ))
            .await;
        assert_eq!(charges.len(), 1);
        let charge = &charges[0];
        assert_eq!((&charge["Name"], &charge["ChargeNumber"]), (&item["ChargeName"], &item["ChargeNumber"]));
        let found = bench
            .query(&format!(
                "select Name, ChargeType from ProductRatePlanCharge where Id = '{}'",
                text(charge, "ProductRatePlanChargeId")
            ))
            .await;
        assert_eq!((&found[0]["Name"], &found[0]["ChargeType"]), (&item["ChargeName"], &item["ChargeType"]));
        let (_, plan) = bench.get(&format!("/v1/object/rate-plan/{}", text(charge, "RatePlanId"))).await;
        assert_eq!((&plan["Name"], &plan["SubscriptionId"]), (&json!("Standard"), &item["SubscriptionId"]));
        let (_, product) = bench.get(&format!("/v1/object/product/{}", text(item, "ProductId"))).await;
        assert_eq!((&product["Name"], &product["SKU"]), (&item["ProductName"], &item["SKU"]));
    }
}

#[tokio::test]
async fn object_query_and_the_v1_items_still_know_the_charge_of_the_catalogue() {
    let bench = Bench::new(2).await;
    let lamp = bench.id("ProductRatePlanCharge where Name = 'Lamp'").await;
    let (_, page) = bench.get("/v1/invoices/INV00000001/items").await;
    let shown = page["invoiceItems"].as_array().unwrap();
    assert_eq!(shown.iter().filter(|item| item["productRatePlanChargeId"] == json!(lamp)).count(), 1);
    assert!(shown.iter().all(|item| item["subscriptionName"] == "A-S00000002" && item["chargeId"].is_string()));
    for item in items(&bench).await {
        let path = format!("/object-query/invoice-items/{}?expand[]=rateplancharge,subscription", text(&item, "Id"));
        let (status, shown) = bench.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{shown}");
        assert_eq!(shown["productRatePlanChargeId"] == json!(lamp), item["ChargeName"] == "Lamp");
        assert_eq!(shown["ratePlanCharge"]["productRatePlanChargeId"], shown["productRatePlanChargeId"]);
        assert_eq!((&shown["ratePlanChargeId"], &shown["productId"]), (&item["RatePlanChargeId"], &item["ProductId"]));
        assert_eq!(shown["subscription"]["accountId"], shown["accountId"]);
        let (_, crud) = bench.get(&format!("/v1/object/invoice-item/{}", text(&item, "Id"))).await;
        assert_eq!((&crud["ChargeId"], crud.get("ProductRatePlanChargeId")), (&item["ChargeId"], None));
        let refused = format!("/v1/object/invoice-item/{}?fields=ProductRatePlanChargeId", text(&item, "Id"));
        assert_eq!(bench.get(&refused).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn each_account_with_invoices_has_one_subscription_and_a_charge_for_what_it_is_billed() {
    // Two accounts, a plan of two charges, four invoices: nothing is made twice.
    let bench = Bench::new(4).await;
    let counts = [("Subscription", 2), ("RatePlan", 2), ("RatePlanCharge", 4), ("InvoiceItem", 15)];
    for (kind, count) in counts {
        let path = format!("{}/_sandbox/records/{kind}", bench.access.url);
        let lines = bench.client.get(path).send().await.unwrap().text().await.unwrap();
        assert_eq!(lines.lines().count(), count, "{kind}");
    }
    let fields =
        "Name, Status, Version, TermType, ContractEffectiveDate, SubscriptionStartDate, TermStartDate, TermEndDate";
    let found = bench.query(&format!("select {fields} from Subscription where Name = 'A-S00000001'")).await;
    let mut subscription = found[0].clone();
    let id = subscription["Id"].take();
    assert_eq!(
        subscription,
        json!({
            "Id": null, "Name": "A-S00000001", "Status": "Active", "Version": 1, "TermType": "EVERGREEN",
            "ContractEffectiveDate": "2026-01-01", "SubscriptionStartDate": "2026-01-01", "TermStartDate": "2026-01-01",
        })
    );
    let (_, shown) =
        bench.get("/object-query/subscriptions/A-S00000001?expand[]=rateplans.rateplancharges,account").await;
    assert_eq!((&shown["id"], &shown["account"]["accountNumber"]), (&id, &json!("A-1")));
    let charges = shown["ratePlans"][0]["ratePlanCharges"].as_array().unwrap();
    assert_eq!(charges.len(), 2);
    assert!(
        charges.iter().all(|charge| charge["subscriptionId"] == id && charge["effectiveStartDate"] == "2026-01-01")
    );
    let (_, summary) = bench.get("/v1/accounts/A-1/summary").await;
    assert_eq!(summary["subscriptions"][0]["ratePlans"][0]["productSku"], "SKU-1");
}

#[tokio::test]
async fn what_is_not_held_can_be_asked_for_all_the_same() {
    let bench = Bench::new(4).await;
    for (query, count) in [
        ("InvoiceItem where SubscriptionNumber = 'A-S00000001'", 9),
        ("InvoiceItem where SubscriptionNumber = 'a-s00000001'", 0),
        ("InvoiceItem where ChargeNumber = 'C-00000002'", 6),
        ("InvoiceItem where ChargeNumber = 'C-2'", 0),
        ("InvoiceItem where ProductName = 'Lamp' and ChargeType = 'Usage'", 0),
        ("RatePlan where Name = 'Standard' and SubscriptionId != null", 2),
        ("RatePlanCharge where ChargeNumber = 'C-00000004' or ChargeNumber = 'C-00000005'", 1),
        ("RatePlanCharge where Version = 1 and IsLastSegment = true", 4),
        ("RatePlanCharge where ChargeType = 'Recurring' and Quantity = 1", 2),
        ("RatePlanCharge where Quantity = null", 2),
        ("RatePlanCharge where EffectiveEndDate = null", 4),
        ("TaxationItem where TaxCode = 'VAT' and Name = 'VAT'", 5),
    ] {
        assert_eq!(bench.query(&format!("select Id from {query}")).await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn two_hundred_charges_are_found_by_their_ids_in_one_query() {
    let bench = Bench::new(4).await;
    let charges = bench.query("select Id, RatePlanId from RatePlanCharge").await;
    let terms = |field: &str| {
        let term = |position: usize| format!("{field} = '{}'", text(&charges[position % 3], field));
        (0..190).map(term).collect::<Vec<_>>().join(" or ")
    };
    let found = bench.query(&format!("select ProductRatePlanChargeId from RatePlanCharge where {}", terms("Id"))).await;
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|charge| charge["ProductRatePlanChargeId"].is_string()));
    let found = bench.query(&format!("select Id from RatePlanCharge where {}", terms("RatePlanId"))).await;
    assert_eq!(found.len(), 4);
}

#[tokio::test]
async fn a_subscription_is_marked_and_its_parts_are_left_alone() {
    let bench = Bench::new(1).await;
    let id = bench.id("Subscription where Name = 'A-S00000001'").await;
    let path = format!("/v1/object/subscription/{id}");
    let marks = json!({ "IntegrationStatus__NS": "Sync Complete", "SalesOrder__NS": "9" });
    assert_eq!(bench.send(Method::PUT, &path, &marks).await.0, StatusCode::OK);
    assert_eq!(bench.get(&path).await.1["SalesOrder__NS"], "9");
    let name = json!({ "type": "Subscription", "objects": [{ "Id": id, "Name": "Mine" }] });
    assert_eq!(bench.post("/v1/action/update", name).await.1[0]["Errors"][0]["Code"], "INVALID_FIELD");
    let charge = bench.id("RatePlanCharge where ChargeNumber = 'C-00000001'").await;
    let path = format!("/v1/object/rate-plan-charge/{charge}");
    assert_eq!(bench.get(&path).await.1["ChargeNumber"], "C-00000001");
    assert_eq!(bench.send(Method::PUT, &path, &json!({})).await.0, StatusCode::NOT_IMPLEMENTED);
    let new = json!({ "type": "RatePlanCharge", "objects": [{}] });
    assert_eq!(bench.post("/v1/action/create", new).await.1["FaultCode"], "INVALID_TYPE");
    let billed = bench.id("ProductRatePlanCharge where Name = 'Lamp'").await;
    let (_, results) =
        bench.post("/v1/action/delete", json!({ "type": "ProductRatePlanCharge", "ids": [billed] })).await;
    assert_eq!(results[0]["errors"][0]["Code"], "CANNOT_DELETE");
}
