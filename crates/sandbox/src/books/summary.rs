//! The truth about a book, told without either emulator.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::dirt::{self, Tally};
use super::{AccountStatus, Books, InvoiceStatus};

/// Counts and sums of a book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Active accounts.
    pub active_accounts: usize,
    /// Draft accounts.
    pub draft_accounts: usize,
    /// Cancelled accounts.
    pub canceled_accounts: usize,
    /// Accounts that a faultless sync brings into the ERP.
    pub arriving_accounts: usize,
    /// Products.
    pub products: usize,
    /// Rate plans of all products.
    pub plans: usize,
    /// Charges of all plans.
    pub charges: usize,
    /// Invoices not yet posted.
    pub draft_invoices: usize,
    /// Invoices withdrawn.
    pub canceled_invoices: usize,
    /// Posted invoices, on either side of the cut-over.
    pub posted_invoices: usize,
    /// Of these, those before the cut-over.
    pub posted_before_cutover: usize,
    /// Lines of all posted invoices.
    pub posted_lines: usize,
    /// Lines of posted invoices that bear a tax.
    pub posted_taxed_lines: usize,
    /// Posted invoices on or after the cut-over, by currency.
    pub posted: BTreeMap<String, Totals>,
    /// Of these, those that a sync selects: their account is not kept out of the sync.
    pub selected: BTreeMap<String, Totals>,
    /// Of these, those that arrive in the ERP when nothing fails: neither they nor their accounts are dirty.
    pub arriving: BTreeMap<String, Totals>,
    /// The dirt in the book.
    pub dirt: Tally,
}

/// Documents of one currency, by what they become in the ERP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Documents of zero or more: invoices in the ERP too.
    pub invoices: Sum,
    /// Documents below zero, with their sign: credit memos in the ERP.
    pub negative_invoices: Sum,
}

/// How many documents, and how much they come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// The number of documents.
    pub count: usize,
    /// Their sum, taxes included.
    pub amount: Decimal,
}

impl Totals {
    fn add(&mut self, amount: Decimal) {
        let sum = if amount < Decimal::ZERO { &mut self.negative_invoices } else { &mut self.invoices };
        sum.count += 1;
        sum.amount += amount;
    }
}

/// Counts and sums `books`.
pub fn summary(books: &Books) -> Summary {
    let mut summary = Summary { products: books.products.len(), dirt: Tally::of(books), ..Summary::default() };
    for plan in books.products.iter().flat_map(|product| &product.plans) {
        summary.plans += 1;
        summary.charges += plan.charges.len();
    }
    for (position, account) in books.accounts.iter().enumerate() {
        match account.status {
            AccountStatus::Active => summary.active_accounts += 1,
            AccountStatus::Draft => summary.draft_accounts += 1,
            AccountStatus::Canceled => summary.canceled_accounts += 1,
        }
        summary.arriving_accounts += usize::from(dirt::account_arrives(books, position));
    }
    add_invoices(&mut summary, books);
    summary
}

fn add_invoices(summary: &mut Summary, books: &Books) {
    for invoice in &books.invoices {
        match invoice.status {
            InvoiceStatus::Draft => summary.draft_invoices += 1,
            InvoiceStatus::Canceled => summary.canceled_invoices += 1,
            InvoiceStatus::Posted => {
                summary.posted_invoices += 1;
                summary.posted_lines += invoice.lines.len();
                summary.posted_taxed_lines += invoice.lines.iter().filter(|line| line.tax.is_some()).count();
                summary.posted_before_cutover += usize::from(!dirt::counts(books, invoice));
            }
        }
        let (amount, currency) = (invoice.amount(), &books.accounts[invoice.account].currency);
        let kinds = [
            (dirt::counts(books, invoice), &mut summary.posted),
            (dirt::to_be_synced(books, invoice), &mut summary.selected),
            (dirt::arrives(books, invoice), &mut summary.arriving),
        ];
        for (_, totals) in kinds.into_iter().filter(|(included, _)| *included) {
            totals.entry(currency.clone()).or_default().add(amount);
        }
    }
}
