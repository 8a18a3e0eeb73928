//! Writes of records: one row after the other, within the transaction of a call.
//!
//! A row goes through what the vendor's order of execution has: the body is read and its rights are checked, then
//! required fields, references and unique keys, then the org's own automation and rules, then it is kept. Nothing of
//! a row that is refused is kept.

mod body;
mod check;
mod order;
mod permission;
mod remove;
mod rules;
pub(crate) mod scalar;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

pub(crate) use scalar::Form;

use super::errors::{Refusal, RowVerdict};
use super::id::Id;
use super::locks::Claim;
use super::rights::{Rights, Sight};
use super::schema::{CREATED_BY, CREATED_DATE, ID, IS_DELETED, MODIFIED_BY, MODIFIED_DATE, Object, STAMP, Schema};
use super::settings::Settings;
use super::store::{Row, Store};
use super::value::Value;

/// What a call's writes share.
pub(crate) struct Writer<'a> {
    /// The objects.
    pub(crate) schema: &'a Schema,
    /// The rows.
    pub(crate) store: &'a mut Store,
    /// The org's settings.
    pub(crate) settings: &'a Settings,
    /// What is taken from the user.
    pub(crate) rights: &'a Rights,
    /// The rows that the call has locked.
    pub(crate) claim: &'a Claim,
    /// The moment of the call.
    pub(crate) now: Timestamp,
    /// Who writes.
    pub(crate) user: Id,
    /// The caller saves what a duplicate rule warns of.
    pub(crate) allow_duplicates: bool,
    /// The next row is to be refused, since a fault wants it so.
    pub(crate) refuse_next: bool,
    /// The next row that is taken is not to be kept, since a fault wants it so.
    pub(crate) forget_next: bool,
}

/// What became of an upsert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Upserted {
    /// The record.
    pub(crate) id: Id,
    /// Whether it is new.
    pub(crate) created: bool,
}

