//! From a query as it was written to a plan: names resolved as the integration user sees them, types checked.

mod filter;
mod group;
mod select;

use jiff::Timestamp;

use super::ast::{Item, Name, Operand, Order as WrittenOrder, Path, Query, Source};
use super::plan::{Order, Plan, Route, Shape};
use super::words::{self, Refusal, Verdict};
use crate::salesforce::rights::Sight;
use crate::salesforce::schema::Kind;

/// How many relationships a path may follow.
const FURTHEST: usize = 5;

/// What is the same all over a query.
pub(super) struct Compiler<'a> {
    /// The org as the user sees it.
    pub(super) sight: Sight<'a>,
    /// The query's text, for refusals to quote.
    pub(super) text: &'a str,
    /// What the names of spans of days go by.
    pub(super) now: Timestamp,
    /// Whether the recycle bin is looked through, too.
    pub(super) all: bool,
}

/// The object of a query, or of a query within one, and the names that lead to it.
struct Scope {
    object: usize,
    /// Its own names: with one of them a path may begin.
    names: Vec<String>,
    /// Other names of paths: the references to follow, and the object at their end.
    aliases: Vec<(String, Vec<usize>, usize)>,
}

impl Compiler<'_> {
    /// Plans a query.
    pub(super) fn plan(&self, query: &Query) -> Verdict<Plan> {
        let name = match query.from.path.0.as_slice() {
            [name] => name,
            _ => return Err(words::no_object(self.text, query.from.path.at(), &query.from.path.text())),
        };
        let object = self.sight.object(&name.text).ok_or_else(|| words::no_object(self.text, name.at, &name.text))?;
        self.plan_of(query, object, 0)
    }

    /// Plans a query of an object. `depth`: how many queries it lies within.
    fn plan_of(&self, query: &Query, object: usize, depth: usize) -> Verdict<Plan> {
        if let Some(scope) = query.scope.as_ref().filter(|scope| !scope.text.eq_ignore_ascii_case("everything")) {
            return Err(words::not_emulated(format!("USING SCOPE {} in SOQL", scope.text)));
        }
        let mut scope = self.scope(query, object)?;
        for source in &query.aliases {
            self.alias(&mut scope, source)?;
        }
        let filter = match &query.filter {
            Some(condition) => Some(self.filter(&scope, condition, depth)?),
            None => None,
        };
        let shape = self.shape(&scope, query, depth)?;
        let order = match &shape {
            Shape::Records(_) => query.order.iter().map(|order| self.order(&scope, order)).collect::<Verdict<_>>()?,
            Shape::Count | Shape::Figures(_) => Vec::new(),
        };
        if matches!(shape, Shape::Count) && !query.order.is_empty() {
            return Err(words::malformed("Ordering is not allowed in a query that only counts."));
        }
        Ok(Plan { object, shape, filter, order, limit: query.limit, offset: query.offset.unwrap_or(0), all: self.all })
    }

    fn scope(&self, query: &Query, object: usize) -> Verdict<Scope> {
        let mut names: Vec<String> = query.from.alias.iter().map(|alias| alias.text.clone()).collect();
        names.push(self.sight.at(object).name.clone());
        Ok(Scope { object, names, aliases: Vec::new() })
    }

    /// `c.Account a`: another name for a path.
    fn alias(&self, scope: &mut Scope, source: &Source) -> Verdict<()> {
        let (mut through, mut object, rest) = self.begin(scope, &source.path.0);
        for name in rest {
            object = self.follow(&mut through, object, name)?;
        }
        if let Some(alias) = &source.alias {
            scope.aliases.push((alias.text.clone(), through, object));
        }
        Ok(())
    }

    /// The way that the first name of a path stands for, if it is an alias, and what is left of the path.
    fn begin<'n>(&self, scope: &Scope, names: &'n [Name]) -> (Vec<usize>, usize, &'n [Name]) {
        let whole = (Vec::new(), scope.object, names);
        let Some((first, rest)) = names.split_first().filter(|(_, rest)| !rest.is_empty()) else { return whole };
        let is_first = |name: &String| name.eq_ignore_ascii_case(&first.text);
        if let Some((_, through, object)) = scope.aliases.iter().find(|(alias, ..)| is_first(alias)) {
            return (through.clone(), *object, rest);
        }
        let is_own = scope.names.iter().any(is_first);
        if is_own && self.sight.at(scope.object).parent(&first.text).is_none() {
            return (Vec::new(), scope.object, rest);
        }
        whole
    }

    /// Follows a relationship; answers where it leads.
    fn follow(&self, through: &mut Vec<usize>, object: usize, name: &Name) -> Verdict<usize> {
        let unknown = || words::no_relationship(self.text, name.at, &name.text, "field path");
        let by = self.sight.at(object).parent(&name.text).filter(|by| self.sight.sees_field(object, *by));
        let by = by.ok_or_else(unknown)?;
        let relation = self.sight.at(object).fields[by].relation.as_ref().ok_or_else(unknown)?;
        if !self.sight.sees_object(relation.object) {
            return Err(unknown());
        }
        if through.len() == FURTHEST {
            let message = format!("Relationship paths are limited to {FURTHEST} levels from child to parent.");
            return Err(words::pointing("INVALID_FIELD", self.text, name.at, &message));
        }
        through.push(by);
        Ok(relation.object)
    }

    fn route(&self, scope: &Scope, path: &Path) -> Verdict<Route> {
        let (mut through, mut object, rest) = self.begin(scope, &path.0);
        let Some((last, before)) = rest.split_last() else { return Err(self.broken()) };
        for name in before {
            object = self.follow(&mut through, object, name)?;
        }
        let field = self.sight.field(object, &last.text);
        let no_column = || words::no_column(self.text, last.at, &last.text, &self.sight.at(object).name);
        Ok(Route { through, object, field: field.ok_or_else(no_column)? })
    }

    fn order(&self, scope: &Scope, order: &WrittenOrder) -> Verdict<Order<Route>> {
        let Operand::Field(path) = &order.operand else {
            return Err(words::malformed("Ordered field must be grouped or aggregated"));
        };
        let route = self.route(scope, path)?;
        let field = &self.sight.at(route.object).fields[route.field];
        if !field.is_sortable() {
            let message = format!("field '{}' can not be sorted in a query call", field.name);
            return Err(words::pointing("MALFORMED_QUERY", self.text, path.at(), &message));
        }
        Ok(Order { ranks: self.ranks(&route), by: route, descending: order.descending, nulls_last: order.nulls_last })
    }

    fn ranks(&self, route: &Route) -> Vec<String> {
        let field = &self.sight.at(route.object).fields[route.field];
        let is_picklist = field.kind == Kind::Picklist;
        if is_picklist { field.values.iter().map(|value| value.to_lowercase()).collect() } else { Vec::new() }
    }

    fn shape(&self, scope: &Scope, query: &Query, depth: usize) -> Verdict<Shape> {
        let is_figure = |item: &Item| matches!(item, Item::Value(Operand::Aggregate(..), _));
        if let [Item::Value(Operand::Aggregate(_, None, _), alias)] = query.items.as_slice() {
            if alias.is_some() || !query.groups.is_empty() {
                return Err(words::malformed("Grouped query cannot use COUNT(); name a field in it"));
            }
            return Ok(Shape::Count);
        }
        if !query.groups.is_empty() || query.having.is_some() || query.items.iter().any(is_figure) {
            if depth > 0 {
                return Err(words::malformed("Aggregate expressions are not allowed in a subquery"));
            }
            return self.grouping(scope, query).map(|grouping| Shape::Figures(Box::new(grouping)));
        }
        self.columns(scope, query, depth).map(Shape::Records)
    }

    /// What cannot be: the grammar reads no path without a name.
    fn broken(&self) -> Refusal {
        words::malformed("unexpected token: ''")
    }
}
