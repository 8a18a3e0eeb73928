//! What of Nue's API is only assumed, in one place: each call and each behaviour with its name, what we take it to be, on
//! which evidence, and how it is proven. Names are those of the configuration (`[nue.assumed]`) and of `check`.

use std::collections::BTreeMap;

use model::flow::Flow;
use serde::Serialize;

use super::{hub, paths};

/// On which evidence we assume something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A page of Nue's, of which the copy at hand has lost letter case and some characters.
    Page,
    /// The source of a public client.
    Client,
    /// Nothing public was found.
    Ours,
}

impl Evidence {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::Page => "a page of Nue's, in a damaged copy",
            Self::Client => "a public client",
            Self::Ours => "our assumption",
        }
    }
}

/// A call or a behaviour that is assumed.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Assumption {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What is assumed, for a person.
    pub what: &'static str,
    /// A path or a name, if it is one: the configuration may say another.
    pub value: &'static str,
    /// On which evidence.
    pub evidence: Evidence,
    /// Whether a read can prove it. What cannot be proven without writing, a person accepts by name.
    pub probed: bool,
}

const fn probed(name: &'static str, value: &'static str, evidence: Evidence, what: &'static str) -> Assumption {
    Assumption { name, what, value, evidence, probed: true }
}

const fn accepted(name: &'static str, value: &'static str, evidence: Evidence, what: &'static str) -> Assumption {
    Assumption { name, what, value, evidence, probed: false }
}

use Evidence::{Client, Ours, Page};

pub(super) const METADATA: Assumption =
    probed("metadata", paths::PROBE, Page, "the harmless read, by which a key is tried");
pub(super) const INVOICE_LIST: Assumption = probed("invoice-list", paths::INVOICES, Page, "the list of invoices");
pub(super) const CREDIT_MEMO_LIST: Assumption =
    probed("credit-memo-list", "/credit-memos", Page, "the list of credit memos");
pub(super) const CUSTOMER_LIST: Assumption = probed("customer-list", paths::CUSTOMERS, Page, "the list of customers");
pub(super) const PAGING: Assumption =
    probed("paging", "", Page, "the controls of a list are `page` and `limit`, or `_page` and `_limit` (found out)");
pub(super) const LAST_PAGE: Assumption = probed("last-page", "", Ours, "a page behind the last one of a list is empty");
pub(super) const LIST_FILTER: Assumption =
    probed("list-filter", "", Page, "a condition in the address of a list is honoured");
pub(super) const GRAPHQL: Assumption = probed("graphql", paths::GRAPHQL, Page, "the address of GraphQL");
pub(super) const GRAPHQL_LIMIT: Assumption = probed("graphql-limit", "", Ours, "`limit` bounds the records of a query");
pub(super) const GRAPHQL_ORDER: Assumption =
    probed("graphql-order", "", Ours, "`orderBy: {id: asc}` sorts the records of a query");
pub(super) const GRAPHQL_OFFSET: Assumption =
    probed("graphql-offset", "", Ours, "`offset` leaves out the first records of a query");
pub(super) const GRAPHQL_IN: Assumption =
    probed("graphql-in", "", Page, "`_in` with a variable finds the records of a list of ids");
/// By it Nue's own connection to Salesforce is found out.
pub const GRAPHQL_LIKE: Assumption = probed("graphql-like", "", Page, "`_like` finds the records whose id begins so");
pub(super) const EXTERNAL_ID: Assumption = probed("external-id", "", Ours, "a query can filter by `externalId`");
pub(super) const ORDER_STATUS: Assumption =
    probed("order-status", "", Page, "an order is Draft, Active or Activated, or Canceled");
pub(super) const SOURCE_ID: Assumption =
    probed("source-id", "", Ours, "a query can filter by the field of the tenant's own that holds the Salesforce id");
pub(super) const DEBIT_MEMO: Assumption =
    probed("debit-memo", "DebitMemo", Ours, "what a debit memo is called in GraphQL");
