//! Bulk API 2.0, ingest.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Account, Answer, until};

impl Account {
    async fn job(&self, description: Value) -> String {
        let made = self.post("/jobs/ingest", description).await;
        assert_eq!(made.status, 200, "{made:?}");
        made.body["id"].as_str().unwrap().to_owned()
    }

    async fn upload(&self, job: &str, file: &str) -> Answer {
        let session = format!("Bearer {}", self.token);
        let headers = [("authorization", session.as_str()), ("content-type", "text/csv")];
        let path = format!("/services/data/v66.0/jobs/ingest/{job}/batches");
        self.send(Method::PUT, &path, &headers, Some(file.to_owned())).await
    }

    async fn close(&self, job: &str) -> Answer {
        self.patch(&format!("/jobs/ingest/{job}"), json!({ "state": "UploadComplete" })).await
    }

    /// Waits until a job is over and answers how it is.
    async fn over(&self, job: &str) -> Value {
        let mut info = Value::Null;
        until(async || {
            info = self.get(&format!("/jobs/ingest/{job}")).await.body;
            ["JobComplete", "Failed", "Aborted"].contains(&info["state"].as_str().unwrap())
        })
        .await;
        info
    }

    async fn run(&self, description: Value, file: &str) -> (String, Value) {
        let job = self.job(description).await;
        assert_eq!(self.upload(&job, file).await.status, 201);
        assert_eq!(self.close(&job).await.body["state"], "UploadComplete");
        let info = self.over(&job).await;
        (job, info)
    }

    async fn result(&self, job: &str, which: &str) -> String {
        self.get(&format!("/jobs/ingest/{job}/{which}")).await.text
    }
}

fn upsert() -> Value {
    json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "Nue_Id__c", "contentType": "CSV", "lineEnding": "LF" })
}

#[tokio::test]
async fn a_job_is_made_filled_closed_and_worked_off() {
    let account = Account::open().await;
    let made = account.post("/jobs/ingest", upsert()).await;
    let job = made.body["id"].as_str().unwrap().to_owned();
    assert!(job.starts_with("750"));
    let keys: Vec<&str> = made.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "id",
            "operation",
            "object",
            "createdById",
            "createdDate",
            "systemModstamp",
            "state",
            "externalIdFieldName",
            "concurrencyMode",
            "contentType",
            "apiVersion",
            "contentUrl",
            "lineEnding",
            "columnDelimiter"
        ]
    );
    assert_eq!(made.body["apiVersion"].to_string(), "66.0");
    assert_eq!(made.body["contentUrl"], format!("services/data/v66.0/jobs/ingest/{job}/batches"));
    account.make("Account", json!({ "Name": "Old", "Nue_Id__c": "k-2", "Phone": "1", "Fax": "2" })).await;
    let file = "Nue_Id__c,Name,Phone,Fax\nk-1,\"One, \"\"quoted\"\"\",,\nk-2,Two,,#N/A\nk-3,,1,\n";
    assert_eq!(account.upload(&job, file).await.status, 201);
    assert_eq!(account.upload(&job, file).await.refusal(), (400, "INVALIDJOBSTATE"), "once");
    assert_eq!(account.close(&job).await.status, 200);
    let info = account.over(&job).await;
    assert_eq!((&info["state"], &info["jobType"]), (&json!("JobComplete"), &json!("V2Ingest")));
    assert_eq!((&info["numberRecordsProcessed"], &info["numberRecordsFailed"]), (&json!(3), &json!(1)));
    let good = account.result(&job, "successfulResults").await;
    let lines: Vec<&str> = good.lines().collect();
    assert_eq!(lines[0], "\"sf__Id\",\"sf__Created\",Nue_Id__c,Name,Phone,Fax");
    assert!(lines[1].ends_with("\"false\",\"k-2\",\"Two\",\"\",\"#N/A\""), "another order than the file's: {good}");
    assert!(lines[2].ends_with("\"true\",\"k-1\",\"One, \"\"quoted\"\"\",\"\",\"\""), "{good}");
    let bad = account.result(&job, "failedResults").await;
    assert_eq!(
        bad.lines().nth(1).unwrap(),
        "\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --\",\"k-3\",\"\",\"1\",\"\""
    );
    assert_eq!(account.result(&job, "unprocessedrecords").await, "Nue_Id__c,Name,Phone,Fax\n");
    let changed = account.get("/sobjects/Account/Nue_Id__c/k-2").await.body;
    assert_eq!((&changed["Phone"], &changed["Fax"]), (&json!("1"), &Value::Null), "empty says nothing, #N/A empties");
}

