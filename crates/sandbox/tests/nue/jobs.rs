use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, answer, text};

fn row(bench: &Bench, place: usize, destination: &str) -> Value {
    json!({
        "transactionType": "invoice",
        "nueId": bench.books.invoices[place].id,
        "externalSystem": "salesforce",
        "externalSystemId": "org",
        "externalId": destination,
    })
}

async fn upload(bench: &Bench, rows: Vec<Value>) -> String {
    text(&bench.done("/revenue/transaction-hub/upload", json!({ "data": rows })).await["jobId"])
}

async fn job(bench: &Bench, id: &str) -> (StatusCode, Value) {
    bench.get(&format!("/revenue/transaction-hub/async-job/{id}")).await
}

async fn hub(bench: &Bench) -> Vec<Value> {
    bench.query("{ TransactionHub { nueId externalId externalSystem status direction } }").await
}

#[tokio::test]
async fn an_upload_is_a_job_that_is_first_not_there_then_under_way_then_over() {
    let bench = Bench::with(json!({ "jobVisibleAfterMs": 1000, "jobTakesMs": 3000 })).await;
    let id = upload(&bench, vec![row(&bench, 0, "a01A")]).await;
    assert_eq!(job(&bench, &id).await.0, StatusCode::NOT_FOUND);
    bench.clock.advance(1);
    assert_eq!(job(&bench, &id).await.1["status"], "processing");
    assert_eq!(hub(&bench).await.len(), 0);
    bench.clock.advance(2);
    assert_eq!(job(&bench, &id).await.1["status"], "completed");
    let rows = hub(&bench).await;
    assert_eq!((rows.len(), &rows[0]["externalId"], &rows[0]["direction"]), (1, &json!("a01A"), &json!("outbound")));
}

#[tokio::test]
async fn a_record_has_one_row_a_system_and_a_second_upload_replaces_it() {
    let bench = Bench::new().await;
    upload(&bench, vec![row(&bench, 0, "a01A"), row(&bench, 1, "a01B")]).await;
    upload(&bench, vec![row(&bench, 0, "a01C")]).await;
    let mut other = row(&bench, 0, "77");
    other["externalSystem"] = json!("netsuite");
    upload(&bench, vec![other]).await;
    let mut ids: Vec<String> = hub(&bench).await.iter().map(|row| text(&row["externalId"])).collect();
    ids.sort();
    assert_eq!(ids, ["77", "a01B", "a01C"]);
    let customer = &bench.books.customers[bench.books.invoices[0].customer].id;
    let of_customer = bench.list(&format!("/customers/{customer}/transactionHubData")).await;
    assert!(of_customer.iter().any(|row| row["externalId"] == "a01C" && row["status"] == "Transferred"));
}

#[tokio::test]
async fn rows_fail_one_by_one_and_keys_may_come_in_small_letters() {
    let bench = Bench::new().await;
    let small = json!({ "transactiontype": "invoice", "nueid": bench.books.invoices[1].id, "externalsystem": "s", "externalsystemid": "o", "externalid": "x" });
    let id = upload(&bench, vec![json!({ "transactionType": "invoice", "nueId": "none", "externalSystem": "s", "externalSystemId": "o", "externalId": "y" }), small]).await;
    let told = job(&bench, &id).await.1;
    assert_eq!((&told["status"], &told["failedSize"]), (&json!("partialcompleted"), &json!(1)));
    assert_eq!((&told["errors"][0]["row"], &told["errors"][0]["errorCode"]), (&json!(0), &json!("NOT_FOUND")));
    assert_eq!(hub(&bench).await.len(), 1);
    let many = vec![json!({}); 5001];
    let refused = bench.post("/revenue/transaction-hub/upload", json!({ "data": many })).await;
    assert_eq!(refused.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn faults_strike_the_first_row_of_an_upload_when_its_job_runs() {
    let bench = Bench::new().await;
    bench.faults(json!([{ "kind": "row_error", "path": "/revenue/**", "method": "POST", "times": 1 }])).await;
    let id = upload(&bench, vec![row(&bench, 0, "a"), row(&bench, 1, "b")]).await;
    assert_eq!(job(&bench, &id).await.1["status"], "partialcompleted");
    assert_eq!(hub(&bench).await.len(), 1);
    bench.faults(json!([{ "kind": "accepted_then_failed", "path": "/revenue/**", "times": 1 }])).await;
    let id = upload(&bench, vec![row(&bench, 2, "c"), row(&bench, 3, "d")]).await;
    assert_eq!(job(&bench, &id).await.1["status"], "completed");
    assert_eq!(hub(&bench).await.len(), 2);
}

#[tokio::test]
async fn an_export_writes_what_a_query_finds_to_a_file_and_calls_an_empty_one_failed() {
    let bench = Bench::with(json!({ "jobTakesMs": 1000 })).await;
    let start = async |query: &str| text(&bench.done("/cpq/async/exports", json!({ "query": query })).await["jobId"]);
    let read = async |id: &str| bench.read(&format!("/cpq/async/exports/{id}")).await;
    let full = start("{ Order { id totalAmount } }").await;
    let empty = start("{ Order(where: {status: {_eq: \"Canceled\"}}) { id } }").await;
    assert_eq!(read(&full).await["status"], "Processing");
    bench.clock.advance(1);
    let told = read(&full).await["objects"][0].clone();
    let orders = bench.books.orders.iter().filter(|order| order.in_nue).count();
    assert_eq!((&told["status"], &told["totalSize"]), (&json!("Completed"), &json!(orders)));
    let file = answer(bench.client.request(Method::GET, text(&told["fileUrls"][0]))).await.1;
    assert_eq!(file.as_str().map_or(1, |lines| lines.lines().count()), orders);
    let told = read(&empty).await;
    assert_eq!((&told["status"], &told["objects"][0]["errors"][0]), (&json!("Failed"), &json!("No Order fetched")));
}

#[tokio::test]
async fn usage_of_one_transaction_is_taken_once() {
    let bench = Bench::new().await;
    let usage = json!({ "transactionId": "t-1", "data": [{ "customerId": bench.customer(), "quantity": 2 }] });
    for expected in [1, 0] {
        assert_eq!(bench.done("/usage/raw-usage", usage.clone()).await["data"]["accepted"], expected);
    }
    assert_eq!(bench.records("usage").await.len(), 1);
}
