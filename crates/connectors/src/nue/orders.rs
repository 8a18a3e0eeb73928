//! An order is made in two steps: a draft, which binds nobody, and its activation, which makes subscriptions and invoices.
//!
//! Nue enforces no key, and a draft may be left over from a process that died. So before anything is made, the drafts that
//! carry the source's id are asked for: one that agrees with the order is activated, and the others are cancelled. A draft
//! is read again before it is activated, because what Nue reckoned must be what was agreed: where it is not, the draft
//! stays for a person to look at, and the order is refused. Changes of subscriptions are deltas (`UpdateQuantity` adds): they go the same way, so
//! that one is activated once, whatever became of earlier attempts.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use futures::stream::{self, StreamExt};
use model::ports::{Target, Write};
use model::problem::{Answer, Cause, Problem};
use model::value::{Name, Record, SmolStr, Value};
use reqwest::Method;

use super::assumed::{self, Assumption};
use super::destination::{CHANGE_ORDER, ORDER, SUBSCRIPTION, is_id, shown};
use super::wire::{self, at};
use super::{Nue, paths};
use crate::http::Effect;
use crate::json;

/// The list of what is ordered, in a draft of a flow; and its entries' object.
pub(super) const LINES: &str = "orderProducts";
pub(super) const LINE: &str = "orderProduct";
/// The same of a change order.
const CHANGES: &str = "assetChanges";
/// The field of a change that names the subscription.
const NUMBER: &str = "assetNumber";

/// Whether a type is an order.
pub(super) fn is_order(object: &str) -> bool {
    object == ORDER || object == CHANGE_ORDER
}

/// What a call takes and no record has for a field.
pub(super) fn is_command(field: &str) -> bool {
    [LINES, CHANGES, "options"].contains(&field)
}

/// The pages call one state by two names.
pub(super) fn is_active(order: &Record) -> bool {
    ["Active", "Activated"].iter().any(|name| at(order, "status").show().eq_ignore_ascii_case(name))
}

fn is_draft(order: &Record) -> bool {
    at(order, "status").show().eq_ignore_ascii_case("Draft")
}

/// How far one order has come.
enum Step {
    /// Its fate is known.
    Ended(Answer<String>),
    /// A draft stands, and is to be read.
    Drafted(String),
}

