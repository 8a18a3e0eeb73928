//! Import: the figures of the real data, the rules on made-up rows, and the errors.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use rust_decimal::Decimal;
use sandbox::books::import::{ImportError, import};
use sandbox::books::{Books, InvoiceStatus, summary};
use tempfile::TempDir;

use super::{decimal, retail, retail_books};

const HEADING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

fn folder(rows: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows.csv"), format!("{HEADING}{rows}")).unwrap();
    folder
}

fn books(rows: &str) -> Books {
    import(folder(rows).path()).unwrap()
}

fn refusal(rows: &str) -> String {
    import(folder(rows).path()).unwrap_err().to_string()
}

fn lines(books: &Books) -> usize {
    books.invoices.iter().map(|invoice| invoice.lines.len()).sum()
}

#[test]
fn december_alone_has_2025_documents_and_42481_lines() {
    let Some(source) = retail() else { return };
    let folder = tempfile::tempdir().unwrap();
    let name = "online-retail-2010-12.csv.gz";
    fs::write(folder.path().join(name), fs::read(source.join(name)).unwrap()).unwrap();
    let books = import(folder.path()).unwrap();
    assert_eq!((books.invoices.len(), lines(&books)), (2025, 42_481));
}

#[test]
fn both_files_add_up_to_the_penny() {
    let Some(books) = retail_books() else { return };
    assert_eq!((books.invoices.len(), lines(&books)), (10_783, 209_029));
    let sum: Decimal = books.invoices.iter().map(|invoice| invoice.amount()).sum();
    assert_eq!(sum, decimal("3706827.64"));
    let totals = &summary(&books).arriving["GBP"];
    assert_eq!((totals.invoices.count, totals.invoices.amount), (9106, decimal("4064726.59")));
    assert_eq!((totals.negative_invoices.count, totals.negative_invoices.amount), (1677, decimal("-357898.95")));
}

#[test]
fn every_customer_country_and_stock_code_of_the_real_data_is_there() {
    let Some(books) = retail_books() else { return };
    let unidentified = books.accounts.iter().filter(|account| account.name.starts_with("Unidentified customer ("));
    assert_eq!((books.accounts.len(), unidentified.count()), (2767 + 6, 6));
    assert_eq!(books.products.len(), 3514);
    let tshirt_hooks = books.products.iter().filter(|product| product.sku.eq_ignore_ascii_case("85123a"));
    assert_eq!(tshirt_hooks.map(|product| product.sku.as_str()).collect::<Vec<_>>(), ["85123A", "85123a"]);
    assert!(books.products.iter().all(|product| !product.name.is_empty()));
    assert!(books.invoices.iter().all(|invoice| invoice.status == InvoiceStatus::Posted));
}

#[test]
fn a_document_is_dated_by_its_first_row_and_keeps_rows_that_repeat() {
    let row = "1,A,thing,2,2011-01-04 23:59:00,1.50,17850.0,France\n";
    let other = "2,A,thing,1,2011-01-05 09:00:00,1,17850.0,Spain\n";
    let later = "1,A,x,1,2011-01-05 00:01:00,1,17850,France\n";
    let books = books(&[row, row, other, later].concat());
    let first = &books.invoices[0];
    assert_eq!((first.date.to_string(), first.lines.len(), first.amount()), ("2011-01-04".to_owned(), 3, decimal("7")));
    assert_eq!(books.accounts.len(), 1, "one number is one customer, with or without the .0, wherever he is");
    assert_eq!(books.accounts[0].number, "17850");
    assert_eq!(books.accounts[0].bill_to.country, "France", "the first country stays");
    assert!(books.terms.iter().any(|term| term.name == books.accounts[0].term));
}

