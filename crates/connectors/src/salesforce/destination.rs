//! The port of the destination: look up, write, read, list. A record is upserted by the source's id, in a field that is
//! External ID and Unique; its lines are records of their own, with keys of their own, that name it as their parent.

use std::collections::HashMap;

use async_trait::async_trait;
use model::ports::{Destination, Found, Held, Lack, LookUpKey, Target, Write};
use model::problem::{Answer, Problem};
use model::status::Operation;
use model::value::{Record, SmolStr, Value};

use super::{Salesforce, rows, soql};
use crate::http::Fault;
use crate::json;

const QUERY: &str = "GET /query";

#[async_trait]
impl Destination for Salesforce {
    async fn lacking(&self, object: &str, fields: &[String]) -> Result<Vec<Lack>, Problem> {
        let Some(described) = self.described(object).await? else { return Ok(vec![Lack::unknown(object, [])]) };
        if !(described.createable && described.updateable) {
            let matter = "cannot be created and edited by the integration user";
            return Ok(vec![Lack { name: object.to_owned(), matter, nearest: None }]);
        }
        let mut lacks = Vec::new();
        for field in fields {
            match field.split_once('.') {
                None => lacks.extend(described.lacks_to_write(field)),
                Some((child, field)) => match self.described(child).await? {
                    // What is before the dot is an object of lines, or a parent that is named by its key.
                    Some(child) => lacks.extend(child.lacks_to_write(field)),
                    None if child.ends_with("__r") || described.field(&format!("{child}Id")).is_some() => {}
                    None => lacks.push(Lack::unknown(child, [])),
                },
            }
        }
        Ok(lacks)
    }

    async fn look_up(&self, target: &Target, keys: &[LookUpKey]) -> Result<Vec<Vec<Found>>, Problem> {
        let key_field = self.key_field(target).await?;
        let ids: Vec<&str> = keys.iter().map(|key| key.source_id.as_str()).collect();
        let fields = columns(target, key_field);
        let mut queries =
            soql::among(&target.object, &fields, key_field, &ids).map_err(|unfit| self.unfit(QUERY, unfit))?;
        let (records, counted) = (queries.len(), self.counting(target, key_field, &ids).await?);
        queries.extend(counted.iter().map(|(_, query)| query.clone()));
        let mut answers = self.rows_of_each(&queries).await?;
        let counts = counts(&counted, answers.split_off(records));
        let mut found: HashMap<String, Vec<Found>> = HashMap::with_capacity(keys.len());
        for row in answers.iter().flatten() {
            // Keys are compared without regard to case.
            let key = row.at(key_field).show().to_lowercase();
            let shown = shown(target, row, &key, &counts);
            found.entry(key).or_default().push(shown);
        }
        Ok(keys.iter().map(|key| found.get(&key.source_id.to_lowercase()).cloned().unwrap_or_default()).collect())
    }

    /// A search shows what is committed: it is the record's own address too.
    async fn ask_record(&self, target: &Target, key: &LookUpKey) -> Result<Option<Found>, Problem> {
        let found = self.look_up(target, std::slice::from_ref(key)).await?;
        Ok(found.into_iter().flatten().next())
    }

    async fn by_id(&self, target: &Target, id: &str) -> Result<Option<Held>, Problem> {
        let plain = matches!(id.len(), 15 | 18) && id.chars().all(|letter| letter.is_ascii_alphanumeric());
        if !plain {
            return Ok(None);
        }
        let key_field = self.key_field(target).await?;
        let queries = soql::among(&target.object, &columns(target, key_field), "Id", &[id]);
        let mut queries = queries.map_err(|unfit| self.unfit(QUERY, unfit))?;
        let (records, counted) = (queries.len(), self.counting(target, "Id", &[id]).await?);
        queries.extend(counted.iter().map(|(_, query)| query.clone()));
        let mut answers = self.rows_of_each(&queries).await?;
        let counts = counts(&counted, answers.split_off(records));
        let Some(row) = answers.iter().flatten().next() else { return Ok(None) };
        let found = shown(target, row, &row.text("Id").to_lowercase(), &counts);
        Ok(Some(Held { found, source_id: row.at(key_field).show().into(), external: SmolStr::default() }))
    }

    async fn write(&self, writes: Vec<Write<'_>>) -> Vec<Answer<String>> {
        let mut answers: Vec<Option<Answer<String>>> = writes.iter().map(|_| None).collect();
        for (object, operation) in kinds(&writes) {
            let is_of = |write: &Write<'_>| write.target.object == object && write.intent.operation() == operation;
            let places: Vec<usize> = (0..writes.len()).filter(|place| is_of(&writes[*place])).collect();
            let part: Vec<&Write<'_>> = places.iter().map(|place| &writes[*place]).collect();
            for (place, answer) in places.into_iter().zip(self.write_kind(&part, operation).await) {
                answers[place] = Some(answer);
            }
        }
        let forgotten = || Answer::NotDone(self.unfit("PATCH /composite/sobjects", "the record was not sent"));
        answers.into_iter().map(|answer| answer.unwrap_or_else(forgotten)).collect()
    }

