//! Rows on their way out: packed into as few calls as there can be, and once more where they met a lock.
//!
//! A collections call takes two hundred rows of one object, and a composite call takes five of those and counts as one
//! call (REST guide, read on 2026-11-21). Its parts are executed in their order, each for itself: parents and their
//! lines go in one.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use model::problem::{Answer, Cause};
use model::value::{SmolStr, Value};
use reqwest::Method;

use super::rows::{self, PARTS, ROWS, Row, Subrequest};
use super::{Salesforce, classify};
use crate::http::{Effect, Fault, Reply, Request, verdict};

const COLLECTIONS: &str = "/composite/sobjects";
const COMPOSITE: &str = "/composite";
/// How long rows that met a lock wait before they go again, in milliseconds: a transaction of Salesforce's waits ten
/// seconds for a lock before it gives up.
const LOCK_PAUSES: [u64; 3] = [500, 2_000, 8_000];

/// Where rows go: records of an object that are made or found by a key, or updated by their ids.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) object: String,
    /// The key; without one, rows bear ids.
    pub(super) key: Option<String>,
    /// Whether writing a row can lock another record than itself.
    pub(super) has_parents: bool,
}

impl Address {
    /// Of records that are made or found by a key.
    pub(super) fn by_key(object: &str, key: &str) -> Arc<Self> {
        Arc::new(Self { object: object.to_owned(), key: Some(key.to_owned()), has_parents: true })
    }

    /// Of records that are updated by their ids.
    pub(super) fn by_id(object: &str) -> Arc<Self> {
        Arc::new(Self { object: object.to_owned(), key: None, has_parents: true })
    }

    fn path(&self) -> String {
        match &self.key {
            Some(key) => format!("{COLLECTIONS}/{}/{key}", self.object),
            None => COLLECTIONS.to_owned(),
        }
    }

    /// What a row is known by: keys are compared without regard to case.
    fn identity(&self, row: &Row) -> (String, String) {
        let own = match &self.key {
            Some(key) => row.fields.get(key).show().to_lowercase(),
            None => rows::bare_id(&row.id).to_owned(),
        };
        (self.object.clone(), own)
    }

    /// The parents that a row names; where it names none, nobody knows which, and the object stands for them all.
    fn parents(&self, row: &Row) -> Vec<SmolStr> {
        let named = row.fields.iter().filter_map(|(_, value)| match value {
            Value::Reference(id) => Some(id.clone()),
            Value::Record(by_key) => by_key.iter().next().map(|(_, key)| key.show().into()),
            _ => None,
        });
        let named: Vec<SmolStr> = named.collect();
        if named.is_empty() { vec![self.object.as_str().into()] } else { named }
    }
}

/// A row, and where it goes.
pub(super) struct Posting {
    pub(super) to: Arc<Address>,
    pub(super) row: Row,
    /// The place of the posting whose record must stand before this one can.
    pub(super) behind: Option<usize>,
}

/// Postings of one address, by their places.
struct Part<'a> {
    to: &'a Address,
    places: Vec<usize>,
}

/// Cuts postings into parts of two hundred and these into calls of five. Those of one address stand together.
fn packed<'a>(postings: &'a [Posting], wanted: &[usize]) -> Vec<Vec<Part<'a>>> {
    let mut calls: Vec<Vec<Part<'a>>> = Vec::new();
    for group in wanted.chunk_by(|one, next| postings[*one].to == postings[*next].to) {
        for places in group.chunks(ROWS) {
            let part = Part { to: &postings[places[0]].to, places: places.to_vec() };
            match calls.last_mut().filter(|call| call.len() < PARTS) {
                Some(call) => call.push(part),
                None => calls.push(vec![part]),
            }
        }
    }
    calls
}

