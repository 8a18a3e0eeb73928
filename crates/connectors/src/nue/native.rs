//! Whether Nue's own connection to Salesforce carries records. Nothing says so; but Nue's records have ids of Salesforce's
//! only where that connection brought them, because nobody else can write them there.

use model::problem::Problem;
use model::value::Name;

use super::Nue;
use super::ids;
use super::wire::at;

/// The objects that the connection carries, and how Salesforce's ids of theirs begin. Both are standard objects: the
/// beginnings are the same in every org.
const CARRIED: [(&str, &str); 2] = [("order", "801"), ("customer", "001")];
const FIELDS: [&str; 2] = ["id", "externalId"];

impl Nue {
    /// Whether some record bears an id of Salesforce's.
    ///
    /// # Errors
    /// Nue could not be asked.
    pub async fn seems_connected(&self) -> Result<bool, Problem> {
        for (object, beginning) in CARRIED {
            for field in FIELDS {
                let alike = self.queried_like(object, &FIELDS.map(Name::new_static), field, beginning).await?;
                if alike.iter().any(|record| ids::is_salesforce(&at(record, field).show())) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
