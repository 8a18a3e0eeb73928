//! The pass: select, look up, map, mark, write, read back, settle. It serves any pair of applications and any record
//! type; which pair it serves it does not know. What happens to a record next is never decided here: each step carries
//! out what [`model::protocol::decide`] said and reports back what it saw.
//!
//! | module | idea |
//! |---|---|
//! | [`mod@run`] | the flows of a run, parents first; limits; the report |
//! | [`pass`] | one flow: pages into batches, batches side by side |
//! | [`batch`] | one batch through the protocol, step by step |
//! | [`explain`] | one record, dry: where it stands, what the next run will do |
//! | [`hands`] | what a person does to one record: look, permit or refuse, write, read again |
//! | `fields` | what the flows use and an application does not have, before any record is touched |
//! | `others` | evidence that somebody else writes the same records |
//! | [`gather`] | related records, many a call |
//! | [`mod@look`] | one record at the addresses that do not lag |
//! | `refusal` | what a person is told who asked for something by hand |
//! | [`task`] | one record on its way |
//! | [`wording`] | what a person is told about a record's end |

pub mod batch;
pub mod explain;
mod fields;
pub mod gather;
pub mod hands;
pub mod look;
mod others;
pub mod pass;
mod refusal;
pub mod run;
pub mod task;
mod wait_out;
pub mod wording;

pub use run::{FlowReport, Limits, Plan, RunError, RunReport, run};
