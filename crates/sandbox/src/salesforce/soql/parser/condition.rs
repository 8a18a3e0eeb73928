//! The conditions of `WHERE` and `HAVING`.

use super::super::ast::{Comparison, Condition, Operand};
use super::super::lexer::Kind;
use super::super::words::Verdict;
use super::Parser;

impl Parser<'_> {
    /// Reads conditions joined by `AND`, or by `OR`: the two do not mix without parentheses.
    pub(super) fn condition(&mut self) -> Verdict<Condition> {
        self.deeper(|parser| {
            let first = parser.single()?;
            let joint = match ["AND", "OR"].into_iter().find(|word| parser.sees(word)) {
                Some(joint) => joint,
                None => return Ok(first),
            };
            let mut conditions = vec![first];
            while parser.takes(joint) {
                conditions.push(parser.single()?);
            }
            if parser.sees("AND") || parser.sees("OR") {
                return Err(parser.unexpected());
            }
            Ok(if joint == "AND" { Condition::All(conditions) } else { Condition::Any(conditions) })
        })
    }

    fn single(&mut self) -> Verdict<Condition> {
        if self.takes("NOT") {
            return self.deeper(|parser| Ok(Condition::Not(Box::new(parser.single()?))));
        }
        if self.takes_sign("(") {
            let condition = self.condition()?;
            self.needs_sign(")")?;
            return Ok(condition);
        }
        let operand = self.operand()?;
        self.comparison(operand)
    }

    fn comparison(&mut self, operand: Operand) -> Verdict<Condition> {
        if self.sees_both("NOT", "IN") {
            self.next += 2;
            return self.membership(operand, true);
        }
        if self.takes("IN") {
            return self.membership(operand, false);
        }
        for (word, none) in [("INCLUDES", false), ("EXCLUDES", true)] {
            if self.takes(word) {
                self.needs_sign("(")?;
                let literals = self.list(Self::literal)?;
                self.needs_sign(")")?;
                return Ok(Condition::Includes(operand, none, literals));
            }
        }
        let token = self.peek();
        let comparison = match (token.kind, token.text) {
            (Kind::Sign, "=") => Comparison::Equal,
            (Kind::Sign, "!=" | "<>") => Comparison::Different,
            (Kind::Sign, "<") => Comparison::Less,
            (Kind::Sign, "<=") => Comparison::AtMost,
            (Kind::Sign, ">") => Comparison::Greater,
            (Kind::Sign, ">=") => Comparison::AtLeast,
            (Kind::Word, word) if word.eq_ignore_ascii_case("LIKE") => Comparison::Like,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Condition::Compare(operand, comparison, self.literal()?))
    }

    fn membership(&mut self, operand: Operand, none: bool) -> Verdict<Condition> {
        self.needs_sign("(")?;
        let condition = if self.sees("SELECT") {
            let query = self.deeper(Self::query)?;
            Condition::Join(operand, none, Box::new(query))
        } else {
            Condition::In(operand, none, self.list(Self::literal)?)
        };
        self.needs_sign(")")?;
        Ok(condition)
    }
}
