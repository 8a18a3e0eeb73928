//! The books of the pair Salesforce and Nue: order-to-cash data that no vendor's wire format has touched yet.
//!
//! Orders, subscriptions, customers, contacts and the catalogue are born in Salesforce and carry its ids; invoices, memos
//! and payment applications are born in Nue and carry UUIDs. Both vendors know the other's ids, so, unlike in the books
//! of the first pair, ids are part of the books. References between records are positions in the vectors below.

mod documents;
mod generate;
mod ids;
mod masters;
mod orders;
mod outcome;
mod payments;
mod plant;
mod salesforce;
mod stain;
mod summary;

pub use generate::{Options, generate};
pub use ids::salesforce_id;
pub use outcome::Outcome;
pub use salesforce::{Names, Row, rows};
pub use stain::{Blemish, Kind, Stain};
pub use summary::{Summary, summary};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Contact;

/// Everything that the two emulators are filled from.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// ISO 4217 codes; list prices are in the first.
    pub currencies: Vec<String>,
    /// The customers.
    pub customers: Vec<Customer>,
    /// The catalogue.
    pub products: Vec<Product>,
    /// Orders, placed in Salesforce.
    pub orders: Vec<Order>,
    /// Subscriptions that Salesforce made when it activated the orders.
    pub subscriptions: Vec<Subscription>,
    /// Invoices, billed in Nue.
    pub invoices: Vec<Document>,
    /// Credit memos, made in Nue.
    pub credit_memos: Vec<Document>,
    /// Debit memos, made in Nue.
    pub debit_memos: Vec<Document>,
    /// Payment applications, known to Nue.
    pub payments: Vec<Payment>,
    /// What is odd about single records, and what is to become of them.
    pub stains: Vec<Stain>,
}

/// A customer: an account in Salesforce, a customer in Nue, most often both.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The Salesforce id, or a UUID of one that was born in Nue and never reached Salesforce.
    pub id: String,
    /// The account number.
    pub number: String,
    /// The name; two customers may share one.
    pub name: String,
    /// Whether it is a company; otherwise a person.
    pub company: bool,
    /// ISO 4217.
    pub currency: String,
    /// Whether Salesforce has it.
    pub in_salesforce: bool,
    /// Whether Nue has it.
    pub in_nue: bool,
    /// The people, each with an id of its own; the first is billed.
    pub contacts: Vec<(String, Contact)>,
}

/// A product with its price in each currency.
#[derive(Debug, Clone)]
pub struct Product {
    /// The Salesforce id, in Nue too.
    pub id: String,
    /// The name.
    pub name: String,
    /// Stock keeping unit, unique.
    pub sku: String,
    /// What activation makes of it.
    pub category: Category,
    /// Whether it may be sold.
    pub active: bool,
    /// Whether it was published to Nue.
    pub in_nue: bool,
    /// Price book entries: id and price, in the order of [`Books::currencies`].
    pub entries: Vec<(String, Decimal)>,
}

/// What a product is, and so what the activation of an order makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// A subscription.
    RecurringServices,
    /// An asset.
    PhysicalGoods,
    /// An entitlement.
    ProfessionalServices,
}

impl Category {
    /// The vendor's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::RecurringServices => "RecurringServices",
            Self::PhysicalGoods => "PhysicalGoods",
            Self::ProfessionalServices => "ProfessionalServices",
        }
    }
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// The Salesforce id.
    pub id: String,
    /// The order number in Salesforce.
    pub number: String,
    /// A name; may be empty.
    pub name: String,
    /// A description; may be empty.
    pub description: String,
    /// Position in [`Books::customers`].
    pub customer: usize,
    /// Whether it was activated; otherwise it is a draft.
    pub activated: bool,
    /// Whether Nue has it already, under its Salesforce id.
    pub in_nue: bool,
    /// The day from which it counts.
    pub date: Date,
    /// Months.
    pub term: i64,
    /// The last day of the term.
    pub end: Date,
    /// The customer's order number; may be empty.
    pub purchase_order: String,
    /// The order products.
    pub lines: Vec<OrderLine>,
}

impl Order {
    /// The sum of the lines.
    pub fn amount(&self) -> Decimal {
        self.lines.iter().map(OrderLine::amount).sum()
    }
}

/// An order product.
#[derive(Debug, Clone)]
pub struct OrderLine {
    /// The Salesforce id.
    pub id: String,
    /// Position in [`Books::products`].
    pub product: usize,
    /// How many.
    pub quantity: Decimal,
    /// The price of one for the whole term.
    pub unit_price: Decimal,
}

impl OrderLine {
    /// Quantity times price; the quantities are whole, so nothing is rounded.
    pub fn amount(&self) -> Decimal {
        self.quantity * self.unit_price
    }
}

/// A subscription, as Salesforce shows it.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The Salesforce id.
    pub id: String,
    /// The subscription's number.
    pub name: String,
    /// Position in [`Books::orders`].
    pub order: usize,
    /// Position in [`Order::lines`].
    pub line: usize,
    /// How many; that of the order product, unless a hand has changed it.
    pub quantity: Decimal,
    /// Whether it renews by itself.
    pub auto_renew: bool,
}

/// An invoice, a credit memo or a debit memo. Amounts of credit memos are above zero, too.
#[derive(Debug, Clone)]
pub struct Document {
    /// A UUID.
    pub id: String,
    /// The number.
    pub name: String,
    /// Position in [`Books::customers`].
    pub customer: usize,
    /// What stands in the place of the customer's id, where that is spelt otherwise.
    pub customer_spelt: Option<String>,
    /// Draft, active or cancelled.
    pub status: DocumentStatus,
    /// The date of the document.
    pub date: Date,
    /// The day on which it is due.
    pub due: Date,
    /// A comment; may be empty.
    pub comments: String,
    /// Of a memo, the position of the invoice that it corrects in [`Books::invoices`].
    pub invoice: Option<usize>,
    /// The items.
    pub items: Vec<Item>,
}

impl Document {
    /// The sum of the items with their taxes.
    pub fn amount(&self) -> Decimal {
        self.items.iter().map(|item| item.amount + item.tax).sum()
    }
}

/// The status of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentStatus {
    /// Not yet sent.
    Draft,
    /// Sent, and immutable.
    Active,
    /// Withdrawn.
    Canceled,
}

/// An item of a document.
#[derive(Debug, Clone)]
pub struct Item {
    /// A UUID.
    pub id: String,
    /// Position in [`Books::products`].
    pub product: usize,
    /// How many.
    pub quantity: Decimal,
    /// What it comes to, tax excluded.
    pub amount: Decimal,
    /// The tax.
    pub tax: Decimal,
}

/// A payment application: money, or a credit memo, set against the items of an invoice.
#[derive(Debug, Clone)]
pub struct Payment {
    /// A UUID.
    pub id: String,
    /// The number.
    pub name: String,
    /// Position in [`Books::invoices`].
    pub invoice: usize,
    /// Position in [`Books::credit_memos`], if that is what is applied.
    pub credit_memo: Option<usize>,
    /// The day of the application.
    pub date: Date,
    /// What falls on which item.
    pub items: Vec<PaymentItem>,
}

impl Payment {
    /// The sum of the items.
    pub fn amount(&self) -> Decimal {
        self.items.iter().map(|item| item.amount).sum()
    }
}

/// The part of a payment application that falls on one item.
#[derive(Debug, Clone)]
pub struct PaymentItem {
    /// A UUID.
    pub id: String,
    /// Position among the items of the invoice.
    pub item: usize,
    /// How much.
    pub amount: Decimal,
}
