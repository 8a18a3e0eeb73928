//! The source's books at the beginning: customers with parents, documents, and a few records that must not come through.

use std::collections::BTreeMap;

use model::Decimal;
use model::value::{Record, SmolStr, Value};

use super::books::Books;
use super::circumstances::Circumstances;
use super::dice::Dice;
use super::flows::CURRENCIES;

/// Books as the seed has them.
pub(crate) fn books(circumstances: &Circumstances, dice: &mut Dice) -> Books {
    let mut books = Books { keyed: circumstances.keyed, ..Books::default() };
    let accounts: Vec<SmolStr> = (0..circumstances.accounts).map(|place| id(circumstances, "a", place)).collect();
    let mut records = BTreeMap::new();
    for (place, id) in accounts.iter().enumerate() {
        let mut record = head(dice, id, "A", place);
        record.set("Name", Value::text(format!("Customer {place}")));
        if place > 0 && dice.chance(300) {
            record.set("ParentId", Value::text(accounts[dice.index(place)].clone()));
        }
        spoil(&mut books, dice, ("Account", id), &mut record);
        records.insert(id.clone(), record);
    }
    books.source.insert("Account", records);
    documents(circumstances, dice, &accounts, &mut books);
    books
}

fn documents(circumstances: &Circumstances, dice: &mut Dice, accounts: &[SmolStr], books: &mut Books) {
    let (mut invoices, mut memos, mut items) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for place in 0..circumstances.invoices {
        let id = id(circumstances, "d", place);
        let mut record = document(dice, &id, "I", place, accounts);
        let lines: Vec<Decimal> = (0..dice.size(1, 3)).map(|_| cents(dice)).collect();
        record.set("Amount", Value::Number(lines.iter().sum()));
        if dice.chance(500) {
            record.set("Transferred", Value::text("No"));
        }
        for (line, amount) in lines.into_iter().enumerate() {
            let mut item = Record::default();
            let line = SmolStr::from(format!("{id}-{line}"));
            item.set("Id", Value::text(line.clone()));
            item.set("InvoiceId", Value::text(id.clone()));
            item.set("Amount", Value::Number(amount));
            items.insert(line, item);
        }
        spoil(books, dice, ("Invoice", &id), &mut record);
        invoices.insert(id, record);
    }
    for place in 0..circumstances.memos {
        let id = id(circumstances, if circumstances.twins { "d" } else { "m" }, place);
        let mut record = document(dice, &id, "M", place, accounts);
        record.set("Amount", Value::Number(cents(dice)));
        spoil(books, dice, ("CreditMemo", &id), &mut record);
        memos.insert(id, record);
    }
    books.source.extend([("Invoice", invoices), ("CreditMemo", memos), ("InvoiceItem", items)]);
}

/// Twins differ in case only, as the ids of Salesforce do.
fn id(circumstances: &Circumstances, letter: &str, place: usize) -> SmolStr {
    let pair = place / 2;
    SmolStr::from(match (circumstances.twins, place % 2) {
        (false, _) => format!("{letter}{place:02}"),
        (true, 0) => format!("{letter}{pair:02}xY"),
        (true, _) => format!("{letter}{pair:02}Xy"),
    })
}

fn head(dice: &mut Dice, id: &str, letter: &str, place: usize) -> Record {
    let mut record = Record::default();
    record.set("Id", Value::text(id));
    record.set("Number", Value::text(format!("{letter}-{place:03}")));
    record.set("Currency", Value::text(CURRENCIES[dice.index(CURRENCIES.len())].0));
    record.set("Status", Value::text("Active"));
    record
}

fn document(dice: &mut Dice, id: &str, letter: &str, place: usize, accounts: &[SmolStr]) -> Record {
    let mut record = head(dice, id, letter, place);
    record.set("Status", Value::text("Posted"));
    record.set("AccountId", Value::text(accounts[dice.index(accounts.len())].clone()));
    record.set("Date", Value::text(format!("2026-11-{:02}", dice.between(1, 28))));
    record
}

fn cents(dice: &mut Dice) -> Decimal {
    Decimal::new(i64::try_from(dice.between(1, 1_000_000)).unwrap_or(1), 2)
}

/// A few records are taken out of consideration, cannot be sent as they are, or are never taken.
fn spoil(books: &mut Books, dice: &mut Dice, origin: (&'static str, &str), record: &mut Record) {
    match dice.below(40) {
        0 => record.set("IntegrationStatus", Value::text("Ignore")),
        1 => record.set("Number", Value::Null),
        2 => drop(books.unwelcome.insert((origin.0, origin.1.into()))),
        _ => {}
    }
}
