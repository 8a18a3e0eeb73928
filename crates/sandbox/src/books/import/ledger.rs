//! Books in the making: rows come in, accounts, products and invoices arise.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::ToSpan;

use super::row::{CUSTOMER, Problem, Row};
use crate::books::{
    Account, AccountStatus, Books, Charge, ChargeAt, ChargeKind, Contact, Invoice, InvoiceStatus, Line, Plan, Product,
    Term, money,
};

/// The term that every account has: the data knows none.
const TERM: (&str, i64) = ("Net 30", 30);

/// Books, and what is needed to find a record in them again.
#[derive(Default)]
pub(super) struct Ledger {
    books: Books,
    accounts: HashMap<String, usize>,
    unidentified: HashMap<String, usize>,
    products: HashMap<String, usize>,
    invoices: HashMap<String, usize>,
}

impl Ledger {
    /// Enters a row: a line, and with it the account, product and invoice that are new.
    pub(super) fn enter(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let account = self.account(row);
        let product = self.product(row);
        let invoice = self.invoice(row, account);
        if invoice.account != account {
            let problem = format!("document {} is already another customer's", row.invoice);
            return Err((CUSTOMER, problem));
        }
        invoice.lines.push(Line {
            charge: ChargeAt { product, plan: 0, charge: 0 },
            quantity: row.quantity,
            unit_price: row.unit_price,
            amount: money::round(row.quantity * row.unit_price, 2),
            description: row.description.clone(),
            service_start: row.date,
            service_end: row.date,
            tax: None,
        });
        Ok(())
    }

    /// The finished books.
    pub(super) fn close(mut self) -> Books {
        self.books.currencies = vec!["GBP".to_owned()];
        self.books.terms = vec![Term { name: TERM.0.to_owned(), days: TERM.1 }];
        self.books
    }

    fn account(&mut self, row: &Row<'_>) -> usize {
        let (known, key) = match row.customer.as_str() {
            "" => (&mut self.unidentified, row.country),
            customer => (&mut self.accounts, customer),
        };
        if let Some(&position) = known.get(key) {
            return position;
        }
        known.insert(key.to_owned(), self.books.accounts.len());
        self.books.accounts.push(account(row));
        self.books.accounts.len() - 1
    }

    fn product(&mut self, row: &Row<'_>) -> usize {
        if let Some(&position) = self.products.get(row.stock_code) {
            let product = &mut self.books.products[position];
            if product.description.is_empty() && !row.description.is_empty() {
                rename(product, &row.description);
            }
            return position;
        }
        self.products.insert(row.stock_code.to_owned(), self.books.products.len());
        self.books.products.push(product(row));
        self.books.products.len() - 1
    }

    fn invoice(&mut self, row: &Row<'_>, account: usize) -> &mut Invoice {
        let next = self.books.invoices.len();
        let position = match self.invoices.entry(row.invoice.to_owned()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.books.invoices.push(Invoice {
                    number: row.invoice.to_owned(),
                    account,
                    date: row.date,
                    due: row.date.saturating_add(TERM.1.days()),
                    status: InvoiceStatus::Posted,
                    comments: String::new(),
                    lines: Vec::new(),
                });
                *new.insert(next)
            }
        };
        &mut self.books.invoices[position]
    }
}

fn account(row: &Row<'_>) -> Account {
    let (number, first_name, last_name) = match row.customer.as_str() {
        "" => (format!("UNIDENTIFIED {}", row.country), "Unidentified", format!("customer ({})", row.country)),
        customer => (customer.to_owned(), "Customer", customer.to_owned()),
    };
    let name = format!("{first_name} {last_name}");
    let contact = contact(first_name, last_name, row.country);
    Account {
        number,
        name,
        currency: "GBP".to_owned(),
        term: TERM.0.to_owned(),
        parent: None,
        status: AccountStatus::Active,
        sync_to_erp: None,
        company: true,
        bill_to: contact.clone(),
        sold_to: contact,
    }
}

/// A contact with the country only. The billing system knows the countries of ISO 3166 and refuses other names; what
/// the data calls a country and is none stands in the first line of the address.
fn contact(first_name: &str, last_name: String, country: &str) -> Contact {
    let (country, address1) = match country {
        "EIRE" => ("Ireland", ""),
        "USA" => ("United States", ""),
        "RSA" => ("South Africa", ""),
        "Channel Islands" | "European Community" | "Unspecified" => ("", country),
        known => (known, ""),
    };
    Contact {
        first_name: first_name.to_owned(),
        last_name,
        address1: address1.to_owned(),
        country: country.to_owned(),
        ..Contact::default()
    }
}

fn product(row: &Row<'_>) -> Product {
    let charge = Charge { name: String::new(), kind: ChargeKind::OneTime, price: row.unit_price };
    let plan = Plan { name: "Standard".to_owned(), charges: vec![charge] };
    let mut product =
        Product { name: String::new(), sku: row.stock_code.to_owned(), description: String::new(), plans: vec![plan] };
    rename(&mut product, if row.description.is_empty() { row.stock_code } else { &row.description });
    product.description.clone_from(&row.description);
    product
}

/// Names a product and its only charge.
fn rename(product: &mut Product, name: &str) {
    product.name = name.to_owned();
    product.description = name.to_owned();
    for charge in product.plans.iter_mut().flat_map(|plan| &mut plan.charges) {
        charge.name = name.to_owned();
    }
}
