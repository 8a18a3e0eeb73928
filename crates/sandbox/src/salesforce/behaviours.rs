//! What is emulated, from where it is known, and how well.
//!
//! `DR` is <https://developer.salesforce.com/docs/platform/api-rest/guide/>, `DA` the same for `api-asynch`, `AT` the
//! atlas <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/>, `LIM` the cheat sheet of limits,
//! `REC` the traffic that SFDO-Tooling/CumulusCI recorded from an org. All were read on 2026-11-21.

use crate::behaviour::Grade::{Assumed, SeenLive, ThirdParty, VendorDocs};
use crate::behaviour::{Behaviour, Grade};

const fn row(what: &'static str, source: &'static str, grade: Grade) -> Behaviour {
    Behaviour { what, source, grade }
}

/// The table.
pub(super) const BEHAVIOURS: &[Behaviour] = &[
    // Who is let in.
    row(
        "client credentials with id and secret in the body or as HTTP Basic; no refresh token; issued_at is a text of milliseconds",
        "help remoteaccess_oauth_client_credentials_flow; what simple-salesforce, jsforce and cirrus send, 2026-11-21",
        VendorDocs,
    ),
    row(
        "JWT bearer: RS256 only, aud is login., test. or the org's own address, exp within 5 minutes",
        "help remoteaccess_oauth_jwt_flow; the bound of exp is common knowledge, 2026-11-21",
        Assumed,
    ),
    row(
        "exp as a text or in milliseconds is taken, aud with a slash behind it, too",
        "observed: sf CLI and simple-salesforce send them so and are let in by the vendor, 2026-11-21",
        ThirdParty,
    ),
    row(
        "errors of the token endpoint are 400 with error and error_description",
        "help remoteaccess_oauth_flow_errors; tests of tap-salesforce; the status of invalid_client is not settled, 2026-11-21",
        ThirdParty,
    ),
    row("a deactivated user: invalid_grant, inactive user", "no source, 2026-11-21", Assumed),
    row(
        "SOAP login: sessionId, serverUrl, userId, organizationId; a fault is 500 with sf:exceptionCode",
        "what jsforce and simple-salesforce read, 2026-11-21",
        ThirdParty,
    ),
    row(
        "a session that is over: 401 INVALID_SESSION_ID, Session expired or invalid",
        "issues of simple-salesforce and tap-salesforce, 2026-11-21",
        SeenLive,
    ),
    row("the header WWW-Authenticate: Token of that answer", "no source, 2026-11-21", Assumed),
    row(
        "a session lasts for a time without calls, set by the org; a call keeps it alive",
        "help security session settings, 2026-11-21",
        Assumed,
    ),
    row(
        "revoke, userinfo and the identity URL; without a session they answer 403 Bad_OAuth_Token",
        "common use, 2026-11-21",
        Assumed,
    ),
    // Versions and limits.
    row(
        "versions 31 to 68; the list is told without a session and not counted",
        "appexchange.salesforce.com/services/data, 2026-11-21",
        VendorDocs,
    ),
    row("an older version: 410; its code is not known", "AT errorcodes, 2026-11-21", Assumed),
    row(
        "Sforce-Limit-Info with api-usage=used/max on every answer but the versions",
        "AT headers_api_usage; at the vendor the value lags, here it does not, 2026-11-21",
        VendorDocs,
    ),
    row(
        "one call for a collection or a composite request, one for each part of a batch",
        "DR resources-composite-*, 2026-11-21",
        VendorDocs,
    ),
    row("one call for a request of graphs", "no source, 2026-11-21", Assumed),
    row("calls are counted over 24 hours", "LIM salesforce-app-limits-platform-api, 2026-11-21", VendorDocs),
    row(
        "at the daily limit: 403 REQUEST_LIMIT_EXCEEDED, TotalRequests Limit exceeded., from the first call too many on",
        "airbytehq/airbyte issue 8690; that the vendor lets some more pass is said, 2026-11-21",
        SeenLive,
    ),
    row(
        "25 calls of more than 20 seconds at once, then 403 ConcurrentPerOrgLongTxn",
        "LIM salesforce-app-limits-platform-api, 2026-11-21",
        VendorDocs,
    ),
    row(
        "maintenance: reads go on, writes and jobs are refused with 503",
        "AT errorcodes; the status is not settled, 2026-11-21",
        Assumed,
    ),
    row("an address of more than 16,384 bytes: 414", "help 000386264, 2026-11-21", VendorDocs),
    // Objects.
    row(
        "describes have all keys of a recorded one, and standard fields their types, lengths and traits",
        "REC GET_sobjects_Account_describe, GET_sobjects_Contact_describe (API 48), 2026-11-21",
        SeenLive,
    ),
    row("If-Modified-Since on describes: 304", "AT intro_rest_conditional_requests, 2026-11-21", VendorDocs),
    row(
        "a field that the user does not see is absent from describes and records; named it is INVALID_FIELD",
        "bruin-data/ingestr issue 1011, django-salesforce, 2026-11-21",
        SeenLive,
    ),
    row("an object that the user does not see: 404 on describe", "the same, 2026-11-21", SeenLive),
    row(
        "a record that is not shared: 404 when read, INSUFFICIENT_ACCESS_OR_READONLY when written",
        "the same, 2026-11-21",
        SeenLive,
    ),
    row("Ruby__Subscription__c and its fields", "public code of Nue's customers, 2026-11-21", ThirdParty),
    row("the other Ruby__ objects and their fields", "no source: settings give them other names, 2026-11-21", Assumed),
    row(
        "a detail without a currency takes that of its master",
        "common knowledge of orgs with several currencies, 2026-11-21",
        Assumed,
    ),
    row(
        "an org with several currencies: CurrencyIsoCode on each object with money",
        "object reference, 2026-11-21",
        VendorDocs,
    ),
    // Records.
    row(
        "create 201, update and delete 204, Location of a new record",
        "DR dome-sobject-create, 2026-11-21",
        VendorDocs,
    ),
    row(
        "upsert by key: 201 created, 200 with created:false since v46, 204 before, 300 with addresses, updateOnly",
        "DR dome-upsert, AT resources_sobject_upsert_patch; where 200 and 204 part is not settled, 2026-11-21",
        VendorDocs,
    ),
    row(
        "the key in the body of a single upsert is refused, Id too",
        "AT resources_sobject_upsert_patch (v55); whether later versions still do is not known, 2026-11-21",
        VendorDocs,
    ),
    row("keys match without regard to case where unique values do", "Apex guide, upsert, 2026-11-21", VendorDocs),
    row(
        "an External ID that is not unique: only who sees all data may upsert by it",
        "Apex guide, upsert, 2026-11-21",
        VendorDocs,
    ),
    row("an upsert by Email of a contact (idLookup) is taken", "REC TestUpsert, 2026-11-21", SeenLive),
    row(
        "duplicate value found: FIELD duplicates value on record with id: ID, with an empty list of fields",
        "k-capehart/go-salesforce issue 133, 2026-11-21",
        SeenLive,
    ),
    row(
        "of a record that the caller does not see: <unknown> in the place of field and id",
        "the words are from field reports, when they are used is our reasoning, 2026-11-21",
        Assumed,
    ),
    row("records in the recycle bin neither block a key nor match an upsert", "no source, 2026-11-21", Assumed),
    row(
        "a deleted record at its address: 404 ENTITY_IS_DELETED",
        "AT errorcodes; 400 is possible, too, 2026-11-21",
        Assumed,
    ),
    row(
        "texts are trimmed, an empty one is none; numbers are rounded half up to their scale",
        "common knowledge, 2026-11-21",
        Assumed,
    ),
    row("too many digits before the point: NUMBER_OUTSIDE_VALID_RANGE", "public fixtures, 2026-11-21", SeenLive),
    row(
        "a number or a flag may be given as a text",
        "REC TestUpdates writes NumberOfEmployees so, 2026-11-21",
        SeenLive,
    ),
    row(
        "numbers are written with a fraction, and with an exponent from ten million on",
        "fixtures of amp-labs/connectors; the exponent is common knowledge, 2026-11-21",
        Assumed,
    ),
    row(
        "a value of the wrong type: JSON_PARSER_ERROR of the request, INVALID_TYPE_ON_FIELD_IN_RECORD of a row",
        "the words of the enumeration in forcedotcom/wsc; when each is used is common knowledge, 2026-11-21",
        Assumed,
    ),
    row(
        "moments are kept to the second; answers write .000+0000",
        "DR intro_valid_date_formats, 2026-11-21",
        VendorDocs,
    ),
    row(
        "a parent by its key; a missing one: Foreign key external ID: ... not found",
        "AT; the words are common knowledge, 2026-11-21",
        Assumed,
    ),
    row(
        "If-Match on accounts, If-(Un)Modified-Since on all records; 304 and 412",
        "AT intro_rest_conditional_requests; the body of 412 is not known, 2026-11-21",
        VendorDocs,
    ),
    row(
        "a delete moves details along, clears lookups, and is refused where a record is required",
        "object reference, 2026-11-21",
        VendorDocs,
    ),
    row(
        "validation rules: FIELD_CUSTOM_VALIDATION_EXCEPTION, all that are broken at once",
        "help; public fixtures, 2026-11-21",
        SeenLive,
    ),
    row(
        "duplicate rules: DUPLICATES_DETECTED, allowSave passes a rule that only warns",
        "AT headers_duplicaterules, 2026-11-21",
        VendorDocs,
    ),
    row("the body of duplicateResult", "AT, shortened, 2026-11-21", Assumed),
    row(
        "an order is a draft, gets products, is activated and is mostly read only then",
        "object reference orderstatus, 2026-11-21",
        VendorDocs,
    ),
    row("the codes and words of refusals around orders and price books", "no source, 2026-11-21", Assumed),
    row("roll-ups leave no stamp", "estuary/connectors pull request 3414, 2026-11-21", ThirdParty),
    // Several records.
    row(
        "collections: 200 records, 10 runs of one type, results in order, HTTP 200; 2,000 to be read",
        "DR resources-composite-sobjects-collections, 2026-11-21",
        VendorDocs,
    ),
    row(
        "a key twice in a call: DUPLICATE_VALUE on both rows",
        "k-capehart/go-salesforce, field reports, 2026-11-21",
        SeenLive,
    ),
    row(
        "all or none: the culprit keeps its code, the others are ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "DR, 2026-11-21",
        VendorDocs,
    ),
    row(
        "composite: 25 parts, references, all or none with PROCESSING_HALTED; the outer wish is the stronger",
        "DR resources-composite-composite, 2026-11-21",
        VendorDocs,
    ),
    row(
        "at most 5 parts of a composite are queries or collections",
        "common knowledge; not verified, 2026-11-21",
        Assumed,
    ),
    row(
        "batch: 25 parts, haltOnError with 412 BATCH_PROCESSING_HALTED",
        "DR resources-composite-batch, 2026-11-21",
        VendorDocs,
    ),
    row(
        "trees of 200 records and 5 levels: 201, or 400 with what is wrong",
        "DR resources-composite-sobject-tree, 2026-11-21",
        VendorDocs,
    ),
    row(
        "graphs: 75 of them, 500 nodes, each whole or not at all",
        "DR resources-composite-graph, 2026-11-21",
        VendorDocs,
    ),
    row(
        "a call holds what it writes and its parents until its answer is out; who meets them waits, then UNABLE_TO_LOCK_ROW",
        "declarative-lookup-rollup-summaries issues 450 and 499, forcedotcom/cli issue 882, 2026-11-21",
        SeenLive,
    ),
    row("that wait is 10 seconds; which lookups lock their parents", "common knowledge, 2026-11-21", Assumed),
    // Jobs.
    row("ingest jobs: states, addresses, one file, results by row, abort, delete, list", "DA, 2026-11-21", VendorDocs),
    row("the keys of a job, and the quoting of results", "fixtures of amp-labs/connectors, 2026-11-21", SeenLive),
    row(
        "an unknown column fails the job: InvalidBatch : Field name not found",
        "fixtures of amp-labs/connectors, 2026-11-21",
        SeenLive,
    ),
    row("results in another order than the file's", "DA, 2026-11-21", VendorDocs),
    row("an empty value says nothing, #N/A empties the field", "common knowledge, 2026-11-21", Assumed),
    row("codes of refused job requests; hardDelete is not permitted", "DA and common knowledge, 2026-11-21", Assumed),
    row(
        "retries of locked batches within a job are not emulated: rows are refused once the wait is over",
        "design of the sandbox, 2026-11-21",
        Assumed,
    ),
];
