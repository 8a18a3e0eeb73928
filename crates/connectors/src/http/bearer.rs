//! A bearer token: got once for all who wait for it, renewed before it expires, thrown away when it is refused.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use model::problem::Problem;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::gate::Sign;
use super::{Authority, Entry, Http, Request};
use model::problem::Cause;

/// A token is renewed this long before it expires: longer than a request may take.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// What a log-in gives.
pub(crate) struct Grant {
    /// The token.
    pub(crate) token: SecretString,
    /// For how many seconds it is good.
    pub(crate) seconds: i64,
}

/// A way to log in.
#[async_trait]
pub(crate) trait Login: Send + Sync {
    /// Logs in.
    async fn login(&self, http: &Http) -> Result<Grant, Problem>;
}

struct Held {
    header: HeaderValue,
    until: Timestamp,
}

/// Signs with a bearer token.
pub(crate) struct Bearer<L> {
    login: L,
    held: Mutex<Option<Held>>,
}

impl<L: Login> Bearer<L> {
    /// Nothing is held yet; the first request logs in.
    pub(crate) fn new(login: L) -> Self {
        Self { login, held: Mutex::new(None) }
    }

    /// The way.
    pub(crate) fn login(&self) -> &L {
        &self.login
    }
}

/// What a log-in that failed says of the application. It was repeated already where that could help.
fn sign_of(problem: &Problem) -> Option<Sign> {
    match problem.cause {
        // Nothing but a person can mend it.
        Cause::Authentication | Cause::Configuration | Cause::Permission | Cause::Validation => {
            Some(Sign::Refused(problem.clone()))
        }
        // Nobody gets in, so nobody else need try.
        Cause::Connectivity | Cause::Firewall | Cause::Timeout | Cause::Overload => Some(Sign::Shut(problem.clone())),
        // Each such answer was a sign of its own.
        Cause::Maintenance | Cause::ApiLimit => None,
    }
}

#[async_trait]
impl<L: Login> Authority for Bearer<L> {
    async fn sign(&self, http: &Http, request: &Request, entry: Entry) -> Result<HeaderValue, Problem> {
        // Held over the log-in: a hundred requests that find the token expired log in once.
        let mut held = self.held.lock().await;
        if let Some(token) = held.as_ref().filter(|token| http.clock().now() < token.until) {
            return Ok(token.header.clone());
        }
        // Who stood behind a log-in that closed the gate does not try it again.
        if let (Entry::Open, Some(problem)) = (entry, http.gate.closed()) {
            return Err(problem.for_all());
        }
        let grant = self.login.login(http).await.inspect_err(|problem| {
            sign_of(problem).into_iter().for_each(|sign| http.note(sign));
        })?;
        http.conceal(&grant.token);
        let text = format!("Bearer {}", grant.token.expose_secret());
        let mut header = HeaderValue::from_str(&text).map_err(|_| {
            http.problem(request.call(), Cause::Authentication, "the token holds characters that no header can")
        })?;
        header.set_sensitive(true);
        // A short-lived token is used for the first half of its life rather than asked for on every call.
        let life = SignedDuration::from_secs(grant.seconds.clamp(0, 86_400));
        let until = http.clock().now() + if life > MARGIN * 2 { life - MARGIN } else { life / 2 };
        *held = Some(Held { header: header.clone(), until });
        Ok(header)
    }

    async fn refused(&self, header: &HeaderValue) {
        let mut held = self.held.lock().await;
        // Another request may have renewed it in the meantime.
        if held.as_ref().is_some_and(|token| token.header == *header) {
            *held = None;
        }
    }
}
