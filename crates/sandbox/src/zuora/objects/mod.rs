//! The field tables of the objects.
//!
//! Sources: the vendor's OpenAPI specifications of 2023-12-15 and 2026-05-01 (CRUD and Object Query schemas, lengths
//! and values), the connector fields of the former, the published filter lists of Object Query, and for what only the
//! Actions know the SOAP object reference and the classes that public clients generated from the WSDL.

pub(crate) mod account;
pub(crate) mod catalogue;
pub(crate) mod charge;
pub(crate) mod invoice;
pub(crate) mod subscription;

use super::schema::{Field, Kind, Write};

/// The texts of a yes-or-no connector field.
const YES_NO: &[&str] = &["Yes", "No"];
/// What kind of item the connector makes in the ERP.
const ITEM_TYPES: &[&str] = &["Inventory", "Non Inventory", "Service"];

/// A connector field: a text of at most 255 characters that may always be written.
const fn ns(name: &'static str) -> Field {
    Field::new(name, Kind::Text(255)).open()
}

/// A connector field with a list of values.
const fn ns_pick(name: &'static str, values: &'static [&'static str]) -> Field {
    Field::new(name, Kind::Pick(values)).open()
}

/// A text that may always be written.
const fn text(name: &'static str, longest: u16) -> Field {
    Field { write: Write::Always, ..Field::new(name, Kind::Text(longest)) }
}

/// A text that is only read.
const fn fixed(name: &'static str) -> Field {
    Field::new(name, Kind::Text(255))
}

/// A number that is only read.
const fn amount(name: &'static str) -> Field {
    Field::new(name, Kind::Number)
}

/// The field that every object begins with.
const IDENTITY: Field = Field::new("Id", Kind::Key).listed();
/// Who created a record.
const CREATED_BY: Field = Field::new("CreatedById", Kind::Text(32));
/// When it was created.
const CREATED: Field = Field::new("CreatedDate", Kind::Moment);
/// Who wrote it last.
const UPDATED_BY: Field = Field::new("UpdatedById", Kind::Text(32));
/// When it was written last.
const UPDATED: Field = Field::new("UpdatedDate", Kind::Moment).listed();
