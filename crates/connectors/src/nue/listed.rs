//! Customers and contacts are made many a call: a list goes out, and they come back in its order.

use model::ports::{Destination, Found, LookUpKey, Write};
use model::problem::{Answer, Problem};
use reqwest::Method;

use super::destination::is_id;
use super::wire::{self, at};
use super::{Nue, assumed};
use crate::http::{Effect, Reply, Request};
use crate::json;

/// Records of a call.
const MOST: usize = 200;

impl Nue {
    /// New customers.
    pub(super) async fn make_customers(&self, writes: &[&Write<'_>]) -> Vec<Answer<String>> {
        let path = self.assumed.of(&assumed::CUSTOMER_CREATE);
        self.make_listed(path, path, writes).await
    }

    /// The contacts of one customer.
    pub(super) async fn make_contacts(&self, customer: &str, writes: &[&Write<'_>]) -> Vec<Answer<String>> {
        let template = self.assumed.of(&assumed::CONTACT_CREATE);
        if !is_id(customer) {
            let problem = self.unfit(template, format!("'{customer}' is no customer's id"));
            return writes.iter().map(|_| Answer::NotDone(problem.clone())).collect();
        }
        let path = self.assumed.path(&assumed::CONTACT_CREATE, customer);
        self.make_listed(&path, template, writes).await
    }

    /// Makes records by lists. A list with one bad record in it is refused whole, with none of it made (assumed): its
    /// halves go by themselves, until the bad one stands alone.
    ///
    /// An error can come after the save, and nothing keeps a record from being made twice: what a refused list may have
    /// left is looked for before any of it is sent again.
    async fn make_listed(&self, path: &str, template: &str, writes: &[&Write<'_>]) -> Vec<Answer<String>> {
        let mut answers = Vec::with_capacity(writes.len());
        let mut lists: Vec<&[&Write<'_>]> = writes.chunks(MOST).rev().collect();
        while let Some(list) = lists.pop() {
            let said = self.make_list(path, template, list).await;
            match said.first() {
                Some(Answer::Refused(_)) if list.len() > 1 => match self.saved(list).await {
                    Ok(None) => {
                        let (first, second) = list.split_at(list.len() / 2);
                        lists.extend([second, first]);
                    }
                    Ok(Some(saved)) => answers.extend(saved),
                    Err(problem) => answers.extend(list.iter().map(|_| Answer::Unknown(problem.clone()))),
                },
                _ => answers.extend(said),
            }
        }
        answers
    }

    /// What was made of a list that was refused; `None`: nothing at all.
    async fn saved(&self, writes: &[&Write<'_>]) -> Result<Option<Vec<Answer<String>>>, Problem> {
        let Some(first) = writes.first() else { return Ok(None) };
        let keys: Vec<LookUpKey> = writes.iter().map(|write| write.key.clone()).collect();
        let found = self.look_up(&first.target, &keys).await?;
        if found.iter().all(Vec::is_empty) {
            return Ok(None);
        }
        let in_part = || Answer::Unknown(self.unfit("POST", "a list was refused, and a part of it was made"));
        let answer = |found: Vec<Found>| found.first().map_or_else(in_part, |one| Answer::Accepted(one.id.to_string()));
        Ok(Some(found.into_iter().map(answer).collect()))
    }

    async fn make_list(&self, path: &str, template: &str, writes: &[&Write<'_>]) -> Vec<Answer<String>> {
        let request = self.sending(Method::POST, path, template, body(writes), Effect::Write);
        let all = |kind: fn(Problem) -> Answer<String>, problem: Problem| -> Vec<Answer<String>> {
            writes.iter().map(|_| kind(problem.clone())).collect()
        };
        match self.sent(&request).await {
            Answer::Accepted(reply) => match self.made(&request, &reply, writes.len()) {
                Ok(ids) => ids.into_iter().map(Answer::Accepted).collect(),
                Err(problem) => all(Answer::Unknown, problem),
            },
            Answer::Refused(problem) => all(Answer::Refused, problem),
            Answer::Unknown(problem) => all(Answer::Unknown, problem),
            Answer::NotDone(problem) => all(Answer::NotDone, problem),
        }
    }

    fn made(&self, request: &Request, reply: &Reply, wanted: usize) -> Result<Vec<String>, Problem> {
        let listed = wire::listed(&reply.body).map_err(|error| self.http.malformed(request, reply, error))?;
        if listed.records.len() != wanted {
            let words = format!("{} records came back of {wanted}", listed.records.len());
            return Err(self.http.malformed(request, reply, words));
        }
        Ok(listed.records.iter().map(|record| at(record, "id").show()).collect())
    }
}

fn body(writes: &[&Write<'_>]) -> Vec<u8> {
    let mut body = b"[".to_vec();
    for (position, write) in writes.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        json::write_record(&write.draft.fields, &mut body);
    }
    body.push(b']');
    body
}
