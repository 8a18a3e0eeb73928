//! Books become records of the tenant.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::applying::payment_status;
use super::billing::{date_of, item_of};
use super::schema::Object;
use super::store::Store;
use super::value::Cell;
use crate::books::revenue::{Books, Category, Customer, Document, DocumentStatus, Order, Payment, Product};

/// Fills a store.
pub(crate) fn load(books: &Books) -> Store {
    let mut loader = Loader { store: Store::new(), books, paid: HashMap::new(), applied: HashMap::new() };
    for payment in &books.payments {
        for part in &payment.items {
            *loader.paid.entry((payment.invoice, part.item)).or_default() += part.amount;
        }
        if let Some(memo) = payment.credit_memo {
            *loader.applied.entry(memo).or_default() += payment.amount();
        }
    }
    books.customers.iter().filter(|customer| customer.in_nue).for_each(|customer| loader.customer(customer));
    books.products.iter().filter(|product| product.in_nue).for_each(|product| loader.product(product));
    for (position, order) in books.orders.iter().enumerate().filter(|(_, order)| order.in_nue) {
        loader.order(position, order);
    }
    loader.subscriptions();
    for (object, documents) in [
        (Object::Invoice, &books.invoices),
        (Object::CreditMemo, &books.credit_memos),
        (Object::DebitMemo, &books.debit_memos),
    ] {
        documents.iter().enumerate().for_each(|(position, document)| loader.document(object, position, document));
    }
    books.payments.iter().for_each(|payment| loader.payment(payment));
    loader.store
}

struct Loader<'a> {
    store: Store,
    books: &'a Books,
    /// What was set against each item of each invoice.
    paid: HashMap<(usize, usize), Decimal>,
    /// What was used of each credit memo.
    applied: HashMap<usize, Decimal>,
}

fn text(text: &str) -> Option<Cell> {
    if text.is_empty() { None } else { Some(Cell::text(text)) }
}

fn number(number: Decimal) -> Option<Cell> {
    Some(Cell::Number(number))
}

fn day(day: Date) -> Option<Cell> {
    Some(Cell::Day(day))
}

/// Noon of a day, in UTC.
fn noon(day: Date) -> Timestamp {
    day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |noon| noon.timestamp())
}