pub(super) const DEBIT_MEMO_ITEM: Assumption =
    probed("debit-memo-item", "DebitMemoItem", Ours, "what its item is called");
pub(super) const PAYMENT_APPLICATION: Assumption =
    probed("payment-application", "PaymentApplication", Ours, "what a payment application is called in GraphQL");
pub(super) const PAYMENT_APPLICATION_ITEM: Assumption =
    probed("payment-application-item", "PaymentApplicationItem", Ours, "what its item is called");
pub(super) const HUB_UPLOAD: Assumption = accepted(
    "hub-upload",
    paths::HUB,
    Client,
    "the Transaction Hub is told what became of a record; \"\" leaves it alone",
);
pub(super) const ORDER_CREATE: Assumption =
    accepted("order-create", paths::ORDERS, Page, "a POST makes an order, as a draft that binds nobody");
pub(super) const ORDER_ACTIVATE: Assumption =
    accepted("order-activate", "/orders/{id}", Page, "a POST to a draft activates it");
pub(super) const ORDER_CANCEL: Assumption = accepted(
    "order-cancel",
    "/orders/{id}",
    Ours,
    "a PATCH of its status to Canceled cancels a draft that is one too many",
);
pub(super) const ORDER_CHANGE: Assumption =
    accepted("order-change", "/orders/{id}", Ours, "a PATCH changes what may be changed of an order");
pub(super) const CHANGE_ORDER_CREATE: Assumption =
    accepted("change-order-create", paths::CHANGE_ORDERS, Client, "a POST makes a draft that changes subscriptions");
pub(super) const CONTACT_CREATE: Assumption = accepted(
    "contact-create",
    "/customers/{id}/contacts",
    Page,
    "a POST makes the contacts of a customer, answered in the order of the request",
);
pub(super) const CUSTOMER_CREATE: Assumption =
    accepted("customer-create", paths::CUSTOMERS, Page, "a POST makes customers, answered in the order of the request");
pub(super) const CUSTOMER_CHANGE: Assumption = accepted(
    "customer-change",
    "/customers/{id}",
    Page,
    "a PATCH changes a customer (another page: /orders/customers/{id})",
);
pub(super) const SUBSCRIPTION_CHANGE: Assumption = accepted(
    "subscription-change",
    "/subscriptions/{id}",
    Page,
    "a PATCH changes what may be changed of a subscription",
);
pub(super) const WAIT_OUT: Assumption =
    accepted("wait-out", "", Ours, "an interrupted write lands within `wait_out_seconds`, or never");

/// All of them, in the order in which `check` tells them.
pub const ALL: [&Assumption; 31] = [
    &METADATA,
    &INVOICE_LIST,
    &CREDIT_MEMO_LIST,
    &CUSTOMER_LIST,
    &PAGING,
    &LAST_PAGE,
    &LIST_FILTER,
    &GRAPHQL,
    &GRAPHQL_LIMIT,
    &GRAPHQL_ORDER,
    &GRAPHQL_OFFSET,
    &GRAPHQL_IN,
    &GRAPHQL_LIKE,
    &EXTERNAL_ID,
    &ORDER_STATUS,
    &SOURCE_ID,
    &DEBIT_MEMO,
    &DEBIT_MEMO_ITEM,
    &PAYMENT_APPLICATION,
    &PAYMENT_APPLICATION_ITEM,
    &HUB_UPLOAD,
    &ORDER_CREATE,
    &ORDER_ACTIVATE,
    &ORDER_CANCEL,
    &ORDER_CHANGE,
    &CHANGE_ORDER_CREATE,
    &CONTACT_CREATE,
    &CUSTOMER_CREATE,
    &CUSTOMER_CHANGE,
    &SUBSCRIPTION_CHANGE,
    &WAIT_OUT,
];

