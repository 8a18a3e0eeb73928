//! An emulator on a socket of its own.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::StatusCode;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::behaviour::Behaviour;
use crate::calls::Calls;
use crate::faults::{Faults, Verdict};
use crate::{clock, control};

/// What a vendor says when it cannot serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 429: the caller asks too much.
    TooManyRequests,
    /// 500: something broke inside.
    Internal,
    /// 503: an overload or maintenance.
    Unavailable,
}

/// What the shell needs from an emulator.
pub trait Emulator: Send + Sync + 'static {
    /// The vendor's name in small letters.
    fn name(&self) -> &'static str;

    /// The vendor's own paths. What is not emulated goes to [`not_emulated`].
    fn router(self: Arc<Self>) -> Router;

    /// All records of a type in the vendor's own shape; `None` for an unknown type. Types match without regard to case.
    fn records(&self, kind: &str) -> Option<Vec<Value>>;

    /// Hands every record of a type to `visit` until that returns `false`; answers whether the type is known.
    /// An emulator that holds many records does so without gathering them first.
    fn each_record(&self, kind: &str, visit: &mut dyn FnMut(Value) -> bool) -> bool {
        match self.records(kind) {
            Some(records) => {
                let _ = records.into_iter().all(visit);
                true
            }
            None => false,
        }
    }

    /// The same as lines of JSON, for an emulator that writes them faster than it makes values.
    fn each_line(&self, kind: &str, visit: &mut dyn FnMut(&str) -> bool) -> bool {
        self.each_record(kind, &mut |record| visit(&record.to_string()))
    }

    /// How this vendor words a failure to serve.
    fn failure(&self, failure: Failure) -> Response;

    /// What is emulated, from where it is known, and how well.
    fn behaviours(&self) -> &'static [Behaviour];
}

/// Stands in a request's extensions when a `row_error` fault strikes: the handler of a batch refuses one row, the
/// handler of a single write refuses its record, and nothing is committed for it.
#[derive(Debug, Clone, Copy)]
pub struct RowError;

/// Stands in a response's extensions to have the connection closed without a byte of an answer.
#[derive(Debug, Clone, Copy)]
pub struct CloseConnection;

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
        let desk = Arc::new(Self { emulator, faults: Faults::default(), calls: Calls::default() });
        let router = vendor
            .layer(middleware::from_fn_with_state(Arc::clone(&desk), attend))
            .merge(control::router(Arc::clone(&desk)));
        (desk, router)
    }
}

/// Applies the fault rules to a call and counts it.
async fn attend(State(desk): State<Arc<Desk>>, mut request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    // What is asked of the control API in vain is no call to the vendor.
    if path.starts_with("/_sandbox") {
        return not_emulated(request).await;
    }
    let template =
        request.extensions().get::<MatchedPath>().map_or_else(|| path.clone(), |matched| matched.as_str().to_owned());
    let verdict = desk.faults.judge(&method, &path, &template);
    if verdict.row_error {
        request.extensions_mut().insert(RowError);
    }
    let response = execute(&desk, verdict, request, next).await;
    let answered = response.extensions().get::<CloseConnection>().is_none();
    desk.calls.record(&method, &template, if answered { response.status().as_u16() } else { 0 });
    response
}

async fn execute(desk: &Desk, verdict: Verdict, request: Request, next: Next) -> Response {
    if verdict.refuse {
        return close_connection();
    }
    let response = match verdict.failure {
        Some(failure) => retry_after(desk.emulator.failure(failure), verdict.retry_after),
        None if verdict.late > 0 => execute_late(verdict.late, request, next).await,
        None => next.run(request).await,
    };
    if verdict.slow > 0 {
        clock::delay(verdict.slow).await;
    }
    if verdict.drop_answer { close_connection() } else { response }
}

fn retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Executes a call after a while in a task of its own, which survives a caller that hangs up.
async fn execute_late(milliseconds: u64, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else { return close_connection() };
    let task = tokio::spawn(async move {
        clock::delay(milliseconds).await;
        next.run(Request::from_parts(parts, Body::from(body))).await
    });
    task.await.unwrap_or_else(|_| close_connection())
}

fn close_connection() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
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

/// A JSON answer.
pub fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Binds a port of the loopback interface (`None`: any free one).
    ///
    /// # Errors
    /// The port cannot be bound.
    pub async fn bind(port: Option<u16>) -> io::Result<TcpListener> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await
    }

    /// Serves a router on a bound port.
    ///
    /// # Errors
    /// The port's address cannot be read.
    pub fn start(listener: TcpListener, router: Router) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(accept(listener, router)) })
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

async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve(stream, router.clone())); }
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let response =
                router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never: Infallible| match never {});
            // hyper closes the connection without a word when its service fails: what a cut line looks like.
            match response.extensions().get::<CloseConnection>() {
                Some(_) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                None => Ok(response),
            }
        }
    });
    if let Err(error) = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
    {
        tracing::debug!(%error, "a connection ended");
    }
}
