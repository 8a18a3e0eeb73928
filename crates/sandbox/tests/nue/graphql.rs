use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

#[tokio::test]
async fn the_vendors_own_sample_query_finds_the_active_invoices_of_a_customer_on_every_path() {
    let bench = Bench::new().await;
    let query = format!(
        "query {{ Invoice(where:{{_and:[{{customer:{{id:{{_eq:\"{}\"}}}}}},{{status:{{_eq:\"Active\"}}}}]}})
        {{ id name amount balance status paymentStatus invoiceDate dueDate }} }}",
        bench.customer()
    );
    let wanted = bench.list(&format!("/customers/{}/invoices?limit=500&status=Active", bench.customer())).await.len();
    assert!(wanted > 0);
    for path in ["/async/graphql", "/api/async/graphql", "/revenue/async/graphql", "/orders/async/graphql"] {
        let found = bench.done(path, json!({ "query": query, "operationName": null })).await;
        assert_eq!(found["data"]["Invoice"].as_array().unwrap().len(), wanted, "{path}");
    }
}

#[tokio::test]
async fn conditions_variables_order_and_pages_are_honoured() {
    let bench = Bench::new().await;
    let ids: Vec<&str> = bench.books.invoices.iter().take(3).map(|invoice| invoice.id.as_str()).collect();
    let body = json!({
        "query": "query Q($ids: [String!]!) { Invoice(where: {id: {_in: $ids}}, orderBy: {name: desc}, limit: 2, offset: 1) { name } }",
        "variables": { "ids": ids },
    });
    let found = bench.done("/async/graphql", body).await["data"]["Invoice"].clone();
    assert_eq!(found, json!([{ "name": bench.books.invoices[1].name }, { "name": bench.books.invoices[0].name }]));
    let all = bench.query("{ Invoice { id } }").await.len();
    for (condition, rest) in [
        ("amount: {_gte: 100}", "amount: {_lt: 100}"),
        ("name: {_like: \"%1\"}", ""),
        ("_or: [{status: {_eq: \"Draft\"}}, {status: {_eq: \"Canceled\"}}]", "status: {_eq: \"Active\"}"),
        ("status: {_ne: \"Active\"}", "status: {_eq: \"Active\"}"),
    ] {
        let count =
            async |condition: &str| bench.query(&format!("{{ Invoice(where: {{{condition}}}) {{ id }} }}")).await.len();
        let found = count(condition).await;
        assert!(found > 0 && found < all, "{condition}");
        if !rest.is_empty() {
            assert_eq!(found + count(rest).await, all, "{condition}");
        }
    }
}

#[tokio::test]
async fn what_a_record_refers_to_and_what_belongs_to_it_can_be_selected() {
    let bench = Bench::new().await;
    let payment = &bench.books.payments[0];
    let query = format!(
        "{{ PaymentApplication(where: {{id: {{_eq: \"{}\"}}}}) {{ invoice {{ name items {{ id }} }} sum: amount items {{ amount }} __typename }} }}",
        payment.id
    );
    let found = bench.query(&query).await[0].clone();
    let invoice = &bench.books.invoices[payment.invoice];
    assert_eq!(found["invoice"]["name"], invoice.name.as_str());
    assert_eq!(found["invoice"]["items"].as_array().unwrap().len(), invoice.items.len());
    assert_eq!(found["sum"].to_string().parse::<rust_decimal::Decimal>().unwrap(), payment.amount());
    assert_eq!(found["items"].as_array().unwrap().len(), payment.items.len());
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told_in_an_answer_of_200() {
    let bench = Bench::new().await;
    for (query, reason) in [
        ("{ Invoice { id colour } }", "Cannot query field \"colour\" on type \"Invoice\""),
        ("{ Invoice(where: {colour: {_eq: 1}}) { id } }", "colour"),
        ("{ invoice { id } }", "Cannot query field \"invoice\""),
        ("{ Invoice(where: {amount: {_near: 1}}) { id } }", "_near"),
        ("{ Invoice { id } Order { id } }", "one object"),
        ("{ Invoice { id ", "Syntax Error"),
        (&format!("{{ Invoice(where: {}", "[".repeat(100_000)), "nested too deep"),
    ] {
        let (status, told) = bench.post("/async/graphql", json!({ "query": query })).await;
        assert_eq!((status, &told["data"]), (StatusCode::OK, &Value::Null), "{query}");
        assert!(text(&told["errors"][0]["message"]).contains(reason), "{told}");
    }
}

#[tokio::test]
async fn an_answer_holds_a_thousand_records_at_most_and_does_not_say_that_there_are_more() {
    let bench = Bench::new().await;
    for _ in 0..6 {
        let many: Vec<Value> = (0..200).map(|_| json!({ "name": "A", "recordType": "Business" })).collect();
        bench.done("/customers", Value::Array(many)).await;
    }
    assert_eq!(bench.query("{ Customer { id } }").await.len(), 1000);
    assert_eq!(bench.query("{ Customer(where: {name: {_eq: \"A\"}}, offset: 1000) { id } }").await.len(), 200);
}
