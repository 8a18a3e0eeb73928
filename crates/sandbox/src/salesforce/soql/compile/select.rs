//! What is selected of records: fields, the records they refer to, the records that refer to them.

use std::sync::Arc;

use super::super::ast::{Fields, Item, Operand, Query};
use super::super::plan::{Children, Column, Parent, Route};
use super::super::words::{self, Verdict};
use super::{Compiler, Scope};

/// How deep subqueries of children may lie within each other.
const DEEPEST: usize = 4;
/// The most subqueries of children in a query.
const MOST_CHILDREN: usize = 20;
/// The most ways from child to parent in a query.
const MOST_PARENTS: usize = 55;
/// The most rows for which all fields may be asked.
const MOST_WITH_ALL: usize = 200;

impl Compiler<'_> {
    /// The columns of records.
    pub(super) fn columns(&self, scope: &Scope, query: &Query, depth: usize) -> Verdict<Vec<Column>> {
        let mut columns = Vec::new();
        for item in &query.items {
            match item {
                Item::Value(Operand::Field(path), None) => {
                    let route = self.route(scope, path)?;
                    if !add(&mut columns, &route, scope.object, self) {
                        return Err(duplicate(&path.text()));
                    }
                }
                Item::Value(Operand::Field(_), Some(_)) => {
                    return Err(words::malformed("only aggregate expressions use field aliasing"));
                }
                Item::Value(operand @ Operand::Aggregate(..), _) => {
                    return Err(words::unexpected(self.text, operand.at(), "COUNT"));
                }
                Item::Fields(fields, _) => self.all(scope, *fields, query.limit, &mut columns)?,
                Item::Children(children) => columns.push(self.children(scope, children, depth)?),
            }
        }
        let children = columns.iter().filter(|column| matches!(column, Column::Children(_))).count();
        if children > MOST_CHILDREN || parents(&columns) > MOST_PARENTS {
            let message = format!(
                "A query may have {MOST_PARENTS} child-to-parent relationships and {MOST_CHILDREN} parent-to-child \
                 relationships at most."
            );
            return Err(words::malformed(message));
        }
        Ok(columns)
    }

    /// `FIELDS(ALL)` and its like.
    fn all(&self, scope: &Scope, which: Fields, limit: Option<usize>, columns: &mut Vec<Column>) -> Verdict<()> {
        if which != Fields::Standard && limit.is_none_or(|limit| limit > MOST_WITH_ALL) {
            let message = format!("The SOQL FIELDS function must have a LIMIT of at most {MOST_WITH_ALL}");
            return Err(words::malformed(message));
        }
        for (field, described) in self.sight.fields(scope.object) {
            let wanted = match which {
                Fields::All => true,
                Fields::Standard => !described.is_custom(),
                Fields::Custom => described.is_custom(),
            };
            let route = Route { through: Vec::new(), object: scope.object, field };
            if wanted && !add(columns, &route, scope.object, self) {
                return Err(duplicate(&described.name));
            }
        }
        Ok(())
    }

    fn children(&self, scope: &Scope, query: &Query, depth: usize) -> Verdict<Column> {
        let path = query.from.path.text();
        // Behind an alias of the outer object the name of the way may stand: `FROM a.Contacts`.
        let (_, _, rest) = self.begin(scope, &query.from.path.0);
        let unknown = || words::no_relationship(self.text, query.from.path.at(), &path, "FROM part of query call");
        let [name] = rest else { return Err(unknown()) };
        if depth == DEEPEST {
            return Err(words::malformed("Subqueries of child relationships are limited to five levels."));
        }
        let child = self.sight.at(scope.object).child(&name.text);
        let sees = |object, field| self.sight.sees_object(object) && self.sight.sees_field(object, field);
        let child = child.filter(|child| sees(child.object, child.field)).ok_or_else(unknown)?;
        let plan = Arc::new(self.plan_of(query, child.object, depth + 1)?);
        Ok(Column::Children(Children { by: child.field, name: child.name.clone().unwrap_or_default(), plan }))
    }
}

/// Adds a field to the columns; answers whether it is not among them yet.
fn add(columns: &mut Vec<Column>, route: &Route, object: usize, compiler: &Compiler<'_>) -> bool {
    let Some((by, rest)) = route.through.split_first() else {
        let is_new = !columns.iter().any(|column| matches!(column, Column::Field(field) if *field == route.field));
        if is_new {
            columns.push(Column::Field(route.field));
        }
        return is_new;
    };
    let known = |column: &Column| matches!(column, Column::Parent(parent) if parent.by == *by);
    let place = columns.iter().position(known).unwrap_or_else(|| {
        let relation = compiler.sight.at(object).fields[*by].relation.as_ref();
        let object = relation.map_or(object, |relation| relation.object);
        columns.push(Column::Parent(Parent { by: *by, object, columns: Vec::new() }));
        columns.len() - 1
    });
    let Some(Column::Parent(parent)) = columns.get_mut(place) else { return false };
    let rest = Route { through: rest.to_vec(), object: route.object, field: route.field };
    add(&mut parent.columns, &rest, parent.object, compiler)
}

fn parents(columns: &[Column]) -> usize {
    let of = |column: &Column| match column {
        Column::Parent(parent) => 1 + parents(&parent.columns),
        Column::Field(_) | Column::Children(_) => 0,
    };
    columns.iter().map(of).sum()
}

fn duplicate(field: &str) -> words::Refusal {
    words::malformed(format!("duplicate field selected: {field}"))
}
