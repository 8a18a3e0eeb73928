//! A backlog is read as one job of the Bulk API 2.0 where that takes fewer calls, and page by page where it does not.
//!
//! A page of a query is a call and has 2,000 rows. A job is a call to make it, some to ask whether it is done, and one for
//! each file of its result. Writing is not done so: a call of the port brings two hundred records, and with their lines
//! they would have to be twelve thousand rows before two jobs were cheaper; `NOTES.md` has the figures.

use model::problem::{Cause, Problem};
use model::value::{Name, Record, Value};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::Salesforce;
use super::describe::Described;
use super::soql::PAGE;
use crate::http::{Effect, Fault};
use crate::json::{self, Malformed};

/// Rows of a file that is asked for: five pages. More would have to be held in memory at once.
const FILE: usize = 10_000;
/// How often a job is asked after until it is done, as it is reckoned: with the waits below that is three minutes.
const POLLS: u64 = 10;
/// The first wait for a job in milliseconds; each is twice as long as the one before, up to the longest.
const FIRST_WAIT: u64 = 1_000;
const LONGEST_WAIT: u64 = 30_000;
/// How often a job is asked after at most: a quarter of an hour. Then the rows are read page by page.
const MOST_POLLS: u64 = 33;

/// How many calls so many rows cost, page by page.
pub(super) fn calls_by_page(rows: u64) -> u64 {
    rows.div_ceil(PAGE as u64)
}

/// How many calls they cost as a job: one makes it, some ask after it, one brings each file.
pub(super) fn calls_by_job(rows: u64) -> u64 {
    1 + POLLS + rows.div_ceil(FILE as u64)
}

/// Where the next file of a job's result begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// The job.
    pub(super) job: String,
    /// The vendor's word for the place; empty at the beginning.
    pub(super) locator: String,
    /// How many rows came before.
    pub(super) read: u64,
    /// How many the whole result has.
    pub(super) all: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    state: String,
    #[serde(default)]
    number_records_processed: u64,
    #[serde(default)]
    error_message: Option<String>,
}

impl Salesforce {
    /// Has a query worked off as a job, and waits for its end.
    pub(super) async fn job(&self, query: &str) -> Result<File, Problem> {
        let mut body = b"{\"operation\":\"query\",\"query\":".to_vec();
        json::write_text(query, &mut body);
        body.push(b'}');
        // A job that reads may be made twice: what nobody fetches is deleted by the vendor after a week.
        let request = self.sending(Method::POST, "/jobs/query", body, Effect::Read);
        let made = self.read(&request).await?;
        let job: Job = json::parse(&made.body).map_err(|error| self.http.malformed(&request, &made, error))?;
        if job.id.is_empty() || !job.id.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(self.http.malformed(&request, &made, format!("'{}' is no id of a job", job.id)));
        }
        let request = self.get(&format!("/jobs/query/{}", job.id), "/jobs/query/{job}");
        let mut wait = FIRST_WAIT;
        for _ in 0..MOST_POLLS {
            self.http.clock().wait(wait).await;
            wait = (2 * wait).min(LONGEST_WAIT);
            let reply = self.read(&request).await?;
            let now: Job = json::parse(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?;
            match now.state.as_str() {
                "JobComplete" => {
                    let all = now.number_records_processed;
                    return Ok(File { job: job.id, locator: String::new(), read: 0, all });
                }
                "Failed" | "Aborted" => {
                    let words = format!("the job is {}: {}", now.state, now.error_message.unwrap_or_default());
                    return Err(self.http.problem(request.call(), Cause::Overload, words));
                }
                _ => {}
            }
        }
        Err(self.http.problem(request.call(), Cause::Overload, "the job is not done after a quarter of an hour"))
    }

    /// The rows of a file, and where the next one begins. A result that ends before all its rows came is an error.
    pub(super) async fn file(
        &self,
        file: &File,
        described: &Described,
    ) -> Result<(Vec<Record>, Option<File>), Problem> {
        let mut request = self.get(&format!("/jobs/query/{}/results", file.job), "/jobs/query/{job}/results");
        request.url.query_pairs_mut().append_pair("maxRecords", &FILE.to_string());
        if !file.locator.is_empty() {
            request.url.query_pairs_mut().append_pair("locator", &file.locator);
        }
        let reply = self.send(&request).await.map_err(Fault::into_problem)?;
        if !reply.is_success() {
            return Err(self.http.told(&request, &reply));
        }
        let strange = |what: &dyn std::fmt::Display| self.http.malformed(&request, &reply, what);
        let rows = rows(&reply.body, described).map_err(|error| strange(&error))?;
        let read = file.read + rows.len() as u64;
        match said(&reply.headers, "sforce-locator").filter(|locator| *locator != "null") {
            None if read == file.all => Ok((rows, None)),
            None => Err(strange(&format!("the job has {} rows, but {read} came", file.all))),
            Some(_) if rows.is_empty() || read >= file.all => {
                Err(strange(&format!("a file that names a next one, though {read} of {} rows came", file.all)))
            }
            Some(locator) => {
                let next = File { locator: locator.to_owned(), read, ..file.clone() };
                Ok((rows, Some(next)))
            }
        }
    }
}

