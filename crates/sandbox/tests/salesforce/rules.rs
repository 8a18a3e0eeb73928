//! The administrators' own rules.

use serde_json::json;

use crate::client::{Account, of};

#[tokio::test]
async fn a_record_that_breaks_validation_rules_is_refused_in_the_administrators_words() {
    let account = Account::open().await;
    account
        .set(json!({ "validation_rules": [
            { "object": "Account", "field": "Phone", "message": "A partner needs a telephone number.",
              "when": [{ "field": "Type", "is": "=", "value": "Other" }, { "field": "Phone", "is": "blank" }] },
            { "object": "Account", "message": "Too many people.", "when": [{ "field": "NumberOfEmployees", "is": ">", "value": 100 }] },
        ] }))
        .await;
    let refused =
        account.post("/sobjects/Account", json!({ "Name": "A", "Type": "Other", "NumberOfEmployees": 101 })).await;
    let both = json!([
        { "message": "A partner needs a telephone number.", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Phone"] },
        { "message": "Too many people.", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": [] },
    ]);
    assert_eq!((refused.status.as_u16(), refused.body), (400, both));
    let id =
        account.make("Account", json!({ "Name": "A", "Type": "Other", "Phone": "1", "NumberOfEmployees": 100 })).await;
    let refused = account.patch(&format!("/sobjects/Account/{id}"), json!({ "Phone": null })).await;
    assert_eq!(refused.refusal(), (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"));
    account.set(json!({ "validation_rules": [] })).await;
    assert_eq!(account.patch(&format!("/sobjects/Account/{id}"), json!({ "Phone": null })).await.status, 204);
}

#[tokio::test]
async fn a_duplicate_is_refused_unless_its_rule_only_warns_and_the_caller_insists() {
    let account = Account::open().await;
    let first = account.make("Account", json!({ "Name": "Acme" })).await;
    let rule =
        |allow: bool| json!({ "duplicate_rules": [{ "object": "Account", "fields": ["Name"], "allow_save": allow }] });
    let insist = [("Sforce-Duplicate-Rule-Header", "allowSave=true; includeRecordDetails=false")];
    let again = json!({ "Name": "ACME" });
    let post = async |headers: &[(&str, &str)]| {
        account.call(reqwest::Method::POST, "/sobjects/Account", headers, Some(again.clone())).await
    };
    account.set(rule(false)).await;
    for headers in [&[][..], &insist] {
        let refused = post(headers).await;
        assert_eq!(refused.refusal(), (400, "DUPLICATES_DETECTED"));
        let found = &refused.body[0]["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]["Id"];
        assert_eq!(found, first.as_str());
    }
    account.set(rule(true)).await;
    assert_eq!(post(&[]).await.refusal(), (400, "DUPLICATES_DETECTED"));
    let rows = account.post("/composite/sobjects", json!({ "records": [of("Account", again.clone())] })).await;
    assert_eq!(rows.body[0]["errors"][0]["statusCode"], "DUPLICATES_DETECTED");
    post(&insist).await.id();
    assert_eq!(account.patch(&format!("/sobjects/Account/{first}"), json!({ "Phone": "1" })).await.status, 204);
}
