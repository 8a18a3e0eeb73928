//! New records: what the vendor fills in by itself.

use serde_json::{Map, Value};

use super::fail::Reason;
use super::schema::{Entity, FieldNo, ID};
use super::store::Store;
use super::value::{self, Cell};
use super::write::{self, Mode};

/// Makes a record as an Action or a CRUD body says; answers with its id.
pub(crate) fn create(
    store: &mut Store,
    entity: Entity,
    body: &Map<String, Value>,
    wsdl: u16,
    now: i64,
) -> Result<String, Vec<Reason>> {
    let mut wish = write::read(store, entity, body, Mode::Create, wsdl);
    write::check(store, entity, None, &mut wish);
    let tiers = if entity == Entity::ProductRatePlanCharge { read_tiers(body, &mut wish.reasons) } else { Vec::new() };
    if !wish.reasons.is_empty() {
        return Err(wish.reasons);
    }
    let mut cells: Vec<(FieldNo, Cell)> =
        wish.changes.into_iter().filter_map(|(field, cell)| Some((field, cell?))).collect();
    fill_in(store, entity, &mut cells);
    let id = store.insert(entity, cells, now);
    for (position, tier) in tiers.into_iter().enumerate() {
        let mut cells = tier;
        push(Entity::ProductRatePlanChargeTier, &mut cells, "ProductRatePlanChargeId", Cell::Ref(id));
        push(Entity::ProductRatePlanChargeTier, &mut cells, "Tier", Cell::Number((position + 1).into()));
        store.insert(Entity::ProductRatePlanChargeTier, cells, now);
    }
    Ok(store.ids.text(id))
}

/// Sets a field unless it is set.
fn push(entity: Entity, cells: &mut Vec<(FieldNo, Cell)>, name: &str, cell: Cell) {
    if let Some(field) = entity.field(name)
        && cells.iter().all(|(held, _)| *held != field)
    {
        cells.push((field, cell));
    }
}

/// The prices of a new charge; at least one is demanded.
fn read_tiers(body: &Map<String, Value>, reasons: &mut Vec<Reason>) -> Vec<Vec<(FieldNo, Cell)>> {
    let tiers = body
        .get("ProductRatePlanChargeTierData")
        .and_then(|data| data.get("ProductRatePlanChargeTier"))
        .and_then(Value::as_array);
    let Some(tiers) = tiers.filter(|tiers| !tiers.is_empty()) else {
        reasons.push(Reason::new("MISSING_REQUIRED_VALUE", "Missing required value: ProductRatePlanChargeTierData"));
        return Vec::new();
    };
    let entity = Entity::ProductRatePlanChargeTier;
    let ids = super::ids::Ids::new(0);
    let read = |(name, value): (&String, &Value)| {
        let field = entity.exact_field(name).filter(|field| entity.at(*field).write != super::schema::Write::Never)?;
        Some(value::parse_json(value, entity.at(field).kind, &ids).map(|cell| (field, cell)))
    };
    let mut all = Vec::new();
    for tier in tiers {
        match tier
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .filter_map(read)
            .collect::<Result<Vec<_>, _>>()
        {
            Ok(cells) => all.push(cells),
            Err(why) => reasons.push(Reason::new(
                "INVALID_VALUE",
                format!("The value of a field of ProductRatePlanChargeTier is invalid: {why}"),
            )),
        }
    }
    all
}

fn fill_in(store: &Store, entity: Entity, cells: &mut Vec<(FieldNo, Cell)>) {
    let next = store.table(entity).len() + 1;
    let mut set = |name: &str, cell: Cell| push(entity, cells, name, cell);
    let zero = || Cell::Number(rust_decimal::Decimal::ZERO);
    match entity {
        Entity::Account => {
            set("AccountNumber", free_number(store, entity, "AccountNumber", "A", next));
            set("Batch", Cell::text("Batch1"));
            set("PaymentTerm", Cell::text("Due Upon Receipt"));
            set("AutoPay", Cell::Flag(false));
            set("AllowInvoiceEdit", Cell::Flag(false));
            set("InvoiceDeliveryPrefsEmail", Cell::Flag(false));
            set("InvoiceDeliveryPrefsPrint", Cell::Flag(false));
            for name in ["Balance", "CreditBalance", "TotalInvoiceBalance", "UnappliedBalance", "Mrr"] {
                set(name, zero());
            }
        }
        Entity::Product => {
            set("SKU", free_number(store, entity, "SKU", "SKU-", next));
            set("ProductNumber", free_number(store, entity, "ProductNumber", "PC-", next));
            set("AllowFeatureChanges", Cell::Flag(false));
        }
        Entity::ProductRatePlan => {
            set("ProductRatePlanNumber", free_number(store, entity, "ProductRatePlanNumber", "PRP-", next));
            let product = cells.iter().find_map(|(field, cell)| match cell {
                Cell::Ref(id) if entity.at(*field).name == "ProductId" => store.find(*id),
                _ => None,
            });
            for name in ["EffectiveStartDate", "EffectiveEndDate"] {
                if let Some(date) = product.and_then(|(product, row)| store.named(product, row, name)) {
                    push(entity, cells, name, date);
                }
            }
        }
        Entity::ProductRatePlanCharge => {
            set("ProductRatePlanChargeNumber", free_number(store, entity, "ProductRatePlanChargeNumber", "C-", next));
        }
        _ => {}
    }
}

/// The next number of a kind that no record has.
fn free_number(store: &Store, entity: Entity, field: &str, prefix: &str, from: usize) -> Cell {
    let taken = |cell: &Cell| entity.field(field).is_some_and(|field| !store.equal(entity, field, cell).is_empty());
    (from..usize::MAX)
        .map(|number| Cell::text(&format!("{prefix}{number:08}")))
        .find(|cell| !taken(cell))
        .unwrap_or_else(|| Cell::text(prefix))
}

/// What follows from a change: an invoice that was just posted owes its amount.
pub(crate) fn settle(store: &mut Store, entity: Entity, row: u32, now: i64) {
    if entity != Entity::Invoice || store.named(entity, row, "PostedDate").is_some() {
        return;
    }
    if store.named(entity, row, "Status") != Some(Cell::text("Posted")) {
        return;
    }
    let amount = store.named(entity, row, "Amount");
    let field = |name: &str| entity.field(name).unwrap_or(ID);
    store.update(entity, row, &[(field("PostedDate"), Some(Cell::Moment(now))), (field("Balance"), amount)], now);
}
