//! Salesforce's orders in Nue, where no key is enforced: each activated once, reckoned as agreed, and changes of
//! subscriptions, which are deltas, never twice.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use model::Decimal;
use serde_json::{Value, json};

use super::harness::{Sandbox, assert_adds_up, decimal, flow, total};

/// The drafts of orders and of change orders, and the calls at one order: activation and cancellation.
const DRAFTS: &str = "/orders";

async fn pair(records: usize) -> Sandbox {
    let sandbox = Sandbox::start(&["--pair", "salesforce-nue", "--records", &records.to_string(), "--seed", "7"]).await;
    waited_out(&sandbox, 1);
    sandbox
}

/// How long an interrupted write is waited out.
fn waited_out(sandbox: &Sandbox, seconds: u64) {
    sandbox.edit_config(|text| text.replace("timeout_seconds = 15", &format!("wait_out_seconds = {seconds}")));
}

fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_default()
}

/// Nue's orders by the Salesforce id that they carry or were born with; drafts and cancelled ones are none.
async fn active_orders(sandbox: &Sandbox) -> BTreeMap<String, Vec<Value>> {
    let mut orders: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for order in sandbox.records("nue", "order").await {
        if text(&order, "status") == "Activated" {
            let own = text(&order, "salesforceId");
            let id = if own.is_empty() { text(&order, "id") } else { own };
            orders.entry(id.to_owned()).or_default().push(order);
        }
    }
    orders
}

/// Every order that is said to be in sync is in Nue once, active and equal to the cent; gives how many those are.
async fn assert_in_sync_once(sandbox: &Sandbox) -> usize {
    let there = active_orders(sandbox).await;
    for (id, orders) in &there {
        assert_eq!(orders.len(), 1, "order {id} is active in Nue more than once");
    }
    let mut in_sync = 0;
    for order in sandbox.records("salesforce", "Order").await {
        let status = text(&order, "Integration_Status__c");
        let held = there.get(text(&order, "Id")).and_then(|orders| orders.first());
        assert!(held.is_none_or(|held| text(held, "salesforceId").is_empty()) || !status.is_empty(), "{order}");
        if status == "Sync Complete" {
            let held = held.unwrap_or_else(|| panic!("{order} is said to be in sync, and is not there"));
            assert_eq!(decimal(&held["totalAmount"]), decimal(&order["TotalAmount"]), "{order}");
            assert_eq!(text(&order, "Integration_Id__c"), text(held, "id"), "{order}");
            in_sync += 1;
        }
    }
    in_sync
}

async fn drafts(sandbox: &Sandbox) -> usize {
    sandbox.records("nue", "order").await.iter().filter(|order| text(order, "status") == "Draft").count()
}

#[tokio::test]
async fn orders_arrive_in_nue_once_with_their_parents_and_a_second_run_writes_nothing_even_without_the_journal() {
    let sandbox = pair(300).await;
    let first = sandbox.run().await;
    assert_adds_up(&first);
    let orders = flow(&first, "salesforce.order");
    assert!(orders["created"].as_u64().unwrap() > 20 && orders["found"].as_u64().unwrap() > 2, "{orders}");
    assert!(flow(&first, "salesforce.account")["created"].as_u64().unwrap() >= 1, "{first}");
    assert!(flow(&first, "salesforce.subscription")["found"].as_u64().unwrap() > 10, "{first}");
    assert!(assert_in_sync_once(&sandbox).await > 25);
    // The one that Nue reckons otherwise.
    assert_eq!(drafts(&sandbox).await, 1);
    let before = sandbox.calls("nue", "POST", DRAFTS).await;
    let held = sandbox.records("nue", "order").await.len();
    let second = sandbox.run().await;
    sandbox.delete_journal();
    let third = sandbox.run().await;
    for report in [&second, &third] {
        assert_eq!(total(report, "created") + total(report, "updated") + total(report, "found"), 0, "{report}");
    }
    // An order with a product that is not sold any more is refused by Nue itself, and offered again.
    assert!(sandbox.calls("nue", "POST", DRAFTS).await - before <= 2);
    assert_eq!(sandbox.records("nue", "order").await.len(), held);
    assert_in_sync_once(&sandbox).await;
}

