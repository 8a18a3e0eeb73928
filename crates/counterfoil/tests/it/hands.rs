//! A person's hands on single records: looked at first, refused where it would say something untrue, written down, undone.

use serde_json::{Value, json};

use super::harness::{Ran, Sandbox, flow};

/// A sandbox that is in sync, and its documents that are.
async fn synced() -> (Sandbox, Vec<Value>) {
    let sandbox = Sandbox::generated(40).await;
    sandbox.run().await;
    let invoices = sandbox.synced_invoices().await;
    assert!(invoices.len() > 20);
    (sandbox, invoices)
}

fn number(invoice: &Value) -> &str {
    invoice["InvoiceNumber"].as_str().unwrap()
}

fn netsuite_id(invoice: &Value) -> &str {
    invoice["IntegrationId__NS"].as_str().unwrap()
}

fn path(invoice: &Value) -> String {
    format!("record/v1/invoice/{}", netsuite_id(invoice))
}

async fn delete(sandbox: &Sandbox, invoice: &Value) {
    assert_eq!(sandbox.netsuite("DELETE", &path(invoice), Value::Null).await.0, 204);
}

/// NetSuite's record loses all by which we would know it again, as if a person or another program had made it.
async fn strip(sandbox: &Sandbox, invoice: &Value) {
    let ids = json!({ "externalId": null, "custbodyzuoraid": null });
    let (status, answer) = sandbox.netsuite("PATCH", &path(invoice), ids).await;
    assert_eq!(status, 204, "{answer}");
}

async fn edit(sandbox: &Sandbox, invoice: &Value, fields: Value) {
    sandbox.edit_zuora("Invoice", invoice["Id"].as_str().unwrap(), fields).await;
}

fn blank() -> Value {
    json!({
        "fieldsToNull": ["IntegrationStatus__NS", "IntegrationId__NS", "SyncDate__NS"],
        "TransferredToAccounting": "No",
    })
}

/// How often the invoice stands in NetSuite, by the number that people read.
async fn copies(sandbox: &Sandbox, invoice: &Value) -> usize {
    let held = sandbox.records("netsuite", "invoice").await;
    held.iter().filter(|held| held["tranId"] == invoice["InvoiceNumber"]).count()
}

/// Status, id, date and flag, as Zuora holds them now.
async fn marks(sandbox: &Sandbox, invoice: &Value) -> [Value; 4] {
    let now = sandbox.invoice(number(invoice)).await;
    ["IntegrationStatus__NS", "IntegrationId__NS", "SyncDate__NS", "TransferredToAccounting"]
        .map(|field| now.get(field).cloned().unwrap_or_default())
}

async fn hand(sandbox: &Sandbox, action: &str, invoice: &Value, more: &[&str]) -> Ran {
    let arguments = [&["zuora.invoice", number(invoice), "--reason", "asked by the controller", "--json"], more];
    sandbox.ask(action, &arguments.concat()).await
}

async fn undo(sandbox: &Sandbox, action: &Value) -> Ran {
    sandbox.ask("undo", &[&action["action_id"].to_string(), "--reason", "a mistake", "--json"]).await
}

fn done(ran: &Ran) -> Value {
    let told = ran.json();
    assert_eq!((ran.code, &told["ended"]), (Some(0), &json!("done")), "{told}");
    told
}

/// A refusal, with these words in it.
fn refused(ran: &Ran, words: &str) -> Value {
    let told = ran.json();
    assert_eq!((ran.code, &told["ended"]), (Some(1), &json!("refused")), "{told}");
    assert!(told["text"].as_str().unwrap().contains(words) && told["next"].is_string(), "{words}: {told}");
    told
}

async fn explained(sandbox: &Sandbox, invoice: &Value) -> Value {
    sandbox.ask("explain", &["zuora.invoice", number(invoice), "--json"]).await.json()[0].clone()
}

