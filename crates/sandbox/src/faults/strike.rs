//! A fault as its caller feels it.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::{StreamExt, future, stream};
use http::header::{CONTENT_LENGTH, RETRY_AFTER};

use super::Verdict;
use crate::clock;
use crate::server::{Broken, Emulator, Failure};

/// How long the first half of an answer has to go out before the connection is reset: what is still in a buffer then
/// is lost.
const MILLISECONDS_TO_SEND: u64 = 20;

/// Answers a call, or does not, as the rules say.
pub(crate) async fn answer(emulator: &dyn Emulator, verdict: Verdict, mut request: Request, next: Next) -> Response {
    if let Some(milliseconds) = verdict.silence {
        return swallow(milliseconds).await;
    }
    if verdict.refuse {
        return broken(Broken::Closed);
    }
    request.extensions_mut().insert(verdict.mark);
    let expired = verdict.expire_token && emulator.expire_token(request.headers());
    let response = match verdict.failure.or(expired.then_some(Failure::Unauthorized)) {
        Some(failure) => retry_after(emulator.failure(failure, &request), verdict.retry_after),
        None if verdict.late > 0 => execute_late(verdict.late, request, next).await,
        None => next.run(request).await,
    };
    if verdict.slow > 0 {
        clock::delay(verdict.slow).await;
    }
    match (verdict.drop_answer, verdict.reset) {
        (true, _) => broken(Broken::Closed),
        (false, true) => cut(response).await,
        (false, false) => response,
    }
}

/// Says nothing to a call that was taken in to its last byte. A caller that gives up ends this, too.
async fn swallow(milliseconds: u64) -> Response {
    match milliseconds {
        0 => future::pending().await,
        _ => clock::delay(milliseconds).await,
    }
    broken(Broken::Closed)
}

fn retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// Executes a call after a while in a task of its own, which survives a caller that hangs up.
async fn execute_late(milliseconds: u64, request: Request, next: Next) -> Response {
    let task = tokio::spawn(async move {
        clock::delay(milliseconds).await;
        next.run(request).await
    });
    task.await.unwrap_or_else(|_| broken(Broken::Closed))
}

/// Sends the head of an answer and half of its body, and breaks off. An answer without a body has no middle: nothing
/// of it is sent.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if body.is_empty() {
        return broken(Broken::Reset);
    }
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    parts.extensions.insert(Broken::Midway);
    let half = stream::iter([Ok::<Bytes, Broken>(body.slice(..body.len() / 2))]);
    let end = stream::once(async {
        clock::delay(MILLISECONDS_TO_SEND).await;
        Err(Broken::Midway)
    });
    Response::from_parts(parts, Body::from_stream(half.chain(end)))
}

fn broken(how: Broken) -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(how);
    response
}