impl Salesforce {
    /// Sends rows; the answers stand in the order of the rows, each with the id of its record. Rows that met a lock certainly
    /// were not written: they go once more, after a while, with what stood behind them, and only they.
    pub(super) async fn post(&self, postings: &[Posting]) -> Vec<Answer<String>> {
        let mut seen = HashSet::with_capacity(postings.len());
        let twice = |place: &usize| !seen.insert(postings[*place].to.identity(&postings[*place].row));
        let (twice, mut wanted): (Vec<usize>, Vec<usize>) = (0..postings.len()).partition(twice);
        let unsent = |words: &str| Answer::NotDone(self.unfit("PATCH /composite/sobjects", words));
        let mut answers: Vec<Answer<String>> = postings.iter().map(|_| unsent("the record was not sent")).collect();
        for place in twice {
            // Salesforce refuses both rows of one key in a call: the second one waits for the next run.
            answers[place] = unsent("another record of this call has the same key: it waits until that one is written");
        }
        for pause in [0].into_iter().chain(LOCK_PAUSES) {
            if pause > 0 {
                self.http.clock().wait(pause).await;
            }
            for mut call in packed(postings, &wanted) {
                let under_way: HashSet<usize> = call.iter().flat_map(|part| part.places.iter().copied()).collect();
                let stands =
                    |place: &usize| under_way.contains(place) || matches!(answers[*place], Answer::Accepted(_));
                call.iter_mut().for_each(|part| {
                    part.places.retain(|place| postings[*place].behind.as_ref().is_none_or(stands));
                });
                call.retain(|part| !part.places.is_empty());
                for (place, answer) in self.send_call(postings, &call).await {
                    answers[place] = answer;
                }
            }
            wanted.retain(|place| goes_again(postings, &answers, *place));
            if wanted.is_empty() {
                break;
            }
        }
        answers
    }

    /// Sends rows of one object as they are: those that are made bear no key, and those that are changed their ids.
    pub(super) async fn send_plain(&self, method: &Method, object: &str, rows: &[Row]) -> Vec<Answer<String>> {
        let mut answers = Vec::with_capacity(rows.len());
        for part in rows.chunks(ROWS) {
            let body = rows::body(object, &part.iter().collect::<Vec<_>>());
            let request = self.sending(method.clone(), COLLECTIONS, body, Effect::Write);
            let sent = self.send(&request).await;
            answers.extend(self.part_answers(&request, sent, part.len()));
        }
        answers
    }