fn said<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}

/// The rows of a file. Everything in it is text: what a value is, the object's description says.
fn rows(file: &[u8], described: &Described) -> Result<Vec<Record>, Malformed> {
    let unreadable = |error: csv::Error| Malformed::new(format!("not the CSV that was expected: {error}"));
    let mut reader = csv::Reader::from_reader(file);
    let head = reader.headers().map_err(unreadable)?;
    let columns: Vec<(Name, &str)> = head
        .iter()
        .map(|name| (Name::from(name), described.field(name).map_or("string", |field| field.kind.as_str())))
        .collect();
    let mut records = Vec::new();
    for line in reader.records() {
        let line = line.map_err(unreadable)?;
        if (records.len() + 1).saturating_mul(columns.len()) > json::MOST_VALUES {
            return Err(Malformed::new(format!("more than {} values", json::MOST_VALUES)));
        }
        let mut record = Record::with_capacity(columns.len());
        for ((name, kind), text) in columns.iter().zip(line.iter()) {
            record.push(name.clone(), value(text, kind).map_err(|words| Malformed::in_field(words, name.as_str()))?);
        }
        records.push(record);
    }
    Ok(records)
}

/// A value as a query's answer has it.
fn value(text: &str, kind: &str) -> Result<Value, String> {
    Ok(match kind {
        _ if text.is_empty() => Value::Null,
        "boolean" => Value::Bool(text.eq_ignore_ascii_case("true")),
        "int" | "double" | "currency" | "percent" => Value::Number(
            model::value::parse_decimal(text).ok_or_else(|| format!("the number {text} does not fit a decimal"))?,
        ),
        // A file writes the zone as `Z`, an answer as `+0000`.
        "datetime" => Value::text(text.strip_suffix('Z').map_or(text.to_owned(), |bare| format!("{bare}+0000"))),
        _ => Value::text(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_cheaper_from_some_thirty_thousand_rows_on() {
        let cheaper = |rows: u64| calls_by_job(rows) < calls_by_page(rows);
        assert!(!cheaper(0) && !cheaper(2_000) && !cheaper(28_000));
        assert!(cheaper(28_001) && cheaper(100_000));
        assert_eq!((calls_by_page(100_000), calls_by_job(100_000)), (50, 21));
    }

    #[test]
    fn a_file_is_read_as_the_answer_of_a_query_would_be() {
        let described = r#"{"fields":[{"name":"Amount__c","type":"currency"},{"name":"IsActive","type":"boolean"},
            {"name":"SystemModstamp","type":"datetime"},{"name":"EffectiveDate","type":"date"}]}"#;
        let described: Described = serde_json::from_str(described).unwrap();
        let file = "\"Id\",\"Name\",\"Amount__c\",\"IsActive\",\"SystemModstamp\",\"EffectiveDate\"\n\
                    \"801x\",\"a \"\"b\"\",\nc\",\"10.10\",\"true\",\"2026-01-31T12:34:56.000Z\",\"2026-01-31\"\n\
                    \"801y\",\"\",\"\",\"false\",\"\",\"\"\n";
        let read = rows(file.as_bytes(), &described).unwrap();
        let answer = br#"[{"Id":"801x","Name":"a \"b\",\nc","Amount__c":10.10,"IsActive":true,
            "SystemModstamp":"2026-01-31T12:34:56.000+0000","EffectiveDate":"2026-01-31"},
            {"Id":"801y","Name":null,"Amount__c":null,"IsActive":false,"SystemModstamp":null,"EffectiveDate":null}]"#;
        let answer: json::Records = json::parse(answer).unwrap();
        assert_eq!(read, answer.whole().unwrap());
        assert!(rows(b"\"Amount__c\"\n\"ten\"\n", &described).is_err());
        assert!(rows(b"\"Id\",\"Name\"\n\"801x\"\n", &described).is_err());
    }
}
