//! The whole path: the binary, real sockets, both emulators, the journal's file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "in a test, a panic is the report"
)]

mod adoption;
mod books;
mod calls;
mod causes;
mod check;
mod clients;
mod commands;
mod configuration;
mod faults;
mod hands;
#[path = "../harness/mod.rs"]
mod harness;
mod hostile;
mod journals;
mod masters;
mod names;
mod orders;
mod others;
mod pauses;
mod prepare;
mod recovery;
mod revenue;
mod salesforce;
#[path = "../../../journal/tests/journal/server.rs"]
mod server;
mod statuses;
mod tidy;
