//! The emulators without sockets, and what the connectors need of the world: a clock that jumps, chance that is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use connectors::netsuite::{self, NetSuite};
use connectors::zuora::{self, Zuora};
use connectors::{Message, Reply, Undelivered, Wire};
use jiff::{SignedDuration, Timestamp};
use model::ports::{Clock, Entropy};
use model::problem::Cause;
use sandbox::books::generate::{Lines, Options, generate};
use sandbox::clock::ManualClock;
use sandbox::server::Desk;
use tower::ServiceExt;

/// The moment at which all happens.
pub(crate) const NOW: &str = "2026-11-21T10:00:00Z";

/// Two emulators over the same small books.
pub(crate) struct Sandbox {
    pub(crate) zuora: Router,
    pub(crate) netsuite: Router,
    pub(crate) zuora_keys: sandbox::zuora::Access,
    pub(crate) netsuite_keys: sandbox::netsuite::Access,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let mut options = Options::new(7, 3, "2026-11-20".parse().unwrap());
        options.lines = Lines::Fixed(2);
        let books = generate(&options);
        let erp = sandbox::netsuite::Netsuite::new(7, &books, clock.clone()).unwrap();
        let billing = Arc::new(sandbox::zuora::Zuora::new(7, &books, &erp.tax_items, clock));
        Self {
            zuora_keys: billing.access("http://zuora.invalid"),
            zuora: Desk::open(billing).1,
            netsuite: Desk::open(erp.emulator).1,
            netsuite_keys: erp.access,
        }
    }
}

/// Hands a message to a router.
pub(crate) async fn answer(router: &Router, request: http::Request<Body>) -> Option<Reply> {
    let (parts, body) = router.clone().oneshot(request).await.ok()?.into_parts();
    // An answer that is broken off on demand has no body to its end.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Some(Reply { status: parts.status.as_u16(), headers: parts.headers, body })
}

/// A wire that leads to an emulator.
pub(crate) struct Direct(pub(crate) Router);

#[async_trait]
impl Wire for Direct {
    async fn carry(&self, message: Message, _: usize) -> Result<Reply, Undelivered> {
        let mut request = http::Request::new(Body::from(message.body.unwrap_or_default()));
        *request.method_mut() = message.method;
        *request.uri_mut() = message.url.as_str().parse().unwrap();
        *request.headers_mut() = message.headers;
        request.headers_mut().insert("host", message.url.host_str().unwrap().parse().unwrap());
        let lost = || Undelivered::Lost(Cause::Connectivity, "no answer".to_owned());
        answer(&self.0, request).await.ok_or_else(lost)
    }
}

/// A clock that jumps when it is waited on.
#[derive(Default)]
pub(crate) struct Jumping(AtomicU64);

#[async_trait]
impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        let begin: Timestamp = NOW.parse().unwrap();
        let jumped = i64::try_from(self.0.load(Ordering::Relaxed)).unwrap();
        begin + SignedDuration::from_millis(jumped)
    }

    async fn wait(&self, milliseconds: u64) {
        assert!(milliseconds <= 24 * 3600 * 1000, "somebody waits for {milliseconds} ms");
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// Chance that is none.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn token(&self) -> String {
        format!("{:032x}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) fn zuora(keys: &sandbox::zuora::Access, wire: Arc<dyn Wire>) -> Zuora {
    let settings = zuora::Settings {
        url: "http://zuora.invalid".into(),
        client_id: keys.client_id.clone(),
        client_secret: keys.client_secret.clone().into(),
        entity: None,
        concurrency: 4,
        timeout_seconds: 60,
    };
    Zuora::new(settings, Arc::new(Jumping::default()), Arc::new(Counting::default())).unwrap().with_wire(wire)
}

pub(crate) fn netsuite(keys: &sandbox::netsuite::Access, by_token: bool, wire: Arc<dyn Wire>) -> NetSuite {
    let credentials = if by_token {
        netsuite::Credentials::TokenBased {
            consumer_key: keys.consumer_key.clone(),
            consumer_secret: keys.consumer_secret.clone().into(),
            token_id: keys.token_id.clone(),
            token_secret: keys.token_secret.clone().into(),
        }
    } else {
        netsuite::Credentials::ClientCredentials {
            client_id: keys.client_id.clone(),
            certificate_id: keys.ec_certificate_id.clone(),
            private_key_pem: keys.ec_private_key_pem.clone().into(),
        }
    };
    let settings = netsuite::Settings {
        url: Some("http://netsuite.invalid".to_owned()),
        account: keys.account.clone(),
        credentials,
        concurrency: 4,
        timeout_seconds: 60,
    };
    NetSuite::new(settings, Arc::new(Jumping::default()), Arc::new(Counting::default())).unwrap().with_wire(wire)
}
