//! `check`: what would go wrong is told before anything is written, each with the remedy that mends it.

use serde_json::{Value, json};

use super::harness::{Ran, Sandbox};

const INVOICE: &str = "nue.invoice";
const CUSTOMER: &str = include_str!("../../../../flows/nue-salesforce/customer.toml");

async fn pair() -> Sandbox {
    Sandbox::start(&["--pair", "salesforce-nue", "--records", "60", "--seed", "7"]).await
}

async fn check(sandbox: &Sandbox, flows: &[&str]) -> (Option<i32>, Value) {
    let arguments: Vec<&str> = flows.iter().copied().chain(["--json"]).collect();
    let ran = sandbox.ask("check", &arguments).await;
    (ran.code, ran.json())
}

/// All findings, of applications and of flows.
fn findings(report: &Value) -> Vec<Value> {
    let parts = ["applications", "flows"].map(|part| report[part].as_array().unwrap().clone());
    parts.into_iter().flatten().flat_map(|one| one["findings"].as_array().unwrap().clone()).collect()
}

fn text<'a>(finding: &'a Value, key: &str) -> &'a str {
    finding[key].as_str().unwrap()
}

/// There is one finding, and it says this: how bad, what, where, what to do.
#[track_caller]
fn assert_only(report: &Value, severity: &str, what: &str, place: &str, remedy: &str) {
    let all = findings(report);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(text(&all[0], "severity"), severity, "{all:#?}");
    for (key, words) in [("what", what), ("where", place), ("remedy", remedy)] {
        assert!(text(&all[0], key).contains(words), "`{words}` is not in {key} of {all:#?}");
    }
    assert_eq!(report["can_work"], json!(severity != "will-fail"));
}

/// Calls that are no reads: all but those by which one logs in or asks.
async fn writes(sandbox: &Sandbox) -> Vec<Value> {
    let mut found = Vec::new();
    for application in ["zuora", "netsuite", "salesforce", "nue"] {
        // A composite call of `check` carries queries; that nothing was written by one is seen in the org itself.
        let asks = |path: &str| {
            ["token", "graphql", "action/query", "suiteql"].iter().any(|word| path.contains(word))
                || path.ends_with("/composite")
        };
        found.extend(
            sandbox
                .counted(application)
                .await
                .into_iter()
                .filter(|call| !matches!(text(call, "method"), "GET" | "HEAD") && !asks(text(call, "path"))),
        );
    }
    for object in ["Counterfoil_Mark__c", "Ruby__Invoice__c"] {
        found.extend(sandbox.records("salesforce", object).await);
    }
    found
}

