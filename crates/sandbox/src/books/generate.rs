//! Generated order-to-cash data: realistic, and the same for the same seed on every machine.
//!
//! Shapes (lines of a document, quantities, prices, documents of a customer, share of returns) are drawn from the
//! measured tables in [`super::fit`]; names, addresses and the catalogue are made up from word lists. All chance is
//! integer chance: no amount ever passes through a float.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::dice::{Dice, Part};
use super::dirt::{self, Dirt};
use super::{Books, Tax, Term};
use catalogue::Catalogue;

pub(in crate::books) mod accounts;
mod catalogue;
mod documents;
pub(in crate::books) mod heads;
pub(in crate::books) mod names;
pub(in crate::books) mod places;

/// What to generate.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The seed; equal options give equal books.
    pub seed: u64,
    /// The number of posted invoices. Drafts (2 %) and cancelled ones (1 %) come on top.
    pub records: usize,
    /// How many lines an invoice has.
    pub lines: Lines,
    /// How much dirt is planted.
    pub dirt: Dirt,
    /// The last day on which an invoice may be dated.
    pub today: Date,
}

impl Options {
    /// Realistic books with a little dirt.
    pub fn new(seed: u64, records: usize, today: Date) -> Options {
        Options { seed, records, lines: Lines::Realistic, dirt: Dirt::default(), today }
    }
}

/// How many lines an invoice has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// As in the real books: a median of 15 for sales, up to several hundred.
    Realistic,
    /// The same number on every invoice; 0 counts as 1.
    Fixed(usize),
}

/// A currency of the generated books.
pub(in crate::books) struct Currency {
    pub(in crate::books) code: &'static str,
    /// Digits after the point.
    pub(in crate::books) decimals: u32,
    /// Minor units that stand for 100 pennies.
    pub(in crate::books) per_pound: u64,
}

/// The first is the one that list prices are in.
pub(in crate::books) const CURRENCIES: [Currency; 4] = [
    Currency { code: "GBP", decimals: 2, per_pound: 100 },
    Currency { code: "EUR", decimals: 2, per_pound: 117 },
    Currency { code: "USD", decimals: 2, per_pound: 128 },
    Currency { code: "JPY", decimals: 0, per_pound: 190 },
];

/// The currency that the ERP does not know.
const FOREIGN: Currency = Currency { code: "CHF", decimals: 2, per_pound: 113 };

/// Names and days of the payment terms.
const TERMS: [(&str, i64); 6] =
    [("Due Upon Receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 45", 45), ("Net 60", 60), ("Net 90", 90)];

/// The payment term that the ERP does not know, and its days.
const UNKNOWN_TERM: (&str, i64) = ("Net 37", 37);

/// Code, rate in hundredths of a percent, and the currency in which it is charged; the standard rate stands first.
const TAXES: [(&str, i64, &str); 7] = [
    ("GB-VAT-20", 2000, "GBP"),
    ("GB-VAT-5", 500, "GBP"),
    ("EU-VAT-21", 2100, "EUR"),
    ("EU-VAT-10", 1000, "EUR"),
    ("US-SALES-8.25", 825, "USD"),
    ("JP-CT-10", 1000, "JPY"),
    ("JP-CT-8", 800, "JPY"),
];

/// The tax code that the ERP does not know. At half the price it never rounds to nothing, however small the line.
const UNKNOWN_TAX: (&str, i64) = ("XX-LEVY-50", 5000);

/// Generates books.
pub fn generate(options: &Options) -> Books {
    let catalogue = Catalogue::generate(&mut Dice::new(options.seed, Part::Catalogue), options.records);
    let (accounts, owners) = accounts::generate(options);
    let cutover = cutover(options.today);
    let heads = heads::generate(options, &owners, cutover);
    let invoices = documents::generate(options, &catalogue, &accounts, &heads);
    let foreign = options.dirt.unknown_currencies > 0;
    Books {
        currencies: CURRENCIES.iter().chain(foreign.then_some(&FOREIGN)).map(|c| c.code.to_owned()).collect(),
        foreign_currencies: foreign.then(|| FOREIGN.code.to_owned()).into_iter().collect(),
        terms: TERMS.iter().map(|&(name, days)| Term { name: name.to_owned(), days }).collect(),
        taxes: taxes(&options.dirt),
        accounts,
        products: catalogue.products,
        invoices,
        cutover: Some(cutover),
    }
}

/// The first of the month, half a year ago.
fn cutover(today: Date) -> Date {
    today.saturating_sub(jiff::Span::new().months(6)).first_of_month()
}

fn taxes(dirt: &Dirt) -> Vec<Tax> {
    let tax = |code: &str, rate, known_to_erp| Tax { code: code.to_owned(), rate: Decimal::new(rate, 2), known_to_erp };
    let unknown = (dirt.unknown_taxes > 0).then(|| tax(UNKNOWN_TAX.0, UNKNOWN_TAX.1, false));
    TAXES.iter().map(|&(code, rate, _)| tax(code, rate, true)).chain(unknown).collect()
}

/// The currency with a code.
pub(in crate::books) fn currency(code: &str) -> &'static Currency {
    CURRENCIES.iter().find(|currency| currency.code == code).unwrap_or(&FOREIGN)
}

/// The days of a payment term.
fn days(term: &str) -> i64 {
    TERMS.iter().find(|known| known.0 == term).unwrap_or(&UNKNOWN_TERM).1
}
