//! SuiteQL, pure: look-ups, line counts, lists of reference data, and the rows that answer them.

use model::ports::{LookUpKey, Target};
use model::value::{Record, SmolStr, Value};
use serde::Deserialize;

use super::objects::{self, Table};
use crate::json::{self, Malformed, Records};

/// How many keys a look-up asks for: each stands in two lists, and a list takes a thousand.
pub(super) const KEYS: usize = 500;
/// How many ids a list takes.
pub(super) const IDS: usize = 1000;
/// How many rows a page holds.
pub(super) const PAGE: usize = 1000;
/// How many rows a query gives in all; NetSuite cuts the rest off.
const ROWS: usize = 100_000;
/// The pseudo-column that counts a transaction's own lines.
pub(super) const LINES: &str = "lines";
/// The pseudo-column that tells what kind of transaction a record is.
pub(super) const RECORD_TYPE: &str = "recordtype";

/// What went wrong before anything was sent.
pub(super) type Unfit = String;

/// The look-up of some keys. Transactions are not narrowed to one type: they share their external ids, and a record
/// of another type under our key must be seen.
pub(super) fn look_up(target: &Target, keys: &[LookUpKey]) -> Result<String, Unfit> {
    let external = list(keys.iter().map(|key| key.external.as_str()));
    let condition = match &target.source_id_field {
        Some(field) => {
            let ids = list(keys.iter().map(|key| key.source_id.as_str()));
            format!("(externalid IN ({external}) OR {} IN ({ids}))", name(field)?)
        }
        None => format!("externalid IN ({external})"),
    };
    query(target, &condition)
}

/// The look-up of one record by its own id.
pub(super) fn by_id(target: &Target, id: &str) -> Result<String, Unfit> {
    query(target, &format!("id = {}", number(id)?))
}

fn query(target: &Target, condition: &str) -> Result<String, Unfit> {
    let (table, from) = objects::table(&target.object);
    let mut columns = vec!["id".to_owned(), "externalid".to_owned()];
    if table == Table::Transaction {
        columns.push("type".into());
    }
    let asked = target.columns.iter().chain(&target.source_id_field).map(String::as_str);
    for column in asked.filter(|column| !is_pseudo(column, table)) {
        let expression = column_expression(name(column)?);
        if !columns.iter().any(|held| held.eq_ignore_ascii_case(&expression)) {
            columns.push(expression);
        }
    }
    Ok(format!("SELECT {} FROM {from} WHERE {condition} ORDER BY id", columns.join(", ")))
}

/// Columns that the table does not have under this name.
fn is_pseudo(column: &str, table: Table) -> bool {
    column.eq_ignore_ascii_case(LINES) || (table == Table::Transaction && column.eq_ignore_ascii_case(RECORD_TYPE))
}

fn column_expression(column: &str) -> String {
    let column = column.to_lowercase();
    if objects::is_day(&column) {
        return format!("TO_CHAR({column}, 'YYYY-MM-DD') AS {column}");
    }
    if objects::is_moment(&column) {
        return format!("TO_CHAR({column}, 'YYYY-MM-DD\"T\"HH24:MI:SS') AS {column}");
    }
    column
}

/// How many lines of their own transactions have. `narrow` leaves out what NetSuite adds by itself: cost of goods
/// sold, the header's discount, shipping. The columns for it come and go with the account's features.
pub(super) fn line_counts(ids: &[&str], narrow: bool) -> Result<String, Unfit> {
    let ids = ids.iter().map(|id| number(id)).collect::<Result<Vec<_>, _>>()?.join(", ");
    let own = if narrow {
        " AND iscogs = 'F' AND transactiondiscount = 'F' AND itemtype NOT IN ('ShipItem', 'TaxItem', 'TaxGroup')"
    } else {
        ""
    };
    Ok(format!(
        "SELECT transaction, COUNT(*) AS linecount FROM transactionline WHERE transaction IN ({ids}) \
         AND mainline = 'F' AND taxline = 'F'{own} GROUP BY transaction ORDER BY transaction"
    ))
}

/// A list of reference data, and the columns by which people name its entries.
pub(super) fn reference(list: &str) -> Result<(String, &'static [&'static str]), Unfit> {
    let named: &[&str] = match list.to_lowercase().as_str() {
        "currency" => &["symbol"],
        "subsidiary" | "department" | "classification" | "location" => &["fullname"],
        "account" => &["acctnumber", "fullname"],
        _ => &["name"],
    };
    let table = name(list)?.to_lowercase();
    Ok((format!("SELECT id, {} FROM {table} WHERE isinactive = 'F' ORDER BY id", named.join(", ")), named))
}

