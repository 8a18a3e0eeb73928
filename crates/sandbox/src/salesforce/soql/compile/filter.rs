//! From conditions to tests: what a literal means depends on the field that it is compared with.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::ast::{Comparison, Condition, Literal, Operand, Query, Written};
use super::super::lexer;
use super::super::plan::{Column, Route, Shape};
use super::super::run;
use super::super::test::{Check, Set, Test, Wild};
use super::super::words::{self, Refusal, Verdict};
use super::{Compiler, Scope};
use crate::salesforce::id::Id;
use crate::salesforce::schema::{Field, Kind};
use crate::salesforce::value::Value;

/// The most semi-joins in a query.
const MOST_JOINS: usize = 2;

/// What a literal means.
pub(super) enum Meaning {
    Value(Value),
    Span(Value, Value),
}

impl Compiler<'_> {
    /// The condition of a query that lies within so many others.
    pub(super) fn filter(&self, scope: &Scope, condition: &Condition, depth: usize) -> Verdict<Test<Route>> {
        let top = match condition {
            Condition::All(conditions) => conditions.as_slice(),
            single => std::slice::from_ref(single),
        };
        let joins = top.iter().filter(|condition| matches!(condition, Condition::Join(..))).count();
        if joins > MOST_JOINS {
            return Err(words::malformed(format!("Maximum {MOST_JOINS} semi join sub-selects are allowed")));
        }
        if joins == 0 && top.len() == 1 {
            return self.test(scope, condition);
        }
        let tests = top.iter().map(|condition| match condition {
            Condition::Join(operand, none, query) => {
                let test = self.join(scope, operand, query, depth)?;
                Ok(if *none { Test::Not(Box::new(test)) } else { test })
            }
            other => self.test(scope, other),
        });
        tests.collect::<Verdict<_>>().map(Test::All)
    }

    fn test(&self, scope: &Scope, condition: &Condition) -> Verdict<Test<Route>> {
        Ok(match condition {
            Condition::All(all) => {
                Test::All(all.iter().map(|condition| self.test(scope, condition)).collect::<Verdict<_>>()?)
            }
            Condition::Any(any) => {
                Test::Any(any.iter().map(|condition| self.test(scope, condition)).collect::<Verdict<_>>()?)
            }
            Condition::Not(not) => Test::Not(Box::new(self.test(scope, not)?)),
            Condition::Join(..) => {
                return Err(words::malformed(
                    "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE \
                     expressions",
                ));
            }
            Condition::Compare(operand, comparison, literal) => {
                let (route, field) = self.filtered(scope, operand)?;
                Test::Value(route, self.check(field, *comparison, literal, operand.at())?)
            }
            Condition::In(operand, none, literals) => {
                let (route, field) = self.filtered(scope, operand)?;
                self.list(route, field, literals, operand.at(), *none)?
            }
            Condition::Includes(operand, none, literals) => {
                let (route, field) = self.filtered(scope, operand)?;
                if field.kind != Kind::MultiPicklist {
                    return Err(self.bad_operator(field, operand.at()));
                }
                let lists = literals.iter().map(|literal| match &literal.value {
                    Written::Text(text) => Ok(text.split(';').map(|part| part.trim().to_lowercase()).collect()),
                    _ => Err(self.mismatch(field, operand.at())),
                });
                let test = Test::Value(route, Check::Includes(lists.collect::<Verdict<_>>()?));
                if *none { Test::Not(Box::new(test)) } else { test }
            }
        })
    }

    /// The field on the left of a comparison, if it may stand there.
    fn filtered(&self, scope: &Scope, operand: &Operand) -> Verdict<(Route, &Field)> {
        let Operand::Field(path) = operand else {
            let at = operand.at();
            let bracket = self.text[at..].find('(').map_or(at, |length| at + length);
            return Err(words::unexpected(self.text, bracket, "("));
        };
        let route = self.route(scope, path)?;
        let field = &self.sight.at(route.object).fields[route.field];
        if !field.is_filterable() || field.kind == Kind::Address {
            let message = format!("field '{}' can not be filtered in a query call", field.name);
            return Err(words::pointing("INVALID_FIELD", self.text, path.at(), &message));
        }
        Ok((route, field))
    }

    /// What must hold of a field that is compared with a literal.
    pub(super) fn check(&self, field: &Field, comparison: Comparison, literal: &Literal, at: usize) -> Verdict<Check> {
        if comparison == Comparison::Like {
            if !field.kind.is_text() {
                return Err(self.bad_operator(field, at));
            }
            let Written::Text(_) = literal.value else { return Err(self.mismatch(field, at)) };
            return lexer::letters_at(self.text, literal.at).map(|letters| Check::Like(pattern(&letters)));
        }
        let is_ranking = !matches!(comparison, Comparison::Equal | Comparison::Different);
        if is_ranking && matches!(field.kind, Kind::Boolean | Kind::MultiPicklist) {
            return Err(self.bad_operator(field, at));
        }
        Ok(match self.meaning(field, literal, at)? {
            Meaning::Value(value) => Check::Compare(comparison, value, field.case_sensitive),
            Meaning::Span(from, to) => Check::Span(comparison, from, to),
        })
    }

    fn list(&self, route: Route, field: &Field, literals: &[Literal], at: usize, none: bool) -> Verdict<Test<Route>> {
        let mut set = Set::new(field.case_sensitive);
        let mut spans = Vec::new();
        for literal in literals {
            match self.meaning(field, literal, at)? {
                Meaning::Value(value) => set.add(value),
                Meaning::Span(from, to) => {
                    spans.push(Test::Value(route.clone(), Check::Span(Comparison::Equal, from, to)));
                }
            }
        }
        let mut test = Test::Value(route, Check::In(set));
        if !spans.is_empty() {
            spans.push(test);
            test = Test::Any(spans);
        }
        Ok(if none { Test::Not(Box::new(test)) } else { test })
    }

    /// What a literal means where a field of this type is compared with it.
    fn meaning(&self, field: &Field, literal: &Literal, at: usize) -> Verdict<Meaning> {
        let value = match (field.kind, &literal.value) {
            (_, Written::Null) => Value::Null,
            (Kind::Id | Kind::Reference, Written::Text(text)) => match Id::read(text) {
                Some(id) => Value::Id(id),
                None => {
                    let message = format!("invalid ID field: {text}");
                    return Err(words::pointing("INVALID_QUERY_FILTER_OPERATOR", self.text, at, &message));
                }
            },
            (kind, Written::Text(text)) if kind.is_text() => Value::text(text),
            (Kind::Boolean, Written::Flag(flag)) => Value::Flag(*flag),
            (kind, Written::Number(number)) if kind.is_number() => Value::Number(*number),
            (Kind::Date, Written::Date(date)) => Value::Date(*date),
            (Kind::DateTime, Written::Moment(moment)) => Value::Moment(*moment),
            (Kind::Date | Kind::DateTime, Written::Span(span)) => {
                // The zone of the emulated user is that of the org: GMT.
                let (from, to) = span.days(TimeZone::UTC.to_datetime(self.now).date());
                let of = |date| if field.kind == Kind::Date { Value::Date(date) } else { midnight(date) };
                return Ok(Meaning::Span(of(from), of(to)));
            }
            _ => return Err(self.mismatch(field, at)),
        };
        Ok(Meaning::Value(value))
    }

    fn mismatch(&self, field: &Field, at: usize) -> Refusal {
        let (kind, not) = match field.kind {
            Kind::Id | Kind::Reference => ("ID", ""),
            Kind::Boolean => ("boolean", "not "),
            Kind::Int => ("int", "not "),
            Kind::Double | Kind::Currency | Kind::Percent => ("double", "not "),
            Kind::Date => ("date", "not "),
            Kind::DateTime => ("dateTime", "not "),
            Kind::Time => ("time", "not "),
            _ => ("string", ""),
        };
        let message = format!(
            "value of filter criterion for field '{}' must be of type {kind} and should {not}be enclosed in quotes",
            field.name
        );
        words::pointing("INVALID_FIELD", self.text, at, &message)
    }

    fn bad_operator(&self, field: &Field, at: usize) -> Refusal {
        let message = format!("invalid operator on {} field", field.kind.name());
        words::pointing("INVALID_QUERY_FILTER_OPERATOR", self.text, at, &message)
    }

    /// `IN (SELECT ..)`: the query within is run at once.
    fn join(&self, scope: &Scope, operand: &Operand, query: &Query, depth: usize) -> Verdict<Test<Route>> {
        if depth > 0 {
            return Err(words::malformed("Nesting of semi join sub-selects is not supported"));
        }
        let (route, field) = self.filtered(scope, operand)?;
        let refers = |field: &Field, object: usize| match field.kind {
            Kind::Id => Some(object),
            _ => field.relation.as_ref().map(|relation| relation.object),
        };
        let Some(outer) = refers(field, route.object).filter(|_| route.own().is_some()) else {
            return Err(words::malformed(format!(
                "The left operand field in the where expression for outer query should be an id field, cannot use: '{}'",
                field.name
            )));
        };
        if !query.order.is_empty() || query.limit.is_some() || query.offset.is_some() {
            return Err(words::malformed("ORDER BY, LIMIT and OFFSET are not allowed in semi join sub-selects"));
        }
        let plan = self.inner(query)?;
        let inner = match &plan.shape {
            Shape::Records(columns) => match columns.as_slice() {
                [Column::Field(field)] => *field,
                _ => return Err(words::malformed("Only one field may be selected in a semi join sub-select")),
            },
            Shape::Count | Shape::Figures(_) => {
                return Err(words::malformed("Aggregate expressions are not allowed in semi join sub-selects"));
            }
        };
        if plan.object == scope.object {
            return Err(words::malformed("The inner and outer selects should not be on the same object type"));
        }
        let selected = &self.sight.at(plan.object).fields[inner];
        if refers(selected, plan.object) != Some(outer) {
            let message = format!(
                "The selected field '{}' in the subquery and the left operand field in the where expression in the \
                 outer query '{}' should point to the same object type",
                selected.name, field.name
            );
            return Err(words::pointing("MALFORMED_QUERY", self.text, operand.at(), &message));
        }
        let mut set = Set::new(false);
        for row in run::rows(&self.sight, &plan, None) {
            if let Some(id) = row.values[inner].as_id() {
                set.add(Value::Id(id));
            }
        }
        Ok(Test::Value(route, Check::In(set)))
    }

    /// The plan of the query of a semi-join. It lies one deeper, so that none lies within it.
    fn inner(&self, query: &Query) -> Verdict<super::super::plan::Plan> {
        let [name] = query.from.path.0.as_slice() else {
            return Err(words::no_object(self.text, query.from.path.at(), &query.from.path.text()));
        };
        let object = self.sight.object(&name.text);
        self.plan_of(query, object.ok_or_else(|| words::no_object(self.text, name.at, &name.text))?, 1)
    }
}

fn midnight(date: Date) -> Value {
    let moment = date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    Value::Moment(moment.unwrap_or(if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX }))
}

fn pattern(letters: &[(char, bool)]) -> Vec<Wild> {
    let mut pattern = Vec::with_capacity(letters.len());
    for (letter, escaped) in letters {
        match (letter, escaped) {
            ('%', false) => pattern.push(Wild::Rest),
            ('_', false) => pattern.push(Wild::Any),
            (letter, _) => pattern.extend(letter.to_lowercase().map(Wild::One)),
        }
    }
    pattern
}
