//! The pure heart of Counterfoil: what a record, a status, a flow and a decision are.
//!
//! Nothing here reads a clock, a socket, a file or a database. Read [`protocol`] first: its one function,
//! [`protocol::decide`], is the only place that decides what happens to a record next, and the engine, the
//! simulator and the model checker all call it.
//!
//! | module | idea |
//! |---|---|
//! | [`protocol`] | status, evidence -> next action; the intent that a write consumes |
//! | [`status`] | the Integration Status and the Transferred to Accounting flag, as text and as meaning |
//! | [`hands`] | what a person may do to one record, after a look |
//! | [`value`] | records as they come and go: text, decimals, nested records; no float |
//! | [`key`] | the external id that a destination enforces |
//! | [`flow`] | a flow file: what is selected, how it is mapped, what must be equal |
//! | [`mapping`] | source record -> draft of a destination record |
//! | [`rule`] | how one field of the destination is filled |
//! | [`expression`] | expressions with exact decimals |
//! | [`equality`] | found is not yet equal |
//! | [`problem`] | what went wrong: where, in whose words, and what to do next |
//! | [`cause`] | why: whether it is tried again, when, and who can mend it |
//! | [`place`] | where in a TOML text something is wrong |
//! | [`nearest`] | did you mean ...? |
//! | [`outcome`] | how a record's pass ended, and the tally that must add up |
//! | [`money`] | amounts by currency |
//! | [`ports`] | what the engine needs from the world: source, destination, clock, log |
//! | [`survey`] | what an application tells of itself before anything is written |

pub mod cause;
pub mod equality;
pub mod expression;
pub mod flow;
pub mod hands;
pub mod key;
pub mod mapping;
pub mod money;
pub mod nearest;
pub mod outcome;
pub mod place;
pub mod ports;
pub mod problem;
pub mod protocol;
pub mod rule;
pub mod status;
pub mod survey;
pub mod value;

pub use rust_decimal::Decimal;
