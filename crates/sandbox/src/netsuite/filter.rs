//! The `q` filter of a collection: `companyName START_WITH "A" AND (isInactive IS false OR id GREATER 5)`.

use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::errors::{Refusal, Verdict};
use super::schema::{Field, Kind, RecordType};
use super::store::{Record, Value};

/// How deep conditions may nest. The vendor documents no limit; without one a query could take the whole stack.
const DEEPEST: usize = 100;

/// A filter.
#[derive(Debug)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    One { field: &'static str, test: Test, negated: bool },
}

/// A test of one field.
#[derive(Debug)]
pub(crate) enum Test {
    Empty,
    Flag(bool),
    OneOf(Vec<Decimal>),
    Compare(&'static [Ordering], Decimal),
    Between(Decimal, Decimal),
    Day(&'static [Ordering], Date),
    Is(String),
    Contains(String),
    Starts(String),
    Ends(String),
}

/// Whether a collection can be filtered by a field.
pub(crate) fn is_filterable(field: &Field) -> bool {
    !matches!(field.kind, Kind::Lines(_) | Kind::Part(_) | Kind::Many(_) | Kind::Unheld)
        && !matches!(field.kind, Kind::Ref("list"))
}

impl Filter {
    /// Reads a filter.
    pub(crate) fn read(kind: &'static RecordType, text: &str) -> Verdict<Self> {
        let mut reader = Reader { kind, words: words(text)?, at: 0, depth: 0 };
        let filter = reader.any()?;
        match reader.peek() {
            None => Ok(filter),
            Some(word) => Err(malformed(&format!("Unexpected '{}'", word.text()))),
        }
    }

    /// Whether a record passes.
    pub(crate) fn takes(&self, record: &Record) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.takes(record)),
            Self::Any(filters) => filters.iter().any(|filter| filter.takes(record)),
            Self::One { field: "id", test, negated } => test.takes(Some(&Value::Integer(record.id))) != *negated,
            Self::One { field, test, negated } => test.takes(record.fields.get(field)) != *negated,
        }
    }
}

impl Test {
    fn takes(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return matches!(self, Self::Empty | Self::Flag(false)) };
        match self {
            Self::Empty => false,
            Self::Flag(wanted) => matches!(value, Value::Flag(flag) if flag == wanted),
            Self::OneOf(numbers) => number_of(value).is_some_and(|number| numbers.contains(&number)),
            Self::Compare(orders, limit) => number_of(value).is_some_and(|number| orders.contains(&number.cmp(limit))),
            Self::Between(low, high) => number_of(value).is_some_and(|number| *low <= number && number <= *high),
            Self::Day(orders, day) => day_of(value).is_some_and(|own| orders.contains(&own.cmp(day))),
            Self::Is(text) => text_of(value).is_some_and(|own| own == *text),
            Self::Contains(text) => text_of(value).is_some_and(|own| own.contains(text)),
            Self::Starts(text) => text_of(value).is_some_and(|own| own.starts_with(text)),
            Self::Ends(text) => text_of(value).is_some_and(|own| own.ends_with(text)),
        }
    }
}

fn number_of(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Integer(number) => Some(Decimal::from(*number)),
        Value::Ref(reference) => Some(Decimal::from(reference.id)),
        _ => None,
    }
}

/// Texts match without regard to case.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_lowercase()),
        Value::Choice(choice) => Some(choice.to_lowercase()),
        _ => None,
    }
}

/// A moment counts by its day in the account's zone, which is UTC here.
fn day_of(value: &Value) -> Option<Date> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Moment(moment) => Some(moment.to_zoned(TimeZone::UTC).date()),
        _ => None,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Word {
    Open,
    Close,
    Plain(String),
    Quoted(String),
    List(Vec<String>),
}

impl Word {
    fn text(&self) -> String {
        match self {
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::Plain(text) | Self::Quoted(text) => text.clone(),
            Self::List(texts) => format!("[{}]", texts.join(", ")),
        }
    }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::parameter(format!("Invalid search query. Detailed unprocessed description follows. {detail}."), "q")
}