/// The assumption of that name.
pub fn named(name: &str) -> Option<&'static Assumption> {
    ALL.into_iter().find(|assumption| assumption.name == name)
}

/// What a tenant's configuration says in place of what we assume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assumed(BTreeMap<&'static str, String>);

impl Assumed {
    /// Other paths and names by the assumptions' own names; gives what is wrong, and with which.
    pub fn new(given: &BTreeMap<String, String>) -> Result<Self, (String, String)> {
        let mut values = BTreeMap::new();
        for (name, value) in given {
            let wrong = |words: String| (name.clone(), words);
            let assumption = named(name).ok_or_else(|| {
                let near = model::nearest::did_you_mean(name, ALL.into_iter().map(|known| known.name));
                wrong(format!("nothing that is assumed of Nue is called `{name}`{near}"))
            })?;
            fits(assumption, value).map_err(wrong)?;
            values.insert(assumption.name, value.clone());
        }
        Ok(Self(values))
    }

    /// The path or the name.
    pub fn of(&self, assumption: &'static Assumption) -> &str {
        self.0.get(assumption.name).map_or(assumption.value, String::as_str)
    }

    /// A path with a record's id in its place.
    pub(super) fn path(&self, assumption: &'static Assumption, id: &str) -> String {
        self.of(assumption).replace("{id}", id)
    }

    /// The list of an object, where a page of Nue's names one.
    pub(super) fn list(&self, object: &str) -> Option<&str> {
        Some(self.of(match object {
            "invoice" => &INVOICE_LIST,
            "creditMemo" => &CREDIT_MEMO_LIST,
            "customer" => &CUSTOMER_LIST,
            _ => return None,
        }))
    }

    /// The object's name in GraphQL.
    pub(super) fn graphql_name(&self, object: &str) -> Result<String, String> {
        match named_object(object) {
            Some(assumption) => Ok(self.of(assumption).to_owned()),
            None => paths::graphql_name(object),
        }
    }
}

/// A path stays a path, with its id; a name stays one that can stand in a query.
fn fits(assumption: &Assumption, value: &str) -> Result<(), String> {
    let plain = |text: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    match (assumption.name, assumption.value) {
        ("paging", _) if matches!(value, "page" | "_page") => Ok(()),
        ("paging", _) => Err("it is `page` or `_page`".to_owned()),
        ("hub-upload", _) if value.is_empty() => Ok(()),
        (_, "") => Err("it is a behaviour: there is nothing to configure".to_owned()),
        (_, usual) if usual.starts_with('/') => {
            let same = value.contains("{id}") == usual.contains("{id}");
            let is_path = same && value.starts_with('/') && !value.contains(['?', '#', ' ']);
            if is_path { Ok(()) } else { Err(format!("it is a path like {usual}")) }
        }
        _ if value.is_empty() || !plain(value) => Err("it is a name of letters and digits".to_owned()),
        _ => Ok(()),
    }
}

/// The assumption that names an object in GraphQL.
fn named_object(object: &str) -> Option<&'static Assumption> {
    Some(match object {
        "debitMemo" => &DEBIT_MEMO,
        "debitMemoItem" => &DEBIT_MEMO_ITEM,
        "paymentApplication" => &PAYMENT_APPLICATION,
        "paymentApplicationItem" => &PAYMENT_APPLICATION_ITEM,
        _ => return None,
    })
}

/// Something assumed, as this tenant is taken to have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What.
    pub assumption: &'static Assumption,
    /// The path, the name or the field.
    pub value: String,
}

