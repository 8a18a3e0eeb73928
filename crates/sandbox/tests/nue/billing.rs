use reqwest::{Method, StatusCode};
use rust_decimal::Decimal;
use sandbox::books::revenue::Category;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

/// An active invoice over so many.
async fn invoice(bench: &Bench, quantity: u32) -> Value {
    bench.sell(quantity).await["invoices"][0].clone()
}

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

#[tokio::test]
async fn a_customer_has_one_draft_invoice_that_grows_until_it_is_active_and_then_immutable() {
    let bench = Bench::new().await;
    let name = "Own draft";
    let made =
        bench.done("/customers", json!([{ "name": name, "recordType": "Business", "currencyIsoCode": "GBP" }])).await;
    let customer = text(&made["data"][0]["id"]);
    for _ in 0..2 {
        let mut order = bench.order(1);
        order["customer"]["id"] = json!(customer);
        let id = text(&bench.done("/orders", order).await["data"]["order"]["id"]);
        bench.done(&format!("/orders/{id}"), json!({ "options": { "generateInvoice": true } })).await;
    }
    let drafts = bench.list(&format!("/customers/{customer}/invoices")).await;
    assert_eq!((drafts.len(), &drafts[0]["status"]), (1, &json!("Draft")));
    assert_eq!(decimal(&drafts[0]["amount"]), bench.entry(Category::RecurringServices).1 * Decimal::TWO);
    let id = text(&drafts[0]["id"]);
    let path = format!("/billing/invoices/{id}");
    assert_eq!(bench.send(Method::PATCH, &path, &json!({ "comments": "a" })).await.0, StatusCode::OK);
    let filter = format!("{{id: {{_eq: \"{id}\"}}, status: {{_eq: \"Draft\"}}}}");
    let active = bench.done("/billing/invoices:activate", json!({ "graphqlFilter": filter })).await;
    assert_eq!((&active["invoices"][0]["status"], active.get("status")), (&json!("Active"), None));
    assert_eq!(bench.send(Method::PATCH, &path, &json!({ "comments": "b" })).await.0, StatusCode::CONFLICT);
    assert_eq!(bench.post("/billing/invoices:activate", json!({ "invoiceIds": [id] })).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_custom_field_of_an_active_invoice_can_be_written_and_stands_among_the_custom_fields() {
    let bench = Bench::with(json!({ "customFields": { "invoice": [{ "name": "integrationStatus" }] } })).await;
    let id = text(&invoice(&bench, 1).await["id"]);
    let path = format!("/billing/invoices/{id}");
    let mark = json!({ "customFields": { "integrationStatus": "Sync Complete" } });
    let (status, told) = bench.send(Method::PATCH, &path, &mark).await;
    assert_eq!((status, &told["customFields"]), (StatusCode::OK, &mark["customFields"]));
    assert_eq!(bench.list("/invoices?integrationStatus=Sync%20Complete").await.len(), 1);
}

#[tokio::test]
async fn only_the_latest_invoice_can_be_cancelled_and_only_while_nothing_is_paid() {
    let bench = Bench::new().await;
    let cancel = async |id: &str| bench.post("/billing/invoices:cancel", json!({ "invoiceIds": [id] })).await.0;
    let (first, second) = (text(&invoice(&bench, 1).await["id"]), text(&invoice(&bench, 1).await["id"]));
    assert_eq!(cancel(&first).await, StatusCode::CONFLICT);
    assert_eq!(cancel(&second).await, StatusCode::OK);
    assert_eq!(bench.read(&format!("/invoices/{second}")).await["data"]["status"], "Canceled");
    assert_eq!(cancel(&second).await, StatusCode::CONFLICT);
    let pay = json!({ "payInvoices": [{ "invoiceId": first, "transactionAmount": 0.01, "paymentMethod": "ACH" }] });
    bench.done("/billing/invoices:pay", pay).await;
    assert_eq!(cancel(&first).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_payment_is_spread_over_items_from_the_smallest_balance_on() {
    let bench = Bench::new().await;
    let line = |category, quantity| json!({ "priceBookEntryId": bench.entry(category).0, "quantity": quantity });
    let mut order = bench.order(1);
    order["orderProducts"] = json!([line(Category::RecurringServices, 100), line(Category::PhysicalGoods, 1)]);
    let id = text(&bench.done("/orders", order).await["data"]["order"]["id"]);
    let options = json!({ "options": { "generateInvoice": true, "activateInvoice": true } });
    let invoice = bench.done(&format!("/orders/{id}"), options).await["data"]["invoices"][0].clone();
    let id = text(&invoice["id"]);
    let items = bench.read(&format!("/invoices/{id}")).await["data"]["items"].clone();
    let mut balances: Vec<Decimal> = items.as_array().unwrap().iter().map(|item| decimal(&item["balance"])).collect();
    balances.sort();
    let paid = balances[0] + Decimal::ONE;
    let pay = async |amount: &Value| {
        let pay = json!({ "payInvoices": [{ "invoiceId": id, "transactionAmount": amount, "paymentSource": "Nue" }] });
        bench.post("/billing/invoices:pay", pay).await
    };
    let amount: Value = serde_json::from_str(&paid.to_string()).unwrap();
    let (_, told) = pay(&amount).await;
    let application = &told["paymentApplications"][0];
    let parts: Vec<Decimal> =
        application["items"].as_array().unwrap().iter().map(|item| decimal(&item["amount"])).collect();
    assert_eq!((parts, &application["type"]), (vec![balances[0], Decimal::ONE], &json!("Payment")));
    let read = async || bench.read(&format!("/invoices/{id}")).await["data"].clone();
    let partly = read().await;
    assert_eq!(partly["paymentStatus"], "PartiallyPaid");
    assert_eq!(decimal(&partly["balance"]), decimal(&partly["amount"]) - paid);
    assert_eq!(pay(&partly["amount"]).await.0, StatusCode::CONFLICT);
    assert_eq!(pay(&partly["balance"]).await.0, StatusCode::OK);
    assert_eq!(read().await["paymentStatus"], "Paid");
}

#[tokio::test]
async fn a_standalone_credit_memo_is_drafted_changed_activated_and_applied() {
    let bench = Bench::new().await;
    let product = &bench.books.products[0].id;
    let upsert = |id: Value, amount: Value| {
        let item = json!({ "productId": product, "transactionDate": "2026-06-01", "transactionQuantity": 1, "transactionAmount": amount });
        let header =
            json!({ "id": id, "customerId": bench.customer(), "creditMemoDate": "2026-06-01", "amount": amount });
        json!({ "header": header, "items": [item] })
    };
    let path = "/billing/credit-memos/standalone:upsert";
    let memo = bench.done(path, upsert(Value::Null, json!(5))).await;
    assert_eq!(
        (&memo["status"], &memo["source"], &memo["paymentStatus"]),
        (&json!("Draft"), &json!("Standalone"), &json!("Open"))
    );
    let changed = bench.done(path, upsert(memo["id"].clone(), json!(0.02))).await;
    assert_eq!((&changed["id"], changed["items"].as_array().unwrap().len()), (&memo["id"], 1));
    let id = text(&memo["id"]);
    let invoice = text(&invoice(&bench, 1).await["id"]);
    let apply = |amount: Value| json!({ "appliedInvoices": [{ "invoiceId": invoice, "creditMemoId": id, "transactionAmount": amount }] });
    assert_eq!(bench.post("/billing/credit-memos:apply", apply(json!(0.01))).await.0, StatusCode::CONFLICT);
    bench.done("/billing/credit-memos:activate", json!({ "creditMemoIds": [id] })).await;
    assert_eq!(bench.post(path, upsert(memo["id"].clone(), json!(9))).await.0, StatusCode::CONFLICT);
    let applied = bench.done("/billing/credit-memos:apply", apply(json!(0.01))).await;
    assert_eq!(applied["paymentApplications"][0]["type"], "CreditMemo");
    let status = async || bench.read(&format!("/credit-memos/{id}")).await["data"]["paymentStatus"].clone();
    assert_eq!(status().await, "PartiallyApplied");
    bench.done("/billing/credit-memos:apply", apply(json!(0.01))).await;
    assert_eq!(status().await, "Applied");
    let taken_off = bench.done("/billing/credit-memos:unapply", apply(Value::Null)).await;
    assert_eq!(taken_off["paymentApplications"][0]["status"], "Canceled");
    assert_eq!(status().await, "PartiallyApplied");
    bench.done("/billing/credit-memos:unapply", apply(Value::Null)).await;
    let read = bench.read(&format!("/invoices/{invoice}")).await["data"].clone();
    assert_eq!(
        (status().await, &read["paymentStatus"], &read["balance"]),
        (json!("Open"), &json!("Open"), &read["amount"])
    );
    assert_eq!(bench.post(path, upsert(Value::Null, json!(0.005))).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn documents_of_the_books_bear_their_amounts_balances_and_applications() {
    let bench = Bench::new().await;
    for payment in &bench.books.payments {
        let invoice = &bench.books.invoices[payment.invoice];
        let told = bench.read(&format!("/invoices/{}", invoice.id)).await["data"].clone();
        assert_eq!(decimal(&told["balance"]), invoice.amount() - payment.amount());
        assert_eq!(told["paymentStatus"] == "Paid", invoice.amount() == payment.amount());
    }
    let memo = &bench.books.credit_memos[0];
    let path = format!("/billing/invoices/{}/credit-memos", bench.books.invoices[memo.invoice.unwrap()].id);
    assert_eq!(bench.read(&path).await["creditMemos"][0]["id"], memo.id.as_str());
    let debit = &bench.books.debit_memos[0];
    let told = bench.read(&format!("/debit-memos/{}", debit.id)).await["data"].clone();
    assert_eq!((decimal(&told["amount"]), &told["paymentStatus"]), (debit.amount(), &json!("Open")));
}
