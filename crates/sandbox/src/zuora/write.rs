//! Changes to records: what is checked before one is made.

use serde_json::{Map, Value};

use super::fail::Reason;
use super::schema::{Entity, FieldNo, ID, Kind, Write};
use super::store::Store;
use super::value::{self, Cell};

/// Fields and what they become; `None` is null.
pub(crate) type Changes = Vec<(FieldNo, Option<Cell>)>;

/// A request's wish to change a record, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// The changes.
    pub(crate) changes: Changes,
    /// Names that are no fields of the object.
    pub(crate) unknown: Vec<String>,
    /// What is wrong with the rest.
    pub(crate) reasons: Vec<Reason>,
}

/// Whether a record is made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is made.
    Create,
    /// It is changed.
    Update,
}

/// Names that stand in a body beside the fields.
const NOT_FIELDS: [&str; 5] = ["Id", "fieldsToNull", "type", "ProductRatePlanChargeTierData", "ActiveCurrencies"];

/// Reads the fields of an Action's object or of a CRUD body.
pub(crate) fn read(store: &Store, entity: Entity, body: &Map<String, Value>, mode: Mode, wsdl: u16) -> Wish {
    let mut wish = Wish::default();
    for (name, value) in body.iter().filter(|(name, _)| !NOT_FIELDS.contains(&name.as_str())) {
        // Null says nothing in a body; `fieldsToNull` empties a field.
        if value.is_null() {
            continue;
        }
        let Some(field) = entity.exact_field(name).filter(|field| entity.at(*field).is_known(wsdl)) else {
            wish.unknown.push(name.clone());
            continue;
        };
        match read_field(store, entity, field, value, mode) {
            Ok(cell) => wish.changes.push((field, Some(cell))),
            Err(reason) => wish.reasons.push(reason),
        }
    }
    if let Some(Value::Array(names)) = body.get("fieldsToNull") {
        for name in names {
            wish.empty(entity, name.as_str().unwrap_or_default());
        }
    }
    wish
}

/// Reads the value of one field, and checks that it may be written.
pub(crate) fn read_field(
    store: &Store,
    entity: Entity,
    field: FieldNo,
    value: &Value,
    mode: Mode,
) -> Result<Cell, Reason> {
    let definition = entity.at(field);
    let verb = if mode == Mode::Create { "create" } else { "update" };
    if definition.write == Write::Never || (definition.write == Write::Once && mode == Mode::Update) {
        return Err(Reason::new(
            "INVALID_FIELD",
            format!("invalid field for {verb}: {}.{}", entity.object().name, definition.name),
        ));
    }
    let invalid = |why: String| {
        Reason::new("INVALID_VALUE", format!("The value of the field {} is invalid: {why}", definition.name))
    };
    let cell = value::parse_json(value, definition.kind, &store.ids).map_err(invalid)?;
    match (definition.kind, &cell) {
        (Kind::Ref(target), Cell::Ref(id)) if store.find(*id).is_none_or(|(found, _)| found != target) => {
            Err(invalid(format!("there is no {} with this id", target.object().name)))
        }
        _ => Ok(cell),
    }
}

impl Wish {
    fn empty(&mut self, entity: Entity, name: &str) {
        let Some(field) = entity.exact_field(name) else {
            self.unknown.push(name.to_owned());
            return;
        };
        let definition = entity.at(field);
        if definition.write != Write::Always {
            self.reasons.push(Reason::new(
                "INVALID_FIELD",
                format!("invalid field for update: {}.{name}", entity.object().name),
            ));
        } else if definition.required {
            self.reasons.push(Reason::new("MISSING_REQUIRED_VALUE", format!("Missing required value: {name}")));
        } else {
            self.changes.retain(|(changed, _)| *changed != field);
            self.changes.push((field, None));
        }
    }
}

/// Checks what concerns more than one field or record: required fields, unique values and the vendor's rules.
pub(crate) fn check(store: &Store, entity: Entity, row: Option<u32>, wish: &mut Wish) {
    let (changes, reasons) = (&wish.changes, &mut wish.reasons);
    for (field, definition) in entity.fields() {
        let change = changes.iter().find(|(changed, _)| *changed == field).and_then(|(_, cell)| cell.as_ref());
        if definition.required
            && row.is_none()
            && change.is_none()
            && reasons.iter().all(|reason| !reason.message.contains(definition.name))
        {
            reasons.push(Reason::new("MISSING_REQUIRED_VALUE", format!("Missing required value: {}", definition.name)));
        }
        if let (true, Some(cell)) = (definition.unique, change)
            && store.equal(entity, field, cell).into_iter().any(|other| Some(other) != row)
        {
            reasons.push(Reason::new("DUPLICATE_VALUE", format!("The {} already exists.", definition.name)));
        }
    }
    let named = |name: &str| {
        let field = entity.field(name)?;
        match changes.iter().find(|(changed, _)| *changed == field) {
            Some((_, cell)) => cell.clone(),
            None => row.and_then(|row| store.cell(entity, row, field)),
        }
    };
    let rule = match entity {
        Entity::Account => account_rule(&named),
        Entity::Invoice => row.and_then(|row| invoice_rule(store, row, &named)),
        Entity::Product => match (named("EffectiveStartDate"), named("EffectiveEndDate")) {
            (Some(start), Some(end)) if start.compare(&end).is_gt() => {
                Some("The effective end date must not be before the effective start date.")
            }
            _ => None,
        },
        _ => None,
    };
    reasons.extend(rule.map(|rule| Reason::new("INVALID_VALUE", rule)));
}

fn text_is(cell: Option<Cell>, wanted: &str) -> bool {
    matches!(cell, Some(Cell::Text(text)) if &*text == wanted)
}

fn account_rule(named: &dyn Fn(&str) -> Option<Cell>) -> Option<&'static str> {
    let contacts = named("BillToId").is_some() && named("SoldToId").is_some();
    (text_is(named("Status"), "Active") && !contacts)
        .then_some("An active account must have a bill-to contact and a sold-to contact.")
}

fn invoice_rule(store: &Store, row: u32, named: &dyn Fn(&str) -> Option<Cell>) -> Option<&'static str> {
    let before = |name: &str| store.named(Entity::Invoice, row, name);
    let changed = |name: &str| named(name) != before(name);
    if text_is(before("Status"), "Draft") {
        return None;
    }
    // A document that was posted or cancelled keeps its dates and its status.
    ["InvoiceDate", "DueDate", "Status"].into_iter().any(changed).then_some("Only draft invoices can be updated.")
}

/// The references to a record that forbid its deletion.
pub(crate) fn is_in_use(store: &Store, entity: Entity, row: u32) -> bool {
    let Some(id) = store.cell(entity, row, ID) else { return false };
    Entity::ALL.into_iter().any(|other| {
        other.fields().any(|(field, definition)| {
            // A charge goes with its own prices.
            definition.kind == Kind::Ref(entity)
                && other != Entity::ProductRatePlanChargeTier
                && store.table(other).indexed(field, &id).is_some_and(|rows| !rows.is_empty())
        })
    })
}
