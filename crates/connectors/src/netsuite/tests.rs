//! The connector against a server that answers as Oracle documents it.

mod bad_input;
mod causes;

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::key::ExternalKey;
use model::mapping::Draft;
use model::ports::{Destination, LookUpKey, Target};
use model::problem::{Answer, Cause};
use model::protocol::{Evidence, Intent, Kind, MarkReceipt, Marked, Next, Standing, decide};
use model::status::{Operation, Status, Transferred};
use model::value::{Record, Value};

use super::{Credentials, NetSuite, Settings, host, suiteql, wire};
use crate::http::tests::{Act, Counting, Jumping, Seen, Server, answer};

fn token_based() -> Credentials {
    Credentials::TokenBased {
        consumer_key: "ck".into(),
        consumer_secret: "consumer-secret".into(),
        token_id: "tk".into(),
        token_secret: "token-secret".into(),
    }
}

async fn netsuite_with(
    credentials: Credentials,
    script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static,
) -> (NetSuite, Server) {
    let server = Server::start(script).await;
    let settings = Settings {
        url: Some(server.url.clone()),
        account: "1234567-sb1".into(),
        credentials,
        concurrency: 3,
        timeout_seconds: 1,
    };
    let connector = NetSuite::new(settings, Arc::new(Jumping::default()), Arc::new(Counting::default())).unwrap();
    (connector, server)
}

async fn netsuite(script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static) -> (NetSuite, Server) {
    netsuite_with(token_based(), script).await
}

fn target(object: &str, columns: &[&str]) -> Target {
    Target {
        object: object.into(),
        source_id_field: Some("custbodyzuoraid".into()),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        shared_lists: Vec::new(),
    }
}

fn key(id: &str) -> LookUpKey {
    LookUpKey { external: ExternalKey::new("zuora", "Invoice", id), source_id: id.into(), record_id: id.into() }
}

fn intent(operation: Operation) -> Intent {
    let standing =
        Standing { kind: Kind::Document, status: Status::Blank, transferred: Transferred::No, linked: false };
    let receipt = MarkReceipt::confirmed_by_source("a", "Creating Invoice");
    let Next::Write(intent) = decide(&standing, Evidence::Marked(operation, Marked::Confirmed(receipt))) else {
        panic!()
    };
    intent
}

fn draft(fields: &[(&str, Value)]) -> Draft {
    let mut record = Record::default();
    for (name, value) in fields {
        record.set_at(*name, value.clone());
    }
    Draft { fields: record }
}

fn entry(fields: &[(&str, Value)]) -> Record {
    draft(fields).fields
}

