//! A job: what is to be done, how far it is, and what became of each record.

use jiff::Timestamp;
use serde_json::{Map, Number, Value as Json, json};

use super::file;
use crate::salesforce::call::{Call, Reply};
use crate::salesforce::errors::{Refusal, Verdict};
use crate::salesforce::id::Id;
use crate::salesforce::rights::Sight;
use crate::salesforce::schema::ID;
use crate::salesforce::value::moment_text;

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UploadComplete => "UploadComplete",
            Self::InProgress => "InProgress",
            Self::JobComplete => "JobComplete",
            Self::Failed => "Failed",
            Self::Aborted => "Aborted",
        }
    }
}

/// What is done with each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Insert,
    Update,
    /// By the field at this position.
    Upsert(usize),
    Delete,
}

/// Which of a job's results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Results {
    Successful,
    Failed,
    Unprocessed,
}

/// What became of a record: its id and whether it is new, or why it was refused.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The record's id, as far as it is known.
    pub(super) id: String,
    /// Whether it is new; otherwise the reason of the refusal.
    pub(super) done: Result<bool, String>,
    /// The place of the record in the file.
    pub(super) place: usize,
}

/// A job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: Id,
    pub(super) object: usize,
    pub(super) operation: Operation,
    pub(super) state: State,
    pub(super) created: Timestamp,
    pub(super) created_by: Id,
    pub(super) stamp: Timestamp,
    pub(super) delimiter: u8,
    /// The file, as long as it was not read.
    pub(super) content: Option<String>,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// The records that were worked off, in the order in which they were.
    pub(super) outcomes: Vec<Outcome>,
    pub(super) error: Option<String>,
    object_name: String,
    operation_name: String,
    key_name: Option<String>,
    line_ending: String,
    delimiter_name: String,
    version: String,
}

/// What may stand between two values.
pub(super) const DELIMITERS: [(&str, u8); 6] =
    [("COMMA", b','), ("TAB", b'\t'), ("SEMICOLON", b';'), ("PIPE", b'|'), ("CARET", b'^'), ("BACKQUOTE", b'`')];

