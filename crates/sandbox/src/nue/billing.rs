//! Invoices and memos as the vendor makes them: drafts that grow, become active and are then immutable.

use jiff::ToSpan;
use rust_decimal::Decimal;

use super::Nue;
use super::fail::Refusal;
use super::orders::today;
use super::schema::Object;
use super::store::Store;
use super::value::Cell;

/// The days after which an invoice is due.
const DAYS_TO_PAY: i64 = 30;

/// The item object of a document object, its reference, and the names of its numbers.
pub(crate) fn item_of(object: Object) -> (Object, &'static str, &'static str, &'static str) {
    match object {
        Object::CreditMemo => (Object::CreditMemoItem, "creditMemoId", "creditMemoItemNumber", "creditMemoNumber"),
        Object::DebitMemo => (Object::DebitMemoItem, "debitMemoId", "debitMemoItemNumber", "debitMemoNumber"),
        _ => (Object::InvoiceItem, "invoiceId", "invoiceItemNumber", "invoiceNumber"),
    }
}

/// The field of a document's date.
pub(crate) fn date_of(object: Object) -> &'static str {
    match object {
        Object::CreditMemo => "creditMemoDate",
        Object::DebitMemo => "debitMemoDate",
        _ => "invoiceDate",
    }
}

/// Bills an order. A customer has one draft invoice at most: what is billed joins it.
pub(crate) fn bill(nue: &Nue, store: &mut Store, order: u32) -> u32 {
    let now = nue.clock.now();
    let customer = store.text(Object::Order, order, "customerId");
    let is_draft = |row: &u32| store.text(Object::Invoice, *row, "status") == "Draft";
    let draft = store.children(Object::Invoice, "customerId", &customer).into_iter().find(is_draft);
    let invoice = draft.unwrap_or_else(|| open(nue, store, order, &customer));
    let (id, name) = (store.id(Object::Invoice, invoice), store.text(Object::Invoice, invoice, "name"));
    for line in store.children(Object::OrderProduct, "orderId", &store.id(Object::Order, order)) {
        let amount = store.get(Object::OrderProduct, line, "totalPrice");
        let number = store.fresh_number(Object::InvoiceItem, "II");
        let cells = vec![
            ("invoiceItemNumber", Some(Cell::text(&number))),
            ("invoiceId", Some(Cell::text(&id))),
            ("invoiceNumber", Some(Cell::text(&name))),
            ("productId", store.get(Object::OrderProduct, line, "productId")),
            ("transactionDate", Some(Cell::Day(today(nue)))),
            ("transactionQuantity", store.get(Object::OrderProduct, line, "quantity")),
            ("transactionAmount", amount.clone()),
            ("taxAmount", Some(Cell::Number(Decimal::ZERO))),
            ("balance", amount),
        ];
        store.make(Object::InvoiceItem, &nue.random_uuid(), cells, now);
    }
    add_up(nue, store, Object::Invoice, invoice);
    invoice
}

fn open(nue: &Nue, store: &mut Store, order: u32, customer: &str) -> u32 {
    let name = store.fresh_number(Object::Invoice, "INV");
    let day = today(nue);
    let cells = vec![
        ("name", Some(Cell::text(&name))),
        ("status", Some(Cell::text("Draft"))),
        ("paymentStatus", Some(Cell::text("Open"))),
        ("source", Some(Cell::text("Billing"))),
        ("customerId", Some(Cell::text(customer))),
        ("orderId", Some(Cell::text(&store.id(Object::Order, order)))),
        ("currencyIsoCode", store.get(Object::Order, order, "currencyIsoCode")),
        ("billToContactId", store.get(Object::Order, order, "billToContactId")),
        ("invoiceDate", Some(Cell::Day(day))),
        ("dueDate", Some(Cell::Day(day.saturating_add(DAYS_TO_PAY.days())))),
        ("targetDate", Some(Cell::Day(day))),
    ];
    store.make(Object::Invoice, &nue.random_uuid(), cells, nue.clock.now())
}

/// The rows of a document's items.
pub(crate) fn items(store: &Store, object: Object, row: u32) -> Vec<u32> {
    let (child, reference, ..) = item_of(object);
    store.children(child, reference, &store.id(object, row))
}

/// Sets the amounts of a document to the sums of its items.
pub(crate) fn add_up(nue: &Nue, store: &mut Store, object: Object, row: u32) {
    let (child, ..) = item_of(object);
    let sum = |name: &str| -> Decimal {
        items(store, object, row).into_iter().map(|item| store.number(child, item, name)).sum()
    };
    let (net, tax, balance) = (sum("transactionAmount"), sum("taxAmount"), sum("balance"));
    let amounts = vec![
        ("amount", Some(Cell::Number(net + tax))),
        ("amountWithoutTax", Some(Cell::Number(net))),
        ("taxAmount", Some(Cell::Number(tax))),
        ("balance", Some(Cell::Number(balance))),
    ];
    store.put(object, row, amounts, nue.clock.now());
}

/// Makes a draft active.
pub(crate) fn set_active(nue: &Nue, store: &mut Store, object: Object, row: u32) {
    let now = nue.clock.now();
    let changes = vec![("status", Some(Cell::text("Active"))), ("activatedTime", Some(Cell::Moment(now)))];
    store.put(object, row, changes, now);
}

/// Cancels a document: an active one that is the customer's latest and not paid, or a draft.
pub(crate) fn cancel(nue: &Nue, store: &mut Store, object: Object, row: u32) -> Result<(), Refusal> {
    let text = |row: u32, name: &str| store.text(object, row, name);
    let name = text(row, "name");
    if text(row, "status") == "Canceled" {
        return Err(Refusal::conflict(format!("{name} is canceled")));
    }
    if ["Paid", "PartiallyPaid", "Applied", "PartiallyApplied"].contains(&text(row, "paymentStatus").as_str()) {
        return Err(Refusal::conflict(format!("{name} is {}", text(row, "paymentStatus"))));
    }
    let date = |row: u32| match store.get(object, row, date_of(object)) {
        Some(Cell::Day(day)) => Some(day),
        _ => None,
    };
    let is_later = |other: &u32| text(*other, "status") == "Active" && (date(*other), *other) > (date(row), row);
    let later = store.children(object, "customerId", &text(row, "customerId")).into_iter().find(is_later);
    if let Some(later) = later {
        return Err(Refusal::conflict(format!("{name} is not the latest of its customer: {} is", text(later, "name"))));
    }
    let changes = vec![
        ("status", Some(Cell::text("Canceled"))),
        ("paymentStatus", Some(Cell::text("Canceled"))),
        ("cancellationDate", Some(Cell::Day(today(nue)))),
    ];
    store.put(object, row, changes, nue.clock.now());
    Ok(())
}