/// A name that can stand in a query without changing it.
fn name(name: &str) -> Result<&str, Unfit> {
    let plain = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { Ok(name) } else { Err(format!("'{name}' is no name of a column or table")) }
}

/// An internal id; NetSuite has negative ones too, for what it ships itself.
fn number(id: &str) -> Result<&str, Unfit> {
    id.parse::<i64>().map(|_| id).map_err(|_| format!("'{id}' is no internal id"))
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.map(|text| format!("'{}'", text.replace('\'', "''"))).collect::<Vec<_>>().join(", ")
}

/// The body of a query.
pub(super) fn body(query: &str) -> Vec<u8> {
    let mut body = b"{\"q\":".to_vec();
    json::write_text(query, &mut body);
    body.push(b'}');
    body
}

#[derive(Deserialize)]
struct RawRows {
    items: Records,
    #[serde(rename = "hasMore")]
    has_more: bool,
    count: Option<usize>,
    offset: Option<usize>,
    #[serde(rename = "totalResults")]
    total: Option<usize>,
}

/// A page of rows.
pub(super) struct Rows {
    pub(super) rows: Vec<Record>,
    pub(super) more: bool,
    count: Option<usize>,
    offset: Option<usize>,
    total: Option<usize>,
}

/// Reads a page of rows. Every value is a text, a null column is absent, and the names are in small letters
/// whatever the query says.
pub(super) fn rows(body: &[u8]) -> Result<Rows, Malformed> {
    let raw: RawRows = json::parse(body)?;
    let rows = raw.items.whole()?;
    Ok(Rows { rows, more: raw.has_more, count: raw.count, offset: raw.offset, total: raw.total })
}

impl Rows {
    /// What is wrong with a page that was asked for at this place, behind these rows. Pages are asked for by their
    /// place: rows that a short page leaves out would never come.
    pub(super) fn fault(&self, limit: usize, read: &[Record]) -> Option<String> {
        let (came, offset) = (self.rows.len(), read.len());
        let all = offset + came;
        if self.offset.is_some_and(|told| told != offset) {
            return Some(format!("the page at {offset} was asked for, another one came"));
        }
        if came > limit || self.count.is_some_and(|count| count != came) {
            return Some(format!("the page at {offset} has {came} rows, which is not what it says or was asked for"));
        }
        let again = offset >= limit && came > 0 && read.get(offset - limit) == self.rows.first();
        if again {
            return Some(format!("the page at {offset} repeats the one before it"));
        }
        if self.more && came < limit {
            return Some(format!("the page at {offset} has only {came} of {limit} rows and says that there are more"));
        }
        if self.more && all >= ROWS {
            return Some(format!("the query has more than the {ROWS} rows that NetSuite gives"));
        }
        match self.total {
            Some(total) if self.more && all >= total => {
                Some(format!("{all} of {total} rows came, and still there are more"))
            }
            Some(total) if !self.more && all < total => {
                Some(format!("the query has {total} rows, but only {all} came"))
            }
            _ => None,
        }
    }
}

/// A row's column, whatever the case of its letters.
pub(super) fn cell<'a>(row: &'a Record, column: &str) -> &'a Value {
    static NULL: Value = Value::Null;
    row.iter().find(|(name, _)| name.eq_ignore_ascii_case(column)).map_or(&NULL, |(_, value)| value)
}

/// A row's column as a text: ids are texts here and there, and numbers elsewhere.
pub(super) fn text(row: &Record, column: &str) -> SmolStr {
    match cell(row, column) {
        Value::Text(text) => text.clone(),
        other => other.show().into(),
    }
}

/// The columns of a target out of a row, under the names by which the flow asks for them.
pub(super) fn asked(target: &Target, row: &Record) -> Record {
    let mut record = Record::with_capacity(target.columns.len() + 2);
    for column in &target.columns {
        let value = cell(row, column);
        if !value.is_null() {
            record.set(column.as_str(), value.clone());
        }
    }
    let (table, _) = objects::table(&target.object);
    if table == Table::Transaction {
        let name = target.columns.iter().find(|column| column.eq_ignore_ascii_case(RECORD_TYPE));
        let kind = objects::record_type(&text(row, "type"));
        record.set(name.map_or(RECORD_TYPE, String::as_str), Value::text(kind));
    }
    record
}