impl Writer<'_> {
    /// The org as the user sees it.
    pub(crate) fn sight(&self) -> Sight<'_> {
        Sight { schema: self.schema, rights: self.rights, store: self.store }
    }

    fn object(&self, object: usize) -> &Object {
        &self.schema.objects[object]
    }

    /// Makes a record.
    ///
    /// # Errors
    /// The record is refused.
    pub(crate) fn insert(&mut self, object: usize, body: &Map<String, Json>, form: Form) -> RowVerdict<Id> {
        self.whole(|writer| {
            writer.fault()?;
            let described = &writer.schema.objects[object];
            if described.is_fixed() || writer.rights.not_createable.contains(&object) {
                let message = format!("entity type cannot be inserted: {}", described.label);
                return Err(vec![Refusal::row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, &[])]);
            }
            let given = writer.read_body(object, body, form, true)?;
            let id = writer.store.next_id(described.prefix, object);
            let mut row = writer.blank(object, id);
            for (field, value) in given {
                row.set(field, value);
            }
            writer.complete_new(&mut row);
            writer.keep(None, row)?;
            Ok(id)
        })
    }

    /// Changes a record.
    ///
    /// # Errors
    /// There is no such record, or the change is refused.
    pub(crate) fn update(&mut self, object: usize, id: Id, body: &Map<String, Json>, form: Form) -> RowVerdict<()> {
        self.whole(|writer| {
            writer.fault()?;
            let before = writer.writable(object, id)?;
            if writer.object(object).is_fixed() || writer.rights.not_updateable.contains(&object) {
                return Err(vec![insufficient()]);
            }
            let given = writer.read_body(object, body, form, false)?;
            let mut row = before.clone();
            for (field, value) in given {
                row.set(field, value);
            }
            writer.keep(Some(&before), row)
        })
    }

    /// Changes the record that has a key, or makes it.
    ///
    /// # Errors
    /// The key matches several records, or the write is refused.
    pub(crate) fn upsert(
        &mut self,
        object: usize,
        key: usize,
        value: &Value,
        body: &Map<String, Json>,
        form: Form,
    ) -> RowVerdict<Upserted> {
        match self.by_key(object, key, value).as_slice() {
            [id] => {
                let id = *id;
                self.update(object, id, body, form).map(|()| Upserted { id, created: false })
            }
            [] if key == ID => {
                Err(vec![Refusal::row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", &[])])
            }
            [] => {
                let mut body = body.clone();
                let field = &self.object(object).fields[key];
                body.insert(field.name.clone(), value.json(field.is_whole()));
                self.insert(object, &body, form).map(|id| Upserted { id, created: true })
            }
            found => {
                let field = &self.object(object).fields[key].name;
                let ids: Vec<String> = found.iter().map(Id::to_string).collect();
                let message =
                    format!("{field}: more than one record found for external id field: [{}]", ids.join(", "));
                Err(vec![Refusal::row("DUPLICATE_EXTERNAL_ID", message, &[])])
            }
        }
    }

    /// The records that are not deleted and have a value in a key field.
    pub(crate) fn by_key(&self, object: usize, key: usize, value: &Value) -> Vec<Id> {
        let field = &self.object(object).fields[key];
        let exact = !field.unique || field.case_sensitive;
        let rows = self.store.table(object).look_up(key, value).filter(|row| !row.is_deleted());
        rows.filter(|row| !exact || row.values[key] == *value).map(|row| row.id).collect()
    }

    /// What one row does is kept whole or not at all.
    fn whole<T>(&mut self, write: impl FnOnce(&mut Self) -> RowVerdict<T>) -> RowVerdict<T> {
        self.store.begin();
        let done = write(self);
        match done {
            Ok(_) if !std::mem::take(&mut self.forget_next) => self.store.commit(),
            _ => self.store.roll_back(),
        }
        done
    }

    /// A fault's refusal is worded as a rule of the customer's own.
    fn fault(&mut self) -> RowVerdict<()> {
        match std::mem::take(&mut self.refuse_next) {
            true => Err(vec![Refusal::row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Refused by a rule of this org.", &[])]),
            false => Ok(()),
        }
    }

    /// A record that the user may write to.
    fn writable(&self, object: usize, id: Id) -> RowVerdict<Row> {
        let row = self.store.get(id).filter(|row| row.object == object).map(|row| &**row);
        let Some(row) = row else {
            return Err(vec![match self.schema.by_prefix(id.prefix()) == Some(object) {
                true => Refusal {
                    status: 404,
                    ..Refusal::row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", &[])
                },
                false => Refusal::row("MALFORMED_ID", format!("malformed id {id}"), &["Id"]),
            }]);
        };
        if row.is_deleted() {
            return Err(vec![Refusal::deleted()]);
        }
        if !self.sight().sees(row) || self.rights.read_only_records.contains(&id) {
            return Err(vec![insufficient()]);
        }
        Ok(row.clone())
    }

    /// A new row of which nothing is said yet.
    pub(crate) fn blank(&self, object: usize, id: Id) -> Row {
        let mut values = vec![Value::Null; self.object(object).fields.len()];
        values[ID] = Value::Id(id);
        values[IS_DELETED] = Value::Flag(false);
        values[CREATED_DATE] = Value::Moment(self.now);
        values[CREATED_BY] = Value::Id(self.user);
        Row { id, object, values }
    }

    /// What a new record has though its writer does not say so.
    pub(crate) fn complete_new(&mut self, row: &mut Row) {
        let schema = self.schema;
        self.take_currency(row);
        for (position, field) in schema.objects[row.object].fields.iter().enumerate() {
            if !row.values[position].is_null() {
                continue;
            }
            if let Some(pattern) = &field.auto_number {
                let number = self.store.next_number(row.object);
                row.set(position, Value::Text(running(pattern, number)));
            } else if field.name == "OwnerId" {
                row.set(position, Value::Id(self.user));
            } else {
                row.set(position, field.default.clone());
            }
        }
    }

    /// A detail is in the currency of its master.
    fn take_currency(&self, row: &mut Row) {
        let currency = |object: usize| self.object(object).position("CurrencyIsoCode");
        let Some(position) = currency(row.object).filter(|position| row.values[*position].is_null()) else { return };
        let fields = self.object(row.object).fields.iter().enumerate();
        let masters = fields.filter(|(_, field)| field.relation.as_ref().is_some_and(|relation| relation.master));
        let master = masters.filter_map(|(at, _)| self.store.get(row.values[at].as_id()?)).next();
        if let Some((master, at)) = master.and_then(|master| Some((master, currency(master.object)?))) {
            row.set(position, master.values[at].clone());
        }
    }

    /// Checks a row and keeps it.
    fn keep(&mut self, before: Option<&Row>, mut row: Row) -> RowVerdict<()> {
        self.name_person(&mut row);
        self.check_required(&row)?;
        self.check_references(before, &row)?;
        self.lock(before, &row)?;
        self.before_save(before, &mut row)?;
        self.check_rules(before, &row)?;
        self.check_unique(&row)?;
        self.stamp(&mut row);
        let (object, id) = (row.object, row.id);
        self.store.put(row);
        self.after_save(object, id)
    }

    /// Who changed a row, and when.
    fn stamp(&self, row: &mut Row) {
        row.set(MODIFIED_DATE, Value::Moment(self.now));
        row.set(MODIFIED_BY, Value::Id(self.user));
        row.set(STAMP, Value::Moment(self.now));
    }

    /// Locks a row and, where its kind of reference does that, its parents, until the call is over.
    fn lock(&self, before: Option<&Row>, row: &Row) -> RowVerdict<()> {
        let mut ids = vec![row.id];
        for (position, field) in self.object(row.object).fields.iter().enumerate() {
            let Some(relation) = field.relation.as_ref().filter(|relation| relation.locks) else { continue };
            let is_new = before.is_none_or(|before| before.values[position] != row.values[position]);
            if relation.master || is_new {
                ids.extend(row.values[position].as_id());
            }
        }
        self.claim.lock(&ids).map_err(|held| vec![locked(&held)])
    }

    /// A person's name is made of its parts.
    pub(crate) fn name_person(&self, row: &mut Row) {
        let object = self.object(row.object);
        let Some(name) = object.fields.iter().position(|field| field.person_name) else { return };
        let part = |name: &str| object.position(name).and_then(|at| row.values[at].as_text()).unwrap_or_default();
        let whole = format!("{} {}", part("FirstName"), part("LastName"));
        row.set(name, Value::text(whole.trim()));
    }
}

fn insufficient() -> Refusal {
    let message = "insufficient access rights on object id";
    Refusal { status: 403, ..Refusal::row("INSUFFICIENT_ACCESS_OR_READONLY", message, &[]) }
}

fn locked(held: &[Id]) -> Refusal {
    let ids: Vec<&str> = held.iter().map(Id::short).collect();
    let records = if held.len() == 1 { "record".to_owned() } else { format!("record or {} records", held.len()) };
    let message = format!("unable to obtain exclusive access to this {records}: {}", ids.join(","));
    Refusal::row("UNABLE_TO_LOCK_ROW", message, &[])
}

/// `M-0000` and 12 make `M-0012`.
fn running(pattern: &str, number: u64) -> String {
    let stem = pattern.trim_end_matches('0');
    let width = pattern.len() - stem.len();
    format!("{stem}{number:0width$}")
}
