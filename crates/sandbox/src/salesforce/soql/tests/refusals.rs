//! What is wrong with queries, in the vendor's words.

use super::org::Org;

#[test]
fn a_field_that_is_hidden_is_refused_like_one_that_there_is_not() {
    let mut org = Org::new();
    let (code, missing) = org.refused("SELECT Id, Bacon__c FROM account");
    assert_eq!(code, "INVALID_FIELD");
    assert!(missing.starts_with("No such column 'Bacon__c' on entity 'Account'. If you are attempting"));
    org.hide_field("Account", "Industry");
    for text in [
        "SELECT Industry FROM Account",
        "SELECT Id FROM Account WHERE Industry = 'x'",
        "SELECT Id FROM Account ORDER BY Industry",
        "SELECT Account.Industry FROM Contact",
        "SELECT COUNT(Id) FROM Account GROUP BY Industry",
    ] {
        assert_eq!(org.refused(text).1, missing.replace("Bacon__c", "Industry"), "{text}");
    }
    org.hide_field("Contact", "AccountId");
    let (code, message) = org.refused("SELECT Account.Name FROM Contact");
    assert_eq!(code, "INVALID_FIELD");
    assert!(message.starts_with("Didn't understand relationship 'Account' in field path."), "{message}");
    assert!(org.refused("SELECT (SELECT Id FROM Contacts) FROM Account").1.contains("in FROM part of query call"));
}

#[test]
fn an_object_that_is_hidden_is_refused_like_one_that_there_is_not() {
    let mut org = Org::new();
    let (code, message) = org.refused("SELECT Id FROM Accout");
    assert_eq!(code, "INVALID_TYPE");
    assert!(
        message.starts_with("sObject type 'Accout' is not supported. If you are attempting to use a custom object")
    );
    org.rights.hidden_objects.insert(org.schema.position("Order").unwrap());
    assert_eq!(org.refused("SELECT Id FROM Order").0, "INVALID_TYPE");
    assert_eq!(org.refused("SELECT (SELECT Id FROM Orders) FROM Account").0, "INVALID_TYPE");
    assert_eq!(org.refused("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Order)").0, "INVALID_TYPE");
}

#[test]
fn a_literal_must_suit_its_field() {
    let org = Org::new();
    let of = |field: &str, kind: &str| format!("value of filter criterion for field '{field}' must be of type {kind}");
    let wrong = |field: &str, kind: &str| of(field, kind) + " and should not be enclosed in quotes";
    for (condition, message) in [
        ("CreatedDate > '2026-01-01T00:00:00Z'", wrong("CreatedDate", "dateTime")),
        ("CreatedDate > 2026-01-01", wrong("CreatedDate", "dateTime")),
        ("EffectiveDate = 2026-01-01T00:00:00Z", wrong("EffectiveDate", "date")),
        ("EffectiveDate IN ('2026-01-01')", wrong("EffectiveDate", "date")),
        ("TotalAmount = '5'", wrong("TotalAmount", "double")),
        ("IsReductionOrder = 'true'", wrong("IsReductionOrder", "boolean")),
        ("Name = 5", of("Name", "string") + " and should be enclosed in quotes"),
    ] {
        let text = format!("SELECT Id FROM Order WHERE {condition}");
        assert_eq!(org.refused(&text), ("INVALID_FIELD".to_owned(), message), "{condition}");
    }
    let (code, message) = org.refused("SELECT Id FROM Contact WHERE Id = 'ZZZ'");
    assert_eq!((code.as_str(), message.as_str()), ("INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: ZZZ"));
    assert_eq!(org.refused("SELECT Id FROM Contact WHERE Id LIKE '003%'").1, "invalid operator on id field");
    assert_eq!(org.refused("SELECT Id FROM Account WHERE Name INCLUDES ('a')").0, "INVALID_QUERY_FILTER_OPERATOR");
}

