//! What books come to.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Books, Kind, Outcome};
use crate::books::summary::Sum;

/// Counts and sums, by type, by what is to become of the records, and by currency. Subscriptions have no amount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary(pub BTreeMap<(Kind, Outcome), BTreeMap<String, Sum>>);

impl Summary {
    /// How many records of a type have an outcome.
    pub fn count(&self, kind: Kind, outcome: Outcome) -> usize {
        self.0.get(&(kind, outcome)).map_or(0, |sums| sums.values().map(|sum| sum.count).sum())
    }

    /// The sums of a type that arrives, by currency.
    pub fn arriving(&self, kind: Kind) -> BTreeMap<String, Sum> {
        self.0.get(&(kind, Outcome::Arrives)).cloned().unwrap_or_default()
    }
}

/// Counts and sums books.
pub fn summary(books: &Books) -> Summary {
    let mut summary = Summary::default();
    for kind in Kind::ALL {
        for (position, outcome) in books.outcomes(kind).into_iter().enumerate() {
            let (customer, amount) = of_record(books, kind, position);
            let currency = books.customers[customer].currency.clone();
            let sum = summary.0.entry((kind, outcome)).or_default().entry(currency).or_default();
            sum.count += 1;
            sum.amount += amount;
        }
    }
    summary
}

/// A record's customer and amount.
fn of_record(books: &Books, kind: Kind, position: usize) -> (usize, Decimal) {
    let document = |documents: &[super::Document]| (documents[position].customer, documents[position].amount());
    match kind {
        Kind::Order => (books.orders[position].customer, books.orders[position].amount()),
        Kind::Subscription => (books.orders[books.subscriptions[position].order].customer, Decimal::ZERO),
        Kind::Invoice => document(&books.invoices),
        Kind::CreditMemo => document(&books.credit_memos),
        Kind::DebitMemo => document(&books.debit_memos),
        Kind::Payment => {
            let payment = &books.payments[position];
            (books.invoices[payment.invoice].customer, payment.amount())
        }
    }
}
