//! Which records.

use serde_json::json;

use super::org::Org;

fn names(condition: &str) -> Vec<serde_json::Value> {
    Org::new().list("Name", &format!("FROM Account WHERE {condition} ORDER BY Id"))
}

#[test]
fn texts_are_compared_without_regard_to_case() {
    assert_eq!(names("name = 'ACME'"), ["Acme"]);
    assert_eq!(names("Name IN ('acme', 'BOLT & co')"), ["Acme", "bolt & Co"]);
    assert_eq!(names("Name LIKE 'çel%'"), ["Çelik 100%"]);
    assert_eq!(names("Name < 'b'"), ["Acme"]);
    assert_eq!(names("Nue_Id__c = 'n-3'"), ["Çelik 100%"]);
}

#[test]
fn wildcards_are_wild_unless_they_are_escaped() {
    assert_eq!(names("Name LIKE '%c%'"), ["Acme", "bolt & Co"]);
    assert_eq!(names("Name LIKE '_cme'"), ["Acme"]);
    assert_eq!(names(r"Name LIKE '%\%'"), ["Çelik 100%"]);
    assert!(names(r"Name LIKE '\_cme'").is_empty());
    assert_eq!(names("(NOT Name LIKE 'a%')").len(), 2);
}

#[test]
fn what_has_no_value_is_different_from_every_value_and_equal_to_nothing() {
    assert_eq!(names("Industry = null"), ["Çelik 100%"]);
    assert_eq!(names("Industry = ''"), ["Çelik 100%"]);
    assert_eq!(names("Industry != null").len(), 2);
    assert_eq!(names("Industry != 'Banking'"), ["bolt & Co", "Çelik 100%"]);
    assert_eq!(names("AnnualRevenue < 50"), ["bolt & Co"]);
    assert_eq!(names("AnnualRevenue >= USD20"), ["Acme", "bolt & Co"]);
}

#[test]
fn ids_match_with_fifteen_characters_and_with_eighteen() {
    let org = Org::new();
    let id = org.list("Id", "FROM Account WHERE Name = 'Acme'")[0].as_str().unwrap().to_owned();
    for written in [&id[..15], &id, &id.to_uppercase()] {
        assert_eq!(org.list("Name", &format!("FROM Account WHERE Id = '{written}'")), ["Acme"], "{written}");
        assert_eq!(org.list("Name", &format!("FROM Contact WHERE AccountId IN ('{written}') ORDER BY Name")).len(), 2);
    }
    assert_eq!(org.list("Name", &format!("FROM Account WHERE Id > '{id}'")).len(), 2);
}

#[test]
fn days_have_names_and_moments_have_offsets() {
    let org = Org::new();
    let orders = |condition: &str| org.list("OrderNumber", &format!("FROM Order WHERE {condition} ORDER BY Id"));
    assert_eq!(orders("EffectiveDate = TODAY"), ["2"]);
    assert_eq!(orders("EffectiveDate >= LAST_N_DAYS:2"), ["1", "2"]);
    assert_eq!(orders("EffectiveDate < THIS_YEAR"), ["3"]);
    assert_eq!(orders("EffectiveDate = 2026-02-09"), ["1"]);
    assert_eq!(orders("EffectiveDate IN (TODAY, 2025-12-31)"), ["2", "3"]);
    assert_eq!(orders("CreatedDate = TODAY"), ["2"]);
    assert_eq!(orders("CreatedDate > 2026-02-09T09:00:00.000+01:00"), ["2"]);
    assert_eq!(orders("CreatedDate >= 2026-02-09T09:00:00.000+0100"), ["1", "2"]);
    assert_eq!(orders("EffectiveDate != YESTERDAY").len(), 3);
}

#[test]
fn conditions_reach_parents_and_pass_where_there_is_none() {
    let org = Org::new();
    let contacts = |condition: &str| org.list("Name", &format!("FROM Contact WHERE {condition} ORDER BY Name"));
    assert_eq!(contacts("Account.Name = 'acme'"), ["Ann", "Moe"]);
    assert_eq!(contacts("Account.Parent.Name LIKE 'AC%'"), ["Zoe"]);
    assert_eq!(contacts("Account.Name = null"), ["Sole"]);
    assert_eq!(contacts("Contact.Account.Owner.Username = 'ada@example.com'"), ["Ann", "Moe"]);
    let aliased = "FROM Contact c, c.Account a WHERE a.Industry = 'Banking' AND c.Name != 'Moe'";
    assert_eq!(org.list("Name", aliased), ["Ann"]);
}