    async fn send_call(&self, postings: &[Posting], call: &[Part<'_>]) -> Vec<(usize, Answer<String>)> {
        let of = |part: &Part<'_>| part.places.iter().map(|place| &postings[*place].row).collect::<Vec<_>>();
        let parents: BTreeSet<SmolStr> = call
            .iter()
            .filter(|part| part.to.has_parents)
            .flat_map(|part| of(part).into_iter().flat_map(|row| part.to.parents(row)))
            .collect();
        let _claim = self.parents.claim(parents).await;
        let count = call.iter().map(|part| part.places.len()).sum();
        let answers = match call {
            [] => return Vec::new(),
            [part] => {
                let body = rows::body(&part.to.object, &of(part));
                let request = self.sending(Method::PATCH, &part.to.path(), body, Effect::Write);
                let sent = self.send(&request).await;
                self.part_answers(&request, sent, count)
            }
            parts => {
                let bodies = parts.iter().map(|part| (part.to.path(), rows::body(&part.to.object, &of(part))));
                self.send_composite(bodies.collect(), call, count).await
            }
        };
        call.iter().flat_map(|part| part.places.iter().copied()).zip(answers).collect()
    }

    async fn send_composite(
        &self,
        bodies: Vec<(String, Vec<u8>)>,
        call: &[Part<'_>],
        count: usize,
    ) -> Vec<Answer<String>> {
        let part = |(path, body): (String, Vec<u8>)| {
            let path = format!("/services/data/v{}{path}", self.version);
            Subrequest { method: Method::PATCH, path, body: Some(body) }
        };
        let body = rows::composite(&bodies.into_iter().map(part).collect::<Vec<_>>());
        let request = self.sending(Method::POST, COMPOSITE, body, Effect::Write);
        let reply = match verdict(self.send(&request).await, |reply| self.http.told(&request, reply)) {
            Answer::Accepted(reply) => reply,
            other => return alike(other.map(|_| String::new()), count),
        };
        match rows::composed(&reply.body, call.len()) {
            Err(malformed) => alike(Answer::Unknown(self.http.malformed(&request, &reply, malformed)), count),
            Ok(parts) => {
                let reply = |(status, body)| Reply { status, headers: reply.headers.clone(), body };
                let each = parts.into_iter().map(reply).zip(call);
                each.flat_map(|(reply, part)| self.part_answers(&request, Ok(reply), part.places.len())).collect()
            }
        }
    }

    /// What is said of each row of a collection.
    fn part_answers(&self, request: &Request, sent: Result<Reply, Fault>, count: usize) -> Vec<Answer<String>> {
        let reply = match verdict(sent, |reply| self.http.told(request, reply)) {
            Answer::Accepted(reply) => reply,
            other => return alike(other.map(|_| String::new()), count),
        };
        match rows::said(&reply.body, count) {
            Err(malformed) => alike(Answer::Unknown(self.http.malformed(request, &reply, malformed)), count),
            Ok(said) => said.into_iter().map(|said| self.row_answer(request, said)).collect(),
        }
    }

    fn row_answer(&self, request: &Request, said: rows::Said) -> Answer<String> {
        match said {
            rows::Said { success: true, id: Some(id), .. } if !id.is_empty() => Answer::Accepted(id),
            rows::Said { success: true, .. } => {
                let words = "a row that went well names no record";
                Answer::Unknown(self.http.problem(request.call(), Cause::Configuration, words))
            }
            rows::Said { errors, .. } => {
                Answer::Refused(self.http.redacted(classify::row_problem(&request.call(), &errors)))
            }
        }
    }
}

/// One answer for all rows of a call.
fn alike(answer: Answer<String>, count: usize) -> Vec<Answer<String>> {
    vec![answer; count]
}

/// A row that met a lock goes again, and one that could not stand because what is before it met one.
fn goes_again(postings: &[Posting], answers: &[Answer<String>], place: usize) -> bool {
    let undone = matches!(answers[place], Answer::Refused(_) | Answer::NotDone(_));
    is_locked(&answers[place]) || (undone && postings[place].behind.is_some_and(|before| is_locked(&answers[before])))
}

fn is_locked(answer: &Answer<String>) -> bool {
    matches!(answer, Answer::Refused(problem) if problem.code.as_deref() == Some("UNABLE_TO_LOCK_ROW"))
}

#[cfg(test)]
mod tests {
    use model::problem::Problem;
    use model::value::Record;

    use super::*;

    fn posting(to: &Arc<Address>, key: &str, behind: Option<usize>) -> Posting {
        let mut fields = Record::default();
        fields.set("Nue_Id__c", Value::text(key));
        Posting { to: Arc::clone(to), row: Row { id: SmolStr::default(), fields }, behind }
    }

    #[test]
    fn two_hundred_records_with_four_lines_each_are_one_call_and_with_five_two() {
        let (head, line) = (Address::by_key("Head__c", "Nue_Id__c"), Address::by_key("Line__c", "Nue_Id__c"));
        for (lines, shape) in [(4, vec![5]), (5, vec![5, 1])] {
            let mut postings: Vec<Posting> = (0..200).map(|place| posting(&head, &place.to_string(), None)).collect();
            postings.extend((0..200 * lines).map(|place| posting(&line, &place.to_string(), Some(place / lines))));
            let all: Vec<usize> = (0..postings.len()).collect();
            let calls = packed(&postings, &all);
            assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), shape, "{lines} lines");
            assert!(calls.iter().flatten().all(|part| part.places.len() == ROWS));
            let order: Vec<usize> = calls.iter().flatten().flat_map(|part| part.places.clone()).collect();
            assert_eq!(order, all);
        }
    }

    #[test]
    fn a_row_that_met_a_lock_goes_again_with_what_stands_behind_it_and_nothing_else_does() {
        let head = Address::by_key("Head__c", "Nue_Id__c");
        let postings: Vec<Posting> = [None, None, None, Some(0), Some(1), Some(2)]
            .into_iter()
            .enumerate()
            .map(|(place, behind)| posting(&head, &place.to_string(), behind))
            .collect();
        let refused = |code: &str| {
            Answer::Refused(Problem::new("salesforce", "PATCH", Cause::Overload, "no").with_code(code.to_owned()))
        };
        let answers = [
            refused("UNABLE_TO_LOCK_ROW"),
            Answer::Accepted("1".to_owned()),
            refused("REQUIRED_FIELD_MISSING"),
            refused("INVALID_FIELD"),
            Answer::Unknown(Problem::new("salesforce", "PATCH", Cause::Timeout, "late")),
            refused("INVALID_FIELD"),
        ];
        let again: Vec<usize> = (0..6).filter(|place| goes_again(&postings, &answers, *place)).collect();
        assert_eq!(again, [0, 3]);
    }
}
