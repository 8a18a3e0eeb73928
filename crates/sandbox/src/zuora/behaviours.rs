//! The table of behaviours.
//!
//! Sources, all read in November 2026: the vendor's OpenAPI specification of 2023-12-15 (with descriptions) and of
//! 2026-05-01 (compact), its developer portal's guides, its product documentation, and public clients and their tests.

use crate::behaviour::{Behaviour, Grade};

const SPEC: &str = "Zuora OpenAPI specification 2023-12-15";
const SPEC_2026: &str = "Zuora OpenAPI specification 2026-05-01 (compact)";
const ZOQL: &str = "docs.zuora.com/zuora-platform/data/legacy-query-methods/zoql";
const FAULTS: &str = "docs.zuora.com/zuora-platform/integration/apis/soap-api/error-handling/faults";
const OBJECT_QUERY: &str = "developer.zuora.com/docs/guides/expand-filter-fields-sort";
const IDEMPOTENCY: &str = "developer.zuora.com/docs/guides/idempotent-requests";
const RATE_LIMITS: &str = "developer.zuora.com/docs/guides/rate-limits";
const GUARDIAN: &str = "github.com/guardian/support-service-lambdas, tests of its Zuora error handling";
const IRON_BANK: &str = "github.com/zendesk/iron_bank, issue 36 and tests";
const HYEOMANS: &str = "github.com/hyeomans/zuora, tests of its error handling";
const ZUORA_CLI: &str = "github.com/matsuzj/zuora-cli, notes checked on a tenant in 2026";
const GEM: &str = "rubygems.org/gems/zuora_api, raise_errors";
const ERRORS: &str = "docs.zuora.com/zuora-platform/integration/apis/soap-api/error-handling/errors";
const ERROR_CODES: &str = "developer.zuora.com/docs/guides/error-codes";
const SOAP: &str = "docs.zuora.com/zuora-platform/integration/apis/soap-api/soap-api-object-reference";
const OLDER_API: &str = "the same reference, and developer.zuora.com/v1-api-reference: rate plan charges in `older-api` (CRUD) and `api` (Object Query)";
const CANNOT_QUERY: &str = "the vendor's model of InvoiceItem, `You cannot query() for this field`, in clients generated from its specification";
const ACTIVE_ZUORA: &str = "github.com/sportngin/active_zuora, pull request 59";
const ACTIVE_ZUORA_48: &str = "github.com/sportngin/active_zuora, issue 48, and the fields that it leaves out";
const MULE: &str = "classes generated from the WSDL in the Mule Zuora connector; queries in public clients";
const NONE: &str = "none found";

const fn docs(what: &'static str, source: &'static str) -> Behaviour {
    Behaviour { what, source, grade: Grade::VendorDocs }
}

const fn seen(what: &'static str, source: &'static str) -> Behaviour {
    Behaviour { what, source, grade: Grade::SeenLive }
}

const fn third(what: &'static str, source: &'static str) -> Behaviour {
    Behaviour { what, source, grade: Grade::ThirdParty }
}

const fn assumed(what: &'static str) -> Behaviour {
    Behaviour { what, source: NONE, grade: Grade::Assumed }
}

