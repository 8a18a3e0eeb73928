//! What `columns=true` answers: not the records, but what the columns of their table would be.

use serde_json::{Value as Json, json};

use super::ast::Aggregate;
use super::plan::{Cell, Column, Grouping, Plan, Shape};
use crate::salesforce::rights::Sight;
use crate::salesforce::schema::{Field, ID, Kind};

/// The columns of a plan.
pub(super) fn columns(sight: &Sight<'_>, plan: &Plan) -> Json {
    let object = sight.at(plan.object);
    let (list, grouped) = match &plan.shape {
        Shape::Count => (Vec::new(), false),
        Shape::Records(columns) => (of_records(sight, plan.object, columns), false),
        Shape::Figures(grouping) => (of_figures(sight, grouping), !grouping.keys.is_empty()),
    };
    let has_id = |columns: &Vec<Column>| columns.iter().any(|column| matches!(column, Column::Field(ID)));
    json!({
        "columnMetadata": list,
        "entityName": object.name,
        "groupBy": grouped,
        "idSelected": matches!(&plan.shape, Shape::Records(columns) if has_id(columns)),
        "keyPrefix": String::from_utf8_lossy(&object.prefix),
    })
}

fn of_records(sight: &Sight<'_>, object: usize, columns: &[Column]) -> Vec<Json> {
    let fields = &sight.at(object).fields;
    let one = |column: &Column| match column {
        Column::Field(field) => of_field(&fields[*field], &fields[*field].name),
        Column::Parent(parent) => {
            let name = fields[parent.by].relation.as_ref().map_or("", |relation| relation.name.as_str());
            let mut column = bare(name, &sight.at(parent.object).name, false);
            column["joinColumns"] = Json::Array(of_records(sight, parent.object, &parent.columns));
            column
        }
        Column::Children(children) => {
            let mut column = bare(&children.name, &sight.at(children.plan.object).name, true);
            if let Shape::Records(columns) = &children.plan.shape {
                column["joinColumns"] = Json::Array(of_records(sight, children.plan.object, columns));
            }
            column
        }
    };
    columns.iter().map(one).collect()
}

fn of_figures(sight: &Sight<'_>, grouping: &Grouping) -> Vec<Json> {
    let one = |(name, cell): &(String, Cell)| match cell {
        Cell::Key(key) => of_field(&sight.at(grouping.keys[*key].object).fields[grouping.keys[*key].field], name),
        Cell::Figure(place) => {
            let (shown, kind) = match grouping.figures[*place].aggregate {
                Aggregate::Count => ("Count", "Integer"),
                Aggregate::CountDistinct => ("Count_Distinct", "Integer"),
                Aggregate::Sum => ("Sum", "Double"),
                Aggregate::Average => ("Avg", "Double"),
                Aggregate::Smallest => ("Min", "Double"),
                Aggregate::Largest => ("Max", "Double"),
            };
            let mut column = bare(name, kind, true);
            column["displayName"] = json!(shown);
            column
        }
    };
    grouping.columns.iter().map(one).collect()
}

fn of_field(field: &Field, name: &str) -> Json {
    let kind = match field.kind {
        Kind::Id | Kind::Reference => "Id",
        Kind::Boolean => "Boolean",
        Kind::Int => "Integer",
        Kind::Double | Kind::Currency | Kind::Percent => "Double",
        Kind::Date => "Date",
        Kind::DateTime => "Datetime",
        Kind::Time => "Time",
        Kind::Address => "Address",
        _ => "String",
    };
    let mut column = bare(name, kind, false);
    column["booleanType"] = json!(field.kind == Kind::Boolean);
    column["custom"] = json!(field.is_custom());
    column["insertable"] = json!(field.createable);
    column["numberType"] = json!(field.kind.is_number());
    column["textType"] = json!(field.kind.is_text());
    column["updatable"] = json!(field.updateable);
    column
}

fn bare(name: &str, kind: &str, aggregate: bool) -> Json {
    json!({
        "aggregate": aggregate,
        "apexType": kind,
        "booleanType": false,
        "columnName": name,
        "custom": name.ends_with("__r"),
        "displayName": name,
        "foreignKeyName": null,
        "insertable": false,
        "joinColumns": [],
        "numberType": false,
        "textType": false,
        "updatable": false,
    })
}
