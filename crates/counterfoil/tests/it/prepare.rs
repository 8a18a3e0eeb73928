//! An org that nobody has prepared is prepared, through the binary, whatever becomes of single calls; and then books arrive.

use serde_json::{Value, json};

use super::harness::{Ran, Sandbox, assert_adds_up, total};

const MARKS: &str = "Counterfoil_Mark__c";

async fn bare() -> Sandbox {
    Sandbox::start(&["--pair", "salesforce-nue", "--records", "60", "--seed", "7", "--bare-salesforce"]).await
}

async fn prepare(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let command: Vec<&str> = ["salesforce"].iter().chain(more).copied().collect();
    sandbox.ask("prepare", &command).await
}

/// Everything but log-ins that is no reading.
async fn writes(sandbox: &Sandbox) -> u64 {
    let mut writes = 0;
    for method in ["POST", "PATCH", "PUT", "DELETE"] {
        writes += sandbox.calls("salesforce", method, "/services/data").await;
    }
    writes
}

async fn settings(sandbox: &Sandbox, settings: Value) {
    let url = format!("{}/_sandbox/settings", sandbox.url("salesforce"));
    let answer = sandbox.http.put(url).body(settings.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

async fn token(sandbox: &Sandbox) -> String {
    let access = &sandbox.access["salesforce"];
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        access["client_id"].as_str().unwrap(),
        access["client_secret"].as_str().unwrap()
    );
    let request = sandbox.http.post(format!("{}/services/oauth2/token", sandbox.url("salesforce")));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(form);
    let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// An administrator's hand: makes a custom field.
async fn make_field(sandbox: &Sandbox, full: &str, metadata: Value) {
    let url = format!("{}/services/data/v66.0/tooling/sobjects/CustomField", sandbox.url("salesforce"));
    let request = sandbox.http.post(url).header("Authorization", format!("Bearer {}", token(sandbox).await));
    let body = json!({ "FullName": full, "Metadata": metadata });
    let answer = request.header("Content-Type", "application/json").body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 201, "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn a_run_over_an_unprepared_org_is_refused_and_names_the_command_that_prepares_it() {
    let sandbox = bare().await;
    let refused = sandbox.ask("run", &[]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("does not exist") && refused.err.contains("prepare salesforce"), "{}", refused.err);
    assert_eq!(writes(&sandbox).await, 0);
}

#[tokio::test]
async fn a_bare_org_is_shown_what_it_lacks_gets_it_once_and_then_the_books_arrive() {
    let sandbox = bare().await;
    let shown = prepare(&sandbox, &["--dry-run"]).await;
    assert_eq!(shown.code, Some(0), "{}{}", shown.out, shown.err);
    assert_eq!(writes(&sandbox).await, 0, "a dry run wrote");
    for line in [
        "make the object Counterfoil_Mark__c",
        "make the field Counterfoil_Mark__c.Integration_Status__c: Text(80)",
        "make the field Ruby__InvoiceItem__c.Nue_Id__c: Text(80), External ID, Unique",
        "grant Ruby__Invoice__c: read, create, edit",
        "grant Ruby__Invoice__c.Nue_Id__c: read, edit",
        "assign the permission set",
    ] {
        assert!(shown.out.contains(line), "{line} is not in {}", shown.out);
    }
    assert!(!shown.out.contains("make the field Ruby__Invoice__c.Ruby__"), "a field of the package: {}", shown.out);

    let done = prepare(&sandbox, &["--json"]).await;
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    assert_eq!(done.json()["ready"], true, "{}", done.out);
    let before = writes(&sandbox).await;
    let again = prepare(&sandbox, &[]).await;
    assert_eq!(again.code, Some(0));
    assert!(again.out.contains("nothing to do"), "{}", again.out);
    assert_eq!(writes(&sandbox).await, before, "a second time wrote");

    let report = sandbox.run().await;
    assert_adds_up(&report);
    assert!(total(&report, "created") > 30, "{report}");
    let marks = sandbox.records("salesforce", MARKS).await;
    assert!(marks.iter().filter(|mark| mark["Integration_Status__c"] == "Sync Complete").count() > 30);
}

#[tokio::test]
async fn whatever_becomes_of_a_call_the_next_time_completes_what_the_first_began() {
    let calls = [
        ("POST", "/services/data/v66.0/metadata/deployRequest", 1),
        ("GET", "/services/data/v66.0/metadata/deployRequest/{id}", 1),
        ("POST", "/services/data/v66.0/tooling/sobjects/{object}", 1),
        ("POST", "/services/data/v66.0/tooling/sobjects/{object}", 9),
        ("POST", "/services/data/v66.0/sobjects/{object}", 1),
        ("POST", "/services/data/v66.0/sobjects/{object}", 2),
        ("POST", "/services/data/v66.0/composite/sobjects", 1),
        ("POST", "/services/data/v66.0/composite/sobjects", 2),
    ];
    for (place, (method, path, nth)) in calls.into_iter().enumerate() {
        let sandbox = bare().await;
        // Each call once with a fault that does it and hides it, or with one that does not.
        let kind = if place % 2 == 0 { "drop_answer" } else { "500" };
        let rule = json!({ "method": method, "path": path, "nth": nth, "kind": kind });
        sandbox.faults("salesforce", json!([rule])).await;
        prepare(&sandbox, &[]).await;
        assert_eq!(sandbox.struck("salesforce").await, 1, "{rule} struck nothing");
        let done = prepare(&sandbox, &[]).await;
        assert_eq!(done.code, Some(0), "after {rule}: {}{}", done.out, done.err);
        assert!(done.out.contains("the org has all that the flows need"), "after {rule}: {}", done.out);
        let sets = sandbox.records("salesforce", "PermissionSet").await;
        assert_eq!(sets.len(), 1, "after {rule}: {sets:?}");
    }
}

#[tokio::test]
async fn a_process_that_is_killed_in_the_middle_leaves_what_the_next_one_completes() {
    for slow in ["/services/data/v66.0/tooling/sobjects/{object}", "/services/data/v66.0/composite/sobjects"] {
        let sandbox = bare().await;
        let rule = json!({ "method": "POST", "path": slow, "nth": 1, "kind": "slow", "ms": 60_000 });
        sandbox.faults("salesforce", json!([rule])).await;
        let mut killed = sandbox.command("prepare", &["salesforce"]).spawn().unwrap();
        while sandbox.struck("salesforce").await == 0 {
            tokio::task::yield_now().await;
        }
        killed.kill().await.unwrap();
        sandbox.no_faults("salesforce").await;
        let done = prepare(&sandbox, &[]).await;
        assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
        assert!(total(&sandbox.run().await, "created") > 30);
    }
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_with_what_to_do_and_nothing_more_is_tried() {
    for (right, words) in [
        ("customize_application", "Customize Application"),
        ("modify_metadata", "Modify Metadata Through Metadata API Functions"),
        ("manage_permission_sets", "Manage Profiles and Permission Sets"),
    ] {
        let sandbox = bare().await;
        settings(&sandbox, json!({ right: false })).await;
        let refused = prepare(&sandbox, &[]).await;
        assert_eq!(refused.code, Some(1), "{right}: {}{}", refused.out, refused.err);
        assert!(refused.out.contains("(permission)"), "{right}: {}", refused.out);
        assert!(refused.out.contains(words), "{right}: {}", refused.out);
        assert!(sandbox.records("salesforce", "PermissionSet").await.is_empty());
        settings(&sandbox, json!({ right: true })).await;
        assert_eq!(prepare(&sandbox, &[]).await.code, Some(0));
    }
}

#[tokio::test]
async fn a_field_that_is_there_with_another_type_is_left_alone_and_told_with_its_remedy() {
    let sandbox = bare().await;
    make_field(&sandbox, "Account.Nue_Id__c", json!({ "type": "Text", "label": "Nue Id", "length": 18 })).await;
    let told = prepare(&sandbox, &[]).await;
    assert_eq!(told.code, Some(1), "{}", told.out);
    assert!(told.out.contains("in the way: Account.Nue_Id__c takes 18 characters"), "{}", told.out);
    assert!(told.out.contains("[names]"), "{}", told.out);
    // All the rest is done.
    let again = prepare(&sandbox, &["--json"]).await.json();
    assert_eq!(again["to_do"], json!([]), "{again}");
    assert_eq!(again["obstacles"].as_array().unwrap().len(), 1, "{again}");
}

#[tokio::test]
async fn a_field_that_is_there_and_hidden_is_not_made_again_but_granted() {
    let sandbox = bare().await;
    let key = json!({ "type": "Text", "label": "Nue Id", "length": 40, "externalId": true, "unique": true });
    make_field(&sandbox, "Account.Nue_Id__c", key).await;
    let shown = prepare(&sandbox, &["--dry-run"]).await;
    assert!(!shown.out.contains("make the field Account.Nue_Id__c"), "{}", shown.out);
    assert!(shown.out.contains("grant Account.Nue_Id__c: read, edit"), "{}", shown.out);
    assert_eq!(prepare(&sandbox, &[]).await.code, Some(0));
}

#[tokio::test]
async fn names_of_the_configuration_are_made_in_the_place_of_the_usual_ones() {
    let sandbox = bare().await;
    sandbox.edit_config(|text| {
        format!(
            "{text}\n[nue.marks]\nobject = \"Sync_State__c\"\nkey = \"Billing_Key__c\"\n\n\
             [names]\n\"Nue_Id__c\" = \"Billing_Key__c\"\n"
        )
    });
    let done = prepare(&sandbox, &[]).await;
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    assert!(done.out.contains("done: make the object Sync_State__c"), "{}", done.out);
    assert!(!done.out.contains("Counterfoil_Mark__c") && !done.out.contains("Nue_Id__c"), "{}", done.out);
    assert!(total(&sandbox.run().await, "created") > 30);
    assert!(!sandbox.records("salesforce", "Sync_State__c").await.is_empty());
}
