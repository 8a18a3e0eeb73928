//! Who is let in.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Account, Answer};

const TOKEN: &str = "/services/rest/auth/oauth2/v1/token";
const TIME: &str = "/services/rest/system/v1/serverTime";

fn claims(account: &Account) -> Value {
    let now = account.now().as_second();
    json!({ "iss": account.access.client_id, "scope": ["rest_webservices"], "aud": account.url(TOKEN), "iat": now, "exp": now + 3600 })
}

fn assertion(account: &Account, algorithm: Algorithm, claims: &Value) -> String {
    let access = &account.access;
    let (kid, key) = match algorithm {
        Algorithm::ES256 => (&access.ec_certificate_id, EncodingKey::from_ec_pem(access.ec_private_key_pem.as_bytes())),
        _ => (&access.certificate_id, EncodingKey::from_rsa_pem(access.private_key_pem.as_bytes())),
    };
    let header = Header { kid: Some(kid.clone()), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, &key.unwrap()).unwrap()
}

async fn token(account: &Account, assertion: &str) -> Answer {
    let form = format!(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
    );
    account.send(Method::POST, TOKEN, "", &[("content-type", "application/x-www-form-urlencoded")], Some(form)).await
}

/// A token that opens the account.
pub(crate) async fn bearer(account: &Account) -> String {
    let granted = token(account, &assertion(account, Algorithm::ES256, &claims(account))).await;
    format!("Bearer {}", granted.body["access_token"].as_str().unwrap())
}

pub(crate) async fn time_with(account: &Account, authorization: &str) -> Answer {
    account.send(Method::GET, TIME, authorization, &[], None).await
}

#[tokio::test]
async fn a_signed_assertion_buys_a_token_that_opens_the_account_for_an_hour() {
    let account = Account::open().await;
    for algorithm in [Algorithm::PS256, Algorithm::PS512, Algorithm::ES256] {
        let granted = token(&account, &assertion(&account, algorithm, &claims(&account))).await;
        assert_eq!(granted.status, 200, "{granted:?}");
        assert_eq!(
            (granted.body["expires_in"].as_i64(), granted.body["token_type"].as_str()),
            (Some(3600), Some("Bearer"))
        );
        let bearer = format!("Bearer {}", granted.body["access_token"].as_str().unwrap());
        assert_eq!(time_with(&account, &bearer).await.status, 200);
        account.clock.advance(3600);
        assert_eq!(time_with(&account, &bearer).await.status, 401);
    }
}

#[tokio::test]
async fn the_token_endpoint_checks_algorithm_key_audience_issuer_lifetime_and_scope() {
    let account = Account::open().await;
    let with = |name: &str, value: Value| {
        let mut changed = claims(&account);
        changed[name] = value;
        assertion(&account, Algorithm::PS256, &changed)
    };
    let now = account.now().as_second();
    let cases = [
        (assertion(&account, Algorithm::RS256, &claims(&account)), 401, "invalid_client"),
        (with("iss", json!("somebody")), 401, "invalid_client"),
        (with("aud", json!("https://elsewhere.example/token")), 400, "invalid_grant"),
        (with("exp", json!(now + 3601)), 400, "invalid_grant"),
        (with("iat", json!(now - 4000)), 400, "invalid_grant"),
        (with("scope", json!(["everything"])), 400, "invalid_scope"),
        ("not-a-token".to_owned(), 400, "invalid_request"),
    ];
    for (assertion, status, error) in cases {
        let refused = token(&account, &assertion).await;
        assert_eq!((refused.status.as_u16(), refused.body["error"].as_str()), (status, Some(error)));
    }
    assert_eq!(token(&account, &with("scope", json!("restlets,rest_webservices"))).await.status, 200);
}

#[tokio::test]
async fn a_tampered_assertion_is_refused() {
    let account = Account::open().await;
    let good = assertion(&account, Algorithm::PS256, &claims(&account));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let flipped: String = signature.chars().rev().collect();
    assert_eq!(token(&account, &format!("{signed}.{flipped}")).await.status, 401);
}

#[tokio::test]
async fn a_token_for_restlets_alone_does_not_open_the_records() {
    let account = Account::open().await;
    let mut narrow = claims(&account);
    narrow["scope"] = json!(["restlets"]);
    let granted = token(&account, &assertion(&account, Algorithm::PS256, &narrow)).await;
    let bearer = format!("Bearer {}", granted.body["access_token"].as_str().unwrap());
    assert_eq!(time_with(&account, &bearer).await.status, 401);
}

#[tokio::test]
async fn the_refusal_of_a_caller_never_says_why() {
    let account = Account::open().await;
    let refused = time_with(&account, "Bearer nonsense").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (401, "INVALID_LOGIN"));
    assert!(refused.headers["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\""));
    assert_eq!(time_with(&account, "").await.detail(), refused.detail());
}

#[tokio::test]
async fn a_signature_works_once_and_only_within_five_minutes() {
    let account = Account::open().await;
    let second = account.now().as_second();
    let signed = account.sign("GET", TIME, "nonce-one", second);
    assert_eq!(time_with(&account, &signed).await.status, 200);
    assert_eq!(time_with(&account, &signed).await.status, 401);
    assert_eq!(time_with(&account, &account.sign("GET", TIME, "nonce-two", second - 301)).await.status, 401);
    assert_eq!(time_with(&account, &account.sign("GET", TIME, "tiny", second)).await.status, 401);
    assert_eq!(time_with(&account, &account.sign("POST", TIME, "nonce-three", second)).await.status, 401);
    assert_eq!(
        time_with(&account, &account.sign("GET", TIME, "nonce-four", second).replace(&account.access.account, "OTHER"))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn the_query_belongs_to_the_text_signed() {
    let account = Account::open().await;
    let path = "/services/rest/record/v1/customer?limit=5&q=companyName%20IS%20%22A%20B%22";
    assert_eq!(account.call(Method::GET, path, &[], None).await.status, 200);
    let signed = account.sign("GET", "/services/rest/record/v1/customer?limit=6", "nonce-x", account.now().as_second());
    assert_eq!(account.send(Method::GET, path, &signed, &[], None).await.status, 401);
}