#[tokio::test]
async fn parents_by_key_deletions_and_wrong_values_work_in_files_too() {
    let account = Account::open().await;
    account.make("Account", json!({ "Name": "A", "Nue_Id__c": "a-1" })).await;
    let insert =
        json!({ "object": "Contact", "operation": "insert", "columnDelimiter": "SEMICOLON", "lineEnding": "CRLF" });
    let file = "LastName;Account.Nue_Id__c;Birthdate\r\nDoe;a-1;\r\nRoe;a-2;\r\nPoe;;2003-04-98\r\n";
    let (job, info) = account.run(insert, file).await;
    assert_eq!(info["numberRecordsFailed"], 2);
    let bad = account.result(&job, "failedResults").await;
    assert!(bad.contains("Foreign key external ID: a-2 not found for field Nue_Id__c in entity Account"), "{bad}");
    assert!(bad.contains("'2003-04-98' is not a valid value for the type xsd:date:Birthdate --"), "{bad}");
    let good = account.result(&job, "successfulResults").await;
    let id = good.lines().nth(1).unwrap().split(';').next().unwrap().trim_matches('"').to_owned();
    assert!(good.ends_with("\r\n"));
    let (_, info) =
        account.run(json!({ "object": "Contact", "operation": "delete" }), &format!("Id\n{id}\n{id}\nx\n")).await;
    assert_eq!(info["numberRecordsFailed"], 2);
    assert_eq!(account.count("Contact").await, 0);
}

#[tokio::test]
async fn a_key_that_stands_twice_in_a_chunk_fails_both_rows() {
    let account = Account::open().await;
    let (job, info) = account.run(upsert(), "Nue_Id__c,Name\nk,A\nl,B\nK,C\n").await;
    assert_eq!(info["numberRecordsFailed"], 2);
    let bad = account.result(&job, "failedResults").await;
    assert!(bad.contains("DUPLICATE_VALUE:Duplicate external id specified: K:Nue_Id__c --"), "{bad}");
}

#[tokio::test]
async fn an_unknown_column_fails_the_job_and_processes_nothing() {
    let account = Account::open().await;
    let (job, info) = account.run(upsert(), "Nue_Id__c,Nam\nk-1,A\n").await;
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("Failed"), &json!(0)));
    assert_eq!(info["errorMessage"], "InvalidBatch : Field name not found : Nam");
    assert_eq!(account.result(&job, "unprocessedrecords").await, "Nue_Id__c,Nam\n\"k-1\",\"A\"\n");
}

#[tokio::test]
async fn an_aborted_job_keeps_what_it_has_done_and_tells_what_it_has_not() {
    let account = Account::open().await;
    let job = account.job(upsert()).await;
    account.upload(&job, "Nue_Id__c,Name\nk-1,A\n").await;
    assert_eq!(account.get(&format!("/jobs/ingest/{job}/successfulResults")).await.status, 400);
    assert_eq!(account.delete(&format!("/jobs/ingest/{job}")).await.refusal(), (400, "INVALIDJOBSTATE"));
    let aborted = account.patch(&format!("/jobs/ingest/{job}"), json!({ "state": "Aborted" })).await;
    assert_eq!(aborted.body["state"], "Aborted");
    assert_eq!(account.close(&job).await.refusal(), (400, "INVALIDJOBSTATE"));
    assert_eq!(account.count("Account").await, 0);
    assert_eq!(account.get("/jobs/ingest").await.body["records"][0]["id"], job.as_str());
    assert_eq!(account.delete(&format!("/jobs/ingest/{job}")).await.status, 204);
    assert_eq!(account.get(&format!("/jobs/ingest/{job}")).await.status, 404);

    account.set(json!({ "bulk_batch_ms": 60_000 })).await;
    let job = account.job(upsert()).await;
    account.upload(&job, "Nue_Id__c,Name\nk-1,A\n").await;
    account.close(&job).await;
    until(async || account.get(&format!("/jobs/ingest/{job}")).await.body["state"] == "InProgress").await;
    account.patch(&format!("/jobs/ingest/{job}"), json!({ "state": "Aborted" })).await;
    assert_eq!(account.result(&job, "unprocessedrecords").await, "Nue_Id__c,Name\n\"k-1\",\"A\"\n");
}

#[tokio::test]
async fn what_a_job_may_not_be_is_refused_when_it_is_made() {
    let account = Account::open().await;
    for (job, code) in [
        (json!({ "operation": "insert" }), "INVALIDJOB"),
        (json!({ "object": "Nothing", "operation": "insert" }), "INVALIDJOB"),
        (json!({ "object": "Account", "operation": "merge" }), "INVALIDJOB"),
        (json!({ "object": "Account", "operation": "upsert" }), "INVALIDJOB"),
        (json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "Phone" }), "INVALIDJOB"),
        (json!({ "object": "Account", "operation": "hardDelete" }), "FEATURENOTENABLED"),
        (json!({ "object": "Account", "operation": "insert", "colour": "red" }), "JSON_PARSER_ERROR"),
    ] {
        assert_eq!(account.post("/jobs/ingest", job).await.refusal(), (400, code));
    }
}

#[tokio::test]
async fn a_job_and_its_file_may_come_in_one_request() {
    let account = Account::open().await;
    let session = format!("Bearer {}", account.token);
    let body = format!(
        "--B\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{}\r\n--B\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\n\r\nNue_Id__c,Name\nk-1,A\n\r\n--B--\r\n",
        upsert()
    );
    let headers = [("authorization", session.as_str()), ("content-type", "multipart/form-data; boundary=B")];
    let made = account.send(Method::POST, "/services/data/v66.0/jobs/ingest", &headers, Some(body)).await;
    assert_eq!(made.status, 200, "{made:?}");
    let info = account.over(made.body["id"].as_str().unwrap()).await;
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("JobComplete"), &json!(1)));
    assert_eq!(account.get("/limits").await.body["DailyBulkApiBatches"]["Remaining"], 14_999);
}
