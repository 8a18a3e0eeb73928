//! Customers and products.

use rust_decimal::Decimal;

use super::ids::{salesforce_id, uuid};
use super::{Category, Customer, Options, Product};
use crate::books::dice::Dice;
use crate::books::generate::accounts::place;
use crate::books::generate::names::{self, Unique};
use crate::books::generate::places::{PLACES, Place};
use crate::books::generate::{CURRENCIES, Currency};
use crate::books::{fit, money};

const SERVICES: [&str; 18] = [
    "Archive", "Backup", "Billing", "Catalog", "Chat", "Console", "Edge", "Forms", "Gateway", "Insight", "Ledger",
    "Mail", "Monitor", "Planner", "Relay", "Search", "Signal", "Vault",
];
const GOODS: [&str; 6] = ["Card Reader", "Door Sensor", "Label Printer", "Router", "Scanner", "Terminal"];
const HELP: [&str; 4] = ["Data Migration", "Onboarding", "Training Day", "Tuning Workshop"];
const EDITIONS: [&str; 4] = ["Starter", "Team", "Business", "Enterprise"];

/// What a product costs more than a thing in a shop: list prices are drawn from those of retail.
const TIMES_RETAIL: u64 = 10;

/// The catalogue: services for the most part. The last two, if there is to be dirt, are one that was never published and
/// one that may no longer be sold.
pub(super) fn products(dice: &mut Dice, options: &Options) -> Vec<Product> {
    let count = (options.records / 100).clamp(12, 200);
    let odd = if options.dirt > 0 { 2 } else { 0 };
    let mut names = Unique::default();
    let mut products: Vec<Product> = (0..count + odd)
        .map(|position| product(dice, position, if position < count { position % 6 } else { 0 }, &mut names))
        .collect();
    if let [.., unknown, inactive] = products.as_mut_slice()
        && odd > 0
    {
        unknown.in_nue = false;
        inactive.active = false;
    }
    products
}

fn product(dice: &mut Dice, position: usize, class: usize, names: &mut Unique) -> Product {
    let (category, thing) = match class {
        4 => (Category::PhysicalGoods, *dice.pick(&GOODS)),
        5 => (Category::ProfessionalServices, *dice.pick(&HELP)),
        _ => (Category::RecurringServices, *dice.pick(&SERVICES)),
    };
    let name = names.claim(format!("{thing} {}", dice.pick(&EDITIONS)));
    let pennies = fit::PRICES.draw(dice) * TIMES_RETAIL;
    let number = |place: usize| (position * CURRENCIES.len() + place) as u64;
    let entry = |(place, currency): (usize, &Currency)| {
        let minor = ((pennies * currency.per_pound + 50) / 100).max(1);
        (salesforce_id("01u", number(place)), money::price(minor, false, currency.decimals))
    };
    Product {
        id: salesforce_id("01t", position as u64),
        name,
        sku: format!("NUE-{:05}", position + 1),
        category,
        active: true,
        in_nue: true,
        entries: CURRENCIES.iter().enumerate().map(entry).collect(),
    }
}

/// The customers. The last ones, if there is to be dirt, are for each currency one that only Salesforce has and one that
/// only Nue has.
pub(super) fn customers(dice: &mut Dice, options: &Options) -> Vec<Customer> {
    let count = (options.records / 20).max(12);
    let mut names = Unique::default();
    let mut customers: Vec<Customer> = (0..count)
        .map(|position| {
            let place = place(dice, position);
            customer(dice, place, position, &mut names)
        })
        .collect();
    if options.dirt > 0 {
        for place in PLACES.iter().take(CURRENCIES.len()) {
            let only_salesforce = customer(dice, place, customers.len(), &mut names);
            customers.push(Customer { in_nue: false, ..only_salesforce });
            let only_nue = customer(dice, place, customers.len(), &mut names);
            customers.push(Customer { in_salesforce: false, id: uuid(dice), ..only_nue });
        }
    }
    customers
}

fn customer(dice: &mut Dice, place: &Place, position: usize, names: &mut Unique) -> Customer {
    /// The most people of a customer.
    const PEOPLE: usize = 3;
    let company = dice.chance(17, 20);
    let people = [1, 1, 1, 2, 2, PEOPLE][dice.index(6)];
    let contacts: Vec<_> = (0..people)
        .map(|person| (salesforce_id("003", (position * PEOPLE + person) as u64), names::contact(dice, place)))
        .collect();
    let person = |contact: &crate::books::Contact| format!("{} {}", contact.first_name, contact.last_name);
    let name = if company { names::company(dice, place) } else { person(&contacts[0].1) };
    Customer {
        id: salesforce_id("001", position as u64),
        number: format!("ACC-{:06}", position + 1),
        name: names.claim(name),
        company,
        currency: place.currency.to_owned(),
        in_salesforce: true,
        in_nue: true,
        contacts,
    }
}

/// The position of a currency in the books, and so of its price book entries.
pub(super) fn currency_at(code: &str) -> usize {
    CURRENCIES.iter().position(|currency| currency.code == code).unwrap_or(0)
}

/// The list price of a product in a currency.
pub(super) fn list_price(product: &Product, code: &str) -> Decimal {
    product.entries.get(currency_at(code)).map_or(Decimal::ZERO, |entry| entry.1)
}
