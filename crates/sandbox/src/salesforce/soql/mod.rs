//! SOQL: its grammar, its meaning over the org's records, and the resources that serve it.

mod ast;
mod dates;
mod lexer;
mod parser;
mod refusal;
#[cfg(test)]
mod tests;

pub(crate) use parser::parse;
pub(crate) use refusal::{Refusal, Verdict};
