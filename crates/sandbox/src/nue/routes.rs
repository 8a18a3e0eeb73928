//! Which call is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use http::{HeaderName, HeaderValue};

use super::call::Call;
use super::fail::Refusal;
use super::schema::Object;
use super::{
    Nue, activation, applying, auth, catalogue, changes, customers, documents, exports, graphql, hub, memos, orders,
    subscriptions, unapplying, usage,
};

/// What answers a call.
type Handler = fn(&Nue, &Call) -> Result<Response, Refusal>;

/// An answer bears this where no public page documents the path, so that a test can fail a client that relies on it.
const ASSUMED: HeaderName = HeaderName::from_static("x-emulator-assumed");

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;
const PATCH: MethodFilter = MethodFilter::PATCH;

const INVOICE: usize = Object::Invoice as usize;
const CREDIT: usize = Object::CreditMemo as usize;
const DEBIT: usize = Object::DebitMemo as usize;
const PAYMENT: usize = Object::PaymentApplication as usize;

/// Paths that a public page or a public client of the vendor shows.
const DOCUMENTED: [(MethodFilter, &str, Handler); 52] = [
    (POST, "/auth/token", auth::token),
    (POST, "/api/auth/token", auth::token),
    (POST, "/auth/refreshToken", auth::refresh),
    (POST, "/customers", customers::make),
    (GET, "/customers", customers::list),
    (GET, "/customers/{id}", customers::one),
    (PATCH, "/customers/{id}", customers::change),
    (PATCH, "/orders/customers/{id}", customers::change),
    (POST, "/customers/{id}/contacts", customers::make_contacts),
    (GET, "/customers/{id}/contacts", customers::list_contacts),
    (GET, "/customers/{id}/invoices", documents::list_of_customer::<INVOICE>),
    (GET, "/customers/{id}/invoices/{invoiceId}", documents::one_of_customer),
    (GET, "/customers/{id}/credit-memos", documents::list_of_customer::<CREDIT>),
    (GET, "/customers/{id}/transactionHubData", hub::of_customer),
    (GET, "/catalog/products", catalogue::list),
    (GET, "/catalog/products/{id}", catalogue::one),
    (POST, "/orders", orders::draft),
    (POST, "/cpq/orders", orders::draft_by_sku),
    (GET, "/orders", orders::list),
    (POST, "/orders/{id}", activation::activate),
    (POST, "/change-orders", changes::draft),
    (GET, "/subscriptions", subscriptions::list),
    (PATCH, "/subscriptions/{id}", subscriptions::change),
    (GET, "/assets", subscriptions::list_assets),
    (GET, "/entitlements", subscriptions::list_entitlements),
    (GET, "/invoices", documents::list::<INVOICE>),
    (GET, "/invoices/{id}", documents::one::<INVOICE>),
    (PATCH, "/billing/invoices/{id}", documents::change::<INVOICE>),
    (POST, "/billing/invoices:activate", documents::activate::<INVOICE>),
    (POST, "/billing/invoices:pay", applying::pay),
    (GET, "/billing/invoices/{id}/credit-memos", documents::credit_memos_of),
    (GET, "/credit-memos", documents::list::<CREDIT>),
    (GET, "/credit-memos/{id}", documents::one::<CREDIT>),
    (POST, "/billing/credit-memos:apply", applying::apply),
    (POST, "/billing/credit-memos/standalone:upsert", memos::upsert),
    (POST, "/revenue/transaction-hub/upload", hub::upload),
    (GET, "/revenue/transaction-hub/async-job/{id}", hub::job),
    (POST, "/async/graphql", graphql::query),
    (POST, "/api/async/graphql", graphql::query),
    (POST, "/v1/async/graphql", graphql::query),
    (POST, "/revenue/async/graphql", graphql::query),
    (POST, "/orders/async/graphql", graphql::query),
    (POST, "/usage/async/graphql", graphql::query),
    (GET, "/metadata/objects", catalogue::metadata),
    (POST, "/cpq/async/exports", exports::start),
    (GET, "/cpq/async/exports/{id}", exports::job),
    (GET, "/cpq/async/exports/{id}/files/{file}", exports::file),
    (POST, "/usage/raw-usage", usage::upload),
    (POST, "/api/usage/raw-usage", usage::upload),
    (GET, "/customers/{id}/products", not_documented),
    (POST, "/cpq/orders:preview", not_documented),
    (POST, "/billing/credits:convert", not_documented),
];

/// Paths that we assume.
const ASSUMPTIONS: [(MethodFilter, &str, Handler); 19] = [
    (GET, "/orders/{id}", orders::one),
    (PATCH, "/orders/{id}", orders::change),
    (GET, "/subscriptions/{id}", subscriptions::one),
    (POST, "/billing/invoices:cancel", documents::cancel::<INVOICE>),
    (PATCH, "/billing/credit-memos/{id}", documents::change::<CREDIT>),
    (POST, "/billing/credit-memos:activate", documents::activate::<CREDIT>),
    (POST, "/billing/credit-memos:cancel", documents::cancel::<CREDIT>),
    (POST, "/billing/credit-memos:unapply", unapplying::unapply),
    (GET, "/debit-memos", documents::list::<DEBIT>),
    (GET, "/debit-memos/{id}", documents::one::<DEBIT>),
    (GET, "/customers/{id}/debit-memos", documents::list_of_customer::<DEBIT>),
    (PATCH, "/billing/debit-memos/{id}", documents::change::<DEBIT>),
    (POST, "/billing/debit-memos:activate", documents::activate::<DEBIT>),
    (POST, "/billing/debit-memos:cancel", documents::cancel::<DEBIT>),
    (GET, "/payment-applications", documents::list::<PAYMENT>),
    (GET, "/payment-applications/{id}", documents::one::<PAYMENT>),
    (PATCH, "/billing/payment-applications/{id}", documents::change::<PAYMENT>),
    (GET, "/billing/payment-applications", documents::list::<PAYMENT>),
    (POST, "/billing/payment-applications", applying::make),
];

/// Documented in name only: what such a call takes or answers is not published.
fn not_documented(_: &Nue, _: &Call) -> Result<Response, Refusal> {
    Err(Refusal::not_emulated("what this call answers is not published"))
}

/// The vendor's paths.
pub(crate) fn routes() -> Router<Arc<Nue>> {
    let documented = DOCUMENTED.into_iter().map(|(method, path, handler)| (method, path, handler, false));
    let assumed = ASSUMPTIONS.into_iter().map(|(method, path, handler)| (method, path, handler, true));
    documented.chain(assumed).fold(Router::new(), |router, (method, path, handler, assumed)| {
        router.route(
            path,
            on(method, move |State(nue): State<Arc<Nue>>, call: Call| async move {
                let mut response = handler(&nue, &call).unwrap_or_else(|refusal| nue.refuse(&refusal));
                if assumed {
                    response.headers_mut().insert(ASSUMED, HeaderValue::from_static("1"));
                }
                response
            }),
        )
    })
}
