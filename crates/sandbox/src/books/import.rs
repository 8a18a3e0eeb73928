//! Import of real trade: the Online Retail form, a line of a document per row.
//!
//! The form (Chen, D., 2015, Online Retail, UCI Machine Learning Repository, <https://doi.org/10.24432/C5BW33>) knows
//! neither headers nor payments nor addresses: a document is the group of rows with one InvoiceNo. What the rows say is
//! kept as it stands, repeated rows too; what cannot be read stops the import and says where it stands.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::Books;
use ledger::Ledger;
use row::{COLUMNS, Columns};

mod ledger;
mod row;

/// Why retail data could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder cannot be listed.
    #[error("cannot read folder {}: {cause}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// The folder holds no data.
    #[error("folder {} holds no *.csv or *.csv.gz file", .folder.display())]
    NoFiles {
        /// The folder.
        folder: PathBuf,
    },
    /// A file cannot be opened.
    #[error("cannot open {}: {cause}", .file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// A file breaks off or is no CSV.
    #[error("{}, after line {line}: {cause}", .file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// The last line that could be read.
        line: u64,
        /// What is wrong.
        cause: csv::Error,
    },
    /// A row has too few or too many fields.
    #[error("{}, line {line}: {found} fields, but the heading has {expected}", .file.display())]
    Fields {
        /// The file.
        file: PathBuf,
        /// The line on which the row begins; the heading is line 1.
        line: u64,
        /// Fields in the row.
        found: u64,
        /// Fields in the heading.
        expected: u64,
    },
    /// The heading lacks a column.
    #[error("{}, line 1: column {column} is missing", .file.display())]
    MissingColumn {
        /// The file.
        file: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A field cannot be read.
    #[error("{}, line {line}, column {column}: {problem}", .file.display())]
    Field {
        /// The file.
        file: PathBuf,
        /// The line on which the row begins; the heading is line 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What is wrong, with the text in question.
        problem: String,
    },
}

/// Imports every `*.csv` and `*.csv.gz` in `dir`, in the order of their names.
///
/// Each CustomerID becomes an account, rows without one go to an account per country; each StockCode becomes a product
/// with one plan and one charge; each InvoiceNo becomes a posted invoice in GBP, dated by its first row.
pub fn import(dir: &Path) -> Result<Books, ImportError> {
    let mut ledger = Ledger::default();
    for file in files(dir)? {
        read(&file, &mut ledger)?;
    }
    Ok(ledger.close())
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let fail = |cause| ImportError::Folder { folder: dir.to_owned(), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if path.is_file() && (name.ends_with(".csv") || name.ends_with(".csv.gz")) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(ImportError::NoFiles { folder: dir.to_owned() });
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path, ledger: &mut Ledger) -> Result<(), ImportError> {
    let mut rows = csv::Reader::from_reader(open(file)?);
    let heading = rows.byte_headers().map_err(|cause| broken(file, cause))?;
    let missing = |column| ImportError::MissingColumn { file: file.to_owned(), column };
    let columns = Columns::find(heading).map_err(missing)?;
    let mut record = csv::ByteRecord::new();
    while rows.read_byte_record(&mut record).map_err(|cause| broken(file, cause))? {
        let field = |(column, problem): (usize, String)| ImportError::Field {
            file: file.to_owned(),
            line: line_at(file, record.position().map_or(0, csv::Position::byte)),
            column: COLUMNS[column],
            problem,
        };
        let row = columns.read(&record).map_err(field)?;
        ledger.enter(&row).map_err(field)?;
    }
    Ok(())
}

fn open(file: &Path) -> Result<Box<dyn Read>, ImportError> {
    let plain = File::open(file).map_err(|cause| ImportError::Open { file: file.to_owned(), cause })?;
    let zipped = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    Ok(if zipped { Box::new(MultiGzDecoder::new(plain)) } else { Box::new(plain) })
}

fn broken(file: &Path, cause: csv::Error) -> ImportError {
    let owned = file.to_owned();
    match *cause.kind() {
        csv::ErrorKind::UnequalLengths { ref pos, expected_len, len } => ImportError::Fields {
            file: owned,
            line: line_at(file, pos.as_ref().map_or(0, csv::Position::byte)),
            found: len,
            expected: expected_len,
        },
        _ => ImportError::Broken { file: owned, line: line_at(file, u64::MAX), cause },
    }
}

/// The line of the first row at or after a byte, or the last line that can be read.
///
/// The parser counts lines too, but takes the line feed of a CRLF, and blank lines, for the beginning of the next row;
/// so on the way to an error, and only then, the file is read once more.
fn line_at(file: &Path, byte: u64) -> u64 {
    let Ok(source) = open(file) else { return 0 };
    let readable = BufReader::new(source).bytes().map_while(Result::ok).zip(0..);
    let before = readable.take_while(|&(sign, at)| at < byte || matches!(sign, b'\r' | b'\n'));
    before.fold(1, |line, (sign, _)| line + u64::from(sign == b'\n'))
}
