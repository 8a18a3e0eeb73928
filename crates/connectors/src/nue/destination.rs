//! The port of the destination. Nue enforces no key: a record is known by its id, by its `externalId`, or by the source's id
//! in a field of the tenant's own, and a create whose outcome is not known must be waited out before it is repeated.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use futures::stream::{self, StreamExt};
use model::ports::{Destination, FieldUse, Found, Held, Lack, LookUpKey, Source, Target, Write};
use model::problem::{Answer, Problem};
use model::status::Operation;
use model::value::{Name, Record, SmolStr};
use reqwest::Method;

use super::wire::at;
use super::{Nue, assumed, orders, paths};
use crate::http::{Effect, Reply, Request, verdict};
use crate::json;

/// The objects that can be written.
pub(super) const ORDER: &str = "order";
pub(super) const CHANGE_ORDER: &str = "changeOrder";
const CUSTOMER: &str = "customer";
const CONTACT: &str = "contact";
pub(super) const SUBSCRIPTION: &str = "subscription";

#[async_trait]
impl Destination for Nue {
    async fn lacking(&self, object: &str, fields: &[String]) -> Result<Vec<Lack>, Problem> {
        let mut lacks = Vec::new();
        let of = |list: &str| fields.iter().filter_map(|field| field.strip_prefix(list)?.strip_prefix('.')).collect();
        let own: Vec<&str> = fields.iter().map(String::as_str).filter(|field| !field.contains('.')).collect();
        for (object, names) in [(object, own), (orders::LINE, of(orders::LINES))] {
            let readable: Vec<&str> = names.into_iter().filter(|name| !orders::is_command(name)).collect();
            let used = |name: &&str| FieldUse { field: (*name).to_owned(), filtered: false, written: true };
            if !readable.is_empty() {
                lacks.extend(Source::lacking(self, object, &readable.iter().map(used).collect::<Vec<_>>()).await?);
            }
        }
        Ok(lacks)
    }

    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let own: Vec<&str> = keys.iter().map(|key| key.record_id.as_str()).collect();
        let carried: Vec<&str> = keys.iter().map(|key| key.source_id.as_str()).filter(|id| !id.is_empty()).collect();
        let fields = self.fields(target);
        let known_by = [("id", &own), ("externalId", &own)];
        let mut held: Vec<Record> = Vec::new();
        for (field, ids) in known_by.into_iter().chain(target.source_id_field.as_deref().map(|field| (field, &carried)))
        {
            for record in self.all_queried(&target.object, &fields, field, ids).await? {
                if !held.iter().any(|other| at(other, "id") == at(&record, "id")) {
                    held.push(record);
                }
            }
        }
        // A draft binds nobody, and a cancelled order nobody any more: neither is the order.
        if orders::is_order(&target.object) {
            held.retain(orders::is_active);
        }
        let of = |key: &LookUpKey| {
            held.iter().filter(|record| carries(target, record, key)).map(|record| shown(target, record)).collect()
        };
        Ok(keys.iter().map(of).collect())
    }

    /// Nue documents no address that would not lag; the search is asked once more.
    async fn ask_record(&self, target: &Target, key: &LookUpKey) -> Result<Option<Found>, Problem> {
        let found = self.look_up(target, std::slice::from_ref(key)).await?;
        Ok(found.into_iter().flatten().next())
    }

    async fn by_id(&self, target: &Target, id: &str) -> Result<Option<Held>, Problem> {
        let held = self.all_queried(&target.object, &self.fields(target), "id", &[id]).await?;
        Ok(held.first().map(|record| Held {
            found: shown(target, record),
            source_id: target
                .source_id_field
                .as_deref()
                .map(|field| at(record, field).show().into())
                .unwrap_or_default(),
            external: at(record, "externalId").show().into(),
        }))
    }

    async fn write(&self, writes: Vec<Write<'_>>) -> Vec<Answer<String>> {
        let mut ways: BTreeMap<Way, Vec<usize>> = BTreeMap::new();
        for (place, write) in writes.iter().enumerate() {
            ways.entry(Way::of(write)).or_default().push(place);
        }
        let mut answers: Vec<(usize, Answer<String>)> = Vec::with_capacity(writes.len());
        for (way, places) in ways {
            let group: Vec<&Write<'_>> = places.iter().map(|place| &writes[*place]).collect();
            let said = match way {
                Way::Customers => self.make_customers(&group).await,
                Way::Contacts(customer) => self.make_contacts(&customer, &group).await,
                Way::Orders => self.make_orders(&group).await,
                Way::Alone => {
                    let calls: Vec<_> = group.iter().map(|write| self.write_one(write)).collect();
                    stream::iter(calls).buffered(self.concurrency).collect().await
                }
            };
            answers.extend(places.into_iter().zip(said));
        }
        answers.sort_unstable_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn read(&self, target: &Target, id: &str) -> Result<Option<Record>, Problem> {
        Ok(self.all_queried(&target.object, &self.fields(target), "id", &[id]).await?.into_iter().next())
    }

    /// `product.sku`: the ids of an object's records by one of its fields.
    async fn list(&self, name: &str) -> Result<HashMap<SmolStr, SmolStr>, Problem> {
        let (object, field) = name
            .split_once('.')
            .ok_or_else(|| self.unfit(paths::GRAPHQL, format!("the list '{name}' is not of the form object.field")))?;
        let mut entries: HashMap<SmolStr, Option<SmolStr>> = HashMap::new();
        for record in self.all_queried(object, &[Name::from(field)], "", &[]).await? {
            // Two of one name: neither is picked.
            let id = Some(SmolStr::from(at(&record, "id").show()));
            entries.entry(at(&record, field).show().into()).and_modify(|held| *held = None).or_insert(id);
        }
        Ok(entries.into_iter().filter_map(|(name, id)| Some((name, id?))).collect())
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// A call lasts as long as we wait for it, and may be carried out after we gave up.
    fn wait_out(&self) -> Option<u64> {
        Some(self.wait_out_seconds)
    }
}

/// Which records go in calls together.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Customers,
    /// New contacts of one customer.
    Contacts(String),
    Orders,
    Alone,
}