#[tokio::test]
async fn a_good_sandbox_of_both_pairs_can_work_and_is_looked_over_without_a_write() {
    let sandbox = Sandbox::start(&["--pair", "both", "--records", "60", "--seed", "7"]).await;
    let (code, report) = check(&sandbox, &[]).await;
    assert_eq!(findings(&report), Vec::<Value>::new());
    assert_eq!((code, &report["can_work"]), (Some(0), &json!(true)));
    assert_eq!(report["applications"].as_array().unwrap().len(), 4);
    assert_eq!(report["flows"].as_array().unwrap().len(), 17);
    let of = |name: &str| {
        let all = report["applications"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap().clone()
    };
    assert!(text(&of("salesforce"), "who").contains("org 00D"), "{report}");
    assert!(text(&of("zuora"), "who").contains("tenant 10000"), "{report}");
    assert_eq!(of("salesforce")["limits"][0]["granted"], json!(100_000));
    let table = sandbox.ask("check", &[]).await;
    assert_eq!(table.code, Some(0), "{}", table.out);
    for line in table.out.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(table.out.ends_with("It can work: 0 will fail, 0 will warn, 0 to note. Nothing was written.\n"));
    assert_eq!(writes(&sandbox).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_the_org_withholds_from_the_integration_user_is_found_with_the_place_where_it_is_given() {
    let sandbox = pair().await;
    let due = "Object Settings > Ruby__Invoice__c > Field Permissions: Read for `Ruby__DueDate__c`";
    let cases = [
        (
            json!({ "hidden_fields": ["Ruby__Invoice__c.Ruby__DueDate__c"] }),
            "Ruby__Invoice__c.Ruby__DueDate__c is not there",
            "invoice.toml: line 4",
            due,
        ),
        (
            json!({ "read_only_fields": ["Ruby__Invoice__c.Ruby__DueDate__c"] }),
            "Ruby__DueDate__c must not be written",
            "invoice.toml: line 4",
            "Field Permissions: Edit for `Ruby__DueDate__c`",
        ),
        (
            json!({ "not_createable": ["Ruby__InvoiceItem__c"] }),
            "Ruby__InvoiceItem__c must not be made by us",
            "invoice.toml: line 5",
            "Object Settings > Ruby__InvoiceItem__c: Create",
        ),
        (
            json!({ "hidden_objects": ["Ruby__Invoice__c"] }),
            "Ruby__Invoice__c is not there",
            "invoice.toml: line 3",
            "Object Settings > Ruby__Invoice__c: Read",
        ),
        (
            json!({ "hidden_fields": ["Ruby__InvoiceItem__c.Nue_Id__c"] }),
            "Ruby__InvoiceItem__c.Nue_Id__c is not there",
            "invoice.toml: line",
            "`counterfoil prepare salesforce`",
        ),
        (
            json!({ "read_only_fields": ["Counterfoil_Mark__c.Integration_Status__c"] }),
            "Counterfoil_Mark__c.Integration_Status__c must not be written by us, and carries a mark",
            "invoice.toml: line 1",
            "Field Permissions: Edit for `Integration_Status__c`",
        ),
    ];
    let calm = json!({ "hidden_fields": [], "read_only_fields": [], "not_createable": [], "hidden_objects": [] });
    for (settings, what, place, remedy) in cases {
        sandbox.settings("salesforce", settings).await;
        let (code, report) = check(&sandbox, &[INVOICE]).await;
        assert_eq!(code, Some(1), "{report}");
        assert_only(&report, "will-fail", what, place, remedy);
        sandbox.settings("salesforce", calm.clone()).await;
    }
    let (code, report) = check(&sandbox, &[INVOICE]).await;
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(writes(&sandbox).await, Vec::<Value>::new());
}

#[tokio::test]
async fn without_our_object_in_the_org_the_remedy_is_to_prepare_it() {
    let sandbox = pair().await;
    sandbox.settings("salesforce", json!({ "hidden_objects": ["Counterfoil_Mark__c"] })).await;
    let (_, report) = check(&sandbox, &[INVOICE]).await;
    assert_only(&report, "will-fail", "Counterfoil_Mark__c is not there", "", "run `counterfoil prepare salesforce`");
    let table = sandbox.ask("check", &[]).await.out;
    assert_eq!(table.matches("do   run `counterfoil prepare salesforce`").count(), 1, "{table}");
    assert!(table.matches("(see above)").count() >= 4, "{table}");
}

/// A flow of the user's own in the place of a shipped one.
async fn check_instead(sandbox: &Sandbox, from: &str, to: &str) -> (Option<i32>, Value) {
    assert!(CUSTOMER.contains(from), "{from}");
    let folder = sandbox.folder.path().join("flows");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("customer.toml"), CUSTOMER.replace(from, to)).unwrap();
    sandbox.edit_config(
        |text| {
            if text.contains("[flows]") { text } else { format!("{text}\n[flows]\nfolder = \"flows\"\n") }
        },
    );
    check(sandbox, &["nue.customer"]).await
}

#[tokio::test]
async fn what_a_rule_gives_is_held_against_what_the_field_takes() {
    let sandbox = pair().await;
    let (code, report) = check_instead(&sandbox, "source_id = \"Nue_Id__c\"", "source_id = \"Site\"").await;
    assert_eq!(code, Some(1));
    let what = "Account.Site is no External ID that is a text and not Unique";
    assert_only(&report, "will-fail", what, "customer.toml: line", "make `Site` a Text with External ID and Unique");
    let city = "{ field = \"billingCity\", max = 40 }";
    let (code, report) = check_instead(&sandbox, city, "{ field = \"billingCity\", max = 255 }").await;
    assert_eq!(code, Some(0), "{report}");
    let what = "Account.BillingCity takes 40 characters, and the rule gives up to 255";
    assert_only(&report, "will-warn", what, "customer.toml: line 3", "set its Length to 255; or give the rule");
    let phone = "{ field = \"phone\", max = 40 }";
    let (_, report) = check_instead(&sandbox, phone, "{ constant = 7 }").await;
    assert_only(
        &report,
        "will-fail",
        "Account.Phone takes a text, and the rule gives a number",
        "line 3",
        "change its Data Type",
    );
    let (_, report) = check_instead(&sandbox, "Name = { field = \"name\", max = 255, required = true }", "").await;
    assert_only(&report, "will-fail", "Account.Name must have a value, and no rule", "", "give `Name` a rule");
    let (_, report) = check_instead(&sandbox, "billingStreet", "billingStret").await;
    assert_only(
        &report,
        "will-fail",
        "customer.billingStret is not there",
        "customer.toml: line 3",
        "correct `billingStret`",
    );
}

#[tokio::test]
async fn one_application_that_is_not_there_does_not_hide_what_is_the_matter_with_another() {
    let sandbox = Sandbox::start(&["--pair", "both", "--records", "30", "--seed", "7"]).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let netsuite = sandbox.url("netsuite").to_owned();
    sandbox.edit_config(|text| text.replace(&netsuite, &format!("http://{closed}")));
    sandbox.settings("salesforce", json!({ "hidden_fields": ["Ruby__Invoice__c.Ruby__DueDate__c"] })).await;
    let (code, report) = check(&sandbox, &[]).await;
    assert_eq!(code, Some(1));
    let all = findings(&report);
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(text(&all[0], "what").contains("nothing takes a connection at 127.0.0.1 port"), "{all:#?}");
    assert!(text(&all[0], "where").contains("counterfoil.toml: line"), "{all:#?}");
    assert!(text(&all[0], "remedy").contains("start what should listen there"), "{all:#?}");
    assert!(text(&all[1], "what").contains("Ruby__Invoice__c.Ruby__DueDate__c is not there"), "{all:#?}");
    let left_out =
        report["flows"].as_array().unwrap().iter().filter(|flow| flow["not_examined"] == json!(["netsuite"]));
    assert_eq!(left_out.count(), 6, "{report}");
}

#[tokio::test]
async fn a_log_in_that_fails_names_what_to_compare_or_to_renew() {
    let sandbox = pair().await;
    let id = sandbox.access["salesforce"]["client_id"].as_str().unwrap().to_owned();
    sandbox.edit_config(|text| text.replace(&id, "3MVG9.nobody"));
    let (_, report) = check(&sandbox, &[INVOICE]).await;
    assert_only(
        &report,
        "will-fail",
        "client identifier invalid",
        "counterfoil.toml: line",
        "Compare client_id with the consumer key",
    );
    sandbox.edit_config(|text| text.replace("3MVG9.nobody", &id));
    let url = sandbox.url("salesforce").to_owned();
    sandbox.edit_config(|text| text.replace(&url, "https://no-such-org.my.salesforce.invalid"));
    let (_, report) = check(&sandbox, &[INVOICE]).await;
    assert_only(
        &report,
        "will-fail",
        "the name no-such-org.my.salesforce.invalid leads to no address",
        "",
        "Correct the address",
    );
    sandbox.edit_config(|text| text.replace("https://no-such-org.my.salesforce.invalid", &url));
    sandbox.settings("nue", json!({ "keyExpired": true })).await;
    let (_, report) = check(&sandbox, &[INVOICE]).await;
    assert_only(&report, "will-fail", "The API key has expired", "counterfoil.toml: line", "Nue > Settings > API Keys");
}

#[tokio::test]
async fn a_day_of_calls_that_is_nearly_used_up_warns_and_one_of_which_only_the_peoples_share_is_left_fails() {
    let sandbox = pair().await;
    sandbox.settings("salesforce", json!({ "daily_api_requests_used": 76_000 })).await;
    let (code, report) = check(&sandbox, &[INVOICE]).await;
    assert_eq!(code, Some(0));
    assert_only(
        &report,
        "will-warn",
        "calls in 24 hours are left",
        "counterfoil.toml: line",
        "lower `reserve_percent`",
    );
    sandbox.settings("salesforce", json!({ "daily_api_requests_used": 95_000 })).await;
    let (code, report) = check(&sandbox, &[INVOICE]).await;
    assert_eq!(code, Some(1));
    assert_only(&report, "will-fail", "nothing would be sent", "counterfoil.toml: line", "Wait: Salesforce counts");
}

/// How an assumption stands.
fn standing(report: &Value, name: &str) -> (String, String) {
    let all = report["assumptions"].as_array().unwrap();
    let one = all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {all:?}"));
    (text(one, "standing").to_owned(), text(one, "told").to_owned())
}

fn assume(sandbox: &Sandbox, lines: &str) {
    sandbox.edit_config(|text| {
        let kept = text.split("\n[nue.assumed]").next().unwrap().trim_end().to_owned();
        format!("{kept}\n\n[nue.assumed]\n{lines}\n")
    });
}

#[tokio::test]
async fn each_probe_of_nue_holds_where_the_tenant_does_so_and_fails_where_it_does_not() {
    let sandbox = pair().await;
    for (setting, told) in [("plain", "`page` and `limit`"), ("underscored", "`_page` and `_limit`")] {
        sandbox.settings("nue", json!({ "paging": setting })).await;
        let (code, report) = check(&sandbox, &[INVOICE]).await;
        assert_eq!((code, standing(&report, "paging").1.contains(told)), (Some(0), true), "{report}");
    }
    assume(&sandbox, "paging = \"page\"");
    let (code, report) = check(&sandbox, &[INVOICE]).await;
    assert_eq!((code, standing(&report, "paging").0), (Some(1), "fails".into()));
    sandbox.settings("nue", json!({ "paging": "both" })).await;
    for (setting, told) in [("refuse", "is refused"), ("ignore", "is passed over")] {
        sandbox.settings("nue", json!({ "unknownFilters": setting })).await;
        let (_, report) = check(&sandbox, &[INVOICE]).await;
        assert!(standing(&report, "list-filter").1.ends_with(told), "{report}");
    }
    for form in ["errors", "error", "message", "all"] {
        sandbox.settings("nue", json!({ "errors": form })).await;
        assume(&sandbox, "graphql = \"/nowhere/graphql\"\ndebit-memo = \"DebitNote\"");
        let (code, report) = check(&sandbox, &["nue.debit-memo"]).await;
        assert_eq!((code, standing(&report, "graphql").0), (Some(1), "fails".into()), "{form}");
        assume(&sandbox, "debit-memo = \"DebitNote\"");
        let (code, report) = check(&sandbox, &["nue.debit-memo"]).await;
        assert_eq!((code, standing(&report, "graphql").0), (Some(1), "holds".into()), "{form}");
        let (state, told) = standing(&report, "debit-memo");
        assert!(state == "fails" && told.contains("DebitNote"), "{told}");
        assert!(findings(&report).iter().any(|one| text(one, "remedy").contains("[nue.assumed]")), "{report}");
    }
    assume(&sandbox, "");
    sandbox.settings("nue", json!({ "withheld": ["billing"] })).await;
    let (code, report) = check(&sandbox, &[INVOICE]).await;
    assert_eq!((code, standing(&report, "invoice-list").0), (Some(1), "fails".into()));
    sandbox.settings("nue", json!({ "withheld": [] })).await;
    let (code, report) = check(&sandbox, &[INVOICE]).await;
    assert_eq!((code, standing(&report, "order-cancel").0), (Some(0), "unaccepted".into()));
}

#[tokio::test]
async fn what_orders_rest_on_is_probed_by_the_tenants_own_field_and_the_words_of_their_states() {
    let sandbox = pair().await;
    for word in ["Active", "Activated"] {
        sandbox.settings("nue", json!({ "orderStatusWord": word })).await;
        let (code, report) = check(&sandbox, &["salesforce.order"]).await;
        assert_eq!((code, findings(&report)), (Some(0), Vec::new()), "{word}");
        assert_eq!(standing(&report, "order-status").0, "holds", "{word}");
        assert_eq!(standing(&report, "source-id").0, "holds", "{word}");
    }
    sandbox.edit_config(|text| format!("{text}\n[names]\nsalesforceId = \"nobodysId\"\n"));
    let (code, report) = check(&sandbox, &["salesforce.order"]).await;
    assert_eq!((code, standing(&report, "source-id").0), (Some(1), "fails".into()), "{report}");
}

/// An address of this machine that is no loopback address, and so might be anybody's.
async fn as_a_real_tenant(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> Ran {
    let output = sandbox.command(name, arguments).env("NO_PROXY", "0.0.0.0").output().await.unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn a_real_tenant_of_nue_is_worked_with_only_when_what_a_flow_rests_on_is_probed_or_accepted() {
    let sandbox = pair().await;
    let local = sandbox.url("nue").to_owned();
    sandbox.edit_config(|text| text.replace(&local, "https://api.nue.io"));
    let refused = sandbox.ask("run", &[]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("nue.invoice -> salesforce.invoice: metadata, graphql,"), "{}", refused.err);
    assert!(refused.err.contains("next: run `counterfoil check`"), "{}", refused.err);

    let real = local.replace("127.0.0.1", "0.0.0.0");
    sandbox.edit_config(|text| text.replace("https://api.nue.io", &real));
    let looked = as_a_real_tenant(&sandbox, "check", &["nue.customer", INVOICE, "--json"]).await;
    assert_eq!(looked.code, Some(1), "{}", looked.out);
    let report = looked.json();
    let failing: Vec<Value> = findings(&report).into_iter().filter(|one| one["severity"] == "will-fail").collect();
    assert!(!failing.is_empty(), "{report}");
    for one in &failing {
        assert!(text(one, "what").contains("`hub-upload`, which no read can prove"), "{one}");
        assert!(text(one, "remedy").ends_with("[nue.assumed] accept = [\"hub-upload\"]"), "{one}");
    }
    let refused = as_a_real_tenant(&sandbox, "run", &[INVOICE]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("nue.invoice -> salesforce.invoice: hub-upload\n"), "{}", refused.err);
    assert_eq!(sandbox.calls("salesforce", "PATCH", "/composite").await, 0);

    assume(&sandbox, "accept = [\"hub-upload\"]");
    let ran = as_a_real_tenant(&sandbox, "run", &["nue.customer", INVOICE, "--json"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(sandbox.calls("nue", "POST", "transaction-hub").await > 0);
    // What was probed was another address.
    assume(&sandbox, "accept = [\"hub-upload\"]\ngraphql = \"/orders/async/graphql\"");
    let refused = as_a_real_tenant(&sandbox, "run", &[INVOICE]).await;
    assert!(refused.err.contains(": graphql\n"), "{}", refused.err);
    as_a_real_tenant(&sandbox, "check", &[]).await;
    let ran = as_a_real_tenant(&sandbox, "run", &[INVOICE]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[tokio::test]
async fn the_hub_can_be_left_alone_and_a_name_that_nothing_is_called_by_is_an_error() {
    let sandbox = pair().await;
    let local = sandbox.url("nue").to_owned();
    sandbox.edit_config(|text| text.replace(&local, &local.replace("127.0.0.1", "0.0.0.0")));
    assume(&sandbox, "hub-upload = \"\"");
    assert_eq!(as_a_real_tenant(&sandbox, "check", &[INVOICE]).await.code, Some(0));
    assert_eq!(as_a_real_tenant(&sandbox, "run", &[INVOICE]).await.code, Some(0));
    assert_eq!(sandbox.calls("nue", "POST", "transaction-hub").await, 0);
    assume(&sandbox, "accept = [\"order-cancle\"]");
    let wrong = sandbox.ask("run", &[]).await;
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.err.contains("nue.assumed.accept") && wrong.err.contains("did you mean `order-cancel`?"),
        "{}",
        wrong.err
    );
    assume(&sandbox, "graphql = \"nowhere\"");
    let wrong = sandbox.ask("check", &[]).await;
    assert!(wrong.err.contains("nue.assumed.graphql: it is a path like /async/graphql"), "{}", wrong.err);
}