#[test]
fn the_total_and_not_the_letter_makes_a_document_negative() {
    let books = books(
        "C1,A,returned,1,2011-01-04 10:00:00,5,1.0,France\n\
         A2,B,Adjust bad debt,1,2011-01-04 10:00:00,-11062.06,,United Kingdom\n\
         3,A,back,-3,2011-01-04 10:00:00,0.335,1.0,France\n",
    );
    let amounts: Vec<_> = books.invoices.iter().map(|invoice| (invoice.number.as_str(), invoice.amount())).collect();
    let rounded_half_away = decimal("-1.01");
    assert_eq!(amounts, [("C1", decimal("5")), ("A2", decimal("-11062.06")), ("3", rounded_half_away)]);
    assert_eq!(summary(&books).posted["GBP"].negative_invoices.count, 2);
}

#[test]
fn prices_keep_their_third_decimal_and_lines_are_rounded_one_by_one() {
    let row = "1,PADS,PADS,1,2011-04-15 09:27:00,0.005,1.0,France\n";
    let books = books(&row.repeat(3));
    assert_eq!(books.invoices[0].lines[0].unit_price.to_string(), "0.005");
    assert_eq!(books.invoices[0].amount(), decimal("0.03"));
}

#[test]
fn nothing_is_zero_without_a_sign() {
    let books = books("1,A,damages,-3,2011-01-04 10:00:00,0.0,,France\n1,A,x,-1,2011-01-04 10:00:00,0.001,,France\n");
    for line in &books.invoices[0].lines {
        assert!(line.amount.is_zero() && line.amount.is_sign_positive(), "{:?}", line.amount);
    }
    assert!(books.invoices[0].amount().is_sign_positive());
}

#[test]
fn a_product_takes_the_first_description_that_is_not_empty_and_is_never_lost() {
    let books = books(
        "1,A,   ,1,2011-01-04 10:00:00,1,,EIRE\n\
         1,A,\"  RED  CUP, LARGE \",1,2011-01-04 10:00:00,1,,EIRE\n\
         1,A,damages,1,2011-01-04 10:00:00,1,,EIRE\n\
         1,a,,1,2011-01-04 10:00:00,1,,EIRE\n",
    );
    let products: Vec<_> = books.products.iter().map(|p| (p.sku.as_str(), p.name.as_str())).collect();
    assert_eq!(products, [("A", "RED CUP, LARGE"), ("a", "a")]);
    assert_eq!(books.products[0].plans[0].charges[0].name, "RED CUP, LARGE");
    assert_eq!(books.invoices[0].lines[2].description, "damages");
}

#[test]
fn rows_without_a_customer_go_to_one_account_per_country() {
    let row = |number, country| format!("{number},A,x,1,2011-01-04 10:00:00,1,,{country}\n");
    let books = books(&[row(1, "EIRE"), row(2, "Unspecified"), row(3, "EIRE")].concat());
    let accounts: Vec<_> = books.accounts.iter().map(|a| (a.name.as_str(), a.bill_to.country.as_str())).collect();
    assert_eq!(accounts, [("Unidentified customer (EIRE)", "Ireland"), ("Unidentified customer (Unspecified)", "")]);
    assert_eq!(books.invoices[2].account, 0);
}

#[test]
fn files_are_read_in_the_order_of_their_names_zipped_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(format!("{HEADING}1,A,x,1,2011-01-04 10:00:00,1,1.0,France\n").as_bytes()).unwrap();
    fs::write(folder.path().join("a.csv.gz"), zip.finish().unwrap()).unwrap();
    let reordered = "\u{feff}Country,CustomerID,UnitPrice,InvoiceDate,Quantity,Description,StockCode,InvoiceNo\r\n\
                     Spain,1.0,2,2011-02-01 10:00:00,1,y,A,1\r\n";
    fs::write(folder.path().join("b.csv"), reordered).unwrap();
    fs::write(folder.path().join("README.md"), "no data").unwrap();
    let books = import(folder.path()).unwrap();
    assert_eq!((books.invoices.len(), books.invoices[0].amount()), (1, decimal("3")));
    assert_eq!(books.invoices[0].date.to_string(), "2011-01-04");
}

