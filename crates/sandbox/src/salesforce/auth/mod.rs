//! Who is let in: the connected app, its user, and the sessions that were given out.

mod access;
mod grant;
mod identity;
mod jwt;
mod session;
mod soap;

use std::sync::Mutex;

use http::header::AUTHORIZATION;
use http::{HeaderMap, request};
use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub use access::Access;
pub(crate) use grant::token;
pub(crate) use identity::{identity, userinfo};
pub(crate) use soap::login;

use super::SetUpError;
use super::id::Id;
use super::settings::Settings;
use crate::clock::lock;
use session::Sessions;

/// The address where sessions are given out.
pub(crate) const TOKEN_PATH: &str = "/services/oauth2/token";

/// What the org remembers of its callers.
#[derive(Debug)]
pub(crate) struct Gate {
    access: Access,
    public_key: Vec<u8>,
    user: Id,
    organization: Id,
    sessions: Mutex<Sessions>,
}

impl Gate {
    /// A gate for one connected app and its integration user.
    pub(crate) fn new(rng: &mut ChaCha8Rng, instance: [u8; 3]) -> Result<Self, SetUpError> {
        let user = Id::new(*b"005", instance, u64::from(rng.next_u32() % 100_000) + 1);
        let organization = Id::new(*b"00D", instance, u64::from(rng.next_u32()));
        let (access, public_key) = Access::generate(rng, organization, user)?;
        let sessions = Sessions::new(ChaCha8Rng::seed_from_u64(rng.next_u64()), organization);
        Ok(Self { access, public_key, user, organization, sessions: Mutex::new(sessions) })
    }

    /// The same gate, through which nobody has come yet.
    pub(crate) fn anew(&self) -> Self {
        let sessions = Sessions::new(ChaCha8Rng::seed_from_u64(0), self.organization);
        Self {
            access: self.access.clone(),
            public_key: self.public_key.clone(),
            user: self.user,
            organization: self.organization,
            sessions: Mutex::new(sessions),
        }
    }

    /// What a caller needs to be let in.
    pub(crate) fn access(&self, url: &str) -> Access {
        Access { url: url.to_owned(), ..self.access.clone() }
    }

    /// The integration user.
    pub(crate) fn user(&self) -> Id {
        self.user
    }

    /// Whether a call carries a session that is not over. A call keeps its session alive.
    pub(crate) fn admits(&self, headers: &HeaderMap, settings: &Settings, now: Timestamp) -> bool {
        let Some(token) = bearer(headers) else { return false };
        settings.user_active && lock(&self.sessions).is_alive(token, settings.session_minutes, now)
    }

    /// Ends the session of a call; answers whether it carries one.
    pub(crate) fn expire(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|token| {
            lock(&self.sessions).end(token);
            true
        })
    }

    /// Ends a session, or takes a refresh token back; answers whether there was one.
    pub(crate) fn revoke(&self, token: &str) -> bool {
        lock(&self.sessions).revoke(token)
    }
}

/// The session of a call.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("Bearer") || scheme.eq_ignore_ascii_case("OAuth");
    known.then_some(token.trim())
}

/// Scheme and host as the caller knows them: what the vendor's `instance_url` is.
pub(crate) fn origin(parts: &request::Parts) -> String {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let host = header("host").or_else(|| parts.uri.host()).unwrap_or_default();
    format!("{}://{host}", header("x-forwarded-proto").unwrap_or("http"))
}
