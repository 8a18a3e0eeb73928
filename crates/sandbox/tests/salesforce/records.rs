//! Single records: made, read, changed, deleted.

use std::io::Write;

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Account;

#[tokio::test]
async fn a_record_is_made_read_changed_and_moved_to_the_recycle_bin() {
    let account = Account::open().await;
    let made = account
        .post("/sobjects/Account/", json!({ "Name": "  Acme  ", "AnnualRevenue": 350_000_000, "Phone": "" }))
        .await;
    let id = made.id();
    assert_eq!(made.body, json!({ "id": id, "success": true, "errors": [] }));
    assert_eq!(made.header("location"), format!("/services/data/v66.0/sobjects/Account/{id}"));
    assert_eq!((id.len(), &id[..3]), (18, "001"));
    let record = account.read("Account", &id[..15]).await;
    assert_eq!(
        record["attributes"],
        json!({ "type": "Account", "url": format!("/services/data/v66.0/sobjects/Account/{id}") })
    );
    assert_eq!(record["Name"], "Acme");
    assert_eq!(record["Phone"], Value::Null);
    assert_eq!(record["CreatedDate"], "2026-03-10T12:00:00.000+0000");
    assert_eq!(record["OwnerId"], account.access.user_id.as_str());
    account.clock.advance(60);
    assert_eq!(account.patch(&format!("/sobjects/Account/{id}"), json!({ "Phone": "1" })).await.status, 204);
    let changed = account.read("Account", &id).await;
    assert_eq!(changed["SystemModstamp"], "2026-03-10T12:01:00.000+0000");
    assert_eq!(changed["Name"], "Acme", "what is not named stays");
    assert_eq!(account.delete(&format!("/sobjects/Account/{id}")).await.status, 204);
    for gone in [
        account.get(&format!("/sobjects/Account/{id}")).await,
        account.patch(&format!("/sobjects/Account/{id}"), json!({ "Name": "X" })).await,
        account.delete(&format!("/sobjects/Account/{id}")).await,
    ] {
        assert_eq!(gone.refusal(), (404, "ENTITY_IS_DELETED"));
    }
}

#[tokio::test]
async fn some_fields_of_a_record_are_read_and_a_post_may_say_that_it_is_a_patch() {
    let account = Account::open().await;
    let id = account.make("Account", json!({ "Name": "Acme", "BillingCity": "Graz" })).await;
    let part = account.get(&format!("/sobjects/Account/{id}?fields=Name,billingcity")).await.body;
    let names: Vec<&str> = part.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["attributes", "Name", "BillingCity", "Id"]);
    let unknown = account.get(&format!("/sobjects/Account/{id}?fields=Nam")).await;
    assert_eq!(unknown.refusal(), (400, "INVALID_FIELD"));
    let path = format!("/sobjects/Account/{id}?_HttpMethod=PATCH");
    assert_eq!(account.post(&path, json!({ "BillingCity": null })).await.status, 204);
    let record = account.read("Account", &id).await;
    assert_eq!((&record["BillingCity"], &record["BillingAddress"]), (&Value::Null, &Value::Null));
    account.patch(&format!("/sobjects/Account/{id}"), json!({ "BillingCountry": "AT" })).await;
    let record = account.read("Account", &id).await;
    assert_eq!(record["BillingAddress"]["country"], "AT");
    assert_eq!(record["BillingAddress"]["city"], Value::Null);
}

