//! The books: what is imported is what the data says, what is generated is what was measured.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests are tests")]

#[path = "books/generated.rs"]
mod generated;
#[path = "books/imported.rs"]
mod imported;
#[path = "books/measured.rs"]
mod measured;
#[path = "books/revenue.rs"]
mod revenue;

use std::path::PathBuf;

use rust_decimal::Decimal;
use sandbox::books::{Books, import};

/// The real retail data beside the checkout; `None`, with a word, where there is none.
fn retail() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/online-retail");
    if !folder.is_dir() {
        println!("not run: {} does not exist", folder.display());
        return None;
    }
    Some(folder)
}

/// The books of all the real retail data.
fn retail_books() -> Option<Books> {
    retail().map(|folder| import::import(&folder).unwrap())
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}
