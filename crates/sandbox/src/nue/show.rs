//! Records as JSON.

use serde_json::{Map, Value, json};

use super::schema::{FieldNo, Object};
use super::settings::Settings;
use super::store::Store;

/// A field as JSON.
pub(crate) fn field(store: &Store, settings: &Settings, object: Object, row: u32, number: FieldNo) -> Value {
    let field = store.schema.at(object, number);
    match store.cell(object, row, number) {
        Some(cell) if object == Object::Order && &*field.name == "status" && cell.as_text() == Some("Activated") => {
            json!(settings.activated)
        }
        Some(cell) => cell.json(field.kind),
        None => Value::Null,
    }
}

/// A record without what belongs to it.
pub(crate) fn record(store: &Store, settings: &Settings, object: Object, row: u32) -> Map<String, Value> {
    let (mut record, mut custom) = (Map::new(), Map::new());
    for (number, held) in (0..).zip(store.schema.fields(object)) {
        let shown = field(store, settings, object, row, number);
        let into = if held.custom && object.nests_custom_fields() { &mut custom } else { &mut record };
        into.insert(held.name.to_string(), shown);
    }
    if object.nests_custom_fields() {
        record.insert("customFields".to_owned(), Value::Object(custom));
    }
    if object == Object::Order {
        for (name, id) in [("customer", "customerId"), ("billToContact", "billToContactId")] {
            let id = record.get(id).cloned().unwrap_or_default();
            record.insert(name.to_owned(), if id.is_null() { Value::Null } else { json!({ "id": id }) });
        }
    }
    record
}

/// A record with what belongs to it under these names.
pub(crate) fn with(
    store: &Store,
    settings: &Settings,
    object: Object,
    row: u32,
    includes: &[&str],
) -> Map<String, Value> {
    let mut record = record(store, settings, object, row);
    if object == Object::Subscription && includes.contains(&"product") {
        let product = store.by_id(Object::Product, &store.text(object, row, "productId"));
        let product = product.map(|row| Value::Object(self::record(store, settings, Object::Product, row)));
        record.insert("product".to_owned(), product.unwrap_or_default());
    }
    if object == Object::Subscription && includes.contains(&"pricetags") {
        record.insert("pricetags".to_owned(), json!([]));
    }
    for (name, rows, child) in includes.iter().filter_map(|name| belonging(store, object, row, name)) {
        let children = rows.into_iter().map(|row| Value::Object(self::record(store, settings, child, row))).collect();
        record.insert(name.to_owned(), Value::Array(children));
    }
    record
}

/// What belongs to a record under a name: its name, its rows, its object.
fn belonging<'a>(store: &Store, object: Object, row: u32, name: &'a str) -> Option<(&'a str, Vec<u32>, Object)> {
    let id = store.id(object, row);
    if object == Object::Invoice && matches!(name, "orders" | "assets") {
        let order = store.text(object, row, "orderId");
        let (child, rows) = if name == "orders" {
            (Object::Order, store.by_id(Object::Order, &order).into_iter().collect())
        } else {
            (Object::Asset, store.children(Object::Asset, "orderId", &order))
        };
        return Some((name, rows, child));
    }
    let (_, child, reference) = object.children().iter().find(|(held, ..)| *held == name)?;
    Some((name, store.children(*child, reference, &id), *child))
}

/// Whether something can be included under a name.
pub(crate) fn can_include(object: Object, name: &str) -> bool {
    object.children().iter().any(|(held, ..)| *held == name)
        || (object == Object::Invoice && matches!(name, "orders" | "assets"))
        || (object == Object::Subscription && matches!(name, "product" | "pricetags"))
}
