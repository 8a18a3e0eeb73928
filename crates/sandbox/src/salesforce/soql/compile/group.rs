//! Figures over groups of records.

use super::super::ast::{Aggregate, Condition, Item, Literal, Operand, Path, Query, Written};
use super::super::plan::{Cell, Figure, Grouping, Order, Route};
use super::super::test::{Check, Set, Test};
use super::super::words::{self, Verdict};
use super::{Compiler, Scope};
use crate::salesforce::schema::{Field, Kind};
use crate::salesforce::value::Value;

/// The figures of a query, as they are come upon.
struct Figures<'c, 's> {
    compiler: &'c Compiler<'s>,
    scope: &'c Scope,
    keys: Vec<Route>,
    found: Vec<Figure>,
    /// The names that figures are given, for `ORDER BY` and `HAVING` to use.
    names: Vec<(String, Cell)>,
    /// How many have no name of their own.
    unnamed: usize,
}

/// Where a field of a group stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    /// In `SELECT` or `HAVING`.
    Select,
    /// In `ORDER BY`, which knows the aliases, too.
    Order,
}

impl Compiler<'_> {
    /// The groups and figures of a query.
    pub(super) fn grouping(&self, scope: &Scope, query: &Query) -> Verdict<Grouping> {
        if query.groups.is_empty() && query.limit.is_some() {
            return Err(words::malformed(
                "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
            ));
        }
        let keys = query.groups.iter().map(|operand| self.key(scope, operand)).collect::<Verdict<Vec<_>>>()?;
        let mut figures = Figures { compiler: self, scope, keys, found: Vec::new(), names: Vec::new(), unnamed: 0 };
        for item in &query.items {
            figures.item(item)?;
        }
        let having = query.having.as_ref().map(|condition| figures.having(condition)).transpose()?;
        let order = query.order.iter().map(|order| {
            let by = figures.cell(&order.operand, Clause::Order)?;
            let ranks = match by {
                Cell::Key(key) => self.ranks(&figures.keys[key]),
                Cell::Figure(_) => Vec::new(),
            };
            Ok(Order { by, ranks, descending: order.descending, nulls_last: order.nulls_last })
        });
        let order = order.collect::<Verdict<_>>()?;
        let Figures { keys, found, names, .. } = figures;
        Ok(Grouping { keys, figures: found, columns: names, having, order })
    }

    fn key(&self, scope: &Scope, operand: &Operand) -> Verdict<Route> {
        let Operand::Field(path) = operand else {
            return Err(words::malformed("Aggregate expressions are not allowed in GROUP BY"));
        };
        let route = self.route(scope, path)?;
        let field = &self.sight.at(route.object).fields[route.field];
        if field.is_groupable() {
            return Ok(route);
        }
        let message = format!("field '{}' can not be grouped in a query call", field.name);
        Err(words::pointing("MALFORMED_QUERY", self.text, path.at(), &message))
    }
}

