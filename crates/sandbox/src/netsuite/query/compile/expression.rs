//! Expressions and conditions.

use std::cmp::Ordering::{self, Equal, Greater, Less};
use std::collections::HashSet;

use sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    UnaryOperator, Value as Literal,
};

use super::{Compiler, invalid, search_error};
use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::query::plan::Aggregate;
use crate::netsuite::query::term::{Arithmetic, Term, Test};
use crate::netsuite::query::value::Sql;
use crate::netsuite::query::{format, functions};

/// The most values that an IN list may have.
const LONGEST_LIST: usize = 1000;

impl Compiler<'_> {
    /// An expression.
    pub(super) fn term(&mut self, expression: &Expr) -> Verdict<Term> {
        match expression {
            Expr::Identifier(name) => self.identifier(name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, column] => self.column(table, column),
                _ => Err(invalid()),
            },
            Expr::Value(value) => self.literal(&value.value),
            Expr::Nested(inner) => self.term(inner),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                Ok(calculation(Arithmetic::Subtract, Term::Constant(Sql::integer(0)), self.term(expr)?))
            }
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.term(expr),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::Function(call) => self.call(call),
            Expr::Case { operand: None, conditions, else_result, .. } => {
                let branches: Verdict<Vec<(Test, Term)>> = conditions
                    .iter()
                    .map(|branch| Ok((self.test(&branch.condition)?, self.term(&branch.result)?)))
                    .collect();
                self.case(branches?, else_result.as_deref())
            }
            Expr::Case { operand: Some(operand), conditions, else_result, .. } => {
                let operand = self.term(operand)?;
                let branches: Verdict<Vec<(Test, Term)>> = conditions
                    .iter()
                    .map(|branch| {
                        Ok((
                            Test::Compare(operand.clone(), &[Equal], self.term(&branch.condition)?),
                            self.term(&branch.result)?,
                        ))
                    })
                    .collect();
                self.case(branches?, else_result.as_deref())
            }
            Expr::Trim { expr, trim_where: None, trim_what: None, .. } => {
                Ok(Term::Call(functions::Function::Trim, vec![self.term(expr)?]))
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let mut arguments = vec![self.term(expr)?, self.term(from)?];
                if let Some(length) = substring_for {
                    arguments.push(self.term(length)?);
                }
                Ok(Term::Call(functions::Function::Substr, arguments))
            }
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                Err(Refusal::not_emulated("sub-queries in SuiteQL"))
            }
            Expr::Cast { .. } | Expr::Extract { .. } | Expr::Ceil { .. } | Expr::Floor { .. } | Expr::Interval(_) => {
                Err(Refusal::not_emulated(format!("the SuiteQL expression {expression}")))
            }
            // `TO_DATE` is the only way to write a day: the vendor refuses DATE '2026-01-01'.
            _ => Err(invalid()),
        }
    }

    fn case(&mut self, branches: Vec<(Test, Term)>, otherwise: Option<&Expr>) -> Verdict<Term> {
        let otherwise = otherwise.map_or(Ok(Term::Constant(Sql::Null)), |term| self.term(term))?;
        Ok(Term::Case(branches, Box::new(otherwise)))
    }

    fn identifier(&mut self, name: &Ident) -> Verdict<Term> {
        match name.value.to_ascii_uppercase().as_str() {
            "ROWNUM" => return Ok(Term::RowNumber),
            "SYSDATE" | "CURRENT_DATE" | "CURRENT_TIMESTAMP" => return Ok(Term::Constant(Sql::Moment(self.now))),
            _ => {}
        }
        let mut found = self
            .sources
            .iter()
            .enumerate()
            .filter_map(|(source, known)| Some((source, known.table.column(&name.value)?)));
        match (found.next(), found.next()) {
            (Some((source, column)), None) => Ok(Term::Column { source, column }),
            (None, _) => Err(self.unknown(&name.value)),
            (Some(_), Some(_)) => {
                Err(search_error(&format!("Ambiguous identifier '{}'.", name.value.to_ascii_lowercase())))
            }
        }
    }

    fn column(&self, table: &Ident, name: &Ident) -> Verdict<Term> {
        let Some(source) = self.source(&table.value) else {
            return Err(self.unknown(&format!("{}.{}", table.value, name.value)));
        };
        match self.sources[source].table.column(&name.value) {
            Some(column) => Ok(Term::Column { source, column }),
            None => Err(self.unknown(&format!("{}.{}", table.value, name.value))),
        }
    }

    fn literal(&mut self, literal: &Literal) -> Verdict<Term> {
        let value = match literal {
            Literal::Number(number, _) => Sql::Number(number.parse().map_err(|_| invalid())?),
            Literal::SingleQuotedString(text) | Literal::NationalStringLiteral(text) => Sql::text(text.clone()),
            Literal::Null => Sql::Null,
            Literal::Placeholder(mark) if mark == "?" => {
                let value = self.parameters.get(self.bound).cloned();
                self.bound += 1;
                Sql::text(value.ok_or_else(|| {
                    Refusal::parameter(
                        "The number of parameters does not match the number of placeholders in the query.",
                        "params",
                    )
                })?)
            }
            _ => return Err(invalid()),
        };
        Ok(Term::Constant(value))
    }

    fn binary(&mut self, left: &Expr, operator: &BinaryOperator, right: &Expr) -> Verdict<Term> {
        let arithmetic = match operator {
            BinaryOperator::Plus => Arithmetic::Add,
            BinaryOperator::Minus => Arithmetic::Subtract,
            BinaryOperator::Multiply => Arithmetic::Multiply,
            BinaryOperator::Divide => Arithmetic::Divide,
            BinaryOperator::StringConcat => {
                return Ok(Term::Call(functions::Function::Concat, vec![self.term(left)?, self.term(right)?]));
            }
            _ => return Err(invalid()),
        };
        Ok(calculation(arithmetic, self.term(left)?, self.term(right)?))
    }

    fn call(&mut self, call: &Call) -> Verdict<Term> {
        let name = call.name.to_string().to_ascii_uppercase();
        if call.over.is_some() || !call.within_group.is_empty() || call.filter.is_some() {
            return Err(Refusal::not_emulated("analytic functions in SuiteQL"));
        }
        let (arguments, distinct) = arguments(call)?;
        if matches!(name.as_str(), "COUNT" | "SUM" | "MIN" | "MAX" | "AVG") {
            return self.aggregate(&name, &arguments, distinct);
        }
        if name == "SYSDATE" || name == "CURRENT_DATE" {
            return Ok(Term::Constant(Sql::Moment(self.now)));
        }
        let terms: Verdict<Vec<Term>> = arguments
            .iter()
            .map(|argument| match argument {
                FunctionArgExpr::Expr(expression) => self.term(expression),
                _ => Err(invalid()),
            })
            .collect();
        let terms = terms?;
        if name == "BUILTIN.DF" {
            return match terms.as_slice() {
                [Term::Column { source, column }] => Ok(Term::Display { source: *source, column }),
                _ => Err(invalid()),
            };
        }
        let Some((function, count)) = functions::named(&name) else {
            return Err(match functions::is_known_elsewhere(&name) {
                true => Refusal::not_emulated(format!("the SuiteQL function {name}")),
                false => invalid(),
            });
        };
        if !count.contains(&terms.len()) {
            return Err(invalid());
        }
        check_format(function, &terms)?;
        Ok(Term::Call(function, terms))
    }

    fn aggregate(&mut self, name: &str, arguments: &[&FunctionArgExpr], distinct: bool) -> Verdict<Term> {
        let aggregate = match (name, arguments) {
            ("COUNT", [FunctionArgExpr::Wildcard]) => Aggregate::Rows,
            (_, [FunctionArgExpr::Expr(expression)]) => {
                let term = self.term(expression)?;
                match name {
                    "COUNT" if distinct => Aggregate::Distinct(term),
                    _ if distinct => return Err(Refusal::not_emulated("DISTINCT in sums in SuiteQL")),
                    "COUNT" => Aggregate::Count(term),
                    "SUM" => Aggregate::Sum(term),
                    "AVG" => Aggregate::Average(term),
                    "MIN" => Aggregate::Extreme(term, Less),
                    _ => Aggregate::Extreme(term, Greater),
                }
            }
            _ => return Err(invalid()),
        };
        let at = self.aggregates.iter().position(|known| *known == aggregate).unwrap_or_else(|| {
            self.aggregates.push(aggregate);
            self.aggregates.len() - 1
        });
        Ok(Term::Aggregate(at))
    }

    /// A condition.
    pub(super) fn test(&mut self, expression: &Expr) -> Verdict<Test> {
        match expression {
            Expr::Nested(inner) => self.test(inner),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                Ok(Test::All(vec![self.test(left)?, self.test(right)?]))
            }
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                Ok(Test::Any(vec![self.test(left)?, self.test(right)?]))
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(Test::Not(Box::new(self.test(expr)?))),
            Expr::BinaryOp { left, op, right } => {
                let orders = orders(op).ok_or_else(invalid)?;
                Ok(Test::Compare(self.term(left)?, orders, self.term(right)?))
            }
            Expr::IsNull(expr) => Ok(Test::Null(self.term(expr)?)),
            Expr::IsNotNull(expr) => Ok(Test::Not(Box::new(Test::Null(self.term(expr)?)))),
            Expr::InList { expr, list, negated } => {
                let test = self.listed(expr, list)?;
                Ok(negate(test, *negated))
            }
            Expr::Between { expr, negated, low, high } => {
                let (term, low, high) = (self.term(expr)?, self.term(low)?, self.term(high)?);
                let test = Test::All(vec![
                    Test::Compare(term.clone(), &[Greater, Equal], low),
                    Test::Compare(term, &[Less, Equal], high),
                ]);
                Ok(negate(test, *negated))
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                let test = Test::Like(self.term(expr)?, self.term(pattern)?);
                Ok(negate(test, *negated))
            }
            Expr::InSubquery { .. } | Expr::Exists { .. } => Err(Refusal::not_emulated("sub-queries in SuiteQL")),
            _ => Err(invalid()),
        }
    }

    fn listed(&mut self, expression: &Expr, list: &[Expr]) -> Verdict<Test> {
        if list.len() > LONGEST_LIST {
            return Err(search_error("The number of arguments in the IN clause exceeds the maximum of 1000."));
        }
        let term = self.term(expression)?;
        let terms: Vec<Term> = list.iter().map(|one| self.term(one)).collect::<Verdict<_>>()?;
        let texts: Option<HashSet<String>> = terms
            .iter()
            .map(|one| match one.constant()? {
                value @ (Sql::Text(_) | Sql::Number(_)) => value.show(),
                _ => None,
            })
            .collect();
        Ok(match texts {
            Some(texts) => Test::Listed(term, texts),
            None => Test::In(term, terms),
        })
    }
}