#[tokio::test]
async fn a_record_that_is_not_there_is_not_found_and_an_id_in_a_body_is_refused() {
    let account = Account::open().await;
    let id = account.make("Account", json!({ "Name": "Acme" })).await;
    let absent = format!("{}zzz", &id[..12]);
    for path in [
        format!("/sobjects/Account/{absent}"),
        "/sobjects/Account/nonsense".to_owned(),
        "/sobjects/Contact/".to_owned() + &id,
    ] {
        assert_eq!(account.get(&path).await.refusal(), (404, "NOT_FOUND"), "{path}");
        assert_eq!(account.patch(&path, json!({ "Phone": "1" })).await.refusal(), (404, "NOT_FOUND"), "{path}");
        assert_eq!(account.delete(&path).await.refusal(), (404, "NOT_FOUND"), "{path}");
    }
    assert_eq!(account.get("/sobjects/Nothing__c/x").await.refusal(), (404, "NOT_FOUND"));
    let refused = account.patch(&format!("/sobjects/Account/{id}"), json!({ "Id": id, "Name": "B" })).await;
    assert_eq!(refused.message(), "The Id field should not be specified in the sobject data.");
    let wrong = account.call(Method::PUT, &format!("/sobjects/Account/{id}"), &[], Some(json!({}))).await;
    assert_eq!(wrong.refusal(), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(wrong.message(), "HTTP Method 'PUT' not allowed. Allowed are DELETE,GET,HEAD,PATCH");
}

/// Makes a record of each wrong body and compares code, words and fields of the refusal.
async fn refused(account: &Account, object: &str, wrong: Vec<(Value, &str, &str, Value)>) {
    for (body, code, message, fields) in wrong {
        let refused = account.post(&format!("/sobjects/{object}"), body).await;
        assert_eq!((refused.refusal(), refused.message()), ((400, code), message));
        assert_eq!(refused.body[0].get("fields").cloned().unwrap_or_default(), fields, "{code}");
    }
    assert_eq!(account.count(object).await, 0);
}

#[tokio::test]
async fn each_wrong_value_is_refused_in_the_words_for_it() {
    let account = Account::open().await;
    let (missing, name) = ("Required fields are missing: [Name]", json!(["Name"]));
    let long = "x".repeat(256);
    let too_long = format!("Account Name: data value too large: {long} (max length=255)");
    let currency = "Currency ISO Code: bad value for restricted picklist field: XAU";
    let revenue = "Annual Revenue: value outside of valid range on numeric field: 1e18";
    let wrong = vec![
        (json!({ "Phone": "1" }), "REQUIRED_FIELD_MISSING", missing, name.clone()),
        (json!({ "Name": "  " }), "REQUIRED_FIELD_MISSING", missing, name.clone()),
        (json!({ "Name": long }), "STRING_TOO_LONG", too_long.as_str(), name),
        (
            json!({ "Name": "A", "CurrencyIsoCode": "XAU" }),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            currency,
            json!(["CurrencyIsoCode"]),
        ),
        (
            json!({ "Name": "A", "AnnualRevenue": "1e18" }),
            "NUMBER_OUTSIDE_VALID_RANGE",
            revenue,
            json!(["AnnualRevenue"]),
        ),
    ];
    refused(&account, "Account", wrong).await;
    let email = json!({ "LastName": "A", "Email": "x@y" });
    let wrong = vec![(email, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: x@y", json!(["Email"]))];
    refused(&account, "Contact", wrong).await;
}

#[tokio::test]
async fn what_is_unknown_closed_or_of_another_kind_is_refused_by_name() {
    let account = Account::open().await;
    let parent = |id: &str| json!({ "Name": "A", "ParentId": id });
    let closed = "Unable to create/update fields: CreatedDate. Please check the security settings of this field and verify that it is read/write for your profile or permission set.";
    let wrong = vec![
        (
            json!({ "Name": "A", "Bacon__c": 1 }),
            "INVALID_FIELD",
            "No such column 'Bacon__c' on sobject of type Account",
            Value::Null,
        ),
        (
            json!({ "Name": "A", "CreatedDate": "2026-01-01T00:00:00Z" }),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            closed,
            json!(["CreatedDate"]),
        ),
        (
            parent("003000000000001"),
            "MALFORMED_ID",
            "Parent Account ID: id value of incorrect type: 003000000000001AAA",
            json!(["ParentId"]),
        ),
        (parent("x"), "MALFORMED_ID", "Parent Account ID: id value of incorrect type: x", json!(["ParentId"])),
        (parent("001000000000001"), "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", json!(["ParentId"])),
    ];
    refused(&account, "Account", wrong).await;
}

#[tokio::test]
async fn a_value_of_another_type_is_not_read() {
    let account = Account::open().await;
    for (body, kind) in [
        (json!({ "Name": "A", "AnnualRevenue": "much" }), "currency"),
        (json!({ "Name": "A", "NumberOfEmployees": 1.5 }), "int"),
        (json!({ "Name": "A", "Sync_Date__c": "yesterday" }), "datetime"),
        (json!({ "Name": "A", "Ruby__CustomerSince__c": 5 }), "date"),
    ] {
        let refused = account.post("/sobjects/Account", body).await;
        assert_eq!(refused.refusal(), (400, "JSON_PARSER_ERROR"));
        assert!(refused.message().starts_with(&format!("Cannot deserialize instance of {kind} from ")), "{refused:?}");
    }
    let broken = account.call(Method::POST, "/sobjects/Account", &[("content-type", "application/json")], None).await;
    assert_eq!(broken.refusal(), (400, "JSON_PARSER_ERROR"));
}

#[tokio::test]
async fn bodies_travel_packed_both_ways_and_a_head_has_none() {
    let account = Account::open().await;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(br#"{"Name":"Packed"}"#).unwrap();
    let url = |path: &str| format!("{}/services/data/v66.0/sobjects/Account{path}", account.access.url);
    let made = account.http.post(url("")).bearer_auth(&account.token).header("content-encoding", "gzip");
    let made = made.header("content-type", "application/json").body(packer.finish().unwrap()).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let plain = reqwest::Client::builder().gzip(false).build().unwrap();
    let ask = |path: &str| plain.get(url(path)).bearer_auth(&account.token);
    let packed = ask("/describe").header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(ask("/describe").send().await.unwrap().headers().get("content-encoding").is_none());
    let head = account.call(Method::HEAD, "/sobjects/Account/describe", &[], None).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn numbers_are_rounded_half_up_and_moments_are_kept_in_utc_to_the_second() {
    let account = Account::open().await;
    let parent = account.make("Account", json!({ "Name": "A", "NumberOfEmployees": "10000" })).await;
    let body = json!({
        "Name": "INV-1", "Ruby__Account__c": parent, "Ruby__Amount__c": 10.005, "Ruby__TaxAmount__c": -2.345,
        "Sync_Date__c": "2026-01-31T13:34:56.789+01:00", "Ruby__InvoiceDate__c": "2026-01-31",
    });
    let id = account.make("Ruby__Invoice__c", body).await;
    let record = account.read("Ruby__Invoice__c", &id).await;
    assert_eq!(record["Ruby__Amount__c"].to_string(), "10.01");
    assert_eq!(record["Ruby__TaxAmount__c"].to_string(), "-2.35");
    assert_eq!(record["Sync_Date__c"], "2026-01-31T12:34:56.000+0000");
    assert_eq!(record["Ruby__InvoiceDate__c"], "2026-01-31");
    assert_eq!(account.read("Account", &parent).await["NumberOfEmployees"].to_string(), "10000");
    let invoice = json!({ "Name": "INV-2", "Ruby__Account__c": parent, "CurrencyIsoCode": "EUR" });
    let invoice = account.make("Ruby__Invoice__c", invoice).await;
    let item = account.make("Ruby__InvoiceItem__c", json!({ "Name": "L", "Ruby__Invoice__c": invoice })).await;
    assert_eq!(account.read("Ruby__InvoiceItem__c", &item).await["CurrencyIsoCode"], "EUR", "as its master");
    let mark = account.make("Counterfoil_Mark__c", json!({ "Nue_Id__c": "u-1" })).await;
    assert_eq!(account.read("Counterfoil_Mark__c", &mark).await["Name"], "M-00000001");
}

#[tokio::test]
async fn a_record_changed_since_is_not_changed_for_a_caller_who_says_when_it_read_it() {
    let account = Account::open().await;
    let id = account.make("Account", json!({ "Name": "Acme" })).await;
    let path = format!("/sobjects/Account/{id}");
    let read = account.get(&path).await;
    let (date, tag) = (read.header("last-modified").to_owned(), read.header("etag").to_owned());
    assert_eq!(date, "Tue, 10 Mar 2026 12:00:00 GMT");
    for header in [("if-modified-since", date.as_str()), ("if-none-match", tag.as_str())] {
        assert_eq!(account.call(Method::GET, &path, &[header], None).await.status, 304);
    }
    account.clock.advance(1);
    assert_eq!(
        account.call(Method::PATCH, &path, &[("if-match", &tag)], Some(json!({ "Phone": "1" }))).await.status,
        204
    );
    for header in [("if-match", tag.as_str()), ("if-unmodified-since", date.as_str())] {
        let stale = account.call(Method::PATCH, &path, &[header], Some(json!({ "Phone": "2" }))).await;
        assert_eq!(stale.status, 412, "{header:?}");
    }
    assert_eq!(account.read("Account", &id).await["Phone"], "1");
    let wrong = account.call(Method::GET, &path, &[("if-modified-since", "noon")], None).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn details_go_with_their_master_and_a_record_that_is_needed_stays() {
    let account = Account::open().await;
    let customer = account.make("Account", json!({ "Name": "Acme" })).await;
    let contact =
        account.make("Contact", json!({ "LastName": "Doe", "FirstName": "Jane", "AccountId": customer })).await;
    assert_eq!(account.read("Contact", &contact).await["Name"], "Jane Doe");
    let invoice = account.make("Ruby__Invoice__c", json!({ "Name": "I", "Ruby__Account__c": customer })).await;
    let item = account.make("Ruby__InvoiceItem__c", json!({ "Name": "L", "Ruby__Invoice__c": invoice })).await;
    let kept = account.delete(&format!("/sobjects/Account/{customer}")).await;
    assert_eq!(kept.refusal(), (400, "DELETE_FAILED"));
    assert_eq!(account.delete(&format!("/sobjects/Ruby__Invoice__c/{invoice}")).await.status, 204);
    assert_eq!(
        account.get(&format!("/sobjects/Ruby__InvoiceItem__c/{item}")).await.refusal(),
        (404, "ENTITY_IS_DELETED")
    );
    assert_eq!(account.delete(&format!("/sobjects/Account/{customer}")).await.status, 204);
    assert_eq!(account.read("Contact", &contact).await["AccountId"], Value::Null);
    let moved = account.patch(&format!("/sobjects/Contact/{contact}"), json!({ "AccountId": customer })).await;
    assert_eq!(moved.refusal(), (400, "ENTITY_IS_DELETED"));
}
