//! What accounts must have subscribed to for the books to hold their invoices.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{BEGINNING, Draft, Loader, charge_of, moment};
use crate::books::{ChargeKind, Line};
use crate::zuora::ids::Id;
use crate::zuora::schema::Entity;
use crate::zuora::value::Cell;

/// The subscriptions that were made, and what is in them so far.
#[derive(Default)]
pub(super) struct Subscribed {
    /// For each account its subscription, if it has invoices.
    subscriptions: Vec<Option<Id>>,
    /// Rate plan charges by subscription and product rate plan charge.
    charges: HashMap<(Id, Id), Id>,
}

impl Loader<'_> {
    /// One subscription for each account that has invoices, from the first day for which it pays.
    pub(super) fn subscriptions(&mut self) {
        let mut starts: Vec<Option<Date>> = vec![None; self.books.accounts.len()];
        for invoice in &self.books.invoices {
            let days = invoice.lines.iter().map(|line| line.service_start).chain([invoice.date]);
            starts[invoice.account] = days.chain(starts[invoice.account]).min();
        }
        for (account, start) in starts.into_iter().enumerate() {
            let subscription = start.map(|start| self.subscription(account, start));
            self.subscribed.subscriptions.push(subscription);
        }
    }

    fn subscription(&mut self, account: usize, start: Date) -> Id {
        let account_id = self.store.ids.make(Entity::Account, u32::try_from(account).unwrap_or(u32::MAX));
        let number = self.store.table(Entity::Subscription).len() + 1;
        let mut draft = Draft::new(Entity::Subscription);
        draft.set("AccountId", Cell::Ref(account_id));
        Self::unique(&mut draft, "Name", &format!("A-S{number:08}"));
        self.text(&mut draft, "Status", "Active");
        self.text(&mut draft, "TermType", "EVERGREEN");
        draft.set("ContractEffectiveDate", Cell::Date(start));
        self.insert(draft, moment(BEGINNING, account))
    }

    /// The subscription of an account, and its charge for a line; the charge and its plan are made when they are
    /// first billed.
    pub(super) fn subscribe(&mut self, account: usize, line: &Line) -> Option<(Id, Id)> {
        let subscription = (*self.subscribed.subscriptions.get(account)?)?;
        let (product, plan, charge) = (line.charge.product, line.charge.plan, line.charge.charge);
        let key = (subscription, self.charges[product][plan][charge]);
        if let Some(id) = self.subscribed.charges.get(&key) {
            return Some((subscription, *id));
        }
        let made = moment(BEGINNING, account);
        let mut draft = Draft::new(Entity::RatePlanCharge);
        draft.set("RatePlanId", self.rate_plan(subscription, line, made)?);
        draft.set("ProductRatePlanChargeId", Cell::Ref(key.1));
        // Flat fees are not counted, and use is counted when it happens.
        if charge_of(self.books, line).kind == ChargeKind::Recurring {
            draft.number("Quantity", line.quantity.abs());
        }
        let id = self.insert(draft, made);
        self.subscribed.charges.insert(key, id);
        Some((subscription, id))
    }

    /// The rate plan of a subscription that a line's charge belongs to: that of the plan's other charges, or a new one.
    fn rate_plan(&mut self, subscription: Id, line: &Line, made: i64) -> Option<Cell> {
        let siblings = &self.charges[line.charge.product][line.charge.plan];
        let billed = siblings.iter().find_map(|charge| self.subscribed.charges.get(&(subscription, *charge)));
        if let Some((entity, row)) = billed.and_then(|id| self.store.find(*id)) {
            return self.store.named(entity, row, "RatePlanId");
        }
        let (entity, row) = self.store.find(siblings[line.charge.charge])?;
        let product_plan = self.store.named(entity, row, "ProductRatePlanId")?;
        let mut draft = Draft::new(Entity::RatePlan);
        draft.set("SubscriptionId", Cell::Ref(subscription));
        draft.set("ProductRatePlanId", product_plan);
        Some(Cell::Ref(self.insert(draft, made)))
    }
}
