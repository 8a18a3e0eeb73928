use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, text};

fn acme(name: &str) -> Value {
    json!({ "name": name, "recordType": "Business", "currencyIsoCode": "GBP" })
}

#[tokio::test]
async fn customers_are_made_in_a_list_and_bear_a_uuid_and_no_external_id() {
    let bench = Bench::new().await;
    let made = bench.done("/customers", json!([acme("A"), acme("B")])).await;
    assert_eq!(made["status"], "SUCCESS");
    let first = &made["data"][0];
    assert_eq!((text(&first["id"]).len(), &first["externalId"], &first["name"]), (36, &Value::Null, &json!("A")));
    assert!(text(&first["accountNumber"]).starts_with("ACC-"));
    let read = bench.read(&format!("/customers/{}", text(&first["id"]))).await;
    assert_eq!(&read["data"], first);
}

#[tokio::test]
async fn a_list_with_one_wrong_customer_makes_none() {
    let bench = Bench::new().await;
    let before = bench.records("customer").await.len();
    for (wrong, field) in [
        (json!({ "name": "C" }), "[1].recordType"),
        (json!({ "name": "C", "recordType": "Club" }), "[1].recordType"),
        (json!({ "name": "C", "recordType": "Business", "externalId": "001" }), "[1].externalId"),
        (json!({ "name": "C", "recordType": "Business", "colour": "red" }), "[1].colour"),
        (json!({ "name": "x".repeat(256), "recordType": "Business" }), "[1].name"),
    ] {
        let (status, told) = bench.post("/customers", json!([acme("A"), wrong])).await;
        assert_eq!((status, &told["errors"][0]["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{told}");
    }
    let many: Vec<Value> = (0..201).map(|number| acme(&number.to_string())).collect();
    assert_eq!(bench.post("/customers", Value::Array(many)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(bench.records("customer").await.len(), before);
}

#[tokio::test]
async fn a_customer_from_salesforce_is_read_and_changed_by_its_salesforce_id() {
    let bench = Bench::new().await;
    for path in ["/customers", "/orders/customers"] {
        let path = format!("{path}/{}", bench.customer());
        let (status, told) = bench.send(Method::PATCH, &path, &json!({ "industry": path })).await;
        assert_eq!((status, &told["data"]["industry"]), (StatusCode::OK, &json!(path)));
    }
    assert_eq!(bench.get("/customers/001000000000000AAA").await.0, StatusCode::NOT_FOUND);
    let wrong = bench.send(Method::PATCH, &format!("/customers/{}", bench.customer()), &json!({ "name": "" })).await;
    assert_eq!(wrong.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn contacts_belong_to_a_customer_and_a_mail_address_to_one_contact() {
    let bench = Bench::new().await;
    let path = format!("/customers/{}/contacts", bench.customer());
    let ann = json!([{ "firstName": "Ann", "lastName": "Ash", "email": "ann@ash.example" }]);
    let made = bench.done(&path, ann.clone()).await["data"][0].clone();
    assert_eq!(made["customerId"], bench.customer());
    assert!(bench.list(&path).await.contains(&made));
    assert_eq!(bench.post(&path, ann).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bench.post("/customers/none/contacts", json!([])).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn unknown_fields_of_a_body_may_be_passed_over() {
    let bench = Bench::with(json!({ "unknownFields": "ignore" })).await;
    let made = bench.done("/customers", json!([{ "name": "A", "recordType": "Consumer", "colour": "red" }])).await;
    assert_eq!(made["data"][0].get("colour"), None);
    bench.set(json!({ "customFields": { "customer": [{ "name": "colour" }] } })).await;
    let path = format!("/customers/{}", text(&made["data"][0]["id"]));
    bench.send(Method::PATCH, &path, &json!({ "colour": "red" })).await;
    assert_eq!(bench.list("/customers?colour=red").await.len(), 1);
}
