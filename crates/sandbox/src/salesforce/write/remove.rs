//! Deletions: to the recycle bin, details with their master.

use super::{Writer, insufficient};
use crate::salesforce::errors::{Refusal, RowVerdict};
use crate::salesforce::id::Id;
use crate::salesforce::schema::IS_DELETED;
use crate::salesforce::store::Row;
use crate::salesforce::value::Value;

impl Writer<'_> {
    /// Moves a record to the recycle bin, and its details with it.
    ///
    /// # Errors
    /// There is no such record, it may not be deleted, or others need it.
    pub(crate) fn delete(&mut self, object: usize, id: Id) -> RowVerdict<()> {
        self.whole(|writer| {
            writer.fault()?;
            let row = writer.writable(object, id)?;
            if writer.object(object).is_fixed() || writer.rights.not_deletable.contains(&object) {
                return Err(vec![insufficient()]);
            }
            writer.remove(row)
        })
    }

    fn remove(&mut self, mut row: Row) -> RowVerdict<()> {
        self.lock(Some(&row), &row)?;
        let name = self.object(row.object).name.as_str();
        let refuse = |message: &str| Err(vec![Refusal::row("DELETE_FAILED", message, &[])]);
        if name == "User" {
            return refuse("Users cannot be deleted; deactivate them instead.");
        }
        if name == "Order" && self.is_activated(&row) {
            return refuse("Only draft orders can be deleted.");
        }
        let order = (name == "OrderItem").then(|| self.object(row.object).position("OrderId")).flatten();
        let order = order.and_then(|position| row.values[position].as_id());
        if order.and_then(|order| self.store.get(order)).is_some_and(|order| self.is_activated(order)) {
            return refuse("The products of an activated order can't be deleted.");
        }
        self.let_go(&row)?;
        row.set(IS_DELETED, Value::Flag(true));
        self.stamp(&mut row);
        self.store.put(row);
        if let Some(order) = order {
            self.sum_order(order);
        }
        Ok(())
    }

    /// Details go with their master, who merely refers to it forgets it, and who needs it keeps it where it is.
    fn let_go(&mut self, row: &Row) -> RowVerdict<()> {
        let schema = self.schema;
        for child in &schema.objects[row.object].children {
            let field = &schema.objects[child.object].fields[child.field];
            let table = self.store.table(child.object);
            if !table.is_indexed(child.field) {
                continue;
            }
            let found = table.look_up(child.field, &Value::Id(row.id)).filter(|found| !found.is_deleted());
            let found: Vec<Row> = found.map(|found| Row::clone(found)).collect();
            for mut other in found {
                if child.cascades {
                    self.remove(other)?;
                } else if field.required {
                    let message = format!(
                        "Your attempt to delete {} could not be completed because it is associated with the following {}: {}",
                        row.id.short(),
                        schema.objects[child.object].plural.to_lowercase(),
                        other.id.short()
                    );
                    return Err(vec![Refusal::row("DELETE_FAILED", message, &[])]);
                } else {
                    other.set(child.field, Value::Null);
                    self.stamp(&mut other);
                    self.store.put(other);
                }
            }
        }
        Ok(())
    }
}
