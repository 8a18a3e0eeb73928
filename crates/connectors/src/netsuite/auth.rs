//! OAuth 2.0 client credentials with a signed assertion, and token-based authentication (OAuth 1.0a).

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use model::problem::{Cause, Problem};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{APPLICATION, Credentials, classify};
use crate::http::{Authority, Bearer, Effect, Entry, Grant, Http, Login, Request, below};
use crate::json;

const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";
/// What NetSuite grants when it does not say.
const USUAL_SECONDS: i64 = 3600;
/// An assertion may live for an hour; ours is used at once.
const ASSERTION_SECONDS: i64 = 300;

/// The way of signing that the credentials ask for. All their secrets are hidden from now on.
pub(super) fn authority(
    http: &Http,
    base: &Url,
    account: &str,
    credentials: Credentials,
) -> Result<Box<dyn Authority>, Problem> {
    match credentials {
        Credentials::ClientCredentials { client_id, certificate_id, private_key_pem } => {
            http.conceal(&private_key_pem);
            let assertion = Assertion::new(base, client_id, certificate_id, &private_key_pem)?;
            Ok(Box::new(Bearer::new(assertion)))
        }
        Credentials::TokenBased { consumer_key, consumer_secret, token_id, token_secret } => {
            http.conceal(&consumer_secret);
            http.conceal(&token_secret);
            let realm = account.trim().to_uppercase().replace('-', "_");
            Ok(Box::new(TokenBased { realm, consumer_key, consumer_secret, token_id, token_secret }))
        }
    }
}

/// The client credentials flow: a JWT that the certificate's key signs stands in for a client secret.
struct Assertion {
    url: Url,
    client_id: String,
    header: Header,
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: [&'static str; 1],
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

#[derive(Deserialize)]
struct Token<'a> {
    access_token: String,
    /// A number in the sample, a text in some answers.
    #[serde(borrow)]
    expires_in: Option<&'a serde_json::value::RawValue>,
}

impl Assertion {
    fn new(base: &Url, client_id: String, certificate_id: String, pem: &SecretString) -> Result<Self, Problem> {
        let pem = pem.expose_secret().as_bytes();
        let keys =
            [(Algorithm::PS256, EncodingKey::from_rsa_pem(pem)), (Algorithm::ES256, EncodingKey::from_ec_pem(pem))];
        let key = keys.into_iter().find_map(|(algorithm, key)| Some((algorithm, key.ok()?)));
        let Some((algorithm, key)) = key else {
            return Err(unusable("it is neither RSA nor elliptic, or not in PEM (PKCS #8)"));
        };
        let header = Header { kid: Some(certificate_id), ..Header::new(algorithm) };
        let assertion = Self { url: below(base, TOKEN_PATH), client_id, header, key };
        // A key of another curve shows only when it signs: better now than at the log-in. (With RSA a signature takes ten
        // milliseconds, and there is no curve to get wrong.)
        if algorithm == Algorithm::ES256 {
            assertion
                .sign(0, String::new())
                .map_err(|_| unusable("of the elliptic keys NetSuite takes curve P-256"))?;
        }
        Ok(assertion)
    }

    fn sign(&self, now: i64, unique: String) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: &self.client_id,
            scope: ["rest_webservices"],
            aud: self.url.as_str(),
            iat: now,
            exp: now + ASSERTION_SECONDS,
            jti: unique,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key)
    }

    fn request(&self, assertion: &str) -> Request {
        let body = Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", assertion)
            .finish();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let (url, template) = (self.url.clone(), TOKEN_PATH.to_owned());
        Request { method: Method::POST, url, template, headers, body: Some(body.into()), effect: Effect::Read }
    }
}

fn unusable(why: &str) -> Problem {
    Problem::new(APPLICATION, "set-up", Cause::Configuration, format!("the private key cannot be used: {why}"))
}

#[async_trait]
impl Login for Assertion {
    async fn login(&self, http: &Http) -> Result<Grant, Problem> {
        let assertion = self.sign(http.clock().now().as_second(), http.entropy().token()).map_err(|error| {
            http.problem("set-up", Cause::Configuration, format!("the assertion cannot be signed: {error}"))
        })?;
        let request = self.request(&assertion);
        http.conceal(&assertion.into());
        let reply = http.send_login(&request).await?;
        if !reply.is_success() {
            let problem = http.redacted(classify::login_problem(&request.call(), &reply));
            return Err(http.with_clock(problem, &reply));
        }
        // The body holds the token: it is never shown, not even when it cannot be read.
        let token: Token = json::parse(&reply.body).map_err(|_| {
            http.problem(request.call(), Cause::Authentication, "the answer to the log-in holds no access_token")
        })?;
        let seconds =
            token.expires_in.and_then(|raw| raw.get().trim_matches('"').parse().ok()).unwrap_or(USUAL_SECONDS);
        Ok(Grant { token: token.access_token.into(), seconds })
    }
}

