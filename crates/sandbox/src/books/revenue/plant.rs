//! Plants the dirt: oddities of single records. No record is odd in two ways.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::masters::list_price;
use super::{Blemish, Books, Category, Customer, Document, Kind, Order, Stain};
use crate::books::dice::Dice;
use crate::books::dirt;

/// Longer than Salesforce takes for a record's name, which is 80 characters.
const LONG_NAME: usize = 90;
/// Longer than Nue is assumed to take for a description, which is 255 characters.
const LONG_DESCRIPTION: usize = 300;

/// Every oddity that is planted, with the type of record that it befalls.
const PLANTED: [(Kind, Blemish); 18] = [
    (Kind::Order, Blemish::MissingCustomer),
    (Kind::Order, Blemish::UnknownProduct),
    (Kind::Order, Blemish::InactiveProduct),
    (Kind::Order, Blemish::OtherPrice),
    (Kind::Order, Blemish::LongDescription),
    (Kind::Order, Blemish::BlankName),
    (Kind::Order, Blemish::Unicode),
    (Kind::Order, Blemish::TwinName),
    (Kind::Subscription, Blemish::OtherQuantity),
    (Kind::Invoice, Blemish::MissingCustomer),
    (Kind::Invoice, Blemish::ThreeDecimals),
    (Kind::Invoice, Blemish::LongName),
    (Kind::Invoice, Blemish::UpperCaseId),
    (Kind::Invoice, Blemish::ShortCustomerId),
    (Kind::CreditMemo, Blemish::MissingCustomer),
    (Kind::CreditMemo, Blemish::ThreeDecimals),
    (Kind::DebitMemo, Blemish::MissingCustomer),
    (Kind::DebitMemo, Blemish::LongName),
];

/// Plants so many per mille of each oddity, at least one where there is a record for it.
pub(super) fn plant(dice: &mut Dice, per_mille: u32, books: &mut Books) {
    let mut odd: HashSet<(Kind, usize)> = books.stains.iter().map(|stain| (stain.kind, stain.position)).collect();
    for (kind, blemish) in PLANTED {
        let count = dirt::share(per_mille, books.count(kind));
        let mut places: Vec<usize> = (0..books.count(kind)).collect();
        dice.shuffle(&mut places);
        let fits = |place: &usize| !odd.contains(&(kind, *place)) && is_fit(books, kind, *place);
        let chosen: Vec<usize> = places.into_iter().filter(fits).take(count).collect();
        for position in chosen {
            spoil(dice, books, kind, blemish, position);
            odd.insert((kind, position));
            books.stains.push(Stain { blemish, kind, position });
        }
    }
}

/// Whether a record would arrive by being made, and has what the oddities befall.
fn is_fit(books: &Books, kind: Kind, place: usize) -> bool {
    let is_fit = |order: &Order| !order.in_nue && recurring(books, order).is_some();
    match kind {
        Kind::Order => is_fit(&books.orders[place]),
        // Nor is the order of an odd subscription odd; it was chosen before.
        Kind::Subscription => {
            let order = books.subscriptions[place].order;
            !books.stains.iter().any(|stain| stain.kind == Kind::Order && stain.position == order)
        }
        _ => true,
    }
}

fn recurring(books: &Books, order: &Order) -> Option<usize> {
    order.lines.iter().position(|line| books.products[line.product].category == Category::RecurringServices)
}

fn spoil(dice: &mut Dice, books: &mut Books, kind: Kind, blemish: Blemish, position: usize) {
    match kind {
        Kind::Order => spoil_order(dice, books, blemish, position),
        Kind::Subscription => books.subscriptions[position].quantity += Decimal::TWO,
        Kind::Invoice | Kind::CreditMemo | Kind::DebitMemo => {
            let customer = documents(books, kind)[position].customer;
            let stranger = like(books, customer, |other| !other.in_salesforce);
            let short: String = books.customers[customer].id.chars().take(15).collect();
            let document = &mut documents(books, kind)[position];
            match blemish {
                Blemish::MissingCustomer => document.customer = stranger,
                Blemish::LongName => document.name = format!("{} {}", document.name, "x".repeat(LONG_NAME)),
                Blemish::UpperCaseId => document.id = document.id.to_uppercase(),
                Blemish::ShortCustomerId => document.customer_spelt = Some(short),
                Blemish::ThreeDecimals => document.items[0].amount += Decimal::new(5, 3),
                _ => {}
            }
        }
        Kind::Payment => {}
    }
}

fn spoil_order(dice: &mut Dice, books: &mut Books, blemish: Blemish, position: usize) {
    let customer = books.orders[position].customer;
    let line = recurring(books, &books.orders[position]).unwrap_or(0);
    match blemish {
        Blemish::MissingCustomer => books.orders[position].customer = like(books, customer, |other| !other.in_nue),
        Blemish::UnknownProduct => sell(books, position, line, |product| !product.in_nue),
        Blemish::InactiveProduct => sell(books, position, line, |product| !product.active),
        Blemish::OtherPrice => books.orders[position].lines[line].unit_price += Decimal::ONE,
        Blemish::LongDescription => books.orders[position].description = "Ausführlich. ".repeat(LONG_DESCRIPTION / 12),
        Blemish::BlankName => books.orders[position].name.clear(),
        Blemish::Unicode => {
            books.orders[position].name = format!("شركة 株式会社 Cafe\u{301} \u{1f680} {}", position + 1);
        }
        Blemish::TwinName => {
            let twin = if customer == 0 { 1 } else { dice.index(customer.min(12)) };
            let name = books.customers[twin].name.clone();
            books.customers[customer].name = name;
        }
        _ => {}
    }
}

/// Sells another product on a line, at its price.
fn sell(books: &mut Books, order: usize, line: usize, wanted: impl Fn(&super::Product) -> bool) {
    let Some(product) = books.products.iter().position(wanted) else { return };
    let price = list_price(&books.products[product], &books.customers[books.orders[order].customer].currency);
    let line = &mut books.orders[order].lines[line];
    (line.product, line.unit_price) = (product, price);
}

/// A customer of another kind who pays in the same currency.
fn like(books: &Books, customer: usize, wanted: impl Fn(&Customer) -> bool) -> usize {
    let currency = &books.customers[customer].currency;
    let fits = |other: &Customer| wanted(other) && other.currency == *currency;
    books.customers.iter().position(fits).unwrap_or(customer)
}

fn documents(books: &mut Books, kind: Kind) -> &mut Vec<Document> {
    match kind {
        Kind::CreditMemo => &mut books.credit_memos,
        Kind::DebitMemo => &mut books.debit_memos,
        _ => &mut books.invoices,
    }
}
