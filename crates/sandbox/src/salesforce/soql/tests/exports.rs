//! Results as files.

use super::super::{Layout, export};
use super::org::Org;

const COMMAS: Layout = Layout { delimiter: ',', line_end: "\n" };

#[test]
fn every_value_is_quoted_and_nothing_stands_for_none() {
    let mut org = Org::new();
    org.add("Account", &[("Name", "a \"b\", c"), ("AnnualRevenue", "12")]);
    let text = "SELECT Id, Name, Parent.Name, AnnualRevenue, CreatedDate, IsDeleted FROM Account ORDER BY Id";
    let file = export(&org.sight(), text, &org.asked(false, 2000), COMMAS).unwrap();
    assert_eq!(file.head, "\"Id\",\"Name\",\"Parent.Name\",\"AnnualRevenue\",\"CreatedDate\",\"IsDeleted\"\n");
    assert_eq!((file.object.as_str(), file.len()), ("Account", 4));
    let line = file.lines(1, 1);
    assert!(line.contains("\"bolt & Co\",\"Acme\",\"20.0\",\"2025-12-31T19:00:00.000Z\",\"false\"\n"), "{line}");
    assert!(file.lines(3, 9).contains("\"a \"\"b\"\", c\",\"\",\"12.0\""), "{}", file.lines(3, 9));
    assert_eq!(file.lines(4, 1), "");
    let layout = Layout { delimiter: '|', line_end: "\r\n" };
    let file = export(&org.sight(), "SELECT Id, Name FROM Account", &org.asked(false, 2000), layout).unwrap();
    assert_eq!(file.head, "\"Id\"|\"Name\"\r\n");
}

#[test]
fn there_are_queries_that_jobs_do_not_take() {
    let org = Org::new();
    for (text, message) in [
        ("SELECT COUNT(Id) FROM Account", "Aggregate Relationships not supported in Bulk Query"),
        (
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            "Aggregate Relationships not supported in Bulk V2 Query with CSV content type",
        ),
        ("SELECT Id, BillingAddress FROM Account", "Selecting compound data not supported in Bulk Query"),
    ] {
        let refusal = export(&org.sight(), text, &org.asked(false, 2000), COMMAS).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_str()), ("API_ERROR", message));
    }
}