/// OAuth 1.0a with HMAC-SHA256: every request is signed by itself, over method, address and query.
struct TokenBased {
    realm: String,
    consumer_key: String,
    consumer_secret: SecretString,
    token_id: String,
    token_secret: SecretString,
}

#[async_trait]
impl Authority for TokenBased {
    async fn sign(&self, http: &Http, request: &Request, _: Entry) -> Result<HeaderValue, Problem> {
        let text =
            self.header(request.method.as_str(), &request.url, &http.entropy().token(), http.clock().now().as_second());
        let header = text.and_then(|text| HeaderValue::from_str(&text).ok());
        let mut header = header.ok_or_else(|| {
            http.problem(request.call(), Cause::Configuration, "the credentials hold characters that no header can")
        })?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// Nothing is held: the next header has a new nonce and the present time.
    async fn refused(&self, _: &HeaderValue) {}

    /// The Login Audit Trail lists each, and the fifth bad one locks the user for half an hour.
    fn logs_in_with_each_call(&self) -> bool {
        true
    }
}

/// RFC 3986: all but letters, digits and `-._~`.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, &ENCODED).to_string()
}

impl TokenBased {
    fn header(&self, method: &str, url: &Url, nonce: &str, timestamp: i64) -> Option<String> {
        let parameters = [
            ("oauth_consumer_key", self.consumer_key.clone()),
            ("oauth_nonce", nonce.to_owned()),
            ("oauth_signature_method", "HMAC-SHA256".to_owned()),
            ("oauth_timestamp", timestamp.to_string()),
            ("oauth_token", self.token_id.clone()),
            ("oauth_version", "1.0".to_owned()),
        ];
        let signature = encoded(&self.signature(method, url, &parameters)?);
        let listed: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{name}=\"{}\"", encoded(value))).collect();
        Some(format!("OAuth realm=\"{}\", {}, oauth_signature=\"{signature}\"", self.realm, listed.join(", ")))
    }

    fn signature(&self, method: &str, url: &Url, parameters: &[(&str, String)]) -> Option<String> {
        let mut pairs: Vec<(String, String)> =
            parameters.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
        pairs.extend(url.query_pairs().map(|(name, value)| (encoded(&name), encoded(&value))));
        pairs.sort();
        let joined: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let address = format!("{}{}", url.origin().ascii_serialization(), url.path());
        let base = format!("{}&{}&{}", method.to_uppercase(), encoded(&address), encoded(&joined.join("&")));
        let key =
            format!("{}&{}", encoded(self.consumer_secret.expose_secret()), encoded(self.token_secret.expose_secret()));
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
        mac.update(base.as_bytes());
        Some(STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "fjaLirsIcCGVZWzBX0pg";

    fn oracles_sample() -> TokenBased {
        TokenBased {
            realm: "123456".into(),
            consumer_key: "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4".into(),
            consumer_secret: "d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5".into(),
            token_id: "2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc".into(),
            token_secret: "c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295".into(),
        }
    }

    fn signed(method: &str, url: &str) -> String {
        oracles_sample().header(method, &Url::parse(url).unwrap(), NONCE, 1_508_242_306).unwrap()
    }

    #[test]
    fn oracles_published_signatures_come_out() {
        let read = signed("GET", "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40");
        assert!(read.contains(&encoded("B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=")), "{read}");
        let restlet = "https://123456.restlets.api.netsuite.com/app/site/hosting/restlet.nl";
        let query = "script=6&deploy=1&customParam=someValue&testParam=someOtherValue";
        let write = signed("POST", &format!("{restlet}?{query}"));
        assert!(write.contains(&encoded("+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ=")), "{write}");
    }

    #[test]
    fn a_header_names_the_realm_first_and_signs_every_parameter_that_it_lists() {
        let header = signed("GET", "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40");
        assert!(header.starts_with("OAuth realm=\"123456\", "));
        for name in ["consumer_key", "nonce", "signature_method", "timestamp", "token", "version", "signature"] {
            assert!(header.contains(&format!("oauth_{name}=\"")), "{name}");
        }
    }

    #[test]
    fn a_text_that_is_no_key_is_refused_without_being_shown() {
        let base = Url::parse("https://1.suitetalk.api.netsuite.com").unwrap();
        let pem = SecretString::from("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
        let problem = Assertion::new(&base, "c".into(), "k".into(), &pem).err().unwrap();
        assert!(!problem.to_string().contains("c2VjcmV0"));
        assert_eq!(problem.cause, Cause::Configuration);
    }
}
