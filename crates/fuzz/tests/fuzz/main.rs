//! The targets: whoever reads what others wrote.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

mod answers;
mod corpus;
mod detectors;
mod emulators;
mod files;
mod pair;
mod values;
mod world;

#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = fuzz::ALLOCATOR;
