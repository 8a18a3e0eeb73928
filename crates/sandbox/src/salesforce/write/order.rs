//! The vendor's own automation of orders, their products and price books.
//!
//! An order is made as a draft, gets its products, is activated, and is mostly read only from then on. The rules are
//! documented, their error codes are not.

use rust_decimal::Decimal;

use super::Writer;
use crate::salesforce::errors::{Refusal, RowVerdict};
use crate::salesforce::id::Id;
use crate::salesforce::setup::SETUP;
use crate::salesforce::store::Row;
use crate::salesforce::value::Value;

/// Fields of an activated order that may still change, beside its custom ones.
const OPEN_ON_ORDERS: [&str; 9] =
    ["Status", "StatusCode", "ActivatedDate", "ActivatedById", "Description", "PoNumber", "PoDate", "Name", "OwnerId"];
/// A total has sixteen digits before the point.
const LARGEST_TOTAL: u64 = 10_000_000_000_000_000;
/// The same of the products of an activated order.
const OPEN_ON_ITEMS: [&str; 1] = ["Description"];

impl Writer<'_> {
    /// What happens to a row before it is kept.
    pub(super) fn before_save(&mut self, before: Option<&Row>, row: &mut Row) -> RowVerdict<()> {
        match self.object(row.object).name.as_str() {
            "Order" => self.before_order(before, row),
            "OrderItem" => self.before_item(before, row),
            "PricebookEntry" => self.before_price(before, row),
            name if SETUP.contains(&name) => self.before_permission(row),
            _ => Ok(()),
        }
    }

    /// What happens to others when a row was kept.
    pub(super) fn after_save(&mut self, object: usize, id: Id) -> RowVerdict<()> {
        if self.object(object).name == "OrderItem"
            && let Some(order) = self.store.get(id).and_then(|row| self.get(row, "OrderId").as_id())
        {
            self.sum_order(order);
        }
        Ok(())
    }

    /// The sum of an order's products. A roll-up leaves no stamp.
    pub(super) fn sum_order(&mut self, order: Id) {
        let Some(row) = self.store.get(order) else { return };
        let mut row = Row::clone(row);
        let total: Decimal = self.items(order).iter().filter_map(|item| self.get(item, "TotalPrice").as_number()).sum();
        if let Some(position) = self.object(row.object).position("TotalAmount") {
            row.set(position, Value::Number(total));
            self.store.put(row);
        }
    }

    fn get<'r>(&self, row: &'r Row, field: &str) -> &'r Value {
        self.object(row.object).position(field).map_or(&Value::Null, |position| &row.values[position])
    }

    fn put(&self, row: &mut Row, field: &str, value: Value) {
        if let Some(position) = self.object(row.object).position(field) {
            row.set(position, value);
        }
    }

    fn items(&self, order: Id) -> Vec<&Row> {
        let Some(object) = self.schema.position("OrderItem") else { return Vec::new() };
        let Some(position) = self.object(object).position("OrderId") else { return Vec::new() };
        let rows = self.store.table(object).look_up(position, &Value::Id(order));
        rows.map(|row| &**row).filter(|row| !row.is_deleted()).collect()
    }

    fn related(&self, row: &Row, field: &str) -> Option<&Row> {
        self.store.get(self.get(row, field).as_id()?).map(|row| &**row)
    }

    pub(super) fn is_activated(&self, order: &Row) -> bool {
        self.get(order, "StatusCode").as_text() == Some("Activated")
    }

    fn before_order(&self, before: Option<&Row>, row: &mut Row) -> RowVerdict<()> {
        let status = self.get(row, "Status").as_text().unwrap_or_default().to_owned();
        let (start, end) = (self.get(row, "EffectiveDate"), self.get(row, "EndDate"));
        if let (Value::Date(start), Value::Date(end)) = (start, end)
            && start > end
        {
            let message = "Order Start Date can't be later than the Order End Date.: Order Start Date";
            return Err(vec![Refusal::row("FIELD_INTEGRITY_EXCEPTION", message, &["EffectiveDate"])]);
        }
        let was_activated = before.is_some_and(|before| self.is_activated(before));
        if status == "Activated" && !was_activated {
            if before.is_none_or(|before| self.items(before.id).is_empty()) {
                let message = match before {
                    None => "Choose a valid order status and save your changes. Ask your admin for details.",
                    Some(_) => "An order must have at least one product.",
                };
                return Err(vec![Refusal::row("FAILED_ACTIVATION", message, &["Status"])]);
            }
            self.put(row, "ActivatedDate", Value::Moment(self.now));
            self.put(row, "ActivatedById", Value::Id(self.user));
        }
        if status == "Draft" && was_activated {
            self.put(row, "ActivatedDate", Value::Null);
            self.put(row, "ActivatedById", Value::Null);
        }
        self.put(row, "StatusCode", Value::text(&status));
        match before {
            Some(before) if was_activated && status == "Activated" => self.only(before, row, &OPEN_ON_ORDERS),
            Some(before) if self.get(before, "Pricebook2Id") != self.get(row, "Pricebook2Id") => {
                self.no_items(before, "Pricebook2Id")
            }
            _ => Ok(()),
        }
    }

    fn no_items(&self, order: &Row, field: &str) -> RowVerdict<()> {
        if self.items(order.id).is_empty() {
            return Ok(());
        }
        let message = "You can't change the price book of an order that has products.: Price Book ID";
        Err(vec![Refusal::row("FIELD_INTEGRITY_EXCEPTION", message, &[field])])
    }

    /// Only these fields and custom ones may differ.
    fn only(&self, before: &Row, row: &Row, open: &[&str]) -> RowVerdict<()> {
        let fields = self.object(row.object).fields.iter().enumerate();
        let changed: Vec<&str> = fields
            .filter(|(position, _)| before.values[*position] != row.values[*position])
            .map(|(_, field)| field.name.as_str())
            .filter(|name| !name.ends_with("__c") && !open.contains(name))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let message = format!("unable to modify activated order: {}", changed.join(", "));
        Err(vec![Refusal::row("FIELD_INTEGRITY_EXCEPTION", message, &changed)])
    }

    fn before_item(&self, before: Option<&Row>, row: &mut Row) -> RowVerdict<()> {
        let integrity = |field: &str, reason: &str| {
            let message = format!("field integrity exception: {field} ({reason})");
            Err(vec![Refusal::row("FIELD_INTEGRITY_EXCEPTION", message, &[field])])
        };
        if self.get(row, "UnitPrice").is_null() {
            let message = "Required fields are missing: [UnitPrice]";
            return Err(vec![Refusal::row("REQUIRED_FIELD_MISSING", message, &["UnitPrice"])]);
        }
        let order = self.related(row, "OrderId");
        let activated = order.is_some_and(|order| self.is_activated(order));
        if let Some(entry) = self.related(row, "PricebookEntryId") {
            if before.is_none() {
                if !self.get(entry, "IsActive").is_true() {
                    return integrity("PricebookEntryId", "pricebook entry is inactive");
                }
                let same = |field| order.is_some_and(|order| self.get(order, field) == self.get(entry, field));
                if !same("Pricebook2Id") {
                    return integrity(
                        "PricebookEntryId",
                        "pricebook entry is in a different pricebook than the one assigned to the order",
                    );
                }
                if !same("CurrencyIsoCode") {
                    return integrity(
                        "PricebookEntryId",
                        "pricebook entry currency code does not match order currency",
                    );
                }
            }
            let taken =
                [("Product2Id", "Product2Id"), ("ListPrice", "UnitPrice"), ("CurrencyIsoCode", "CurrencyIsoCode")];
            for (own, theirs) in taken {
                let value = self.get(entry, theirs).clone();
                self.put(row, own, value);
            }
        }
        let number = |field| self.get(row, field).as_number().unwrap_or_default();
        let (quantity, price) = (number("Quantity"), number("UnitPrice"));
        let total = quantity.checked_mul(price).filter(|total| total.abs() < Decimal::from(LARGEST_TOTAL));
        let Some(total) = total.map(|total| total.round_dp(2).normalize()) else {
            let message =
                "Total Price: value outside of valid range on numeric field: the product of quantity and price";
            return Err(vec![Refusal::row("NUMBER_OUTSIDE_VALID_RANGE", message, &["TotalPrice"])]);
        };
        let quantity = self.get(row, "Quantity").clone();
        self.put(row, "TotalPrice", Value::Number(total));
        self.put(row, "AvailableQuantity", quantity);
        match before {
            Some(before) if activated => self.only(before, row, &OPEN_ON_ITEMS),
            None if activated => integrity("OrderId", "unable to modify activated order"),
            _ => Ok(()),
        }
    }

    /// A product stands once in a price book for each currency, and first in the standard one.
    fn before_price(&self, before: Option<&Row>, row: &mut Row) -> RowVerdict<()> {
        for (own, theirs) in [("Name", "Name"), ("ProductCode", "ProductCode")] {
            let value =
                self.related(row, "Product2Id").map_or(Value::Null, |product| self.get(product, theirs).clone());
            self.put(row, own, value);
        }
        if before.is_some() {
            return Ok(());
        }
        let Some(position) = self.object(row.object).position("Product2Id") else { return Ok(()) };
        let prices: Vec<&Row> = self
            .store
            .table(row.object)
            .look_up(position, &row.values[position])
            .map(|price| &**price)
            .filter(|price| {
                !price.is_deleted() && self.get(price, "CurrencyIsoCode") == self.get(row, "CurrencyIsoCode")
            })
            .collect();
        if prices.iter().any(|price| self.get(price, "Pricebook2Id") == self.get(row, "Pricebook2Id")) {
            let message = "This price definition already exists in this price book";
            return Err(vec![Refusal::row("DUPLICATE_VALUE", message, &[])]);
        }
        let is_standard =
            |row: &Row| self.related(row, "Pricebook2Id").is_some_and(|book| self.get(book, "IsStandard").is_true());
        if !is_standard(row) && !prices.into_iter().any(is_standard) {
            let message = "No standard price defined for this product";
            return Err(vec![Refusal::row("STANDARD_PRICE_NOT_DEFINED", message, &[])]);
        }
        Ok(())
    }
}
