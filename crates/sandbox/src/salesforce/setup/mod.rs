//! How an org is set up by callers: custom fields (Tooling API), custom objects (Metadata API), permission sets (rows).
//!
//! | module | idea |
//! |---|---|
//! | `grants` | what permission sets give to the integration user |
//! | `tooling`, `catalogue` | custom fields are made; what there is can be queried |
//! | `definition` | a custom field as its metadata defines it |
//! | `deploy`, `zip` | a custom object is made of a file in an archive |

mod behaviours;
mod catalogue;
mod definition;
mod deploy;
mod grants;
mod tooling;
mod zip;

pub(super) use behaviours::BEHAVIOURS;
pub(super) use deploy::{Deploys, metadata};
pub(super) use grants::{SETUP, grant};
pub(super) use tooling::tooling;
