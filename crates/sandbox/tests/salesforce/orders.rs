//! The life of an order.

use serde_json::json;

use crate::client::Account;

struct Shop {
    account: Account,
    customer: String,
    book: String,
    entry: String,
}

impl Shop {
    async fn open() -> Self {
        let account = Account::open().await;
        let customer = account.make("Account", json!({ "Name": "Acme" })).await;
        let told = account.send(reqwest::Method::GET, "/_sandbox/records/Pricebook2", &[], None).await;
        let book: serde_json::Value = serde_json::from_str(told.text.lines().next().unwrap()).unwrap();
        let book = book["Id"].as_str().unwrap().to_owned();
        let product = account.make("Product2", json!({ "Name": "Gold", "ProductCode": "G", "IsActive": true })).await;
        let entry = json!({ "Pricebook2Id": book, "Product2Id": product, "UnitPrice": 12.5, "IsActive": true });
        let entry = account.make("PricebookEntry", entry).await;
        Self { account, customer, book, entry }
    }

    async fn order(&self) -> String {
        let order = json!({ "AccountId": self.customer, "EffectiveDate": "2026-03-01", "Status": "Draft", "Pricebook2Id": self.book });
        self.account.make("Order", order).await
    }

    fn item(&self, order: &str) -> serde_json::Value {
        json!({ "OrderId": order, "PricebookEntryId": self.entry, "Quantity": 3, "UnitPrice": 10.5 })
    }
}

#[tokio::test]
async fn an_order_is_drafted_gets_its_products_and_is_activated() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let path = format!("/sobjects/Order/{order}");
    let early = shop.account.patch(&path, json!({ "Status": "Activated" })).await;
    assert_eq!(early.refusal(), (400, "FAILED_ACTIVATION"));
    let item = shop.account.make("OrderItem", shop.item(&order)).await;
    let line = shop.account.read("OrderItem", &item).await;
    assert_eq!((line["TotalPrice"].to_string().as_str(), line["ListPrice"].to_string().as_str()), ("31.5", "12.5"));
    assert!(line["Product2Id"].as_str().unwrap().starts_with("01t"));
    let draft = shop.account.read("Order", &order).await;
    assert_eq!((draft["TotalAmount"].to_string().as_str(), &draft["StatusCode"]), ("31.5", &json!("Draft")));
    assert_eq!(draft["OrderNumber"], "00000001");
    assert_eq!(shop.account.patch(&path, json!({ "Status": "Activated" })).await.status, 204);
    let active = shop.account.read("Order", &order).await;
    assert_eq!(
        (&active["StatusCode"], &active["ActivatedDate"]),
        (&json!("Activated"), &json!("2026-03-10T12:00:00.000+0000"))
    );
}

#[tokio::test]
async fn an_activated_order_is_mostly_read_only() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let item = shop.account.make("OrderItem", shop.item(&order)).await;
    let path = format!("/sobjects/Order/{order}");
    shop.account.patch(&path, json!({ "Status": "Activated" })).await;
    for (status, answer) in [
        (400, shop.account.patch(&path, json!({ "EffectiveDate": "2026-04-01" })).await),
        (204, shop.account.patch(&path, json!({ "Integration_Status__c": "Sync Complete" })).await),
        (400, shop.account.post("/sobjects/OrderItem", shop.item(&order)).await),
        (400, shop.account.patch(&format!("/sobjects/OrderItem/{item}"), json!({ "Quantity": 4 })).await),
        (204, shop.account.patch(&format!("/sobjects/OrderItem/{item}"), json!({ "Integration_Id__c": "x" })).await),
        (400, shop.account.delete(&format!("/sobjects/OrderItem/{item}")).await),
        (400, shop.account.delete(&path).await),
        (204, shop.account.patch(&path, json!({ "Status": "Draft" })).await),
        (204, shop.account.delete(&path).await),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
    }
    assert_eq!(shop.account.count("OrderItem").await, 0);
}

#[tokio::test]
async fn a_product_of_an_order_needs_a_price_of_its_price_book_and_currency() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let without = |name: &str| {
        let mut item = shop.item(&order);
        item.as_object_mut().unwrap().remove(name);
        item
    };
    for name in ["UnitPrice", "PricebookEntryId", "OrderId", "Quantity"] {
        let refused = shop.account.post("/sobjects/OrderItem", without(name)).await;
        assert_eq!((refused.refusal(), &refused.body[0]["fields"]), ((400, "REQUIRED_FIELD_MISSING"), &json!([name])));
    }
    let mut huge = shop.item(&order);
    (huge["Quantity"], huge["UnitPrice"]) = (json!(9_999_999_999_999_999_u64), json!(9_999_999_999_999_999_u64));
    let refused = shop.account.post("/sobjects/OrderItem", huge).await;
    assert_eq!(refused.refusal(), (400, "NUMBER_OUTSIDE_VALID_RANGE"));
    let foreign = json!({ "AccountId": shop.customer, "EffectiveDate": "2026-03-01", "Status": "Draft", "Pricebook2Id": shop.book, "CurrencyIsoCode": "EUR" });
    let foreign = shop.account.make("Order", foreign).await;
    let refused = shop.account.post("/sobjects/OrderItem", shop.item(&foreign)).await;
    assert_eq!(refused.refusal(), (400, "FIELD_INTEGRITY_EXCEPTION"));
    let bare = json!({ "AccountId": shop.customer, "EffectiveDate": "2026-03-01", "Status": "Draft" });
    let bare = shop.account.make("Order", bare).await;
    assert_eq!(
        shop.account.post("/sobjects/OrderItem", shop.item(&bare)).await.refusal(),
        (400, "FIELD_INTEGRITY_EXCEPTION")
    );
    shop.account.patch(&format!("/sobjects/PricebookEntry/{}", shop.entry), json!({ "IsActive": false })).await;
    assert_eq!(
        shop.account.post("/sobjects/OrderItem", shop.item(&order)).await.refusal(),
        (400, "FIELD_INTEGRITY_EXCEPTION")
    );
    let active = json!({ "AccountId": shop.customer, "EffectiveDate": "2026-03-01", "Status": "Activated" });
    assert_eq!(shop.account.post("/sobjects/Order", active).await.refusal(), (400, "FAILED_ACTIVATION"));
    let late = json!({ "AccountId": shop.customer, "EffectiveDate": "2026-03-01", "EndDate": "2026-02-01", "Status": "Draft" });
    assert_eq!(shop.account.post("/sobjects/Order", late).await.refusal(), (400, "FIELD_INTEGRITY_EXCEPTION"));
}

#[tokio::test]
async fn a_product_has_one_price_in_a_book_and_currency_and_first_a_standard_one() {
    let shop = Shop::open().await;
    let other = shop.account.make("Pricebook2", json!({ "Name": "Partners", "IsActive": true })).await;
    let product = shop.account.make("Product2", json!({ "Name": "Silver" })).await;
    let price = |book: &str, currency: &str| json!({ "Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1, "CurrencyIsoCode": currency });
    let post =
        async |book: &str, currency: &str| shop.account.post("/sobjects/PricebookEntry", price(book, currency)).await;
    assert_eq!(post(&other, "USD").await.refusal(), (400, "STANDARD_PRICE_NOT_DEFINED"));
    post(&shop.book, "USD").await.id();
    post(&other, "USD").await.id();
    assert_eq!(post(&other, "EUR").await.refusal(), (400, "STANDARD_PRICE_NOT_DEFINED"));
    assert_eq!(post(&other, "USD").await.refusal(), (400, "DUPLICATE_VALUE"));
}
