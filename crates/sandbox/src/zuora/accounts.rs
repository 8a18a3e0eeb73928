//! `/v1/accounts/{key}`: the account with its contacts, by id or number.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::Zuora;
use super::action::row_error;
use super::call::Call;
use super::fail::Reason;
use super::reply;
use super::resource::{commit, not_found, read_body, refused};
use super::schema::{Entity, ID};
use super::store::Store;
use super::value::Style;
use super::write::Changes;

/// Names in the body of an account and the fields they stand for.
const NAMES: [(&str, &str); 23] = [
    ("name", "Name"),
    ("notes", "Notes"),
    ("crmId", "CrmId"),
    ("batch", "Batch"),
    ("paymentTerm", "PaymentTerm"),
    ("billCycleDay", "BillCycleDay"),
    ("autoPay", "AutoPay"),
    ("purchaseOrderNumber", "PurchaseOrderNumber"),
    ("salesRep", "SalesRepName"),
    ("customerServiceRepName", "CustomerServiceRepName"),
    ("parentId", "ParentId"),
    ("communicationProfileId", "CommunicationProfileId"),
    ("defaultPaymentMethodId", "DefaultPaymentMethodId"),
    ("invoiceTemplateId", "InvoiceTemplateId"),
    ("paymentGateway", "PaymentGateway"),
    ("sequenceSetId", "SequenceSetId"),
    ("invoiceDeliveryPrefsEmail", "InvoiceDeliveryPrefsEmail"),
    ("invoiceDeliveryPrefsPrint", "InvoiceDeliveryPrefsPrint"),
    ("billToContactId", "BillToId"),
    ("soldToContactId", "SoldToId"),
    ("exemptStatus", "TaxExemptStatus"),
    ("exemptCertificateId", "TaxExemptCertificateID"),
    ("VATId", "VATId"),
];

/// Names in the body of a contact and the fields they stand for.
const CONTACT_NAMES: [(&str, &str); 18] = [
    ("address1", "Address1"),
    ("address2", "Address2"),
    ("city", "City"),
    ("country", "Country"),
    ("county", "County"),
    ("fax", "Fax"),
    ("firstName", "FirstName"),
    ("homePhone", "HomePhone"),
    ("lastName", "LastName"),
    ("mobilePhone", "MobilePhone"),
    ("nickname", "NickName"),
    ("otherPhone", "OtherPhone"),
    ("otherPhoneType", "OtherPhoneType"),
    ("personalEmail", "PersonalEmail"),
    ("state", "State"),
    ("taxRegion", "TaxRegion"),
    ("workEmail", "WorkEmail"),
    ("zipCode", "PostalCode"),
];

/// The most invoices in a summary.
const SUMMARY_INVOICES: usize = 5;

/// The routes of accounts.
pub(crate) fn routes() -> Router<Arc<Zuora>> {
    Router::new().route("/v1/accounts/{key}", get(read).put(update)).route("/v1/accounts/{key}/summary", get(summary))
}

/// Picks fields of a record under the names that the resource gives them.
fn pick(store: &Store, entity: Entity, row: u32, names: &[(&str, &str)]) -> Map<String, Value> {
    names
        .iter()
        .map(|(name, field)| ((*name).to_owned(), reply::field(store, entity, row, field, Style::Resource)))
        .collect()
}

fn contact(store: &Store, account: u32, field: &str) -> Value {
    let found = Entity::Account.field(field).and_then(|field| store.follow(Entity::Account, account, field));
    let Some((entity, row)) = found else { return Value::Null };
    let mut contact = pick(store, entity, row, &CONTACT_NAMES);
    contact.insert("id".to_owned(), reply::field(store, entity, row, "Id", Style::Resource));
    contact.insert("workPhone".to_owned(), reply::field(store, entity, row, "WorkPhone", Style::Resource));
    Value::Object(contact)
}

