//! Master data: brought up to date when it changed, and only then; what people added stays.

use serde_json::{Value, json};

use super::harness::{Sandbox, flow, total};

async fn synced_account(sandbox: &Sandbox) -> Value {
    let accounts = sandbox.records("zuora", "Account").await;
    accounts.into_iter().find(|account| account["IntegrationStatus__NS"] == "Sync Complete").unwrap()
}

async fn customer(sandbox: &Sandbox, account: &Value) -> Value {
    let path = format!("record/v1/customer/{}?expandSubResources=true", account["IntegrationId__NS"].as_str().unwrap());
    sandbox.netsuite("GET", &path, Value::Null).await.1
}

#[tokio::test]
async fn a_changed_name_travels_once_and_is_written_under_a_mark() {
    let sandbox = Sandbox::generated(10).await;
    sandbox.run().await;
    let account = synced_account(&sandbox).await;
    sandbox.edit_zuora("Account", account["Id"].as_str().unwrap(), json!({ "Name": "Changed & Sons" })).await;
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.account")["updated"], 1, "{report}");
    assert_eq!(customer(&sandbox, &account).await["companyName"], "Changed & Sons");
    let after = synced_account(&sandbox).await;
    assert_eq!(after["IntegrationStatus__NS"], "Sync Complete");
    let again = sandbox.run().await;
    assert_eq!(total(&again, "updated"), 0, "{again}");
}

#[tokio::test]
async fn an_update_that_crashed_is_taken_up_again() {
    let sandbox = Sandbox::generated(10).await;
    sandbox.run().await;
    let account = synced_account(&sandbox).await;
    let half = json!({ "Name": "Changed & Sons", "IntegrationStatus__NS": "Updating Customer" });
    sandbox.edit_zuora("Account", account["Id"].as_str().unwrap(), half).await;
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.account")["updated"], 1, "{report}");
    assert_eq!(customer(&sandbox, &account).await["companyName"], "Changed & Sons");
}

#[tokio::test]
async fn a_search_that_shows_what_stood_before_an_update_makes_no_error() {
    let sandbox = Sandbox::generated(10).await;
    sandbox.run().await;
    let account = synced_account(&sandbox).await;
    sandbox.edit_zuora("Account", account["Id"].as_str().unwrap(), json!({ "Name": "Changed & Sons" })).await;
    sandbox.faults("netsuite", json!([{ "kind": "lag", "ms": 600_000, "method": "PATCH" }])).await;
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.account")["updated"], 1, "{report}");
    assert_eq!(sandbox.struck("netsuite").await, 1);
    assert_eq!(synced_account(&sandbox).await["Id"], account["Id"], "it is not in sync any more");
}

#[tokio::test]
async fn an_update_that_is_accepted_and_not_kept_is_an_error_that_shows_both() {
    let sandbox = Sandbox::generated(10).await;
    let warned = |report: &Value| flow(report, "zuora.account")["warned"].as_u64().unwrap();
    let before = warned(&sandbox.run().await);
    let account = synced_account(&sandbox).await;
    sandbox.edit_zuora("Account", account["Id"].as_str().unwrap(), json!({ "Name": "Changed & Sons" })).await;
    sandbox.faults("netsuite", json!([{ "kind": "accepted_then_failed", "method": "PATCH" }])).await;
    let report = sandbox.run().await;
    assert_eq!(warned(&report), before + 1, "{report}");
    let accounts = sandbox.records("zuora", "Account").await;
    let after = accounts.iter().find(|one| one["Id"] == account["Id"]).unwrap();
    assert_eq!(after["IntegrationStatus__NS"], "Error Updating Customer");
    sandbox.no_faults("netsuite").await;
    assert_eq!(flow(&sandbox.run().await, "zuora.account")["updated"], 1);
}

#[tokio::test]
async fn what_a_person_added_to_a_customer_is_still_there_after_an_update() {
    let sandbox = Sandbox::generated(10).await;
    sandbox.run().await;
    let account = synced_account(&sandbox).await;
    let before = customer(&sandbox, &account).await["addressBook"]["items"].as_array().unwrap().len();
    let path = format!("record/v1/customer/{}", account["IntegrationId__NS"].as_str().unwrap());
    let added = json!({
        "fax": "+44 20 7946 0000",
        "addressBook": { "items": [{ "label": "Warehouse", "addressBookAddress": { "addr1": "Dock 4", "country": { "id": "GB" } } }] },
    });
    let (status, answer) = sandbox.netsuite("PATCH", &path, added).await;
    assert_eq!(status, 204, "{answer}");
    sandbox.edit_zuora("Account", account["Id"].as_str().unwrap(), json!({ "Name": "Changed & Sons" })).await;
    sandbox.run().await;
    let after = customer(&sandbox, &account).await;
    assert_eq!(after["companyName"], "Changed & Sons");
    assert_eq!(after["fax"], "+44 20 7946 0000");
    let addresses = after["addressBook"]["items"].as_array().unwrap();
    assert_eq!(addresses.len(), before + 1, "{addresses:?}");
    assert!(addresses.iter().any(|address| address["label"] == "Warehouse"), "{addresses:?}");
}

#[tokio::test]
async fn a_tenant_without_a_field_for_the_fingerprint_is_compared_field_by_field() {
    let sandbox = Sandbox::generated(10).await;
    let folder = sandbox.folder.path().join("flows");
    std::fs::create_dir(&folder).unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../flows/zuora-netsuite/customer.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let without: String =
        text.lines().filter(|line| !line.starts_with("fingerprint")).map(|line| format!("{line}\n")).collect();
    std::fs::write(folder.join("customer.toml"), without).unwrap();
    sandbox.edit_config(|text| text.replace("[flows.settings]", "[flows]\nfolder = \"flows\"\n\n[flows.settings]"));
    let first = sandbox.run().await;
    assert!(flow(&first, "zuora.account")["created"].as_u64().unwrap() > 0, "{first}");
    let second = sandbox.run().await;
    assert_eq!(flow(&second, "zuora.account")["updated"], 0, "{second}");
    let account = synced_account(&sandbox).await;
    sandbox.edit_zuora("Account", account["Id"].as_str().unwrap(), json!({ "Name": "Changed & Sons" })).await;
    let third = sandbox.run().await;
    assert_eq!(flow(&third, "zuora.account")["updated"], 1, "{third}");
}
