//! The model checker: the engine's own [`decide`](model::protocol::decide), not a copy of it, in a small world that is
//! searched exhaustively.
//!
//! The world holds one source record, one destination and one or two engines. Every request can be lost, answered into
//! the void, refused, or carried out after its sender gave up or died; an engine can die between any two steps; a search
//! can lag; a person can set the status; the record can change while it travels. All of that is bounded, and within the
//! bounds every order of events is tried.
//!
//! | module | idea |
//! |---|---|
//! | [`world`] | what kind of world, what can go wrong in it and how often, which remedy is taken out |
//! | [`state`] | one moment of it |
//! | [`act`] | what can happen next: the rules of the world |
//! | [`pass`] | what an engine does: it asks `decide`, and sees what `decide` asks for |
//! | [`promises`] | what must hold |
//! | [`search`] | looks for a moment in which it does not |
//! | [`words`] | tells the shortest way there |
//! | [`cases`] | the nine counterexamples, each with and without its remedy, and what no remedy of ours removes |
//! | [`table`] | all of it as a table and as JSON |

pub mod act;
pub mod cases;
pub mod pass;
pub mod promises;
pub mod search;
pub mod state;
pub mod table;
pub mod words;
pub mod world;