#[tokio::test]
async fn an_order_that_nue_reckons_otherwise_is_not_activated_and_its_draft_waits_for_a_person() {
    let sandbox = pair(300).await;
    let report = sandbox.run().await;
    let warnings = flow(&report, "salesforce.order")["warnings"].as_array().unwrap();
    let differs =
        warnings.iter().find(|warning| text(warning, "text").contains("is not activated, because it differs: amount"));
    let id = text(differs.unwrap_or_else(|| panic!("{warnings:?}")), "id").to_owned();
    let orders = sandbox.records("salesforce", "Order").await;
    let order = orders.iter().find(|order| text(order, "Id") == id).unwrap();
    assert_eq!(text(order, "Integration_Status__c"), "Error Creating Order");
    let there = sandbox.records("nue", "order").await;
    let own: Vec<&Value> = there.iter().filter(|held| text(held, "salesforceId") == text(order, "Id")).collect();
    assert_eq!(own.iter().map(|held| text(held, "status")).collect::<Vec<_>>(), ["Draft"]);
    // Cancelled by a person, it is made anew; left alone, it is not.
    sandbox.run().await;
    let cancelled = format!("/orders/{}", text(own[0], "id"));
    assert_eq!(sandbox.nue("PATCH", &cancelled, json!({ "status": "Canceled" })).await.0, 200);
    sandbox.run().await;
    let there = sandbox.records("nue", "order").await;
    let own = there.iter().filter(|held| text(held, "salesforceId") == text(order, "Id"));
    assert_eq!(own.map(|held| text(held, "status")).collect::<Vec<_>>(), ["Canceled", "Draft"]);
}

#[tokio::test]
async fn an_order_that_is_renamed_after_its_sync_is_renamed_in_nue_too() {
    let sandbox = pair(120).await;
    sandbox.run().await;
    let orders = sandbox.records("salesforce", "Order").await;
    let order = orders.iter().find(|order| text(order, "Integration_Status__c") == "Sync Complete").unwrap();
    let path = format!("sobjects/Order/{}", text(order, "Id"));
    sandbox.salesforce("PATCH", &path, json!({ "Name": "Renamed by hand" })).await;
    let report = sandbox.run().await;
    assert_eq!(flow(&report, "salesforce.order")["updated"], 1, "{report}");
    let there = active_orders(&sandbox).await;
    assert_eq!(text(&there[text(order, "Id")][0], "name"), "Renamed by hand");
    assert_in_sync_once(&sandbox).await;
}

/// A change order in Salesforce: `delta` more of a subscription that is in sync. Gives the subscription.
async fn change(sandbox: &Sandbox, delta: i64) -> Value {
    let subscriptions = sandbox.records("salesforce", "Ruby__Subscription__c").await;
    let in_sync = |held: &&Value| text(held, "Integration_Status__c") == "Sync Complete";
    let subscription = subscriptions.iter().find(in_sync).unwrap().clone();
    let items = sandbox.records("salesforce", "OrderItem").await;
    let item = items.iter().find(|item| text(item, "Id") == text(&subscription, "Ruby__OrderProduct__c")).unwrap();
    let orders = sandbox.records("salesforce", "Order").await;
    let order = orders.iter().find(|order| text(order, "Id") == text(item, "OrderId")).unwrap();
    let made = async |object: &str, body: Value| {
        text(&sandbox.salesforce("POST", &format!("sobjects/{object}"), body).await, "id").to_owned()
    };
    let id = made(
        "Order",
        json!({
            "AccountId": order["AccountId"], "Pricebook2Id": order["Pricebook2Id"], "Type": "Change Order",
            "EffectiveDate": order["EffectiveDate"], "CurrencyIsoCode": order["CurrencyIsoCode"], "Status": "Draft",
        }),
    );
    let id = id.await;
    made(
        "OrderItem",
        json!({
            "OrderId": id, "PricebookEntryId": item["PricebookEntryId"], "Quantity": delta,
            "UnitPrice": item["UnitPrice"], "Ruby__ChangeType__c": "UpdateQuantity",
            "Ruby__ChangeAssetId__c": subscription["Id"],
        }),
    )
    .await;
    sandbox.salesforce("PATCH", &format!("sobjects/Order/{id}"), json!({ "Status": "Activated" })).await;
    // Salesforce itself shows the new quantity from the activation on.
    let quantity = decimal(&subscription["Ruby__Quantity__c"]) + Decimal::from(delta);
    let path = format!("sobjects/Ruby__Subscription__c/{}", text(&subscription, "Id"));
    let quantity: Value = serde_json::from_str(&quantity.to_string()).unwrap();
    sandbox.salesforce("PATCH", &path, json!({ "Ruby__Quantity__c": quantity })).await;
    subscription
}

async fn quantity_there(sandbox: &Sandbox, subscription: &Value) -> Decimal {
    let id = text(subscription, "Integration_Id__c");
    let held = sandbox.records("nue", "subscription").await;
    decimal(&held.iter().find(|held| text(held, "id") == id).unwrap()["quantity"])
}