impl Job {
    /// Reads what a job is to do.
    pub(super) fn read(sight: &Sight<'_>, body: &Map<String, Json>, call: &Call) -> Verdict<Self> {
        let text = |name: &str| body.get(name).and_then(Json::as_str);
        let invalid = |message: String| Refusal::new(400, "INVALIDJOB", message);
        const KNOWN: [&str; 8] = [
            "object",
            "operation",
            "externalIdFieldName",
            "contentType",
            "lineEnding",
            "columnDelimiter",
            "assignmentRuleId",
            "concurrencyMode",
        ];
        if let Some(unknown) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(Refusal::body(format!("Unrecognized field \"{unknown}\" at [line:1, column:2]")));
        }
        let name = text("object").ok_or_else(|| invalid("Required field is missing: object".to_owned()))?;
        let object = sight
            .object(name)
            .ok_or_else(|| invalid(format!("InvalidEntity : Entity {name} is not supported by the bulk API.")))?;
        let operation_name = text("operation").unwrap_or_default().to_owned();
        let operation = match operation_name.as_str() {
            "insert" => Operation::Insert,
            "update" => Operation::Update,
            "delete" => Operation::Delete,
            "hardDelete" => {
                let message = "hardDelete operation requires special user profile permission, please contact your system administrator";
                return Err(Refusal::new(400, "FEATURENOTENABLED", message));
            }
            "upsert" => Operation::Upsert(key(sight, object, text("externalIdFieldName"))?),
            other => return Err(invalid(format!("Unable to parse Job: unknown operation '{other}'"))),
        };
        if text("contentType").is_some_and(|media| media != "CSV") {
            return Err(invalid("Only CSV is supported as contentType".to_owned()));
        }
        let delimiter_name = text("columnDelimiter").unwrap_or("COMMA").to_owned();
        let delimiter = DELIMITERS.iter().find(|(known, _)| *known == delimiter_name);
        let delimiter = delimiter.ok_or_else(|| invalid(format!("Unknown columnDelimiter '{delimiter_name}'")))?.1;
        let line_ending = text("lineEnding").unwrap_or("LF").to_owned();
        if !["LF", "CRLF"].contains(&line_ending.as_str()) {
            return Err(invalid(format!("Unknown lineEnding '{line_ending}'")));
        }
        let nobody = Id::new([b'0'; 3], [b'0'; 3], 0);
        Ok(Self {
            id: nobody,
            object,
            operation,
            state: State::Open,
            created: Timestamp::UNIX_EPOCH,
            created_by: nobody,
            stamp: Timestamp::UNIX_EPOCH,
            delimiter,
            content: None,
            header: Vec::new(),
            rows: Vec::new(),
            outcomes: Vec::new(),
            error: None,
            object_name: sight.at(object).name.clone(),
            operation_name,
            key_name: text("externalIdFieldName").map(str::to_owned),
            line_ending,
            delimiter_name,
            version: call.version.trim_start_matches('v').to_owned(),
        })
    }

    /// Takes the file: once.
    pub(super) fn take(&mut self, content: String) -> Verdict<()> {
        if self.state != State::Open {
            return Err(Refusal::new(400, "INVALIDJOBSTATE", "Not allowed to upload to a job that is not open"));
        }
        if self.content.is_some() {
            let message = format!(
                "Found multiple contents for job: <{}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.",
                self.id
            );
            return Err(Refusal::new(400, "INVALIDJOBSTATE", message));
        }
        self.content = Some(content);
        Ok(())
    }

    /// Nothing more is uploaded.
    pub(super) fn close(&mut self, now: Timestamp) -> Verdict<()> {
        if self.state != State::Open {
            return Err(Refusal::new(400, "INVALIDJOBSTATE", "Closing already closed job not allowed"));
        }
        (self.state, self.stamp) = (State::UploadComplete, now);
        Ok(())
    }

    pub(super) fn abort(&mut self, now: Timestamp) -> Verdict<()> {
        match self.state {
            State::Open | State::UploadComplete | State::InProgress => {
                (self.state, self.stamp) = (State::Aborted, now);
                Ok(())
            }
            _ => Err(Refusal::new(400, "INVALIDJOBSTATE", "Aborting already completed job not allowed")),
        }
    }

    /// The job as lists and changes show it.
    pub(super) fn summary(&self, call: &Call) -> Json {
        let date = |moment| moment_text(moment, "+0000");
        let mut body = json!({
            "id": self.id.to_string(), "operation": self.operation_name, "object": self.object_name,
            "createdById": self.created_by.to_string(), "createdDate": date(self.created),
            "systemModstamp": date(self.stamp), "state": self.state.name(),
        });
        if let Some(key) = &self.key_name {
            body["externalIdFieldName"] = json!(key);
        }
        body["concurrencyMode"] = json!("Parallel");
        body["contentType"] = json!("CSV");
        // With its fraction: the vendor tells a number of one digit behind the point.
        body["apiVersion"] = serde_json::from_str::<Number>(&self.version).map_or(Json::Null, Json::Number);
        if self.state == State::Open {
            body["contentUrl"] = json!(format!("services/data/{}/jobs/ingest/{}/batches", call.version, self.id));
        }
        body["lineEnding"] = json!(self.line_ending);
        body["columnDelimiter"] = json!(self.delimiter_name);
        body
    }

    /// The job as its own address shows it.
    pub(super) fn info(&self, call: &Call) -> Json {
        let mut body = self.summary(call);
        if self.state == State::Open && self.content.is_none() {
            return body;
        }
        let failed = self.outcomes.iter().filter(|outcome| outcome.done.is_err()).count();
        let time = self.outcomes.len();
        body["jobType"] = json!("V2Ingest");
        body["numberRecordsProcessed"] = json!(self.outcomes.len());
        body["numberRecordsFailed"] = json!(failed);
        body["retries"] = json!(0);
        body["totalProcessingTime"] = json!(time);
        body["apiActiveProcessingTime"] = json!(time);
        body["apexProcessingTime"] = json!(0);
        if let Some(error) = &self.error {
            body["errorMessage"] = json!(error);
        }
        body
    }

    /// A file of results.
    pub(super) fn results(&self, which: Results) -> Verdict<Reply> {
        if matches!(self.state, State::Open | State::UploadComplete | State::InProgress) {
            return Err(Refusal::new(
                400,
                "INVALIDJOBSTATE",
                "The job is not completed: its results are not available",
            ));
        }
        let newline = if self.line_ending == "CRLF" { "\r\n" } else { "\n" };
        let mut text = file::Writer::new(self.delimiter, newline);
        let done: std::collections::HashSet<usize> = self.outcomes.iter().map(|outcome| outcome.place).collect();
        match which {
            Results::Unprocessed => {
                text.header(&[], &self.header);
                let left = self.rows.iter().enumerate().filter(|(place, _)| !done.contains(place));
                left.for_each(|(_, row)| text.row(&[], row));
            }
            Results::Successful => {
                text.header(&["sf__Id", "sf__Created"], &self.header);
                for outcome in &self.outcomes {
                    if let Ok(created) = outcome.done {
                        text.row(&[&outcome.id, if created { "true" } else { "false" }], &self.rows[outcome.place]);
                    }
                }
            }
            Results::Failed => {
                text.header(&["sf__Id", "sf__Error"], &self.header);
                for outcome in &self.outcomes {
                    if let Err(reason) = &outcome.done {
                        text.row(&[&outcome.id, reason], &self.rows[outcome.place]);
                    }
                }
            }
        }
        Ok(Reply::text(200, "text/csv", text.into_text()))
    }
}

/// The field by which an upsert finds its records.
fn key(sight: &Sight<'_>, object: usize, name: Option<&str>) -> Verdict<usize> {
    let missing =
        || Refusal::new(400, "INVALIDJOB", "External ID was blank for upsert. An externalIdFieldName is required.");
    let name = name.ok_or_else(missing)?;
    let field = sight.field(object, name).filter(|field| {
        let described = &sight.at(object).fields[*field];
        *field == ID || described.external_id || described.id_lookup
    });
    field.ok_or_else(|| {
        let message = format!("InvalidJob : Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for {}", sight.at(object).name);
        Refusal::new(400, "INVALIDJOB", message)
    })
}
