//! What the activation of orders made: subscriptions, assets, entitlements. None can be made alone.

use axum::response::Response;
use serde_json::Value;

use super::Nue;
use super::call::Call;
use super::customers::change_one;
use super::fail::Refusal;
use super::reply;
use super::schema::Object;

/// `GET /subscriptions`.
pub(crate) fn list(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    reply::list(nue, call, Object::Subscription, Vec::new())
}

/// `GET /subscriptions/{id}`.
pub(crate) fn one(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    Ok(reply::envelope(Value::Object(reply::one(nue, call, Object::Subscription, call.path("id"))?)))
}

/// `PATCH /subscriptions/{id}`: `autoRenew` and custom fields.
pub(crate) fn change(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    change_one(nue, call, Object::Subscription, &[], |_, _, _| Ok(())).map(reply::envelope)
}

/// `GET /assets`.
pub(crate) fn list_assets(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    reply::list(nue, call, Object::Asset, Vec::new())
}

/// `GET /entitlements`.
pub(crate) fn list_entitlements(nue: &Nue, call: &Call) -> Result<Response, Refusal> {
    reply::list(nue, call, Object::Entitlement, Vec::new())
}
