//! An emulator on a socket of its own.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::behaviour::Behaviour;
use crate::calls::Calls;
use crate::clock::{self, Clock};
use crate::control;
use crate::faults::{self, Faults};

/// What a vendor says when it does not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 401: the token is not valid.
    Unauthorized,
    /// 403: the caller lacks a permission.
    Forbidden,
    /// 429: the caller asks too much.
    TooManyRequests,
    /// 500: something broke inside.
    Internal,
    /// 503: an overload.
    Unavailable,
    /// 503: planned work.
    Maintenance,
    /// 413: the body is larger than the vendor takes.
    TooLarge,
    /// A page of HTML with this status, written by a gateway in front of the vendor's own servers.
    Page(u16),
}

impl Failure {
    /// Whether it may pass by itself, so that a caller may be told when to come again.
    pub(crate) fn passes(self) -> bool {
        !matches!(self, Self::Unauthorized | Self::Forbidden | Self::TooLarge)
    }
}

/// What the shell needs from an emulator.
pub trait Emulator: Send + Sync + 'static {
    /// The vendor's name in small letters.
    fn name(&self) -> &'static str;

    /// The vendor's own paths. What is not emulated goes to [`not_emulated`].
    fn router(self: Arc<Self>) -> Router;

    /// Hands every record of a type, as a line of JSON in the vendor's own shape, to `visit` until that returns `false`;
    /// answers whether the type is known. Types match without regard to case. Of the fields only those in `only` are
    /// told, unless it is empty.
    fn each_line(&self, kind: &str, only: &[String], visit: &mut dyn FnMut(&str) -> bool) -> bool;

    /// All records of a type; `None` for an unknown type.
    fn records(&self, kind: &str) -> Option<Vec<Value>> {
        let mut records = Vec::new();
        let known = self.each_line(kind, &[], &mut |line| {
            records.extend(serde_json::from_str::<Value>(line));
            true
        });
        known.then_some(records)
    }

    /// The clock that the vendor goes by.
    fn clock(&self) -> Arc<dyn Clock>;

    /// The largest body of a call that the vendor takes, in bytes.
    fn largest_body(&self) -> usize;

    /// How this vendor words a failure to serve a call.
    fn failure(&self, failure: Failure, request: &Request) -> Response;

    /// Makes the token of a call invalid; answers whether the call carries one.
    fn expire_token(&self, headers: &HeaderMap) -> bool;

    /// What is emulated, from where it is known, and how well.
    fn behaviours(&self) -> &'static [Behaviour];

    /// Applies the settings that are given, for a scenario, and answers with all settings as they are now.
    ///
    /// # Errors
    /// A text that says what is wrong; of an unknown key it lists the known ones. Nothing is applied then.
    fn settings(&self, wanted: &Value) -> Result<Value, String> {
        match wanted.as_object() {
            Some(wanted) if wanted.is_empty() => Ok(Value::Object(wanted.clone())),
            _ => Err(format!("the emulator of {} has no settings", self.name())),
        }
    }
}

/// How a connection ends that a fault breaks; stands in a response's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It is closed without a byte of an answer.
    #[error("closed on demand")]
    Closed,
    /// It is reset without a byte of an answer.
    #[error("reset on demand")]
    Reset,
    /// It is reset in the midst of the answer's body.
    #[error("reset on demand in the midst of an answer")]
    Midway,
}

/// An emulator with its faults and its counts: what one port serves.
pub struct Desk {
    /// The emulator.
    pub emulator: Arc<dyn Emulator>,
    /// The faults it is to commit.
    pub faults: Faults,
    /// The calls it was asked.
    pub calls: Calls,
}

impl Desk {
    /// Puts an emulator behind fault rules, call counts and the control API.
    pub fn open<E: Emulator>(emulator: Arc<E>) -> (Arc<Self>, Router) {
        let vendor = Arc::clone(&emulator).router();
        let faults = Faults::new(emulator.clock());
        let desk = Arc::new(Self { emulator, faults, calls: Calls::default() });
        let router = vendor
            .layer(middleware::from_fn_with_state(Arc::clone(&desk), attend))
            .merge(control::router(Arc::clone(&desk)));
        (desk, router)
    }
}

/// Applies the fault rules to a call and counts it.
async fn attend(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    // What is asked of the control API in vain is no call to the vendor.
    if path.starts_with("/_sandbox") {
        return not_emulated(request).await;
    }
    let template =
        request.extensions().get::<MatchedPath>().map_or_else(|| path.clone(), |matched| matched.as_str().to_owned());
    let verdict = desk.faults.judge(&method, &path, &template);
    let mut entry = Entry { calls: &desk.calls, method: &method, template: &template, status: 0 };
    let response = match whole(request, desk.emulator.largest_body()).await {
        Arrived::Whole(request) => faults::answer(&*desk.emulator, verdict, request, next).await,
        Arrived::TooLarge(head) => desk.emulator.failure(Failure::TooLarge, &head),
        Arrived::InPart => return Response::default(),
    };
    if !matches!(response.extensions().get(), Some(Broken::Closed | Broken::Reset)) {
        entry.status = response.status().as_u16();
    }
    response
}

