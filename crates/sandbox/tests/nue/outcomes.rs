//! What the books say is to become of a record, and what the emulator makes of it.

use reqwest::StatusCode;
use rust_decimal::Decimal;
use sandbox::books::revenue::{Blemish, Kind, Order, Outcome};
use serde_json::{Value, json};

use crate::bench::{Bench, text};

/// An order of the books, as somebody would send it who carries it over from Salesforce.
fn body(bench: &Bench, order: &Order) -> Value {
    let customer = &bench.books.customers[order.customer];
    let currency = bench.books.currencies.iter().position(|code| *code == customer.currency).unwrap();
    let line = |line: &sandbox::books::revenue::OrderLine| {
        let quantity: Value = serde_json::from_str(&line.quantity.to_string()).unwrap();
        json!({ "priceBookEntryId": bench.books.products[line.product].entries[currency].0, "quantity": quantity })
    };
    json!({
        "customer": { "id": customer.id },
        "billToContact": { "id": customer.contacts[0].0 },
        "name": order.name,
        "description": order.description,
        "effectiveDate": order.date.to_string(),
        "subscriptionTerm": order.term,
        "orderProducts": order.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

#[tokio::test]
async fn the_emulator_takes_the_orders_that_are_to_arrive_and_refuses_what_the_books_say_it_will() {
    let bench = Bench::new().await;
    let blemish = |position| {
        let of_order =
            |stain: &&sandbox::books::revenue::Stain| stain.kind == Kind::Order && stain.position == position;
        bench.books.stains.iter().find(of_order).map(|stain| stain.blemish)
    };
    for (position, outcome) in bench.books.outcomes(Kind::Order).into_iter().enumerate() {
        let order = &bench.books.orders[position];
        let (status, told) = bench.post("/orders", body(&bench, order)).await;
        // Its customer would be made first.
        let arrives = outcome == Outcome::Arrives && blemish(position) != Some(Blemish::MissingCustomer);
        let taken = arrives || matches!(blemish(position), Some(Blemish::OtherPrice | Blemish::Draft));
        assert_eq!(status == StatusCode::OK, taken, "{:?}: {told}", blemish(position));
        if taken {
            let total: Decimal = told["data"]["order"]["totalAmount"].to_string().parse().unwrap();
            assert_eq!(total == order.amount(), blemish(position) != Some(Blemish::OtherPrice));
        }
    }
}

#[tokio::test]
async fn records_that_the_native_connection_brought_bear_their_salesforce_ids() {
    let bench = Bench::new().await;
    let order = bench.books.orders.iter().position(|order| order.in_nue).unwrap();
    let id = &bench.books.orders[order].id;
    let told = bench.read(&format!("/orders/{id}")).await["data"].clone();
    assert_eq!(
        (text(&told["id"]), &told["externalId"], &told["status"]),
        (id.clone(), &Value::Null, &json!("Activated"))
    );
    let total: Decimal = told["totalAmount"].to_string().parse().unwrap();
    assert_eq!(total, bench.books.orders[order].amount());
    for held in bench.books.subscriptions.iter().filter(|held| held.order == order) {
        let line = &bench.books.orders[order].lines[held.line];
        let told = bench.read(&format!("/subscriptions/{}?includes=product", held.id)).await["data"].clone();
        assert_eq!(told["product"]["id"], bench.books.products[line.product].id.as_str());
        assert_eq!((text(&told["orderProductId"]), &told["name"]), (line.id.clone(), &json!(held.name)));
    }
    let other = bench.books.orders.iter().find(|order| !order.in_nue).unwrap();
    assert_eq!(bench.get(&format!("/orders/{}", other.id)).await.0, StatusCode::NOT_FOUND);
}
