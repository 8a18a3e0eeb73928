//! The record types and their fields, read once from the tables that stand beside this file.

mod parse;

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A decimal number.
    Number,
    /// A whole number.
    Integer,
    /// True or false.
    Flag,
    /// A day.
    Date,
    /// A moment.
    Moment,
    /// A country by its two letters.
    Country,
    /// One of the vendor's fixed values.
    Choice(Vec<&'static str>),
    /// A reference to a record of this type.
    Ref(&'static str),
    /// References to several records of this type.
    Many(&'static str),
    /// A sublist whose lines have this shape.
    Lines(&'static str),
    /// A sub-record of this shape.
    Part(&'static str),
    /// Known to the vendor, not emulated.
    Unheld,
}

/// A field of a record or of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The name in the vendor's spelling.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// The most characters that a text may have.
    pub(crate) length: Option<usize>,
    /// Whether the vendor computes it: what a caller writes there is ignored.
    pub(crate) computed: bool,
    /// Whether it is a custom field of the account.
    pub(crate) custom: bool,
}

/// The fields of a record, a line or a sub-record.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// The fields in the order of the table.
    pub(crate) fields: Vec<Field>,
    by_name: HashMap<String, usize>,
}

impl Shape {
    /// A field by its name; the vendor's own samples mix the case of names.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        let position = match self.by_name.get(name) {
            Some(position) => position,
            None => self.by_name.get(&name.to_ascii_lowercase())?,
        };
        self.fields.get(*position)
    }

    fn add(&mut self, field: Field) {
        let name = field.name.to_ascii_lowercase();
        match self.by_name.get(&name) {
            Some(position) => self.fields[*position] = field,
            None => {
                self.by_name.insert(name, self.fields.len());
                self.by_name.insert(field.name.to_owned(), self.fields.len());
                self.fields.push(field);
            }
        }
    }
}

/// A type of record with an address of its own.
#[derive(Debug)]
pub(crate) struct RecordType {
    /// The name in the vendor's spelling.
    pub(crate) name: &'static str,
    /// The table that holds its records: one for each group in which external ids are unique.
    pub(crate) table: &'static str,
    /// The vendor's code of the type, such as `CustInvc`; empty where there is none.
    pub(crate) code: &'static str,
    /// The vendor's code of the sub-type, such as `Sale`; empty where there is none.
    pub(crate) subtype: &'static str,
    /// Its fields.
    pub(crate) shape: Shape,
}

impl RecordType {
    /// Whether the emulator lets callers write such records.
    pub(crate) fn is_writable(&self) -> bool {
        matches!(self.table, "entity" | "item" | "transaction")
    }

    /// Whether it is a transaction.
    pub(crate) fn is_transaction(&self) -> bool {
        self.table == "transaction"
    }
}

/// A small list of fixed values that has no record of its own in the emulator.
#[derive(Debug)]
pub(crate) struct FixedList {
    /// The name of the list.
    pub(crate) name: &'static str,
    /// Its values: id and name.
    pub(crate) values: Vec<(i64, String)>,
}

/// All that is known of the account's records.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    types: Vec<RecordType>,
    shapes: HashMap<&'static str, Shape>,
    lists: Vec<FixedList>,
    known: Vec<&'static str>,
    /// Lines of the tables that were not understood; a test keeps this empty.
    problems: Vec<String>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(parse::read);
static COUNTRIES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("countries.txt").split_ascii_whitespace().collect());

/// A record type by its name, matched without regard to case.
pub(crate) fn record_type(name: &str) -> Option<&'static RecordType> {
    SCHEMA.types.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
}

/// All emulated record types.
pub(crate) fn record_types() -> &'static [RecordType] {
    &SCHEMA.types
}

/// Whether the vendor has a type of this name that is not emulated.
pub(crate) fn is_known_elsewhere(name: &str) -> bool {
    SCHEMA.known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The shape of a sublist's lines or of a sub-record.
pub(crate) fn shape(name: &str) -> Option<&'static Shape> {
    SCHEMA.shapes.get(name)
}

/// A fixed list by name.
pub(crate) fn fixed_list(name: &str) -> Option<&'static FixedList> {
    SCHEMA.lists.iter().find(|list| list.name == name)
}

/// A country's code in the vendor's spelling.
pub(crate) fn country(code: &str) -> Option<&'static str> {
    COUNTRIES.iter().copied().find(|known| known.eq_ignore_ascii_case(code))
}

/// The table that a reference of a kind points into: `item` and `transaction` stand for all their types.
pub(crate) fn target_table(kind: &'static str) -> &'static str {
    match kind {
        "item" | "transaction" => kind,
        other => record_type(other).map_or(other, |found| found.table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_understood() {
        assert_eq!(SCHEMA.problems, Vec::<String>::new());
    }

    #[test]
    fn field_names_match_without_regard_to_case_and_keep_the_vendors_spelling() {
        let customer = record_type("CUSTOMER").unwrap();
        assert_eq!(customer.shape.field("companyname").unwrap().name, "companyName");
        assert_eq!(customer.shape.field("companyName").unwrap().length, Some(83));
    }

    #[test]
    fn custom_fields_stand_on_every_type_of_their_kind() {
        for name in ["invoice", "creditMemo"] {
            let field = record_type(name).unwrap().shape.field("custbodyzuoraid").unwrap();
            assert!(field.custom && field.length == Some(300));
        }
        assert!(record_type("otherChargeSaleItem").unwrap().shape.field("custitemzuoraid").is_some());
        assert!(shape("transaction.item").unwrap().field("custcolzuoraid").is_some());
    }

    #[test]
    fn every_shape_that_a_field_names_exists() {
        for kind in record_types() {
            for field in &kind.shape.fields {
                if let Kind::Lines(name) | Kind::Part(name) = field.kind {
                    assert!(shape(name).is_some(), "{name}");
                }
            }
        }
    }
}
