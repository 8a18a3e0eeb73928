//! The emulator of Nue, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot start its emulator has failed")]

#[path = "nue/bench.rs"]
mod bench;
#[path = "nue/billing.rs"]
mod billing;
#[path = "nue/connected.rs"]
mod connected;
#[path = "nue/customers.rs"]
mod customers;
#[path = "nue/doors.rs"]
mod doors;
#[path = "nue/faults.rs"]
mod faults;
#[path = "nue/graphql.rs"]
mod graphql;
#[path = "nue/jobs.rs"]
mod jobs;
#[path = "nue/lists.rs"]
mod lists;
#[path = "nue/orders.rs"]
mod orders;
#[path = "nue/outcomes.rs"]
mod outcomes;
