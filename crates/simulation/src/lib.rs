//! The proof that nothing is written twice and nothing is lost: the engine itself, under every misfortune.
//!
//! | module | idea |
//! |---|---|
//! | [`simulator`] | whole runs of the engine between two sides in memory, where one seed decides everything |

pub mod simulator;