#[tokio::test]
async fn retry_makes_what_is_missing_completes_what_is_there_and_is_undone() {
    let (sandbox, invoices) = synced().await;
    let [refused_once, in_doubt, gone] = [&invoices[0], &invoices[1], &invoices[2]];
    delete(&sandbox, refused_once).await;
    let error = json!({
        "fieldsToNull": ["IntegrationId__NS"],
        "IntegrationStatus__NS": "Error Creating Invoice",
        "TransferredToAccounting": "Error",
    });
    edit(&sandbox, refused_once, error).await;
    let made = done(&hand(&sandbox, "retry", refused_once, &[]).await);
    assert_eq!(made["outcome"], "created");
    assert!(made["found"].as_str().unwrap().contains("has no record"), "{made}");
    assert_eq!(copies(&sandbox, refused_once).await, 1);
    assert_eq!(marks(&sandbox, refused_once).await[0], "Sync Complete");

    let begun = json!({ "IntegrationStatus__NS": "Creating Invoice", "TransferredToAccounting": "Processing" });
    edit(&sandbox, in_doubt, begun).await;
    let before = marks(&sandbox, in_doubt).await;
    let completed = done(&hand(&sandbox, "retry", in_doubt, &[]).await);
    assert_eq!(completed["outcome"], "found");
    assert_eq!(completed["found_ids"], json!([netsuite_id(in_doubt)]));
    done(&undo(&sandbox, &completed).await);
    assert_eq!(marks(&sandbox, in_doubt).await, before);
    assert_eq!(flow(&sandbox.run().await, "zuora.invoice")["found"], 1);

    // Its marks say that it is done: they are blanked first, or no pass would write it.
    delete(&sandbox, gone).await;
    assert_eq!(done(&hand(&sandbox, "retry", gone, &[]).await)["outcome"], "created");
    let [status, id, _, flag] = marks(&sandbox, gone).await;
    assert_eq!((status, flag), (json!("Sync Complete"), json!("Yes")));
    assert_ne!(id, gone["IntegrationId__NS"]);
    for invoice in [refused_once, in_doubt, gone] {
        assert_eq!(copies(&sandbox, invoice).await, 1);
    }
}

#[tokio::test]
async fn retry_is_refused_for_what_is_ignored_and_for_what_no_run_takes_up_and_stops_at_the_limits() {
    let (sandbox, invoices) = synced().await;
    let invoice = &invoices[0];
    delete(&sandbox, invoice).await;
    sandbox.edit_config(|text| format!("{text}\n[limits]\nmax_creates = 0\n"));
    let before = marks(&sandbox, invoice).await;
    let ran = hand(&sandbox, "retry", invoice, &[]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("stopped before the first mark"), "{}", ran.err);
    assert_eq!(marks(&sandbox, invoice).await, before);
    done(&hand(&sandbox, "ignore", invoice, &[]).await);
    refused(&hand(&sandbox, "retry", invoice, &[]).await, "Ignore");
    assert_eq!(copies(&sandbox, invoice).await, 0);
    let drafts = sandbox.records("zuora", "Invoice").await;
    let draft = drafts.iter().find(|invoice| invoice["Status"] == "Draft").unwrap();
    let ran = hand(&sandbox, "retry", draft, &[]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("Status is 'Posted' (it is 'Draft')"), "{}", ran.err);
}

#[tokio::test]
async fn ignore_takes_out_what_netsuite_does_not_have_and_more_only_even_so() {
    let (sandbox, invoices) = synced().await;
    let [there, gone] = [&invoices[0], &invoices[1]];
    let before = marks(&sandbox, there).await;
    refused(&hand(&sandbox, "ignore", there, &[]).await, netsuite_id(there));
    assert_eq!(marks(&sandbox, there).await, before);
    let ignored = done(&hand(&sandbox, "ignore", there, &["--even-so"]).await);
    let [status, id, _, flag] = marks(&sandbox, there).await;
    assert_eq!((status, flag, id), (json!("Ignore"), json!("Ignore"), before[1].clone()));
    let told = explained(&sandbox, there).await;
    assert_eq!(told["next_run"], "skipped");
    assert!(told["found"].as_str().unwrap().contains("it is equal"), "what is ignored was not looked at: {told}");
    assert_eq!(told["hands"].as_array().unwrap().len(), 2, "{told}");
    let undone = done(&undo(&sandbox, &ignored).await);
    assert_eq!(marks(&sandbox, there).await, before);
    refused(&undo(&sandbox, &ignored).await, "changed since");
    done(&undo(&sandbox, &undone).await);
    assert_eq!(marks(&sandbox, there).await[0], "Ignore");

    delete(&sandbox, gone).await;
    let ignored = done(&hand(&sandbox, "ignore", gone, &[]).await);
    sandbox.run().await;
    assert_eq!(copies(&sandbox, gone).await, 0);
    // To put `Sync Complete` back would say that NetSuite has it.
    refused(&undo(&sandbox, &ignored).await, "has no record");
    assert_eq!(marks(&sandbox, gone).await[0], "Ignore");
}