    async fn read(&self, target: &Target, id: &str) -> Result<Option<Record>, Problem> {
        let object = &target.object;
        let request = self.get(&format!("/sobjects/{object}/{id}"), &format!("/sobjects/{object}/{{id}}"));
        let reply = self.send(&request).await.map_err(Fault::into_problem)?;
        match reply.status {
            404 if !reply.is_page() => Ok(None),
            _ if !reply.is_success() => Err(self.http.told(&request, &reply)),
            _ => json::record(&reply.body)
                .map(|record| Some(rows::plain(&record)))
                .map_err(|error| self.http.malformed(&request, &reply, error)),
        }
    }

    /// `Product2.ProductCode`: the ids of an object's records by one of its fields.
    async fn list(&self, name: &str) -> Result<HashMap<SmolStr, SmolStr>, Problem> {
        let (object, field) = name
            .split_once('.')
            .ok_or_else(|| self.unfit(QUERY, format!("the list '{name}' is not of the form Object.Field")))?;
        let query = soql::whole_list(object, field).map_err(|unfit| self.unfit(QUERY, unfit))?;
        let (rows, _) = self.rows(&query).await?;
        let mut entries: HashMap<SmolStr, Option<SmolStr>> = HashMap::with_capacity(rows.len());
        for row in rows.iter().filter(|row| !row.at(field).is_null()) {
            // Two of one name: neither is picked.
            let id = Some(SmolStr::from(row.text("Id")));
            entries.entry(row.at(field).show().into()).and_modify(|held| *held = None).or_insert(id);
        }
        Ok(entries.into_iter().filter_map(|(name, id)| Some((name, id?))).collect())
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }
}

/// The objects and operations of some writes, each once, in their order.
fn kinds(writes: &[Write<'_>]) -> Vec<(String, Operation)> {
    let mut kinds: Vec<(String, Operation)> = Vec::new();
    for write in writes {
        let kind = (write.target.object.clone(), write.intent.operation());
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// `count(Ruby__InvoiceItem__c)`: a column that counts a record's children.
fn counted(column: &str) -> Option<&str> {
    column.strip_prefix("count(")?.strip_suffix(')')
}

fn columns<'a>(target: &'a Target, key_field: &'a str) -> Vec<&'a str> {
    let plain = target.columns.iter().map(String::as_str).filter(|column| counted(column).is_none());
    ["Id", key_field].into_iter().chain(plain).collect()
}

/// How many children of an object a parent has, by what it was asked for, in small letters.
type Counts = HashMap<(String, String), Value>;

fn counts(counted: &[(String, String)], answers: Vec<Vec<Record>>) -> Counts {
    let mut counts = Counts::new();
    for ((child, _), rows) in counted.iter().zip(answers) {
        for row in rows {
            counts.insert((child.clone(), row.text("parent").to_lowercase()), row.get("children").clone());
        }
    }
    counts
}

/// A row as it was looked up, with its counts under `key`.
fn shown(target: &Target, row: &Record, key: &str, counts: &Counts) -> Found {
    let mut record = Record::with_capacity(target.columns.len());
    for column in &target.columns {
        let value = match counted(column) {
            Some(child) => counts.get(&(child.to_owned(), key.to_owned())).cloned().unwrap_or(Value::Number(0.into())),
            None => row.at(column).clone(),
        };
        record.set(column.as_str(), value);
    }
    Found { id: row.text("Id").into(), record }
}

impl Salesforce {
    /// The field by which an object's records are known: External ID and Unique, or nothing is written.
    pub(super) async fn key_field<'a>(&self, target: &'a Target) -> Result<&'a str, Problem> {
        let object = &target.object;
        let wrong = |words: String| self.unfit(&format!("GET /sobjects/{object}/describe"), words);
        let field = target.source_id_field.as_deref().ok_or_else(|| {
            wrong(format!(
                "the flow names no `source_id` for {object}: nothing would keep a record from being made twice"
            ))
        })?;
        match self.object(object).await?.lacks_as_key(field) {
            Some(lack) => Err(wrong(format!("{object}: {lack}: nothing would keep a record from being made twice"))),
            None => Ok(field),
        }
    }

    /// Queries that count the lines of the records whose `field` is one of `keys`, each with the object that it counts: they
    /// go in one call with the query for the records themselves.
    async fn counting(&self, target: &Target, field: &str, keys: &[&str]) -> Result<Vec<(String, String)>, Problem> {
        let mut counting = Vec::new();
        for child in target.columns.iter().filter_map(|column| counted(column)) {
            let described = self.object(child).await?;
            let way = described.parent_field(&target.object).and_then(|parent| parent.way());
            let way = way.map_err(|words| self.unfit(QUERY, format!("{child}: {words}")))?;
            let queries = soql::counts(child, &format!("{way}.{field}"), keys);
            let queries = queries.map_err(|unfit| self.unfit(QUERY, unfit))?;
            counting.extend(queries.into_iter().map(|query| (child.to_owned(), query)));
        }
        Ok(counting)
    }
}
