//! The grammar.

mod condition;
mod literal;
mod query;

use super::ast::{Aggregate, Name, Operand, Path, Query};
use super::lexer::{self, Kind, Token};
use super::words::{self, Refusal, Verdict};

/// The longest query, in characters.
const LONGEST: usize = 100_000;
/// How deep parentheses and subqueries may lie within each other.
const DEEPEST: usize = 50;

/// Words that cannot be an alias, or they would swallow what follows.
const RESERVED: &[&str] = &[
    "ALL", "AND", "ASC", "DESC", "EXCLUDES", "FOR", "FROM", "GROUP", "HAVING", "IN", "INCLUDES", "LIKE", "LIMIT",
    "NOT", "NULL", "NULLS", "OFFSET", "OR", "ORDER", "SELECT", "UPDATE", "USING", "WHERE", "WITH",
];

/// Functions that the vendor has and the emulator has not.
const ELSEWHERE: &[&str] = &[
    "CALENDAR_MONTH",
    "CALENDAR_QUARTER",
    "CALENDAR_YEAR",
    "CONVERTCURRENCY",
    "CONVERTTIMEZONE",
    "DAY_IN_MONTH",
    "DAY_IN_WEEK",
    "DAY_IN_YEAR",
    "DAY_ONLY",
    "DISTANCE",
    "FISCAL_MONTH",
    "FISCAL_QUARTER",
    "FISCAL_YEAR",
    "FORMAT",
    "GROUPING",
    "HOUR_IN_DAY",
    "TOLABEL",
    "WEEK_IN_MONTH",
    "WEEK_IN_YEAR",
];

/// Reads a query.
pub(crate) fn parse(text: &str) -> Verdict<Query> {
    if text.chars().count() > LONGEST {
        return Err(words::malformed(format!("SOQL statements cannot be longer than {LONGEST} characters.")));
    }
    let mut parser = Parser { text, tokens: lexer::tokens(text)?, next: 0, depth: 0 };
    let query = parser.query()?;
    match parser.peek().kind {
        Kind::End => Ok(query),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn ahead(&self, by: usize) -> Token<'a> {
        let end = Token { kind: Kind::End, text: "", at: self.text.len() };
        self.tokens.get(self.next + by).copied().unwrap_or(end)
    }

    fn peek(&self) -> Token<'a> {
        self.ahead(0)
    }

    fn unexpected(&self) -> Refusal {
        let token = self.peek();
        match token.kind {
            Kind::End => words::unexpected(self.text, token.at, "<EOF>"),
            _ => words::unexpected(self.text, token.at, token.text),
        }
    }

    fn is_word(token: Token<'_>, word: &str) -> bool {
        token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word)
    }

    fn is_sign(token: Token<'_>, sign: &str) -> bool {
        token.kind == Kind::Sign && token.text == sign
    }

    /// Whether the word is next.
    fn sees(&self, word: &str) -> bool {
        Self::is_word(self.peek(), word)
    }

    /// Whether the two words are next.
    fn sees_both(&self, first: &str, second: &str) -> bool {
        self.sees(first) && Self::is_word(self.ahead(1), second)
    }

    /// Takes the word if it is next.
    fn takes(&mut self, word: &str) -> bool {
        let sees = self.sees(word);
        self.next += usize::from(sees);
        sees
    }

    /// Takes the sign if it is next.
    fn takes_sign(&mut self, sign: &str) -> bool {
        let sees = Self::is_sign(self.peek(), sign);
        self.next += usize::from(sees);
        sees
    }

    fn needs(&mut self, word: &str) -> Verdict<()> {
        if self.takes(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn needs_sign(&mut self, sign: &str) -> Verdict<()> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Reads what lies a step deeper, if that is not too deep.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Verdict<T>) -> Verdict<T> {
        if self.depth == DEEPEST {
            return Err(too_complicated());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads items with commas between them.
    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Verdict<T>) -> Verdict<Vec<T>> {
        let mut items = vec![read(self)?];
        while self.takes_sign(",") {
            items.push(read(self)?);
        }
        Ok(items)
    }

    fn name(&mut self) -> Verdict<Name> {
        match self.peek() {
            Token { kind: Kind::Word, text, at } => {
                self.next += 1;
                Ok(Name { text: text.to_owned(), at })
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Reads another name for what stands before, if there is one.
    fn alias(&mut self) -> Verdict<Option<Name>> {
        let token = self.peek();
        let is_alias = token.kind == Kind::Word && !RESERVED.iter().any(|word| token.text.eq_ignore_ascii_case(word));
        if is_alias { self.name().map(Some) } else { Ok(None) }
    }

    fn path(&mut self) -> Verdict<Path> {
        let mut names = vec![self.name()?];
        while self.takes_sign(".") {
            names.push(self.name()?);
        }
        Ok(Path(names))
    }

    /// Reads a field or a figure over rows.
    fn operand(&mut self) -> Verdict<Operand> {
        let token = self.peek();
        if token.kind != Kind::Word {
            return Err(self.unexpected());
        }
        // A keyword with a point behind it is the name of a relationship.
        if !Self::is_sign(self.ahead(1), ".") && ["FROM", "WHERE", "SELECT"].iter().any(|word| self.sees(word)) {
            return Err(self.unexpected());
        }
        if !Self::is_sign(self.ahead(1), "(") {
            return Ok(Operand::Field(self.path()?));
        }
        let Some(aggregate) = aggregate(token.text) else {
            return Err(match ELSEWHERE.iter().find(|name| token.text.eq_ignore_ascii_case(name)) {
                Some(name) => words::not_emulated(format!("the SOQL function {name}")),
                None => {
                    self.next += 1;
                    self.unexpected()
                }
            });
        };
        self.next += 2;
        let bare = aggregate == Aggregate::Count && Self::is_sign(self.peek(), ")");
        let path = if bare { None } else { Some(self.path()?) };
        self.needs_sign(")")?;
        Ok(Operand::Aggregate(aggregate, path, token.at))
    }
}

fn aggregate(name: &str) -> Option<Aggregate> {
    Some(match name.to_ascii_uppercase().as_str() {
        "COUNT" => Aggregate::Count,
        "COUNT_DISTINCT" => Aggregate::CountDistinct,
        "SUM" => Aggregate::Sum,
        "AVG" => Aggregate::Average,
        "MIN" => Aggregate::Smallest,
        "MAX" => Aggregate::Largest,
        _ => return None,
    })
}

fn too_complicated() -> Refusal {
    words::refusal(
        "QUERY_TOO_COMPLICATED",
        "Query is either selecting too many fields or the filter conditions are too complicated.",
    )
}