/// What a flow rests on; nothing, if Nue has no part in it.
pub fn needs(flow: &Flow, assumed: &Assumed) -> Vec<Need> {
    let (source, destination) = (&flow.source, &flow.destination);
    let mut all: Vec<&'static Assumption> = Vec::new();
    if source.application == super::APPLICATION || destination.application == super::APPLICATION {
        all.extend([&METADATA, &GRAPHQL, &GRAPHQL_LIMIT, &GRAPHQL_ORDER, &GRAPHQL_OFFSET, &GRAPHQL_IN]);
        all.push(&GRAPHQL_LIKE);
    }
    if source.application == super::APPLICATION {
        let related = flow.all_relations().into_iter().map(|(_, relation)| relation.object.as_str());
        all.extend(related.chain([source.object.as_str()]).filter_map(named_object));
        all.extend(match source.object.as_str() {
            "invoice" => vec![&INVOICE_LIST, &PAGING, &LAST_PAGE],
            "creditMemo" => vec![&CREDIT_MEMO_LIST, &PAGING, &LAST_PAGE],
            "customer" => vec![&CUSTOMER_LIST, &PAGING, &LAST_PAGE],
            _ => vec![],
        });
        if hub::knows(&source.object) && !assumed.of(&HUB_UPLOAD).is_empty() {
            all.push(&HUB_UPLOAD);
        }
    }
    if destination.application == super::APPLICATION {
        all.push(&EXTERNAL_ID);
        if !destination.look_only {
            all.extend(written(&destination.object));
        }
    }
    let mut needs: Vec<Need> = Vec::new();
    for assumption in all {
        let need = Need { assumption, value: assumed.of(assumption).to_owned() };
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs.extend(
        own_field(flow).map(|(object, field)| Need { assumption: &SOURCE_ID, value: format!("{object}.{field}") }),
    );
    needs
}

/// What a flow rests on that writes records of an object.
fn written(object: &str) -> Vec<&'static Assumption> {
    match object {
        "order" => vec![&ORDER_STATUS, &ORDER_CREATE, &ORDER_ACTIVATE, &ORDER_CANCEL, &ORDER_CHANGE, &WAIT_OUT],
        "changeOrder" => vec![&ORDER_STATUS, &CHANGE_ORDER_CREATE, &ORDER_ACTIVATE, &ORDER_CANCEL, &WAIT_OUT],
        "customer" => vec![&CUSTOMER_CREATE, &CUSTOMER_CHANGE, &WAIT_OUT],
        "contact" => vec![&CONTACT_CREATE, &WAIT_OUT],
        "subscription" => vec![&SUBSCRIPTION_CHANGE],
        _ => vec![],
    }
}

/// The field of the tenant's own by which records that a flow makes in Nue are found again.
fn own_field(flow: &Flow) -> Option<(&str, &str)> {
    let side = &flow.destination;
    let field = side.source_id.as_deref().filter(|field| !matches!(*field, "id" | "externalId"))?;
    (side.application == super::APPLICATION).then_some((side.object.as_str(), field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &str, value: &str) -> Result<Assumed, (String, String)> {
        Assumed::new(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn every_assumption_has_a_name_of_its_own() {
        for one in ALL {
            assert_eq!(named(one.name), Some(one));
        }
    }

    #[test]
    fn paths_and_names_can_be_configured_and_behaviours_cannot() {
        assert_eq!(given("graphql", "/orders/async/graphql").unwrap().of(&GRAPHQL), "/orders/async/graphql");
        assert_eq!(given("order-cancel", "/orders/{id}/cancel").unwrap().path(&ORDER_CANCEL, "7"), "/orders/7/cancel");
        assert_eq!(given("debit-memo", "debit_memos").unwrap().graphql_name("debitMemo").unwrap(), "debit_memos");
        assert_eq!(Assumed::default().graphql_name("invoiceItem").unwrap(), "InvoiceItem");
        for (name, value) in [
            ("graphql", "orders"),
            ("order-cancel", "/orders"),
            ("debit-memo", "a } }"),
            ("last-page", "x"),
            ("paging", "offset"),
        ] {
            assert!(given(name, value).is_err(), "{name} = {value}");
        }
        let (_, words) = given("graphq", "/x").unwrap_err();
        assert!(words.contains("did you mean `graphql`"), "{words}");
    }
}