fn arguments(call: &Call) -> Verdict<(Vec<&FunctionArgExpr>, bool)> {
    match &call.args {
        FunctionArguments::None => Ok((Vec::new(), false)),
        FunctionArguments::Subquery(_) => Err(Refusal::not_emulated("sub-queries in SuiteQL")),
        FunctionArguments::List(list) => {
            let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
            let arguments = list.args.iter().map(|argument| match argument {
                FunctionArg::Unnamed(argument) => Ok(argument),
                FunctionArg::Named { .. } | FunctionArg::ExprNamed { .. } => Err(invalid()),
            });
            Ok((arguments.collect::<Verdict<_>>()?, distinct))
        }
    }
}

/// A format that is not understood is refused before anything runs, and so is a day that does not fit its format.
fn check_format(function: functions::Function, terms: &[Term]) -> Verdict<()> {
    let formatted = matches!(function, functions::Function::ToChar | functions::Function::ToDate);
    let Some(pattern) = terms.get(1).filter(|_| formatted).and_then(Term::constant).and_then(Sql::show) else {
        return Ok(());
    };
    if function == functions::Function::ToChar
        && matches!(terms.first(), Some(Term::Column { .. }))
        && pattern.contains(['9', '0'])
    {
        return Err(Refusal::not_emulated("number formats in SuiteQL"));
    }
    if !format::is_format(&pattern) {
        return Err(invalid());
    }
    let text = terms.first().and_then(Term::constant).and_then(Sql::show);
    match text {
        Some(text) if function == functions::Function::ToDate && format::read(&text, &pattern).is_none() => {
            Err(invalid())
        }
        _ => Ok(()),
    }
}

fn calculation(operator: Arithmetic, left: Term, right: Term) -> Term {
    Term::Calculate(operator, Box::new(left), Box::new(right))
}

fn negate(test: Test, negated: bool) -> Test {
    if negated { Test::Not(Box::new(test)) } else { test }
}

fn orders(operator: &BinaryOperator) -> Option<&'static [Ordering]> {
    match operator {
        BinaryOperator::Eq => Some(&[Equal]),
        BinaryOperator::NotEq => Some(&[Less, Greater]),
        BinaryOperator::Gt => Some(&[Greater]),
        BinaryOperator::GtEq => Some(&[Greater, Equal]),
        BinaryOperator::Lt => Some(&[Less]),
        BinaryOperator::LtEq => Some(&[Less, Equal]),
        _ => None,
    }
}
