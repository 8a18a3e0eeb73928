//! The books as rows of Salesforce: what an org holds before anything was synced, with what the vendor computes
//! (status codes, sums) already in place.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{Books, Customer, Order, Product, Subscription, salesforce_id};

/// A row of an object: field names and values; empty values are left out.
pub type Row = Map<String, Value>;

/// Names of objects and fields that differ from org to org: the managed package's and ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The object of subscriptions.
    pub subscription: String,
    /// Its status.
    pub subscription_status: String,
    /// Its account.
    pub subscription_account: String,
    /// The order product that it came of.
    pub subscription_order_product: String,
    /// How many.
    pub subscription_quantity: String,
    /// The name of what is subscribed to.
    pub subscription_product_name: String,
    /// Its first day.
    pub subscription_start: String,
    /// Its last day.
    pub subscription_end: String,
    /// Whether it renews by itself; `None`: the org has no such field. No public source names it.
    pub subscription_auto_renew: Option<String>,
    /// The currency field; `None`: the org has one currency, and rows carry none.
    pub currency: Option<String>,
}

impl Default for Names {
    /// The names that public code of customers confirms.
    fn default() -> Self {
        let name = str::to_owned;
        Self {
            subscription: name("Ruby__Subscription__c"),
            subscription_status: name("Ruby__Status__c"),
            subscription_account: name("Ruby__BillingAccount__c"),
            subscription_order_product: name("Ruby__OrderProduct__c"),
            subscription_quantity: name("Ruby__Quantity__c"),
            subscription_product_name: name("Ruby__ProductName__c"),
            subscription_start: name("Ruby__SubscriptionStartDate__c"),
            subscription_end: name("Ruby__SubscriptionEndDate__c"),
            subscription_auto_renew: None,
            currency: Some(name("CurrencyIsoCode")),
        }
    }
}

/// The rows of each object, parents before children.
pub fn rows(books: &Books, names: &Names) -> Vec<(String, Vec<Row>)> {
    let customers = || books.customers.iter().enumerate().filter(|(_, customer)| customer.in_salesforce);
    let mut since: HashMap<usize, Date> = HashMap::new();
    for order in books.orders.iter().filter(|order| order.activated) {
        let first = since.entry(order.customer).or_insert(order.date);
        *first = order.date.min(*first);
    }
    let account = |(position, customer)| account(customer, since.get(&position), names);
    let price_book =
        row(vec![("Id", json!(price_book_id())), ("Name", json!("Price Book of Nue")), ("IsActive", json!(true))]);
    let orders = || books.orders.iter();
    [
        ("Account", customers().map(account).collect()),
        ("Contact", customers().flat_map(|(_, customer)| contacts(customer)).collect()),
        ("Product2", books.products.iter().map(product).collect()),
        ("Pricebook2", vec![price_book]),
        ("PricebookEntry", books.products.iter().flat_map(|product| entries(books, product, names)).collect()),
        ("Order", orders().map(|order| self::order(books, order, names)).collect()),
        ("OrderItem", orders().flat_map(|order| order_items(books, order)).collect()),
        (
            names.subscription.as_str(),
            books.subscriptions.iter().map(|held| subscription(books, held, names)).collect(),
        ),
    ]
    .into_iter()
    .map(|(object, rows)| (object.to_owned(), rows))
    .collect()
}

