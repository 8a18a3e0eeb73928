//! The record service.

use reqwest::Method;
use sandbox::netsuite::Settings;
use sandbox::server::Emulator;
use serde_json::json;

use crate::client::Account;

#[tokio::test]
async fn a_created_record_answers_204_with_its_address_alone() {
    let account = Account::open().await;
    let created = account
        .post("/customer", json!({ "companyName": "Acme", "subsidiary": { "id": "1" }, "externalId": "zacc-1" }))
        .await;
    let id = created.id();
    assert!(created.body.is_null());
    assert_eq!(created.headers["location"], account.url(&format!("/services/rest/record/v1/customer/{id}")).as_str());
    let read = account.get("/customer/eid:ZACC-1").await;
    assert_eq!(
        (read.status.as_u16(), read.body["id"].as_str(), read.body["companyName"].as_str()),
        (200, Some(id.as_str()), Some("Acme"))
    );
    assert_eq!(read.headers["content-type"], "application/vnd.oracle.resource+json; type=singular");
    assert_eq!(read.body["subsidiary"]["id"], "1");
    assert_eq!(read.body["currency"]["refName"], "GBP");
}

#[tokio::test]
async fn under_the_planted_fault_an_external_id_stands_twice() {
    let account = Account::with(Settings { unique_external_ids: false, ..Settings::default() }).await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let first = account.invoice("zinv-1", &customer, &item, "10").await.id();
    assert_ne!(account.invoice("zinv-1", &customer, &item, "10").await.id(), first);
}

#[tokio::test]
async fn an_external_id_stands_once_in_its_group_whatever_its_case() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    account.invoice("zinv-1", &customer, &item, "10").await.id();
    let memo = json!({ "externalId": "ZINV-1", "entity": { "id": customer }, "item": { "items": [{ "item": { "id": item }, "amount": 5 }] } });
    let refused = account.post("/creditMemo", memo).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (400, "USER_ERROR"));
    assert_eq!(refused.detail(), "Error while accessing a resource. This record already exists.");
    assert_eq!(account.get("/creditMemo/eid:zinv-1").await.status, 404);
    let customer =
        account.post("/customer", json!({ "companyName": "B", "subsidiary": "1", "externalId": "zacc-Acme" })).await;
    assert_eq!(customer.detail(), "Error while accessing a resource. This entity already exists.");
    account.post("/otherChargeSaleItem", json!({ "itemId": "X", "externalId": "zinv-1" })).await.id();
}

#[tokio::test]
async fn a_wrong_id_of_a_transaction_is_answered_in_other_words_than_that_of_a_customer() {
    let account = Account::open().await;
    let absent = account.get("/customer/999").await;
    assert_eq!((absent.status.as_u16(), absent.code()), (404, "NONEXISTENT_ID"));
    let absent = account.get("/invoice/999").await;
    assert_eq!((absent.status.as_u16(), absent.code()), (400, "USER_ERROR"));
    assert!(absent.detail().ends_with("Transaction type specified is incorrect."));
}

#[tokio::test]
async fn put_upserts_by_external_id_and_appends_lines_unless_it_replaces_them() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let body = json!({ "entity": { "id": customer }, "item": { "items": [{ "item": { "externalId": "zchg-Gold" }, "amount": 5.5 }] } });
    let id = account.put("/invoice/eid:zinv-9", body.clone()).await.id();
    assert_eq!(account.put("/invoice/eid:zinv-9", body.clone()).await.id(), id);
    let doubled = account.get(&format!("/invoice/{id}?expandSubResources=true")).await.body;
    assert_eq!(doubled["item"]["totalResults"], 2);
    assert_eq!(doubled["total"].to_string(), "11.0");
    assert_eq!(account.put("/invoice/eid:zinv-9?replace=item", body).await.id(), id);
    assert_eq!(account.get(&format!("/invoice/{id}/item")).await.body["totalResults"], 1);
    assert_eq!(account.put(&format!("/invoice/{id}"), json!({})).await.status, 400);
    drop(item);
}

