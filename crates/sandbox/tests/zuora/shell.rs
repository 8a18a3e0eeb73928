use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use sandbox::{Options, Sandbox, faults};

use crate::bench::{Bench, answer, books};

impl Bench {
    pub(crate) async fn control(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let request = self.client.request(method, format!("{}/_sandbox/{path}", self.access.url));
        answer(request.body(body.to_owned())).await
    }

    pub(crate) async fn faults(&self, rules: Value) {
        let (status, body) = self.control(Method::PUT, "faults", &rules.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    pub(crate) async fn mark(&self, id: &str, status: &str) -> Result<(StatusCode, Value), reqwest::Error> {
        let body = json!({ "type": "Invoice", "objects": [{ "Id": id, "IntegrationStatus__NS": status }] });
        let answer = self.call(Method::POST, "/v1/action/update").body(body.to_string()).send().await?;
        Ok((answer.status(), crate::bench::body(answer).await))
    }
}

const MARKED: &str = "select Id from Invoice where IntegrationStatus__NS != null";

#[tokio::test]
async fn a_refused_call_is_not_executed_and_a_dropped_answer_is() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    bench.faults(json!([{ "kind": "refuse", "path": "/v1/action/update" }])).await;
    assert!(bench.mark(&id, "a").await.is_err());
    assert_eq!(bench.query(MARKED).await.len(), 0);
    bench.faults(json!([{ "kind": "drop_answer", "path": "/v1/action/{x}", "method": "post", "nth": 1 }])).await;
    assert!(bench.mark(&id, "a").await.is_err());
    assert_eq!(bench.query(MARKED).await.len(), 1);
}

#[tokio::test]
async fn the_vendor_words_its_failures_without_executing() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    for (kind, status, retry) in
        [("429", StatusCode::TOO_MANY_REQUESTS, true), ("500", StatusCode::INTERNAL_SERVER_ERROR, false)]
    {
        bench.faults(json!([{ "kind": kind, "path": "/v1/action/update" }])).await;
        let (answered, body) = bench.mark(&id, "a").await.unwrap();
        assert_eq!((answered, body["success"].as_bool()), (status, Some(false)));
        let request = bench.call(Method::POST, "/v1/action/update");
        assert_eq!(request.send().await.unwrap().headers().contains_key("retry-after"), retry);
    }
    bench.faults(json!([{ "kind": 503, "path": "/v1/action/update" }])).await;
    assert_eq!(bench.mark(&id, "a").await.unwrap().0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(bench.query(MARKED).await.len(), 0);
}

#[tokio::test]
async fn a_row_error_refuses_one_row_and_commits_the_others() {
    let bench = Bench::new(2).await;
    let records = bench.query("select Id from Invoice where Status = 'Posted'").await;
    let objects: Vec<Value> =
        records.iter().map(|record| json!({ "Id": record["Id"], "IntegrationStatus__NS": "a" })).collect();
    bench.faults(json!([{ "kind": "row_error", "path": "/v1/**" }])).await;
    let (status, results) = bench.post("/v1/action/update", json!({ "type": "Invoice", "objects": objects })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((results[0]["Success"].as_bool(), results[1]["Success"].as_bool()), (Some(false), Some(true)));
    let path = format!("/v1/object/invoice/{}", records[0]["Id"].as_str().unwrap());
    assert_eq!(bench.send(Method::PUT, &path, &json!({ "Comments": "x" })).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bench.control(Method::DELETE, "faults", "").await.0, StatusCode::OK);
    assert_eq!(bench.send(Method::PUT, &path, &json!({ "Comments": "x" })).await.0, StatusCode::OK);
}

#[tokio::test]
async fn malformed_rules_are_refused_with_a_reason_and_change_nothing() {
    let bench = Bench::new(1).await;
    bench.faults(json!([{ "kind": "500" }])).await;
    let (status, body) = bench.control(Method::PUT, "faults", r#"[{"kind":"explode"}]"#).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["error"].as_str().unwrap().contains("unknown kind `explode`"));
    assert_eq!(bench.get("/v1/accounts/A-1").await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn calls_are_counted_by_template_and_status() {
    let bench = Bench::new(1).await;
    bench.get("/v1/accounts/A-1").await;
    bench.get("/v1/accounts/A-2").await;
    bench.get("/v1/accounts/A-3").await;
    let (_, calls) = bench.control(Method::GET, "calls", "").await;
    let count = |status: u16| {
        let wanted = |call: &&Value| call["path"] == "/v1/accounts/{key}" && call["status"] == status;
        calls.as_array().unwrap().iter().find(wanted).map(|call| call["count"].clone())
    };
    assert_eq!((count(200), count(404)), (Some(json!(2)), Some(json!(1))));
    assert!(!calls.to_string().contains("_sandbox"));
}

#[tokio::test]
async fn held_records_are_told_without_a_token_as_lines() {
    let bench = Bench::new(3).await;
    let get = |kind: &str| bench.client.get(format!("{}/_sandbox/records/{kind}", bench.access.url)).send();
    let answer = get("invoiceitem").await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 12);
    assert!(lines.iter().all(|line| line["Id"].is_string() && line["ChargeAmount"].is_number()));
    assert_eq!(get("CreditMemo").await.unwrap().status(), StatusCode::NOT_FOUND);
    let (_, behaviours) = bench.control(Method::GET, "behaviours", "").await;
    assert!(behaviours.as_array().is_some_and(|list| list.len() > 20));
}

#[tokio::test]
async fn of_the_held_records_only_the_wanted_fields_are_told() {
    let bench = Bench::new(1).await;
    let answer = bench.client.get(format!("{}/_sandbox/records/Invoice?fields=amount,Id,Nothing", bench.access.url));
    let text = answer.send().await.unwrap().text().await.unwrap();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let mut names: Vec<&String> = line.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["Amount", "Id"]);
    }
    assert_eq!(text.lines().count(), 2);
}

#[tokio::test]
async fn a_restart_breaks_calls_off_closes_the_port_and_comes_back_with_all_that_is_held() {
    let bench = Bench::new(1).await;
    let id = bench.id("Invoice where Status = 'Posted'").await;
    assert!(bench.mark(&id, "a").await.is_ok());
    bench.faults(json!([{ "kind": "silent", "path": "/v1/action/update" }])).await;
    assert_eq!(bench.control(Method::POST, "restart", r#"{"m":1}"#).await.0, StatusCode::BAD_REQUEST);
    let restart = async {
        while bench.control(Method::GET, "faults", "").await.1[0]["struck"] == json!(0) {}
        assert_eq!(bench.control(Method::POST, "restart", r#"{"ms":300}"#).await.0, StatusCode::ACCEPTED);
        // Until the port is closed.
        while !bench.client.get(&bench.access.url).send().await.is_err_and(|error| error.is_connect()) {}
    };
    let (broken, ()) = tokio::join!(bench.mark(&id, "b"), restart);
    assert!(broken.is_err());
    while bench.client.get(&bench.access.url).send().await.is_err() {}
    assert_eq!(bench.query(MARKED).await.len(), 1);
}

#[tokio::test]
async fn all_emulators_start_together_and_obey_from_within() {
    let sandbox = Sandbox::start(Options::new(3, books(2))).await.unwrap();
    assert_ne!(sandbox.zuora.url, sandbox.netsuite.url);
    assert_eq!(sandbox.records("zuora", "Invoice").map(|records| records.len()), Some(3));
    assert_eq!(sandbox.records("zuora", "Nothing"), None);
    assert!(sandbox.set_faults("netsuite", faults::parse(r#"[{"kind":"429"}]"#).unwrap()));
    assert!(sandbox.set_faults("salesforce", Vec::new()) && sandbox.set_faults("nue", Vec::new()));
    assert!(!sandbox.set_faults("sage", Vec::new()));
    let status =
        reqwest::get(format!("{}/services/rest/record/v1/customer", sandbox.netsuite.url)).await.unwrap().status();
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(sandbox.calls("netsuite").iter().map(|call| (call.status, call.count)).collect::<Vec<_>>(), [(429, 1)]);
    let records = sandbox.records("zuora", "TaxationItem").unwrap();
    assert!(records.iter().any(|record| record["TaxCode"] == "VAT" && record["AccountingCode"].is_string()));
    assert!(records.iter().all(|record| record["TaxCode"] == "VAT" || record.get("AccountingCode").is_none()));
    sandbox.stop().await;
}
