use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, body, text};

#[tokio::test]
async fn a_closed_door_is_worded_in_the_forms_that_a_public_client_reads() {
    let bench = Bench::new().await;
    for (kind, status, code) in [
        ("401", 401, "UNAUTHORIZED"),
        ("403", 403, "FORBIDDEN"),
        ("429", 429, "RATE_LIMITED"),
        ("500", 500, "INTERNAL"),
        ("503", 503, "UNAVAILABLE"),
        ("maintenance", 503, "MAINTENANCE"),
    ] {
        bench.faults(json!([{ "kind": kind }])).await;
        let (seen, told) = bench.get("/invoices").await;
        assert_eq!((seen.as_u16(), &told["errors"][0]["code"]), (status, &json!(code)));
        assert_eq!((&told["message"], text(&told["errorId"]).len()), (&told["errors"][0]["message"], 36));
    }
    bench.faults(json!([{ "kind": "html", "status": 504 }])).await;
    assert!(text(&bench.get("/invoices").await.1).starts_with("<html>"));
}

#[tokio::test]
async fn a_tenant_may_word_its_errors_in_one_form_only() {
    let bench = Bench::new().await;
    for (form, key) in [("errors", "errors"), ("error", "error"), ("message", "message")] {
        bench.set(json!({ "errors": form })).await;
        let told = bench.get("/invoices/none").await.1;
        assert_eq!(told.as_object().unwrap().keys().collect::<Vec<_>>(), [key]);
    }
}

#[tokio::test]
async fn a_refused_row_is_told_and_not_made() {
    let bench = Bench::new().await;
    let before = (bench.records("order").await.len(), bench.records("customer").await.len());
    bench.faults(json!([{ "kind": "row_error" }])).await;
    let (status, told) = bench.post("/orders", bench.order(1)).await;
    assert_eq!((status, &told["errors"][0]["code"]), (StatusCode::BAD_REQUEST, &json!("VALIDATION")));
    let customers = json!([{ "name": "A", "recordType": "Business" }]);
    assert_eq!(bench.post("/customers", customers).await.0, StatusCode::BAD_REQUEST);
    assert_eq!((bench.records("order").await.len(), bench.records("customer").await.len()), before);
}

#[tokio::test]
async fn an_order_that_was_accepted_and_lost_leaves_nothing_behind() {
    let bench = Bench::new().await;
    let before = ["order", "orderProduct"].map(|kind| bench.records(kind));
    let [orders, products] = before;
    let before = (orders.await.len(), products.await.len());
    bench.faults(json!([{ "kind": "accepted_then_failed", "times": 1 }])).await;
    let lost = bench.draft(1).await;
    assert_eq!(bench.get(&format!("/orders/{lost}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!((bench.records("order").await.len(), bench.records("orderProduct").await.len()), before);
    let kept = bench.draft(1).await;
    bench.faults(json!([{ "kind": "accepted_then_failed", "times": 1 }])).await;
    assert_eq!(bench.done(&format!("/orders/{kept}"), json!({})).await["data"]["order"]["status"], "Activated");
    assert_eq!(bench.read(&format!("/orders/{kept}")).await["data"]["status"], "Draft");
    assert_eq!(bench.list(&format!("/subscriptions?orderId={kept}")).await.len(), 0);
}

#[tokio::test]
async fn of_a_list_that_was_accepted_the_first_record_is_lost() {
    let bench = Bench::new().await;
    bench.faults(json!([{ "kind": "accepted_then_failed" }])).await;
    let two = json!([{ "name": "Lost", "recordType": "Business" }, { "name": "Kept", "recordType": "Business" }]);
    assert_eq!(bench.done("/customers", two).await["data"].as_array().unwrap().len(), 2);
    assert_eq!(bench.list("/customers?name=Lost").await.len(), 0);
    assert_eq!(bench.list("/customers?name=Kept").await.len(), 1);
}

#[tokio::test]
async fn an_error_after_the_save_leaves_the_order_where_a_search_finds_it() {
    let bench = Bench::new().await;
    for (status, answered) in [(400, 400), (500, 500)] {
        let before = bench.records("order").await.len();
        bench.faults(json!([{ "kind": "error_after_save", "status": status, "method": "POST" }])).await;
        assert_eq!(bench.post("/orders", bench.order(1)).await.0.as_u16(), answered);
        assert_eq!(bench.records("order").await.len(), before + 1);
        assert_eq!(bench.query("{ Order(limit: 1) { id } }").await.len(), 1);
    }
}

#[tokio::test]
async fn a_search_that_lags_does_not_find_what_its_own_address_shows() {
    let bench = Bench::with(json!({ "customFields": { "order": [{ "name": "salesforceId" }] } })).await;
    bench.faults(json!([{ "kind": "lag", "ms": 5000, "path": "/orders" }])).await;
    let mut order = bench.order(1);
    order["salesforceId"] = json!("801X");
    let id = text(&bench.done("/orders", order).await["data"]["order"]["id"]);
    let found = async || {
        let listed = bench.list("/orders?salesforceId=801X").await.len();
        (listed, bench.query("{ Order(where: {salesforceId: {_eq: \"801X\"}}) { id } }").await.len())
    };
    assert_eq!(bench.read(&format!("/orders/{id}")).await["data"]["salesforceId"], "801X");
    bench.clock.advance(4);
    assert_eq!(found().await, (0, 0));
    bench.clock.advance(1);
    assert_eq!(found().await, (1, 1));
}

#[tokio::test]
async fn a_mark_that_lags_is_listed_as_it_was() {
    let bench = Bench::with(json!({ "customFields": { "invoice": [{ "name": "mark" }] } })).await;
    let path = format!("/billing/invoices/{}", bench.books.invoices[0].id);
    bench.faults(json!([{ "kind": "lag", "ms": 5000, "method": "PATCH" }])).await;
    bench.send(Method::PATCH, &path, &json!({ "customFields": { "mark": "new" } })).await;
    assert_eq!(bench.list("/invoices?mark=new").await.len(), 0);
    bench.clock.advance(5);
    assert_eq!(bench.list("/invoices?mark=new").await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_dropped_after_the_commit_leaves_the_order() {
    let bench = Bench::new().await;
    let before = bench.records("order").await.len();
    bench.faults(json!([{ "kind": "drop_answer", "path": "/orders", "method": "POST" }])).await;
    assert!(bench.call(Method::POST, "/orders").body(bench.order(1).to_string()).send().await.is_err());
    assert_eq!(bench.records("order").await.len(), before + 1);
}

#[tokio::test]
async fn the_caller_is_told_when_to_come_again() {
    let bench = Bench::new().await;
    bench.faults(json!([{ "kind": "429", "ms": 2500 }])).await;
    let refused = bench.call(Method::GET, "/orders").send().await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "3");
    let told: Value = body(refused).await;
    assert_eq!(told["status"], "ERROR");
}
