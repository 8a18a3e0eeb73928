//! Invoices, their items and the taxes on these.

use super::super::schema::{Entity, Field, Kind, Object, Origin, Relation, Side};
use super::{CREATED, CREATED_BY, IDENTITY, UPDATED, UPDATED_BY, amount, fixed, ns, text};

/// What an invoice says about its transfer to accounting.
const TRANSFER: &[&str] = &["Processing", "Yes", "Error", "Ignore", "No"];

/// An amount of what the books do not know: adjustments, payments, refunds and exemptions.
const fn nothing(name: &'static str) -> Field {
    amount(name).from(Origin::Number(0))
}

/// An invoice.
pub(crate) static INVOICE: Object = Object {
    name: "Invoice",
    label: "Invoice",
    crud: "invoice",
    query: "invoices",
    query_name: "invoice",
    number: "InvoiceNumber",
    creatable: false,
    expands: &[
        "account",
        "account.billto",
        "account.soldto",
        "account.shipto",
        "billtocontact",
        "billtocontactsnapshot",
        "soldtocontactsnapshot",
        "shiptocontactsnapshot",
        "invoiceitems",
        "invoiceitems.subscription",
        "invoiceitems.subscription.account",
    ],
    relations: &[
        Relation { name: "account", to: Entity::Account, by: Side::Here("AccountId") },
        Relation { name: "billToContact", to: Entity::Contact, by: Side::Here("BillToContactId") },
        Relation { name: "invoiceItems", to: Entity::InvoiceItem, by: Side::There("InvoiceId") },
    ],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("AccountId", Kind::Ref(Entity::Account)).indexed().listed(),
        Field::new("InvoiceNumber", Kind::Text(255)).unique().listed(),
        Field::new("InvoiceDate", Kind::Date).open().listed(),
        Field::new("DueDate", Kind::Date).open().listed(),
        Field::new("TargetDate", Kind::Date),
        Field::new("PostedDate", Kind::Moment),
        Field::new("PostedBy", Kind::Text(32)),
        Field::new("Status", Kind::Pick(&["Draft", "Posted", "Canceled", "Error", "Split"])).open().listed(),
        amount("Amount").listed(),
        amount("AmountWithoutTax"),
        amount("TaxAmount"),
        nothing("TaxExemptAmount"),
        amount("Balance").listed(),
        nothing("AdjustmentAmount"),
        nothing("PaymentAmount"),
        nothing("RefundAmount"),
        nothing("CreditBalanceAdjustmentAmount"),
        text("Comments", 255),
        Field::new("Source", Kind::Pick(&["BillRun", "API", "ApiSubscribe", "ApiAmend"])).from(Origin::Text("BillRun")),
        Field::new("SourceId", Kind::Text(255)).listed(),
        Field::new("AutoPay", Kind::Boolean).from(Origin::Flag(false)),
        Field::new("IncludesOneTime", Kind::Boolean),
        Field::new("IncludesRecurring", Kind::Boolean),
        Field::new("IncludesUsage", Kind::Boolean),
        Field::new("LastEmailSentDate", Kind::Moment),
        Field::new("Reversed", Kind::Boolean).from(Origin::Flag(false)).listed().not_in_actions(),
        Field::new("SourceType", Kind::Pick(&["Subscription", "Standalone", "Order", "Consolidation"]))
            .from(Origin::Text("Subscription"))
            .listed()
            .not_in_actions(),
        fixed("Currency").not_in_actions(),
        fixed("PaymentTerm").not_in_actions(),
        Field::new("BillToContactId", Kind::Ref(Entity::Contact)).not_in_actions(),
        Field::new("SoldToContactId", Kind::Ref(Entity::Contact)).not_in_actions(),
        Field::new("TransferredToAccounting", Kind::Pick(TRANSFER)).open(),
        ns("IntegrationId__NS"),
        ns("IntegrationStatus__NS"),
        ns("SyncDate__NS"),
    ],
};

