//! An org in which objects and fields are called otherwise than the shipped flows call them.

use std::collections::BTreeMap;

use super::harness::{Sandbox, assert_adds_up, flow};

/// What the flows say, and what it is called in this org. `Ruby__Invoice__c` is an object and a reference to one.
const OTHERWISE: [(&str, &str); 6] = [
    ("Ruby__Invoice__c", "Billing_Document__c"),
    ("Ruby__InvoiceItem__c", "Billing_Line__c"),
    ("Nue_Id__c", "Source_Key__c"),
    ("Integration_Status__c", "Sync_State__c"),
    ("Integration_Id__c", "Synced_As__c"),
    ("Counterfoil_Mark__c", "Sync_Mark__c"),
];

async fn renamed() -> Sandbox {
    let renamed = OTHERWISE.map(|(name, other)| format!("{name}={other}"));
    let mut arguments = vec!["--pair", "salesforce-nue", "--records", "120", "--seed", "7"];
    arguments.extend(renamed.iter().flat_map(|rename| ["--rename", rename.as_str()]));
    Sandbox::start(&arguments).await
}

#[tokio::test]
async fn an_org_with_names_of_its_own_is_synced_as_the_configuration_names_it() {
    let sandbox = renamed().await;
    let report = sandbox.run().await;
    assert_adds_up(&report);
    let created = flow(&report, "nue.invoice")["created"].as_u64().unwrap();
    assert!(created > 20, "{report}");
    let mut by_key = BTreeMap::new();
    for document in sandbox.records("salesforce", "Billing_Document__c").await {
        let key = document["Source_Key__c"].as_str().unwrap_or_default().to_owned();
        assert!(!key.is_empty() && by_key.insert(key, document["Id"].clone()).is_none(), "{document}");
    }
    // One of whose lines was refused stands there too, and is not said to be in sync.
    assert!(by_key.len() as u64 >= created);
    let lines = sandbox.records("salesforce", "Billing_Line__c").await;
    assert!(lines.len() as u64 > created);
    assert!(lines.iter().all(|line| by_key.values().any(|id| *id == line["Billing_Document__c"])));
    let marks = sandbox.records("salesforce", "Sync_Mark__c").await;
    let complete = marks.iter().filter(|mark| {
        let made = by_key.get(mark["Source_Key__c"].as_str().unwrap_or_default());
        mark["Sync_State__c"] == "Sync Complete" && made.is_some_and(|id| *id == mark["Synced_As__c"])
    });
    assert_eq!(complete.count() as u64, created);
    let second = sandbox.run().await;
    assert_eq!(flow(&second, "nue.invoice")["created"], 0, "{second}");
}

#[tokio::test]
async fn an_org_whose_names_the_configuration_does_not_tell_is_refused_before_anything_is_written() {
    let sandbox = renamed().await;
    sandbox.edit_config(|text| text.split("[names]").next().unwrap().to_owned());
    let refused = sandbox.ask("run", &[]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("`Counterfoil_Mark__c` does not exist"), "{}", refused.err);
    assert_eq!(
        sandbox.calls("salesforce", "PATCH", "").await + sandbox.calls("salesforce", "POST", "/composite").await,
        0
    );
    // A name that no flow and no mark has is a slip of the finger.
    sandbox.edit_config(|text| text + "\n[names]\n\"Counterfoil_Marks__c\" = \"Sync_Mark__c\"\n");
    let refused = sandbox.ask("run", &[]).await;
    assert!(refused.err.contains("did you mean `Counterfoil_Mark__c`?"), "{}", refused.err);
}