#[tokio::test]
async fn clear_begins_anew_and_what_netsuite_has_is_cleared_only_by_its_name() {
    let (sandbox, invoices) = synced().await;
    let [there, gone, changed] = [&invoices[0], &invoices[1], &invoices[2]];
    let before = marks(&sandbox, there).await;
    let told = refused(&hand(&sandbox, "clear", there, &[]).await, netsuite_id(there));
    assert!(told["next"].as_str().unwrap().contains("retry"), "{told}");
    refused(&hand(&sandbox, "clear", there, &["--accept-found", netsuite_id(gone)]).await, netsuite_id(there));
    let cleared = done(&hand(&sandbox, "clear", there, &["--accept-found", netsuite_id(there)]).await);
    assert_eq!(marks(&sandbox, there).await, [json!(null), json!(null), json!(null), json!("No")]);
    done(&undo(&sandbox, &cleared).await);
    assert_eq!(marks(&sandbox, there).await, before);
    done(&hand(&sandbox, "clear", there, &["--accept-found", netsuite_id(there)]).await);

    delete(&sandbox, gone).await;
    let begun = json!({ "IntegrationStatus__NS": "Creating Invoice", "TransferredToAccounting": "Processing" });
    edit(&sandbox, gone, begun).await;
    let told = done(&hand(&sandbox, "clear", gone, &[]).await);
    assert!(told["next"].as_str().unwrap().contains("was announced before"), "{told}");
    let nothing = hand(&sandbox, "clear", gone, &[]).await.json();
    assert!(nothing["text"].as_str().unwrap().contains("nothing to do") && nothing["action_id"].is_null(), "{nothing}");

    let cleared = done(&hand(&sandbox, "clear", changed, &["--accept-found", netsuite_id(changed)]).await);
    edit(&sandbox, changed, json!({ "IntegrationStatus__NS": "by hand" })).await;
    let told = refused(&undo(&sandbox, &cleared).await, "IntegrationStatus__NS was '' and is 'by hand'");
    assert_eq!(told["undoes"], cleared["action_id"]);

    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.invoice")["found"], 2, "{report}");
    assert_eq!(flow(&report, "zuora.invoice")["created"], 1, "{report}");
    for invoice in [there, gone, changed] {
        assert_eq!(copies(&sandbox, invoice).await, 1);
    }
}

#[tokio::test]
async fn mark_synced_links_an_equal_record_that_nothing_else_would_find_and_it_is_never_made_again() {
    let (sandbox, invoices) = synced().await;
    let invoice = &invoices[0];
    strip(&sandbox, invoice).await;
    edit(&sandbox, invoice, blank()).await;
    let before = marks(&sandbox, invoice).await;
    let to_it = ["--destination-id", netsuite_id(invoice)];
    let forecast = hand(&sandbox, "mark-synced", invoice, &[&to_it[..], &["--dry-run"]].concat()).await;
    assert_eq!((forecast.code, &forecast.json()["ended"]), (Some(0), &json!("permitted")));
    assert_eq!(marks(&sandbox, invoice).await, before);
    let linked = done(&hand(&sandbox, "mark-synced", invoice, &to_it).await);
    done(&undo(&sandbox, &linked).await);
    assert_eq!(marks(&sandbox, invoice).await, before);
    done(&hand(&sandbox, "mark-synced", invoice, &to_it).await);
    let [status, id, date, flag] = marks(&sandbox, invoice).await;
    assert_eq!((status, flag), (json!("Sync Complete"), json!("Yes")));
    assert!(id == invoice["IntegrationId__NS"] && date.is_string(), "{linked}");
    let again = hand(&sandbox, "mark-synced", invoice, &to_it).await.json();
    assert!(again["text"].as_str().unwrap().contains("nothing to do"), "{again}");
    let explanation = explained(&sandbox, invoice).await;
    assert_eq!((&explanation["next_run"], &explanation["due"]), (&json!("skipped"), &json!(false)), "{explanation}");
    assert!(explanation["found"].as_str().unwrap().contains("it is equal"), "{explanation}");
    // Whatever is then written into the status by hand, the id tells where the record is.
    for status in
        [json!("Creating Invoice"), json!("Error Creating Invoice"), json!("compleet"), json!("Sync Complete")]
    {
        let edited = json!({ "IntegrationStatus__NS": status, "TransferredToAccounting": "No" });
        edit(&sandbox, invoice, edited).await;
        let report = sandbox.run().await;
        assert_eq!(flow(&report, "zuora.invoice")["found"], 1, "{status}: {report}");
        assert_eq!(copies(&sandbox, invoice).await, 1, "{status}");
    }
}

