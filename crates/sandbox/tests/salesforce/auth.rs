//! Who is let in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Account, NOW};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn now() -> i64 {
    NOW.parse::<jiff::Timestamp>().unwrap().as_second()
}

fn assertion(account: &Account, claims: Value) -> String {
    let key = EncodingKey::from_rsa_pem(account.access.private_key_pem.as_bytes()).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

fn claims(account: &Account) -> Value {
    json!({
        "iss": account.access.client_id, "sub": account.access.username,
        "aud": "https://login.salesforce.com", "exp": now() + 120,
    })
}

async fn works(account: &Account, token: &str) -> bool {
    let session = format!("Bearer {token}");
    let answer = account.send(Method::GET, "/services/data/v66.0/limits", &[("authorization", &session)], None).await;
    answer.status == 200
}

#[tokio::test]
async fn an_app_logs_in_as_itself_with_its_secret_in_the_body_or_in_the_header() {
    let account = Account::open().await;
    let access = &account.access;
    let secret = STANDARD.encode(format!("{}:{}", access.client_id, access.client_secret));
    let basic = format!("Basic {secret}");
    let headers = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let body = Some("grant_type=client_credentials".to_owned());
    let granted = account.send(Method::POST, "/services/oauth2/token", &headers, body).await;
    assert_eq!(granted.status, 200, "{granted:?}");
    assert!(works(&account, granted.body["access_token"].as_str().unwrap()).await);
    assert_eq!(granted.body["instance_url"], access.url.as_str());
    assert_eq!(granted.body["token_type"], "Bearer");
    assert!(granted.body["issued_at"].is_string() && granted.body.get("expires_in").is_none());
    assert!(granted.body.get("refresh_token").is_none());
    assert!(works(&account, &account.log_in().await).await);
    let in_the_address = format!(
        "/services/oauth2/token?grant_type=client_credentials&client_id={}&client_secret={}",
        access.client_id, access.client_secret
    );
    assert_eq!(account.send(Method::POST, &in_the_address, &[], None).await.status, 200);
}

#[tokio::test]
async fn a_signed_assertion_is_taken_with_exp_as_number_text_or_milliseconds() {
    let account = Account::open().await;
    for (exp, aud) in [
        (json!(now() + 120), "https://login.salesforce.com"),
        (json!((now() + 120).to_string()), "https://test.salesforce.com/"),
        (json!((now() + 120) * 1000), account.access.url.as_str()),
    ] {
        let mut claims = claims(&account);
        (claims["exp"], claims["aud"]) = (exp, json!(aud));
        let token = assertion(&account, claims);
        let granted = account.grant(&[("grant_type", JWT_BEARER), ("assertion", &token)]).await;
        assert_eq!(granted.status, 200, "{granted:?}");
        assert!(works(&account, granted.body["access_token"].as_str().unwrap()).await);
    }
}

#[tokio::test]
async fn an_assertion_is_refused_for_its_signature_audience_time_issuer_or_subject() {
    let account = Account::open().await;
    let with = |name: &str, value: Value| {
        let mut claims = claims(&account);
        claims[name] = value;
        assertion(&account, claims)
    };
    let whole = assertion(&account, claims(&account));
    let forged = format!("{}AAAA", &whole[..whole.len() - 4]);
    for (token, error, description) in [
        (forged, "invalid_grant", "invalid assertion"),
        (with("aud", json!("https://example.com")), "invalid_grant", "Audience validation failed"),
        (with("exp", json!(now() - 1)), "invalid_grant", "expired authorization code"),
        (with("exp", json!(now() + 4000)), "invalid_grant", "expired authorization code"),
        (with("iss", json!("somebody")), "invalid_client_id", "client identifier invalid"),
        (with("sub", json!("nobody@example.com")), "invalid_grant", "user hasn't approved this consumer"),
    ] {
        let refused = account.grant(&[("grant_type", JWT_BEARER), ("assertion", &token)]).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.body, json!({ "error": error, "error_description": description }));
    }
}

#[tokio::test]
async fn a_refresh_token_and_a_password_lead_to_a_session() {
    let account = Account::open().await;
    let access = &account.access;
    let refresh =
        [("grant_type", "refresh_token"), ("client_id", &access.client_id), ("refresh_token", &access.refresh_token)];
    assert_eq!(account.grant(&refresh).await.status, 200);
    let password = format!("{}{}", access.password, access.security_token);
    let form = [
        ("grant_type", "password"),
        ("client_id", &access.client_id),
        ("client_secret", &access.client_secret),
        ("username", &access.username),
        ("password", &password),
    ];
    assert_eq!(account.grant(&form).await.status, 200);
    account.set(json!({ "password_valid": false, "refresh_token_valid": false })).await;
    assert_eq!(account.grant(&form).await.body["error_description"], "authentication failure");
    assert_eq!(account.grant(&refresh).await.body["error_description"], "expired access/refresh token");
}