fn row(fields: Vec<(&str, Value)>) -> Row {
    let filled = |value: &Value| !value.is_null() && *value != Value::String(String::new());
    fields.into_iter().filter(|(_, value)| filled(value)).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The id of the price book. Every org has a standard one besides.
fn price_book_id() -> String {
    salesforce_id("01s", 0)
}

fn with_currency(mut row: Row, code: &str, names: &Names) -> Row {
    row.extend(names.currency.as_ref().map(|field| (field.clone(), json!(code))));
    row
}

/// `since`: the first active order, which the package writes on the account.
fn account(customer: &Customer, since: Option<&Date>, names: &Names) -> Row {
    let address = customer.contacts.first().map(|contact| contact.1.clone()).unwrap_or_default();
    let fields = row(vec![
        ("Id", json!(customer.id)),
        ("Name", json!(customer.name)),
        ("AccountNumber", json!(customer.number)),
        ("BillingStreet", json!(address.address1)),
        ("BillingCity", json!(address.city)),
        ("BillingState", json!(address.state)),
        ("BillingPostalCode", json!(address.postal_code)),
        ("BillingCountry", json!(address.country)),
        ("Ruby__CustomerSince__c", since.map_or(Value::Null, |since| day(*since))),
    ]);
    with_currency(fields, &customer.currency, names)
}

fn contacts(customer: &Customer) -> impl Iterator<Item = Row> {
    customer.contacts.iter().map(|(id, person)| {
        row(vec![
            ("Id", json!(id)),
            ("AccountId", json!(customer.id)),
            ("FirstName", json!(person.first_name)),
            ("LastName", json!(person.last_name)),
            ("Email", json!(person.email)),
            ("MailingStreet", json!(person.address1)),
            ("MailingCity", json!(person.city)),
            ("MailingState", json!(person.state)),
            ("MailingPostalCode", json!(person.postal_code)),
            ("MailingCountry", json!(person.country)),
        ])
    })
}

fn product(product: &Product) -> Row {
    row(vec![
        ("Id", json!(product.id)),
        ("Name", json!(product.name)),
        ("ProductCode", json!(product.sku)),
        ("StockKeepingUnit", json!(product.sku)),
        ("IsActive", json!(product.active)),
    ])
}

fn entries(books: &Books, product: &Product, names: &Names) -> Vec<Row> {
    let entry = |((id, price), code): (&(String, Decimal), &String)| {
        let fields = row(vec![
            ("Id", json!(id)),
            ("Pricebook2Id", json!(price_book_id())),
            ("Product2Id", json!(product.id)),
            ("Name", json!(product.name)),
            ("ProductCode", json!(product.sku)),
            ("UnitPrice", number(*price)),
            ("IsActive", json!(product.active)),
        ]);
        with_currency(fields, code, names)
    };
    let in_one = if names.currency.is_some() { books.currencies.len() } else { 1 };
    product.entries.iter().zip(&books.currencies).take(in_one).map(entry).collect()
}

fn order(books: &Books, order: &Order, names: &Names) -> Row {
    let customer = &books.customers[order.customer];
    let status = if order.activated { "Activated" } else { "Draft" };
    let fields = row(vec![
        ("Id", json!(order.id)),
        ("OrderNumber", json!(order.number)),
        ("AccountId", json!(customer.id)),
        ("Pricebook2Id", json!(price_book_id())),
        ("Name", json!(order.name)),
        ("Description", json!(order.description)),
        ("Status", json!(status)),
        ("StatusCode", json!(status)),
        ("TotalAmount", number(order.amount())),
        ("EffectiveDate", day(order.date)),
        ("EndDate", day(order.end)),
        ("PoNumber", json!(order.purchase_order)),
        ("BillToContactId", json!(customer.contacts.first().map(|contact| &contact.0))),
        (
            "ActivatedDate",
            if order.activated { json!(format!("{}T12:00:00.000+0000", order.date)) } else { Value::Null },
        ),
    ]);
    with_currency(fields, &customer.currency, names)
}

fn order_items(books: &Books, order: &Order) -> Vec<Row> {
    let currency = super::masters::currency_at(&books.customers[order.customer].currency);
    let item = |line: &super::OrderLine| {
        let product = &books.products[line.product];
        row(vec![
            ("Id", json!(line.id)),
            ("OrderId", json!(order.id)),
            ("PricebookEntryId", json!(product.entries.get(currency).map(|entry| &entry.0))),
            ("Product2Id", json!(product.id)),
            ("Quantity", number(line.quantity)),
            ("UnitPrice", number(line.unit_price)),
            ("ListPrice", number(product.entries.get(currency).map_or(line.unit_price, |entry| entry.1))),
            ("TotalPrice", number(line.amount())),
            ("ServiceDate", day(order.date)),
            ("EndDate", day(order.end)),
            ("Ruby__SubscriptionTerm__c", json!(order.term)),
        ])
    };
    order.lines.iter().map(item).collect()
}

fn subscription(books: &Books, held: &Subscription, names: &Names) -> Row {
    let order = &books.orders[held.order];
    let line = &order.lines[held.line];
    let mut fields = row(vec![
        ("Id", json!(held.id)),
        ("Name", json!(held.name)),
        (&names.subscription_status, json!("Active")),
        (&names.subscription_account, json!(books.customers[order.customer].id)),
        (&names.subscription_order_product, json!(line.id)),
        (&names.subscription_quantity, number(held.quantity)),
        (&names.subscription_product_name, json!(books.products[line.product].name)),
        (&names.subscription_start, day(order.date)),
        (&names.subscription_end, day(order.end)),
    ]);
    fields.extend(names.subscription_auto_renew.as_ref().map(|field| (field.clone(), json!(held.auto_renew))));
    fields
}

fn day(day: Date) -> Value {
    json!(day.to_string())
}

/// A JSON number with the digits of the decimal.
fn number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.to_string()).unwrap_or_default()
}