impl Way {
    fn of(write: &Write<'_>) -> Self {
        match (write.target.object.as_str(), write.intent.operation()) {
            (CUSTOMER, Operation::Create) => Self::Customers,
            (CONTACT, Operation::Create) => Self::Contacts(write.draft.fields.get("customerId").show()),
            (object, Operation::Create) if orders::is_order(object) => Self::Orders,
            _ => Self::Alone,
        }
    }
}

/// Whether a record is the one that a source record became, or was born as.
fn carries(target: &Target, record: &Record, key: &LookUpKey) -> bool {
    let is = |field: &str, id: &str| !id.is_empty() && at(record, field).show().eq_ignore_ascii_case(id);
    is("id", &key.record_id)
        || is("externalId", &key.record_id)
        || target.source_id_field.as_deref().is_some_and(|field| is(field, &key.source_id))
}

pub(super) fn shown(target: &Target, held: &Record) -> Found {
    let mut record = Record::with_capacity(target.columns.len());
    for column in &target.columns {
        record.set(column.as_str(), at(held, column).clone());
    }
    Found { id: at(held, "id").show().into(), record }
}

impl Nue {
    /// What a look-up reads of a record.
    pub(super) fn fields(&self, target: &Target) -> Vec<Name> {
        let state: &[&str] = if orders::is_order(&target.object) { &["status", "createdDate"] } else { &[] };
        let columns = target.columns.iter().map(String::as_str).chain(target.source_id_field.as_deref());
        ["id", "externalId"].into_iter().chain(state.iter().copied()).chain(columns).map(Name::from).collect()
    }

    async fn write_one(&self, write: &Write<'_>) -> Answer<String> {
        match (write.target.object.as_str(), write.intent.operation()) {
            (CUSTOMER, Operation::Update) => self.patch(&assumed::CUSTOMER_CHANGE, write).await,
            (SUBSCRIPTION, Operation::Update) => self.patch(&assumed::SUBSCRIPTION_CHANGE, write).await,
            (ORDER, Operation::Update) => self.patch(&assumed::ORDER_CHANGE, write).await,
            (object, operation) => {
                let words = format!("nothing is known of how Nue would {operation} a {object}");
                Answer::NotDone(self.unfit("write", words))
            }
        }
    }

    async fn patch(&self, change: &'static assumed::Assumption, write: &Write<'_>) -> Answer<String> {
        let template = self.assumed.of(change);
        if !is_id(&write.id) {
            return Answer::NotDone(self.unfit(template, format!("'{}' is no id", write.id)));
        }
        let mut body = Vec::with_capacity(256);
        json::write_record(&write.draft.fields, &mut body);
        let path = self.assumed.path(change, &write.id);
        let request = self.sending(Method::PATCH, &path, template, body, Effect::Write);
        self.sent(&request).await.map(|_| write.id.to_string())
    }

    pub(super) async fn sent(&self, request: &Request) -> Answer<Reply> {
        verdict(self.send(request).await, |reply| self.http.told(request, reply))
    }
}

/// What can stand in an address: an id of Salesforce's or of Nue's.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}
