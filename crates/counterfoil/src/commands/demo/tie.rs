//! Holds what the two sides of a pair come to against each other, and against what they should come to.

use std::collections::{BTreeMap, BTreeSet};

use model::Decimal;
use serde_json::Value;

/// Count and sum of records.
pub(super) type Total = (usize, Decimal);

/// Totals by what they are of: `EUR`, `invoice EUR`.
pub(super) type Totals = BTreeMap<String, Total>;

/// Adds a record.
pub(super) fn add(totals: &mut Totals, of: String, amount: Decimal) {
    let total = totals.entry(of).or_default();
    *total = (total.0 + 1, total.1 + amount);
}

/// What a pair comes to, read apart from the engine.
pub(super) struct Sides<'a> {
    /// The column of the source, and of the destination.
    pub(super) names: [&'a str; 2],
    /// What the generated books should give.
    pub(super) should: &'a Totals,
    /// What the source says is in sync.
    pub(super) source: Totals,
    /// What the destination holds.
    pub(super) destination: Totals,
    /// How many records the destination holds beside the first of their source record.
    pub(super) doubles: usize,
}

impl Sides<'_> {
    /// Prints the table; answers whether all agrees.
    pub(super) fn agree(&self) -> bool {
        let Self { names: [here, there], should, source, destination, doubles } = self;
        println!("\n{:<28} {:>22} {here:>24} {there:>22}", "", "should be in sync");
        let rows: BTreeSet<&String> = should.keys().chain(source.keys()).chain(destination.keys()).collect();
        let mut agree = *doubles == 0;
        for row in rows {
            let [should, source, destination] =
                [should, source, destination].map(|totals| totals.get(row).copied().unwrap_or_default());
            println!("{row:<28} {:>22} {:>24} {:>22}", shown(should), shown(source), shown(destination));
            agree &= should == source && source == destination;
        }
        println!("records in {there} more than once: {doubles}");
        agree
    }
}

fn shown((count, sum): Total) -> String {
    format!("{count} / {}", sum.round_dp(2))
}

/// How many of some records share a field's value with another one, case aside.
pub(super) fn doubles(records: &[Value], field: &str) -> usize {
    let values: BTreeSet<String> = records.iter().map(|record| record[field].to_string().to_lowercase()).collect();
    records.len() - values.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn totals(amount: i64) -> Totals {
        Totals::from([("EUR".to_owned(), (1, Decimal::new(amount, 2)))])
    }

    #[test]
    fn a_cent_a_record_too_many_and_a_currency_of_one_side_alone_are_no_agreement() {
        let agree = |should: i64, source: Totals, destination: i64, doubles: usize| {
            let (should, destination) = (totals(should), totals(destination));
            Sides { names: ["a", "b"], should: &should, source, destination, doubles }.agree()
        };
        assert!(agree(100, totals(100), 100, 0));
        assert!(!agree(100, totals(100), 101, 0));
        assert!(!agree(101, totals(100), 100, 0));
        assert!(!agree(100, totals(100), 100, 1));
        let more = totals(100).into_iter().chain([("GBP".to_owned(), (1, Decimal::ZERO))]).collect();
        assert!(!agree(100, more, 100, 0));
    }

    #[test]
    fn keys_that_differ_in_case_alone_are_one() {
        let records = ["A", "a", "b"].map(|id| json!({ "id": id }));
        assert_eq!(doubles(&records, "id"), 1);
    }
}
