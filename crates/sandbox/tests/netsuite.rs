//! The NetSuite emulator over real sockets, asked by a client that shares no code with it but the key formats.

#[path = "netsuite/client.rs"]
mod client;
#[path = "netsuite/auth.rs"]
mod auth;
#[path = "netsuite/records.rs"]
mod records;
#[path = "netsuite/rules.rs"]
mod rules;
#[path = "netsuite/suiteql.rs"]
mod suiteql;
