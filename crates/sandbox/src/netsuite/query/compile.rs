//! From the parsed text to a plan: names resolved, limits checked.

mod expression;

use sqlparser::ast::{
    Distinct, Expr, Fetch, GroupByExpr, Join, JoinConstraint, JoinOperator, ObjectName, OrderByKind, OrderBySort,
    Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Statement, TableAlias, TableFactor,
    Value as Literal,
};
use sqlparser::dialect::OracleDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::plan::{Aggregate, Grouping, Order, Plan, Source};
use super::tables;
use super::term::{Term, Test};
use crate::netsuite::errors::{Refusal, Verdict};

/// What the vendor says of a query that it cannot run.
pub(super) fn invalid() -> Refusal {
    search_error("Invalid or unsupported search.")
}

/// What the vendor says of a query with a fault that it names.
pub(super) fn search_error(detail: &str) -> Refusal {
    Refusal::parameter(
        format!("Invalid search query. Detailed unprocessed description follows. Search error occurred: {detail}"),
        "q",
    )
}

/// Reads a query.
pub(super) fn compile(text: &str, parameters: &[String], now: jiff::civil::DateTime) -> Verdict<Plan> {
    let statements = parsed(text.trim().trim_end_matches(';'))?;
    let [Statement::Query(query)] = statements.as_slice() else { return Err(invalid()) };
    let select = plain_select(query)?;
    let mut compiler =
        Compiler { sources: Vec::new(), aggregates: Vec::new(), parameters, bound: 0, now, items: Vec::new() };
    let mut filters = compiler.from(select)?;
    let items = compiler.items(select)?;
    compiler.items = items.iter().map(|(name, term)| (name.clone(), term.clone())).collect();
    if let Some(selection) = &select.selection {
        filters.extend(compiler.test(selection)?.conjuncts());
    }
    let keys = compiler.group_keys(select)?;
    let having = select.having.as_ref().map(|having| compiler.test(having)).transpose()?;
    let order = compiler.order(query)?;
    if compiler.bound != parameters.len() {
        return Err(Refusal::parameter(
            "The number of parameters does not match the number of placeholders in the query.",
            "params",
        ));
    }
    let grouping = compiler.grouping(keys, having, &items, &order)?;
    Ok(Plan {
        sources: compiler.sources,
        filters,
        items,
        distinct: is_distinct(select)?,
        grouping,
        order,
        fetch: fetch(query)?,
    })
}

/// How many words and signs a query may have beside the literals of its lists. The vendor documents no limit. A chain of
/// operators nests as deep as it is long, and without a limit one query could take the whole stack.
const MOST_WORDS: usize = 1_000;

fn parsed(text: &str) -> Verdict<Vec<Statement>> {
    let dialect = OracleDialect {};
    let tokens = Tokenizer::new(&dialect, text).tokenize().map_err(|_| invalid())?;
    let is_of_a_list = |token: &&Token| {
        matches!(token, Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_))
    };
    if tokens.iter().filter(|token| !is_of_a_list(token)).count() > MOST_WORDS {
        return Err(invalid());
    }
    Parser::new(&dialect).with_tokens(tokens).parse_statements().map_err(|_| invalid())
}

/// The one SELECT of a query. Set operations, common table expressions and the like are told apart from nonsense:
/// the vendor has UNION and sub-queries, and no WITH and no LIMIT.
fn plain_select(query: &Query) -> Verdict<&Select> {
    if query.with.is_some() || query.limit_clause.is_some() || !query.locks.is_empty() {
        return Err(invalid());
    }
    match query.body.as_ref() {
        SetExpr::Select(select) if select.top.is_none() && select.into.is_none() && select.qualify.is_none() => {
            Ok(select)
        }
        SetExpr::Select(_) => Err(invalid()),
        SetExpr::SetOperation { .. } | SetExpr::Query(_) => Err(Refusal::not_emulated("set operations in SuiteQL")),
        _ => Err(invalid()),
    }
}

