//! The real thing: processes that are killed at random moments, disks that are full, journals that are damaged, clocks
//! that step, networks that are cut, applications that are restarted. The same oracles after each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "in a test, a panic is the report"
)]

mod clock;
mod dice;
mod dirt;
mod disk;
#[path = "../harness/mod.rs"]
#[expect(dead_code, reason = "the other test binary needs more of it")]
mod harness;
mod journal;
mod kills;
mod namespace;
mod network;
mod oracle;
mod restart;
mod scene;
