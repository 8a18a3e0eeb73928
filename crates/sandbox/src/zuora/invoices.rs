//! `/v1/invoices`: invoices by id or number, their items, and changes one by one or fifty at a time.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, put};
use serde_json::{Map, Value, json};

use super::Zuora;
use super::action::row_error;
use super::call::Call;
use super::fail::Reason;
use super::reply;
use super::resource::{Page, commit, not_found, read_body, refused};
use super::schema::{Entity, ID};
use super::store::Store;
use super::value::Style;
use super::write::Changes;

/// The most invoices in one bulk change.
const MOST_INVOICES: usize = 50;
/// Items on a page when the caller does not say how many.
const ITEMS_PER_PAGE: usize = 20;
/// What a caller may say about the transfer to accounting; unlike the Actions, this resource has no way back to `No`.
const TRANSFERS: [&str; 4] = ["Processing", "Yes", "Error", "Ignore"];

/// Names of an invoice and the fields they stand for.
const NAMES: [(&str, &str); 35] = [
    ("id", "Id"),
    ("accountId", "AccountId"),
    ("invoiceNumber", "InvoiceNumber"),
    ("invoiceDate", "InvoiceDate"),
    ("dueDate", "DueDate"),
    ("targetDate", "TargetDate"),
    ("postedDate", "PostedDate"),
    ("postedBy", "PostedBy"),
    ("status", "Status"),
    ("currency", "Currency"),
    ("amount", "Amount"),
    ("amountWithoutTax", "AmountWithoutTax"),
    ("taxAmount", "TaxAmount"),
    ("taxExemptAmount", "TaxExemptAmount"),
    ("balance", "Balance"),
    ("adjustmentAmount", "AdjustmentAmount"),
    ("paymentAmount", "PaymentAmount"),
    ("refundAmount", "RefundAmount"),
    ("creditBalanceAdjustmentAmount", "CreditBalanceAdjustmentAmount"),
    ("comments", "Comments"),
    ("source", "Source"),
    ("sourceId", "SourceId"),
    ("sourceType", "SourceType"),
    ("autoPay", "AutoPay"),
    ("includesOneTime", "IncludesOneTime"),
    ("includesRecurring", "IncludesRecurring"),
    ("includesUsage", "IncludesUsage"),
    ("paymentTerm", "PaymentTerm"),
    ("billToContactId", "BillToContactId"),
    ("soldToContactId", "SoldToContactId"),
    ("transferredToAccounting", "TransferredToAccounting"),
    ("createdDate", "CreatedDate"),
    ("createdById", "CreatedById"),
    ("updatedDate", "UpdatedDate"),
    ("updatedById", "UpdatedById"),
];

/// Names in the body of a change and the fields they stand for.
const WRITABLE: [(&str, &str); 4] = [
    ("comments", "Comments"),
    ("dueDate", "DueDate"),
    ("invoiceDate", "InvoiceDate"),
    ("transferredToAccounting", "TransferredToAccounting"),
];

/// Names of an item and the fields they stand for.
const ITEM_NAMES: [(&str, &str); 25] = [
    ("id", "Id"),
    ("accountingCode", "AccountingCode"),
    ("appliedToItemId", "AppliedToInvoiceItemId"),
    ("balance", "Balance"),
    ("chargeAmount", "ChargeAmount"),
    ("chargeDate", "ChargeDate"),
    ("chargeDescription", "ChargeDescription"),
    ("chargeId", "RatePlanChargeId"),
    ("chargeName", "ChargeName"),
    ("chargeType", "ChargeType"),
    ("productName", "ProductName"),
    ("productRatePlanChargeId", "ProductRatePlanChargeId"),
    ("quantity", "Quantity"),
    ("revRecCode", "RevRecCode"),
    ("serviceStartDate", "ServiceStartDate"),
    ("serviceEndDate", "ServiceEndDate"),
    ("sku", "SKU"),
    ("sourceItemType", "SourceItemType"),
    ("subscriptionId", "SubscriptionId"),
    ("subscriptionName", "SubscriptionNumber"),
    ("taxAmount", "TaxAmount"),
    ("taxCode", "TaxCode"),
    ("taxMode", "TaxMode"),
    ("unitOfMeasure", "UOM"),
    ("unitPrice", "UnitPrice"),
];

