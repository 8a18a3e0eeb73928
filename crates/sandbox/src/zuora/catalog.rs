//! `/v1/catalog/products`: the products in pages.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::Zuora;
use super::call::Call;
use super::reply;
use super::resource::{Page, not_found};
use super::schema::{Entity, ID};
use super::store::Store;
use super::value::{Cell, Style};

/// Products on a page when the caller does not say how many.
const PRODUCTS_PER_PAGE: usize = 10;

const NAMES: [(&str, &str); 8] = [
    ("id", "Id"),
    ("sku", "SKU"),
    ("productNumber", "ProductNumber"),
    ("name", "Name"),
    ("description", "Description"),
    ("category", "Category"),
    ("effectiveStartDate", "EffectiveStartDate"),
    ("effectiveEndDate", "EffectiveEndDate"),
];

/// The routes of the catalogue; the vendor's newer clients leave out the plural of the single product.
pub(crate) fn routes() -> Router<Arc<Zuora>> {
    Router::new()
        .route("/v1/catalog/products", get(products))
        .route("/v1/catalog/products/{key}", get(product))
        .route("/v1/catalog/product/{key}", get(product))
}

fn write_product(store: &Store, row: u32, call: &Call) -> Map<String, Value> {
    let mut product: Map<String, Value> = NAMES
        .iter()
        .map(|(name, field)| ((*name).to_owned(), reply::field(store, Entity::Product, row, field, Style::Resource)))
        .collect();
    if let Some(Cell::Ref(id)) = store.cell(Entity::Product, row, ID) {
        let plans = format!("{}/v1/rateplan/{}/productRatePlan", call.base, store.ids.text(id));
        product.insert("productRatePlans".to_owned(), Value::String(plans));
    }
    product.insert("productFeatures".to_owned(), json!([]));
    product.extend(reply::connector_fields(store, Entity::Product, row));
    product
}

async fn products(State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    let page = match Page::read(&call, PRODUCTS_PER_PAGE) {
        Ok(page) => page,
        Err(refused) => return refused.into(),
    };
    let store = zuora.search();
    let order = store.order(Entity::Product, ID);
    let (ids, next) = page.cut(&order, &call);
    let rows = ids.iter().filter_map(|id| store.find(*id));
    let products: Vec<_> = rows.map(|(_, row)| write_product(&store, row, &call)).collect();
    let mut body = Map::from_iter([("products".to_owned(), json!(products))]);
    body.extend(next.map(|next| ("nextPage".to_owned(), Value::String(next))));
    body.insert("success".to_owned(), Value::Bool(true));
    reply::json(&Value::Object(body))
}

async fn product(State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let store = zuora.read();
    let by_number = || {
        let field = Entity::Product.field("ProductNumber")?;
        store.equal(Entity::Product, field, &Cell::text(&key)).into_iter().next()
    };
    let Some(row) = store.by_key(Entity::Product, &key).or_else(by_number) else { return not_found(&call, &key) };
    let mut product = write_product(&store, row, &call);
    product.insert("success".to_owned(), Value::Bool(true));
    reply::json(&Value::Object(product))
}
