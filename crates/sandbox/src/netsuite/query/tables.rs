//! The tables of a query, their rows and their columns.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::value::Sql;
use crate::netsuite::schema::{self, Kind};
use crate::netsuite::store::{Deleted, Fields, Record, Store};

/// Where a table's rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// The records of a group.
    Records(&'static str),
    /// The lines of all transactions: the main line, then the items.
    Lines,
    /// The records that were deleted.
    Deleted,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name in small letters.
    pub(super) name: &'static str,
    source: Source,
    is_flag: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Field(&'static str),
    Computed(&'static str),
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name in small letters.
    pub(super) name: &'static str,
    /// Its rows.
    pub(super) rows: Rows,
    /// Its columns.
    pub(super) columns: Vec<Column>,
    by_name: HashMap<&'static str, usize>,
}

impl Table {
    /// A column by its name, matched without regard to case.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.by_name.get(name.to_ascii_lowercase().as_str()).and_then(|at| self.columns.get(*at))
    }

    /// All rows.
    pub(super) fn all<'a>(&self, store: &'a Store) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
        match self.rows {
            Rows::Records(table) => Box::new(store.table(table).iter().map(|record| Row::Record(record))),
            Rows::Lines => Box::new(store.table("transaction").iter().flat_map(|record| lines_of(record))),
            Rows::Deleted => Box::new(store.deleted().map(Row::Deleted)),
        }
    }
}

/// The rows of one transaction: its main line, then its items.
pub(super) fn lines_of<'a>(record: &'a Record) -> impl Iterator<Item = Row<'a>> {
    let items = record.fields.lines("item").iter().map(move |line| Row::Line(record, Some(line)));
    std::iter::once(Row::Line(record, None)).chain(items)
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Row<'a> {
    /// No row: what a left join did not find.
    Nothing,
    /// A record.
    Record(&'a Record),
    /// A line of a transaction; `None` is its main line.
    Line(&'a Record, Option<&'a Fields>),
    /// A deleted record.
    Deleted(&'a Deleted),
}

impl Column {
    /// How rows can be found by this column without reading the whole table.
    pub(super) fn index(&self) -> Option<Index> {
        match self.source {
            Source::Computed("id") => Some(Index::Id),
            Source::Computed("transaction") => Some(Index::Transaction),
            Source::Field(field) if crate::netsuite::store::is_indexed(field) => Some(Index::Field(field)),
            Source::Field(_) | Source::Computed(_) => None,
        }
    }

    /// The value of this column in a row.
    pub(super) fn of<'a>(&self, store: &'a Store, row: Row<'a>) -> Sql<'a> {
        match (row, self.source) {
            (Row::Nothing, _) => Sql::Null,
            (Row::Record(record), Source::Field(field)) => self.field(&record.fields, field),
            (Row::Line(_, Some(line)), Source::Field(field)) => self.field(line, field),
            // Custom columns of lines are empty on the main line; classes and the like are the document's own.
            (Row::Line(record, None), Source::Field(field @ ("department" | "class" | "location"))) => {
                self.field(&record.fields, field)
            }
            (Row::Line(_, None), Source::Field(_)) => {
                if self.is_flag {
                    Sql::flag(false)
                } else {
                    Sql::Null
                }
            }
            (Row::Record(record), Source::Computed(name)) => of_record(store, record, name),
            (Row::Line(record, line), Source::Computed(name)) => of_line(record, line, name),
            (Row::Deleted(deleted), Source::Computed(name)) => of_deleted(deleted, name),
            (Row::Deleted(_), Source::Field(_)) => Sql::Null,
        }
    }

    fn field<'a>(&self, fields: &'a Fields, field: &str) -> Sql<'a> {
        match fields.get(field) {
            Some(value) => Sql::stored(value),
            None if self.is_flag => Sql::flag(false),
            None => Sql::Null,
        }
    }
}

/// A way to find rows by a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// By internal id.
    Id,
    /// By an indexed field.
    Field(&'static str),
    /// The lines of a transaction.
    Transaction,
}

/// An invoice adds to what a customer owes, a credit memo takes from it.
fn sign(record: &Record) -> Decimal {
    if record.kind.name == "creditMemo" { Decimal::NEGATIVE_ONE } else { Decimal::ONE }
}

fn of_record<'a>(store: &'a Store, record: &'a Record, name: &str) -> Sql<'a> {
    let number = |field: &str| record.fields.number(field).unwrap_or_default();
    let is_invoice = record.kind.name == "invoice";
    match name {
        "id" => Sql::integer(record.id),
        "code" => Sql::text(record.kind.code),
        "recordtype" => Sql::text(record.kind.name.to_ascii_lowercase()),
        "entitytype" => Sql::text("CustJob"),
        "name" => Sql::text(store.name(record)),
        "true" => Sql::flag(true),
        "false" => Sql::flag(false),
        "abbreviation" => Sql::text(if is_invoice { "INV" } else { "CREDMEM" }),
        "foreigntotal" => Sql::Number(sign(record) * number("total")),
        "foreignunpaid" if is_invoice => Sql::Number(number("amountRemaining")),
        "foreignpaid" if is_invoice => Sql::Number(number("amountPaid")),
        "foreignunused" if !is_invoice => Sql::Number(number("unapplied")),
        "foreignused" if !is_invoice => Sql::Number(number("applied")),
        _ => Sql::Null,
    }
}