#[test]
fn a_query_within_answers_which_ids() {
    let org = Org::new();
    let of = |condition: &str| org.list("Name", &format!("FROM Account WHERE {condition} ORDER BY Id"));
    assert_eq!(of("Id IN (SELECT AccountId FROM Contact WHERE Name = 'Zoe')"), ["bolt & Co"]);
    assert_eq!(of("Id NOT IN (SELECT AccountId FROM Contact)"), ["Çelik 100%"]);
    assert_eq!(of("Name LIKE '%e' AND Id IN (SELECT AccountId FROM Order WHERE TotalAmount > 15)"), ["Acme"]);
}

#[test]
fn the_recycle_bin_is_for_query_all_only() {
    let mut org = Org::new();
    let id = org.list("Id", "FROM Contact WHERE Name = 'Moe'")[0].as_str().unwrap().to_owned();
    org.delete(&id);
    assert_eq!(org.answer("SELECT COUNT() FROM Contact")["totalSize"], 3);
    assert_eq!(org.answer("SELECT COUNT() FROM Contact WHERE IsDeleted = true")["totalSize"], 0);
    let answer = org.answer_with_bin("SELECT Id, IsDeleted FROM Contact WHERE IsDeleted = TRUE");
    assert_eq!(answer["records"][0]["IsDeleted"], json!(true));
    assert_eq!(org.answer_with_bin("SELECT COUNT() FROM Contact")["totalSize"], 4);
}

#[test]
fn a_parent_in_the_recycle_bin_is_shown_by_query_all_only() {
    let mut org = Org::new();
    let id = org.list("Id", "FROM Account WHERE Name = 'bolt & Co'")[0].as_str().unwrap().to_owned();
    org.delete(&id);
    let text = "SELECT Account.Name FROM Contact WHERE Name = 'Zoe' AND Account.Name ";
    assert_eq!(org.answer(&format!("{text}= null"))["records"][0]["Account"], json!(null));
    assert_eq!(org.answer_with_bin(&format!("{text}!= null"))["records"][0]["Account"]["Name"], "bolt & Co");
}

#[test]
fn what_is_not_shared_with_the_user_is_not_there() {
    let mut org = Org::new();
    let id = org.list("Id", "FROM Account WHERE Name = 'Acme'")[0].as_str().unwrap().to_owned();
    org.rights.unshared.insert(crate::salesforce::id::Id::read(&id).unwrap());
    assert_eq!(org.answer("SELECT COUNT() FROM Account")["totalSize"], 2);
    assert_eq!(org.answer("SELECT Account.Name FROM Contact WHERE Name = 'Moe'")["records"][0]["Account"], json!(null));
}

#[test]
fn records_are_sorted_by_case_blind_texts_picklist_places_and_empty_first() {
    let org = Org::new();
    let by = |order: &str| org.list("Name", &format!("FROM Account ORDER BY {order}"));
    assert_eq!(by("Name"), ["Acme", "bolt & Co", "Çelik 100%"]);
    assert_eq!(by("Industry"), ["Çelik 100%", "bolt & Co", "Acme"]);
    assert_eq!(by("Industry NULLS LAST"), ["bolt & Co", "Acme", "Çelik 100%"]);
    assert_eq!(by("AnnualRevenue DESC"), ["Çelik 100%", "Acme", "bolt & Co"]);
    assert_eq!(by("AnnualRevenue DESC NULLS LAST"), ["Acme", "bolt & Co", "Çelik 100%"]);
    assert_eq!(by("Parent.Name NULLS LAST, Id LIMIT 2"), ["bolt & Co", "Acme"]);
    assert_eq!(by("Name LIMIT 1 OFFSET 1"), ["bolt & Co"]);
    assert_eq!(org.list("OrderNumber", "FROM Order ORDER BY Status, OrderNumber DESC"), ["3", "2", "1"]);
}
