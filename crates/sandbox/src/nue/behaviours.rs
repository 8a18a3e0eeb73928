//! The table of behaviours.
//!
//! Sources, all read in November 2026. Of `api-docs.nue.io` and the newer pages of `docs.nue.io` only copies in small
//! letters without punctuation were at hand: where those are the source, capitals, hyphens and colons are reconstructed
//! (`_reconstructed` below). Of every page about the first 2,000 characters were at hand, so what is not listed may exist.

use crate::behaviour::{Behaviour, Grade};

const KEYS: &str = "docs.nue.io/docs/tutorial-the-nue-platform/api-keys";
const USERS: &str = "docs.nue.io/docs/developer-resource-use-cases/authenticate-api-users";
const GUIDE: &str = "docs.nue.io/self-service-reference-guide (reconstructed)";
const CUSTOMERS: &str = "api-docs.nue.io: creating, fetching, updating customers (reconstructed)";
const CUSTOMERS_2502: &str = "nue-api-docs.apidocumentation.com version-2502, common customer scenarios";
const CUSTOMER_REFERENCE: &str = "api-docs.nue.io/customer-data-reference (reconstructed)";
const CONTACTS: &str = "api-docs.nue.io: contact data reference, creating contacts (reconstructed)";
const ORDERS: &str = "api-docs.nue.io: create, activate draft orders, order data reference (reconstructed)";
const CREATE_ORDER: &str = "api-docs.nue.io/create-order (reconstructed)";
const ORDERS_2502: &str = "nue-api-docs.apidocumentation.com version-2502, retrieve orders";
const ORDERS_2503: &str = "nue-api-docs.apidocumentation.com version-2503, new orders";
const CHANGES: &str = "api-docs.nue.io/change-order-data-reference (reconstructed)";
const SUBSCRIPTIONS: &str = "api-docs.nue.io: subscription data reference, updating subscriptions (reconstructed)";
const ENTITLEMENTS: &str = "api-docs.nue.io/entitlements-overview (reconstructed)";
const INVOICES: &str = "api-docs.nue.io: manage invoices, update invoice fields (reconstructed)";
const STATUSES: &str = "docs.nue.io/docs/tutorial-billing-accelerator/invoice-statuses";
const MEMOS: &str = "api-docs.nue.io: fetching credit memos, convert credits to credit memos (reconstructed)";
const PAYMENTS: &str = "docs.nue.io/docs/collections/collections-scenarios-payments";
const CATALOGUE: &str = "api-docs.nue.io/getting-started-with-product-catalog (reconstructed)";
const HUB: &str = "docs.nue.io/docs/collections/collections-scenarios-invoicing";
const USAGE: &str = "api-docs.nue.io/Sbxa-usage (reconstructed)";
const FIELDS: &str = "docs.nue.io/docs/how-to-guide/how-to-guide-nue-platform/manage-custom-fields";
const CLIENT: &str = "github.com/mspiep01/nue-cli, HEAD fd44abf, its older commands and apiClient.js";
const CLIENT_AND_GUIDE: &str = "the same client, and api-docs.nue.io/export-and-import (reconstructed)";
const SYNC: &str = "nue-api-docs.apidocumentation.com version-2504, customer and Salesforce account; docs.nue.io, publishing products (reconstructed)";
const NONE: &str = "none found";

const fn docs(what: &'static str, source: &'static str) -> Behaviour {
    Behaviour { what, source, grade: Grade::VendorDocs }
}

const fn third(what: &'static str, source: &'static str) -> Behaviour {
    Behaviour { what, source, grade: Grade::ThirdParty }
}

const fn assumed(what: &'static str) -> Behaviour {
    Behaviour { what, source: NONE, grade: Grade::Assumed }
}

