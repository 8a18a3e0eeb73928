//! A small org to ask.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::super::{Asked, Cursors, describe, more, query};
use crate::salesforce::errors::Verdict;
use crate::salesforce::id::Id;
use crate::salesforce::rights::{Rights, Sight};
use crate::salesforce::schema::{CREATED_DATE, ID, IS_DELETED, Kind, MODIFIED_DATE, STAMP, Schema};
use crate::salesforce::store::{Row, Store};
use crate::salesforce::value::Value;

const ORG: [u8; 3] = *b"5g0";

/// An org with some records, and the user who asks.
pub(super) struct Org {
    pub(super) schema: Schema,
    pub(super) store: Store,
    pub(super) rights: Rights,
    pub(super) cursors: Cursors,
    pub(super) now: Timestamp,
}

impl Org {
    pub(super) fn empty() -> Self {
        let schema = Schema::read(&BTreeMap::new()).unwrap();
        let store = Store::new(&schema, ORG);
        let now = "2026-02-11T10:00:00Z".parse().unwrap();
        Self { schema, store, rights: Rights::default(), cursors: Cursors::new(ORG), now }
    }

    /// Three accounts, four contacts of two of them, three orders of one.
    pub(super) fn new() -> Self {
        let mut org = Self::empty();
        let user = org.add("User", &[("LastName", "Sync"), ("Name", "Ada Sync"), ("Username", "ada@example.com")]);
        let acme = org.add(
            "Account",
            &[
                ("Name", "Acme"),
                ("Nue_Id__c", "n-1"),
                ("Industry", "Banking"),
                ("AnnualRevenue", "100.5"),
                ("BillingCity", "Oslo"),
                ("Description", "Long"),
                ("OwnerId", &user),
            ],
        );
        let bolt = org.add(
            "Account",
            &[
                ("Name", "bolt & Co"),
                ("Nue_Id__c", "n-2"),
                ("Industry", "Apparel"),
                ("AnnualRevenue", "20"),
                ("ParentId", &acme),
                ("NumberOfEmployees", "7"),
            ],
        );
        org.add("Account", &[("Name", "Çelik 100%"), ("Nue_Id__c", "N-3")]);
        for (name, account) in [("Moe", Some(&acme)), ("Ann", Some(&acme)), ("Zoe", Some(&bolt)), ("Sole", None)] {
            let account = account.map_or("", String::as_str);
            org.add("Contact", &[("LastName", name), ("Name", name), ("AccountId", account)]);
        }
        for (number, day, amount) in [("1", "2026-02-09", "10"), ("2", "2026-02-11", "20.25"), ("3", "2025-12-31", "5")]
        {
            let status = if number == "1" { "Activated" } else { "Draft" };
            org.add(
                "Order",
                &[
                    ("OrderNumber", number),
                    ("AccountId", &acme),
                    ("EffectiveDate", day),
                    ("Status", status),
                    ("TotalAmount", amount),
                    ("CreatedDate", &format!("{day}T08:00:00Z")),
                ],
            );
        }
        org
    }

    /// Adds a record; answers its id.
    pub(super) fn add(&mut self, object: &str, fields: &[(&str, &str)]) -> String {
        let object = self.schema.position(object).unwrap();
        let described = &self.schema.objects[object];
        let id = self.store.next_id(described.prefix, object);
        let mut values: Vec<Value> = described.fields.iter().map(|field| field.default.clone()).collect();
        let stamp = Value::Moment(
            self.now - jiff::SignedDuration::from_hours(1000 - self.store.table(object).iter().count() as i64),
        );
        values[ID] = Value::Id(id);
        values[IS_DELETED] = Value::Flag(false);
        for system in [CREATED_DATE, MODIFIED_DATE, STAMP] {
            values[system] = stamp.clone();
        }
        for (name, text) in fields {
            let field = described.position(name).unwrap_or_else(|| panic!("{name}"));
            values[field] = match described.fields[field].kind {
                _ if text.is_empty() => Value::Null,
                Kind::Id | Kind::Reference => Value::Id(Id::read(text).unwrap()),
                Kind::Boolean => Value::Flag(text.parse().unwrap()),
                kind if kind.is_number() => Value::Number(text.parse().unwrap()),
                Kind::Date => Value::Date(text.parse().unwrap()),
                Kind::DateTime => Value::Moment(text.parse().unwrap()),
                _ => Value::text(text),
            };
        }
        self.store.put(Row { id, object, values });
        id.to_string()
    }

    /// Puts a record into the recycle bin.
    pub(super) fn delete(&mut self, id: &str) {
        let mut row = (**self.store.get(Id::read(id).unwrap()).unwrap()).clone();
        row.set(IS_DELETED, Value::Flag(true));
        self.store.put(row);
    }

    pub(super) fn hide_field(&mut self, object: &str, field: &str) {
        let object = self.schema.position(object).unwrap();
        let field = self.schema.objects[object].position(field).unwrap();
        self.rights.hidden_fields.insert((object, field));
    }

    pub(super) fn sight(&self) -> Sight<'_> {
        Sight { schema: &self.schema, rights: &self.rights, store: &self.store }
    }

    pub(super) fn asked(&self, all: bool, batch: usize) -> Asked<'static> {
        Asked { version: "v66.0", all, batch, now: self.now }
    }

    pub(super) fn ask(&self, text: &str) -> Verdict<Json> {
        query(&self.sight(), &self.cursors, text, &self.asked(false, 2000))
    }

    pub(super) fn answer(&self, text: &str) -> Json {
        self.ask(text).unwrap_or_else(|refusal| panic!("{text}: {}", refusal.message))
    }

    pub(super) fn answer_with_bin(&self, text: &str) -> Json {
        query(&self.sight(), &self.cursors, text, &self.asked(true, 2000)).unwrap()
    }

    pub(super) fn more(&self, url: &Json) -> Verdict<Json> {
        let locator = url.as_str().unwrap().strip_prefix("/services/data/v66.0/query/").unwrap();
        more(&self.sight(), &self.cursors, locator, &self.asked(false, 2000))
    }

    pub(super) fn columns(&self, text: &str) -> Json {
        describe(&self.sight(), text, &self.asked(false, 2000)).unwrap()
    }

    /// The code and the last line of the message.
    pub(super) fn refused(&self, text: &str) -> (String, String) {
        match self.ask(text) {
            Ok(answer) => panic!("{text} was answered: {answer}"),
            Err(refusal) => (refusal.code.to_owned(), refusal.message.lines().last().unwrap_or_default().to_owned()),
        }
    }

    /// What a field of the records holds.
    pub(super) fn list(&self, field: &str, rest: &str) -> Vec<Json> {
        let answer = self.answer(&format!("SELECT {field} {rest}"));
        records(&answer).iter().map(|record| record[field].clone()).collect()
    }
}

pub(super) fn records(answer: &Json) -> &[Json] {
    answer["records"].as_array().unwrap()
}
