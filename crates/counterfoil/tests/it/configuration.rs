//! A configuration that is wrong is said so, with its place and with what was meant, before any record is touched.

use serde_json::json;

use super::harness::{Sandbox, flow};

/// The error of a run after a change of the configuration.
async fn refused(sandbox: &Sandbox, change: impl FnOnce(String) -> String) -> String {
    let whole = std::fs::read_to_string(sandbox.config()).unwrap();
    sandbox.edit_config(change);
    let ran = sandbox.ask("run", &[]).await;
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    std::fs::write(sandbox.config(), whole).unwrap();
    ran.err
}

#[track_caller]
fn assert_says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "`{part}` is missing: {error}");
    }
}

async fn assert_nothing_was_touched(sandbox: &Sandbox) {
    assert_eq!(sandbox.calls("zuora", "POST", "/v1/action/update").await, 0);
    assert_eq!(sandbox.calls("netsuite", "POST", "/record/").await, 0);
}

#[tokio::test]
async fn a_slip_of_the_finger_is_named_with_file_and_line_and_with_what_was_meant() {
    let sandbox = Sandbox::generated(5).await;
    let cases = [
        ("client_id", "cleint_id", ["line 7, column 1", "unknown field `cleint_id`", "did you mean `client_id`?"]),
        ("concurrency = 15", "consurrency = 15", ["line 13", "`consurrency`", "did you mean `concurrency`?"]),
        ("[netsuite.oauth2]", "[netsuite.oauth]", ["line 15", "`oauth`", "did you mean `oauth2`?"]),
        (
            "concurrency = 15",
            "concurrency = \"many\"",
            ["line 13", "`concurrency`", "where a whole number is expected"],
        ),
        ("concurrency = 15", "concurrency = -1", ["line 13", "`concurrency`", "out of range"]),
        ("client_id = ", "# client_id = ", ["line 5", "missing field `client_id`", "counterfoil.toml"]),
        (
            "\"zuora.invoice ->",
            "\"zuora.invoise ->",
            ["line 24", "flows.cutover", "did you mean `zuora.invoice -> netsuite.invoice`?"],
        ),
        (
            "default_subsidiary",
            "default_subsidary",
            ["line 21", "flows.settings.default_subsidary", "did you mean `default_subsidiary`?"],
        ),
    ];
    for (right, wrong, parts) in cases {
        assert!(std::fs::read_to_string(sandbox.config()).unwrap().contains(right), "{right}");
        let error = refused(&sandbox, |text| text.replacen(right, wrong, 1)).await;
        assert_says(&error, &parts);
        assert_says(&error, &["counterfoil.toml: line "]);
    }
    assert_nothing_was_touched(&sandbox).await;
}

#[tokio::test]
async fn a_value_that_makes_no_sense_is_named_with_file_and_line() {
    let sandbox = Sandbox::generated(5).await;
    let with = |more: &'static str| move |text: String| format!("{text}\n{more}\n");
    let error = refused(&sandbox, with("[limits]\nmax_amount = \"a lot\"")).await;
    assert_says(&error, &["line 28", "limits.max_amount", "a lot"]);
    let error = refused(&sandbox, with("[names]\nIntegrationStatu__NS = \"OurStatus__c\"")).await;
    assert_says(&error, &["line 28", "names.IntegrationStatu__NS", "did you mean `IntegrationStatus__NS`?"]);
    let url = format!("url = \"{}\"", sandbox.url("zuora"));
    let error = refused(&sandbox, |text| text.replace(&url, "data_centre = \"US Clud 2\"")).await;
    assert_says(&error, &["line 6", "zuora.data_centre", "did you mean `us cloud 2`?", "eu central sandbox"]);
    let error = refused(&sandbox, |text| text.replace(&url, "url = \"nowhere\"")).await;
    assert_says(&error, &["line 5", "zuora: ", "the address 'nowhere'"]);
    let error = refused(&sandbox, |text| text.replace(&url, "")).await;
    assert_says(&error, &["line 5", "give either `url` or `data_centre`"]);
    let error = refused(&sandbox, |text| text.replacen("\"2026-", "\"2026-13-", 1)).await;
    assert_says(&error, &["flows.cutover", "is no date"]);
    let error = refused(&sandbox, |text| text.replace("[netsuite.oauth2]", "[netsuite.token_based]")).await;
    assert_says(&error, &["line 17", "unknown field `certificate_id`"]);
    assert_nothing_was_touched(&sandbox).await;
}