/// A line of an invoice.
pub(crate) static ITEM: Object = Object {
    name: "InvoiceItem",
    label: "Invoice Item",
    crud: "invoice-item",
    query: "invoice-items",
    query_name: "invoiceitem",
    number: "",
    creatable: false,
    expands: &["invoice", "subscription", "subscriptionowner", "taxationitems", "rateplancharge", "orderlineitem"],
    relations: &[
        Relation { name: "invoice", to: Entity::Invoice, by: Side::Here("InvoiceId") },
        Relation { name: "subscription", to: Entity::Subscription, by: Side::Here("SubscriptionId") },
        Relation { name: "subscriptionOwner", to: Entity::Account, by: Side::Here("SubscriptionOwnerId") },
        Relation { name: "ratePlanCharge", to: Entity::RatePlanCharge, by: Side::Here("RatePlanChargeId") },
        Relation { name: "taxationItems", to: Entity::TaxationItem, by: Side::There("InvoiceItemId") },
    ],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("InvoiceId", Kind::Ref(Entity::Invoice)).indexed().listed(),
        Field::new("AccountId", Kind::Ref(Entity::Account)).inherited("InvoiceId", "AccountId").not_in_actions(),
        Field::new("SubscriptionId", Kind::Ref(Entity::Subscription)).indexed().listed(),
        fixed("SubscriptionNumber").inherited("SubscriptionId", "Name"),
        Field::new("SubscriptionOwnerId", Kind::Ref(Entity::Account))
            .inherited("SubscriptionId", "AccountId")
            .not_in_actions(),
        Field::new("RatePlanChargeId", Kind::Ref(Entity::RatePlanCharge)).indexed().listed(),
        // Amendments may move the former to another charge; there are none here.
        Field::new("ChargeId", Kind::Ref(Entity::RatePlanCharge)).from(Origin::Same("RatePlanChargeId")).not_queried(),
        Field::new("RatePlanId", Kind::Ref(Entity::RatePlan))
            .inherited("RatePlanChargeId", "RatePlanId")
            .not_in_actions(),
        Field::new("ProductRatePlanChargeId", Kind::Ref(Entity::ProductRatePlanCharge))
            .inherited("RatePlanChargeId", "ProductRatePlanChargeId")
            .not_in_actions(),
        Field::new("ProductRatePlanId", Kind::Ref(Entity::ProductRatePlan))
            .inherited("RatePlanId", "ProductRatePlanId")
            .not_in_actions(),
        Field::new("ProductId", Kind::Ref(Entity::Product)).inherited("ProductRatePlanId", "ProductId"),
        fixed("ChargeName"),
        fixed("ChargeNumber").inherited("RatePlanChargeId", "ChargeNumber"),
        amount("ChargeAmount"),
        Field::new("ChargeDate", Kind::Moment).from(Origin::Same("CreatedDate")),
        fixed("ChargeDescription").queried_as("description"),
        Field::new("ChargeType", Kind::Pick(&["OneTime", "Recurring", "Usage"]))
            .inherited("RatePlanChargeId", "ChargeType")
            .not_queried(),
        amount("TaxAmount"),
        amount("TaxExemptAmount"),
        fixed("TaxCode"),
        Field::new("TaxMode", Kind::Pick(&["TaxExclusive", "TaxInclusive", "None"])),
        amount("Quantity"),
        amount("UnitPrice"),
        fixed("UOM"),
        fixed("SKU"),
        fixed("ProductName").inherited("ProductId", "Name").not_queried(),
        fixed("ProductDescription").inherited("ProductId", "Description").not_queried(),
        Field::new("ServiceStartDate", Kind::Date),
        Field::new("ServiceEndDate", Kind::Date),
        Field::new("ProcessingType", Kind::Pick(&["0", "1", "2", "3"])).from(Origin::Text("0")),
        fixed("AccountingCode"),
        fixed("RevRecCode"),
        Field::new("RevRecStartDate", Kind::Date),
        fixed("AppliedToInvoiceItemId"),
        amount("Balance").not_in_actions(),
        Field::new(
            "SourceItemType",
            Kind::Pick(&["SubscriptionComponent", "Rounding", "ProductRatePlanCharge", "None", "OrderLineItem"]),
        )
        .not_in_actions(),
        ns("IntegrationId__NS"),
        ns("IntegrationStatus__NS"),
        ns("SyncDate__NS"),
    ],
};

/// The tax on an invoice item.
pub(crate) static TAXATION: Object = Object {
    name: "TaxationItem",
    label: "Taxation Item",
    crud: "taxation-item",
    query: "taxation-items",
    query_name: "taxationitem",
    number: "",
    creatable: false,
    expands: &[],
    relations: &[],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("InvoiceItemId", Kind::Ref(Entity::InvoiceItem)).indexed().listed(),
        Field::new("InvoiceId", Kind::Ref(Entity::Invoice)).indexed().not_queried(),
        fixed("AccountingCode"),
        amount("TaxAmount"),
        nothing("ExemptAmount"),
        fixed("TaxCode").inherited("InvoiceItemId", "TaxCode"),
        fixed("TaxCodeDescription"),
        Field::new("TaxDate", Kind::Date),
        Field::new("TaxMode", Kind::Pick(&["TaxExclusive", "TaxInclusive", "None"]))
            .inherited("InvoiceItemId", "TaxMode")
            .not_in_actions(),
        amount("TaxRate"),
        Field::new("TaxRateType", Kind::Pick(&["Percentage", "FlatFee"])).from(Origin::Text("Percentage")),
        fixed("TaxRateDescription"),
        fixed("Name").from(Origin::Same("TaxCode")),
        fixed("Jurisdiction"),
        fixed("LocationCode"),
        fixed("Country").queried_as("countryCode").not_in_actions(),
    ],
};
