//! The emulator of Salesforce: the REST API of one org with Nue's package and the fields that a sync adds.
//!
//! What it does, from where that is known and how well stands in `behaviours`. Whatever it does not do it answers
//! with 501.
//!
//! | module | idea |
//! |---|---|
//! | `schema` | objects, fields, relationships: read from a table, names are settings |
//! | `store` | rows by object, indexes, transactions |
//! | `rights` | the org as the integration user sees it: [`rights::Sight`] is what queries and describes ask |

mod id;
mod rights;
mod schema;
mod store;
mod value;