#[tokio::test]
async fn patch_changes_the_line_that_it_names_and_adds_the_line_that_it_does_not() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let id = account.invoice("zinv-1", &customer, &item, "10").await.id();
    let path = format!("/invoice/{id}");
    account.patch(&path, json!({ "item": { "items": [{ "line": 1, "quantity": 3 }] } })).await.id();
    assert_eq!(account.get(&path).await.body["total"].to_string(), "30.0");
    account
        .patch(
            &path,
            json!({ "memo": "hello", "item": { "items": [{ "item": { "id": item }, "quantity": 2, "rate": 1.005 }] } }),
        )
        .await
        .id();
    let read = account.get(&format!("{path}?expandSubResources=true")).await.body;
    assert_eq!((read["total"].to_string(), read["memo"].as_str()), ("32.01".to_owned(), Some("hello")));
    assert_eq!(read["item"]["items"][1]["line"], 2);
    let line = account.get(&format!("{path}/item/2")).await.body;
    assert_eq!((line["rate"].to_string(), line["amount"].to_string()), ("1.005".to_owned(), "2.01".to_owned()));
    account.patch(&path, json!({ "memo": null })).await.id();
    assert!(account.get(&path).await.body.get("memo").is_none());
    assert_eq!(account.patch(&path, json!({ "item": { "items": [{ "line": 77, "quantity": 3 }] } })).await.status, 400);
}

#[tokio::test]
async fn the_address_book_is_keyed_and_has_one_default() {
    let account = Account::open().await;
    let id = account.customer("Acme").await;
    let address = |city: &str| json!({ "defaultBilling": true, "label": city, "addressBookAddress": { "addr1": "1 High St", "city": city, "country": { "id": "GB" } } });
    let path = format!("/customer/{id}");
    account.patch(&path, json!({ "addressbook": { "items": [address("Leeds"), address("York")] } })).await.id();
    account.patch(&path, json!({ "addressBook": { "items": [{ "id": 1, "label": "Old" }] } })).await.id();
    let book = account.get(&format!("{path}?expandSubResources=true")).await.body["addressBook"].clone();
    assert_eq!(book["totalResults"], 2);
    assert_eq!(
        (book["items"][0]["label"].as_str(), book["items"][0]["defaultBilling"].as_bool()),
        (Some("Old"), Some(false))
    );
    assert_eq!(book["items"][1]["defaultBilling"], true);
    assert_eq!(book["items"][1]["addressBookAddress"]["city"], "York");
    let part = account.get(&format!("{path}/addressBook/2/addressBookAddress")).await;
    assert_eq!((part.status.as_u16(), part.body["country"]["id"].as_str()), (200, Some("GB")));
    account.patch(&format!("{path}?replace=addressBook"), json!({ "addressBook": { "items": [] } })).await.id();
    assert_eq!(account.get(&format!("{path}/addressBook")).await.body["totalResults"], 0);
}

#[tokio::test]
async fn unknown_properties_are_dropped_with_a_warning_or_refused_on_demand() {
    let account = Account::open().await;
    let body = json!({ "companyName": "Acme", "subsidiary": { "id": "1" }, "custentitynosuch": "x" });
    let path = "/services/rest/record/v1/customer";
    let warned = account.call(Method::POST, path, &[], Some(body.clone())).await;
    assert_eq!(warned.status, 204);
    assert!(warned.headers["warning"].to_str().unwrap().contains("custentitynosuch"));
    let refused =
        account.call(Method::POST, path, &[("X-NetSuite-PropertyNameValidation", "Error")], Some(body.clone())).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (400, "NONEXISTENT_FIELD"));
    let ignored =
        account.call(Method::POST, path, &[("x-netsuite-propertynamevalidation", "ignore")], Some(body)).await;
    assert!(ignored.status == 204 && ignored.headers.get("warning").is_none());
}

#[tokio::test]
async fn collections_page_by_multiples_of_the_limit_and_filter_by_q() {
    let account = Account::open().await;
    for name in ["Ash", "Birch", "Cedar"] {
        account.customer(name).await;
    }
    let page = account.get("/customer?limit=2&offset=2").await.body;
    assert_eq!(
        (page["count"].as_i64(), page["totalResults"].as_i64(), page["hasMore"].as_bool()),
        (Some(1), Some(3), Some(false))
    );
    let first = account.get("/customer?limit=2").await.body;
    let next = first["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").unwrap();
    assert_eq!(next["href"], account.url("/services/rest/record/v1/customer?limit=2&offset=2"));
    assert_eq!(account.get("/customer?limit=2&offset=1").await.code(), "INVALID_PARAMETER");
    assert_eq!(account.get("/customer?limit=1001").await.status, 400);
    let found =
        account.get("/customer?q=companyName%20START_WITH%20bi%20OR%20externalId%20IS%20%22zacc-Ash%22").await.body;
    assert_eq!(found["totalResults"], 2);
    assert_eq!(account.get("/currency").await.body["totalResults"], 2);
}

