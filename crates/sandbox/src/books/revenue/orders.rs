//! Orders and the subscriptions that came of them.

use jiff::ToSpan;
use rust_decimal::Decimal;

use super::generate::Shares;
use super::ids::salesforce_id;
use super::masters::list_price;
use super::{Blemish, Books, Category, Kind, Options, Order, OrderLine, Product, Stain, Subscription};
use crate::books::dice::Dice;
use crate::books::dirt;
use crate::books::generate::heads::between;

/// How far back records reach, in days.
pub(super) const DAYS: i64 = 180;

/// The most lines of an order that become subscriptions.
const MOST_RECURRING: usize = 3;

const NAMES: [&str; 5] = ["New business", "Expansion", "Renewal & upsell", "Pilot → rollout", "Filiale Süd"];

/// Adds the orders, drafts last, and their subscriptions.
pub(super) fn generate(dice: &mut Dice, options: &Options, shares: Shares, books: &mut Books) {
    let drafts = shares.orders.div_ceil(50);
    let mut left = shares.subscriptions;
    for position in 0..shares.orders + drafts {
        let rest = (shares.orders + drafts).saturating_sub(position + drafts + 1);
        let activated = position < shares.orders;
        let drawn = [1, 1, 1, 1, 2, 3][dice.index(6)];
        // What the later orders cannot take falls on this one.
        let recurring = if activated { drawn.clamp(left.saturating_sub(MOST_RECURRING * rest), left) } else { drawn };
        left -= if activated { recurring } else { 0 };
        let order = order(dice, options, books, position, recurring, activated);
        if activated {
            subscribe(dice, books, &order);
        } else {
            books.stains.push(Stain { blemish: Blemish::Draft, kind: Kind::Order, position });
        }
        books.orders.push(order);
    }
    let mut places: Vec<usize> = (0..shares.orders).collect();
    dice.shuffle(&mut places);
    for place in places.into_iter().take(dirt::share(options.in_nue, shares.orders)) {
        books.orders[place].in_nue = true;
    }
}

fn order(
    dice: &mut Dice,
    options: &Options,
    books: &Books,
    position: usize,
    recurring: usize,
    activated: bool,
) -> Order {
    let customer = both_have(dice, books);
    let date = between(dice, options.today.saturating_sub(DAYS.days()), options.today);
    let term = [1, 12, 12, 12, 24, 36][dice.index(6)];
    // An order of nothing is none.
    let others = if dice.chance(1, 4) || recurring == 0 { 1 } else { 0 };
    let currency = &books.customers[customer].currency;
    let line = |dice: &mut Dice, place: usize| {
        let wanted = |product: &Product| (product.category == Category::RecurringServices) == (place < recurring);
        let product = sold(dice, books, wanted);
        OrderLine {
            id: salesforce_id("802", (position * (MOST_RECURRING + 1) + place) as u64),
            product,
            quantity: Decimal::from(1 + dice.below(25)),
            unit_price: list_price(&books.products[product], currency),
        }
    };
    Order {
        id: salesforce_id("801", position as u64),
        number: format!("{:08}", 100 + position),
        name: format!("{} {}", dice.pick(&NAMES), position + 1),
        description: if dice.chance(1, 5) {
            "Agreed by phone <see file>, \"urgent\"".to_owned()
        } else {
            String::new()
        },
        customer,
        activated,
        in_nue: false,
        date,
        term,
        end: date.saturating_add(term.months()).saturating_sub(1.day()),
        purchase_order: if dice.chance(1, 3) { format!("PO {}/B", 4000 + dice.below(900)) } else { String::new() },
        lines: (0..recurring + others).map(|place| line(dice, place)).collect(),
    }
}

fn subscribe(dice: &mut Dice, books: &mut Books, order: &Order) {
    for (line, sold) in order.lines.iter().enumerate() {
        if books.products[sold.product].category == Category::RecurringServices {
            let number = books.subscriptions.len();
            books.subscriptions.push(Subscription {
                id: salesforce_id("a48", number as u64),
                name: format!("SUB-{:08}", number + 1),
                order: books.orders.len(),
                line,
                quantity: sold.quantity,
                auto_renew: dice.chance(1, 2),
            });
        }
    }
}

/// A customer whom both sides have.
pub(super) fn both_have(dice: &mut Dice, books: &Books) -> usize {
    let odd = books.customers.iter().rev().take_while(|customer| !customer.in_nue || !customer.in_salesforce).count();
    dice.index(books.customers.len() - odd)
}

/// A product of some kind that both sides have and that may be sold.
pub(super) fn sold(dice: &mut Dice, books: &Books, wanted: impl Fn(&Product) -> bool) -> usize {
    let fits = |product: &Product| product.active && product.in_nue && wanted(product);
    let places: Vec<usize> = (0..books.products.len()).filter(|&place| fits(&books.products[place])).collect();
    if places.is_empty() { 0 } else { *dice.pick(&places) }
}
