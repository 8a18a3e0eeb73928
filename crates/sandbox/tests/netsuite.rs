//! The NetSuite emulator over real sockets, asked by a client that shares no code with it but the key formats.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test that uses them")]

#[path = "netsuite/auth.rs"]
mod auth;
#[path = "netsuite/client.rs"]
mod client;
#[path = "netsuite/faults.rs"]
mod faults;
#[path = "netsuite/lag.rs"]
mod lag;
#[path = "netsuite/lines.rs"]
mod lines;
#[path = "netsuite/records.rs"]
mod records;
#[path = "netsuite/rules.rs"]
mod rules;
#[path = "netsuite/suiteql.rs"]
mod suiteql;
#[path = "support/wire.rs"]
mod wire;