#[tokio::test]
async fn a_change_of_a_quantity_counts_once_whatever_becomes_of_the_calls_that_carry_it() {
    for kind in ["none", "drop_answer", "reset", "503", "500", "error_after_save", "refuse", "accepted_then_failed"] {
        let sandbox = pair(60).await;
        sandbox.run().await;
        let subscription = change(&sandbox, 3).await;
        let wanted = quantity_there(&sandbox, &subscription).await + Decimal::from(3);
        for path in ["/change-orders", "/orders/*"] {
            if kind != "none" {
                sandbox.faults("nue", json!([{ "method": "POST", "path": path, "kind": kind, "nth": 1 }])).await;
            }
            sandbox.run().await;
            sandbox.no_faults("nue").await;
        }
        let mut runs = 0;
        while quantity_there(&sandbox, &subscription).await != wanted {
            assert!(runs < 40, "{kind}: {} in Nue", quantity_there(&sandbox, &subscription).await);
            sandbox.run().await;
            runs += 1;
        }
        let last = sandbox.run().await;
        assert_eq!(flow(&last, "salesforce.change-order")["created"], 0, "{kind}: {last}");
        sandbox.run().await;
        assert_eq!(quantity_there(&sandbox, &subscription).await, wanted, "{kind}");
        assert_in_sync_once(&sandbox).await;
    }
}

#[tokio::test]
async fn whatever_becomes_of_calls_to_nue_no_order_is_active_twice_and_later_runs_bring_them_all() {
    let calm = pair(100).await;
    calm.run().await;
    let whole = assert_in_sync_once(&calm).await;
    for kind in ["drop_answer", "reset", "500", "503", "error_after_save", "accepted_then_failed", "lag"] {
        let sandbox = pair(100).await;
        let ms = if kind == "lag" { json!(700) } else { Value::Null };
        let rule = json!([{ "path": "/orders*", "kind": kind, "percent": 40, "seed": 5, "times": 30, "ms": ms }]);
        sandbox.faults("nue", rule).await;
        sandbox.run().await;
        assert_in_sync_once(&sandbox).await;
        sandbox.no_faults("nue").await;
        let mut runs = 0;
        while assert_in_sync_once(&sandbox).await < whole {
            assert!(runs < 40, "after {kind}: {} of {whole}", assert_in_sync_once(&sandbox).await);
            sandbox.run().await;
            runs += 1;
        }
    }
}

#[tokio::test]
async fn of_several_drafts_of_one_order_one_is_activated_and_the_others_are_cancelled() {
    let sandbox = pair(120).await;
    // Two attempts that died between the draft and its activation, as no fault of ours leaves them.
    let orders = sandbox.records("salesforce", "Order").await;
    let there = active_orders(&sandbox).await;
    sandbox.ask("run", &["salesforce.account", "salesforce.contact", "salesforce.product"]).await;
    let accounts = sandbox.records("salesforce", "Account").await;
    let items = sandbox.records("salesforce", "OrderItem").await;
    let due = |order: &&Value| text(order, "StatusCode") == "Activated" && !there.contains_key(text(order, "Id"));
    for order in orders.iter().filter(due) {
        let account = accounts.iter().find(|account| account["Id"] == order["AccountId"]).unwrap();
        let own = items.iter().filter(|item| item["OrderId"] == order["Id"]);
        let lines: Vec<Value> = own
            .map(|item| json!({ "priceBookEntryId": item["PricebookEntryId"], "quantity": item["Quantity"] }))
            .collect();
        let body = json!({
            "customer": { "id": account["Integration_Id__c"] }, "effectiveDate": order["EffectiveDate"],
            "name": order["Name"], "description": order["Description"], "poNumber": order["PoNumber"],
            "salesforceId": order["Id"], "orderProducts": lines,
        });
        sandbox.nue("POST", "/orders", body.clone()).await;
        sandbox.nue("POST", "/orders", body).await;
    }
    let left = drafts(&sandbox).await;
    assert!(left > 6, "{left}");
    let made = sandbox.calls("nue", "POST", DRAFTS).await;
    let report = sandbox.run().await;
    assert_adds_up(&report);
    assert!(assert_in_sync_once(&sandbox).await > 5, "{report}");
    let disputed = 1;
    assert_eq!(drafts(&sandbox).await, disputed, "a draft was left over");
    let created = flow(&report, "salesforce.order")["created"].as_u64().unwrap();
    let again = sandbox.calls("nue", "POST", DRAFTS).await - made;
    assert!(again < 2 * created, "{again} calls for {created} orders: drafts that stood were not used");
}

