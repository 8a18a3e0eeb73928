//! The books: order-to-cash data that no vendor's wire format has touched yet.
//!
//! The books of Zuora and NetSuite stand here, those of Salesforce and Nue in [`revenue`]. A book is either generated from a seed ([`generate`]) or imported from real retail data
//! ([`import`]). An emulator loads it into its own store, in its own shape.
//! References between records are positions in the vectors below; ids are the emulator's business.

pub mod dirt;
pub mod fit;
pub mod generate;
pub mod import;
pub mod revenue;
pub mod summary;

mod dice;
mod money;

pub use summary::summary;

use jiff::civil::Date;
use rust_decimal::Decimal;

/// Everything that both emulators are filled from.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// ISO 4217 codes that the billing system bills in. The ERP knows all but [`Books::foreign_currencies`].
    pub currencies: Vec<String>,
    /// Codes in [`Books::currencies`] that the ERP does not know (dirt).
    pub foreign_currencies: Vec<String>,
    /// Payment terms that both systems know by the same name.
    pub terms: Vec<Term>,
    /// Tax codes; each becomes a tax item in the ERP.
    pub taxes: Vec<Tax>,
    /// Customers of the billing system. A parent stands before its children.
    pub accounts: Vec<Account>,
    /// The catalogue.
    pub products: Vec<Product>,
    /// Invoices of every status.
    pub invoices: Vec<Invoice>,
    /// Documents dated before this day are not to be synced. `None`: there is no cut-over.
    pub cutover: Option<Date>,
}

/// Payment terms: a name and the days until an invoice is due.
#[derive(Debug, Clone)]
pub struct Term {
    /// The name, the same in both systems.
    pub name: String,
    /// Days from invoice date to due date.
    pub days: i64,
}

/// A tax code with its rate in percent.
#[derive(Debug, Clone)]
pub struct Tax {
    /// The code on the invoice item.
    pub code: String,
    /// The rate, in percent: `20` is 20 %.
    pub rate: Decimal,
    /// Whether the ERP has an item for it. `false` is dirt: the tax code carries no accounting code.
    pub known_to_erp: bool,
}

/// A customer account with its two contacts.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account number, unique.
    pub number: String,
    /// The customer's name; dirt may make it longer than the ERP takes.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// The name of a payment term; dirt may name one that the ERP does not know.
    pub term: String,
    /// Position of the parent in [`Books::accounts`].
    pub parent: Option<usize>,
    /// Whether the account is active, a draft or cancelled.
    pub status: AccountStatus,
    /// What the account's "Sync to NetSuite" field says. `None`: it is empty, which counts as yes.
    pub sync_to_erp: Option<bool>,
    /// Whether the customer is a company; otherwise a person.
    pub company: bool,
    /// Where invoices are sent.
    pub bill_to: Contact,
    /// Where goods are sent.
    pub sold_to: Contact,
}

/// The status of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// In use.
    Active,
    /// Not yet in use.
    Draft,
    /// Closed.
    Canceled,
}

/// A contact and its address.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Work mail address; may be empty.
    pub email: String,
    /// First address line.
    pub address1: String,
    /// Town.
    pub city: String,
    /// State or province; empty outside the countries that have them.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// The country's English name as Zuora writes it, for example `United Kingdom`.
    pub country: String,
}

/// A product with its rate plans.
#[derive(Debug, Clone)]
pub struct Product {
    /// Display name.
    pub name: String,
    /// Stock keeping unit, unique and sensitive to case.
    pub sku: String,
    /// Description; may be empty.
    pub description: String,
    /// The product's plans.
    pub plans: Vec<Plan>,
}

/// A rate plan with its charges.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Display name.
    pub name: String,
    /// The plan's charges.
    pub charges: Vec<Charge>,
}

/// A charge: what an invoice line bills.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Display name.
    pub name: String,
    /// What kind of charge it is.
    pub kind: ChargeKind,
    /// List price in the first currency of the books.
    pub price: Decimal,
}

/// The kinds of charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeKind {
    /// Billed once.
    OneTime,
    /// Billed each month.
    Recurring,
    /// Billed by what was used.
    Usage,
}

/// Where a charge stands in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChargeAt {
    /// Position in [`Books::products`].
    pub product: usize,
    /// Position in [`Product::plans`].
    pub plan: usize,
    /// Position in [`Plan::charges`].
    pub charge: usize,
}

/// An invoice; its amount is the sum of its lines and their taxes.
#[derive(Debug, Clone)]
pub struct Invoice {
    /// The document number, unique.
    pub number: String,
    /// Position in [`Books::accounts`].
    pub account: usize,
    /// The date of the document.
    pub date: Date,
    /// The day on which payment is due.
    pub due: Date,
    /// Draft, posted or cancelled.
    pub status: InvoiceStatus,
    /// A comment to the customer; may be empty.
    pub comments: String,
    /// The lines, in order.
    pub lines: Vec<Line>,
}

impl Invoice {
    /// The sum of all lines and their taxes, in the account's currency.
    pub fn amount(&self) -> Decimal {
        self.lines.iter().map(|line| line.amount + line.tax.as_ref().map_or(Decimal::ZERO, |tax| tax.amount)).sum()
    }
}

/// The status of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// Not yet sent.
    Draft,
    /// Sent, and immutable.
    Posted,
    /// Withdrawn before it was posted.
    Canceled,
}

/// One line of an invoice.
#[derive(Debug, Clone)]
pub struct Line {
    /// What is billed.
    pub charge: ChargeAt,
    /// How many; negative on returns.
    pub quantity: Decimal,
    /// Price for one, tax excluded.
    pub unit_price: Decimal,
    /// Quantity times unit price, rounded half away from zero to the currency's minor unit; tax excluded.
    pub amount: Decimal,
    /// The description on the document; may be empty.
    pub description: String,
    /// First day of the service.
    pub service_start: Date,
    /// Last day of the service.
    pub service_end: Date,
    /// The tax on this line.
    pub tax: Option<LineTax>,
}

/// Tax on a line.
#[derive(Debug, Clone)]
pub struct LineTax {
    /// Position in [`Books::taxes`].
    pub tax: usize,
    /// The tax, in the account's currency.
    pub amount: Decimal,
}
