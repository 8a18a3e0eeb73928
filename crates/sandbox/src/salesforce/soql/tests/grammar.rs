//! The grammar.

use super::super::ast::{Condition, Fields, Item, Literal, Operand, Query, Written};
use super::super::parser::parse;

fn read(text: &str) -> Query {
    parse(text).unwrap_or_else(|refusal| panic!("{text}: {}", refusal.message))
}

fn refused(text: &str) -> String {
    match parse(text) {
        Ok(query) => panic!("{text} was read: {query:?}"),
        Err(refusal) => refusal.message,
    }
}

fn values(literals: &[Literal]) -> Vec<&Written> {
    literals.iter().map(|literal| &literal.value).collect()
}

#[test]
fn a_query_with_every_clause_is_read() {
    let query = read(
        "select Id, Account.Owner.Name, (SELECT Id FROM Contacts ORDER BY Name LIMIT 3) FROM Order USING SCOPE mine \
         WHERE (Name = 'O\\'Brien' OR Amount >= 10.5) AND NOT Status IN ('a','b') ORDER BY Name DESC NULLS LAST, Id \
         LIMIT 10 OFFSET 20 FOR VIEW FOR UPDATE",
    );
    assert_eq!(query.items.len(), 3);
    assert!(matches!(&query.items[1], Item::Value(Operand::Field(path), None) if path.text() == "Account.Owner.Name"));
    assert!(matches!(&query.items[2], Item::Children(query) if query.limit == Some(3)));
    assert_eq!(query.from.path.text(), "Order");
    assert_eq!(query.scope.unwrap().text, "mine");
    assert_eq!((query.limit, query.offset), (Some(10), Some(20)));
    assert_eq!(
        query.order.iter().map(|order| (order.descending, order.nulls_last)).collect::<Vec<_>>(),
        [(true, true), (false, false)]
    );
    let Some(Condition::All(parts)) = query.filter else { panic!() };
    assert!(matches!(&parts[0], Condition::Any(any) if any.len() == 2));
    assert!(
        matches!(&parts[1], Condition::Not(not) if matches!(&**not, Condition::In(_, false, list) if list.len() == 2))
    );
}

#[test]
fn figures_have_aliases_and_groups_have_conditions() {
    let query = read(
        "SELECT AccountId, COUNT(Id) total, SUM(Amount), COUNT_DISTINCT(Name) FROM Order GROUP BY AccountId HAVING \
         COUNT(Id) > 1 ORDER BY COUNT(Id) DESC",
    );
    assert!(matches!(&query.items[1], Item::Value(Operand::Aggregate(..), Some(alias)) if alias.text == "total"));
    assert!(matches!(&query.items[2], Item::Value(Operand::Aggregate(..), None)));
    assert!(matches!(query.having, Some(Condition::Compare(Operand::Aggregate(..), ..))));
    assert!(matches!(&read("SELECT COUNT() FROM Order").items[0], Item::Value(Operand::Aggregate(_, None, 7), None)));
}

#[test]
fn aliases_name_the_object_and_its_parents() {
    let query = read("SELECT Id, c.LastName, a.Name FROM Contact c, c.Account a WHERE a.Name LIKE 'x%'");
    assert_eq!(query.from.alias.unwrap().text, "c");
    assert_eq!(query.aliases[0].path.text(), "c.Account");
    assert!(matches!(read("SELECT FIELDS(ALL) FROM Account LIMIT 200").items[0], Item::Fields(Fields::All, 7)));
}

#[test]
fn literals_are_what_they_look_like() {
    let query = read(
        "SELECT Id FROM Account WHERE A IN (null, TRUE, 'x', -1.50, 2026-01-31, 2026-01-31T12:34:56Z, \
         2026-01-31T12:34:56.500+01:00, LAST_N_DAYS:7, THIS_WEEK, USD5000.25, .5)",
    );
    let Some(Condition::In(_, false, literals)) = query.filter else { panic!() };
    let values = values(&literals);
    assert_eq!(values[..3], [&Written::Null, &Written::Flag(true), &Written::Text("x".to_owned())]);
    assert_eq!(values[3], &Written::Number("-1.50".parse().unwrap()));
    assert!(matches!(values[4], Written::Date(_)));
    assert_eq!(values[5], &Written::Moment("2026-01-31T12:34:56Z".parse().unwrap()));
    assert_eq!(values[6], &Written::Moment("2026-01-31T11:34:56.5Z".parse().unwrap()));
    assert!(matches!(values[7..9], [Written::Span(_), Written::Span(_)]));
    assert_eq!(values[9..], [&Written::Number("5000.25".parse().unwrap()), &Written::Number("0.5".parse().unwrap())]);
}

