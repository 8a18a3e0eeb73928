//! The emulator of Zuora, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot start its emulator has failed")]

#[path = "zuora/actions.rs"]
mod actions;
#[path = "zuora/bench.rs"]
mod bench;
#[path = "zuora/crud.rs"]
mod crud;
#[path = "zuora/faults.rs"]
mod faults;
#[path = "zuora/lag.rs"]
mod lag;
#[path = "zuora/lines.rs"]
mod lines;
#[path = "zuora/object_query.rs"]
mod object_query;
#[path = "zuora/queries.rs"]
mod queries;
#[path = "zuora/resources.rs"]
mod resources;
#[path = "zuora/shell.rs"]
mod shell;
#[path = "zuora/subscriptions.rs"]
mod subscriptions;
#[path = "zuora/tokens.rs"]
mod tokens;
#[path = "support/wire.rs"]
mod wire;
