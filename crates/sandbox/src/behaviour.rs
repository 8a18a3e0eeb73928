//! What an emulator claims about its vendor, where each claim comes from, and how far it can be trusted.

use serde::Serialize;

/// How well a behaviour is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Somebody published that a real tenant behaves so.
    SeenLive,
    /// The vendor's own documentation or specification says so.
    VendorDocs,
    /// A client, a library or an article of somebody else relies on it.
    ThirdParty,
    /// Nobody says; it is our reasoning.
    Assumed,
}

/// One emulated behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Behaviour {
    /// What the emulator does.
    pub what: &'static str,
    /// Where that was read, and when.
    pub source: &'static str,
    /// How well it is known.
    pub grade: Grade,
}
