//! The resources of queries.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::bench::{Bench, parameter, query};

#[tokio::test]
async fn a_query_is_taken_with_either_kind_of_space_and_with_or_without_a_slash() {
    let bench = Bench::new(3).await;
    let plus = "q=select+id,name+from+account+where+name+%3D+'account+0001'";
    for path in [
        format!("/services/data/v66.0/query?{plus}"),
        format!("/services/data/v66.0/query/?{}", plus.replace('+', "%20")),
        format!("/services/data/v66.0/queryAll/?{plus}"),
    ] {
        let (status, answer) = bench.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        assert_eq!((&answer["totalSize"], &answer["done"]), (&json!(1), &json!(true)), "{path}");
        assert_eq!(answer["records"][0]["Name"], "Account 0001");
        assert_eq!(answer["records"][0]["attributes"]["type"], "Account");
    }
}

#[tokio::test]
async fn a_moment_with_an_offset_is_understood_where_its_plus_is_encoded() {
    let bench = Bench::new(2).await;
    let text = "SELECT COUNT() FROM Account WHERE SystemModstamp >= 2026-06-01T14:00:00.000+02:00";
    assert_eq!(bench.query(text).await.1["totalSize"], 2);
    let bare = query(text).replace("%2B", "+");
    let (status, answer) = bench.get(&bare).await;
    assert_eq!((status, &answer[0]["errorCode"]), (StatusCode::BAD_REQUEST, &json!("MALFORMED_QUERY")));
}

#[tokio::test]
async fn a_field_that_is_taken_from_the_user_is_no_longer_there() {
    let bench = Bench::new(1).await;
    let text = "SELECT Id, AnnualRevenue FROM Account";
    assert_eq!(bench.query(text).await.0, StatusCode::OK);
    bench.set(json!({ "hidden_fields": ["Account.AnnualRevenue"] })).await;
    let (status, answer) = bench.query(text).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer[0]["errorCode"], "INVALID_FIELD");
    let message = answer[0]["message"].as_str().unwrap();
    let head = "\nSELECT Id, AnnualRevenue FROM Account\n           ^\nERROR at Row:1:Column:12\n\
                No such column 'AnnualRevenue' on entity 'Account'.";
    assert!(message.starts_with(head), "{message}");
    assert_eq!(answer[0].as_object().unwrap().len(), 2, "{answer}");
    let (_, described) = bench.get("/services/data/v66.0/sobjects/Account/describe").await;
    assert!(!described["fields"].as_array().unwrap().iter().any(|field| field["name"] == "AnnualRevenue"));
}

#[tokio::test]
async fn a_deleted_record_is_found_by_query_all_only() {
    let bench = Bench::new(2).await;
    let (_, answer) = bench.query("SELECT Id FROM Account ORDER BY Name LIMIT 1").await;
    let id = answer["records"][0]["Id"].as_str().unwrap().to_owned();
    let (status, _) = bench.send(Method::DELETE, &format!("/sobjects/Account/{id}"), json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(bench.query("SELECT COUNT() FROM Account").await.1["totalSize"], 1);
    let all = format!("/services/data/v66.0/queryAll?{}", parameter("q", "SELECT Id, IsDeleted FROM Account"));
    let (_, answer) = bench.get(&all).await;
    let deleted = answer["records"].as_array().unwrap().iter().filter(|record| record["IsDeleted"] == true);
    assert_eq!(deleted.map(|record| record["Id"].as_str().unwrap()).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn a_record_that_lags_is_found_at_its_address_before_queries_find_it() {
    let bench = Bench::new(0).await;
    let path = "/services/data/v66.0/sobjects/Account";
    bench.strike(json!([{ "kind": "lag", "method": "POST", "path": path, "ms": 60_000, "times": 1 }])).await;
    let (status, made) = bench.send(Method::POST, "/sobjects/Account", json!({ "Name": "Late" })).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let id = made["id"].as_str().unwrap();
    assert_eq!(bench.get(&format!("/services/data/v66.0/sobjects/Account/{id}")).await.0, StatusCode::OK);
    assert_eq!(bench.query("SELECT COUNT() FROM Account").await.1["totalSize"], 0);
    bench.clock.advance(61);
    assert_eq!(bench.query("SELECT COUNT() FROM Account").await.1["totalSize"], 1);
}

#[tokio::test]
async fn queries_are_answered_within_composite_requests_and_may_refer_to_what_came_before() {
    let bench = Bench::new(2).await;
    let version = "/services/data/v66.0";
    let asked = json!({ "allOrNone": true, "compositeRequest": [
        { "method": "POST", "url": format!("{version}/sobjects/Account"), "referenceId": "made",
          "body": { "Name": "Third" } },
        { "method": "GET", "url": format!("{version}/query?q=SELECT+Name+FROM+Account+WHERE+Id+=+'@{{made.id}}'"),
          "referenceId": "found" },
    ] });
    let (status, answer) = bench.send(Method::POST, "/composite", asked).await;
    assert_eq!(status, StatusCode::OK);
    let found = &answer["compositeResponse"][1];
    assert_eq!((&found["httpStatusCode"], &found["referenceId"]), (&json!(200), &json!("found")), "{answer}");
    assert_eq!(found["body"]["records"][0]["Name"], "Third");
}

#[tokio::test]
async fn columns_are_described_instead_of_records_for_those_who_ask() {
    let bench = Bench::new(1).await;
    let (status, answer) = bench.get(&(query("SELECT Id, Owner.Name FROM Account") + "&columns=true")).await;
    assert_eq!((status, &answer["entityName"]), (StatusCode::OK, &json!("Account")));
    assert_eq!(answer["columnMetadata"][1]["joinColumns"][0]["columnName"], "Name");
}

#[tokio::test]
async fn other_ways_to_ask_are_refused_as_the_vendor_refuses_them_or_are_not_emulated() {
    let bench = Bench::new(1).await;
    let get = async |path: &str| {
        let (status, answer) = bench.get(&format!("/services/data/v66.0{path}")).await;
        (status.as_u16(), answer[0]["errorCode"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(get("/query").await, (400, "MALFORMED_QUERY".to_owned()));
    assert_eq!(get("/query?q=invalid").await, (400, "MALFORMED_QUERY".to_owned()));
    assert_eq!(get("/query?q=SELECT+Id+FROM+Accout").await, (400, "INVALID_TYPE".to_owned()));
    assert_eq!(get("/query?explain=SELECT+Id+FROM+Account").await.0, 501);
    assert_eq!(get("/query?q=SELECT+toLabel(Industry)+FROM+Account").await.0, 501);
    assert!(get("/tooling/query?q=SELECT+Id+FROM+ApexClass").await.0 >= 400);
    let (status, answer) = bench.send(Method::POST, "/query", json!({ "q": "SELECT Id FROM Account" })).await;
    assert_eq!((status.as_u16(), &answer[0]["errorCode"]), (405, &json!("METHOD_NOT_ALLOWED")));
}
