//! Access tokens: who was let in, and until when.

use std::collections::HashMap;

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;

use super::access::Access;
use crate::server;

/// How long a token lasts; there is no refresh token.
const LIFETIME_SECONDS: i64 = 3600;

/// The tokens that were handed out.
#[derive(Debug)]
pub(super) struct Tokens {
    issued: HashMap<String, Issued>,
    rng: ChaCha8Rng,
}

#[derive(Debug)]
struct Issued {
    expires: i64,
    covers_rest: bool,
}

impl Tokens {
    pub(super) fn new(seed: u64) -> Self {
        Self { issued: HashMap::new(), rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Whether a token is known, still lives and covers the REST services.
    pub(super) fn is_valid(&self, token: &str, now: Timestamp) -> bool {
        self.issued.get(token).is_some_and(|issued| issued.covers_rest && now.as_second() < issued.expires)
    }

    /// Forgets a token.
    pub(super) fn revoke(&mut self, token: &str) {
        self.issued.remove(token);
    }

    /// Hands out a token.
    pub(super) fn issue(&mut self, access: &Access, scopes: &[String], now: Timestamp) -> Response {
        let second = now.as_second();
        self.issued.retain(|_, issued| second < issued.expires);
        let token = self.draw(access, scopes, second);
        let covers_rest = scopes.iter().any(|scope| scope == "rest_webservices");
        self.issued.insert(token.clone(), Issued { expires: second + LIFETIME_SECONDS, covers_rest });
        let body = json!({ "access_token": token, "expires_in": LIFETIME_SECONDS, "token_type": "Bearer" });
        let mut response = server::json(StatusCode::OK, &body);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// A token has the form of the vendor's own: a JWT. Its signature is noise, since only the account reads it.
    fn draw(&mut self, access: &Access, scopes: &[String], second: i64) -> String {
        let mut noise = [0_u8; 256];
        self.rng.fill_bytes(&mut noise);
        let head = json!({ "kid": "s.SYSTEM.2026_1", "typ": "JWT", "alg": "PS256" });
        let claims = json!({
            "sub": "1000;5",
            "aud": [format!("1;{}", access.account), access.client_id],
            "scope": scopes,
            "iss": "https://system.netsuite.com",
            "oit": second,
            "iat": second,
            "exp": second + LIFETIME_SECONDS,
            "jti": format!("{}.{}", access.account.to_ascii_lowercase(), URL_SAFE_NO_PAD.encode(&noise[..9])),
        });
        [head.to_string().as_bytes(), claims.to_string().as_bytes(), &noise]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".")
    }
}
