//! A configuration that is wrong is said so, with its place, before any record is touched.

use super::harness::Sandbox;

/// The error of a run after a change of the configuration.
async fn refused(sandbox: &Sandbox, change: impl FnOnce(String) -> String) -> String {
    let whole = std::fs::read_to_string(sandbox.config()).unwrap();
    sandbox.edit_config(change);
    let ran = sandbox.ask("run", &[]).await;
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    std::fs::write(sandbox.config(), whole).unwrap();
    ran.err
}

#[tokio::test]
async fn what_is_wrong_is_named_with_file_and_line() {
    let sandbox = Sandbox::generated(5).await;
    let error = refused(&sandbox, |text| text.replacen("client_id", "cleint_id", 1)).await;
    assert!(error.contains("counterfoil.toml: line 7, column 1") && error.contains("cleint_id"), "{error}");
    let error = refused(&sandbox, |text| text.replace("concurrency = 15", "concurrency = \"many\"")).await;
    assert!(error.contains("concurrency") && error.contains("line"), "{error}");
    let error = refused(&sandbox, |text| format!("{text}\n[limits]\nmax_amount = \"a lot\"\n")).await;
    assert!(error.contains("limits.max_amount") && error.contains("a lot"), "{error}");
    let error = refused(&sandbox, |text| text.replace("\"zuora.invoice ->", "\"zuora.invoise ->")).await;
    assert!(error.contains("zuora.invoise"), "{error}");
    assert_eq!(sandbox.calls("zuora", "POST", "/v1/action").await, 0);
}

#[tokio::test]
async fn a_missing_secret_is_named_and_no_secret_is_ever_shown() {
    let sandbox = Sandbox::generated(5).await;
    let secret = sandbox.access["zuora"]["client_secret"].as_str().unwrap().to_owned();
    let quoted = format!("\"{secret}\"");
    let error = refused(&sandbox, |text| text.replace(&quoted, "{ env = \"NO_SUCH_SECRET\" }")).await;
    assert!(error.contains("zuora.client_secret") && error.contains("NO_SUCH_SECRET"), "{error}");
    let error = refused(&sandbox, |text| text.replace("client_secret", "client_secrt")).await;
    assert!(error.contains("client_secrt") && !error.contains(&secret), "{error}");
    let wrong = quoted.replace(&secret[..4], "0000");
    sandbox.edit_config(|text| text.replace(&quoted, &wrong));
    let ran = sandbox.ask("run", &[]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("authentication"), "{}", ran.err);
    assert!(!ran.err.contains(wrong.trim_matches('"')), "{}", ran.err);
}

#[tokio::test]
async fn a_field_that_the_tenant_does_not_have_stops_the_run_before_any_record_is_touched() {
    let sandbox = Sandbox::generated(5).await;
    let error = refused(&sandbox, |text| format!("{text}\n[names]\nIntegrationStatus__NS = \"OurStatus__c\"\n")).await;
    assert!(error.contains("OurStatus__c"), "{error}");
    assert_eq!(sandbox.calls("zuora", "POST", "/v1/action/update").await, 0);
}

#[tokio::test]
async fn an_unknown_flow_is_answered_with_those_that_there_are() {
    let sandbox = Sandbox::generated(5).await;
    let ran = sandbox.ask("run", &["zuora.unicorn"]).await;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("zuora.invoice -> netsuite.invoice"), "{}", ran.err);
}
