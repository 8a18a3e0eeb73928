//! Which call does what. On pages of Nue's: the lists of invoices and credit memos, customers, orders, subscriptions, the
//! Transaction Hub by a public client. Assumed, and so read by GraphQL, which is on a page: debit memos and payment
//! applications. Read on 2026-11-21.

/// The harmless read.
pub(super) const PROBE: &str = "/metadata/objects";
/// Reads by GraphQL: one of several addresses on the pages.
pub(super) const GRAPHQL: &str = "/async/graphql";
/// Rows of the Transaction Hub, 5,000 a call.
pub(super) const HUB: &str = "/revenue/transaction-hub/upload";
/// Customers, 200 a call.
pub(super) const CUSTOMERS: &str = "/customers";
/// A draft, and with an id behind it its activation.
pub(super) const ORDERS: &str = "/orders";
/// A draft whose lines change subscriptions.
pub(super) const CHANGE_ORDERS: &str = "/change-orders";
/// The list by which the spelling of the paging is found out.
pub(super) const INVOICES: &str = "/invoices";

/// The object's name in GraphQL: `creditMemo` is `CreditMemo`. A change order is an order like any other.
pub(super) fn graphql_name(object: &str) -> Result<String, String> {
    let object = if object == "changeOrder" { "order" } else { object };
    let plain = !object.is_empty() && object.chars().all(|letter| letter.is_ascii_alphanumeric());
    if !plain {
        return Err(format!("'{object}' is no name of an object"));
    }
    let (first, rest) = object.split_at(1);
    Ok(format!("{}{rest}", first.to_ascii_uppercase()))
}