/// What is emulated, from where it is known, and how well.
pub(super) const BEHAVIOURS: &[Behaviour] = &[
    docs("a call bears the header nue-api-key; a missing, wrong, deleted or expired key is an error", KEYS),
    docs("a user's token or Basic authentication, each with the header apiAccessKey, open as well", USERS),
    docs("POST /auth/token takes userName, password and showTenants; POST /auth/refreshToken renews", USERS),
    assumed("a token lasts 15 minutes: one page of the vendor says so and another says an hour"),
    assumed("the keys of the token's answer: accessToken, refreshToken, expiresIn; a refresh token is good once"),
    docs("self-service calls need a permission of the role; without it they are refused", GUIDE),
    assumed("it is refused with 403; billing and the Transaction Hub have permissions of the same kind"),
    assumed("error codes and their statuses: VALIDATION 400, NOT_FOUND 404, CONFLICT 409, LIMIT 413, RATE_LIMITED 429"),
    third("an error is told in errors[].message, in error or in message; a 500 bears errorId", CLIENT),
    assumed("an error body holds all of these forms at once, unless the setting `errors` asks for one"),
    assumed("there is no rate limit, unless the setting `rate` sets one: a bucket of tokens, and Retry-After"),
    docs("self-service answers stand in an envelope of status, data and warnings", CUSTOMERS),
    docs("lists tell pagination.total; a page has 100 records, 500 at most, and pages count from 1", INVOICES),
    assumed("pages of all lists are those of invoices; more than 500 is LIMIT"),
    assumed("the paging controls are page, limit, predicate, or the same with an underscore: setting `paging`"),
    assumed("a paging control in the spelling that the tenant does not understand is passed over"),
    docs("what stands under /billing answers without an envelope, and so does the catalogue", INVOICES),
    docs("any field is a query parameter; operators >= <= > < != <> stand in the raw query string", CUSTOMERS),
    assumed("what is no field, or a custom field that cannot be filtered by, is refused: setting `unknownFilters`"),
    assumed("an empty value asks for null, and null satisfies no other condition; texts compare with their case"),
    docs("customerIds is a JSON list of texts, escaped", ORDERS_2502),
    assumed("customerIds may be a list with commas, too"),
    docs("an id in a path or in customerId may be Nue's or the external one", CUSTOMERS),
    docs("a record born in Salesforce bears its Salesforce id in Nue; one born in Nue has a UUID", CUSTOMER_REFERENCE),
    docs("externalId is null until the record reaches Salesforce, and cannot be written", CUSTOMER_REFERENCE),
    docs("customers are made in a list of 200 at most; name and recordType are required", CUSTOMERS),
    assumed("a list with one wrong customer makes none; customers and contacts may share a name"),
    docs("a customer is changed by PATCH /customers/{id}", CUSTOMERS_2502),
    docs("a customer is changed by PATCH /orders/customers/{id}", CUSTOMERS),
    docs("a contact has a last name of 80 characters at most and a mail address that is unique", CONTACTS),
    assumed(
        "what a body says of a field that does not exist or may not be written is refused: setting `unknownFields`",
    ),
    assumed("an amount in a body has two decimals at most; an empty text is null; a description has 255 characters"),
    docs("custom fields stand on orders, order products, subscriptions, customers and billing records", FIELDS),
    docs("a billing record lists its custom fields in customFields", INVOICES),
    assumed("custom fields of other records stand beside their own fields"),
    docs("POST /orders drafts an order of price book entries; POST /orders/{id} activates it", ORDERS),
    docs("POST /cpq/orders drafts one of SKUs and units", CREATE_ORDER),
    third("Location may hold the new order's id", CLIENT),
    third("data holds the order and, beside it, what belongs to it", CLIENT),
    assumed("nothing keeps an order from being made twice: no key for idempotency is published"),
    assumed("the price of an order product is the list price times the quantity, for the whole term"),
    assumed("a product that is inactive or was never published, and a quantity of nothing, refuse an order"),
    docs("an order is Draft, Activated or Canceled; lists and guides say active, draft, canceled", ORDERS),
    assumed("Active and Activated are one state, shown by the word of the setting `orderStatusWord`"),
    assumed("only a draft is activated, otherwise CONFLICT; GET and PATCH /orders/{id}; a draft is cancelled by PATCH"),
    docs("activation makes subscriptions, assets and entitlements by the category of the product", ENTITLEMENTS),
    docs(
        "a custom field of an order product is copied to the subscription where that has one of the name",
        ORDERS_2503,
    ),
    docs("UpdateQuantity and UpdateTerm are added to what is there, and so double when sent twice", CHANGES),
    assumed("Renew adds its term; Cancel ends at its date; a change applies when its order is activated"),
    docs("of a subscription only autoRenew and custom fields can be changed", SUBSCRIPTIONS),
    assumed("a subscription is Active or Canceled"),
    third("UpdateTerm names its months newTerm; term is taken, too", CLIENT),
    docs("subscriptions include product and pricetags on demand", SUBSCRIPTIONS),
    assumed("no tenant here has price tags"),
    docs("a billing account has one draft invoice, which new items join; an active one is immutable", STATUSES),
    docs("only the latest invoice may be cancelled, and only while it is not paid", STATUSES),
    assumed("the latest is that of the latest date; an invoice that is paid in part is paid; the path :cancel"),
    assumed("custom fields of an active document can be written; nothing else of it"),
    docs("invoices are activated by a list of ids or by a GraphQL filter", INVOICES),
    assumed("a batch of documents stops at the first that is refused; those before it are done"),
    docs("an invoice includes assets, orders and paymentApplications on demand", INVOICES),
    assumed("a document at its own address shows its items; a list shows those of memos and applications"),
    docs("credit memos are applied to invoices, and made alone by standalone:upsert", MEMOS),
    assumed("a memo that is made alone is a draft, changed by its id, and activated like an invoice"),
    docs("Nue holds applications, not payments; one is spread over items, the smallest balance first", PAYMENTS),
    assumed("the answer of :pay and :apply; more than the balance is CONFLICT"),
    assumed("credit memos are taken off again by :unapply, which cancels the application"),
    assumed("a memo tells the invoice that it corrects in invoiceId"),
    assumed("debit memos are served like invoices; payment applications have paths and an id like other records"),
    assumed("a path that no page documents answers with x-emulator-assumed: 1"),
    docs("the catalogue lists published products only, as a bare list, with their price book entries", CATALOGUE),
    docs("the hub holds for each record and system the id there, a status, and an error", HUB),
    third("the hub takes 5,000 rows in an upload, which is a job; keys may come in small letters", CLIENT),
    third("the words of an upload's status are in small letters, and those of an export's are not", CLIENT),
    assumed("rows take effect when the job is over, each by itself; a record has one row a system"),
    assumed("the hub knows payment applications and subscriptions besides the types of the public client"),
    third("GraphQL answers {data: {Object: []}} on several paths, and tells errors in 200, too", CLIENT),
    docs("objects are in Pascal case; operators _eq _in _and _gte _lte _like", USERS),
    assumed("_ne _gt _lt _or, conditions one level deep, limit, offset and orderBy; 1,000 records at most, silently"),
    assumed("invoiceNumber and totalAmount of documents, which a public client asks for, are unknown: name and amount"),
    third("an export is a job; its files are JSON lines; right after its creation it may be 404", CLIENT),
    third("an export that finds nothing is Failed with `No ... fetched`", CLIENT_AND_GUIDE),
    assumed("the file of an export is fetched without a key, as by a signed link"),
    docs("usage with the same transactionId is processed once and only once", USAGE),
    assumed("the shape of GET /metadata/objects"),
    docs("in a connected tenant what self-service made goes to Salesforce by itself, with the order", SYNC),
    assumed("it gets its externalId some time after it was made, customers too: setting `connectedDelayMs`"),
    // What only a fault brings about.
    assumed("lists, GraphQL and exports may lag behind a write; a record at its own address does not"),
    assumed("a write that is answered as refused, or by 500, may have been committed"),
    assumed("of an upload that is accepted a row may be lost; so may any record whose making was answered with 200"),
];
