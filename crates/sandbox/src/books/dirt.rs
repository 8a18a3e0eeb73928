//! Dirt: records that cannot be synced, and the count of them.

use super::{Account, AccountStatus, Books, Invoice, InvoiceStatus};

/// How many characters the ERP takes for a customer's name.
pub const ERP_NAME_LIMIT: usize = 83;

/// The dial: how much of each kind of dirt [`super::generate::generate`] plants.
///
/// Each number is per mille, rounded up: a dial above zero plants at least one. Dirty accounts come on top of the
/// customers that own the invoices, and own none but orphans. The kinds never meet on one record,
/// and dirt on invoices falls only on posted ones on or after the cut-over, so every planted record is one that a sync
/// has to face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dirt {
    /// Accounts with a payment term that the ERP does not know, per mille of the customers.
    pub unknown_terms: u32,
    /// Accounts whose name is longer than [`ERP_NAME_LIMIT`], per mille of the customers.
    pub long_names: u32,
    /// Accounts in a currency that the ERP does not know, per mille of the customers.
    pub unknown_currencies: u32,
    /// Invoices with one line that bears a tax code unknown to the ERP, per mille of the posted invoices.
    pub unknown_taxes: u32,
    /// Invoices on an account that cannot arrive in the ERP, per mille of the posted invoices.
    pub orphans: u32,
}

impl Dirt {
    /// Clean books.
    pub fn none() -> Dirt {
        Dirt { unknown_terms: 0, long_names: 0, unknown_currencies: 0, unknown_taxes: 0, orphans: 0 }
    }
}

impl Default for Dirt {
    /// A little of each kind.
    fn default() -> Dirt {
        Dirt { unknown_terms: 4, long_names: 4, unknown_currencies: 2, unknown_taxes: 4, orphans: 6 }
    }
}

/// How many records of `of` a dial of `per_mille` spoils.
pub(super) fn share(per_mille: u32, of: usize) -> usize {
    usize::try_from((u128::from(per_mille) * of as u128).div_ceil(1000)).unwrap_or(of).min(of)
}

/// The dirt that books hold, counted from the books themselves: it is right for imported ones too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accounts with a payment term that the ERP does not know.
    pub accounts_with_unknown_term: usize,
    /// Accounts whose name is longer than [`ERP_NAME_LIMIT`].
    pub accounts_with_long_name: usize,
    /// Accounts in a currency that the ERP does not know.
    pub accounts_with_unknown_currency: usize,
    /// Lines of invoices that are to be synced, with a tax code unknown to the ERP.
    pub lines_with_unknown_tax: usize,
    /// Invoices that are to be synced, with such a line.
    pub invoices_with_unknown_tax: usize,
    /// Invoices that are to be synced, on an account that cannot arrive in the ERP.
    pub orphaned_invoices: usize,
}

impl Tally {
    /// Counts the dirt in `books`.
    pub fn of(books: &Books) -> Tally {
        let mut tally = Tally::default();
        for account in &books.accounts {
            tally.accounts_with_unknown_term += usize::from(has_unknown_term(books, account));
            tally.accounts_with_long_name += usize::from(has_long_name(account));
            tally.accounts_with_unknown_currency += usize::from(has_unknown_currency(books, account));
        }
        for invoice in books.invoices.iter().filter(|invoice| to_be_synced(books, invoice)) {
            let lines = lines_with_unknown_tax(books, invoice);
            tally.lines_with_unknown_tax += lines;
            tally.invoices_with_unknown_tax += usize::from(lines > 0);
            tally.orphaned_invoices += usize::from(!account_arrives(books, invoice.account));
        }
        tally
    }
}

/// Whether a sync selects the invoice: posted, not before the cut-over, on an account that is not kept out of the sync.
pub fn to_be_synced(books: &Books, invoice: &Invoice) -> bool {
    counts(books, invoice) && books.accounts[invoice.account].sync_to_erp != Some(false)
}

/// Whether a faultless sync brings the invoice into the ERP: it is selected, and neither it nor its account is dirty.
pub fn arrives(books: &Books, invoice: &Invoice) -> bool {
    to_be_synced(books, invoice)
        && account_arrives(books, invoice.account)
        && lines_with_unknown_tax(books, invoice) == 0
}

/// Whether a faultless sync brings an account into the ERP: it and all above it are active, selected and clean.
pub fn account_arrives(books: &Books, position: usize) -> bool {
    let account = &books.accounts[position];
    account.status == AccountStatus::Active
        && account.sync_to_erp != Some(false)
        && !has_unknown_term(books, account)
        && !has_long_name(account)
        && !has_unknown_currency(books, account)
        && account.parent.is_none_or(|parent| account_arrives(books, parent))
}

/// Whether the invoice is posted and not dated before the cut-over.
pub(super) fn counts(books: &Books, invoice: &Invoice) -> bool {
    invoice.status == InvoiceStatus::Posted && books.cutover.is_none_or(|cutover| invoice.date >= cutover)
}

fn has_unknown_term(books: &Books, account: &Account) -> bool {
    books.terms.iter().all(|term| term.name != account.term)
}

fn has_long_name(account: &Account) -> bool {
    account.name.chars().count() > ERP_NAME_LIMIT
}

fn has_unknown_currency(books: &Books, account: &Account) -> bool {
    books.foreign_currencies.contains(&account.currency)
}

fn lines_with_unknown_tax(books: &Books, invoice: &Invoice) -> usize {
    let taxes = invoice.lines.iter().filter_map(|line| line.tax.as_ref());
    taxes.filter(|tax| !books.taxes[tax.tax].known_to_erp).count()
}
