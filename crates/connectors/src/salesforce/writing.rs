//! Records and their lines. A record that is made goes in one call with its lines, which name it by its key: if it is
//! refused, its lines have no parent and are refused with it. A record that is there is changed first, and its lines when
//! that was accepted: otherwise new lines would stand under old sums.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::ports::Write;
use model::problem::{Answer, Cause, Problem};
use model::status::Operation;
use model::value::{Name, Record, SmolStr, Value};

use super::describe::Described;
use super::posting::{Address, Posting};
use super::rows::Row;
use super::{Salesforce, soql};

const QUERY: &str = "GET /query";
const WRITE: &str = "PATCH /composite/sobjects";

/// Lines of one object.
struct Child<'a> {
    object: &'a str,
    described: Arc<Described>,
    to: Arc<Address>,
}

/// A line, and the place of its record among the writes.
struct Line {
    owner: usize,
    to: Arc<Address>,
    row: Row,
}

impl Salesforce {
    /// Writes records of one object that are all made, or all updated.
    pub(super) async fn write_kind(&self, writes: &[&Write<'_>], operation: Operation) -> Vec<Answer<String>> {
        let Some(first) = writes.first() else { return Vec::new() };
        let written = async {
            let key = self.key_field(&first.target).await?;
            let described = self.object(&first.target.object).await?;
            let children = self.children(writes, key).await?;
            match operation {
                Operation::Create => self.make(writes, key, &described, &children).await,
                Operation::Update => Ok(self.change(writes, key, &described, &children).await),
            }
        };
        // Nothing was sent yet where this fails as a whole.
        written.await.unwrap_or_else(|problem| writes.iter().map(|_| Answer::NotDone(problem.clone())).collect())
    }

    /// The objects of lines that the drafts hold.
    async fn children<'a>(&self, writes: &'a [&Write<'_>], key: &str) -> Result<Vec<Child<'a>>, Problem> {
        let fields = writes.iter().flat_map(|write| write.draft.fields.iter());
        let lists: BTreeSet<&str> =
            fields.filter(|(_, value)| matches!(value, Value::List(_))).map(|(name, _)| name.as_str()).collect();
        let mut children = Vec::with_capacity(lists.len());
        for object in lists {
            children.push(Child { object, described: self.object(object).await?, to: Address::by_key(object, key) });
        }
        Ok(children)
    }

    async fn make(
        &self,
        writes: &[&Write<'_>],
        key: &str,
        described: &Described,
        children: &[Child<'_>],
    ) -> Result<Vec<Answer<String>>, Problem> {
        let object = writes.first().map_or("", |write| write.target.object.as_str());
        let mut answers: Vec<Option<Answer<String>>> = writes.iter().map(|_| None).collect();
        let mut lines = Vec::new();
        for child in children {
            let way = child.described.parent_field(object).and_then(|field| field.way());
            let way = way.map_err(|words| self.unfit(WRITE, format!("{}: {words}", child.object)))?;
            let parent = |write: &Write<'_>| {
                let mut by_key = Record::with_capacity(1);
                by_key.set(key, Value::text(write.key.source_id.clone()));
                (way.into(), Value::record(by_key))
            };
            lines.extend(self.lines(writes, child, key, parent, &mut answers));
        }
        let to = Address::by_key(object, key);
        let (mut owners, mut postings, mut places) = (Vec::new(), Vec::new(), HashMap::new());
        // A record of whose lines one cannot be sent is not begun.
        for (owner, write) in writes.iter().enumerate().filter(|(owner, _)| answers[*owner].is_none()) {
            places.insert(owner, postings.len());
            owners.push(owner);
            postings.push(Posting { to: Arc::clone(&to), row: header(write, key, described), behind: None });
        }
        for Line { owner, to, row } in lines {
            let Some(place) = places.get(&owner) else { continue };
            owners.push(owner);
            postings.push(Posting { to, row, behind: Some(*place) });
        }
        for (owner, said) in owners.into_iter().zip(self.post(&postings).await) {
            settle(&mut answers[owner], said);
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(|| self.not_sent())).collect())
    }

    async fn change(
        &self,
        writes: &[&Write<'_>],
        key: &str,
        described: &Described,
        children: &[Child<'_>],
    ) -> Vec<Answer<String>> {
        let object = writes.first().map_or("", |write| write.target.object.as_str());
        let to = Address::by_id(object);
        let posting =
            |write: &&Write<'_>| Posting { to: Arc::clone(&to), row: header(write, key, described), behind: None };
        let said = self.post(&writes.iter().map(posting).collect::<Vec<_>>()).await;
        let mut answers: Vec<Option<Answer<String>>> = said.into_iter().map(Some).collect();
        match self.lines_of_changed(writes, key, children, &mut answers).await {
            Ok(lines) => {
                let (owners, postings): (Vec<usize>, Vec<Posting>) =
                    lines.into_iter().map(|Line { owner, to, row }| (owner, Posting { to, row, behind: None })).unzip();
                for (owner, said) in owners.into_iter().zip(self.post(&postings).await) {
                    settle(&mut answers[owner], said);
                }
            }
            Err(problem) => {
                for answer in answers.iter_mut().filter(|answer| matches!(answer, Some(Answer::Accepted(_)))) {
                    *answer = Some(Answer::Unknown(problem.clone()));
                }
            }
        }
        answers.into_iter().map(|answer| answer.unwrap_or_else(|| self.not_sent())).collect()
    }

    /// The lines of records that were changed. A line that is there already cannot be told again what was fixed when it was
    /// made: its parent, mostly.
    async fn lines_of_changed(
        &self,
        writes: &[&Write<'_>],
        key: &str,
        children: &[Child<'_>],
        answers: &mut [Option<Answer<String>>],
    ) -> Result<Vec<Line>, Problem> {
        let object = writes.first().map_or("", |write| write.target.object.as_str());
        let mut all = Vec::new();
        for child in children {
            let field = child.described.parent_field(object);
            let field = &field.map_err(|words| self.unfit(WRITE, format!("{}: {words}", child.object)))?.name;
            let parent = |write: &Write<'_>| (Name::from(field.as_str()), Value::reference(write.id.clone()));
            let mut lines = self.lines(writes, child, key, parent, answers);
            lines.retain(|line| matches!(answers[line.owner], Some(Answer::Accepted(_))));
            let keys: Vec<String> = lines.iter().map(|line| line.row.fields.get(key).show()).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let queries = soql::among(child.object, &["Id", key], key, &keys);
            let there = self.all_rows(queries.map_err(|unfit| self.unfit(QUERY, unfit))?).await?;
            let there: HashSet<String> = there.iter().map(|row| row.at(key).show().to_lowercase()).collect();
            for Line { row, .. } in &mut lines {
                if there.contains(&row.fields.get(key).show().to_lowercase()) {
                    row.fields = changeable(&row.fields, key, &child.described);
                }
            }
            all.extend(lines);
        }
        Ok(all)
    }

    /// The lines of one object, those of one record together. A line that cannot be sent is its record's refusal.
    fn lines(
        &self,
        writes: &[&Write<'_>],
        child: &Child<'_>,
        key: &str,
        parent: impl Fn(&Write<'_>) -> (Name, Value),
        answers: &mut [Option<Answer<String>>],
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut seen = HashSet::new();
        for (owner, write) in writes.iter().enumerate() {
            if matches!(answers[owner], Some(Answer::Refused(_) | Answer::Unknown(_) | Answer::NotDone(_))) {
                continue;
            }
            let (name, value) = parent(write);
            for entry in write.draft.fields.list(child.object) {
                let own = entry.get(key).show();
                // The same key twice in a call would fail both.
                if own.is_empty() || !seen.insert(own.to_lowercase()) {
                    let words =
                        format!("a line of {} has the {key} '{own}', which is empty or another line's", child.object);
                    answers[owner] = Some(Answer::Refused(self.http.problem(WRITE, Cause::Validation, words)));
                    continue;
                }
                let mut fields = entry.clone();
                fields.set(name.clone(), value.clone());
                lines.push(Line { owner, to: Arc::clone(&child.to), row: Row { id: SmolStr::default(), fields } });
            }
        }
        lines
    }

    fn not_sent(&self) -> Answer<String> {
        Answer::NotDone(self.unfit(WRITE, "the record was not sent"))
    }
}

/// A line that was not accepted is its record's answer, if that was accepted itself.
fn settle(answer: &mut Option<Answer<String>>, said: Answer<String>) {
    match answer {
        None => *answer = Some(said),
        Some(Answer::Accepted(_)) if !matches!(said, Answer::Accepted(_)) => *answer = Some(said),
        Some(_) => {}
    }
}

/// A record without its lines: made under its key, or updated by its id.
fn header(write: &Write<'_>, key: &str, described: &Described) -> Row {
    let mut fields = Record::with_capacity(write.draft.fields.len() + 1);
    for (name, value) in write.draft.fields.iter().filter(|(_, value)| !matches!(value, Value::List(_))) {
        fields.set(name.clone(), value.clone());
    }
    match write.intent.operation() {
        Operation::Create => {
            fields.set(key, Value::text(write.key.source_id.clone()));
            Row { id: SmolStr::default(), fields }
        }
        Operation::Update => Row { id: write.id.clone(), fields: changeable(&fields, "", described) },
    }
}

/// The fields that can be changed in a record that is there, and its key.
fn changeable(fields: &Record, key: &str, described: &Described) -> Record {
    let mut kept = Record::with_capacity(fields.len());
    let fixed = |name: &str| described.field(name).is_some_and(|field| !field.updateable);
    for (name, value) in fields.iter().filter(|(name, _)| *name == key || !fixed(name)) {
        kept.set(name.clone(), value.clone());
    }
    kept
}
