//! Queries of the Salesforce emulator, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot start its emulator has failed")]

#[path = "salesforce_query/bench.rs"]
mod bench;
#[path = "salesforce_query/jobs.rs"]
mod jobs;
#[path = "salesforce_query/pages.rs"]
mod pages;
#[path = "salesforce_query/rest.rs"]
mod rest;
