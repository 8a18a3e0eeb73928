//! The real books: what their CSV itself says, and whether both systems hold just that.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use model::Decimal;
use rust_decimal::RoundingStrategy;
use serde_json::Value;
use tempfile::TempDir;

use super::{Sandbox, decimal, total};

const FIRST_MONTH: &str = "online-retail-2010-12.csv.gz";

/// What the CSV itself says, read here and not by the importer: amount by document, and the customers and products.
pub(crate) struct Truth {
    pub(crate) documents: BTreeMap<String, Decimal>,
    customers: BTreeSet<String>,
    products: BTreeSet<String>,
}

impl Truth {
    pub(crate) fn sum(&self) -> Decimal {
        self.documents.values().sum()
    }

    pub(crate) fn masters(&self) -> usize {
        self.customers.len() + 3 * self.products.len()
    }

    fn read(&mut self, file: &Path) {
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
        for row in csv::Reader::from_reader(text.as_bytes()).records() {
            let row = row.unwrap();
            let exact = |column: usize| row[column].parse::<Decimal>().unwrap();
            let amount = (exact(3) * exact(5)).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            *self.documents.entry(row[0].to_owned()).or_default() += amount;
            self.customers.insert(if row[6].is_empty() { format!("in {}", &row[7]) } else { row[6].to_owned() });
            self.products.insert(row[1].to_owned());
        }
    }
}

/// A folder with December 2010 alone, or with all months; and what it says.
pub(crate) fn books(whole: bool) -> Option<(TempDir, Truth)> {
    let shared = real_books()?;
    let folder = tempfile::tempdir().unwrap();
    let mut truth = Truth { documents: BTreeMap::new(), customers: BTreeSet::new(), products: BTreeSet::new() };
    for file in std::fs::read_dir(&shared).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name == FIRST_MONTH || (whole && name.ends_with(".csv.gz")) {
            std::fs::copy(&file, folder.path().join(name)).unwrap();
            truth.read(&file);
        }
    }
    Some((folder, truth))
}

/// Every document, customer and item is in NetSuite exactly once, and every amount is the CSV's own.
pub(crate) async fn assert_exact(sandbox: &Sandbox, truth: &Truth) {
    let mut held: BTreeMap<String, Decimal> = BTreeMap::new();
    for (kind, sign) in [("invoice", Decimal::ONE), ("creditMemo", Decimal::NEGATIVE_ONE)] {
        for document in sandbox.records("netsuite", kind).await {
            let number = document["tranId"].as_str().unwrap().to_owned();
            let twice = held.insert(number.clone(), sign * decimal(&document["total"]));
            assert_eq!(twice, None, "{number} is in NetSuite twice");
        }
    }
    assert_eq!(held, truth.documents);
    let once = |records: Vec<Value>, field: &str| {
        let ids: BTreeSet<String> = records.iter().map(|record| record[field].to_string()).collect();
        assert_eq!(ids.len(), records.len(), "{field} stands twice");
        records.len()
    };
    assert_eq!(once(sandbox.records("netsuite", "customer").await, "custentityzuoraid"), truth.customers.len());
    let items = once(sandbox.records("netsuite", "serviceSaleItem").await, "custitemzuoraid");
    assert_eq!(items, 3 * truth.products.len(), "a product, its plan and its charge");
    for invoice in sandbox.records("zuora", "Invoice").await {
        assert_eq!(invoice["IntegrationStatus__NS"], "Sync Complete", "{invoice}");
        assert_eq!(invoice["TransferredToAccounting"], "Yes", "{invoice}");
    }
}

pub(crate) async fn creates(sandbox: &Sandbox) -> u64 {
    sandbox.calls("netsuite", "POST", "/record/").await
}

pub(crate) async fn documents_in(sandbox: &Sandbox) -> usize {
    sandbox.records("netsuite", "invoice").await.len() + sandbox.records("netsuite", "creditMemo").await.len()
}

async fn writes(sandbox: &Sandbox) -> u64 {
    let marks = sandbox.calls("zuora", "POST", "/v1/action/update").await;
    let mut records = 0;
    for method in ["POST", "PATCH", "PUT", "DELETE"] {
        records += sandbox.calls("netsuite", method, "/services/rest/record").await;
    }
    marks + records
}

/// Two runs over books that are in sync, the second without a journal.
pub(crate) async fn assert_further_runs_write_nothing(sandbox: &Sandbox) {
    let before = writes(sandbox).await;
    for _ in 0..2 {
        let report = sandbox.run().await;
        assert_eq!(total(&report, "skipped"), total(&report, "read"), "{report}");
        sandbox.delete_journal();
    }
    assert_eq!(writes(sandbox).await, before, "a run over books in sync wrote something");
}

/// Their folder; `None`, and said so, where it is not at hand.
fn real_books() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/online-retail");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("not run: the real books are not at {}", folder.display());
    None
}
