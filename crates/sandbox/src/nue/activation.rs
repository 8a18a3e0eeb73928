//! What the activation of an order makes: subscriptions, assets, entitlements, changes of subscriptions, an invoice.

use axum::response::Response;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::Nue;
use super::call::Call;
use super::fail::Refusal;
use super::orders::{shown, today};
use super::reply;
use super::schema::Object;
use super::store::Store;
use super::value::Cell;
use super::{billing, changes};

/// `POST /orders/{id}`.
pub(crate) fn activate(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.json().unwrap_or_default();
    let option = |name: &str| body["options"][name] == Value::Bool(true);
    let (mut store, settings, key) = (nue.write(call), nue.settings(), call.path("id"));
    let order = store.by_key(Object::Order, key).ok_or_else(|| Refusal::not_found("Order", key))?;
    let status = store.text(Object::Order, order, "status");
    if status != "Draft" {
        return Err(Refusal::conflict(format!("The order is {status}; only a draft can be activated")));
    }
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let (id, now) = (store.id(Object::Order, order), nue.clock.now());
    let stamps = vec![
        ("status", Some(Cell::text("Activated"))),
        ("activatedDate", Some(Cell::Moment(now))),
        ("orderPlacedDate", Some(Cell::Day(today(nue)))),
    ];
    store.put(Object::Order, order, stamps, now);
    for line in store.children(Object::OrderProduct, "orderId", &id) {
        if store.get(Object::OrderProduct, line, "changeType").is_some() {
            changes::carry_out(&mut store, line, now);
        } else {
            deliver(nue, &mut store, order, line);
        }
    }
    if option("generateInvoice") {
        let invoice = billing::bill(nue, &mut store, order);
        if option("activateInvoice") {
            billing::set_active(nue, &mut store, Object::Invoice, invoice);
        }
    }
    Ok(reply::envelope(shown(&store, &settings, order)))
}

/// Makes what an order product brings its customer.
pub(crate) fn deliver(nue: &Nue, store: &mut Store, order: u32, line: u32) -> u32 {
    let product = store.by_id(Object::Product, &store.text(Object::OrderProduct, line, "productId"));
    let text = |name: &str| product.map(|row| store.text(Object::Product, row, name)).unwrap_or_default();
    match text("productCategory").as_str() {
        "PhysicalGoods" => asset(nue, store, order, line),
        "ProfessionalServices" | "CustomerSupport" => {
            let (name, category) = (text("name"), text("productCategory"));
            entitlement(nue, store, order, line, &name, &category)
        }
        _ => subscription(nue, store, order, line),
    }
}

/// Fields that whatever is delivered takes from the order and its line.
fn common(store: &Store, order: u32, line: u32) -> Vec<(&'static str, Option<Cell>)> {
    vec![
        ("customerId", store.get(Object::Order, order, "customerId")),
        ("orderId", Some(Cell::text(&store.id(Object::Order, order)))),
        ("orderProductId", Some(Cell::text(&store.id(Object::OrderProduct, line)))),
        ("productId", store.get(Object::OrderProduct, line, "productId")),
        ("quantity", store.get(Object::OrderProduct, line, "quantity")),
        ("status", Some(Cell::text("Active"))),
    ]
}

/// The first and the last day of an order product.
fn term(store: &Store, order: u32, line: u32) -> (Option<Cell>, Option<Cell>) {
    let start = store
        .get(Object::OrderProduct, line, "subscriptionStartDate")
        .or_else(|| store.get(Object::Order, order, "subscriptionStartDate"))
        .or_else(|| store.get(Object::Order, order, "effectiveDate"));
    let months = store.number(Object::OrderProduct, line, "subscriptionTerm");
    let end = store.get(Object::OrderProduct, line, "subscriptionEndDate").or_else(|| match start {
        Some(Cell::Day(start)) if !months.is_zero() => Some(Cell::Day(last_day(start, months))),
        _ => None,
    });
    (start, end)
}

/// The last day of a term of so many months.
pub(crate) fn last_day(start: Date, months: Decimal) -> Date {
    let term = Span::new().try_months(months.to_i64().unwrap_or(0)).unwrap_or_default();
    start.saturating_add(term).saturating_sub(1.day())
}

fn subscription(nue: &Nue, store: &mut Store, order: u32, line: u32) -> u32 {
    let name = store.fresh_number(Object::Subscription, "SUB");
    let (start, end) = term(store, order, line);
    let months = store.get(Object::OrderProduct, line, "subscriptionTerm");
    let mut cells = common(store, order, line);
    for field in ["priceBookEntryId", "listPrice", "totalPrice"] {
        cells.push((field, store.get(Object::OrderProduct, line, field)));
    }
    cells.extend([
        ("name", Some(Cell::text(&name))),
        ("subscriptionCompositeId", Some(Cell::text(&format!("{name}-1")))),
        ("subscriptionVersion", Some(Cell::Number(Decimal::ONE))),
        ("subscriptionStartDate", start),
        ("subscriptionEndDate", end),
        ("subscriptionTerm", months.clone()),
        ("actualSubscriptionTerm", months.clone()),
        ("renewalTerm", months),
        ("orderOnDate", Some(Cell::Day(today(nue)))),
        ("bundled", Some(Cell::Flag(false))),
        ("subscriptionLevel", Some(Cell::Number(Decimal::ONE))),
        ("autoRenew", Some(Cell::Flag(false))),
        ("evergreen", Some(Cell::Flag(false))),
    ]);
    // A custom field of the line stands on the subscription as well, where that has one of the same name.
    let custom: Vec<(String, Option<Cell>)> = (0..)
        .zip(store.schema.fields(Object::OrderProduct))
        .filter(|(_, field)| field.custom)
        .map(|(number, field)| (field.name.to_string(), store.cell(Object::OrderProduct, line, number)))
        .collect();
    cells.extend(custom.iter().map(|(name, cell)| (name.as_str(), cell.clone())));
    store.make(Object::Subscription, &nue.random_uuid(), cells, nue.clock.now())
}

fn asset(nue: &Nue, store: &mut Store, order: u32, line: u32) -> u32 {
    let number = store.fresh_number(Object::Asset, "AST");
    let mut cells = common(store, order, line);
    cells.push(("assetNumber", Some(Cell::text(&number))));
    cells.push(("price", store.get(Object::OrderProduct, line, "totalPrice")));
    store.make(Object::Asset, &nue.random_uuid(), cells, nue.clock.now())
}

fn entitlement(nue: &Nue, store: &mut Store, order: u32, line: u32, name: &str, category: &str) -> u32 {
    let number = store.fresh_number(Object::Entitlement, "ENT");
    let (start, end) = term(store, order, line);
    let mut cells = common(store, order, line);
    cells.extend([
        ("entitlementNumber", Some(Cell::text(&number))),
        ("name", Some(Cell::text(name))),
        ("productCategory", Some(Cell::text(category))),
        ("startDate", start),
        ("endDate", end),
    ]);
    store.make(Object::Entitlement, &nue.random_uuid(), cells, nue.clock.now())
}
