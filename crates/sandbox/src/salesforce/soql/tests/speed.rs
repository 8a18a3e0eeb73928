//! Queries over many records: what an index serves is not searched through.

use super::super::compile::Compiler;
use super::super::parser::parse;
use super::super::run;
use super::org::Org;

#[test]
fn a_selection_by_keys_looks_at_those_records_only() {
    let mut org = Org::empty();
    for number in 0..3000 {
        org.add("Account", &[("Name", "x"), ("Nue_Id__c", &format!("k-{number}"))]);
    }
    let keys: Vec<String> = (0..500).map(|number| format!("'K-{}'", number * 7)).collect();
    let looked = |condition: &str| {
        let text = format!("SELECT Id FROM Account WHERE {condition} ORDER BY SystemModstamp LIMIT 10000");
        let query = parse(&text).unwrap();
        let compiler = Compiler { sight: org.sight(), text: &text, now: org.now, all: false };
        run::looked_at(&org.sight(), &compiler.plan(&query).unwrap())
    };
    assert_eq!(looked(&format!("Nue_Id__c IN ({})", keys.join(","))), 429);
    assert_eq!(looked("Nue_Id__c = 'k-5' AND Name = 'x'"), 1);
    assert_eq!(looked("Name = 'x'"), 3000);
    let stamp = (org.now + jiff::SignedDuration::from_hours(2000 - 10)).to_string();
    assert_eq!(looked(&format!("SystemModstamp >= {stamp}")), 10);
    assert_eq!(looked(&format!("SystemModstamp > {stamp} AND Name != null")), 10);
}