fn words(text: &str) -> Verdict<Vec<Word>> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_whitespace() => {}
            '(' => words.push(Word::Open),
            ')' => words.push(Word::Close),
            '"' => words.push(Word::Quoted(until(&mut letters, '"')?)),
            '[' => words.push(Word::List(
                until(&mut letters, ']')?.split(',').map(|part| part.trim().trim_matches('"').to_owned()).collect(),
            )),
            first => {
                let mut word = first.to_string();
                while let Some(letter) =
                    letters.next_if(|letter| !letter.is_whitespace() && !matches!(letter, '(' | ')' | '"' | '['))
                {
                    word.push(letter);
                }
                words.push(Word::Plain(word));
            }
        }
    }
    Ok(words)
}

fn until(letters: &mut impl Iterator<Item = char>, end: char) -> Verdict<String> {
    let mut text = String::new();
    for letter in letters {
        if letter == end {
            return Ok(text);
        }
        text.push(letter);
    }
    Err(malformed(&format!("Missing {end}")))
}

struct Reader {
    kind: &'static RecordType,
    words: Vec<Word>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Word> {
        self.words.get(self.at)
    }

    fn next(&mut self) -> Verdict<Word> {
        let word = self.peek().cloned().ok_or_else(|| malformed("Unexpected end of the query"))?;
        self.at += 1;
        Ok(word)
    }

    fn skip_keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(Word::Plain(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Verdict<Filter> {
        let mut filters = vec![self.all()?];
        while self.skip_keyword("OR") {
            filters.push(self.all()?);
        }
        Ok(Filter::Any(filters))
    }

    fn all(&mut self) -> Verdict<Filter> {
        let mut filters = vec![self.one()?];
        while self.skip_keyword("AND") {
            filters.push(self.one()?);
        }
        Ok(Filter::All(filters))
    }

    fn one(&mut self) -> Verdict<Filter> {
        match self.next()? {
            Word::Open => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(malformed("Too many nested conditions"));
                }
                let inner = self.any()?;
                self.depth -= 1;
                match self.next()? {
                    Word::Close => Ok(inner),
                    _ => Err(malformed("Missing )")),
                }
            }
            Word::Plain(name) => self.condition(&name),
            other => Err(malformed(&format!("Unexpected '{}'", other.text()))),
        }
    }

    fn condition(&mut self, name: &str) -> Verdict<Filter> {
        if name.eq_ignore_ascii_case("id") {
            return self.test("id", &Kind::Integer);
        }
        let field = self.kind.shape.field(name).filter(|field| is_filterable(field));
        let field = field.ok_or_else(|| {
            Refusal::parameter(format!("Field '{name}' does not exist or cannot be used in the query."), "q")
        })?;
        let kind = field.kind.clone();
        self.test(field.name, &kind)
    }

    fn test(&mut self, field: &'static str, kind: &Kind) -> Verdict<Filter> {
        let operator = self.next()?.text().to_ascii_uppercase();
        let (plain, negated) = match operator.strip_suffix("_NOT") {
            Some(plain) => (plain, true),
            None => (operator.as_str(), false),
        };
        let test = match (plain, kind) {
            ("EMPTY", _) => Test::Empty,
            ("IS", Kind::Flag) => Test::Flag(self.flag()?),
            (_, Kind::Flag) => return Err(unfit(&operator, field)),
            (_, Kind::Date | Kind::Moment) => {
                Test::Day(day_orders(plain).ok_or_else(|| unfit(&operator, field))?, self.day()?)
            }
            (_, Kind::Number | Kind::Integer | Kind::Ref(_)) => {
                self.number_test(plain).map_err(|refusal| refusal.unwrap_or_else(|| unfit(&operator, field)))?
            }
            ("IS", _) => Test::Is(self.text()?),
            ("CONTAIN", _) => Test::Contains(self.text()?),
            ("START_WITH", _) => Test::Starts(self.text()?),
            ("END_WITH" | "ENDWITH", _) => Test::Ends(self.text()?),
            ("ANY_OF", Kind::Choice(_) | Kind::Country) => Test::Is(self.text()?),
            _ => return Err(unfit(&operator, field)),
        };
        Ok(Filter::One { field, test, negated })
    }

