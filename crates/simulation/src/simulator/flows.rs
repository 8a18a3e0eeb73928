//! The flows of the simulated world: a master whose parent is its like, a document with lines and a flag, and one
//! without either. They have the shape of the shipped flows and none of their breadth.

use std::sync::{Arc, LazyLock};

use model::flow::Flow;

use super::circumstances::Circumstances;
use super::remedy::Remedy;

/// The source application.
pub(crate) const SOURCE: &str = "zuora";
/// The destination application.
pub(crate) const DESTINATION: &str = "netsuite";
/// Source object and destination record type of each flow.
pub(crate) const PAIRS: [(&str, &str); 3] =
    [("Account", "customer"), ("Invoice", "invoice"), ("CreditMemo", "creditMemo")];
/// The destination's currencies: code and id.
pub(crate) const CURRENCIES: [(&str, &str); 2] = [("EUR", "4"), ("USD", "1")];

static FLOWS: LazyLock<Vec<Flow>> = LazyLock::new(|| {
    let texts =
        [include_str!("flows/account.toml"), include_str!("flows/invoice.toml"), include_str!("flows/memo.toml")];
    texts.into_iter().filter_map(|text| Flow::read(text, "simulated").ok()).collect()
});

/// The flows under these circumstances.
pub(crate) fn flows(circumstances: &Circumstances, without: Option<Remedy>) -> Arc<Vec<Flow>> {
    let mut flows = FLOWS.clone();
    for flow in &mut flows {
        if !circumstances.fingerprint {
            flow.destination.fingerprint = None;
        }
        if without == Some(Remedy::ComparedLines) {
            flow.equal.retain(|equal| equal.what != "lines");
        }
    }
    Arc::new(flows)
}

/// The source object whose records become this record type.
pub(crate) fn source_of(target: &str) -> &'static str {
    PAIRS.into_iter().find(|(_, object)| *object == target).map_or("", |(source, _)| source)
}

/// The source object of a flow, by the flow's name.
pub(crate) fn source_of_flow(name: &str) -> &'static str {
    FLOWS.iter().find(|flow| flow.name == name).map_or("", |flow| source_of(&flow.destination.object))
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_three_flow_files_are_read() {
        assert_eq!(super::FLOWS.len(), 3);
    }
}
