//! The whole path: the binary, real sockets, both emulators, the journal's file.

mod adoption;
mod books;
mod commands;
mod configuration;
mod harness;
mod masters;
mod recovery;
mod statuses;
mod tidy;
