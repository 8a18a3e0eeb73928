use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use sandbox::books::revenue::{
    Blemish, Books, Category, DocumentStatus, Kind, Names, Options, Outcome, Stain, generate, rows, summary,
};
use sha2::{Digest, Sha256};

const TODAY: Date = date(2026, 11, 21);

fn books(seed: u64, records: usize) -> Books {
    generate(&Options::new(seed, records, TODAY))
}

fn hash(books: &Books) -> String {
    Sha256::digest(format!("{books:?}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many records are neither drafts nor cancelled.
fn current(books: &Books, kind: Kind) -> usize {
    let is_extra = |stain: &&Stain| stain.kind == kind && matches!(stain.blemish, Blemish::Draft | Blemish::Canceled);
    books.count(kind) - books.stains.iter().filter(is_extra).count()
}

#[test]
fn the_same_seed_gives_the_same_books_on_every_machine() {
    let first = books(42, 300);
    assert_eq!(hash(&first), hash(&books(42, 300)));
    assert_eq!(
        hash(&first),
        "93aeabb744af429b2f796246c9e2145ad10b5c86b10e9e56949f88a131aa1bb3",
        "the books of an old seed have changed"
    );
    assert_ne!(hash(&first), hash(&books(43, 300)));
}

#[test]
fn the_six_types_together_come_to_as_many_records_as_were_asked_for() {
    for records in [0, 1, 7, 60, 1000, 5000] {
        let books = books(3, records);
        let counts = Kind::ALL.map(|kind| current(&books, kind));
        assert_eq!(counts.iter().sum::<usize>(), records, "{counts:?}");
        assert!(records < 60 || counts.iter().all(|count| *count > 0), "{counts:?}");
    }
}

#[test]
fn ids_are_unique_and_tell_on_which_side_a_record_was_born() {
    let books = books(5, 3000);
    let mut seen = HashSet::new();
    for kind in Kind::ALL {
        for position in 0..books.count(kind) {
            let id = books.id(kind, position);
            let length = if matches!(kind, Kind::Order | Kind::Subscription) { 18 } else { 36 };
            assert_eq!(id.len(), length, "{kind:?} {id}");
            assert!(seen.insert(id.to_lowercase()), "{id} comes twice, or differs by its capitals only");
        }
    }
    for customer in &books.customers {
        assert_eq!(customer.id.len(), if customer.in_salesforce { 18 } else { 36 });
        assert!(seen.insert(customer.id.to_lowercase()));
    }
}

#[test]
fn subscriptions_are_the_recurring_lines_of_the_activated_orders() {
    let books = books(6, 2000);
    let recurring = |order: usize, line: usize| {
        books.products[books.orders[order].lines[line].product].category == Category::RecurringServices
    };
    let held: HashSet<(usize, usize)> = books.subscriptions.iter().map(|held| (held.order, held.line)).collect();
    assert_eq!(held.len(), books.subscriptions.len());
    for (at, order) in books.orders.iter().enumerate() {
        assert!(!order.lines.is_empty() && order.amount() > Decimal::ZERO && order.date <= order.end);
        for line in 0..order.lines.len() {
            assert_eq!(held.contains(&(at, line)), order.activated && recurring(at, line));
        }
    }
}

#[test]
fn what_is_applied_to_an_item_is_never_more_than_it_comes_to() {
    let books = books(8, 3000);
    let mut applied: HashMap<(usize, usize), Decimal> = HashMap::new();
    for payment in &books.payments {
        assert!(payment.amount() > Decimal::ZERO);
        assert_eq!(books.invoices[payment.invoice].status, DocumentStatus::Active);
        for part in &payment.items {
            *applied.entry((payment.invoice, part.item)).or_default() += part.amount;
        }
        if let Some(memo) = payment.credit_memo {
            assert_eq!(books.credit_memos[memo].invoice, Some(payment.invoice));
        }
    }
    for ((invoice, item), amount) in applied {
        let item = &books.invoices[invoice].items[item];
        assert!(amount <= item.amount + item.tax);
    }
    let by_memo = books.payments.iter().filter(|payment| payment.credit_memo.is_some()).count();
    assert!(by_memo > 0 && by_memo < books.payments.len());
}

#[test]
fn documents_stand_in_no_order_of_date_and_come_in_every_currency() {
    let books = books(9, 2000);
    assert!(!books.invoices.is_sorted_by_key(|invoice| invoice.date));
    assert!(books.invoices.iter().all(|invoice| invoice.date <= TODAY));
    let summary = summary(&books);
    for kind in Kind::ALL {
        let currencies: Vec<String> = summary.arriving(kind).into_keys().collect();
        assert_eq!(currencies, ["EUR", "GBP", "JPY", "USD"], "{kind:?}");
    }
    let invoices = summary.arriving(Kind::Invoice).values().map(|sum| sum.amount).sum::<Decimal>();
    let outcomes = books.outcomes(Kind::Invoice);
    let arriving = books.invoices.iter().zip(outcomes).filter(|(_, outcome)| *outcome == Outcome::Arrives);
    assert_eq!(invoices, arriving.map(|(invoice, _)| invoice.amount()).sum::<Decimal>());
}

/// Whether a record is odd in the way in which its stain says.
fn is_so(books: &Books, stain: &Stain) -> bool {
    let at = stain.position;
    let sells = |wanted: &dyn Fn(&sandbox::books::revenue::Product) -> bool| {
        books.orders[at].lines.iter().any(|line| wanted(&books.products[line.product]))
    };
    let document = match stain.kind {
        Kind::CreditMemo => books.credit_memos.get(at),
        Kind::DebitMemo => books.debit_memos.get(at),
        _ => books.invoices.get(at),
    };
    let is = |test: &dyn Fn(&sandbox::books::revenue::Document) -> bool| document.is_some_and(test);
    match (stain.kind, stain.blemish) {
        (Kind::Order, Blemish::MissingCustomer) => !books.customers[books.orders[at].customer].in_nue,
        (_, Blemish::MissingCustomer) => is(&|document| !books.customers[document.customer].in_salesforce),
        (_, Blemish::UnknownProduct) => sells(&|product| !product.in_nue),
        (_, Blemish::InactiveProduct) => sells(&|product| !product.active),
        (_, Blemish::OtherPrice) => books.orders[at]
            .lines
            .iter()
            .any(|line| books.products[line.product].entries.iter().all(|entry| entry.1 != line.unit_price)),
        (_, Blemish::LongDescription) => books.orders[at].description.chars().count() > 255,
        (_, Blemish::BlankName) => books.orders[at].name.is_empty(),
        (_, Blemish::Unicode) => books.orders[at].name.chars().any(|letter| letter.len_utf8() == 4),
        (_, Blemish::OtherQuantity) => {
            let held = &books.subscriptions[at];
            held.quantity != books.orders[held.order].lines[held.line].quantity
        }
        (_, Blemish::ThreeDecimals) => is(&|document| document.amount().normalize().scale() == 3),
        (_, Blemish::LongName) => is(&|document| document.name.chars().count() > 80),
        (_, Blemish::UpperCaseId) => is(&|document| document.id.to_uppercase() == document.id),
        (_, Blemish::ShortCustomerId) => is(&|document| {
            let id = &books.customers[document.customer].id;
            document.customer_spelt.as_deref() == Some(&id[..15])
        }),
        (_, Blemish::TwinName) => {
            let name = &books.customers[books.orders[at].customer].name;
            books.customers.iter().filter(|customer| customer.name == *name).count() > 1
        }
        (Kind::Order, Blemish::Draft) => !books.orders[at].activated,
        (_, Blemish::Draft) => is(&|document| document.status == DocumentStatus::Draft),
        (_, Blemish::Canceled) => is(&|document| document.status == DocumentStatus::Canceled),
    }
}

#[test]
fn every_oddity_is_there_is_what_it_says_and_no_record_has_two() {
    for (seed, records) in [(1, 200), (2, 200), (3, 3000)] {
        let books = books(seed, records);
        let wrong: Vec<&Stain> = books.stains.iter().filter(|stain| !is_so(&books, stain)).collect();
        assert_eq!(wrong, [] as [&Stain; 0]);
        let places: HashSet<_> = books.stains.iter().map(|stain| (stain.kind, stain.position)).collect();
        assert_eq!(places.len(), books.stains.len());
        let kinds: HashSet<_> = books.stains.iter().map(|stain| (stain.kind, stain.blemish)).collect();
        assert_eq!(kinds.len(), 21, "{kinds:?}");
    }
}

#[test]
fn what_belongs_to_a_record_that_does_not_arrive_waits() {
    let books = books(4, 3000);
    let orders = books.outcomes(Kind::Order);
    for (held, outcome) in books.subscriptions.iter().zip(books.outcomes(Kind::Subscription)) {
        assert!(orders[held.order] == Outcome::Arrives || outcome == Outcome::Waits);
    }
    let waiting = books.outcomes(Kind::Payment).into_iter().filter(|outcome| *outcome == Outcome::Waits).count();
    assert!(waiting > 0);
}

#[test]
fn without_dirt_everything_but_drafts_and_cancelled_ones_arrives() {
    let books = generate(&Options { dirt: 0, ..Options::new(2, 500, TODAY) });
    for kind in Kind::ALL {
        let outcomes: HashSet<Outcome> = books.outcomes(kind).into_iter().collect();
        assert!(outcomes.is_subset(&HashSet::from([Outcome::Arrives, Outcome::Passed])), "{kind:?}: {outcomes:?}");
    }
    assert!(books.customers.iter().all(|customer| customer.in_nue && customer.in_salesforce));
}

#[test]
fn rows_of_salesforce_stand_after_what_they_refer_to_and_leave_empty_fields_out() {
    let books = books(7, 1000);
    let names = Names { subscription_auto_renew: Some("Renews__c".to_owned()), ..Names::default() };
    let mut ids = HashSet::new();
    let mut counts = HashMap::new();
    for (object, rows) in rows(&books, &names) {
        counts.insert(object.clone(), rows.len());
        for row in rows {
            let id = row["Id"].as_str().unwrap().to_owned();
            for (field, value) in &row {
                assert!(!value.is_null() && value != "", "{object}.{field}");
                let refers = field.ends_with("Id") && field != "Id" || field == &names.subscription_account;
                if refers || field == &names.subscription_order_product {
                    assert!(ids.contains(value.as_str().unwrap()), "{object}.{field} {value}");
                }
            }
            assert!(ids.insert(id.clone()), "{object} {id}");
        }
    }
    let in_salesforce = books.customers.iter().filter(|customer| customer.in_salesforce).count();
    assert_eq!(counts["Account"], in_salesforce);
    assert_eq!(counts["Order"], books.orders.len());
    assert_eq!(counts["Ruby__Subscription__c"], books.subscriptions.len());
    assert_eq!(counts["PricebookEntry"], books.products.len() * 4);
}
