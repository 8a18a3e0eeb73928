//! One row of retail data, read and checked.

use csv::ByteRecord;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

/// The columns of the form. A row's problems name a column by its position here.
pub(super) const COLUMNS: [&str; 8] =
    ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];

/// Position of CustomerID in [`COLUMNS`].
pub(super) const CUSTOMER: usize = 6;

/// 10^12. Beyond it a number in trade is a slip, and the sum of a document would no longer be safe from overflow.
const LARGEST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

/// The longest field of the real books has 35 bytes.
const LONGEST_FIELD: usize = 1_000;

/// A column of [`COLUMNS`] and what is wrong with its field.
pub(super) type Problem = (usize, String);

/// A row, with its blanks trimmed.
pub(super) struct Row<'a> {
    pub(super) invoice: &'a str,
    pub(super) stock_code: &'a str,
    /// May be empty; runs of blanks are one blank.
    pub(super) description: String,
    pub(super) quantity: Decimal,
    pub(super) date: Date,
    pub(super) unit_price: Decimal,
    /// The customer's number without the `.0`; empty when the row has none.
    pub(super) customer: String,
    pub(super) country: &'a str,
}

/// Where in a file the columns of the form stand.
pub(super) struct Columns([usize; 8]);

impl Columns {
    /// Finds the columns in a heading, whatever their order; the error is the first that is missing.
    pub(super) fn find(heading: &ByteRecord) -> Result<Columns, &'static str> {
        let mut places = [0; 8];
        for (place, name) in places.iter_mut().zip(COLUMNS) {
            *place = heading.iter().position(|field| field.trim_ascii() == name.as_bytes()).ok_or(name)?;
        }
        Ok(Columns(places))
    }

    /// Reads a row.
    pub(super) fn read<'a>(&self, record: &'a ByteRecord) -> Result<Row<'a>, Problem> {
        let mut texts = [""; 8];
        for (column, text) in texts.iter_mut().enumerate() {
            *text = text_of(record.get(self.0[column]).unwrap_or_default()).map_err(|problem| (column, problem))?;
        }
        let [invoice, stock_code, description, quantity, date, unit_price, customer, country] = texts;
        Ok(Row {
            invoice: filled(invoice).map_err(|problem| (0, problem))?,
            stock_code: filled(stock_code).map_err(|problem| (1, problem))?,
            description: description.split_whitespace().collect::<Vec<_>>().join(" "),
            quantity: number(quantity).map_err(|problem| (3, problem))?,
            date: day(date).map_err(|problem| (4, problem))?,
            unit_price: number(unit_price).map_err(|problem| (5, problem))?,
            customer: customer_number(customer).map_err(|problem| (CUSTOMER, problem))?,
            country: filled(country).map_err(|problem| (7, problem))?,
        })
    }
}

/// A field as text. A quote that is never closed would swallow the rows up to the next one without a word: it shows
/// by the line break, which the form does not have.
fn text_of(field: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(field).map_err(|error| {
        let byte = field.get(error.valid_up_to()).copied().unwrap_or_default();
        format!("byte {byte:#04X} at position {} is not UTF-8", error.valid_up_to() + 1)
    })?;
    if text.len() > LONGEST_FIELD {
        return Err(format!("more than {LONGEST_FIELD} bytes: a quote may be left open"));
    }
    if text.contains(['\n', '\r']) {
        return Err("a line break inside a field: a quote may be left open".to_owned());
    }
    Ok(text.trim())
}

fn filled(text: &str) -> Result<&str, String> {
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(text) }
}

fn number(text: &str) -> Result<Decimal, String> {
    let number = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
    let number = number.map_err(|_| format!("`{text}` is not a number"))?;
    if number.abs() > LARGEST { Err(format!("`{text}` is out of range")) } else { Ok(number) }
}

fn day(text: &str) -> Result<Date, String> {
    let moment = text.parse::<DateTime>().map_err(|_| format!("`{text}` is not a date and time"))?;
    Ok(moment.date())
}

/// The number of a customer, which some copies of the data write as a float: `17850.0`.
fn customer_number(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let number = number(text)?;
    if !number.is_integer() || number.is_sign_negative() {
        return Err(format!("`{text}` is not a customer's number"));
    }
    Ok(number.normalize().to_string())
}
