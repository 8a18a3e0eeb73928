use reqwest::{Method, StatusCode};
use rust_decimal::Decimal;
use sandbox::books::revenue::Category;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

#[tokio::test]
async fn a_draft_is_priced_from_the_price_book_and_its_address_stands_in_location() {
    let bench = Bench::new().await;
    let response = bench.call(Method::POST, "/orders").body(bench.order(3).to_string()).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = crate::bench::body(response).await["data"].clone();
    let order = &made["order"];
    assert_eq!(location, format!("/orders/{}", text(&order["id"])));
    assert_eq!((&order["status"], &order["externalId"]), (&json!("Draft"), &Value::Null));
    assert_eq!(order["customer"]["id"], bench.customer());
    let price = bench.entry(Category::RecurringServices).1;
    let total: Decimal = order["totalAmount"].to_string().parse().unwrap();
    assert_eq!(total, price * Decimal::from(3));
    assert_eq!(made["orderProducts"][0]["orderId"], order["id"]);
    assert_eq!(made["subscriptions"], json!([]));
}

#[tokio::test]
async fn an_order_that_cannot_be_is_refused_and_leaves_nothing() {
    let bench = Bench::new().await;
    let before = bench.records("order").await.len();
    let inactive = bench.books.products.iter().find(|product| !product.active).unwrap();
    let unknown = bench.books.products.iter().find(|product| !product.in_nue).unwrap();
    let line = |id: &str, quantity: i64| json!([{ "priceBookEntryId": id, "quantity": quantity }]);
    let good = bench.entry(Category::RecurringServices).0;
    for (key, wrong, field) in [
        ("customer", json!({ "id": "001none" }), "customer"),
        ("customer", Value::Null, "customer.id"),
        ("orderProducts", json!([]), "orderProducts"),
        ("orderProducts", line(&inactive.entries[0].0, 1), "orderProducts[0].priceBookEntryId"),
        ("orderProducts", line(&unknown.entries[0].0, 1), "orderProducts[0].priceBookEntryId"),
        ("orderProducts", line(good, 0), "orderProducts[0].quantity"),
        ("orderProducts", line(good, 2_000_000_000_000), "orderProducts[0].quantity"),
        ("description", json!("x".repeat(256)), "description"),
        ("effectiveDate", json!("1 June"), "effectiveDate"),
        ("status", json!("Activated"), "status"),
    ] {
        let mut order = bench.order(1);
        order[key] = wrong;
        let (status, told) = bench.post("/orders", order).await;
        assert_eq!((status, &told["errors"][0]["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{told}");
    }
    assert_eq!(bench.records("order").await.len(), before);
}

#[tokio::test]
async fn nothing_stops_an_order_from_being_made_twice() {
    let bench = Bench::new().await;
    let before = bench.records("order").await.len();
    assert_ne!(bench.draft(1).await, bench.draft(1).await);
    assert_eq!(bench.records("order").await.len(), before + 2);
}

#[tokio::test]
async fn activation_makes_what_each_product_stands_for_and_happens_once() {
    let bench = Bench::new().await;
    let line = |category| json!({ "priceBookEntryId": bench.entry(category).0, "quantity": 2 });
    let mut order = bench.order(1);
    order["orderProducts"] =
        json!([line(Category::RecurringServices), line(Category::PhysicalGoods), line(Category::ProfessionalServices)]);
    let id = text(&bench.done("/orders", order).await["data"]["order"]["id"]);
    let made = bench.done(&format!("/orders/{id}"), json!({})).await["data"].clone();
    assert_eq!(made["order"]["status"], "Activated");
    let counts =
        ["subscriptions", "assets", "entitlements", "invoices"].map(|part| made[part].as_array().unwrap().len());
    assert_eq!(counts, [1, 1, 1, 0]);
    let subscription = &made["subscriptions"][0];
    assert_eq!((&subscription["quantity"], &subscription["orderId"]), (&json!(2), &json!(id)));
    assert_eq!(
        (&subscription["subscriptionStartDate"], &subscription["subscriptionEndDate"]),
        (&json!("2026-06-01"), &json!("2027-05-31"))
    );
    let (status, told) = bench.post(&format!("/orders/{id}"), json!({})).await;
    assert_eq!((status, &told["errors"][0]["code"]), (StatusCode::CONFLICT, &json!("CONFLICT")));
    assert_eq!(bench.list(&format!("/subscriptions?orderId={id}")).await.len(), 1);
    let numbers: Vec<Value> = bench.records("subscription").await.iter().map(|held| held["name"].clone()).collect();
    assert!(numbers.iter().enumerate().all(|(place, number)| !numbers[..place].contains(number)), "{numbers:?}");
    assert_eq!(bench.list(&format!("/assets?orderId={id}")).await.len(), 1);
    assert_eq!(bench.list(&format!("/entitlements?orderId={id}")).await.len(), 1);
}

#[tokio::test]
async fn orders_are_found_by_a_custom_field_only_where_the_tenant_lets_it_be_filtered() {
    let field = |filterable: bool| json!({ "customFields": { "order": [{ "name": "salesforceId", "type": "text", "filterable": filterable }] } });
    let bench = Bench::with(field(true)).await;
    let mut order = bench.order(1);
    order["salesforceId"] = json!("801X");
    let id = text(&bench.done("/orders", order).await["data"]["order"]["id"]);
    let found = bench.list("/orders?salesforceId=801X").await;
    assert_eq!((found.len(), &found[0]["id"]), (1, &json!(id)));
    assert_eq!(bench.query("{ Order(where: {salesforceId: {_in: [\"801X\", \"801Y\"]}}) { id } }").await.len(), 1);
    bench.set(field(false)).await;
    assert_eq!(bench.get("/orders?salesforceId=801X").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bench.read(&format!("/orders/{id}")).await["data"]["salesforceId"], "801X");
    let objects = bench.read("/metadata/objects").await["data"].clone();
    let object = objects.as_array().unwrap().iter().find(|object| object["apiName"] == "Order").unwrap();
    let told = object["fields"].as_array().unwrap().iter().find(|field| field["apiName"] == "salesforceId").unwrap();
    assert_eq!((&told["custom"], &told["filterable"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn an_activated_order_is_called_active_where_the_tenant_says_so_and_found_by_either_word() {
    let bench = Bench::with(json!({ "orderStatusWord": "Active" })).await;
    let held = bench.books.orders.iter().filter(|order| order.in_nue).count();
    for word in ["active", "Active", "Activated"] {
        let found = bench.list(&format!("/orders?status={word}")).await;
        assert_eq!(found.len(), held);
        assert!(found.iter().all(|order| order["status"] == "Active"));
    }
}

#[tokio::test]
async fn a_draft_can_be_cancelled_and_an_activated_order_cannot() {
    let bench = Bench::new().await;
    let cancel = json!({ "status": "Canceled" });
    let id = bench.draft(1).await;
    let (status, told) = bench.send(Method::PATCH, &format!("/orders/{id}"), &cancel).await;
    assert_eq!((status, &told["data"]["status"]), (StatusCode::OK, &json!("Canceled")));
    assert_eq!(bench.post(&format!("/orders/{id}"), json!({})).await.0, StatusCode::CONFLICT);
    let sold = text(&bench.sell(1).await["order"]["id"]);
    assert_eq!(bench.send(Method::PATCH, &format!("/orders/{sold}"), &cancel).await.0, StatusCode::CONFLICT);
    assert_eq!(bench.list("/orders?status=canceled").await.len(), 1);
}

#[tokio::test]
async fn a_change_of_quantity_is_added_and_so_doubles_when_it_is_sent_twice() {
    let bench = Bench::new().await;
    let number = text(&bench.sell(5).await["subscriptions"][0]["name"]);
    let change = json!({ "assetChanges": [{ "changeType": "UpdateQuantity", "assetNumber": number, "quantity": 3 }] });
    let quantity = async || bench.list(&format!("/subscriptions?name={number}")).await[0]["quantity"].clone();
    for expected in [8, 11] {
        let drafted = bench.done("/change-orders", change.clone()).await;
        let before = quantity().await;
        bench.done(&format!("/orders/{}", text(&drafted["data"]["order"]["id"])), json!({})).await;
        assert_eq!((before, quantity().await), (json!(expected - 3), json!(expected)));
    }
}

#[tokio::test]
async fn terms_are_added_too_and_a_subscription_can_be_cancelled() {
    let bench = Bench::new().await;
    let number = text(&bench.sell(5).await["subscriptions"][0]["name"]);
    let change = async |change: Value| {
        let drafted = bench.done("/change-orders", json!({ "assetChanges": [change] })).await;
        bench.done(&format!("/orders/{}", text(&drafted["data"]["order"]["id"])), json!({})).await;
        bench.list(&format!("/subscriptions?name={number}")).await[0].clone()
    };
    let longer = change(json!({ "changeType": "UpdateTerm", "assetNumber": number, "newTerm": 12 })).await;
    assert_eq!((&longer["subscriptionEndDate"], &longer["subscriptionVersion"]), (&json!("2028-05-31"), &json!(2)));
    let ended =
        change(json!({ "changeType": "Cancel", "assetNumber": number, "cancellationDate": "2026-12-31" })).await;
    assert_eq!((&ended["status"], &ended["subscriptionEndDate"]), (&json!("Canceled"), &json!("2026-12-31")));
    let swap = json!({ "assetChanges": [{ "changeType": "Swap", "assetNumber": number }] });
    assert_eq!(bench.post("/change-orders", swap).await.0, StatusCode::NOT_IMPLEMENTED);
    let none = json!({ "assetChanges": [{ "changeType": "Renew", "assetNumber": "SUB-0", "renewalTerm": 1 }] });
    assert_eq!(bench.post("/change-orders", none).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn of_a_subscription_only_the_renewal_and_custom_fields_can_be_changed() {
    let bench = Bench::with(json!({ "customFields": { "subscription": [{ "name": "owner" }] } })).await;
    let held = bench.books.subscriptions.iter().find(|held| bench.books.orders[held.order].in_nue).unwrap();
    let path = format!("/subscriptions/{}", held.id);
    let (_, told) = bench.send(Method::PATCH, &path, &json!({ "autoRenew": !held.auto_renew, "owner": "Ann" })).await;
    assert_eq!((&told["data"]["autoRenew"], &told["data"]["owner"]), (&json!(!held.auto_renew), &json!("Ann")));
    let (status, told) = bench.send(Method::PATCH, &path, &json!({ "quantity": 1 })).await;
    assert_eq!((status, &told["errors"][0]["field"]), (StatusCode::BAD_REQUEST, &json!("quantity")));
}

#[tokio::test]
async fn an_order_by_sku_is_priced_in_the_currency_of_its_customer() {
    let bench = Bench::new().await;
    let product = bench.books.products.iter().find(|product| product.category == Category::RecurringServices).unwrap();
    let body = json!({
        "customer": { "id": bench.customer() },
        "orderProducts": [{ "productSku": product.sku, "uom": "User/Month", "quantity": 1 }],
    });
    let made = bench.done("/cpq/orders", body).await["data"]["orderProducts"][0].clone();
    assert_eq!(made["priceBookEntryId"], bench.entry(Category::RecurringServices).0);
}