#[tokio::test]
async fn a_missing_secret_is_named_and_no_secret_is_ever_shown() {
    let sandbox = Sandbox::generated(5).await;
    let secret = sandbox.access["zuora"]["client_secret"].as_str().unwrap().to_owned();
    let quoted = format!("\"{secret}\"");
    let error = refused(&sandbox, |text| text.replace(&quoted, "{ env = \"NO_SUCH_SECRET\" }")).await;
    assert_says(&error, &["line 8", "zuora.client_secret", "NO_SUCH_SECRET"]);
    let error = refused(&sandbox, |text| text.replace(&quoted, "{ file = \"no-such-file\" }")).await;
    assert_says(&error, &["line 8", "zuora.client_secret", "no-such-file"]);
    for (right, wrong) in [
        ("client_secret", "client_secrt".to_owned()),
        ("concurrency = 15", format!("concurrency = {quoted}")),
        ("[netsuite.oauth2]", format!("oauth2 = {quoted}\n[netsuite.other]")),
        (quoted.as_str(), format!("{{ envi = {quoted} }}")),
        (quoted.as_str(), format!("\"{secret}")),
    ] {
        let error = refused(&sandbox, |text| text.replace(right, &wrong)).await;
        assert!(error.contains("line ") && !error.contains(&secret), "{error}");
    }
    let wrong = quoted.replace(&secret[..4], "0000");
    sandbox.edit_config(|text| text.replace(&quoted, &wrong));
    let ran = sandbox.ask("run", &[]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("authentication"), "{}", ran.err);
    assert!(!ran.err.contains(wrong.trim_matches('"')), "{}", ran.err);
}

/// A flow file of the user's own: the shipped one of invoices, changed. Gives the line of the change.
fn own_flow(sandbox: &Sandbox, right: &str, wrong: &str) -> usize {
    let folder = sandbox.folder.path().join("own");
    std::fs::create_dir_all(&folder).unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../flows/zuora-netsuite/invoice.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let (before, _) = text.split_once(right).unwrap_or_else(|| panic!("{right}"));
    std::fs::write(folder.join("mine.toml"), text.replacen(right, wrong, 1)).unwrap();
    before.matches('\n').count() + 1
}

fn with_own_flow(text: &str) -> String {
    text.replacen("[flows.settings]", "[flows]\nfolder = \"own\"\n[flows.settings]", 1)
}

/// The error of a run with such a flow file. It names the line.
async fn refused_flow(sandbox: &Sandbox, right: &str, wrong: &str) -> String {
    let line = own_flow(sandbox, right, wrong);
    let error = refused(sandbox, |text| with_own_flow(&text)).await;
    assert_says(&error, &[&format!("own/mine.toml: line {line}")]);
    error
}

