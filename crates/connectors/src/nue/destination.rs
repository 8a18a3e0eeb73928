//! The port of the destination. Nue enforces no key: a record is known by its id, by its `externalId`, or by the source's id
//! in a field of the tenant's own, and a create whose outcome is not known must be waited out before it is repeated.
//!
//! An order is made as a draft, which binds nobody, and then activated. Of several drafts one is activated and the others
//! are cancelled.

use std::collections::HashMap;

use async_trait::async_trait;
use model::ports::{Destination, Found, Held, Lack, LookUpKey, Target, Write};
use model::problem::{Answer, Cause, Problem};
use model::status::Operation;
use model::value::{Name, Record, SmolStr, Value};
use reqwest::Method;

use super::wire::{self, at};
use super::{Nue, assumed, paths};
use crate::http::{Effect, Fault, Reply, Request, verdict};
use crate::json;

/// Customers of a create.
const CUSTOMERS_A_CALL: usize = 200;
const ORDER: &str = "order";
const CUSTOMER: &str = "customer";
const SUBSCRIPTION: &str = "subscription";

#[async_trait]
impl Destination for Nue {
    async fn lacking(&self, object: &str, fields: &[String]) -> Result<Vec<Lack>, Problem> {
        let names: Vec<Name> =
            fields.iter().filter(|field| !field.contains('.')).map(|field| Name::from(field.as_str())).collect();
        let used = |name: &Name| model::ports::FieldUse { field: name.to_string(), filtered: false, written: true };
        model::ports::Source::lacking(self, object, &names.iter().map(used).collect::<Vec<_>>()).await
    }

    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let ids: Vec<&str> = keys.iter().map(|key| key.source_id.as_str()).collect();
        let fields = self.fields(target);
        let known_by = ["id", "externalId"].into_iter().chain(target.source_id_field.as_deref());
        let mut held: Vec<Record> = Vec::new();
        for field in known_by {
            for record in self.all_queried(&target.object, &fields, field, &ids).await? {
                if !held.iter().any(|other| at(other, "id") == at(&record, "id")) {
                    held.push(record);
                }
            }
        }
        let of = |key: &LookUpKey| {
            let own = held.iter().filter(|record| carries(target, record, &key.source_id)).collect();
            let chosen = if target.object == ORDER { standing(own) } else { own };
            chosen.into_iter().map(|record| shown(target, record)).collect()
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
        let mut answers = Vec::with_capacity(writes.len());
        let mut rest = writes.as_slice();
        // Customers that are made go many a call; all else goes one by one, in its order.
        while let Some(first) = rest.first() {
            let together = rest.iter().take_while(|write| is_new_customer(write)).count().min(CUSTOMERS_A_CALL);
            if together > 0 {
                answers.extend(self.make_customers(&rest[..together]).await);
                rest = &rest[together..];
            } else {
                answers.push(self.write_one(first).await);
                rest = &rest[1..];
            }
        }
        answers
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

fn is_new_customer(write: &Write<'_>) -> bool {
    write.target.object == CUSTOMER && write.intent.operation() == Operation::Create
}

/// Whether a record is the one that a source record became, or was born as.
fn carries(target: &Target, record: &Record, source_id: &str) -> bool {
    ["id", "externalId"]
        .into_iter()
        .chain(target.source_id_field.as_deref())
        .any(|field| at(record, field).show().eq_ignore_ascii_case(source_id))
}

/// The order that counts among those of one source order: what is activated; else the oldest draft. Cancelled ones are
/// none.
fn standing(orders: Vec<&Record>) -> Vec<&Record> {
    let active: Vec<&Record> = orders.iter().copied().filter(|order| is_active(order)).collect();
    if !active.is_empty() {
        return active;
    }
    let drafts = orders.into_iter().filter(|order| is_draft(order));
    drafts.min_by_key(|order| (at(order, "createdDate").show(), at(order, "id").show())).into_iter().collect()
}

/// The pages call one state by two names.
fn is_active(order: &Record) -> bool {
    ["Active", "Activated"].iter().any(|name| at(order, "status").show().eq_ignore_ascii_case(name))
}

fn is_draft(order: &Record) -> bool {
    at(order, "status").show().eq_ignore_ascii_case("Draft")
}

fn shown(target: &Target, held: &Record) -> Found {
    let mut record = Record::with_capacity(target.columns.len());
    for column in &target.columns {
        let value = match column.as_str() {
            "status" if is_active(held) => Value::text("Active"),
            column => at(held, column).clone(),
        };
        record.set(column.as_str(), value);
    }
    Found { id: at(held, "id").show().into(), record }
}

impl Nue {
    /// What a look-up reads of a record.
    fn fields(&self, target: &Target) -> Vec<Name> {
        let state: &[&str] = if target.object == ORDER { &["status", "createdDate"] } else { &[] };
        let columns = target.columns.iter().map(String::as_str).chain(target.source_id_field.as_deref());
        ["id", "externalId"].into_iter().chain(state.iter().copied()).chain(columns).map(Name::from).collect()
    }

    async fn write_one(&self, write: &Write<'_>) -> Answer<String> {
        match (write.target.object.as_str(), write.intent.operation()) {
            (ORDER, Operation::Create) => self.make_order(write).await,
            (ORDER, Operation::Update) => self.take_further(write).await,
            (CUSTOMER, Operation::Update) => self.patch(&assumed::CUSTOMER_CHANGE, write).await,
            (SUBSCRIPTION, Operation::Update) => self.patch(&assumed::SUBSCRIPTION_CHANGE, write).await,
            (object, operation) => {
                let words = format!("nothing is known of how Nue would {operation} a {object}");
                Answer::NotDone(self.unfit("write", words))
            }
        }
    }

    async fn make_customers(&self, writes: &[Write<'_>]) -> Vec<Answer<String>> {
        let all = |kind: fn(Problem) -> Answer<String>, problem: Problem| -> Vec<Answer<String>> {
            writes.iter().map(|_| kind(problem.clone())).collect()
        };
        let mut body = b"[".to_vec();
        for (position, write) in writes.iter().enumerate() {
            if position > 0 {
                body.push(b',');
            }
            json::write_record(&write.draft.fields, &mut body);
        }
        body.push(b']');
        let path = self.assumed.of(&assumed::CUSTOMER_CREATE);
        let request = self.sending(Method::POST, path, path, body, Effect::Write);
        let reply = match self.sent(&request).await {
            Answer::Accepted(reply) => reply,
            Answer::Refused(problem) => return all(Answer::Refused, problem),
            Answer::Unknown(problem) => return all(Answer::Unknown, problem),
            Answer::NotDone(problem) => return all(Answer::NotDone, problem),
        };
        match wire::listed(&reply.body) {
            Ok(listed) if listed.records.len() == writes.len() => {
                listed.records.iter().map(|record| Answer::Accepted(at(record, "id").show())).collect()
            }
            Ok(listed) => {
                let words = format!("{} customers came back of {}", listed.records.len(), writes.len());
                all(Answer::Unknown, self.http.malformed(&request, &reply, words))
            }
            Err(error) => all(Answer::Unknown, self.http.malformed(&request, &reply, error)),
        }
    }

    /// A draft, and at once its activation: no other draft of this order can be under way, or it would have been waited out.
    async fn make_order(&self, write: &Write<'_>) -> Answer<String> {
        if write.target.source_id_field.is_none() {
            let words = "the flow names no `source_id`, a field of Nue's order that holds the Salesforce id and can be \
                         filtered by: without it an interrupted order could not be found again, so none is made";
            return Answer::NotDone(self.unfit(paths::ORDERS, words));
        }
        let mut body = Vec::with_capacity(1024);
        json::write_record(&write.draft.fields, &mut body);
        let path = self.assumed.of(&assumed::ORDER_CREATE);
        let request = self.sending(Method::POST, path, path, body, Effect::Write);
        let reply = match self.sent(&request).await {
            Answer::Accepted(reply) => reply,
            other => return other.map(|_| String::new()),
        };
        let answer = match wire::one(&reply.body) {
            Ok(answer) => answer,
            Err(error) => return Answer::Unknown(self.http.malformed(&request, &reply, error)),
        };
        let id = Some(at(&answer, "order.id").show())
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| at(&answer, "id").show());
        if !is_id(&id) {
            return Answer::Unknown(self.http.malformed(&request, &reply, "the answer to the draft names no order"));
        }
        self.activate(&id).await
    }

    /// A draft that was found: the others of the same source order are cancelled first, so that one is left to activate.
    async fn take_further(&self, write: &Write<'_>) -> Answer<String> {
        let others = match self.other_drafts(write).await {
            Ok(others) => others,
            Err(problem) => return Answer::NotDone(problem),
        };
        let Some(others) = others else {
            let words = "the order is active in Nue, where it cannot be changed any more: make a change order there";
            return Answer::Refused(self.http.problem(paths::ORDERS, Cause::Validation, words));
        };
        for other in others {
            let path = self.assumed.path(&assumed::ORDER_CANCEL, &other);
            let template = self.assumed.of(&assumed::ORDER_CANCEL);
            let request = self.sending(Method::POST, &path, template, b"{}".to_vec(), Effect::Write);
            match self.sent(&request).await {
                Answer::Accepted(_) => {
                    tracing::warn!(application = "nue", order = other, kept = %write.id, "a second draft was cancelled");
                }
                other => return other.map(|_| String::new()),
            }
        }
        self.activate(&write.id).await
    }

    /// The drafts of the same source order beside the one that is kept; `None` if that is no draft.
    async fn other_drafts(&self, write: &Write<'_>) -> Result<Option<Vec<String>>, Problem> {
        let field = write.target.source_id_field.as_deref().unwrap_or("externalId");
        let held = self.all_queried(ORDER, &self.fields(&write.target), field, &[&write.key.source_id]).await?;
        let kept = held.iter().any(|order| at(order, "id").show() == write.id && is_draft(order));
        let others = held.iter().filter(|order| is_draft(order)).map(|order| at(order, "id").show());
        Ok(kept.then(|| others.filter(|id| *id != write.id && is_id(id)).collect()))
    }

    async fn activate(&self, id: &str) -> Answer<String> {
        let invoice = self.generate_invoice;
        let body = format!("{{\"options\":{{\"generateInvoice\":{invoice},\"activateInvoice\":{invoice}}}}}");
        let path = self.assumed.path(&assumed::ORDER_ACTIVATE, id);
        let template = self.assumed.of(&assumed::ORDER_ACTIVATE);
        let request = self.sending(Method::POST, &path, template, body.into_bytes(), Effect::Write);
        self.sent(&request).await.map(|_| id.to_owned())
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

    async fn sent(&self, request: &Request) -> Answer<Reply> {
        let sent: Result<Reply, Fault> = self.send(request).await;
        verdict(sent, |reply| self.http.told(request, reply))
    }
}

/// What can stand in an address: an id of Salesforce's or of Nue's.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}
