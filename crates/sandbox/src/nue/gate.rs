//! What every call passes on its way in and out: keys, permissions, the rate limit, and what a fault says of a write.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;

use super::fail::Refusal;
use super::settings::Withheld;
use super::{Nue, auth};
use crate::faults::{Complaint, Mark};
use crate::server;

/// Lets a call in, and its answer out.
pub(crate) async fn gate(State(nue): State<Arc<Nue>>, request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()) else {
        return server::not_emulated(request).await;
    };
    if let Err(refusal) = admit(&nue, &path, &request) {
        return nue.refuse(&refusal);
    }
    nue.catch_up();
    let complaint = request.extensions().get::<Mark>().and_then(|mark| mark.complaint);
    let writes = request.method() != Method::GET && !is_reading(&path);
    let response = next.run(request).await;
    match complaint {
        Some(complaint) if writes && response.status().is_success() => nue.refuse(&match complaint {
            Complaint::Refusal => Refusal::struck(),
            Complaint::Internal => Refusal::internal(),
        }),
        _ => response,
    }
}

/// Whether a path takes a POST that changes nothing.
fn is_reading(path: &str) -> bool {
    path.ends_with("/graphql") || path.contains("/auth/") || path.ends_with("/exports")
}

fn admit(nue: &Nue, path: &str, request: &Request) -> Result<(), Refusal> {
    // Links to files of jobs bear their own permission.
    if path.contains("/auth/") || path.contains("/files/") {
        return Ok(());
    }
    auth::admit(nue, request.headers())?;
    let settings = nue.settings();
    permit(settings.withheld, path)?;
    nue.bucket.refuse(settings.rate, nue.clock.now()).map_or(Ok(()), |seconds| Err(Refusal::rate_limited(seconds)))
}

fn permit(withheld: Withheld, path: &str) -> Result<(), Refusal> {
    const SELF_SERVICE: [&str; 8] = [
        "/customers",
        "/orders",
        "/change-orders",
        "/subscriptions",
        "/assets",
        "/entitlements",
        "/catalog",
        "/cpq/orders",
    ];
    const BILLING: [&str; 5] = ["/billing", "/invoices", "/credit-memos", "/debit-memos", "/payment-applications"];
    let begins = |paths: &[&str]| paths.iter().any(|family| path.starts_with(family)) && !path.ends_with("/graphql");
    if withheld.self_service && begins(&SELF_SERVICE) {
        Err(Refusal::forbidden("Self Service API"))
    } else if withheld.billing && begins(&BILLING) {
        Err(Refusal::forbidden("Billing"))
    } else if withheld.transaction_hub && begins(&["/revenue/transaction-hub"]) {
        Err(Refusal::forbidden("Transaction Hub"))
    } else {
        Ok(())
    }
}