#[test]
fn a_field_that_cannot_be_read_is_named_by_file_line_and_column() {
    let good = "1,A,x,1,2011-01-04 10:00:00,1,1.0,France\n";
    for (row, problem) in [
        ("2,A,x,one,2011-01-04 10:00:00,1,1.0,France\n", "column Quantity: `one` is not a number"),
        ("2,A,x,1,2011-01-04 10:00:00,,1.0,France\n", "column UnitPrice: `` is not a number"),
        ("2,A,x,1,2011-02-30 10:00:00,1,1.0,France\n", "column InvoiceDate: `2011-02-30 10:00:00` is not a"),
        ("2,A,x,1,2011-01-04 10:00:00,1,17.5,France\n", "column CustomerID: `17.5` is not a customer's number"),
        ("2,A,x,1,2011-01-04 10:00:00,1000000000001,1,France\n", "column UnitPrice: `1000000000001` is out of range"),
        (",A,x,1,2011-01-04 10:00:00,1,1.0,France\n", "column InvoiceNo: is empty"),
        ("2,,x,1,2011-01-04 10:00:00,1,1.0,France\n", "column StockCode: is empty"),
        ("1,A,x,1,2011-01-04 10:00:00,1,2.0,France\n", "column CustomerID: document 1 is already another customer's"),
        ("2,A,x,1,2011-01-04 10:00:00,1,1.0,\"France\n3,A,x,\n", "column Country: a line break inside a field"),
    ] {
        for (end, line) in [("\n", 3), ("\r\n", 3), ("\n\n", 4)] {
            let message = refusal(&format!("{good}{row}").replace('\n', end));
            assert!(message.contains(&format!("rows.csv, line {line}, ")) && message.contains(problem), "{message}");
        }
    }
}

#[test]
fn a_byte_that_is_not_utf8_is_named_by_file_line_and_column() {
    let folder = folder("1,A,x,1,2011-01-04 10:00:00,1,1.0,France\n");
    let file = folder.path().join("rows.csv");
    let mut bytes = fs::read(&file).unwrap();
    bytes.extend_from_slice(b"2,A,\xA35 NOTE,1,2011-01-04 10:00:00,1,1.0,France\n");
    fs::write(&file, bytes).unwrap();
    let message = import(folder.path()).unwrap_err().to_string();
    let place = "rows.csv, line 3, column Description: byte 0xA3 at position 1 is not UTF-8";
    assert!(message.ends_with(place), "{message}");
}

#[test]
fn rows_and_headings_of_the_wrong_shape_are_refused() {
    let message = refusal("1,A,x,1,2011-01-04 10:00:00,1,1.0\n");
    assert!(message.ends_with("rows.csv, line 2: 7 fields, but the heading has 8"), "{message}");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("h.csv"), HEADING.replace("UnitPrice", "Price")).unwrap();
    assert!(matches!(import(folder.path()), Err(ImportError::MissingColumn { column: "UnitPrice", .. })));
    fs::write(folder.path().join("h.csv"), "").unwrap();
    assert!(matches!(import(folder.path()), Err(ImportError::MissingColumn { column: "InvoiceNo", .. })));
}

#[test]
fn a_folder_without_data_and_a_file_that_breaks_off_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(import(folder.path()), Err(ImportError::NoFiles { .. })));
    assert!(matches!(import(&folder.path().join("nowhere")), Err(ImportError::Folder { .. })));
    let mut zip = GzEncoder::new(Vec::new(), Compression::none());
    let rows = "1,A,x,1,2011-01-04 10:00:00,1,1.0,France\n".repeat(5000);
    zip.write_all(format!("{HEADING}{rows}").as_bytes()).unwrap();
    let whole = zip.finish().unwrap();
    write_part(folder.path(), &whole, whole.len() - 1000);
    assert!(matches!(import(folder.path()), Err(ImportError::Broken { line, .. }) if line > 4000));
}

fn write_part(folder: &Path, bytes: &[u8], length: usize) {
    fs::write(folder.join("cut.csv.gz"), &bytes[..length]).unwrap();
}
