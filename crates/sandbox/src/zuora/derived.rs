//! Fields that no record holds: their values, and how an equality on one of them is answered from an index.

use super::schema::{Entity, FieldNo, ID, Kind, Origin};
use super::store::Store;
use super::value::Cell;

impl Store {
    /// The value of a field that the record does not hold; `None` if it is null.
    pub(crate) fn derived(&self, entity: Entity, row: u32, field: FieldNo) -> Option<Cell> {
        match entity.at(field).origin? {
            Origin::Same(other) => self.named(entity, row, other),
            Origin::Inherited { by, of } => {
                let (there, row) = self.follow(entity, row, entity.field(by)?)?;
                self.named(there, row, of)
            }
            Origin::Number(number) => Some(Cell::Number(number.into())),
            Origin::Flag(flag) => Some(Cell::Flag(flag)),
            Origin::Text(text) => Some(Cell::text(text)),
            Origin::Counted(letters) => Some(Cell::text(&format!("{letters}{:08}", u64::from(row) + 1))),
        }
    }

    /// Positions among which are all records that have one of these values in a field; texts may be in lower case.
    /// `None` if only a look at every record can tell.
    pub(crate) fn rows_with(&self, entity: Entity, field: FieldNo, values: &[Cell]) -> Option<Vec<u32>> {
        if field == ID {
            return Some(values.iter().filter_map(|value| self.row_of(entity, value)).collect());
        }
        match entity.at(field).origin {
            None => {
                let mut rows = Vec::new();
                for value in values {
                    rows.extend_from_slice(self.table(entity).indexed(field, value)?);
                }
                Some(rows)
            }
            Some(Origin::Same(other)) => self.rows_with(entity, entity.field(other)?, values),
            Some(Origin::Inherited { by, of }) => {
                let by = entity.field(by)?;
                let Kind::Ref(there) = entity.at(by).kind else { return None };
                let rows = self.rows_with(there, there.field(of)?, values)?;
                let ids: Vec<Cell> = rows.into_iter().map(|row| Cell::Ref(self.ids.make(there, row))).collect();
                self.rows_with(entity, by, &ids)
            }
            Some(Origin::Counted(letters)) => Some(values.iter().filter_map(|value| counted(value, letters)).collect()),
            Some(Origin::Number(_) | Origin::Flag(_) | Origin::Text(_)) => None,
        }
    }

    fn row_of(&self, entity: Entity, value: &Cell) -> Option<u32> {
        match value {
            Cell::Ref(id) => self.find(*id).filter(|(found, _)| *found == entity).map(|(_, row)| row),
            _ => None,
        }
    }
}

/// The position that a number of [`Origin::Counted`] stands for.
fn counted(value: &Cell, letters: &str) -> Option<u32> {
    let Cell::Text(text) = value else { return None };
    text.get(letters.len()..)?.parse::<u32>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zuora::schema::Write;

    #[test]
    fn every_origin_leads_to_a_field_of_the_same_type() {
        for entity in Entity::ALL {
            for (_, field) in entity.fields() {
                let source = match field.origin {
                    Some(Origin::Same(other)) => (entity, other),
                    Some(Origin::Inherited { by, of }) => match entity.field(by).map(|by| entity.at(by).kind) {
                        Some(Kind::Ref(there)) => (there, of),
                        _ => panic!("{} of {} is no reference", by, entity.object().name),
                    },
                    _ => continue,
                };
                let kind = source.0.at(source.0.field(source.1).unwrap()).kind;
                let fits = match (field.kind, kind) {
                    (Kind::Ref(entity), Kind::Key) => entity == source.0,
                    (Kind::Text(_) | Kind::Pick(_), Kind::Text(_) | Kind::Pick(_)) => true,
                    (field, source) => field == source,
                };
                assert!(fits, "{} of {}", field.name, entity.object().name);
            }
        }
    }

    #[test]
    fn what_no_record_holds_is_neither_indexed_nor_written() {
        for (_, field) in Entity::ALL.into_iter().flat_map(Entity::fields).filter(|(_, field)| field.origin.is_some()) {
            assert!(!field.indexed && field.write == Write::Never && !field.required, "{}", field.name);
        }
    }
}