impl Nue {
    /// Makes orders, or takes those further that were begun.
    pub(super) async fn make_orders(&self, writes: &[&Write<'_>]) -> Vec<Answer<String>> {
        let none = |problem: Problem| writes.iter().map(|_| Answer::NotDone(problem.clone())).collect();
        let Some(target) = writes.first().map(|write| &*write.target) else { return Vec::new() };
        let Some(field) = target.source_id_field.as_deref() else {
            let words = "the flow names no `source_id`, a field of Nue's order that holds the Salesforce id and can be \
                         filtered by: without it an interrupted order could not be found again, so none is made";
            return none(self.unfit(paths::ORDERS, words));
        };
        let ids: Vec<&str> = writes.iter().map(|write| write.key.source_id.as_str()).collect();
        let fields = self.fields(target);
        let known = futures::try_join!(self.all_queried(ORDER, &fields, field, &ids), self.numbers(writes));
        let (begun, numbers) = match known {
            Ok(known) => known,
            Err(problem) => return none(problem),
        };
        let drafts = writes.iter().map(|write| self.drafted(write, field, &begun, &numbers));
        let steps: Vec<Step> = stream::iter(drafts.collect::<Vec<_>>()).buffered(self.concurrency).collect().await;
        let read = match self.read_drafts(target, &steps).await {
            Ok(read) => read,
            Err(problem) => return steps.into_iter().map(|step| unread(step, &problem)).collect(),
        };
        let ends = writes.iter().zip(steps).map(|(write, step)| self.agreed(write, field, step, &read));
        stream::iter(ends.collect::<Vec<_>>()).buffered(self.concurrency).collect().await
    }

    /// A draft of the order: one that stands, or a new one. All but one of those that stand are cancelled.
    async fn drafted(&self, write: &Write<'_>, field: &str, begun: &[Record], numbers: &Numbers) -> Step {
        let own = begun.iter().filter(|order| at(order, field).show().eq_ignore_ascii_case(&write.key.source_id));
        let own: Vec<&Record> = own.collect();
        if let Some(active) = own.iter().find(|order| is_active(order)) {
            return Step::Ended(Answer::Accepted(at(active, "id").show()));
        }
        let mut drafts: Vec<&Record> = own.into_iter().filter(|order| is_draft(order)).collect();
        drafts.sort_by_key(|order| (at(order, "createdDate").show(), at(order, "id").show()));
        let differences = |order: &&&Record| write.terms.differences(&shown(&write.target, order).record).ok();
        let agreeing = drafts.iter().find(|order| differences(order).is_some_and(|all| all.is_empty()));
        // One that Nue reckons otherwise stays as it is, for a person to look at: a new one would be reckoned alike.
        let disputed = || drafts.iter().find(|order| differences(order).is_some_and(|all| write.terms.are_fixed(&all)));
        let kept = agreeing.or_else(disputed).map(|order| at(order, "id").show());
        for extra in drafts.iter().map(|order| at(order, "id").show()).filter(|id| Some(id) != kept.as_ref()) {
            tracing::warn!(application = "nue", order = extra, of = %write.key.source_id, "a draft too many is cancelled");
            match self.cancel(&extra).await {
                Answer::Accepted(_) => {}
                other => return Step::Ended(other),
            }
        }
        match kept {
            Some(id) => Step::Drafted(id),
            None => self.draft(write, numbers).await,
        }
    }

    async fn draft(&self, write: &Write<'_>, numbers: &Numbers) -> Step {
        let is_change = write.target.object == CHANGE_ORDER;
        let path = self.assumed.of(if is_change { &assumed::CHANGE_ORDER_CREATE } else { &assumed::ORDER_CREATE });
        let mut body = Vec::with_capacity(1024);
        json::write_record(&numbered(&write.draft.fields, numbers), &mut body);
        let request = self.sending(Method::POST, path, path, body, Effect::Write);
        let reply = match self.sent(&request).await {
            Answer::Accepted(reply) => reply,
            other => return Step::Ended(other.map(|_| String::new())),
        };
        let made = wire::one(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error));
        let id = made.map(|made| {
            let nested = at(&made, "order.id").show();
            if nested.is_empty() { at(&made, "id").show() } else { nested }
        });
        match id {
            Ok(id) if is_id(&id) => Step::Drafted(id),
            Ok(_) => {
                let words = "the answer to the draft names no order";
                Step::Ended(Answer::Unknown(self.http.malformed(&request, &reply, words)))
            }
            Err(problem) => Step::Ended(Answer::Unknown(problem)),
        }
    }