#[test]
fn long_texts_are_neither_filtered_sorted_nor_grouped() {
    let org = Org::new();
    let (code, message) = org.refused("SELECT Id FROM Account WHERE Description = 'x'");
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("INVALID_FIELD", "field 'Description' can not be filtered in a query call")
    );
    assert_eq!(
        org.refused("SELECT Id FROM Account ORDER BY Description").1,
        "field 'Description' can not be sorted in a query call"
    );
    assert_eq!(
        org.refused("SELECT COUNT(Id) FROM Account GROUP BY Description").1,
        "field 'Description' can not be grouped in a query call"
    );
}

#[test]
fn the_place_of_a_refusal_is_shown() {
    let Err(refusal) = Org::new().ask("SELECT Id FROM Contact WHERE Id = 'ZZZ'") else { panic!() };
    assert_eq!(
        refusal.message,
        "\nSELECT Id FROM Contact WHERE Id = 'ZZZ'\n                             ^\nERROR at \
         Row:1:Column:30\ninvalid ID field: ZZZ"
    );
}

#[test]
fn limits_of_selection_are_those_of_the_vendor() {
    let org = Org::new();
    for (text, message) in [
        ("SELECT Id, ID FROM Account", "duplicate field selected: ID"),
        ("SELECT Owner.Name, owner.name FROM Account", "duplicate field selected: owner.name"),
        ("SELECT FIELDS(ALL) FROM Account", "The SOQL FIELDS function must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "The SOQL FIELDS function must have a LIMIT of at most 200"),
        ("SELECT Id, FIELDS(STANDARD) FROM Account", "duplicate field selected: Id"),
        (
            "SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)",
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT Id FROM Order))",
            "Nesting of semi join sub-selects is not supported",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Account)",
            "The inner and outer selects should not be on the same object type",
        ),
        (
            "SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)",
            "The left operand field in the where expression for outer query should be an id field, cannot use: 'Name'",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Contact)",
            "The selected field 'Id' in the subquery and the left operand field in the where expression in the outer \
             query 'Id' should point to the same object type",
        ),
    ] {
        assert_eq!(org.refused(text), ("MALFORMED_QUERY".to_owned(), message.to_owned()), "{text}");
    }
    let (code, message) = org.refused("SELECT Id FROM Order WHERE SUM(TotalAmount) > 5");
    assert_eq!((code.as_str(), message.as_str()), ("MALFORMED_QUERY", "unexpected token: '('"));
    let path = "Parent.".repeat(6);
    assert!(org.refused(&format!("SELECT {path}Name FROM Account")).1.contains("5 levels"));
    org.answer(&format!("SELECT {}Name FROM Account", "Parent.".repeat(5)));
    assert_eq!(org.ask("SELECT Id FROM Account USING SCOPE mine").unwrap_err().status, 501);
}

#[test]
fn no_query_is_a_danger() {
    let org = Org::new();
    let queries = [
        "SELECT Name, Account.Owner.Name, (SELECT Id FROM Contacts WHERE Name LIKE 'a%' LIMIT 2) FROM Account a WHERE \
         Id IN (SELECT AccountId FROM Order WHERE EffectiveDate >= LAST_N_DAYS:30) AND a.Industry IN ('Banking', null) \
         ORDER BY Owner.Name DESC NULLS LAST, Id LIMIT 5 OFFSET 1",
        "SELECT Account.Name n, COUNT(Id), AVG(TotalAmount) FROM Order WHERE CreatedDate < 2027-01-01T00:00:00Z GROUP BY \
         Account.Name HAVING COUNT(Id) > 0 AND MAX(EffectiveDate) <= TODAY ORDER BY COUNT(Id) DESC LIMIT 3",
        "SELECT Id, FIELDS(STANDARD), COUNT() FROM Contact WHERE NOT (Id = '003' OR Birthdate = 2026-02-30) FOR VIEW",
    ];
    let words: Vec<Vec<&str>> = queries.iter().map(|text| text.split(' ').collect()).collect();
    let mut answered = 0;
    for own in &words {
        for at in 0..own.len() {
            let mut without = own.clone();
            without.remove(at);
            answered += usize::from(org.ask(&without.join(" ")).is_ok());
            for other in words.iter().flatten() {
                let mut changed = own.clone();
                changed[at] = other;
                answered += usize::from(org.ask(&changed.join(" ")).is_ok());
            }
        }
    }
    assert!(answered > 100, "{answered}");
}
