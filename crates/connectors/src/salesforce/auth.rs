//! OAuth 2.0: client credentials, or a JWT bearer assertion. A session has no date of expiry: it ends when nobody used it
//! for as long as the org says, or when an administrator ends it, and then the next call is refused with 401.

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use model::problem::{Cause, Problem};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use url::form_urlencoded::{self, Serializer};

use super::{APPLICATION, Credentials, classify};
use crate::http::{Authority, Bearer, Effect, Grant, Http, Login, Request, below};
use crate::json;

const TOKEN_PATH: &str = "/services/oauth2/token";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// An assertion lives three minutes at most.
const ASSERTION_SECONDS: i64 = 120;
/// The longest session that an org can be set to.
const SESSION_SECONDS: i64 = 86_400;

/// The way of logging in that the credentials ask for. All their secrets are hidden from now on.
pub(super) fn authority(http: &Http, base: &Url, credentials: Credentials) -> Result<Box<dyn Authority>, Problem> {
    let url = below(base, TOKEN_PATH);
    let grant = match credentials {
        Credentials::ClientCredentials { client_id, client_secret } => {
            // A vendor that echoes the log-in echoes it as it was sent.
            let sent: String = form_urlencoded::byte_serialize(client_secret.expose_secret().as_bytes()).collect();
            http.conceal(&client_secret);
            http.conceal(&sent.into());
            Way::ClientCredentials { client_id, client_secret }
        }
        Credentials::JwtBearer { client_id, username, audience, private_key_pem } => {
            http.conceal(&private_key_pem);
            let key = EncodingKey::from_rsa_pem(private_key_pem.expose_secret().as_bytes()).map_err(|_| {
                let words = "the private key is no RSA key in PEM";
                Problem::new(APPLICATION, "set-up", Cause::Configuration, words)
            })?;
            Way::JwtBearer { client_id, username, audience, key }
        }
    };
    Ok(Box::new(Bearer::new(OAuth { url, way: grant })))
}

enum Way {
    ClientCredentials { client_id: String, client_secret: SecretString },
    JwtBearer { client_id: String, username: String, audience: String, key: EncodingKey },
}

struct OAuth {
    url: Url,
    way: Way,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

impl OAuth {
    fn body(&self, http: &Http) -> Result<String, Problem> {
        let mut body = Serializer::new(String::new());
        match &self.way {
            Way::ClientCredentials { client_id, client_secret } => {
                body.append_pair("grant_type", "client_credentials");
                body.append_pair("client_id", client_id).append_pair("client_secret", client_secret.expose_secret());
            }
            Way::JwtBearer { client_id, username, audience, key } => {
                let exp = http.clock().now().as_second() + ASSERTION_SECONDS;
                let claims = Claims { iss: client_id, sub: username, aud: audience, exp };
                let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, key)
                    .map_err(|_| http.problem("log-in", Cause::Configuration, "the private key does not sign"))?;
                http.conceal(&assertion.as_str().into());
                body.append_pair("grant_type", JWT_BEARER).append_pair("assertion", &assertion);
            }
        }
        Ok(body.finish())
    }
}

#[async_trait]
impl Login for OAuth {
    async fn login(&self, http: &Http) -> Result<Grant, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let (url, template, body) = (self.url.clone(), TOKEN_PATH.to_owned(), Some(self.body(http)?.into()));
        let request = Request { method: Method::POST, url, template, headers, body, effect: Effect::Read };
        let reply = http.send_login(&request).await?;
        if !reply.is_success() {
            return Err(http.redacted(classify::login_problem(&request.call(), &reply)));
        }
        // The body holds the token: it is never shown, not even when it cannot be read.
        let token: Token = json::parse(&reply.body).map_err(|_| {
            http.problem(request.call(), Cause::Authentication, "the answer to the log-in holds no access_token")
        })?;
        Ok(Grant { token: token.access_token.into(), seconds: SESSION_SECONDS })
    }
}
