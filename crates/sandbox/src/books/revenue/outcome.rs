//! What is to become of a record when nothing but the record stands in its way.

use std::collections::HashMap;

use super::{Books, Kind};

/// What becomes of a record in a run without faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It arrives, and both sides are equal.
    Arrives,
    /// It is selected, and refused, or found to differ: a warning.
    Refused,
    /// It is selected, and what it belongs to is not there.
    Waits,
    /// It is not selected.
    Passed,
}

impl Books {
    /// What is to become of each record of a type. An order waits for the contact who is billed, a subscription for its order,
    /// a memo for its invoice, and a payment application for both the invoice and the credit memo.
    pub fn outcomes(&self, kind: Kind) -> Vec<Outcome> {
        let mut outcomes = self.own_outcomes(kind);
        let mut wait_for = |parent: Kind, parent_of: &dyn Fn(usize) -> Option<usize>| {
            let parents = self.outcomes(parent);
            for (position, outcome) in outcomes.iter_mut().enumerate() {
                let is_there = parent_of(position).is_none_or(|parent| parents[parent] == Outcome::Arrives);
                if *outcome == Outcome::Arrives && !is_there {
                    *outcome = Outcome::Waits;
                }
            }
        };
        match kind {
            Kind::Invoice => {}
            Kind::Order => {
                for (order, outcome) in self.orders.iter().zip(&mut outcomes) {
                    if *outcome == Outcome::Arrives && !self.can_be_billed(order.customer) {
                        *outcome = Outcome::Waits;
                    }
                }
            }
            Kind::Subscription => wait_for(Kind::Order, &|at| Some(self.subscriptions[at].order)),
            Kind::CreditMemo => wait_for(Kind::Invoice, &|at| self.credit_memos[at].invoice),
            Kind::DebitMemo => wait_for(Kind::Invoice, &|at| self.debit_memos[at].invoice),
            Kind::Payment => {
                wait_for(Kind::Invoice, &|at| Some(self.payments[at].invoice));
                wait_for(Kind::CreditMemo, &|at| self.payments[at].credit_memo);
            }
        }
        outcomes
    }

    /// Whether Nue has the contact who is billed, or takes it: every contact there has an e-mail address.
    fn can_be_billed(&self, customer: usize) -> bool {
        let customer = &self.customers[customer];
        customer.in_nue || customer.contacts.first().is_none_or(|(_, contact)| !contact.email.is_empty())
    }

    /// How many records of a type there are, drafts and cancelled ones included.
    pub fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Order => self.orders.len(),
            Kind::Subscription => self.subscriptions.len(),
            Kind::Invoice => self.invoices.len(),
            Kind::CreditMemo => self.credit_memos.len(),
            Kind::DebitMemo => self.debit_memos.len(),
            Kind::Payment => self.payments.len(),
        }
    }

    /// The id of a record.
    pub fn id(&self, kind: Kind, position: usize) -> &str {
        match kind {
            Kind::Order => &self.orders[position].id,
            Kind::Subscription => &self.subscriptions[position].id,
            Kind::Invoice => &self.invoices[position].id,
            Kind::CreditMemo => &self.credit_memos[position].id,
            Kind::DebitMemo => &self.debit_memos[position].id,
            Kind::Payment => &self.payments[position].id,
        }
    }

    fn own_outcomes(&self, kind: Kind) -> Vec<Outcome> {
        let mut worst: HashMap<usize, Outcome> = HashMap::new();
        for stain in self.stains.iter().filter(|stain| stain.kind == kind) {
            let outcome = worst.entry(stain.position).or_insert(Outcome::Arrives);
            *outcome = stain.blemish.outcome(kind).max(*outcome);
        }
        (0..self.count(kind)).map(|position| worst.get(&position).copied().unwrap_or(Outcome::Arrives)).collect()
    }
}