async fn read(State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let store = zuora.read();
    let Some(row) = store.by_key(Entity::Account, &key) else { return not_found(&call, &key) };
    let picked = |names: &[(&str, &str)]| pick(&store, Entity::Account, row, names);
    let mut basic = picked(&[
        ("id", "Id"),
        ("name", "Name"),
        ("accountNumber", "AccountNumber"),
        ("notes", "Notes"),
        ("status", "Status"),
        ("crmId", "CrmId"),
        ("batch", "Batch"),
        ("invoiceTemplateId", "InvoiceTemplateId"),
        ("communicationProfileId", "CommunicationProfileId"),
        ("customerServiceRepName", "CustomerServiceRepName"),
        ("purchaseOrderNumber", "PurchaseOrderNumber"),
        ("salesRep", "SalesRepName"),
        ("sequenceSetId", "SequenceSetId"),
        ("parentId", "ParentId"),
    ]);
    basic.insert("partnerAccount".to_owned(), Value::Bool(false));
    basic.extend(reply::connector_fields(&store, Entity::Account, row));
    let billing = picked(&[
        ("autoPay", "AutoPay"),
        ("billCycleDay", "BillCycleDay"),
        ("bcdSettingOption", "BcdSettingOption"),
        ("currency", "Currency"),
        ("defaultPaymentMethodId", "DefaultPaymentMethodId"),
        ("paymentTerm", "PaymentTerm"),
        ("paymentGateway", "PaymentGateway"),
        ("invoiceDeliveryPrefsPrint", "InvoiceDeliveryPrefsPrint"),
        ("invoiceDeliveryPrefsEmail", "InvoiceDeliveryPrefsEmail"),
    ]);
    let metrics = picked(&[
        ("balance", "Balance"),
        ("totalInvoiceBalance", "TotalInvoiceBalance"),
        ("creditBalance", "CreditBalance"),
        ("contractedMrr", "Mrr"),
    ]);
    let tax = picked(&[
        ("exemptStatus", "TaxExemptStatus"),
        ("exemptCertificateId", "TaxExemptCertificateID"),
        ("VATId", "VATId"),
    ]);
    reply::json(&json!({
        "basicInfo": basic,
        "billingAndPayment": billing,
        "metrics": metrics,
        "billToContact": contact(&store, row, "BillToId"),
        "soldToContact": contact(&store, row, "SoldToId"),
        "taxInfo": tax,
        "success": true,
    }))
}

async fn summary(State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let store = zuora.read();
    let Some(row) = store.by_key(Entity::Account, &key) else { return not_found(&call, &key) };
    let mut basic = pick(
        &store,
        Entity::Account,
        row,
        &[
            ("id", "Id"),
            ("name", "Name"),
            ("accountNumber", "AccountNumber"),
            ("status", "Status"),
            ("batch", "Batch"),
            ("autoPay", "AutoPay"),
            ("balance", "Balance"),
            ("billCycleDay", "BillCycleDay"),
            ("currency", "Currency"),
            ("lastInvoiceDate", "LastInvoiceDate"),
            ("purchaseOrderNumber", "PurchaseOrderNumber"),
            ("invoiceDeliveryPrefsPrint", "InvoiceDeliveryPrefsPrint"),
            ("invoiceDeliveryPrefsEmail", "InvoiceDeliveryPrefsEmail"),
        ],
    );
    basic.extend(reply::connector_fields(&store, Entity::Account, row));
    let names = [
        ("id", "Id"),
        ("invoiceNumber", "InvoiceNumber"),
        ("invoiceDate", "InvoiceDate"),
        ("dueDate", "DueDate"),
        ("amount", "Amount"),
        ("balance", "Balance"),
        ("status", "Status"),
    ];
    let mut invoices = children(&store, Entity::Account, row, Entity::Invoice, "AccountId");
    invoices.sort_by_cached_key(|invoice| {
        std::cmp::Reverse(store.named(Entity::Invoice, *invoice, "InvoiceDate").map(|day| format!("{day:?}")))
    });
    let invoices: Vec<_> = invoices
        .into_iter()
        .take(SUMMARY_INVOICES)
        .map(|invoice| pick(&store, Entity::Invoice, invoice, &names))
        .collect();
    reply::json(&json!({
        "basicInfo": basic,
        "billToContact": contact(&store, row, "BillToId"),
        "soldToContact": contact(&store, row, "SoldToId"),
        "subscriptions": subscriptions(&store, row),
        "invoices": invoices,
        "payments": [],
        "usage": [],
        "success": true,
    }))
}