    fn number_test(&mut self, operator: &str) -> Result<Test, Option<Refusal>> {
        use Ordering::{Equal, Greater, Less};
        let orders: &'static [Ordering] = match operator {
            "EQUAL" | "IS" => &[Equal],
            "GREATER" => &[Greater],
            "GREATER_OR_EQUAL" => &[Greater, Equal],
            "LESS" => &[Less],
            "LESS_OR_EQUAL" => &[Less, Equal],
            "ANY_OF" => return Ok(Test::OneOf(self.numbers()?)),
            "BETWEEN" | "WITHIN" => {
                let numbers = self.numbers()?;
                return match numbers.as_slice() {
                    [low, high] => Ok(Test::Between(*low, *high)),
                    _ => Err(Some(malformed("Two values are expected"))),
                };
            }
            _ => return Err(None),
        };
        let word = self.next()?;
        Ok(Test::Compare(orders, number(&word.text())?))
    }

    fn numbers(&mut self) -> Verdict<Vec<Decimal>> {
        match self.next()? {
            Word::List(texts) => texts.iter().map(|text| number(text)).collect(),
            other => Ok(vec![number(&other.text())?]),
        }
    }

    fn flag(&mut self) -> Verdict<bool> {
        match self.next()?.text().to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(malformed(&format!("'{other}' is neither true nor false"))),
        }
    }

    /// Days are written as the account writes them: month, day, year. ISO days are refused.
    fn day(&mut self) -> Verdict<Date> {
        let text = self.next()?.text();
        Date::strptime("%m/%d/%Y", &text)
            .map_err(|_| malformed(&format!("Failed to parse date '{text}' with the pattern M/d/yyyy")))
    }

    fn text(&mut self) -> Verdict<String> {
        match self.next()? {
            Word::Plain(text) | Word::Quoted(text) => Ok(text.to_lowercase()),
            Word::List(texts) if texts.len() == 1 => Ok(texts.concat().to_lowercase()),
            other => Err(malformed(&format!("Unexpected '{}'", other.text()))),
        }
    }
}

fn day_orders(operator: &str) -> Option<&'static [Ordering]> {
    use Ordering::{Equal, Greater, Less};
    match operator {
        "AFTER" => Some(&[Greater]),
        "BEFORE" => Some(&[Less]),
        "ON" => Some(&[Equal]),
        "ON_OR_AFTER" => Some(&[Greater, Equal]),
        "ON_OR_BEFORE" => Some(&[Less, Equal]),
        _ => None,
    }
}

fn unfit(operator: &str, field: &str) -> Refusal {
    malformed(&format!("The operator {operator} cannot be used with the field {field}"))
}

fn number(text: &str) -> Verdict<Decimal> {
    text.trim().parse().map_err(|_| malformed(&format!("'{text}' is not a number")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netsuite::schema;
    use crate::netsuite::store::Fields;

    fn customer(name: &str) -> Record {
        let mut fields = Fields::default();
        fields.set("companyName", Value::Text(name.to_owned()));
        fields.set("isInactive", Value::Flag(false));
        Record { id: 5, kind: schema::record_type("customer").unwrap(), fields }
    }

    fn takes(text: &str) -> bool {
        Filter::read(schema::record_type("customer").unwrap(), text).unwrap().takes(&customer("Acme Ltd"))
    }

    #[test]
    fn and_binds_before_or() {
        assert!(takes("companyName IS x OR companyName START_WITH Acme AND isInactive IS false"));
        assert!(!takes("(companyName IS x OR companyName START_WITH Acme) AND isInactive IS true"));
    }

    #[test]
    fn operators_have_negated_forms() {
        assert!(takes("email EMPTY AND companyName EMPTY_NOT"));
        assert!(takes("id ANY_OF [4, 5] AND id BETWEEN_NOT [6, 9]"));
        assert!(takes("companyName CONTAIN_NOT \"Beta Ltd\" AND companyName ENDWITH \"ltd\""));
    }

    #[test]
    fn iso_dates_and_unknown_fields_are_refused() {
        let kind = schema::record_type("customer").unwrap();
        assert!(Filter::read(kind, "lastModifiedDate AFTER \"1/31/2026\"").is_ok());
        assert!(Filter::read(kind, "lastModifiedDate AFTER \"2026-01-31\"").is_err());
        assert!(Filter::read(kind, "nosuch IS 1").is_err());
        assert!(Filter::read(kind, "companyName GREATER 3").is_err());
    }

    #[test]
    fn conditions_that_nest_without_end_are_refused() {
        let nested = |depth: usize| format!("{}id EQUAL 5{}", "(".repeat(depth), ")".repeat(depth));
        assert!(takes(&nested(DEEPEST)));
        assert!(Filter::read(schema::record_type("customer").unwrap(), &nested(10_000)).is_err());
    }
}
