//! What is emulated of queries, from where it is known, and how well. All read in November 2026.

use crate::behaviour::{Behaviour, Grade};

const SOQL: &str = "developer.salesforce.com, SOQL and SOSL Reference, version 262";
const REST: &str = "developer.salesforce.com/docs/platform/api-rest, Query and Query More Results";
const BULK: &str = "developer.salesforce.com/docs/platform/api-asynch, Bulk API 2.0 query jobs";
const CURSORS: &str = "developer.salesforce.com, Salesforce app limits cheat sheet, API query cursors";
const DATA_CLI: &str = "github.com/salesforcecli/plugin-data, query command";
const AIRBYTE: &str = "github.com/airbytehq/airbyte, source-salesforce and its tests; github.com/estuary/connectors";
const JSFORCE: &str = "github.com/jsforce/jsforce, issues 380 and 732; github.com/OpenFn/adaptors, issue 395";
const FIXTURES: &str = "answers kept in tests and logs of public projects: amp-labs/connectors, CumulusCI, Mule templates, \
                        forcedotcom/SFDX-Data-Move-Utility issue 1194 and others";
const KTEMA: &str = "ktema.org/articles/soql-group-by-fields";
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

/// The table.
pub(crate) const BEHAVIOURS: &[Behaviour] = &[
    docs("a query has 100,000 characters at most, a text in a condition 4,000", SOQL),
    docs("AND and OR are not mixed without parentheses; texts stand in single quotes, with the listed escapes", SOQL),
    docs(
        "a path leads over 5 relationships at most; a query has 55 child-to-parent and 20 parent-to-child at most",
        SOQL,
    ),
    docs("subqueries of child relationships lie within each other up to five levels", SOQL),
    docs(
        "texts are compared without regard to case, except in unique fields that mind it; = null finds what is empty",
        SOQL,
    ),
    docs(
        "what is empty is sorted first, ascending or descending, if the query does not say; picklists by their places",
        SOQL,
    ),
    docs("a condition on a parent's field that is compared with null holds where there is no parent", SOQL),
    docs("a day is not compared with a moment, nor one in quotes with either; the names of spans suit both", SOQL),
    docs("FIELDS(ALL) and FIELDS(CUSTOM) need a LIMIT of 200 at most", SOQL),
    docs("a query with figures and without GROUP BY has no LIMIT; one with groups has no locator", SOQL),
    docs("ids match with 15 characters and with 18", SOQL),
    third("which fields can be grouped by, and the words where one cannot", KTEMA),
    seen(
        "an unexpected word is pointed to with columns counted from 0, a name or a value with columns from 1",
        FIXTURES,
    ),
    seen("the excerpt ends with the fourth word or sign behind the place", FIXTURES),
    assumed("the excerpt begins at the first word of the 41 characters before the place"),
    seen(
        "the words of INVALID_FIELD and INVALID_TYPE; a field hidden from the user is refused as one that is not there",
        FIXTURES,
    ),
    seen("an id that is none: INVALID_QUERY_FILTER_OPERATOR, invalid ID field", FIXTURES),
    seen("a literal of another type: value of filter criterion for field .. must be of type ..", FIXTURES),
    seen("a semi-join between different objects: MALFORMED_QUERY, should point to the same object type", FIXTURES),
    seen("semi-joins do not nest, and their left side is a field of the object itself", FIXTURES),
    assumed("parentheses, NOT and queries lie within each other up to 50 deep; further down: QUERY_TOO_COMPLICATED"),
    assumed("the words for a LIMIT with figures, an alias of a plain field, a second selection of one field, ALL ROWS"),
    assumed("NOT IN and != let pass what is empty; there is no third truth beside yes and no"),
    assumed(
        "days begin at midnight in GMT: the zone of the user; weeks begin on Sunday; fiscal years are calendar years",
    ),
    assumed("groups without ORDER BY come in the order of what their records share"),
    third("FOR UPDATE, FOR VIEW and FOR REFERENCE are read and change nothing over REST", SOQL),
    assumed("TYPEOF, functions other than figures, WITH, ROLLUP, CUBE, UPDATE and scopes other than everything: 501"),
    docs("answers nest parents and children; a parent or children that are not there are null", REST),
    docs("batchSize is advice, from 200 to 2,000; it is asked for with every page", REST),
    assumed("pages that show a text area of more than 255 characters have 1,000 records at most"),
    docs(
        "a cursor lives two days; any number of them may be open; a locator begins with 0r8 and ends with the offset",
        CURSORS,
    ),
    seen("a locator that leads nowhere: 400 INVALID_QUERY_LOCATOR, invalid query locator", FIXTURES),
    assumed(
        "a page that comes later shows the records that were found, with what they hold by then; deleted ones are left out",
    ),
    assumed("cursors hold ten million ids in all; the oldest go first"),
    third("columns=true answers columnMetadata instead of records", DATA_CLI),
    assumed("explain is answered with 501; POST with 405; a query without q with MALFORMED_QUERY"),
    docs("query jobs: create, poll, results by locator and maxRecords, abort, delete, list; kept for seven days", BULK),
    docs("Sforce-Locator is the word null with the last file; Sforce-NumberOfRecords counts the records of each", BULK),
    seen("jobs take neither figures nor subqueries nor compound fields, and say so when they are made", JSFORCE),
    third(
        "those refusals have the code API_ERROR; moments in files end with .000Z, values are quoted, none is empty",
        AIRBYTE,
    ),
    assumed("a job answers what there was when it was made, and takes as long as the setting bulk_batch_ms says"),
    third(
        "10,000 query jobs may be made in 24 hours: Max bulk v2 query jobs (10000) per 24 hrs has been reached",
        AIRBYTE,
    ),
    assumed("a file has 10,000 records where the caller names no number; the refusals of jobs in the wrong state"),
];