fn is_distinct(select: &Select) -> Verdict<bool> {
    match &select.distinct {
        None | Some(Distinct::All) => Ok(false),
        Some(Distinct::Distinct) => Ok(true),
        Some(Distinct::On(_)) => Err(invalid()),
    }
}

fn fetch(query: &Query) -> Verdict<Option<usize>> {
    match &query.fetch {
        None => Ok(None),
        Some(Fetch { percent: false, with_ties: false, quantity: Some(Expr::Value(value)) }) => match &value.value {
            Literal::Number(number, _) => number.parse().map(Some).map_err(|_| invalid()),
            _ => Err(invalid()),
        },
        Some(_) => Err(invalid()),
    }
}

/// What is known while a query is read.
struct Compiler<'a> {
    sources: Vec<Source>,
    aggregates: Vec<Aggregate>,
    parameters: &'a [String],
    bound: usize,
    now: jiff::civil::DateTime,
    items: Vec<(String, Term)>,
}

impl Compiler<'_> {
    /// Reads the tables; answers the conditions of inner joins.
    fn from(&mut self, select: &Select) -> Verdict<Vec<Test>> {
        let mut filters = Vec::new();
        for item in &select.from {
            self.add_table(&item.relation, false)?;
            for join in &item.joins {
                self.join(join, &mut filters)?;
            }
        }
        if self.sources.is_empty() { Err(invalid()) } else { Ok(filters) }
    }

    fn join(&mut self, join: &Join, filters: &mut Vec<Test>) -> Verdict<()> {
        let (outer, constraint) = match &join.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (false, Some(constraint)),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => (true, Some(constraint)),
            JoinOperator::CrossJoin(_) => (false, None),
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_) => {
                return Err(Refusal::not_emulated("right and full joins in SuiteQL"));
            }
            _ => return Err(invalid()),
        };
        self.add_table(&join.relation, outer)?;
        let test = match constraint {
            Some(JoinConstraint::On(condition)) => self.test(condition)?.conjuncts(),
            None | Some(JoinConstraint::None) if !outer => Vec::new(),
            _ => return Err(invalid()),
        };
        match self.sources.last_mut() {
            Some(source) if outer => source.on = test,
            _ => filters.extend(test),
        }
        Ok(())
    }

    fn add_table(&mut self, factor: &TableFactor, outer: bool) -> Verdict<()> {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let name = object_name(name).ok_or_else(invalid)?;
                let Some(table) = tables::table(&name) else {
                    return Err(match tables::is_known_elsewhere(&name) {
                        true => Refusal::not_emulated(format!("the SuiteQL table {name}")),
                        false => search_type(&name),
                    });
                };
                let alias = alias.as_ref().map_or_else(|| name.clone(), |TableAlias { name, .. }| name.value.clone());
                self.sources.push(Source { alias: alias.to_ascii_lowercase(), table, outer, on: Vec::new() });
                Ok(())
            }
            TableFactor::Derived { .. } | TableFactor::NestedJoin { .. } => {
                Err(Refusal::not_emulated("sub-queries in SuiteQL"))
            }
            _ => Err(invalid()),
        }
    }

    fn items(&mut self, select: &Select) -> Verdict<Vec<(String, Term)>> {
        let mut items = Vec::new();
        let mut unnamed = 0;
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expression) => {
                    let term = self.term(expression)?;
                    let name = match &term {
                        Term::Column { column, .. } => column.name.to_owned(),
                        _ => {
                            unnamed += 1;
                            format!("expr{unnamed}")
                        }
                    };
                    items.push((name, term));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    items.push((alias.value.to_ascii_lowercase(), self.term(expr)?))
                }
                SelectItem::Wildcard(_) => (0..self.sources.len()).for_each(|at| self.all_columns(at, &mut items)),
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let name = object_name(name).ok_or_else(invalid)?;
                    let at = self.source(&name).ok_or_else(|| self.unknown(&format!("{name}.*")))?;
                    self.all_columns(at, &mut items);
                }
                SelectItem::QualifiedWildcard(..) | SelectItem::ExprWithAliases { .. } => return Err(invalid()),
            }
        }
        Ok(items)
    }

    fn all_columns(&self, source: usize, items: &mut Vec<(String, Term)>) {
        items.extend(
            self.sources[source]
                .table
                .columns
                .iter()
                .map(|column| (column.name.to_owned(), Term::Column { source, column })),
        );
    }

    fn source(&self, alias: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.alias.eq_ignore_ascii_case(alias))
    }

    fn unknown(&self, name: &str) -> Refusal {
        let known: Vec<String> =
            self.sources.iter().map(|source| format!("{}={}", source.alias, source.table.name)).collect();
        search_error(&format!(
            "Unknown identifier '{}'. Available identifiers are: {{{}}}.",
            name.to_ascii_lowercase(),
            known.join(", ")
        ))
    }

    fn group_keys(&mut self, select: &Select) -> Verdict<Option<Vec<Term>>> {
        match &select.group_by {
            GroupByExpr::Expressions(keys, _) if keys.is_empty() => Ok(None),
            GroupByExpr::Expressions(keys, modifiers) if modifiers.is_empty() => {
                keys.iter().map(|key| self.term(key)).collect::<Verdict<_>>().map(Some)
            }
            GroupByExpr::Expressions(..) | GroupByExpr::All(_) => Err(invalid()),
        }
    }

    fn order(&mut self, query: &Query) -> Verdict<Vec<Order>> {
        let Some(order) = &query.order_by else { return Ok(Vec::new()) };
        let OrderByKind::Expressions(expressions) = &order.kind else { return Err(invalid()) };
        let mut orders = Vec::new();
        for expression in expressions {
            let descending = match &expression.options.sort {
                None | Some(OrderBySort::Asc) => false,
                Some(OrderBySort::Desc) => true,
                Some(OrderBySort::Using(_)) => return Err(invalid()),
            };
            let nulls_first = expression.options.nulls_first.unwrap_or(descending);
            orders.push(Order { term: self.order_term(&expression.expr)?, descending, nulls_first });
        }
        Ok(orders)
    }

    /// An order may name a selected item by its place or by its alias.
    fn order_term(&mut self, expression: &Expr) -> Verdict<Term> {
        match expression {
            Expr::Value(value) => match &value.value {
                Literal::Number(place, _) => {
                    let item = place.parse::<usize>().ok().and_then(|place| self.items.get(place.checked_sub(1)?));
                    item.map(|(_, term)| term.clone()).ok_or_else(invalid)
                }
                _ => Err(invalid()),
            },
            Expr::Identifier(name) => {
                match self.items.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name.value)) {
                    Some((_, term)) => Ok(term.clone()),
                    None => self.term(expression),
                }
            }
            other => self.term(other),
        }
    }

    fn grouping(
        &mut self,
        keys: Option<Vec<Term>>,
        having: Option<Test>,
        items: &[(String, Term)],
        order: &[Order],
    ) -> Verdict<Option<Grouping>> {
        if keys.is_none() && self.aggregates.is_empty() {
            return if having.is_some() { Err(invalid()) } else { Ok(None) };
        }
        let keys = keys.unwrap_or_default();
        let loose = items
            .iter()
            .map(|(_, term)| term)
            .chain(order.iter().map(|order| &order.term))
            .any(|term| term.is_loose(&keys));
        if loose {
            return Err(invalid());
        }
        Ok(Some(Grouping { keys, aggregates: std::mem::take(&mut self.aggregates), having }))
    }
}

fn search_type(name: &str) -> Refusal {
    Refusal::parameter(
        format!(
            "Invalid search query. Detailed unprocessed description follows. Invalid search type: {}.",
            name.to_ascii_lowercase()
        ),
        "q",
    )
}

fn object_name(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [part] => part.as_ident().map(|ident| ident.value.clone()),
        _ => None,
    }
}
