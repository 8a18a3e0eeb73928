//! Change orders: a draft like any other, whose lines change subscriptions when it is activated.

use axum::response::Response;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::Nue;
use super::activation::last_day;
use super::call::Call;
use super::fail::Refusal;
use super::orders::{Line, insert, shown};
use super::reply;
use super::schema::Object;
use super::store::Store;
use super::value::{self, Cell};
use super::write::{self, Mode};

/// Keys of a change order's body that are not fields of an order. That it may bear those is assumed.
const BESIDES: [&str; 3] = ["assetChanges", "products", "options"];

/// `POST /change-orders`.
pub(crate) fn draft(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let body = call.object()?;
    if body.get("products").and_then(Value::as_array).is_some_and(|products| !products.is_empty()) {
        return Err(Refusal::not_emulated("new products of a change order"));
    }
    let wished = body.get("assetChanges").and_then(Value::as_array).filter(|list| !list.is_empty());
    let wished = wished.ok_or_else(|| Refusal::field("assetChanges", "must hold one change at least"))?;
    let (mut store, settings) = (nue.write(call), nue.settings());
    let (mut lines, mut customer) = (Vec::new(), None);
    for (position, change) in wished.iter().enumerate() {
        let place = format!("assetChanges[{position}].");
        let change = change.as_object().ok_or_else(|| Refusal::field(&place, "must be an object"))?;
        let number = change.get("assetNumber").and_then(Value::as_str).unwrap_or_default();
        let missing = || Refusal::field(format!("{place}assetNumber"), format!("`{number}` does not exist"));
        let held = store.find(Object::Subscription, "name", number).ok_or_else(missing)?;
        customer = store.get(Object::Subscription, held, "customerId");
        lines.push(line(&store, held, change, &place)?);
    }
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let mut changes = write::read(&store, &settings, Object::Order, &body, Mode::Make, &BESIDES, "")?;
    let field = store.schema.number(Object::Order, "customerId").unwrap_or_default();
    let currency = store.schema.number(Object::Order, "currencyIsoCode").unwrap_or_default();
    let row = customer.as_ref().and_then(Cell::as_text).and_then(|id| store.by_id(Object::Customer, id));
    let code = row.and_then(|row| store.get(Object::Customer, row, "currencyIsoCode"));
    changes.extend([(field, customer), (currency, code)]);
    let order = insert(nue, &mut store, changes, lines);
    nue.mirror_later(&settings, Object::Order, &store.id(Object::Order, order));
    Ok(reply::made(shown(&store, &settings, order), "/orders", &store.id(Object::Order, order)))
}

fn line(store: &Store, held: u32, change: &Map<String, Value>, place: &str) -> Result<Line, Refusal> {
    let kind = change.get("changeType").and_then(Value::as_str).unwrap_or_default();
    let amount = |name: &str| {
        let number = change.get(name).and_then(|value| value::decimal(&value.to_string()));
        number.ok_or_else(|| Refusal::field(format!("{place}{name}"), "must be a number"))
    };
    let price = store.number(Object::Subscription, held, "listPrice");
    let number = |amount| Some(Cell::Number(amount));
    let (what, total) = match kind {
        "UpdateQuantity" => {
            let delta = amount("quantity")?;
            if store.number(Object::Subscription, held, "quantity") + delta < Decimal::ZERO {
                return Err(Refusal::field(format!("{place}quantity"), "takes away more than there is"));
            }
            (("quantity", number(delta)), price * delta)
        }
        // A public client calls it `newTerm`, though the vendor's page says that it is added.
        "UpdateTerm" => {
            let key = if change.contains_key("newTerm") { "newTerm" } else { "term" };
            (("subscriptionTerm", number(amount(key)?)), Decimal::ZERO)
        }
        "Renew" => (("subscriptionTerm", number(amount("renewalTerm")?)), Decimal::ZERO),
        "Cancel" => {
            let day = change.get("cancellationDate").and_then(Value::as_str).and_then(|text| text.parse().ok());
            let day = day.ok_or_else(|| Refusal::field(format!("{place}cancellationDate"), "must be a date"))?;
            (("subscriptionEndDate", Some(Cell::Day(day))), Decimal::ZERO)
        }
        "CoTerm" | "ConvertFreeTrial" | "Upgrade" | "Downgrade" | "Swap" | "Reconfigure" => {
            return Err(Refusal::not_emulated(kind));
        }
        _ => return Err(Refusal::field(format!("{place}changeType"), format!("`{kind}` does not exist"))),
    };
    let derived = vec![
        ("changeType", Some(Cell::text(kind))),
        ("assetNumber", store.get(Object::Subscription, held, "name")),
        ("productId", store.get(Object::Subscription, held, "productId")),
        ("priceBookEntryId", store.get(Object::Subscription, held, "priceBookEntryId")),
        ("listPrice", number(price)),
        ("totalPrice", number(total)),
        what,
    ];
    Ok(Line::of_change(derived, total))
}

/// Changes the subscription that a line of an activated change order names. Quantity and term are *added*: an order
/// that is sent and activated twice counts twice.
pub(crate) fn carry_out(store: &mut Store, line: u32, now: Timestamp) {
    let text = |name: &str| store.text(Object::OrderProduct, line, name);
    let Some(held) = store.find(Object::Subscription, "name", &text("assetNumber")) else { return };
    let number = |name: &str| store.number(Object::Subscription, held, name);
    let version = number("subscriptionVersion") + Decimal::ONE;
    let mut changes = vec![
        ("subscriptionVersion", Some(Cell::Number(version))),
        ("subscriptionCompositeId", Some(Cell::text(&format!("{}-{version}", text("assetNumber"))))),
    ];
    match text("changeType").as_str() {
        "UpdateQuantity" => {
            let quantity = number("quantity") + store.number(Object::OrderProduct, line, "quantity");
            changes.push(("quantity", Some(Cell::Number(quantity))));
            changes.push(("totalPrice", Some(Cell::Number(quantity * number("listPrice")))));
        }
        "Cancel" => {
            let day = store.get(Object::OrderProduct, line, "subscriptionEndDate");
            changes.push(("cancellationDate", day.clone()));
            changes.push(("subscriptionEndDate", day));
            changes.push(("status", Some(Cell::text("Canceled"))));
        }
        _ => {
            let months = number("subscriptionTerm") + store.number(Object::OrderProduct, line, "subscriptionTerm");
            changes.push(("subscriptionTerm", Some(Cell::Number(months))));
            if let Some(Cell::Day(start)) = store.get(Object::Subscription, held, "subscriptionStartDate") {
                changes.push(("subscriptionEndDate", Some(Cell::Day(last_day(start, months)))));
            }
        }
    }
    store.put(Object::Subscription, held, changes, now);
}
