//! Pages and the locators that lead from one to the next.

use serde_json::{Value as Json, json};

use super::super::query;
use super::org::{Org, records};

fn many() -> Org {
    let mut org = Org::empty();
    for number in 0..450 {
        org.add("Account", &[("Name", &format!("{number:03}"))]);
    }
    org
}

fn first(org: &Org, text: &str, batch: usize) -> Json {
    query(&org.sight(), &org.cursors, text, &org.asked(false, batch)).unwrap()
}

#[test]
fn a_result_larger_than_a_page_is_read_on_by_its_locator() {
    let org = many();
    let page = first(&org, "SELECT Name FROM Account ORDER BY Name", 200);
    assert_eq!((&page["totalSize"], &page["done"]), (&json!(450), &json!(false)));
    assert_eq!(records(&page).len(), 200);
    let url = page["nextRecordsUrl"].as_str().unwrap();
    let locator = url.strip_prefix("/services/data/v66.0/query/").unwrap();
    assert!(locator.starts_with("0r8") && locator.ends_with("-200") && locator.len() == 22, "{url}");
    let rest = org.more(&page["nextRecordsUrl"]).unwrap();
    assert_eq!((&rest["totalSize"], &rest["done"]), (&json!(450), &json!(true)));
    assert_eq!((records(&rest).len(), &records(&rest)[0]["Name"]), (250, &json!("200")));
    assert_eq!(rest.get("nextRecordsUrl"), None);
}

#[test]
fn sizes_out_of_bounds_are_made_to_fit() {
    let org = many();
    assert_eq!(records(&first(&org, "SELECT Id FROM Account", 1)).len(), 200);
    assert_eq!(records(&first(&org, "SELECT Id FROM Account", 9999)).len(), 450);
}

#[test]
fn a_page_with_long_texts_may_be_shorter_than_asked() {
    let mut org = Org::empty();
    for _ in 0..1200 {
        org.add("Account", &[("Name", "x"), ("Description", "y")]);
    }
    assert_eq!(records(&first(&org, "SELECT Id, Description FROM Account", 2000)).len(), 1000);
}

#[test]
fn a_result_stays_what_it_was_when_the_query_ran() {
    let mut org = many();
    let page = first(&org, "SELECT Name FROM Account ORDER BY Name", 200);
    org.add("Account", &[("Name", "000")]);
    let rest = org.more(&page["nextRecordsUrl"]).unwrap();
    assert_eq!(rest["totalSize"], 450);
    assert_eq!(records(&rest)[249]["Name"], "449");
}

#[test]
fn a_locator_lives_two_days_and_no_other_leads_anywhere() {
    let mut org = many();
    let page = first(&org, "SELECT Name FROM Account", 200);
    org.now += jiff::SignedDuration::from_hours(48);
    assert!(org.more(&page["nextRecordsUrl"]).is_ok());
    org.now += jiff::SignedDuration::from_secs(1);
    let refusal = org.more(&page["nextRecordsUrl"]).unwrap_err();
    assert_eq!((refusal.code, refusal.message.as_str()), ("INVALID_QUERY_LOCATOR", "invalid query locator"));
    for locator in ["", "x", "0r8-1", "0r85g0000000009AAA-200", "0r85g0000000001AAA-99999999999999999999"] {
        let url = json!(format!("/services/data/v66.0/query/{locator}"));
        assert_eq!(org.more(&url).unwrap_err().code, "INVALID_QUERY_LOCATOR", "{locator}");
    }
}

#[test]
fn children_have_locators_of_their_own() {
    let mut org = Org::empty();
    let account = org.add("Account", &[("Name", "x")]);
    for number in 0..250 {
        org.add("Contact", &[("LastName", "y"), ("Name", &format!("{number:03}")), ("AccountId", &account)]);
    }
    let page = first(&org, "SELECT (SELECT Name FROM Contacts ORDER BY Name) FROM Account", 200);
    let contacts = &page["records"][0]["Contacts"];
    assert_eq!((&contacts["totalSize"], &contacts["done"], &page["done"]), (&json!(250), &json!(false), &json!(true)));
    assert_eq!(org.more(&contacts["nextRecordsUrl"]).unwrap()["records"][0]["Name"], "200");
}
