//! What the account accepts and what it refuses.

use sandbox::netsuite::Settings;
use serde_json::{Value, json};

use crate::client::Account;

#[tokio::test]
async fn a_customer_needs_a_name_and_a_subsidiary() {
    let account = Account::open().await;
    let refused = account.post("/customer", json!({ "email": "a@b.example" })).await;
    assert_eq!(
        refused.detail(),
        "Error while accessing a resource. Please enter value(s) for: Company Name, Subsidiary."
    );
    let refused = account.post("/customer", json!({ "isPerson": true, "subsidiary": "1" })).await;
    assert_eq!(refused.detail(), "Error while accessing a resource. Please enter value(s) for: First Name, Last Name.");
    account
        .post("/customer", json!({ "isPerson": true, "firstName": "Ada", "lastName": "King", "subsidiary": "1" }))
        .await
        .id();
}

#[tokio::test]
async fn texts_that_are_too_long_are_refused_not_cut() {
    let account = Account::open().await;
    let body = |name: String, id: &str| json!({ "companyName": name, "subsidiary": "1", "custentityzuoraid": id });
    account.post("/customer", body("é".repeat(83), "x")).await.id();
    let refused = account.post("/customer", body("x".repeat(84), "x")).await;
    assert_eq!(
        refused.detail(),
        "Error while accessing a resource. The field companyname contained more than the maximum number ( 83 ) of characters allowed."
    );
    assert_eq!(account.post("/customer", body("y".to_owned(), &"z".repeat(301))).await.status, 400);
}

#[tokio::test]
async fn a_customers_number_stands_once() {
    let account = Account::open().await;
    let body = json!({ "companyName": "Acme", "subsidiary": "1", "entityId": "A-1" });
    account.post("/customer", body.clone()).await.id();
    assert!(account.post("/customer", body).await.detail().ends_with("This entity already exists."));
    account.post("/customer", json!({ "companyName": "Acme", "subsidiary": "1" })).await.id();
}

#[tokio::test]
async fn references_must_exist_be_active_and_be_of_the_right_type() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let invoice = |entity: &str, item: &str| json!({ "entity": { "id": entity }, "item": { "items": [{ "item": { "id": item }, "amount": 1 }] } });
    let refused = account.post("/invoice", invoice(&customer, "9999")).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (400, "INVALID_CONTENT"));
    assert_eq!(refused.body["o:errorDetails"][0]["o:errorPath"], "item.items[0].item");
    assert!(refused.detail().contains("Invalid Field Value 9999 for the following field: item"));
    account.patch(&format!("/serviceSaleItem/{item}"), json!({ "isInactive": true })).await.id();
    assert_eq!(account.post("/invoice", invoice(&customer, &item)).await.code(), "INVALID_CONTENT");
    let terms = |terms: Value| json!({ "companyName": "X", "subsidiary": "1", "terms": terms });
    assert_eq!(account.post("/customer", terms(json!({ "refName": "Net 45" }))).await.status, 400);
    account.post("/customer", terms(json!({ "refName": "Net 30" }))).await.id();
}

#[tokio::test]
async fn an_invoice_needs_a_customer_a_line_and_an_amount_that_is_not_negative() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    assert!(account.post("/invoice", json!({})).await.detail().contains("Customer"));
    assert!(account.post("/invoice", json!({ "entity": customer })).await.detail().contains("at least one line item"));
    let refused = account.invoice("zinv-n", &customer, &item, "-0.01").await;
    assert!(refused.status == 400 && refused.detail().contains("negative"), "{refused:?}");
    let lines = json!([{ "item": item, "amount": 10 }, { "item": item, "quantity": -1, "amount": -10 }]);
    account.post("/invoice", json!({ "entity": customer, "item": { "items": lines } })).await.id();
}

#[tokio::test]
async fn money_is_exact_and_rounded_to_the_currency() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let lines = r#"{"items": [
        {"item": 1, "quantity": 3, "rate": 0.335},
        {"item": 1, "quantity": 0.1, "rate": 0.2},
        {"item": 1, "quantity": 3, "amount": 10}
    ]}"#;
    let lines: Value = serde_json::from_str(&lines.replace("\"item\": 1", &format!("\"item\": {item}"))).unwrap();
    let id = account.post("/invoice", json!({ "entity": customer, "item": lines })).await.id();
    let read = account.get(&format!("/invoice/{id}?expandSubResources=true")).await.body;
    let amounts: Vec<String> =
        read["item"]["items"].as_array().unwrap().iter().map(|line| line["amount"].to_string()).collect();
    assert_eq!(amounts, ["1.01", "0.02", "10.0"]);
    assert_eq!(read["item"]["items"][2]["rate"].to_string(), "3.33333333");
    assert_eq!(
        (read["total"].to_string(), read["amountRemaining"].to_string()),
        ("11.03".to_owned(), "11.03".to_owned())
    );
    assert_eq!(read["status"], json!({ "id": "A", "refName": "Open" }));
}

