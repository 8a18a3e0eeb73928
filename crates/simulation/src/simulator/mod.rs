//! Whole runs of the real engine between two applications in one process, where one seed decides everything: what both sides
//! hold, the order in which things happen, faults, kills, edits, and the clock. What one seed shows it shows always.
//!
//! | module | idea |
//! |---|---|
//! | [`mod@play`] | one seed from beginning to end: misfortune, then calm |
//! | [`oracles`] | what must hold at the end and on the way |
//! | [`remedy`] | what keeps a sync right, one by one, to be taken out |
//! | `circumstances`, `genesis`, `flows` | what a seed decides before anything happens |
//! | `stage`, `engines` | the clock, the agenda, and the engines that are polled and killed |
//! | `books`, `source`, `destination`, `fate` | both applications, and what may become of a call |
//! | `pairs` | what must be known of Zuora and NetSuite, and of Salesforce and Nue |
//! | `emulated` | two emulators without sockets, and the shipped flows between them |
//! | `wire`, `wire_oracles` | the same between the real connectors and the emulators, in one process and without sockets |
//! | [`mod@matrix`] | each kind of fault before, during and after each call of each flow |
//! | `careless` | both applications with one remedy taken out |

mod books;
mod careless;
mod circumstances;
mod destination;
mod dice;
mod emulated;
mod engines;
mod fate;
mod flows;
mod genesis;
pub mod matrix;
pub mod oracles;
mod pairs;
pub mod play;
pub mod remedy;
mod source;
mod stage;
mod wire;
mod wire_oracles;

pub use oracles::Violations;
pub use play::{Shown, play};
pub use remedy::{Remedy, Setting};
pub use wire::play_wire;
