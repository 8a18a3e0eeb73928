use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::Bench;

async fn lag(bench: &Bench, path: &str) {
    bench.faults(json!([{ "kind": "lag", "path": path, "ms": 5000 }])).await;
}

async fn product(bench: &Bench, name: &str) -> String {
    let body = json!({ "Name": name, "EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2027-01-01" });
    let (_, created) = bench.post("/v1/object/product", body).await;
    created["Id"].as_str().unwrap().to_owned()
}

/// What each way of searching finds of a product: by ZOQL, by its id and by a list of Object Query, in the catalogue.
async fn found(bench: &Bench, id: &str, name: &str) -> [bool; 4] {
    let listed =
        |list: &Value| list.as_array().unwrap().iter().any(|product| product["id"] == id && product["name"] == name);
    let queried = bench.query(&format!("select Id from Product where Name = '{name}'")).await;
    let one = bench.get(&format!("/object-query/products/{id}")).await.1;
    let list = bench.get("/object-query/products?sort[]=updatedDate.DESC").await.1;
    let catalog = bench.get("/v1/catalog/products?pageSize=40").await.1;
    [
        queried.iter().any(|product| product["Id"] == id),
        one["name"] == name,
        listed(&list["data"]),
        listed(&catalog["products"]),
    ]
}

#[tokio::test]
async fn a_new_record_stands_at_its_address_before_a_query_finds_it() {
    let bench = Bench::new(1).await;
    lag(&bench, "/v1/object/**").await;
    let id = product(&bench, "P").await;
    assert_eq!(bench.get(&format!("/v1/object/product/{id}")).await.1["Name"], "P");
    assert_eq!(bench.get(&format!("/v1/catalog/products/{id}")).await.1["name"], "P");
    bench.clock.advance(4);
    assert_eq!(found(&bench, &id, "P").await, [false; 4]);
    bench.clock.advance(1);
    assert_eq!(found(&bench, &id, "P").await, [true; 4]);
}

#[tokio::test]
async fn a_changed_record_is_found_as_it_was_and_a_deleted_one_is_still_found() {
    let bench = Bench::new(1).await;
    let (changed, deleted) = (product(&bench, "P").await, product(&bench, "Q").await);
    lag(&bench, "/v1/object/product/*").await;
    let path = |id: &str| format!("/v1/object/product/{id}");
    bench.send(Method::PUT, &path(&changed), &json!({ "Name": "R" })).await;
    bench.send(Method::DELETE, &path(&deleted), &json!({})).await;
    assert_eq!(bench.get(&path(&changed)).await.1["Name"], "R");
    assert_eq!(bench.get(&path(&deleted)).await.0, StatusCode::NOT_FOUND);
    assert_eq!((found(&bench, &changed, "P").await, found(&bench, &changed, "R").await), ([true; 4], [false; 4]));
    assert_eq!(found(&bench, &deleted, "Q").await, [true; 4]);
    bench.clock.advance(5);
    assert_eq!((found(&bench, &changed, "P").await, found(&bench, &changed, "R").await), ([false; 4], [true; 4]));
    assert_eq!(found(&bench, &deleted, "Q").await, [false; 4]);
}

#[tokio::test]
async fn a_mark_that_lags_is_read_back_as_it_was_before_and_the_next_query_page_knows_no_more() {
    let bench = Bench::new(3).await;
    let id = bench.id("Invoice where InvoiceNumber = 'INV00000001'").await;
    bench.mark(&id, "old").await.unwrap();
    lag(&bench, "/v1/action/update").await;
    bench.mark(&id, "new").await.unwrap();
    let ask = json!({ "queryString": "select IntegrationStatus__NS from Invoice", "conf": { "batchSize": 1 } });
    let mut page = bench.post("/v1/action/query", ask).await.1;
    let mut seen = vec![page["records"][0]["IntegrationStatus__NS"].clone()];
    while page["done"] == false {
        page = bench.post("/v1/action/queryMore", json!({ "queryLocator": page["queryLocator"] })).await.1;
        seen.push(page["records"][0]["IntegrationStatus__NS"].clone());
    }
    assert_eq!((seen.len(), seen.iter().filter_map(Value::as_str).collect::<Vec<_>>()), (4, vec!["old"]));
    assert_eq!(bench.get(&format!("/v1/invoices/{id}")).await.1["IntegrationStatus__NS"], "new");
    bench.clock.advance(5);
    assert_eq!(bench.id("Invoice where IntegrationStatus__NS = 'new'").await, id);
}
