//! The addresses, and what stands before them: sessions, versions, limits, locks.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get, post};
use bytes::Bytes;
use http::{Method, StatusCode, header};
use serde_json::json;

use super::auth::{self, TOKEN_PATH};
use super::call::{Call, Content, Reply};
use super::errors::Refusal;
use super::{Current, Org, failure, resource};
use crate::gzip;
use crate::server::{self, not_emulated};

/// The oldest version that is served, and the newest.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;
/// The largest body that is taken: a bulk job's file.
pub(super) const LARGEST_BODY: usize = 160 * 1024 * 1024;
/// Longer addresses are refused.
const LONGEST_ADDRESS: usize = 16_384;

/// The templates of the versioned addresses: all are answered by one handler, these only name them for counts and
/// faults.
const RESOURCES: [&str; 42] = [
    "",
    "/limits",
    "/limits/recordCount",
    "/sobjects",
    "/sobjects/{object}",
    "/sobjects/{object}/describe",
    "/sobjects/{object}/describe/{more}",
    "/sobjects/{object}/deleted",
    "/sobjects/{object}/updated",
    "/sobjects/{object}/{id}",
    "/sobjects/{object}/{key}/{value}",
    "/query",
    "/query/{locator}",
    "/queryAll",
    "/queryAll/{locator}",
    "/composite",
    "/composite/batch",
    "/composite/graph",
    "/composite/tree/{object}",
    "/composite/sobjects",
    "/composite/sobjects/{object}",
    "/composite/sobjects/{object}/{key}",
    "/jobs",
    "/jobs/ingest",
    "/jobs/ingest/{job}",
    "/jobs/ingest/{job}/batches",
    "/jobs/ingest/{job}/successfulResults",
    "/jobs/ingest/{job}/failedResults",
    "/jobs/ingest/{job}/unprocessedrecords",
    "/jobs/query",
    "/jobs/query/{job}",
    "/jobs/query/{job}/results",
    "/search",
    "/recent",
    "/tooling",
    "/tooling/query",
    "/tooling/query/{locator}",
    "/tooling/sobjects",
    "/tooling/sobjects/{object}",
    "/tooling/sobjects/{object}/{id}",
    "/metadata/deployRequest",
    "/metadata/deployRequest/{id}",
];

/// All addresses.
pub(super) fn router(org: Arc<Org>) -> Router {
    let mut router = Router::new()
        .route(TOKEN_PATH, post(token))
        .route("/services/oauth2/revoke", any(revoke))
        .route("/services/oauth2/userinfo", any(userinfo))
        .route("/id/{organization}/{user}", any(identity))
        .route("/services/Soap/u/{version}", post(soap))
        .route("/services/Soap/c/{version}", post(soap))
        .route("/services/Soap/u/{version}/{organization}", post(soap))
        .route("/services/Soap/c/{version}/{organization}", post(soap))
        .route("/services/data", get(versions))
        .route("/services/data/", get(versions));
    for resource in RESOURCES {
        let path = format!("/services/data/{{version}}{resource}");
        // Clients end an address with a slash or without one.
        router = router.route(&format!("{path}/"), any(versioned)).route(&path, any(versioned));
    }
    router.fallback(not_emulated).layer(middleware::from_fn(packed)).with_state(org)
}

/// Unpacks what comes packed, and packs what goes to callers who can read that.
async fn packed(request: Request, next: Next) -> Response {
    let asked = request.headers().clone();
    let request = match gzip::is_packed(&request) {
        false => request,
        true => match gzip::unpack(request).await {
            Some(request) => request,
            None => return Reply::from(Refusal::body("The request body is not in gzip format")).into_response(),
        },
    };
    gzip::pack(&asked, next.run(request).await).await
}

/// Scheme, host and body of a call outside of the versioned addresses.
async fn taken(request: Request) -> (http::request::Parts, Bytes, String) {
    let (parts, body) = request.into_parts();
    let origin = auth::origin(&parts);
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    (parts, body, origin)
}

async fn token(State(org): State<Arc<Org>>, request: Request) -> Response {
    let (parts, body, origin) = taken(request).await;
    // The vendor takes the parameters in the address, too.
    let form = [parts.uri.query().unwrap_or_default().as_bytes(), &body].join(&b'&');
    auth::token(&org.gate, &parts.headers, &form, &origin, &org.current().settings, org.clock.now())
}

async fn soap(State(org): State<Arc<Org>>, Path(path): Path<Vec<String>>, request: Request) -> Response {
    let (parts, body, origin) = taken(request).await;
    let text = String::from_utf8_lossy(&body);
    let version = path.first().map_or("", String::as_str);
    let answer = auth::login(&org.gate, version, &text, &origin, &org.current().settings, org.clock.now());
    match answer {
        Some(answer) => answer,
        None => not_emulated(Request::from_parts(parts, axum::body::Body::empty())).await,
    }
}

async fn revoke(State(org): State<Arc<Org>>, request: Request) -> Response {
    let (parts, body, _) = taken(request).await;
    let form = [parts.uri.query().unwrap_or_default().as_bytes(), &body].map(|text| {
        url::form_urlencoded::parse(text).find(|(name, _)| name == "token").map(|(_, token)| token.into_owned())
    });
    match form.into_iter().flatten().next() {
        Some(token) if org.gate.revoke(&token) => Response::default(),
        _ => failure::oauth("unsupported_token_type", "this token type is not supported"),
    }
}