/// Positions of the records that refer to one.
fn children(store: &Store, parent: Entity, row: u32, child: Entity, by: &str) -> Vec<u32> {
    match (child.field(by), store.cell(parent, row, ID)) {
        (Some(field), Some(id)) => store.equal(child, field, &id),
        _ => Vec::new(),
    }
}

/// The subscriptions of a summary, each with its rate plans.
fn subscriptions(store: &Store, account: u32) -> Vec<Map<String, Value>> {
    let names = [
        ("id", "Id"),
        ("subscriptionNumber", "Name"),
        ("status", "Status"),
        ("termType", "TermType"),
        ("termStartDate", "TermStartDate"),
        ("termEndDate", "TermEndDate"),
        ("subscriptionStartDate", "SubscriptionStartDate"),
        ("initialTerm", "InitialTerm"),
        ("renewalTerm", "RenewalTerm"),
        ("autoRenew", "AutoRenew"),
    ];
    let plan_names = [("productId", "ProductId"), ("productRatePlanId", "ProductRatePlanId"), ("ratePlanName", "Name")];
    let plan = |row: u32| {
        let mut plan = pick(store, Entity::RatePlan, row, &plan_names);
        let product = Entity::RatePlan.field("ProductId").and_then(|field| store.follow(Entity::RatePlan, row, field));
        if let Some((product, row)) = product {
            plan.extend(pick(store, product, row, &[("productName", "Name"), ("productSku", "SKU")]));
        }
        plan
    };
    let subscription = |row: u32| {
        let mut subscription = pick(store, Entity::Subscription, row, &names);
        let plans = children(store, Entity::Subscription, row, Entity::RatePlan, "SubscriptionId");
        subscription.insert("ratePlans".to_owned(), json!(plans.into_iter().map(plan).collect::<Vec<_>>()));
        subscription.extend(reply::connector_fields(store, Entity::Subscription, row));
        subscription
    };
    let rows = children(store, Entity::Account, account, Entity::Subscription, "AccountId");
    rows.into_iter().map(subscription).collect()
}

async fn update(State(zuora): State<Arc<Zuora>>, Path(key): Path<String>, call: Call) -> Response {
    let body = match call.resource_body() {
        Ok(body) => body,
        Err(refused) => return refused.into(),
    };
    let mut store = zuora.write(&call);
    let Some(row) = store.by_key(Entity::Account, &key) else { return not_found(&call, &key) };
    let changed = if call.mark.row_error { Err(row_error()) } else { change(&mut store, row, &body, zuora.now()) };
    match changed {
        Ok(()) => reply::json(&json!({ "success": true })),
        Err(reason) => refused(&call, &reason),
    }
}

/// Reads all parts of the body before any of them is committed.
fn change(store: &mut Store, row: u32, body: &Map<String, Value>, now: i64) -> Result<(), Reason> {
    let mut changes = read_body(store, Entity::Account, body, &NAMES)?;
    if let Some(Value::Object(tax)) = body.get("taxInfo") {
        changes.extend(read_body(store, Entity::Account, tax, &NAMES)?);
    }
    let mut contacts: Vec<(u32, Changes)> = Vec::new();
    for (part, field) in [("billToContact", "BillToId"), ("soldToContact", "SoldToId")] {
        let (Some(Value::Object(contact)), Some(field)) = (body.get(part), Entity::Account.field(field)) else {
            continue;
        };
        let names: Vec<_> = CONTACT_NAMES.into_iter().chain([("workPhone", "WorkPhone")]).collect();
        if let Some((_, contact_row)) = store.follow(Entity::Account, row, field) {
            contacts.push((contact_row, read_body(store, Entity::Contact, contact, &names)?));
        }
    }
    commit(store, Entity::Account, row, changes, now)?;
    for (contact, changes) in contacts {
        store.update(Entity::Contact, contact, &changes, now);
    }
    Ok(())
}
