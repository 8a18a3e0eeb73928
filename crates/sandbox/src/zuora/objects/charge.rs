//! The charges of a rate plan and their price tiers.

use super::super::schema::{Entity, Field, Kind, Object, Relation, Side};
use super::{CREATED, CREATED_BY, IDENTITY, ITEM_TYPES, UPDATED, UPDATED_BY, YES_NO, amount, ns, ns_pick, text};

const CHARGE_MODELS: &[&str] = &[
    "Discount-Fixed Amount",
    "Discount-Percentage",
    "Flat Fee Pricing",
    "Per Unit Pricing",
    "Overage Pricing",
    "Tiered Pricing",
    "Tiered with Overage Pricing",
    "Volume Pricing",
    "Delivery Pricing",
    "MultiAttributePricing",
    "PreratedPerUnit",
    "PreratedPricing",
    "HighWatermarkVolumePricing",
    "HighWatermarkTieredPricing",
];
const BILL_CYCLE_TYPES: &[&str] = &[
    "DefaultFromCustomer",
    "SpecificDayofMonth",
    "SubscriptionStartDay",
    "ChargeTriggerDay",
    "SpecificDayofWeek",
    "TermStartDay",
    "TermEndDay",
];
const BILLING_PERIODS: &[&str] = &[
    "Month",
    "Quarter",
    "Annual",
    "Semi-Annual",
    "Specific Months",
    "Subscription Term",
    "Week",
    "Specific Weeks",
    "Specific Days",
];
const REV_REC: &[&str] = &["Charge Period Start", "Rev Rec Trigger Date", "Use NetSuite Rev Rec Template"];

/// A charge of a rate plan.
pub(crate) static CHARGE: Object = Object {
    name: "ProductRatePlanCharge",
    label: "Product Rate Plan Charge",
    crud: "product-rate-plan-charge",
    query: "product-rate-plan-charges",
    query_name: "productrateplancharge",
    number: "ProductRatePlanChargeNumber",
    creatable: true,
    expands: &["productrateplan", "productrateplanchargetiers"],
    relations: &[
        Relation { name: "productRatePlan", to: Entity::ProductRatePlan, by: Side::Here("ProductRatePlanId") },
        Relation {
            name: "productRatePlanChargeTiers",
            to: Entity::ProductRatePlanChargeTier,
            by: Side::There("ProductRatePlanChargeId"),
        },
    ],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("ProductRatePlanId", Kind::Ref(Entity::ProductRatePlan)).open().required().indexed().listed(),
        text("Name", 100).required(),
        text("Description", 500),
        Field::new("ChargeModel", Kind::Pick(CHARGE_MODELS)).open().required().listed(),
        Field::new("ChargeType", Kind::Pick(&["OneTime", "Recurring", "Usage"])).once().required().listed(),
        Field::new("BillCycleType", Kind::Pick(BILL_CYCLE_TYPES)).open().required(),
        Field::new("BillCycleDay", Kind::Integer).open(),
        Field::new("BillingPeriod", Kind::Pick(BILLING_PERIODS)).open().required(),
        Field::new("BillingTiming", Kind::Pick(&["In Advance", "In Arrears"])).open(),
        Field::new("TriggerEvent", Kind::Pick(&["ContractEffective", "ServiceActivation", "CustomerAcceptance"]))
            .open()
            .required(),
        Field::new("UseDiscountSpecificAccountingCode", Kind::Boolean).open().required(),
        text("AccountingCode", 100).listed(),
        text("ProductRatePlanChargeNumber", 100).listed().unique().since(133),
        Field::new("DefaultQuantity", Kind::Number).open(),
        text("UOM", 25),
        Field::new("Taxable", Kind::Boolean).open(),
        text("TaxCode", 64).listed(),
        Field::new("TaxMode", Kind::Pick(&["TaxExclusive", "TaxInclusive", "None"])).open(),
        text("RevRecCode", 70),
        Field::new(
            "RevRecTriggerCondition",
            Kind::Pick(&["ContractEffectiveDate", "ServiceActivationDate", "CustomerAcceptanceDate"]),
        )
        .open(),
        text("RevenueRecognitionRuleName", 100),
        text("DeferredRevenueAccount", 100),
        text("RecognizedRevenueAccount", 100),
        Field::new(
            "ListPriceBase",
            Kind::Pick(&["Per Billing Period", "Per Month", "Per Week", "Per Year", "Per Specific Months"]),
        )
        .open(),
        Field::new("EndDateCondition", Kind::Pick(&["SubscriptionEnd", "FixedPeriod"])).open(),
        Field::new("LegacyRevenueReporting", Kind::Boolean).open(),
        ns("IntegrationId__NS"),
        ns("IntegrationStatus__NS"),
        ns("SyncDate__NS"),
        ns("Class__NS"),
        ns("DeferredRevAccount__NS"),
        ns("Department__NS"),
        ns_pick("IncludeChildren__NS", YES_NO),
        ns_pick("ItemType__NS", ITEM_TYPES),
        ns("Location__NS"),
        ns("RecognizedRevAccount__NS"),
        ns_pick("RevRecEnd__NS", REV_REC),
        ns_pick("RevRecStart__NS", REV_REC),
        ns("RevRecTemplateType__NS"),
        ns("Subsidiary__NS"),
    ],
};

/// A price of a charge.
pub(crate) static TIER: Object = Object {
    name: "ProductRatePlanChargeTier",
    label: "Product Rate Plan Charge Tier",
    crud: "product-rate-plan-charge-tier",
    query: "product-rate-plan-charge-tiers",
    query_name: "productrateplanchargetier",
    number: "",
    creatable: false,
    expands: &["productrateplancharge"],
    relations: &[Relation {
        name: "productRatePlanCharge",
        to: Entity::ProductRatePlanCharge,
        by: Side::Here("ProductRatePlanChargeId"),
    }],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("ProductRatePlanChargeId", Kind::Ref(Entity::ProductRatePlanCharge)).indexed(),
        Field::new("Currency", Kind::Text(3)).once().listed(),
        Field::new("Price", Kind::Number).open(),
        Field::new("PriceFormat", Kind::Pick(&["Flat Fee", "Per Unit"])).open(),
        Field::new("Tier", Kind::Integer).once(),
        Field::new("StartingUnit", Kind::Number).open(),
        Field::new("EndingUnit", Kind::Number).open(),
        Field::new("Active", Kind::Boolean).open(),
        amount("DiscountAmount").open(),
        amount("DiscountPercentage").open(),
        amount("IncludedUnits").open(),
        amount("OveragePrice").open(),
    ],
};
