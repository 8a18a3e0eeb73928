//! What is shown of records.

use serde_json::{Value as Json, json};

use super::org::{Org, records};

fn keys(record: &Json) -> Vec<&String> {
    record.as_object().unwrap().keys().collect()
}

#[test]
fn fields_come_in_the_order_of_the_query_and_in_the_vendors_spelling() {
    let org = Org::new();
    let answer = org.answer("select NAME, id, annualrevenue, isdeleted FROM account WHERE Name = 'Acme'");
    assert_eq!((&answer["totalSize"], &answer["done"]), (&json!(1), &json!(true)));
    assert_eq!(keys(&answer), ["totalSize", "done", "records"]);
    let record = &answer["records"][0];
    assert_eq!(keys(record), ["attributes", "Name", "Id", "AnnualRevenue", "IsDeleted"]);
    assert_eq!(record["AnnualRevenue"].to_string(), "100.5");
    let url = format!("/services/data/v66.0/sobjects/Account/{}", record["Id"].as_str().unwrap());
    assert_eq!(record["attributes"], json!({ "type": "Account", "url": url }));
}

#[test]
fn a_parent_is_nested_with_attributes_of_its_own_and_null_where_there_is_none() {
    let org = Org::new();
    let text = "SELECT Account.Name, Name, account.parent.id, Account.Owner.Name FROM Contact ORDER BY Name";
    let answer = org.answer(text);
    let [ann, _, sole, zoe] = records(&answer) else { panic!() };
    assert_eq!(keys(ann), ["attributes", "Account", "Name"]);
    assert_eq!(keys(&ann["Account"]), ["attributes", "Name", "Parent", "Owner"]);
    assert_eq!(ann["Account"]["attributes"]["type"], "Account");
    assert_eq!(ann["Account"]["Owner"]["Name"], "Ada Sync");
    assert_eq!(ann["Account"]["Parent"], json!(null));
    assert_eq!(sole["Account"], json!(null));
    assert_eq!(zoe["Account"]["Parent"]["attributes"]["type"], "Account");
}

#[test]
fn children_are_nested_results_and_null_where_there_are_none() {
    let org = Org::new();
    let text = "SELECT Name, (SELECT Name, Account.Industry FROM contacts WHERE Name != 'x' ORDER BY Name LIMIT 1) \
                FROM Account ORDER BY Id";
    let answer = org.answer(text);
    let [acme, bolt, celik] = records(&answer) else { panic!() };
    assert_eq!(keys(acme), ["attributes", "Name", "Contacts"]);
    assert_eq!((&acme["Contacts"]["totalSize"], &acme["Contacts"]["done"]), (&json!(1), &json!(true)));
    assert_eq!(acme["Contacts"]["records"][0]["Name"], "Ann");
    assert_eq!(acme["Contacts"]["records"][0]["Account"]["Industry"], "Banking");
    assert_eq!(bolt["Contacts"]["records"][0]["Name"], "Zoe");
    assert_eq!(celik["Contacts"], json!(null));
}

#[test]
fn children_of_children_are_nested_further() {
    let mut org = Org::new();
    let order = org.list("Id", "FROM Order ORDER BY Id")[0].as_str().unwrap().to_owned();
    org.add("OrderItem", &[("OrderId", &order), ("Quantity", "3")]);
    let text = "SELECT (SELECT OrderNumber, (SELECT Quantity FROM OrderItems) FROM Orders ORDER BY Id) FROM Account \
                WHERE Name = 'Acme'";
    let answer = org.answer(text);
    assert_eq!(answer["records"][0]["Orders"]["records"][0]["OrderItems"]["records"][0]["Quantity"].to_string(), "3.0");
}

#[test]
fn all_fields_are_those_that_the_user_sees() {
    let mut org = Org::new();
    org.hide_field("Account", "Integration_Status__c");
    let answer = org.answer("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 200");
    let record = &answer["records"][0];
    assert_eq!(record["BillingAddress"]["city"], "Oslo");
    assert!(record.get("Nue_Id__c").is_some() && record.get("Integration_Status__c").is_none());
    let answer = org.answer("SELECT FIELDS(STANDARD) FROM Account WHERE Name = 'Acme'");
    assert!(answer["records"][0].get("Nue_Id__c").is_none());
    let answer = org.answer("SELECT Id, FIELDS(CUSTOM) FROM Account LIMIT 1");
    assert!(keys(&answer["records"][0]).iter().all(|key| *key == "attributes" || *key == "Id" || key.ends_with("__c")));
}

#[test]
fn columns_are_described_for_those_who_ask() {
    let org = Org::new();
    let columns = org.columns("SELECT Id, Name, Owner.Name, (SELECT Id FROM Contacts) FROM Account");
    assert_eq!((&columns["entityName"], &columns["keyPrefix"]), (&json!("Account"), &json!("001")));
    assert_eq!((&columns["idSelected"], &columns["groupBy"]), (&json!(true), &json!(false)));
    let list = columns["columnMetadata"].as_array().unwrap();
    assert_eq!((&list[0]["columnName"], &list[0]["apexType"]), (&json!("Id"), &json!("Id")));
    assert_eq!(list[2]["joinColumns"][0]["columnName"], "Name");
    assert_eq!((&list[3]["columnName"], &list[3]["aggregate"]), (&json!("Contacts"), &json!(true)));
    assert_eq!(org.columns("SELECT COUNT(Id) n FROM Account")["columnMetadata"][0]["columnName"], "n");
}