#[tokio::test]
async fn a_flow_file_that_is_wrong_is_named_with_its_line_and_with_what_was_meant() {
    let sandbox = Sandbox::generated(5).await;
    let cases: [(&str, &str, &[&str]); 14] = [
        ("kind = \"document\"", "kind = \"documnt\"", &["`documnt`", "did you mean `document`?"]),
        ("manner = \"magnitude\"", "manner = \"magnitud\"", &["did you mean `magnitude`?"]),
        ("noun =", "nuon =", &["did you mean `noun`?"]),
        ("required = true }", "requierd = true }", &["`requierd`", "did you mean `required`?"]),
        ("\"zuora.account ->", "\"zuora.acount ->", &["after", "did you mean `zuora.account -> netsuite.customer`?"]),
        ("'account.SynctoNetSuite__NS != \"No\"'", "'account.SynctoNetSuite__NS !='", &["cannot be read"]),
        ("parent = \"account\"", "parent = \"acount\"", &["no relation `acount`", "did you mean `account`?"]),
        (
            "parent = \"subscribed.charge\"",
            "parent = \"subscribed.chrge\"",
            &["items.subscribed.chrge", "did you mean"],
        ),
        ("from = \"taxes\"", "from = \"texes\"", &["did you mean `taxes`?"]),
        (
            "field = \"Comments\"",
            "field = \"Coments\"",
            &["zuora: Invoice", "`Coments` does not exist", "did you mean `Comments`?"],
        ),
        (
            "field = \"account.Currency\"",
            "field = \"account.Currncy\"",
            &["zuora: Account", "did you mean `Currency`?"],
        ),
        (
            "object = \"TaxationItem\"",
            "object = \"TaxationItm\"",
            &["zuora: TaxationItm", "`TaxationItm` does not exist"],
        ),
        (
            "tranDate = {",
            "trandate = {",
            &["netsuite: invoice", "`trandate` does not exist", "did you mean `tranDate`?"],
        ),
        ("custcolzuoraid = {", "custcolzuorid = {", &["netsuite: invoice", "did you mean `custcolzuoraid`?"]),
    ];
    for (right, wrong, parts) in cases {
        let error = refused_flow(&sandbox, right, wrong).await;
        assert_says(&error, parts);
    }
    assert_nothing_was_touched(&sandbox).await;
    let error = refused_flow(&sandbox, "constant = \"ZUORA\"", "constant = \"{{orign}}\"").await;
    assert_says(&error, &["no setting `orign`", "[flows.settings]"]);
}

#[tokio::test]
async fn a_column_that_netsuite_does_not_have_stops_its_flow_and_blames_no_record() {
    let sandbox = Sandbox::generated(20).await;
    let line = own_flow(&sandbox, "\"foreigntotal\"", "\"foreigntotl\"");
    sandbox.edit_config(|text| with_own_flow(&text));
    let ran = sandbox.ask("run", &["--json"]).await;
    assert_eq!(ran.code, Some(1));
    let report = ran.json();
    let invoices = flow(&report, "zuora.invoice");
    assert_says(invoices["stopped"].as_str().unwrap(), &["foreigntotl", &format!("mine.toml: line {line}")]);
    assert_eq!(invoices["warnings"], json!([]), "{invoices}");
    assert!(sandbox.records("netsuite", "invoice").await.is_empty());
}

#[tokio::test]
async fn a_field_that_the_tenant_does_not_have_stops_the_run_before_any_record_is_touched() {
    let sandbox = Sandbox::generated(5).await;
    let error = refused(&sandbox, |text| format!("{text}\n[names]\nIntegrationStatus__NS = \"OurStatus__c\"\n")).await;
    assert_says(&error, &["OurStatus__c", "zuora-netsuite/customer.toml: line "]);
    assert_nothing_was_touched(&sandbox).await;
}

#[tokio::test]
async fn an_unknown_name_on_the_command_line_is_answered_with_what_was_meant_and_with_those_that_there_are() {
    let sandbox = Sandbox::generated(5).await;
    let ran = sandbox.ask("run", &["zuora.unicorn"]).await;
    assert_eq!(ran.code, Some(2));
    assert_says(&ran.err, &["zuora.invoice -> netsuite.invoice"]);
    for (command, arguments, meant) in [
        ("run", ["zuora.invoise", "--dry-run"], "did you mean `zuora.invoice`?"),
        ("explain", ["zuora.invoise", "INV00000001"], "did you mean `zuora.invoice`?"),
        ("log", ["--cause", "validaton"], "did you mean `validation`?"),
    ] {
        let ran = sandbox.ask(command, &arguments).await;
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert_says(&ran.err, &[meant]);
    }
}
