//! Several requests in one.

use serde_json::{Value, json};

use crate::client::{Account, of};

fn part(method: &str, path: &str, reference: &str, body: Value) -> Value {
    json!({ "method": method, "url": format!("/services/data/v66.0{path}"), "referenceId": reference, "body": body })
}

fn statuses(body: &Value) -> Vec<u64> {
    body["compositeResponse"].as_array().unwrap().iter().map(|part| part["httpStatusCode"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_part_refers_to_the_answer_of_one_before_it() {
    let account = Account::open().await;
    let parts = [
        part("POST", "/sobjects/Account", "acme", json!({ "Name": "Acme" })),
        part("POST", "/sobjects/Contact", "jane", json!({ "LastName": "Doe", "AccountId": "@{acme.id}" })),
        part("GET", "/sobjects/Contact/@{jane.id}", "read", Value::Null),
        part("PATCH", "/sobjects/Account/@{read.AccountId}", "change", json!({ "Phone": "1" })),
    ];
    let answer = account.post("/composite", json!({ "compositeRequest": parts })).await;
    assert_eq!(statuses(&answer.body), [201, 201, 200, 204]);
    let first = &answer.body["compositeResponse"][0];
    let id = first["body"]["id"].as_str().unwrap();
    assert_eq!(first["referenceId"], "acme");
    assert_eq!(first["httpHeaders"]["Location"], format!("/services/data/v66.0/sobjects/Account/{id}"));
    assert_eq!(answer.body["compositeResponse"][2]["body"]["AccountId"], id);
    assert_eq!(answer.body["compositeResponse"][3]["body"], Value::Null);
    assert_eq!(account.read("Account", id).await["Phone"], "1");
}

#[tokio::test]
async fn a_part_that_fails_takes_along_those_that_refer_to_it_or_all() {
    let account = Account::open().await;
    let parts = [
        part("POST", "/sobjects/Account", "good", json!({ "Name": "Acme" })),
        part("POST", "/sobjects/Account", "bad", json!({})),
        part("POST", "/sobjects/Contact", "child", json!({ "LastName": "D", "AccountId": "@{bad.id}" })),
        part("POST", "/sobjects/Contact", "other", json!({ "LastName": "E", "AccountId": "@{good.id}" })),
    ];
    let answer = account.post("/composite", json!({ "compositeRequest": parts })).await;
    assert_eq!((answer.status.as_u16(), statuses(&answer.body)), (200, vec![201, 400, 400, 201]));
    assert_eq!(answer.body["compositeResponse"][2]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!((account.count("Account").await, account.count("Contact").await), (1, 1));

    let answer = account.post("/composite", json!({ "allOrNone": true, "compositeRequest": parts })).await;
    assert_eq!(statuses(&answer.body), [400, 400, 400, 400]);
    let codes: Vec<&Value> =
        (0..4).map(|place| &answer.body["compositeResponse"][place]["body"][0]["errorCode"]).collect();
    assert_eq!(codes, ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED", "PROCESSING_HALTED"]);
    assert_eq!((account.count("Account").await, account.count("Contact").await), (1, 1));
}

#[tokio::test]
async fn a_collection_within_a_composite_obeys_the_outer_all_or_none() {
    let account = Account::open().await;
    let rows =
        json!({ "allOrNone": false, "records": [of("Account", json!({ "Name": "A" })), of("Account", json!({}))] });
    let parts = [
        part("POST", "/sobjects/Contact", "one", json!({ "LastName": "C" })),
        part("POST", "/composite/sobjects", "rows", rows),
    ];
    let answer = account.post("/composite", json!({ "compositeRequest": parts })).await;
    assert_eq!(statuses(&answer.body), [201, 200]);
    assert_eq!(account.count("Account").await, 1);
    let answer = account.post("/composite", json!({ "allOrNone": true, "compositeRequest": parts })).await;
    assert_eq!(statuses(&answer.body), [400, 200]);
    let errors = &answer.body["compositeResponse"][1]["body"];
    assert_eq!(errors[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!((account.count("Account").await, account.count("Contact").await), (1, 1));
}

#[tokio::test]
async fn a_composite_has_its_bounds() {
    let account = Account::open().await;
    let many: Vec<Value> = (0..26).map(|place| part("GET", "/limits", &format!("r{place}"), Value::Null)).collect();
    assert_eq!(account.post("/composite", json!({ "compositeRequest": many })).await.status, 400);
    let heavy: Vec<Value> = (0..6)
        .map(|place| part("POST", "/composite/sobjects", &format!("r{place}"), json!({ "records": [] })))
        .collect();
    assert_eq!(account.post("/composite", json!({ "compositeRequest": heavy })).await.status, 400);
    assert_eq!(account.post("/composite", json!({ "compositeRequest": &heavy[..5] })).await.status, 200);
    let unnamed = json!([{ "method": "GET", "url": "/services/data/v66.0/limits" }]);
    assert_eq!(account.post("/composite", json!({ "compositeRequest": unnamed })).await.status, 400);
    let nested = [part("POST", "/composite", "r", json!({ "compositeRequest": [] }))];
    assert_eq!(statuses(&account.post("/composite", json!({ "compositeRequest": nested })).await.body), [400]);
}

#[tokio::test]
async fn a_batch_knows_no_transaction_and_halts_only_if_asked_to() {
    let account = Account::open().await;
    let requests = json!([
        { "method": "POST", "url": "v66.0/sobjects/Account", "richInput": {} },
        { "method": "POST", "url": "v66.0/sobjects/Account", "richInput": { "Name": "A" } },
    ]);
    let answer = account.post("/composite/batch", json!({ "batchRequests": requests })).await;
    assert_eq!(answer.body["hasErrors"], true);
    assert_eq!(
        (&answer.body["results"][0]["statusCode"], &answer.body["results"][1]["statusCode"]),
        (&json!(400), &json!(201))
    );
    assert_eq!(answer.body["results"][0]["result"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    let answer = account.post("/composite/batch", json!({ "batchRequests": requests, "haltOnError": true })).await;
    assert_eq!(answer.body["results"][1]["statusCode"], 412);
    assert_eq!(answer.body["results"][1]["result"][0]["errorCode"], "BATCH_PROCESSING_HALTED");
    assert_eq!(account.count("Account").await, 1);
}

#[tokio::test]
async fn a_tree_is_planted_whole_or_not_at_all() {
    let account = Account::open().await;
    let contact = |name: Value| json!({ "attributes": { "type": "Contact", "referenceId": format!("c{name}") }, "LastName": name });
    let tree = |names: Vec<Value>| {
        let contacts: Vec<Value> = names.into_iter().map(contact).collect();
        json!({ "records": [{
            "attributes": { "type": "Account", "referenceId": "a" }, "Name": "Acme", "Contacts": { "records": contacts },
        }] })
    };
    let planted = account.post("/composite/tree/Account", tree(vec![json!("D"), json!("E")])).await;
    assert_eq!((planted.status.as_u16(), &planted.body["hasErrors"]), (201, &json!(false)));
    assert_eq!(planted.body["results"].as_array().unwrap().len(), 3);
    let child = planted.body["results"][1]["id"].as_str().unwrap();
    assert_eq!(account.read("Contact", child).await["AccountId"], planted.body["results"][0]["id"]);
    let refused = account.post("/composite/tree/Account", tree(vec![json!("F"), Value::Null])).await;
    assert_eq!((refused.status.as_u16(), &refused.body["hasErrors"]), (400, &json!(true)));
    assert_eq!(refused.body["results"][0]["referenceId"], "cnull");
    assert_eq!(refused.body["results"][0]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!((account.count("Account").await, account.count("Contact").await), (1, 2));
}

#[tokio::test]
async fn each_graph_stands_for_itself() {
    let account = Account::open().await;
    let graph = |id: &str, body: Value| {
        let parts = [
            part("POST", "/sobjects/Contact", "c", json!({ "LastName": "C" })),
            part("POST", "/sobjects/Account", "a", body),
        ];
        json!({ "graphId": id, "compositeRequest": parts })
    };
    let graphs = [graph("1", json!({ "Name": "A" })), graph("2", json!({}))];
    let answer = account.post("/composite/graph", json!({ "graphs": graphs })).await;
    assert_eq!(
        (&answer.body["graphs"][0]["isSuccessful"], &answer.body["graphs"][1]["isSuccessful"]),
        (&json!(true), &json!(false))
    );
    assert_eq!((account.count("Account").await, account.count("Contact").await), (1, 1));
}

#[tokio::test]
async fn a_query_in_a_composite_is_answered_and_its_rows_can_be_referred_to() {
    let account = Account::open().await;
    account.make("Account", json!({ "Name": "Acme", "Nue_Id__c": "k" })).await;
    let parts = [
        part("GET", "/query?q=SELECT Id, Name FROM Account WHERE Nue_Id__c IN ('K', 'l')", "found", Value::Null),
        part("PATCH", "/sobjects/Account/@{found.records[0].Id}", "change", json!({ "Phone": "1" })),
    ];
    let answer = account.post("/composite", json!({ "compositeRequest": parts })).await;
    assert_eq!(statuses(&answer.body), [200, 204], "{answer:?}");
    assert_eq!(answer.body["compositeResponse"][0]["body"]["totalSize"], 1);
    let key = account.get("/sobjects/Account/Nue_Id__c/k").await;
    assert_eq!(key.body["Phone"], "1");
}
