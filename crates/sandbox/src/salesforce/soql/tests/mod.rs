//! What queries mean, over a small org.

mod corpus;
mod exports;
mod figures;
mod filters;
mod grammar;
mod org;
mod pages;
mod refusals;
mod selects;
mod speed;
