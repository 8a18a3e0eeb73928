//! Sessions: who was let in, and until when.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;

use super::access::letters;
use crate::salesforce::id::Id;

/// The sessions that were given out.
#[derive(Debug)]
pub(super) struct Sessions {
    rng: ChaCha8Rng,
    organization: Id,
    /// When each was used last, in seconds.
    alive: HashMap<String, i64>,
    revoked: HashSet<String>,
}

impl Sessions {
    pub(super) fn new(rng: ChaCha8Rng, organization: Id) -> Self {
        Self { rng, organization, alive: HashMap::new(), revoked: HashSet::new() }
    }

    /// Gives a session out.
    pub(super) fn begin(&mut self, now: Timestamp) -> String {
        let token = format!("{}!{}", self.organization.short(), letters(&mut self.rng, 96));
        self.alive.insert(token.clone(), now.as_second());
        token
    }

    /// Whether a session is not over; if so it lives on.
    pub(super) fn is_alive(&mut self, token: &str, minutes: i64, now: Timestamp) -> bool {
        let Some(used) = self.alive.get_mut(token) else { return false };
        if now.as_second() - *used >= minutes.saturating_mul(60) {
            self.alive.remove(token);
            return false;
        }
        *used = now.as_second();
        true
    }

    /// Ends a session.
    pub(super) fn end(&mut self, token: &str) {
        self.alive.remove(token);
    }

    /// Whether a refresh token was taken back.
    pub(super) fn is_revoked(&self, token: &str) -> bool {
        self.revoked.contains(token)
    }

    /// Ends a session or takes a refresh token back.
    pub(super) fn revoke(&mut self, token: &str) -> bool {
        self.alive.remove(token).is_some() || (token.starts_with("5Aep") && self.revoked.insert(token.to_owned()))
    }
}
