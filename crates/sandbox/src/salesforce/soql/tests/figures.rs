//! Figures over groups.

use serde_json::json;

use super::org::{Org, records};

#[test]
fn counting_shows_no_records() {
    let answer = Org::new().answer("SELECT COUNT() FROM Contact WHERE AccountId != null");
    assert_eq!(answer, json!({ "totalSize": 3, "done": true, "records": [] }));
    assert_eq!(Org::new().answer("SELECT COUNT() FROM Contact LIMIT 2")["totalSize"], 2);
}

#[test]
fn figures_over_all_records_are_one_record_even_of_none() {
    let org = Org::new();
    let answer = org.answer("SELECT COUNT(Id), SUM(TotalAmount), MAX(EffectiveDate) last, AVG(TotalAmount) FROM Order");
    let record = &answer["records"][0];
    assert_eq!(record["attributes"], json!({ "type": "AggregateResult" }));
    assert_eq!(record["expr0"].to_string(), "3");
    assert_eq!(record["expr1"].to_string(), "35.25");
    assert_eq!(record["last"], "2026-02-11");
    assert_eq!(record["expr2"].to_string(), "11.75");
    let answer = org.answer("SELECT COUNT(Id) n, SUM(TotalAmount) s FROM Order WHERE Status = 'x'");
    assert_eq!((&answer["records"][0]["n"], &answer["records"][0]["s"]), (&json!(0), &json!(null)));
}

#[test]
fn groups_have_keys_figures_conditions_and_an_order() {
    let org = Org::new();
    let text =
        "SELECT Account.Name, COUNT(Id) n FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC, Account.Name";
    let answer = org.answer(text);
    let shown: Vec<_> = records(&answer).iter().map(|record| (record["Name"].clone(), record["n"].clone())).collect();
    assert_eq!(shown, [(json!("Acme"), json!(2)), (json!(null), json!(1)), (json!("bolt & Co"), json!(1))]);
    let text = "SELECT Status, SUM(TotalAmount) total FROM Order GROUP BY Status HAVING SUM(TotalAmount) > 20";
    assert_eq!(records(&org.answer(text)).len(), 1);
    let text = "SELECT Status s, COUNT_DISTINCT(AccountId) FROM Order GROUP BY Status ORDER BY s DESC LIMIT 1";
    let answer = org.answer(text);
    assert_eq!((&answer["records"][0]["s"], &answer["records"][0]["expr0"]), (&json!("Activated"), &json!(1)));
}

#[test]
fn what_cannot_be_grouped_or_added_up_is_refused() {
    let org = Org::new();
    for (text, message) in [
        ("SELECT Name, COUNT(Id) FROM Account", "Field must be grouped or aggregated: Name"),
        ("SELECT Name n FROM Account", "only aggregate expressions use field aliasing"),
        ("SELECT COUNT(Id) n, MAX(Name) n FROM Account", "duplicate alias: n"),
        ("SELECT SUM(Name) FROM Account", "field Name does not support aggregate operator SUM"),
        (
            "SELECT COUNT(Id) FROM Account GROUP BY AnnualRevenue",
            "field 'AnnualRevenue' can not be grouped in a query call",
        ),
        (
            "SELECT COUNT(Id) FROM Account LIMIT 1",
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
        ),
        (
            "SELECT Industry FROM Account GROUP BY Industry ORDER BY Name",
            "Ordered field must be grouped or aggregated: Name",
        ),
    ] {
        assert_eq!(org.refused(text), ("MALFORMED_QUERY".to_owned(), message.to_owned()), "{text}");
    }
}

#[test]
fn more_groups_than_a_page_holds_are_refused() {
    let mut org = Org::empty();
    for number in 0..2001 {
        org.add("Account", &[("Name", &number.to_string())]);
    }
    assert_eq!(org.refused("SELECT Name, COUNT(Id) FROM Account GROUP BY Name").0, "EXCEEDED_ID_LIMIT");
    assert_eq!(records(&org.answer("SELECT Name FROM Account GROUP BY Name LIMIT 2000")).len(), 2000);
}
