use std::collections::HashSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

fn ids(records: &[Value]) -> Vec<String> {
    records.iter().map(|record| text(&record["id"])).collect()
}

#[tokio::test]
async fn pages_of_a_list_hold_every_record_once_and_tell_how_many_there_are() {
    let bench = Bench::new().await;
    let all = bench.books.invoices.len();
    let mut seen = HashSet::new();
    for page in 1.. {
        let told = bench.read(&format!("/invoices?page={page}&limit=17")).await;
        assert_eq!((&told["status"], &told["pagination"]["total"]), (&json!("SUCCESS"), &json!(all)));
        let page = ids(told["data"].as_array().unwrap());
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 17);
        seen.extend(page);
    }
    assert_eq!(seen.len(), all);
    assert_eq!(bench.list("/invoices").await.len(), all.min(100));
}

#[tokio::test]
async fn a_tenant_understands_both_spellings_of_paging_or_one_of_them() {
    let bench = Bench::new().await;
    let most = bench.books.invoices.len().min(100);
    for (setting, plain, underscored) in [("both", 1, 1), ("plain", 1, most), ("underscored", most, 1)] {
        bench.set(json!({ "paging": setting })).await;
        assert_eq!(bench.list("/invoices?limit=1").await.len(), plain, "{setting}");
        assert_eq!(bench.list("/invoices?_limit=1").await.len(), underscored, "{setting}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_or_no_number_is_refused() {
    let bench = Bench::new().await;
    let (status, told) = bench.get("/invoices?limit=501").await;
    assert_eq!((status, &told["errors"][0]["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("LIMIT")));
    for path in ["/invoices?page=0", "/invoices?limit=many"] {
        assert_eq!(bench.get(path).await.0, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn operators_stand_in_the_raw_query_string_escaped_or_not() {
    let bench = Bench::new().await;
    let date = |invoice: &Value| text(&invoice["invoiceDate"]);
    let day = "2026-03-01";
    let late = bench.list(&format!("/invoices?limit=500&invoiceDate%3E={day}")).await;
    let early = bench.list(&format!("/invoices?limit=500&invoiceDate%3C{day}")).await;
    assert!(late.iter().all(|invoice| *date(invoice) >= *day) && early.iter().all(|invoice| *date(invoice) < *day));
    assert_eq!(late.len() + early.len(), bench.books.invoices.len());
    assert!(!late.is_empty() && !early.is_empty());
    let active = bench.list("/invoices?limit=500&status=Active").await.len();
    for other in ["status!=Active", "status%3C%3EActive"] {
        let rest = bench.list(&format!("/invoices?limit=500&{other}")).await.len();
        assert_eq!(rest + active, bench.books.invoices.len(), "{other}");
    }
    let open = bench.list("/invoices?limit=500&balance%3E0&status=Active").await;
    assert!(!open.is_empty() && open.len() < active);
    assert_eq!(bench.get("/invoices?balance%3Emuch").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_was_changed_since_a_moment_or_a_day_is_found() {
    let bench = Bench::new().await;
    bench.clock.advance(60);
    let id = bench.draft(1).await;
    for since in ["2026-06-01T12:01:00Z", "2026-06-01T12:01:00.000Z", "2026-06-01"] {
        let found = bench.list(&format!("/orders?lastModifiedDate%3E={since}")).await;
        assert_eq!(ids(&found), [id.as_str()], "{since}");
    }
    assert_eq!(bench.list("/orders?lastModifiedDate%3E2026-06-01T12:01:00Z").await.len(), 0);
}

#[tokio::test]
async fn conditions_are_joined_by_and_unless_the_predicate_is_or() {
    let bench = Bench::new().await;
    let names = [0, 1].map(|place: usize| bench.books.invoices[place].name.clone());
    let query = format!("/invoices?name={}&name={}", names[0], names[1]);
    assert_eq!(bench.list(&query).await.len(), 0);
    assert_eq!(bench.list(&format!("{query}&predicate=or")).await.len(), 2);
    assert_eq!(bench.list(&format!("{query}&_predicate=or")).await.len(), 2);
}

#[tokio::test]
async fn customers_are_named_in_a_json_list_or_with_commas() {
    let bench = Bench::new().await;
    let two = [0, 1].map(|place: usize| bench.books.customers[place].id.clone());
    let wanted = |documents: &[Value]| documents.iter().all(|document| two.contains(&text(&document["customerId"])));
    let list = format!("/invoices?limit=500&customerIds=%5B%22{}%22,%22{}%22%5D", two[0], two[1]);
    let listed = bench.list(&list).await;
    assert!(!listed.is_empty() && wanted(&listed));
    assert_eq!(bench.list(&format!("/invoices?limit=500&customerIds={},{}", two[0], two[1])).await, listed);
    assert_eq!(bench.list(&format!("/customers?customerIds={}", two[1])).await.len(), 1);
}

#[tokio::test]
async fn an_unknown_filter_is_refused_or_passed_over_as_the_tenant_does() {
    let bench = Bench::new().await;
    let (status, told) = bench.get("/orders?salesforceId=x").await;
    assert_eq!((status, &told["errors"][0]["field"]), (StatusCode::BAD_REQUEST, &json!("salesforceId")));
    bench.set(json!({ "unknownFilters": "ignore" })).await;
    let all = bench.books.orders.iter().filter(|order| order.in_nue).count();
    assert_eq!(bench.list("/orders?salesforceId=x").await.len(), all);
}

#[tokio::test]
async fn what_belongs_to_a_record_is_included_on_demand() {
    let bench = Bench::new().await;
    let payment = &bench.books.payments[0];
    let invoice = &bench.books.invoices[payment.invoice];
    let path = format!("/invoices/{}", invoice.id);
    assert_eq!(bench.read(&path).await["data"].get("paymentApplications"), None);
    let told = bench.read(&format!("{path}?includes=paymentApplications,creditMemos")).await["data"].clone();
    assert_eq!(told["items"].as_array().unwrap().len(), invoice.items.len());
    assert_eq!(told["paymentApplications"][0]["id"], payment.id.as_str());
    assert_eq!(bench.get("/invoices?includes=weather").await.0, StatusCode::BAD_REQUEST);
    let contacts = bench.list("/customers?limit=1&includes=contacts").await[0]["contacts"].clone();
    assert_eq!(contacts.as_array().unwrap().len(), bench.books.customers[0].contacts.len());
}

#[tokio::test]
async fn a_document_is_found_at_its_customers_address_and_not_at_anothers() {
    let bench = Bench::new().await;
    let invoice = &bench.books.invoices[0];
    let [own, other] = [invoice.customer, (invoice.customer + 1) % 8].map(|at| &bench.books.customers[at].id);
    let status = async |customer: &str| bench.get(&format!("/customers/{customer}/invoices/{}", invoice.id)).await.0;
    assert_eq!((status(own).await, status(other).await), (StatusCode::OK, StatusCode::NOT_FOUND));
    let memo = &bench.books.credit_memos[0];
    let customer = &bench.books.customers[memo.customer].id;
    assert!(ids(&bench.list(&format!("/customers/{customer}/credit-memos")).await).contains(&memo.id));
    assert_eq!(bench.get("/customers/none/invoices").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_catalogue_is_a_bare_list_of_published_products_with_their_prices() {
    let bench = Bench::new().await;
    let list = bench.read("/catalog/products?limit=500").await;
    let published = bench.books.products.iter().filter(|product| product.in_nue).count();
    assert_eq!(list.as_array().unwrap().len(), published);
    assert_eq!(list[0]["priceBookEntries"].as_array().unwrap().len(), bench.books.currencies.len());
    let unknown = bench.books.products.iter().find(|product| !product.in_nue).unwrap();
    assert_eq!(bench.get(&format!("/catalog/products/{}", unknown.id)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn money_is_a_number_with_two_decimals_and_what_has_three_is_not_rounded_away() {
    let bench = Bench::new().await;
    for (document, told) in bench.books.invoices.iter().zip(bench.records("invoice").await) {
        assert_eq!(told["id"], document.id.as_str());
        let shown: rust_decimal::Decimal = told["amount"].to_string().parse().unwrap();
        assert_eq!(shown, document.amount());
        assert!(shown.scale() >= 2, "{shown}");
    }
}