#[tokio::test]
async fn what_the_emulator_does_not_know_is_a_501_and_what_the_vendor_does_not_know_is_not() {
    let account = Account::open().await;
    let unknown = account.get("/customerPayment/1").await;
    assert_eq!((unknown.status.as_u16(), unknown.body["method"].as_str()), (501, Some("GET")));
    assert_eq!(unknown.body["path"], "/services/rest/record/v1/customerPayment/1");
    assert_eq!(account.get("/nosuchthing/1").await.status, 404);
    assert_eq!(account.call(Method::GET, "/services/rest/query/v1/dataset", &[], None).await.status, 501);
    let asynchronous = account
        .call(Method::POST, "/services/rest/record/v1/customer", &[("Prefer", "respond-async")], Some(json!({})))
        .await;
    assert_eq!(asynchronous.status, 501);
    assert_eq!(account.post("/currency", json!({ "name": "X" })).await.status, 501);
}

#[tokio::test]
async fn a_deleted_record_is_gone_unless_others_depend_on_it() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    let id = account.invoice("zinv-1", &customer, &item, "10").await.id();
    assert!(account.delete(&format!("/customer/{customer}")).await.detail().contains("dependent records"));
    assert!(account.delete(&format!("/serviceSaleItem/{item}")).await.detail().contains("dependent records"));
    assert_eq!(account.delete(&format!("/invoice/{id}")).await.status, 204);
    assert_eq!(account.get("/invoice/eid:zinv-1").await.status, 404);
    assert_eq!(account.delete(&format!("/customer/{customer}")).await.status, 204);
    let gone = account.ask("SELECT recordid, type FROM deletedrecord ORDER BY recordid").await.body;
    assert_eq!(gone["totalResults"], 2);
}

#[tokio::test]
async fn the_requests_in_flight_are_limited_for_the_whole_account() {
    let account = Account::with(Settings { concurrency: 0, ..Settings::default() }).await;
    let refused = account.get("/currency").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (429, "CONCURRENCY_LIMIT_EXCEEDED"));
    assert_eq!(refused.body["title"], "Bad Request");
}

#[tokio::test]
async fn the_records_that_the_sandbox_shows_are_whole() {
    let account = Account::open().await;
    let (customer, item) = (account.customer("Acme").await, account.item("Gold").await);
    account.invoice("zinv-1", &customer, &item, "10.10").await.id();
    let shown = account.netsuite.records("INVOICE").unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["item"]["items"][0]["amount"].to_string(), "10.1");
    assert!(account.netsuite.records("nosuch").is_none());
}

#[tokio::test]
async fn the_catalog_describes_custom_fields_and_what_can_be_filtered() {
    let account = Account::open().await;
    let path = "/services/rest/record/v1/metadata-catalog";
    let all = account.call(Method::GET, path, &[], None).await.body;
    assert!(all["items"].as_array().unwrap().iter().any(|item| item["name"] == "creditMemo"));
    let schema =
        account.call(Method::GET, &format!("{path}/customer"), &[("accept", "application/schema+json")], None).await;
    assert_eq!(schema.headers["content-type"], "application/schema+json");
    assert_eq!(schema.body["properties"]["custentityzuoraid"]["x-ns-custom-field"], true);
    assert!(schema.body["x-ns-filterable"].as_array().unwrap().contains(&json!("companyName")));
    let document = account
        .call(Method::GET, &format!("{path}?select=customer,invoice"), &[("accept", "application/swagger+json")], None)
        .await;
    assert_eq!(
        document.body["components"]["schemas"]["invoice"]["properties"]["entity"]["$ref"],
        "#/components/schemas/customer"
    );
    assert!(document.body["paths"]["/invoice/{id}"]["patch"].is_object());
    assert_eq!(
        account.call(Method::GET, &format!("{path}/customer,%20salesOrder"), &[], None).await.code(),
        "INVALID_REQUEST"
    );
}

#[tokio::test]
async fn clients_that_try_their_keys_with_options_or_end_an_address_with_a_slash_are_served() {
    let account = Account::open().await;
    assert_eq!(account.call(Method::OPTIONS, "/services/rest/*", &[], None).await.status, 204);
    assert_eq!(account.send(Method::OPTIONS, "/services/rest/*", "Bearer x", &[], None).await.status, 401);
    account.post("/customer/", json!({ "companyName": "Acme", "subsidiary": "1" })).await.id();
}

#[tokio::test]
async fn an_offset_that_no_number_holds_the_end_of_is_refused() {
    let account = Account::open().await;
    for path in ["/customer?limit=5&offset=18446744073709551615", "/customer?offset=99999999999999999999"] {
        let told = account.get(path).await;
        assert_eq!((told.status.as_u16(), told.code()), (400, "INVALID_PARAMETER"), "{told:?}");
    }
}