#[test]
fn escapes_in_a_text_are_undone() {
    let query = read(r#"SELECT Id FROM Account WHERE Name = 'a\'b\"c\\d\n\u00e9\uD83D\uDE00\%'"#);
    let Some(Condition::Compare(_, _, literal)) = query.filter else { panic!() };
    assert_eq!(literal.value, Written::Text("a'b\"c\\d\né😀%".to_owned()));
    let message = refused(r"SELECT Id FROM Account WHERE Name = 'a\q'");
    assert_eq!(message, r"Invalid string literal 'a\q'. Illegal character sequence '\q' in string literal.");
    assert!(refused(r"SELECT Id FROM Account WHERE Name = '\uD83D'").contains("Illegal character sequence"));
}

#[test]
fn and_and_or_do_not_mix_without_parentheses() {
    let message = refused("SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3");
    assert!(message.ends_with("ERROR at Row:1:Column:45\nunexpected token: 'OR'"), "{message}");
    let message = refused("SELECT Id FROM Account WHERE A = 1 OR B = 2 AND C = 3");
    assert!(message.ends_with("unexpected token: 'AND'"), "{message}");
    read("SELECT Id FROM Account WHERE A = 1 AND (B = 2 OR C = 3)");
}

#[test]
fn what_the_grammar_lacks_is_an_unexpected_token() {
    for (text, token) in [
        ("invalid", "invalid"),
        ("", "<EOF>"),
        ("SELECT", "<EOF>"),
        ("SELECT * FROM Account", "*"),
        ("SELECT FROM Account", "FROM"),
        ("SELECT Id Name x FROM Account", "x"),
        ("SELECT Id FROM Account WHERE", "<EOF>"),
        ("SELECT Id FROM Account WHERE Name", "<EOF>"),
        ("SELECT Id FROM Account WHERE Name = other", "other"),
        ("SELECT Id FROM Account WHERE Name = :bound", ":"),
        ("SELECT Id FROM Account WHERE Name IN ()", ")"),
        ("SELECT Id FROM Account WHERE Name NOT LIKE 'a'", "NOT"),
        ("SELECT Id FROM Account WHERE Name IS NULL", "IS"),
        ("SELECT Id FROM Account WHERE A = 2026-13-01", "2026-13-01"),
        ("SELECT Id FROM Account WHERE A = 2026-01-01T00:00:00", "2026-01-01T00:00:00"),
        ("SELECT Id FROM Account WHERE A = 1e5", "1e5"),
        ("SELECT Id FROM Account LIMIT -1", "-1"),
        ("SELECT Id FROM Account LIMIT 5 WHERE A = 1", "WHERE"),
        ("SELECT Id FROM Account ORDER Name", "Name"),
        ("SELECT Id FROM Account)", ")"),
        ("SELECT UNHEARD(Id) FROM Account", "("),
    ] {
        let message = refused(text);
        assert!(message.ends_with(&format!("unexpected token: '{token}'")), "{text}: {message}");
    }
    for text in ["SELECT Id FROM Account;", "SELECT Id FROM Account WHERE Name = \"a\"", "SELECT Ünfug FROM Account"] {
        assert!(refused(text).contains("no viable alternative at character"), "{text}");
    }
    assert!(refused("SELECT Id FROM Account WHERE Name = 'a").contains("mismatched character '<EOF>'"));
    assert_eq!(refused("SELECT Id FROM Account ALL ROWS"), "ALL ROWS not allowed in this context");
    assert_eq!(refused("SELECT Id FROM Account OFFSET 2001"), "Maximum SOQL offset allowed is 2000");
}

#[test]
fn what_is_not_emulated_is_said_to_be() {
    for text in [
        "SELECT TYPEOF Owner WHEN User THEN Name END FROM Account",
        "SELECT toLabel(Status) FROM Order",
        "SELECT Id FROM Account WITH SECURITY_ENFORCED",
        "SELECT COUNT(Id) FROM Order GROUP BY ROLLUP(Status)",
        "SELECT Id FROM Account UPDATE TRACKING",
    ] {
        assert_eq!(parse(text).unwrap_err().status, 501, "{text}");
    }
}

#[test]
fn sizes_are_those_of_the_vendor() {
    let of = |length: usize| format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(length));
    read(&of(4000));
    assert!(refused(&of(4001)).contains("4000 characters"));
    let list = |count: usize| format!("SELECT Id FROM Account WHERE Name IN ({})", vec!["'x'"; count].join(","));
    read(&list(24_900));
    assert_eq!(refused(&list(25_000)), "SOQL statements cannot be longer than 100000 characters.");
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("SELECT Id FROM Account WHERE {}A = 1{}", "(".repeat(depth), ")".repeat(depth));
    read(&nested(40));
    assert!(refused(&nested(40_000)).contains("too complicated"));
    assert!(refused(&format!("SELECT Id FROM Account WHERE {} A = 1", "NOT ".repeat(20_000))).contains("complicated"));
    assert!(refused(&"SELECT (".repeat(10_000)).contains("too complicated"));
    let joins = "SELECT Id FROM Account WHERE Id IN (".repeat(2_000);
    assert!(refused(&joins).contains("too complicated"));
}

#[test]
fn no_part_of_a_query_is_a_danger() {
    let whole = "SELECT Id, a.B__r.C, (SELECT Id FROM D), COUNT(Id) ä FROM X y USING SCOPE mine WHERE (A = 'ä\\n\\u00e9' \
                 OR B != USD5.5) AND C IN (2026-01-01T00:00:00.5Z, LAST_N_DAYS:3) GROUP BY E ORDER BY F LIMIT 1";
    let letters: Vec<char> = whole.chars().collect();
    for start in 0..letters.len() {
        for end in start..letters.len().min(start + 60) {
            let _ = parse(&letters[start..end].iter().collect::<String>());
        }
        let _ = parse(&letters[..start].iter().collect::<String>());
        let mut without = letters.clone();
        without.remove(start);
        let _ = parse(&without.into_iter().collect::<String>());
    }
}