#[tokio::test]
async fn a_customer_is_known_by_its_own_id_alone() {
    let (sandbox, _) = synced().await;
    let accounts = sandbox.records("zuora", "Account").await;
    let account = accounts.iter().find(|account| account["IntegrationStatus__NS"] == "Sync Complete").unwrap();
    let id = account["IntegrationId__NS"].as_str().unwrap();
    let hand = async |action: &str, more: &[&str]| {
        let number = account["AccountNumber"].as_str().unwrap();
        sandbox.ask(action, &[&["zuora.account", number, "--reason", "x", "--json"], more].concat()).await
    };
    let nothing = done(&hand("mark-synced", &["--destination-id", id]).await);
    assert!(nothing["text"].as_str().unwrap().contains("nothing to do"), "{nothing}");
    let cleared = done(&hand("clear", &["--accept-found", id]).await);
    assert_eq!(done(&hand("retry", &[]).await)["outcome"], "found");
    refused(&undo(&sandbox, &cleared).await, "changed since");
    let ids = json!({ "externalId": null, "custentityzuoraid": null });
    assert_eq!(sandbox.netsuite("PATCH", &format!("record/v1/customer/{id}"), ids).await.0, 204);
    refused(&hand("mark-synced", &["--destination-id", id]).await, "Zuora id: ");
}

#[tokio::test]
async fn mark_synced_is_refused_with_the_reason_and_writes_nothing() {
    let (sandbox, invoices) = synced().await;
    let [invoice, other, stripped, claimed] = [&invoices[0], &invoices[1], &invoices[2], &invoices[3]];
    let to = async |invoice: &Value, id: &str| hand(&sandbox, "mark-synced", invoice, &["--destination-id", id]).await;
    let calls = sandbox.calls("zuora", "POST", "/v1/action/update").await;
    refused(&to(invoice, "99999999").await, "no invoice of that id");
    refused(&to(invoice, "INV1").await, "no invoice of that id");
    refused(&to(invoice, netsuite_id(other)).await, "carries the id of another record");
    strip(&sandbox, stripped).await;
    refused(&to(invoice, netsuite_id(stripped)).await, "has it already");
    strip(&sandbox, claimed).await;
    delete(&sandbox, invoice).await;
    refused(&to(invoice, netsuite_id(claimed)).await, number(claimed));
    assert_eq!(sandbox.calls("zuora", "POST", "/v1/action/update").await, calls, "a mark was written");

    let line = json!({ "item": { "items": [{ "line": 1, "amount": 987654.32 }] } });
    assert_eq!(sandbox.netsuite("PATCH", &path(stripped), line).await.0, 204);
    let told = refused(&to(stripped, netsuite_id(stripped)).await, "amount: ");
    assert!(told["found"].as_str().unwrap().contains("differs"), "{told}");
    assert_eq!(marks(&sandbox, stripped).await[0], "Sync Complete");
}