/// Names of a tax and the fields they stand for.
const TAX_NAMES: [(&str, &str); 12] = [
    ("id", "Id"),
    ("name", "Name"),
    ("taxAmount", "TaxAmount"),
    ("exemptAmount", "ExemptAmount"),
    ("taxCode", "TaxCode"),
    ("taxCodeDescription", "TaxCodeDescription"),
    ("taxDate", "TaxDate"),
    ("taxRate", "TaxRate"),
    ("taxRateDescription", "TaxRateDescription"),
    ("taxRateType", "TaxRateType"),
    ("jurisdiction", "Jurisdiction"),
    ("locationCode", "LocationCode"),
];

/// The routes of invoices.
pub(crate) fn routes() -> Router<Arc<Zuora>> {
    Router::new()
        .route("/v1/invoices", put(update_many))
        .route("/v1/invoices/{key}", get(read).put(update))
        .route("/v1/invoices/{key}/items", get(items))
}

fn flat(store: &Store, entity: Entity, row: u32, names: &[(&str, &str)]) -> Map<String, Value> {
    let mut record: Map<String, Value> = names
        .iter()
        .map(|(name, field)| ((*name).to_owned(), reply::field(store, entity, row, field, Style::Resource)))
        .collect();
    record.extend(reply::connector_fields(store, entity, row));
    record
}

fn invoice(store: &Store, row: u32) -> Response {
    let mut record = flat(store, Entity::Invoice, row, &NAMES);
    record.insert("success".to_owned(), Value::Bool(true));
    reply::json(&Value::Object(record))
}

async fn read(State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let store = zuora.read();
    match store.by_key(Entity::Invoice, &key) {
        Some(row) => invoice(&store, row),
        None => not_found(&call, &key),
    }
}

async fn items(State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let page = match Page::read(&call, ITEMS_PER_PAGE) {
        Ok(page) => page,
        Err(refused) => return refused.into(),
    };
    let store = zuora.read();
    let Some(row) = store.by_key(Entity::Invoice, &key) else { return not_found(&call, &key) };
    let rows = children(&store, Entity::Invoice, row, Entity::InvoiceItem, "InvoiceId");
    let (rows, next) = page.cut(&rows, &call);
    let items: Vec<Value> = rows.iter().map(|row| item(&store, *row)).collect();
    let mut body = json!({ "invoiceItems": items });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("nextPage".to_owned(), Value::String(next));
    }
    if let Some(body) = body.as_object_mut() {
        body.insert("success".to_owned(), Value::Bool(true));
    }
    reply::json(&body)
}

fn children(store: &Store, parent: Entity, row: u32, child: Entity, field: &str) -> Vec<u32> {
    match (child.field(field), store.cell(parent, row, ID)) {
        (Some(field), Some(id)) => store.equal(child, field, &id),
        _ => Vec::new(),
    }
}

fn item(store: &Store, row: u32) -> Value {
    let mut record = flat(store, Entity::InvoiceItem, row, &ITEM_NAMES);
    record.insert("processingType".to_owned(), Value::from("Charge"));
    let taxes = children(store, Entity::InvoiceItem, row, Entity::TaxationItem, "InvoiceItemId");
    let taxes: Vec<_> = taxes.into_iter().map(|tax| flat(store, Entity::TaxationItem, tax, &TAX_NAMES)).collect();
    record.insert("taxationItems".to_owned(), json!({ "data": taxes }));
    Value::Object(record)
}

/// Changes that were read and wait to be committed, by type and position.
type Planned = Vec<(Entity, u32, Changes)>;