#[tokio::test]
async fn an_invoice_takes_what_it_does_not_say_from_the_customer_and_the_day() {
    let account = Account::open().await;
    let item = account.item("Gold").await;
    let customer = account
        .post(
            "/customer",
            json!({ "companyName": "Acme", "subsidiary": "1", "terms": "1", "currency": { "refName": "EUR" } }),
        )
        .await
        .id();
    let id = account.invoice("zinv-1", &customer, &item, "10").await.id();
    let read = account.get(&format!("/invoice/{id}?fields=currency,dueDate,terms,tranId,postingPeriod")).await.body;
    assert_eq!((read["currency"]["refName"].as_str(), read["dueDate"].as_str()), (Some("EUR"), Some("2026-03-05")));
    assert_eq!(
        (read["tranId"].as_str(), read["postingPeriod"]["refName"].as_str()),
        (Some(&*format!("INV{id}")), Some("Feb 2026"))
    );
    let refused = account
        .post(
            "/invoice",
            json!({ "entity": customer, "currency": "1", "item": { "items": [{ "item": item, "amount": 1 }] } }),
        )
        .await;
    assert!(refused.detail().contains("following field: currency"), "{refused:?}");
}

#[tokio::test]
async fn nothing_is_posted_outside_of_the_periods_or_in_a_closed_one() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let id = account.invoice("zinv-1", &customer, &item, "10").await.id();
    let dated = |date: &str| json!({ "entity": customer, "tranDate": date, "item": { "items": [{ "item": item, "amount": 1 }] } });
    assert!(account.post("/invoice", dated("2008-12-31")).await.detail().contains("not within the date range"));
    account.netsuite.close_period("2026-02-14".parse().unwrap());
    assert!(account.post("/invoice", dated("2026-02-28")).await.detail().contains("closed period"));
    assert!(
        account.patch(&format!("/invoice/{id}"), json!({ "memo": "late" })).await.detail().contains("closed period")
    );
    account.post("/invoice", dated("2026-03-01")).await.id();
}

#[tokio::test]
async fn a_credit_memo_pays_the_invoice_that_it_is_applied_to() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let invoice = account.invoice("zinv-1", &customer, &item, "10").await.id();
    let memo = json!({
        "entity": customer,
        "item": { "items": [{ "item": item, "amount": 12 }] },
        "apply": { "items": [{ "doc": { "id": invoice }, "apply": true, "amount": 10 }] },
    });
    let id = account.post("/creditMemo", memo.clone()).await.id();
    assert_eq!(account.get(&format!("/invoice/{invoice}")).await.body["status"]["id"], "B");
    assert_eq!(account.get(&format!("/creditMemo/{id}")).await.body["unapplied"].to_string(), "2.0");
    assert_eq!(account.post("/creditMemo", memo).await.status, 400);
    assert!(account.delete(&format!("/invoice/{invoice}")).await.detail().contains("dependent"));
    assert_eq!(account.delete(&format!("/creditMemo/{id}")).await.status, 204);
    assert_eq!(account.get(&format!("/invoice/{invoice}")).await.body["amountRemaining"].to_string(), "10.0");
    let transformed =
        account.post(&format!("/invoice/{invoice}/!transform/creditMemo"), json!({ "externalId": "zcm-1" })).await.id();
    assert_eq!(account.get(&format!("/creditMemo/{transformed}")).await.body["total"].to_string(), "10.0");
}

#[tokio::test]
async fn item_names_stand_once_beneath_their_parent() {
    let account = Account::open().await;
    let parent = account.item("Plan").await;
    let child = json!({ "itemId": "Fee", "parent": { "id": parent } });
    account.post("/serviceSaleItem", child.clone()).await.id();
    let refused = account.post("/serviceSaleItem", child).await;
    assert!(
        refused
            .detail()
            .contains("Uniqueness error - there is already an item with that name or name/parent combination.")
    );
    let id = account.item("Fee").await;
    assert_eq!(account.get(&format!("/serviceSaleItem/{id}")).await.body["refName"], "Fee");
    let child = account.ask("SELECT fullname FROM item WHERE parent IS NOT NULL").await.body;
    assert_eq!(child["items"][0]["fullname"], "Plan : Fee");
}

#[tokio::test]
async fn what_items_need_is_a_preference_of_the_account() {
    let strict = Settings {
        default_income_account: false,
        item_subsidiary_required: true,
        tax_schedule_required: true,
        ..Settings::default()
    };
    let account = Account::with(strict).await;
    let refused = account.post("/nonInventorySaleItem", json!({})).await;
    assert!(
        refused
            .detail()
            .ends_with("Please enter value(s) for: Item Name/Number, Subsidiary, Income Account, Tax Schedule.")
    );
    let full = json!({ "itemId": "X", "subsidiary": { "items": [{ "id": "1" }] }, "incomeAccount": { "id": "5" }, "taxSchedule": { "id": "1" } });
    account.post("/nonInventorySaleItem", full).await.id();
}

#[tokio::test]
async fn the_taxes_of_the_books_are_items_if_the_account_knows_them() {
    let account = Account::open().await;
    let known = account.tax_items[0].clone().unwrap();
    assert_eq!(account.tax_items[1], None);
    assert_eq!(account.get(&format!("/nonInventorySaleItem/{known}")).await.body["itemId"], "Tax VAT20");
}
