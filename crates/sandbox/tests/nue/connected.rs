use serde_json::{Value, json};

use crate::bench::{Bench, text};

#[tokio::test]
async fn a_connected_tenant_takes_its_own_orders_and_customers_to_salesforce_by_itself() {
    let bench = Bench::with(json!({ "connected": true, "connectedDelayMs": 5000 })).await;
    let order = bench.draft(1).await;
    let made = bench.done("/customers", json!([{ "name": "A", "recordType": "Business" }])).await;
    let customer = text(&made["data"][0]["id"]);
    let external = async |path: &str| bench.read(path).await["data"]["externalId"].clone();
    let (order, customer) = (format!("/orders/{order}"), format!("/customers/{customer}"));
    bench.clock.advance(4);
    assert_eq!((external(&order).await, external(&customer).await), (Value::Null, Value::Null));
    bench.clock.advance(1);
    let (order_id, customer_id) = (text(&external(&order).await), text(&external(&customer).await));
    assert!(order_id.starts_with("801") && customer_id.starts_with("001"));
    assert_eq!(external(&format!("/customers/{customer_id}")).await, json!(customer_id));
    assert_eq!(bench.list(&format!("/orders?externalId={order_id}")).await.len(), 1);
}

#[tokio::test]
async fn a_tenant_without_a_connection_leaves_them_alone() {
    let bench = Bench::new().await;
    let order = bench.draft(1).await;
    bench.clock.advance(3600);
    assert_eq!(bench.read(&format!("/orders/{order}")).await["data"]["externalId"], Value::Null);
}

#[tokio::test]
async fn what_receives_the_records_of_a_connected_tenant_names_their_ids() {
    let bench = Bench::with(json!({ "connected": true, "connectedDelayMs": 0 })).await;
    bench.nue.connect(|object, record| {
        assert_eq!((object, &record["status"]), ("Order", &json!("Draft")));
        Some("801000000000001AAA".to_owned())
    });
    let order = bench.draft(1).await;
    let told = bench.read(&format!("/orders/{order}")).await["data"].clone();
    assert_eq!(told["externalId"], "801000000000001AAA");
}