/// A call with its body, as a gateway hands it on. If a call is answered before its body has arrived, the connection is
/// closed behind the answer, and the next call on it is lost: no vendor does that to a caller whom it turns away.
/// What is larger than the vendor takes is answered so: its end may never come.
async fn whole(request: Request, largest: usize) -> Arrived {
    let (parts, body) = request.into_parts();
    let announced = body.size_hint().lower();
    let mut whole = Vec::new();
    let mut chunks = body.into_data_stream();
    while usize::try_from(announced).is_ok_and(|announced| announced.max(whole.len()) <= largest) {
        match chunks.next().await {
            Some(Ok(chunk)) => whole.extend_from_slice(&chunk),
            Some(Err(_)) => return Arrived::InPart,
            None => return Arrived::Whole(Request::from_parts(parts, Body::from(whole))),
        }
    }
    Arrived::TooLarge(Request::from_parts(parts, Body::empty()))
}

/// How much of a call arrived.
enum Arrived {
    Whole(Request),
    /// More than the vendor takes; this is its head.
    TooLarge(Request),
    /// The caller hung up.
    InPart,
}

/// A call that is counted when it is over: with an answer, or by a caller that hung up.
struct Entry<'a> {
    calls: &'a Calls,
    method: &'a str,
    template: &'a str,
    status: u16,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.calls.record(self.method, self.template, self.status);
    }
}

/// The answer to a call that no emulator knows: 501 and a body that names the call.
pub async fn not_emulated(request: Request) -> Response {
    let body = serde_json::json!({
        "error": "not emulated",
        "method": request.method().as_str(),
        "path": request.uri().path(),
    });
    json(StatusCode::NOT_IMPLEMENTED, &body)
}

/// A record as a line of JSON, with the fields in `only`, or with all if that is empty.
pub(crate) fn line(mut record: Value, only: &[String]) -> String {
    if let (Some(fields), false) = (record.as_object_mut(), only.is_empty()) {
        fields.retain(|name, _| only.iter().any(|one| one.eq_ignore_ascii_case(name)));
    }
    record.to_string()
}

/// A JSON answer.
pub fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A page of HTML that says no more than its status, as gateways write it.
pub(crate) fn gateway_page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// Asks the server to close its port and every connection once this answer is out, and to open again so many
/// milliseconds later; stands in a response's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Restart(pub(crate) u64);

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Binds a port of an address (`None`: any free one).
    ///
    /// # Errors
    /// The port cannot be bound.
    pub async fn bind(address: IpAddr, port: Option<u16>) -> io::Result<TcpListener> {
        TcpListener::bind((address, port.unwrap_or(0))).await
    }

    /// Serves a router on a bound port.
    ///
    /// # Errors
    /// The port's address cannot be read.
    pub fn start(listener: TcpListener, router: Router) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(stand(listener, address, router)) })
    }

    /// The base address, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the port and every connection, and waits until that is done.
    pub async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves, closes when it is asked to restart, and serves again.
async fn stand(mut listener: TcpListener, address: SocketAddr, router: Router) {
    loop {
        let Restart(milliseconds) = accept(listener, &router).await;
        clock::delay(milliseconds).await;
        listener = match TcpListener::bind(address).await {
            Ok(listener) => listener,
            Err(error) => return tracing::error!(%address, %error, "the port could not be opened again"),
        };
    }
}

/// Serves until a restart is asked for; the port and all connections are closed then.
async fn accept(listener: TcpListener, router: &Router) -> Restart {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve(stream, router.clone())); }
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            },
            Some(ended) = connections.join_next() => if let Ok(Some(restart)) = ended {
                connections.shutdown().await;
                return restart;
            }
        }
    }
}

/// Serves one connection; gives the restart that was asked for on it.
async fn serve(stream: TcpStream, router: Router) -> Option<Restart> {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let is_reset = Arc::clone(&reset);
    let restart = Arc::new(OnceLock::new());
    let asked = Arc::clone(&restart);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let reset = Arc::clone(&reset);
        let asked = Arc::clone(&asked);
        async move {
            let response =
                router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never: Infallible| match never {});
            let broken = response.extensions().get().copied();
            reset.store(matches!(broken, Some(Broken::Reset | Broken::Midway)), Ordering::Release);
            if let Some(restart) = response.extensions().get::<Restart>() {
                let _ = asked.set(*restart);
            }
            // hyper closes the connection without a word when its service fails: what a cut line looks like.
            match broken {
                Some(how @ (Broken::Closed | Broken::Reset)) => Err(how),
                Some(Broken::Midway) | None => Ok(response),
            }
        }
    });
    let mut connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = (&mut connection).await {
        tracing::debug!(%error, "a connection ended");
    }
    if is_reset.load(Ordering::Acquire) {
        // Without this the system would take its leave in good order.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
    restart.get().copied()
}
