//! Orders before their activation.

use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Nue;
use super::call::Call;
use super::customers::change_one;
use super::fail::Refusal;
use super::reply;
use super::schema::Object;
use super::settings::Settings;
use super::show;
use super::store::Store;
use super::value::Cell;
use super::write::{self, Changes, Mode};

/// Keys of an order's body that are not fields of it.
const BESIDES: [&str; 2] = ["orderProducts", "options"];

/// An order product that is to be made.
pub(crate) struct Line {
    changes: Changes,
    derived: Vec<(&'static str, Option<Cell>)>,
    total: Decimal,
}

/// `POST /orders`: a draft whose products are price book entries.
pub(crate) fn draft(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    draft_of(nue, call, by_entry)
}

/// `POST /cpq/orders`: the same, with products by their SKU.
pub(crate) fn draft_by_sku(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    draft_of(nue, call, by_sku)
}

/// Finds the price book entry of a product in a body.
type Pick = fn(&Store, u32, &Map<String, Value>, &str) -> Result<u32, Refusal>;

fn draft_of(nue: &Nue, call: &Call, pick: Pick) -> Result<Response, Refusal> {
    let body = call.object()?;
    let (mut store, settings) = (nue.write(call), nue.settings());
    let mut changes = write::read(&store, &settings, Object::Order, &body, Mode::Make, &BESIDES, "")?;
    let customer = write::given(&store, Object::Order, &changes, "customerId").and_then(Cell::as_text);
    let customer = customer.and_then(|id| store.by_id(Object::Customer, id));
    let customer = customer.ok_or_else(|| Refusal::field("customer.id", "is required"))?;
    let products = body.get("orderProducts").and_then(Value::as_array).filter(|list| !list.is_empty());
    let products = products.ok_or_else(|| Refusal::field("orderProducts", "must hold one product at least"))?;
    let mut lines = Vec::with_capacity(products.len());
    for (position, product) in products.iter().enumerate() {
        let place = format!("orderProducts[{position}].");
        let product = product.as_object().ok_or_else(|| Refusal::field(&place, "must be an object"))?;
        let entry = pick(&store, customer, product, &place)?;
        lines.push(line(&store, &settings, product, entry, &changes, &place)?);
    }
    if call.mark.row_error {
        return Err(Refusal::struck());
    }
    let currency = store.text(Object::Customer, customer, "currencyIsoCode");
    if let Some(number) = store.schema.number(Object::Order, "currencyIsoCode").filter(|_| !currency.is_empty()) {
        changes.push((number, Some(Cell::text(&currency))));
    }
    let order = insert(nue, &mut store, changes, lines);
    nue.mirror_later(&settings, Object::Order, &store.id(Object::Order, order));
    Ok(reply::made(shown(&store, &settings, order), "/orders", &store.id(Object::Order, order)))
}

fn by_entry(store: &Store, _: u32, product: &Map<String, Value>, place: &str) -> Result<u32, Refusal> {
    let id = product.get("priceBookEntryId").and_then(Value::as_str).unwrap_or_default();
    let missing = || Refusal::field(format!("{place}priceBookEntryId"), format!("`{id}` does not exist"));
    store.by_id(Object::PriceBookEntry, id).ok_or_else(missing)
}

fn by_sku(store: &Store, customer: u32, product: &Map<String, Value>, place: &str) -> Result<u32, Refusal> {
    let sku = product.get("productSku").and_then(Value::as_str).unwrap_or_default();
    let currency = store.text(Object::Customer, customer, "currencyIsoCode");
    let found = store.find(Object::Product, "sku", sku);
    let entries = found.map(|row| store.children(Object::PriceBookEntry, "productId", &store.id(Object::Product, row)));
    let in_currency = |row: &u32| store.text(Object::PriceBookEntry, *row, "currencyIsoCode") == currency;
    let missing = || Refusal::field(format!("{place}productSku"), format!("`{sku}` has no price in {currency}"));
    entries.into_iter().flatten().find(in_currency).ok_or_else(missing)
}

/// Reads an order product. What it does not say of its term it takes from the order.
fn line(
    store: &Store,
    settings: &Settings,
    body: &Map<String, Value>,
    entry: u32,
    order: &Changes,
    place: &str,
) -> Result<Line, Refusal> {
    let besides = ["priceBookEntryId", "productSku", "uom", "addOns"];
    let mut changes = write::read(store, settings, Object::OrderProduct, body, Mode::Make, &besides, place)?;
    let product = store.text(Object::PriceBookEntry, entry, "productId");
    let row = store.by_id(Object::Product, &product);
    let is_sold = row.is_some_and(|row| store.text(Object::Product, row, "status") == "Active");
    if !is_sold || store.get(Object::PriceBookEntry, entry, "active") != Some(Cell::Flag(true)) {
        return Err(Refusal::field(
            format!("{place}priceBookEntryId"),
            format!("is of the product `{product}`, which is not active"),
        ));
    }
    let quantity = match write::given(store, Object::OrderProduct, &changes, "quantity") {
        Some(Cell::Number(quantity)) if *quantity > Decimal::ZERO => *quantity,
        _ => return Err(Refusal::field(format!("{place}quantity"), "must be more than nothing")),
    };
    for name in ["subscriptionStartDate", "subscriptionTerm"] {
        let own = write::given(store, Object::OrderProduct, &changes, name).cloned();
        let inherited = own.or_else(|| write::given(store, Object::Order, order, name).cloned());
        let number = store.schema.number(Object::OrderProduct, name).unwrap_or_default();
        changes.retain(|(held, _)| *held != number);
        changes.push((number, inherited));
    }
    let price = store.number(Object::PriceBookEntry, entry, "listPrice");
    let total = price * quantity;
    let derived = vec![
        ("priceBookEntryId", Some(Cell::text(&store.id(Object::PriceBookEntry, entry)))),
        ("productId", Some(Cell::text(&product))),
        ("listPrice", Some(Cell::Number(price))),
        ("totalPrice", Some(Cell::Number(total))),
    ];
    Ok(Line { changes, derived, total })
}

impl Line {
    /// A line that changes a subscription.
    pub(crate) fn of_change(derived: Vec<(&'static str, Option<Cell>)>, total: Decimal) -> Self {
        Self { changes: Vec::new(), derived, total }
    }
}

/// Inserts a draft with its lines; answers with its position.
pub(crate) fn insert(nue: &Nue, store: &mut Store, changes: Changes, lines: Vec<Line>) -> u32 {
    let now = nue.clock.now();
    let total: Decimal = lines.iter().map(|line| line.total).sum();
    let row = store.insert(Object::Order, &nue.random_uuid(), write::filled(changes), now);
    let id = store.id(Object::Order, row);
    let number = store.fresh_number(Object::Order, "O");
    let money = |amount| Some(Cell::Number(amount));
    let derived = vec![
        ("orderNumber", Some(Cell::text(&number))),
        ("status", Some(Cell::text("Draft"))),
        ("listTotal", money(total)),
        ("subtotal", money(total)),
        ("discountAmount", money(Decimal::ZERO)),
        ("taxAmount", money(Decimal::ZERO)),
        ("totalAmount", money(total)),
        ("orderTCV", money(total)),
    ];
    store.put(Object::Order, row, derived, now);
    for mut line in lines {
        let child = store.insert(Object::OrderProduct, &nue.random_uuid(), write::filled(line.changes), now);
        line.derived.push(("orderId", Some(Cell::text(&id))));
        store.put(Object::OrderProduct, child, line.derived, now);
    }
    row
}

/// What the calls for one order answer with: the order, and apart from it what belongs to it.
pub(crate) fn shown(store: &Store, settings: &Settings, row: u32) -> Value {
    let parts = ["orderProducts", "subscriptions", "assets", "entitlements", "invoices"];
    let mut order = show::with(store, settings, Object::Order, row, &parts);
    let parts: Vec<(String, Value)> =
        parts.iter().map(|name| ((*name).to_owned(), order.shift_remove(*name).unwrap_or_default())).collect();
    let mut data = Map::from_iter([("order".to_owned(), Value::Object(order))]);
    data.extend(parts);
    Value::Object(data)
}

/// `GET /orders`.
pub(crate) fn list(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    reply::list(nue, call, Object::Order, Vec::new())
}

/// `GET /orders/{id}`.
pub(crate) fn one(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    Ok(reply::envelope(Value::Object(reply::one(nue, call, Object::Order, call.path("id"))?)))
}

/// `PATCH /orders/{id}`: its texts and custom fields; a draft may be cancelled.
pub(crate) fn change(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    let cancels = |body: &Map<String, Value>| body.get("status").is_some_and(|status| !status.is_null());
    let permit = |store: &Store, row, body: &Map<String, Value>| match body.get("status").and_then(Value::as_str) {
        _ if !cancels(body) => Ok(()),
        Some("Canceled") if store.text(Object::Order, row, "status") == "Draft" => Ok(()),
        Some("Canceled") => Err(Refusal::conflict("Only a draft order can be canceled")),
        _ => Err(Refusal::field("status", "can only become Canceled")),
    };
    let mut shown = change_one(nue, call, Object::Order, &["status"], permit)?;
    if cancels(&call.object()?) {
        let mut store = nue.write(call);
        if let Some(row) = store.by_key(Object::Order, call.path("id")) {
            store.put(Object::Order, row, vec![("status", Some(Cell::text("Canceled")))], nue.clock.now());
            shown["status"] = json!("Canceled");
        }
    }
    Ok(reply::envelope(shown))
}

/// Today, in UTC.
pub(crate) fn today(nue: &Nue) -> Date {
    nue.clock.now().to_zoned(TimeZone::UTC).date()
}
