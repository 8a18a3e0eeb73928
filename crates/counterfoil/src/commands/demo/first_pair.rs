//! Zuora and NetSuite in the demo: invoices, and negative invoices that become credit memos.

use std::collections::BTreeMap;

use ::sandbox::Sandbox as Running;
use ::sandbox::books::{Books, summary};
use model::Decimal;

use super::tie::{Sides, Totals, add, doubles};
use super::{amount, records};
use crate::exit::Failure;

pub(super) const FAULTS: &str =
    "  NetSuite commits and drops its answer (3 % of creates), answers 503 (2 %) or refuses a connection (1 %);
  Zuora refuses one mark.";

pub(super) fn faults(seed: u64) -> [(&'static str, String); 2] {
    let netsuite = format!(
        r#"[{{"method": "POST", "path": "/services/rest/record/v1/*", "kind": "drop_answer", "percent": 3, "seed": {seed}}},
            {{"method": "POST", "path": "/services/rest/record/v1/*", "kind": "503", "percent": 2, "seed": {}}},
            {{"method": "POST", "path": "/services/rest/record/v1/*", "kind": "refuse", "percent": 1, "seed": {}}}]"#,
        seed + 1,
        seed + 2
    );
    let zuora = r#"[{"method": "POST", "path": "/v1/action/update", "kind": "row_error", "nth": 40}]"#;
    [("netsuite", netsuite), ("zuora", zuora.to_owned())]
}

/// What the generated books should give, by currency, as their generator counts it.
pub(super) fn expected(books: &Books) -> Totals {
    let total = |totals: &summary::Totals| {
        let (above, below) = (totals.invoices, totals.negative_invoices);
        (above.count + below.count, above.amount + below.amount)
    };
    summary(books).arriving.iter().map(|(currency, totals)| (currency.clone(), total(totals))).collect()
}

/// Whether both sides agree.
pub(super) fn tied(running: &Running, should: &Totals) -> Result<bool, Failure> {
    let (destination, doubles) = held(running)?;
    let names = ["Zuora: Sync Complete", "NetSuite"];
    Ok(Sides { names, should, source: billed(running)?, destination, doubles }.agree())
}

fn billed(running: &Running) -> Result<Totals, Failure> {
    let accounts = records(running, "zuora", "Account")?;
    let currency: BTreeMap<&str, &str> =
        accounts.iter().filter_map(|account| Some((account["Id"].as_str()?, account["Currency"].as_str()?))).collect();
    let mut totals = Totals::new();
    for invoice in records(running, "zuora", "Invoice")? {
        if invoice["IntegrationStatus__NS"] == "Sync Complete" {
            let currency = invoice["AccountId"].as_str().and_then(|id| currency.get(id)).copied().unwrap_or_default();
            add(&mut totals, currency.to_owned(), amount(&invoice, "Amount")?);
        }
    }
    Ok(totals)
}

fn held(running: &Running) -> Result<(Totals, usize), Failure> {
    let mut totals = Totals::new();
    let mut all = Vec::new();
    for (kind, sign) in [("invoice", Decimal::ONE), ("creditMemo", Decimal::NEGATIVE_ONE)] {
        for record in records(running, "netsuite", kind)? {
            let currency = record["currency"]["refName"].as_str().unwrap_or_default().to_owned();
            add(&mut totals, currency, sign * amount(&record, "total")?);
            all.push(record);
        }
    }
    let doubles = doubles(&all, "custbodyzuoraid");
    Ok((totals, doubles))
}