impl Figures<'_, '_> {
    /// What is selected, under its alias, its field's name or a running name.
    fn item(&mut self, item: &Item) -> Verdict<()> {
        let Item::Value(operand, alias) = item else {
            return Err(words::malformed("Grouped query cannot have FIELDS() or subqueries"));
        };
        if let (Operand::Field(_), Some(_), true) = (operand, alias, self.keys.is_empty()) {
            return Err(words::malformed("only aggregate expressions use field aliasing"));
        }
        let cell = self.cell(operand, Clause::Select)?;
        let name = match (alias, cell) {
            (Some(alias), _) => alias.text.clone(),
            (None, Cell::Key(key)) => self.field(&self.keys[key]).name.clone(),
            (None, Cell::Figure(_)) => {
                self.unnamed += 1;
                format!("expr{}", self.unnamed - 1)
            }
        };
        if self.names.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            return Err(words::malformed(format!("duplicate alias: {name}")));
        }
        self.names.push((name, cell));
        Ok(())
    }

    fn field(&self, route: &Route) -> &Field {
        &self.compiler.sight.at(route.object).fields[route.field]
    }

    /// The value of a group that an operand stands for.
    fn cell(&mut self, operand: &Operand, clause: Clause) -> Verdict<Cell> {
        match operand {
            Operand::Field(path) => self.grouped(path, clause),
            Operand::Aggregate(aggregate, of, _) => {
                let of = of.as_ref().map(|path| self.compiler.route(self.scope, path)).transpose()?;
                if let Some(route) = &of {
                    self.suits(*aggregate, route)?;
                }
                let figure = Figure { aggregate: *aggregate, of };
                let place = self.found.iter().position(|known| *known == figure).unwrap_or_else(|| {
                    self.found.push(figure);
                    self.found.len() - 1
                });
                Ok(Cell::Figure(place))
            }
        }
    }

    fn grouped(&self, path: &Path, clause: Clause) -> Verdict<Cell> {
        let alias = match path.0.as_slice() {
            [name] if clause == Clause::Order => {
                self.names.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name.text))
            }
            _ => None,
        };
        if let Some((_, cell)) = alias {
            return Ok(*cell);
        }
        let route = self.compiler.route(self.scope, path)?;
        let subject = if clause == Clause::Order { "Ordered field" } else { "Field" };
        let refused = || words::malformed(format!("{subject} must be grouped or aggregated: {}", path.text()));
        self.keys.iter().position(|key| *key == route).map(Cell::Key).ok_or_else(refused)
    }

    /// Whether there is such a figure over such a field.
    fn suits(&self, aggregate: Aggregate, route: &Route) -> Verdict<()> {
        let field = self.field(route);
        let (name, suits) = match aggregate {
            Aggregate::Count => ("COUNT", !field.is_long_text() && field.kind != Kind::Address),
            Aggregate::CountDistinct => ("COUNT_DISTINCT", field.is_aggregatable()),
            Aggregate::Sum => ("SUM", field.kind.is_number()),
            Aggregate::Average => ("AVG", field.kind.is_number()),
            Aggregate::Smallest => ("MIN", field.is_aggregatable()),
            Aggregate::Largest => ("MAX", field.is_aggregatable()),
        };
        let message = || format!("field {} does not support aggregate operator {name}", field.name);
        if suits { Ok(()) } else { Err(words::malformed(message())) }
    }

    fn having(&mut self, condition: &Condition) -> Verdict<Test<Cell>> {
        Ok(match condition {
            Condition::All(all) => Test::All(all.iter().map(|one| self.having(one)).collect::<Verdict<_>>()?),
            Condition::Any(any) => Test::Any(any.iter().map(|one| self.having(one)).collect::<Verdict<_>>()?),
            Condition::Not(not) => Test::Not(Box::new(self.having(not)?)),
            Condition::Compare(operand, comparison, literal) => {
                let cell = self.cell(operand, Clause::Select)?;
                let check = match self.counted(cell) {
                    true => Check::Compare(*comparison, number(literal)?, false),
                    false => self.compiler.check(&self.described(cell), *comparison, literal, operand.at())?,
                };
                Test::Value(cell, check)
            }
            Condition::In(operand, none, literals) => {
                let cell = self.cell(operand, Clause::Select)?;
                let mut set = Set::new(false);
                for literal in literals {
                    match (&literal.value, self.counted(cell)) {
                        (Written::Text(text), false) => set.add(Value::text(text)),
                        (Written::Null, _) => set.add(Value::Null),
                        _ => set.add(number(literal)?),
                    }
                }
                let test = Test::Value(cell, Check::In(set));
                if *none { Test::Not(Box::new(test)) } else { test }
            }
            Condition::Join(..) | Condition::Includes(..) => {
                return Err(words::malformed("HAVING has neither sub-selects nor INCLUDES"));
            }
        })
    }

    /// Whether the value is a count, whatever its field holds.
    fn counted(&self, cell: Cell) -> bool {
        let is_count = |figure: &Figure| matches!(figure.aggregate, Aggregate::Count | Aggregate::CountDistinct);
        matches!(cell, Cell::Figure(place) if is_count(&self.found[place]))
    }

    /// The field behind a value that is no count.
    fn described(&self, cell: Cell) -> Field {
        let route = match cell {
            Cell::Key(key) => Some(&self.keys[key]),
            Cell::Figure(place) => self.found[place].of.as_ref(),
        };
        let own = Route { through: Vec::new(), object: self.scope.object, field: 0 };
        self.field(route.unwrap_or(&own)).clone()
    }
}

fn number(literal: &Literal) -> Verdict<Value> {
    match &literal.value {
        Written::Number(number) => Ok(Value::Number(*number)),
        _ => Err(words::malformed(
            "value of filter criterion must be of type double and should not be enclosed in quotes",
        )),
    }
}
