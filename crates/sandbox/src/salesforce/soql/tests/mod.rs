//! What queries mean, over a small org.

mod figures;
mod filters;
mod grammar;
mod org;
mod pages;
mod refusals;
mod selects;
mod speed;
