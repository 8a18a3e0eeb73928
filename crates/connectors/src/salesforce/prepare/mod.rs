//! Makes in an org what the flows need of it, and nothing else: our fields, the object of the marks, and a permission set
//! with which the integration user may use them. What an administrator or a package owns is never touched; what is missing
//! there is told.
//!
//! | module | idea |
//! |---|---|
//! | `wanted` | what the flows and the mark fields ask of the org |
//! | `role` | what a field of ours must be, by what it is for |
//! | `sight` | what the org has, whether or not the integration user is shown it |
//! | `plan` | the difference, as steps; and what stands in the way |
//! | `apply` | the steps, each of which may be repeated |
//! | `archive` | the file that makes an object |

mod apply;
mod archive;
mod plan;
mod role;
mod sight;
#[cfg(test)]
mod tests;
mod wanted;

pub use plan::{Obstacle, Plan, Step};
pub use role::Role;
pub use wanted::Wanted;

/// The permission set.
pub const PERMISSION_SET: &str = "Counterfoil";

/// Whether a name is an administrator's own: `Nue_Id__c`, and not `Ruby__Invoice__c`, which belongs to a package.
fn is_own(name: &str) -> bool {
    name.strip_suffix("__c").is_some_and(|stem| !stem.contains("__"))
}

/// Whether a name belongs to a package.
fn is_packaged(name: &str) -> bool {
    name.strip_suffix("__c").is_some_and(|stem| stem.contains("__"))
}

/// `Integration Status` for `Integration_Status__c`.
fn label(name: &str) -> String {
    name.strip_suffix("__c").unwrap_or(name).replace('_', " ")
}
