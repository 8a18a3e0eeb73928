//! Payment applications.

use std::collections::HashSet;

use jiff::ToSpan;
use rust_decimal::Decimal;

use super::generate::Shares;
use super::ids::uuid;
use super::{Books, Document, Options, Payment, PaymentItem};
use crate::books::dice::Dice;
use crate::books::generate::currency;
use crate::books::money;

/// Adds the payment applications: two of three credit memos are applied, the others are money. No invoice has two.
pub(super) fn generate(dice: &mut Dice, options: &Options, shares: Shares, books: &mut Books) {
    let applied = (books.credit_memos.len() * 2 / 3).min(shares.payments);
    let corrected: HashSet<usize> = books.credit_memos.iter().filter_map(|memo| memo.invoice).collect();
    let mut open: Vec<usize> = (0..shares.invoices).filter(|invoice| !corrected.contains(invoice)).collect();
    dice.shuffle(&mut open);
    let memos = (0..applied).map(|memo| (books.credit_memos[memo].invoice.unwrap_or(0), Some(memo)));
    let money = open.into_iter().map(|invoice| (invoice, None));
    let targets: Vec<_> = memos.chain(money).take(shares.payments).collect();
    for (position, (invoice, credit_memo)) in targets.into_iter().enumerate() {
        let paid = &books.invoices[invoice];
        let amount = match credit_memo {
            Some(memo) => books.credit_memos[memo].amount(),
            None if dice.chance(7, 10) => paid.amount(),
            None => {
                let decimals = currency(&books.customers[paid.customer].currency).decimals;
                money::round(paid.amount() / Decimal::from(2 + dice.below(3)), decimals)
            }
        };
        let days = i64::try_from(dice.below(30)).unwrap_or(0);
        let items = spread(dice, paid, amount);
        books.payments.push(Payment {
            id: uuid(dice),
            name: format!("PA-{:08}", position + 1),
            invoice,
            credit_memo,
            date: paid.date.saturating_add(days.days()).min(options.today),
            items,
        });
    }
}

/// Sets an amount against the items of an invoice, the smallest first, each up to what it comes to: so the vendor does.
fn spread(dice: &mut Dice, invoice: &Document, mut amount: Decimal) -> Vec<PaymentItem> {
    let mut places: Vec<usize> = (0..invoice.items.len()).collect();
    let whole = |place: &usize| invoice.items[*place].amount + invoice.items[*place].tax;
    places.sort_by_key(whole);
    let mut items = Vec::new();
    for place in places {
        let part = whole(&place).min(amount);
        if part > Decimal::ZERO {
            amount -= part;
            items.push(PaymentItem { id: uuid(dice), item: place, amount: part });
        }
    }
    items
}
