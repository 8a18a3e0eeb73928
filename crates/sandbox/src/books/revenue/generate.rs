//! Generated books of the pair: realistic, and the same for the same seed on every machine.

use jiff::civil::Date;

use super::{Books, documents, masters, orders, payments, plant};
use crate::books::dice::{Dice, Part};
use crate::books::generate::CURRENCIES;

/// What to generate.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The seed; equal options give equal books.
    pub seed: u64,
    /// The number of activated orders, their subscriptions, active invoices and memos, and payment applications, taken
    /// together. Drafts (2 %) and cancelled documents (1 %) come on top.
    pub records: usize,
    /// Of each kind of oddity, how many records have it, per mille of their type and at least one; 0: none has any.
    pub dirt: u32,
    /// How many of the activated orders Nue has already, per mille.
    pub in_nue: u32,
    /// The last day on which a record may be dated.
    pub today: Date,
}

impl Options {
    /// Realistic books with a little dirt.
    pub fn new(seed: u64, records: usize, today: Date) -> Self {
        Self { seed, records, dirt: 4, in_nue: 100, today }
    }
}

/// How many records there are of each type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    pub(super) orders: usize,
    pub(super) subscriptions: usize,
    pub(super) invoices: usize,
    pub(super) credit_memos: usize,
    pub(super) debit_memos: usize,
    pub(super) payments: usize,
}

impl Shares {
    /// A business of subscriptions: an order is billed more than once, and not every invoice is paid yet.
    fn of(records: usize) -> Self {
        let percent = |part: usize| records * part / 100;
        let (orders, subscriptions, payments) = (percent(15), percent(20), percent(20));
        let (credit_memos, debit_memos) = (percent(7), percent(3));
        let invoices = records - orders - subscriptions - payments - credit_memos - debit_memos;
        Self { orders, subscriptions, invoices, credit_memos, debit_memos, payments }
    }
}

/// Generates books.
pub fn generate(options: &Options) -> Books {
    let shares = Shares::of(options.records);
    let mut books =
        Books { currencies: CURRENCIES.iter().map(|currency| currency.code.to_owned()).collect(), ..Books::default() };
    let mut dice = Dice::new(options.seed, Part::Masters);
    books.products = masters::products(&mut dice, options);
    books.customers = masters::customers(&mut dice, options);
    orders::generate(&mut Dice::new(options.seed, Part::Orders), options, shares, &mut books);
    documents::generate(&mut Dice::new(options.seed, Part::Documents), options, shares, &mut books);
    payments::generate(&mut Dice::new(options.seed, Part::Payments), options, shares, &mut books);
    if options.dirt > 0 {
        plant::plant(&mut Dice::new(options.seed, Part::Stains), options.dirt, &mut books);
    }
    books
}
