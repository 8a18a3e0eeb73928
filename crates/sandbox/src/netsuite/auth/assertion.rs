//! The token endpoint's checks of a client's signed assertion.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    VerificationAlgorithm,
};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::access::{Access, Certificate, PublicKey};
use super::encode::form_pairs;
use crate::server;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SCOPES: [&str; 4] = ["restlets", "rest_webservices", "suite_analytics", "mcp"];
const LONGEST_SECONDS: i64 = 3600;
/// How far the caller's clock may be ahead.
const LEEWAY_SECONDS: i64 = 60;

/// Why the token endpoint says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Denial(&'static str);

const INVALID_REQUEST: Denial = Denial("invalid_request");
pub(super) const INVALID_CLIENT: Denial = Denial("invalid_client");
const INVALID_GRANT: Denial = Denial("invalid_grant");
const INVALID_SCOPE: Denial = Denial("invalid_scope");
const UNSUPPORTED_GRANT: Denial = Denial("unsupported_grant_type");

impl Denial {
    /// The vendor's answer.
    pub(super) fn answer(self, account: &str) -> Response {
        let status = if self == INVALID_CLIENT { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let mut response = server::json(status, &json!({ "error": self.0 }));
        if status == StatusCode::UNAUTHORIZED
            && let Ok(value) = HeaderValue::from_str(&format!(r#"Basic realm="{account}""#))
        {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        response
    }
}

/// Checks a token request and returns the scopes that it asks for.
pub(super) fn check(
    body: &[u8],
    audiences: &[String],
    access: &Access,
    certificates: &[Certificate],
    now: Timestamp,
) -> Result<Vec<String>, Denial> {
    let form = form_pairs(body);
    let value = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match value("grant_type") {
        None => return Err(INVALID_REQUEST),
        Some("client_credentials") => {}
        Some(_) => return Err(UNSUPPORTED_GRANT),
    }
    if value("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(INVALID_REQUEST);
    }
    let assertion = Assertion::read(value("client_assertion").ok_or(INVALID_REQUEST)?).ok_or(INVALID_REQUEST)?;
    assertion.is_signed(certificates)?;
    assertion.is_timely(now)?;
    assertion.is_for(access, audiences)?;
    assertion.scopes()
}

/// A JWT, read but not believed.
struct Assertion<'a> {
    head: Value,
    claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Assertion<'a> {
    fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            head: json(head)?,
            claims: json(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// RS256 is not in the vendor's list any more; the key must be of the algorithm's own kind and curve.
    fn is_signed(&self, certificates: &[Certificate]) -> Result<(), Denial> {
        let kid = self.head["kid"].as_str().ok_or(INVALID_REQUEST)?;
        let certificate = certificates.iter().find(|known| known.id == kid).ok_or(INVALID_CLIENT)?;
        let (algorithm, key): (&dyn VerificationAlgorithm, &[u8]) = match (self.head["alg"].as_str(), &certificate.key)
        {
            (Some("PS256"), PublicKey::Rsa(key)) => (&RSA_PSS_2048_8192_SHA256, key),
            (Some("PS384"), PublicKey::Rsa(key)) => (&RSA_PSS_2048_8192_SHA384, key),
            (Some("PS512"), PublicKey::Rsa(key)) => (&RSA_PSS_2048_8192_SHA512, key),
            (Some("ES256"), PublicKey::P256(key)) => (&ECDSA_P256_SHA256_FIXED, key),
            _ => return Err(INVALID_CLIENT),
        };
        algorithm.verify_sig(key, self.signed.as_bytes(), &self.signature).map_err(|_| INVALID_CLIENT)
    }

    fn is_timely(&self, now: Timestamp) -> Result<(), Denial> {
        let issued = seconds(&self.claims["iat"]).ok_or(INVALID_REQUEST)?;
        let expires = seconds(&self.claims["exp"]).ok_or(INVALID_REQUEST)?;
        let now = now.as_second();
        let timely =
            expires > now && issued <= now + LEEWAY_SECONDS && expires > issued && expires - issued <= LONGEST_SECONDS;
        if timely { Ok(()) } else { Err(INVALID_GRANT) }
    }

    fn is_for(&self, access: &Access, audiences: &[String]) -> Result<(), Denial> {
        if self.claims["iss"].as_str() != Some(&access.client_id) {
            return Err(INVALID_CLIENT);
        }
        let own = format!(
            "https://{}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token",
            access.account.to_ascii_lowercase().replace('_', "-")
        );
        let matches = |text: &str| {
            text.eq_ignore_ascii_case(&own) || audiences.iter().any(|known| known.eq_ignore_ascii_case(text))
        };
        let named = match &self.claims["aud"] {
            Value::String(text) => matches(text),
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).any(matches),
            _ => false,
        };
        if named { Ok(()) } else { Err(INVALID_GRANT) }
    }

    /// The help's sample has a list, its text a list in one string.
    fn scopes(&self) -> Result<Vec<String>, Denial> {
        let scopes: Vec<String> = match &self.claims["scope"] {
            Value::Array(scopes) => scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Value::String(text) => text.split([',', ' ']).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            _ => return Err(INVALID_SCOPE),
        };
        let known = !scopes.is_empty() && scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()));
        if known { Ok(scopes) } else { Err(INVALID_SCOPE) }
    }
}

/// Whole seconds; some libraries write them with a fraction.
fn seconds(value: &Value) -> Option<i64> {
    let text = value.as_number()?.to_string();
    text.split('.').next()?.parse().ok()
}
