//! Books that another connector filled: compared and adopted, never doubled.

use serde_json::{Value, json};

use super::harness::{Sandbox, flow};

#[tokio::test]
async fn documents_and_customers_that_carry_only_the_zuora_id_are_adopted() {
    let sandbox = Sandbox::generated(30).await;
    sandbox.run().await;
    // What another connector leaves: the Zuora id in the custom field, no external id of ours, no mark of ours.
    let mut adopted = 0;
    for (kind, object, field) in
        [("invoice", "Invoice", "custbodyzuoraid"), ("customer", "Account", "custentityzuoraid")]
    {
        for held in sandbox.records("netsuite", kind).await {
            let path = format!("record/v1/{kind}/{}", held["id"].as_str().unwrap());
            let (status, answer) = sandbox.netsuite("PATCH", &path, json!({ "externalId": null })).await;
            assert_eq!(status, 204, "{answer}");
            let mut blank = json!({ "fieldsToNull": ["IntegrationStatus__NS", "IntegrationId__NS"] });
            if object == "Invoice" {
                blank["TransferredToAccounting"] = json!("No");
            }
            sandbox.edit_zuora(object, held[field].as_str().unwrap(), blank).await;
            adopted += 1;
        }
    }
    let counts = |report: &Value, name: &str| {
        let flow = flow(report, name);
        (flow["created"].as_u64().unwrap(), flow["found"].as_u64().unwrap() + flow["updated"].as_u64().unwrap())
    };
    let before =
        (sandbox.records("netsuite", "invoice").await.len(), sandbox.records("netsuite", "customer").await.len());
    let report = sandbox.run().await;
    let (invoices, customers) = (counts(&report, "zuora.invoice"), counts(&report, "zuora.account"));
    assert_eq!((invoices.0, customers.0), (0, 0), "{report}");
    assert_eq!(invoices.1 + customers.1, adopted, "{report}");
    let after =
        (sandbox.records("netsuite", "invoice").await.len(), sandbox.records("netsuite", "customer").await.len());
    assert_eq!(before, after);
}

#[tokio::test]
async fn of_two_records_that_carry_the_same_zuora_id_none_is_picked() {
    let sandbox = Sandbox::generated(30).await;
    sandbox.run().await;
    let invoice = sandbox.synced_invoice().await;
    let held = sandbox.records("netsuite", "invoice").await;
    let other = held.iter().find(|held| held["custbodyzuoraid"] != invoice["Id"]).unwrap();
    let path = format!("record/v1/invoice/{}", other["id"].as_str().unwrap());
    let (status, answer) = sandbox.netsuite("PATCH", &path, json!({ "custbodyzuoraid": invoice["Id"] })).await;
    assert_eq!(status, 204, "{answer}");
    let blank =
        json!({ "fieldsToNull": ["IntegrationStatus__NS", "IntegrationId__NS"], "TransferredToAccounting": "No" });
    sandbox.edit_zuora("Invoice", invoice["Id"].as_str().unwrap(), blank).await;
    let report = sandbox.run().await;
    let text = flow(&report, "zuora.invoice")["warnings"][0]["text"].as_str().unwrap().to_owned();
    for id in [&invoice["IntegrationId__NS"], &other["id"]] {
        assert!(text.contains(id.as_str().unwrap()), "{text}");
    }
}
