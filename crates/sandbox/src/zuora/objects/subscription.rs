//! What accounts have subscribed to: subscriptions, their rate plans and the charges of these.
//!
//! There may be as many charges as invoice items, so they hold little and take the rest from the catalogue.

use super::super::schema::{Entity, Field, Kind, Object, Origin, Relation, Side};
use super::{CREATED, CREATED_BY, IDENTITY, UPDATED, UPDATED_BY, amount, fixed, ns};

const STATUSES: &[&str] = &["Draft", "PendingActivation", "PendingAcceptance", "Active", "Cancelled", "Suspended"];
const PERIOD_TYPES: &[&str] = &["Month", "Year", "Day", "Week"];

/// A day that is the one on which the contract takes effect.
const fn first_day(name: &'static str) -> Field {
    Field::new(name, Kind::Date).from(Origin::Same("ContractEffectiveDate"))
}

/// An account of the subscription that is the one it belongs to.
const fn owner(name: &'static str) -> Field {
    Field::new(name, Kind::Ref(Entity::Account)).from(Origin::Same("AccountId"))
}

/// A subscription of an account, in its only version.
pub(crate) static SUBSCRIPTION: Object = Object {
    name: "Subscription",
    label: "Subscription",
    crud: "subscription",
    query: "subscriptions",
    query_name: "subscription",
    number: "Name",
    creatable: false,
    expands: &[
        "account",
        "invoiceowner",
        "billtocontact",
        "soldtocontact",
        "invoiceitems",
        "rateplans",
        "rateplans.rateplancharges",
        "rateplans.rateplancharges.rateplanchargetiers",
        "account.billto",
        "account.soldto",
        "account.paymentmethods",
        "order",
    ],
    relations: &[
        Relation { name: "account", to: Entity::Account, by: Side::Here("AccountId") },
        Relation { name: "invoiceOwner", to: Entity::Account, by: Side::Here("InvoiceOwnerId") },
        Relation { name: "invoiceItems", to: Entity::InvoiceItem, by: Side::There("SubscriptionId") },
        Relation { name: "ratePlans", to: Entity::RatePlan, by: Side::There("SubscriptionId") },
    ],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("AccountId", Kind::Ref(Entity::Account)).indexed().listed(),
        owner("InvoiceOwnerId"),
        owner("CreatorAccountId"),
        owner("CreatorInvoiceOwnerId"),
        fixed("Name").unique().listed(),
        Field::new("Status", Kind::Pick(STATUSES)).listed(),
        Field::new("Version", Kind::Integer).from(Origin::Number(1)),
        Field::new("IsLatestVersion", Kind::Boolean).from(Origin::Flag(true)).not_in_actions(),
        Field::new("OriginalId", Kind::Ref(Entity::Subscription)).from(Origin::Same("Id")),
        Field::new("OriginalCreatedDate", Kind::Moment).from(Origin::Same("CreatedDate")),
        Field::new("PreviousSubscriptionId", Kind::Ref(Entity::Subscription)),
        Field::new("TermType", Kind::Pick(&["TERMED", "EVERGREEN"])),
        first_day("TermStartDate"),
        Field::new("TermEndDate", Kind::Date),
        Field::new("CurrentTerm", Kind::Integer),
        Field::new("CurrentTermPeriodType", Kind::Pick(PERIOD_TYPES)),
        Field::new("InitialTerm", Kind::Integer),
        Field::new("InitialTermPeriodType", Kind::Pick(PERIOD_TYPES)),
        Field::new("RenewalTerm", Kind::Integer),
        Field::new("RenewalTermPeriodType", Kind::Pick(PERIOD_TYPES)),
        Field::new("RenewalSetting", Kind::Pick(&["RENEW_WITH_SPECIFIC_TERM", "RENEW_TO_EVERGREEN"])),
        Field::new("AutoRenew", Kind::Boolean).from(Origin::Flag(false)),
        Field::new("ContractEffectiveDate", Kind::Date),
        first_day("ServiceActivationDate"),
        first_day("ContractAcceptanceDate"),
        first_day("SubscriptionStartDate"),
        Field::new("SubscriptionEndDate", Kind::Date),
        Field::new("CancelledDate", Kind::Date),
        Field::new("IsInvoiceSeparate", Kind::Boolean).from(Origin::Flag(false)),
        fixed("Notes"),
        fixed("Currency").inherited("AccountId", "Currency").not_in_actions(),
        amount("CMRR").not_in_actions(),
        ns("IntegrationId__NS"),
        ns("IntegrationStatus__NS"),
        ns("SyncDate__NS"),
        ns("Project__NS"),
        ns("SalesOrder__NS"),
    ],
};

