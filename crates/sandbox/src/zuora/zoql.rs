//! ZOQL: the query language of Zuora's Actions, with its whole grammar and nothing more.
//!
//! `select f1, f2 from Object [where condition ((and|or) condition)*]`: keywords in lower case, one object, no `*`, no
//! parentheses, no `in`, no `order by`, no functions, and no more than 200 conditions.

use winnow::ascii::{multispace0, multispace1};
use winnow::combinator::{alt, cut_err, delimited, eof, opt, preceded, repeat, separated, terminated};
use winnow::error::ContextError;
use winnow::prelude::*;
use winnow::token::{any, none_of, one_of, take_while};

/// The longest query, in characters.
const LONGEST: usize = 10_000;
/// The most conditions in one query.
const MOST_CONDITIONS: usize = 200;

/// A query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// The selected fields, as they are written.
    pub(crate) fields: Vec<String>,
    /// The object, as it is written.
    pub(crate) object: String,
    /// Groups of conditions: one of the groups must hold, with all its conditions. Empty: everything matches.
    pub(crate) groups: Vec<Vec<Condition>>,
}

/// A condition: a field, an operator and a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// The field, as it is written.
    pub(crate) field: String,
    /// The operator.
    pub(crate) operator: Operator,
    /// The literal.
    pub(crate) literal: Literal,
}

/// The operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    Greater,
    AtMost,
    AtLeast,
    Like,
}

/// The literals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    /// The word `null`.
    Null,
    /// A text in quotes.
    Quoted(String),
    /// A number, `true` or `false`.
    Bare(String),
}

enum Joint {
    And,
    Or,
}

/// Reads a query; the error is the vendor's message.
pub(crate) fn parse(text: &str) -> Result<Query, &'static str> {
    if text.chars().count() > LONGEST {
        return Err("The query string exceeds the maximum length of 10000 characters");
    }
    let query = query.parse(text).map_err(|_| "You have an error in your ZOQL syntax")?;
    if query.groups.iter().map(Vec::len).sum::<usize>() > MOST_CONDITIONS {
        return Err("The query has more than the maximum of 200 conditions");
    }
    Ok(query)
}

type Outcome<T> = winnow::ModalResult<T, ContextError>;

fn query(input: &mut &str) -> Outcome<Query> {
    let fields = preceded((multispace0, "select", multispace1), separated(1.., name, comma)).parse_next(input)?;
    let object = preceded((multispace1, "from", multispace1), name).parse_next(input)?;
    let groups = opt(preceded((multispace1, "where", multispace1), cut_err(conditions))).parse_next(input)?;
    terminated(multispace0, eof).parse_next(input)?;
    Ok(Query { fields, object, groups: groups.unwrap_or_default() })
}

fn comma(input: &mut &str) -> Outcome<()> {
    (multispace0, ',', multispace0).void().parse_next(input)
}

fn name(input: &mut &str) -> Outcome<String> {
    (
        one_of(|letter: char| letter.is_ascii_alphabetic()),
        take_while(0.., |letter: char| letter.is_ascii_alphanumeric() || letter == '_'),
    )
        .take()
        .map(str::to_owned)
        .parse_next(input)
}

fn conditions(input: &mut &str) -> Outcome<Vec<Vec<Condition>>> {
    let first = condition.parse_next(input)?;
    let rest: Vec<(Joint, Condition)> = repeat(0.., (joint, cut_err(condition))).parse_next(input)?;
    // `and` binds more tightly than `or`, and there are no parentheses to say otherwise.
    let mut groups = vec![vec![first]];
    for (joint, condition) in rest {
        match (joint, groups.last_mut()) {
            (Joint::And, Some(group)) => group.push(condition),
            _ => groups.push(vec![condition]),
        }
    }
    Ok(groups)
}

fn joint(input: &mut &str) -> Outcome<Joint> {
    delimited(multispace1, alt(("and".map(|_| Joint::And), "or".map(|_| Joint::Or))), multispace1).parse_next(input)
}

fn condition(input: &mut &str) -> Outcome<Condition> {
    let field = name.parse_next(input)?;
    let like = delimited(multispace1, "like", multispace0).map(|_| Operator::Like);
    let operator = alt((like, delimited(multispace0, comparison, multispace0))).parse_next(input)?;
    let literal = literal.parse_next(input)?;
    Ok(Condition { field, operator, literal })
}