impl Loader<'_> {
    fn customer(&mut self, customer: &Customer) {
        let made = noon(jiff::civil::date(2024, 1, 2));
        let address = customer.contacts.first().map(|contact| contact.1.clone()).unwrap_or_default();
        let cells = vec![
            ("accountNumber", text(&customer.number)),
            ("name", text(&customer.name)),
            ("recordType", text(if customer.company { "Business" } else { "Consumer" })),
            ("email", text(&address.email)),
            ("billingStreet", text(&address.address1)),
            ("billingCity", text(&address.city)),
            ("billingState", text(&address.state)),
            ("billingPostalCode", text(&address.postal_code)),
            ("billingCountry", text(&address.country)),
            ("currencyIsoCode", text(&customer.currency)),
        ];
        self.store.make(Object::Customer, &customer.id, cells, made);
        for (id, person) in &customer.contacts {
            let cells = vec![
                ("customerId", text(&customer.id)),
                ("firstName", text(&person.first_name)),
                ("lastName", text(&person.last_name)),
                ("name", text(&format!("{} {}", person.first_name, person.last_name))),
                ("email", text(&person.email)),
                ("billingStreet", text(&person.address1)),
                ("billingCity", text(&person.city)),
                ("billingState", text(&person.state)),
                ("billingPostalCode", text(&person.postal_code)),
                ("billingCountry", text(&person.country)),
            ];
            self.store.make(Object::Contact, id, cells, made);
        }
    }

    fn product(&mut self, product: &Product) {
        let made = noon(jiff::civil::date(2024, 1, 2));
        let kind = if product.category == Category::PhysicalGoods { "Product" } else { "Service" };
        let cells = vec![
            ("name", text(&product.name)),
            ("sku", text(&product.sku)),
            ("recordType", text(kind)),
            ("status", text(if product.active { "Active" } else { "Inactive" })),
            ("publishStatus", text("Published")),
            ("productCategory", text(product.category.name())),
        ];
        self.store.make(Object::Product, &product.id, cells, made);
        for ((id, price), currency) in product.entries.iter().zip(&self.books.currencies) {
            let cells = vec![
                ("productId", text(&product.id)),
                ("currencyIsoCode", text(currency)),
                ("listPrice", number(*price)),
                ("active", Some(Cell::Flag(product.active))),
            ];
            self.store.make(Object::PriceBookEntry, id, cells, made);
        }
    }

    /// An order that the native connection brought: it bears its Salesforce id.
    fn order(&mut self, position: usize, order: &Order) {
        let (made, total) = (noon(order.date), number(order.amount()));
        let customer = &self.books.customers[order.customer];
        let cells = vec![
            ("orderNumber", text(&format!("O-{:08}", position + 1))),
            ("name", text(&order.name)),
            ("description", text(&order.description)),
            ("status", text("Activated")),
            ("customerId", text(&customer.id)),
            ("billToContactId", customer.contacts.first().and_then(|contact| text(&contact.0))),
            ("currencyIsoCode", text(&customer.currency)),
            ("effectiveDate", day(order.date)),
            ("orderStartDate", day(order.date)),
            ("orderPlacedDate", day(order.date)),
            ("activatedDate", Some(Cell::Moment(made))),
            ("subscriptionStartDate", day(order.date)),
            ("subscriptionEndDate", day(order.end)),
            ("subscriptionTerm", number(Decimal::from(order.term))),
            ("listTotal", total.clone()),
            ("subtotal", total.clone()),
            ("totalAmount", total.clone()),
            ("orderTCV", total),
            ("poNumber", text(&order.purchase_order)),
        ];
        self.store.make(Object::Order, &order.id, cells, made);
        let currency = self.books.currencies.iter().position(|code| *code == customer.currency).unwrap_or(0);
        for line in &order.lines {
            let product = &self.books.products[line.product];
            let cells = vec![
                ("orderId", text(&order.id)),
                ("priceBookEntryId", product.entries.get(currency).and_then(|entry| text(&entry.0))),
                ("productId", text(&product.id)),
                ("quantity", number(line.quantity)),
                ("listPrice", number(line.unit_price)),
                ("totalPrice", number(line.amount())),
                ("subscriptionStartDate", day(order.date)),
                ("subscriptionEndDate", day(order.end)),
                ("subscriptionTerm", number(Decimal::from(order.term))),
            ];
            self.store.make(Object::OrderProduct, &line.id, cells, made);
        }
    }

    /// The subscriptions of the orders that Nue has.
    fn subscriptions(&mut self) {
        for held in &self.books.subscriptions {
            let order = &self.books.orders[held.order];
            if !order.in_nue {
                continue;
            }
            let line = &order.lines[held.line];
            let cells = vec![
                ("name", text(&held.name)),
                ("externalName", text(&held.name)),
                ("subscriptionCompositeId", text(&format!("{}-1", held.name))),
                ("subscriptionVersion", number(Decimal::ONE)),
                ("status", text("Active")),
                ("customerId", text(&self.books.customers[order.customer].id)),
                ("orderId", text(&order.id)),
                ("orderProductId", text(&line.id)),
                ("productId", text(&self.books.products[line.product].id)),
                ("quantity", number(line.quantity)),
                ("listPrice", number(line.unit_price)),
                ("totalPrice", number(line.amount())),
                ("subscriptionStartDate", day(order.date)),
                ("subscriptionEndDate", day(order.end)),
                ("subscriptionTerm", number(Decimal::from(order.term))),
                ("autoRenew", Some(Cell::Flag(held.auto_renew))),
                ("evergreen", Some(Cell::Flag(false))),
            ];
            self.store.make(Object::Subscription, &held.id, cells, noon(order.date));
        }
    }

    fn document(&mut self, object: Object, position: usize, document: &Document) {
        let customer = &self.books.customers[document.customer];
        let made = noon(document.date);
        let (amount, tax) = (document.amount(), document.items.iter().map(|item| item.tax).sum::<Decimal>());
        let used = |item: usize| match object {
            Object::Invoice => self.paid.get(&(position, item)).copied().unwrap_or_default(),
            Object::CreditMemo => self.applied.get(&position).copied().unwrap_or_default(),
            _ => Decimal::ZERO,
        };
        let left: Vec<Decimal> =
            document.items.iter().enumerate().map(|(at, item)| item.amount + item.tax - used(at)).collect();
        let balance: Decimal = left.iter().sum();
        let status = match document.status {
            DocumentStatus::Draft => "Draft",
            DocumentStatus::Active => "Active",
            DocumentStatus::Canceled => "Canceled",
        };
        let payment = match document.status {
            DocumentStatus::Canceled => "Canceled",
            _ if balance == amount => "Open",
            _ => payment_status(object, balance),
        };
        let active = document.status == DocumentStatus::Active;
        let invoice = document.invoice.and_then(|invoice| text(&self.books.invoices[invoice].id));
        let cells = vec![
            ("name", text(&document.name)),
            ("creditMemoNumber", text(&document.name)),
            ("status", text(status)),
            ("paymentStatus", text(payment)),
            ("source", text("Billing")),
            ("amount", number(amount)),
            ("amountWithoutTax", number(amount - tax)),
            ("taxAmount", number(tax)),
            ("balance", number(balance)),
            ("currencyIsoCode", text(&customer.currency)),
            ("customerId", text(document.customer_spelt.as_ref().unwrap_or(&customer.id))),
            ("invoiceId", invoice),
            (date_of(object), day(document.date)),
            ("dueDate", day(document.due)),
            ("activatedTime", Some(Cell::Moment(made)).filter(|_| active)),
            ("comments", text(&document.comments)),
        ];
        self.store.make(object, &document.id, cells, made);
        self.items(object, document, &left);
    }

    fn items(&mut self, object: Object, document: &Document, left: &[Decimal]) {
        let (child, reference, item_number, document_number) = item_of(object);
        for (place, (item, balance)) in document.items.iter().zip(left).enumerate() {
            let cells = vec![
                (item_number, text(&format!("{}-{}", document.name, place + 1))),
                (reference, text(&document.id)),
                (document_number, text(&document.name)),
                ("productId", text(&self.books.products[item.product].id)),
                ("transactionDate", day(document.date)),
                ("transactionQuantity", number(item.quantity)),
                ("transactionAmount", number(item.amount)),
                ("taxAmount", number(item.tax)),
                ("balance", number(*balance)),
            ];
            self.store.make(child, &item.id, cells, noon(document.date));
        }
    }

    fn payment(&mut self, payment: &Payment) {
        let invoice = &self.books.invoices[payment.invoice];
        let customer = &self.books.customers[invoice.customer];
        let memo = payment.credit_memo.map(|memo| &self.books.credit_memos[memo]);
        let kind = if memo.is_some() { "CreditMemo" } else { "Payment" };
        let cells = vec![
            ("name", text(&payment.name)),
            ("type", text(kind)),
            ("status", text("Active")),
            ("amount", number(payment.amount())),
            ("currencyIsoCode", text(&customer.currency)),
            ("customerId", text(&customer.id)),
            ("invoiceId", text(&invoice.id)),
            ("creditMemoId", memo.and_then(|memo| text(&memo.id))),
            ("paymentMethod", text("Wire Transfer").filter(|_| memo.is_none())),
            ("applicationDate", day(payment.date)),
        ];
        self.store.make(Object::PaymentApplication, &payment.id, cells, noon(payment.date));
        for part in &payment.items {
            let cells = vec![
                ("paymentApplicationId", text(&payment.id)),
                ("invoiceId", text(&invoice.id)),
                ("invoiceItemId", text(&invoice.items[part.item].id)),
                ("amount", number(part.amount)),
            ];
            self.store.make(Object::PaymentApplicationItem, &part.id, cells, noon(payment.date));
        }
    }
}