/// A session in a parameter is taken at these two addresses, too.
fn with_token(mut parts: http::request::Parts) -> http::request::Parts {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let token = url::form_urlencoded::parse(query).find(|(name, _)| name == "oauth_token");
    if let Some(value) = token.and_then(|(_, token)| format!("Bearer {token}").parse().ok()) {
        parts.headers.entry(header::AUTHORIZATION).or_insert(value);
    }
    parts
}

async fn userinfo(State(org): State<Arc<Org>>, request: Request) -> Response {
    who(&org, request, |org, origin| auth::userinfo(&org.gate, origin, org.now())).await
}

async fn identity(State(org): State<Arc<Org>>, request: Request) -> Response {
    who(&org, request, |org, origin| auth::identity(&org.gate, origin, org.now())).await
}

async fn who(org: &Org, request: Request, tell: impl Fn(&Org, &str) -> serde_json::Value) -> Response {
    let (parts, _, origin) = taken(request).await;
    let parts = with_token(parts);
    match org.gate.admits(&parts.headers, &org.current().settings, org.clock.now()) {
        true => server::json(StatusCode::OK, &tell(org, &origin)),
        // These two say it in words of their own.
        false => {
            let mut response = Response::new(axum::body::Body::from("Bad_OAuth_Token"));
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
    }
}

/// The versions, the oldest first; asked without a session and not counted.
async fn versions() -> Response {
    let label = |number: u32| {
        // Version 31 was Summer '14; there are three a year.
        let season = ["Summer", "Winter", "Spring"][((number - 31) % 3) as usize];
        format!("{season} '{}", 14 + (number - 31).div_ceil(3))
    };
    let all = VERSIONS.map(|number| {
        json!({ "label": label(number), "url": format!("/services/data/v{number}.0"), "version": format!("{number}.0") })
    });
    server::json(StatusCode::OK, &all.collect())
}

/// A call to a version's resource.
async fn versioned(State(org): State<Arc<Org>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    if address.len() > LONGEST_ADDRESS {
        return server::gateway_page(414);
    }
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return server::gateway_page(413);
    };
    let Some(mut call) = Call::new(parts.method.clone(), address, parts.headers.clone(), body) else {
        return Reply::from(Refusal::not_found()).into_response();
    };
    call.origin = auth::origin(&parts);
    call.mark = parts.extensions.get().copied().unwrap_or_default();
    let current = org.current();
    if let Some(answer) = turned_away(&org, &current, &call) {
        return answer;
    }
    let under_way = match org.meter.admit(&current.settings, org.clock.now()) {
        Ok(under_way) => Arc::new(under_way),
        Err(refusal) => return counted(&org, &current, Reply::from(refusal).into_response()),
    };
    let is_head = call.method == Method::HEAD;
    let (reply, claim) = resource::answer(&org, &current, call).await;
    let missing =
        matches!(&reply.content, Content::Json(body) if reply.status == 501 && body["error"] == "not emulated");
    if missing {
        let request = Request::from_parts(parts, axum::body::Body::empty());
        return not_emulated(request).await;
    }
    let mut response = reply.into_response();
    if is_head {
        *response.body_mut() = axum::body::Body::empty();
    }
    // A call lasts until its answer is out: it is under way, and keeps what it has locked.
    response.extensions_mut().insert(under_way);
    if let Some(claim) = claim {
        response.extensions_mut().insert(Arc::new(claim));
    }
    counted(&org, &current, response)
}

/// Every answer tells how many calls are left.
fn counted(org: &Org, current: &Current, mut response: Response) -> Response {
    let used = org.meter.used(&current.settings, org.clock.now());
    let text = format!("api-usage={used}/{}", current.settings.daily_api_requests);
    if let Ok(value) = text.parse() {
        response.headers_mut().insert("sforce-limit-info", value);
    }
    response
}

/// The answer to a call that is not let in.
fn turned_away(org: &Org, current: &Current, call: &Call) -> Option<Response> {
    let Some(number) = call.number().filter(|number| *number <= *VERSIONS.end()) else {
        return Some(Reply::from(Refusal::not_found()).into_response());
    };
    if number < *VERSIONS.start() {
        let message = format!("The API version {number}.0 is no longer supported.");
        return Some(Reply::from(Refusal::new(410, "UNSUPPORTED_API_VERSION", message)).into_response());
    }
    if let Some(scheme) = call.header("authorization").map(|value| value.split(' ').next().unwrap_or_default())
        && !["bearer", "oauth"].contains(&scheme.to_ascii_lowercase().as_str())
    {
        let refusal = Refusal::new(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
        return Some(Reply::from(refusal).into_response());
    }
    if !org.gate.admits(&call.headers, &current.settings, org.clock.now()) {
        return Some(failure::session());
    }
    if !current.settings.api_enabled {
        let message = "API is not enabled for this Organization or Partner";
        return Some(Reply::from(Refusal::new(403, "API_DISABLED_FOR_ORG", message)).into_response());
    }
    None
}