/// What is emulated, from where it is known, and how well.
pub(super) const BEHAVIOURS: &[Behaviour] = &[
    docs("a token is asked with a form of client_id (36 characters), client_secret (42 at most) and grant_type", SPEC),
    docs("a token is a bearer token of 32 hexadecimal digits, good for an hour; expires_in is a little less", SPEC),
    third("an unknown client id is refused with 400 in Spring's envelope", GEM),
    assumed("a wrong client secret is refused with 401 in Spring's envelope"),
    docs("401 names its realms in WWW-Authenticate; Actions, CRUD and describe say only `Authentication error`", SPEC),
    third("401 of the v1 resources has code 90000011 and asks to sign in first", IRON_BANK),
    assumed("401 of Object Query has the envelope of its other errors, and the code of the v1 resources"),
    docs(
        "answers carry Zuora-Request-Id and echo Zuora-Track-Id; the latter has 64 characters at most, none of : ; \" '",
        SPEC,
    ),
    docs("answers over 1000 bytes are compressed for those who ask; request bodies may be compressed", SPEC),
    docs(
        "50,000 calls in a minute, told in RateLimit headers; the call beyond is refused with 429 and code 70",
        RATE_LIMITS,
    ),
    docs(
        "40 calls at once, 80 of Object Query, told in Concurrency-Limit headers; 429 has Retry-After: 120",
        RATE_LIMITS,
    ),
    docs("an Idempotency-Key keeps the first answer of a POST or PATCH, good or bad, for 24 hours", IDEMPOTENCY),
    docs("the same key at another address is refused with 422, and while its call runs with 409", IDEMPOTENCY),
    seen("a PUT with an Idempotency-Key is refused with 400", ZUORA_CLI),
    assumed(
        "a DELETE with an Idempotency-Key is refused like a PUT; a GET ignores it; the body does not belong to the key",
    ),
    docs("ZOQL has lower-case keywords, one object, and no *, parentheses, in, order by, functions or joins", ZOQL),
    docs("ZOQL takes 200 conditions at most, and `and` binds before `or`", ZOQL),
    docs("a query string has 10,000 characters at most", FAULTS),
    docs("ZOQL ignores the case of names and minds the case of texts; its results have no defined order", ZOQL),
    assumed("ZOQL escapes a quote in a text with a backslash"),
    third("ZOQL takes `= null` and `!= null`; `is null` belongs to Export ZOQL", "queries in public clients"),
    assumed("in ZOQL and Object Query null is neither equal nor unequal to a value; an empty text is not null"),
    assumed("like matches with % and _ anywhere in the pattern and minds the case"),
    docs("the operators other than = and != do not take true and false; like takes texts only", ZOQL),
    docs("fields that are null are left out of the records of a query", SPEC),
    docs(
        "a record carries its Id though the query does not select it",
        "the example of Action_POSTquery in the specification",
    ),
    docs("a batch has 2000 records at most, and as many when more are asked for; size counts all that match", SPEC),
    docs("a locator is 32 hexadecimal digits, a hyphen and the records already read", SPEC),
    docs("a locator dies after 15 minutes without use; the same locator gives the same batch again", ZOQL),
    third("faults of the Actions come with 400 and FaultCode and FaultMessage", GUARDIAN),
    third("an unknown field is `invalid field for query: Object.field` in small letters", IRON_BANK),
    third("an unknown object is `invalid type specified: name`", HYEOMANS),
    third("a query outside the grammar is `You have an error in your ZOQL syntax`", "tests of several public clients"),
    third("an unknown action is refused with 400 and ClientError", GUARDIAN),
    docs("a one-time charge is `One-Time` in a condition and `OneTime` in a record", SPEC),
    docs("credit and debit memos, orders and other objects of Invoice Settlement are unknown to the Actions", SPEC),
    docs("Actions and CRUD answer as of WSDL version 79 unless X-Zuora-WSDL-Version says otherwise", SPEC),
    third(
        "ProductNumber and the numbers of plans and charges are known from WSDL version 133 on",
        "the vendor's SOAP version history",
    ),
    docs("an Action takes 50 objects; each has its own result, in order, and 200 is not success", SPEC),
    assumed("more than 50 objects are refused with MAX_RECORDS_EXCEEDED and nothing is executed"),
    docs("unknown fields are ignored unless rejectUnknownFields=true, which refuses the whole call with 400", SPEC),
    docs("fieldsToNull empties fields", SPEC),
    assumed("a null in the body of an Action or a CRUD call changes nothing; an empty text is stored as it is"),
    assumed("a field that may not be written refuses its object with INVALID_FIELD"),
    docs("connector fields are texts of 255 characters at most, or one of a list", SPEC),
    docs("texts hold no character of four bytes in UTF-8", "developer.zuora.com, text encoding notes"),
    docs("custom fields, and nothing else, of InvoiceItem may be written by an Action", SOAP),
    assumed("connector fields of InvoiceItem are such fields; the specification shows them in PUT /v1/invoices/{key}"),
    docs(
        "ZOQL does not know ProductRatePlanChargeId of InvoiceItem: the way to the catalogue is RatePlanCharge. CRUD does not show it either; Object Query and GET /v1/invoices/{key}/items do",
        CANNOT_QUERY,
    ),
    third("a query of it is refused", ACTIVE_ZUORA),
    assumed("it is refused like any unknown field, and describe leaves out what no query can show"),
    docs(
        "InvoiceItem has ChargeId, RatePlanChargeId, ChargeNumber, SubscriptionId, SubscriptionNumber and ProductId; a new item's ChargeId and RatePlanChargeId are the same",
        SOAP,
    ),
    docs(
        "only Object Query shows AccountId, SubscriptionOwnerId, RatePlanId and ProductRatePlanId of an item",
        SPEC_2026,
    ),
    assumed("ChargeType of InvoiceItem can be queried: no remark of the vendor says otherwise"),
    third("TaxationItem has neither TaxMode nor Country in the Actions; TaxMode is for exports", MULE),
    docs("Subscription, RatePlan and RatePlanCharge are read by query, CRUD, describe and Object Query", OLDER_API),
    third(
        "the fields of RatePlanCharge in a query; Price, DiscountAmount and the like only one at a time, so not here",
        ACTIVE_ZUORA_48,
    ),
    docs("an evergreen subscription has no end of term", SPEC),
    assumed(
        "an account with invoices has one active evergreen subscription from its first day of service, with a plan and a charge for what is billed, all in their first version",
    ),
    assumed("a charge of a subscription has the name, type, model and unit that the catalogue has now"),
    assumed("of Subscription only connector fields may be written; RatePlan and RatePlanCharge have no PUT here"),
    docs(
        "a new document's TransferredToAccounting is `No`, not null",
        "the example of GET /v1/invoices/{invoiceKey} in the specification",
    ),
    assumed("ZOQL shows TransferredToAccounting `No` of a new invoice as the v1 resources do"),
    assumed("an Action may set TransferredToAccounting back to `No`"),
    docs("PUT /v1/invoices/{key} takes Processing, Yes, Error and Ignore, but not No", SPEC_2026),
    docs(
        "PUT /v1/invoices changes up to 50 invoices and leaves TransferredToAccounting alone",
        "Zuora's guide to ERP integration",
    ),
    assumed("PUT /v1/invoices changes all invoices or none"),
    assumed("a posted or cancelled invoice keeps its dates and its status"),
    assumed("an active account must have a bill-to and a sold-to contact"),
    docs("an account number and a SKU are unique", SPEC),
    assumed("a SKU is unique with its case; a record that others refer to is not deleted"),
    docs("required fields of products, plans and charges are those of the CRUD schemas", SPEC),
    assumed("a change of a charge demands none of the fields that the schema marks as required"),
    third(
        "required fields of an account are Name, Currency, BillCycleDay and Status",
        "github.com/optimizely/zuora-client-python",
    ),
    docs("CRUD answers a missing record with 404 and an empty list", SPEC),
    third("CRUD refuses with 400, Success and Errors in capitals", GUARDIAN),
    docs("PUT /v1/accounts/{key} leaves out what is not named and empties what is empty", SPEC),
    seen("an unknown key is refused with 404 and code 50000040", ZUORA_CLI),
    assumed("other refusals of the v1 resources come with 200 and success: false"),
    docs("pages of v1 lists have 40 records at most; nextPage is a full address", SPEC),
    docs("moments are written with the tenant's offset by the Actions, and without any by the v1 resources", SPEC),
    assumed("the tenant is eight hours behind Greenwich all the year"),
    assumed("records are stamped with whole seconds; a bill run stamps all its invoices with one"),
    docs(
        "Object Query filters with EQ NE LT GT LE GE SW IN, joined by and; texts without regard to case",
        OBJECT_QUERY,
    ),
    docs("Object Query takes EQ:null, and an empty text as %02%03", OBJECT_QUERY),
    docs(
        "Object Query sorts by one field; its pages have 10 records, 99 at most; children are cut at the page size",
        OBJECT_QUERY,
    ),
    docs("the cursor of Object Query holds the last value and id; a record that is written moves", OBJECT_QUERY),
    third(
        "Object Query filters and sorts by the listed fields only",
        "github.com/bharathan1993/Zuora-API-Executor, generated parameter lists",
    ),
    assumed("connector fields are not indexed, and so cannot be filtered by in Object Query"),
    assumed("the listed fields of invoice items, taxation items, subscriptions, plans, charges and tiers"),
    docs(
        "Object Query writes names with a small first letter, decimals with a fraction, and leaves out null",
        OBJECT_QUERY,
    ),
    docs("Object Query expands what the specification lists for each object", SPEC_2026),
    assumed("Object Query refuses with 400 and code 50000027; moments are in UTC"),
    third("describe answers in XML with selectable, createable, updateable, filterable and contexts", IRON_BANK),
    assumed("500 has the v1 envelope and 503 is a page of HTML: no body of theirs is published"),
    assumed("a body of more than 32 MiB is answered 413 by the gateway, as soon as that is seen; the words, too"),
    // What only a fault brings about.
    docs("a token that has expired is refused like an unknown one, and a new login helps", ERROR_CODES),
    seen("403 of the v1 resources has code 50000010: its category 10 is a missing permission", ZUORA_CLI),
    docs("a missing permission is NO_PERMISSION in Actions and CRUD", ERRORS),
    assumed(
        "NO_PERMISSION comes with 403, as a fault of an Action and as an error of CRUD; so does the text of all 403s",
    ),
    third("the token endpoint refuses a user who is not active with 403 in Spring's envelope", GEM),
    third("planned work: 503, a page of HTML and `Server: AkamaiGHost`, without the vendor's own headers", GEM),
    third("a gateway answers 502 or 504 with a page of HTML; its words are assumed", GEM),
    docs("UNKNOWN_ERROR is an unknown error of one row of a batch", ERRORS),
    assumed("a row that is answered UNKNOWN_ERROR, and a v1 call that is answered 50000060, may have been committed"),
    assumed("a row that is answered with Success may not have been changed"),
    assumed(
        "when searches lag, ZOQL, Object Query (by key, too) and /v1/catalog/products show what stood before a write; CRUD and the other v1 resources show what stands",
    ),
];
