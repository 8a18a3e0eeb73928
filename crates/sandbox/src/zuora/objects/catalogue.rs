//! Products and their rate plans.

use super::super::schema::{Entity, Field, Kind, Object, Relation, Side};
use super::{CREATED, CREATED_BY, IDENTITY, ITEM_TYPES, UPDATED, UPDATED_BY, YES_NO, ns, ns_pick, text};

/// From this WSDL version on, the catalogue's numbers can be read and written.
const NUMBERS_SINCE: u16 = 133;

/// A product.
pub(crate) static PRODUCT: Object = Object {
    name: "Product",
    label: "Product",
    crud: "product",
    query: "products",
    query_name: "product",
    number: "SKU",
    creatable: true,
    expands: &[
        "productrateplans",
        "productrateplans.productrateplancharges",
        "productrateplans.productrateplancharges.productrateplanchargetiers",
    ],
    relations: &[Relation { name: "productRatePlans", to: Entity::ProductRatePlan, by: Side::There("ProductId") }],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        text("Name", 100).required().listed(),
        text("SKU", 50).listed().unique(),
        text("ProductNumber", 100).listed().unique().since(NUMBERS_SINCE),
        text("Description", 500),
        text("Category", 100).listed(),
        Field::new("EffectiveStartDate", Kind::Date).open().required().listed(),
        Field::new("EffectiveEndDate", Kind::Date).open().required().listed(),
        Field::new("AllowFeatureChanges", Kind::Boolean).open(),
        ns("IntegrationId__NS"),
        ns("IntegrationStatus__NS"),
        ns("SyncDate__NS"),
        ns_pick("ItemType__NS", ITEM_TYPES),
    ],
};

/// A rate plan of a product.
pub(crate) static PLAN: Object = Object {
    name: "ProductRatePlan",
    label: "Product Rate Plan",
    crud: "product-rate-plan",
    query: "product-rate-plans",
    query_name: "productrateplan",
    number: "ProductRatePlanNumber",
    creatable: true,
    expands: &[
        "product",
        "productrateplancharges",
        "productrateplancharges.productrateplanchargetiers",
        "externalproductrateplans",
    ],
    relations: &[
        Relation { name: "product", to: Entity::Product, by: Side::Here("ProductId") },
        Relation {
            name: "productRatePlanCharges",
            to: Entity::ProductRatePlanCharge,
            by: Side::There("ProductRatePlanId"),
        },
    ],
    fields: &[
        IDENTITY,
        CREATED_BY,
        CREATED,
        UPDATED_BY,
        UPDATED,
        Field::new("ProductId", Kind::Ref(Entity::Product)).open().required().indexed().listed(),
        text("Name", 255).required().listed(),
        text("Description", 500),
        Field::new("EffectiveStartDate", Kind::Date).open().listed(),
        Field::new("EffectiveEndDate", Kind::Date).open().listed(),
        text("ProductRatePlanNumber", 100).listed().unique().since(NUMBERS_SINCE),
        Field::new("Grade", Kind::Integer).open(),
        ns("IntegrationId__NS"),
        ns("IntegrationStatus__NS"),
        ns("SyncDate__NS"),
        ns_pick("BillingPeriod__NS", &["Monthly", "Quarterly", "Annual", "Semi-Annual"]),
        ns("Class__NS"),
        ns("Department__NS"),
        ns_pick("IncludeChildren__NS", YES_NO),
        ns_pick("ItemType__NS", ITEM_TYPES),
        ns("Location__NS"),
        ns("MultiCurrencyPrice__NS"),
        ns("Price__NS"),
        ns("Subsidiary__NS"),
    ],
};
