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
    /// What is to become of each record of a type.
    pub fn outcomes(&self, kind: Kind) -> Vec<Outcome> {
        let own = self.own_outcomes(kind);
        let wait_for = |parents: &[Outcome], parent_of: &dyn Fn(usize) -> usize| {
            let outcome = |(position, own): (usize, &Outcome)| match own {
                Outcome::Arrives if parents[parent_of(position)] != Outcome::Arrives => Outcome::Waits,
                own => *own,
            };
            own.iter().enumerate().map(outcome).collect()
        };
        match kind {
            Kind::Order | Kind::Invoice | Kind::CreditMemo | Kind::DebitMemo => own,
            Kind::Subscription => wait_for(&self.outcomes(Kind::Order), &|at| self.subscriptions[at].order),
            Kind::Payment => wait_for(&self.outcomes(Kind::Invoice), &|at| self.payments[at].invoice),
        }
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
            *outcome = stain.blemish.outcome().max(*outcome);
        }
        (0..self.count(kind)).map(|position| worst.get(&position).copied().unwrap_or(Outcome::Arrives)).collect()
    }
}