#[tokio::test]
async fn without_a_field_that_holds_the_salesforce_id_no_order_is_made() {
    let sandbox = pair(60).await;
    let field = json!([{ "name": "salesforceId", "type": "text", "filterable": false }]);
    sandbox.settings("nue", json!({ "customFields": { "order": field } })).await;
    let refused = sandbox.ask("run", &["salesforce.order"]).await;
    assert_ne!(refused.code, Some(0), "{}", refused.out);
    assert_eq!(sandbox.calls("nue", "POST", DRAFTS).await, 0);
    assert!(format!("{}{}", refused.out, refused.err).contains("salesforceId"), "{}{}", refused.out, refused.err);
}

#[tokio::test]
async fn where_nues_own_connection_carries_records_we_look_complete_and_report_and_write_nothing_there() {
    let sandbox = pair(120).await;
    // Nobody says so: its records bear Salesforce ids.
    sandbox.edit_config(|text| text.replace("native_connection = \"off\"\n", ""));
    let ran = sandbox.ask("run", &["--json"]).await;
    assert!(ran.err.contains("own connection to Salesforce"), "{}", ran.err);
    let report = ran.json();
    assert_adds_up(&report);
    assert!(flow(&report, "salesforce.order")["found"].as_u64().unwrap() >= 1, "{report}");
    assert!(flow(&report, "salesforce.order")["deferred"].as_u64().unwrap() >= 1, "{report}");
    assert_eq!(total(&report, "created") + total(&report, "updated"), 0, "{report}");
    let queries = sandbox.calls("nue", "POST", "graphql").await;
    assert_eq!(sandbox.calls("nue", "POST", "/").await, queries);
    assert_eq!(sandbox.calls("nue", "PATCH", "/").await, 0);
}

#[tokio::test]
async fn a_second_process_is_turned_away_where_no_key_is_enforced_and_only_there() {
    let sandbox = pair(60).await;
    sandbox.faults("nue", json!([{ "path": "/orders", "method": "POST", "kind": "slow", "ms": 3000 }])).await;
    let mut first = sandbox.command("run", &[]).spawn().unwrap();
    let mut turned_away = None;
    for _ in 0..200 {
        let second = sandbox.ask("run", &["salesforce.order", "--dry-run"]).await;
        assert_eq!(second.code, Some(0), "{}", second.err);
        let second = sandbox.ask("run", &["salesforce.account"]).await;
        if second.code == Some(1) {
            turned_away = Some(second.err);
            break;
        }
        if first.try_wait().unwrap().is_some() {
            break;
        }
    }
    let told = turned_away.expect("the second process was never turned away");
    assert!(told.contains("enforces no key, so only one process may write there"), "{told}");
    assert!(first.wait().await.unwrap().success());
    assert_eq!(sandbox.ask("run", &[]).await.code, Some(0));
}

/// How many customers in Nue carry one account's id, when the call that made the first was carried out after we had given it
/// up, and after the next run.
async fn most_customers_of_an_account(wait_out_seconds: u64) -> usize {
    let sandbox = pair(300).await;
    sandbox.edit_config(|text| {
        let short = format!("timeout_seconds = 1\nwait_out_seconds = {wait_out_seconds}");
        text.replace("wait_out_seconds = 1", &short)
    });
    let late = json!([{ "method": "POST", "path": "/customers", "kind": "late", "ms": 3000, "nth": 1 }]);
    sandbox.faults("nue", late).await;
    sandbox.run().await;
    assert_eq!(sandbox.struck("nue").await, 1);
    let carried = async || {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for customer in sandbox.records("nue", "customer").await {
            if !text(&customer, "salesforceId").is_empty() {
                *counts.entry(text(&customer, "salesforceId").to_owned()).or_default() += 1;
            }
        }
        counts.into_values().max().unwrap_or_default()
    };
    for _ in 0..400 {
        let report = sandbox.run().await;
        if flow(&report, "salesforce.account")["deferred"] == 0 && carried().await > 0 {
            break;
        }
    }
    // Until the late one has certainly landed: further runs only look.
    let landed = Timestamp::now() + SignedDuration::from_secs(4);
    while Timestamp::now() < landed {
        sandbox.run().await;
    }
    carried().await
}

#[tokio::test]
async fn a_customer_whose_creation_lands_late_is_made_once_because_it_is_waited_out() {
    assert_eq!(most_customers_of_an_account(4).await, 1);
}

#[tokio::test]
async fn without_the_wait_the_same_customer_is_made_twice_so_the_test_can_fail() {
    assert_eq!(most_customers_of_an_account(0).await, 2);
}