#[tokio::test]
async fn every_action_and_every_refusal_stands_in_the_audit_log_with_who_and_why() {
    let (sandbox, invoices) = synced().await;
    let [there, gone] = [&invoices[0], &invoices[1]];
    delete(&sandbox, gone).await;
    refused(&hand(&sandbox, "ignore", there, &[]).await, "netsuite has it");
    let ignored = done(&hand(&sandbox, "ignore", gone, &[]).await);
    sandbox.ask("clear", &["zuora.invoice", number(gone), "--dry-run"]).await;
    let unreasoned = sandbox.ask("clear", &["zuora.invoice", number(gone)]).await;
    assert!(unreasoned.code == Some(2) && unreasoned.err.contains("--reason"), "{}", unreasoned.err);
    let log = sandbox.ask("log", &["--audit", "--json"]).await.json();
    let told: Vec<_> = log.as_array().unwrap().iter().map(|line| (&line["action"], &line["ended"])).collect();
    assert_eq!(told, [(&json!("ignore"), &json!("refused")), (&json!("ignore"), &json!("done"))]);
    let line = &log[1];
    assert_eq!((&line["action_id"], &line["reason"]), (&ignored["action_id"], &json!("asked by the controller")));
    assert!(line["who"].as_str().unwrap().contains('@') && line["at"].is_string(), "{line}");
    assert!(line["found"].as_str().unwrap().contains("has no record"), "{line}");
    assert_eq!(line["before"]["IntegrationStatus__NS"], "Sync Complete");
    assert_eq!(line["after"]["IntegrationStatus__NS"], "Ignore");
    let of_there = sandbox.ask("log", &["--audit", "--record", number(there)]).await.out;
    assert!(of_there.contains("refused by ") && !of_there.contains(number(gone)), "{of_there}");
    let nobody = sandbox.ask("undo", &["77", "--reason", "x"]).await;
    assert!(nobody.code == Some(1) && nobody.err.contains("no action 77"), "{}", nobody.err);
}

#[tokio::test]
async fn a_mark_whose_answer_is_lost_is_read_again_before_it_is_reported() {
    let (sandbox, invoices) = synced().await;
    let [lost, unreached] = [&invoices[0], &invoices[1]];
    delete(&sandbox, lost).await;
    delete(&sandbox, unreached).await;
    sandbox.faults("zuora", json!([{ "path": "/v1/action/update", "kind": "drop_answer" }])).await;
    let told = done(&hand(&sandbox, "ignore", lost, &[]).await);
    assert!(told["text"].as_str().unwrap().contains("read again, the marks stand"), "{told}");
    assert_eq!(marks(&sandbox, lost).await[0], "Ignore");
    sandbox.faults("zuora", json!([{ "path": "/v1/action/update", "kind": "500" }])).await;
    let ran = hand(&sandbox, "ignore", unreached, &[]).await;
    let told = ran.json();
    assert_eq!((ran.code, &told["ended"]), (Some(1), &json!("unknown")), "{told}");
    assert_eq!(marks(&sandbox, unreached).await[0], "Sync Complete");
}