/// Reads the change of an invoice and of its items.
fn plan(store: &Store, row: u32, body: &Map<String, Value>) -> Result<Planned, Reason> {
    if let Some(transfer) = body
        .get("transferredToAccounting")
        .filter(|transfer| !transfer.as_str().is_some_and(|text| TRANSFERS.contains(&text)))
    {
        return Err(Reason::new(
            "INVALID_VALUE",
            format!("'transferredToAccounting' value should be one of: {}, not {transfer}", TRANSFERS.join(", ")),
        ));
    }
    let mut planned = vec![(Entity::Invoice, row, read_body(store, Entity::Invoice, body, &WRITABLE)?)];
    for item in body.get("invoiceItems").and_then(Value::as_array).into_iter().flatten() {
        let item =
            item.as_object().ok_or_else(|| Reason::new("INVALID_VALUE", "An invoice item must be an object."))?;
        let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
        let found = store.by_id(Entity::InvoiceItem, id);
        let own = |item_row: &u32| {
            store.named(Entity::InvoiceItem, *item_row, "InvoiceId") == store.cell(Entity::Invoice, row, ID)
        };
        let item_row = found
            .filter(own)
            .ok_or_else(|| Reason::new("INVALID_VALUE", format!("The invoice has no item '{id}'.")))?;
        planned.push((Entity::InvoiceItem, item_row, read_body(store, Entity::InvoiceItem, item, &[])?));
    }
    Ok(planned)
}

fn carry_out(store: &mut Store, planned: Planned, now: i64) -> Result<(), Reason> {
    planned.into_iter().try_for_each(|(entity, row, changes)| commit(store, entity, row, changes, now))
}

async fn update(State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let body = match call.resource_body() {
        Ok(body) => body,
        Err(refused) => return refused.into(),
    };
    let mut store = zuora.write(&call);
    let Some(row) = store.by_key(Entity::Invoice, &key) else { return not_found(&call, &key) };
    if call.mark.row_error {
        return refused(&call, &row_error());
    }
    match plan(&store, row, &body).and_then(|planned| carry_out(&mut store, planned, zuora.now())) {
        Ok(()) => invoice(&store, row),
        Err(reason) => refused(&call, &reason),
    }
}

/// Changes many invoices: all of them or none. The vendor's guide says that the transfer to accounting is not touched.
async fn update_many(State(zuora): State<Arc<Zuora>>, call: Call) -> Response {
    let body = match call.resource_body() {
        Ok(body) => body,
        Err(refused) => return refused.into(),
    };
    if call.mark.row_error {
        return refused(&call, &row_error());
    }
    let mut store = zuora.write(&call);
    match plan_many(&store, &body).and_then(|planned| carry_out(&mut store, planned, zuora.now())) {
        Ok(()) => reply::json(&json!({ "success": true })),
        Err(reason) => refused(&call, &reason),
    }
}

fn plan_many(store: &Store, body: &Map<String, Value>) -> Result<Planned, Reason> {
    let Some(Value::Array(list)) = body.get("invoices") else {
        return Err(Reason::new("MISSING_REQUIRED_VALUE", "'invoices' may not be null"));
    };
    if list.is_empty() || list.len() > MOST_INVOICES {
        return Err(Reason::new(
            "INVALID_VALUE",
            format!("The number of invoices must be between 1 and {MOST_INVOICES}."),
        ));
    }
    let mut planned = Planned::new();
    for invoice in list {
        let mut invoice = invoice
            .as_object()
            .cloned()
            .ok_or_else(|| Reason::new("INVALID_VALUE", "An invoice must be an object."))?;
        let id = invoice.get("id").and_then(Value::as_str).unwrap_or_default();
        let row = store
            .by_id(Entity::Invoice, id)
            .ok_or_else(|| Reason::new("INVALID_VALUE", format!("Cannot find entity by key: '{id}'.")))?;
        invoice.remove("transferredToAccounting");
        planned.extend(plan(store, row, &invoice)?);
    }
    Ok(planned)
}
