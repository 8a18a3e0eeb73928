//! Bulk API 2.0: query jobs.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::Bench;

async fn create(bench: &Bench, query: &str) -> (StatusCode, Value) {
    bench.send(Method::POST, "/jobs/query", json!({ "operation": "query", "query": query })).await
}

/// A file of results: its text, its locator, how many records it has.
async fn results(bench: &Bench, id: &str, parameters: &str) -> (String, String, String) {
    let path = format!("/services/data/v66.0/jobs/query/{id}/results{parameters}");
    let answer = bench.call(Method::GET, &path).header("accept", "text/csv").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let (locator, count) = (header("Sforce-Locator"), header("Sforce-NumberOfRecords"));
    (answer.text().await.unwrap(), locator, count)
}

#[tokio::test]
async fn a_job_goes_from_upload_complete_to_job_complete_and_its_result_comes_in_files() {
    let bench = Bench::new(5).await;
    bench.set(json!({ "bulk_batch_ms": 2000 })).await;
    let (status, job) = create(&bench, "SELECT Id, Name FROM Account ORDER BY Name").await;
    assert_eq!((status, &job["state"]), (StatusCode::OK, &json!("UploadComplete")), "{job}");
    assert_eq!((&job["object"], &job["apiVersion"].to_string()), (&json!("Account"), &"66.0".to_owned()));
    let id = job["id"].as_str().unwrap();
    assert!(id.starts_with("750") && id.len() == 18);
    let path = format!("/services/data/v66.0/jobs/query/{id}");
    assert_eq!(bench.get(&path).await.1["state"], "InProgress");
    assert_eq!(bench.get(&format!("{path}/results")).await.0, StatusCode::BAD_REQUEST);
    bench.clock.advance(2);
    let (_, info) = bench.get(&path).await;
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("JobComplete"), &json!(5)));
    assert_eq!((&info["jobType"], &info["totalProcessingTime"]), (&json!("V2Query"), &json!(2000)));
    let (text, locator, count) = results(&bench, id, "?maxRecords=3").await;
    assert_eq!((text.lines().count(), count.as_str()), (4, "3"));
    assert!(text.starts_with("\"Id\",\"Name\"\n\"001"), "{text}");
    assert_ne!(locator, "null");
    let (text, end, count) = results(&bench, id, &format!("?maxRecords=3&locator={locator}")).await;
    assert_eq!((text.lines().count(), end.as_str(), count.as_str()), (3, "null", "2"));
    assert!(text.ends_with("\"Account 0004\"\n"));
    assert_eq!(results(&bench, id, "").await.2, "5");
}

#[tokio::test]
async fn a_result_is_what_there_was_when_the_job_was_made() {
    let bench = Bench::new(1).await;
    let (_, job) = create(&bench, "SELECT Name FROM Account").await;
    bench.org.seed("Account", vec![crate::bench::row(&json!({ "Name": "Later" }))]).unwrap();
    assert_eq!(results(&bench, job["id"].as_str().unwrap(), "").await.0, "\"Name\"\n\"Account 0000\"\n");
}

#[tokio::test]
async fn a_job_can_be_aborted_while_it_runs_and_deleted_when_it_is_over() {
    let bench = Bench::new(1).await;
    bench.set(json!({ "bulk_batch_ms": 60_000 })).await;
    let (_, job) = create(&bench, "SELECT Id FROM Account").await;
    let path = format!("/jobs/query/{}", job["id"].as_str().unwrap());
    let (status, answer) = bench.send(Method::DELETE, &path, json!({})).await;
    assert_eq!((status.as_u16(), &answer[0]["errorCode"]), (400, &json!("INVALIDJOBSTATE")));
    let abort = json!({ "state": "Aborted" });
    assert_eq!(bench.send(Method::PATCH, &path, abort.clone()).await.1["state"], "Aborted");
    assert_eq!(bench.send(Method::PATCH, &path, abort).await.0, StatusCode::BAD_REQUEST);
    let (_, list) = bench.get("/services/data/v66.0/jobs/query").await;
    assert_eq!((&list["done"], &list["records"][0]["id"]), (&json!(true), &job["id"]));
    let (_, limits) = bench.get("/services/data/v66.0/limits").await;
    assert_eq!(limits["DailyBulkV2QueryJobs"], json!({ "Max": 10_000, "Remaining": 9_999 }));
    assert_eq!(bench.send(Method::DELETE, &path, json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(bench.get(&format!("/services/data/v66.0{path}")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_job_is_kept_for_seven_days() {
    let mut bench = Bench::new(1).await;
    let (_, job) = create(&bench, "SELECT Id FROM Account").await;
    let path = format!("/services/data/v66.0/jobs/query/{}", job["id"].as_str().unwrap());
    for (seconds, expected) in [(7 * 24 * 3600 - 1, StatusCode::OK), (1, StatusCode::NOT_FOUND)] {
        bench.clock.advance(seconds);
        bench.sign_in().await;
        assert_eq!(bench.get(&path).await.0, expected);
    }
}

#[tokio::test]
async fn what_a_job_cannot_do_is_refused_when_it_is_made() {
    let bench = Bench::new(1).await;
    for (asked, code) in [
        (json!({ "operation": "query", "query": "SELECT COUNT(Id) FROM Account" }), "API_ERROR"),
        (json!({ "operation": "query", "query": "SELECT Id, (SELECT Id FROM Contacts) FROM Account" }), "API_ERROR"),
        (json!({ "operation": "query", "query": "SELECT BillingAddress FROM Account" }), "API_ERROR"),
        (json!({ "operation": "query", "query": "SELECT Bacon FROM Account" }), "INVALID_FIELD"),
        (json!({ "operation": "query", "query": "SELEC" }), "MALFORMED_QUERY"),
        (json!({ "operation": "insert", "query": "SELECT Id FROM Account" }), "INVALIDJOB"),
        (json!({ "operation": "query" }), "INVALIDJOB"),
        (json!({ "operation": "query", "query": "SELECT Id FROM Account", "object": "Account" }), "JSON_PARSER_ERROR"),
    ] {
        let (status, answer) = bench.send(Method::POST, "/jobs/query", asked.clone()).await;
        assert_eq!((status.as_u16(), &answer[0]["errorCode"]), (400, &json!(code)), "{asked}");
    }
    let (_, job) = create(&bench, "SELECT Id FROM Account").await;
    let path = format!("/services/data/v66.0/jobs/query/{}/results", job["id"].as_str().unwrap());
    for parameters in ["?maxRecords=0", "?maxRecords=x", "?locator=x", "?locator=OTk"] {
        assert_eq!(bench.get(&format!("{path}{parameters}")).await.0, StatusCode::BAD_REQUEST, "{parameters}");
    }
}