#[tokio::test]
async fn each_wrong_login_has_the_error_that_tells_what_is_wrong() {
    let account = Account::open().await;
    let (id, secret) = (account.access.client_id.as_str(), account.access.client_secret.as_str());
    let own = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    for (form, error) in [
        (vec![("client_id", id)], "invalid_request"),
        (vec![("grant_type", "magic"), ("client_id", id)], "unsupported_grant_type"),
        (vec![own[0], ("client_id", "x"), own[2]], "invalid_client_id"),
        (vec![own[0], own[1], ("client_secret", "x")], "invalid_client"),
        (vec![own[0], own[1]], "invalid_request"),
    ] {
        let refused = account.grant(&form).await;
        assert_eq!((refused.status.as_u16(), refused.body["error"].as_str().unwrap()), (400, error));
    }
    for (setting, error) in [
        (json!({ "client_secret_valid": false }), "invalid_client"),
        (json!({ "client_secret_valid": true, "client_credentials_user": false }), "invalid_grant"),
        (json!({ "client_credentials_user": true, "user_active": false }), "invalid_grant"),
    ] {
        account.set(setting).await;
        assert_eq!(account.grant(&own).await.body["error"], error);
    }
}

#[tokio::test]
async fn the_soap_login_gives_a_session_and_its_server() {
    let account = Account::open().await;
    let access = &account.access;
    let envelope = |password: &str| {
        format!(
            "<env:Envelope xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\"><env:Body><n1:login xmlns:n1=\"urn:partner.soap.sforce.com\"><n1:username>{}</n1:username><n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>",
            access.username
        )
    };
    let headers = [("content-type", "text/xml"), ("soapaction", "login")];
    let right = envelope(&format!("{}{}", access.password, access.security_token));
    let answer = account.send(Method::POST, "/services/Soap/u/59.0", &headers, Some(right)).await;
    assert_eq!(answer.status, 200);
    let text = |name: &str| {
        let rest = answer.text.split(&format!("<{name}>")).nth(1).unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    assert!(works(&account, &text("sessionId")).await);
    assert!(text("serverUrl").starts_with(&format!("{}/services/Soap/u/59.0/00D", access.url)));
    assert_eq!(text("organizationId"), access.organization_id);
    let wrong = account.send(Method::POST, "/services/Soap/u/59.0", &headers, Some(envelope("x"))).await;
    assert_eq!(wrong.status, 500);
    assert!(wrong.text.contains("<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>"));
}

#[tokio::test]
async fn a_session_ends_by_time_by_revocation_and_with_its_user() {
    let account = Account::with(json!({ "session_minutes": 15 })).await;
    account.clock.advance(14 * 60);
    assert_eq!(account.get("/limits").await.status, 200);
    account.clock.advance(14 * 60);
    assert_eq!(account.get("/limits").await.status, 200, "a call keeps its session alive");
    account.clock.advance(15 * 60);
    let over = account.get("/limits").await;
    assert_eq!(over.refusal(), (401, "INVALID_SESSION_ID"));
    assert_eq!(over.body, json!([{ "message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID" }]));
    assert_eq!(over.header("www-authenticate"), "Token");

    let token = account.log_in().await;
    let path = format!("/services/oauth2/revoke?token={}", token.replace('!', "%21"));
    assert_eq!(account.send(Method::POST, &path, &[], None).await.status, 200);
    assert!(!works(&account, &token).await);

    let token = account.log_in().await;
    account.set(json!({ "user_active": false })).await;
    assert!(!works(&account, &token).await);
}

#[tokio::test]
async fn whoever_has_a_session_is_told_whose_it_is() {
    let account = Account::open().await;
    let session = format!("OAuth {}", account.token);
    let headers = [("authorization", session.as_str())];
    let told = account.send(Method::GET, "/services/oauth2/userinfo", &headers, None).await;
    assert_eq!(told.body["organization_id"], account.access.organization_id.as_str());
    let path = format!("/id/{}/{}", account.access.organization_id, account.access.user_id);
    let told = account.send(Method::GET, &path, &headers, None).await;
    assert_eq!(told.body["username"], account.access.username.as_str());
    let by_parameter = format!("{path}?format=json&oauth_token={}", account.token.replace('!', "%21"));
    assert_eq!(account.send(Method::GET, &by_parameter, &[], None).await.status, 200);
    assert_eq!(account.send(Method::GET, &path, &[], None).await.status, 403);
}
