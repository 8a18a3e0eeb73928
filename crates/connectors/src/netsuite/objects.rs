//! What NetSuite's record types are called on its two sides: in addresses and in SuiteQL.

use crate::Promise;

/// The SuiteQL table of a record type, and what is special about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// All transactions share one table and one namespace of external ids.
    Transaction,
    /// All items likewise.
    Item,
    /// One table for this type; entities nevertheless share their external ids with contacts, vendors and employees.
    Own,
}

/// Record type in addresses, code in `transaction.type`.
const TRANSACTIONS: [(&str, &str); 14] = [
    ("invoice", "CustInvc"),
    ("creditMemo", "CustCred"),
    ("customerPayment", "CustPymt"),
    ("customerRefund", "CustRfnd"),
    ("customerDeposit", "CustDep"),
    ("depositApplication", "DepAppl"),
    ("journalEntry", "Journal"),
    ("salesOrder", "SalesOrd"),
    ("cashSale", "CashSale"),
    ("cashRefund", "CashRfnd"),
    ("returnAuthorization", "RtnAuth"),
    ("statementCharge", "CustChrg"),
    ("estimate", "Estimate"),
    ("opportunity", "Opprtnty"),
];

/// Columns that hold a day. SuiteQL gives it in the account's format unless it is told otherwise.
const DAYS: [&str; 8] =
    ["trandate", "duedate", "startdate", "enddate", "shipdate", "actualshipdate", "closedate", "saleseffectivedate"];

/// Columns that hold a moment.
const MOMENTS: [&str; 4] = ["lastmodifieddate", "createddate", "datecreated", "lastmodified"];

/// Columns of SuiteQL whose field in a record has another name. Where a column can stand for one of several fields,
/// the first that is filled counts. What is not listed has the same name but for its letters' case.
const FIELDS: [(&str, &[&str]); 10] = [
    ("foreigntotal", &["total", "payment"]),
    ("foreignamountunpaid", &["amountRemaining"]),
    ("foreignamountpaid", &["amountPaid"]),
    ("entity", &["entity", "customer"]),
    ("class", &["class"]),
    ("classification", &["class"]),
    ("datecreated", &["dateCreated"]),
    ("fullname", &["fullName", "itemId"]),
    ("postingperiod", &["postingPeriod"]),
    ("otherrefnum", &["otherRefNum"]),
];

/// The table in which a record type is looked up, and its name.
pub(super) fn table(object: &str) -> (Table, String) {
    let known = |name: &&(&str, &str)| name.0.eq_ignore_ascii_case(object);
    if TRANSACTIONS.iter().any(|name| known(&name)) {
        return (Table::Transaction, "transaction".into());
    }
    if object.len() > 4 && object.to_lowercase().ends_with("item") || object.eq_ignore_ascii_case("item") {
        return (Table::Item, "item".into());
    }
    (Table::Own, object.to_lowercase())
}

/// What a transaction's code is called in SuiteQL's own column `recordtype`.
pub(super) fn record_type(code: &str) -> String {
    let named =
        TRANSACTIONS.iter().find(|(_, known)| known.eq_ignore_ascii_case(code)).map(|(name, _)| name.to_lowercase());
    named.unwrap_or_else(|| code.to_lowercase())
}

/// Whether a column holds a day.
pub(super) fn is_day(column: &str) -> bool {
    DAYS.iter().any(|day| day.eq_ignore_ascii_case(column))
}

/// Whether a column holds a moment.
pub(super) fn is_moment(column: &str) -> bool {
    MOMENTS.iter().any(|moment| moment.eq_ignore_ascii_case(column))
}

/// The record's fields that a column can stand for.
pub(super) fn fields(column: &str) -> Vec<&str> {
    let listed = FIELDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
    listed.map_or_else(|| vec![column], |(_, fields)| fields.to_vec())
}

/// What NetSuite's record types can promise about duplicates.
pub fn promises() -> Vec<Promise> {
    let unique = |object, remains| Promise {
        object,
        enforced_key: "externalId, on every create; a repeat is refused",
        look_up: "SuiteQL by externalid and by the Zuora id field, 500 a call; a miss is settled by GET eid:",
        remains,
    };
    let nothing = "nothing that we know of";
    vec![
        unique("customer", "its name (entityId) must be unique too, where the account does not number customers"),
        unique("serviceSaleItem, nonInventorySaleItem, otherChargeSaleItem", "its name (itemId) must be unique too"),
        unique("invoice", nothing),
        unique("creditMemo", nothing),
        unique("customerPayment", "what it is applied to is written in the same call, keyed by the document"),
        unique("customerRefund", "the payment that it refunds is a second record: both are read back"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_type_is_looked_up_in_its_namespace() {
        assert_eq!(table("creditMemo"), (Table::Transaction, "transaction".into()));
        assert_eq!(table("serviceSaleItem"), (Table::Item, "item".into()));
        assert_eq!(table("customer"), (Table::Own, "customer".into()));
    }

    #[test]
    fn a_transactions_code_gets_the_name_that_suiteql_itself_uses() {
        assert_eq!(record_type("CustInvc"), "invoice");
        assert_eq!(record_type("CustCred"), "creditmemo");
        assert_eq!(record_type("VendBill"), "vendbill");
    }
}
