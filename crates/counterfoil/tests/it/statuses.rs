//! The status field in a person's hands: never a duplicate, never silent.

use serde_json::{Value, json};

use super::harness::{Sandbox, flow};

async fn synced() -> (Sandbox, Value) {
    let sandbox = Sandbox::generated(40).await;
    sandbox.run().await;
    let invoice = sandbox.synced_invoice().await;
    (sandbox, invoice)
}

fn id(record: &Value) -> &str {
    record["Id"].as_str().unwrap()
}

async fn copies(sandbox: &Sandbox, invoice: &Value) -> usize {
    let held = sandbox.records("netsuite", "invoice").await;
    held.iter().filter(|held| held["custbodyzuoraid"] == invoice["Id"]).count()
}

/// Clears both fields in which we would know it again, as somebody might who wants to start over.
async fn delete_in_netsuite(sandbox: &Sandbox, invoice: &Value) {
    let path = format!("record/v1/invoice/{}", invoice["IntegrationId__NS"].as_str().unwrap());
    assert_eq!(sandbox.netsuite("DELETE", &path, Value::Null).await.0, 204);
}

#[tokio::test]
async fn a_status_that_was_blanked_by_hand_leads_to_a_look_and_to_no_second_invoice() {
    let (sandbox, invoice) = synced().await;
    let blank =
        json!({ "fieldsToNull": ["IntegrationStatus__NS", "IntegrationId__NS"], "TransferredToAccounting": "No" });
    sandbox.edit_zuora("Invoice", id(&invoice), blank).await;
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.invoice")["found"], 1, "{report}");
    assert_eq!(copies(&sandbox, &invoice).await, 1);
    let after = sandbox.invoice(invoice["InvoiceNumber"].as_str().unwrap()).await;
    assert_eq!(after["IntegrationStatus__NS"], "Sync Complete");
    assert_eq!(after["IntegrationId__NS"], invoice["IntegrationId__NS"]);
}

#[tokio::test]
async fn a_misspelt_status_is_looked_up_and_completed() {
    let (sandbox, invoice) = synced().await;
    sandbox.edit_zuora("Invoice", id(&invoice), json!({ "IntegrationStatus__NS": "sync compleet" })).await;
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.invoice")["found"], 1, "{report}");
    assert_eq!(copies(&sandbox, &invoice).await, 1);
}

#[tokio::test]
async fn a_record_that_is_equal_completes_both_fields_when_they_disagree() {
    let (sandbox, invoice) = synced().await;
    sandbox.edit_zuora("Invoice", id(&invoice), json!({ "TransferredToAccounting": "Processing" })).await;
    sandbox.run().await;
    let after = sandbox.invoice(invoice["InvoiceNumber"].as_str().unwrap()).await;
    assert_eq!(after["TransferredToAccounting"], "Yes");
    assert_eq!(after["IntegrationStatus__NS"], "Sync Complete");
}

#[tokio::test]
async fn absent_under_yes_is_a_warning_that_names_both_values_and_writes_nothing() {
    let (sandbox, invoice) = synced().await;
    delete_in_netsuite(&sandbox, &invoice).await;
    sandbox.edit_zuora("Invoice", id(&invoice), json!({ "IntegrationStatus__NS": "Creating Invoice" })).await;
    let report = sandbox.run().await;
    let warnings = flow(&report, "zuora.invoice")["warnings"].to_string();
    assert!(warnings.contains("IntegrationStatus__NS is 'Creating Invoice'"), "{warnings}");
    assert!(warnings.contains("TransferredToAccounting is 'Yes'"), "{warnings}");
    assert_eq!(copies(&sandbox, &invoice).await, 0);
}

#[tokio::test]
async fn the_documented_way_to_send_an_invoice_again_works() {
    let (sandbox, invoice) = synced().await;
    delete_in_netsuite(&sandbox, &invoice).await;
    sandbox.edit_zuora("Invoice", id(&invoice), json!({ "TransferredToAccounting": "No" })).await;
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.invoice")["created"], 1, "{report}");
    assert_eq!(copies(&sandbox, &invoice).await, 1);
}

#[tokio::test]
async fn ignore_wins_over_everything() {
    let (sandbox, invoice) = synced().await;
    delete_in_netsuite(&sandbox, &invoice).await;
    let ignored = json!({ "IntegrationStatus__NS": "IGNORE", "TransferredToAccounting": "No" });
    sandbox.edit_zuora("Invoice", id(&invoice), ignored).await;
    sandbox.run().await;
    assert_eq!(copies(&sandbox, &invoice).await, 0);
    let after = sandbox.invoice(invoice["InvoiceNumber"].as_str().unwrap()).await;
    assert_eq!(after["IntegrationStatus__NS"], "IGNORE");
}

#[tokio::test]
async fn a_document_that_differs_is_an_error_that_shows_both_amounts() {
    let (sandbox, invoice) = synced().await;
    let path = format!("record/v1/invoice/{}", invoice["IntegrationId__NS"].as_str().unwrap());
    let line = json!({ "item": { "items": [{ "line": 1, "amount": 987654.32 }] } });
    let (status, answer) = sandbox.netsuite("PATCH", &path, line).await;
    assert_eq!(status, 204, "{answer}");
    sandbox.edit_zuora("Invoice", id(&invoice), json!({ "IntegrationStatus__NS": "Creating Invoice" })).await;
    let report = sandbox.run().await;
    let warning = &flow(&report, "zuora.invoice")["warnings"][0];
    let text = warning["text"].as_str().unwrap();
    assert!(text.contains("amount: ") && text.contains(" here, ") && text.contains("there"), "{text}");
    let after = sandbox.invoice(invoice["InvoiceNumber"].as_str().unwrap()).await;
    assert_eq!(after["IntegrationStatus__NS"], "Error Creating Invoice");
    assert_eq!(after["TransferredToAccounting"], "Error");
}
