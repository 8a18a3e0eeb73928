//! Idempotency keys: the first answer to a key, good or bad, is the answer to it for a day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::clock::lock;

/// The longest key.
pub(crate) const LONGEST_KEY: usize = 254;
/// Seconds that an answer is kept.
const LIFETIME: i64 = 24 * 3600;

/// The keys that were used.
#[derive(Debug, Default)]
pub(crate) struct Keys(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Debug)]
struct Entry {
    what: String,
    since: i64,
    kept: Option<Arc<Kept>>,
}

/// An answer that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// What becomes of a call with a key.
pub(crate) enum Claim {
    /// The key is new: execute the call and keep its answer.
    Yours(Claimed),
    /// The call was answered before.
    Replay(Arc<Kept>),
    /// The call is being executed.
    InProgress,
    /// The key belongs to another method or address.
    OtherUse,
}

/// A claim to a key. If it is dropped before an answer is kept, the key is free again.
pub(crate) struct Claimed {
    keys: Arc<Mutex<HashMap<String, Entry>>>,
    key: String,
}

impl Keys {
    /// Claims a key for a call.
    pub(crate) fn claim(&self, key: &str, what: &str, now: i64) -> Claim {
        let mut keys = lock(&self.0);
        if keys.get(key).is_some_and(|entry| entry.since + LIFETIME <= now) {
            keys.remove(key);
        }
        match keys.get(key) {
            Some(entry) if entry.what != what => Claim::OtherUse,
            Some(Entry { kept: Some(kept), .. }) => Claim::Replay(Arc::clone(kept)),
            Some(_) => Claim::InProgress,
            None => {
                keys.insert(key.to_owned(), Entry { what: what.to_owned(), since: now, kept: None });
                Claim::Yours(Claimed { keys: Arc::clone(&self.0), key: key.to_owned() })
            }
        }
    }
}

impl Claimed {
    /// Keeps an answer, and passes it on.
    pub(crate) async fn keep(self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let kept = Arc::new(Kept { status: parts.status, headers: parts.headers, body });
        if let Some(entry) = lock(&self.keys).get_mut(&self.key) {
            entry.kept = Some(Arc::clone(&kept));
        }
        kept.response()
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        let mut keys = lock(&self.keys);
        if keys.get(&self.key).is_some_and(|entry| entry.kept.is_none()) {
            keys.remove(&self.key);
        }
    }
}

impl Kept {
    /// The answer again.
    pub(crate) fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_for_a_day_and_for_one_address() {
        let keys = Keys::default();
        let Claim::Yours(_held) = keys.claim("k", "POST /a", 0) else { panic!("the key is new") };
        assert!(matches!(keys.claim("k", "POST /a", 1), Claim::InProgress));
        assert!(matches!(keys.claim("k", "POST /b", 1), Claim::OtherUse));
        assert!(matches!(keys.claim("k", "POST /a", LIFETIME), Claim::Yours(_)));
    }

    #[test]
    fn a_claim_without_an_answer_frees_its_key() {
        let keys = Keys::default();
        drop(keys.claim("k", "POST /a", 0));
        assert!(matches!(keys.claim("k", "POST /a", 1), Claim::Yours(_)));
    }
}