/// Lines carry the sign of the ledger: what an invoice sells is a credit and stands negative, its quantity too.
fn of_line<'a>(record: &'a Record, line: Option<&'a Fields>, name: &str) -> Sql<'a> {
    let amount = match line {
        Some(line) => -sign(record) * line.number("amount").unwrap_or_default(),
        None => sign(record) * record.fields.number("total").unwrap_or_default(),
    };
    let rate = record.fields.number("exchangeRate").unwrap_or(Decimal::ONE);
    match name {
        "transaction" => Sql::integer(record.id),
        "lineid" => Sql::integer(line.and_then(|line| line.integer("line")).unwrap_or(0)),
        "uniquekey" => Sql::integer(record.id * 10_000 + line.and_then(|line| line.integer("line")).unwrap_or(0)),
        "mainline" => Sql::flag(line.is_none()),
        "true" => Sql::flag(true),
        "false" => Sql::flag(false),
        "quantity" => line
            .and_then(|line| line.number("quantity"))
            .map_or(Sql::Null, |quantity| Sql::Number(-sign(record) * quantity)),
        "lineamount" => Sql::Number(amount),
        "netamount" => {
            Sql::Number((amount * rate).round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
        }
        "linecredit" if amount < Decimal::ZERO => Sql::Number(-amount),
        "linedebit" if amount > Decimal::ZERO => Sql::Number(amount),
        "linetype" => Sql::text(if line.is_some() { "INCOME" } else { "ACCTREC" }),
        "linememo" => match line {
            Some(line) => line.text("description").map_or(Sql::Null, |text| Sql::Text(Cow::Borrowed(text))),
            None => record.fields.text("memo").map_or(Sql::Null, |text| Sql::Text(Cow::Borrowed(text))),
        },
        "lineaccount" if line.is_none() => record.fields.get("account").map_or(Sql::Null, Sql::stored),
        _ => match name.strip_prefix("header:") {
            Some(field) => record.fields.get(field).map_or(Sql::Null, Sql::stored),
            None => Sql::Null,
        },
    }
}

fn of_deleted<'a>(deleted: &'a Deleted, name: &str) -> Sql<'a> {
    match name {
        "deletedid" => Sql::integer(deleted.id),
        "deletedname" => Sql::text(deleted.name.as_str()),
        "deletedtype" => Sql::text(deleted.kind.name.to_ascii_lowercase()),
        "deleteddate" => Sql::Moment(deleted.at.to_zoned(TimeZone::UTC).datetime()),
        "deletedexternal" => deleted.external_id.as_deref().map_or(Sql::Null, Sql::text),
        _ => Sql::Null,
    }
}

static TABLES: LazyLock<(Vec<Table>, Vec<&'static str>)> = LazyLock::new(read);

/// A table by its name, matched without regard to case.
pub(super) fn table(name: &str) -> Option<&'static Table> {
    TABLES.0.iter().find(|table| table.name.eq_ignore_ascii_case(name))
}

/// Whether the vendor has a table of this name that is not emulated.
pub(super) fn is_known_elsewhere(name: &str) -> bool {
    TABLES.1.iter().any(|known| known.eq_ignore_ascii_case(name))
        || name.to_ascii_lowercase().starts_with("customrecord")
}

fn read() -> (Vec<Table>, Vec<&'static str>) {
    let mut tables: Vec<Table> = Vec::new();
    let mut elsewhere = Vec::new();
    let mut in_names = false;
    for line in
        include_str!("tables.txt").lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let words: Vec<&'static str> = head.split_ascii_whitespace().collect();
            in_names = words.get(1) == Some(&"names");
            let rows = match words.get(1) {
                Some(&"records") => Rows::Records(words.get(2).copied().unwrap_or_default()),
                Some(&"lines") => Rows::Lines,
                _ => Rows::Deleted,
            };
            if !in_names {
                tables.push(Table {
                    name: words.first().copied().unwrap_or_default(),
                    rows,
                    columns: Vec::new(),
                    by_name: HashMap::new(),
                });
            }
        } else if in_names {
            elsewhere.extend(line.split_ascii_whitespace());
        } else if let Some(table) = tables.last_mut() {
            let rows = table.rows;
            line.split_ascii_whitespace().filter_map(|word| column(rows, word)).for_each(|column| add(table, column));
        }
    }
    tables.iter_mut().for_each(add_custom_columns);
    (tables, elsewhere)
}

fn add(table: &mut Table, column: Column) {
    table.by_name.insert(column.name, table.columns.len());
    table.columns.push(column);
}

fn column(rows: Rows, word: &'static str) -> Option<Column> {
    let (name, source) = word.split_once('=')?;
    Some(match source.strip_prefix('@') {
        Some(computed) => Column { name, source: Source::Computed(computed), is_flag: false },
        None => Column { name, source: Source::Field(source), is_flag: is_flag(rows, source) },
    })
}

fn shapes(rows: Rows) -> Vec<&'static schema::Shape> {
    match rows {
        Rows::Records(table) => {
            schema::record_types().iter().filter(|kind| kind.table == table).map(|kind| &kind.shape).collect()
        }
        Rows::Lines => schema::shape("transaction.item").into_iter().collect(),
        Rows::Deleted => Vec::new(),
    }
}

fn is_flag(rows: Rows, field: &str) -> bool {
    shapes(rows).iter().filter_map(|shape| shape.field(field)).any(|field| field.kind == Kind::Flag)
}

fn add_custom_columns(table: &mut Table) {
    for shape in shapes(table.rows) {
        for field in shape.fields.iter().filter(|field| field.custom) {
            if !table.by_name.contains_key(field.name) {
                add(table, Column { name: field.name, source: Source::Field(field.name), is_flag: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_field_names_a_field_of_the_schema() {
        for table in &TABLES.0 {
            for column in &table.columns {
                if let Source::Field(field) = column.source {
                    assert!(
                        shapes(table.rows)
                            .iter()
                            .any(|shape| shape.field(field).is_some_and(|found| found.name == field)),
                        "{}.{field}",
                        table.name
                    );
                }
            }
        }
    }
}
