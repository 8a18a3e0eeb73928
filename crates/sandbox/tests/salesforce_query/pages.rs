//! Pages and their locators.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::bench::{Bench, body, query};

/// The names of all records of a query, and how many came on each page.
async fn read(bench: &Bench, first: Value) -> (Vec<String>, Vec<usize>) {
    let (mut names, mut sizes, mut page) = (Vec::new(), Vec::new(), first);
    loop {
        let records = page["records"].as_array().unwrap();
        sizes.push(records.len());
        names.extend(records.iter().map(|record| record["Name"].as_str().unwrap().to_owned()));
        match page["nextRecordsUrl"].as_str() {
            Some(url) => page = bench.get(url).await.1,
            None => return (names, sizes),
        }
    }
}

async fn first(bench: &Bench, size: &str) -> Value {
    let asked = bench.call(Method::GET, &query("SELECT Name FROM Account ORDER BY Name"));
    body(asked.header("Sforce-Query-Options", format!("batchSize={size}")).send().await.unwrap()).await
}

#[tokio::test]
async fn every_record_comes_once_however_large_the_pages_are() {
    let bench = Bench::new(4500).await;
    let (names, sizes) = read(&bench, bench.query("SELECT Name FROM Account ORDER BY Name").await.1).await;
    assert_eq!(sizes, [2000, 2000, 500]);
    let expected: Vec<String> = (0..4500).map(|number| format!("Account {number:04}")).collect();
    assert_eq!(names, expected);
    // The size is asked for with every page; where it is not, pages are as large as they can be.
    assert_eq!(read(&bench, first(&bench, "200").await).await.1, [200, 2000, 2000, 300]);
    assert_eq!(read(&bench, first(&bench, "10").await).await.1[0], 200);
}

#[tokio::test]
async fn a_locator_lives_for_two_days() {
    let mut bench = Bench::new(2001).await;
    let (_, page) = bench.query("SELECT Name FROM Account").await;
    let url = page["nextRecordsUrl"].as_str().unwrap().to_owned();
    assert!(url.starts_with("/services/data/v66.0/query/0r8") && url.ends_with("-2000"), "{url}");
    for (seconds, expected) in [(2 * 24 * 3600, StatusCode::OK), (1, StatusCode::BAD_REQUEST)] {
        bench.clock.advance(seconds);
        bench.sign_in().await;
        assert_eq!(bench.get(&url).await.0, expected);
    }
    let (_, answer) = bench.get(&url).await;
    assert_eq!(answer, json!([{ "message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR" }]));
}