fn comparison(input: &mut &str) -> Outcome<Operator> {
    alt((
        "!=".value(Operator::NotEqual),
        "<=".value(Operator::AtMost),
        ">=".value(Operator::AtLeast),
        "=".value(Operator::Equal),
        "<".value(Operator::Less),
        ">".value(Operator::Greater),
    ))
    .parse_next(input)
}

fn literal(input: &mut &str) -> Outcome<Literal> {
    alt((quoted.map(Literal::Quoted), bare)).parse_next(input)
}

/// A text in single quotes; a backslash takes the next character as it is.
fn quoted(input: &mut &str) -> Outcome<String> {
    let letter = alt((preceded('\\', any), none_of(['\'', '\\'])));
    delimited('\'', repeat(0.., letter).fold(String::new, push), '\'').parse_next(input)
}

fn push(mut text: String, letter: char) -> String {
    text.push(letter);
    text
}

fn bare(input: &mut &str) -> Outcome<Literal> {
    let word = take_while(1.., |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'))
        .parse_next(input)?;
    let number = word.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.'));
    match word {
        "null" => Ok(Literal::Null),
        "true" | "false" => Ok(Literal::Bare(word.to_owned())),
        _ if number => Ok(Literal::Bare(word.to_owned())),
        // A bare word would be another field, and fields cannot be compared with each other.
        _ => winnow::combinator::fail.parse_next(input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn malformed(text: &str) -> bool {
        parse(text).is_err()
    }

    #[test]
    fn a_query_of_fields_object_and_conditions_is_read() {
        let query = parse(
            "select Id, InvoiceNumber from Invoice where Status = 'Posted' and UpdatedDate>='2026-01-01T00:00:00Z'",
        )
        .unwrap();
        assert_eq!(query.fields, ["Id", "InvoiceNumber"]);
        assert_eq!(query.object, "Invoice");
        assert_eq!(query.groups.len(), 1);
        assert_eq!(query.groups[0][1].operator, Operator::AtLeast);
    }

    #[test]
    fn and_binds_before_or() {
        let query = parse("select Id from Account where A = '1' and B = '2' or C = null").unwrap();
        assert_eq!(query.groups.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(query.groups[1][0].literal, Literal::Null);
    }

    #[test]
    fn a_quote_in_a_text_is_escaped() {
        let query = parse(r"select Id from Account where Name = 'O\'Brien \\ Co'").unwrap();
        assert_eq!(query.groups[0][0].literal, Literal::Quoted(r"O'Brien \ Co".to_owned()));
    }

    #[test]
    fn what_the_grammar_lacks_is_malformed() {
        assert!(malformed("SELECT Id FROM Account"));
        assert!(malformed("select * from Account"));
        assert!(malformed("select Id from Account where (Name = 'a')"));
        assert!(malformed("select Id from Account where Name in ('a', 'b')"));
        assert!(malformed("select Id from Account order by Name"));
        assert!(malformed("select Id from Account limit 5"));
        assert!(malformed("select count(Id) from Account"));
        assert!(malformed("select Account.Name from Invoice"));
        assert!(malformed("select Id from Account, Invoice"));
        assert!(malformed("select Id from Account where Name = CrmId"));
        assert!(malformed("select Id from Account where Name is null"));
        assert!(malformed("select Id from Account where Name = \"a\""));
        assert!(malformed("select Id from Account where Name = 'a' AND Name = 'b'"));
        assert!(malformed("select Id from Account where"));
        assert!(malformed("select Id from Account;"));
        assert!(malformed(""));
    }

    #[test]
    fn two_hundred_conditions_are_the_most() {
        let of = |count: usize| format!("select Id from Account where {}", vec!["Name = 'x'"; count].join(" or "));
        assert!(!malformed(&of(200)));
        assert!(malformed(&of(201)));
    }

    #[test]
    fn ten_thousand_characters_are_the_most() {
        let of = |length: usize| format!("select Id from Account where Name = '{}'", "x".repeat(length - 38));
        assert!(!malformed(&of(10_000)));
        assert!(malformed(&of(10_001)));
    }
}