    /// The numbers of the subscriptions that change orders name by their ids.
    async fn numbers(&self, writes: &[&Write<'_>]) -> Result<Numbers, Problem> {
        let changes = writes.iter().flat_map(|write| write.draft.fields.list(CHANGES));
        let named = changes.filter_map(|change| match change.get(NUMBER) {
            Value::Reference(id) => Some(id.as_str()),
            _ => None,
        });
        let ids: Vec<&str> = named.collect::<BTreeSet<_>>().into_iter().collect();
        if ids.is_empty() {
            return Ok(Numbers::new());
        }
        let held = self.all_queried(SUBSCRIPTION, &[Name::new_static("name")], "id", &ids).await?;
        Ok(held.iter().map(|held| (at(held, "id").show().into(), at(held, "name").clone())).collect())
    }

    async fn read_drafts(&self, target: &Target, steps: &[Step]) -> Result<HashMap<String, Record>, Problem> {
        let drafted = |step: &Step| if let Step::Drafted(id) = step { Some(id.clone()) } else { None };
        let ids: Vec<String> = steps.iter().filter_map(drafted).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let fields: Vec<Name> = self.fields(target).into_iter().chain([Name::new_static("orderNumber")]).collect();
        let read = self.all_queried(ORDER, &fields, "id", &ids).await?;
        Ok(read.into_iter().map(|order| (at(&order, "id").show(), order)).collect())
    }

    /// Activates a draft that agrees with the order.
    async fn agreed(
        &self,
        write: &Write<'_>,
        field: &str,
        step: Step,
        read: &HashMap<String, Record>,
    ) -> Answer<String> {
        let id = match step {
            Step::Ended(answer) => return answer,
            Step::Drafted(id) => id,
        };
        let Some(held) = read.get(&id) else {
            let words = format!("Nue does not show the draft {id} yet: it is activated when it has been read");
            return Answer::NotDone(self.http.problem(paths::ORDERS, Cause::Overload, words));
        };
        if !at(held, field).show().eq_ignore_ascii_case(&write.key.source_id) {
            return self.unfindable(&id, field).await;
        }
        match write.terms.differences(&shown(&write.target, held).record) {
            Ok(differences) if differences.is_empty() => self.activate(&id).await,
            Ok(differences) => {
                let number = at(held, "orderNumber").show();
                let told = differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                let words = format!("the draft {number} of Nue's ({id}) is not activated, because it differs: {told}");
                let remedy = "Correct the draft in Nue, and the next run activates it; or correct the price book or the order, \
                              and cancel the draft there: the next run makes another.";
                Answer::Refused(self.http.problem(paths::ORDERS, Cause::Validation, words).with_remedy(remedy))
            }
            Err(obstacle) => {
                let words = format!("Nue's draft {id} cannot be compared: {obstacle:?}");
                Answer::Refused(self.unfit(paths::ORDERS, words))
            }
        }
    }

    /// A draft that no look-up would find again is cancelled.
    async fn unfindable(&self, id: &str, field: &str) -> Answer<String> {
        let words =
            format!("Nue did not keep `{field}` on the draft {id}, which could not be found again: it was cancelled");
        let remedy = format!("Make `{field}` a field of Nue's order, exposed to its API.");
        match self.cancel(id).await {
            Answer::Accepted(_) => Answer::Refused(self.unfit(paths::ORDERS, words).with_remedy(remedy)),
            other => other,
        }
    }

    async fn activate(&self, id: &str) -> Answer<String> {
        let invoice = self.generate_invoice;
        let body = format!("{{\"options\":{{\"generateInvoice\":{invoice},\"activateInvoice\":{invoice}}}}}");
        self.at_order(Method::POST, &assumed::ORDER_ACTIVATE, id, body).await
    }

    async fn cancel(&self, id: &str) -> Answer<String> {
        self.at_order(Method::PATCH, &assumed::ORDER_CANCEL, id, "{\"status\":\"Canceled\"}".to_owned()).await
    }

    async fn at_order(&self, method: Method, call: &'static Assumption, id: &str, body: String) -> Answer<String> {
        let (path, template) = (self.assumed.path(call, id), self.assumed.of(call));
        let request = self.sending(method, &path, template, body.into_bytes(), Effect::Write);
        self.sent(&request).await.map(|_| id.to_owned())
    }
}

/// Numbers of subscriptions by their ids.
type Numbers = HashMap<SmolStr, Value>;

/// A draft as Nue wants it: a change names its subscription by the number.
fn numbered<'a>(fields: &'a Record, numbers: &Numbers) -> Cow<'a, Record> {
    if fields.list(CHANGES).is_empty() {
        return Cow::Borrowed(fields);
    }
    let mut changes = fields.list(CHANGES).to_vec();
    for change in &mut changes {
        if let Value::Reference(id) = change.get(NUMBER) {
            let number = numbers.get(id).cloned().unwrap_or_default();
            change.set(NUMBER, number);
        }
    }
    let mut fields = fields.clone();
    fields.set(CHANGES, Value::List(changes));
    Cow::Owned(fields)
}

/// The drafts could not be read: none of them is activated.
fn unread(step: Step, problem: &Problem) -> Answer<String> {
    match step {
        Step::Ended(answer) => answer,
        Step::Drafted(_) => Answer::NotDone(problem.clone()),
    }
}