/// A rate plan of a subscription.
pub(crate) static RATE_PLAN: Object = Object {
    name: "RatePlan",
    label: "Rate Plan",
    crud: "rate-plan",
    query: "rate-plans",
    query_name: "rateplan",
    number: "",
    creatable: false,
    expands: &["subscription", "productrateplan", "rateplancharges", "rateplancharges.rateplanchargetiers"],
    relations: &[
        Relation { name: "subscription", to: Entity::Subscription, by: Side::Here("SubscriptionId") },
        Relation { name: "productRatePlan", to: Entity::ProductRatePlan, by: Side::Here("ProductRatePlanId") },
        Relation { name: "ratePlanCharges", to: Entity::RatePlanCharge, by: Side::There("RatePlanId") },
    ],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("SubscriptionId", Kind::Ref(Entity::Subscription)).indexed().listed(),
        Field::new("ProductRatePlanId", Kind::Ref(Entity::ProductRatePlan)).indexed().listed(),
        fixed("Name").inherited("ProductRatePlanId", "Name"),
        fixed("AmendmentId"),
        fixed("AmendmentType"),
        fixed("AmendmentSubscriptionRatePlanId").not_queried(),
        Field::new("ProductId", Kind::Ref(Entity::Product))
            .inherited("ProductRatePlanId", "ProductId")
            .not_in_actions(),
        Field::new("SubscriptionOwnerId", Kind::Ref(Entity::Account))
            .inherited("SubscriptionId", "AccountId")
            .not_in_actions(),
        Field::new("InvoiceOwnerId", Kind::Ref(Entity::Account))
            .inherited("SubscriptionId", "InvoiceOwnerId")
            .not_in_actions(),
    ],
};

/// A field that a charge of a subscription takes from that of the catalogue.
const fn as_in_catalogue(name: &'static str) -> Field {
    fixed(name).inherited("ProductRatePlanChargeId", name)
}

/// A charge of a rate plan of a subscription: what invoice items are made from, in its only version.
pub(crate) static RATE_PLAN_CHARGE: Object = Object {
    name: "RatePlanCharge",
    label: "Rate Plan Charge",
    crud: "rate-plan-charge",
    query: "rate-plan-charges",
    query_name: "rateplancharge",
    number: "",
    creatable: false,
    expands: &["rateplan", "productrateplancharge", "rateplanchargetiers"],
    relations: &[
        Relation { name: "ratePlan", to: Entity::RatePlan, by: Side::Here("RatePlanId") },
        Relation {
            name: "productRatePlanCharge",
            to: Entity::ProductRatePlanCharge,
            by: Side::Here("ProductRatePlanChargeId"),
        },
    ],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("RatePlanId", Kind::Ref(Entity::RatePlan)).indexed().listed(),
        Field::new("ProductRatePlanChargeId", Kind::Ref(Entity::ProductRatePlanCharge)).indexed().listed(),
        fixed("ChargeNumber").from(Origin::Counted("C-")).listed(),
        as_in_catalogue("Name"),
        as_in_catalogue("Description").not_queried(),
        as_in_catalogue("ChargeType"),
        as_in_catalogue("ChargeModel"),
        as_in_catalogue("AccountingCode"),
        as_in_catalogue("BillCycleType"),
        as_in_catalogue("BillingPeriod"),
        as_in_catalogue("TriggerEvent"),
        as_in_catalogue("RevRecCode"),
        as_in_catalogue("RevRecTriggerCondition"),
        as_in_catalogue("UOM"),
        amount("Quantity"),
        Field::new("Version", Kind::Integer).from(Origin::Number(1)),
        Field::new("Segment", Kind::Integer).from(Origin::Number(1)),
        Field::new("IsLastSegment", Kind::Boolean).from(Origin::Flag(true)),
        Field::new("OriginalId", Kind::Ref(Entity::RatePlanCharge)).from(Origin::Same("Id")),
        Field::new("EffectiveStartDate", Kind::Date).inherited("SubscriptionId", "SubscriptionStartDate"),
        Field::new("EffectiveEndDate", Kind::Date).inherited("SubscriptionId", "SubscriptionEndDate"),
        Field::new("TriggerDate", Kind::Date),
        Field::new("ChargedThroughDate", Kind::Date),
        Field::new("ProcessedThroughDate", Kind::Date),
        amount("MRR"),
        amount("TCV"),
        amount("DMRC"),
        amount("DTCV"),
        Field::new("SubscriptionId", Kind::Ref(Entity::Subscription))
            .inherited("RatePlanId", "SubscriptionId")
            .not_in_actions(),
        Field::new("SubscriptionOwnerId", Kind::Ref(Entity::Account))
            .inherited("RatePlanId", "SubscriptionOwnerId")
            .not_in_actions(),
        Field::new("InvoiceOwnerId", Kind::Ref(Entity::Account))
            .inherited("RatePlanId", "InvoiceOwnerId")
            .not_in_actions(),
    ],
};