fn rows(items: &str) -> Act {
    answer(200, format!(r#"{{"links":[],"hasMore":false,"items":[{items}],"offset":0}}"#))
}

fn made(id: &str) -> Act {
    let location = format!("https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/invoice/{id}");
    Act::Answer(204, vec![("location", location)], String::new())
}

fn refusal(status: u16, code: &str, detail: &str) -> Act {
    answer(
        status,
        format!(
            r#"{{"type":"t","title":"x","status":{status},"o:errorDetails":[{{"detail":"{detail}","o:errorCode":"{code}"}}]}}"#
        ),
    )
}

#[test]
fn an_accounts_host_is_derived_as_oracle_documents_it() {
    assert_eq!(host("1234567_SB1"), "1234567-sb1.suitetalk.api.netsuite.com");
}

#[test]
fn a_look_up_sees_transactions_of_all_types_and_renders_days() {
    let mut wanted = target("invoice", &["foreigntotal", "trandate", "recordtype", "lines", "externalId"]);
    let expected = "SELECT id, externalid, type, foreigntotal, TO_CHAR(trandate, 'YYYY-MM-DD') AS trandate, custbodyzuoraid \
                    FROM transaction WHERE (externalid IN ('zuora-invoice-a', 'zuora-invoice-o_-27-b') \
                    OR custbodyzuoraid IN ('a', 'o''b')) ORDER BY id";
    assert_eq!(suiteql::look_up(&wanted, &[key("a"), key("o'b")]).unwrap(), expected);
    wanted.columns = vec!["1=1; --".into()];
    assert!(suiteql::look_up(&wanted, &[key("a")]).is_err());
}

#[test]
fn a_draft_becomes_a_body_with_its_sublists_in_envelopes_and_its_amounts_exact() {
    let lines = Value::List(vec![entry(&[
        ("item", Value::reference("9")),
        ("amount", Value::Number("10.50".parse().unwrap())),
    ])]);
    let fields = [("entity", Value::reference("7")), ("externalId", Value::text("not ours")), ("item", lines)];
    let body = wire::create_body(&key("a"), &draft(&fields).fields);
    let expected =
        r#"{"externalId":"zuora-invoice-a","entity":{"id":"7"},"item":{"items":[{"item":{"id":"9"},"amount":10.50}]}}"#;
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

#[test]
fn a_whole_record_is_read_with_its_sublists_and_its_references_as_ids() {
    let body = r#"{"links":[{"rel":"self","href":"h/customer/7"}],"id":"7","currency":{"links":[],"id":"1","refName":"USD"},
        "balance":12.50,"isInactive":false,
        "addressBook":{"links":[],"items":[{"links":[{"rel":"self","href":"h/customer/7/addressBook/188"}],"label":"Bill To","addressBookAddress":{"links":[],"city":"Leeds"}}],"totalResults":1},
        "contactRoles":{"links":[{"rel":"self","href":"h"}]}}"#;
    let record = wire::record(body.as_bytes()).unwrap();
    assert_eq!(record.get("currency"), &Value::reference("1"));
    assert_eq!(record.list("addressBook")[0].text("addressBookAddress.city"), "Leeds");
    assert_eq!(record.list("addressBook")[0].text("id"), "188");
    assert!(record.get("links").is_null() && record.get("contactRoles").is_null());
    let short = r#"{"id":"7","item":{"items":[{"line":1}],"totalResults":2}}"#;
    assert!(wire::record(short.as_bytes()).unwrap_err().to_string().contains("only 1 entries"));
}

#[tokio::test]
async fn a_look_up_answers_each_key_with_every_record_that_carries_either_id() {
    let (netsuite, server) = netsuite(|seen, _| {
        if seen.body.contains("transactionline") {
            return rows(r#"{"links":[],"transaction":"11","linecount":"3"}"#);
        }
        rows(concat!(
            r#"{"links":[],"id":"11","externalid":"ZUORA-Invoice-a","type":"CustInvc","foreigntotal":"10.10","custbodyzuoraid":"a"},"#,
            r#"{"links":[],"id":"12","type":"CustCred","foreigntotal":"-5","custbodyzuoraid":"a"}"#
        ))
    })
    .await;
    let wanted = target("invoice", &["ForeignTotal", "memo", "lines"]);
    let found = netsuite.look_up(&wanted, &[key("b"), key("a")]).await.unwrap();
    assert!(found[0].is_empty());
    assert_eq!(found[1].iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["11", "12"]);
    let (invoice, memo) = (&found[1][0].record, &found[1][1].record);
    assert_eq!(
        (invoice.text("ForeignTotal"), invoice.text("recordtype"), invoice.get("lines").show()),
        ("10.10", "invoice", "3".into())
    );
    assert_eq!((memo.text("recordtype"), memo.get("lines").show()), ("creditmemo", "0".into()));
    assert!(invoice.get("memo").is_null());
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /services/rest/query/v1/suiteql?limit=1000&offset=0");
    assert_eq!(seen[0].header("prefer"), "transient");
    assert!(seen[0].header("authorization").starts_with("OAuth realm=\"1234567_SB1\""));
    assert!(seen[1].body.contains("iscogs = 'F'") && seen[1].body.contains("IN (11, 12)"));
}

#[tokio::test]
async fn an_account_without_the_columns_for_automatic_lines_is_asked_without_them() {
    let (netsuite, server) = netsuite(|seen, _| match seen.body.as_str() {
        body if body.contains("iscogs") => refusal(
            400,
            "INVALID_PARAMETER",
            "Invalid search query. Search error occurred: Unknown identifier 'iscogs'.",
        ),
        body if body.contains("transactionline") => rows(r#"{"transaction":"11","linecount":"2"}"#),
        _ => rows(r#"{"id":"11","externalid":"zuora-invoice-a","type":"CustInvc"}"#),
    })
    .await;
    for _ in 0..2 {
        let found = netsuite.look_up(&target("invoice", &["lines"]), &[key("a")]).await.unwrap();
        assert_eq!(found[0][0].record.get("lines").show(), "2");
    }
    assert_eq!(server.seen().iter().filter(|seen| seen.body.contains("iscogs")).count(), 1);
}

#[tokio::test]
async fn a_look_up_is_paged_to_its_end() {
    let first: Vec<String> =
        (1..=1000).map(|id| format!(r#"{{"id":"{id}","externalid":"zuora-invoice-a"}}"#)).collect();
    let first = first.join(",");
    let (netsuite, server) = netsuite(move |seen, _| match seen.line.ends_with("offset=0") {
        true => {
            answer(200, format!(r#"{{"items":[{first}],"hasMore":true,"count":1000,"offset":0,"totalResults":1001}}"#))
        }
        false => answer(
            200,
            r#"{"items":[{"id":"2000","custbodyzuoraid":"a"}],"hasMore":false,"count":1,"offset":1000,"totalResults":1001}"#,
        ),
    })
    .await;
    let found = netsuite.look_up(&target("customer", &[]), &[key("a")]).await.unwrap();
    assert_eq!(found[0].len(), 1001);
    assert!(server.seen()[1].line.ends_with("limit=1000&offset=1000"));
}

#[tokio::test]
async fn a_create_carries_its_key_and_gives_the_id_out_of_location() {
    let (netsuite, server) = netsuite(|_, _| made("4711")).await;
    let outcome = netsuite
        .create(intent(Operation::Create), &target("invoice", &[]), &key("a"), &draft(&[("memo", Value::text("m"))]))
        .await;
    assert_eq!(outcome, Answer::Accepted("4711".into()));
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /services/rest/record/v1/invoice");
    assert_eq!(seen.header("x-netsuite-propertynamevalidation"), "Error");
    assert_eq!(seen.body, r#"{"externalId":"zuora-invoice-a","memo":"m"}"#);
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_sent_once_and_is_unknown() {
    for act in [
        || Act::BreakOff,
        || {
            answer(
                500,
                r#"{"status":500,"o:errorDetails":[{"detail":"An unexpected error occurred.","o:errorCode":"UNEXPECTED_ERROR"}]}"#,
            )
        },
        || answer(204, ""),
    ] {
        let (netsuite, server) = netsuite(move |_, _| act()).await;
        let outcome = netsuite.create(intent(Operation::Create), &target("invoice", &[]), &key("a"), &draft(&[])).await;
        assert!(matches!(outcome, Answer::Unknown(_)), "{outcome:?}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_create_that_is_refused_gives_netsuites_words() {
    let (netsuite, _) =
        netsuite(|_, _| refusal(400, "USER_ERROR", "Error while accessing a resource. This record already exists."))
            .await;
    let outcome = netsuite.create(intent(Operation::Create), &target("invoice", &[]), &key("a"), &draft(&[])).await;
    let Answer::Refused(problem) = outcome else { panic!("{outcome:?}") };
    assert_eq!((problem.code.as_deref(), problem.words.as_str()), (Some("USER_ERROR"), "This record already exists."));
}

#[tokio::test]
async fn a_create_that_is_turned_away_for_too_many_calls_is_repeated() {
    let (netsuite, server) = netsuite(|_, before| match before {
        0 => refusal(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked."),
        _ => made("5"),
    })
    .await;
    let outcome = netsuite.create(intent(Operation::Create), &target("invoice", &[]), &key("a"), &draft(&[])).await;
    assert_eq!(outcome, Answer::Accepted("5".into()));
    let nonces: Vec<String> = server.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn an_update_gives_our_entries_of_a_shared_sublist_their_keys_and_leaves_the_others() {
    let book = r#"{"id":"7","addressBook":{"items":[{"id":188,"internalId":188,"label":"Bill To"},{"id":189,"internalId":189,"label":"A person's"}],"totalResults":2}}"#;
    let (netsuite, server) =
        netsuite(move |seen, _| if seen.line.starts_with("GET") { answer(200, book) } else { made("7") }).await;
    let mut customer = target("customer", &[]);
    customer.shared_lists = vec![("addressBook".into(), "label".into())];
    let entries = ["Bill To", "Ship To"]
        .map(|label| entry(&[("label", Value::text(label)), ("addressBookAddress.city", Value::text("Leeds"))]));
    let fields = draft(&[("companyName", Value::text("Acme")), ("addressBook", Value::List(entries.to_vec()))]);
    let outcome = netsuite.update(intent(Operation::Update), &customer, "7", &fields).await;
    assert_eq!(outcome, Answer::Accepted("7".into()));
    let seen = server.seen();
    assert_eq!(seen[0].line, "GET /services/rest/record/v1/customer/7?expandSubResources=true");
    assert_eq!(seen[1].line, "PATCH /services/rest/record/v1/customer/7");
    let expected = r#"{"companyName":"Acme","addressBook":{"items":[{"id":188,"internalId":188,"label":"Bill To","addressBookAddress":{"city":"Leeds"}},{"label":"Ship To","addressBookAddress":{"city":"Leeds"}}]}}"#;
    assert_eq!(seen[1].body, expected);
    assert_eq!(
        netsuite.calls().iter().map(|call| call.path.as_str()).collect::<Vec<_>>(),
        ["/services/rest/record/v1/customer/{id}"; 2]
    );
}

#[tokio::test]
async fn an_update_replaces_a_sublist_that_is_ours_alone_so_that_a_repeat_does_not_append() {
    let (netsuite, server) = netsuite(|_, _| made("7")).await;
    let fields = draft(&[("item", Value::List(vec![entry(&[("rate", Value::Number(1.into()))])]))]);
    netsuite.update(intent(Operation::Update), &target("invoice", &[]), "7", &fields).await;
    assert_eq!(server.seen()[0].line, "PATCH /services/rest/record/v1/invoice/7?replace=item");
}

#[tokio::test]
async fn two_entries_that_could_both_be_ours_are_never_chosen_between() {
    let book = r#"{"id":"7","addressBook":{"items":[{"id":1,"label":"Bill To"},{"id":2,"label":"Bill To"}]}}"#;
    let (netsuite, server) = netsuite(move |_, _| answer(200, book)).await;
    let mut customer = target("customer", &[]);
    customer.shared_lists = vec![("addressBook".into(), "label".into())];
    let fields = draft(&[("addressBook", Value::List(vec![entry(&[("label", Value::text("Bill To"))])]))]);
    let outcome = netsuite.update(intent(Operation::Update), &customer, "7", &fields).await;
    assert!(matches!(outcome, Answer::Refused(_)), "{outcome:?}");
    assert_eq!(server.count("PATCH"), 0);
}

#[tokio::test]
async fn a_record_that_suiteql_does_not_show_yet_is_compared_by_its_own_fields() {
    let record = r#"{"id":"11","externalId":"zuora-invoice-a","total":10.10,"tranDate":"2026-11-01","entity":{"id":"7","refName":"Acme"},
        "toBePrinted":false,"item":{"items":[{"line":1},{"line":2}],"totalResults":2}}"#;
    let (netsuite, _) =
        netsuite(move |seen, _| if seen.line.starts_with("GET") { answer(200, record) } else { rows("") }).await;
    let wanted =
        target("invoice", &["foreigntotal", "trandate", "entity", "lines", "tobeprinted", "recordtype", "memo"]);
    let found = netsuite.ask_record(&wanted, &key("a")).await.unwrap().unwrap();
    let shown: Vec<String> = found.record.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(found.id, "11");
    assert_eq!(
        shown,
        ["foreigntotal=10.10", "trandate=2026-11-01", "entity=7", "lines=2", "tobeprinted=F", "recordtype=invoice"]
    );
}

#[tokio::test]
async fn a_record_that_is_not_there_is_absent_and_one_that_cannot_be_read_is_a_problem() {
    let (connector, server) =
        netsuite(|_, _| refusal(404, "NONEXISTENT_ID", "The record instance does not exist.")).await;
    assert_eq!(connector.ask_record(&target("invoice", &[]), &key("a")).await, Ok(None));
    assert!(server.seen()[0].line.starts_with("GET /services/rest/record/v1/invoice/eid:zuora-invoice-a?"));
    let (connector, _) = netsuite(|_, _| refusal(403, "INSUFFICIENT_PERMISSION", "Permission Violation")).await;
    assert_eq!(connector.ask_record(&target("invoice", &[]), &key("a")).await.unwrap_err().cause, Cause::Permission);
}

#[tokio::test]
async fn a_record_is_asked_for_by_the_id_that_somebody_wrote_down_and_tells_whose_ids_it_carries() {
    let record = r#"{"id":"11","externalId":"LEGACY-7","custbodyzuoraid":"2c","total":10.10}"#;
    let (connector, server) =
        netsuite(move |seen, _| if seen.line.starts_with("GET") { answer(200, record) } else { rows("") }).await;
    let wanted = target("invoice", &["foreigntotal"]);
    let held = connector.by_id(&wanted, "11").await.unwrap().unwrap();
    assert_eq!((held.found.id.as_str(), held.source_id.as_str(), held.external.as_str()), ("11", "2c", "LEGACY-7"));
    assert_eq!(held.found.record.get("foreigntotal").show(), "10.10");
    let calls = server.seen().len();
    assert_eq!(connector.by_id(&wanted, "INV-11/../12").await, Ok(None));
    assert_eq!(server.seen().len(), calls, "what is no id was asked for");
}

#[tokio::test]
async fn a_list_names_no_entry_that_two_share() {
    let (netsuite, server) =
        netsuite(|_, _| rows(r#"{"id":"1","name":"Net 30"},{"id":"2","name":"Net 60"},{"id":"3","name":"Net 60"}"#))
            .await;
    let terms = netsuite.list("term").await.unwrap();
    assert_eq!(terms, [("Net 30".into(), "1".into())].into());
    assert!(server.seen()[0].body.contains("SELECT id, name FROM term WHERE isinactive = 'F' ORDER BY id"));
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

async fn logged_in_with(der: &[u8]) -> (NetSuite, Server) {
    let credentials = Credentials::ClientCredentials {
        client_id: "client".into(),
        certificate_id: "cert-1".into(),
        private_key_pem: pem(der).into(),
    };
    netsuite_with(credentials, |seen, before| match seen.line.contains("/oauth2/") {
        true => answer(200, r#"{"access_token":"jwt-secret","expires_in":"3600","token_type":"Bearer"}"#),
        false if before == 1 => refusal(401, "INVALID_LOGIN", "Invalid login attempt."),
        false => rows(""),
    })
    .await
}

#[tokio::test]
async fn a_signed_assertion_names_the_certificate_and_a_401_leads_to_one_new_login() {
    let rsa = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa: Pkcs8V1Der = rsa.as_der().unwrap();
    let curve = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let curve = curve.to_pkcs8v1().unwrap();
    for (der, algorithm) in [(rsa.as_ref(), "PS256"), (curve.as_ref(), "ES256")] {
        let (netsuite, server) = logged_in_with(der).await;
        netsuite.check().await.unwrap();
        let seen = server.seen();
        assert_eq!(seen.iter().filter(|seen| seen.line == "POST /services/rest/auth/oauth2/v1/token").count(), 2);
        let assertion = seen[0].body.rsplit("client_assertion=").next().unwrap();
        let decoded: Vec<String> = assertion
            .split('.')
            .take(2)
            .map(|part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        assert!(
            decoded[0].contains(&format!("\"alg\":\"{algorithm}\"")) && decoded[0].contains("\"kid\":\"cert-1\""),
            "{decoded:?}"
        );
        let audience = format!("\"aud\":\"{}/services/rest/auth/oauth2/v1/token\"", server.url);
        assert!(
            decoded[1].contains(&audience) && decoded[1].contains("\"scope\":[\"rest_webservices\"]"),
            "{decoded:?}"
        );
        assert_eq!(seen[3].header("authorization"), "Bearer jwt-secret");
    }
}
