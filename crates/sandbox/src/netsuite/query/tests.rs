//! What queries answer, asked of a store.

use jiff::Timestamp;

use super::run;
use crate::netsuite::schema;
use crate::netsuite::store::{Fields, Record, Ref, Store, Value};

fn store(count: i64) -> Store {
    let mut store = Store::default();
    let mut customer = Fields::default();
    customer.set("companyName", Value::Text("Acme".to_owned()));
    store.put(Record { id: 1, kind: schema::record_type("customer").unwrap(), fields: customer });
    for id in 1..=count {
        let mut fields = Fields::default();
        fields.set("externalId", Value::Text(format!("zinv-{id}")));
        fields.set("custbodyzuoraid", Value::Text(format!("z{id}")));
        fields.set("tranId", Value::Text(format!("INV{}", id % 10)));
        fields.set("entity", Value::Ref(Ref { kind: "customer", id: 1 }));
        fields.set("total", Value::Number(rust_decimal::Decimal::new(id, 2)));
        store.put(Record { id, kind: schema::record_type("invoice").unwrap(), fields });
    }
    store
}

fn ask(store: &Store, text: &str) -> Vec<String> {
    let results = run(store, text, &[], Timestamp::UNIX_EPOCH, 1000, 0).unwrap();
    results.items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn five_hundred_ids_are_found_by_external_id_and_by_the_bundles_field() {
    let store = store(5_000);
    for (column, prefix) in [("externalid", "zinv-"), ("custbodyzuoraid", "z"), ("id", "")] {
        let list: Vec<String> = (0..500).map(|at| format!("'{prefix}{}'", at * 10 + 1)).collect();
        let found =
            ask(&store, &format!("SELECT id FROM transaction WHERE {column} IN ({}) ORDER BY id", list.join(",")));
        assert_eq!(found.len(), 500, "{column}");
        assert_eq!((found[0].as_str(), found[499].as_str()), ("1", "4991"));
    }
}

#[test]
fn a_row_found_by_two_look_ups_comes_once() {
    let store = store(30);
    let found = ask(
        &store,
        "SELECT id FROM transaction WHERE type = 'CustInvc' AND (externalid IN ('zinv-3', 'zinv-4') OR tranid = 'INV3')",
    );
    assert_eq!(found, ["3", "4", "13", "23"]);
}

#[test]
fn nothing_is_neither_equal_nor_unequal() {
    let store = store(3);
    assert!(
        ask(
            &store,
            "SELECT id FROM transaction WHERE memo = 'x' OR memo <> 'x' OR NOT (memo = 'x') OR memo NOT IN ('x')"
        )
        .is_empty()
    );
    assert_eq!(ask(&store, "SELECT id FROM transaction WHERE memo IS NULL").len(), 3);
}

#[test]
fn conditions_on_the_missing_side_of_a_left_join_are_decided_after_it() {
    let mut store = store(2);
    let mut fields = Fields::default();
    fields.set("companyName", Value::Text("Lonely".to_owned()));
    store.put(Record { id: 2, kind: schema::record_type("customer").unwrap(), fields });
    let query = "SELECT c.id FROM customer c LEFT JOIN transaction t ON t.entity = c.id WHERE t.id IS NULL";
    assert_eq!(ask(&store, query), ["2"]);
}

#[test]
fn sums_are_exact() {
    let store = store(1000);
    let results = run(
        &store,
        "SELECT SUM(foreigntotal) AS id, AVG(foreigntotal) AS mean FROM transaction",
        &[],
        Timestamp::UNIX_EPOCH,
        10,
        0,
    )
    .unwrap();
    assert_eq!(results.items[0]["id"], "5005");
    assert_eq!(results.items[0]["mean"], "5.005");
}

#[test]
fn a_chain_of_operators_without_end_is_refused_and_a_long_one_is_not() {
    let store = store(3);
    for (link, value) in [(" + 1", "1"), (" OR id = 1", "id = 1"), (" AND NOT id = 1", "id = 1"), (" || 'a'", "'a'")] {
        let condition = if link.contains('=') { "" } else { " = 'x'" };
        let query = |links: usize| format!("SELECT id FROM transaction WHERE {value}{}{condition}", link.repeat(links));
        let ask = |links: usize| run(&store, &query(links), &[], Timestamp::UNIX_EPOCH, 1000, 0);
        assert!(ask(150).is_ok(), "{link}");
        assert!(ask(20_000).is_err(), "{link}");
        // Whatever is let in is read to its end.
        let _ = ask(900);
    }
}