/// What hands do to a status in the application itself.
fn edits() -> [(&'static str, Value); 5] {
    let no_id = json!(["IntegrationId__NS", "SyncDate__NS"]);
    [
        ("blanked", json!({ "fieldsToNull": ["IntegrationStatus__NS"] })),
        ("blanked altogether", blank()),
        (
            "complete",
            json!({ "IntegrationStatus__NS": "Sync Complete", "TransferredToAccounting": "No", "fieldsToNull": no_id }),
        ),
        (
            "complete and yes",
            json!({ "IntegrationStatus__NS": "Sync Complete", "TransferredToAccounting": "Yes", "fieldsToNull": no_id }),
        ),
        ("misspelt", json!({ "IntegrationStatus__NS": "sync compleet" })),
    ]
}

#[tokio::test]
async fn whatever_a_hand_writes_into_the_status_nothing_stands_twice_and_the_log_and_explain_say_so() {
    let (sandbox, invoices) = synced().await;
    let (there, gone) = (&invoices[..5], &invoices[5..10]);
    for invoice in gone {
        delete(&sandbox, invoice).await;
    }
    for (invoices, stands) in [(there, true), (gone, false)] {
        for (invoice, (name, fields)) in invoices.iter().zip(edits()) {
            edit(&sandbox, invoice, fields).await;
            let told = explained(&sandbox, invoice).await;
            let found = told["found"].as_str().unwrap();
            assert_eq!(told["due"], true, "{name}: {told}");
            assert_eq!(found.contains("it is equal"), stands, "{name}: {found}");
            assert_eq!(found.contains("has no record"), !stands, "{name}: {found}");
        }
    }
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "zuora.invoice")["found"], 5, "{report}");
    let log = sandbox.ask("log", &["--json", "--limit", "100000"]).await.json();
    let told = |invoice: &Value| {
        let mut lines = log.as_array().unwrap().iter().rev();
        lines.find(|line| line["record"] == invoice["InvoiceNumber"] && line["kind"] == "end").unwrap().clone()
    };
    for (invoices, stands) in [(there, true), (gone, false)] {
        for (invoice, (name, _)) in invoices.iter().zip(edits()) {
            let line = told(invoice);
            let text = line["text"].as_str().unwrap();
            let contradicts = text.contains("as no run leaves them: IntegrationStatus__NS was");
            let warned = line["what"] == "warned" && text.contains("IntegrationStatus__NS is");
            assert!(name == "blanked altogether" || contradicts || warned, "{name}, there {stands}: {line}");
            // Nothing was lost either: what says `Yes` and is not there is told, and left to a person.
            let left = !stands && warned;
            assert_eq!(copies(&sandbox, invoice).await, usize::from(!left), "{name}");
            if !left {
                let [status, id, _, flag] = marks(&sandbox, invoice).await;
                assert_eq!((status, flag), (json!("Sync Complete"), json!("Yes")), "{name}");
                assert!(id.is_string(), "{name}");
            }
        }
    }
    let again = sandbox.run().await;
    assert_eq!(
        (&flow(&again, "zuora.invoice")["created"], &flow(&again, "zuora.invoice")["found"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn explain_says_that_no_run_looks_at_what_a_hand_made_look_done() {
    let (sandbox, invoices) = synced().await;
    delete(&sandbox, &invoices[0]).await;
    let told = explained(&sandbox, &invoices[0]).await;
    assert_eq!((&told["due"], &told["next_run"]), (&json!(false), &json!("skipped")), "{told}");
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("no run looks at it") && text.contains("has no record"), "{text}");
    assert!(told["next"].as_str().unwrap().contains("counterfoil retry"), "{told}");
}

#[tokio::test]
async fn hands_in_the_middle_of_a_run_make_nothing_twice() {
    let sandbox = Sandbox::generated(40).await;
    let masters =
        ["zuora.account", "zuora.product", "zuora.product-rate-plan", "zuora.product-rate-plan-charge", "--json"];
    sandbox.ask("run", &masters).await;
    let slow = json!([{ "method": "POST", "path": "/services/rest/record/v1/*", "kind": "slow", "ms": 400 }]);
    sandbox.faults("netsuite", slow).await;
    let before = sandbox.calls("netsuite", "POST", "/record/").await;
    let mut run = sandbox.command("run", &["--json"]).spawn().unwrap();
    while sandbox.calls("netsuite", "POST", "/record/").await == before {
        assert!(run.try_wait().unwrap().is_none(), "the run ended too early");
    }
    let marked = sandbox.records("zuora", "Invoice").await;
    let under_way: Vec<_> = marked.iter().filter(|one| one["IntegrationStatus__NS"] == "Creating Invoice").collect();
    assert!(under_way.len() >= 6, "{} are under way", under_way.len());
    let actions = ["retry", "clear", "ignore", "retry", "clear", "ignore"];
    for (invoice, action) in under_way.iter().zip(actions) {
        let ran = hand(&sandbox, action, invoice, &[]).await;
        assert!(ran.out.contains("\"ended\""), "{}", ran.err);
    }
    run.wait().await.unwrap();
    sandbox.no_faults("netsuite").await;
    sandbox.run().await;
    for invoice in under_way {
        let ignored = marks(&sandbox, invoice).await[0] == "Ignore";
        let copies = copies(&sandbox, invoice).await;
        assert!(copies == 1 || (ignored && copies == 0), "{copies} of {invoice}");
    }
}
