//! Invoices and memos.

use jiff::ToSpan;
use rust_decimal::Decimal;

use super::generate::Shares;
use super::ids::uuid;
use super::masters::list_price;
use super::orders::{DAYS, both_have, sold};
use super::{Blemish, Books, Document, DocumentStatus, Item, Kind, Options, Stain};
use crate::books::dice::Dice;
use crate::books::generate::currency;
use crate::books::generate::heads::between;
use crate::books::{fit, money};

const COMMENTS: [&str; 4] = [
    "Thank you for your order.",
    "Says \"urgent\", isn't",
    "Lieferung frei Haus, Rückgabe möglich",
    "PO 4711/B & more",
];

/// Rates of tax, in percent.
const RATES: [i64; 6] = [0, 0, 0, 20, 20, 8];

/// Adds the documents. They stand in no order of date. Drafts and cancelled invoices come last.
pub(super) fn generate(dice: &mut Dice, options: &Options, shares: Shares, books: &mut Books) {
    let (drafts, canceled) = (shares.invoices.div_ceil(50), shares.invoices.div_ceil(100));
    for position in 0..shares.invoices + drafts + canceled {
        let status = match position {
            _ if position < shares.invoices => DocumentStatus::Active,
            _ if position < shares.invoices + drafts => DocumentStatus::Draft,
            _ => DocumentStatus::Canceled,
        };
        let invoice = invoice(dice, options, books, position, status);
        books.invoices.push(invoice);
        let blemish = match status {
            DocumentStatus::Active => continue,
            DocumentStatus::Draft => Blemish::Draft,
            DocumentStatus::Canceled => Blemish::Canceled,
        };
        books.stains.push(Stain { blemish, kind: Kind::Invoice, position });
    }
    // Each credit memo corrects an invoice of its own.
    let mut corrected: Vec<usize> = (0..shares.invoices).collect();
    dice.shuffle(&mut corrected);
    for (position, &invoice) in corrected.iter().take(shares.credit_memos).enumerate() {
        let memo = credit_memo(dice, books, position, invoice);
        books.credit_memos.push(memo);
    }
    for position in 0..shares.debit_memos {
        let invoice = *dice.pick(&corrected);
        let memo = debit_memo(dice, books, position, invoice);
        books.debit_memos.push(memo);
    }
}

fn invoice(dice: &mut Dice, options: &Options, books: &Books, position: usize, status: DocumentStatus) -> Document {
    let customer = both_have(dice, books);
    let date = between(dice, options.today.saturating_sub(DAYS.days()), options.today);
    let rate = *dice.pick(&RATES);
    let count = fit::LINES_OF_A_RETURN.draw(dice);
    Document {
        id: uuid(dice),
        name: format!("INV-{:08}", position + 1),
        customer,
        customer_spelt: None,
        status,
        date,
        due: date.saturating_add(30.days()),
        comments: if dice.chance(1, 10) { (*dice.pick(&COMMENTS)).to_owned() } else { String::new() },
        invoice: None,
        items: (0..count).map(|_| item(dice, books, customer, rate)).collect(),
    }
}

fn item(dice: &mut Dice, books: &Books, customer: usize, rate: i64) -> Item {
    let code = &books.customers[customer].currency;
    let product = sold(dice, books, |_| true);
    let quantity = Decimal::from(1 + dice.below(25));
    let amount = quantity * list_price(&books.products[product], code);
    let tax = money::round(amount * Decimal::new(rate, 2), currency(code).decimals);
    Item { id: uuid(dice), product, quantity, amount, tax }
}

/// A memo about an invoice: its number, and a few days later.
fn memo(dice: &mut Dice, invoice: &Document, name: String, position: usize, items: Vec<Item>) -> Document {
    let days = i64::try_from(dice.below(20)).unwrap_or(0);
    Document {
        id: uuid(dice),
        name,
        date: invoice.date.saturating_add(days.days()),
        due: invoice.due.saturating_add(days.days()),
        comments: String::new(),
        invoice: Some(position),
        items,
        ..invoice.clone()
    }
}

/// Takes back half of what one item of the invoice came to.
fn credit_memo(dice: &mut Dice, books: &Books, position: usize, invoice: usize) -> Document {
    let corrected = &books.invoices[invoice];
    let decimals = currency(&books.customers[corrected.customer].currency).decimals;
    let half = |amount: Decimal| money::round(amount / Decimal::TWO, decimals);
    let item = dice.pick(&corrected.items).clone();
    let item = Item { id: uuid(dice), quantity: Decimal::ONE, amount: half(item.amount), tax: half(item.tax), ..item };
    memo(dice, corrected, format!("CM-{:08}", position + 1), invoice, vec![item])
}

/// A fee for paying late.
fn debit_memo(dice: &mut Dice, books: &Books, position: usize, invoice: usize) -> Document {
    let late = &books.invoices[invoice];
    let decimals = currency(&books.customers[late.customer].currency).decimals;
    let fee = money::round(late.amount() * Decimal::new(2, 2), decimals).max(Decimal::ONE);
    let product = late.items.first().map_or(0, |item| item.product);
    let item = Item { id: uuid(dice), product, quantity: Decimal::ONE, amount: fee, tax: Decimal::ZERO };
    memo(dice, late, format!("DM-{:08}", position + 1), invoice, vec![item])
}
