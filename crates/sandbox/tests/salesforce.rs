//! The Salesforce emulator over real sockets, asked by a client that shares no code with it.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test that uses them")]

#[path = "salesforce/auth.rs"]
mod auth;
#[path = "salesforce/bulk.rs"]
mod bulk;
#[path = "salesforce/client.rs"]
mod client;
#[path = "salesforce/collections.rs"]
mod collections;
#[path = "salesforce/composite.rs"]
mod composite;
#[path = "salesforce/describe.rs"]
mod describe;
#[path = "salesforce/faults.rs"]
mod faults;
#[path = "salesforce/limits.rs"]
mod limits;
#[path = "salesforce/locks.rs"]
mod locks;
#[path = "salesforce/orders.rs"]
mod orders;
#[path = "salesforce/recorded.rs"]
mod recorded;
#[path = "salesforce/records.rs"]
mod records;
#[path = "salesforce/rules.rs"]
mod rules;
#[path = "salesforce/setup.rs"]
mod setup;
#[path = "salesforce/upsert.rs"]
mod upsert;
