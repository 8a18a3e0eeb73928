//! The clauses.

use super::super::ast::{Fields, Item, Order, Query, Source};
use super::super::lexer::{Kind, Token};
use super::super::words::{self, Verdict};
use super::Parser;

/// The furthest that `OFFSET` goes.
const FURTHEST: usize = 2000;

impl Parser<'_> {
    /// Reads a query, from `SELECT` to its last clause.
    pub(super) fn query(&mut self) -> Verdict<Query> {
        self.needs("SELECT")?;
        let items = self.list(Self::item)?;
        self.needs("FROM")?;
        let mut sources = self.list(Self::source)?.into_iter();
        let Some(from) = sources.next() else { return Err(self.unexpected()) };
        let aliases = sources.collect();
        let scope = if self.takes("USING") {
            self.needs("SCOPE")?;
            Some(self.name()?)
        } else {
            None
        };
        let filter = if self.takes("WHERE") { Some(self.condition()?) } else { None };
        if self.sees("WITH") {
            return Err(words::not_emulated("the SOQL clause WITH"));
        }
        let mut query = Query {
            items,
            from,
            aliases,
            scope,
            filter,
            groups: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: None,
        };
        self.grouping(&mut query)?;
        self.ending(&mut query)?;
        Ok(query)
    }

    fn grouping(&mut self, query: &mut Query) -> Verdict<()> {
        if !self.takes("GROUP") {
            return Ok(());
        }
        self.needs("BY")?;
        if ["ROLLUP", "CUBE"].iter().any(|word| self.sees(word) && Self::is_sign(self.ahead(1), "(")) {
            return Err(words::not_emulated("ROLLUP and CUBE in SOQL"));
        }
        query.groups = self.list(Self::operand)?;
        if self.takes("HAVING") {
            query.having = Some(self.condition()?);
        }
        Ok(())
    }

    fn ending(&mut self, query: &mut Query) -> Verdict<()> {
        if self.takes("ORDER") {
            self.needs("BY")?;
            query.order = self.list(Self::order)?;
        }
        if self.takes("LIMIT") {
            query.limit = Some(self.count()?);
        }
        if self.takes("OFFSET") {
            let offset = self.count()?;
            if offset > FURTHEST {
                let message = format!("Maximum SOQL offset allowed is {FURTHEST}");
                return Err(words::refusal("NUMBER_OUTSIDE_VALID_RANGE", message));
            }
            query.offset = Some(offset);
        }
        // Records are neither locked nor said to be viewed over REST.
        while self.takes("FOR") {
            if !["VIEW", "REFERENCE", "UPDATE"].iter().any(|word| self.takes(word)) {
                return Err(self.unexpected());
            }
        }
        if self.sees_both("ALL", "ROWS") {
            return Err(words::malformed("ALL ROWS not allowed in this context"));
        }
        if self.sees_both("UPDATE", "TRACKING") || self.sees_both("UPDATE", "VIEWSTAT") {
            return Err(words::not_emulated("the SOQL clause UPDATE"));
        }
        Ok(())
    }

    fn item(&mut self) -> Verdict<Item> {
        if Self::is_sign(self.peek(), "(") {
            return self.deeper(|parser| {
                parser.needs_sign("(")?;
                let query = parser.query()?;
                parser.needs_sign(")")?;
                Ok(Item::Children(Box::new(query)))
            });
        }
        let at = self.peek().at;
        if self.sees("TYPEOF") && self.ahead(1).kind == Kind::Word {
            return Err(words::not_emulated("TYPEOF in SOQL"));
        }
        if self.sees("FIELDS") && Self::is_sign(self.ahead(1), "(") {
            self.next += 2;
            let fields = match self.name()?.text.to_ascii_uppercase().as_str() {
                "ALL" => Fields::All,
                "STANDARD" => Fields::Standard,
                "CUSTOM" => Fields::Custom,
                _ => {
                    self.next -= 1;
                    return Err(self.unexpected());
                }
            };
            self.needs_sign(")")?;
            return Ok(Item::Fields(fields, at));
        }
        Ok(Item::Value(self.operand()?, self.alias()?))
    }

    fn source(&mut self) -> Verdict<Source> {
        let path = self.path()?;
        let _ = self.takes("AS");
        Ok(Source { path, alias: self.alias()? })
    }

    fn order(&mut self) -> Verdict<Order> {
        let operand = self.operand()?;
        let descending = !self.takes("ASC") && self.takes("DESC");
        let mut nulls_last = false;
        if self.takes("NULLS") {
            nulls_last = self.takes("LAST");
            if !nulls_last {
                self.needs("FIRST")?;
            }
        }
        Ok(Order { operand, descending, nulls_last })
    }

    fn count(&mut self) -> Verdict<usize> {
        match self.peek() {
            Token { kind: Kind::Figure, text, .. } if text.bytes().all(|digit| digit.is_ascii_digit()) => {
                let count = text.parse().map_err(|_| self.unexpected())?;
                self.next += 1;
                Ok(count)
            }
            _ => Err(self.unexpected()),
        }
    }
}
