//! What is emulated, from where it is known, and how well.
//!
//! `D` is Oracle's help, `https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/<page>.html`; `B` is Oracle's
//! REST API Browser 2026.1 as kept by github wsjmnh/netsuite-record-rest-docs. All were read on 2026-11-21.

use crate::behaviour::Grade::{Assumed, SeenLive, ThirdParty, VendorDocs};
use crate::behaviour::{Behaviour, Grade};

const fn row(what: &'static str, source: &'static str, grade: Grade) -> Behaviour {
    Behaviour { what, source, grade }
}

/// The table.
pub(super) const BEHAVIOURS: &[Behaviour] = &[
    // Who is let in.
    row(
        "token-based authentication: HMAC-SHA256 over method, address and all oauth_ and query parameters",
        "D subsect_156935170194, section_1534941295, 2026-11-21",
        VendorDocs,
    ),
    row(
        "timestamp within 5 minutes, nonce of 6 or more characters and used once, version 1.0, realm is the account",
        "D section_1534941088, section_1534939551, 2026-11-21",
        VendorDocs,
    ),
    row(
        "the signed address is that of the Host header as received; X-Forwarded-Proto tells the scheme",
        "design of the sandbox, 2026-11-21",
        Assumed,
    ),
    row(
        "token endpoint: client_credentials with a jwt-bearer assertion, PS256/384/512 and ES256, kid is the certificate",
        "D section_162755359851, section_162790605110, 2026-11-21",
        VendorDocs,
    ),
    row(
        "an assertion signed with RS256 is refused",
        "github oracle/netsuite-suitecloud-sdk, agent-skills appendices (2026-06), 2026-11-21",
        VendorDocs,
    ),
    row(
        "exp - iat at most 60 minutes; aud is the token endpoint as called or as published; scope as list or as text",
        "D section_162755359851, 2026-11-21",
        VendorDocs,
    ),
    row(
        "token errors as {\"error\":...}, 400, or 401 with WWW-Authenticate for invalid_client",
        "D subsect_158521832417, written for the code flow, 2026-11-21",
        Assumed,
    ),
    row(
        "access tokens last 60 minutes, there is no refresh token, expires_in is a number",
        "D section_162686838198, 2026-11-21",
        VendorDocs,
    ),
    row(
        "a token without the scope rest_webservices is refused",
        "D subsect_158324637123 (ScopeMismatched), 2026-11-21",
        VendorDocs,
    ),
    row("401 with code INVALID_LOGIN and a text that never says why", "D section_156570709583, 2026-11-21", VendorDocs),
    row(
        "the lock of a user after 5 bad logins is not emulated: wrong calls have no memory",
        "D section_1534941088, 2026-11-21",
        Assumed,
    ),
    row(
        "more requests in flight than the account may have: 429 at once, titled Bad Request, without Retry-After",
        "D section_156570709583, bridgehead_1500275603, 2026-11-21",
        VendorDocs,
    ),
    // Records.
    row(
        "create, change and upsert answer 204 with an empty body and the address in Location",
        "B overview, D section_156335203191, 2026-11-21",
        VendorDocs,
    ),
    row(
        "upsert (PUT) by external id only; created and updated look alike",
        "D section_156335203191; the status of both is not told apart, 2026-11-21",
        VendorDocs,
    ),
    row(
        "fields, types and enumerations of customer, invoice, creditMemo and items",
        "B schemas/*, 2026-11-21",
        VendorDocs,
    ),
    row(
        "names of types and of properties match without regard to case",
        "Oracle's SuiteWorld Postman collection writes CompanyName, Subsidiary; its help writes addressbook, 2026-11-21",
        VendorDocs,
    ),
    row(
        "eid: wherever an id may stand in a URL; {id}, {externalId}, {refName} or a bare id in bodies",
        "D section_156334828635, section_1545142146, 2026-11-21",
        VendorDocs,
    ),
    row(
        "external ids are unique in a group of types (transactions, items, entities) and match without regard to case",
        "D section_N3436356, section_N3433806, 2026-11-21",
        VendorDocs,
    ),
    row(
        "a used external or entity id on an entity: 400 USER_ERROR 'This entity already exists.'",
        "github aideny-kr/ecom-netsuite-suites (measured), 2026-11-21",
        SeenLive,
    ),
    row(
        "a used external id on a transaction or item: 400 USER_ERROR 'This record already exists.'",
        "classic code DUP_RCRD, D section_N3539978; not captured on REST, 2026-11-21",
        Assumed,
    ),
    row(
        "an item name stands once beneath a parent: 'Uniqueness error - there is already an item with that name ...'",
        "classic code DUP_ITEM, D section_N3539978, 2026-11-21",
        VendorDocs,
    ),
    row(
        "item names may stand twice under different parents; customers may share a company name",
        "D section_N3539978 and common use, 2026-11-21",
        Assumed,
    ),
    row(
        "empty mandatory fields: 'Please enter value(s) for: First Name, Last Name.'",
        "github ehmad11/netsuite-rest issue 26, 2026-11-21",
        SeenLive,
    ),
    row(
        "customers need companyName, or isPerson with first and last name, and a subsidiary on OneWorld",
        "D article_161581923822, 2026-11-21",
        VendorDocs,
    ),
    row(
        "items: income account and subsidiary are defaulted and the tax schedule is optional, unless preferences say otherwise",
        "D article_79140109160; which of them a tenant demands is its own, 2026-11-21",
        Assumed,
    ),
    row(
        "customers without entityId get the next number",
        "NetSuite's auto-generated numbers, a preference of the tenant, 2026-11-21",
        Assumed,
    ),
    row(
        "a bad reference: 400 INVALID_CONTENT 'You have entered an Invalid Field Value ...' with o:errorPath",
        "D section_156570709583, 2026-11-21",
        VendorDocs,
    ),
    row(
        "references to inactive records are refused in the same words",
        "netsuite error lists of other clients, 2026-11-21",
        Assumed,
    ),
    row(
        "text too long: 'The field ... contained more than the maximum number ( n ) of characters allowed.'",
        "captured in public SuiteScript and loader logs (phone 32 characters), 2026-11-21",
        SeenLive,
    ),
    row(
        "lengths: companyName 83, entityId 83, phone 32, tranId 45, otherRefNum 45, memo 4000, itemId 60, custom text 300, address lines 150",
        "phone: seen live; the others from common lists of field lengths, 2026-11-21",
        Assumed,
    ),
    row(
        "an e-mail address must look like one; a phone number has seven characters or more",
        "classic NetSuite form checks, 2026-11-21",
        Assumed,
    ),
    row(
        "unknown properties: dropped with a Warning header by default, 400 with PropertyNameValidation: error",
        "D section_156570709583; the code NONEXISTENT_FIELD from Airbyte's error map, the header's name assumed, 2026-11-21",
        ThirdParty,
    ),
    row(
        "malformed values: refused by default, dropped with PropertyValueValidation warning or ignore",
        "D section_156570709583, 2026-11-21",
        VendorDocs,
    ),
    row("numbers may be written as texts", "reading of JSON by the vendor's platform, 2026-11-21", Assumed),
    row(
        "computed properties in a body are ignored",
        "D article_161581923822 names read-only parts, 2026-11-21",
        Assumed,
    ),
    row(
        "sublists are keyed: a known key changes its line, any other is added; ?replace= removes the lines not named",
        "D section_1545295601, section_1545297048, section_161488248489, 2026-11-21",
        VendorDocs,
    ),
    row(
        "null empties a sublist with or without replace",
        "D section_1545295601; its note and example disagree, 2026-11-21",
        VendorDocs,
    ),
    row("a line number that does not exist is refused on a change", "D section_161488248489, 2026-11-21", Assumed),
    row(
        "GET of a transaction by a wrong or absent id: 400 'Transaction type specified is incorrect.'; of others 404",
        "captured test reports on public github, 2026-11-21",
        SeenLive,
    ),
    row(
        "numbers appear with a decimal point, references with links, id and refName, empty fields not at all",
        "D section_157305090645, section_1545142146 and B, 2026-11-21",
        VendorDocs,
    ),
    row(
        "collections: limit 1 to 1000, offset divisible by limit, links next/previous/first/last/self",
        "D section_156414087576, 2026-11-21",
        VendorDocs,
    ),
    row(
        "q: operators, AND before OR, lists in brackets, days as month/day/year; ISO days are refused",
        "D section_1545222128; airbytehq/airbyte issue 21871, 2026-11-21",
        VendorDocs,
    ),
    row("text in q matches without regard to case", "vendor's searches elsewhere, 2026-11-21", Assumed),
    row(
        "delete is refused while other records depend on the record",
        "classic code THIS_RECORD_CANNOT_BE_DELETED_BECAUSE_IT_HAS_DEPENDENT_RECORDS, 2026-11-21",
        ThirdParty,
    ),
    row(
        "transform of an invoice into a credit memo makes a new record each time",
        "D section_157901123882, 2026-11-21",
        VendorDocs,
    ),
    // Transactions.
    row(
        "invoices and credit memos need a customer and at least one line",
        "D section_161488248489, article_164460021767; wording of the refusals assumed, 2026-11-21",
        VendorDocs,
    ),
    row(
        "amount = quantity x rate, rounded half away from zero to the currency's places; a given amount wins over the rate",
        "D section_161488248489 (sample has quantity 1, rate 50, amount 1000), 2026-11-21",
        VendorDocs,
    ),
    row(
        "quantity defaults to 1; a rate that follows from an amount is kept to 8 places",
        "common use, 2026-11-21",
        Assumed,
    ),
    row(
        "a total below zero is refused",
        "a negative document must be a credit memo; wording assumed, 2026-11-21",
        Assumed,
    ),
    row(
        "currency, subsidiary and terms come from the customer; the currency must be one of the customer's",
        "B customer currencyList; wording as for any bad reference, 2026-11-21",
        Assumed,
    ),
    row(
        "the posting period follows from tranDate and must exist, be open and not be locked",
        "D section_N3539978 (DATE_PRD_MISMATCH and its family); exact REST texts unknown, 2026-11-21",
        Assumed,
    ),
    row("callers may give tranId; numbers may stand twice", "account preference (allow override), 2026-11-21", Assumed),
    row(
        "there is no legacy tax: tax is an ordinary line with the tax's item",
        "D section_161488248489 (REST does not support legacy tax), 2026-11-21",
        VendorDocs,
    ),
    row(
        "a credit memo's apply list settles invoices of the same customer and currency up to what remains",
        "B creditMemo-applyElement, D article_164460021767, 2026-11-21",
        VendorDocs,
    ),
    row(
        "status A is open; B is paid in full, or fully applied",
        "B invoice.status, creditMemo.status; names by common use, 2026-11-21",
        ThirdParty,
    ),
    row(
        "custom fields custentityzuora..., custitemzuora..., custbodyzuora..., custcolzuora... are free-form text",
        "six of the names seen in public scripts and Zuora's pages, the others follow the pattern, 2026-11-21",
        Assumed,
    ),
    // SuiteQL.
    row(
        "POST with Prefer: transient, every value a text, keys in small letters, empty columns left out",
        "D section_157909186990; null columns by other clients' use, 2026-11-21",
        ThirdParty,
    ),
    row(
        "flags are T and F, days appear in the account's format (month/day/year), moments by their day",
        "other clients' use of TO_CHAR, 2026-11-21",
        ThirdParty,
    ),
    row(
        "at most 1000 rows a page, 100,000 rows a query, 1000 arguments in an IN list; no WITH, no LIMIT, no date literals",
        "D section_157909186990, article_0824094533, 2026-11-21",
        VendorDocs,
    ),
    row("bound parameters: ? and params", "D section_157909186990, 2026-11-21", VendorDocs),
    row(
        "unknown columns and tables are refused as INVALID_PARAMETER with the names that are known",
        "captures on public github, 2026-11-21",
        SeenLive,
    ),
    row(
        "a missing Prefer: transient is a 400 with code INVALID_HEADER",
        "the code is not documented, 2026-11-21",
        Assumed,
    ),
    row(
        "lines: the sold quantity and amount of an invoice are negative, its main line positive; credit memos the other way",
        "public SuiteQL multiplies netamount and quantity of invoice lines by -1, 2026-11-21",
        ThirdParty,
    ),
    row(
        "transaction.foreigntotal of a credit memo is negative",
        "follows from the signs of the main line, 2026-11-21",
        Assumed,
    ),
    row(
        "comparison of texts and LIKE regard case; an unnamed expression is called expr1, expr2, ...",
        "Oracle SQL and common use, 2026-11-21",
        Assumed,
    ),
    row(
        "a query sees every record as soon as it is written, unless a fault makes it lag",
        "nothing is published either way, 2026-11-21",
        Assumed,
    ),
    row(
        "the account's zone is UTC, its date format month/day/year, its base currency the first of the books",
        "settings of the sandbox, 2026-11-21",
        Assumed,
    ),
    row("FETCH FIRST n ROWS ONLY is understood", "aideny-kr/ecom-netsuite-suites relies on it, 2026-11-21", ThirdParty),
    // The rest.
    row(
        "OPTIONS of any address with valid keys answers 204; the address of a collection may end with a slash",
        "README of npm netsuite-rest 1.0.9, 2026-11-21",
        ThirdParty,
    ),
    row(
        "metadata catalog: list, JSON Schema of a type with x-ns-filterable and custom fields, OpenAPI 3.0 of chosen types",
        "D section_1540810174, section_1545126526, 2026-11-21",
        VendorDocs,
    ),
    row(
        "serverTime in UTC with milliseconds; governanceLimits",
        "D article_0528010158, article_0625010817, 2026-11-21",
        VendorDocs,
    ),
    row(
        "503 is an HTML page, 500 is UNEXPECTED_ERROR with an error id",
        "D section_156570709583; maintenance text from Stitch's error reference, 2026-11-21",
        ThirdParty,
    ),
    // What only a fault brings about.
    row(
        "an expired token: 401, error=\"invalid_token\", until a new login",
        "D subsect_158521885412, 2026-11-21",
        VendorDocs,
    ),
    row(
        "the tokens behind a signature do not expire: only the struck call is refused, with error=\"token_rejected\"",
        "token-based authentication knows no login; the word is assumed, 2026-11-21",
        Assumed,
    ),
    row(
        "a missing permission: 403 INSUFFICIENT_PERMISSION",
        "captured by public clients of REST, 2026-11-21",
        SeenLive,
    ),
    row(
        "its text: 'Permission Violation: You need a higher permission ...'",
        "github oracle-samples/netsuite-commerce issue 2 and NetSweet/netsuite issue 249, neither of them on REST, 2026-11-21",
        ThirdParty,
    ),
    row("a gateway answers 502 with a page of HTML", "common use of HTTP; no page is published, 2026-11-21", Assumed),
    row("a call is finished though its caller is gone", "D section_1540364662, for SOAP, 2026-11-21", VendorDocs),
    row(
        "a record stays saved though a script fails after the save and the answer is an error",
        "D section_1540364662, section_N3536574, 2026-11-21",
        VendorDocs,
    ),
    row(
        "such an answer is 400 USER_ERROR 'An unexpected SuiteScript error has occurred.', or 500 UNEXPECTED_ERROR",
        "wording of SuiteScript; not captured on REST, 2026-11-21",
        Assumed,
    ),
    row(
        "a write may be answered with 204 and Location, and its record not be there afterwards; its id is used up",
        "no source: a fault for the sake of callers that trust too much, 2026-11-21",
        Assumed,
    ),
    row(
        "a body of more than 104 MB is answered 413 INVALID_REQUEST as soon as that is seen; conditions of `q` nest 100 deep",
        "the size: SuiteTalk's limit; status, words and depth: no source, 2026-11-22",
        Assumed,
    ),
    row(
        "when searches lag, SuiteQL and collections show what stood before a write; a record's own address what stands",
        "nothing is published either way, 2026-11-21",
        Assumed,
    ),
    row(
        "asynchronous requests, batches, datasets, forms, other record types and sub-queries answer 501",
        "limits of the sandbox, 2026-11-21",
        Assumed,
    ),
];
