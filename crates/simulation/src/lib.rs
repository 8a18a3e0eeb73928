//! Crash anywhere: the proofs that search for a counterexample to "nothing twice, nothing lost".
//!
//! | module | idea |
//! |---|---|
//! | [`checker`] | the engine's own decision function in every world that small bounds allow, exhaustively |
//! | [`simulator`] | whole runs of the engine between two sides in memory, where one seed decides everything |

pub mod checker;
pub mod simulator;
